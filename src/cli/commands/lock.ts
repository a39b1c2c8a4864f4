import type { Command } from 'commander'
import { isImageKey, type Lock } from '../../lock.ts'
import type { Cli, ExitCode, Run } from '../cli.ts'
import { type LockMode, writeLock } from '../open-sources.ts'
import { openWorkspace, type WorkspaceOptions, workspaceOptions } from '../open-workspace.ts'
import { count } from '../report.ts'
import { runFetch } from '../run-fetch.ts'

interface Options extends WorkspaceOptions {
  /** Names, or true for all. */
  readonly update?: string[] | true
  readonly frozen?: boolean
}

/** Declares `decapod lock`. */
export function define(command: Command, cli: () => Cli, run: (work: Run) => void): void {
  workspaceOptions(command)
    .option('--update [name...]', 'resolve these sources again (all without a name)')
    .option('--frozen', 'change nothing: fail where the lock is not complete')
    .addHelpText(
      'after',
      `
Examples:
  decapod lock                    pin what is not pinned, drop what nobody needs
  decapod lock --update grafana   the newest grafana its constraint allows
  decapod lock --frozen           for CI: fails, naming what is missing`,
    )
    .action((options: Options) => run(() => lockCommand(cli(), options)))
}

async function lockCommand(cli: Cli, options: Options): Promise<ExitCode> {
  const opened = openWorkspace(cli, options)
  const { result, old, oldText } = await runFetch(cli, opened, [], modeOf(options), false)
  const changed = options.frozen ? false : writeLock(cli, oldText, result.lock)
  const changes = lockChanges(old, result.lock)
  const images = [...result.lock.keys()].filter(isImageKey).length
  if (cli.global.json) {
    cli.stdout(`${JSON.stringify({ sources: result.lock.size - images, images, changed, changes })}\n`)
    return 0
  }
  const mark = { added: '+', removed: '-', changed: '~' }
  for (const { change, source, before, after } of changes) {
    cli.stdout(`${mark[change]} ${source}${change === 'changed' ? `  ${before} → ${after}` : ''}\n`)
  }
  cli.stdout(
    `decapod.lock ${changed ? 'written' : 'is up to date'}: ${count(result.lock.size - images, 'source')}${images === 0 ? '' : `, ${count(images, 'image')}`}\n`,
  )
  return 0
}

function modeOf({ update, frozen }: Options): LockMode {
  if (frozen) return { kind: 'frozen' }
  return update === undefined ? { kind: 'fill' } : { kind: 'update', names: update === true ? [] : update }
}

interface LockChange {
  readonly change: 'added' | 'removed' | 'changed'
  readonly source: string
  readonly before?: string
  readonly after?: string
}

/** What differs between two locks, by source; versions where they tell, digests where not. */
function lockChanges(old: Lock, lock: Lock): LockChange[] {
  const changes: LockChange[] = []
  for (const source of [...new Set([...old.keys(), ...lock.keys()])].sort()) {
    const [a, b] = [old.get(source), lock.get(source)]
    if (a === undefined) changes.push({ change: 'added', source })
    else if (b === undefined) changes.push({ change: 'removed', source })
    else if (a.digest !== b.digest) {
      const [before, after] =
        a.version === b.version ? [a.digest.slice(0, 19), b.digest.slice(0, 19)] : [a.version ?? '', b.version ?? '']
      changes.push({ change: 'changed', source, before, after })
    }
  }
  return changes
}
