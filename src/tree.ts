/**
 * FileTree: what the engines read files from. The core is synchronous and pure; io/fs.ts gives a tree over the disk,
 * memoryTree one over data, and the combinators below re-root and overlay them.
 *
 * Paths are absolute POSIX paths inside the tree: "/" is its root, "/a/b" a file or directory below it.
 */

export type EntryKind = 'file' | 'dir'

export interface Entry {
  readonly name: string
  readonly kind: EntryKind
  /** False where the tree knows that this is no link: its real path then is that of the directory with the name. */
  readonly isLink?: boolean
}

export interface FileTree {
  /** The bytes of a file (links followed), or undefined when there is no such file. */
  read(path: string): Uint8Array | undefined
  /** What stands at a path (links followed), or undefined. */
  kind(path: string): EntryKind | undefined
  /** Entries of a directory sorted by name (code units), links followed; empty when there is no such directory. */
  list(path: string): readonly Entry[]
  /**
   * The path with every link resolved; the cleaned path itself where there is none. Undefined when nothing is there. Where
   * links lead out of the tree, the path there behind `/..` (isOutside), which is no path of the tree.
   */
  realPath(path: string): string | undefined
  /** True for a file its owner may execute. Only Kustomize's exec functions ask. */
  isExecutable(path: string): boolean
}

/** Whether a path that realPath gave lies outside the tree. */
export function isOutside(realPath: string): boolean {
  return realPath.startsWith('/../')
}

/** Cleans a path lexically as Go's path.Join("/", path) does: no ".", "..", doubled or trailing slashes. */
export function cleanPath(path: string): string {
  if (isClean(path)) return path
  const out: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..') out.pop()
    else out.push(part)
  }
  return '/' + out.join('/')
}

/** Whether cleanPath would change nothing; the common case, decided without allocating. */
function isClean(path: string): boolean {
  if (path.length === 0 || path.charCodeAt(0) !== 47) return false
  if (path.length === 1) return true
  return path.charCodeAt(path.length - 1) !== 47 && !path.includes('//') && !/\/\.{1,2}(\/|$)/.test(path)
}

/** Joins a directory and a path relative to it (or absolute, which then stands alone) and cleans the result. */
export function joinPath(dir: string, path: string): string {
  return cleanPath(path.startsWith('/') ? path : `${dir}/${path}`)
}

/** The directory part of a clean absolute path. */
export function dirName(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash <= 0 ? '/' : path.slice(0, slash)
}

/** The last element of a clean absolute path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

const decoder = new TextDecoder('utf-8')

/** The text of a file decoded as UTF-8 (a leading byte order mark dropped), or undefined. */
export function readText(tree: FileTree, path: string): string | undefined {
  const bytes = tree.read(path)
  return bytes === undefined ? undefined : decoder.decode(bytes)
}

/** A tree over data: path → text or bytes. Directories are implied by the files below them. */
export function memoryTree(
  files: Readonly<Record<string, string | Uint8Array>> | ReadonlyMap<string, string | Uint8Array>,
): FileTree {
  const encoder = new TextEncoder()
  const contents = new Map<string, Uint8Array>()
  const children = new Map<string, Map<string, EntryKind>>([['/', new Map()]])
  const all: Iterable<readonly [string, string | Uint8Array]> = files instanceof Map ? files : Object.entries(files)
  for (const [given, content] of all) {
    const path = joinPath('/', given)
    contents.set(path, typeof content === 'string' ? encoder.encode(content) : content)
    let child = path
    let kind: EntryKind = 'file'
    while (child !== '/') {
      const dir = dirName(child)
      let entries = children.get(dir)
      if (entries === undefined) children.set(dir, (entries = new Map()))
      entries.set(baseName(child), kind)
      child = dir
      kind = 'dir'
    }
  }
  return {
    read: path => contents.get(cleanPath(path)),
    kind: path => {
      const clean = cleanPath(path)
      return contents.has(clean) ? 'file' : children.has(clean) ? 'dir' : undefined
    },
    list: path => sortedEntries(children.get(cleanPath(path)) ?? []),
    realPath: path => {
      const clean = cleanPath(path)
      return contents.has(clean) || children.has(clean) ? clean : undefined
    },
    isExecutable: path => {
      const bytes = contents.get(cleanPath(path))
      return bytes !== undefined && bytes[0] === 0x23 && bytes[1] === 0x21
    },
  }
}

