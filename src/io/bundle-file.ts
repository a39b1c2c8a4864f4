/**
 * The bundle file on disk: written and read as a stream, so that memory does not grow with its size. Its bytes follow
 * from its manifest and blobs alone, in one order; reading accepts nothing but those bytes.
 */
import { createHash, type Hash } from 'node:crypto'
import { createReadStream, createWriteStream, existsSync, readdirSync, type WriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { finished } from 'node:stream/promises'
import {
  type BundleManifest,
  formatBundleManifest,
  manifestDigestName,
  manifestName,
  parseBundleManifest,
} from '../bundle/manifest.ts'
import { DecapodError } from '../errors.ts'
import { padding, tarHeader } from '../tar-writer.ts'

/** Where a blob's bytes come from while writing. */
export interface BlobFile {
  readonly digest: string
  readonly size: number
  /** A file of exactly these bytes. */
  readonly file: string
}

export interface WriteOptions {
  /** Largest part in bytes; the parts are named FILE.001, FILE.002, … */
  readonly split?: number | undefined
  readonly onBytes?: ((count: number) => void) | undefined
  /** Told of a blob whose file is not what it is called, before that is thrown. */
  readonly onDamaged?: ((digest: string) => Promise<void>) | undefined
}

/** The file oci-layout. */
export const layout = '{"imageLayoutVersion":"1.0.0"}'

/**
 * Writes a bundle: bundle.json and its digest, the OCI layout's two files, then the blobs by digest. The file (or its
 * parts) appears when it is complete. Throws FILE_INVALID when the disk refuses, DIGEST_MISMATCH when a blob's file
 * is not what it is called.
 */
export async function writeBundle(
  file: string,
  manifest: BundleManifest,
  blobs: readonly BlobFile[],
  options: WriteOptions = {},
): Promise<{ digest: string; size: number; files: string[] }> {
  const text = Buffer.from(formatBundleManifest(manifest))
  const digest = sha256(text)
  const output = new PartWriter(file, options.split)
  try {
    const entry = async (name: string, bytes: Uint8Array): Promise<void> => {
      await output.write(tarHeader(name, bytes.length))
      await output.write(bytes)
      await output.write(padding(bytes.length))
    }
    await entry(manifestName, text)
    await entry(manifestDigestName, Buffer.from(`${digest}\n`))
    await entry('oci-layout', Buffer.from(layout))
    // As a reader will see it: the order of index.json follows from the manifest's.
    await entry('index.json', Buffer.from(formatIndex(parseBundleManifest(text.toString('utf8'), file))))
    for (const blob of [...blobs].sort((a, b) => (a.digest < b.digest ? -1 : 1))) {
      await output.write(tarHeader(blobName(blob.digest), blob.size))
      const hash = createHash('sha256')
      let size = 0
      for await (const chunk of createReadStream(blob.file, { highWaterMark: 1 << 20 })) {
        hash.update(chunk as Buffer)
        size += (chunk as Buffer).length
        options.onBytes?.((chunk as Buffer).length)
        await output.write(chunk as Buffer)
      }
      if (size !== blob.size || `sha256:${hash.digest('hex')}` !== blob.digest) {
        await options.onDamaged?.(blob.digest)
        throw new DecapodError('DIGEST_MISMATCH', `the content of ${blob.digest} changed while it was written`, {
          hint: 'run the export again: it fetches the content anew',
        })
      }
      await output.write(padding(blob.size))
    }
    await output.write(new Uint8Array(1024))
    const files = await output.finish()
    return { digest, size: output.size, files }
  } catch (error) {
    await output.abandon()
    if (error instanceof DecapodError) throw error
    const { code } = error as NodeJS.ErrnoException
    throw new DecapodError(
      'FILE_INVALID',
      `cannot write ${file}: ${code === 'ENOSPC' ? 'no space left on the disk' : (code ?? String(error))}`,
      { cause: error },
    )
  }
}

/** index.json of the OCI layout: every image that is whole in this file, by its name. */
export function formatIndex(manifest: BundleManifest): string {
  const missing = new Set(manifest.blobs.filter(b => b.inBase).map(b => b.digest))
  const manifests = manifest.contents
    .filter(c => c.type === 'image' && ![c.digest, ...(c.blobs ?? [])].some(d => missing.has(d)))
    .map(({ mediaType, digest, size, name }) => ({
      mediaType,
      digest,
      size,
      annotations: { 'org.opencontainers.image.ref.name': name },
    }))
  return JSON.stringify({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests })
}

function blobName(digest: string): string {
  return `blobs/sha256/${digest.slice('sha256:'.length)}`
}

export interface ReadOptions {
  /** Called for each blob with its bytes as they pass; its digest is checked afterwards. */
  readonly onBlob?:
    | ((blob: { digest: string; size: number }) => ((chunk: Buffer) => Promise<void> | void) | undefined)
    | undefined
  /** Called after a blob proved right. */
  readonly onVerified?: ((digest: string) => Promise<void> | void) | undefined
  readonly onBytes?: ((count: number) => void) | undefined
  /** Also hash the file as a whole, which is what is signed. */
  readonly whole?: boolean | undefined
  /** Stop after bundle.json. */
  readonly manifestOnly?: boolean | undefined
}

export interface ReadBundle {
  readonly manifest: BundleManifest
  /** sha256 of bundle.json: what a delta names as its base. */
  readonly manifestDigest: string
  /** BLAKE2b-512 of the whole file: what is signed. Empty when it was not asked for. */
  readonly fileDigest: Uint8Array
  readonly size: number
}

/**
 * Reads a bundle (or its parts, by the name of the whole or of the first) and checks every byte: headers, digests,
 * order, padding, end. Throws BUNDLE_INVALID naming what is wrong and the offset.
 */
export async function readBundle(file: string, options: ReadOptions = {}): Promise<ReadBundle> {
  const whole = options.whole === true ? createHash('blake2b512') : undefined
  const reader = new ExactReader(partsOf(file), whole, file)
  try {
    const text = await reader.entry(manifestName, manifestLimit)
    const manifestDigest = sha256(text)
    const promised = await reader.entry(manifestDigestName, 200)
    if (promised.toString() !== `${manifestDigest}\n`)
      throw reader.invalid(`${manifestName} is not what ${manifestDigestName} says`)
    const manifest = parseBundleManifest(text.toString('utf8'), file)
    if (options.manifestOnly) return { manifest, manifestDigest, fileDigest: new Uint8Array(), size: 0 }
    await reader.expect('oci-layout', Buffer.from(layout))
    await reader.expect('index.json', Buffer.from(formatIndex(manifest)))
    for (const { digest, size, inBase } of manifest.blobs) {
      if (inBase) continue
      await reader.expectBytes(tarHeader(blobName(digest), size), `the header of ${blobName(digest)}`)
      const hash = createHash('sha256')
      const take = options.onBlob?.({ digest, size })
      await reader.pass(size, `the blob ${digest}`, async chunk => {
        hash.update(chunk)
        options.onBytes?.(chunk.length)
        await take?.(chunk)
      })
      const got = `sha256:${hash.digest('hex')}`
      if (got !== digest) throw reader.invalid(`the blob ${digest} has the content ${got}`)
      await reader.expectBytes(padding(size), `the padding after ${digest}`)
      await options.onVerified?.(digest)
    }
    await reader.expectBytes(new Uint8Array(1024), 'the end of the archive')
    await reader.expectEnd()
    return { manifest, manifestDigest, fileDigest: whole?.digest() ?? new Uint8Array(), size: reader.at }
  } finally {
    reader.close()
  }
}

const manifestLimit = 256 << 20

/**
 * The files a bundle consists of: itself, or FILE.001 and following. Throws FILE_NOT_FOUND, BUNDLE_INVALID where one is
 * missing between others.
 */
export function partsOf(file: string): string[] {
  if (existsSync(file) && !/\.\d{3}$/.test(file)) return [file]
  const stem = stemOf(file)
  const numbers = numbersOf(stem)
  if (numbers.length === 0) throw new DecapodError('FILE_NOT_FOUND', `there is no bundle ${file}`, { at: { file } })
  for (const [i, number] of numbers.entries()) {
    if (number === i + 1) continue
    throw new DecapodError(
      'BUNDLE_INVALID',
      `${partName(stem, i + 1)} is missing: there is ${partName(stem, number)}`,
      {
        at: { file: partName(stem, i + 1) },
      },
    )
  }
  return numbers.map(number => partName(stem, number))
}

function stemOf(part: string): string {
  return part.replace(/\.\d{3}$/, '')
}

/** The numbers of the parts that are there, ascending. */
function numbersOf(stem: string): number[] {
  const dir = dirname(stem)
  const name = `${basename(stem)}.`
  return (existsSync(dir) ? readdirSync(dir) : [])
    .filter(entry => entry.startsWith(name) && /^\d{3}$/.test(entry.slice(name.length)))
    .map(entry => Number(entry.slice(name.length)))
    .filter(number => number > 0)
    .sort((a, b) => a - b)
}

function partName(file: string, i: number): string {
  return `${file}.${String(i).padStart(3, '0')}`
}

/** Writes to FILE.part (or its parts), renamed at the end. */
class PartWriter {
  size = 0
  private readonly file: string
  private readonly split: number | undefined
  private readonly parts: string[] = []
  private stream: WriteStream | undefined
  private left = 0

  constructor(file: string, split: number | undefined) {
    this.file = file
    this.split = split
  }

  async write(bytes: Uint8Array): Promise<void> {
    let rest = bytes
    while (rest.length > 0) {
      if (this.stream === undefined || this.left === 0) await this.next()
      const now = rest.subarray(0, this.left)
      this.left -= now.length
      this.size += now.length
      const stream = this.stream!
      if (stream.errored) throw stream.errored
      if (!stream.write(now)) await drained(stream)
      rest = rest.subarray(now.length)
    }
  }

  async finish(): Promise<string[]> {
    await this.end()
    const names: string[] = []
    for (const [i, part] of this.parts.entries()) {
      const name = this.split === undefined ? this.file : partName(this.file, i + 1)
      await rename(part, name)
      names.push(name)
    }
    // What an earlier export left would be taken for this one's: more parts, or the whole beside the parts.
    const kept = new Set(names)
    const parts = numbersOf(this.file).filter((number, i) => number === i + 1)
    const old = [...parts.map(i => partName(this.file, i)), this.file].filter(name => !kept.has(name))
    for (const name of old) await rm(name, { force: true })
    // And what a killed one left unfinished.
    for (let i = this.parts.length + 1; existsSync(`${this.file}.part${i}`); i++) await rm(`${this.file}.part${i}`)
    return names
  }

  async abandon(): Promise<void> {
    this.stream?.destroy()
    for (const part of this.parts) await rm(part, { force: true })
  }

  private async next(): Promise<void> {
    await this.end()
    if (this.parts.length === 999)
      throw new DecapodError('LIMIT_EXCEEDED', `${this.file} would have more than 999 parts`, {
        hint: 'give --split a larger size',
      })
    const part = `${this.file}.part${this.parts.length + 1}`
    this.parts.push(part)
    this.stream = createWriteStream(part)
    // Errors are thrown where the next bytes are written.
    this.stream.on('error', () => {})
    this.left = this.split ?? Number.MAX_SAFE_INTEGER
  }

  private async end(): Promise<void> {
    if (this.stream === undefined) return
    this.stream.end()
    await finished(this.stream)
    this.stream = undefined
  }
}

function drained(stream: WriteStream): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: Error | null): void => {
      stream.off('drain', done)
      stream.off('error', done)
      if (error) reject(error)
      else resolve()
    }
    stream.on('drain', done)
    stream.on('error', done)
  })
}

