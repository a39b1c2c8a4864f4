/**
 * decapod.lock: every source with the digest of its content. The digest rules, not the version: registries republish
 * versions with other content. Sorted and without counters or times, so that two branches that add sources merge.
 */

import { createRequire } from 'node:module'
import { DecapodError, type Position } from './errors.ts'

export interface LockEntry {
  /** The version a constraint was resolved to; absent for files. */
  readonly version?: string
  /** The commit a git ref named. */
  readonly commit?: string
  /** sha256 of the archive as served, of the file, or of a git directory packed in a fixed form. */
  readonly digest: string
  /** sha256 of the signature file (.prov) that lies beside a chart. */
  readonly provenance?: string
}

/** formatSource(source) → what it was; images stand among the sources by their names. */
export type Lock = ReadonlyMap<string, LockEntry>

/** What the names of images begin with. */
const imagePrefix = 'image '

/** The name of an image in the lock: `image docker.io/library/nginx:1.27`. */
export function imageKey(host: string, path: string, tag: string): string {
  return `${imagePrefix}${host}/${path}:${tag}`
}

/** Whether an entry is an image, which `decapod images --lock` pins, and no source that is fetched. */
export function isImageKey(key: string): boolean {
  return key.startsWith(imagePrefix)
}

const header = `# Every source of this workspace and the digest of its content. Written by "decapod lock"; do not edit.
# After merging two branches run "decapod lock": it keeps what both pinned, also out of a conflict, and adds what is missing.
`

/** The text of the file. The same entries give the same bytes. */
export function formatLock(lock: Lock): string {
  const lines = [header + 'version: 1']
  const keys = [...lock.keys()].sort((a, b) => (a < b ? -1 : 1))
  lines.push(keys.length === 0 ? 'sources: {}' : 'sources:')
  for (const key of keys) {
    const { version, commit, digest, provenance } = lock.get(key)!
    lines.push(`  ${JSON.stringify(key)}:`)
    if (version !== undefined) lines.push(`    version: ${JSON.stringify(version)}`)
    if (commit !== undefined) lines.push(`    commit: ${commit}`)
    lines.push(`    digest: ${digest}`)
    if (provenance !== undefined) lines.push(`    provenance: ${provenance}`)
  }
  return lines.join('\n') + '\n'
}

/** Loaded only where there is a lock to read: it takes as long as all else of a small render. */
function parser(): typeof import('yaml') {
  return createRequire(import.meta.url)('yaml') as typeof import('yaml')
}

/** Reads the file. Throws CONFIG_INVALID with the line for anything that formatLock would not have written. */
export function parseLock(text: string, file: string): Lock {
  const document = parser().parseDocument(text, { uniqueKeys: true })
  const trouble = document.errors[0]
  if (trouble !== undefined) {
    const conflict = /^(<{7}|={7}|>{7})/m.test(text)
    throw invalid(
      conflict ? 'has merge conflict markers' : (trouble.message.split('\n')[0] ?? 'is not YAML'),
      at(file, trouble.linePos?.[0].line),
    )
  }
  const data: unknown = document.toJS({ mapAsMap: true })
  if (!(data instanceof Map) || data.get('version') !== 1) throw invalid('is not of version 1', { file })
  const sources: unknown = data.get('sources') ?? new Map()
  if (!(sources instanceof Map)) throw invalid('"sources" is not a map', { file })
  const lock = new Map<string, LockEntry>()
  for (const [key, entry] of sources) {
    const where = at(file, lineOf(text, String(key)))
    if (typeof key !== 'string' || !(entry instanceof Map))
      throw invalid(`the source "${String(key)}" has no entry`, where)
    const field = (name: string): string | undefined => {
      const value: unknown = entry.get(name)
      if (value !== undefined && typeof value !== 'string') throw invalid(`"${name}" of "${key}" is not text`, where)
      return value
    }
    const [version, commit, digest, provenance] = [
      field('version'),
      field('commit'),
      field('digest'),
      field('provenance'),
    ]
    if (digest === undefined || ![digest, provenance ?? digest].every(d => /^sha256:[0-9a-f]{64}$/.test(d)))
      throw invalid(`"${key}" has no sha256 digest`, where)
    lock.set(key, {
      ...(version === undefined ? {} : { version }),
      ...(commit === undefined ? {} : { commit }),
      digest,
      ...(provenance === undefined ? {} : { provenance }),
    })
  }
  return lock
}

/**
 * Reads the file also where git left a merge in conflict: what one side added and what both pin alike is kept. Throws
 * LOCK_DRIFT naming the sources that the sides pin differently, and what parseLock throws.
 */
export function parseMergedLock(text: string, file: string): Lock {
  const sides = conflictSides(text)
  if (sides === undefined) return parseLock(text, file)
  const [ours, theirs] = sides.map(side => parseLock(side, file)) as [Lock, Lock]
  const merged = new Map(ours)
  const torn: string[] = []
  for (const [key, entry] of theirs) {
    const mine = merged.get(key)
    if (mine === undefined) merged.set(key, entry)
    else if (mine.digest !== entry.digest) torn.push(`${key}: ${mine.digest} and ${entry.digest}`)
  }
  if (torn.length > 0) {
    throw new DecapodError('LOCK_DRIFT', 'two branches pin the same source with different content', {
      at: at(file, lineOf(text, torn[0]!.slice(0, torn[0]!.lastIndexOf(': ')))),
      notes: torn,
      hint: 'keep the entry that is wanted and remove the other, then run "decapod lock"',
    })
  }
  return merged
}

/** The two texts a conflicted file stands for (git's markers, also with the common ancestor between); undefined for a whole one. */
function conflictSides(text: string): [string, string] | undefined {
  if (!/^<{7} /m.test(text)) return undefined
  const [ours, theirs]: [string[], string[]] = [[], []]
  let where: 'both' | 'ours' | 'base' | 'theirs' = 'both'
  for (const line of text.split('\n')) {
    if (/^<{7}( |$)/.test(line)) where = 'ours'
    else if (/^\|{7}( |$)/.test(line) && where === 'ours') where = 'base'
    else if (/^={7}$/.test(line) && where !== 'both') where = 'theirs'
    else if (/^>{7}( |$)/.test(line)) where = 'both'
    else {
      if (where === 'both' || where === 'ours') ours.push(line)
      if (where === 'both' || where === 'theirs') theirs.push(line)
    }
  }
  return [ours.join('\n'), theirs.join('\n')]
}

function lineOf(text: string, key: string): number | undefined {
  const line = text.split('\n').findIndex(l => l.includes(JSON.stringify(key)))
  return line === -1 ? undefined : line + 1
}

function at(file: string, line: number | undefined): Position {
  return line === undefined ? { file } : { file, line }
}

function invalid(message: string, position: Position): DecapodError {
  return new DecapodError('CONFIG_INVALID', `the lock ${message}`, {
    at: position,
    hint: 'run "decapod lock": it mends what a merge left in conflict; otherwise remove the file and run it',
  })
}
