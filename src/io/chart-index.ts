/**
 * index.yaml of a Helm repository, read for one chart at a time. Real indexes have 14 MB and more; the file is passed
 * through line by line and only the wanted chart's block is parsed. An index of another shape (JSON, flow style,
 * anchors) is parsed whole.
 */
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { DecapodError, nearest } from '../errors.ts'
import type { GoValue } from '../go/value.ts'
import { parseConstraints, satisfies } from '../semver/constraint.ts'
import { compareVersions, parseVersion, type Version } from '../semver/version.ts'
import { parseValue } from '../yaml/values.ts'

/** One version of a chart as the index lists it. */
export interface ChartVersion {
  readonly name: string
  readonly version: string
  readonly appVersion: string
  /** As listed: absolute or relative to the repository. */
  readonly urls: readonly string[]
  /** sha256 in hex, where the index gives one. */
  readonly digest: string | undefined
  readonly deprecated: boolean
}

/** Bytes of one chart's block, and of an index that must be parsed whole. */
const limits = { block: 64 << 20, whole: 256 << 20 }

/**
 * The versions of a chart, newest first as Helm sorts them. `repository` names it in errors. Throws CHART_NOT_FOUND with
 * the nearest name when the index has no such chart, SOURCE_INVALID for an index that cannot be read.
 */
export async function readChartVersions(file: string, repository: string, chart: string): Promise<ChartVersion[]> {
  const scan = await scanIndex(file, chart)
  let block: GoValue | undefined
  const names = scan.names
  if (scan.block !== undefined) block = tryParse(scan.block, file)?.get(chart)
  if (block === undefined && (scan.block !== undefined || !scan.understood)) {
    const entries = await parseWhole(file, repository)
    block = entries.get(chart)
    for (const name of entries.keys()) names.push(name)
  }
  if (block === undefined) {
    const near = nearest(chart, names)
    throw new DecapodError('CHART_NOT_FOUND', `${repository} has no chart "${chart}"`, {
      hint: near === undefined ? undefined : `did you mean "${near}"?`,
    })
  }
  const versions = (Array.isArray(block) ? block : []).flatMap(entry => chartVersion(entry, chart))
  return sortByVersion(versions)
}

/**
 * The version Helm takes (IndexFile.Get in pkg/repo/index.go): the one spelt exactly so, else the newest that satisfies
 * the constraint; '' is any stable one. Throws CHART_NOT_FOUND naming the newest versions there are.
 */
export function chooseVersion(versions: readonly ChartVersion[], wanted: string, what: string): ChartVersion {
  const exact = wanted === '' ? undefined : versions.find(v => v.version === wanted)
  if (exact !== undefined) return exact
  const constraints = constraintOf(wanted, what)
  const found = versions.find(v => satisfies(constraints, parseVersion(v.version)))
  if (found !== undefined) return found
  throw new DecapodError('CHART_NOT_FOUND', `${what} has no version that satisfies "${wanted}"`, {
    hint:
      versions.length === 0
        ? undefined
        : `there are ${versions
            .slice(0, 5)
            .map(v => v.version)
            .join(', ')}${versions.length > 5 ? ` and ${versions.length - 5} more` : ''}`,
  })
}

function constraintOf(wanted: string, what: string): ReturnType<typeof parseConstraints> {
  try {
    return parseConstraints(wanted === '' ? '*' : wanted)
  } catch (error) {
    throw new DecapodError('SOURCE_INVALID', `${what}: "${wanted}" is not a version constraint`, {
      cause: error,
      hint: 'such as 1.2.3, ^1.2 or ">=1.2.0, <2.0.0"',
    })
  }
}

/** Newest first; what is no version goes (Helm skips such entries with a warning). */
export function sortByVersion(versions: readonly ChartVersion[]): ChartVersion[] {
  const parsed: { entry: ChartVersion; version: Version }[] = []
  for (const entry of versions) {
    try {
      parsed.push({ entry, version: parseVersion(entry.version) })
    } catch {
      // Not a version.
    }
  }
  return parsed.sort((a, b) => compareVersions(b.version, a.version)).map(p => p.entry)
}

function chartVersion(entry: GoValue, chart: string): ChartVersion[] {
  if (!(entry instanceof Map)) return []
  const fields = entry as ReadonlyMap<string, GoValue>
  const text = (key: string): string => {
    const value = fields.get(key)
    return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : ''
  }
  const urls = fields.get('urls')
  const digest = text('digest').replace(/^sha256:/, '')
  return [
    {
      name: text('name') || chart,
      version: text('version'),
      appVersion: text('appVersion'),
      urls: Array.isArray(urls) ? urls.filter((u): u is string => typeof u === 'string') : [],
      digest: /^[0-9a-f]{64}$/.test(digest) ? digest : undefined,
      deprecated: fields.get('deprecated') === true,
    },
  ]
}

