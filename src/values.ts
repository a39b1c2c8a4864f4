/**
 * Site values: HelmValuesTransformer documents (`global`, `charts[].{name,base,source,override,remove}`) and what they do
 * to the values of HelmReleases. Works on YAML trees, so that every value keeps the place it was written at, and notes
 * on each node who set it, what it replaced and which variables were used (Origin).
 *
 * Maps merge; lists and scalars replace; a map replaces a scalar or a list; null is a value (Helm deletes the chart's
 * default); a scalar over a map is an error unless the map is named under `remove`. Written from scratch after what
 * kustomize-helm-transformer and helm2yaml do, without what they lose.
 */
import { DecapodError, DecapodErrors, nearest } from './errors.ts'
import { isNull, Variables, type VariableUse } from './variables.ts'
import {
  cloneNode,
  positionOf,
  stringScalar,
  YamlMap,
  type YamlNode,
  type YamlPair,
  type YamlScalar,
} from './yaml/node.ts'

/** The apiVersion and kind of a values document; the original's, so that its repositories work unchanged. */
export const valuesApiVersion = 'openinfradev.github.com/v1'
export const valuesKind = 'HelmValuesTransformer'

/** What a node of merged values remembers. Nodes of a base have none: their own place says where they come from. */
export interface Origin {
  /** The document that set the value. */
  readonly document?: ValuesDocument | undefined
  /** The variables that were put in. */
  readonly uses?: readonly VariableUse[] | undefined
  /** The value that lost, with an origin of its own. */
  readonly replaced?: YamlNode | undefined
  /** On a map: keys taken out of it by `remove`, with the entry that did it and the value that went. */
  readonly removed?: ReadonlyMap<string, { readonly entry: YamlNode; readonly value: YamlNode }> | undefined
}

/** The origin of a node of merged values; undefined for one that stands as its file wrote it. */
export function originOf(node: YamlNode): Origin | undefined {
  return node.origin as Origin | undefined
}

/** One HelmValuesTransformer document. */
export interface ValuesDocument {
  /** The file it stands in, as its reader names it. */
  readonly file: string | undefined
  readonly node: YamlMap
  readonly globals: ReadonlyMap<string, YamlNode>
  readonly charts: readonly ChartValues[]
  /** Style 2 only: render every release of the base, listed or not. */
  readonly all: boolean
}

/** One entry of `charts`: what is changed of one release. */
export interface ChartValues {
  readonly name: string
  readonly nameNode: YamlNode
  /** The release of the base this one is made from, where the names differ. */
  readonly base: string | undefined
  readonly source: YamlMap | undefined
  readonly override: YamlMap | undefined
  /** Paths taken out before `override` applies. */
  readonly remove: readonly YamlScalar[]
}

/**
 * What documents are read and applied with; one per composition (a site's group). Errors and warnings gather in it, so
 * that one run lists them all.
 */
export interface ValuesContext {
  /** Names defined outside the documents (site.yaml), looked up after a document's own … */
  readonly outer: ReadonlyMap<string, YamlNode>
  /** … or before them, for documents that only give defaults (those of the base). */
  readonly outerFirst: (document: ValuesDocument) => boolean
  /** Every document that was applied, in order. */
  readonly documents: ValuesDocument[]
  readonly errors: DecapodError[]
  readonly warnings: DecapodError[]
  /** Names of releases that an error concerns: rendering them would only repeat it in other words. */
  readonly failed: Set<string>
}

/** A context with nothing defined outside. */
export function valuesContext(given: Partial<Pick<ValuesContext, 'outer' | 'outerFirst'>> = {}): ValuesContext {
  return {
    outer: given.outer ?? new Map(),
    outerFirst: given.outerFirst ?? (() => false),
    documents: [],
    errors: [],
    warnings: [],
    failed: new Set(),
  }
}

/** Whether a node is a HelmRelease of a Flux API (helm.fluxcd.io or helm.toolkit.fluxcd.io). */
export function isHelmRelease(node: YamlNode): boolean {
  if (node.kind !== 'map' || textOf(node.get('kind')) !== 'HelmRelease') return false
  return /^helm\.(toolkit\.)?fluxcd\.io\//.test(textOf(node.get('apiVersion')) ?? '')
}

