/**
 * HelmRelease objects (helm.fluxcd.io/v1 and helm.toolkit.fluxcd.io/v2) and Flux Kustomizations as decapod renders them:
 * where the chart comes from, under which name and namespace, after what. Nothing here reads the chart.
 */

import { DecapodError, nearest, type Position } from '../errors.ts'
import { formatSource, type Source } from '../source.ts'
import { isHelmRelease, releaseName } from '../values/releases.ts'
import { isNull, positionOf, textOf, YamlMap, type YamlNode } from '../yaml/node.ts'

/** Where a chart is to be had: a source (fetched and locked), or a directory or archive of the workspace. */
export type ChartRequest = Source | ChartPath

export interface ChartPath {
  readonly kind: 'path'
  /** Relative to the group's directory in the base. */
  readonly path: string
}

/** A chart for people: "thanos 3.4.0 of https://…". */
export function formatChartRequest(request: ChartRequest): string {
  switch (request.kind) {
    case 'helm':
      return `${request.chart} ${request.version || '(newest)'} of ${request.repository}`
    case 'oci':
      return `${request.repository} ${request.version || '(newest)'}`
    case 'path':
      return request.path
    default:
      return formatSource(request)
  }
}

export interface Release {
  /** metadata.name: the app, and the name of its directory in the output. */
  readonly app: string
  /** `.Release.Name`. */
  readonly name: string
  readonly namespace: string
  readonly chart: ChartRequest
  readonly values: YamlMap | undefined
  /** Apps that come first: `app`, or `group/app`. */
  readonly dependsOn: readonly string[]
  /** spec.postRenderers[].kustomize, each the fields of a kustomization. */
  readonly postRenderers: readonly YamlMap[]
  /** The twin of a release of the same chart, for the chart's crds/ alone (the original's convention). */
  readonly crdsOnly: boolean
  readonly node: YamlMap
  readonly at: Position | undefined
  readonly chartAt: Position | undefined
}

/** A Flux Kustomization (kustomize.toolkit.fluxcd.io): a directory of the group, built by Kustomize, as an app. */
export interface KustomizationApp {
  readonly app: string
  /** Relative to the group's directory in the base. */
  readonly path: string
  readonly targetNamespace: string | undefined
  readonly dependsOn: readonly string[]
  /** What of its fields are a kustomization's own: patches, images, components, namePrefix, nameSuffix. */
  readonly fields: YamlMap
  readonly at: Position | undefined
}

/** The objects of a composed group, told apart. */
export interface GroupObjects {
  readonly releases: readonly Release[]
  readonly kustomizations: readonly KustomizationApp[]
  /** Sources that releases refer to; they are configuration of the render, not objects to deploy. */
  readonly sources: ReadonlyMap<string, YamlMap>
  /** Everything else: objects as they are. */
  readonly rest: readonly YamlMap[]
}

const fluxSource = /^source\.toolkit\.fluxcd\.io\//
const fluxKustomization = /^kustomize\.toolkit\.fluxcd\.io\//

/** Whether an object is a Flux Kustomization (not a kustomization file, whose API is kustomize.config.k8s.io). */
export function isFluxKustomization(node: YamlMap): boolean {
  return textOf(node.get('kind')) === 'Kustomization' && fluxKustomization.test(textOf(node.get('apiVersion')) ?? '')
}

/** Sorts the objects of a build. Errors (RESOURCE_INVALID, SOURCE_INVALID, RELEASE_DUPLICATE) are gathered. */
export function readGroupObjects(objects: readonly YamlMap[], errors: DecapodError[]): GroupObjects {
  const sources = new Map<string, YamlMap>()
  const releaseNodes: YamlMap[] = []
  const kustomizationNodes: YamlMap[] = []
  const rest: YamlMap[] = []
  for (const node of objects) {
    const kind = textOf(node.get('kind')) ?? ''
    if (isHelmRelease(node)) releaseNodes.push(node)
    else if (isFluxKustomization(node)) kustomizationNodes.push(node)
    else if (fluxSource.test(textOf(node.get('apiVersion')) ?? '')) {
      sources.set(`${kind}/${releaseName(node) ?? ''}`, node)
    } else rest.push(node)
  }
  const apps = new Map<string, YamlMap>()
  const unique = (node: YamlMap): boolean => isUnique(node, apps, errors)
  const kustomizations = kustomizationNodes.filter(unique).flatMap(node => readKustomizationApp(node, errors) ?? [])
  const releases = releaseNodes.filter(unique).flatMap(node => readRelease(node, sources, errors) ?? [])
  return { releases: withTwins(releases), kustomizations, sources, rest }
}

