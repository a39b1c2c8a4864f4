/**
 * bundle.json: what a bundle holds. A bundle is one tar file that is also an OCI image layout (skopeo reads it as
 * oci-archive); everything in it is a blob named by its digest, and this manifest says what each blob is.
 */
import { DecapodError } from '../errors.ts'

export interface BundleManifest {
  readonly version: 1
  /** The decapod that wrote it. */
  readonly engine: string
  readonly sites: readonly string[]
  /** For a delta: the digest of the base bundle's manifest. */
  readonly since?: string
  /** Sorted by type and name. */
  readonly contents: readonly BundleContent[]
  /** Every blob of the whole, also those a delta leaves out; sorted by digest. */
  readonly blobs: readonly BundleBlob[]
}

export interface BundleBlob {
  readonly digest: string
  readonly size: number
  /** Left out of a delta: the base has it. */
  readonly inBase?: true
}

/**
 * image: an OCI manifest or index. chart: an archive. source: a vendored remote base or file. git: a git bundle.
 * lock, argo, sbom, file: single files of the workspace.
 */
export type ContentType = 'image' | 'chart' | 'source' | 'git' | 'lock' | 'sbom' | 'file'

export interface BundleContent {
  readonly type: ContentType
  /** The reference, source or path it stands for. */
  readonly name: string
  readonly digest: string
  readonly size: number
  readonly mediaType: string
  /** Of an image: what lies under it, itself not counted. */
  readonly blobs?: readonly string[]
  /** Of an image: os/architecture[/variant] of what was taken. */
  readonly platforms?: readonly string[]
  /** Of an image: where the sites' mirrors have it (host/path:tag); import keeps the path. */
  readonly targets?: readonly string[]
  /** Of a git bundle: ref → commit. */
  readonly refs?: Readonly<Record<string, string>>
  /** Sites that need it; all of them when absent. */
  readonly sites?: readonly string[]
}

export const manifestName = 'decapod/bundle.json'
/** Holds the sha256 of bundle.json, so that a changed byte there is found without a signature. */
export const manifestDigestName = 'decapod/bundle.json.sha256'

/** The bytes of bundle.json; the same bundle gives the same bytes. */
export function formatBundleManifest(manifest: BundleManifest): string {
  const contents = [...manifest.contents].sort((a, b) =>
    compare(`${a.type} ${a.name} ${a.digest}`, `${b.type} ${b.name} ${b.digest}`),
  )
  const blobs = [...manifest.blobs].sort((a, b) => compare(a.digest, b.digest))
  const { version, engine, sites, since } = manifest
  return (
    JSON.stringify(
      { version, engine, sites: [...sites].sort(), ...(since === undefined ? {} : { since }), contents, blobs },
      undefined,
      1,
    ) + '\n'
  )
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Reads bundle.json. Throws BUNDLE_INVALID for anything formatBundleManifest would not have written. */
export function parseBundleManifest(text: string, file: string): BundleManifest {
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch {
    throw invalid(file, 'its bundle.json is not JSON')
  }
  const manifest = data as BundleManifest
  if (manifest === null || typeof manifest !== 'object' || manifest.version !== 1)
    throw invalid(file, 'its bundle.json is not of version 1')
  if (
    !isTextList(manifest.sites) ||
    typeof manifest.engine !== 'string' ||
    !Array.isArray(manifest.contents) ||
    !Array.isArray(manifest.blobs)
  ) {
    throw invalid(file, 'its bundle.json is incomplete')
  }
  if (manifest.since !== undefined && !isDigest(manifest.since))
    throw invalid(file, 'its bundle.json names no valid base')
  for (const blob of manifest.blobs) {
    if (!isDigest(blob?.digest) || !isSize(blob.size))
      throw invalid(file, 'its bundle.json lists a blob without digest or size')
  }
  const known = new Set(manifest.blobs.map(b => b.digest))
  for (const content of manifest.contents) {
    const valid =
      typeof content?.name === 'string' &&
      isDigest(content.digest) &&
      isSize(content.size) &&
      typeof content.mediaType === 'string'
    if (!valid || !types.has(content.type))
      throw invalid(file, 'its bundle.json lists a content without type, name, digest or size')
    for (const digest of [content.digest, ...(content.blobs ?? [])]) {
      if (!known.has(digest))
        throw invalid(file, `its bundle.json names ${content.name} without listing the blob ${digest}`)
    }
  }
  if (formatBundleManifest(manifest) !== text) throw invalid(file, 'its bundle.json is not in the form decapod writes')
  return manifest
}

const types: ReadonlySet<string> = new Set<ContentType>(['image', 'chart', 'source', 'git', 'lock', 'sbom', 'file'])

function isTextList(v: unknown): v is readonly string[] {
  return Array.isArray(v) && v.every(item => typeof item === 'string')
}

function isDigest(v: unknown): v is string {
  return typeof v === 'string' && /^sha256:[0-9a-f]{64}$/.test(v)
}

function isSize(v: unknown): v is number {
  return typeof v === 'number' && Number.isSafeInteger(v) && v >= 0
}

function invalid(file: string, message: string): DecapodError {
  return new DecapodError('BUNDLE_INVALID', `${file} is not a valid bundle: ${message}`, { at: { file } })
}

export interface BundleDifference {
  readonly type: ContentType
  readonly name: string
  readonly change: 'added' | 'removed' | 'changed'
  readonly before?: string
  readonly after?: string
}

/** What one bundle has and another has not, or has with another digest. */
export function diffBundles(a: BundleManifest, b: BundleManifest): BundleDifference[] {
  const key = (c: BundleContent): string => `${c.type}\0${c.name}`
  const old = new Map(a.contents.map(c => [key(c), c] as const))
  const out: BundleDifference[] = []
  for (const content of b.contents) {
    const was = old.get(key(content))
    old.delete(key(content))
    const { type, name, digest } = content
    if (was === undefined) out.push({ type, name, change: 'added', after: digest })
    else if (was.digest !== digest) out.push({ type, name, change: 'changed', before: was.digest, after: digest })
  }
  for (const { type, name, digest } of old.values()) out.push({ type, name, change: 'removed', before: digest })
  return out.sort((x, y) => compare(`${x.type} ${x.name}`, `${y.type} ${y.name}`))
}
