/**
 * The digest of everything at a path of the disk. Reading thousands of files of charts takes longer than all else of a
 * render that changes nothing, so the digest is looked up by what the disk says of the files (size, times, inode), as
 * git does with its index.
 */
import { createHash, hash } from 'node:crypto'
import { readdirSync, readFileSync, realpathSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import type { RenderCache } from './render-cache.ts'

/** Times of files are only as fine as the disk keeps them: what changed this recently is read each time. */
const settled = 2_000

interface Found {
  /** Below the path that was asked for; "" for itself. */
  readonly name: string
  /** Neither is a device. */
  readonly isFile: boolean
  readonly isDirectory: boolean
  readonly isExecutable: boolean
  /** What tells this state of it from any other: size, mode, times, device, inode. */
  readonly marks: readonly number[]
  readonly changed: number
  /** Where a link leads. */
  readonly link: string | undefined
}

/** What was found at a path. */
interface Walk {
  readonly found: readonly Found[]
  /** Names that were passed over: repositories of git, links to nothing, links in circles. */
  readonly skipped: readonly string[]
  /** A link leads to a directory above itself: what can be read through it has no end here. */
  readonly hasCircle: boolean
}

/** The files of a path as they were when they were digested; "" is the name of a file that is the path itself. */
export type DigestedFiles = ReadonlyMap<string, Uint8Array>

export class PathDigests {
  /** Something changed between two looks: what was worked out in between fits neither. */
  isUnstable = false
  private readonly cache: Pick<RenderCache, 'read' | 'write'>
  private readonly now: () => number
  private readonly known = new Map<string, string | undefined>()
  private readonly identities = new Map<string, string>()
  /** Directories that were walked: a directory of theirs need not be walked again. */
  private readonly walked = new Map<string, Walked>()
  /** What is made of taken files is of their digest, whatever the disk has by now. */
  private readonly taken = new Set<string>()
  /** What was read last. */
  private last: { readonly path: string; readonly files: DigestedFiles } | undefined

  constructor(cache: Pick<RenderCache, 'read' | 'write'>, now: () => number) {
    this.cache = cache
    this.now = now
  }

  /**
   * The digest of a file, or of a directory with everything in it (names, content, what may be executed, where links
   * lead; `.git` is left out): `known` from before in this process, or as it is `now`, which need not be looked at where its
   * files were taken. "absent" where nothing is there; undefined where something cannot be read.
   */
  digest(path: string, when: 'known' | 'now' = 'known'): string | undefined {
    const known = this.known.get(path)
    if ((when === 'known' && this.known.has(path)) || this.taken.has(path)) return known
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
      const { walk, key, isSettled } = this.look(path, 'known')
      const identity = isSettled && !walk.hasCircle ? key : this.digest(path)
      if (identity !== undefined) this.identities.set(path, identity)
      return identity
    } catch {
      return undefined
    }
  }

  /**
   * The files that the digest of a path was made of, where it was the last that had to be read, so that none is read
   * twice. Given once, for they would fill the memory. Undefined also where there is more than they show: links, and
   * what a digest leaves out.
   */
  take(path: string): DigestedFiles | undefined {
    const { last } = this
    this.last = undefined
    if (last?.path !== path) return undefined
    this.taken.add(path)
    return last.files
  }

  private find(path: string, when: 'known' | 'now'): string | undefined {
    try {
      const { walk, key, isSettled } = this.look(path, when)
      const { found, skipped } = walk
      if (found.length === 0) return 'absent'
      // Who reads through the link finds more than was found here.
      if (walk.hasCircle) return undefined
      const known = isSettled ? this.cache.read(key) : undefined
      if (known !== undefined) return known.toString('latin1')
      const files = new Map<string, Uint8Array>()
      const lines = found.map(entry => lineOf(path, entry, files))
      const isAll =
        skipped.length === 0 && found.every(entry => entry.link === undefined && (entry.isFile || entry.isDirectory))
      this.last = when === 'known' && isAll ? { path, files } : undefined
      const digest = hash('sha256', lines.join('\n'), 'hex')
      if (isSettled) this.cache.write(key, Buffer.from(digest, 'latin1'))
      return digest
    } catch {
      return undefined
    }
  }

  /** What the disk says of everything at a path, in one key; and whether all of it is older than times are coarse. */
  private look(path: string, when: 'known' | 'now'): { walk: Walk; key: string; isSettled: boolean } {
    const started = this.now()
    const walk = (when === 'known' ? this.within(path) : undefined) ?? walkOf(path)
    if (when === 'known') this.walked.set(path, new Walked(walk))
    const { found } = walk
    const names = found.map(({ name, link }) => (link === undefined ? name : `${name}\0${link}`))
    const marks = Float64Array.from(found.flatMap(entry => entry.marks))
    const key = createHash('sha256')
      .update(`path ${path}\n${names.join('\n')}`)
      .update(marks)
      .digest('hex')
    const newest = found.reduce((latest, { changed }) => Math.max(latest, changed), 0)
    return { walk, key, isSettled: started - newest > settled }
  }

  /** What was found at a path when a directory above it was walked. */
  private within(path: string): Walk | undefined {
    for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
      const above = this.walked.get(path.slice(0, slash))
      if (above !== undefined) return above.below(path.slice(slash + 1))
    }
    return undefined
  }
}

