/**
 * A chart and a release's values to manifests: what `helm template` does between its flags and its output (Helm's
 * pkg/action/install.go, RunWithContext, and action.go, renderResources).
 */
import { DecapodError } from '../errors.ts'
import { fromBytes, type GoDict, type GoFunc } from '../go/value.ts'
import { defaultKubeVersion, type KubeVersion, makeCapabilities, parseKubeVersion } from './capabilities.ts'
import type { Chart, ChartFile } from './chart.ts'
import type { CoalesceOptions } from './coalesce.ts'
import { isCompatible } from './compatible.ts'
import { type EngineOptions, type EnginePorts, renderTemplates } from './engine.ts'
import { type FunctionPorts, helmFunctions, toYaml } from './funcs.ts'
import { type Hook, type Manifest, type SortedManifests, sortManifests } from './manifest.ts'
import type { ChartNode } from './node.ts'
import { prepareValues } from './prepare.ts'
import { templatesOf } from './release.ts'
import { validateValues } from './schema.ts'
import type { Semantics } from './semantics.ts'
import { type Trace, traceValues } from './trace.ts'

export interface RenderOptions {
  /** The release; `release-name` by default. */
  readonly name?: string
  readonly namespace?: string
  /** The user's values, over the chart's own. Not changed. */
  readonly values?: GoDict
  /** "1.31.0", or parsed; the newest that the engine knows by default. */
  readonly kubeVersion?: string | KubeVersion
  /** Beyond the built-in ones. */
  readonly apiVersions?: readonly string[]
  readonly isUpgrade?: boolean
  readonly semantics?: Semantics
  readonly skipSchemaValidation?: boolean
  readonly ports?: FunctionPorts & EnginePorts
  readonly limits?: EngineOptions['limits']
  /** Told at once of what Helm writes to stderr, also where the render fails afterwards. */
  readonly warn?: (message: string) => void
  /** Told of every path of the values that a template reads. */
  readonly trace?: Trace
  /** Changes what functions give; names and signatures must stay. */
  readonly functions?: (all: Map<string, GoFunc>) => Map<string, GoFunc>
}

/** A file of a chart's crds/ directory: printed as it is, never rendered. */
export interface CustomResourceFile {
  readonly path: string
  readonly text: string
}

export interface RenderedChart {
  /** In the order of installation. */
  readonly manifests: readonly Manifest[]
  readonly hooks: readonly Hook[]
  readonly crds: readonly CustomResourceFile[]
  /** The root chart's NOTES.txt; "" when it has none. */
  readonly notes: string
  /** What Helm writes to stderr on the way. */
  readonly warnings: readonly string[]
}

/**
 * Renders a chart. Throws DecapodError: CHART_INVALID (a library), CHART_DEPENDENCY, VALUES_INVALID, VALUES_SCHEMA,
 * CHART_KUBE_VERSION, TEMPLATE_PARSE, TEMPLATE_EXEC, MANIFEST_INVALID, LIMIT_EXCEEDED, RELEASE_NAME_INVALID.
 */
export function renderChart(chart: Chart, options: RenderOptions = {}): RenderedChart {
  const semantics = options.semantics ?? 3
  const release = { name: options.name ?? 'release-name', namespace: options.namespace ?? 'default' }
  const kube = kubeVersionOf(options.kubeVersion, semantics)
  const warnings: string[] = []
  const warn = (message: string): void => {
    warnings.push(message)
    options.warn?.(message)
  }
  for (const message of chart.warnings) warn(message)
  checkInstallable(chart)
  if (chart.metadata.deprecated)
    warn(semantics === 4 ? 'this chart is deprecated' : 'WARNING: This chart is deprecated')
  checkDependencies(chart, semantics)
  checkReleaseName(release.name, semantics)

  const coalescing: CoalesceOptions = { semantics, warn }
  const { root, values } = prepareValues(chart, options.values ?? new Map(), coalescing)
  if (options.skipSchemaValidation !== true) validateValues(root, values, coalescing)
  checkKubeVersion(chart, kube)

  const capabilities = makeCapabilities(kube, options.apiVersions ?? [], semantics)
  const seen = options.trace === undefined ? values : traceValues(values, options.trace)
  const templates = templatesOf(root, seen, {
    release: { ...release, isUpgrade: options.isUpgrade ?? false },
    capabilities,
    semantics,
    toYaml,
  })
  const { ports = {} } = options
  const files = renderTemplates(templates, {
    semantics,
    functions: options.functions?.(helmFunctions(semantics, ports)) ?? helmFunctions(semantics, ports),
    ports,
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  })
  const notes = takeNotes(files, root)
  const { manifests, hooks } = sorted(files, semantics, warn)
  return { manifests, hooks, crds: crdsOf(root), notes, warnings }
}

/**
 * The files of crds/ alone, of a chart and of the subcharts that these values enable; no template is run. Throws
 * DecapodError CHART_DEPENDENCY, VALUES_INVALID.
 */
