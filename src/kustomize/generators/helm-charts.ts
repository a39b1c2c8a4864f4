/**
 * `helmCharts`: charts rendered into the build (api/internal/builtins/HelmChartInflationGenerator.go). The rendering
 * itself is a port: our own Helm engine is passed in, no flag is needed.
 */
import { DecapodError } from '../../errors.ts'
import { quote } from '../../go/strconv.ts'
import { joinPath } from '../../tree.ts'
import type { Context, Generator } from '../context.ts'
import type { Json } from '../decode.ts'
import { during, fail } from '../fail.ts'
import type { HelmChart, HelmGlobals } from '../kustomization.ts'
import type { Loader } from '../load.ts'

/** What to render, resolved as far as a kustomization can. */
export interface InflateRequest {
  readonly chart: string
  readonly version: string
  readonly repo: string
  /** The directory the chart is looked for in first, absolute in `loader.tree`. */
  readonly chartHome: string
  /** Empty: a generated name. */
  readonly releaseName: string
  readonly namespace: string
  readonly nameTemplate: string
  /** The texts of values files in the order they apply (the chart's own values.yaml always comes before them). */
  readonly valuesTexts: readonly ValuesText[]
  /** Inline values and how they meet the first values file. */
  readonly valuesInline: ReadonlyMap<string, Json> | undefined
  readonly valuesMerge: 'override' | 'merge' | 'replace'
  readonly includeCRDs: boolean
  readonly skipHooks: boolean
  readonly skipTests: boolean
  readonly apiVersions: readonly string[]
  readonly kubeVersion: string
  readonly devel: boolean
  readonly loader: Loader
}

export interface ValuesText {
  readonly file: string
  readonly text: string
}

/** Renders a chart to the text `helm template` prints; throws DecapodError. */
export type Inflate = (request: InflateRequest) => string

/** Checks the fields and gives the generator; failures have Kustomize's words. */
export function generateHelmChart(
  fields: HelmGlobals & HelmChart,
  inflate: Inflate | undefined,
  context: Context,
): Generator {
  if (inflate === undefined) {
    fail('PLUGIN_REFUSED', 'must specify --enable-helm', { hint: 'rendering charts is switched off for this build' })
  }
  const { name = '', releaseName = '', valuesMerge = '' } = fields
  if (name === '') fail('KUSTOMIZATION_INVALID', 'chart name cannot be empty')
  if (releaseName.startsWith('-')) {
    fail('KUSTOMIZATION_INVALID', `releaseName must not start with '-', got ${quote(releaseName)}`)
  }
  if (name.startsWith('-')) fail('KUSTOMIZATION_INVALID', `chart name must not start with '-', got ${quote(name)}`)
  const additional = (fields.additionalValuesFiles ?? []).map(file =>
    during('could not load additionalValuesFile', () => ({
      file: context.loader.pathOf(file),
      text: context.loader.readText(file),
    })),
  )
  if (!['', 'override', 'merge', 'replace'].includes(valuesMerge)) {
    fail('KUSTOMIZATION_INVALID', 'valuesMerge must be one of [merge override replace]')
  }
  return ({ loader, parseResources }) => {
    const chartHome = chartHomeOf(fields, loader)
    const first = readValues(fields, chartHome, loader)
    const request: InflateRequest = {
      chart: name,
      version: fields.version ?? '',
      repo: fields.repo ?? '',
      chartHome,
      releaseName,
      namespace: fields.namespace ?? '',
      nameTemplate: fields.nameTemplate ?? '',
      valuesTexts: [...first, ...additional],
      valuesInline: fields.valuesInline,
      valuesMerge: valuesMerge === '' ? 'override' : (valuesMerge as 'override' | 'merge' | 'replace'),
      includeCRDs: fields.includeCRDs ?? false,
      skipHooks: fields.skipHooks ?? false,
      skipTests: fields.skipTests ?? false,
      apiVersions: fields.apiVersions ?? [],
      kubeVersion: fields.kubeVersion ?? '',
      devel: fields.devel ?? false,
      loader,
    }
    const resources = parseResources(inflate(request), `chart ${name}`)
    for (const resource of resources) resource.helmGenerated = true
    return resources
  }
}

/** A chart that names both version and repository lies in a directory of its own, so that versions do not mix. */
function chartHomeOf(fields: HelmGlobals & HelmChart, loader: Loader): string {
  const home = joinPath(loader.root, fields.chartHome || 'charts')
  return fields.version && fields.repo ? joinPath(home, `${fields.name}-${fields.version}`) : home
}

/** The values file: the one named, else the chart's own where it lies here already. */
function readValues(fields: HelmGlobals & HelmChart, chartHome: string, loader: Loader): ValuesText[] {
  if (fields.valuesFile) return [{ file: loader.pathOf(fields.valuesFile), text: loader.readText(fields.valuesFile) }]
  const own = joinPath(chartHome, `${fields.name}/values.yaml`)
  try {
    return [{ file: own, text: loader.readText(own) }]
  } catch (error) {
    // A chart that has yet to be fetched brings its own values.
    if (error instanceof DecapodError && error.code === 'FILE_NOT_FOUND') return []
    throw error
  }
}
