import type { Command } from 'commander'
import type { Cli, ExitCode, Run } from '../cli.ts'
import { openCache } from '../open-cache.ts'
import { count } from '../report.ts'
import { formatBytes } from '../reporters/transfer.ts'
import { parseSize } from '../size.ts'

/** Declares `decapod cache`. */
export function define(command: Command, cli: () => Cli, run: (work: Run) => void): void {
  command.addHelpText('after', '\nExamples:\n  decapod cache info\n  decapod cache gc --max 500MiB')
  const gc = command.command('gc').description('remove what was not used for longest, down to a size')
  gc.copyInheritedSettings(command)
  gc.option('--max <size>', 'what may stay', text => parseSize(text, '--max'), 5 * 1024 ** 3)
    .addHelpText('after', '\nExamples:\n  decapod cache gc             down to 5 GiB\n  decapod cache gc --max 500MiB')
    .action((options: { max: number }) => run(() => collect(cli(), options.max)))
  const info = command.command('info').description('say where the cache is and what it holds')
  info.copyInheritedSettings(command)
  info
    .addHelpText('after', '\nExamples:\n  decapod cache info\n  decapod cache info --json')
    .action(() => run(() => show(cli())))
}

function collect(cli: Cli, max: number): ExitCode {
  const cache = openCache(cli)
  const { removed, freed, left } = cache.collect(max)
  if (cli.global.json) cli.stdout(`${JSON.stringify({ removed, freed, left })}\n`)
  else
    cli.stdout(
      `removed ${count(removed, 'entry').replace('entrys', 'entries')} (${formatBytes(freed)}); ${formatBytes(left)} left\n`,
    )
  return 0
}

function show(cli: Cli): ExitCode {
  const cache = openCache(cli)
  const entries = cache.entries()
  const size = entries.reduce((sum, entry) => sum + entry.size, 0)
  if (cli.global.json) cli.stdout(`${JSON.stringify({ directory: cache.dir, entries: entries.length, size })}\n`)
  else cli.stdout(`${cache.dir}: ${entries.length} entries, ${formatBytes(size)}\n`)
  return 0
}