/** Reads parts one after the other as one stream of bytes, all of which must be as expected. */
class ExactReader {
  at = 0
  private readonly chunks: AsyncIterator<PartChunk>
  private readonly hash: Hash | undefined
  private readonly file: string
  private readonly parts: readonly string[]
  private buffer: Buffer = Buffer.alloc(0)
  /** The part being read, and where it begins in the whole. */
  private part = 0
  private partStart = 0

  constructor(parts: readonly string[], hash: Hash | undefined, file: string) {
    this.parts = parts
    this.chunks = readParts(parts)
    this.hash = hash
    this.file = file
  }

  /** An entry of unknown content: its header must be the one its size gives. */
  async entry(name: string, limit: number): Promise<Buffer> {
    const header = await this.take(512, `the header of ${name}`)
    const size = Number.parseInt(header.toString('latin1', 124, 135), 8)
    if (!Number.isSafeInteger(size) || size > limit || Buffer.compare(header, tarHeader(name, size)) !== 0) {
      throw this.invalid(`the header of ${name} is not as it must be`, 512)
    }
    const bytes = await this.take(size, name)
    await this.expectBytes(padding(size), `the padding after ${name}`)
    return bytes
  }

  async expect(name: string, bytes: Uint8Array): Promise<void> {
    await this.expectBytes(tarHeader(name, bytes.length), `the header of ${name}`)
    await this.expectBytes(bytes, name)
    await this.expectBytes(padding(bytes.length), `the padding after ${name}`)
  }

