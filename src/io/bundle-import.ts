/** Bringing a bundle to the far side: images and charts to a registry, archives to a directory, branches to a git server. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BundleContent, BundleManifest } from '../bundle/manifest.ts'
import { formatReference, type Reference } from '../bundle/reference.ts'
import { DecapodError, DecapodErrors } from '../errors.ts'
import { type BundleBlobs, openBlobs } from './bundle-blobs.ts'
import { chartLayerOf, packChart } from './chart-artifact.ts'
import { planSources, type SourcePlan, writeSources } from './chart-directory.ts'
import { type GitSettings, type ScratchRepository, scratchRepository } from './git.ts'
import { type BranchPlan, type BundleBranch, planBranches, pushBranches } from './git-bundle.ts'
import { inParallel } from './images.ts'
import type { RawManifest, Registry } from './registry.ts'

export interface ImportOptions {
  readonly registry?: Registry | undefined
  /** Where an image or a chart goes on the far side; one that several mirrors hold has several places. */
  readonly targets: (content: BundleContent) => readonly Reference[]
  readonly git?: { readonly settings: GitSettings; readonly url: string } | undefined
  /** A vendor directory for charts and remote bases. */
  readonly charts?: string | undefined
  /** Replace tags, branches and archives that have other content. */
  readonly overwrite: boolean
  /** Runs work while no other process does the same. */
  readonly exclusively: <T>(key: string, work: () => Promise<T>) => Promise<T>
  readonly jobs: number
  /** Told how many bytes of layers there are to push at most, and of those that were pushed or found. */
  readonly onExpect?: ((bytes: number) => void) | undefined
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
 * again, so an interrupted import is simply run again. Branches come last: who reads them finds the images there.
 */
