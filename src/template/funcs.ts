/** The functions every template has (text/template, funcs.go). and, or and call are completed by the executor. */
import { formatValue, sprint, sprintf, sprintln } from '../go/fmt.ts'
import { isPrint } from '../go/strconv.ts'
import {
  byteLength,
  compareStrings,
  fn,
  fromBytes,
  GoError,
  type GoFunc,
  GoInt,
  GoMap,
  GoObject,
  GoSlice,
  type GoValue,
  isTrue,
  toBytes,
  typeOf,
} from '../go/value.ts'

/** Parameters of type `value` may be nothing at all. */
type Value = GoValue | undefined

export const builtins: ReadonlyMap<string, GoFunc> = new Map<string, GoFunc>([
  // The executor evaluates the operands of these two itself, for they stop early.
  ['and', fn('(value, ...value) value', (first: Value) => first ?? null)],
  ['or', fn('(value, ...value) value', (first: Value) => first ?? null)],
  ['call', fn('(value, ...value) (value, error)', call)],
  ['not', fn('(value) bool', (v: Value) => !isTrue(v))],
  ['len', fn('(value) (int, error)', length)],
  ['index', fn('(value, ...value) (value, error)', index)],
  ['slice', fn('(value, ...value) (value, error)', slice)],

  ['print', fn('(...any) string', (...args: GoValue[]) => sprint(...args))],
  ['println', fn('(...any) string', (...args: GoValue[]) => sprintln(...args))],
  ['printf', fn('(string, ...any) string', (format: string, ...args: GoValue[]) => sprintf(format, ...args))],

  ['html', fn('(...any) string', (...args: GoValue[]) => htmlEscape(argumentText(args)))],
  ['js', fn('(...any) string', (...args: GoValue[]) => jsEscape(argumentText(args)))],
  ['urlquery', fn('(...any) string', (...args: GoValue[]) => queryEscape(argumentText(args)))],

  ['eq', fn('(value, ...value) (bool, error)', equal)],
  ['ne', fn('(value, value) (bool, error)', (a: Value, b: Value) => !equal(a, b))],
  ['lt', fn('(value, value) (bool, error)', less)],
  ['le', fn('(value, value) (bool, error)', lessOrEqual)],
  ['gt', fn('(value, value) (bool, error)', (a: Value, b: Value) => !lessOrEqual(a, b))],
  ['ge', fn('(value, value) (bool, error)', (a: Value, b: Value) => !less(a, b))],
])

// ---------------------------------------------------------------------------------------------------------------------
// Lengths and elements

function length(v: Value): GoValue {
  if (v === undefined) throw new GoError('reflect: call of reflect.Value.Type on zero Value', true)
  if (v === null) throw new GoError('len of nil pointer')
  if (typeof v === 'string') return BigInt(byteLength(v))
  if (v instanceof Map) return BigInt(v.size)
  if (Array.isArray(v) || v instanceof Uint8Array) return BigInt(v.length)
  throw new GoError(`len of type ${typeName(v)}`)
}

/** The type of what is behind a pointer, for errors about it. */
function typeName(v: GoValue): string {
  return v instanceof GoObject && v.goKind === 'ptr' ? v.goType.replace(/^\*/, '') : typeOf(v)
}

/** The integer an index is; Go takes any integer type, and one past the end is found out later. */
function indexArgument(v: Value, limit: number): number {
  if (v === undefined || v === null) throw new GoError('cannot index slice/array with nil')
  const n = integerOf(v)
  if (n === undefined) throw new GoError(`cannot index slice/array with type ${typeOf(v)}`)
  const at = BigInt.asIntN(64, n)
  if (at < 0n || at > BigInt(limit)) throw new GoError(`index out of range: ${at}`)
  return Number(at)
}

function integerOf(v: GoValue): bigint | undefined {
  if (typeof v === 'bigint') return v
  if (v instanceof GoInt) return v.value
  return v instanceof GoObject ? v.integer() : undefined
}

