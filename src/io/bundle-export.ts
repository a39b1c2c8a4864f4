/** Collecting what airgapped sites need into one bundle file. */
import { createHash } from 'node:crypto'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BundleContent, BundleManifest, ContentType } from '../bundle/manifest.ts'
import { formatReference, type Reference } from '../bundle/reference.ts'
import { formatSbom } from '../bundle/sbom.ts'
import { DecapodError, DecapodErrors } from '../errors.ts'
import type { BlobSink } from './blob-sink.ts'
import { type BundleBlobs, openBlobs } from './bundle-blobs.ts'
import { type BlobSource, readBundle, writeBundle } from './bundle-file.ts'
import { type Cache, digestOf } from './cache.ts'
import { type ImageTree, inParallel, keepManifests, readImage } from './images.ts'
import type { Descriptor, Registry } from './registry.ts'

/** Content whose digest is known: a file (of the cache, mostly), or without one what the base of a delta holds. */
export interface StoredContent {
  readonly digest: string
  readonly size: number
  readonly file?: string | undefined
}

/** Anything but an image. */
export interface ExportFile extends Omit<BundleContent, 'type' | 'digest' | 'size' | 'blobs' | 'platforms'> {
  readonly type: Exclude<ContentType, 'image' | 'sbom'>
  readonly from: Uint8Array | StoredContent
}

export interface ExportImage {
  readonly reference: Reference
  /** What is fetched, whatever the tag names today. */
  readonly digest?: string | undefined
  /** All platforms, for the output names the digest of the whole. */
  readonly whole?: boolean | undefined
  /** Where the sites' mirrors have it. */
  readonly targets?: readonly string[]
  readonly sites: readonly string[]
}

/** An earlier bundle, by its manifest and that manifest's digest. */
export interface BaseBundle {
  readonly manifest: BundleManifest
  readonly manifestDigest: string
}

export interface ExportOptions {
  readonly engine: string
  readonly sites: readonly string[]
  readonly images: readonly ExportImage[]
  readonly files: readonly ExportFile[]
  readonly registry: (host: string) => Registry
  /** Where an image is fetched from when not from its own registry. */
  readonly origin?: ((reference: Reference) => Reference) | undefined
  readonly cache: Cache
  readonly platforms: readonly string[]
  /** What it holds is left out. */
  readonly since?: BaseBundle | undefined
  readonly split?: number | undefined
  readonly jobs: number
  /** Told how many bytes of blobs there will be, then of those that are written. */
  readonly onExpect?: ((bytes: number) => void) | undefined
  readonly onBytes?: ((count: number) => void) | undefined
}

export interface ExportResult {
  readonly manifest: BundleManifest
  readonly manifestDigest: string
  readonly files: readonly string[]
  readonly size: number
  /** Blobs left out because the base has them, and their bytes. */
  readonly skipped: { readonly blobs: number; readonly bytes: number }
}

/**
 * Reads the manifests of all images, then writes the bundle; layers go from the registry straight to their place in it,
 * so that no disk holds them twice. Images that cannot be had are all named at once (DecapodErrors); nothing is written
 * then.
 */
