/**
 * The digest of everything at a path of the disk. Reading thousands of files of charts takes longer than all else of a
 * render that changes nothing, so the digest is looked up by what the disk says of the files (size, times, inode), as
 * git does with its index.
 */
import { hash } from 'node:crypto'
import { readdirSync, readFileSync, realpathSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import type { RenderCache } from './render-cache.ts'

/** Times of files are only as fine as the disk keeps them: what changed this recently is read each time. */
const settled = 2_000

interface Found {
  /** Below the path that was asked for; "" for itself. */
  readonly name: string
  readonly stat: Stats
  /** Where a link leads. */
  readonly link: string | undefined
}

export class PathDigests {
  /** Something changed between two looks: what was worked out in between fits neither. */
  isUnstable = false
  private readonly cache: Pick<RenderCache, 'read' | 'write'>
  private readonly now: () => number
  private readonly known = new Map<string, string | undefined>()
  private readonly identities = new Map<string, string>()
  /** Directories that were walked: a directory of theirs need not be walked again. */
  private readonly walked = new Map<string, readonly Found[]>()

  constructor(cache: Pick<RenderCache, 'read' | 'write'>, now: () => number) {
    this.cache = cache
    this.now = now
  }

  /**
   * The digest of a file, or of a directory with everything in it (names, content, what may be executed, where links
   * lead; `.git` is left out): `known` from before in this process, or as it is `now`. "absent" where nothing is there;
   * undefined where something cannot be read.
   */
  digest(path: string, when: 'known' | 'now' = 'known'): string | undefined {
    const known = this.known.get(path)
    if (when === 'known' && this.known.has(path)) return known
    const digest = this.find(path, when)
    if (this.known.has(path) && digest !== known) this.isUnstable = true
    this.known.set(path, digest)
    return digest
  }

  /**
   * Tells a path as it is now from any other state of it, without reading its files: for much that is seldom changed.
   * Files that are put back later with the same content are another state. Undefined as `digest` is.
   */
  identity(path: string): string | undefined {
    const known = this.identities.get(path)
    if (known !== undefined) return known
    try {
      const { key, isSettled } = this.look(path, 'known')
      const identity = isSettled ? key : this.digest(path)
      if (identity !== undefined) this.identities.set(path, identity)
      return identity
    } catch {
      return undefined
    }
  }

  private find(path: string, when: 'known' | 'now'): string | undefined {
    try {
      const { found, key, isSettled } = this.look(path, when)
      if (found.length === 0) return 'absent'
      const known = isSettled ? this.cache.read(key) : undefined
      if (known !== undefined) return known.toString('latin1')
      const digest = hash('sha256', found.map(entry => lineOf(path, entry)).join('\n'), 'hex')
      if (isSettled) this.cache.write(key, Buffer.from(digest, 'latin1'))
      return digest
    } catch {
      return undefined
    }
  }

  /** What the disk says of everything at a path, in one key; and whether all of it is older than times are coarse. */
  private look(path: string, when: 'known' | 'now'): { found: readonly Found[]; key: string; isSettled: boolean } {
    const started = this.now()
    const found = (when === 'known' ? this.within(path) : undefined) ?? filesAt(path)
    if (when === 'known') this.walked.set(path, found)
    const newest = found.reduce((latest, { stat }) => Math.max(latest, stat.mtimeMs, stat.ctimeMs), 0)
    let look = `path ${path}\n`
    for (const { name, stat, link } of found) {
      look += `${name}\0${stat.size}\0${stat.mode}\0${stat.mtimeMs}\0${stat.ctimeMs}\0${stat.dev}:${stat.ino}\0${link ?? ''}\n`
    }
    return { found, key: hash('sha256', look, 'hex'), isSettled: started - newest > settled }
  }

  /** What was found at a path when a directory above it was walked. */
  private within(path: string): Found[] | undefined {
    for (const [root, found] of this.walked) {
      if (!path.startsWith(`${root}/`)) continue
      const below = path.slice(root.length + 1)
      return found
        .filter(({ name }) => name === below || name.startsWith(`${below}/`))
        .map(entry => ({ ...entry, name: entry.name.slice(below.length + 1) }))
    }
    return undefined
  }
}

/** The digest that PathDigests gives for a directory which holds these files and nothing else. */
export function digestOfFiles(files: ReadonlyMap<string, Uint8Array>): string {
  if (files.size === 0) return 'absent'
  const lines = new Map<string, string>([['', '/']])
  for (const [path, bytes] of files) {
    lines.set(path, `${path} ${hash('sha256', bytes, 'hex')}`)
    for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
      lines.set(path.slice(0, slash), `${path.slice(0, slash)}/`)
    }
  }
  const byElement = [...lines].sort(([a], [b]) => compareElements(a.split('/'), b.split('/')))
  return hash('sha256', byElement.map(([, line]) => line).join('\n'), 'hex')
}

/** The order in which directories are walked: by names, a directory before what is in it. */
function compareElements(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i]! < b[i]! ? -1 : 1
  return a.length - b.length
}

/** What is at a path: itself, and of a directory everything below, in the order of names. */
function filesAt(path: string): Found[] {
  const root = statSync(path, { throwIfNoEntry: false })
  if (root === undefined) return []
  const found: Found[] = []
  const visit = (name: string, stat: Stats, link: string | undefined, links: readonly string[]): void => {
    found.push({ name, stat, link })
    if (!stat.isDirectory()) return
    const dir = name === '' ? path : `${path}/${name}`
    const entries = readdirSync(dir, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
    for (const entry of entries) {
      if (entry.name === '.git') continue
      const below = name === '' ? entry.name : `${name}/${entry.name}`
      const target = entry.isSymbolicLink() ? tryRealPath(`${dir}/${entry.name}`) : undefined
      // A link that leads to a directory above itself would never end.
      if (target !== undefined && (links.includes(target) || `${dir}/`.startsWith(`${target}/`))) continue
      const inner = statSync(`${dir}/${entry.name}`, { throwIfNoEntry: false })
      if (inner !== undefined) visit(below, inner, target, target === undefined ? links : [...links, target])
    }
  }
  visit('', root, undefined, [])
  return found
}

function tryRealPath(path: string): string | undefined {
  try {
    return realpathSync.native(path)
  } catch {
    return undefined
  }
}

/** An entry as its content: "lma/grafana/", "lma/grafana/Service_grafana.yaml <sha256>". */
function lineOf(root: string, { name, stat, link }: Found): string {
  const ending = link === undefined ? '' : ` -> ${link}`
  if (!stat.isFile()) return `${name}/${ending}`
  const executable = (stat.mode & 0o111) === 0 ? '' : ' x'
  return `${name} ${hash('sha256', readFileSync(join(root, name)), 'hex')}${executable}${ending}`
}
