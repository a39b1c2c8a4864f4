/** Sprig's list functions (list.go). Results are []interface{} whatever the element type that came in. */
import { DecapodError } from '../errors.ts'
import { fn, GoError, type GoFunc, GoInt, GoSlice, type GoValue, kindOf } from '../go/value.ts'
import { toInt64 } from './cast.ts'
import { deepEqual } from './deep-equal.ts'
import { isEmpty } from './defaults.ts'
import { nilDereference } from './text.ts'

type List = readonly GoValue[]

const append = (list: GoValue, v: GoValue): GoValue => [...items(list, 'Cannot push on type'), v]
const prepend = (list: GoValue, v: GoValue): GoValue => [v, ...items(list, 'Cannot prepend on type')]
const first = (list: GoValue): GoValue => items(list, 'Cannot find first on type')[0] ?? null
const last = (list: GoValue): GoValue => items(list, 'Cannot find last on type').at(-1) ?? null
const rest = (list: GoValue): GoValue => nilIfEmpty(items(list, 'Cannot find rest on type'), l => l.slice(1))
const initial = (list: GoValue): GoValue => nilIfEmpty(items(list, 'Cannot find initial on type'), l => l.slice(0, -1))
const reverse = (list: GoValue): GoValue => [...items(list, 'Cannot find reverse on type')].reverse()
const compact = (list: GoValue): GoValue => items(list, 'Cannot compact on type').filter(v => !isEmpty(v))
const without = (list: GoValue, ...omit: GoValue[]): GoValue =>
  items(list, 'Cannot find without on type').filter(v => !omit.some(o => deepEqual(o, v)))
const has = (needle: GoValue, list: GoValue): GoValue =>
  list !== null && items(list, 'Cannot find has on type').some(v => deepEqual(needle, v))

/** The functions of this chapter by name. `must…` differs only in how Go reports the same error. */
export const lists: Readonly<Record<string, GoFunc>> = {
  list: fn('(...any) []any', (...values: GoValue[]) => values),
  tuple: fn('(...any) []any', (...values: GoValue[]) => values),
  append: fn('(any, any) []any', append),
  push: fn('(any, any) []any', append),
  mustAppend: fn('(any, any) ([]any, error)', append),
  mustPush: fn('(any, any) ([]any, error)', append),
  prepend: fn('(any, any) []any', prepend),
  mustPrepend: fn('(any, any) ([]any, error)', prepend),
  first: fn('(any) any', first),
  mustFirst: fn('(any) (any, error)', first),
  last: fn('(any) any', last),
  mustLast: fn('(any) (any, error)', last),
  rest: fn('(any) []any', rest),
  mustRest: fn('(any) ([]any, error)', rest),
  initial: fn('(any) []any', initial),
  mustInitial: fn('(any) ([]any, error)', initial),
  reverse: fn('(any) []any', reverse),
  mustReverse: fn('(any) ([]any, error)', reverse),
  uniq: fn('(any) []any', uniq),
  mustUniq: fn('(any) ([]any, error)', uniq),
  compact: fn('(any) []any', compact),
  mustCompact: fn('(any) ([]any, error)', compact),
  without: fn('(any, ...any) []any', without),
  mustWithout: fn('(any, ...any) ([]any, error)', without),
  has: fn('(any, any) bool', has),
  mustHas: fn('(any, any) (bool, error)', has),
  slice: fn('(any, ...any) any', slice),
  mustSlice: fn('(any, ...any) (any, error)', slice),
  concat: fn('(...any) any', concat),
  chunk: fn('(int, any) [][]any', chunk),
  mustChunk: fn('(int, any) ([][]any, error)', chunk),
}

/** The elements of a list of any element type; GoError `<complaint> string` for what is no list. */
function items(v: GoValue, complaint: string): List {
  if (v === null) throw nilDereference()
  if (Array.isArray(v)) return v as List
  if (v instanceof Uint8Array) return Array.from(v, byte => new GoInt('uint8', BigInt(byte)))
  throw new GoError(`${complaint} ${kindOf(v)}`)
}

/** Go returns a nil slice for an empty list: nothing to range over, `null` in JSON. */
function nilIfEmpty(list: List, part: (list: List) => List): GoValue {
  return list.length === 0 ? GoSlice.nil() : Array.from(part(list))
}

/** What deep equality can only hold between: the same kind, and the same value for what is no list or map. */
function scalarKey(v: GoValue): string | undefined {
  if (v === null) return 'nil'
  if (typeof v === 'number') return Number.isNaN(v) ? undefined : `n${v === 0 ? 0 : v}`
  if (typeof v !== 'object') return `${typeof v}${v}`
  return v instanceof GoInt ? `${v.type}${v.value}` : undefined
}

/** The first of each set of equal elements. */
function uniq(list: GoValue): GoValue {
  const scalars = new Set<string>()
  const others: GoValue[] = []
  return items(list, 'Cannot find uniq on type').filter(v => {
    const key = scalarKey(v)
    if (key !== undefined) return !scalars.has(key) && scalars.add(key)
    if (others.some(o => deepEqual(v, o))) return false
    others.push(v)
    return true
  })
}

/** A part of a list, of the list's own type; nil for an empty list whatever the indices. */
function slice(list: GoValue, ...indices: GoValue[]): GoValue {
  const all = items(list, 'list should be type of slice or array but')
  if (all.length === 0) return null
  const start = indices.length > 0 ? toInt64(indices[0]!) : 0n
  const end = indices.length > 1 ? toInt64(indices[1]!) : BigInt(all.length)
  if (start < 0n || end < start || end > BigInt(all.length)) {
    throw new GoError('reflect.Value.Slice: slice index out of bounds', true)
  }
  if (list instanceof Uint8Array) return list.slice(Number(start), Number(end))
  const part = all.slice(Number(start), Number(end))
  return list instanceof GoSlice ? GoSlice.make(list.elem, part) : part
}

function concat(...all: GoValue[]): GoValue {
  const out: GoValue[] = []
  for (const list of all) {
    if (list === null) throw nilDereference()
    if (!Array.isArray(list) && !(list instanceof Uint8Array)) {
      throw new GoError(`Cannot concat type ${kindOf(list)} as list`, true)
    }
    for (const item of items(list, '')) out.push(item)
  }
  return out.length === 0 ? GoSlice.nil() : out
}

const maxChunks = 1_000_000

/** Pieces of `size` elements, the last one shorter. */
function chunk(size: bigint, list: GoValue): GoValue {
  const all = items(list, 'Cannot chunk type')
  const step = Number(size)
  const chunks = GoSlice.make('[]interface {}', [])
  if (step <= 0) {
    // Go divides all the same. The number of chunks is then rarely 0 or 1, and else there is no memory to make them in.
    if (all.length === 1 && step < -1) return GoSlice.make('[]interface {}', [[...all]])
    if (step !== 0 && Math.floor((all.length - 1) / step) === -1) return chunks
    throw new GoError('runtime error: makeslice: len out of range', true)
  }
  if (all.length / step > maxChunks) throw new DecapodError('LIMIT_EXCEEDED', `more than ${maxChunks} chunks`)
  for (let i = 0; i < all.length; i += step) chunks.push(all.slice(i, i + step))
  return chunks
}
