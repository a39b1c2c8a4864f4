/**
 * The cache of fetched content: files named by the sha256 of their bytes, shared by projects and processes. An entry
 * appears by rename when it is complete, is hashed again when it is read, and is removed when it is wrong.
 */
import { createHash, randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { DecapodError } from '../errors.ts'
import { type CacheEntry, RenderCache } from './render-cache.ts'
import { systemReason } from './system-error.ts'

export interface CacheSettings {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly sleep: (milliseconds: number) => Promise<void>
}

/** Where the cache lies: DECAPOD_CACHE, else decapod below XDG_CACHE_HOME or ~/.cache. */
export function cacheDirectory(env: CacheSettings['env']): string {
  return env['DECAPOD_CACHE'] || join(env['XDG_CACHE_HOME'] || join(env['HOME'] || '/tmp', '.cache'), 'decapod')
}

export class Cache {
  readonly dir: string
  private readonly settings: CacheSettings

  constructor(dir: string, settings: CacheSettings) {
    this.dir = dir
    this.settings = settings
  }

  /** The bytes of an entry, hashed again; undefined when it is not there or was corrupt (it is then removed). */
  read(digest: string): Buffer | undefined {
    const file = this.fileOf(digest)
    let bytes: Buffer
    try {
      bytes = readFileSync(file)
    } catch {
      return undefined
    }
    if (digestOf(bytes) !== digest) {
      rmSync(file, { force: true })
      return undefined
    }
    this.touch(file)
    return bytes
  }

  /** Whether an entry of that name is there; its content is checked when it is read. */
  has(digest: string): boolean {
    return existsSync(this.fileOf(digest))
  }

  /** Stores bytes and gives their digest. Throws DIGEST_MISMATCH when they are not what `expected` names. */
  write(bytes: Uint8Array, expected?: string): string {
    const digest = digestOf(bytes)
    if (expected !== undefined && digest !== expected) {
      throw new DecapodError('DIGEST_MISMATCH', `expected content with the digest ${expected}, got ${digest}`)
    }
    const file = this.fileOf(digest)
    if (existsSync(file)) {
      this.touch(file)
      return digest
    }
    const temporary = this.temporary()
    try {
      writeFileSync(temporary, bytes)
      renameSync(temporary, file)
    } catch (error) {
      rmSync(temporary, { force: true })
      throw cannotWrite(this.dir, error)
    }
    return digest
  }

  /** A file of the cache to write into; `adopt` makes it an entry. */
  temporary(): string {
    const dir = join(this.dir, 'tmp')
    makeDirectory(dir)
    makeDirectory(join(this.dir, 'sha256'))
    return join(dir, `${process.pid}-${randomBytes(6).toString('hex')}`)
  }

  /** The file an entry is downloaded into: the same for every process, so that a later one goes on where one was killed. */
  partial(digest: string): string {
    makeDirectory(join(this.dir, 'tmp'))
    return join(this.dir, 'tmp', digest.replace(':', '-'))
  }

  /** Makes a complete file the entry `digest`. The caller has hashed it while it was written. */
  adopt(file: string, digest: string): void {
    makeDirectory(join(this.dir, 'sha256'))
    renameSync(file, this.fileOf(digest))
  }

  /** The path of an entry, whether it is there or not. Throws SOURCE_INVALID for what is no sha256 digest. */
  fileOf(digest: string): string {
    const hex = /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1]
    if (hex === undefined) throw new DecapodError('SOURCE_INVALID', `"${digest}" is not a sha256 digest`)
    return join(this.dir, 'sha256', hex)
  }

  /**
   * Runs `work` while no other process holds the same key, so that eight fetchers download once. The lock of a process
   * that was killed is taken over.
   */
  async exclusively<T>(key: string, work: () => Promise<T>): Promise<T> {
    const dir = join(this.dir, 'locks')
    makeDirectory(dir)
    const file = join(dir, createHash('sha256').update(key).digest('hex').slice(0, 32))
    const me = `${hostname()} ${process.pid} ${randomBytes(6).toString('hex')}`
    for (let wait = 20; !acquire(file, me, this.settings.now()); wait = Math.min(wait * 1.5, 500))
      await this.settings.sleep(wait)
    const beat = setInterval(() => this.touch(file), heartbeat)
    beat.unref()
    try {
      return await work()
    } finally {
      clearInterval(beat)
      // Who was stopped for a minute may have lost it to another.
      if (readText(file) === me) rmSync(file, { force: true })
    }
  }

  /** Every entry, renders among them, the least recently used first. */
  entries(): CacheEntry[] {
    const dir = join(this.dir, 'sha256')
    const entries: CacheEntry[] = new RenderCache(this.dir, this.settings.now).entries()
    for (const name of existsSync(dir) ? readdirSync(dir) : []) {
      const file = join(dir, name)
      const stat = statSync(file, { throwIfNoEntry: false })
      if (stat?.isFile()) entries.push({ digest: `sha256:${name}`, file, size: stat.size, used: stat.mtimeMs })
    }
    return entries.sort((a, b) => a.used - b.used)
  }

  /**
   * Removes least recently used entries until at most `limit` bytes remain, and what interrupted downloads left for
   * more than a day. Entries in `keep` stay.
   */
  collect(limit: number, keep: ReadonlySet<string> = new Set()): { removed: number; freed: number; left: number } {
    const entries = this.entries()
    let left = entries.reduce((sum, entry) => sum + entry.size, 0)
    let removed = 0
    let freed = 0
    for (const entry of entries) {
      if (left <= limit) break
      if (keep.has(entry.digest)) continue
      rmSync(entry.file, { force: true })
      removed++
      freed += entry.size
      left -= entry.size
    }
    const tmp = join(this.dir, 'tmp')
    for (const name of existsSync(tmp) ? readdirSync(tmp) : []) {
      const stat = statSync(join(tmp, name), { throwIfNoEntry: false })
      if (stat !== undefined && this.settings.now() - stat.mtimeMs > 86_400_000)
        rmSync(join(tmp, name), { recursive: true, force: true })
    }
    return { removed, freed, left }
  }

  private touch(file: string): void {
    const seconds = this.settings.now() / 1000
    try {
      utimesSync(file, seconds, seconds)
    } catch {
      // A cache on a read-only disk still serves.
    }
  }
}

