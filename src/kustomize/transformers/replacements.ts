/**
 * `replacements`: a field of one resource, or a given text, copied to fields of others (filters/replacement). Sources
 * are selected by equal fields, targets by regular expressions; both by the names resources have and had.
 */
import { DecapodError } from '../../errors.ts'
import { GoError } from '../../go/value.ts'
import { cloneNode, positionOf, type YamlNode, YamlScalar } from '../../yaml/node.ts'
import { resolveScalar } from '../../yaml/resolve.ts'
import type { Budget } from '../budget.ts'
import type { Context, Transformer } from '../context.ts'
import { decodeJson, list } from '../decode.ts'
import { fail, rephrase } from '../fail.ts'
import { splitBracketedPath } from '../field-path.ts'
import { goJson, indentedJson } from '../go-json.ts'
import type {
  FieldOptions,
  Replacement,
  ReplacementField,
  SelectorFields,
  SourceSelector,
  TargetSelector,
} from '../kustomization.ts'
import { replacementType } from '../kustomization-fields.ts'
import { kyamlText } from '../kyaml-text.ts'
import { lookup, matchPath, type Place, parseText } from '../node-path.ts'
import { isNilOrEmpty, isNull, textOf } from '../nodes.ts'
import { decodeAt, readJson } from '../read-yaml.ts'
import { ResId } from '../resid.ts'
import type { ResMap } from '../resmap.ts'
import type { Resource } from '../resource.ts'
import { compileIdPattern, type IdPattern, labelMatcher } from '../selector.ts'

const defaultFieldPath = 'metadata.name'

/** Reads replacements that stand in files; the transformer applies all in order. */
export function replacementsTransformer(fields: readonly ReplacementField[], context: Context): Transformer {
  const replacements = fields.flatMap(field => readReplacements(field, context))
  return (map, { budget }) => {
    for (const replacement of replacements) replace(map, replacement, budget)
  }
}

/** An inline replacement, or those of a file: one, or a list. */
function readReplacements(field: ReplacementField, context: Context): Replacement[] {
  const { path = '' } = field
  if (path === '') return [field]
  if (field.source !== undefined || (field.targets ?? []).length > 0) {
    fail('REPLACEMENT_INVALID', 'cannot specify both path and inline replacement')
  }
  const file = context.loader.pathOf(path)
  const { data, node } = readJson(context.loader.readText(path), file)
  const options = { strict: false, coerce: true }
  if (node.kind === 'seq') return decodeAt(node, () => decodeJson(data, list(replacementType), options)) ?? []
  if (node.kind === 'map') return [decodeAt(node, () => decodeJson(data, replacementType, options)) ?? {}]
  const kind = isNull(node) ? 'invalid' : 'string'
  return fail('REPLACEMENT_INVALID', `unsupported replacement type encountered within replacement path: ${kind}`, {
    at: { file, line: 1 },
    hint: 'the file holds one replacement (source and targets) or a list of them',
  })
}

function replace(map: ResMap, replacement: Replacement, budget: Budget): void {
  const { source, sourceValue, targets } = replacement
  if ((source === undefined && sourceValue === undefined) || targets === undefined) {
    fail('REPLACEMENT_INVALID', 'replacements must specify a source and at least one target')
  }
  if (source !== undefined && sourceValue !== undefined) {
    fail('REPLACEMENT_INVALID', 'value and resource selectors are mutually exclusive')
  }
  const value = source === undefined ? new YamlScalar(sourceValue!) : readSource(map, source)
  for (const target of targets) replaceInTarget(map, value, target, budget)
}

function readSource(map: ResMap, source: SourceSelector): YamlNode {
  const resource = selectSource(map, source)
  const fieldPath = source.fieldPath || defaultFieldPath
  let value: YamlNode | undefined
  try {
    value = lookup(resource.node, splitBracketedPath(fieldPath, '.'))
  } catch (error) {
    if (!(error instanceof DecapodError)) throw error
    throw rephrase(error, `error looking up replacement source: ${error.message}`)
  }
  if (isNilOrEmpty(value)) {
    fail('REPLACEMENT_INVALID', `fieldPath \`${fieldPath}\` is missing for replacement source ${sourceId(source)}`, {
      at: positionOf(resource.node),
    })
  }
  return refine(value!, source.options)
}

function sourceId({ group = '', version = '', kind = '', name = '', namespace = '' }: SourceSelector): ResId {
  return new ResId({ group, version, kind }, name, namespace)
}

