/** Problems for people: errors and warnings on stderr, warnings folded to the terminal's width. */
import { type DecapodError, formatError } from '../errors.ts'
import type { Cli } from './cli.ts'
import { shown } from './shown.ts'

/** Prints an error with its place, source line, notes and hint. */
export function printError(cli: Cli, error: DecapodError): void {
  cli.stderr(`${folded(shown(formatError(error, cli.sourceLine, 'error')), cli)}\n`)
}

/** Prints a warning the same way. */
export function printWarning(cli: Cli, warning: DecapodError): void {
  cli.stderr(`${folded(shown(formatError(warning, cli.sourceLine, 'warning')), cli)}\n`)
}

/** Folded on a terminal; in logs, which are searched by line, as it is. */
export function folded(text: string, { terminal, columns }: Pick<Cli, 'terminal' | 'columns'>): string {
  return terminal ? fold(text, columns) : text
}

/** Folds long lines at blanks; what follows is indented. Lines of source (with a gutter) stay as they are. */
function fold(text: string, columns: number): string {
  return text
    .split('\n')
    .flatMap(line => (line.length <= columns || /^ *\d* \| /.test(line) ? [line] : foldLine(line, columns)))
    .join('\n')
}

function foldLine(line: string, columns: number): string[] {
  const indent = /^ */.exec(line)![0]
  const lines: string[] = []
  let current = indent
  let started = false
  for (const word of line.slice(indent.length).split(' ')) {
    if (started && current.length + 1 + word.length > columns) {
      lines.push(current)
      current = `${indent}    ${word}`
    } else current = started ? `${current} ${word}` : current + word
    started = true
  }
  lines.push(current)
  return lines
}

/** A problem as data, for --json. */
export function problemData(error: DecapodError): object {
  return { code: error.code, message: error.message, at: error.at, hint: error.hint, notes: error.notes }
}

/** The plural of a count: "1 file", "2 files". */
export function count(n: number, noun: string): string {
  // toLocaleString loads the data of all languages, which takes longer than a small render.
  const grouped = String(n).replace(/\B(?=(\d{3})+$)/g, ',')
  return `${grouped} ${noun}${n === 1 ? '' : 's'}`
}
