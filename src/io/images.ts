/** Whole images between registries and bundles: an index with its manifests, configurations and layers. */
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { formatReference, type Reference, wanted } from '../bundle/reference.ts'
import { DecapodError } from '../errors.ts'
import { padding, tarHeader } from '../tar-writer.ts'
import { partsOf } from './bundle-file.ts'
import type { Cache } from './cache.ts'
import { type Descriptor, type Platform, type RawManifest, type Registry, sha256 } from './registry.ts'

const indexTypes = new Set([
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
])

/** What an image consists of: its manifest or index, and every blob under it. */
export interface ImageTree {
  readonly reference: Reference
  readonly root: RawManifest
  /** Manifests below an index, in its order. */
  readonly children: readonly RawManifest[]
  /** Configurations and layers, each once. */
  readonly blobs: readonly Descriptor[]
  /** os/architecture[/variant] of the children; empty for a single manifest. */
  readonly platforms: readonly string[]
}

/** Bounds on what a registry may claim. */
const limits = { children: 200, layers: 1000 }

/**
 * Reads an image's manifests. With `platforms` an index is cut down to them: one platform gives its manifest itself,
 * several a smaller index (of another digest, for a registry refuses an index with gaps). Throws SOURCE_INVALID when a
 * platform is missing.
 */
export async function readImage(
  registry: Registry,
  reference: Reference,
  platforms: readonly string[] = [],
): Promise<ImageTree> {
  const what = formatReference(reference)
  const root = await registry.manifest(reference.path, wanted(reference))
  const blobs = new Map<string, Descriptor>()
  if (!indexTypes.has(root.mediaType)) {
    collectBlobs(root, what, blobs)
    return { reference, root, children: [], blobs: [...blobs.values()], platforms: [] }
  }
  const index = parse(root, what) as { manifests?: Descriptor[] }
  const all = index.manifests ?? []
  if (all.length > limits.children)
    throw new DecapodError('LIMIT_EXCEEDED', `${what}: an index of ${all.length} images`)
  const chosen = choose(all, platforms, what)
  const children: RawManifest[] = []
  for (const descriptor of chosen) {
    const child = await registry.manifest(reference.path, checkedDigest(descriptor, what))
    collectBlobs(child, what, blobs)
    children.push(child)
  }
  const shown = chosen.map(d => platformName(d.platform))
  if (platforms.length === 1 && children.length === 1)
    return { reference, root: children[0]!, children: [], blobs: [...blobs.values()], platforms: shown }
  const cut = chosen.length === all.length ? root : smallerIndex(root, index, chosen)
  return { reference, root: cut, children, blobs: [...blobs.values()], platforms: shown }
}

/** The descriptors of the wanted platforms; attestations and unknown ones only come with the whole. */
function choose(all: readonly Descriptor[], platforms: readonly string[], what: string): readonly Descriptor[] {
  if (platforms.length === 0) return all
  return platforms.flatMap(wantedPlatform => {
    const found = all.filter(d => matches(platformName(d.platform), wantedPlatform))
    if (found.length === 0) {
      throw new DecapodError('SOURCE_INVALID', `${what} is not made for ${wantedPlatform}`, {
        hint: `it is made for ${all
          .map(d => platformName(d.platform))
          .filter(p => !p.startsWith('unknown'))
          .join(', ')}`,
      })
    }
    return found.slice(0, 1)
  })
}

function matches(platform: string, wantedPlatform: string): boolean {
  return platform === wantedPlatform || platform.startsWith(`${wantedPlatform}/`)
}

function platformName(platform: Platform | undefined): string {
  if (platform === undefined) return 'unknown/unknown'
  return [platform.os, platform.architecture, platform.variant].filter(p => p !== undefined && p !== '').join('/')
}

function smallerIndex(root: RawManifest, index: object, manifests: readonly Descriptor[]): RawManifest {
  const bytes = Buffer.from(JSON.stringify({ ...index, manifests }))
  return { mediaType: root.mediaType, digest: sha256(bytes), bytes }
}

function collectBlobs(manifest: RawManifest, what: string, into: Map<string, Descriptor>): void {
  const { config, layers } = parse(manifest, what) as { config?: Descriptor; layers?: Descriptor[] }
  if (config === undefined || !Array.isArray(layers) || layers.length > limits.layers) {
    throw new DecapodError('SOURCE_INVALID', `${what}: the manifest ${manifest.digest} is not that of an image`)
  }
  for (const descriptor of [config, ...layers]) into.set(checkedDigest(descriptor, what), descriptor)
}

