/** Which sources a workspace needs: charts of releases, remote bases of kustomizations, dependencies of its own charts. */
import { DecapodError, type Position } from '../errors.ts'
import { loadChart } from '../helm/load.ts'
import type { Remotes } from '../kustomize/load.ts'
import { isHttpUrl, repositorySource } from '../kustomize/repo-spec.ts'
import type { Selection } from '../site/plan.ts'
import type { Release } from '../site/releases.ts'
import { labelPath, type Workspace } from '../site/workspace.ts'
import { formatSource, type Source, type SourceRequest } from '../source.ts'
import { joinPath } from '../tree.ts'
import { composeSiteGroup } from './compose.ts'

export interface Requests {
  /** Sorted by name, each once. */
  readonly requests: readonly SourceRequest[]
  /** What keeps a group from being composed; its sources may be incomplete. */
  readonly failures: readonly DecapodError[]
  /** Charts of the workspace with dependencies that are not in their charts/ directory. */
  readonly incomplete: readonly IncompleteChart[]
}

export interface IncompleteChart {
  /** The chart's directory, as a path of the base tree. */
  readonly dir: string
  readonly label: string
  readonly missing: readonly { readonly source: Source; readonly name: string }[]
}

/**
 * Collects the sources of the selected groups. `remotes` gives what was fetched before: a remote base may name further
 * ones, which show only once it is there, so call again until nothing is new. Placeholders do not matter here.
 */
export function sourceRequests(workspace: Workspace, selections: readonly Selection[], remotes: Remotes): Requests {
  const found = new Map<string, { source: Source; at: Position[] }>()
  const incomplete = new Map<string, IncompleteChart>()
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
        kustomize: { remotes: recording(remotes, asked) },
      })
      const unresolved = composed.errors.find(error => error.code === 'REMOTE_UNRESOLVED')
      for (const source of asked) ask(source, unresolved?.at)
      failures.push(...composed.errors.filter(error => error.code !== 'REMOTE_UNRESOLVED'))
      for (const release of composed.releases) {
        if (release.chart.kind !== 'path') ask(release.chart, release.chartAt)
        else noteDependencies(workspace, group.name, release, ask, incomplete)
      }
    }
  }
  const requests = [...found.values()].sort((a, b) => (formatSource(a.source) < formatSource(b.source) ? -1 : 1))
  return { requests, failures, incomplete: [...incomplete.values()] }
}

/** Remotes that note what they are asked for. */
function recording(inner: Remotes, asked: Source[]): Remotes {
  return {
    repository: spec => {
      asked.push(repositorySource(spec))
      return inner.repository(spec)
    },
    file: url => {
      if (isHttpUrl(url)) asked.push({ kind: 'http', url })
      return inner.file(url)
    },
  }
}

/** The dependencies of a chart by path that it does not carry. A chart that cannot be loaded tells that when it renders. */
function noteDependencies(
  workspace: Workspace,
  group: string,
  release: Release,
  ask: (source: Source, at: Position | undefined) => void,
  incomplete: Map<string, IncompleteChart>,
): void {
  if (release.chart.kind !== 'path') return
  const { tree } = workspace.roots.base
  const dir = joinPath(`/${group}`, `./${release.chart.path}`)
  if (tree.kind(dir) !== 'dir' || incomplete.has(dir)) return
  const label = labelPath(workspace.roots.base, dir)
  let chart: ReturnType<typeof loadChart>
  try {
    chart = loadChart(tree, dir, { label })
  } catch (thrown) {
    if (thrown instanceof DecapodError) return
    throw thrown
  }
  const there = new Set(chart.dependencies.map(d => d.metadata.name))
  const missing = (chart.metadata.dependencies ?? [])
    .filter(d => !there.has(d.name))
    .flatMap(({ name, repository, version }) => {
      const source = dependencySource(repository, name, version)
      return source === undefined ? [] : [{ source, name }]
    })
  if (missing.length === 0) return
  for (const { source } of missing) ask(source, { file: `${label}/Chart.yaml` })
  incomplete.set(dir, { dir, label, missing })
}

/** Where Helm takes a dependency from; undefined for repositories by alias and for directories. */
export function dependencySource(repository: string, name: string, version: string): Source | undefined {
  if (/^https?:\/\//.test(repository)) return { kind: 'helm', repository, chart: name, version }
  if (repository.startsWith('oci://'))
    return { kind: 'oci', repository: `${repository.slice('oci://'.length).replace(/\/+$/, '')}/${name}`, version }
  return undefined
}
