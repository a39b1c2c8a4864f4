/**
 * index.yaml of a Helm repository, read for one chart at a time. Real indexes have 14 MB and more; the file is passed
 * through once, to find where each chart stands, and only the blocks of wanted charts are parsed. An index of another
 * shape (JSON, flow style, anchors) is parsed whole.
 */
import { createReadStream } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
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

/** An index of which only the places of its charts are known; each chart is read when it is asked for. */
export class ChartIndex {
  private readonly file: string
  private readonly repository: string
  private readonly places: ReadonlyMap<string, Place> | undefined
  private whole: Promise<ReadonlyMap<string, GoValue>> | undefined

  /** Without `places` (an index of another shape) the file is parsed whole when it is first asked. */
  constructor(file: string, repository: string, places: ReadonlyMap<string, Place> | undefined) {
    this.file = file
    this.repository = repository
    this.places = places
  }

  /**
   * The versions of a chart, newest first as Helm sorts them. Throws CHART_NOT_FOUND with the nearest name when the index
   * has no such chart, SOURCE_INVALID for an index that cannot be read.
   */
  async versions(chart: string): Promise<ChartVersion[]> {
    const place = this.places?.get(chart)
    let block = place === undefined ? undefined : tryParse(await this.read(place, chart), this.file)?.get(chart)
    let names: Iterable<string> = this.places?.keys() ?? []
    if (block === undefined && (place !== undefined || this.places === undefined)) {
      this.whole ??= parseWhole(this.file, this.repository)
      const entries = await this.whole
      block = entries.get(chart)
      names = entries.keys()
    }
    if (block === undefined) {
      const near = nearest(chart, names)
      throw new DecapodError('CHART_NOT_FOUND', `${this.repository} has no chart "${chart}"`, {
        hint: near === undefined ? undefined : `did you mean "${near}"?`,
      })
    }
    return sortByVersion((Array.isArray(block) ? block : []).flatMap(entry => chartVersion(entry, chart)))
  }

  private async read({ start, end }: Place, chart: string): Promise<string> {
    if (end - start > limits.block)
      throw new DecapodError(
        'LIMIT_EXCEEDED',
        `the index lists more than ${limits.block} bytes for the chart "${chart}"`,
      )
    const handle = await open(this.file, 'r')
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(end - start), 0, end - start, start)
      return buffer.toString('utf8', 0, bytesRead)
    } finally {
      await handle.close()
    }
  }
}

/** Opens index.yaml, passing through it once. `repository` names it in errors. */
export async function openChartIndex(file: string, repository: string): Promise<ChartIndex> {
  return new ChartIndex(file, repository, await findCharts(file))
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

/** Where a chart's key and its list stand in the file, in bytes. */
interface Place {
  readonly start: number
  readonly end: number
}

const [blank, dash, hash, newline, carriage] = [0x20, 0x2d, 0x23, 0x0a, 0x0d]

/**
 * Finds the charts: the keys one level below `entries:`. Undefined for a file that is not in the usual shape. Lines are
 * told by their first bytes; only those of keys become text.
 */
async function findCharts(file: string): Promise<ReadonlyMap<string, Place> | undefined> {
  const places = new Map<string, Place>()
  let state: 'before' | 'entries' | 'after' = 'before'
  let indent = -1
  let current: { readonly name: string; readonly start: number } | undefined
  const close = (end: number): void => {
    if (current !== undefined) places.set(current.name, { start: current.start, end })
    current = undefined
  }
  let last = 0
  for await (const { chunk, from, to, offset } of lines(file)) {
    last = offset + to - from
    let at = from
    while (at < to && chunk[at] === blank) at++
    const first = at === to ? newline : chunk[at]!
    if (first === newline || first === carriage || first === hash) continue
    const depth = at - from
    if (state === 'before') {
      if (depth === 0 && /^entries:\s*(#.*)?$/.test(chunk.toString('utf8', from, to).trimEnd())) state = 'entries'
      continue
    }
    if (indent === -1) indent = depth
    if (depth > indent || (first === dash && (depth === indent || depth === 0))) continue
    close(offset)
    if (depth < indent) {
      state = 'after'
      break
    }
    const name = keyOf(chunk.toString('utf8', at, to).trimEnd())
    // A key that stands twice is for the parser to judge.
    if (name === undefined || places.has(name)) return undefined
    current = { name, start: offset }
  }
  close(last)
  return indent === -1 ? undefined : places
}

/** `name:` alone on its line, plain or quoted. */
function keyOf(text: string): string | undefined {
  const match = /^(?:"([^"\\]*)"|'([^']*)'|([^\s'"#&*!|>%@`{}[\],:][^\s:#]*)):\s*(#.*)?$/.exec(text)
  return match === null ? undefined : (match[1] ?? match[2] ?? match[3])
}

interface Line {
  readonly chunk: Buffer
  /** Where the line begins and ends in the chunk, with its line break. */
  readonly from: number
  readonly to: number
  /** Where it begins in the file. */
  readonly offset: number
}

async function* lines(file: string): AsyncGenerator<Line> {
  let rest: Buffer = Buffer.alloc(0)
  let offset = 0
  for await (const read of createReadStream(file, { highWaterMark: 1 << 20 })) {
    const chunk = rest.length === 0 ? (read as Buffer) : Buffer.concat([rest, read as Buffer])
    let from = 0
    for (let end = chunk.indexOf(newline, from); end !== -1; end = chunk.indexOf(newline, from)) {
      yield { chunk, from, to: end + 1, offset: offset + from }
      from = end + 1
    }
    offset += from
    rest = chunk.subarray(from)
    if (rest.length > limits.block)
      throw new DecapodError('LIMIT_EXCEEDED', `a line of the index is longer than ${limits.block} bytes`)
  }
  if (rest.length > 0) yield { chunk: rest, from: 0, to: rest.length, offset }
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
