/** Which sources a workspace needs: charts of releases, remote bases of kustomizations, dependencies of its own charts. */
import { DecapodError, type Position } from '../errors.ts'
import type { HelmPort } from '../kustomize/generators/helm-charts.ts'
import type { Remotes } from '../kustomize/load.ts'
import { isHttpUrl, repositorySource } from '../kustomize/repo-spec.ts'
import type { Selection } from '../site/plan.ts'
import type { ChartRequest } from '../site/releases.ts'
import type { Workspace } from '../site/workspace.ts'
import { formatSource, type GitDirectory, type Source, type SourceRequest } from '../source.ts'
import { missingDependencies } from './chart-dependencies.ts'
import { chartAtPath, type LoadedChart } from './charts.ts'
import { composeSiteGroup } from './compose.ts'
import { chartSource } from './helm-charts.ts'

export interface Requests {
  /** Sorted by name, each once. */
  readonly requests: readonly SourceRequest[]
  /** What keeps a group from being composed; its sources may be incomplete. */
  readonly failures: readonly DecapodError[]
  /** Charts whose dependencies cannot be told: nothing may be pinned as if the list were whole. */
  readonly errors: readonly DecapodError[]
}

/** What was fetched before. */
export interface FetchedBefore {
  readonly remotes: Remotes
  /** Renders the charts of helmCharts; they may stand before patches that need their objects. */
  readonly helm: HelmPort
  /** A chart out of git, as fetched; its dependencies show only then. */
  readonly gitChart: (source: GitDirectory) => LoadedChart | undefined
}

/**
 * Collects the sources of the selected groups. What was fetched before may name further ones (a remote base, a chart in
 * git with dependencies), which show only once it is there, so call again until nothing is new. Placeholders do not matter here.
 */
export function sourceRequests(
  workspace: Workspace,
  selections: readonly Selection[],
  { remotes, helm, gitChart }: FetchedBefore,
): Requests {
  const found = new Map<string, { source: Source; at: Position[] }>()
  const seen = new Set<string>()
  const errors: DecapodError[] = []
  const failures: DecapodError[] = []
  const ask = (source: Source, at: Position | undefined): void => {
    const key = formatSource(source)
    const known = found.get(key) ?? { source, at: [] }
    found.set(key, known)
    if (at !== undefined && !known.at.some(p => p.file === at.file && p.line === at.line)) known.at.push(at)
  }
  for (const { site, groups } of selections) {
    for (const { group } of groups) {
      const asked: Source[] = []
      const composed = composeSiteGroup(workspace, site, group, {
        placeholders: { ...workspace.config.placeholders, mode: 'off' },
        kustomize: { remotes: recording(remotes, asked), helm: recordingCharts(helm, asked) },
      })
      const unresolved = composed.errors.find(error => error.code === 'REMOTE_UNRESOLVED')
      for (const source of asked) ask(source, unresolved?.at)
      failures.push(...composed.errors.filter(error => error.code !== 'REMOTE_UNRESOLVED'))
      for (const release of composed.releases) {
        const { chart, chartAt: at } = release
        if (chart.kind !== 'path') ask(chart, at && { ...at, file: composed.composition.fileOf(at.file) })
        const load = (request: ChartRequest): LoadedChart | undefined => {
          if (request.kind === 'path') return chartAtPath(workspace, group.name, request)
          return request.kind === 'git' ? gitChart(request) : undefined
        }
        try {
          askForDependencies(chart, load, ask, seen)
        } catch (thrown) {
          if (!(thrown instanceof DecapodError)) throw thrown
          errors.push(thrown)
        }
      }
    }
  }
  const requests = [...found.values()].sort((a, b) => (formatSource(a.source) < formatSource(b.source) ? -1 : 1))
  return { requests, failures, errors }
}

/**
 * Remotes that note what they are asked for. Kustomize tries a URL as a file before it tries it as a repository: as long
 * as nobody knows whether there is such a file, the repository is not wanted.
 */
function recording(inner: Remotes, asked: Source[]): Remotes {
  const unknown = new Set<string>()
  return {
    repository: spec => {
      if (!unknown.has(spec.raw)) asked.push(repositorySource(spec))
      return inner.repository(spec)
    },
    file: url => {
      const content = inner.file(url)
      if (content === undefined) unknown.add(url)
      // A status: there is no such file.
      if (isHttpUrl(url) && typeof content !== 'number') asked.push({ kind: 'http', url })
      return content
    },
  }
}

/** Charts of helmCharts that are asked for likewise. */
function recordingCharts(inner: HelmPort, asked: Source[]): HelmPort {
  return {
    ...inner,
    find: chart => {
      asked.push(chartSource(chart))
      return inner.find(chart)
    },
  }
}

/** The dependencies of a chart that it does not carry. A chart that cannot be loaded tells that when it renders. */
function askForDependencies(
  request: ChartRequest,
  load: (request: ChartRequest) => LoadedChart | undefined,
  ask: (source: Source, at: Position | undefined) => void,
  seen: Set<string>,
): void {
  const chart = quietly(() => load(request))
  if (chart === undefined || seen.has(chart.label)) return
  seen.add(chart.label)
  for (const dependency of missingDependencies(chart, request)) {
    if (dependency.request.kind !== 'path') ask(dependency.request, { file: `${chart.label}/Chart.yaml` })
    askForDependencies(dependency.request, load, ask, seen)
  }
}

function quietly<T>(load: () => T): T | undefined {
  try {
    return load()
  } catch (thrown) {
    if (thrown instanceof DecapodError) return undefined
    throw thrown
  }
}
