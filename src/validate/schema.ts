/**
 * Objects against what their kind may hold: the fields of Kubernetes' own kinds (k8s/fields.ts), and the structural
 * schemas of the site's CustomResourceDefinitions, with the meaning an API server gives them
 * (https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/).
 */
import { nearest } from '../errors.ts'
import { compileRegexp } from '../go/regexp.ts'
import { GoError } from '../go/value.ts'
import { type FieldType, objectFields } from '../k8s/field-types.ts'
import { isNull, keysOf, textOf, type YamlMap, type YamlNode, type YamlScalar } from '../yaml/node.ts'
import { resolveScalar } from '../yaml/resolve.ts'
import { below, elementPath, field, itemsOf, mapOf } from './objects.ts'

/** Something that a schema does not allow. */
export interface Violation {
  /** `unknown`: a field that the API server drops, or refuses where fields are checked; `value`: it refuses the object. */
  readonly is: 'unknown' | 'value'
  readonly node: YamlNode
  readonly path: string
  readonly message: string
  readonly hint?: string | undefined
}

/** Deeper than any object is. */
const maxDepth = 100

/** What the type of a field of Kubernetes' own does not allow. */
export function fieldViolations(node: YamlNode, type: FieldType): Violation[] {
  const found: Violation[] = []
  checkField(node, type, '', found, 0)
  return found
}

function checkField(node: YamlNode, type: FieldType, path: string, found: Violation[], depth: number): void {
  // A null counts as absent.
  if (isNull(node) || depth > maxDepth) return
  switch (type.is) {
    case 'anything':
      return
    case 'list':
      if (node.kind !== 'seq') {
        wrongType(node, 'a list', path, found)
        return
      }
      node.items.forEach((item, i) => {
        checkField(item, type.of, path + elementPath(item, i), found, depth + 1)
      })
      return
    case 'map':
      if (node.kind !== 'map') {
        wrongType(node, 'a map', path, found)
        return
      }
      for (const { key, value } of node.pairs) {
        checkField(value, type.of, below(path, textOf(key) ?? ''), found, depth + 1)
      }
      return
    case 'object': {
      const { fields, required } = objectFields(type.type)
      if (fields === undefined) return
      if (node.kind !== 'map') {
        wrongType(node, 'a map', path, found)
        return
      }
      checkRequired(node, required, path, found)
      for (const { key, value } of node.pairs) {
        const name = textOf(key) ?? ''
        const of = fields.get(name)
        if (of === undefined) unknownField(key, name, fields.keys(), path, found)
        else checkField(value, of, below(path, name), found, depth + 1)
      }
      return
    }
    default:
      checkScalar(node, type.is, path, found)
  }
}

function checkRequired(node: YamlMap, required: readonly string[], path: string, found: Violation[]): void {
  for (const name of required) {
    const value = node.get(name)
    if (value !== undefined && !isNull(value)) continue
    found.push({ is: 'value', node, path, message: `${name} is missing` })
  }
}

function unknownField(node: YamlNode, name: string, known: Iterable<string>, path: string, found: Violation[]): void {
  const near = nearest(name, known)
  const hint = near === undefined ? undefined : `did you mean "${near}"?`
  found.push({ is: 'unknown', node, path: below(path, name), message: `there is no field "${name}"`, hint })
}

/** A quantity: `500m`, `1.5Gi`, `1e3` (apimachinery's resource.ParseQuantity). */
const quantity = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+|[KMGTPE]i|[numkMGTPE])?$/
const base64 = /^[A-Za-z0-9+/\r\n]*={0,2}[\r\n]*$/

type ScalarType = Exclude<FieldType['is'], 'anything' | 'list' | 'map' | 'object'>

const words: Readonly<Record<ScalarType, string>> = {
  text: 'text',
  base64: 'text in base64',
  integer: 'an integer',
  number: 'a number',
  boolean: 'true or false',
  quantity: 'a quantity',
  'integer or text': 'an integer or text',
  time: 'a time',
}

