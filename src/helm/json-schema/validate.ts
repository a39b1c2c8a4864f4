/** Checking values against a compiled schema (santhosh-tekuri/jsonschema v6: validator.go). */
import { DecapodError } from '../../errors.ts'
import { formatValue } from '../../go/fmt.ts'
import { quote as goQuote } from '../../go/strconv.ts'
import type { GoValue } from '../../go/value.ts'
import type { Schema } from './compile.ts'
import {
  equals,
  type Instance,
  isInteger,
  isList,
  isMultiple,
  isObject,
  type JsonNumber,
  numberOf,
  typeOfInstance,
} from './json.ts'
import { amount, count, display, quote, quoteAll, type Violation } from './violation.ts'

/** Of one schema with one value: subschemas that name each other make few lines of a schema endless. */
const maxChecks = 1_000_000
let checks = 0

/** All violations of a schema by a value; none when it is valid. Throws DecapodError LIMIT_EXCEEDED. */
export function validate(schema: Schema, value: Instance): Violation[] {
  checks = 0
  const violation = new Validator(
    schema,
    value,
    undefined,
    undefined,
    0,
    unevaluatedOf(value, schema, false),
    false,
  ).run()
  return violation === undefined ? [] : flattened(violation)
}

/** What a group holds, or the violation itself. */
function flattened(violation: Violation): Violation[] {
  return violation.role === 'group' ? [...violation.causes] : [violation]
}

/** Properties and items that no subschema has looked at yet; undefined where nobody asks. */
interface Unevaluated {
  properties: Set<string> | undefined
  items: Set<number> | undefined
}

/** A key or index on the way to a value. Few values are at fault: only of those the way is written out. */
interface Step {
  readonly token: string
  readonly before: Step | undefined
}

const none: readonly never[] = []

/** A schema and a value. */
class Validator {
  readonly #schema: Schema
  readonly #value: Instance
  readonly #step: Step | undefined
  /** What led here: the schemas on the way show cycles and dynamic anchors. */
  readonly #parent: Validator | undefined
  /** Counts values on the way down: equal numbers are one value. */
  readonly #depth: number
  readonly #unevaluated: Unevaluated
  /** Only whether it is valid is asked: the first violation ends the work. */
  readonly #brief: boolean
  readonly #found: Violation[] = []

  constructor(
    schema: Schema,
    value: Instance,
    step: Step | undefined,
    parent: Validator | undefined,
    depth: number,
    unevaluated: Unevaluated,
    brief: boolean,
  ) {
    this.#schema = schema
    this.#value = value
    this.#step = step
    this.#parent = parent
    this.#depth = depth
    this.#unevaluated = unevaluated
    this.#brief = brief
  }

  get unevaluated(): Unevaluated {
    return this.#unevaluated
  }

  get #path(): readonly string[] {
    const path: string[] = []
    for (let at = this.#step; at !== undefined; at = at.before) path.push(at.token)
    return path.reverse()
  }

