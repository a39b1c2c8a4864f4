/**
 * How go-yaml writes a string: which style, which escapes, where it folds. v2's rules, which toYaml and Kustomize share.
 * go-yaml v2: stringv in encode.go; analyze_scalar, select_scalar_style and the write_*_scalar functions of emitterc.go.
 */

import { isPlainString, mayResolve, parseTimestamp } from './resolve.ts'

export type TextStyle = 'plain' | 'single' | 'double' | 'literal'

/** 1: harmless inside a plain scalar, wherever it stands. */
const HARMLESS = new Uint8Array(128)
for (let c = 0x21; c < 0x7f; c++) HARMLESS[c] = 1
HARMLESS[0x3a] = 0
HARMLESS[0x23] = 0

/** 1: cannot start a plain scalar. 2: cannot when a blank or nothing follows. */
const FIRST = new Uint8Array(128)
for (const c of '#,[]{}&*!|>\'"%@`') FIRST[c.charCodeAt(0)] = 1
for (const c of '?:-') FIRST[c.charCodeAt(0)] = 2

const SPACE = 0x20
const LF = 0x0a

function isBlankAt(s: string, i: number): boolean {
  const c = s.charCodeAt(i)
  return c === SPACE || c === 0x09
}

function isBreak(c: number): boolean {
  return c === LF || c === 0x0d || c === 0x85 || c === 0x2028 || c === 0x2029
}

/** Characters the emitter writes as they are; all others, those beyond the BMP included, force double quotes. */
function isPrintable(c: number): boolean {
  if (c < 0x7f) return c >= 0x20 || c === LF
  if (c < 0xa0) return false
  return !(c >= 0xd800 && c <= 0xdfff) && c !== 0xfeff && c < 0xfffe
}