export async function importBundle(
  file: string,
  manifest: BundleManifest,
  options: ImportOptions,
): Promise<ImportResult> {
  const run = new ImportRun(manifest, await openBlobs(file, manifest), options)
  const scratch = await mkdtemp(join(tmpdir(), 'decapod-import-'))
  try {
    return await run.run(scratch)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/** A chart as it lies in a registry. */
interface PackedChart {
  readonly name: string
  readonly target: Reference
  readonly manifest: RawManifest
  readonly config: { readonly digest: string; readonly bytes: Uint8Array }
  readonly layer: string
}

class ImportRun {
  private readonly manifest: BundleManifest
  private readonly blobs: BundleBlobs
  private readonly options: ImportOptions
  private readonly pushed: string[] = []
  private readonly present: string[] = []
  private readonly failures: DecapodError[] = []
  private readonly lacking = new Set<string>()
  /** Blob → a repository of the far registry that has it: another one mounts it from there. */
  private readonly homes = new Map<string, string>()

  constructor(manifest: BundleManifest, blobs: BundleBlobs, options: ImportOptions) {
    this.manifest = manifest
    this.blobs = blobs
    this.options = options
  }

  async run(scratch: string): Promise<ImportResult> {
    const { registry, charts, git } = this.options
    const images = registry === undefined ? [] : this.contents('image')
    const packed = registry === undefined ? [] : await this.lookAtCharts(registry)
    if (registry !== undefined) for (const image of images) await this.lookAtImage(registry, image)
    const sources = charts === undefined ? undefined : await this.lookAtSources(charts)
    const remote = git === undefined ? undefined : await scratchRepository(git.settings, git.url)
    try {
      const branches = remote === undefined ? [] : await this.lookAtBranches(remote, scratch)
      this.refuse()
      if (registry !== undefined) {
        this.options.onExpect?.(this.bytesOf(images))
        // One after the other, blobs in parallel: a blob two images share is mounted, not sent twice.
        for (const image of images) await this.pushTargets(registry, image)
        for (const chart of packed) await this.pushChart(registry, chart)
      }
      if (sources !== undefined) await this.writeSources(sources)
      if (remote !== undefined)
        await pushBranches(git!.settings, branches, remote, ({ name, ref }, state) =>
          this.note(state, `${name} ${ref}`),
        )
    } finally {
      await remote?.dispose()
    }
    return { pushed: this.pushed, present: this.present }
  }

  private contents(...types: readonly BundleContent['type'][]): BundleContent[] {
    return this.manifest.contents.filter(({ type }) => types.includes(type))
  }

  private note(state: 'pushed' | 'present', name: string): void {
    ;(state === 'pushed' ? this.pushed : this.present).push(name)
  }

  private bytesOf(images: readonly BundleContent[]): number {
    const digests = new Set(images.flatMap(image => image.blobs ?? []).filter(digest => this.blobs.has(digest)))
    return [...digests].reduce((sum, digest) => sum + this.blobs.sizeOf(digest), 0)
  }

  private async lookAtImage(registry: Registry, image: BundleContent): Promise<void> {
    for (const target of this.options.targets(image)) {
      const there = target.tag === undefined ? undefined : await registry.manifestDigest(target.path, target.tag)
      if (there === image.digest) continue
      if (there !== undefined) this.refuseOther(formatReference(target), there, image.digest)
      for (const digest of [image.digest, ...(image.blobs ?? [])]) {
        if (this.blobs.has(digest) || (await registry.blobSize(target.path, digest)) !== undefined) continue
        if ((await registry.manifestDigest(target.path, digest)) === undefined) this.lacking.add(digest)
      }
    }
  }

  private refuseOther(what: string, there: string, ours: string): void {
    if (this.options.overwrite) return
    this.failures.push(
      new DecapodError(
        'OUTPUT_CONFLICT',
        `${what} is there with another content (${short(there)}; the bundle has ${short(ours)})`,
        {
          hint: 'look at what is there; --force replaces it',
        },
      ),
    )
  }

  /** The charts of the bundle as artifacts; those that are there already are only noted. */
  private async lookAtCharts(registry: Registry): Promise<PackedChart[]> {
    const packed: PackedChart[] = []
    for (const content of this.contents('chart')) {
      // What a delta leaves out was pushed with its base.
      if (!this.blobs.has(content.digest)) continue
      const { name, version, config, manifest } = packChart(await this.blobs.bytes(content.digest), content.name)
      // Helm writes "_" for "+", which a tag cannot hold.
      const tag = version.replaceAll('+', '_')
      for (const place of this.options.targets(content)) {
        const target = {
          ...place,
          path: place.path === '' || place.path.endsWith('/') ? place.path + name : place.path,
          tag,
        }
        const there = await registry.manifestDigest(target.path, tag)
        if (
          there === manifest.digest ||
          (there !== undefined && (await hasLayer(registry, target.path, there, content.digest)))
        ) {
          this.note('present', formatReference(target))
          continue
        }
        if (there !== undefined) this.refuseOther(formatReference(target), there, manifest.digest)
        packed.push({ name: content.name, target, manifest, config, layer: content.digest })
      }
    }
    return packed
  }

  private async lookAtSources(dir: string): Promise<SourcePlan> {
    const plan = await planSources(dir, this.contents('chart', 'source'))
    for (const { name, file, there, digest } of plan.conflicts)
      this.refuseOther(`${join(dir, file)} (${name})`, there, digest)
    for (const { digest } of plan.missing) if (!this.blobs.has(digest)) this.lacking.add(digest)
    return plan
  }

  private async lookAtBranches(remote: ScratchRepository, scratch: string): Promise<BranchPlan[]> {
    const branches: BundleBranch[] = []
    for (const { name, refs, digest } of this.contents('git')) {
      const file = this.blobs.has(digest) ? join(scratch, `${digest.slice('sha256:'.length)}.bundle`) : undefined
      if (file !== undefined) await writeFile(file, this.blobs.read(digest))
      for (const [ref, commit] of Object.entries(refs ?? {})) branches.push({ name, ref, commit, file })
    }
    const { plans, errors } = await planBranches(this.options.git!.settings, branches, remote, this.options.overwrite)
    this.failures.push(...errors)
    return plans
  }

  /** Throws everything that stands in the way. */
  private refuse(): void {
    const [first] = this.lacking
    if (first !== undefined) {
      const what = `${this.lacking.size} blob${this.lacking.size === 1 ? '' : 's'}`
      this.failures.unshift(
        new DecapodError(
          'BUNDLE_INVALID',
          `this is a delta over the bundle ${short(this.manifest.since ?? '?')}, of which the far side lacks ${what} (${short(first)})`,
          { hint: 'import the bundle it was made from first' },
        ),
      )
    }
    if (this.failures.length > 0) throw new DecapodErrors(this.failures)
  }

  private async pushTargets(registry: Registry, image: BundleContent): Promise<void> {
    for (const target of this.options.targets(image))
      this.note(await this.pushImage(registry, image, target), formatReference(target))
  }

  private async pushImage(registry: Registry, image: BundleContent, target: Reference): Promise<'pushed' | 'present'> {
    const { path } = target
    const reference = target.tag ?? image.digest
    if ((await registry.manifestDigest(path, reference)) === image.digest) {
      for (const digest of image.blobs ?? []) this.homes.set(digest, path)
      return 'present'
    }
    const root = await this.manifestOf(registry, path, image.digest, image.mediaType)
    const children = await this.childrenOf(registry, path, root)
    const manifests = new Set([root, ...children].map(m => m.digest))
    const layers = (image.blobs ?? []).filter(digest => !manifests.has(digest))
    await inParallel(layers, this.options.jobs, digest => this.pushLayer(registry, path, digest))
    // A registry takes an index only when what it names is there.
    for (const child of children) await registry.pushManifest(path, child.digest, child)
    await registry.pushManifest(path, reference, root)
    await readBack(registry, path, reference, root.digest)
    await inParallel(layers, this.options.jobs, async digest => {
      const size = await registry.blobSize(path, digest)
      if (size === undefined || (this.blobs.has(digest) && size !== this.blobs.sizeOf(digest)))
        throw new DecapodError(
          'REGISTRY_FAILED',
          `${registry.host}/${path}: the blob ${digest} is not there as it was pushed`,
          { hint: 'import again: what is missing is sent again' },
        )
    })
    return 'pushed'
  }

  private async pushLayer(registry: Registry, path: string, digest: string): Promise<void> {
    const { blobs, homes, options } = this
    const home = homes.get(digest)
    if ((await registry.blobSize(path, digest)) === undefined) {
      if (home === undefined || home === path || !(await registry.mountBlob(path, digest, home))) {
        const size = blobs.sizeOf(digest)
        await registry.pushBlob(path, { digest, size }, (start, end) => blobs.read(digest, start, end), options.onBytes)
      } else if (blobs.has(digest)) options.onBytes?.(0)
    }
    homes.set(digest, path)
  }

  /** A manifest out of the bundle; of a delta, out of the registry. */
  private async manifestOf(registry: Registry, path: string, digest: string, mediaType: string): Promise<RawManifest> {
    if (this.blobs.has(digest)) return { digest, mediaType, bytes: await this.blobs.bytes(digest) }
    return await registry.manifest(path, digest)
  }

  private async childrenOf(registry: Registry, path: string, root: RawManifest): Promise<RawManifest[]> {
    const { manifests } = JSON.parse(Buffer.from(root.bytes).toString('utf8')) as {
      manifests?: { digest: string; mediaType: string }[]
    }
    return await Promise.all((manifests ?? []).map(m => this.manifestOf(registry, path, m.digest, m.mediaType)))
  }

  private async pushChart(registry: Registry, { target, manifest, config, layer }: PackedChart): Promise<void> {
    const { path } = target
    const { blobs } = this
    const size = blobs.sizeOf(layer)
    await registry.pushBlob(path, { digest: layer, size }, (start, end) => blobs.read(layer, start, end))
    await registry.pushBytes(path, config.digest, config.bytes)
    await registry.pushManifest(path, target.tag!, manifest)
    await readBack(registry, path, target.tag!, manifest.digest)
    this.note('pushed', formatReference(target))
  }

  private async writeSources(plan: SourcePlan): Promise<void> {
    await this.options.exclusively(`import into ${plan.dir}`, () =>
      writeSources(
        plan,
        digest => this.blobs.bytes(digest),
        name => this.note('pushed', name),
      ),
    )
    for (const name of plan.present) this.note('present', name)
  }
}

/** Fetches a manifest again and compares its digest. */
async function readBack(registry: Registry, path: string, reference: string, digest: string): Promise<void> {
  const back = (await registry.manifest(path, reference)).digest
  if (back !== digest)
    throw new DecapodError(
      'DIGEST_MISMATCH',
      `${registry.host}/${path}:${reference}: pushed ${digest}, read back ${back}`,
      {
        hint: 'another import or a person pushed meanwhile; look at what is there and import again',
      },
    )
}

/** Whether a chart that somebody else pushed (with a time in its manifest, as Helm does) is the same archive. */
async function hasLayer(registry: Registry, path: string, manifest: string, layer: string): Promise<boolean> {
  return chartLayerOf((await registry.manifest(path, manifest)).bytes) === layer
}

function short(digest: string): string {
  return `${digest.slice(0, 'sha256:'.length + 12)}…`
}
