/** Completion for bash: one function, a case per command. */
import type { CompletionCommand, CompletionOption } from './tree.ts'

/** The script for `program` with options every command takes. */
export function bashCompletion(program: CompletionCommand): string {
  const cases: string[] = []
  const walk = (command: CompletionCommand, path: string): void => {
    const own = command.options.flatMap(option => option.flags)
    const words = [...command.commands.map(c => c.name), ...command.takes.words]
    cases.push(
      `    ${quote(path)})`,
      `      options=${quote(own.join(' '))}`,
      `      words=${quote(words.join(' '))}`,
      ...valueCases(command.options, '      '),
      `      workspace=${command.takes.workspace ? 1 : 0} paths=${command.takes.paths ? 1 : 0}`,
      '      ;;',
    )
    for (const sub of command.commands) walk(sub, `${path} ${sub.name}`.trim())
  }
  walk(program, '')
  const paths = commandPaths(program, '').map(quote).join(' | ')
  return `# bash completion for ${program.name}. Use it with: source <(${program.name} completion bash)
# Only the workspace knows its sites and apps; \${COMP_WORDS[0]} is decapod as it was called.
_${program.name}_words() {
  "\${COMP_WORDS[0]}" completion --words -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null
}
_${program.name}_sites() {
  "\${COMP_WORDS[0]}" completion --words -- commit '' 2>/dev/null
}
_${program.name}() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]}
  local options='' words='' workspace=0 paths=0 path='' next i
  COMPREPLY=()
  # The words before this one say which command it is.
  for ((i = 1; i < COMP_CWORD; i++)); do
    next="\${path:+$path }\${COMP_WORDS[i]}"
    case $next in
      ${paths === '' ? "''" : paths}) path=$next ;;
    esac
  done
${valueCases(program.options, '  ').join('\n')}
  case $path in
${cases.join('\n')}
  esac
  options="$options ${program.options.flatMap(o => o.flags).join(' ')}"
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$current"))
    return
  fi
  if ((workspace)); then
    words="$words $(_${program.name}_words)"
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  if ((paths)); then
    COMPREPLY+=($(compgen -f -- "$current"))
  fi
}
complete -o filenames -F _${program.name} ${program.name}
`
}

function commandPaths(command: CompletionCommand, path: string): string[] {
  return command.commands.flatMap(sub => {
    const own = `${path} ${sub.name}`.trim()
    return [own, ...commandPaths(sub, own)]
  })
}

/** After an option that takes a value, the value is completed. */
function valueCases(options: readonly CompletionOption[], indent: string): string[] {
  const cases = options.flatMap(option => {
    const value = reply(option)
    return value === undefined ? [] : [`${indent}  ${option.flags.join(' | ')}) ${value}; return ;;`]
  })
  return cases.length === 0 ? [] : [`${indent}case $previous in`, ...cases, `${indent}esac`]
}

function reply({ value }: CompletionOption): string | undefined {
  switch (value?.kind) {
    case undefined:
      return undefined
    case 'path':
      return 'COMPREPLY=($(compgen -f -- "$current"))'
    case 'site':
      return 'COMPREPLY=($(compgen -W "$(_decapod_sites)" -- "$current"))'
    case 'text':
      return ':'
    case 'choice':
      return `COMPREPLY=($(compgen -W ${quote(value.choices.join(' '))} -- "$current"))`
  }
}

function quote(text: string): string {
  return `'${text.replace(/'/g, `'\\''`)}'`
}
