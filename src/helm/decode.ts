/**
 * Reading YAML into Go's structs, as sigs.k8s.io/yaml and encoding/json do together: the YAML becomes JSON, scalars that
 * are meant for a string become one, keys match fields whatever their case, unknown keys are ignored.
 */
import { DecapodError } from '../errors.ts'
import { formatFloat } from '../go/strconv.ts'
import { compareStrings, GoError, type GoValue } from '../go/value.ts'
import { unmarshal } from '../yaml/values.ts'

/**
 * The first document of a text, integers apart from floats: a field that wants a string takes each as it was written.
 * With the shape it is meant for, such fields also take `.inf`, which JSON does not have. Throws DecapodError YAML_PARSE
 * with the text of sigs.k8s.io/yaml.
 */
export function parseTyped(yaml: string, file: string, shape?: Shape): GoValue {
  const infinite = shape !== undefined
  const value = unmarshal(yaml, { file, dialect: 'sigs', numbers: 'exact', infinite })
  if (infinite) refuseInfinite(value, shape, file)
  return value
}

function refuseInfinite(value: GoValue, shape: Shape | undefined, file: string): void {
  if (typeof value === 'number' && !Number.isFinite(value) && shape?.kind !== 'string') {
    const message = `error converting YAML to JSON: json: unsupported value: ${formatFloat(value, 'g', -1)}`
    throw new DecapodError('YAML_PARSE', message, { at: { file } })
  }
  if (Array.isArray(value)) {
    const items = shape?.kind === 'list' ? shape.of : undefined
    for (const item of value) refuseInfinite(item as GoValue, items, file)
  }
  if (!(value instanceof Map)) return
  for (const [key, item] of sorted(value as ReadonlyMap<string, GoValue>)) {
    refuseInfinite(item, shape === undefined ? undefined : shapeAt(shape, key), file)
  }
}

function shapeAt(shape: Shape, key: string): Shape | undefined {
  if (shape.kind === 'map') return shape.of
  if (shape.kind !== 'struct') return undefined
  const field = Object.hasOwn(shape.fields, key) ? key : foldedField(shape.fields, key)
  return field === undefined ? undefined : shape.fields[field]
}

/** What a struct's field takes. */
export type Shape =
  | { readonly kind: 'string' | 'bool' | 'any' }
  | { readonly kind: 'list' | 'map'; readonly of: Shape }
  /** `name` is Go's, with package; `pointer` where the Go type is a pointer to it, so that null stays null. */
  | { readonly kind: 'struct'; readonly name: string; readonly pointer?: boolean; readonly fields: Fields }

export type Fields = Readonly<Record<string, Shape>>

/** A decoded value: strings, booleans, arrays, Maps, and for structs Maps by JSON name. */
export type Decoded = null | boolean | string | GoValue | readonly Decoded[] | ReadonlyMap<string, Decoded>

export const text: Shape = { kind: 'string' }
export const bool: Shape = { kind: 'bool' }
export const any: Shape = { kind: 'any' }

export function list(of: Shape): Shape {
  return { kind: 'list', of }
}

export function map(of: Shape): Shape {
  return { kind: 'map', of }
}

/**
 * Decodes a document into a struct; absent and null fields are missing from the result. `into` holds what an earlier
 * document left there. Throws GoError with encoding/json's text.
 */
export function decode(
  value: GoValue,
  shape: Shape & { kind: 'struct' },
  into?: ReadonlyMap<string, Decoded>,
): ReadonlyMap<string, Decoded> {
  return decodeStruct(value, shape, { struct: '', path: '' }, into) ?? new Map()
}

/** The struct and the fields on the way to a value: where encoding/json says a mismatch is. */
interface Place {
  readonly struct: string
  readonly path: string
}

