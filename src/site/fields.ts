/**
 * Reading small configuration files (decapod.yaml, site.yaml, group.yaml): every field is checked against a shape, an
 * unknown one is an error with the nearest name, and all errors of a file come in one run.
 */

import { DecapodError, nearest } from '../errors.ts'
import { isNull, positionOf, type YamlMap, type YamlNode } from '../yaml/node.ts'

/** What a field may hold. */
export type Shape =
  | { readonly type: 'text'; readonly oneOf?: readonly string[]; readonly pattern?: RegExp; readonly means?: string }
  | { readonly type: 'boolean' }
  | { readonly type: 'number' }
  | { readonly type: 'list'; readonly of: Shape }
  | { readonly type: 'record'; readonly of: Shape }
  | { readonly type: 'object'; readonly fields: Readonly<Record<string, Shape>>; readonly required?: readonly string[] }
  /** Kept as YAML nodes, with their places: variables. */
  | { readonly type: 'nodes' }

export const text: Shape = { type: 'text' }
export const boolean: Shape = { type: 'boolean' }
export const number: Shape = { type: 'number' }
export const nodes: Shape = { type: 'nodes' }
export const texts: Shape = { type: 'list', of: text }
export const textRecord: Shape = { type: 'record', of: text }

export function list(of: Shape): Shape {
  return { type: 'list', of }
}

export function record(of: Shape): Shape {
  return { type: 'record', of }
}

export function object(fields: Readonly<Record<string, Shape>>, required: readonly string[] = []): Shape {
  return { type: 'object', fields, required }
}

export function oneOf(...values: readonly string[]): Shape {
  return { type: 'text', oneOf: values }
}

/**
 * The data of a node of that shape: text, booleans, numbers, arrays, plain objects without prototype. A field that is
 * null counts as absent. What does not fit is left out and noted in `errors` (CONFIG_INVALID); `path` names the node.
 */
export function readFields(node: YamlNode, shape: Shape, path: string, errors: DecapodError[]): unknown {
  const wrong = (what: string, hint?: string): undefined => {
    errors.push(new DecapodError('CONFIG_INVALID', `${path} must be ${what}`, { at: positionOf(node), hint }))
    return undefined
  }
  switch (shape.type) {
    case 'nodes':
      return node
    case 'text': {
      if (node.kind !== 'scalar') return wrong('text')
      if (shape.oneOf !== undefined && !shape.oneOf.includes(node.value)) {
        const near = nearest(node.value, shape.oneOf)
        return wrong(shape.oneOf.join(' or '), near === undefined ? undefined : `did you mean "${near}"?`)
      }
      if (shape.pattern !== undefined && !shape.pattern.test(node.value)) {
        return wrong(shape.means ?? `text that matches ${shape.pattern.source}`)
      }
      return node.value
    }
    case 'boolean':
      if (node.kind !== 'scalar' || node.style !== 'plain' || !/^(true|false)$/.test(node.value)) {
        return wrong('true or false')
      }
      return node.value === 'true'
    case 'number':
      if (node.kind !== 'scalar' || node.style !== 'plain' || !/^-?\d+(\.\d+)?$/.test(node.value))
        return wrong('a number')
      return Number(node.value)
    case 'list': {
      if (node.kind !== 'seq') return wrong('a list')
      return node.items
        .map((item, i) => readFields(item, shape.of, join(path, `[${i}]`), errors))
        .filter(item => item !== undefined)
    }
    case 'record':
    case 'object':
      if (node.kind !== 'map') return wrong('a map')
      return shape.type === 'record' ? readRecord(node, shape.of, path, errors) : readObject(node, shape, path, errors)
  }
}

function readRecord(node: YamlMap, of: Shape, path: string, errors: DecapodError[]): unknown {
  const out = Object.create(null) as Record<string, unknown>
  for (const { key, value } of node.pairs) {
    if (key.kind !== 'scalar') {
      errors.push(new DecapodError('CONFIG_INVALID', `a key of ${path} must be text`, { at: positionOf(key) }))
      continue
    }
    const read = readFields(value, of, join(path, key.value), errors)
    if (read !== undefined) out[key.value] = read
  }
  return out
}

function readObject(
  node: YamlMap,
  shape: Extract<Shape, { type: 'object' }>,
  path: string,
  errors: DecapodError[],
): unknown {
  const out = Object.create(null) as Record<string, unknown>
  const seen = new Set<string>()
  const names = Object.keys(shape.fields)
  for (const { key, value } of node.pairs) {
    const name = key.kind === 'scalar' ? key.value : ''
    const field = Object.hasOwn(shape.fields, name) ? shape.fields[name] : undefined
    if (field === undefined) {
      const near = nearest(name, names)
      errors.push(
        new DecapodError('CONFIG_INVALID', `"${name}" is no field of ${path}`, {
          at: positionOf(key),
          hint: near === undefined ? `its fields are ${names.join(', ')}` : `did you mean "${near}"?`,
        }),
      )
      continue
    }
    if (seen.has(name)) {
      errors.push(new DecapodError('CONFIG_INVALID', `${join(path, name)} is given twice`, { at: positionOf(key) }))
      continue
    }
    seen.add(name)
    if (isNull(value)) continue
    const read = readFields(value, field, join(path, name), errors)
    if (read !== undefined) out[name] = read
  }
  for (const name of shape.required ?? []) {
    if (out[name] === undefined && !seen.has(name)) {
      errors.push(new DecapodError('CONFIG_INVALID', `${path} needs ${name}`, { at: positionOf(node) }))
    }
  }
  return out
}

/** "site.yaml" + "labels" is "labels of site.yaml"; deeper fields are paths: "labels.infra of site.yaml". */
function join(path: string, field: string): string {
  const of = path.indexOf(' of ')
  if (of === -1) return `${field} of ${path}`
  const dot = field.startsWith('[') ? '' : '.'
  return `${path.slice(0, of)}${dot}${field}${path.slice(of)}`
}
