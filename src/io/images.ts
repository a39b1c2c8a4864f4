/** Whole images between registries and bundles: an index with its manifests, configurations and layers. */
import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { formatReference, type Reference, wanted } from '../bundle/reference.ts'
import { DecapodError } from '../errors.ts'
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

/** Puts an image's manifests into the cache. */
export function keepManifests(image: ImageTree, cache: Cache): void {
  for (const manifest of [image.root, ...image.children]) cache.write(manifest.bytes, manifest.digest)
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
