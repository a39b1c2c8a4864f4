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
 * argo: a site's Argo CD objects in one file. lock: decapod.lock. sbom: the bill of materials. file: any other.
 */
export type ContentType = 'image' | 'chart' | 'source' | 'git' | 'argo' | 'lock' | 'sbom' | 'file'

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
  /** Of a chart or source: its file below a vendor directory. */
  readonly file?: string
  /** Of a git bundle: ref → commit. */
  readonly refs?: Readonly<Record<string, string>>
  /** Of a git bundle of a delta: the commit it builds on. */
  readonly parent?: string
  /** Of a git bundle: path → `MODE ID` of every file of its commit, also of those a delta leaves out. */
  readonly files?: Readonly<Record<string, string>>
  /** Of the manifests: site → its directory. */
  readonly paths?: Readonly<Record<string, string>>
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
    const wrong = wrongField(content)
    if (wrong !== undefined)
      throw invalid(file, `its bundle.json gives ${JSON.stringify(content.name)} no valid ${wrong}`)
    for (const digest of [content.digest, ...(content.blobs ?? [])]) {
      if (!known.has(digest))
        throw invalid(file, `its bundle.json names ${content.name} without listing the blob ${digest}`)
    }
  }
  if (formatBundleManifest(manifest) !== text) throw invalid(file, 'its bundle.json is not in the form decapod writes')
  return manifest
}

const types: ReadonlySet<string> = new Set<ContentType>([
  'image',
  'chart',
  'source',
  'git',
  'argo',
  'lock',
  'sbom',
  'file',
])

/** What of a content's own fields may not be used as it is: they become file names, refs and arguments of git. */
function wrongField({
  name,
  blobs,
  platforms,
  targets,
  sites,
  file,
  refs,
  parent,
  files,
  paths,
}: BundleContent): string | undefined {
  // It is printed: it must not speak to the terminal.
  if (/\p{Cc}/u.test(name)) return 'name'
  for (const [field, list] of Object.entries({ blobs, platforms, targets, sites })) {
    if (list !== undefined && !isTextList(list)) return field
  }
  if (file !== undefined && !(typeof file === 'string' && /^[A-Za-z0-9_][A-Za-z0-9._+-]*$/.test(file))) return 'file'
  if (refs !== undefined && !isRecord(refs, isBranch, isCommit)) return 'refs'
  if (parent !== undefined && !isCommit(parent)) return 'parent'
  if (files !== undefined && !isRecord(files, isInside, entry => /^100(644|755) [0-9a-f]{40}$/.test(entry)))
    return 'files'
  if (paths !== undefined && !isRecord(paths, site => site !== '', isInside)) return 'paths'
  return undefined
}

function isRecord(v: unknown, key: (key: string) => boolean, value: (value: string) => boolean): boolean {
  if (typeof v !== 'object' || v === null || Array.isArray(v)) return false
  return Object.entries(v).every(([k, item]) => key(k) && typeof item === 'string' && value(item))
}

function isCommit(v: string): boolean {
  return typeof v === 'string' && /^[0-9a-f]{40}$/.test(v)
}

/** Whether a ref is a branch, as git-check-ref-format allows it and a little less. */
export function isBranch(v: string): boolean {
  return /^refs\/heads\/[A-Za-z0-9][A-Za-z0-9._/-]*$/.test(v) && !/\.\.|\/\/|\/\.|\.lock(\/|$)|[./]$/.test(v)
}

/** A path of a tree of git: nothing above it, nothing that git itself keeps. */
function isInside(path: string): boolean {
  return (
    path.split('/').every(part => part !== '' && part !== '.' && part !== '..' && part.toLowerCase() !== '.git') &&
    !path.includes('\0')
  )
}

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

/** app: a directory of rendered objects. object: one of them. file: one of the workspace. */
export type DifferenceType = ContentType | 'app' | 'object'

export interface BundleDifference {
  readonly type: DifferenceType
  readonly name: string
  readonly change: 'added' | 'removed' | 'changed'
  readonly before?: string
  readonly after?: string
}

/**
 * What one bundle has and another has not, or has with another digest. Git bundles are looked into: the manifests by
 * app and object, the workspace by file.
 */
export function diffBundles(a: BundleManifest, b: BundleManifest): BundleDifference[] {
  const out: BundleDifference[] = []
  const key = (c: BundleContent): string => `${c.type}\0${c.name}`
  const old = new Map(a.contents.map(c => [key(c), c] as const))
  for (const content of b.contents) {
    const was = old.get(key(content))
    old.delete(key(content))
    const { type, name } = content
    if (was === undefined || was.digest !== content.digest) {
      // A delta's git bundle has other bytes than the whole's for the same commit.
      if (type !== 'git') out.push(difference(type, name, was?.digest, content.digest))
      else out.push(...diffTrees(name, was, content))
    }
  }
  for (const was of old.values()) {
    if (was.type === 'git') out.push(...diffTrees(was.name, was, undefined))
    else out.push(difference(was.type, was.name, was.digest, undefined))
  }
  return out.sort((x, y) => order(x) - order(y) || compare(x.name, y.name))
}

const shown: readonly DifferenceType[] = [
  'app',
  'object',
  'image',
  'chart',
  'source',
  'argo',
  'lock',
  'file',
  'sbom',
  'git',
]

function order({ type }: BundleDifference): number {
  return shown.indexOf(type)
}

function difference(
  type: DifferenceType,
  name: string,
  before: string | undefined,
  after: string | undefined,
): BundleDifference {
  const change = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed'
  return { type, name, change, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }
}

function diffTrees(
  name: string,
  before: BundleContent | undefined,
  after: BundleContent | undefined,
): BundleDifference[] {
  const [old, now] = [before?.files ?? {}, after?.files ?? {}]
  const out: BundleDifference[] = []
  const apps = new Map<string, { before: boolean; after: boolean; changed: boolean }>()
  for (const path of new Set([...Object.keys(old), ...Object.keys(now)])) {
    const [was, is] = [old[path], now[path]]
    const place = placeOf(path, { ...before?.paths, ...after?.paths })
    if (place !== undefined) {
      const app = apps.get(place.app) ?? { before: false, after: false, changed: false }
      apps.set(place.app, {
        before: app.before || was !== undefined,
        after: app.after || is !== undefined,
        changed: app.changed || was !== is,
      })
    }
    if (was === is) continue
    const id = (entry: string | undefined): string | undefined => entry?.slice(entry.indexOf(' ') + 1)
    out.push(difference(place === undefined ? 'file' : 'object', place?.object ?? `${name}: ${path}`, id(was), id(is)))
  }
  for (const [app, { before: had, after: has, changed }] of apps) {
    if (changed) out.push({ type: 'app', name: app, change: !had ? 'added' : !has ? 'removed' : 'changed' })
  }
  return out
}

/** The app and the object a path of the manifests stands for: `<site's directory>/<group>/<app>/<Kind>_<name>.yaml`. */
function placeOf(path: string, paths: Readonly<Record<string, string>>): { app: string; object: string } | undefined {
  for (const [site, dir] of Object.entries(paths)) {
    if (!path.startsWith(`${dir}/`)) continue
    const rest = path.slice(dir.length + 1)
    const slash = rest.lastIndexOf('/')
    const app = slash === -1 ? site : `${site}/${rest.slice(0, slash)}`
    return { app, object: `${app}/${rest.slice(slash + 1).replace(/\.yaml$/, '')}` }
  }
  return undefined
}
