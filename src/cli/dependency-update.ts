/**
 * --dependency-update of `decapod template`: what `helm dependency update` does to a chart directory, and what it prints
 * on standard output on the way (Helm's pkg/downloader/manager.go, Update, and internal/resolver).
 */
import { lstatSync, mkdirSync, readdirSync, readlinkSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { DecapodError } from '../errors.ts'
import { quote } from '../go/strconv.ts'
import { type GoDict, GoError } from '../go/value.ts'
import type { Chart, Dependency } from '../helm/chart.ts'
import { isAlias, type LockedDependency, lockDigest, readChartLock } from '../helm/chart-lock.ts'
import { toYaml } from '../helm/funcs.ts'
import { chartFiles } from '../helm/load.ts'
import type { Semantics } from '../helm/semantics.ts'
import { chartTree, isLocalChart, readLocalChart } from '../io/local-chart.ts'
import type { RepositoryEntry } from '../io/repository-credentials.ts'
import { parseConstraints, satisfies } from '../semver/constraint.ts'
import { isVersion, parseVersion } from '../semver/version.ts'
import type { HelmSource, OciSource } from '../source.ts'
import { storedGzip, writeTar } from '../tar-writer.ts'

/** What an update needs of the machine. */
export interface UpdatePorts {
  readonly print: (line: string) => void
  /** The repositories that `helm repo add` knows. */
  readonly repositories: readonly RepositoryEntry[]
  /** Reads a repository's index anew: a URL, or `@NAME`. Throws DecapodError where that fails. */
  readonly refresh: (repository: string) => Promise<void>
  /** Every version that a source lists, newest first. Throws where its repository cannot be reached. */
  readonly versions: (source: HelmSource | OciSource) => Promise<readonly string[]>
  /** The archive of the chart in the one version that the source names. */
  readonly archive: (source: HelmSource | OciSource) => Promise<Uint8Array>
  readonly now: () => Date
}

export interface UpdateOptions {
  readonly semantics: Semantics
  /** Whether helm would print what it does with directories, too. */
  readonly debug: boolean
}

/**
 * Fills charts/ of the chart in a directory and writes its lock, where that changes. Throws DecapodError
 * CHART_DEPENDENCY in Helm's words for what cannot be resolved, and what the ports throw.
 */
export async function updateDependencies(
  dir: string,
  chart: Chart,
  ports: UpdatePorts,
  options: UpdateOptions,
): Promise<void> {
  const wanted = resolveAliases(dir, chart.metadata.dependencies ?? [], ports, options)
  await updateIndexes(wanted, ports, options)
  const locked = await lockVersions(dir, wanted, ports, options)
  await download(dir, locked, ports, options)
  const digest = lockDigest(wanted, locked)
  if (chart.lock === undefined || readChartLock(chart.lock, dir).digest !== digest) {
    writeLock(dir, chart.metadata.apiVersion === 'v1' ? 'requirements.lock' : 'Chart.lock', locked, digest, ports)
  }
}

function failure(message: string, cause?: unknown): DecapodError {
  return new DecapodError('CHART_DEPENDENCY', message, { cause })
}

const isDirectory = (repository: string): boolean => repository.startsWith('file://')
const isOci = (repository: string): boolean => repository.startsWith('oci://')

/** Puts URLs in the place of `@name` and `alias:name` (resolveRepoNames). */
function resolveAliases(
  dir: string,
  dependencies: readonly Dependency[],
  { repositories, print }: UpdatePorts,
  { debug }: UpdateOptions,
): Dependency[] {
  const missing: string[] = []
  const resolved = dependencies.map(dependency => {
    const { repository } = dependency
    if (repository === '' || isOci(repository)) return dependency
    if (isDirectory(repository)) {
      localPath(repository, dir)
      if (debug) print(`Repository from local path: ${repository}`)
      return dependency
    }
    if (isAlias(repository)) {
      const name = repository.replace(/^(?:@|alias:)/, '')
      const entry = repositories.find(one => one.name === name)
      if (entry !== undefined) return { ...dependency, repository: entry.url }
      // The other form is a URL to Helm, if one that it cannot reach.
      if (repository.startsWith('@')) missing.push(repository)
    } else if (!/^(?:[a-zA-Z][a-zA-Z0-9+.-]*:|\/)/.test(repository)) missing.push(repository)
    return dependency
  })
  if (missing.length === 0) return resolved
  const isName = missing.some(name => !name.includes('//') && !isAlias(name))
  throw failure(
    `no repository definition for ${missing.join(', ')}. Please add them via 'helm repo add'` +
      (isName
        ? '\nNote that repositories must be URLs or aliases. For example, to refer to the "example"\n' +
          'repository, use "https://charts.example.com/" or "@example" instead of\n' +
          "\"example\". Don't forget to add the repo, too ('helm repo add')."
        : ''),
  )
}

/** The directory of `file://…`, from the chart's own where it is relative (GetLocalPath). */
function localPath(repository: string, dir: string): string {
  const path = resolve(dir, repository.replace(/^file:\/\//, ''))
  if (!isLocalChart(path)) throw failure(`directory ${path} not found`)
  return path
}

const sameRepository = (a: string, b: string): boolean => a.replace(/\/+$/, '') === b.replace(/\/+$/, '')

/** Reads the indexes of the repositories that dependencies name, and of all that helm knows (ensureMissingRepos). */
async function updateIndexes(
  wanted: readonly Dependency[],
  ports: UpdatePorts,
  { semantics }: UpdateOptions,
): Promise<void> {
  const { print, repositories } = ports
  const known = new Set<string>()
  const unmanaged: string[] = []
  for (const { name, repository } of wanted) {
    if (isDirectory(repository) || isOci(repository) || repositories.some(r => sameRepository(r.url, repository))) {
      if (repository !== '') known.add(name)
    }
  }
  for (const { name, repository } of wanted) {
    if (repository === '' || known.has(name)) continue
    known.add(name)
    const isThere = unmanaged.some(url => url.replace(/\/$/, '') === repository.replace(/\/$/, ''))
    if (semantics === 3 || !isThere) unmanaged.push(repository)
  }
  if (unmanaged.length > 0) {
    print('Getting updates for unmanaged Helm repositories...')
    const odd = unmanaged.find(url => !/^https?:/i.test(url))
    if (odd !== undefined) throw failure(`could not find protocol handler for: ${odd.slice(0, odd.indexOf(':'))}`)
    for (const url of unmanaged) await updateIndex(url, url, '', ports)
  }
  if (repositories.length === 0) return
  print('Hang tight while we grab the latest from your chart repositories...')
  for (const { name, url } of repositories) await updateIndex(`@${name}`, name, ` (${url})`, ports)
  print('Update Complete. ⎈Happy Helming!⎈')
}

async function updateIndex(repository: string, shown: string, place: string, ports: UpdatePorts): Promise<void> {
  try {
    await ports.refresh(repository)
    ports.print(`...Successfully got an update from the ${quote(shown)} chart repository`)
  } catch (error) {
    if (!(error instanceof DecapodError)) throw error
    ports.print(`...Unable to get an update from the ${quote(shown)} chart repository${place}:\n\t${error.message}`)
  }
}

/** Finds the version that each dependency gets (resolver.go, Resolve). */
async function lockVersions(
  dir: string,
  wanted: readonly Dependency[],
  ports: UpdatePorts,
  { semantics }: UpdateOptions,
): Promise<LockedDependency[]> {
  const locked: LockedDependency[] = []
  const missing: string[] = []
  for (const dependency of wanted) {
    const { name, repository, version } = dependency
    const fits = constraintOf(dependency)
    let found: string | undefined
    if (repository === '') {
      localPath(`charts/${name}`, dir)
      found = version
    } else if (isDirectory(repository)) {
      const own = readLocalChart(localPath(repository, dir), { semantics, label: repository }).metadata.version
      found = fits(own) ? own : undefined
    } else if (isOci(repository) && isVersion(version)) found = version
    else found = (await listed(sourceOf(dependency), repository, ports)).find(fits)
    if (found === undefined) missing.push(`${quote(name)} (repository ${quote(repository)}, version ${quote(version)})`)
    else locked.push({ name, repository, version: found })
  }
  if (missing.length === 0) return locked
  throw failure(
    `can't get a valid version for ${missing.length} subchart(s): ${missing.join(', ')}. ` +
      'Make sure a matching chart version exists in the repo, or change the version constraint in Chart.yaml',
  )
}

async function listed(
  source: HelmSource | OciSource,
  repository: string,
  ports: UpdatePorts,
): Promise<readonly string[]> {
  try {
    return await ports.versions(source)
  } catch (error) {
    if (!(error instanceof DecapodError) || error.code !== 'CHART_NOT_FOUND' || source.kind !== 'helm') throw error
    throw failure(`${source.chart} chart not found in repo ${repository}`, error)
  }
}

function sourceOf({ name, repository, version }: LockedDependency): HelmSource | OciSource {
  return isOci(repository)
    ? { kind: 'oci', repository: `${repository.replace(/\/+$/, '')}/${name}`, version }
    : { kind: 'helm', repository, chart: name, version }
}

function constraintOf({ name, version }: Dependency): (version: string) => boolean {
  try {
    const constraints = parseConstraints(version)
    return text => isVersion(text) && satisfies(constraints, parseVersion(text))
  } catch (error) {
    if (!(error instanceof GoError)) throw error
    throw failure(`dependency ${quote(name)} has an invalid version/constraint format: ${error.message}`, error)
  }
}

/** Brings every locked chart into charts/, and takes away the archives there that no dependency names any more. */
async function download(
  dir: string,
  locked: readonly LockedDependency[],
  ports: UpdatePorts,
  options: UpdateOptions,
): Promise<void> {
  const charts = join(dir, 'charts')
  const stat = statSync(charts, { throwIfNoEntry: false })
  if (stat?.isDirectory() === false) throw failure(`${quote(charts)} is not a directory`)
  mkdirSync(charts, { recursive: true, mode: 0o755 })
  ports.print(`Saving ${locked.length} charts`)
  let archives: Map<string, Uint8Array>
  try {
    archives = await archivesOf(dir, locked, ports, options)
  } catch (error) {
    if (error instanceof DecapodError) ports.print(`Save error occurred:  ${error.message}`)
    throw error
  }
  const before = readdirSync(charts, { withFileTypes: true })
  for (const [name, archive] of archives) {
    // A reader never sees half an archive.
    const half = join(dir, `tmpcharts-${process.pid}`)
    writeFileSync(half, archive)
    renameSync(half, join(charts, name))
  }
  ports.print('Deleting outdated charts')
  const local = new Set(locked.filter(({ repository }) => repository === '').map(({ name }) => name))
  for (const entry of before) {
    if (entry.isDirectory() || archives.has(entry.name)) continue
    const file = join(charts, entry.name)
    try {
      const { name } = readLocalChart(file, { semantics: options.semantics, label: file }).metadata
      if (!local.has(name)) rmSync(file)
    } catch (error) {
      if (!(error instanceof DecapodError)) throw error
      ports.print(`Could not verify ${file} for deletion: ${error.message} (Skipping)`)
    }
  }
}

/** The archives by the names that they have in charts/. */
async function archivesOf(
  dir: string,
  locked: readonly LockedDependency[],
  { print, archive }: UpdatePorts,
  { semantics, debug }: UpdateOptions,
): Promise<Map<string, Uint8Array>> {
  const archives = new Map<string, Uint8Array>()
  const downloaded = new Set<string>()
  for (const dependency of locked) {
    const { name, repository, version } = dependency
    if (repository === '') {
      print(`Dependency ${name} did not declare a repository. Assuming it exists in the charts directory`)
      continue
    }
    if (isDirectory(repository)) {
      if (debug) print(`Archiving ${name} from repo ${repository}`)
      const packed = packDirectory(localPath(repository, dir), semantics)
      archives.set(packed.file, packed.archive)
      continue
    }
    const key = `${repository} ${name} ${version}`
    print(`${downloaded.has(key) ? 'Already downloaded' : 'Downloading'} ${name} from repo ${repository}`)
    if (downloaded.has(key)) continue
    downloaded.add(key)
    archives.set(`${name}-${version}.tgz`, await archive(sourceOf(dependency)))
  }
  return archives
}

/** The chart of a directory as a package of the same files. */
function packDirectory(path: string, semantics: Semantics): { file: string; archive: Uint8Array } {
  const { metadata } = readLocalChart(path, { semantics, label: path })
  const files = chartFiles(chartTree(path), '/', { semantics, label: path })
  const tar = writeTar(files.map(({ name, data }) => ({ name: `${metadata.name}/${name}`, data })))
  return { file: `${metadata.name}-${metadata.version}.tgz`, archive: storedGzip(tar) }
}

function writeLock(
  dir: string,
  name: string,
  locked: readonly LockedDependency[],
  digest: string,
  { now }: UpdatePorts,
): void {
  const file = join(dir, name)
  if (lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() === true) {
    throw failure(`the ${name} file is a symlink to ${quote(readlinkSync(file))}`)
  }
  const dependencies = locked.map(
    one => new Map([...Object.entries({ name: one.name, repository: one.repository, version: one.version })]),
  )
  const lock = new Map<string, unknown>([
    ['dependencies', dependencies],
    ['digest', digest],
    ['generated', now().toISOString()],
  ])
  writeFileSync(file, `${toYaml(lock as GoDict)}\n`)
}