/** index x 1 "a" is x[1]["a"]. */
function index(item: Value, ...indexes: Value[]): GoValue {
  if (item === undefined || item === null) throw new GoError('index of untyped nil')
  let at: GoValue = item
  for (const key of indexes) {
    if (at === null) throw new GoError('index of nil pointer')
    if (at instanceof Map) at = mapElement(at, key)
    else if (Array.isArray(at)) {
      const i: number = indexArgument(key, at.length)
      if (i >= at.length) throw new GoError('reflect: slice index out of range', true)
      at = (at as readonly GoValue[])[i]!
    } else if (typeof at === 'string' || at instanceof Uint8Array) {
      const bytes: Uint8Array = typeof at === 'string' ? toBytes(at) : at
      const i: number = indexArgument(key, bytes.length)
      if (i >= bytes.length) {
        throw new GoError(`reflect: ${typeof at === 'string' ? 'string' : 'slice'} index out of range`, true)
      }
      at = new GoInt('uint8', BigInt(bytes[i]!))
    } else throw new GoError(`can't index item of type ${typeName(at)}`)
  }
  return at
}

function mapElement(map: ReadonlyMap<string, GoValue>, key: Value): GoValue {
  if (key === undefined || key === null) throw new GoError('value is nil; should be of type string')
  if (typeof key !== 'string') throw new GoError(`value has type ${typeOf(key)}; should be string`)
  const found = map.get(key)
  if (found !== undefined) return found
  if (map instanceof GoMap && map.elem === 'string') return ''
  return map instanceof GoMap && map.elem === '[]uint8' ? new Uint8Array(0) : null
}

/** slice x 1 2 is x[1:2]. Sprig has another of that name, which hides this one in charts. */
function slice(item: Value, ...indexes: Value[]): GoValue {
  if (item === undefined || item === null) throw new GoError('slice of untyped nil')
  if (indexes.length > 3) throw new GoError(`too many slice indexes: ${indexes.length}`)
  const bytes = typeof item === 'string' ? toBytes(item) : undefined
  if (bytes !== undefined && indexes.length === 3) throw new GoError('cannot 3-index slice a string')
  if (bytes === undefined && !Array.isArray(item) && !(item instanceof Uint8Array)) {
    throw new GoError(`can't slice item of type ${typeName(item)}`)
  }
  const size = bytes?.length ?? (item as readonly GoValue[]).length
  const at = indexes.map(i => indexArgument(i, size))
  const [from = 0, to = size, cap = size] = at
  if (from > to) throw new GoError(`invalid slice index: ${from} > ${to}`)
  if (to > cap) throw new GoError(`invalid slice index: ${to} > ${cap}`)
  if (bytes !== undefined) return fromBytes(bytes.subarray(from, to))
  if (item instanceof Uint8Array) return item.subarray(from, to)
  const part = (item as readonly GoValue[]).slice(from, to)
  return item instanceof GoSlice ? GoSlice.make(item.elem, part) : part
}

/** call f x: no value of a chart is a function, so this always fails. */
function call(name: string, f: Value): GoValue {
  if (f === undefined || f === null) throw new GoError('call of nil')
  throw new GoError(`non-function ${name} of type ${typeOf(f)}`)
}

// ---------------------------------------------------------------------------------------------------------------------
// Comparison

type Basic = 'invalid' | 'bool' | 'complex' | 'int' | 'float' | 'string' | 'uint'

function basicKind(v: Value): Basic {
  switch (typeof v) {
    case 'boolean':
      return 'bool'
    case 'string':
      return 'string'
    case 'number':
      return 'float'
    case 'bigint':
      return 'int'
  }
  if (v instanceof GoInt) return v.type.startsWith('u') ? 'uint' : 'int'
  if (v instanceof GoObject) {
    if (v.goKind === 'complex128') return 'complex'
    if (v.integer() !== undefined) return 'int'
    if (v.goKind === 'string') return 'string'
  }
  return 'invalid'
}

/** A value of a basic kind as one that JavaScript can compare. */
function basicValue(v: Value): bigint | number | string | boolean {
  if (v instanceof GoInt) return v.value
  if (v instanceof GoObject) return v.integer() ?? String(v.json() ?? v.text())
  return v as bigint | number | string | boolean
}

function isNil(v: Value): boolean {
  return v === undefined || v === null || ((v instanceof GoMap || v instanceof GoSlice) && v.isNil)
}

/** What reflect.Kind tells apart among the values that are not basic. */
function compositeKind(v: Value): string {
  if (v instanceof GoObject) return v.goKind
  return v instanceof Map ? 'map' : 'slice'
}

