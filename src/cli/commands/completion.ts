import { Argument, Command, Option } from 'commander'
import { DecapodError } from '../../errors.ts'
import type { Cli, ExitCode, Run } from '../cli.ts'
import { commandName } from '../command-name.ts'
import { bashCompletion } from '../completion/bash.ts'
import { fishCompletion } from '../completion/fish.ts'
import { type CompletionCommand, completionTree } from '../completion/tree.ts'
import { workspaceWords } from '../completion/words.ts'
import { zshCompletion } from '../completion/zsh.ts'
import { type CommandEntry, commands } from './index.ts'

const shells = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const

/** Declares `decapod completion`. */
export function define(command: Command, cli: () => Cli, run: (work: Run) => void): void {
  command
    // The choices are for help and for completion itself; with --words the argument is a word of another command.
    .addArgument(new Argument('[shell]', 'the shell').choices(Object.keys(shells)).argParser(text => text))
    .argument('[word...]')
    .addOption(new Option('--words', 'print what may stand where the last word is; the scripts ask this').hideHelp())
    .addHelpText(
      'after',
      `
Examples:
  source <(decapod completion bash)            in ~/.bashrc
  source <(decapod completion zsh)             in ~/.zshrc, after compinit
  decapod completion fish | source             in ~/.config/fish/config.fish

Commands, options and their values are completed, and the sites, groups and apps
of the workspace.

Exit codes: 0 printed, 2 usage.`,
    )
    .action((shell: string | undefined, words: string[], options: { words?: boolean }) =>
      run(() => (options.words === true ? printWords(cli(), command.args) : script(cli(), command, shell, words))),
    )
}

async function script(
  cli: Cli,
  command: Command,
  shell: string | undefined,
  more: readonly string[],
): Promise<ExitCode> {
  if (shell === undefined || more.length > 0 || !isShell(shell)) {
    const what = shell === undefined || isShell(shell) ? 'which shell?' : `no completion for "${shell}"`
    throw new DecapodError('USAGE', what, { hint: `name one of ${Object.keys(shells).join(', ')}` })
  }
  const program = completionTree(command.parent!)
  cli.stdout(shells[shell]({ ...program, commands: await allCommands(cli) }))
  return 0
}

function isShell(name: string): name is keyof typeof shells {
  return Object.hasOwn(shells, name)
}

/** Every command with its options; in the program only the one that runs has been loaded. */
async function allCommands(cli: Cli): Promise<CompletionCommand[]> {
  const trees: CompletionCommand[] = []
  for (const entry of commands) trees.push(completionTree(await loaded(entry, cli)))
  return trees
}

async function loaded(entry: CommandEntry, cli: Cli): Promise<Command> {
  const command = new Command('decapod').command(entry.name).description(entry.summary)
  ;(await entry.load()).define(
    command,
    () => cli,
    () => {},
    [],
  )
  return command
}

async function printWords(cli: Cli, words: readonly string[]): Promise<ExitCode> {
  const entry = commands.find(c => c.name === commandName(words))
  if (entry === undefined) return 0
  const command = await loaded(entry, cli)
  const sub = command.commands.find(c => words.slice(0, -1).includes(c.name()))
  const found = workspaceWords(cli, sub ?? command, words)
  cli.stdout(found.map(word => `${word}\n`).join(''))
  return 0
}
