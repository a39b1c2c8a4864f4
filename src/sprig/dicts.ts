/** Sprig's dictionaries (dict.go). A `nil` literal is a nil map here: nothing in it, and writing to it panics. */
import { sortedKeys } from '../go/fmt.ts'
import { fn, type GoDict, GoError, type GoFunc, GoMap, GoSlice, type GoValue, typeOf } from '../go/value.ts'
import { merge } from './merge.ts'
import { strval } from './text.ts'

/** The functions of this chapter by name. */
export const dicts: Readonly<Record<string, GoFunc>> = {
  dict: fn('(...any) dict', dict),
  get: fn('(dict, string) any', (d: GoDict | null, key: string) => {
    const value = d?.get(key)
    return value === undefined ? '' : value
  }),
  set: fn('(dict, string, any) dict', (d: GoDict | null, key: string, value: GoValue) => {
    if (d === null || (d instanceof GoMap && d.isNil)) throw new GoError('assignment to entry in nil map', true)
    return d.set(key, value)
  }),
  unset: fn('(dict, string) dict', (d: GoDict | null, key: string) => {
    d?.delete(key)
    return d ?? GoMap.nil()
  }),
  hasKey: fn('(dict, string) bool', (d: GoDict | null, key: string) => d?.has(key) ?? false),
  pluck: fn('(string, ...dict) []any', (key: string, ...all: (GoDict | null)[]) =>
    all.filter(d => d?.has(key)).map(d => d!.get(key)!),
  ),
  keys: fn('(...dict) []string', (...all: (GoDict | null)[]) =>
    // Go's order is random; ours is the one in which Go prints maps.
    GoSlice.make(
      'string',
      all.flatMap(d => (d === null ? [] : sortedKeys(d))),
    ),
  ),
  values: fn('(dict) []any', (d: GoDict | null) => (d === null ? [] : sortedKeys(d).map(key => d.get(key)!))),
  pick: fn('(dict, ...string) dict', (d: GoDict | null, ...keys: string[]) => {
    const picked = keys.filter(key => d?.has(key))
    return new Map(picked.map(key => [key, d!.get(key)!]))
  }),
  omit: fn('(dict, ...string) dict', (d: GoDict | null, ...keys: string[]) => {
    const out = new Map(d ?? [])
    for (const key of keys) out.delete(key)
    return out
  }),
  merge: fn('(dict, ...dict) any', (...all: (GoDict | null)[]) => mergeAll(all, false)),
  mustMerge: fn('(dict, ...dict) (any, error)', (...all: (GoDict | null)[]) => mergeAll(all, false)),
  mergeOverwrite: fn('(dict, ...dict) any', (...all: (GoDict | null)[]) => mergeAll(all, true)),
  mustMergeOverwrite: fn('(dict, ...dict) (any, error)', (...all: (GoDict | null)[]) => mergeAll(all, true)),
  dig: fn('(...any) (any, error)', dig),
}

/** Keys and values by turns; a last key without a value gets "". */
function dict(...pairs: GoValue[]): GoDict {
  const out = new Map<string, GoValue>()
  for (let i = 0; i < pairs.length; i += 2) out.set(strval(pairs[i]!), i + 1 < pairs.length ? pairs[i + 1]! : '')
  return out
}

/** Merges the others into the first, which is changed and returned; a nil one is made when there is what to merge. */
function mergeAll(all: readonly (GoDict | null)[], overwrite: boolean): GoValue {
  let target = all[0] ?? null
  for (const source of all.slice(1)) {
    if (source === null || (source instanceof GoMap && source.isNil)) continue
    if (target === null || (target instanceof GoMap && target.isNil)) target = new Map()
    merge(target, source, overwrite)
  }
  return target ?? GoMap.nil()
}

/** dig "a" "b" DEFAULT DICT: the value at a path, or the default. Only plain maps will do on the way, as in Go. */
function dig(...args: GoValue[]): GoValue {
  if (args.length < 3) throw new GoError('dig needs at least three arguments', true)
  let at = asDict(args.at(-1)!)
  const keys = args.slice(0, -2).map(asString)
  for (const key of keys.slice(0, -1)) {
    const step = at.get(key)
    if (step === undefined) return args.at(-2)!
    at = asDict(step)
  }
  const value = at.get(keys.at(-1)!)
  return value === undefined ? args.at(-2)! : value
}

function asDict(v: GoValue): ReadonlyMap<string, GoValue> {
  if (typeOf(v) === 'map[string]interface {}') return v as ReadonlyMap<string, GoValue>
  throw wrongType(v, 'map[string]interface {}')
}

function asString(v: GoValue): string {
  if (typeof v === 'string') return v
  throw wrongType(v, 'string')
}

function wrongType(v: GoValue, wanted: string): GoError {
  const actual = v === null ? 'nil' : typeOf(v)
  return new GoError(`interface conversion: interface {} is ${actual}, not ${wanted}`, true)
}