  run(): Violation | undefined {
    if (++checks > maxChecks) {
      throw new DecapodError(
        'LIMIT_EXCEEDED',
        `checking values against their schema takes more than ${maxChecks} steps`,
      )
    }
    const s = this.#schema
    const v = this.#value
    if (s.bool !== undefined) return s.bool ? undefined : this.#violation('false schema')
    const cycle = this.#cycle()
    if (cycle) {
      return this.#violation(
        `both ${s.location} and ${s.location} resolve to ${goQuote(s.location)} causing reference cycle`,
      )
    }
    const basic = this.#basics()
    if (basic !== undefined) return basic
    if (s.ref !== undefined) {
      const violation = this.#reference(s.ref)
      if (s.version < 2019) return violation
      if (violation !== undefined) this.#found.push(violation)
    }
    if (isObject(v)) this.#object(v as ReadonlyMap<string, Instance>)
    else if (isList(v)) this.#list(v as readonly Instance[])
    else if (typeof v === 'string') this.#string(v)
    else {
      const number = numberOf(v)
      if (number !== undefined) this.#number(number)
    }
    if (this.#found.length === 0 || !this.#brief) {
      if (s.version >= 2019) this.#dynamicReferences()
      this.#combinations()
      if (s.version >= 2019) this.#rest()
    }
    if (this.#found.length <= 1) return this.#found[0]
    return { path: this.#path, message: 'validation failed', causes: this.#found, role: 'group' }
  }

  /** type, const, enum and format: each alone ends the check. */
  #basics(): Violation | undefined {
    const s = this.#schema
    const v = this.#value
    const type = typeOfInstance(v)
    if (type === undefined) return this.#violation(`invalid jsonType ${typeof v === 'number' ? 'float64' : typeof v}`)
    if (s.types !== undefined && !s.types.includes(type)) {
      const number = numberOf(v)
      if (!(number !== undefined && s.types.includes('integer') && isInteger(number))) {
        return this.#violation(`got ${type}, want ${s.types.join(' or ')}`)
      }
    }
    if (s.constant !== undefined && !equals(v, s.constant.value)) {
      const { value } = s.constant
      const isPlain = !isList(value) && !isObject(value)
      return this.#violation(isPlain ? `value must be ${display(value)}` : "'const' failed")
    }
    const allowed = s.enumeration
    if (allowed !== undefined && !allowed.some(item => equals(v, item))) {
      if (allowed.some(item => isList(item) || isObject(item))) return this.#violation("'enum' failed")
      const list = allowed.map(display).join(', ')
      return this.#violation(allowed.length === 1 ? `value must be ${list}` : `value must be one of ${list}`)
    }
    if (s.format !== undefined && typeof v === 'string') {
      const reason = s.format.check(v)
      if (reason !== undefined) return this.#violation(`${display(v)} is not valid ${s.format.name}: ${reason}`)
    }
    return undefined
  }