export async function exportBundle(file: string, options: ExportOptions): Promise<ExportResult> {
  const { since, cache } = options
  const inBase = new Set(since?.manifest.blobs.map(b => b.digest))
  const sizes = new Map<string, number>()
  const { contents, layers } = await readImages(options, inBase, sizes)
  const scratch = await mkdtemp(join(tmpdir(), 'decapod-export-'))
  try {
    const own = new Map<string, string>()
    const add = async (content: Omit<BundleContent, 'digest' | 'size'>, from: ExportFile['from']): Promise<void> => {
      const stored = from instanceof Uint8Array ? { digest: digestOf(from), size: from.length } : from
      sizes.set(stored.digest, stored.size)
      if (!own.has(stored.digest) && !inBase.has(stored.digest)) {
        const kept = 'file' in stored ? stored.file : undefined
        own.set(stored.digest, kept ?? join(scratch, stored.digest.slice('sha256:'.length)))
        if (from instanceof Uint8Array) await writeFile(own.get(stored.digest)!, from)
      }
      contents.push({ ...content, digest: stored.digest, size: stored.size })
    }
    for (const { from, ...content } of options.files) await add(content, from)
    const sbom = Buffer.from(formatSbom(options.engine, options.sites, contents))
    await add({ type: 'sbom', name: 'sbom.cdx.json', mediaType: 'application/vnd.cyclonedx+json' }, sbom)
    const blobs = [...sizes].map(([digest, size]) => ({
      digest,
      size,
      ...(inBase.has(digest) ? { inBase: true as const } : {}),
    }))
    const manifest: BundleManifest = {
      version: 1,
      engine: options.engine,
      sites: options.sites,
      ...(since === undefined ? {} : { since: since.manifestDigest }),
      contents,
      blobs,
    }
    const written = blobs.filter(b => !inBase.has(b.digest))
    options.onExpect?.(written.reduce((sum, b) => sum + b.size, 0))
    const before = await earlierBundle(file)
    const sourceOf = ({ digest, size: bytes }: (typeof blobs)[number]): BlobSource => {
      const kept = own.get(digest)
      const layer = layers.get(digest)
      if (kept !== undefined || layer === undefined) return { digest, size: bytes, from: kept ?? cache.fileOf(digest) }
      return { digest, size: bytes, from: sink => fetchLayer(layer, sink, before) }
    }
    const { digest, size, files } = await writeBundle(file, manifest, written.map(sourceOf), {
      split: options.split,
      jobs: options.jobs,
      onBytes: options.onBytes,
      // A damaged entry would be taken for good by the next export too.
      onDamaged: async damaged => void (await rm(cache.fileOf(damaged), { force: true })),
    })
    const skipped = blobs.filter(b => inBase.has(b.digest))
    return {
      manifest,
      manifestDigest: digest,
      files,
      size,
      skipped: { blobs: skipped.length, bytes: skipped.reduce((n, b) => n + b.size, 0) },
    }
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/** A layer to be fetched, and the image that asked for it first. */
interface OpenLayer {
  readonly blob: Descriptor
  readonly registry: Registry
  readonly from: Reference
  readonly reference: Reference
}

/** The images as contents, and the layers that neither the base nor the cache has. */
async function readImages(
  options: ExportOptions,
  inBase: ReadonlySet<string>,
  sizes: Map<string, number>,
): Promise<{ contents: BundleContent[]; layers: ReadonlyMap<string, OpenLayer> }> {
  const { cache } = options
  const contents: BundleContent[] = []
  const layers = new Map<string, OpenLayer>()
  const failures: DecapodError[] = []
  await inParallel(options.images, options.jobs, async asked => {
    const { reference } = asked
    try {
      const origin = options.origin?.(reference) ?? reference
      const from = { ...origin, digest: asked.digest ?? origin.digest }
      const registry = options.registry(from.host)
      const image = await readImage(registry, from, asked.whole === true ? [] : options.platforms)
      keepManifests(image, cache)
      for (const blob of image.blobs) {
        if (inBase.has(blob.digest) || cache.has(blob.digest) || layers.has(blob.digest)) continue
        layers.set(blob.digest, { blob, registry, from, reference })
      }
      contents.push(contentOf(image, asked, options.sites, sizes))
    } catch (error) {
      failures.push(named(reference, error))
    }
  })
  if (failures.length > 0) throw new DecapodErrors(failures.sort((a, b) => (a.message < b.message ? -1 : 1)))
  return { contents, layers }
}

function named(reference: Reference, error: unknown): DecapodError {
  if (!(error instanceof DecapodError)) throw error
  const { code, message, hint } = error
  return new DecapodError(code, `${formatReference(reference)}: ${message}`, { hint, cause: error })
}

/** Brings a layer to its place: out of the bundle that is about to be replaced, else from the registry. */
async function fetchLayer(
  { blob, registry, from, reference }: OpenLayer,
  sink: BlobSink,
  before: BundleBlobs | undefined,
): Promise<void> {
  try {
    if (before?.has(blob.digest) === true && (await copyBlob(before, blob, sink))) return
    await registry.pullBlobTo(from.path, blob, sink)
  } catch (error) {
    if (error instanceof DecapodError && error.code === 'SOURCE_UNREACHABLE') {
      const { code, message } = named(reference, error)
      throw new DecapodError(code, message, { hint: 'run it again: it goes on where it ended', cause: error })
    }
    throw error instanceof DecapodError ? named(reference, error) : error
  }
}

/** False when what the earlier bundle holds is not what it should be. */
async function copyBlob(before: BundleBlobs, { digest, size }: Descriptor, sink: BlobSink): Promise<boolean> {
  if (before.sizeOf(digest) !== size) return false
  await sink.reset()
  const hash = createHash('sha256')
  for await (const chunk of before.read(digest)) {
    hash.update(chunk as Buffer)
    await sink.write([chunk as Buffer])
  }
  if (`sha256:${hash.digest('hex')}` === digest) return true
  await sink.reset()
  return false
}

/** The bundle that has the name of the one to be written. */
async function earlierBundle(file: string): Promise<BundleBlobs | undefined> {
  try {
    const { manifest } = await readBundle(file, { manifestOnly: true })
    return await openBlobs(file, manifest)
  } catch (error) {
    if (error instanceof DecapodError) return undefined
    throw error
  }
}

function contentOf(
  { root, children, blobs, platforms }: ImageTree,
  { reference, sites, targets }: ExportImage,
  all: readonly string[],
  sizes: Map<string, number>,
): BundleContent {
  const under = [...children.map(c => ({ digest: c.digest, size: c.bytes.length })), ...blobs]
  for (const { digest, size } of under) sizes.set(digest, size)
  sizes.set(root.digest, root.bytes.length)
  return {
    type: 'image',
    name: formatReference(reference),
    digest: root.digest,
    size: root.bytes.length,
    mediaType: root.mediaType,
    blobs: [...new Set(under.map(b => b.digest))].sort(),
    ...(platforms.length === 0 ? {} : { platforms }),
    ...(targets === undefined || targets.length === 0 ? {} : { targets: [...targets].sort() }),
    ...(sites.length === all.length ? {} : { sites: [...sites].sort() }),
  }
}

/** A file of the cache as content. Throws SOURCE_INVALID when it is not there. */
export async function storedIn(cache: Cache, digest: string, what: string): Promise<StoredContent> {
  const file = cache.fileOf(digest)
  const found = await stat(file).catch(() => undefined)
  if (found === undefined)
    throw new DecapodError('SOURCE_INVALID', `${what} is not in the cache any more`, { hint: 'run it again' })
  return { digest, size: found.size, file }
}