export function chartCrds(
  chart: Chart,
  options: Pick<RenderOptions, 'values' | 'semantics'>,
): Pick<RenderedChart, 'crds' | 'warnings'> {
  const semantics = options.semantics ?? 3
  const warnings = [...chart.warnings]
  checkDependencies(chart, semantics)
  const warn = (message: string): void => void warnings.push(message)
  const { root } = prepareValues(chart, options.values ?? new Map(), { semantics, warn })
  return { crds: crdsOf(root), warnings }
}

/** A chart rendered, but to something that is no YAML: the error, with what was rendered, for those who must find it. */
export class ManifestFailure extends DecapodError {
  /** The text of every template by its name. */
  readonly files: ReadonlyMap<string, string>

  constructor(error: DecapodError, files: ReadonlyMap<string, string>) {
    super(error.code, error.message, { at: error.at, hint: error.hint, notes: error.notes, cause: error })
    this.name = 'ManifestFailure'
    this.files = files
  }
}

function sorted(
  files: ReadonlyMap<string, string>,
  semantics: Semantics,
  warn: (message: string) => void,
): SortedManifests {
  try {
    return sortManifests(files, semantics, warn)
  } catch (error) {
    throw error instanceof DecapodError ? new ManifestFailure(error, files) : error
  }
}

function kubeVersionOf(given: string | KubeVersion | undefined, semantics: Semantics): KubeVersion {
  if (given === undefined) return defaultKubeVersion
  return typeof given === 'string' ? parseKubeVersion(given, semantics) : given
}

/** Libraries cannot be rendered by themselves. Throws CHART_INVALID. */
export function checkInstallable(chart: Chart): void {
  const { type, name } = chart.metadata
  if (type === '' || type === 'application') return
  throw new DecapodError('CHART_INVALID', `${type} charts are not installable`, { at: { file: name } })
}

/** Every declared dependency must be there, also a disabled one (install.go, CheckDependencies). */
function checkDependencies(chart: Chart, semantics: Semantics): void {
  const present = new Set(chart.dependencies.map(dependency => dependency.metadata.name))
  const missing = (chart.metadata.dependencies ?? []).map(d => d.name).filter(name => !present.has(name))
  if (missing.length === 0) return
  const intro =
    semantics === 4
      ? "an error occurred while checking for chart dependencies. You may need to run 'helm dependency build' to fetch missing dependencies"
      : 'An error occurred while checking for chart dependencies. You may need to run `helm dependency build` to fetch missing dependencies'
  throw new DecapodError(
    'CHART_DEPENDENCY',
    `${intro}: found in Chart.yaml, but missing in charts/ directory: ${missing.join(', ')}`,
    { at: { file: `${chart.metadata.name}/Chart.yaml` } },
  )
}

const releaseName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/

function checkReleaseName(name: string, semantics: Semantics): void {
  if (name.length <= 53 && releaseName.test(name)) return
  const prefix = semantics === 4 ? 'release name check failed: ' : ''
  throw new DecapodError(
    'RELEASE_NAME_INVALID',
    name === ''
      ? `${prefix}release name "": no name provided`
      : `${prefix}release name ${JSON.stringify(name)}: invalid release name, must match regex ${releaseName.source} and the length must not be longer than 53`,
  )
}

/** Only the root's requirement counts. */
function checkKubeVersion(chart: Chart, kube: KubeVersion): void {
  const required = chart.metadata.kubeVersion
  if (required === '' || isCompatible(required, kube.normalized)) return
  throw new DecapodError(
    'CHART_KUBE_VERSION',
    `chart requires kubeVersion: ${required} which is incompatible with Kubernetes ${kube.version}`,
    { at: { file: `${chart.metadata.name}/Chart.yaml` }, hint: 'name the version of your cluster with --kube-version' },
  )
}

/** Takes every NOTES.txt out of the rendered files; gives the root's. */
function takeNotes(files: Map<string, string>, root: ChartNode): string {
  const notes = files.get(`${root.name}/templates/NOTES.txt`) ?? ''
  for (const path of [...files.keys()]) if (path.endsWith('NOTES.txt')) files.delete(path)
  return notes
}

/** crds/ of a chart, then of those below it (chart.go, CRDObjects). */
function crdsOf(node: ChartNode): CustomResourceFile[] {
  const own = node.chart.files
    .filter(file => file.name.startsWith('crds/') && /\.(ya?ml|json)$/i.test(file.name))
    .map(file => ({ path: `${node.fullPath}/${file.name}`, text: textOf(file) }))
  return [...own, ...node.dependencies.flatMap(crdsOf)]
}

/** The texts of such files, decoded once for all renders of a chart: they are its largest. */
const crdTexts = new WeakMap<ChartFile, string>()

function textOf(file: ChartFile): string {
  let text = crdTexts.get(file)
  if (text === undefined) {
    text = fromBytes(file.data)
    crdTexts.set(file, text)
  }
  return text
}