function isUnique(node: YamlMap, apps: Map<string, YamlMap>, errors: DecapodError[]): boolean {
  const name = releaseName(node)
  if (name === undefined) return true
  const first = apps.get(name)
  if (first === undefined) {
    apps.set(name, node)
    return true
  }
  errors.push(
    new DecapodError('RELEASE_DUPLICATE', `two apps of the group are named "${name}"`, {
      at: positionOf(node),
      notes: place('the other is at', first),
    }),
  )
  return false
}

function place(prefix: string, node: YamlNode): string[] {
  const at = positionOf(node)
  return at === undefined ? [] : [`${prefix} ${at.file}:${at.line}:${at.column}`]
}

/** Releases named `<x>-crds` beside an `<x>` of the same chart stand for its CRDs. */
function withTwins(releases: readonly Release[]): Release[] {
  const byApp = new Map(releases.map(release => [release.app, release] as const))
  return releases.map(release => {
    if (!release.app.endsWith('-crds')) return release
    const twin = byApp.get(release.app.slice(0, -'-crds'.length))
    return twin !== undefined && isSameChart(twin.chart, release.chart) ? { ...release, crdsOnly: true } : release
  })
}

function isSameChart(a: ChartRequest, b: ChartRequest): boolean {
  return chartName(a) === chartName(b)
}

/** A chart by name and version; where it is served from is not part of it, for a site may mirror only one of two. */
function chartName(request: ChartRequest): string {
  switch (request.kind) {
    case 'helm':
      return `${request.chart}@${request.version}`
    case 'oci':
      return `${request.repository.slice(request.repository.lastIndexOf('/') + 1)}@${request.version}`
    case 'git':
      return `${request.path}@${request.ref}`
    case 'http':
      return request.url
    case 'path':
      return request.path
  }
}

function readRelease(
  node: YamlMap,
  sources: ReadonlyMap<string, YamlMap>,
  errors: DecapodError[],
): Release | undefined {
  const app = releaseName(node)
  const spec = node.get('spec')
  const fail = (message: string, at: YamlNode, hint?: string): undefined => {
    errors.push(new DecapodError('RESOURCE_INVALID', message, { at: positionOf(at), hint }))
    return undefined
  }
  if (app === undefined) return fail('a HelmRelease needs metadata.name', node)
  if (!isPathElement(app))
    return fail(`"${app}" cannot name an app: it names a directory`, node.get('metadata') ?? node)
  if (spec?.kind !== 'map') return fail(`HelmRelease "${app}" has no spec`, node)
  const chart = spec.get('chart')
  if (chart?.kind !== 'map') return fail(`HelmRelease "${app}" has no spec.chart`, spec)
  const values = spec.get('values')
  if (values !== undefined && !isNull(values) && values.kind !== 'map') {
    return fail(`spec.values of "${app}" is not a map`, values)
  }
  checkNames(spec, releaseFields, `spec of "${app}"`, errors)
  const request = readChart(app, chart, sources, errors)
  if (request === undefined) return undefined
  return {
    app,
    name: textOf(spec.get('releaseName')) ?? app,
    namespace: textOf(spec.get('targetNamespace')) ?? namespaceOf(node) ?? 'default',
    chart: request,
    values: values?.kind === 'map' ? values : undefined,
    dependsOn: readDependsOn(spec.get('dependsOn')),
    postRenderers: readPostRenderers(spec.get('postRenderers'), app, errors),
    crdsOnly: false,
    node,
    at: positionOf(nameNode(node)),
    chartAt: positionOf((request.kind === 'path' ? chart.get('path') : undefined) ?? chart),
  }
}

/** The fields of a release's spec, of both of Flux's forms; most are read by Flux alone. */
const releaseFields: readonly string[] = [
  ...['chart', 'chartRef', 'releaseName', 'targetNamespace', 'storageNamespace', 'values', 'valuesFrom', 'dependsOn'],
  ...['postRenderers', 'interval', 'timeout', 'suspend', 'install', 'upgrade', 'rollback', 'uninstall', 'test', 'wait'],
  ...['helmVersion', 'skipDepUpdate', 'skipCRDs', 'resetValues', 'reuseValues', 'forceUpgrade', 'maxHistory'],
  ...['disableOpenAPIValidation', 'valueFileSecrets', 'serviceAccountName', 'kubeConfig', 'persistentClient'],
  ...['driftDetection', 'commonMetadata', 'healthCheckExprs', 'waitStrategy'],
]

