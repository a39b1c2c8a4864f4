/**
 * The bundle file on disk: written and read as a stream, so that memory does not grow with its size. Its bytes follow
 * from its manifest and blobs alone, in one order; reading accepts nothing but those bytes.
 */
import { createHash, type Hash } from 'node:crypto'
import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import {
  type BundleManifest,
  formatBundleManifest,
  manifestDigestName,
  manifestName,
  parseBundleManifest,
} from '../bundle/manifest.ts'
import { DecapodError } from '../errors.ts'
import { padding, tarHeader } from '../tar-writer.ts'
import type { BlobSink } from './blob-sink.ts'
import { inParallel } from './images.ts'
import { systemReason } from './system-error.ts'

/** A blob to be written, and where its bytes come from. */
export interface BlobSource {
  readonly digest: string
  readonly size: number
  /** A file of exactly these bytes, or what brings them: it may go on after what an earlier run left in the sink. */
  readonly from: string | ((sink: BlobSink) => Promise<void>)
}

export interface WriteOptions {
  /** Largest part in bytes; the parts are named FILE.001, FILE.002, … */
  readonly split?: number | undefined
  /** How many blobs are written at a time. */
  readonly jobs?: number | undefined
  /** Told of bytes of blobs, those that an earlier run had written included. */
  readonly onBytes?: ((count: number) => void) | undefined
  /** Told of a blob whose file is not what it is called, before that is thrown. */
  readonly onDamaged?: ((digest: string) => Promise<void>) | undefined
}

/** The file oci-layout. */
export const layout = '{"imageLayoutVersion":"1.0.0"}'

/**
 * Writes a bundle: bundle.json and its digest, the OCI layout's two files, then the blobs by digest. The place of each
 * blob follows from the sizes, so they are written as they come. The file (or its parts) appears when it is complete; a
 * run that was cut is continued by the next one for the same content. Throws FILE_INVALID when the disk refuses,
 * DIGEST_MISMATCH when a blob's file is not what it is called, and what bringing a blob throws.
 */
export async function writeBundle(
  file: string,
  manifest: BundleManifest,
  blobs: readonly BlobSource[],
  options: WriteOptions = {},
): Promise<{ digest: string; size: number; files: string[] }> {
  const text = Buffer.from(formatBundleManifest(manifest))
  const digest = sha256(text)
  const entry = (name: string, bytes: Uint8Array): Uint8Array[] => [
    tarHeader(name, bytes.length),
    bytes,
    padding(bytes.length),
  ]
  const head = Buffer.concat([
    ...entry(manifestName, text),
    ...entry(manifestDigestName, Buffer.from(`${digest}\n`)),
    ...entry('oci-layout', Buffer.from(layout)),
    // As a reader will see it: the order of index.json follows from the manifest's.
    ...entry('index.json', Buffer.from(formatIndex(parseBundleManifest(text.toString('utf8'), file)))),
  ])
  let size = head.length
  const places = [...blobs]
    .sort((a, b) => (a.digest < b.digest ? -1 : 1))
    .map(blob => {
      const header = tarHeader(blobName(blob.digest), blob.size)
      const at = size + header.length
      size = at + blob.size + padding(blob.size).length
      return { blob, header, at }
    })
  size += 1024
  const output = await PartWriter.open(file, digest, size, options.split)
  try {
    await output.write(0, head)
    for (const { header, at } of places) await output.write(at - header.length, header)
    // The largest first: it alone may decide how long the rest takes.
    const order = [...places].sort((a, b) => b.blob.size - a.blob.size)
    await inParallel(order, options.jobs ?? 4, ({ blob, at }) => writeBlob(output, blob, at, options))
    return { digest, size, files: await output.finish() }
  } catch (error) {
    const reached = error instanceof DecapodError && error.code === 'SOURCE_UNREACHABLE'
    await output.abandon(reached)
    if (error instanceof DecapodError) throw error
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    throw new DecapodError('FILE_INVALID', `cannot write ${file}: ${systemReason(error)}`, { cause: error })
  }
}

