/** Lines of Helm 4's log (Go's log/slog, text_handler.go). */
import { quote } from '../go/strconv.ts'

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
