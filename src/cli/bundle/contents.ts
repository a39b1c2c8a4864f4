/** What an export puts into a bundle besides images: sources, lock, Argo CD objects, branches, the workspace. */
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { formatGitBundle, objectsOf, type SnapshotFile, snapshotFiles, treeId } from '../../bundle/git-snapshot.ts'
import { type BundleContent, isBranch } from '../../bundle/manifest.ts'
import { DecapodError } from '../../errors.ts'
import { type BaseBundle, type ExportFile, storedIn } from '../../io/bundle-export.ts'
import type { Cache } from '../../io/cache.ts'
import { chartArchiver } from '../../io/charts.ts'
import { readSnapshotFiles } from '../../io/snapshot-files.ts'
import { formatLock } from '../../lock.ts'
import { type Mirrors, mirroredAddress } from '../../mirrors.ts'
import { argocdDirectory, type SiteResult } from '../../render/pipeline.ts'
import { formatSource, type Source, type SourceRequest } from '../../source.ts'
import type { Cli } from '../cli.ts'
import { vendorFile } from '../commands/vendor.ts'
import { lockName } from '../open-cache.ts'
import type { OpenWorkspace } from '../open-workspace.ts'

/** Where the workspace lies when not where decapod.yaml says. */
export interface WorkspacePlaces {
  readonly base?: string
  readonly sites?: string
  readonly charts?: string
}

/** The branch of the workspace's snapshot. */
const workspaceBranch = 'refs/heads/decapod-workspace'

/** Everything of a bundle but images and the bill of materials. */
export async function filesOf(
  open: OpenWorkspace,
  requests: readonly SourceRequest[],
  rendered: readonly SiteResult[],
  places: WorkspacePlaces,
  cache: Cache,
  since: BaseBundle | undefined,
  cli: Cli,
): Promise<ExportFile[]> {
  const lock = Buffer.from(formatLock(open.store.lock))
  const mirrors = rendered.map(({ site }) => ({ ...open.workspace.config.mirrors, ...site.settings.mirrors }))
  return [
    ...(await sourceFiles(open, requests, mirrors, places, cache, cli)),
    { type: 'lock', name: lockName, mediaType: 'application/yaml', from: lock },
    ...rendered.flatMap(argoFile),
    ...manifestBranches(open, rendered, since),
    workspaceSnapshot(open, rendered, places, since, cli),
  ]
}

/** Archives of charts and of remote bases, as a vendor directory holds them. */
async function sourceFiles(
  open: OpenWorkspace,
  requests: readonly SourceRequest[],
  mirrors: readonly Mirrors[],
  places: WorkspacePlaces,
  cache: Cache,
  cli: Cli,
): Promise<ExportFile[]> {
  const { store } = open
  const archive = chartArchiver(chartPlaces(open, places, cli))
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
  places: WorkspacePlaces,
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
  add(places.base ?? config.base, config.base)
  add(places.sites ?? config.sites, config.sites, path => others.has(path))
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

/** Where charts are read from before the lock is asked, in the order rendering asks. */
export function chartPlaces(
  { vendor, workspace }: OpenWorkspace,
  places: WorkspacePlaces,
  cli: Cli,
): { dir: string; label: string }[] {
  const charts = places.charts ?? workspace.config.charts
  return [...(charts === undefined ? [] : [{ dir: resolve(cli.cwd, charts), label: charts }]), vendor]
}