/**
 * Kustomize's builtin transformer: reads `config` and applies it to the HelmReleases among the resources. `releases`
 * are changed in place; what is returned are further releases, made by `base:`, to be added behind them. Without a
 * context errors are thrown (DecapodErrors: VALUES_INVALID, RELEASE_UNKNOWN, RELEASE_DUPLICATE, VARIABLE_UNDEFINED,
 * VARIABLE_INVALID); with one they gather there.
 */
export function transformReleases(config: YamlNode, releases: readonly YamlMap[], context?: ValuesContext): YamlMap[] {
  const used = context ?? valuesContext()
  const document = readValuesDocument(config, used)
  const added = document === undefined ? [] : applyValuesDocument(document, releases, used)
  if (context === undefined && used.errors.length > 0) throw asOne(used.errors)
  return added
}

/** Reads a values document and checks every field. Undefined when it is too broken to apply; errors are in the context. */
export function readValuesDocument(node: YamlNode, context: ValuesContext): ValuesDocument | undefined {
  if (node.kind !== 'map') {
    context.errors.push(invalid(`a ${valuesKind} is a map with global: and charts:`, node))
    return undefined
  }
  dropDuplicates(node, context)
  checkFields(node, ['apiVersion', 'kind', 'metadata', 'global', 'charts', 'all'], valuesKind, context)
  return {
    file: node.source?.file,
    node,
    globals: readGlobals(node.get('global'), context),
    charts: readCharts(node.get('charts'), context),
    all: textOf(node.get('all')) === 'true',
  }
}

function readGlobals(node: YamlNode | undefined, context: ValuesContext): Map<string, YamlNode> {
  const globals = new Map<string, YamlNode>()
  if (node === undefined || isNull(node)) return globals
  if (node.kind !== 'map') {
    context.errors.push(invalid('global: is a map of variable names to values', node))
    return globals
  }
  for (const { key, value } of node.pairs) globals.set((key as YamlScalar).value, value)
  return globals
}

function readCharts(node: YamlNode | undefined, context: ValuesContext): ChartValues[] {
  if (node === undefined || isNull(node)) return []
  if (node.kind !== 'seq') {
    context.errors.push(invalid('charts: is a list of releases (- name: …)', node))
    return []
  }
  const charts: ChartValues[] = []
  const seen = new Map<string, YamlNode>()
  for (const item of node.items) {
    const chart = readChart(item, context)
    if (chart === undefined) continue
    const first = seen.get(chart.name)
    if (first !== undefined) {
      const at = positionOf(first)
      context.errors.push(
        new DecapodError('RELEASE_DUPLICATE', `"${chart.name}" is listed twice under charts:`, {
          at: positionOf(chart.nameNode),
          notes: at === undefined ? [] : [`first listed at ${at.file}:${at.line}:${at.column}`],
          hint: 'put both overrides into one entry; to deploy a chart twice, give the second a name of its own and base:',
        }),
      )
      continue
    }
    seen.set(chart.name, chart.nameNode)
    charts.push(chart)
  }
  return charts
}

function readChart(node: YamlNode, context: ValuesContext): ChartValues | undefined {
  if (node.kind !== 'map') {
    context.errors.push(invalid('an entry of charts: is a map with a name', node))
    return undefined
  }
  checkFields(node, ['name', 'base', 'source', 'override', 'remove'], 'an entry of charts:', context)
  const nameNode = node.get('name')
  const name = textOf(nameNode)
  if (nameNode === undefined || name === undefined || name === '') {
    context.errors.push(invalid('an entry of charts: needs a name', nameNode ?? node))
    return undefined
  }
  return {
    name,
    nameNode,
    base: textOf(node.get('base')),
    source: mapField(node, 'source', context),
    override: mapField(node, 'override', context),
    remove: readRemove(node.get('remove'), context),
  }
}

function mapField(node: YamlMap, field: string, context: ValuesContext): YamlMap | undefined {
  const value = node.get(field)
  if (value === undefined || isNull(value)) return undefined
  if (value.kind === 'map') return value
  context.errors.push(invalid(`${field}: is a map`, value))
  return undefined
}

