/**
 * Loading charts: a directory of a FileTree or a .tgz becomes a Chart (Helm's pkg/chart/loader: directory.go, archive.go,
 * load.go). Nothing of it is evaluated here.
 */
import { DecapodError } from '../errors.ts'
import { ext } from '../go/path.ts'
import { quote } from '../go/strconv.ts'
import { compareStrings, fromBytes, type GoDict, GoError } from '../go/value.ts'
import { defaultTarLimits, readTarGz } from '../tar.ts'
import { cleanPath, type FileTree, isOutside } from '../tree.ts'
import type { Chart, ChartFile, Metadata } from './chart.ts'
import { parseTyped } from './decode.ts'
import { type IgnoreRules, isIgnored, parseIgnore } from './ignore.ts'
import { checkMetadata, decodeMetadata, metadataShapes, type RawMetadata } from './metadata.ts'
import type { Semantics } from './semantics.ts'
import { parseValues } from './values-file.ts'

export interface LoadOptions {
  readonly semantics?: Semantics
  /** How the chart is called in positions of errors; the directory or archive by default. */
  readonly label?: string
  /** Told of each link in a directory, by its path there, before what is behind it is read. Ignored files count as well. */
  readonly linked?: (path: string) => void
}

const maxFileSize = 5 * 1024 * 1024
const maxChartSize = 100 * 1024 * 1024
/** All archives of a chart together: each may hold as much as it likes of its own. */
const maxUnpacked = 256 * 1024 * 1024
/** Charts within charts, all together and within each other. */
const maxCharts = 2000
const maxChartDepth = 50
/** Directories below each other; more is a loop of links. */
const maxDepth = 100
const maxFiles = 100_000
/** Links to directories, each time one is followed: links to what holds links are few on the disk and endless here. */
const maxLinks = 1000

/**
 * Loads the chart in a directory of a tree; .helmignore applies. Links inside the chart are followed; one that leads out
 * of it is refused. Throws DecapodError: CHART_NOT_FOUND, CHART_INVALID, PATH_OUTSIDE_ROOT, LIMIT_EXCEEDED.
 */
export function loadChart(tree: FileTree, dir: string, options: LoadOptions = {}): Chart {
  const label = options.label ?? cleanPath(dir)
  return loadFiles(chartFiles(tree, dir, options), { semantics: 3, ...options, label, depth: 0, room: newRoom() })
}

/** The files of the chart in a directory that belong to it: what a package of it holds. Throws as loadChart does. */
export function chartFiles(tree: FileTree, dir: string, options: LoadOptions = {}): ChartFile[] {
  const root = cleanPath(dir)
  const label = options.label ?? root
  if (tree.kind(root) !== 'dir') throw new DecapodError('CHART_NOT_FOUND', `path ${quote(label)} not found`)
  const { semantics = 3 } = options
  const ignoreFile = readOwn(tree, root, '.helmignore')
  const text = ignoreFile === undefined ? '' : fromBytes(ignoreFile)
  const rules = parseIgnore(text, `${label}/.helmignore`, semantics)
  return new DirectoryReader(tree, root, label, rules, semantics, options.linked).read()
}

/** A file at the top of a chart that is read before all others: no pipe, no device, nothing that lies elsewhere. */
function readOwn(tree: FileTree, root: string, name: string): Uint8Array | undefined {
  const path = root === '/' ? `/${name}` : `${root}/${name}`
  if (tree.kind(path) !== 'file') return undefined
  const real = tree.realPath(path)
  const realRoot = tree.realPath(root) ?? root
  if (real !== undefined && realRoot !== '/' && !real.startsWith(`${realRoot}/`)) return undefined
  return real !== undefined && isOutside(real) ? undefined : tree.read(path)
}

/**
 * Loads a packaged chart. `label` names it in errors. Throws DecapodError as loadChart does, and ARCHIVE_INVALID for an
 * archive that is none or is not safe.
 */