interface Scan {
  /** `chart:` and its list, as in the file but for the outer indentation. */
  readonly block: string | undefined
  readonly names: string[]
  /** Whether the file had the usual shape: then a chart that was not seen is not there. */
  readonly understood: boolean
}

/** Passes the file through once. Chart names are the keys one level below `entries:`. */
async function scanIndex(file: string, chart: string): Promise<Scan> {
  const names: string[] = []
  const block: string[] = []
  let size = 0
  let indent = -1
  let state: 'before' | 'entries' | 'wanted' | 'after' = 'before'
  for await (const line of lines(file)) {
    if (state === 'before') {
      if (/^entries:\s*(#.*)?$/.test(line)) state = 'entries'
      continue
    }
    if (state === 'after' || /^\s*(#|$)/.test(line)) {
      if (state === 'wanted') block.push(line)
      continue
    }
    const depth = line.length - line.trimStart().length
    const isItem = line.startsWith('-', depth)
    if (indent === -1) indent = depth
    if (depth < indent && !(depth === 0 && isItem)) state = 'after'
    else if (depth === indent && !isItem) {
      const name = keyOf(line.slice(depth))
      if (name === undefined) return { block: undefined, names, understood: false }
      names.push(name)
      state = name === chart ? 'wanted' : 'entries'
    }
    if (state === 'wanted') {
      size += line.length
      if (size > limits.block)
        throw new DecapodError(
          'LIMIT_EXCEEDED',
          `the index lists more than ${limits.block} bytes for the chart "${chart}"`,
        )
      block.push(line)
    }
  }
  return { block: block.length === 0 ? undefined : block.join('\n') + '\n', names, understood: indent !== -1 }
}

/** `name:` alone on its line, plain or quoted. */
function keyOf(text: string): string | undefined {
  const match = /^(?:"([^"\\]*)"|'([^']*)'|([^\s'"#&*!|>%@`{}[\],:][^\s:#]*)):\s*(#.*)?$/.exec(text)
  return match === null ? undefined : (match[1] ?? match[2] ?? match[3])
}

async function* lines(file: string): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of createReadStream(file, { encoding: 'utf8', highWaterMark: 1 << 20 })) {
    const text = rest + (chunk as string)
    let at = 0
    for (let end = text.indexOf('\n', at); end !== -1; end = text.indexOf('\n', at)) {
      yield text.slice(at, text.charCodeAt(end - 1) === 13 ? end - 1 : end)
      at = end + 1
    }
    rest = text.slice(at)
    if (rest.length > limits.block)
      throw new DecapodError('LIMIT_EXCEEDED', `a line of the index is longer than ${limits.block} bytes`)
  }
  if (rest !== '') yield rest
}

function tryParse(text: string, file: string): ReadonlyMap<string, GoValue> | undefined {
  try {
    const value = parseValue(text, { file, dialect: 'sigs' })
    return value instanceof Map ? (value as ReadonlyMap<string, GoValue>) : undefined
  } catch {
    // An alias to an anchor elsewhere, most likely: the whole file will tell.
    return undefined
  }
}

async function parseWhole(file: string, repository: string): Promise<ReadonlyMap<string, GoValue>> {
  const text = await readFile(file, 'utf8')
  if (text.length > limits.whole)
    throw new DecapodError('LIMIT_EXCEEDED', `the index of ${repository} has more than ${limits.whole} bytes`)
  let value: GoValue
  try {
    value = parseValue(text, { file, dialect: 'sigs' })
  } catch (error) {
    throw new DecapodError('SOURCE_INVALID', `the index of ${repository} cannot be read: ${(error as Error).message}`, {
      cause: error,
      hint: 'is the URL that of a Helm repository? <URL>/index.yaml must be its index',
    })
  }
  const entries = value instanceof Map ? (value as ReadonlyMap<string, GoValue>).get('entries') : undefined
  if (!(entries instanceof Map)) {
    throw new DecapodError('SOURCE_INVALID', `the index of ${repository} has no entries`, {
      hint: 'is the URL that of a Helm repository? <URL>/index.yaml must be its index',
    })
  }
  return entries as ReadonlyMap<string, GoValue>
}
