/**
 * Folded block text (`>`) as go-yaml v3 reads it back after writing it. The two do not agree: behind every line that is
 * not indented further the writer puts an empty one whenever the text does not begin with a blank, so that lines which
 * are indented further gain an empty line before them, and a text that begins with one loses its line breaks.
 * go-yaml v3: yaml_emitter_write_folded_scalar, yaml_parser_scan_block_scalar.
 */

/** The text of a folded scalar after go-yaml has written and read it. Most stay as they are. */
export function refold(text: string): string {
  const first = text.indexOf('\n')
  // One line, with its break or without.
  if (first === -1 || (first === text.length - 1 && first > 0)) return text
  // Written in double quotes, which keep everything.
  if (text.endsWith(' ') || text.includes(' \n') || SPECIAL.test(text)) return text
  return read(write(text), text)
}

const SPECIAL = /[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]/

function isBlank(char: string | undefined): boolean {
  return char === ' ' || char === '\t'
}

/** The lines the writer prints, without their indentation. */
function write(text: string): string[] {
  const begin = text.search(/[^\n]/)
  const doubles = begin !== -1 && !isBlank(text[begin])
  const lines: string[] = []
  for (const line of text.split('\n')) {
    lines.push(line)
    if (doubles && line !== '' && !isBlank(line[0])) lines.push('')
  }
  // The last line has no break behind it that could be doubled.
  if (doubles && !text.endsWith('\n') && !isBlank(text.slice(text.lastIndexOf('\n') + 1)[0])) lines.pop()
  return lines
}

function read(lines: readonly string[], written: string): string {
  let out = ''
  let breaks = 0
  let begun = false
  let afterBlank = false
  for (const line of lines) {
    if (line === '') {
      breaks++
      continue
    }
    const blank = isBlank(line[0])
    if (begun) {
      if (afterBlank || blank) out += '\n'
      else if (breaks === 0) out += ' '
    }
    out += '\n'.repeat(breaks) + line
    breaks = 0
    begun = true
    afterBlank = blank
  }
  // The chomping that the writer notes down: "-", "+" where empty lines end the text, else one break is kept.
  if (!written.endsWith('\n')) return out
  const keeps = written === '\n' || written.endsWith('\n\n')
  if (!begun) return keeps ? '\n'.repeat(breaks - 1) : ''
  return keeps ? out + '\n'.repeat(breaks) : `${out}\n`
}
