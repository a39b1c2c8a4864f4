/** Bringing a bundle to the far side: images and charts to a registry, branches to a git server, archives to a directory. */
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import {
  type BundleContent,
  type BundleManifest,
  formatBundleManifest,
  manifestDigestName,
  manifestName,
} from '../bundle/manifest.ts'
import { formatReference, type Reference } from '../bundle/reference.ts'
import { DecapodError, DecapodErrors } from '../errors.ts'
import { formatIndex, partsOf } from './bundle-file.ts'
import { type GitSettings, scratchRepository } from './git.ts'
import { pushGitBundle } from './git-bundle.ts'
import { BundleBlobs, inParallel } from './images.ts'
import type { RawManifest, Registry } from './registry.ts'

export interface ImportOptions {
  /** Where images go: registry host and a path below it. */
  readonly registry?: { readonly client: Registry; readonly prefix: string } | undefined
  /** Where an image goes on the far side; one that several mirrors hold has several places. */
  readonly targets: (image: BundleContent) => readonly Reference[]
  readonly git?: { readonly settings: GitSettings; readonly url: string } | undefined
  /** Directory for chart archives. */
  readonly charts?: string | undefined
  /** Replace tags, branches and archives that have other content. */
  readonly overwrite: boolean
  readonly jobs: number
  readonly onBytes?: ((count: number) => void) | undefined
}

export interface ImportResult {
  readonly pushed: readonly string[]
  /** There already, with the same content. */
  readonly present: readonly string[]
}

/**
 * Imports a bundle that was verified (readBundle to its end) before. Looks for everything that stands in the way first
 * and names it all (DecapodErrors); then pushes, and reads back what it pushed. What is there already is not sent
 * again, so an interrupted import is simply run again.
 */
export async function importBundle(
  file: string,
  manifest: BundleManifest,
  options: ImportOptions,
): Promise<ImportResult> {
  const blobs = await openBlobs(file, manifest)
  const pushed: string[] = []
  const present: string[] = []
  const note = (state: 'pushed' | 'present', name: string): void =>
    void (state === 'pushed' ? pushed : present).push(name)
  await refuseObstacles(manifest, blobs, options)
  if (options.charts !== undefined) await writeCharts(manifest, blobs, options.charts, note)
  if (options.registry !== undefined) {
    const images = manifest.contents.filter(c => c.type === 'image')
    const registry = options.registry.client
    // One after the other per image, blobs in parallel: a blob two images share is mounted, not sent twice.
    const homes = new Map<string, string>()
    for (const image of images) {
      for (const target of options.targets(image)) {
        note(await pushImage(registry, image, target, blobs, options, homes), formatReference(target))
      }
    }
  }
  if (options.git !== undefined) await pushBranches(manifest, blobs, options.git, options.overwrite, note)
  return { pushed, present }
}

async function openBlobs(file: string, manifest: BundleManifest): Promise<BundleBlobs> {
  const sizes = await Promise.all(partsOf(file).map(async part => (await stat(part)).size))
  const before = [
    [manifestName, Buffer.byteLength(formatBundleManifest(manifest))],
    [manifestDigestName, 'sha256:'.length + 64 + 1],
    ['oci-layout', Buffer.byteLength('{"imageLayoutVersion":"1.0.0"}')],
    ['index.json', Buffer.byteLength(formatIndex(manifest))],
  ] as const
  return new BundleBlobs(
    file,
    sizes,
    before,
    manifest.blobs.filter(b => !b.inBase),
  )
}

/** Everything that would make the import fail half way: blobs of a delta that the far side lacks, other content under the same name. */
async function refuseObstacles(manifest: BundleManifest, blobs: BundleBlobs, options: ImportOptions): Promise<void> {
  const failures: DecapodError[] = []
  const lacking = new Set<string>()
  const lookAt = async (image: BundleContent, target: Reference, registry: Registry): Promise<void> => {
    const there = target.tag === undefined ? undefined : await registry.manifestDigest(target.path, target.tag)
    if (there === image.digest) return
    if (there !== undefined && !options.overwrite) {
      failures.push(
        new DecapodError(
          'OUTPUT_CONFLICT',
          `${formatReference(target)} is there with another content (${there.slice(0, 19)}…; the bundle has ${image.digest.slice(0, 19)}…)`,
          { hint: 'look at what is there; --overwrite replaces it' },
        ),
      )
    }
    for (const digest of [image.digest, ...(image.blobs ?? [])]) {
      if (blobs.has(digest) || (await registry.blobSize(target.path, digest)) !== undefined) continue
      if ((await registry.manifestDigest(target.path, digest)) === undefined) lacking.add(digest)
    }
  }
  for (const content of manifest.contents) {
    if (content.type === 'image' && options.registry !== undefined) {
      for (const target of options.targets(content)) await lookAt(content, target, options.registry.client)
    } else if (
      content.type === 'chart' &&
      options.charts !== undefined &&
      !blobs.has(content.digest) &&
      !existsSync(join(options.charts, chartFile(content)))
    ) {
      lacking.add(content.digest)
    }
  }
  if (lacking.size > 0) {
    failures.unshift(
      new DecapodError(
        'BUNDLE_INVALID',
        `this is a delta over the bundle ${manifest.since?.slice(0, 19) ?? '?'}…, of which the far side lacks ${lacking.size} blob${lacking.size === 1 ? '' : 's'} (${[...lacking][0]!.slice(0, 19)}…)`,
        {
          hint: 'import the bundle it was made from first',
        },
      ),
    )
  }
  if (failures.length > 0) throw new DecapodErrors(failures)
}

