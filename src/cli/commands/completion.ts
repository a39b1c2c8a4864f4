import { Argument, Command } from 'commander'
import type { Cli, ExitCode, Run } from '../cli.ts'
import { bashCompletion } from '../completion/bash.ts'
import { fishCompletion } from '../completion/fish.ts'
import { type CompletionCommand, completionTree } from '../completion/tree.ts'
import { zshCompletion } from '../completion/zsh.ts'
import { commands } from './index.ts'

const shells = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const

/** Declares `decapod completion`. */
export function define(command: Command, cli: () => Cli, run: (work: Run) => void): void {
  command
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(shells)))
    .addHelpText(
      'after',
      `
Examples:
  source <(decapod completion bash)            in ~/.bashrc
  source <(decapod completion zsh)             in ~/.zshrc, after compinit
  decapod completion fish | source             in ~/.config/fish/config.fish

Commands, options, their values and the sites of the workspace are completed.`,
    )
    .action((shell: keyof typeof shells) => run(() => completion(cli(), command, shell)))
}

async function completion(cli: Cli, command: Command, shell: keyof typeof shells): Promise<ExitCode> {
  const program = completionTree(command.parent!)
  cli.stdout(shells[shell]({ ...program, commands: await allCommands(cli) }))
  return 0
}

/** Every command with its options; in the program only the one that runs has been loaded. */
async function allCommands(cli: Cli): Promise<CompletionCommand[]> {
  const trees: CompletionCommand[] = []
  for (const entry of commands) {
    const command = new Command(entry.name).description(entry.summary)
    ;(await entry.load()).define(
      command,
      () => cli,
      () => {},
    )
    trees.push(completionTree(command))
  }
  return trees
}
