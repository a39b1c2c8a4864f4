/**
 * The Go values that templates work on, as JavaScript values. Go's static and dynamic types show in what Helm prints
 * (`typeOf`, `kindOf`, `%T`, error texts, comparison), so every kind that can reach a template is told apart:
 *
 * | Go                          | here                                                   |
 * | --------------------------- | ------------------------------------------------------ |
 * | nil inside an interface     | null                                                   |
 * | bool                        | boolean                                                |
 * | string                      | string; see "Strings" below                            |
 * | float64                     | number (every number of a YAML or JSON file is one)    |
 * | int                         | bigint (literals, `int`, `len`, `until`)               |
 * | int64, uint8, uint32, …     | GoInt (`int64`, `add`, --set)                          |
 * | []interface{}               | Array                                                  |
 * | []string, []int, …          | GoSlice, an Array that knows its element type          |
 * | []byte                      | Uint8Array                                             |
 * | map[string]interface{}      | Map                                                    |
 * | map[string]string, Values   | GoMap, a Map that knows its Go type                    |
 * | structs, pointers, time …   | GoObject                                               |
 *
 * An *invalid* reflect.Value (untyped nil, a missing value) is `undefined`, and only the evaluator sees it.
 *
 * Strings. A Go string is bytes. Ours is a JavaScript string in which a byte that is not part of valid UTF-8 stands as
 * the lone low surrogate U+DC00 + byte (U+DC80 to U+DCFF), so a string cut in the middle of a character survives.
 */

/** A value as text/template holds it; `undefined` (invalid) is not part of it. */
export type GoValue =
  | null
  | boolean
  | string
  | number
  | bigint
  | GoInt
  | Uint8Array
  | readonly GoValue[]
  | ReadonlyMap<string, GoValue>
  | GoObject

/** map[string]interface{}: what YAML mappings, `dict` and values are. */
export type GoDict = Map<string, GoValue>

export type GoIntType = 'int8' | 'int16' | 'int32' | 'int64' | 'uint' | 'uint8' | 'uint16' | 'uint32' | 'uint64'

/** An integer of a Go type other than int. */
export class GoInt {
  readonly type: GoIntType
  readonly value: bigint

  constructor(type: GoIntType, value: bigint) {
    this.type = type
    this.value = value
  }
}

/** The int64 of a value, wrapped to 64 bits as Go's arithmetic wraps. */
export function int64(value: bigint): GoInt {
  return new GoInt('int64', BigInt.asIntN(64, value))
}

/** A slice whose element type is not interface{}: `[]string`, `[]int`, `[][]interface {}`. */
export class GoSlice extends Array<GoValue> {
  /** Go's name of the element type: "string", "int", "[]interface {}". */
  elem = 'interface {}'
  /** True for a nil slice: empty, but `null` in JSON and not deeply equal to an empty one. */
  isNil = false
  /** Go's name of a named slice type ("chartutil.VersionSet"); undefined: "[]" and the element type. */
  named: string | undefined = undefined
  /** Methods of a named slice type (`.Capabilities.APIVersions.Has`). */
  methods: Readonly<Record<string, GoFunc>> | undefined = undefined

  static make(elem: string, items: Iterable<GoValue>): GoSlice {
    const slice = new GoSlice()
    slice.elem = elem
    for (const item of items) slice.push(item)
    return slice
  }

  /** A nil slice of an element type: what regexFindAll without a match, `rest` of an empty list and the like return. */
  static nil(elem = 'interface {}'): GoSlice {
    const slice = GoSlice.make(elem, [])
    slice.isNil = true
    return slice
  }

  // map, filter and slice of a typed slice give plain arrays: their elements need not have the element type.
  static override get [Symbol.species](): ArrayConstructor {
    return Array
  }
}

/** A map whose Go type is not map[string]interface{}: `map[string]string`, `chartutil.Values`. */
export class GoMap extends Map<string, GoValue> {
  /** Go's name of the type as %T prints it. */
  readonly type: string
  /** Go's name of the element type. */
  readonly elem: string
  readonly #methods: Readonly<Record<string, GoFunc>> | undefined
  /** True for a nil map: empty, `null` in JSON, and writing to it panics. */
  isNil = false

  /** A nil map[string]interface{}: `fromJson "null"`, `merge nil nil`. */
  static nil(): GoMap {
    const map = new GoMap('map[string]interface {}', 'interface {}')
    map.isNil = true
    return map
  }

  constructor(
    type: string,
    elem: string,
    entries?: Iterable<readonly [string, GoValue]>,
    methods?: Readonly<Record<string, GoFunc>>,
  ) {
    super(entries)
    this.type = type
    this.elem = elem
    this.#methods = methods
  }

  /** Methods that shadow keys, as Values has (`.Values.YAML`). */
  get methods(): Readonly<Record<string, GoFunc>> | undefined {
    return this.#methods
  }