/** A holder touches its lock this often; one untouched for much longer belongs to a process that hangs or another host's. */
const heartbeat = 5_000
const stale = 60_000

/** Takes the lock file, or takes it over from a process that is gone. */
function acquire(file: string, me: string, now: number): boolean {
  try {
    const handle = openSync(file, 'wx')
    writeSync(handle, me)
    closeSync(handle)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw cannotWrite(file, error)
  }
  const stat = statSync(file, { throwIfNoEntry: false })
  if (stat === undefined) return false
  const holder = readText(file)
  const [host, pid] = (holder ?? '').split(' ')
  const age = now - stat.mtimeMs
  // A lock just made may not have its holder yet; a process of another machine shows by its heartbeat alone.
  const abandoned = pid === undefined ? age > 2_000 : age > stale || (host === hostname() && !isAlive(Number(pid)))
  if (abandoned) {
    // Only one of those who see it abandoned may remove it: rename is that election.
    const grave = `${file}.${process.pid}.${randomBytes(3).toString('hex')}`
    try {
      renameSync(file, grave)
      // Another may have buried it a moment ago and taken its place: that one's lock is given back.
      if (readText(grave) !== holder) linkSync(grave, file)
    } catch {
      // Somebody else was quicker.
    }
    rmSync(grave, { force: true })
  }
  return false
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

function makeDirectory(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true })
  } catch (error) {
    throw cannotWrite(dir, error)
  }
}

function cannotWrite(path: string, error: unknown): DecapodError {
  const { code } = error as NodeJS.ErrnoException
  const hint =
    code === 'ENOSPC' ? 'free space, or run "decapod cache gc"' : 'set DECAPOD_CACHE to a directory that can be written'
  return new DecapodError('FILE_INVALID', `cannot write the cache ${path}: ${systemReason(error)}`, {
    cause: error,
    hint,
  })
}
