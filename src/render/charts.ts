/** The charts of releases: by path in the workspace, or fetched; with the dependencies that they do not carry. */
import { DecapodError } from '../errors.ts'
import type { Chart } from '../helm/chart.ts'
import { loadChart, loadChartArchive } from '../helm/load.ts'
import { type ChartPath, type ChartRequest, formatChartRequest, type Release } from '../site/releases.ts'
import { labelPath, type Workspace } from '../site/workspace.ts'
import type { Source } from '../source.ts'
import { type FileTree, joinPath } from '../tree.ts'
import { completeChart } from './chart-dependencies.ts'
import { errorsIn, withNeighbours } from './errors.ts'
import { digestOfDirectory, digestOfFiles } from './unit-cache.ts'

/** A chart, and the path a person knows it by. */
export interface LoadedChart {
  readonly chart: Chart
  readonly label: string
}

/**
 * The chart of a release: of the workspace by path, or one that was fetched. `note` is told of it and of every chart it
 * depends on. Throws CHART_NOT_FOUND at the release's place, and as loading does.
 */
export function chartOfRelease(
  workspace: Workspace,
  group: string,
  release: Release,
  fetched: (source: Source) => LoadedChart,
  note: (request: ChartRequest) => void = () => {},
): LoadedChart {
  const { chart, chartAt } = release
  try {
    const load = (request: ChartRequest): LoadedChart => {
      note(request)
      return request.kind === 'path' ? chartAtPath(workspace, group, request) : fetched(request)
    }
    return completeChart(load(chart), chart, load)
  } catch (thrown) {
    const [error, ...more] = errorsIn(thrown)
    if (error?.code !== 'CHART_NOT_FOUND' || more.length > 0) throw thrown
    throw new DecapodError('CHART_NOT_FOUND', `no chart ${formatChartRequest(chart)}`, {
      at: chartAt,
      hint: error.hint,
      notes: error.notes,
      cause: error,
    })
  }
}

/** A chart of the base: a directory or an archive; loaded once for all sites. Throws as loading does. */
export function chartAtPath(workspace: Workspace, group: string, { path: given }: ChartPath): LoadedChart {
  const { tree } = workspace.roots.base
  const path = joinPath(`/${group}`, `./${given}`)
  const label = labelPath(workspace.roots.base, path)
  if (leaves(`/${group}`, given)) {
    throw new DecapodError('CHART_NOT_FOUND', `${given} is outside the base`, {
      hint: `${given} leads out of the base; a chart that lies elsewhere is read with --charts, or from a repository`,
    })
  }
  if (tree.kind(path) === undefined) {
    const missing = new DecapodError('CHART_NOT_FOUND', `there is no ${path}`)
    const near = withNeighbours(missing, tree).hint?.replace(/\/\S+/, found => labelPath(workspace.roots.base, found))
    throw new DecapodError('CHART_NOT_FOUND', `there is no ${label}`, {
      hint: `there is no ${label}: ${near ?? "a path is relative to the group's directory of the base"}`,
    })
  }
  return once(pathCharts, tree, path, () => {
    const archive = tree.kind(path) === 'file' ? tree.read(path) : undefined
    const chart = archive === undefined ? loadChart(tree, path, { label }) : loadChartArchive(archive, { label })
    return { chart, label }
  })
}

/** Whether a path leads above the root of its tree. */
function leaves(dir: string, path: string): boolean {
  let depth = dir.split('/').filter(part => part !== '').length
  for (const part of path.split('/')) {
    if (part === '..') depth--
    else if (part !== '' && part !== '.') depth++
    if (depth < 0) return true
  }
  return false
}

/** Charts of the workspace by path, and their digests: worked out once for all sites that share them. */
const pathCharts = new WeakMap<FileTree, Map<string, LoadedChart>>()
const firstDigests = new WeakMap<FileTree, Map<string, string | undefined>>()
/** Those after a chart was loaded: what was loaded does not change any more. */
const laterDigests = new WeakMap<FileTree, Map<string, string | undefined>>()

function once<T>(known: WeakMap<FileTree, Map<string, T>>, tree: FileTree, path: string, make: () => T): T {
  let byPath = known.get(tree)
  if (byPath === undefined) known.set(tree, (byPath = new Map()))
  if (!byPath.has(path)) byPath.set(path, make())
  return byPath.get(path)!
}

/**
 * The digest of a chart of the base, `known` from before or, for what was made of it since, as it is `now`; undefined where
 * there is none.
 */
export function digestAtPath(
  workspace: Workspace,
  group: string,
  { path: given }: ChartPath,
  when: 'known' | 'now',
): string | undefined {
  const { tree } = workspace.roots.base
  const path = joinPath(`/${group}`, `./${given}`)
  return once(when === 'known' ? firstDigests : laterDigests, tree, path, () => digestOfPath(tree, path))
}

/** The digest of a chart of the workspace: of its directory, or of its archive. */
function digestOfPath(tree: FileTree, path: string): string | undefined {
  switch (tree.kind(path)) {
    case 'dir':
      return digestOfDirectory(tree, path)
    case 'file':
      return digestOfFiles(new Map([[path, tree.read(path)!]]), path)
    case undefined:
      return undefined
  }
}

/** The path of a chart's file for a person: Helm names files from the chart's name on. */
export function chartFile({ chart, label }: LoadedChart, file: string): string {
  const prefix = `${chart.metadata.name}/`
  return file.startsWith(prefix) ? `${label}/${file.slice(prefix.length)}` : file
}
