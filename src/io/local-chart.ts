/** A chart on this machine: a directory or a packaged chart (Helm's loader.Load). */
import { existsSync, readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { DecapodError } from '../errors.ts'
import { quote } from '../go/strconv.ts'
import type { Chart } from '../helm/chart.ts'
import { type LoadOptions, loadChart, loadChartArchive } from '../helm/load.ts'
import type { FileTree } from '../tree.ts'
import { diskTree } from './fs.ts'

/** Whether there is anything at a path that could be a chart. */
export function isLocalChart(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined
}

export interface LocalChartOptions extends Omit<LoadOptions, 'linked'> {
  /** Stands for the path in messages. */
  readonly label: string
  /** Told of each link in a chart's directory and of where it leads, both as whole paths. */
  readonly linked?: (link: string, target: string) => void
}

/**
 * Loads the chart at a path. Throws DecapodError as loadChart does, and ARCHIVE_INVALID for a file that is no chart
 * archive.
 */
export function readLocalChart(path: string, { linked, ...options }: LocalChartOptions): Chart {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) throw new DecapodError('CHART_NOT_FOUND', `path ${quote(options.label)} not found`)
  if (stat.isDirectory()) {
    if (options.semantics === 4) checkDetectable(path, options.label)
    if (linked === undefined) return loadChart(chartTree(path), '/', options)
    const tell = (name: string): void => linked(resolve(path, name), realpathSync(resolve(path, name)))
    return loadChart(chartTree(path), '/', { ...options, linked: tell })
  }
  const bytes = readFileSync(path)
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b || bytes[2] !== 0x08) throw notArchive(bytes, options.label)
  return loadChartArchive(bytes, options)
}

/** Helm 4 reads Chart.yaml before it loads (pkg/chart/loader/load.go). */
function checkDetectable(path: string, label: string): void {
  const file = resolve(path, 'Chart.yaml')
  if (existsSync(file)) return
  const message = `unable to detect chart at ${file}: open ${file}: no such file or directory`
  throw new DecapodError('CHART_INVALID', message, { at: { file: label } })
}

/** A chart's directory. Links to nothing and devices are errors, in the words of Helm's loader (sympath/walk.go). */
export function chartTree(path: string): FileTree {
  return diskTree(path, (file, isDangling) => {
    const message = isDangling
      ? `error evaluating symlink ${file}: ${whyDangling(file)}`
      : `cannot load irregular file ${file} as it has file mode type bits set`
    throw new DecapodError(isDangling ? 'FILE_NOT_FOUND' : 'FILE_INVALID', message, { at: { file } })
  })
}

/** What Go's filepath.EvalSymlinks says of a link that leads to nothing, or back to itself. */
function whyDangling(link: string): string {
  try {
    realpathSync(link)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ELOOP') return 'EvalSymlinks: too many links'
  }
  return `lstat ${missingTarget(link)}: no such file or directory`
}

/** The first part of a link's target that is not there. */
function missingTarget(link: string): string {
  let missing = resolve(dirname(link), readlinkSync(link))
  while (!existsSync(dirname(missing))) missing = dirname(missing)
  return missing
}

/** A values file where the chart should stand is the usual slip. */
function notArchive(bytes: Uint8Array, label: string): DecapodError {
  const message = /\.ya?ml$/.test(label)
    ? `file '${label}' seems to be a YAML file, but expected a gzipped archive`
    : `file '${label}' does not appear to be a gzipped archive; got '${contentType(bytes.subarray(0, 512))}'`
  return new DecapodError('ARCHIVE_INVALID', message, {
    at: { file: label },
    hint: 'the arguments are NAME and CHART; values go behind -f',
  })
}

/** What net/http's DetectContentType says of text and of all else: what ends before 512 bytes is seen with zeros after it. */
function contentType(head: Uint8Array): string {
  const isBinary =
    head.length < 512 ||
    head.some(byte => byte < 0x09 || byte === 0x0b || (byte > 0x0d && byte < 0x20 && byte !== 0x1b))
  return isBinary ? 'application/octet-stream' : 'text/plain; charset=utf-8'
}
