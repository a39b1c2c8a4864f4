/**
 * Where charts that were fetched are read from: `--charts DIR`, the workspace's vendor directory, the cache entry that
 * decapod.lock names. The first that has a chart wins; each chart is loaded once for all releases and sites.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { DecapodError } from '../errors.ts'
import { chartFiles, loadChart, loadChartArchive } from '../helm/load.ts'
import type { LoadedChart } from '../render/charts.ts'
import { formatSource, type Source } from '../source.ts'
import { storedGzip, writeTar } from '../tar-writer.ts'
import { memoryTree } from '../tree.ts'
import { type ChartTree, chartTree } from './chart-tree.ts'
import { chartTree as localTree } from './local-chart.ts'
import type { PathDigests } from './path-digest.ts'
import type { SourceStore } from './source-store.ts'

export interface ChartPlaces {
  /** In the order they are asked: --charts, then vendor. Those that do not exist are passed over. */
  readonly directories: readonly ChartPlace[]
  /** What was vendored or fetched; asked last. */
  readonly store?: SourceStore | undefined
}

/** A directory of charts, and how the user named it. */
export interface ChartPlace {
  readonly dir: string
  readonly label: string
}

/**
 * Gives the chart of a source; what `paths` read of it for a digest is not read again. Throws DecapodError CHART_NOT_FOUND
 * where no place has it, SOURCE_INVALID for a charts.json that is none, and as loading a chart does.
 */
export function chartReader(places: ChartPlaces, paths?: Pick<PathDigests, 'take'>): (source: Source) => LoadedChart {
  const directories = places.directories
    .filter(({ dir }) => existsSync(dir))
    .map(place => new ChartDirectory(place, paths))
  const loaded = new Map<string, LoadedChart>()
  return source => {
    const key = formatSource(source)
    const known = loaded.get(key)
    if (known !== undefined) return known
    const chart = find(source, directories, places)
    loaded.set(key, chart)
    return chart
  }
}

/**
 * The chart of a source out of directories alone, as an archive: the .tgz itself, or a directory packed in one fixed
 * form. Undefined where no directory has it.
 */
export function chartArchiver(places: readonly ChartPlace[]): (source: Source) => Uint8Array | undefined {
  const directories = places.filter(({ dir }) => existsSync(dir)).map(place => new ChartDirectory(place))
  return source => {
    for (const directory of directories) {
      const path = directory.pathOf(source)
      if (path === undefined) continue
      if (path.endsWith('.tgz')) return readFileSync(path)
      const files = chartFiles(localTree(path), '/', { label: path })
      const name = chartName(source)!.chart
      return storedGzip(writeTar(files.map(file => ({ name: `${name}/${file.name}`, data: file.data }))))
    }
    return undefined
  }
}

/**
 * The files of a source's chart, for Kustomize's helmCharts; undefined where no place has it. Throws as reading an
 * archive does.
 */
export function chartTrees(places: ChartPlaces): (source: Source) => ChartTree | undefined {
  const archive = chartArchiver(places.directories)
  const unpacked = new Map<string, ChartTree>()
  return source => {
    const key = formatSource(source)
    const known = unpacked.get(key)
    if (known !== undefined) return known
    const bytes = archive(source) ?? places.store?.read(source)?.bytes
    if (bytes === undefined) return undefined
    const found = chartTree(bytes, key)
    unpacked.set(key, found)
    return found
  }
}

/**
 * The digest of the chart that chartReader gives for a source, without loading it. Undefined where there is none, or
 * where it cannot be read.
 */
export function chartDigests(
  places: ChartPlaces,
  paths: PathDigests,
): (source: Source, when: 'known' | 'now') => string | undefined {
  const directories = places.directories.filter(({ dir }) => existsSync(dir)).map(place => new ChartDirectory(place))
  return (source, when) => {
    for (const directory of directories) {
      const path = directory.pathOf(source)
      if (path !== undefined) return paths.digest(path, when)
    }
    const stored = places.store?.locate(source)
    return stored?.kind === 'file' ? paths.digest(stored.file, when) : stored?.digest
  }
}

function find(source: Source, directories: readonly ChartDirectory[], places: ChartPlaces): LoadedChart {
  for (const directory of directories) {
    const chart = directory.chart(source)
    if (chart !== undefined) return chart
  }
  const stored = places.store === undefined ? undefined : storedChart(places.store, source)
  if (stored !== undefined) return stored
  const looked = places.directories.map(({ label }) => label)
  throw new DecapodError('CHART_NOT_FOUND', `no chart for ${formatSource(source)}`, {
    hint: 'run decapod fetch, or name a directory that has it with --charts',
    notes: looked.length === 0 ? [] : [`looked in ${looked.join(', ')}`],
  })
}