async function writeBlob(output: PartWriter, blob: BlobSource, at: number, options: WriteOptions): Promise<void> {
  const sink = output.sink(blob, at, options.onBytes)
  if (typeof blob.from !== 'string') return await blob.from(sink)
  await sink.reset()
  const hash = createHash('sha256')
  let size = 0
  for await (const chunk of createReadStream(blob.from, { highWaterMark: 1 << 20 })) {
    hash.update(chunk as Buffer)
    size += (chunk as Buffer).length
    if (size > blob.size) break
    await sink.write([chunk as Buffer])
  }
  if (size === blob.size && `sha256:${hash.digest('hex')}` === blob.digest) return
  await options.onDamaged?.(blob.digest)
  throw new DecapodError('DIGEST_MISMATCH', `the content of ${blob.digest} changed while it was written`, {
    hint: 'run the export again: it fetches the content anew',
  })
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

/** How many bytes of a blob may have to be fetched again after a run was killed. */
const journalStep = 16 << 20

/**
 * Writes FILE.part1 and following at any place, and renames them at the end. FILE.journal says how much of each blob
 * is there, for a run that goes on; what it says is hashed again before it is believed.
 */
class PartWriter {
  private readonly file: string
  private readonly split: number | undefined
  private readonly partSize: number
  private readonly parts: readonly FileHandle[]
  private readonly journal: FileHandle
  private readonly done: ReadonlyMap<string, number>

  private constructor(
    file: string,
    split: number | undefined,
    partSize: number,
    parts: readonly FileHandle[],
    journal: FileHandle,
    done: ReadonlyMap<string, number>,
  ) {
    this.file = file
    this.split = split
    this.partSize = partSize
    this.parts = parts
    this.journal = journal
    this.done = done
  }

  /** Opens the parts of a bundle of `size` bytes; what is there for the same manifest and split is kept. */
  static async open(file: string, digest: string, size: number, split: number | undefined): Promise<PartWriter> {
    const partSize = split ?? size
    const count = Math.ceil(size / partSize)
    if (count > 999)
      throw new DecapodError('LIMIT_EXCEEDED', `${file} would have more than 999 parts`, {
        hint: 'give --split a larger size',
      })
    const opened: FileHandle[] = []
    try {
      const first = `${digest} ${size} ${partSize}`
      const done = readJournal(journalOf(file), first)
      for (let i = 0; i < count; i++) {
        const name = `${file}.part${i + 1}`
        const kept = done !== undefined && existsSync(name)
        const part = await open(name, kept ? 'r+' : 'w+')
        opened.push(part)
        await part.truncate(Math.min(partSize, size - i * partSize))
      }
      const journal = await open(journalOf(file), done === undefined ? 'w' : 'a')
      if (done === undefined) await journal.appendFile(`${first}\n`)
      return new PartWriter(file, split, partSize, opened, journal, done ?? new Map())
    } catch (error) {
      for (const part of opened) await part.close()
      throw new DecapodError('FILE_INVALID', `cannot write ${file}: ${systemReason(error)}`, { cause: error })
    }
  }

  async write(at: number, bytes: Uint8Array): Promise<void> {
    for (const { part, start, from, to } of this.pieces(at, bytes.length)) {
      const piece = bytes.subarray(from, to)
      for (let written = 0; written < piece.length; ) {
        const result = await part.write(piece, written, piece.length - written, start + written)
        written += result.bytesWritten
      }
    }
  }

  /** Writes pieces one after the other, in one call where they lie in one part; gives their length. */
  private async writeAll(at: number, pieces: readonly Buffer[]): Promise<number> {
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0)
    const [place, ...others] = this.pieces(at, length)
    if (place !== undefined && others.length === 0) {
      const { bytesWritten } = await place.part.writev(pieces as Buffer[], place.start)
      if (bytesWritten === length) return length
    }
    let written = 0
    for (const piece of pieces) {
      await this.write(at + written, piece)
      written += piece.length
    }
    return length
  }

  /** The place of one blob as a sink. */
  sink(
    { digest, size }: { readonly digest: string; readonly size: number },
    at: number,
    onBytes: ((count: number) => void) | undefined,
  ): BlobSink {
    let have = 0
    let noted = 0
    const note = async (): Promise<void> => {
      noted = have
      await this.journal.appendFile(`${digest} ${have}\n`)
    }
    // What was counted once is not counted again when a cut download is looked at anew.
    let counted = 0
    const count = (): void => {
      if (have > counted) onBytes?.(have - counted)
      counted = Math.max(counted, have)
    }
    let begun = false
    return {
      resume: async hash => {
        if (!begun) have = Math.min(this.done.get(digest) ?? 0, size)
        begun = true
        for (let read = 0; read < have; ) {
          const chunk = await this.read(at + read, Math.min(1 << 20, have - read))
          hash.update(chunk)
          read += chunk.length
        }
        count()
        return have
      },
      write: async pieces => {
        have += await this.writeAll(at + have, pieces)
        count()
        if (have - noted >= journalStep || have === size) await note()
      },
      reset: async () => {
        begun = true
        have = 0
        if (noted > 0 || this.done.has(digest)) await note()
      },
    }
  }

  async finish(): Promise<string[]> {
    const names: string[] = []
    for (const [i, part] of this.parts.entries()) {
      await part.close()
      const name = this.split === undefined ? this.file : partName(this.file, i + 1)
      await rename(`${this.file}.part${i + 1}`, name)
      names.push(name)
    }
    await this.journal.close()
    await rm(journalOf(this.file), { force: true })
    // What an earlier export left would be taken for this one's: more parts, or the whole beside the parts.
    const kept = new Set(names)
    const parts = numbersOf(this.file).filter((number, i) => number === i + 1)
    const old = [...parts.map(i => partName(this.file, i)), this.file].filter(name => !kept.has(name))
    for (const name of old) await rm(name, { force: true })
    // And what a killed one left unfinished.
    for (let i = this.parts.length + 1; existsSync(`${this.file}.part${i}`); i++) await rm(`${this.file}.part${i}`)
    return names
  }

  /** Ends without a bundle; with `keep` a later run goes on with what is there. */
  async abandon(keep: boolean): Promise<void> {
    for (const part of this.parts) await part.close().catch(() => {})
    await this.journal.close().catch(() => {})
    if (keep) return
    for (const [i] of this.parts.entries()) await rm(`${this.file}.part${i + 1}`, { force: true })
    await rm(journalOf(this.file), { force: true })
  }

  private async read(at: number, length: number): Promise<Buffer> {
    const bytes = Buffer.alloc(length)
    for (const { part, start, from, to } of this.pieces(at, length)) await part.read(bytes, from, to - from, start)
    return bytes
  }

  /** The parts that `length` bytes from `at` on lie in. */
  private *pieces(
    at: number,
    length: number,
  ): Generator<{ readonly part: FileHandle; readonly start: number; readonly from: number; readonly to: number }> {
    for (let from = 0; from < length; ) {
      const index = Math.floor((at + from) / this.partSize)
      const start = at + from - index * this.partSize
      const to = Math.min(length, from + this.partSize - start)
      yield { part: this.parts[index]!, start, from, to }
      from = to
    }
  }
}

function journalOf(file: string): string {
  return `${file}.journal`
}

/** How much of each blob an earlier run wrote; undefined when there is none, or it was for another content. */
function readJournal(file: string, first: string): Map<string, number> | undefined {
  if (!existsSync(file)) return undefined
  const [head, ...lines] = readFileSync(file, 'utf8').split('\n')
  if (head !== first) return undefined
  const done = new Map<string, number>()
  for (const line of lines) {
    const match = /^(sha256:[0-9a-f]{64}) (\d+)$/.exec(line)
    if (match !== null) done.set(match[1]!, Number(match[2]))
  }
  return done
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