/** The fields of spec.chart in the form of helm.fluxcd.io/v1, and of its nested form. */
const chartFields: readonly string[] = [
  ...['type', 'repository', 'name', 'version', 'origin', 'git', 'path', 'ref', 'spec', 'skipDepUpdate', 'secretRef'],
  ...['chartPullSecret'],
]

/** Fields that are nearly the name of one that counts: a slip would leave that one out in silence. */
function checkNames(node: YamlMap, known: readonly string[], of: string, errors: DecapodError[]): void {
  for (const { key } of node.pairs) {
    if (key.kind !== 'scalar' || known.includes(key.value)) continue
    const near = nearest(key.value, known)
    // What else is there may be a newer Flux's.
    if (near === undefined || node.has(near)) continue
    errors.push(
      new DecapodError('RESOURCE_INVALID', `"${key.value}" is no field of ${of}`, {
        at: positionOf(key),
        hint: `did you mean "${near}"?`,
      }),
    )
  }
}

/** Names become directories of the output: one path element, nothing hidden. */
export function isPathElement(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)
}

/** The node of metadata.name, for its place; the object where there is none. */
function nameNode(node: YamlMap): YamlNode {
  const metadata = node.get('metadata')
  return (metadata?.kind === 'map' ? metadata.get('name') : undefined) ?? node
}

function namespaceOf(node: YamlMap): string | undefined {
  const metadata = node.get('metadata')
  return metadata?.kind === 'map' ? textOf(metadata.get('namespace')) : undefined
}

function readChart(
  app: string,
  chart: YamlMap,
  sources: ReadonlyMap<string, YamlMap>,
  errors: DecapodError[],
): ChartRequest | undefined {
  const nested = chart.get('spec')
  if (nested?.kind === 'map') return readFluxChart(app, nested, sources, errors)
  checkNames(chart, chartFields, `spec.chart of "${app}"`, errors)
  const field = (name: string): string | undefined => textOf(chart.get(name)) || undefined
  const fail = (message: string, hint?: string): undefined => {
    errors.push(new DecapodError('SOURCE_INVALID', message, { at: positionOf(chart), hint }))
    return undefined
  }
  const repository = field('repository')
  const type = field('type') ?? guessType(field('git'), repository, field('path'))
  switch (type) {
    case 'helmrepo':
    case 'oci': {
      const name = field('name')
      if (repository === undefined) return fail(`the chart of "${app}" has no repository`)
      if (name === undefined) return fail(`the chart of "${app}" has no name`)
      return chartSource(
        type === 'oci' ? `oci://${repository.replace(/^oci:\/\//, '')}` : repository,
        name,
        field('version') ?? '',
      )
    }
    case 'git': {
      const url = field('git') ?? repository
      if (url === undefined) return fail(`the chart of "${app}" has no git repository`)
      const path = field('path') ?? field('name') ?? ''
      return gitSource(url, path, field('ref') ?? field('version') ?? '')
    }
    case 'path': {
      const path = field('path') ?? repository
      return path === undefined ? fail(`the chart of "${app}" has no path`) : { kind: 'path', path }
    }
    default:
      return type === undefined
        ? fail(`the chart of "${app}" has no type`, 'types are helmrepo, oci, git and path')
        : fail(`the chart of "${app}" has the unknown type "${type}"`, 'types are helmrepo, oci, git and path')
  }
}

/** A chart of a repository: over HTTP, or in a registry, where the chart's name is part of the path. */
function chartSource(repository: string, chart: string, version: string): Source {
  if (!repository.startsWith('oci://')) return { kind: 'helm', repository, chart, version }
  return { kind: 'oci', repository: `${repository.replace(/^oci:\/\//, '').replace(/\/+$/, '')}/${chart}`, version }
}

function gitSource(url: string, path: string, ref: string): Source {
  return { kind: 'git', url, ref, path: path.replace(/^(\.?\/)+|\/+$/g, ''), submodules: true }
}

function guessType(
  git: string | undefined,
  repository: string | undefined,
  path: string | undefined,
): string | undefined {
  if (git !== undefined) return 'git'
  if (repository?.startsWith('oci://')) return 'oci'
  if (repository !== undefined) return 'helmrepo'
  return path === undefined ? 'helmrepo' : 'path'
}