/** A chart out of the vendor directory or the cache: an archive, or the files of a git directory. */
function storedChart(store: SourceStore, source: Source): LoadedChart | undefined {
  if (source.kind === 'git') {
    const tree = store.tree(source)
    const label = formatSource(source)
    return tree === undefined ? undefined : { chart: loadChart(tree, '/', { label }), label }
  }
  const stored = store.read(source)
  return stored === undefined
    ? undefined
    : { chart: loadChartArchive(stored.bytes, { label: stored.label }), label: stored.label }
}

/**
 * A directory of charts: `charts.json` maps "<repository URL> <chart> <version>" to a path below it; without an entry
 * there, `<chart>-<version>/` and `<chart>-<version>.tgz` are taken.
 */
class ChartDirectory {
  private readonly dir: string
  private readonly label: string
  private readonly index: ReadonlyMap<string, string>
  /** Several entries may name one directory; it is loaded once. */
  private readonly loaded = new Map<string, LoadedChart>()
  private readonly paths: Pick<PathDigests, 'take'> | undefined

  constructor({ dir, label }: ChartPlace, paths?: Pick<PathDigests, 'take'>) {
    this.dir = dir
    this.label = label
    this.paths = paths
    this.index = readIndex(join(dir, 'charts.json'), join(label, 'charts.json'))
  }

  chart(source: Source): LoadedChart | undefined {
    const path = this.pathOf(source)
    if (path === undefined) return undefined
    const known = this.loaded.get(path)
    if (known !== undefined) return known
    const label = join(this.label, relative(this.dir, path))
    const files = this.paths?.take(path)
    const chart = path.endsWith('.tgz')
      ? loadChartArchive(files?.get('') ?? readFileSync(path), { label })
      : loadChart(files === undefined ? localTree(path) : memoryTree(files), '/', { label })
    const found = { chart, label }
    this.loaded.set(path, found)
    return found
  }

  /** Where the directory has the chart of a source: a directory or a .tgz. */
  pathOf(source: Source): string | undefined {
    const named = chartName(source)
    if (named === undefined) return undefined
    const { repository, chart, version } = named
    const listed = this.index.get(key(repository, chart, version))
    if (listed !== undefined) {
      const path = resolve(this.dir, listed)
      if (path !== this.dir && !path.startsWith(`${resolve(this.dir)}/`)) {
        throw new DecapodError('PATH_OUTSIDE_ROOT', `charts.json names "${listed}", which leaves its directory`, {
          at: { file: join(this.label, 'charts.json') },
        })
      }
      return path
    }
    const plain = join(this.dir, `${chart}-${version}`)
    return [plain, `${plain}.tgz`].find(path => existsSync(path))
  }
}

/** A source's chart as charts.json names it. Only charts of repositories and registries have a name and a version. */
function chartName(source: Source): { repository: string; chart: string; version: string } | undefined {
  if (source.kind === 'helm') {
    // A name with a slash (`tks/opa-scorecard`) is one of the repository; the chart is called by its last part.
    const slash = source.chart.lastIndexOf('/')
    const prefix = slash === -1 ? '' : `/${source.chart.slice(0, slash)}`
    return {
      repository: source.repository.replace(/\/+$/, '') + prefix,
      chart: source.chart.slice(slash + 1),
      version: source.version,
    }
  }
  if (source.kind !== 'oci') return undefined
  const slash = source.repository.lastIndexOf('/')
  return {
    repository: `oci://${source.repository.slice(0, slash)}`,
    chart: source.repository.slice(slash + 1),
    version: source.version,
  }
}

/** Spelling of the URL does not make another repository. */
function key(repository: string, chart: string, version: string): string {
  return `${repository.replace(/\/+$/, '')} ${chart} ${version}`
}

function readIndex(file: string, label: string): ReadonlyMap<string, string> {
  if (!existsSync(file)) return new Map()
  const wrong = (why: string): DecapodError =>
    new DecapodError('SOURCE_INVALID', `charts.json ${why}`, {
      at: { file: label },
      hint: 'it maps "<repository URL> <chart> <version>" to a path below its directory',
    })
  let data: unknown
  try {
    data = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw wrong(`is not JSON: ${(error as Error).message}`)
  }
  if (typeof data !== 'object' || data === null || Array.isArray(data)) throw wrong('is not an object')
  const index = new Map<string, string>()
  for (const [name, path] of Object.entries(data)) {
    const [repository = '', chart = '', version = '', ...more] = name.split(' ')
    if (typeof path !== 'string' || version === '' || more.length > 0) throw wrong(`has the wrong entry "${name}"`)
    index.set(key(repository, chart, version), path)
  }
  return index
}