function decodeValue(value: GoValue, shape: Shape, at: Place, into: Decoded | undefined): Decoded {
  switch (shape.kind) {
    case 'any':
      return value
    case 'string':
      return decodeText(value, at)
    case 'bool':
      if (value === null) return into ?? null
      if (typeof value !== 'boolean') throw mismatch(value, 'bool', at)
      return value
    case 'list': {
      if (value === null) return null
      if (!Array.isArray(value)) throw mismatch(value, typeName(shape), at)
      // Go decodes into the elements that an earlier document left in the slice.
      const earlier = Array.isArray(into) ? (into as readonly Decoded[]) : []
      return (value as readonly GoValue[]).map((item, i) => decodeValue(item, shape.of, at, earlier[i]))
    }
    case 'map': {
      if (value === null) return null
      if (!(value instanceof Map)) throw mismatch(value, typeName(shape), at)
      const out = new Map<string, Decoded>(into instanceof Map ? into : [])
      for (const [key, item] of sorted(value)) out.set(key, decodeValue(item, shape.of, at, undefined))
      return out
    }
    case 'struct':
      return decodeStruct(value, shape, at, into instanceof Map ? into : undefined) ?? null
  }
}

function decodeText(value: GoValue, at: Place): string {
  if (value === null) return ''
  switch (typeof value) {
    case 'string':
      return value
    case 'boolean':
      return value ? 'true' : 'false'
    case 'bigint':
      return value.toString()
    case 'number':
      return formatFloat(value, 'g', -1, 32)
  }
  throw mismatch(value, 'string', at)
}

function decodeStruct(
  value: GoValue,
  shape: Shape & { kind: 'struct' },
  at: Place,
  into: ReadonlyMap<string, Decoded> | undefined,
): ReadonlyMap<string, Decoded> | undefined {
  if (value === null) return into
  if (!(value instanceof Map)) throw mismatch(value, shape.name, at)
  const out = new Map<string, Decoded>(into ?? [])
  const struct = shape.name.slice(shape.name.lastIndexOf('.') + 1)
  for (const [key, item] of sorted(value)) {
    const field = Object.hasOwn(shape.fields, key) ? key : foldedField(shape.fields, key)
    if (field === undefined) continue
    const place = { struct: shape.name.startsWith('struct ') ? '' : struct, path: joinPath(at.path, field) }
    const decoded = decodeValue(item, shape.fields[field]!, place, out.get(field))
    // Null leaves a string or boolean as it was.
    if (item === null && shape.fields[field]!.kind === 'string') continue
    if (decoded === null) out.delete(field)
    else out.set(field, decoded)
  }
  return out
}

/** The field a key matches when case is ignored, as encoding/json folds names. */
function foldedField(fields: Fields, key: string): string | undefined {
  const folded = key.toLowerCase()
  return Object.keys(fields).find(field => field.toLowerCase() === folded)
}

/** The JSON text between YAML and struct has its keys sorted; the first mismatch in that order is reported. */
function sorted(map: ReadonlyMap<string, GoValue>): [string, GoValue][] {
  return [...map].sort(([a], [b]) => compareStrings(a, b))
}

function joinPath(path: string, field: string): string {
  return path === '' ? field : `${path}.${field}`
}

function typeName(shape: Shape): string {
  switch (shape.kind) {
    case 'any':
      return 'interface {}'
    case 'list':
      return `[]${typeName(shape.of)}`
    case 'map':
      return `map[string]${typeName(shape.of)}`
    case 'struct':
      return shape.pointer === true ? `*${shape.name}` : shape.name
    default:
      return shape.kind
  }
}

function mismatch(value: GoValue, type: string, at: Place): GoError {
  const where = at.path === '' ? 'value' : `struct field ${at.struct}.${at.path}`
  return new GoError(`json: cannot unmarshal ${jsonKind(value)} into Go ${where} of type ${type}`)
}

/** What encoding/json calls a value in its errors. */
function jsonKind(value: GoValue): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (value instanceof Map) return 'object'
  return typeof value === 'string' ? 'string' : typeof value === 'boolean' ? 'bool' : 'number'
}
