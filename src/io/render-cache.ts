/**
 * The cache of renders, beside that of fetched content: inflated apps, what a render of a site came to, digests of
 * directories. Every entry is named by what went into it, begins with the digest of its bytes, and appears by rename, so
 * that processes share it; a wrong one is removed. Losing it costs time and nothing else: a disk that refuses is passed
 * over.
 */
import { hash, randomBytes } from 'node:crypto'
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

/** The directory of renders in the cache. */
export const rendersDirectory = 'renders'

/** An entry found unused for this long is marked as used: gc removes what was not used for longest. */
const touchAfter = 3_600_000
/** How often a render looks after the size of the cache, and how much it leaves. */
const collectAfter = 24 * 3_600_000
const collectLimit = 1024 ** 3

const digestLength = 64

/** One file of the cache, for `decapod cache`. */
export interface CacheEntry {
  /** Of its content; "" for what a render left, which is named by what went into it. */
  readonly digest: string
  readonly file: string
  readonly size: number
  /** Milliseconds since the epoch. */
  readonly used: number
}

export class RenderCache {
  private readonly dir: string
  private readonly now: () => number
  private readonly limit: number

  /** `dir` is the cache of the user, `now` milliseconds since the epoch, `limit` what tidying leaves, in bytes. */
  constructor(dir: string, now: () => number, { limit = collectLimit }: { readonly limit?: number } = {}) {
    this.dir = join(dir, rendersDirectory)
    this.now = now
    this.limit = limit
  }

  /** The bytes of an entry; undefined when there is none or it was damaged. `key` is a sha256 in hexadecimal. */
  read(key: string): Buffer | undefined {
    const file = this.fileOf(key)
    let bytes: Buffer
    try {
      bytes = readFileSync(file)
    } catch {
      return undefined
    }
    const content = bytes.subarray(digestLength)
    if (bytes.toString('latin1', 0, digestLength) !== hash('sha256', content, 'hex')) {
      remove(file)
      return undefined
    }
    this.touch(file)
    return content
  }

  write(key: string, content: Uint8Array): void {
    const file = this.fileOf(key)
    const temporary = `${file}.${process.pid}-${randomBytes(4).toString('hex')}`
    try {
      // What is rendered may be secret.
      mkdirSync(this.dir, { recursive: true, mode: 0o700 })
      const digest = Buffer.from(hash('sha256', content, 'hex'), 'latin1')
      writeFileSync(temporary, Buffer.concat([digest, content]), { mode: 0o600 })
      renameSync(temporary, file)
    } catch {
      remove(temporary)
    }
  }

  /** Keeps the cache from growing without end: now and then, what was used least recently goes. */
  tidy(): void {
    const mark = join(this.dir, '.collected')
    const last = statOf(mark)
    if (last !== undefined && this.now() - last.mtimeMs < collectAfter) return
    try {
      writeFileSync(mark, '')
      utimesSync(mark, this.now() / 1000, this.now() / 1000)
    } catch {
      return
    }
    const entries = this.entries().sort((a, b) => a.used - b.used)
    let left = entries.reduce((sum, { size }) => sum + size, 0)
    for (const { file, size } of entries) {
      if (left <= this.limit) break
      remove(file)
      left -= size
    }
  }

  /** Every file of the cache, with its size and when it was used. */
  entries(): CacheEntry[] {
    let names: string[]
    try {
      names = readdirSync(this.dir)
    } catch {
      return []
    }
    return names.flatMap(name => {
      const file = join(this.dir, name)
      const stat = statOf(file)
      return stat?.isFile() && !name.startsWith('.') ? [{ digest: '', file, size: stat.size, used: stat.mtimeMs }] : []
    })
  }

  private fileOf(key: string): string {
    return join(this.dir, key)
  }

  private touch(file: string): void {
    const stat = statOf(file)
    if (stat === undefined || this.now() - stat.mtimeMs < touchAfter) return
    try {
      utimesSync(file, this.now() / 1000, this.now() / 1000)
    } catch {
      // A cache on a read-only disk still serves.
    }
  }
}

function remove(file: string): void {
  try {
    rmSync(file, { force: true })
  } catch {
    // A disk that cannot be written keeps it.
  }
}

function statOf(file: string): Stats | undefined {
  try {
    return statSync(file)
  } catch {
    return undefined
  }
}