/** The same tree seen from one of its directories: "/" is `dir`. Nothing above it can be named. */
export function subtree(tree: FileTree, dir: string): FileTree {
  const root = cleanPath(dir)
  const inside = (path: string): string =>
    root === '/' ? cleanPath(path) : root + (cleanPath(path) === '/' ? '' : cleanPath(path))
  return {
    read: path => tree.read(inside(path)),
    kind: path => tree.kind(inside(path)),
    list: path => tree.list(inside(path)),
    realPath: path => {
      const real = tree.realPath(inside(path))
      if (real === undefined) return undefined
      if (root === '/' || isOutside(real)) return real
      if (real === root) return '/'
      return real.startsWith(root + '/') ? real.slice(root.length) : `/..${real}`
    },
    isExecutable: path => tree.isExecutable(inside(path)),
  }
}

/** `top` mounted at `at` over `bottom`: a path below `at` is looked up in `top` first, then in `bottom`. */
export function mountTree(bottom: FileTree, at: string, top: FileTree): FileTree {
  const point = cleanPath(at)
  const within = (path: string): string | undefined => {
    const clean = cleanPath(path)
    if (clean === point) return '/'
    if (point === '/') return clean
    return clean.startsWith(point + '/') ? clean.slice(point.length) : undefined
  }
  const outer = (path: string): string => (path === '/' ? point : point === '/' ? path : point + path)
  return {
    read: path => {
      const inner = within(path)
      return (inner === undefined ? undefined : top.read(inner)) ?? bottom.read(path)
    },
    kind: path => {
      const inner = within(path)
      const kind = (inner === undefined ? undefined : top.kind(inner)) ?? bottom.kind(path)
      // The directories that lead to the mount point exist even where the bottom has none.
      return kind ?? (point.startsWith(cleanPath(path) + '/') ? 'dir' : undefined)
    },
    list: path => {
      const clean = cleanPath(path)
      const entries = new Map(bottom.list(clean).map(e => [e.name, e.kind] as const))
      const inner = within(clean)
      if (inner !== undefined) for (const e of top.list(inner)) entries.set(e.name, e.kind)
      else if (point !== '/' && (clean === '/' || point.startsWith(clean + '/'))) {
        const next = point.slice(clean === '/' ? 1 : clean.length + 1).split('/')[0]!
        entries.set(next, 'dir')
      }
      return sortedEntries(entries)
    },
    realPath: path => {
      const inner = within(path)
      const real = inner === undefined ? undefined : top.realPath(inner)
      if (real !== undefined) return isOutside(real) ? real : outer(real)
      const below = bottom.realPath(path)
      return below ?? (point.startsWith(cleanPath(path) + '/') ? cleanPath(path) : undefined)
    },
    isExecutable: path => {
      const inner = within(path)
      return inner !== undefined && top.kind(inner) !== undefined ? top.isExecutable(inner) : bottom.isExecutable(path)
    },
  }
}

/**
 * Every file below a directory, depth first in name order, as paths of the tree. A link to a directory above itself is
 * passed over, and so are directories that `enters` refuses.
 */
export function walkFiles(tree: FileTree, dir = '/', enters: (dir: string) => boolean = () => true): Generator<string> {
  const walk = function* (at: string, above: readonly string[]): Generator<string> {
    for (const { name, kind, isLink } of tree.list(at)) {
      const path = at === '/' ? `/${name}` : `${at}/${name}`
      if (kind === 'file') yield path
      else if (enters(path)) {
        const real =
          isLink === false ? `${above.at(-1) === '/' ? '' : above.at(-1)}/${name}` : (tree.realPath(path) ?? path)
        if (!above.includes(real)) yield* walk(path, [...above, real])
      }
    }
  }
  return walk(dir, [tree.realPath(dir) ?? dir])
}

function sortedEntries(entries: Iterable<readonly [string, EntryKind]>): Entry[] {
  return [...entries].map(([name, kind]) => ({ name, kind })).sort((a, b) => (a.name < b.name ? -1 : 1))
}
