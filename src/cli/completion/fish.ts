/** Completion for fish: a line per command and option. */
import type { CompletionCommand } from './tree.ts'

/** The script for `program` with options every command takes. */
export function fishCompletion(program: CompletionCommand): string {
  const { name } = program
  const lines = [
    `# fish completion for ${name}. Use it with: ${name} completion fish | source`,
    // Only the workspace knows its sites and apps.
    `function __${name}_words`,
    '  set -l words (commandline -opc) (commandline -ct)',
    '  $words[1] completion --words -- $words[2..] 2>/dev/null',
    'end',
    `function __${name}_sites`,
    "  set -l words (commandline -opc); $words[1] completion --words -- commit '' 2>/dev/null",
    'end',
    `complete -c ${name} -f`,
    ...program.options.flatMap(option => optionLine(name, '', option)),
  ]
  const walk = (command: CompletionCommand, path: readonly string[]): void => {
    const here = condition(path, command)
    for (const sub of command.commands) {
      lines.push(`complete -c ${name} -n ${quote(here)} -a ${quote(sub.name)} -d ${quote(sub.summary)}`)
    }
    const inside = path.length === 0 ? '' : seen(path)
    if (path.length > 0) {
      for (const option of command.options) lines.push(...optionLine(name, inside, option))
      const { words, workspace, paths } = command.takes
      if (words.length > 0) lines.push(`complete -c ${name} -n ${quote(inside)} -a ${quote(words.join(' '))}`)
      if (workspace) lines.push(`complete -c ${name} -n ${quote(inside)} -a '(__${name}_words)'`)
      if (paths) lines.push(`complete -c ${name} -n ${quote(inside)} -F`)
    }
    for (const sub of command.commands) walk(sub, [...path, sub.name])
  }
  walk(program, [])
  return `${lines.join('\n')}\n`
}

function seen(path: readonly string[]): string {
  return path.map(word => `__fish_seen_subcommand_from ${word}`).join('; and ')
}

/** Where the subcommands of a command are offered: it was named, none of them yet. */
function condition(path: readonly string[], command: CompletionCommand): string {
  if (path.length === 0) return '__fish_use_subcommand'
  const none = `not __fish_seen_subcommand_from ${command.commands.map(sub => sub.name).join(' ')}`
  return `${seen(path)}; and ${none}`
}

function optionLine(name: string, when: string, option: CompletionCommand['options'][number]): string[] {
  const flags = option.flags.map(flag => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`))
  const { value } = option
  const takes =
    value === undefined
      ? ''
      : value.kind === 'choice'
        ? ` -x -a ${quote(value.choices.join(' '))}`
        : value.kind === 'site'
          ? ` -x -a '(__${name}_sites)'`
          : value.kind === 'path'
            ? ' -r -F'
            : ' -x'
  const where = when === '' ? '' : ` -n ${quote(when)}`
  return [`complete -c ${name}${where} ${flags.join(' ')}${takes} -d ${quote(option.summary)}`]
}

function quote(text: string): string {
  return `'${text.replace(/\\/g, '\\\\').replace(/'/g, "\\'")}'`
}
