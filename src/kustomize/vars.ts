/**
 * `vars`: values of resources' fields put in place of `$(NAME)` (internal/accumulator, filters/refvar). Deprecated in
 * favour of replacements, and still in many trees.
 */
import { DecapodError } from '../errors.ts'
import { formatFloat, parseBool } from '../go/strconv.ts'
import { GoError } from '../go/value.ts'
import { positionOf, type YamlMap, type YamlNode, type YamlScalar } from '../yaml/node.ts'
import { resolveScalar } from '../yaml/resolve.ts'
import type { Budget } from './budget.ts'
import type { Context } from './context.ts'
import { during, fail } from './fail.ts'
import { splitBracketedPath } from './field-path.ts'
import { type FieldSpec, FieldSpecs } from './fieldspec.ts'
import type { VarFields } from './kustomization.ts'
import { lookup } from './node-path.ts'
import { isNull } from './nodes.ts'
import { formatGvk, type Gvk, parseApiVersion, ResId } from './resid.ts'
import type { ResMap } from './resmap.ts'

/** A var as the build knows it: names are unique, the field path is filled in. */
interface Var {
  readonly name: string
  readonly gvk: Gvk
  readonly fieldPath: string
}

/** The vars of a build by name. */
export type VarSet = Map<string, Var>

/**
 * Takes vars into a set and marks the resources they take their values from. KUSTOMIZATION_INVALID where a name is
 * taken or an object reference is ambiguous.
 */
export function mergeVars(map: ResMap, set: VarSet, incoming: readonly VarFields[]): void {
  during(`merging vars [${incoming.map(formatFields).join(' ')}]`, () => mergeInto(map, set, incoming))
}

/** The entry as Go prints the struct, before apiVersion is taken apart. */
function formatFields({ name = '', objref = {}, fieldref = {} }: VarFields): string {
  const { group = '', version = '', kind = '' } = objref
  return `{${name} ${formatGvk({ group, version, kind })} {${fieldref.fieldPath ?? ''}}}`
}

function mergeInto(map: ResMap, set: VarSet, incoming: readonly VarFields[]): void {
  const read = incoming.map(readVar)
  for (const { variable, id } of read) {
    const matched = id.namespace === '' ? map.withGvkn(id) : map.withId(id)
    if (matched.length > 1) {
      const message = `found ${matched.length} resId matches for var ${format(variable)} (unable to disambiguate)`
      fail('KUSTOMIZATION_INVALID', message, { hint: 'say which one with objref.namespace' })
    }
    matched[0]?.refVarNames.push(variable.name)
  }
  for (const { variable } of read) {
    if (set.has(variable.name)) fail('KUSTOMIZATION_INVALID', `var '${variable.name}' already encountered`)
    set.set(variable.name, { ...variable, fieldPath: variable.fieldPath || 'metadata.name' })
  }
}

function readVar(fields: VarFields): { variable: Var; id: ResId } {
  const { apiVersion = '', group = '', version = '', kind = '', name = '', namespace = '' } = fields.objref ?? {}
  const parts = apiVersion.split('/')
  const gvk: Gvk =
    apiVersion === '' || parts.length > 2
      ? { group, version, kind }
      : parts.length === 2
        ? { ...parseApiVersion(apiVersion), kind }
        : { group, version: apiVersion, kind }
  const variable = { name: fields.name ?? '', gvk, fieldPath: fields.fieldref?.fieldPath ?? '' }
  return { variable, id: new ResId(gvk, name, namespace) }
}

/** A var as Go prints the struct. */
function format(variable: Var): string {
  return `{${variable.name} ${formatGvk(variable.gvk)} {${variable.fieldPath}}}`
}

/** What a var stands for; a map or a list cannot be put into a text. */
type VarValue = string | number | bigint | boolean | { readonly type: string }

/**
 * Puts the values of vars in place of `$(NAME)` in the fields the specs name. KUSTOMIZATION_INVALID for a var without a
 * value; warns of vars that are used nowhere.
 */
export function resolveVars(
  map: ResMap,
  set: VarSet,
  specs: readonly FieldSpec[],
  { warn, budget }: Pick<Context, 'warn' | 'budget'>,
): void {
  if (set.size === 0) return
  const values = new Map<string, VarValue>()
  const sources = sourcesByVar(map)
  for (const variable of [...set.values()].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    values.set(variable.name, sourceValue(variable, sources.get(variable.name)))
  }
  const used = new Set<string>()
  const replace = (name: string): VarValue => {
    const value = values.get(name)
    if (value === undefined) return `$(${name})`
    if (typeof value === 'object') {
      warn(`MakePrimitiveReplacer: bad replacement type=${value.type} val=$(${name})`)
      return `$(${name})`
    }
    used.add(name)
    return value
  }
  const fields = new FieldSpecs(specs)
  for (const resource of map.resources) {
    if (resource.isEmpty) continue
    fields.apply(resource, { set: node => replaceIn(node, replace, budget) })
    resource.touched()
  }
  const unused = [...values.keys()].filter(name => !used.has(name))
  if (unused.length > 0) warn(`well-defined vars that were never replaced: ${unused.join(',')}`)
}

