/**
 * What HelmValuesTransformer documents do to the values of HelmReleases. Works on YAML trees, so that every value keeps
 * the place it was written at, and notes on each node who set it, what it replaced and which variables were used
 * (Origin).
 *
 * Maps merge; lists and scalars replace; a map replaces a scalar or a list; null is a value (Helm deletes the chart's
 * default); a scalar over a map is an error unless the map is named under `remove`. Written from scratch after what
 * kustomize-helm-transformer and helm2yaml do, without what they lose.
 */
import { DecapodError, nearest } from '../errors.ts'
import { cloneNode, isNull, positionOf, stringScalar, YamlMap, type YamlNode, type YamlScalar } from '../yaml/node.ts'
import { asOne, invalid, type ValuesContext, valuesContext } from './context.ts'
import { type ChartValues, checkFields, readValuesDocument, type ValuesDocument } from './document.ts'
import { Merge } from './merge.ts'
import { type Origin, originOf } from './origin.ts'
import { releaseName } from './releases.ts'
import { Variables } from './variables.ts'

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