function checkedDigest(descriptor: Descriptor, what: string): string {
  if (
    !/^sha256:[0-9a-f]{64}$/.test(descriptor?.digest) ||
    !Number.isSafeInteger(descriptor.size) ||
    descriptor.size < 0
  ) {
    throw new DecapodError('SOURCE_INVALID', `${what} names a blob without a valid digest and size`)
  }
  return descriptor.digest
}

function parse(manifest: RawManifest, what: string): unknown {
  try {
    return JSON.parse(Buffer.from(manifest.bytes).toString('utf8'))
  } catch {
    throw new DecapodError('SOURCE_INVALID', `${what}: the manifest ${manifest.digest} is not JSON`)
  }
}

/** Brings every blob of an image into the cache, manifests included; what is there already is not fetched again. */
export async function pullImage(registry: Registry, image: ImageTree, cache: Cache, jobs: number): Promise<void> {
  for (const manifest of [image.root, ...image.children]) cache.write(manifest.bytes, manifest.digest)
  await inParallel(image.blobs, jobs, async blob => {
    if (cache.has(blob.digest)) return
    await cache.exclusively(blob.digest, async () => {
      if (cache.has(blob.digest)) return
      cache.temporary()
      const file = join(cache.dir, 'tmp', blob.digest.replace(':', '-'))
      await registry.pullBlob(image.reference.path, blob, file)
      cache.adopt(file, blob.digest)
    })
  })
}

/** Random access to the blobs of a bundle that was verified: their places follow from the manifest. */
export class BundleBlobs {
  private readonly places = new Map<string, { start: number; size: number }>()
  private readonly parts: { file: string; start: number; end: number }[] = []

  /** `sizes`: of the entries before the blobs (bundle.json, its digest, oci-layout, index.json), then of the blobs in order. */
  constructor(
    file: string,
    partSizes: readonly number[],
    before: readonly (readonly [name: string, size: number])[],
    blobs: readonly { digest: string; size: number }[],
  ) {
    let at = 0
    for (const [i, part] of partsOf(file).entries()) {
      this.parts.push({ file: part, start: at, end: at + partSizes[i]! })
      at += partSizes[i]!
    }
    let offset = 0
    for (const [name, size] of before) offset += tarHeader(name, size).length + size + padding(size).length
    for (const { digest, size } of blobs) {
      offset += 512
      this.places.set(digest, { start: offset, size })
      offset += size + padding(size).length
    }
  }

  has(digest: string): boolean {
    return this.places.has(digest)
  }

  /** The bytes of a blob from start to end (exclusive), as a stream. */
  read(digest: string, start = 0, end: number = this.sizeOf(digest)): Readable {
    const place = this.place(digest)
    return Readable.from(this.range(place.start + start, place.start + end))
  }

  /** A whole blob, for small ones. */
  async bytes(digest: string): Promise<Buffer> {
    const chunks: Buffer[] = []
    for await (const chunk of this.read(digest)) chunks.push(chunk as Buffer)
    return Buffer.concat(chunks)
  }

  sizeOf(digest: string): number {
    return this.place(digest).size
  }

  private place(digest: string): { start: number; size: number } {
    const place = this.places.get(digest)
    if (place === undefined) throw new DecapodError('BUNDLE_INVALID', `the bundle does not hold ${digest}`)
    return place
  }

  private async *range(start: number, end: number): AsyncGenerator<Buffer> {
    for (const part of this.parts) {
      const [from, to] = [Math.max(start, part.start), Math.min(end, part.end)]
      if (from >= to) continue
      for await (const chunk of createReadStream(part.file, {
        start: from - part.start,
        end: to - part.start - 1,
        highWaterMark: 1 << 20,
      }))
        yield chunk as Buffer
    }
  }
}

/** Runs `work` over items, at most `jobs` at a time; the first failure ends it. */
export async function inParallel<T>(
  items: readonly T[],
  jobs: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < items.length) await work(items[next++]!)
  }
  await Promise.all(Array.from({ length: Math.min(jobs, items.length) }, lane))
}

/** A file's bytes as pushBlob reads them. */
export function fileReader(file: string): (start: number, end: number) => Readable {
  return (start, end) => (end <= start ? Readable.from([]) : createReadStream(file, { start, end: end - 1 }))
}

/** A manifest out of the cache. */
export async function cachedManifest(cache: Cache, digest: string, mediaType: string): Promise<RawManifest> {
  return { digest, mediaType, bytes: await readFile(cache.fileOf(digest)) }
}
