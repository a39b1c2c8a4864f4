import type { Command } from 'commander'
import { sizeOf } from '../../io/sources.ts'
import { formatSource } from '../../source.ts'
import type { Cli, ExitCode, Run } from '../cli.ts'
import { openCache } from '../open-cache.ts'
import { writeLock } from '../open-sources.ts'
import { openWorkspace, type WorkspaceOptions, workspaceOptions } from '../open-workspace.ts'
import { count } from '../report.ts'
import { formatBytes } from '../reporters/transfer.ts'
import { runFetch } from '../run-fetch.ts'

interface Options extends WorkspaceOptions {
  readonly frozen?: boolean
  readonly offline?: boolean
}

/** Declares `decapod fetch`. */
export function define(command: Command, cli: () => Cli, run: (work: Run) => void): void {
  workspaceOptions(command.argument('[selector...]', 'SITE, SITE/GROUP or SITE/GROUP/APP; every site without'))
    .option('--frozen', 'fail where decapod.lock would change')
    .option('--offline', 'use the cache only: fail for what is not in it')
    .addHelpText(
      'after',
      `
Examples:
  decapod fetch                   everything the workspace needs, into the cache
  decapod fetch site-x --frozen   as pinned, in CI

Credentials are taken from helm (repositories.yaml, registry/config.json),
docker (config.json) and git. What was not pinned is added to decapod.lock.`,
    )
    .action((selectors: string[], options: Options) => run(() => fetchCommand(cli(), selectors, options)))
}

async function fetchCommand(cli: Cli, selectors: readonly string[], options: Options): Promise<ExitCode> {
  const opened = openWorkspace(cli, options)
  const mode = options.frozen ? ({ kind: 'frozen' } as const) : ({ kind: 'fill' } as const)
  const { result, oldText } = await runFetch(cli, opened, selectors, mode, options.offline === true)
  const changed = options.frozen ? false : writeLock(cli, oldText, result.lock)
  const cache = openCache(cli)
  const rows = await Promise.all(
    result.fetched.map(async ({ request, entry, state }) => ({
      source: formatSource(request.source),
      ...entry,
      state,
      size: await sizeOf(cache, entry.digest),
    })),
  )
  if (cli.global.json) {
    cli.stdout(`${JSON.stringify({ sources: rows, lockChanged: changed })}\n`)
    return 0
  }
  for (const { source, state, size, version } of rows) {
    if (state === 'fetched')
      cli.stdout(
        `fetched  ${source}${version === undefined || source.endsWith(` ${version}`) ? '' : ` → ${version}`}  ${formatBytes(size)}\n`,
      )
  }
  const fetched = rows.filter(r => r.state === 'fetched')
  const bytes = fetched.reduce((sum, r) => sum + r.size, 0)
  cli.stdout(
    `${count(rows.length, 'source')}: ${fetched.length} fetched (${formatBytes(bytes)}), ${rows.length - fetched.length} in the cache${changed ? '; decapod.lock written' : ''}\n`,
  )
  return 0
}
