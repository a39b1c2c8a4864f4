/** The fields of Kubernetes' own kinds: the table of fields.ts, read once and by need. */
import { fieldKinds, fieldTypes } from './fields.ts'
import type { Scope } from './kinds.ts'

/** What a field holds; `type` names a line of the table. */
export type FieldType =
  | { readonly is: 'text' | 'base64' | 'integer' | 'number' | 'boolean' | 'quantity' | 'integer or text' | 'time' }
  | { readonly is: 'anything' }
  | { readonly is: 'list' | 'map'; readonly of: FieldType }
  | { readonly is: 'object'; readonly type: string }

/** The fields of an object by name; undefined for one that takes any. */
export interface ObjectFields {
  readonly fields: ReadonlyMap<string, FieldType> | undefined
  readonly required: readonly string[]
}

export interface KindFields {
  readonly type: FieldType
  readonly scope: Scope
}

let kinds: ReadonlyMap<string, KindFields> | undefined
let lines: ReadonlyMap<string, string> | undefined
const types = new Map<string, ObjectFields>()

/** The type of a kind that Kubernetes serves by itself, and its scope; undefined for one that it does not have. */
export function kindFields(apiVersion: string, kind: string): KindFields | undefined {
  return readKinds().get(`${apiVersion} ${kind}`)
}

/** Every `apiVersion kind` of the table. */
export function kindNames(): Iterable<string> {
  return readKinds().keys()
}

function readKinds(): ReadonlyMap<string, KindFields> {
  if (kinds !== undefined) return kinds
  const read = new Map<string, KindFields>()
  for (const line of fieldKinds.trim().split('\n')) {
    const [apiVersion, kind, type = '', scope] = line.split(' ')
    read.set(`${apiVersion} ${kind}`, { type: { is: 'object', type }, scope: scope as Scope })
  }
  kinds = read
  return read
}

/** The fields of a type of the table. */
export function objectFields(type: string): ObjectFields {
  let read = types.get(type)
  if (read === undefined) types.set(type, (read = readType(type)))
  return read
}

function readType(type: string): ObjectFields {
  lines ??= new Map(
    fieldTypes
      .trim()
      .split('\n')
      .map(line => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]),
  )
  const text = lines.get(type) ?? '*'
  if (text === '*') return { fields: undefined, required: [] }
  const fields = new Map<string, FieldType>()
  const required: string[] = []
  for (const field of text.split(' ')) {
    const colon = field.indexOf(':')
    const isRequired = field[colon - 1] === '!'
    const name = field.slice(0, isRequired ? colon - 1 : colon)
    if (isRequired) required.push(name)
    fields.set(name, fieldType(field.slice(colon + 1)))
  }
  return { fields, required }
}

const letters: Readonly<Record<string, FieldType>> = {
  s: { is: 'text' },
  y: { is: 'base64' },
  i: { is: 'integer' },
  n: { is: 'number' },
  b: { is: 'boolean' },
  q: { is: 'quantity' },
  x: { is: 'integer or text' },
  t: { is: 'time' },
  '*': { is: 'anything' },
}

function fieldType(code: string): FieldType {
  if (code[0] === '[') return { is: 'list', of: fieldType(code.slice(1)) }
  if (code[0] === '{') return { is: 'map', of: fieldType(code.slice(1)) }
  return letters[code] ?? { is: 'object', type: code }
}