/** The one resource whose id, now or before, has the fields that are given. */
function selectSource(map: ResMap, source: SourceSelector): Resource {
  const id = sourceId(source)
  const candidates = id.name === '' ? map.resources : map.named(id.name)
  const found = candidates.filter(r => !r.isEmpty && r.unscopedIds().some(own => own.isSelectedBy(id)))
  if (found.length === 1) return found[0]!
  const shown = [`${id}`, source.fieldPath, formatOptions(source.options)].filter(Boolean).join(':')
  if (found.length === 0) {
    const hint = 'a source is selected by the names resources have before hashes are added; its fields are no patterns'
    return fail('REPLACEMENT_INVALID', `nothing selected by ${shown}`, { hint })
  }
  return fail('REPLACEMENT_INVALID', `multiple matches for selector ${shown}`, {
    notes: found.slice(0, 10).map(r => r.curId().toString()),
  })
}

function formatOptions(options: FieldOptions | undefined): string {
  if (options === undefined || (!options.delimiter && !options.create)) return ''
  return `${options.delimiter ?? ''}(${options.index ?? 0n}), create=${options.create ?? false}`
}

/** One part of a text that is cut by a delimiter. */
function refine(value: YamlNode, options: FieldOptions | undefined): YamlNode {
  if (!options?.delimiter) return value
  if (value.kind !== 'scalar') return fail('REPLACEMENT_INVALID', 'delimiter option can only be used with scalar nodes')
  const parts = value.value.split(options.delimiter)
  const index = Number(options.index ?? 0n)
  if (index < 0 || index >= parts.length) {
    fail('REPLACEMENT_INVALID', `options.index ${index} is out of bounds for value ${value.value}`, {
      at: positionOf(value),
      hint: `there are ${parts.length} parts, counted from 0`,
    })
  }
  const part = cloneNode(value)
  setText(part, parts[index]!)
  return part
}

/** Gives a scalar another text; what type it has stays as it is, so text that does not fit fails when it is printed. */
function setText(node: YamlScalar, text: string): void {
  if (node.tag === undefined && node.style === 'plain' && node.value !== text) node.tag = implicitTag(node)
  node.value = text
}

function implicitTag(node: YamlScalar): string | undefined {
  try {
    return resolveScalar(node, 'v3').tag
  } catch (error) {
    if (error instanceof GoError) return undefined
    throw error
  }
}

function replaceInTarget(map: ResMap, value: YamlNode, target: TargetSelector, budget: Budget): void {
  if (target.select === undefined) fail('REPLACEMENT_INVALID', 'target must specify resources to select')
  const paths = target.fieldPaths?.length ? target.fieldPaths : [defaultFieldPath]
  const pattern = compileIdPattern(target.select)
  const isLabelled = labelMatcher(target.select)
  const rejects = (target.reject ?? []).map(compileReject)
  const candidates = pattern.literalName === undefined ? map.resources : map.named(pattern.literalName)
  // The list is copied: a name that is replaced moves its resource in the index.
  for (const resource of [...candidates]) {
    if (resource.isEmpty) continue
    const ids = resource.unscopedIds()
    if (!ids.some(id => matchesId(pattern, id)) || !isLabelled(resource)) continue
    if (rejects.some(rejected => rejected(resource, ids))) continue
    budget.steps(paths.length)
    for (const path of paths) replaceField(resource, value, path, target.options, budget)
    resource.touched()
  }
}

function matchesId(pattern: IdPattern, id: ResId): boolean {
  return pattern.gvk(id) && pattern.name(id.name) && pattern.namespace(id.namespace)
}

/** A reject by labels alone and one by ids alone both count; one with both rejects by either. */
function compileReject(reject: SelectorFields): (resource: Resource, ids: readonly ResId[]) => boolean {
  const pattern = compileIdPattern(reject)
  const isLabelled = labelMatcher(reject)
  const byLabels = Boolean(reject.labelSelector) || Boolean(reject.annotationSelector)
  const byId = [reject.group, reject.version, reject.kind, reject.name, reject.namespace].some(Boolean)
  return (resource, ids) => (byLabels && isLabelled(resource)) || (byId && ids.some(id => matchesId(pattern, id)))
}

