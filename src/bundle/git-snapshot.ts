/**
 * A tree of files as one git commit, and as a git bundle (gitformat-bundle, gitformat-pack), made without git: names,
 * time and compression are fixed, so the same files give the same bytes whatever git or zlib a machine has.
 */
import { createHash } from 'node:crypto'
import { storedBlocks } from '../tar-writer.ts'

export interface SnapshotFile {
  readonly bytes: Uint8Array
  readonly executable?: boolean
}

export interface Snapshot {
  /** The id of the commit. */
  readonly commit: string
  /** Path → `MODE ID` of the blob, sorted by path: what `git ls-tree -r` lists. */
  readonly files: Readonly<Record<string, string>>
  /** Every object: the commit, its trees and blobs. */
  readonly objects: readonly GitObject[]
}

export interface GitObject {
  readonly id: string
  readonly kind: 'commit' | 'tree' | 'blob'
  readonly bytes: Uint8Array
}

/** A commit of exactly these files, on top of `parent` where there is one. */
export function snapshotFiles(
  files: ReadonlyMap<string, SnapshotFile>,
  message: string,
  parent: string | undefined,
): Snapshot {
  const objects = new Map<string, GitObject>()
  const add = (kind: GitObject['kind'], bytes: Uint8Array): string => {
    const id = objectId(kind, bytes)
    if (!objects.has(id)) objects.set(id, { id, kind, bytes })
    return id
  }
  const listed: Record<string, string> = Object.create(null) as Record<string, string>
  for (const path of [...files.keys()].sort(compareText)) {
    const { bytes, executable } = files.get(path)!
    listed[path] = `${executable === true ? '100755' : '100644'} ${add('blob', bytes)}`
  }
  const root = addTrees(listed, bytes => add('tree', bytes))
  const by = 'decapod <decapod@localhost> 0 +0000'
  const lines = [
    `tree ${root}`,
    ...(parent === undefined ? [] : [`parent ${parent}`]),
    `author ${by}`,
    `committer ${by}`,
    '',
    message,
  ]
  const commit = add('commit', Buffer.from(lines.join('\n')))
  return { commit, files: listed, objects: [...objects.values()] }
}

/** The ids of the trees and blobs of a commit, out of the list of its files alone. */
export function objectsOf(files: Readonly<Record<string, string>>): Set<string> {
  const ids = new Set<string>()
  addTrees(files, bytes => {
    const id = objectId('tree', bytes)
    ids.add(id)
    return id
  })
  for (const entry of Object.values(files)) ids.add(entry.slice(entry.indexOf(' ') + 1))
  return ids
}

/** The id of the root tree of a list of files. */
export function treeId(files: Readonly<Record<string, string>>): string {
  return addTrees(files, bytes => objectId('tree', bytes))
}

interface Directory {
  readonly entries: Map<string, string | Directory>
}

/** Hands on the bytes of every tree, the deepest first; gives the id of the root. */
function addTrees(files: Readonly<Record<string, string>>, add: (bytes: Uint8Array) => string): string {
  const root: Directory = { entries: new Map() }
  for (const [path, entry] of Object.entries(files)) {
    let at = root
    const parts = path.split('/')
    for (const part of parts.slice(0, -1)) {
      let next = at.entries.get(part)
      if (typeof next !== 'object') at.entries.set(part, (next = { entries: new Map() }))
      at = next
    }
    at.entries.set(parts.at(-1)!, entry)
  }
  return addTree(root, add)
}

function addTree({ entries }: Directory, add: (bytes: Uint8Array) => string): string {
  // git sorts a directory as if its name ended in "/" (base_name_compare in read-cache.c).
  const sorted = [...entries]
    .map(([name, entry]) => ({ entry, name, key: Buffer.from(typeof entry === 'string' ? name : `${name}/`) }))
    .sort((a, b) => Buffer.compare(a.key, b.key))
  const parts = sorted.flatMap(({ name, entry }) => {
    const [mode, id] =
      typeof entry === 'string' ? (entry.split(' ') as [string, string]) : ['40000', addTree(entry, add)]
    return [Buffer.from(`${mode} ${name}\0`), Buffer.from(id, 'hex')]
  })
  return add(Buffer.concat(parts))
}

function objectId(kind: GitObject['kind'], bytes: Uint8Array): string {
  return createHash('sha1').update(`${kind} ${bytes.length}\0`).update(bytes).digest('hex')
}

/**
 * The bytes of a git bundle (version 2) of one ref: the objects that `known` lacks, and, where the commit has a parent,
 * that parent as what the other side must have.
 */
export function formatGitBundle(
  ref: string,
  snapshot: Snapshot,
  parent: string | undefined,
  known: ReadonlySet<string>,
): Buffer {
  const header = [
    '# v2 git bundle',
    ...(parent === undefined ? [] : [`-${parent}`]),
    `${snapshot.commit} ${ref}`,
    '',
    '',
  ]
  const objects = snapshot.objects.filter(({ id }) => !known.has(id)).sort((a, b) => compareText(a.id, b.id))
  return Buffer.concat([Buffer.from(header.join('\n')), formatPack(objects)])
}

const packKinds = { commit: 1, tree: 2, blob: 3 } as const

/** A pack of whole objects: no deltas, stored and not compressed, for what compresses differs between machines. */
function formatPack(objects: readonly GitObject[]): Buffer {
  const head = Buffer.alloc(12)
  head.write('PACK', 0, 'latin1')
  head.writeUInt32BE(2, 4)
  head.writeUInt32BE(objects.length, 8)
  const parts: Uint8Array[] = [head]
  for (const { kind, bytes } of objects) parts.push(entryHead(packKinds[kind], bytes.length), ...stored(bytes))
  const hash = createHash('sha1')
  for (const part of parts) hash.update(part)
  return Buffer.concat([...parts, hash.digest()])
}

/** Kind and size: four bits of the size beside the kind, then seven a byte. */
function entryHead(kind: number, size: number): Buffer {
  const bytes: number[] = []
  let rest = Math.floor(size / 16)
  let byte = (kind << 4) | (size & 15)
  while (rest > 0) {
    bytes.push(byte | 0x80)
    byte = rest & 0x7f
    rest = Math.floor(rest / 128)
  }
  return Buffer.from([...bytes, byte])
}

/** A zlib stream (RFC 1950) of stored blocks. */
function* stored(bytes: Uint8Array): Generator<Uint8Array> {
  yield Buffer.from([0x78, 0x01])
  yield* storedBlocks(bytes)
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(adler32(bytes))
  yield sum
}

function adler32(bytes: Uint8Array): number {
  let a = 1
  let b = 0
  // 5552 is as far as the sums go without leaving 32 bits (zlib's NMAX).
  for (let at = 0; at < bytes.length; at += 5552) {
    for (let i = at, end = Math.min(at + 5552, bytes.length); i < end; i++) {
      a += bytes[i]!
      b += a
    }
    a %= 65521
    b %= 65521
  }
  return b * 65536 + a
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
