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
      `      sites=${command.takes.sites ? 1 : 0} paths=${command.takes.paths ? 1 : 0}`,
      '      ;;',
    )
    for (const sub of command.commands) walk(sub, `${path} ${sub.name}`.trim())
  }
  walk(program, '')
  const paths = commandPaths(program, '').map(quote).join(' | ')
  return `# bash completion for ${program.name}. Use it with: source <(${program.name} completion bash)
_${program.name}() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]}
  local options='' words='' sites=0 paths=0 path='' next i
  COMPREPLY=()
  # The words before this one say which command it is.
  for ((i = 1; i < COMP_CWORD; i++)); do
    next="\${path:+$path }\${COMP_WORDS[i]}"
    case $next in
      ${paths === '' ? "''" : paths}) path=$next ;;
    esac
  done
  case $previous in
${valueCases(program)}
  esac
  case $path in
${cases.join('\n')}
  esac
  options="$options ${program.options.flatMap(o => o.flags).join(' ')}"
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$current"))
    return
  fi
  if ((sites)); then
    local dir
    for dir in sites/*/site.yaml; do
      [[ -e $dir ]] && dir=\${dir%/site.yaml} && words="$words \${dir#sites/}"
    done
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

/** After an option that takes a value, the value is completed, whatever the command. */
function valueCases(program: CompletionCommand): string {
  const byValue = new Map<string, Set<string>>()
  const walk = (command: CompletionCommand): void => {
    for (const option of command.options) {
      const value = reply(option)
      if (value === undefined) continue
      const flags = byValue.get(value) ?? new Set()
      byValue.set(value, flags)
      for (const flag of option.flags) flags.add(flag)
    }
    command.commands.forEach(walk)
  }
  walk(program)
  // A flag that means different things in different commands keeps the first meaning.
  const taken = new Set<string>()
  return [...byValue]
    .map(([value, flags]) => {
      const own = [...flags].filter(flag => !taken.has(flag))
      for (const flag of own) taken.add(flag)
      return own.length === 0 ? '' : `    ${own.join(' | ')}) ${value}; return ;;`
    })
    .filter(line => line !== '')
    .join('\n')
}

function reply({ value }: CompletionOption): string | undefined {
  switch (value?.kind) {
    case undefined:
      return undefined
    case 'path':
      return 'COMPREPLY=($(compgen -f -- "$current"))'
    case 'text':
      return ':'
    case 'choice':
      return `COMPREPLY=($(compgen -W ${quote(value.choices.join(' '))} -- "$current"))`
  }
}

function quote(text: string): string {
  return `'${text.replace(/'/g, `'\\''`)}'`
}