function readRemove(node: YamlNode | undefined, context: ValuesContext): YamlScalar[] {
  if (node === undefined || isNull(node)) return []
  if (node.kind === 'seq' && node.items.every(item => item.kind === 'scalar' && !isNull(item))) {
    return node.items as YamlScalar[]
  }
  context.errors.push(invalid('remove: is a list of paths', node, 'remove: [nodeSelector, server.extraArgs]'))
  return []
}

/**
 * Takes duplicate keys out of a document, at every depth: the last one counts, as in the parsers the original used, and
 * a warning names what is lost. Keys that are not text are errors.
 */
export function dropDuplicates(node: YamlNode, context: ValuesContext): void {
  if (node.kind === 'seq') for (const item of node.items) dropDuplicates(item, context)
  if (node.kind !== 'map') return
  const byKey = new Map<string, YamlPair>()
  for (const pair of node.pairs) {
    const { key } = pair
    dropDuplicates(pair.value, context)
    if (key.kind !== 'scalar') {
      context.errors.push(invalid('a key must be text', key))
      continue
    }
    const first = byKey.get(key.value)
    if (first !== undefined) {
      const at = positionOf(key)
      context.warnings.push(
        new DecapodError('VALUES_INVALID', `"${key.value}" is given twice; the first value is lost`, {
          at: positionOf(first.key),
          notes: at === undefined ? [] : [`the value that counts is at ${at.file}:${at.line}:${at.column}`],
        }),
      )
      byKey.delete(key.value)
    }
    byKey.set(key.value, pair)
  }
  if (byKey.size !== node.pairs.length) node.pairs = [...byKey.values()]
}

/**
 * Applies a document to releases: per entry of charts, `source` onto the chart, `remove` and `override` onto the values.
 * Changes releases in place and returns those made by `base:`. Errors gather in the context.
 */
export function applyValuesDocument(
  document: ValuesDocument,
  releases: readonly YamlMap[],
  context: ValuesContext,
): YamlMap[] {
  context.documents.push(document)
  const variables = documentVariables(document, context)
  const byName = new Map<string, YamlMap>()
  for (const release of releases) {
    const name = releaseName(release)
    if (name !== undefined) byName.set(name, release)
  }
  // A copy is made of what the document found, not of what an entry before it made of that.
  const copies = new Map<ChartValues, YamlMap>()
  for (const chart of document.charts) {
    const base = chart.base === undefined || chart.base === chart.name ? undefined : byName.get(chart.base)
    if (base !== undefined) copies.set(chart, renamed(base, chart))
  }
  const added: YamlMap[] = []
  for (const chart of document.charts) {
    let release = byName.get(chart.name)
    if (chart.base !== undefined && chart.base !== chart.name) {
      const copy = copies.get(chart)
      if (copy === undefined) {
        const message = `"${chart.name}" has base: "${chart.base}", which no HelmRelease is named`
        context.errors.push(unknownRelease(message, chart.base, chart.nameNode, byName.keys()))
        continue
      }
      if (release !== undefined) {
        context.errors.push(
          new DecapodError('RELEASE_DUPLICATE', `"${chart.name}" has a base: and is itself a release of the base`, {
            at: positionOf(chart.nameNode),
            hint: 'choose another name, or leave base: out',
          }),
        )
        continue
      }
      release = copy
      added.push(release)
    }
    if (release === undefined) {
      const message = `charts: names "${chart.name}", which no HelmRelease is named`
      context.errors.push(unknownRelease(message, chart.name, chart.nameNode, byName.keys()))
      continue
    }
    const before = context.errors.length + variables.problems
    applyChart(chart, release, document, variables, context)
    if (context.errors.length + variables.problems > before) context.failed.add(chart.name)
  }
  context.errors.push(...variables.errors())
  return added
}

/** The names a document sees: its own, then those outside; the other way round for defaults. */
function documentVariables(document: ValuesDocument, context: ValuesContext): Variables {
  const scopes = [document.globals, context.outer]
  return new Variables(context.outerFirst(document) ? scopes.reverse() : scopes)
}

/** metadata.name of a resource. */
export function releaseName(release: YamlMap): string | undefined {
  const metadata = release.get('metadata')
  return metadata?.kind === 'map' ? textOf(metadata.get('name')) : undefined
}

