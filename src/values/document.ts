/** HelmValuesTransformer documents (`global`, `charts[].{name,base,source,override,remove}`), as files give them. */
import { DecapodError, nearest } from '../errors.ts'
import {
  isNull,
  positionOf,
  textOf,
  type YamlMap,
  type YamlNode,
  type YamlPair,
  type YamlScalar,
} from '../yaml/node.ts'
import { invalid, type ValuesContext } from './context.ts'

/** The apiVersion and kind of a values document; the original's, so that its repositories work unchanged. */
export const valuesApiVersion = 'openinfradev.github.com/v1'
export const valuesKind = 'HelmValuesTransformer'

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

/** Reports each key of `node` that is not among `known`, with the nearest name. */
export function checkFields(node: YamlMap, known: readonly string[], of: string, context: ValuesContext): void {
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
