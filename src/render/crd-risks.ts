/** What a changed CustomResourceDefinition does to the custom resources that are there: what no longer fits or is lost. */
import type { GoValue } from '../go/value.ts'
import { isList, isMap, sameValue } from './same-value.ts'

type Value = ReadonlyMap<string, GoValue>

/** No more reasons than this are looked for; a reader sees fewer. */
const mostReasons = 50
/** Schemas are not deeper than this, whatever a file says. */
const deepest = 100

/**
 * Why custom resources may no longer be served, valid or whole: a version that goes or is no longer served, another one
 * that is stored, fields that are new among the required, gone, of another type, or allow less. Empty where the change
 * only allows more.
 */
export function crdReasons(before: Value, after: Value): string[] {
  const reasons: string[] = []
  const [old, now] = [versionsOf(before), versionsOf(after)]
  for (const [name, was] of old) {
    const is = now.get(name)
    if (is === undefined) reasons.push(`version ${name} goes away`)
    else {
      if (was.get('served') === true && is.get('served') !== true) reasons.push(`version ${name} is no longer served`)
      if (is.get('storage') === true && was.get('storage') !== true)
        reasons.push(`version ${name} is stored from now on`)
      tightened(schemaOf(was), schemaOf(is), old.size > 1 ? `${name}: ` : '', '', reasons, 0)
    }
  }
  // What is lost or refused for certain, then what may be.
  const isCertain = (reason: string): boolean =>
    /( goes away|no longer served|from now on| is gone| needs .* now|, was )/.test(reason)
  return [...reasons.filter(isCertain), ...reasons.filter(reason => !isCertain(reason))]
}

function versionsOf(crd: Value): Map<string, Value> {
  const spec = crd.get('spec')
  const versions = isMap(spec) ? spec.get('versions') : undefined
  const named = new Map<string, Value>()
  for (const version of isList(versions) ? versions : []) {
    if (isMap(version)) named.set(String(version.get('name')), version)
  }
  return named
}

function schemaOf(version: Value): Value {
  const schema = version.get('schema')
  const openApi = isMap(schema) ? schema.get('openAPIV3Schema') : undefined
  return isMap(openApi) ? openApi : new Map()
}

/** Bounds of values, and whether a larger one allows less. */
const bounds: readonly [field: string, largerIsTighter: boolean][] = [
  ['minimum', true],
  ['minLength', true],
  ['minItems', true],
  ['minProperties', true],
  ['maximum', false],
  ['maxLength', false],
  ['maxItems', false],
  ['maxProperties', false],
]

/** Where `after` refuses, or prunes, what `before` takes. `path` names the field; `where` goes before it. */
function tightened(before: Value, after: Value, where: string, path: string, reasons: string[], depth: number): void {
  if (depth > deepest || reasons.length >= mostReasons || sameValue(before, after)) return
  const note = (what: string): void => void reasons.push(`${where}${path === '' ? 'the object' : path} ${what}`)
  const [was, is] = [before.get('type'), after.get('type')]
  if (is !== undefined && was !== undefined && is !== was) note(`is ${shown(is)}, was ${shown(was)}`)
  if (before.get('nullable') === true && after.get('nullable') !== true) note('may no longer be null')
  if (before.get(preserve) === true && after.get(preserve) !== true)
    note('loses the fields that its schema does not name')
  for (const name of missingIn(before.get('required'), after.get('required'))) {
    note(`needs ${shown(name)} now`)
  }
  const [values, allowed] = [before.get('enum'), after.get('enum')]
  if (isList(allowed) && (!isList(values) || missingIn(allowed, values).length > 0)) note('allows fewer values')
  for (const field of ['pattern', 'format', 'multipleOf'] as const) {
    const rule = after.get(field)
    if (rule !== undefined && !sameValue(before.get(field), rule)) note(`must fit another ${field}`)
  }
  for (const [field, largerIsTighter] of bounds) {
    const [old, now] = [before.get(field), after.get(field)]
    if (now === undefined || sameValue(old, now)) continue
    if (old === undefined || Number(now) > Number(old) === largerIsTighter) note(`has another ${field}: ${shown(now)}`)
  }
  if (missingIn(rulesOf(before), rulesOf(after)).length > 0) note('has further validation rules')
  inner(before, after, where, path, reasons, depth)
}

const preserve = 'x-kubernetes-preserve-unknown-fields'

function inner(before: Value, after: Value, where: string, path: string, reasons: string[], depth: number): void {
  const [old, now] = [mapOf(before.get('properties')), mapOf(after.get('properties'))]
  for (const [name, schema] of old) {
    const field = path === '' ? name : `${path}.${name}`
    const next = now.get(name)
    if (next !== undefined) tightened(mapOf(schema), mapOf(next), where, field, reasons, depth + 1)
    else if (after.get(preserve) !== true && reasons.length < mostReasons) reasons.push(`${where}${field} is gone`)
  }
  for (const [field, mark] of [
    ['items', '[]'],
    ['additionalProperties', '.*'],
  ] as const) {
    const [was, is] = [before.get(field), after.get(field)]
    if (isMap(was) && isMap(is)) tightened(was, is, where, `${path}${mark}`, reasons, depth + 1)
  }
}

function rulesOf(schema: Value): GoValue {
  const rules = schema.get('x-kubernetes-validations')
  return isList(rules) ? rules.map(rule => (isMap(rule) ? (rule.get('rule') ?? '') : rule)) : []
}

function mapOf(value: GoValue | undefined): Value {
  return isMap(value) ? value : new Map()
}

/** The texts and numbers of `after` that `before` lacks. */
function missingIn(before: GoValue | undefined, after: GoValue | undefined): readonly GoValue[] {
  const known = new Set((isList(before) ? before : []).map(shown))
  return (isList(after) ? after : []).filter(item => !known.has(shown(item)))
}

function shown(value: GoValue): string {
  return isMap(value) || isList(value) ? '…' : String(value)
}
