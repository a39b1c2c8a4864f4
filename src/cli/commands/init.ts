import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Command } from 'commander'
import { DecapodError } from '../../errors.ts'
import type { Cli, ExitCode, Run } from '../cli.ts'
import { initFiles } from '../init-files.ts'

/** Declares `decapod init`. */
export function define(command: Command, cli: () => Cli, run: (work: Run) => void): void {
  command
    .argument('[dir]', 'where the workspace is made; made itself when it is not there', '.')
    .addHelpText(
      'after',
      `
Examples:
  decapod init platform && cd platform
  decapod render site-x                       renders it: rendered/site-x/

No file is ever overwritten: where one is in the way, nothing is written.`,
    )
    .action((dir: string) => run(() => init(cli(), dir)))
}

function init(cli: Cli, dir: string): ExitCode {
  const root = resolve(cli.cwd, dir)
  const inTheWay = [...initFiles.keys()].filter(file => existsSync(resolve(root, file)))
  if (inTheWay.length > 0) {
    throw new DecapodError('OUTPUT_CONFLICT', `${join(dir, inTheWay[0]!)} is there already`, {
      notes: inTheWay.slice(1, 6).map(file => `and ${join(dir, file)}`),
      hint: 'name a new directory: decapod init DIR',
    })
  }
  for (const [file, text] of initFiles) {
    const path = resolve(root, file)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text, { flag: 'wx' })
    if (!cli.global.quiet && !cli.global.json) cli.stdout(`${join(dir, file)}\n`)
  }
  if (cli.global.json) cli.stdout(`${JSON.stringify({ files: [...initFiles.keys()].map(file => join(dir, file)) })}\n`)
  const here = dir === '.' ? '' : `cd ${dir} && `
  if (!cli.global.quiet) cli.stderr(`A workspace with one group and one site. Next: ${here}decapod render site-x\n`)
  return 0
}
