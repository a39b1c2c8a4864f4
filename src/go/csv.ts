/** The first record of a text of comma-separated values (encoding/csv, Reader.Read). */
import { GoError } from './value.ts'

/**
 * Reads one record; blank lines before it are passed over. Throws GoError with Go's text: EOF where there is none, and
 * a parse error with line and column, which counts bytes, for a quote that stands where none may.
 */
export function readCsvRecord(text: string): string[] {
  const lines = text.replaceAll('\r\n', '\n').match(/[^\n]*\n|[^\n]+$/g) ?? []
  let number = lines.findIndex(line => line !== '\n')
  if (number === -1) throw new GoError('EOF')
  const start = number + 1
  const fail = (line: number, column: number, what: string): GoError => {
    const place =
      start === line ? `parse error on line ${line}` : `record on line ${start}; parse error on line ${line}`
    return new GoError(`${place}, column ${column}: ${what}`)
  }
  const fields: string[] = []
  let line = lines[number]!
  let at = 0
  const column = (): number => Buffer.byteLength(line.slice(0, at)) + 1
  for (;;) {
    if (line[at] !== '"') {
      const comma = line.indexOf(',', at)
      const field = comma === -1 ? line.slice(at).replace(/\n$/, '') : line.slice(at, comma)
      const quote = field.indexOf('"')
      if (quote !== -1) {
        at += quote
        throw fail(number + 1, column(), 'bare " in non-quoted-field')
      }
      fields.push(field)
      if (comma === -1) return fields
      at = comma + 1
      continue
    }
    at++
    let field = ''
    for (;;) {
      const quote = line.indexOf('"', at)
      if (quote === -1) {
        // The field goes on in the next line, or ends the text unclosed.
        field += line.slice(at)
        at = line.length
        if (lines[number + 1] === undefined) throw fail(number + 1, column(), 'extraneous or missing " in quoted-field')
        line = lines[++number]!
        at = 0
        continue
      }
      field += line.slice(at, quote)
      at = quote + 1
      if (line[at] === '"') {
        field += '"'
        at++
      } else break
    }
    fields.push(field)
    if (at === line.length || line.slice(at) === '\n') return fields
    if (line[at] !== ',') {
      at--
      throw fail(number + 1, column(), 'extraneous or missing " in quoted-field')
    }
    at++
  }
}