/** eq a b c: a == b || a == c. */
function equal(first: Value, ...others: Value[]): boolean {
  if (others.length === 0) throw new GoError('missing argument for comparison')
  const a = first ?? undefined
  const kindA = basicKind(a)
  for (const other of others) {
    const b = other ?? undefined
    const kindB = basicKind(b)
    if (kindA !== kindB) {
      // Integers of any sign compare by value.
      if (areIntegers(kindA, kindB)) {
        if (basicValue(a) === basicValue(b)) return true
      } else if (a !== undefined && b !== undefined) {
        throw new GoError(`incompatible types for comparison: ${typeOf(a)} and ${typeOf(b)}`)
      }
    } else if (kindA !== 'invalid') {
      if (basicValue(a) === basicValue(b)) return true
    } else if (sameComposite(a, b)) return true
  }
  return false
}

const areIntegers = (a: Basic, b: Basic): boolean => (a === 'int' && b === 'uint') || (a === 'uint' && b === 'int')

function sameComposite(a: Value, b: Value): boolean {
  if (a !== undefined && b !== undefined && compositeKind(a) !== compositeKind(b)) {
    throw new GoError(`non-comparable types ${sprintf('%s', a)}: ${typeOf(a)}, ${typeOf(b)}: ${formatValue(b)}`)
  }
  if (isNil(a) || isNil(b)) return isNil(a) === isNil(b)
  if (!(b instanceof GoObject)) throw new GoError(`non-comparable type ${sprintf('%s', b!)}: ${typeOf(b)}`)
  if (a === b || b.goKind !== 'struct') return a === b
  return typeOf(a) === typeOf(b) && formatValue(a!) === formatValue(b)
}

function less(first: Value, second: Value): boolean {
  const a = first ?? undefined
  const b = second ?? undefined
  const kindA = basicKind(a)
  const kindB = basicKind(b)
  if (kindA === 'invalid' || kindB === 'invalid') throw new GoError('invalid type for comparison')
  if (kindA !== kindB) {
    if (areIntegers(kindA, kindB)) return basicValue(a) < basicValue(b)
    throw new GoError(`incompatible types for comparison: ${typeOf(a)} and ${typeOf(b)}`)
  }
  if (kindA === 'bool' || kindA === 'complex') throw new GoError('invalid type for comparison')
  if (kindA === 'string') return compareStrings(basicValue(a) as string, basicValue(b) as string) < 0
  return basicValue(a) < basicValue(b)
}

function lessOrEqual(a: Value, b: Value): boolean {
  return less(a, b) || equal(a, b)
}

// ---------------------------------------------------------------------------------------------------------------------
// Escaping

/** The text of arguments as print gives it, nil as a template prints it. */
function argumentText(args: readonly GoValue[]): string {
  if (args.length === 1 && typeof args[0] === 'string') return args[0]
  return sprint(...args.map(a => (a === null ? '<no value>' : a)))
}

const htmlEscapes: Readonly<Record<string, string>> = {
  '"': '&#34;',
  "'": '&#39;',
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '\0': '\ufffd',
}

function htmlEscape(text: string): string {
  return text.replace(/["'&<>\0]/g, c => htmlEscapes[c]!)
}

const jsEscapes: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '"': '\\"',
  '<': '\\u003C',
  '>': '\\u003E',
  '&': '\\u0026',
  '=': '\\u003D',
}

function jsEscape(text: string): string {
  return text.replace(/[\\'"<>&=]|[\0-\x1f]|[^\0-\x7f]/gu, c => {
    const known = jsEscapes[c]
    if (known !== undefined) return known
    const code = c.codePointAt(0)!
    // A byte that is not UTF-8 reads as U+FFFD, which is printable: Go then copies the byte itself.
    if (code >= 0xdc80 && code <= 0xdcff) return c
    if (code >= 0x80 && isPrint(code)) return c
    return '\\u' + code.toString(16).toUpperCase().padStart(4, '0')
  })
}

/** url.QueryEscape. */
function queryEscape(text: string): string {
  let out = ''
  for (const byte of toBytes(text)) {
    const c = String.fromCharCode(byte)
    if (/[A-Za-z0-9\-_.~]/.test(c)) out += c
    else if (c === ' ') out += '+'
    else out += '%' + byte.toString(16).toUpperCase().padStart(2, '0')
  }
  return out
}
