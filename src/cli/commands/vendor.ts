import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Command } from 'commander'
import { DecapodError } from '../../errors.ts'
import { readVendorIndex, vendorIndex } from '../../io/source-store.ts'
import { nameOf } from '../../io/sources.ts'
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

Rendering then needs no cache and no network. Dependencies of charts by path
and in git are among the sources; nothing is written into base/.`,
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
  const written = writeVendor(cli, opened.vendor.dir, result.fetched)
  if (cli.global.json) cli.stdout(`${JSON.stringify({ vendored: [...written.keys()] })}\n`)
  else cli.stdout(`${opened.vendor.label}: ${count(written.size, 'source')}\n`)
  return 0
}

/** Writes the archives and their list, and removes what the last list had and this one has not; other files stay. */
function writeVendor(cli: Cli, dir: string, sources: readonly FetchedSource[]): Map<string, string> {
  const cache = openCache(cli)
  const before = readVendorIndex({ dir, label: dir })
  const index = new Map<string, string>()
  const taken = new Map<string, string>()
  for (const { request, entry } of sources) {
    const bytes = bytesOf(cache.read(entry.digest), request.source)
    let name = vendorFile(request.source, entry.version)
    // Two sources may give the same name; then the digest tells them apart.
    if (taken.has(name) && taken.get(name) !== entry.digest)
      name = name.replace(/(\.[a-z]+)$/, `-${entry.digest.slice(7, 15)}$1`)
    taken.set(name, entry.digest)
    index.set(formatSource(request.source), name)
    writeIfChanged(join(dir, name), bytes)
    // Where helm verify looks for it.
    if (entry.provenance !== undefined)
      writeIfChanged(join(dir, `${name}.prov`), bytesOf(cache.read(entry.provenance), request.source))
    else rmSync(join(dir, `${name}.prov`), { force: true })
  }
  const kept = new Set(index.values())
  for (const name of before.values())
    if (!kept.has(name)) for (const file of [name, `${name}.prov`]) rmSync(join(dir, file), { force: true })
  if (index.size > 0)
    writeIfChanged(
      join(dir, vendorIndex),
      Buffer.from(`${JSON.stringify(Object.fromEntries([...index].sort()), undefined, 2)}\n`),
    )
  else rmSync(join(dir, vendorIndex), { force: true })
  return index
}

function bytesOf(bytes: Buffer | undefined, source: Source): Buffer {
  if (bytes === undefined)
    throw new DecapodError('SOURCE_INVALID', `${formatSource(source)} vanished from the cache`, {
      hint: 'run decapod vendor again',
    })
  return bytes
}

/** The file of a source in a vendor directory. */
export function vendorFile(source: Source, version: string | undefined): string {
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