function unknownRelease(message: string, name: string, at: YamlNode, known: Iterable<string>): DecapodError {
  const names = [...known]
  const near = nearest(name, names)
  const list = names.length > 12 ? `${names.slice(0, 12).join(', ')} …` : names.join(', ')
  return new DecapodError('RELEASE_UNKNOWN', message, {
    at: positionOf(at),
    hint: near === undefined ? `the base has: ${list || 'no HelmRelease at all'}` : `did you mean "${near}"?`,
  })
}

/** A copy of a release under another name; `releaseName`, where the base has one, would make two releases one. */
function renamed(base: YamlMap, chart: ChartValues): YamlMap {
  const copy = cloneNode(base)
  const metadata = copy.get('metadata')
  if (metadata?.kind === 'map') metadata.set('name', stringScalar(chart.name))
  const spec = copy.get('spec')
  if (spec?.kind === 'map') spec.delete('releaseName')
  return copy
}

function applyChart(
  chart: ChartValues,
  release: YamlMap,
  document: ValuesDocument,
  variables: Variables,
  context: ValuesContext,
): void {
  const spec = release.get('spec')
  if (spec?.kind !== 'map') {
    context.errors.push(
      new DecapodError('RESOURCE_INVALID', `HelmRelease "${chart.name}" has no spec`, { at: positionOf(release) }),
    )
    return
  }
  if (chart.source !== undefined) applySource(chart.source, spec, document, variables, context)
  if (chart.override === undefined && chart.remove.length === 0) return
  let values = spec.get('values')
  if (values === undefined || isNull(values)) {
    values = new YamlMap()
    values.origin = { document } satisfies Origin
    spec.set('values', values)
  }
  if (values.kind !== 'map') {
    context.errors.push(invalid(`spec.values of "${chart.name}" is not a map`, values))
    return
  }
  const merge = new Merge(document, variables, context)
  for (const path of chart.remove) merge.remove(values, path)
  if (chart.override !== undefined) merge.override(values, chart.override)
}

/** The fields of a chart's source that a site may set, for both Flux APIs. */
const sourceFields = ['repository', 'name', 'version', 'type', 'git', 'path', 'ref']

function applySource(
  source: YamlMap,
  spec: YamlMap,
  document: ValuesDocument,
  variables: Variables,
  context: ValuesContext,
): void {
  checkFields(source, sourceFields, 'source:', context)
  let chart = spec.get('chart')
  if (chart?.kind !== 'map') spec.set('chart', (chart = new YamlMap()))
  // helm.toolkit.fluxcd.io keeps the source one level deeper and calls the chart's name `chart`.
  const nested = chart.kind === 'map' ? chart.get('spec') : undefined
  const target = nested?.kind === 'map' ? nested : (chart as YamlMap)
  for (const { key, value } of source.pairs) {
    const name = (key as YamlScalar).value
    const field = nested !== undefined && name === 'name' ? 'chart' : name
    const expanded = variables.expand(value, uses => ({ document, uses }) satisfies Origin)
    const replaced = target.get(field)
    expanded.origin = { ...originOf(expanded), document, replaced } satisfies Origin
    target.set(field, expanded)
  }
}

/** Maps with more keys than this get an index while a document is merged into them. */
const indexFrom = 16

/** One document's override of one release's values. */
class Merge {
  private readonly document: ValuesDocument
  private readonly variables: Variables
  private readonly context: ValuesContext
  /** What a node set without variables gets: one object for all of them. */
  private readonly plain: Origin
  private readonly indexes = new Map<YamlMap, Map<string, YamlPair>>()

  constructor(document: ValuesDocument, variables: Variables, context: ValuesContext) {
    this.document = document
    this.variables = variables
    this.context = context
    this.plain = { document }
  }

  /** Every key of an override is a path; they apply in the order written. */
  override(values: YamlMap, override: YamlMap): void {
    for (const { key: keyNode, value } of override.pairs) {
      const key = (keyNode as YamlScalar).value
      const path = splitPath(key)
      if (path.some(part => part === '')) {
        this.context.errors.push(
          invalid(`"${key}" is not a path: a part of it is empty`, keyNode, 'a literal dot is written \\.'),
        )
        continue
      }
      const parent = this.descend(values, path, keyNode)
      if (parent === undefined) continue
      const expanded = this.variables.expand(value, uses =>
        uses === undefined ? this.plain : ({ document: this.document, uses } satisfies Origin),
      )
      this.put(parent, path.at(-1)!, keyNode, expanded, key)
    }
  }

