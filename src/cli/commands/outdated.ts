import type { Command } from 'commander'
import { DecapodError } from '../../errors.ts'
import { inParallel } from '../../io/images.ts'
import { readLock, SourceStore } from '../../io/source-store.ts'
import { sourceRequests } from '../../render/requests.ts'
import { parseConstraints, satisfies } from '../../semver/constraint.ts'
import { compareVersions, parseVersion } from '../../semver/version.ts'
import { selectUnits } from '../../site/plan.ts'
import { formatSource, type HelmSource, type OciSource, type SourceRequest } from '../../source.ts'
import type { Cli, ExitCode, Run } from '../cli.ts'
import { lockName, openCache } from '../open-cache.ts'
import { fetchedBefore, openSources } from '../open-sources.ts'
import { openWorkspace, type WorkspaceOptions, workspaceOptions } from '../open-workspace.ts'
import { printWarning } from '../report.ts'

/** Declares `decapod outdated`. */
export function define(command: Command, cli: () => Cli, run: (work: Run) => void): void {
  workspaceOptions(command)
    .addHelpText(
      'after',
      '\nExamples:\n  decapod outdated          newer charts within and beyond their constraints\n  decapod outdated --json',
    )
    .action((options: WorkspaceOptions) => run(() => outdated(cli(), options)))
}

interface Row {
  readonly source: string
  readonly locked: string
  /** The newest that the constraint allows. */
  readonly wanted: string
  /** The newest stable one there is. */
  readonly latest: string
}

async function outdated(cli: Cli, options: WorkspaceOptions): Promise<ExitCode> {
  const { workspace, vendor, lockFile } = openWorkspace(cli, options)
  const lock = readLock(lockFile, lockName)
  const cache = openCache(cli)
  const store = new SourceStore(lock, vendor, cache)
  const { requests } = sourceRequests(workspace, selectUnits(workspace, [], true), fetchedBefore(store))
  const sources = openSources(cli, cache, { mirrors: workspace.config.mirrors })
  const charts = requests.filter(
    (r): r is SourceRequest & { source: HelmSource | OciSource } => r.source.kind === 'helm' || r.source.kind === 'oci',
  )
  const rows: Row[] = []
  let failed = 0
  await inParallel(charts, cli.global.jobs ?? 8, async ({ source, at }) => {
    try {
      const versions = await sources.versions(source)
      const locked = lock.get(formatSource(source))?.version ?? ''
      rows.push({
        source: formatSource(source),
        locked,
        wanted: newest(versions, source.version) ?? locked,
        latest: newest(versions, '') ?? locked,
      })
    } catch (thrown) {
      if (!(thrown instanceof DecapodError)) throw thrown
      failed++
      printWarning(cli, new DecapodError(thrown.code, thrown.message, { at: at[0], hint: thrown.hint }))
    }
  })
  rows.sort((a, b) => (a.source < b.source ? -1 : 1))
  const news = rows.filter(r => r.locked !== r.wanted || isNewer(r.latest, r.wanted))
  if (cli.global.json) cli.stdout(`${JSON.stringify({ outdated: news })}\n`)
  else if (news.length === 0) cli.stdout(`${rows.length} charts, all up to date\n`)
  else {
    for (const { source, locked, wanted, latest } of news) {
      cli.stdout(`${source}\n    locked ${locked || 'not'}, within the constraint ${wanted}, newest ${latest}\n`)
    }
  }
  return failed > 0 ? 1 : 0
}

/** The first of versions sorted newest first that a constraint allows; '' allows stable ones. */
function newest(versions: readonly string[], constraint: string): string | undefined {
  const parsed = parseConstraints(constraint === '' ? '*' : constraint)
  return versions.find(version => satisfies(parsed, parseVersion(version)))
}

function isNewer(a: string, b: string): boolean {
  return b === '' || compareVersions(parseVersion(a), parseVersion(b)) > 0
}
