/** Lines of Helm's log: Go's package log in Helm 3, log/slog in Helm 4 (text_handler.go). */
import { quote } from '../go/strconv.ts'
import type { Semantics } from './semantics.ts'

/** A message with its attributes, as the text handler writes them behind its own: `message key=value key="a value"`. */
export function logLine(message: string, attributes: Readonly<Record<string, string>>): string {
  let line = message
  for (const [key, value] of Object.entries(attributes)) line += ` ${key}=${needsQuotes(value) ? quote(value) : value}`
  return line
}

function needsQuotes(value: string): boolean {
  return (
    value === '' ||
    /[\s="]|[^\P{ASCII}\x20-\x7e]|\ufffd/u.test(value) ||
    quote(value).slice(1, -1).replaceAll('\\\\', '\\') !== value
  )
}

/** What Helm says of a link in a chart's directory (sympath/walk.go). */
export function linkWarning(path: string, resolved: string, semantics: Semantics): string {
  return semantics === 3
    ? `found symbolic link in path: ${path} resolves to ${resolved}. Contents of linked file included and used`
    : logLine('found symbolic link in path. Contents of linked file included and used', { path, resolved })
}

/** Where Helm 3.22 says what, for its log names the file and line of each call. What it prints without its log has none. */
const callers: readonly (readonly [start: string, caller: string])[] = [
  ['warning: skipping globals because destination', 'coalesce.go:138'],
  ['warning: skipping globals because source', 'coalesce.go:145'],
  ['Conflict: cannot merge map', 'coalesce.go:161'],
  ['key ', 'coalesce.go:175'],
  ['warning: skipped value for', 'coalesce.go:237'],
  ['warning: cannot overwrite table', 'coalesce.go:316'],
  ['warning: destination for', 'coalesce.go:319'],
  ['Warning: Condition path', 'dependencies.go:64'],
  ['Warning: Tag ', 'dependencies.go:95'],
  ['Warning: ImportValues missing table from chart', 'dependencies.go:270'],
  ['Warning: ImportValues missing table:', 'dependencies.go:287'],
  ['WARNING: unresolved URN', 'jsonschema.go:192'],
  ['Warning: Dependencies are handled', 'load.go:120'],
  ['Warning: Dependency locking', 'load.go:138'],
  ['info: skipping unknown hook', 'manifest_sorter.go:199'],
  ['found symbolic link in path', 'walk.go:75'],
]

/** Messages that Helm 4 gives a level and attributes. All others come from package log, and so are one text of level INFO. */
const levels: readonly (readonly [message: string, level: string])[] = [
  ['this chart is deprecated', 'WARN'],
  ['returned non-bool value', 'WARN'],
  ['ImportValues missing table from chart', 'WARN'],
  ['ImportValues missing table', 'WARN'],
  ['unresolved URN reference ignored; using permissive schema', 'WARN'],
  ['skipping unknown hooks', 'INFO'],
  ['found symbolic link in path. Contents of linked file included and used', 'INFO'],
]

/** A warning of a render as the helm of a major prints it on standard error. */
export function loggedLine(warning: string, semantics: Semantics): string {
  if (semantics === 3) {
    const caller = callers.find(([start]) => warning.startsWith(start))?.[1]
    return caller === undefined ? warning : `${caller}: ${warning}`
  }
  const known = levels.find(([message]) => warning === message || warning.startsWith(`${message} `))
  if (known === undefined) return `level=INFO msg=${quote(warning)}`
  const [message, level] = known
  return `level=${level} msg=${quote(message)}${warning.slice(message.length)}`
}

/** What Helm 4 logs at a level of itself before it goes on or fails. */
export function leveled(
  level: 'WARN' | 'ERROR',
  message: string,
  attributes: Readonly<Record<string, string>> = {},
): string {
  return `level=${level} msg=${quote(message)}${logLine('', attributes)}`
}

/** The line that Helm 4 logs before it prints the same failure (install.go); undefined where it logs none. */
export function failureLine(message: string): string | undefined {
  const what = ['chart dependencies processing failed', 'release name check failed'].find(w =>
    message.startsWith(`${w}: `),
  )
  return what === undefined ? undefined : leveled('ERROR', what, { error: message.slice(what.length + 2) })
}