/** helm.toolkit.fluxcd.io: the chart names a source object of the same group (HelmRepository, GitRepository, …). */
function readFluxChart(
  app: string,
  chart: YamlMap,
  sources: ReadonlyMap<string, YamlMap>,
  errors: DecapodError[],
): ChartRequest | undefined {
  const field = (name: string): string | undefined => textOf(chart.get(name)) || undefined
  const fail = (message: string, at: YamlNode, hint?: string): undefined => {
    errors.push(new DecapodError('SOURCE_INVALID', message, { at: positionOf(at), hint }))
    return undefined
  }
  const name = field('chart')
  if (name === undefined) return fail(`the chart of "${app}" has no name (spec.chart.spec.chart)`, chart)
  const version = field('version') ?? ''
  // A site's `source.repository` goes before the source object.
  const given = field('repository')
  if (given !== undefined) return chartSource(given, name, version)
  const reference = chart.get('sourceRef')
  if (reference === undefined && /^\.{0,2}\//.test(name)) return { kind: 'path', path: name }
  if (reference?.kind !== 'map') return fail(`the chart of "${app}" has no sourceRef`, chart)
  const kind = textOf(reference.get('kind')) ?? ''
  const key = `${kind}/${textOf(reference.get('name')) ?? ''}`
  const source = sources.get(key)
  const spec = source?.get('spec')
  if (spec?.kind !== 'map') {
    return fail(
      `"${app}" takes its chart from ${key}, which the group does not have`,
      reference,
      `it has ${[...sources.keys()].join(', ') || 'no source objects'}`,
    )
  }
  const url = textOf(spec.get('url'))
  if (url === undefined) return fail(`${key} has no spec.url`, spec)
  if (kind === 'HelmRepository') return chartSource(url, name, version)
  if (kind === 'GitRepository') return gitSource(url, name, gitRef(spec.get('ref')))
  return fail(
    `"${app}" takes its chart from a ${kind}, which decapod does not read`,
    reference,
    'HelmRepository and GitRepository are',
  )
}

function gitRef(ref: YamlNode | undefined): string {
  if (ref?.kind !== 'map') return ''
  return ['commit', 'tag', 'semver', 'branch'].map(key => textOf(ref.get(key))).find(v => v !== undefined) ?? ''
}

/** Names, or Flux's maps with name (and namespace, which says nothing to a render). */
function readDependsOn(node: YamlNode | undefined): string[] {
  if (node?.kind !== 'seq') return []
  return node.items.flatMap(item => (item.kind === 'map' ? textOf(item.get('name')) : textOf(item)) ?? [])
}

function readPostRenderers(node: YamlNode | undefined, app: string, errors: DecapodError[]): YamlMap[] {
  if (node === undefined || isNull(node)) return []
  const found: YamlMap[] = []
  for (const item of node.kind === 'seq' ? node.items : [node]) {
    const kustomize = item.kind === 'map' ? item.get('kustomize') : undefined
    if (kustomize?.kind === 'map') found.push(kustomize)
    else {
      errors.push(
        new DecapodError('RESOURCE_INVALID', `a post-renderer of "${app}" is not of the form kustomize: {…}`, {
          at: positionOf(item),
        }),
      )
    }
  }
  return found
}

/** What of a Flux Kustomization's spec is a kustomization's own field. */
const kustomizationFields = ['patches', 'images', 'components', 'namePrefix', 'nameSuffix']

function readKustomizationApp(node: YamlMap, errors: DecapodError[]): KustomizationApp | undefined {
  const app = releaseName(node)
  const spec = node.get('spec')
  const path = spec?.kind === 'map' ? textOf(spec.get('path')) : undefined
  if (app === undefined || !isPathElement(app) || spec?.kind !== 'map' || path === undefined) {
    errors.push(
      new DecapodError('RESOURCE_INVALID', `Kustomization "${app ?? ''}" needs metadata.name and spec.path`, {
        at: positionOf(node),
      }),
    )
    return undefined
  }
  return {
    app,
    path,
    targetNamespace: textOf(spec.get('targetNamespace')),
    dependsOn: readDependsOn(spec.get('dependsOn')),
    fields: new YamlMap(
      spec.pairs.filter(pair => pair.key.kind === 'scalar' && kustomizationFields.includes(pair.key.value)),
      spec.source,
      spec.offset,
    ),
    at: positionOf(nameNode(node)),
  }
}
