/**
 * Reading what was fetched: from the workspace's vendor directory, else from the cache entry that decapod.lock names.
 * Nothing here reaches out. What is read is checked against the lock, so a changed file is noticed.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DecapodError } from '../errors.ts'
import type { Remotes } from '../kustomize/load.ts'
import { parseRepoSpec, repositorySource } from '../kustomize/repo-spec.ts'
import { type Lock, type LockEntry, parseMergedLock } from '../lock.ts'
import { formatSource, type Source } from '../source.ts'
import { readTar } from '../tar.ts'
import { type FileTree, memoryTree } from '../tree.ts'
import { type Cache, digestOf } from './cache.ts'

/** vendor/sources.json: formatSource → file below the directory. */
export const vendorIndex = 'sources.json'

export interface StoredSource {
  readonly bytes: Uint8Array
  /** What a person knows it by. */
  readonly label: string
}

export class SourceStore {
  readonly lock: Lock
  private readonly vendor: { readonly dir: string; readonly label: string }
  private readonly cache: Cache
  private readonly vendored: ReadonlyMap<string, string>
  private readonly trees = new Map<string, FileTree>()

  constructor(lock: Lock, vendor: { readonly dir: string; readonly label: string }, cache: Cache) {
    this.lock = lock
    this.vendor = vendor
    this.cache = cache
    this.vendored = readVendorIndex(vendor)
  }

  /**
   * The archive or file of a source; undefined when it was not fetched. Throws LOCK_DRIFT when the vendored file is not
   * what the lock pins.
   */
  read(source: Source): StoredSource | undefined {
    const key = formatSource(source)
    const entry = this.lock.get(key)
    const listed = this.vendored.get(key)
    if (listed !== undefined) return this.readVendored(key, listed, entry)
    const bytes = entry === undefined ? undefined : this.cache.read(entry.digest)
    return bytes === undefined ? undefined : { bytes, label: labelOf(source) }
  }

  /** Where the content of a source is: in a vendored file, or under the locked digest. */
  locate(
    source: Source,
  ):
    | { readonly kind: 'file'; readonly file: string }
    | { readonly kind: 'digest'; readonly digest: string }
    | undefined {
    const key = formatSource(source)
    const listed = this.vendored.get(key)
    if (listed !== undefined) return { kind: 'file', file: join(this.vendor.dir, listed) }
    const entry = this.lock.get(key)
    return entry === undefined ? undefined : { kind: 'digest', digest: entry.digest }
  }

  /** The files of a git source. */
  tree(source: Source): FileTree | undefined {
    const key = formatSource(source)
    const known = this.trees.get(key)
    if (known !== undefined) return known
    const stored = this.read(source)
    if (stored === undefined) return undefined
    const tree = memoryTree(
      new Map(readTar(stored.bytes, stored.label).map(file => [`/${file.name}`, file.data] as const)),
    )
    this.trees.set(key, tree)
    return tree
  }

  /** What Kustomize asks for. */
  remotes(): Remotes {
    return {
      repository: spec => this.tree(repositorySource(spec)),
      file: url => this.read({ kind: 'http', url })?.bytes ?? this.repositoryStatus(url),
    }
  }

  /** Kustomize asks for a file first, and takes the URL for a repository when it is told that there is none. */
  private repositoryStatus(url: string): number | undefined {
    const spec = parseRepoSpec(url)
    return spec === undefined || this.tree(repositorySource(spec)) === undefined ? undefined : 404
  }

  private readVendored(key: string, listed: string, entry: LockEntry | undefined): StoredSource {
    const label = join(this.vendor.label, listed)
    let bytes: Buffer
    try {
      bytes = readFileSync(join(this.vendor.dir, listed))
    } catch {
      throw new DecapodError(
        'FILE_NOT_FOUND',
        `${join(this.vendor.label, vendorIndex)} lists ${listed} for ${key}, which is not there`,
        { at: { file: label }, hint: 'run decapod vendor' },
      )
    }
    const digest = digestOf(bytes)
    if (entry !== undefined && digest !== entry.digest) {
      throw new DecapodError(
        'LOCK_DRIFT',
        `${label} is not what decapod.lock pins for ${key}: ${entry.digest}, the file has ${digest}`,
        {
          at: { file: label },
          hint: 'run decapod vendor to write what the lock pins',
        },
      )
    }
    return { bytes, label }
  }
}

/** Reads decapod.lock; empty where there is none. What a merge left in conflict counts where both sides agree. */
export function readLock(file: string, label: string): Lock {
  return existsSync(file) ? parseMergedLock(readFileSync(file, 'utf8'), label) : new Map()
}

/** vendor/sources.json; empty where there is none. Throws CONFIG_INVALID, PATH_OUTSIDE_ROOT. */
export function readVendorIndex({ dir, label }: { dir: string; label: string }): ReadonlyMap<string, string> {
  const file = join(dir, vendorIndex)
  if (!existsSync(file)) return new Map()
  let data: unknown
  try {
    data = JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    throw new DecapodError('CONFIG_INVALID', 'the list of vendored sources is not JSON', {
      at: { file: join(label, vendorIndex) },
      hint: 'run decapod vendor',
    })
  }
  const entries = Object.entries((data ?? {}) as Record<string, unknown>)
  return new Map(
    entries.map(([key, path]) => {
      const valid = typeof path === 'string' && !path.startsWith('/') && !path.split('/').includes('..')
      if (!valid)
        throw new DecapodError('PATH_OUTSIDE_ROOT', `the list of vendored sources names ${JSON.stringify(path)}`, {
          at: { file: join(label, vendorIndex) },
        })
      return [key, path] as const
    }),
  )
}

/** `chart-version.tgz` or the like, for messages. */
function labelOf(source: Source): string {
  switch (source.kind) {
    case 'helm':
      return `${source.chart}-${source.version || 'newest'}.tgz`
    case 'oci':
      return `${source.repository.split('/').at(-1)}-${source.version || 'newest'}.tgz`
    case 'git':
      return `${source.url}${source.path === '' ? '' : `//${source.path}`}`
    case 'http':
      return source.url
  }
}