function checkScalar(node: YamlNode, type: ScalarType, path: string, found: Violation[]): void {
  const is = typeOf(node)
  const bad = (hint?: string): void => wrongType(node, words[type], path, found, hint)
  switch (type) {
    case 'text':
      if (is !== 'text') bad(is === 'map' || is === 'list' ? undefined : 'put it in quotes')
      return
    case 'base64': {
      const value = is === 'text' ? (node as YamlScalar).value : '?'
      const isGood = base64.test(value) && value.replace(/[\r\n]/g, '').length % 4 === 0
      if (!isGood) bad('write it in base64, or under stringData as it is')
      return
    }
    case 'boolean':
      if (is !== 'boolean') bad(is === 'text' && isWord(node, /^(true|false)$/i) ? 'leave the quotes away' : undefined)
      return
    case 'integer':
      if (is !== 'integer') bad(is === 'text' && isWord(node, /^-?\d+$/) ? 'leave the quotes away' : undefined)
      return
    case 'number':
      if (is !== 'integer' && is !== 'number') bad()
      return
    case 'integer or text':
      if (is !== 'integer' && is !== 'text') bad()
      return
    case 'time':
      if (is !== 'text') bad()
      return
    case 'quantity':
      if (is === 'integer' || is === 'number') return
      if (is !== 'text' || !quantity.test((node as YamlScalar).value)) bad('500m, 2, 1.5Gi are quantities')
  }
}

function isWord(node: YamlNode, pattern: RegExp): boolean {
  return node.kind === 'scalar' && pattern.test(node.value)
}

type JsonType = 'map' | 'list' | 'text' | 'boolean' | 'integer' | 'number' | 'null'

/** What a node is in JSON. */
function typeOf(node: YamlNode): JsonType {
  if (node.kind === 'map') return 'map'
  if (node.kind === 'seq') return 'list'
  const { tag, value } = resolveScalar(node, 'sigs')
  if (tag === '!!bool') return 'boolean'
  if (tag === '!!int') return 'integer'
  // 2.0 is an integer to JSON schema, and 1e3 to Go's decoder of JSON is not: the stricter one is not ours to know.
  if (tag === '!!float') return Number.isInteger(value) ? 'integer' : 'number'
  return tag === '!!null' ? 'null' : 'text'
}

function wrongType(node: YamlNode, want: string, path: string, found: Violation[], hint?: string): void {
  found.push({ is: 'value', node, path, message: `must be ${want}, and is ${shown(node)}`, hint })
}

/** A node for a message: `the text "3"`, `a map`. */
function shown(node: YamlNode): string {
  const is = typeOf(node)
  if (node.kind !== 'scalar') return `a ${is}`
  if (is === 'null') return 'null'
  const text = node.value.length > 40 ? `${node.value.slice(0, 39)}…` : node.value
  if (is === 'text') return `the text ${JSON.stringify(text)}`
  return is === 'boolean' ? text : `the ${is} ${text}`
}

export interface CustomSchemaOptions {
  /** Fields that no schema knows are kept. */
  readonly keepsUnknown: boolean
}

/** What a schema of a CustomResourceDefinition does not allow in an object. */
export function customViolations(object: YamlMap, schema: YamlMap, { keepsUnknown }: CustomSchemaOptions): Violation[] {
  const found: Violation[] = []
  checkCustom(object, schema, '', found, { structural: !keepsUnknown, isObject: true, depth: 0 })
  return found
}

interface Place {
  /** Whether fields must be known: not below `anyOf` and its like, which only say more of known fields. */
  readonly structural: boolean
  /** An object with apiVersion, kind and metadata, whether or not the schema says so. */
  readonly isObject: boolean
  readonly depth: number
}