  /** The method of a name; undefined when there is none. */
  method(name: string): GoFunc | undefined {
    const { methods } = this
    return methods !== undefined && Object.hasOwn(methods, name) ? methods[name] : undefined
  }

  /** The same map as a map[string]interface{}: what a parameter of that type receives. Shares the entries. */
  plain(): Map<string, GoValue> {
    return this
  }
}

export type GoKind = 'complex128' | 'struct' | 'ptr' | 'func' | 'slice' | 'map' | 'string' | 'int' | 'int64'

/** A struct, pointer, named type or function with fields and methods: .Files, .Capabilities, time.Time, a certificate. */
export abstract class GoObject {
  /** The type as %T prints it: "time.Time", "*semver.Version", "common.KubeVersion". */
  abstract readonly goType: string
  /** The kind as reflect.Kind prints it. */
  abstract readonly goKind: GoKind
  /** The value of an exported field; undefined when there is none of that name. */
  field(_name: string): GoValue | undefined {
    return undefined
  }
  /** Names of the exported fields in declaration order: what printing and toYaml walk. */
  fieldNames(): readonly string[] {
    return []
  }
  /** A method by name; undefined when there is none. */
  method(_name: string): GoFunc | undefined {
    return undefined
  }
  /** What %v prints when the type is a Stringer or an error; undefined otherwise. */
  text(): string | undefined {
    return undefined
  }
  /**
   * What a template action prints when only the pointer to the type is a Stringer and the value can be addressed, as
   * .Capabilities.KubeVersion can: `{{ … }}` uses the method, `printf "%v"` does not. Undefined otherwise.
   */
  addressableText(): string | undefined {
    return undefined
  }
  /** What encoding/json makes of it (and so toYaml, toJson); undefined: its fields as an object. */
  json(): GoValue | undefined {
    return undefined
  }
  /** The integer behind a named integer type (time.Duration, time.Month); undefined for all others. */
  integer(): bigint | undefined {
    return undefined
  }
  /** Truth in `if`: structs are always true. */
  truth(): boolean {
    return true
  }
}

/**
 * A function as templates call it. `signature` is Go's, in short: `(int, string) string`, `(string, ...any) (string,
 * error)`. Types: string int int64 float64 bool uint32, any (interface{}), value (reflect.Value: takes even an invalid
 * nil, which arrives as undefined), dict (map[string]interface{}), strmap (map[string]string), []any, []string, []int,
 * time (time.Time), cert (sprig.certificate), semver (*semver.Version). The evaluator checks arguments against it as
 * Go's reflection does before `call` runs; `call` throws GoError for what Go returns as error or panics with.
 */
export interface GoFunc {
  readonly signature: Signature
  // biome-ignore lint/suspicious/noExplicitAny: the signature text is the type; the evaluator has checked the arguments.
  readonly call: (...args: any[]) => GoValue
}

export interface Signature {
  readonly params: readonly string[]
  readonly variadic: boolean
  /** The declared result type; 'any' results arrive wrapped in an interface. */
  readonly result: string
}

/** Makes a GoFunc from a signature text and its implementation: `fn('(int, string) string', (n, s) => …)`. */
// biome-ignore lint/suspicious/noExplicitAny: as above.
export function fn(signature: string, call: (...args: any[]) => GoValue): GoFunc {
  return { signature: parseSignature(signature), call }
}

const signatures = new Map<string, Signature>()

function parseSignature(text: string): Signature {
  const known = signatures.get(text)
  if (known !== undefined) return known
  const close = text.indexOf(')')
  const params = text
    .slice(1, close)
    .split(',')
    .map(p => p.trim())
    .filter(p => p !== '')
  const last = params.at(-1)
  const variadic = last?.startsWith('...') ?? false
  if (variadic) params[params.length - 1] = last!.slice(3)
  // `(string, error)`: the error is thrown, the first is the result.
  const result = text
    .slice(close + 1)
    .trim()
    .replace(/^\(/, '')
    .replace(/,.*$/, '')
    .replace(/\)$/, '')
  const signature: Signature = { params, variadic, result }
  signatures.set(text, signature)
  return signature
}

/** What a Go function returned as its error, or panicked with: the text only. The evaluator adds where. */
export class GoError extends Error {
  /** True for a panic, which Go words differently in places. */
  readonly panic: boolean

  constructor(message: string, panic = false) {
    super(message)
    this.name = 'GoError'
    this.panic = panic
  }
}

/** reflect.Kind's name: "map", "slice", "float64", "invalid" for nil. Sprig's kindOf. */
export function kindOf(v: GoValue | undefined): string {
  if (v === null || v === undefined) return 'invalid'
  switch (typeof v) {
    case 'string':
      return 'string'
    case 'boolean':
      return 'bool'
    case 'number':
      return 'float64'
    case 'bigint':
      return 'int'
  }
  if (v instanceof Map) return 'map'
  if (Array.isArray(v) || v instanceof Uint8Array) return 'slice'
  if (v instanceof GoInt) return v.type
  return (v as GoObject).goKind
}