export function loadChartArchive(bytes: Uint8Array, options: LoadOptions = {}): Chart {
  const semantics = options.semantics ?? 3
  const label = options.label ?? 'chart archive'
  return loadFiles(readArchive(bytes, label, semantics), { ...options, semantics, label, depth: 0, room: newRoom() })
}

/** Walks a directory as Helm does: names in byte order, a directory's files where its name stands. */
class DirectoryReader {
  readonly #tree: FileTree
  readonly #root: string
  /** The directory as the user named it, for errors. */
  readonly #label: string
  readonly #realRoot: string
  readonly #rules: IgnoreRules
  readonly #semantics: Semantics
  readonly #linked: ((path: string) => void) | undefined
  readonly #files: ChartFile[] = []
  #size = 0
  #links = 0

  constructor(
    tree: FileTree,
    root: string,
    label: string,
    rules: IgnoreRules,
    semantics: Semantics,
    linked: LoadOptions['linked'],
  ) {
    this.#tree = tree
    this.#root = root
    this.#label = label
    this.#realRoot = tree.realPath(root) ?? root
    this.#rules = rules
    this.#semantics = semantics
    this.#linked = linked
  }

  read(): ChartFile[] {
    this.#walk('', 0)
    return this.#files
  }

  #walk(dir: string, depth: number): void {
    if (depth > maxDepth) throw limit(`${this.#label}/${dir}`, `the chart nests more than ${maxDepth} directories`)
    const entries = [...this.#tree.list(this.#path(dir))].sort((a, b) => compareStrings(a.name, b.name))
    for (const { name, kind, isLink } of entries) {
      const path = dir === '' ? name : `${dir}/${name}`
      if (isLink === true) this.#linked?.(path)
      if (isIgnored(this.#rules, path, kind === 'dir')) continue
      // Asking where a path leads takes as long as reading the file.
      if (isLink !== false) this.#refuseOutside(path)
      if (kind === 'dir') {
        if (isLink !== false) this.#refuseCircle(dir, path)
        if (isLink === true && ++this.#links > maxLinks)
          throw limit(`${this.#label}/${path}`, `the chart links to directories more than ${maxLinks} times`)
        this.#walk(path, depth + 1)
      } else this.#add(path)
    }
  }

  #path(path: string): string {
    if (path === '') return this.#root
    return this.#root === '/' ? `/${path}` : `${this.#root}/${path}`
  }

  /** A chart is foreign: a link in it must not bring files of this machine into what it renders. */
  #refuseOutside(path: string): void {
    const full = this.#path(path)
    const real = this.#tree.realPath(full)
    if (real === undefined || real === full) return
    if (!isOutside(real) && (this.#realRoot === '/' || `${real}/`.startsWith(`${this.#realRoot}/`))) return
    const target = isOutside(real) ? real.slice('/..'.length) : real
    throw new DecapodError('PATH_OUTSIDE_ROOT', `${path} is a link to ${target}, outside the chart`, {
      at: { file: `${this.#label}/${path}` },
      hint: 'copy the files into the chart; Helm would follow the link, decapod reads no file outside a chart',
    })
  }

  /** A link to a directory above itself: Helm follows it until the name is too long. */
  #refuseCircle(dir: string, path: string): void {
    const full = this.#path(path)
    const real = this.#tree.realPath(full)
    if (real === undefined || real === full) return
    const above = this.#tree.realPath(this.#path(dir)) ?? dir
    if (real !== '/' && !`${above}/`.startsWith(`${real}/`)) return
    throw new DecapodError('PATH_OUTSIDE_ROOT', `${path} is a link to a directory above itself`, {
      at: { file: `${this.#label}/${path}` },
      hint: 'remove the link: following it has no end',
    })
  }

  #add(path: string): void {
    const full = this.#path(path)
    const data = this.#tree.read(full)
    if (data === undefined)
      throw new DecapodError('FILE_NOT_FOUND', `cannot read ${full}`, { at: { file: `${this.#label}/${path}` } })
    const name = path.slice(path.lastIndexOf('/') + 1)
    // Helm 4 has no limit for one file any more.
    if (this.#semantics === 3 && data.length > maxFileSize) {
      throw limit(
        `${this.#label}/${path}`,
        `chart file ${quote(name)} is larger than the maximum file size ${maxFileSize}`,
      )
    }
    this.#size += data.length
    if (this.#size > maxChartSize) {
      const message = `chart exceeds maximum decompressed size of ${maxChartSize} bytes`
      throw limit(`${this.#label}/${path}`, this.#semantics === 4 ? `error reading ${path}: ${message}` : message)
    }
    if (this.#files.length >= maxFiles)
      throw limit(`${this.#label}/${path}`, `the chart has more than ${maxFiles} files`)
    this.#files.push({ name: path, data: withoutMark(data) })
  }
}

/** The files of a packaged chart, their names without the first element. */
function readArchive(bytes: Uint8Array, label: string, semantics: Semantics): ChartFile[] {
  const fail = (message: string): DecapodError => new DecapodError('ARCHIVE_INVALID', message, { at: { file: label } })
  // The header of gzip has ten bytes, and Go reads it whole before it looks.
  if (bytes.length < 10) throw fail(bytes.length === 0 ? 'EOF' : 'unexpected EOF')
  const limits = { ...defaultTarLimits, totalSize: maxChartSize + 1024 * 1024 }
  let entries: ReturnType<typeof readTarGz>
  try {
    entries = readTarGz(bytes, label, limits, isVendored)
  } catch (error) {
    const isCut = error instanceof DecapodError && error.message.endsWith(': unexpected end of file')
    throw isCut ? fail('unexpected EOF') : error
  }
  const files: ChartFile[] = []
  let size = 0
  for (const entry of entries) {
    const parts = entry.name.split(entry.name.includes('\\') ? '\\' : '/')
    const name = cleanPath('/' + parts.slice(1).join('/')).slice(1)
    if (parts[0] === 'Chart.yaml') throw fail('chart yaml not in base directory')
    if (name === '') {
      throw fail(`chart illegally contains content outside the base directory: ${quote(entry.name)}`)
    }
    if (/^[a-zA-Z]:\//.test(name)) throw fail('chart contains illegally named files')
    size += entry.data.length
    if (size >= maxChartSize)
      throw limit(label, `decompressed chart is larger than the maximum file size ${maxChartSize}`)
    if (semantics === 3 && entry.data.length > maxFileSize) {
      const what = `decompressed chart file ${quote(entry.name)}`
      throw limit(label, `${what} is larger than the maximum file size ${maxFileSize}`)
    }
    files.push({ name, data: withoutMark(entry.data) })
  }
  if (files.length === 0) throw fail('no files in chart archive')
  return files
}

/**
 * A chart that is packaged with dependencies already in place may hold them twice, even in two versions (public
 * repositories have such archives). Helm takes the later files, and here it does no harm; nothing else may repeat.
 */
function isVendored(path: string): boolean {
  return path.split('/')[1] === 'charts'
}

/** What is left for the charts within a chart, all together: few bytes unpack to archives of archives. */
interface Room {
  charts: number
  bytes: number
}

const newRoom = (): Room => ({ charts: maxCharts, bytes: maxUnpacked })

interface LoadContext extends Required<Omit<LoadOptions, 'linked'>> {
  /** How many charts this one lies in: 0 for the root. */
  readonly depth: number
  readonly room: Room
}

/** Sorts the files of a chart into what they are (load.go, LoadFiles). */
function loadFiles(files: readonly ChartFile[], context: LoadContext): Chart {
  if (context.depth > maxChartDepth) throw limit(context.label, `charts nest deeper than ${maxChartDepth}`)
  if (context.room.charts-- < 0) throw limit(context.label, `the chart holds more than ${maxCharts} charts`)
  const warnings: string[] = []
  const templates: ChartFile[] = []
  const others: ChartFile[] = []
  const subcharts = new Map<string, ChartFile[]>()
  let raw = readMetadata(files, context)
  let values: GoDict | undefined
  let schema: Uint8Array | undefined
  let lock: ChartFile | undefined

  for (const file of files) {
    const { name } = file
    if (name === 'Chart.yaml') continue
    if (name === 'Chart.lock') lock = checkedLock(file, context)
    else if (name === 'values.yaml') values = readValues(file, context)
    else if (name === 'values.schema.json') schema = file.data
    else if (name === 'requirements.yaml') {
      raw = decodeFile(file, 'requirements.yaml', context, raw)
      keepLegacy(
        file,
        raw,
        'Dependencies are handled in Chart.yaml since apiVersion "v2". We recommend migrating dependencies to Chart.yaml.',
      )
    } else if (name === 'requirements.lock') {
      lock ??= checkedLock(file, context)
      keepLegacy(
        file,
        raw,
        'Dependency locking is handled in Chart.lock since apiVersion "v2". We recommend migrating to Chart.lock.',
      )
    } else if (name.startsWith('templates/')) templates.push(file)
    else if (name.startsWith('charts/') && ext(name) !== '.prov') addSubchartFile(subcharts, file)
    else others.push(file)
  }

  /** Charts of apiVersion v1 see these files; others are told to move on. */
  function keepLegacy(file: ChartFile, metadata: RawMetadata | undefined, advice: string): void {
    const apiVersion = metadata?.get('apiVersion')
    if (apiVersion === 'v1') others.push(file)
    else warnings.push(`Warning: ${advice}`)
  }

  if (raw === undefined) {
    throw new DecapodError('CHART_INVALID', 'Chart.yaml file is missing', { at: { file: context.label } })
  }
  if (context.depth === 0) checkApiVersion(raw, context)
  const metadata = checkMetadata(raw, `${context.label}/Chart.yaml`)
  const dependencies = loadSubcharts(subcharts, metadata, context)
  if (context.depth === 0) checkInstalls(metadata, context)
  for (const dependency of dependencies) warnings.push(...dependency.warnings)
  const own = { metadata, templates, values, schema, files: others, dependencies, warnings }
  return lock === undefined ? own : { ...own, lock }
}

function readMetadata(files: readonly ChartFile[], context: LoadContext): RawMetadata | undefined {
  let raw: RawMetadata | undefined
  for (const file of files) {
    if (file.name !== 'Chart.yaml') continue
    raw = decodeFile(file, 'Chart.yaml', context, raw)
    // Helm 2 did without it.
    if ((raw.get('apiVersion') ?? '') === '') raw = new Map([...raw, ['apiVersion', 'v1']])
  }
  return raw
}

function decodeFile(file: ChartFile, name: string, context: LoadContext, into: RawMetadata | undefined): RawMetadata {
  const at = { file: `${context.label}/${name}` }
  const value = within(`cannot load ${name}: `, () =>
    parseTyped(fromBytes(file.data), at.file, metadataShapes[context.semantics]),
  )
  try {
    return decodeMetadata(value, context.semantics, into)
  } catch (error) {
    if (!(error instanceof GoError)) throw error
    // Helm 4 looks into the root's Chart.yaml before it knows what kind of chart it is.
    const reason =
      context.depth === 0 && context.semantics === 4
        ? error.message.replace(/of type v2\.Metadata$/, 'of type loader.chartBase')
        : error.message
    const message = `cannot load ${name}: error unmarshaling JSON: while decoding JSON: ${reason}`
    throw new DecapodError('CHART_INVALID', message, { at })
  }
}

function readValues(file: ChartFile, context: LoadContext): GoDict {
  return within('cannot load values.yaml: ', () =>
    parseValues(fromBytes(file.data), `${context.label}/values.yaml`, context.semantics),
  )
}

/** A lock only matters to downloads; here it must be readable. */
function checkedLock(file: ChartFile, context: LoadContext): ChartFile {
  within(`cannot load ${file.name}: `, () => parseTyped(fromBytes(file.data), `${context.label}/${file.name}`))
  return file
}

/** Runs a reader and puts what was being read before its message. */
function within<T>(prefix: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof DecapodError)) throw error
    const code = error.code === 'YAML_PARSE' ? 'CHART_INVALID' : error.code
    throw new DecapodError(code, prefix + error.message, { at: error.at, hint: error.hint, cause: error })
  }
}

/** Helm 4 looks at the version of the root before all else (pkg/chart/loader/load.go). */
function checkApiVersion(raw: RawMetadata, context: LoadContext): void {
  const apiVersion = raw.get('apiVersion')
  if (context.semantics === 3 || apiVersion === 'v1' || apiVersion === 'v2' || apiVersion === 'v3') return
  throw new DecapodError('CHART_INVALID', 'unsupported chart version', { at: { file: `${context.label}/Chart.yaml` } })
}

/** It can load its own v3, which is on trial, and installs none (pkg/action/install.go). */
function checkInstalls({ apiVersion }: Metadata, context: LoadContext): void {
  if (context.semantics === 3 || apiVersion !== 'v3') return
  throw new DecapodError('CHART_INVALID', 'invalid chart apiVersion', { at: { file: `${context.label}/Chart.yaml` } })
}

/** Groups the files below charts/ by their first element. */
function addSubchartFile(subcharts: Map<string, ChartFile[]>, file: ChartFile): void {
  const name = file.name.slice('charts/'.length)
  const slash = name.indexOf('/')
  const chart = slash === -1 ? name : name.slice(0, slash)
  const group = subcharts.get(chart)
  if (group === undefined) subcharts.set(chart, [{ name, data: file.data }])
  else group.push({ name, data: file.data })
}

function loadSubcharts(
  subcharts: ReadonlyMap<string, readonly ChartFile[]>,
  metadata: Metadata,
  context: LoadContext,
): Chart[] {
  const charts: Chart[] = []
  for (const [name, files] of subcharts) {
    if (name.startsWith('_') || name.startsWith('.')) continue
    const label = `${context.label}/charts/${name}`
    const inner = { ...context, label, depth: context.depth + 1 }
    charts.push(
      within(`error unpacking subchart ${name} in ${metadata.name}: `, () => {
        if (ext(name) !== '.tgz') {
          // Files that lie loose in charts/ belong to no chart.
          const inside = files
            .filter(file => file.name.includes('/'))
            .map(file => ({ name: file.name.slice(file.name.indexOf('/') + 1), data: file.data }))
          return loadFiles(inside, inner)
        }
        const [archive] = files
        if (archive!.name !== name) {
          throw new DecapodError(
            'CHART_INVALID',
            `error unpacking subchart tar in ${metadata.name}: expected ${name}, got ${archive!.name}`,
            { at: { file: label } },
          )
        }
        const unpacked = readArchive(archive!.data, label, context.semantics)
        for (const { data } of unpacked) context.room.bytes -= data.length
        if (context.room.bytes < 0)
          throw limit(label, `the archives of the chart unpack to more than ${maxUnpacked} bytes`)
        return loadFiles(unpacked, inner)
      }),
    )
  }
  return charts
}

const mark = [0xef, 0xbb, 0xbf]

/** Without a byte order mark at the front. */
function withoutMark(data: Uint8Array): Uint8Array {
  return mark.every((byte, i) => data[i] === byte) ? data.subarray(3) : data
}

function limit(file: string, message: string): DecapodError {
  return new DecapodError('LIMIT_EXCEEDED', message, { at: { file } })
}