function checkCustom(node: YamlNode, schema: YamlMap, path: string, found: Violation[], place: Place): void {
  if (place.depth > maxDepth) return
  if (isNull(node)) {
    // Where null is not allowed it is dropped for the default, or refused: only what is required tells.
    return
  }
  const before = found.length
  if (isTrue(schema, 'x-kubernetes-int-or-string')) checkScalar(node, 'integer or text', path, found)
  else checkCustomType(node, textOf(schema.get('type')), path, found)
  // What is of another type has no further use.
  if (found.length > before) return
  const inner = { ...place, isObject: false, depth: place.depth + 1 }
  if (node.kind === 'map') checkCustomMap(node, schema, path, found, place)
  else if (node.kind === 'seq') {
    const of = mapOf(schema.get('items'))
    checkCount(node, node.items.length, schema, ['minItems', 'maxItems'], 'elements', path, found)
    if (of !== undefined) {
      node.items.forEach((item, i) => {
        checkCustom(item, of, path + elementPath(item, i), found, inner)
      })
    }
  } else checkCustomScalar(node, schema, path, found)
  checkAlternatives(node, schema, path, found, { ...place, structural: false })
}

function checkCustomType(node: YamlNode, type: string | undefined, path: string, found: Violation[]): void {
  switch (type) {
    case 'object':
      if (node.kind !== 'map') wrongType(node, 'a map', path, found)
      return
    case 'array':
      if (node.kind !== 'seq') wrongType(node, 'a list', path, found)
      return
    case 'string':
      checkScalar(node, 'text', path, found)
      return
    case 'integer':
    case 'number':
    case 'boolean':
      checkScalar(node, type, path, found)
  }
}

function checkCustomMap(node: YamlMap, schema: YamlMap, path: string, found: Violation[], place: Place): void {
  const properties = mapOf(schema.get('properties'))
  const others = schema.get('additionalProperties')
  const isObject = place.isObject || isTrue(schema, 'x-kubernetes-embedded-resource')
  const isOpen =
    !place.structural || isTrue(schema, 'x-kubernetes-preserve-unknown-fields') || textOf(others) === 'true'
  const inner = { ...place, isObject: false, depth: place.depth + 1 }
  checkCount(node, node.pairs.length, schema, ['minProperties', 'maxProperties'], 'fields', path, found)
  for (const { key, value } of node.pairs) {
    const name = textOf(key) ?? ''
    const of = mapOf(properties?.get(name)) ?? mapOf(others)
    if (isObject && ['apiVersion', 'kind', 'metadata'].includes(name)) {
      if (name === 'metadata')
        checkField(value, { is: 'object', type: 'ObjectMeta' }, below(path, name), found, place.depth)
    } else if (of !== undefined) checkCustom(value, of, below(path, name), found, inner)
    else if (!isOpen) unknownField(key, name, properties === undefined ? [] : keysOf(properties), path, found)
  }
  for (const name of itemsOf(schema.get('required')).flatMap(item => textOf(item) ?? [])) {
    const value = node.get(name)
    const of = mapOf(properties?.get(name))
    // A default stands in before anything is asked for; null is a value where it is allowed.
    const isThere = value !== undefined && (!isNull(value) || isTrue(of, 'nullable'))
    if (isThere || of?.has('default') === true) continue
    found.push({ is: 'value', node, path, message: `${name} is missing` })
  }
}

function checkCustomScalar(node: YamlScalar, schema: YamlMap, path: string, found: Violation[]): void {
  const is = typeOf(node)
  const wrong = (message: string, hint?: string): void => void found.push({ is: 'value', node, path, message, hint })
  const allowed = itemsOf(schema.get('enum')).flatMap(item => (item.kind === 'scalar' ? [item.value] : []))
  if (allowed.length > 0 && !allowed.includes(node.value)) {
    const near = nearest(node.value, allowed)
    wrong(
      `is ${shown(node)}, and must be ${listed(allowed)}`,
      near === undefined ? undefined : `did you mean "${near}"?`,
    )
  }
  if (is === 'text') {
    const pattern = textOf(schema.get('pattern'))
    if (pattern !== undefined && !fits(pattern, node.value)) wrong(`${shown(node)} does not match ${pattern}`)
    checkCount(node, [...node.value].length, schema, ['minLength', 'maxLength'], 'characters', path, found)
  } else if (is === 'integer' || is === 'number') {
    const value = Number(node.value)
    const least = numberOf(schema, 'minimum')
    const most = numberOf(schema, 'maximum')
    const above = isTrue(schema, 'exclusiveMinimum')
    const under = isTrue(schema, 'exclusiveMaximum')
    if (least !== undefined && (above ? value <= least : value < least)) {
      wrong(`is ${value}, and must be ${above ? 'more than' : 'at least'} ${least}`)
    }
    if (most !== undefined && (under ? value >= most : value > most)) {
      wrong(`is ${value}, and must be ${under ? 'less than' : 'at most'} ${most}`)
    }
  }
}