  /** The map that holds the last part of a path, made where it is missing. */
  private descend(values: YamlMap, path: readonly string[], keyNode: YamlNode): YamlMap | undefined {
    let map = values
    for (let i = 0; i < path.length - 1; i++) {
      const part = path[i]!
      const pair = this.find(map, part)
      if (pair?.value.kind === 'map') {
        map = pair.value
        continue
      }
      // What this document itself has just set is not to be lost to a path below it; a base's scalar gives way.
      if (pair !== undefined && originOf(pair.value)?.document === this.document) {
        const at = positionOf(pair.value)
        this.context.errors.push(
          invalid(
            `"${path.slice(0, i + 1).join('.')}" is set to ${describe(pair.value)} here and cannot hold "${path[i + 1]}"`,
            keyNode,
            undefined,
            [at === undefined ? '' : `set at ${at.file}:${at.line}:${at.column}`],
          ),
        )
        return undefined
      }
      const made = new YamlMap([], keyNode.source, keyNode.offset)
      made.origin = { document: this.document, replaced: pair?.value } satisfies Origin
      if (pair === undefined) this.append(map, stringScalar(part), made)
      else pair.value = made
      map = made
    }
    return map
  }

  /** Merges `value` under a key of `map`. */
  private put(map: YamlMap, key: string, keyNode: YamlNode, value: YamlNode, path: string): void {
    const pair = this.find(map, key)
    if (pair === undefined) {
      this.append(
        map,
        keyNode.kind === 'scalar' && keyNode.value === key ? cloneNode(keyNode) : stringScalar(key),
        value,
      )
      return
    }
    const old = pair.value
    if (old.kind === 'map' && value.kind === 'map') {
      for (const child of value.pairs) {
        const name = (child.key as YamlScalar).value
        this.put(old, name, child.key, child.value, `${path}.${escapePart(name)}`)
      }
      return
    }
    if (old.kind === 'map' && old.pairs.length > 0 && !isNull(value)) {
      const at = positionOf(old.pairs[0]!.key)
      this.context.errors.push(
        invalid(
          `"${path}" is a map; ${describe(value)} would replace all of it`,
          value,
          `if that is meant, add "${path}" under remove:`,
          [at === undefined ? '' : `the map is at ${at.file}:${at.line}:${at.column}`],
        ),
      )
      return
    }
    value.origin = { ...originOf(value), replaced: old } satisfies Origin
    pair.value = value
  }

  /** Takes a path out. One that is not there is an error: it has no effect and is most likely a slip. */
  remove(values: YamlMap, entry: YamlScalar): void {
    const path = splitPath(entry.value)
    let map = values
    for (const [i, part] of path.entries()) {
      const child = map.get(part)
      const last = i === path.length - 1
      if (child === undefined || (!last && child.kind !== 'map')) {
        const near = nearest(part, keysOf(map))
        this.context.errors.push(
          invalid(
            `nothing to remove at "${entry.value}"`,
            entry,
            near === undefined
              ? undefined
              : `did you mean "${[...path.slice(0, i), near, ...path.slice(i + 1)].map(escapePart).join('.')}"?`,
          ),
        )
        return
      }
      if (!last) {
        map = child as YamlMap
        continue
      }
      map.delete(part)
      const before = originOf(map)
      const removed = new Map(before?.removed).set(part, { entry, value: child })
      map.origin = { ...before, removed } satisfies Origin
    }
  }

  private find(map: YamlMap, key: string): YamlPair | undefined {
    if (map.pairs.length <= indexFrom) {
      for (let i = map.pairs.length - 1; i >= 0; i--) {
        const { key: node } = map.pairs[i]!
        if (node.kind === 'scalar' && node.value === key) return map.pairs[i]
      }
      return undefined
    }
    let index = this.indexes.get(map)
    if (index === undefined) {
      index = new Map()
      for (const pair of map.pairs) if (pair.key.kind === 'scalar') index.set(pair.key.value, pair)
      this.indexes.set(map, index)
    }
    return index.get(key)
  }