/** The dynamic type as %T prints it: "map[string]interface {}", "<nil>". Sprig's typeOf. */
export function typeOf(v: GoValue | undefined): string {
  if (v === null || v === undefined) return '<nil>'
  switch (typeof v) {
    case 'string':
      return 'string'
    case 'boolean':
      return 'bool'
    case 'number':
      return 'float64'
    case 'bigint':
      return 'int'
  }
  if (v instanceof GoMap) return v.type
  if (v instanceof Map) return 'map[string]interface {}'
  if (v instanceof GoSlice) return v.named ?? '[]' + v.elem
  if (Array.isArray(v)) return '[]interface {}'
  if (v instanceof Uint8Array) return '[]uint8'
  if (v instanceof GoInt) return v.type
  return (v as GoObject).goType
}

/** text/template's truth (exec.go, isTrue): empty, zero and nil are false, structs are true. */
export function isTrue(v: GoValue | undefined): boolean {
  if (v === null || v === undefined) return false
  switch (typeof v) {
    case 'string':
      return v.length > 0
    case 'boolean':
      return v
    case 'number':
      return v !== 0
    case 'bigint':
      return v !== 0n
  }
  if (v instanceof Map) return v.size > 0
  if (Array.isArray(v) || v instanceof Uint8Array) return v.length > 0
  if (v instanceof GoInt) return v.value !== 0n
  return (v as GoObject).truth()
}

/** The length in bytes of a Go string. */
export function byteLength(s: string): number {
  let length = 0
  for (let i = 0; i < s.length; i++) {
    const c = s.charCodeAt(i)
    if (c < 0x80) length++
    else if (c < 0x800) length += 2
    else if (c >= 0xd800 && c < 0xdc00 && i + 1 < s.length && (s.charCodeAt(i + 1) & 0xfc00) === 0xdc00) {
      length += 4
      i++
    } else if (c >= 0xdc80 && c <= 0xdcff) length++
    else length += 3
  }
  return length
}

/** Encodes a Go string to its bytes; a lone U+DC80..U+DCFF becomes the byte it stands for. */
export function toBytes(s: string): Uint8Array {
  if (!/[\udc80-\udcff]/.test(s)) return Buffer.from(s, 'utf8')
  const out = new Uint8Array(byteLength(s))
  let at = 0
  for (const ch of s) {
    const c = ch.codePointAt(0)!
    if (c >= 0xdc80 && c <= 0xdcff) out[at++] = c - 0xdc00
    else {
      const bytes = Buffer.from(ch, 'utf8')
      out.set(bytes, at)
      at += bytes.length
    }
  }
  return out
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Decodes bytes to a Go string; a byte that is not valid UTF-8 becomes U+DC00 + byte. */
export function fromBytes(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes)
  } catch {
    return fromInvalidBytes(bytes)
  }
}

function fromInvalidBytes(bytes: Uint8Array): string {
  let out = ''
  let i = 0
  while (i < bytes.length) {
    const size = runeSize(bytes, i)
    if (size === 0) {
      out += String.fromCharCode(0xdc00 + bytes[i]!)
      i++
    } else {
      out += strict.decode(bytes.subarray(i, i + size))
      i += size
    }
  }
  return out
}

/** The size of the valid UTF-8 sequence at `i`, or 0 (utf8.DecodeRune's rules: no overlong forms, no surrogates). */
function runeSize(b: Uint8Array, i: number): number {
  const c = b[i]!
  if (c < 0x80) return 1
  const next = (k: number): number => b[i + k] ?? 0
  const tail = (k: number): boolean => (next(k) & 0xc0) === 0x80
  if (c >= 0xc2 && c <= 0xdf) return tail(1) ? 2 : 0
  if (c >= 0xe0 && c <= 0xef) {
    const low = c === 0xe0 ? 0xa0 : 0x80
    const high = c === 0xed ? 0x9f : 0xbf
    return next(1) >= low && next(1) <= high && tail(2) ? 3 : 0
  }
  if (c >= 0xf0 && c <= 0xf4) {
    const low = c === 0xf0 ? 0x90 : 0x80
    const high = c === 0xf4 ? 0x8f : 0xbf
    return next(1) >= low && next(1) <= high && tail(2) && tail(3) ? 4 : 0
  }
  return 0
}

/** Orders strings as Go does, by bytes (which for valid UTF-8 is by code point, not by UTF-16 unit). */
export function compareStrings(a: string, b: string): number {
  const n = Math.min(a.length, b.length)
  for (let i = 0; i < n; i++) {
    let x = a.charCodeAt(i)
    let y = b.charCodeAt(i)
    if (x === y) continue
    // Surrogates (beyond the BMP) sort after U+E000..U+FFFF; rotate them there.
    if (x >= 0xd800 && y >= 0xd800) {
      x = x >= 0xe000 ? x - 0x800 : x + 0x2000
      y = y >= 0xe000 ? y - 0x800 : y + 0x2000
    }
    return x - y
  }
  return a.length - b.length
}
