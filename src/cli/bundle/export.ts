/** The work of `decapod bundle export`: fetch what is missing, render, gather, write. */
import { readFileSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { formatReference, type Reference } from '../../bundle/reference.ts'
import { DecapodError } from '../../errors.ts'
import { type BaseBundle, type ExportImage, type ExportResult, exportBundle } from '../../io/bundle-export.ts'
import { readBundle } from '../../io/bundle-file.ts'
import { chartArchiver } from '../../io/charts.ts'
import { compareFiles } from '../../io/output.ts'
import { SourceStore } from '../../io/source-store.ts'
import { type Mirrors, mirroredAddress } from '../../mirrors.ts'
import { type NeededImage, neededImages } from '../../render/images.ts'
import type { SiteResult } from '../../render/pipeline.ts'
import { type Selection, selectUnits } from '../../site/plan.ts'
import type { SourceRequest } from '../../source.ts'
import type { Cli, ExitCode } from '../cli.ts'
import { openCache } from '../open-cache.ts'
import { openRegistries } from '../open-registry.ts'
import { fetchAll, writeLock } from '../open-sources.ts'
import { type OpenWorkspace, openWorkspace } from '../open-workspace.ts'
import { SelectionRenderer } from '../render-selection.ts'
import { count, printWarning } from '../report.ts'
import { formatBytes, Transfer } from '../reporters/transfer.ts'
import { parseSize } from '../size.ts'
import { version } from '../version.ts'
import { chartPlaces, filesOf, type WorkspacePlaces } from './contents.ts'
import { describe } from './describe.ts'

export interface ExportFlags extends WorkspacePlaces {
  readonly out: string
  readonly all?: true
  readonly since?: string
  readonly split?: string
  readonly platform?: readonly string[]
  readonly from?: readonly string[]
  readonly plainHttp?: readonly string[]
  readonly images: boolean
  readonly frozen?: true
  readonly rendered?: string
}

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