function replaceField(
  resource: Resource,
  value: YamlNode,
  path: string,
  options: FieldOptions | undefined,
  budget: Budget,
): void {
  const parts = splitBracketedPath(path, '.')
  const create = options?.create ? value.kind : undefined
  if (replaceInText(resource.node, value, parts, options, budget)) return
  let places: readonly Place[]
  try {
    places = matchPath(resource.node, parts, create)
  } catch (error) {
    if (!(error instanceof DecapodError)) throw error
    throw rephrase(error, `${notFound(path, create !== undefined)}: ${error.message}`, { at: at(resource, error) })
  }
  if (places.length === 0) {
    fail('REPLACEMENT_INVALID', notFound(path, create !== undefined), {
      at: positionOf(resource.node),
      hint: `${resource.curId()} has no such field${create === undefined ? '; with options.create it is made' : ''}`,
    })
  }
  for (const place of places) setPlace(place, value, options, budget)
}

function at(resource: Resource, error: DecapodError): ReturnType<typeof positionOf> {
  const own = error.at
  return own?.line === undefined
    ? positionOf(resource.node)
    : { file: own.file, line: own.line, column: own.column ?? 1 }
}

function notFound(path: string, create: boolean): string {
  return `unable to find ${create ? 'or create ' : ''}field ${JSON.stringify(path)} in replacement target`
}

/** Puts a value to a place: into a scalar as text, over anything else as it is. */
function setPlace(place: Place, value: YamlNode, options: FieldOptions | undefined, budget: Budget): void {
  const { node } = place
  let text = textOf(value)
  if (options?.delimiter) {
    if (node.kind !== 'scalar') fail('REPLACEMENT_INVALID', 'delimiter option can only be used with scalar nodes')
    budget.text(node.value.length + text.length + options.delimiter.length)
    text = join(node.value, isNull(value) ? '' : text, options.delimiter, Number(options.index ?? 0n))
  }
  if (node.kind === 'scalar') {
    // A scalar that was just made has no type yet; its text decides.
    if (node.source === undefined && node.style === 'plain' && node.tag === undefined) {
      node.value = text
    } else setText(node, text)
  } else if (options?.delimiter && value.kind === 'scalar') place.replace(new YamlScalar(text, value.style, value.tag))
  else {
    budget.copy(value)
    place.replace(cloneNode(value))
  }
}

/** A text whose part at an index is another; before the first and behind the last one it is added. */
function join(text: string, part: string, delimiter: string, index: number): string {
  const parts = text.split(delimiter)
  if (index < 0) parts.unshift(part)
  else if (index >= parts.length) parts.push(part)
  else parts[index] = part
  return parts.join(delimiter)
}

/**
 * Replaces inside a scalar that holds YAML or JSON, where the path leads into one: its text is read, edited and written
 * again, JSON as JSON. Returns false, having changed nothing, where the path does not lead there.
 */
function replaceInText(
  root: YamlNode,
  value: YamlNode,
  parts: readonly string[],
  options: FieldOptions | undefined,
  budget: Budget,
): boolean {
  const found = scalarHolding(root, parts)
  if (found === undefined) return false
  const { scalar, rest } = found
  try {
    const document = { node: found.document }
    const places = matchPath(document.node, rest, options?.create ? value.kind : undefined)
    if (places.length === 0) return false
    for (const place of places) setPlace(place, value, options, budget)
    setText(scalar, printLike(document.node, scalar.value))
    return true
  } catch (error) {
    // Kustomize tries the path as an ordinary one then, and reports what that finds.
    if (error instanceof DecapodError && error.code !== 'LIMIT_EXCEEDED') return false
    throw error
  }
}

/** The first scalar on a path that goes on behind it, with the document its text holds. */
function scalarHolding(
  root: YamlNode,
  parts: readonly string[],
): { scalar: YamlScalar; document: YamlNode; rest: readonly string[] } | undefined {
  for (let i = 1; i < parts.length; i++) {
    const scalar = tryOr(() => lookup(root, parts.slice(0, i)))
    if (scalar?.kind !== 'scalar') continue
    const document = tryOr(() => parseText(scalar.value))
    if (document !== undefined) return { scalar, document, rest: parts.slice(i) }
  }
  return undefined
}

function tryOr<T>(step: () => T): T | undefined {
  try {
    return step()
  } catch (error) {
    if (error instanceof DecapodError) return undefined
    throw error
  }
}

/** A document as text in the form it had: JSON on one line or indented, else YAML. */
function printLike(document: YamlNode, original: string): string {
  const first = original.trimStart()[0]
  if (first !== '{' && first !== '[') return kyamlText(document).trim()
  return original.includes('\n') && original.includes('  ') ? indentedJson(document) : goJson(document)
}
