/**
 * Dependencies that a chart of a directory (of the workspace or of git) declares and does not carry in charts/: where
 * `helm dependency build` takes them from, and the chart with them. Packaged charts carry theirs.
 */
import { DecapodError } from '../errors.ts'
import type { Chart } from '../helm/chart.ts'
import { type ChartLock, isAlias, isLockInSync, readChartLock } from '../helm/chart-lock.ts'
import type { ChartRequest } from '../site/releases.ts'

export interface MissingDependency {
  readonly name: string
  readonly request: ChartRequest
}

/** A chart, and the path a person knows it by. */
interface LabelledChart {
  readonly chart: Chart
  readonly label: string
}

/** Charts of file:// dependencies may have such of their own. */
const maxDepth = 20

/**
 * What a chart lacks: by Chart.lock, where there is one, exactly those versions. `request` is where the chart itself
 * comes from. Throws CHART_DEPENDENCY when Chart.lock was made for another Chart.yaml, or names no repository.
 */
export function missingDependencies({ chart, label }: LabelledChart, request: ChartRequest): MissingDependency[] {
  const there = new Set(chart.dependencies.map(d => d.metadata.name))
  // Without a repository it can only be in charts/, and rendering says that it is not.
  const missing = (chart.metadata.dependencies ?? []).filter(d => d.repository !== '' && !there.has(d.name))
  if (missing.length === 0) return []
  const lock = chart.lock === undefined ? undefined : readLock(chart, label)
  return missing.flatMap(({ name, repository, version }) => {
    const locked = lock?.dependencies.find(d => d.name === name && (isAlias(repository) || d.repository === repository))
    const found = dependencyRequest(request, locked?.repository ?? repository, name, locked?.version ?? version)
    if (found === undefined) {
      throw new DecapodError('CHART_DEPENDENCY', `the dependency "${name}" has the repository "${repository}"`, {
        at: { file: `${label}/Chart.yaml` },
        hint: 'repositories are URLs (https://, oci://, file://) or @NAME of "helm repo add"',
      })
    }
    return [{ name, request: found }]
  })
}

function readLock(chart: Chart, label: string): ChartLock {
  const file = chart.lock!
  const lock = readChartLock(file, label)
  if (isLockInSync(chart.metadata, lock)) return lock
  const declared = file.name === 'Chart.lock' ? 'Chart.yaml' : 'requirements.yaml'
  throw new DecapodError(
    'CHART_DEPENDENCY',
    `the lock file (${file.name}) is out of sync with the dependencies file (${declared}). Please update the dependencies`,
    { at: { file: `${label}/${file.name}` }, hint: `helm dependency update ${label}, or remove ${file.name}` },
  )
}

/** Where Helm takes a dependency from: pkg/downloader/manager.go, downloadAll. */
function dependencyRequest(
  parent: ChartRequest,
  repository: string,
  name: string,
  version: string,
): ChartRequest | undefined {
  if (/^https?:\/\//.test(repository)) return { kind: 'helm', repository, chart: name, version }
  if (isAlias(repository)) return { kind: 'helm', repository: repository.replace(/^alias:/, '@'), chart: name, version }
  if (repository.startsWith('oci://'))
    return { kind: 'oci', repository: `${repository.slice('oci://'.length).replace(/\/+$/, '')}/${name}`, version }
  if (!repository.startsWith('file://')) return undefined
  const path = repository.slice('file://'.length)
  if (parent.kind === 'path') return { kind: 'path', path: `${parent.path}/${path}` }
  return parent.kind === 'git' ? { ...parent, path: joined(parent.path, path) } : undefined
}

/** A path of a repository from a directory of it; one that leads out stays as it is and is refused when it is fetched. */
function joined(dir: string, path: string): string {
  const parts = dir.split('/').filter(part => part !== '')
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop()
    else parts.push(part)
  }
  return parts.join('/')
}

/**
 * The chart with what it lacks, as far as `load` has it: what stays missing is for rendering to name, in Helm's words.
 * Throws what missingDependencies and loading throw.
 */
export function completeChart(
  loaded: LabelledChart,
  request: ChartRequest,
  load: (request: ChartRequest) => LabelledChart,
  depth = 0,
): LabelledChart {
  if (request.kind !== 'path' && request.kind !== 'git') return loaded
  const missing = missingDependencies(loaded, request)
  if (missing.length === 0) return loaded
  if (depth > maxDepth) {
    throw new DecapodError('LIMIT_EXCEEDED', `${loaded.label}: dependencies nest deeper than ${maxDepth}`, {
      hint: 'do file:// dependencies lead in a circle?',
    })
  }
  const found = missing.flatMap(dependency => {
    try {
      return [completeChart(load(dependency.request), dependency.request, load, depth + 1).chart]
    } catch (error) {
      if (error instanceof DecapodError && error.code === 'CHART_NOT_FOUND') return []
      throw error
    }
  })
  // As their archives would stand in charts/.
  const order = (chart: Chart): string => `${chart.metadata.name}-${chart.metadata.version}.tgz`
  const dependencies = [...loaded.chart.dependencies, ...found.sort((a, b) => (order(a) < order(b) ? -1 : 1))]
  return { ...loaded, chart: { ...loaded.chart, dependencies } }
}
