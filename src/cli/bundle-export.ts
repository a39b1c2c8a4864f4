/** The work of `decapod bundle export`: fetch what is missing, render, gather, write. */
import { existsSync, readFileSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { formatGitBundle, objectsOf, type SnapshotFile, snapshotFiles, treeId } from '../bundle/git-snapshot.ts'
import { type BundleContent, isBranch } from '../bundle/manifest.ts'
import { formatReference, type Reference } from '../bundle/reference.ts'
import { DecapodError } from '../errors.ts'
import {
  type BaseBundle,
  type ExportFile,
  type ExportImage,
  type ExportResult,
  exportBundle,
  storedIn,
} from '../io/bundle-export.ts'
import { readBundle } from '../io/bundle-file.ts'
import type { Cache } from '../io/cache.ts'
import { chartArchiver } from '../io/charts.ts'
import { compareFiles } from '../io/output.ts'
import { readSnapshotFiles } from '../io/snapshot-files.ts'
import { SourceStore } from '../io/source-store.ts'
import { formatLock } from '../lock.ts'
import { type Mirrors, mirroredAddress } from '../mirrors.ts'
import { type NeededImage, neededImages } from '../render/images.ts'
import { argocdDirectory, type SiteResult } from '../render/pipeline.ts'
import { type Selection, selectUnits } from '../site/plan.ts'
import { formatSource, type Source, type SourceRequest } from '../source.ts'
import type { Cli, ExitCode } from './cli.ts'
import { describe, parseSize } from './commands/bundle.ts'
import { vendorFile } from './commands/vendor.ts'
import { lockName, openCache } from './open-cache.ts'
import { openRegistries } from './open-registry.ts'
import { fetchAll, writeLock } from './open-sources.ts'
import { type OpenWorkspace, openWorkspace } from './open-workspace.ts'
import { SelectionRenderer } from './render-selection.ts'
import { count, printWarning } from './report.ts'
import { formatBytes, Transfer } from './reporters/transfer.ts'
import { version } from './version.ts'

export interface ExportFlags {
  readonly out: string
  readonly all?: true
  readonly since?: string
  readonly split?: string
  readonly platform?: readonly string[]
  readonly from?: readonly string[]
  readonly plainHttp?: readonly string[]
  readonly images: boolean
  readonly frozen?: true
  readonly base?: string
  readonly sites?: string
  readonly charts?: string
  readonly rendered?: string
}

/** The branch of the workspace's snapshot. */
export const workspaceBranch = 'refs/heads/decapod-workspace'

export async function runExport(selectors: readonly string[], flags: ExportFlags, cli: Cli): Promise<ExitCode> {
  const split = flags.split === undefined ? undefined : parseSize(flags.split)
  const from = parseFrom(flags.from ?? [])
  const platforms = flags.platform ?? []
  for (const platform of platforms) {
    if (!/^[a-z0-9]+\/[a-z0-9_]+(\/[a-z0-9]+)?$/.test(platform))
      throw new DecapodError('USAGE', `--platform takes os/architecture such as linux/amd64, not "${platform}"`)
  }
  if (flags.since !== undefined && wholeOf(cli, flags.since) === wholeOf(cli, flags.out))
    throw new DecapodError('USAGE', '--since and --out are the same file', {
      hint: 'the far side needs the base as well: give the delta another name',
    })
  const since = flags.since === undefined ? undefined : await readBase(resolve(cli.cwd, flags.since))
  const { open, requests } = await openFetched(selectors, flags, from, cli)
  const selections = select(open, selectors, flags)
  const rendered = render(open, selections, cli)
  if (rendered === undefined) return 1
  const sites = rendered.map(({ site }) => site.name)
  const cache = openCache(cli)
  const images = flags.images ? imagesOf(rendered, platforms, cli) : []
  const files = await filesOf(open, requests, rendered, flags, cache, since, cli)
  const out = resolve(cli.cwd, flags.out)
  const transfer = new Transfer(cli, 'writing')
  const result = await cache.exclusively(`bundle ${out}`, () =>
    exportBundle(out, {
      engine: version,
      sites,
      images,
      files,
      registry: openRegistries(cli, host => flags.plainHttp?.includes(host) === true),
      origin: reference => originOf(reference, from),
      cache,
      platforms,
      since,
      split,
      jobs: cli.global.jobs ?? 4,
      onExpect: bytes => transfer.expectBytes(bytes),
      onBytes: bytes => transfer.add(bytes),
    }),
  )
  transfer.done()
  report(result, flags, cli)
  return 0
}

/** The bundle that a file or part belongs to. */
function wholeOf(cli: Cli, file: string): string {
  return resolve(cli.cwd, file).replace(/\.\d{3}$/, '')
}

async function readBase(file: string): Promise<BaseBundle> {
  const { manifest, manifestDigest } = await readBundle(file, { manifestOnly: true })
  return { manifest, manifestDigest }
}

/** `--from PREFIX=PLACE`: where images and sources are fetched from here, for an origin that cannot be reached. */
function parseFrom(given: readonly string[]): Mirrors {
  const pairs = given.map(text => {
    const at = text.indexOf('=')
    if (at <= 0 || at === text.length - 1)
      throw new DecapodError(
        'USAGE',
        `--from takes ORIGIN=PLACE such as docker.io=cache.example.com/hub, not "${text}"`,
      )
    return [text.slice(0, at), text.slice(at + 1)] as const
  })
  return Object.fromEntries(pairs)
}

function originOf(reference: Reference, from: Mirrors): Reference {
  const moved = mirroredAddress(from, `${reference.host}/${reference.path}`)
  if (moved === undefined) return reference
  const slash = moved.indexOf('/')
  return { ...reference, host: moved.slice(0, slash), path: moved.slice(slash + 1) }
}

function select(open: OpenWorkspace, selectors: readonly string[], flags: ExportFlags): Selection[] {
  const part = selectors.find(selector => selector.replace(/\/+$/, '').includes('/'))
  if (part !== undefined)
    throw new DecapodError('USAGE', `a bundle holds whole sites, not "${part}"`, {
      hint: `decapod bundle export ${part.slice(0, part.indexOf('/'))} --out ${flags.out}`,
    })
  return selectUnits(open.workspace, selectors, flags.all === true)
}

function openHere(flags: ExportFlags, cli: Cli): OpenWorkspace {
  const { base, sites, charts, rendered } = flags
  return openWorkspace(cli, {
    ...(base === undefined ? {} : { base }),
    ...(sites === undefined ? {} : { sites }),
    ...(charts === undefined ? {} : { charts }),
    ...(rendered === undefined ? {} : { out: rendered }),
  })
}

/** The workspace, once everything it names was fetched from where it comes from: the sites' mirrors are for the far side. */
async function openFetched(
  selectors: readonly string[],
  flags: ExportFlags,
  from: Mirrors,
  cli: Cli,
): Promise<{ open: OpenWorkspace; requests: readonly SourceRequest[] }> {
  const open = openHere(flags, cli)
  const { store, vendor, workspace, lockFile } = open
  const cache = openCache(cli)
  const archive = chartArchiver(chartPlaces(open, flags, cli))
  const mode = flags.frozen === true ? ({ kind: 'frozen' } as const) : ({ kind: 'fill' } as const)
  const selections = select(open, selectors, flags)
  const result = await fetchAll(
    cli,
    workspace,
    selections,
    false,
    mode,
    store.lock,
    lock => new SourceStore(lock, vendor, cache),
    {
      mirrors: from,
      has: source => archive(source) !== undefined || store.read(source) !== undefined,
    },
  )
  const { requests } = result.requests
  if (result.fetched.length === 0) return { open, requests }
  const old = store.lock.size === 0 ? undefined : readFileSync(lockFile, 'utf8')
  if (writeLock(cli, old, result.lock) && !cli.global.quiet)
    cli.stderr(`${relative(cli.cwd, lockFile)} written: ${count(result.fetched.length, 'source')} fetched\n`)
  return { open: openHere(flags, cli), requests }
}

/** Where charts are read from before the lock is asked, in the order rendering asks. */
function chartPlaces(
  { vendor, workspace }: OpenWorkspace,
  flags: ExportFlags,
  cli: Cli,
): { dir: string; label: string }[] {
  const charts = flags.charts ?? workspace.config.charts
  return [...(charts === undefined ? [] : [{ dir: resolve(cli.cwd, charts), label: charts }]), vendor]
}

/** Renders every site; undefined (and everything printed) when anything failed. */
function render(open: OpenWorkspace, selections: readonly Selection[], cli: Cli): SiteResult[] | undefined {
  const renderer = new SelectionRenderer(cli, open, { images: true }, selections.length)
  const results = selections.map(selection => renderer.render(selection))
  for (const result of results) renderer.printProblems(result)
  const failures = results.flatMap(({ failures: all }) => all)
  if (failures.length > 0) {
    if (cli.global.json) throw new DecapodError('WORKSPACE_INVALID', 'what does not render cannot be exported')
    cli.stderr(`nothing exported: ${count(failures.length, 'error')}\n`)
    return undefined
  }
  for (const { site, files } of results) {
    const old = renderer.onDisk(site.name)
    const { added, changed, removed } = compareFiles(old, files)
    const differ = added.length + changed.length + removed.length
    if (differ === 0 || cli.global.quiet) continue
    const where = relative(cli.cwd, resolve(open.out, site.name))
    printWarning(
      cli,
      new DecapodError(
        'OUTPUT_STALE',
        old.size === 0
          ? `${where} was never rendered; the bundle has what renders now`
          : `${where} is not what renders now (${count(differ, 'file')}); the bundle has what renders now`,
        { hint: `run decapod render ${site.name}, and commit it, so that git says what was exported` },
      ),
    )
  }
  return results
}

function imagesOf(rendered: readonly SiteResult[], platforms: readonly string[], cli: Cli): ExportImage[] {
  const needed = neededImages(
    rendered.flatMap(({ site, images }) => (images === undefined ? [] : [{ site: site.name, images }])),
  )
  const pinned = (image: NeededImage): boolean =>
    image.reference.digest !== undefined || image.targets.some(target => target.includes('@'))
  const whole = platforms.length === 0 ? [] : needed.filter(pinned)
  if (whole.length > 0 && !cli.global.quiet) {
    const message = `${count(whole.length, 'image')} named by digest: taken with all platforms, for the digest is that of the whole`
    printWarning(
      cli,
      new DecapodError('SOURCE_INVALID', message, { notes: whole.map(i => formatReference(i.reference)) }),
    )
  }
  return needed.map(image => ({
    reference: image.reference,
    digest: image.digest,
    whole: pinned(image),
    targets: image.targets,
    sites: image.sites,
  }))
}

/** Everything of a bundle but images and the bill of materials. */
async function filesOf(
  open: OpenWorkspace,
  requests: readonly SourceRequest[],
  rendered: readonly SiteResult[],
  flags: ExportFlags,
  cache: Cache,
  since: BaseBundle | undefined,
  cli: Cli,
): Promise<ExportFile[]> {
  const lock = Buffer.from(formatLock(open.store.lock))
  const mirrors = rendered.map(({ site }) => ({ ...open.workspace.config.mirrors, ...site.settings.mirrors }))
  return [
    ...(await sourceFiles(open, requests, mirrors, flags, cache, cli)),
    { type: 'lock', name: lockName, mediaType: 'application/yaml', from: lock },
    ...rendered.flatMap(argoFile),
    ...manifestBranches(open, rendered, since),
    workspaceSnapshot(open, rendered, flags, since, cli),
  ]
}

/** Archives of charts and of remote bases, as a vendor directory holds them. */
async function sourceFiles(
  open: OpenWorkspace,
  requests: readonly SourceRequest[],
  mirrors: readonly Mirrors[],
  flags: ExportFlags,
  cache: Cache,
  cli: Cli,
): Promise<ExportFile[]> {
  const { store } = open
  const archive = chartArchiver(chartPlaces(open, flags, cli))
  const taken = new Map<string, string>()
  const files: ExportFile[] = []
  for (const { source } of requests) {
    const name = formatSource(source)
    const bytes = archive(source) ?? store.read(source)?.bytes
    if (bytes === undefined) continue
    const digest = cache.write(bytes)
    let file = vendorFile(source, store.lock.get(name)?.version)
    if ((taken.get(file) ?? digest) !== digest) file = file.replace(/(\.[a-z]+)$/, `-${digest.slice(7, 15)}$1`)
    taken.set(file, digest)
    const isChart = source.kind === 'helm' || source.kind === 'oci'
    const targets = chartTargets(source, mirrors)
    files.push({
      type: isChart ? 'chart' : 'source',
      ...(targets.length === 0 ? {} : { targets }),
      name,
      mediaType: mediaTypeOf(source),
      file,
      from: await storedIn(cache, digest, name),
    })
  }
  return files
}

/** Where the sites' mirrors have a chart of a registry; import adds the version. */
function chartTargets(source: Source, mirrors: readonly Mirrors[]): string[] {
  if (source.kind !== 'oci') return []
  const address = source.repository.replace(/^oci:\/\//, '').replace(/\/+$/, '')
  return [...new Set(mirrors.flatMap(table => mirroredAddress(table, address) ?? []))].sort()
}

function mediaTypeOf({ kind }: Source): string {
  if (kind === 'git') return 'application/x-tar'
  return kind === 'http' ? 'application/octet-stream' : 'application/vnd.cncf.helm.chart.content.v1.tar+gzip'
}

/** The Argo CD objects of a site in one file, for a first `kubectl apply`. */
function argoFile({ site, files }: SiteResult): ExportFile[] {
  const objects = [...files]
    .filter(([path]) => path.startsWith(`${argocdDirectory}/`))
    .sort(([a], [b]) => (a < b ? -1 : 1))
  if (objects.length === 0) return []
  const text = Buffer.concat(objects.flatMap(([, bytes], i) => (i === 0 ? [bytes] : [Buffer.from('---\n'), bytes])))
  return [
    { type: 'argo', name: `argocd/${site.name}.yaml`, mediaType: 'application/yaml', sites: [site.name], from: text },
  ]
}

/** What Argo CD reads: each site's objects in the directory and on the branch that its Applications name. */
function manifestBranches(
  { workspace }: OpenWorkspace,
  rendered: readonly SiteResult[],
  since: BaseBundle | undefined,
): ExportFile[] {
  const branches = new Map<string, { files: Map<string, SnapshotFile>; paths: Record<string, string> }>()
  for (const { site, files } of rendered) {
    const settings = { ...workspace.config.delivery, ...site.settings.delivery }
    const revision = settings.revision === undefined || settings.revision === 'HEAD' ? 'main' : settings.revision
    const ref = `refs/heads/${revision.replace(/^refs\/heads\//, '')}`
    if (!isBranch(ref) || ref === workspaceBranch)
      throw new DecapodError('CONFIG_INVALID', `delivery.revision of ${site.name} is no branch: "${revision}"`, {
        hint: 'a bundle carries branches; name the one Argo CD reads on the far side',
      })
    const dir = (settings.path ?? `${workspace.config.out}/${site.name}`)
      .split('/')
      .filter(p => p !== '' && p !== '.')
      .join('/')
    const branch = branches.get(ref) ?? { files: new Map<string, SnapshotFile>(), paths: {} }
    branches.set(ref, branch)
    if (dir !== '') branch.paths[site.name] = dir
    for (const [path, bytes] of files) {
      const whole = dir === '' ? path : `${dir}/${path}`
      if (branch.files.has(whole))
        throw new DecapodError('OUTPUT_CONFLICT', `two sites deliver ${whole} on ${ref}`, {
          hint: 'give each its own delivery.path in site.yaml',
        })
      branch.files.set(whole, { bytes })
    }
  }
  return [...branches].map(([ref, { files, paths }]) =>
    gitFile(
      `manifests ${ref.slice('refs/heads/'.length)}`,
      ref,
      files,
      since,
      Object.keys(paths).length > 0 ? { paths } : {},
    ),
  )
}

/** What renders the sites again: settings, base, sites, workflows, the lock, and the output that random values stay in. */
function workspaceSnapshot(
  open: OpenWorkspace,
  rendered: readonly SiteResult[],
  flags: ExportFlags,
  since: BaseBundle | undefined,
  cli: Cli,
): ExportFile {
  const { config } = open.workspace
  const files = new Map<string, SnapshotFile>()
  const add = (given: string, dir: string, skip?: (path: string) => boolean): void => {
    const at = resolve(cli.cwd, given)
    for (const [path, file] of readSnapshotFiles(at, at, skip)) files.set(`${inWorkspace(dir, given)}/${path}`, file)
  }
  const chosen = new Set(rendered.map(({ site }) => site.name))
  // Other sites are nobody's business there; layers, which are no sites, are needed.
  const others = new Set(open.workspace.sites.map(site => site.name).filter(name => !chosen.has(name)))
  add(flags.base ?? config.base, config.base)
  add(flags.sites ?? config.sites, config.sites, path => others.has(path))
  if (existsSync(resolve(cli.cwd, config.workflows))) add(config.workflows, config.workflows)
  const settings = resolve(cli.cwd, 'decapod.yaml')
  if (existsSync(settings)) files.set('decapod.yaml', { bytes: readFileSync(settings) })
  if (open.store.lock.size > 0) files.set(lockName, { bytes: Buffer.from(formatLock(open.store.lock)) })
  for (const { site, files: output } of rendered) {
    const out = inWorkspace(config.out, 'rendered')
    for (const [path, bytes] of output) files.set(`${out}/${site.name}/${path}`, { bytes })
  }
  return gitFile('workspace', workspaceBranch, files, since, {})
}

/** A directory's place in the snapshot; one that lies elsewhere gets its own name's. */
function inWorkspace(configured: string, given: string): string {
  const parts = configured.split('/').filter(part => part !== '' && part !== '.')
  if (!configured.startsWith('/') && parts.length > 0 && !parts.includes('..')) return parts.join('/')
  return (
    given
      .split('/')
      .filter(part => part !== '' && part !== '.' && part !== '..')
      .at(-1) ?? 'workspace'
  )
}

/** A git bundle of one branch; where the base has the same tree, the base's. */
function gitFile(
  name: string,
  ref: string,
  files: ReadonlyMap<string, SnapshotFile>,
  since: BaseBundle | undefined,
  more: Pick<BundleContent, 'paths'>,
): ExportFile {
  const old = since?.manifest.contents.find(c => c.type === 'git' && c.name === name && c.refs?.[ref] !== undefined)
  const parent = old?.refs?.[ref]
  const snapshot = snapshotFiles(files, `decapod bundle: ${name}\n`, parent)
  const same = old?.files !== undefined && treeId(old.files) === treeId(snapshot.files)
  if (same) {
    const { digest, size, type: _, ...content } = old
    return { ...content, ...more, type: 'git', from: { digest, size } }
  }
  const known = old?.files === undefined ? new Set<string>() : objectsOf(old.files)
  return {
    type: 'git',
    name,
    mediaType: 'application/x-git-bundle',
    refs: { [ref]: snapshot.commit },
    ...(parent === undefined ? {} : { parent }),
    files: snapshot.files,
    ...more,
    from: formatGitBundle(ref, snapshot, parent, known),
  }
}

function report(result: ExportResult, flags: ExportFlags, cli: Cli): void {
  const { manifest, manifestDigest, files, size, skipped } = result
  // As the user called it, with the number of the part.
  const named = files.map(file => flags.out + file.slice(resolve(cli.cwd, flags.out).length))
  if (cli.global.json) {
    const { sites, since, contents } = manifest
    const counts: Record<string, number> = {}
    for (const { type } of contents) counts[type] = (counts[type] ?? 0) + 1
    cli.stdout(`${JSON.stringify({ files: named, size, manifestDigest, since, sites, contents: counts, skipped })}\n`)
    return
  }
  for (const file of named) cli.stdout(`${file}\n`)
  cli.stdout(`${describe(manifest)}; ${manifestDigest}\n`)
  if (flags.since !== undefined)
    cli.stdout(`left out what ${flags.since} holds: ${count(skipped.blobs, 'blob')}, ${formatBytes(skipped.bytes)}\n`)
}