  private append(map: YamlMap, key: YamlScalar, value: YamlNode): void {
    const pair = { key, value }
    map.pairs.push(pair)
    this.indexes.get(map)?.set(key.value, pair)
  }
}

/**
 * The last step of composition: expands the variables in what no document has set, the release's own values and fields
 * as the base wrote them, with the names of all documents (the last one first) and those outside. Changes in place.
 */
export function expandReleases(releases: readonly YamlMap[], context: ValuesContext): void {
  const scopes = context.documents.map(document => document.globals).reverse()
  // Between the site's own documents and the base's defaults, as for the documents themselves.
  const defaults = context.documents.filter(document => context.outerFirst(document)).length
  scopes.splice(scopes.length - defaults, 0, context.outer)
  const variables = new Variables(scopes)
  for (const release of releases) {
    const spec = release.get('spec')
    if (spec?.kind !== 'map') continue
    const before = variables.problems
    for (const pair of spec.pairs) {
      // Patches are text of another language; what they contain is theirs.
      if (pair.key.kind === 'scalar' && pair.key.value !== 'postRenderers') expandPair(pair, variables)
    }
    if (variables.problems > before) context.failed.add(releaseName(release) ?? '')
  }
  context.errors.push(...variables.errors())
}

function expandPair(holder: { value: YamlNode }, variables: Variables): void {
  const node = holder.value
  if (node.kind === 'map') {
    for (const pair of node.pairs) expandPair(pair, variables)
  } else if (node.kind === 'seq') {
    // A list is set as a whole: its items are all the document's or all the base's.
    if (originOf(node)?.document !== undefined) return
    for (const [i, item] of node.items.entries()) {
      const slot = { value: item }
      expandPair(slot, variables)
      node.items[i] = slot.value
    }
  } else if (node.value.includes('$(') && originOf(node)?.document === undefined) {
    holder.value = variables.expand(node, uses => ({ ...originOf(node), uses }) satisfies Origin)
  }
}

/** Splits an override's key at its dots; `\.` is a literal dot, any other backslash is itself. */
export function splitPath(key: string): string[] {
  if (!key.includes('\\.')) return key.split('.')
  const parts: string[] = []
  let part = ''
  for (let i = 0; i < key.length; i++) {
    if (key[i] === '\\' && key[i + 1] === '.') {
      part += '.'
      i++
    } else if (key[i] === '.') {
      parts.push(part)
      part = ''
    } else part += key[i]
  }
  parts.push(part)
  return parts
}

/** Writes path parts as an override's key. */
export function joinParts(parts: readonly string[]): string {
  return parts.map(escapePart).join('.')
}

function escapePart(part: string): string {
  return part.replaceAll('.', '\\.')
}

/** The text of a scalar that is not null. */
export function textOf(node: YamlNode | undefined): string | undefined {
  return node?.kind === 'scalar' && !isNull(node) ? node.value : undefined
}

/** The text keys of a map. */
export function keysOf(map: YamlMap): string[] {
  return map.pairs.flatMap(pair => (pair.key.kind === 'scalar' ? [pair.key.value] : []))
}

/** Several errors as one thing to throw. */
export function asOne(errors: readonly DecapodError[]): Error {
  return errors.length === 1 ? errors[0]! : new DecapodErrors(errors)
}

function checkFields(node: YamlMap, known: readonly string[], of: string, context: ValuesContext): void {
  for (const { key } of node.pairs) {
    if (key.kind === 'scalar' && known.includes(key.value)) continue
    const name = key.kind === 'scalar' ? key.value : 'this key'
    const near = nearest(name, known)
    context.errors.push(
      invalid(
        `"${name}" is no field of ${of}`,
        key,
        near === undefined ? `its fields are ${known.join(', ')}` : `did you mean "${near}"?`,
      ),
    )
  }
}

function describe(node: YamlNode): string {
  if (node.kind === 'map') return 'a map'
  if (node.kind === 'seq') return 'a list'
  if (isNull(node)) return 'null'
  return JSON.stringify(node.value.length > 40 ? `${node.value.slice(0, 40)}…` : node.value)
}

function invalid(message: string, node: YamlNode, hint?: string, notes: readonly string[] = []): DecapodError {
  return new DecapodError('VALUES_INVALID', message, { at: positionOf(node), hint, notes: notes.filter(n => n !== '') })
}