const BASE60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/
const DECIMAL = /^[-+]?(?:\.[0-9]+|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?$/

/** Whether a string, written plain, stays a string for go-yaml v2, and is no base-60 number of YAML 1.1. */
export function staysString(s: string): boolean {
  if (s === '') return false
  if (!mayResolve(s.charCodeAt(0))) return true
  return isPlainString(s, 'sigs') && !(s.includes(':') && BASE60.test(s))
}

/**
 * Whether a string, written plain, stays a string for every YAML 1.1 and 1.2 reader: also for those that know `=` and
 * `<<`, and numbers larger than Go's.
 */
export function staysStringEverywhere(s: string): boolean {
  return staysString(s) && s !== '=' && s !== '<<' && !DECIMAL.test(s) && parseTimestamp(s) === undefined
}

/**
 * The style for a string. `simpleKey`: as a key on one line, where block styles cannot be. `tabs`: go-yaml v3 allows tabs
 * in literal blocks, v2 does not.
 */
export function chooseStyle(s: string, canBePlain: boolean, simpleKey: boolean, tabs = false): TextStyle {
  const n = s.length
  if (n === 0) return 'double'
  let plain = canBePlain
  let single = true
  let block = true
  let newline = false
  let breaks = false

  const first = s.charCodeAt(0)
  const hint = first < 128 ? FIRST[first]! : 0
  if (hint === 1 || (hint === 2 && (n === 1 || isBlankAt(s, 1)))) plain = false
  else if ((first === 0x2d || first === 0x2e) && (s.startsWith('---') || s.startsWith('...'))) plain = false

  let previousSpace = false
  let previousBreak = false
  for (let i = 0; i < n; i++) {
    const c = s.charCodeAt(i)
    if (c < 128 && HARMLESS[c] === 1) {
      previousSpace = false
      previousBreak = false
      continue
    }
    if (c === SPACE) {
      if (i === 0) plain = false
      if (i === n - 1) {
        plain = false
        block = false
      }
      if (previousBreak) {
        plain = false
        single = false
      }
      previousSpace = true
      previousBreak = false
      continue
    }
    if (c === 0x3a) {
      if (i > 0 && (i === n - 1 || isBlankAt(s, i + 1))) plain = false
    } else if (c === 0x23) {
      if (i > 0) {
        const before = s.charCodeAt(i - 1)
        if (before === SPACE || before === 0x09 || isBreak(before)) plain = false
      }
    } else if (!isPrintable(c)) {
      plain = false
      single = false
      if (!tabs || c !== 0x09) block = false
    }
    if (isBreak(c)) {
      if (c === LF) newline = true
      breaks = true
      plain = false
      if (previousSpace) {
        single = false
        block = false
      }
      previousBreak = true
    } else previousBreak = false
    previousSpace = false
  }
  if (simpleKey && breaks) return 'double'
  if (newline) return block && !simpleKey ? 'literal' : 'double'
  if (plain) return 'plain'
  // What would be read as something else is double quoted from the start.
  if (!canBePlain) return 'double'
  return single ? 'single' : 'double'
}

/**
 * A string that is a value, and the end of its line: it starts in `column`, in a collection that is indented by `indent`.
 * `stays` says which strings may be written plain.
 */
export function stringText(
  s: string,
  column: number,
  indent: number,
  width: number,
  stays: (s: string) => boolean,
): string {
  const style = chooseStyle(s, stays(s), false)
  if (style === 'literal') return literalText(s, indent + 2)
  if (style === 'plain' && column + s.length <= width) return `${s}\n`
  return `${scalarText(s, style, column, indent + 2, width)}\n`
}

/** Whether a string has characters that break lines: such a key cannot stand on one line. */
export function isMultiline(s: string): boolean {
  return /[\n\r\x85\u2028\u2029]/.test(s)
}

/**
 * The text of a plain or quoted scalar that starts in `column`; where it folds, lines go on at `indent`. A width of
 * Infinity, and every simple key, does not fold.
 */
export function scalarText(
  s: string,
  style: 'plain' | 'single' | 'double',
  column: number,
  indent: number,
  width: number,
): string {
  if (style === 'double') return doubleQuoted(s, column, indent, width)
  const fits = column + s.length + 2 <= width
  if (style === 'plain') return fits || !s.includes(' ') ? s : folded(s, column, indent, width, false)
  if (fits && !/[\u2028\u2029]/.test(s)) return `'${s.includes("'") ? s.replaceAll("'", "''") : s}'`
  return `'${folded(s, column + 1, indent, width, true)}'`
}

/** Plain and single-quoted text: a single space past the width becomes a line break. */
function folded(s: string, start: number, indent: number, width: number, quoted: boolean): string {
  const pad = `\n${' '.repeat(indent)}`
  let out = ''
  let column = start
  let from = 0
  let spaces = false
  let breaks = false
  for (let i = 0; i < s.length; i++) {
    const c = s.charCodeAt(i)
    if (c === SPACE) {
      const inside = !quoted || (i > 0 && i < s.length - 1)
      if (!spaces && column > width && inside && s.charCodeAt(i + 1) !== SPACE) {
        out += s.slice(from, i) + pad
        from = i + 1
        column = indent
      } else column++
      spaces = true
    } else if (isBreak(c)) {
      out += s.slice(from, i + 1)
      from = i + 1
      column = 0
      breaks = true
    } else {
      if (breaks) {
        out += pad.slice(1 + column)
        column = Math.max(column, indent)
      }
      if (quoted && c === 0x27) {
        out += s.slice(from, i + 1)
        from = i
        column++
      }
      column++
      spaces = false
      breaks = false
    }
  }
  return out + s.slice(from)
}

const ESCAPES = new Map<number, string>([
  [0x00, '\\0'],
  [0x07, '\\a'],
  [0x08, '\\b'],
  [0x09, '\\t'],
  [0x0a, '\\n'],
  [0x0b, '\\v'],
  [0x0c, '\\f'],
  [0x0d, '\\r'],
  [0x1b, '\\e'],
  [0x22, '\\"'],
  [0x5c, '\\\\'],
  [0x85, '\\N'],
  [0xa0, '\\_'],
  [0x2028, '\\L'],
  [0x2029, '\\P'],
])

function doubleQuoted(s: string, start: number, indent: number, width: number): string {
  const pad = `\n${' '.repeat(indent)}`
  // go-yaml tests the start of the string for a byte order mark, not the place it stands at; then everything is escaped.
  const all = s.charCodeAt(0) === 0xfeff
  let out = '"'
  let column = start + 1
  let from = 0
  let spaces = false
  for (let i = 0; i < s.length; i++) {
    const c = s.charCodeAt(i)
    if (all || c === 0x22 || c === 0x5c || !isPrintable(c) || isBreak(c)) {
      out += s.slice(from, i)
      const code = s.codePointAt(i)!
      const escaped = ESCAPES.get(code) ?? hexEscape(code)
      out += escaped
      column += escaped.length
      if (code > 0xffff) i++
      from = i + 1
      spaces = false
    } else if (c === SPACE) {
      if (!spaces && column > width && i > 0 && i < s.length - 1) {
        out += s.slice(from, i) + pad
        column = indent
        if (s.charCodeAt(i + 1) === SPACE) {
          out += '\\'
          column++
        }
        from = i + 1
      } else column++
      spaces = true
    } else {
      column++
      spaces = false
    }
  }
  return `${out}${s.slice(from)}"`
}

function hexEscape(code: number): string {
  const hex = code.toString(16).toUpperCase()
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`
  if (code <= 0xffff) return `\\u${hex.padStart(4, '0')}`
  return `\\U${hex.padStart(8, '0')}`
}

const SEPARATOR = /[\u2028\u2029]/

/**
 * A literal block: its header and its lines at `indent`. Ends behind a line break, always: when the string has none at
 * its end, the caller's line ends here.
 */
export function literalText(s: string, indent: number): string {
  const first = s.charCodeAt(0)
  let header = first === SPACE || isBreak(first) ? '|2' : '|'
  const last = s.length - 1
  if (!isBreak(s.charCodeAt(last))) header += '-'
  else if (last === 0 || isBreak(s.charCodeAt(last - 1))) header += '+'
  const pad = ' '.repeat(indent)
  let out = `${header}\n`
  let from = 0
  while (from <= last) {
    let end = s.indexOf('\n', from)
    if (end === -1) end = last + 1
    if (end > from) {
      const line = s.slice(from, end)
      // The Unicode separators break lines too: what follows one is indented, they themselves are not.
      out += SEPARATOR.test(line) ? line.replace(/[^\u2028\u2029]+/g, part => pad + part) : pad + line
    }
    if (end <= last || !isBreak(s.charCodeAt(last))) out += '\n'
    from = end + 1
  }
  return out
}
