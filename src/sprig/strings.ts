/** Sprig's string functions (strings.go, functions.go, Masterminds/goutils). */
import { DecapodError } from '../errors.ts'
import { formatValue } from '../go/fmt.ts'
import { quote } from '../go/strconv.ts'
import { fits, maxStringLength, splitN, trim, trimSpace } from '../go/strings.ts'
import {
  isDigit,
  isLetter,
  isLower,
  isSpace,
  isTitle,
  isUpper,
  lowerRune,
  mapRunes,
  titleRune,
  toLower,
  toUpper,
  upperRune,
} from '../go/unicode.ts'
import { compareStrings, fn, GoError, type GoFunc, GoMap, GoSlice, type GoValue } from '../go/value.ts'
import { joinWords, pascalCase } from './case.ts'
import { fromByteString, slice, strval, toByteString } from './text.ts'

/** The functions of this chapter by name. */
export const strings: Readonly<Record<string, GoFunc>> = {
  abbrev: fn('(int, string) string', (width: bigint, s: string) => (width < 4n ? s : abbreviate(s, 0, Number(width)))),
  abbrevboth: fn('(int, int, string) string', (left: bigint, right: bigint, s: string) =>
    right < 4n || (left > 0n && right < 7n) ? s : abbreviate(s, Number(left), Number(right)),
  ),
  trunc: fn('(int, string) string', (length: bigint, s: string) => trunc(Number(length), s)),
  trim: fn('(string) string', trimSpace),
  upper: fn('(string) string', toUpper),
  lower: fn('(string) string', toLower),
  title: fn('(string) string', title),
  untitle: fn('(string) string', untitle),
  substr: fn('(int, int, string) string', (start: bigint, end: bigint, s: string) =>
    substring(Number(start), Number(end), s),
  ),
  repeat: fn('(int, string) string', (count: bigint, s: string) => repeat(s, Number(count))),
  trimall: fn('(string, string) string', (cutset: string, s: string) => trim(s, cutset)),
  trimAll: fn('(string, string) string', (cutset: string, s: string) => trim(s, cutset)),
  trimSuffix: fn('(string, string) string', (suffix: string, s: string) =>
    suffix === '' ? s : inBytes(s, suffix, (text, part) => (text.endsWith(part) ? text.slice(0, -part.length) : text)),
  ),
  trimPrefix: fn('(string, string) string', (prefix: string, s: string) =>
    inBytes(s, prefix, (text, part) => (text.startsWith(part) ? text.slice(part.length) : text)),
  ),
  nospace: fn('(string) string', nospace),
  initials: fn('(string) string', initials),
  swapcase: fn('(string) string', swapCase),
  snakecase: fn('(string) string', (s: string) => joinWords(s, '_')),
  camelcase: fn('(string) string', pascalCase),
  kebabcase: fn('(string) string', (s: string) => joinWords(s, '-')),
  wrap: fn('(int, string) string', (width: bigint, s: string) => wrap(s, Number(width), '\n', false)),
  wrapWith: fn('(int, string, string) string', (width: bigint, newline: string, s: string) =>
    wrap(s, Number(width), newline === '' ? '\n' : newline, true),
  ),
  contains: fn('(string, string) bool', (part: string, s: string) =>
    comparable(s, part).includes(comparable(part, part)),
  ),
  hasPrefix: fn('(string, string) bool', (prefix: string, s: string) =>
    comparable(s, prefix).startsWith(comparable(prefix, prefix)),
  ),
  hasSuffix: fn('(string, string) bool', (suffix: string, s: string) =>
    comparable(s, suffix).endsWith(comparable(suffix, suffix)),
  ),
  quote: fn('(...any) string', (...values: GoValue[]) =>
    values
      .filter(v => v !== null)
      .map(v => quote(strval(v)))
      .join(' '),
  ),
  squote: fn('(...any) string', (...values: GoValue[]) =>
    values
      .filter(v => v !== null)
      .map(v => `'${formatValue(v)}'`)
      .join(' '),
  ),
  cat: fn('(...any) string', (...values: GoValue[]) =>
    values
      .filter(v => v !== null)
      .map(formatValue)
      .join(' '),
  ),
  indent: fn('(int, string) string', (spaces: bigint, s: string) => indent(spaces, s)),
  nindent: fn('(int, string) string', (spaces: bigint, s: string) => `\n${indent(spaces, s)}`),
  replace: fn('(string, string, string) string', replace),
  plural: fn('(string, string, int) string', (one: string, many: string, count: bigint) => (count === 1n ? one : many)),
  toString: fn('(any) string', strval),
  split: fn('(string, string) strmap', (separator: string, s: string) => numbered(splitAt(s, separator, -1))),
  splitn: fn('(string, int, string) strmap', (separator: string, n: bigint, s: string) =>
    numbered(splitAt(s, separator, Number(n))),
  ),
  splitList: fn('(string, string) []string', (separator: string, s: string) =>
    GoSlice.make('string', splitAt(s, separator, -1)),
  ),
  toStrings: fn('(any) []string', (v: GoValue) => toStrings(v)),
  join: fn('(string, any) string', (separator: string, v: GoValue) => toStrings(v).join(separator)),
  sortAlpha: fn('(any) []string', sortAlpha),
}

