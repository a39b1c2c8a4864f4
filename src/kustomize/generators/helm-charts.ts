/**
 * `helmCharts`: charts rendered into the build (api/internal/builtins/HelmChartInflationGenerator.go). The rendering
 * itself is a port: our own Helm engine is passed in, no flag and no helm program is needed.
 */
import { quote } from '../../go/strconv.ts'
import type { GoValue } from '../../go/value.ts'
import { SchemaSet } from '../../k8s/schema.ts'
import { type FileTree, joinPath } from '../../tree.ts'
import { YamlMap, type YamlNode } from '../../yaml/node.ts'
import { parseNode } from '../../yaml/parse.ts'
import { stringifyNode } from '../../yaml/stringify.ts'
import { fromValue } from '../../yaml/values.ts'
import type { Context, Generator } from '../context.ts'
import type { Json } from '../decode.ts'
import { during, fail } from '../fail.ts'
import type { HelmChart, HelmGlobals } from '../kustomization.ts'
import type { Loader } from '../load.ts'
import { mergePatch } from '../patch/strategic-merge.ts'

/** A chart's directory. */
export interface ChartFiles {
  readonly tree: FileTree
  readonly dir: string
}

/** A chart in a repository, as helmCharts names it. */
export interface ChartReference {
  readonly name: string
  readonly repo: string
  readonly version: string
  readonly devel: boolean
}

/** A release to render: what `helm template` is told. */
export interface InflateRequest {
  readonly chart: ChartFiles
  /** The chart's name, for messages and where a release name is to be generated. */
  readonly name: string
  /** Empty: a generated name. */
  readonly releaseName: string
  readonly namespace: string
  readonly nameTemplate: string
  /** Values files in the order they apply, after the chart's own. */
  readonly values: readonly ValuesText[]
  readonly includeCrds: boolean
  readonly skipHooks: boolean
  readonly skipTests: boolean
  readonly apiVersions: readonly string[]
  readonly kubeVersion: string
}

export interface ValuesText {
  readonly file: string
  readonly text: string
}

/** Helm, as this engine needs it. */
export interface HelmPort {
  /** The files of a chart that was fetched from its repository; undefined when it was not. */
  find(chart: ChartReference): ChartFiles | undefined
  /** The text `helm template` prints; throws DecapodError. */
  inflate(request: InflateRequest): string
  /** --helm-kube-version and --helm-api-versions: what counts where a chart's entry says nothing. */
  readonly kubeVersion?: string
  readonly apiVersions?: readonly string[]
}

type Fields = HelmGlobals & HelmChart

/** Checks the fields and gives the generator; failures have Kustomize's words. */
export function generateHelmChart(fields: Fields, helm: HelmPort | undefined, context: Context): Generator {
  if (helm === undefined) {
    fail('PLUGIN_REFUSED', 'must specify --enable-helm', { hint: 'rendering charts is switched off for this build' })
  }
  const { name = '', releaseName = '', valuesMerge = '' } = fields
  if (name === '') fail('KUSTOMIZATION_INVALID', 'chart name cannot be empty')
  if (releaseName.startsWith('-')) {
    fail('KUSTOMIZATION_INVALID', `releaseName must not start with '-', got ${quote(releaseName)}`)
  }
  if (name.startsWith('-')) fail('KUSTOMIZATION_INVALID', `chart name must not start with '-', got ${quote(name)}`)
  const additional = (fields.additionalValuesFiles ?? []).map(file =>
    during('could not load additionalValuesFile', () => readText(context.loader, file)),
  )
  if (!['', 'override', 'merge', 'replace'].includes(valuesMerge)) {
    fail('KUSTOMIZATION_INVALID', 'valuesMerge must be one of [merge override replace]')
  }
  return ({ loader, parseResources }) => {
    const chart = findChart(fields, helm, loader)
    const text = helm.inflate({
      chart,
      name,
      releaseName,
      namespace: fields.namespace ?? '',
      nameTemplate: fields.nameTemplate ?? '',
      values: [chartValues(fields, chart, loader), ...additional],
      includeCrds: fields.includeCRDs ?? false,
      skipHooks: fields.skipHooks ?? false,
      skipTests: fields.skipTests ?? false,
      apiVersions: fields.apiVersions ?? helm.apiVersions ?? [],
      kubeVersion: fields.kubeVersion || helm.kubeVersion || '',
    })
    const resources = parseResources(text, `chart ${name}`)
    for (const resource of resources) resource.helmGenerated = true
    return resources
  }
}

/** The chart below chartHome, else one that was fetched. */
function findChart(fields: Fields, helm: HelmPort, loader: Loader): ChartFiles {
  const { name = '', repo = '', version = '', devel = false } = fields
  const home = joinPath(loader.root, fields.chartHome || 'charts')
  // A chart that names both version and repository has a directory of its own, so that versions do not mix.
  const dir = joinPath(version !== '' && repo !== '' ? joinPath(home, `${name}-${version}`) : home, name)
  if (loader.tree.kind(dir) === 'dir') return { tree: loader.tree, dir }
  if (repo === '') {
    fail('CHART_NOT_FOUND', `no repo specified for pull, no chart found at '${dir}'`, {
      hint: 'name the repository with repo:, or put the chart into that directory',
    })
  }
  const found = helm.find({ name, repo, version, devel })
  if (found !== undefined) return found
  const which = version === '' ? name : `${name} ${version}`
  fail('REMOTE_UNRESOLVED', `chart ${which} of ${repo} has not been fetched`, {
    hint: `run decapod fetch, or put the chart into ${dir}`,
  })
}

/** The first values file: the one named, else the chart's own, with the inline values over, under or instead of it. */
function chartValues(fields: Fields, chart: ChartFiles, loader: Loader): ValuesText {
  const { valuesInline, valuesMerge = '' } = fields
  if (valuesInline === undefined || valuesInline.size === 0) return baseValues(fields, chart, loader)
  const inline = jsonNode(valuesInline)
  if (valuesMerge === 'replace') return { file: 'valuesInline', text: text(inline) }
  const base = baseValues(fields, chart, loader)
  const file = mapOf(parseNode(base.text, { file: base.file, dialect: 'v3' }))
  const [over, under] = valuesMerge === 'merge' ? [file, inline] : [inline, file]
  const merged = during('could not merge values', () => mergePatch(under, over, new SchemaSet()))
  return { file: base.file, text: text(merged ?? new YamlMap()) }
}

function baseValues(fields: Fields, chart: ChartFiles, loader: Loader): ValuesText {
  if (fields.valuesFile) return readText(loader, fields.valuesFile)
  const path = joinPath(chart.dir, 'values.yaml')
  if (chart.tree === loader.tree) return readText(loader, path)
  const bytes = chart.tree.read(path)
  return { file: path, text: bytes === undefined ? '' : new TextDecoder().decode(bytes) }
}

function readText(loader: Loader, path: string): ValuesText {
  return { file: loader.pathOf(path), text: loader.readText(path) }
}

function jsonNode(values: ReadonlyMap<string, Json>): YamlMap {
  return mapOf(fromValue(values as unknown as GoValue))
}

function mapOf(node: YamlNode | undefined): YamlMap {
  return node?.kind === 'map' ? node : new YamlMap()
}

function text(node: YamlNode): string {
  return stringifyNode(node, { dialect: 'v3', sortKeys: true, width: 80 })
}