  async expectBytes(bytes: Uint8Array, what: string): Promise<void> {
    const got = await this.take(bytes.length, what)
    if (Buffer.compare(got, bytes) !== 0) throw this.invalid(`${what} is not as it must be`, bytes.length)
  }

  async expectEnd(): Promise<void> {
    if (this.buffer.length > 0 || (await this.more())) throw this.invalid('there are bytes after its end')
  }

  /** Hands `size` bytes on in pieces. */
  async pass(size: number, what: string, take: (chunk: Buffer) => Promise<void> | void): Promise<void> {
    for (let left = size; left > 0; ) {
      if (this.buffer.length === 0 && !(await this.more())) {
        const next =
          this.parts.length > 1 ? `; is ${partName(stemOf(this.parts[0]!), this.parts.length + 1)} missing?` : ''
        throw this.invalid(`it ends within ${what}${next}`)
      }
      const chunk = this.buffer.subarray(0, left)
      this.hash?.update(chunk)
      this.buffer = this.buffer.subarray(chunk.length)
      this.at += chunk.length
      left -= chunk.length
      const wait = take(chunk)
      if (wait !== undefined) await wait
    }
  }

  close(): void {
    void this.chunks.return?.()
  }

  invalid(message: string, before = 0): DecapodError {
    const where =
      this.parts.length === 1
        ? `at byte ${this.at - before}`
        : `in ${this.parts[this.part]}, read up to its byte ${this.at - this.partStart}`
    return new DecapodError('BUNDLE_INVALID', `${this.file} is damaged or changed: ${message} (${where})`, {
      at: { file: this.file },
    })
  }

  private async take(size: number, what: string): Promise<Buffer> {
    const parts: Buffer[] = []
    await this.pass(size, what, chunk => void parts.push(chunk))
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
  }

  private async more(): Promise<boolean> {
    const next = await this.chunks.next()
    if (next.done) return false
    this.buffer = next.value.bytes
    if (next.value.part !== this.part) {
      this.part = next.value.part
      this.partStart = this.at
    }
    return true
  }
}

interface PartChunk {
  readonly part: number
  readonly bytes: Buffer
}

async function* readParts(parts: readonly string[]): AsyncGenerator<PartChunk> {
  for (const [part, file] of parts.entries())
    for await (const bytes of createReadStream(file, { highWaterMark: 1 << 20 })) yield { part, bytes: bytes as Buffer }
}

function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}