/** goutils' AbbreviateFull: cuts to `width` bytes with "..." at the end and, from an offset above 4, at the start. */
function abbreviate(s: string, offset: number, width: number): string {
  const bytes = toByteString(s)
  if (bytes.length <= width) return s
  return fromByteString(abbreviateBytes(bytes, offset, width))
}

function abbreviateBytes(bytes: string, left: number, width: number): string {
  // A width too small is an error in goutils, which sprig drops together with the text.
  if (bytes === '' || width < 4) return ''
  if (bytes.length <= width) return bytes
  let offset = Math.min(left, bytes.length)
  if (bytes.length - offset < width - 3) offset = bytes.length - (width - 3)
  if (offset <= 4) return `${bytes.slice(0, width - 3)}...`
  if (width < 7) return ''
  if (offset + width - 3 < bytes.length) return `...${abbreviateBytes(bytes.slice(offset), 0, width - 3)}`
  return `...${bytes.slice(bytes.length - (width - 3))}`
}

/** At most `length` bytes from the start, or for a negative length from the end; may cut a character. */
function trunc(length: number, s: string): string {
  // No character has more than three bytes per UTF-16 unit.
  if (length >= 0 && s.length * 3 <= length) return s
  const bytes = toByteString(s)
  if (length < 0) return bytes.length + length > 0 ? fromByteString(bytes.slice(length)) : s
  return bytes.length > length ? fromByteString(bytes.slice(0, length)) : s
}

function substring(start: number, end: number, s: string): string {
  const bytes = toByteString(s)
  if (start < 0) return fromByteString(slice(bytes, 0, end))
  if (end < 0 || end > bytes.length) return fromByteString(slice(bytes, start))
  return fromByteString(slice(bytes, start, end))
}

/** strings.Repeat, with its panic; a result beyond any use is refused rather than attempted. */
function repeat(s: string, count: number): string {
  if (count < 0) throw new GoError('strings: negative Repeat count', true)
  if (s === '' || count === 0) return ''
  if (count <= maxStringLength && fits(s, count)) return s.repeat(count)
  throw new DecapodError('LIMIT_EXCEEDED', `a repeated string would be longer than ${maxStringLength} bytes`)
}

/** Bytes that are no rune by themselves: they may be a part of one elsewhere. */
const halves = /(?<![\ud800-\udbff])[\udc80-\udcff]/

/** A text in which `part` can be looked for: its bytes where that has halves of runes. */
function comparable(s: string, part: string): string {
  return halves.test(part) ? toByteString(s) : s
}

/** What `cut` makes of a text and a part of it, on their bytes where the part has halves of runes. */
function inBytes(s: string, part: string, cut: (s: string, part: string) => string): string {
  return halves.test(part) ? fromByteString(cut(toByteString(s), toByteString(part))) : cut(s, part)
}

/** strings.SplitN. */
function splitAt(s: string, separator: string, n: number): string[] {
  if (!halves.test(separator)) return splitN(s, separator, n)
  return splitN(toByteString(s), toByteString(separator), n).map(fromByteString)
}

const pads: readonly string[] = Array.from({ length: 65 }, (_, n) => ' '.repeat(n))

/** Blanks in front of every line, empty ones too. */
function indent(spaces: bigint, s: string): string {
  const count = Number(spaces)
  const pad = pads[count] ?? repeat(' ', count)
  if (!s.includes('\n')) return pad + s
  const lines = s.split('\n')
  if (lines.length * pad.length > maxStringLength) {
    throw new DecapodError('LIMIT_EXCEEDED', `an indented string would be longer than ${maxStringLength} bytes`)
  }
  return pad + lines.join(`\n${pad}`)
}