  #object(object: ReadonlyMap<string, Instance>): void {
    const s = this.#schema
    const { size } = object
    if (s.minProperties !== undefined && size < s.minProperties) this.#range('minProperties', size, s.minProperties)
    if (s.maxProperties !== undefined && size > s.maxProperties) this.#range('maxProperties', size, s.maxProperties)
    const missing = (s.required ?? none).filter(name => !object.has(name))
    if (missing.length > 0) {
      this.#add(`missing ${missing.length === 1 ? 'property' : 'properties'} ${quoteAll(missing)}`)
    }
    if (this.#brief && this.#found.length > 0) return
    for (const [name, dependency] of s.dependencies ?? none) {
      if (!object.has(name)) continue
      if (isList(dependency)) this.#requireWith(object, name, dependency as readonly string[])
      else this.#addFound(this.#self(dependency as Schema))
    }
    this.#properties(object)
    if (s.propertyNames !== undefined) {
      for (const name of object.keys()) {
        const causes = validate(s.propertyNames, name)
        if (causes.length > 0) {
          this.#found.push({
            path: this.#path,
            message: `invalid propertyName ${quote(name)}`,
            causes,
            role: undefined,
          })
        }
      }
    }
    for (const [name, schema] of s.dependentSchemas ?? none) if (object.has(name)) this.#addFound(this.#self(schema))
    for (const [name, names] of s.dependentRequired ?? none) {
      if (object.has(name)) this.#requireWith(object, name, names)
    }
  }

  #properties(object: ReadonlyMap<string, Instance>): void {
    const s = this.#schema
    const extra: string[] = []
    for (const [name, value] of object) {
      if (this.#brief && this.#found.length > 0) return
      let evaluated = false
      const own = s.properties?.get(name)
      if (own !== undefined) {
        evaluated = true
        this.#addFound(this.#below(own, value, name))
      }
      for (const [pattern, schema] of s.patternProperties ?? none) {
        if (!pattern.matches(name)) continue
        evaluated = true
        this.#addFound(this.#below(schema, value, name))
      }
      if (!evaluated && s.additionalProperties !== undefined) {
        evaluated = true
        if (s.additionalProperties === false) extra.push(name)
        else if (s.additionalProperties !== true) this.#addFound(this.#below(s.additionalProperties, value, name))
      }
      if (evaluated) this.#unevaluated.properties?.delete(name)
    }
    if (extra.length > 0) this.#add(`additional properties ${quoteAll(extra)} not allowed`)
  }

  #requireWith(object: ReadonlyMap<string, Instance>, name: string, names: readonly string[]): void {
    const missing = names.filter(other => !object.has(other))
    if (missing.length > 0) this.#add(`properties ${quoteAll(missing)} required, if ${quote(name)} exists`)
  }

  #list(list: readonly Instance[]): void {
    const s = this.#schema
    const { length } = list
    if (s.minItems !== undefined && length < s.minItems) this.#range('minItems', length, s.minItems)
    if (s.maxItems !== undefined && length > s.maxItems) this.#range('maxItems', length, s.maxItems)
    if (s.uniqueItems === true) {
      const twins = firstTwins(list)
      if (twins !== undefined) this.#add(`items at ${count(twins[0])} and ${count(twins[1])} are equal`)
    }
    if (s.items !== undefined) {
      for (const [i, item] of list.entries()) this.#addFound(this.#below(s.items, item, String(i)))
    }
    const prefix = s.prefixItems ?? []
    const checked = Math.min(prefix.length, length)
    for (let i = 0; i < checked; i++) this.#addFound(this.#below(prefix[i]!, list[i]!, String(i)))
    if (s.restItems === false && checked < length) {
      this.#add(`last ${count(length - checked)} additionalItem(s) not allowed`)
    } else if (typeof s.restItems === 'object') {
      for (let i = checked; i < length; i++) this.#addFound(this.#below(s.restItems, list[i]!, String(i)))
    }
    if (s.contains !== undefined) this.#contains(s.contains, list)
  }

  #contains(schema: Schema, list: readonly Instance[]): void {
    const s = this.#schema
    const causes: Violation[] = []
    const matched: number[] = []
    for (const [i, item] of list.entries()) {
      const violation = this.#below(schema, item, String(i))
      if (violation !== undefined) causes.push(violation)
      else {
        matched.push(i)
        if (s.version >= 2020) this.#unevaluated.items?.delete(i)
      }
    }
    const found = (): string => `matched ${count(matched.length)} items at ${matched.join(' ')}`
    if (s.minContains !== undefined) {
      if (matched.length < s.minContains) {
        const instead = matched.length === 0 ? 'none matched' : found()
        this.#add(`min ${count(s.minContains)} items required to match contains schema, but ${instead}`, causes)
      }
    } else if (matched.length === 0) this.#add('no items match contains schema', causes)
    if (s.maxContains !== undefined && matched.length > s.maxContains) {
      this.#add(`max ${count(s.maxContains)} items required to match contains schema, but ${found()}`)
    }
  }

  #string(text: string): void {
    const s = this.#schema
    if (s.minLength !== undefined || s.maxLength !== undefined) {
      const length = [...text].length
      if (s.minLength !== undefined && length < s.minLength) this.#range('minLength', length, s.minLength)
      if (s.maxLength !== undefined && length > s.maxLength) this.#range('maxLength', length, s.maxLength)
    }
    if (s.pattern !== undefined && !s.pattern.matches(text)) {
      this.#add(`${quote(text)} does not match pattern ${quote(s.pattern.expr)}`)
    }
  }

  #number(number: JsonNumber): void {
    const s = this.#schema
    const compare = (
      keyword: 'minimum' | 'maximum' | 'exclusiveMinimum' | 'exclusiveMaximum',
      fits: (value: number, limit: number) => boolean,
    ): void => {
      const limit = s[keyword]
      if (limit === undefined || fits(number.value, limit.value)) return
      this.#add(`${keyword}: got ${amount(number)}, want ${amount(limit)}`)
    }
    compare('minimum', (value, limit) => value >= limit)
    compare('maximum', (value, limit) => value <= limit)
    compare('exclusiveMinimum', (value, limit) => value > limit)
    compare('exclusiveMaximum', (value, limit) => value < limit)
    if (s.multipleOf !== undefined && !isMultiple(number, s.multipleOf)) {
      this.#add(`multipleOf: got ${amount(number)}, want ${amount(s.multipleOf)}`)
    }
  }

  #combinations(): void {
    const s = this.#schema
    if (s.not !== undefined && this.#self(s.not, true) === undefined) this.#add("'not' failed")
    if (s.allOf !== undefined) {
      const causes: Violation[] = []
      for (const schema of s.allOf) {
        const violation = this.#self(schema)
        if (violation === undefined) continue
        causes.push(violation)
        if (this.#brief) break
      }
      if (causes.length > 0) this.#add("'allOf' failed", causes)
    }
    if (s.anyOf !== undefined) this.#anyOf(s.anyOf)
    if (s.oneOf !== undefined) this.#oneOf(s.oneOf)
    if (s.condition !== undefined) {
      const branch = this.#self(s.condition, true) === undefined ? s.thenSchema : s.elseSchema
      if (branch !== undefined) this.#addFound(this.#self(branch))
    }
  }

  #anyOf(schemas: readonly Schema[]): void {
    const causes: Violation[] = []
    let matched = false
    for (const schema of schemas) {
      const violation = this.#self(schema)
      if (violation !== undefined) causes.push(violation)
      else {
        matched = true
        // Every branch that matches may still look at properties of its own.
        if (isSettled(this.#unevaluated)) break
      }
    }
    if (!matched && schemas.length > 0) this.#add("'anyOf' failed", causes)
  }

  #oneOf(schemas: readonly Schema[]): void {
    const causes: Violation[] = []
    let matched = -1
    for (const [i, schema] of schemas.entries()) {
      const violation = this.#self(schema, matched !== -1)
      if (violation !== undefined) {
        if (matched === -1) causes.push(violation)
      } else if (matched === -1) matched = i
      else {
        this.#add(`'oneOf' failed, subschemas ${count(matched)}, ${count(i)} matched`)
        break
      }
    }
    if (matched === -1 && schemas.length > 0) this.#add("'oneOf' failed, none matched", causes)
  }

  /** What no other keyword has looked at. */
  #rest(): void {
    const s = this.#schema
    const { properties, items } = this.#unevaluated
    if (isObject(this.#value) && s.unevaluatedProperties !== undefined) {
      const object = this.#value as ReadonlyMap<string, Instance>
      for (const name of properties ?? []) {
        if (object.has(name)) this.#addFound(this.#below(s.unevaluatedProperties, object.get(name)!, name))
      }
      this.#unevaluated.properties = undefined
    }
    if (isList(this.#value) && s.unevaluatedItems !== undefined) {
      const list = this.#value as readonly Instance[]
      for (const i of items ?? []) this.#addFound(this.#below(s.unevaluatedItems, list[i]!, String(i)))
      this.#unevaluated.items = undefined
    }
  }

  #dynamicReferences(): void {
    const { recursiveRef, dynamicRef } = this.#schema
    if (recursiveRef !== undefined) {
      const target =
        recursiveRef.recursiveAnchor === true
          ? this.#outermost(s => (s.resource.recursiveAnchor ? s : undefined))
          : undefined
      this.#addFound(this.#reference(target ?? recursiveRef))
    }
    if (dynamicRef !== undefined) {
      const { schema, anchor } = dynamicRef
      const isDynamic = anchor !== '' && schema.dynamicAnchor === anchor
      const target = isDynamic ? this.#outermost(s => s.resource.dynamicAnchors.get(anchor)) : undefined
      this.#addFound(this.#reference(target ?? schema))
    }
  }

  #outermost(find: (schema: Schema) => Schema | undefined): Schema | undefined {
    let found: Schema | undefined
    for (let at: Validator | undefined = this; at !== undefined; at = at.#parent) found = find(at.#schema) ?? found
    return found
  }

  /** Whether this schema is already being applied to this very value. */
  #cycle(): boolean {
    for (let at = this.#parent; at !== undefined && at.#depth === this.#depth; at = at.#parent) {
      if (at.#schema === this.#schema) return true
    }
    return false
  }

  #reference(schema: Schema): Violation | undefined {
    const violation = this.#self(schema)
    if (violation === undefined) return undefined
    return { path: this.#path, message: 'validation failed', causes: flattened(violation), role: 'reference' }
  }

  /** Another schema for the same value. */
  #self(schema: Schema, brief = false): Violation | undefined {
    const asked = !isSettled(this.#unevaluated)
    const unevaluated = unevaluatedOf(this.#value, schema, asked)
    const isBrief = this.#brief || brief
    const inner = new Validator(schema, this.#value, this.#step, this, this.#depth, unevaluated, isBrief)
    const violation = inner.run()
    if (violation === undefined) keepCommon(this.#unevaluated, inner.unevaluated)
    return violation
  }

  /** A schema for a property or an item. */
  #below(schema: Schema, value: Instance, token: string): Violation | undefined {
    const step = { token, before: this.#step }
    const unevaluated = unevaluatedOf(value, schema, false)
    return new Validator(schema, value, step, this, this.#depth + 1, unevaluated, this.#brief).run()
  }

  #violation(message: string, causes: readonly Violation[] = []): Violation {
    return { path: this.#path, message, causes, role: undefined }
  }

  #add(message: string, causes: readonly Violation[] = []): void {
    this.#found.push(this.#violation(message, causes))
  }

  #addFound(violation: Violation | undefined): void {
    if (violation !== undefined) this.#found.push(violation)
  }

  #range(keyword: string, got: number, want: number): void {
    this.#add(`${keyword}: got ${count(got)}, want ${count(want)}`)
  }
}

function unevaluatedOf(value: Instance, schema: Schema, asked: boolean): Unevaluated {
  if (isObject(value)) {
    if (schema.additionalProperties !== undefined || !(asked || schema.unevaluatedProperties !== undefined))
      return settled
    return { items: undefined, properties: new Set((value as ReadonlyMap<string, unknown>).keys()) }
  }
  if (isList(value)) {
    const { length } = value as readonly unknown[]
    const from = schema.prefixItems?.length ?? 0
    const isComplete = schema.items !== undefined || schema.restItems !== undefined
    if (isComplete || !(asked || schema.unevaluatedItems !== undefined) || from >= length) return settled
    return { properties: undefined, items: new Set(Array.from({ length: length - from }, (_, i) => from + i)) }
  }
  return settled
}

/** Nothing to keep account of, as for most. */
const settled: Unevaluated = { properties: undefined, items: undefined }

function isSettled({ properties, items }: Unevaluated): boolean {
  return (properties?.size ?? 0) === 0 && (items?.size ?? 0) === 0
}

/** Leaves in `outer` only what `inner` has not evaluated either. */
function keepCommon(outer: Unevaluated, inner: Unevaluated): void {
  for (const name of outer.properties ?? []) if (!inner.properties?.has(name)) outer.properties!.delete(name)
  for (const i of outer.items ?? []) if (!inner.items?.has(i)) outer.items!.delete(i)
}

/** The first two equal items, as [earlier, later]; found by a key of their content, so that long lists stay cheap. */
function firstTwins(list: readonly Instance[]): [number, number] | undefined {
  const seen = new Map<string, number>()
  for (const [i, item] of list.entries()) {
    const key = contentKey(item)
    const twin = seen.get(key)
    if (twin !== undefined) return [twin, i]
    seen.set(key, i)
  }
  return undefined
}

function contentKey(value: Instance): string {
  const number = numberOf(value)
  if (number !== undefined) return `n${number.value}`
  if (typeof value === 'string') return JSON.stringify(value)
  if (isList(value)) return `[${(value as readonly Instance[]).map(contentKey).join()}]`
  if (value instanceof Map) {
    const entries = [...(value as ReadonlyMap<string, Instance>)].map(
      ([k, v]) => `${JSON.stringify(k)}:${contentKey(v)}`,
    )
    return `{${entries.sort().join()}}`
  }
  return formatValue(value as GoValue)
}
