import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Command } from 'commander'
import { DecapodError } from '../../errors.ts'
import { vendorIndex } from '../../io/source-store.ts'
import { nameOf } from '../../io/sources.ts'
import type { IncompleteChart } from '../../render/requests.ts'
import { formatSource, type Source } from '../../source.ts'
import type { Cli, ExitCode, Run } from '../cli.ts'
import { openCache } from '../open-cache.ts'
import { type FetchedSource, writeLock } from '../open-sources.ts'
import { openWorkspace, type WorkspaceOptions, workspaceOptions } from '../open-workspace.ts'
import { count } from '../report.ts'
import { runFetch } from '../run-fetch.ts'

interface Options extends WorkspaceOptions {
  readonly frozen?: boolean
}

/** Declares `decapod vendor`. */
export function define(command: Command, cli: () => Cli, run: (work: Run) => void): void {
  workspaceOptions(command)
    .option('--frozen', 'fail where decapod.lock would change')
    .addHelpText(
      'after',
      `
Examples:
  decapod vendor                  every source into vendor/, to be committed
  decapod vendor && git add vendor decapod.lock

Rendering then needs no cache and no network. Charts by path get their
dependencies into their own charts/, as "helm dependency build" puts them.`,
    )
    .action((options: Options) => run(() => vendorCommand(cli(), options)))
}

async function vendorCommand(cli: Cli, options: Options): Promise<ExitCode> {
  const opened = openWorkspace(cli, options)
  const { result, oldText } = await runFetch(
    cli,
    opened,
    [],
    options.frozen ? { kind: 'frozen' } : { kind: 'fill' },
    false,
  )
  if (!options.frozen) writeLock(cli, oldText, result.lock)
  const own = new Set(result.requests.incomplete.flatMap(chart => chart.missing.map(m => formatSource(m.source))))
  const asked = result.fetched.filter(f => !own.has(formatSource(f.request.source)))
  const written = writeVendor(cli, opened.vendor.dir, asked)
  const added = writeDependencies(
    cli,
    resolve(cli.cwd, options.base ?? opened.workspace.config.base),
    result.requests.incomplete,
    result.fetched,
  )
  if (cli.global.json) cli.stdout(`${JSON.stringify({ vendored: [...written.keys()], dependencies: added })}\n`)
  else {
    for (const file of added) cli.stdout(`added    ${file}\n`)
    cli.stdout(`${opened.vendor.label}: ${count(written.size, 'source')}\n`)
  }
  return 0
}

/** Writes the archives and their list, and removes what is no longer in it. */
function writeVendor(cli: Cli, dir: string, sources: readonly FetchedSource[]): Map<string, string> {
  const cache = openCache(cli)
  const index = new Map<string, string>()
  const taken = new Map<string, string>()
  for (const { request, entry } of sources) {
    const bytes = bytesOf(cache.read(entry.digest), request.source)
    let name = fileName(request.source, entry.version)
    // Two sources may give the same name; then the digest tells them apart.
    if (taken.has(name) && taken.get(name) !== entry.digest)
      name = name.replace(/(\.[a-z]+)$/, `-${entry.digest.slice(7, 15)}$1`)
    taken.set(name, entry.digest)
    index.set(formatSource(request.source), name)
    writeIfChanged(join(dir, name), bytes)
  }
  const kept = new Set([...index.values(), vendorIndex])
  if (existsSync(dir))
    for (const name of readdirSync(dir)) if (/\.(tgz|tar|yaml)$/.test(name) && !kept.has(name)) rmSync(join(dir, name))
  if (index.size > 0)
    writeIfChanged(
      join(dir, vendorIndex),
      Buffer.from(`${JSON.stringify(Object.fromEntries([...index].sort()), undefined, 2)}\n`),
    )
  else rmSync(join(dir, vendorIndex), { force: true })
  return index
}

/** Dependencies of charts by path, into their charts/ directory. */
function writeDependencies(
  cli: Cli,
  base: string,
  charts: readonly IncompleteChart[],
  sources: readonly FetchedSource[],
): string[] {
  const cache = openCache(cli)
  const entries = new Map(sources.map(s => [formatSource(s.request.source), s.entry] as const))
  const added: string[] = []
  for (const { dir, label, missing } of charts) {
    for (const { source } of missing) {
      const entry = entries.get(formatSource(source))
      if (entry === undefined) continue
      const name = fileName(source, entry.version)
      writeIfChanged(join(base, dir, 'charts', name), bytesOf(cache.read(entry.digest), source))
      added.push(`${label}/charts/${name}`)
    }
  }
  return added
}

function bytesOf(bytes: Buffer | undefined, source: Source): Buffer {
  if (bytes === undefined)
    throw new DecapodError('SOURCE_INVALID', `${formatSource(source)} vanished from the cache`, {
      hint: 'run decapod vendor again',
    })
  return bytes
}

function fileName(source: Source, version: string | undefined): string {
  const name = nameOf(source).replace(/[^A-Za-z0-9._+-]/g, '_')
  switch (source.kind) {
    case 'helm':
    case 'oci':
      return `${name}-${(version ?? source.version).replace(/[^A-Za-z0-9._+-]/g, '_')}.tgz`
    case 'git':
      return `${name}-${createHash('sha256').update(formatSource(source)).digest('hex').slice(0, 8)}.tar`
    case 'http':
      return `${createHash('sha256').update(source.url).digest('hex').slice(0, 8)}-${name.replace(/\.ya?ml$/, '')}.yaml`
  }
}

function writeIfChanged(file: string, bytes: Buffer): void {
  if (existsSync(file) && Buffer.compare(readFileSync(file), bytes) === 0) return
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(`${file}.part`, bytes)
  renameSync(`${file}.part`, file)
}
