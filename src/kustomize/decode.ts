/**
 * Decoding JSON data into the structs of Kustomize with the rules and error texts of Go's encoding/json (decode.go):
 * keys match a field exactly or else whatever their case, unknown ones may be refused, null leaves a field unset.
 *
 * A type says what Go calls it, because the error texts do ("cannot unmarshal string into Go struct field
 * Kustomization.patches of type types.Patch").
 */

/** What a JSON text holds; numbers that are whole may come as bigint. */
export type Json = null | boolean | string | number | bigint | readonly Json[] | ReadonlyMap<string, Json>

/** The way to a value: keys as they are written, indexes. For positions. */
export type JsonPath = readonly (string | number)[]

/** A value does not fit its type. `path` leads to it. */
export class DecodeError extends Error {
  readonly path: JsonPath

  constructor(message: string, path: JsonPath) {
    super(message)
    this.name = 'DecodeError'
    this.path = path
  }
}

interface Decoding {
  readonly path: (string | number)[]
  /** Go's error context: the struct the field is of, and the way to it from the outermost one. */
  readonly struct: string
  readonly fields: string
  readonly options: DecodeOptions
}

export interface DecodeOptions {
  /** Unknown fields are errors. */
  readonly strict: boolean
  /** Scalars become strings where a string is wanted, as sigs.k8s.io/yaml does when it knows the target. */
  readonly coerce: boolean
}

export interface GoType<T> {
  /** Go's name of the type: "string", "[]types.Image". */
  readonly name: string
  /** What null becomes as an element of a list or map. */
  zero(): T
  decode(value: Json, at: Decoding): T | undefined
}

/** Decodes a value into a type; throws DecodeError. */
export function decodeJson<T>(value: Json, type: GoType<T>, options: DecodeOptions): T | undefined {
  return type.decode(value, { path: [], struct: '', fields: '', options })
}

function mismatch(value: Json, type: string, at: Decoding, detail = ''): DecodeError {
  const what = `json: cannot unmarshal ${kindName(value)}${detail} into Go`
  const where = at.struct === '' ? 'value' : `struct field ${at.struct}.${at.fields}`
  return new DecodeError(`${what} ${where} of type ${type}`, [...at.path])
}

function kindName(value: Json): string {
  switch (typeof value) {
    case 'string':
      return 'string'
    case 'boolean':
      return 'bool'
    case 'number':
    case 'bigint':
      return 'number'
  }
  return Array.isArray(value) ? 'array' : 'object'
}

/** A string, or a named type of strings. */
export function string(name = 'string'): GoType<string> {
  return {
    name,
    zero: () => '',
    decode: (value, at) => {
      if (typeof value === 'string') return value
      if (value === null) return undefined
      if (at.options.coerce && typeof value !== 'object') return String(value)
      throw mismatch(value, name, at)
    },
  }
}

export const bool: GoType<boolean> = {
  name: 'bool',
  zero: () => false,
  decode: (value, at) => {
    if (typeof value === 'boolean') return value
    if (value === null) return undefined
    throw mismatch(value, 'bool', at)
  },
}

/** An integer of 64 bits; `name` is int64 or int. */
export function integer(name: string): GoType<bigint> {
  return {
    name,
    zero: () => 0n,
    decode: (value, at) => {
      if (value === null) return undefined
      if (typeof value !== 'bigint' && typeof value !== 'number') throw mismatch(value, name, at)
      if (typeof value === 'number' && !Number.isInteger(value)) throw mismatch(value, name, at, ` ${value}`)
      const whole = BigInt(value)
      if (BigInt.asIntN(64, whole) !== whole) throw mismatch(value, name, at, ` ${value}`)
      return whole
    },
  }
}

/** Whatever JSON holds. */
export const any: GoType<Json> = { name: 'interface {}', zero: () => null, decode: value => value }

export function list<T>(element: GoType<T>): GoType<T[]> {
  const name = `[]${element.name}`
  return {
    name,
    zero: () => [],
    decode: (value, at) => {
      if (value === null) return undefined
      if (!Array.isArray(value)) throw mismatch(value, name, at)
      const out: T[] = []
      for (let i = 0; i < value.length; i++) {
        at.path.push(i)
        out.push(element.decode(value[i] as Json, at) ?? element.zero())
        at.path.pop()
      }
      return out
    },
  }
}

/** A map with text keys, or a named type of such maps. */
export function map<T>(element: GoType<T>, name = `map[string]${element.name}`): GoType<Map<string, T>> {
  return {
    name,
    zero: () => new Map(),
    decode: (value, at) => {
      if (value === null) return undefined
      if (!(value instanceof Map)) throw mismatch(value, name, at)
      const out = new Map<string, T>()
      for (const [key, entry] of value as ReadonlyMap<string, Json>) {
        at.path.push(key)
        out.set(key, element.decode(entry, at) ?? element.zero())
        at.path.pop()
      }
      return out
    },
  }
}

/** A type of a field that an embedded struct contributes; `inside` names the embedded structs, outermost first. */
interface EmbeddedType<T> extends GoType<T> {
  readonly inside: string
}

/** Marks a field as coming from an embedded struct: Go's messages name it on the way ("GeneratorArgs.name"). */
export function within<T>(inside: string, type: GoType<T>): GoType<T> {
  const embedded: EmbeddedType<T> = { ...type, inside }
  return embedded
}

/** The fields of a struct by their JSON names: a type for each field of the interface they decode to. */
export type FieldTypes<T> = { readonly [K in keyof T]-?: GoType<NonNullable<T[K]>> }

/** A struct by Go's name with package ("types.Image") and its fields. Fields that are missing or null stay unset. */
export function struct<T extends object>(name: string, fields: FieldTypes<T>): GoType<T> {
  const shortName = name.slice(name.indexOf('.') + 1)
  const exact = new Map<string, GoType<unknown>>(Object.entries(fields))
  const folded = new Map(Object.keys(fields).map(key => [fold(key), key] as const))
  return {
    name,
    zero: () => ({}) as T,
    decode: (value, at) => {
      if (value === null) return undefined
      if (!(value instanceof Map)) throw mismatch(value, name, at)
      const entries = value as ReadonlyMap<string, Json>
      const out: Record<string, unknown> = {}
      for (const key of [...entries.keys()].sort(byCodeUnits)) {
        const known = exact.has(key) ? key : folded.get(fold(key))
        at.path.push(key)
        if (known !== undefined) {
          const type = exact.get(known)!
          const { inside } = type as Partial<EmbeddedType<unknown>>
          const field = inside === undefined ? known : `${inside}.${known}`
          const decoded = type.decode(entries.get(key)!, {
            ...at,
            struct: shortName,
            fields: at.fields === '' ? field : `${at.fields}.${field}`,
          })
          if (decoded !== undefined) out[known] = decoded
        } else if (at.options.strict) {
          throw new DecodeError(`json: unknown field ${JSON.stringify(key)}`, [...at.path])
        }
        at.path.pop()
      }
      return out as T
    },
  }
}

/** JSON objects reach the decoder with sorted keys (YAML is first made a JSON text), so errors come in that order. */
function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Case folding as encoding/json does it for field names, which are ASCII. */
function fold(key: string): string {
  return key.replace(/\u017f/g, 's').toLowerCase()
}