/** A directory that was walked, in which others are looked up. */
class Walked {
  private readonly walk: Walk
  /** Name → its place among what was found; what is below a directory follows it. */
  private places: Map<string, number> | undefined

  constructor(walk: Walk) {
    this.walk = walk
  }

  below(dir: string): Walk {
    const { found, skipped } = this.walk
    this.places ??= new Map(found.map(({ name }, i) => [name, i]))
    const start = this.places.get(dir)
    if (start === undefined) return { found: [], skipped: [], hasCircle: false }
    let end = start + 1
    while (found[end]?.name.startsWith(`${dir}/`) === true) end++
    const cut = (name: string): string => name.slice(dir.length + 1)
    return {
      hasCircle: this.walk.hasCircle,
      found: found.slice(start, end).map(entry => ({ ...entry, name: cut(entry.name) })),
      skipped: skipped.filter(name => name.startsWith(`${dir}/`)).map(cut),
    }
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
function walkOf(path: string): Walk {
  const found: Found[] = []
  const skipped: string[] = []
  let hasCircle = false
  const root = statSync(path, { throwIfNoEntry: false })
  if (root === undefined) return { found, skipped, hasCircle }
  const visit = (name: string, stat: Stats, link: string | undefined, links: readonly string[]): void => {
    found.push(foundOf(name, stat, link))
    if (!stat.isDirectory()) return
    const dir = name === '' ? path : `${path}/${name}`
    const entries = readdirSync(dir, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
    for (const entry of entries) {
      const below = name === '' ? entry.name : `${name}/${entry.name}`
      const target = entry.isSymbolicLink() ? tryRealPath(`${dir}/${entry.name}`) : undefined
      // A link that leads to a directory above itself would never end.
      const isCircle = target !== undefined && (links.includes(target) || `${dir}/`.startsWith(`${target}/`))
      hasCircle ||= isCircle
      const inner =
        entry.name === '.git' || isCircle ? undefined : statSync(`${dir}/${entry.name}`, { throwIfNoEntry: false })
      if (inner === undefined) skipped.push(below)
      else visit(below, inner, target, target === undefined ? links : [...links, target])
    }
  }
  visit('', root, undefined, [])
  return { found, skipped, hasCircle }
}

function tryRealPath(path: string): string | undefined {
  try {
    return realpathSync.native(path)
  } catch {
    return undefined
  }
}

function foundOf(name: string, stat: Stats, link: string | undefined): Found {
  const { size, mode, mtimeMs, ctimeMs, dev, ino } = stat
  return {
    name,
    isFile: stat.isFile(),
    isDirectory: stat.isDirectory(),
    isExecutable: (mode & 0o111) !== 0,
    marks: [size, mode, mtimeMs, ctimeMs, dev, ino],
    changed: Math.max(mtimeMs, ctimeMs),
    link,
  }
}

/** An entry as its content: "lma/grafana/", "lma/grafana/Service_grafana.yaml <sha256>"; what is read goes to `files`. */
function lineOf(root: string, { name, isFile, isExecutable, link }: Found, files: Map<string, Uint8Array>): string {
  const ending = link === undefined ? '' : ` -> ${link}`
  if (!isFile) return `${name}/${ending}`
  const executable = isExecutable ? ' x' : ''
  const bytes = readFileSync(join(root, name))
  files.set(name, bytes)
  return `${name} ${hash('sha256', bytes, 'hex')}${executable}${ending}`
}