function checkAlternatives(node: YamlNode, schema: YamlMap, path: string, found: Violation[], place: Place): void {
  const violations = (alternative: YamlNode): Violation[] => {
    const own: Violation[] = []
    const of = mapOf(alternative)
    if (of !== undefined) checkCustom(node, of, path, own, { ...place, depth: place.depth + 1 })
    return own
  }
  for (const part of itemsOf(schema.get('allOf'))) found.push(...violations(part))
  const any = itemsOf(schema.get('anyOf')).map(violations)
  if (any.length > 0 && any.every(own => own.length > 0)) {
    found.push({ is: 'value', node, path, message: `fits none of what is allowed: ${reasons(any)}` })
  }
  const one = itemsOf(schema.get('oneOf')).map(violations)
  const fitting = one.filter(own => own.length === 0).length
  if (one.length > 0 && fitting === 0) {
    found.push({ is: 'value', node, path, message: `fits none of what is allowed: ${reasons(one)}` })
  } else if (fitting > 1) {
    found.push({ is: 'value', node, path, message: `fits ${fitting} of what only one may fit` })
  }
  const not = mapOf(schema.get('not'))
  // An empty `not` would forbid everything.
  if (not !== undefined && not.pairs.length > 0 && violations(not).length === 0) {
    found.push({ is: 'value', node, path, message: 'is what the schema says it must not be' })
  }
}

function reasons(alternatives: readonly (readonly Violation[])[]): string {
  return [...new Set(alternatives.map(([first]) => first!.message))].slice(0, 3).join('; or ')
}

function checkCount(
  node: YamlNode,
  count: number,
  schema: YamlMap,
  [least, most]: readonly [string, string],
  what: string,
  path: string,
  found: Violation[],
): void {
  const min = numberOf(schema, least)
  const max = numberOf(schema, most)
  if (min !== undefined && count < min) {
    found.push({ is: 'value', node, path, message: `has ${count} ${what}, and must have at least ${min}` })
  }
  if (max !== undefined && count > max) {
    found.push({ is: 'value', node, path, message: `has ${count} ${what}, and may have at most ${max}` })
  }
}

/** Compiled patterns; undefined for what RE2 refuses, which then no API server would have taken. */
const patterns = new Map<string, ((text: string) => boolean) | undefined>()

function fits(pattern: string, text: string): boolean {
  if (!patterns.has(pattern)) {
    try {
      const compiled = compileRegexp(pattern)
      patterns.set(pattern, value => compiled.matches(value))
    } catch (error) {
      if (!(error instanceof GoError)) throw error
      patterns.set(pattern, undefined)
    }
  }
  return patterns.get(pattern)?.(text) ?? true
}

function numberOf(schema: YamlMap, name: string): number | undefined {
  const text = textOf(schema.get(name))
  const value = Number(text)
  return text === undefined || Number.isNaN(value) ? undefined : value
}

function isTrue(schema: YamlMap | undefined, name: string): boolean {
  return textOf(field(schema, name)) === 'true'
}

function listed(values: readonly string[]): string {
  return values.length > 8 ? `one of ${values.slice(0, 8).join(', ')} …` : values.join(' or ')
}