async function pushImage(
  registry: Registry,
  image: BundleContent,
  target: Reference,
  blobs: BundleBlobs,
  options: ImportOptions,
  homes: Map<string, string>,
): Promise<'pushed' | 'present'> {
  const reference = target.tag ?? image.digest
  if ((await registry.manifestDigest(target.path, reference)) === image.digest) return 'present'
  const root = await manifestOf(registry, target.path, blobs, image.digest, image.mediaType)
  const children = await childrenOf(registry, target.path, blobs, root)
  const manifests = new Set([root, ...children].map(m => m.digest))
  const layers = (image.blobs ?? []).filter(d => !manifests.has(d))
  await inParallel(layers, options.jobs, async digest => {
    if ((await registry.blobSize(target.path, digest)) !== undefined) return
    const home = homes.get(digest)
    if (home !== undefined && home !== target.path && (await registry.mountBlob(target.path, digest, home))) return
    const size = blobs.sizeOf(digest)
    await registry.pushBlob(target.path, { digest, size }, (start, end) => blobs.read(digest, start, end))
    options.onBytes?.(size)
    homes.set(digest, target.path)
  })
  // A registry takes an index only when what it names is there.
  for (const child of children) await registry.pushManifest(target.path, child.digest, child)
  await registry.pushManifest(target.path, reference, root)
  const back = await registry.manifestDigest(target.path, reference)
  if (back !== image.digest)
    throw new DecapodError(
      'DIGEST_MISMATCH',
      `${registry.host}/${target.path}: pushed ${image.digest}, read back ${back ?? 'nothing'}`,
    )
  for (const digest of layers) {
    if ((await registry.blobSize(target.path, digest)) === undefined)
      throw new DecapodError(
        'REGISTRY_FAILED',
        `${registry.host}/${target.path}: the blob ${digest} is not there after it was pushed`,
      )
  }
  return 'pushed'
}

/** A manifest out of the bundle; of a delta, out of the registry. */
async function manifestOf(
  registry: Registry,
  path: string,
  blobs: BundleBlobs,
  digest: string,
  mediaType: string,
): Promise<RawManifest> {
  if (blobs.has(digest)) return { digest, mediaType, bytes: await blobs.bytes(digest) }
  return await registry.manifest(path, digest)
}

async function childrenOf(
  registry: Registry,
  path: string,
  blobs: BundleBlobs,
  root: RawManifest,
): Promise<RawManifest[]> {
  const { manifests } = JSON.parse(Buffer.from(root.bytes).toString('utf8')) as {
    manifests?: { digest: string; mediaType: string }[]
  }
  return await Promise.all((manifests ?? []).map(m => manifestOf(registry, path, blobs, m.digest, m.mediaType)))
}

async function writeCharts(
  manifest: BundleManifest,
  blobs: BundleBlobs,
  dir: string,
  note: (state: 'pushed' | 'present', name: string) => void,
): Promise<void> {
  await mkdir(dir, { recursive: true })
  for (const content of manifest.contents) {
    if (content.type !== 'chart' || !blobs.has(content.digest)) continue
    const file = join(dir, chartFile(content))
    const bytes = await blobs.bytes(content.digest)
    if (existsSync(file) && Buffer.compare(await readFile(file), bytes) === 0) {
      note('present', content.name)
      continue
    }
    const temporary = `${file}.part`
    await writeFile(temporary, bytes)
    await rename(temporary, file)
    note('pushed', content.name)
  }
}

/** The file name of a chart archive: its digest tells versions apart that were republished. */
export function chartFile(content: BundleContent): string {
  const [, , chart = 'chart', version = ''] = content.name.split(' ')
  return basename(
    `${chart}${version === '' ? '' : `-${version}`}-${content.digest.slice(7, 19)}.tgz`.replace(
      /[^A-Za-z0-9._+-]/g,
      '_',
    ),
  )
}

async function pushBranches(
  manifest: BundleManifest,
  blobs: BundleBlobs,
  target: { settings: GitSettings; url: string },
  overwrite: boolean,
  note: (state: 'pushed' | 'present', name: string) => void,
): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'decapod-import-'))
  try {
    for (const content of manifest.contents) {
      if (content.type !== 'git' || content.refs === undefined || !blobs.has(content.digest)) continue
      const file = join(scratch, 'git.bundle')
      await writeFile(file, blobs.read(content.digest))
      const remote = await scratchRepository(target.settings, target.url)
      try {
        for (const { ref, state } of await pushGitBundle(target.settings, file, content.refs, remote, overwrite))
          note(state, `${content.name} ${ref}`)
      } finally {
        await remote.dispose()
      }
    }
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}