function sourcesByVar(map: ResMap): Map<string, YamlMap> {
  const out = new Map<string, YamlMap>()
  for (const resource of map.resources) {
    for (const name of resource.refVarNames) if (!out.has(name)) out.set(name, resource.node)
  }
  return out
}

/** The value of the field a var names, by the type of the scalar there (RNode.GetFieldValue). */
function sourceValue(variable: Var, source: YamlMap | undefined): VarValue {
  if (source === undefined) {
    const message = `var '${format(variable)}' cannot be mapped to a field in the set of known resources`
    return fail('KUSTOMIZATION_INVALID', message, {
      hint: 'objref must name a resource of this kustomization by its original name',
    })
  }
  const missing = (): never =>
    fail('KUSTOMIZATION_INVALID', `field specified in var '${format(variable)}' not found in corresponding resource`, {
      at: positionOf(source),
    })
  let node: YamlNode | undefined
  try {
    node = lookup(source, splitBracketedPath(variable.fieldPath, '.').flatMap(splitIndex))
  } catch (error) {
    if (error instanceof DecapodError) return missing()
    throw error
  }
  if (node === undefined) return missing()
  if (node.kind === 'map') return { type: 'map[string]interface {}' }
  if (node.kind === 'seq') return { type: '[]interface {}' }
  return scalarValue(node) ?? missing()
}

/** `ports[0]` as a field and a position. */
function splitIndex(part: string): string[] {
  const match = /^(.*)\[(\d+)\]$/.exec(part)
  if (match === null) return [part]
  return match[1] === '' ? [match[2]!] : [match[1]!, match[2]!]
}

/** Undefined where the text is not what strconv reads: hexadecimal integers, `.inf`. */
function scalarValue(node: YamlScalar): VarValue | undefined {
  const tag = tagOf(node)
  const { value } = node
  if (tag === '!!int') return /^[-+]?\d+$/.test(value) ? fitting(BigInt(value.replace('+', ''))) : undefined
  if (tag === '!!float') return Number(value.replaceAll('_', ''))
  if (tag !== '!!bool') return value
  try {
    return parseBool(value)
  } catch (error) {
    if (error instanceof GoError) return undefined
    throw error
  }
}

/** What Go's int holds; a larger number is no value. */
function fitting(value: bigint): bigint | undefined {
  return BigInt.asIntN(64, value) === value ? value : undefined
}

/** The tag of a scalar, found from its text where it has none. */
function tagOf(node: YamlScalar): string {
  try {
    return resolveScalar(node, 'v3').tag
  } catch (error) {
    if (error instanceof GoError) return node.tag ?? ''
    throw error
  }
}

function isString(node: YamlNode): boolean {
  return node.kind === 'scalar' && tagOf(node) === '!!str'
}

function replaceIn(node: YamlNode, replace: (name: string) => VarValue, budget: Budget): void {
  if (isNull(node)) return
  if (node.kind === 'scalar') {
    if (isString(node)) replaceScalar(node, replace, budget)
  } else if (node.kind === 'map') {
    for (const { key, value } of node.pairs) {
      if (!isString(key)) {
        const text = key.kind === 'scalar' ? key.value : ''
        fail('RESOURCE_INVALID', `invalid map key: value='${text}', tag='${key.kind === 'scalar' ? tagOf(key) : ''}'`)
      }
      if (isString(value)) replaceScalar(value as YamlScalar, replace, budget)
    }
  } else {
    for (const item of node.items) {
      if (!isString(item)) fail('RESOURCE_INVALID', 'invalid value type expect a string', { at: positionOf(item) })
      replaceScalar(item as YamlScalar, replace, budget)
    }
  }
}

function replaceScalar(node: YamlScalar, replace: (name: string) => VarValue, budget: Budget): void {
  if (!node.value.includes('$')) return
  const value = expandVars(node.value, replace, budget)
  node.style = 'plain'
  if (typeof value === 'string') {
    node.value = value
    node.tag = '!!str'
  } else if (typeof value === 'number') {
    node.value = formatFloat(value, 'f', -1)
    node.tag = '!!float'
  } else {
    node.value = String(value)
    node.tag = undefined
  }
}

/**
 * Replaces `$(NAME)`: a text that is nothing else becomes the value with its type; `$$` is a dollar sign, which protects
 * what follows; anything else after a dollar sign stays (filters/refvar/expand.go).
 */
export function expandVars(text: string, replace: (name: string) => VarValue, budget: Budget): VarValue {
  let out = ''
  let done = 0
  for (let at = 0; at < text.length; at++) {
    if (text[at] !== '$' || at + 1 >= text.length) continue
    out += text.slice(done, at)
    const next = text[at + 1]
    const close = next === '(' ? text.indexOf(')', at + 2) : -1
    if (close !== -1) {
      const name = text.slice(at + 2, close)
      const value = replace(name)
      if (text === `$(${name})`) return value
      const given = typeof value === 'number' ? goFloat(value) : String(value)
      if (given.length > 0) budget.text(given.length)
      out += given
      at = close
    } else {
      out += next === '$' ? '$' : `$${next}`
      at++
    }
    done = at + 1
  }
  return out + text.slice(done)
}

/** A float as Go's %v prints it. */
function goFloat(value: number): string {
  const exponent = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)))
  return exponent < -4 || exponent >= 21 ? formatFloat(value, 'e', -1) : formatFloat(value, 'f', -1)
}
