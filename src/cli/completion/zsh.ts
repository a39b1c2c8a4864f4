/** Completion for zsh: one function per command, with descriptions. */
import type { CompletionCommand, CompletionOption } from './tree.ts'

/** The script for `program` with options every command takes. */
export function zshCompletion(program: CompletionCommand): string {
  const functions: string[] = []
  const walk = (command: CompletionCommand, name: string): void => {
    const options = command === program ? program.options : [...command.options, ...program.options]
    const specs = options.map(spec)
    if (command.commands.length === 0) {
      functions.push(`${name}() {\n  _arguments -s ${[...specs, argumentSpec(command)].join(' \\\n    ')}\n}`)
      return
    }
    const list = command.commands.map(sub => `    ${quote(`${sub.name}:${sub.summary.replace(/:/g, '\\:')}`)}`)
    const calls = command.commands.map(sub => `      ${quote(sub.name)}) ${name}_${sub.name} ;;`)
    functions.push(`${name}() {
  local -a commands=(
${list.join('\n')}
  )
  local line state${command === program ? `\n  local -a _decapod_line=("\${(@)words[1,CURRENT]}")` : ''}
  _arguments -s -C ${[...specs, "'1: :->command'", "'*:: :->rest'"].join(' \\\n    ')}
  case $state in
    command) _describe -t commands command commands ;;
    rest)
      case $line[1] in
${calls.map(call => `  ${call}`).join('\n')}
      esac ;;
  esac
}`)
    for (const sub of command.commands) walk(sub, `${name}_${sub.name}`)
  }
  walk(program, `_${program.name}`)
  return `#compdef ${program.name}
# zsh completion for ${program.name}. Use it with: source <(${program.name} completion zsh)
# Only the workspace knows its sites and apps. The words of the whole line: _arguments cuts them at the subcommand.
_${program.name}_words() {
  local -a found=(\${(f)"$(\${_${program.name}_line[1]} completion --words -- \${(@)_${program.name}_line[2,-2]} "$PREFIX" 2>/dev/null)"})
  compadd -a found
}
_${program.name}_sites() {
  local -a found=(\${(f)"$(\${_${program.name}_line[1]} completion --words -- commit '' 2>/dev/null)"})
  compadd -a found
}
${functions.join('\n')}
compdef _${program.name} ${program.name}
`
}

function argumentSpec({ takes }: CompletionCommand): string {
  const parts = [
    takes.words.length > 0 ? `(${takes.words.join(' ')})` : undefined,
    takes.workspace ? '_decapod_words' : undefined,
    takes.paths ? '_files' : undefined,
  ].filter(part => part !== undefined)
  const [first] = parts
  if (first === undefined) return "'*: :'"
  if (parts.length === 1) return quote(`*: :${first}`)
  const alternatives = parts.map((part, i) => `"a${i}:argument:${part}"`)
  // The blank before it keeps _arguments from adding options of its own.
  return quote(`*: : _alternative ${alternatives.join(' ')}`)
}

function spec(option: CompletionOption): string {
  const summary = option.summary.replace(/[[\]]/g, '\\$&').replace(/:/g, '\\:')
  const value = option.value === undefined ? '' : `:value:${action(option.value)}`
  const [long, short] = option.flags
  if (short === undefined) return quote(`${long}[${summary}]${value}`)
  return `${quote(`(${long} ${short})`)}{${long},${short}}${quote(`[${summary}]${value}`)}`
}

function action(value: NonNullable<CompletionOption['value']>): string {
  switch (value.kind) {
    case 'path':
      return '_files'
    case 'site':
      return '_decapod_sites'
    case 'text':
      return ' '
    case 'choice':
      return `(${value.choices.join(' ')})`
  }
}

function quote(text: string): string {
  return `'${text.replace(/'/g, `'\\''`)}'`
}
