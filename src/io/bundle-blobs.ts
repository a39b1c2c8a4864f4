/** Random access to what a bundle holds: the places of its blobs follow from its manifest. */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { type BundleManifest, formatBundleManifest, manifestDigestName, manifestName } from '../bundle/manifest.ts'
import { DecapodError } from '../errors.ts'
import { padding, tarHeader } from '../tar-writer.ts'
import { formatIndex, layout, partsOf } from './bundle-file.ts'
import { digestOf } from './cache.ts'

/** Opens a bundle whose manifest was read (readBundle). Throws FILE_NOT_FOUND. */
export async function openBlobs(file: string, manifest: BundleManifest): Promise<BundleBlobs> {
  const parts: BundlePart[] = []
  let at = 0
  for (const part of partsOf(file)) {
    const { size } = await stat(part)
    parts.push({ file: part, start: at, end: at + size })
    at += size
  }
  let offset = 0
  for (const [name, size] of [
    [manifestName, Buffer.byteLength(formatBundleManifest(manifest))],
    [manifestDigestName, 'sha256:'.length + 64 + 1],
    ['oci-layout', Buffer.byteLength(layout)],
    ['index.json', Buffer.byteLength(formatIndex(manifest))],
  ] as const) {
    offset += tarHeader(name, size).length + size + padding(size).length
  }
  const places = new Map<string, BlobPlace>()
  for (const { digest, size, inBase } of manifest.blobs) {
    if (inBase) continue
    offset += tarHeader(`blobs/sha256/${digest.slice('sha256:'.length)}`, size).length
    places.set(digest, { start: offset, size })
    offset += size + padding(size).length
  }
  return new BundleBlobs(parts, places)
}

interface BundlePart {
  readonly file: string
  readonly start: number
  readonly end: number
}

interface BlobPlace {
  readonly start: number
  readonly size: number
}

export class BundleBlobs {
  private readonly places: ReadonlyMap<string, BlobPlace>
  private readonly parts: readonly BundlePart[]

  constructor(parts: readonly BundlePart[], places: ReadonlyMap<string, BlobPlace>) {
    this.parts = parts
    this.places = places
  }

  /** Whether the bundle holds a blob; a delta lists more than it holds. */
  has(digest: string): boolean {
    return this.places.has(digest)
  }

  sizeOf(digest: string): number {
    return this.place(digest).size
  }

  /** The bytes of a blob from start to end (exclusive), as a stream. */
  read(digest: string, start = 0, end: number = this.sizeOf(digest)): Readable {
    const place = this.place(digest)
    return Readable.from(this.range(place.start + start, place.start + end))
  }

  /** A whole blob, for small ones. Throws BUNDLE_INVALID when its content is not what its digest says. */
  async bytes(digest: string): Promise<Buffer> {
    const chunks: Buffer[] = []
    for await (const chunk of this.read(digest)) chunks.push(chunk as Buffer)
    const bytes = Buffer.concat(chunks)
    if (digestOf(bytes) !== digest)
      throw new DecapodError(
        'BUNDLE_INVALID',
        `the bundle is damaged or changed: the blob ${digest} has another content`,
      )
    return bytes
  }

  private place(digest: string): BlobPlace {
    const place = this.places.get(digest)
    if (place === undefined)
      throw new DecapodError('BUNDLE_INVALID', `the bundle does not hold ${digest}: it is a delta, and its base has it`)
    return place
  }

  private async *range(start: number, end: number): AsyncGenerator<Buffer> {
    for (const part of this.parts) {
      const [from, to] = [Math.max(start, part.start), Math.min(end, part.end)]
      if (from >= to) continue
      const bytes = { start: from - part.start, end: to - part.start - 1, highWaterMark: 1 << 20 }
      for await (const chunk of createReadStream(part.file, bytes)) yield chunk as Buffer
    }
  }
}
