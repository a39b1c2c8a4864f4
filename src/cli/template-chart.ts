/** The chart of `decapod template`: on this machine, or fetched as helm template does (install.go, LocateChart). */
import { resolve } from 'node:path'
import { DecapodError } from '../errors.ts'
import type { Chart, Dependency } from '../helm/chart.ts'
import type { Semantics } from '../helm/semantics.ts'
import type { Cache } from '../io/cache.ts'
import { isLocalChart, readLocalChart } from '../io/local-chart.ts'
import { readRepositories } from '../io/repository-credentials.ts'
import type { Sources } from '../io/sources.ts'
import type { HelmSource, HttpFile, OciSource } from '../source.ts'
import type { Cli } from './cli.ts'
import { openCache } from './open-cache.ts'
import { openSources } from './open-sources.ts'
import type { TemplateOptions } from './template-flags.ts'

type ChartSource = HelmSource | OciSource | HttpFile

/**
 * Finds the chart that an argument names: a path, `oci://HOST/PATH`, the URL of an archive, `NAME/CHART` of a repository
 * that helm knows, or a chart's name beside --repo; what it gives loads the chart. A local one wins, in Helm 4 only where
 * there is no --repo. Throws CHART_NOT_FOUND in Helm's words, and what fetching throws; loading throws what it may.
 */
export async function locateChart(
  cli: Cli,
  reference: string,
  semantics: Semantics,
  options: TemplateOptions,
): Promise<() => Chart | Promise<Chart>> {
  const path = resolve(cli.cwd, reference.trim())
  if (semantics === 3 || !options.repo) {
    if (isLocalChart(path)) {
      if (options.repo) cli.stderr('local chart found in current working directory. repository url ignored\n')
      return () => {
        const chart = readLocalChart(path, { semantics, label: reference })
        return options.dependencyUpdate ? withDependencies(cli, path, chart, semantics) : chart
      }
    }
    if (reference.startsWith('/') || reference.startsWith('.')) {
      throw new DecapodError('CHART_NOT_FOUND', `path "${reference}" not found`)
    }
  }
  const source = sourceOf(cli, reference.trim(), options)
  try {
    const chart = await openRemote(cli).chart(source, reference, semantics)
    return () => chart
  } catch (error) {
    if (!options.repo || !(error instanceof DecapodError) || error.code !== 'CHART_NOT_FOUND') throw error
    const version = options.version === undefined ? '' : ` version "${options.version}"`
    const message = `chart "${reference.trim()}"${version} not found in ${options.repo} repository`
    throw new DecapodError('CHART_NOT_FOUND', message, { hint: error.hint, cause: error })
  }
}

function sourceOf(cli: Cli, reference: string, options: TemplateOptions): ChartSource {
  const version = options.version || (options.devel ? '>0.0.0-0' : '')
  if (options.repo) {
    return { kind: 'helm', repository: withUser(options.repo, options), chart: reference, version }
  }
  if (reference.startsWith('oci://')) {
    // A tag or digest may stand in the reference itself.
    const [, repository = '', pinned] = /^(.*?)(?:@(sha256:[0-9a-f]+)|:([^:/@]+))?$/
      .exec(reference)!
      .filter(p => p !== undefined)
    return { kind: 'oci', repository, version: pinned ?? version }
  }
  if (/^https?:\/\//.test(reference)) return { kind: 'http', url: withUser(reference, options) }
  const [name, ...rest] = reference.split('/')
  if (rest.length === 0) {
    const message = `non-absolute URLs should be in form of repo_name/path_to_chart, got: ${reference}`
    throw new DecapodError('CHART_NOT_FOUND', message, {
      hint: 'a path that exists, oci://HOST/PATH, NAME/CHART of a repository helm knows, or a name with --repo URL',
    })
  }
  if (!readRepositories(cli.env).some(repository => repository.name === name)) {
    throw new DecapodError('CHART_NOT_FOUND', `repo ${name} not found`, {
      hint: `helm repo add ${name} URL, or --repo URL`,
    })
  }
  return { kind: 'helm', repository: `@${name}`, chart: rest.join('/'), version }
}

/** --username and --password as a part of the URL, which no message and no cache key shows. */
function withUser(url: string, { username, password }: TemplateOptions): string {
  if (username === undefined || !URL.canParse(url)) return url
  const full = new URL(url)
  full.username = encodeURIComponent(username)
  full.password = encodeURIComponent(password ?? '')
  return full.href
}

interface Remote {
  chart(source: ChartSource, label: string, semantics: Semantics): Promise<Chart>
}

function openRemote(cli: Cli): Remote {
  const cache: Cache = openCache(cli)
  const sources: Sources = openSources(cli, cache, { mirrors: {} })
  return {
    async chart(source, label, semantics) {
      const { entry } = await sources.fetch(source)
      return readLocalChart(cache.fileOf(entry.digest), { semantics, label })
    },
  }
}

/**
 * --dependency-update: where a declared chart is missing, all that have a repository are fetched, in the newest versions
 * that fit. Unlike Helm's, which writes to charts/ and Chart.lock, this leaves the chart as it is on disk.
 */
async function withDependencies(cli: Cli, path: string, chart: Chart, semantics: Semantics): Promise<Chart> {
  const declared = chart.metadata.dependencies ?? []
  const present = new Set(chart.dependencies.map(dependency => dependency.metadata.name))
  if (declared.every(({ name }) => present.has(name))) return chart
  const remote = openRemote(cli)
  const fetched: Chart[] = []
  // The same chart may be declared more than once, under aliases.
  const wanted = new Map(
    declared.filter(d => d.repository !== '').map(d => [`${d.repository} ${d.name} ${d.version}`, d]),
  )
  for (const dependency of wanted.values()) {
    if (!cli.global.quiet) cli.stderr(`Fetching ${dependency.name} from ${dependency.repository}\n`)
    fetched.push(await dependencyChart(remote, path, dependency, semantics))
  }
  const replaced = new Set(fetched.map(({ metadata }) => metadata.name))
  return { ...chart, dependencies: [...chart.dependencies.filter(d => !replaced.has(d.metadata.name)), ...fetched] }
}

function dependencyChart(
  remote: Remote,
  path: string,
  dependency: Dependency,
  semantics: Semantics,
): Chart | Promise<Chart> {
  const { name, repository, version } = dependency
  if (repository.startsWith('file://')) {
    const dir = resolve(path, repository.slice('file://'.length))
    if (!isLocalChart(dir)) throw new DecapodError('CHART_DEPENDENCY', `directory ${repository} of ${name} not found`)
    return readLocalChart(dir, { semantics, label: repository })
  }
  const source: ChartSource = repository.startsWith('oci://')
    ? { kind: 'oci', repository: `${repository.replace(/\/+$/, '')}/${name}`, version }
    : { kind: 'helm', repository: repository.replace(/^alias:/, '@'), chart: name, version }
  return remote.chart(source, name, semantics)
}