/** strings.ReplaceAll; an empty `old` is found before every rune and at the end. */
function replace(old: string, by: string, s: string): string {
  const parts = old === '' ? ['', ...s, ''] : splitAt(s, old, -1)
  if (parts.length * by.length > maxStringLength) {
    throw new DecapodError('LIMIT_EXCEEDED', `a replaced string would be longer than ${maxStringLength} bytes`)
  }
  return parts.join(by)
}

/** strings.Title: title case for a letter after what is neither letter, digit nor underscore. */
function title(s: string): string {
  let separated = true
  return mapRunes(s, rune => {
    const out = separated ? titleRune(rune) : rune
    separated = isTitleSeparator(rune)
    return out
  })
}

function isTitleSeparator(rune: string): boolean {
  if (rune.codePointAt(0)! < 0x80) return !/[0-9A-Za-z_]/.test(rune)
  return !isLetter(rune) && !isDigit(rune) && isSpace(rune)
}

/** goutils' Uncapitalize: the first letter of every blank-separated word in lower case. */
function untitle(s: string): string {
  let first = true
  return mapRunes(s, rune => {
    if (isSpace(rune)) {
      first = true
      return rune
    }
    const out = first ? lowerRune(rune) : rune
    first = false
    return out
  })
}

/** goutils' SwapCase: lower case at the start of a word becomes title case. */
function swapCase(s: string): string {
  let blank = true
  return mapRunes(s, rune => {
    if (isUpper(rune) || isTitle(rune)) {
      blank = false
      return lowerRune(rune)
    }
    if (isLower(rune)) {
      const out = blank ? titleRune(rune) : upperRune(rune)
      blank = false
      return out
    }
    blank = isSpace(rune)
    return rune
  })
}

/** goutils' DeleteWhiteSpace. It takes bytes for runes, so a text that loses a blank also loses its encoding. */
function nospace(s: string): string {
  const bytes = toByteString(s)
  const kept = bytes.replace(/[\t\n\v\f\r \x85\xa0]+/g, '')
  return kept.length === bytes.length ? s : kept
}

/** goutils' Initials: the first byte, taken for a rune, of every blank-separated word. */
function initials(s: string): string {
  return toByteString(s)
    .split(/[\t\n\v\f\r \x85\xa0]+/)
    .map(word => word.charAt(0))
    .join('')
}

/** goutils' WrapCustom: breaks at blanks so that lines have at most `width` bytes; long words only when told. */
function wrap(s: string, wrapWidth: number, newline: string, wrapLongWords: boolean): string {
  const text = toByteString(s)
  const separator = toByteString(newline)
  const width = Math.max(1, wrapWidth)
  const lines: string[] = []
  let at = 0
  while (text.length - at > width) {
    if (text[at] === ' ') {
      at++
      continue
    }
    const blank = text.slice(at, at + width + 1).lastIndexOf(' ')
    if (blank >= 0) {
      lines.push(text.slice(at, at + blank))
      at += blank + 1
    } else if (wrapLongWords) {
      lines.push(text.slice(at, at + width))
      at += width
    } else {
      const end = text.indexOf(' ', at + width)
      if (end < 0) break
      lines.push(text.slice(at, end))
      at = end + 1
    }
  }
  lines.push(text.slice(at))
  return fromByteString(lines.join(separator))
}

/** `{_0: …, _1: …}`, as map[string]string. */
function numbered(parts: readonly string[]): GoMap {
  return new GoMap(
    'map[string]string',
    'string',
    parts.map((part, i) => [`_${i}`, part] as const),
  )
}

/** The elements of a list as strings, without nils; one string for anything else, none for nil. */
export function toStrings(v: GoValue): GoSlice {
  if (v instanceof GoSlice && v.elem === 'string') return v
  if (v === null) return GoSlice.make('string', [])
  if (v instanceof Uint8Array) return GoSlice.make('string', Array.from(v, String))
  if (!Array.isArray(v)) return GoSlice.make('string', [strval(v)])
  return GoSlice.make('string', (v as readonly GoValue[]).filter(item => item !== null).map(strval))
}

/** Sorts by bytes. A []string is sorted in place, as Go does; other lists are copied on the way. */
function sortAlpha(v: GoValue): GoSlice {
  if (!Array.isArray(v) && !(v instanceof Uint8Array)) return GoSlice.make('string', [strval(v)])
  const list = toStrings(v)
  ;(list as unknown as string[]).sort(compareStrings)
  return list
}
