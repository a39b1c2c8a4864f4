/** Collecting what airgapped sites need into one bundle file. What was fetched stays in the cache, so a cut export goes on. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BundleContent, BundleManifest, ContentType } from '../bundle/manifest.ts'
import { formatReference, type Reference } from '../bundle/reference.ts'
import { formatSbom } from '../bundle/sbom.ts'
import { DecapodError, DecapodErrors } from '../errors.ts'
import { type BlobFile, readBundle, writeBundle } from './bundle-file.ts'
import { type Cache, digestOf } from './cache.ts'
import { inParallel, pullImage, readImage } from './images.ts'
import type { Registry } from './registry.ts'

/** A single file of the workspace, or an archive in the cache. */
export interface ExportFile {
  readonly type: Exclude<ContentType, 'image' | 'sbom'>
  readonly name: string
  readonly mediaType: string
  readonly bytes: Uint8Array
  readonly refs?: Readonly<Record<string, string>>
  readonly sites?: readonly string[]
}

export interface ExportImage {
  readonly reference: Reference
  /** Where the sites' mirrors have it. */
  readonly targets?: readonly string[]
  readonly sites: readonly string[]
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
  /** An earlier bundle: what it holds is left out. */
  readonly since?: string | undefined
  readonly split?: number | undefined
  readonly jobs: number
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
 * Fetches all images, then writes the bundle. Images that cannot be had are all named at once (DecapodErrors); nothing
 * is written then.
 */
export async function exportBundle(file: string, options: ExportOptions): Promise<ExportResult> {
  const base = options.since === undefined ? undefined : await readBundle(options.since, { manifestOnly: true })
  const inBase = new Set(base?.manifest.blobs.map(b => b.digest))
  const sizes = new Map<string, number>()
  const contents: BundleContent[] = await fetchImages(options, sizes)
  const scratch = await mkdtemp(join(tmpdir(), 'decapod-export-'))
  try {
    const own = new Map<string, string>()
    const add = async ({
      bytes,
      ...content
    }: ExportFile | (Omit<ExportFile, 'type'> & { type: 'sbom' })): Promise<void> => {
      const digest = digestOf(bytes)
      sizes.set(digest, bytes.length)
      if (!own.has(digest)) {
        own.set(digest, join(scratch, digest.slice('sha256:'.length)))
        await writeFile(own.get(digest)!, bytes)
      }
      contents.push({ ...content, digest, size: bytes.length })
    }
    for (const content of options.files) await add(content)
    const sbom = formatSbom(options.engine, options.sites, contents)
    await add({
      type: 'sbom',
      name: 'sbom.cdx.json',
      mediaType: 'application/vnd.cyclonedx+json',
      bytes: Buffer.from(sbom),
    })
    const blobs = [...sizes].map(([digest, size]) => ({
      digest,
      size,
      ...(inBase.has(digest) ? { inBase: true as const } : {}),
    }))
    const manifest: BundleManifest = {
      version: 1,
      engine: options.engine,
      sites: options.sites,
      ...(base === undefined ? {} : { since: base.manifestDigest }),
      contents,
      blobs,
    }
    const written: BlobFile[] = blobs
      .filter(b => !inBase.has(b.digest))
      .map(({ digest, size }) => ({ digest, size, file: own.get(digest) ?? options.cache.fileOf(digest) }))
    const { digest, size, files } = await writeBundle(file, manifest, written, {
      split: options.split,
      onBytes: options.onBytes,
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

async function fetchImages(options: ExportOptions, sizes: Map<string, number>): Promise<BundleContent[]> {
  const contents: BundleContent[] = []
  const failures: DecapodError[] = []
  await inParallel(options.images, options.jobs, async ({ reference, sites, targets }) => {
    try {
      const from = options.origin?.(reference) ?? reference
      const registry = options.registry(from.host)
      const image = await readImage(registry, from, options.platforms)
      await pullImage(registry, image, options.cache, options.jobs)
      const children = image.children.map(c => ({ digest: c.digest, size: c.bytes.length }))
      for (const { digest, size } of [...children, ...image.blobs]) sizes.set(digest, size)
      sizes.set(image.root.digest, image.root.bytes.length)
      contents.push({
        type: 'image',
        name: formatReference(reference),
        digest: image.root.digest,
        size: image.root.bytes.length,
        mediaType: image.root.mediaType,
        blobs: [...new Set([...children, ...image.blobs].map(b => b.digest))].sort(),
        ...(image.platforms.length === 0 ? {} : { platforms: image.platforms }),
        ...(targets === undefined || targets.length === 0 ? {} : { targets }),
        ...(sites.length === options.sites.length ? {} : { sites }),
      })
    } catch (error) {
      if (!(error instanceof DecapodError)) throw error
      failures.push(
        new DecapodError(error.code, `${formatReference(reference)}: ${error.message}`, {
          hint: error.hint,
          cause: error,
        }),
      )
    }
  })
  if (failures.length > 0) throw new DecapodErrors(failures.sort((a, b) => (a.message < b.message ? -1 : 1)))
  return contents
}
