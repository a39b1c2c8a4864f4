/** Texts of others on a terminal: what charts write into errors and warnings is theirs to choose. */

/** Longer messages are cut in the middle: a template can fail with all it has rendered. */
const longest = 20_000
const begin = 16_000
const end = 2000

/** What moves the cursor, colours, renames the window or turns the order of the text; line breaks and tabs may stay. */
const control = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/** A message as it is shown: no control characters but line breaks and tabs, and at most about 18,000 characters. */
export function shown(text: string): string {
  const short = text.length <= longest ? text : cut(text)
  return short.replaceAll('\r\n', '\n').replace(control, escaped)
}

function cut(text: string): string {
  const left = text.length - begin - end
  return `${text.slice(0, begin)}\n… ${left} characters are left out here …\n${text.slice(-end)}`
}

function escaped(char: string): string {
  const code = char.charCodeAt(0).toString(16)
  return code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`
}
