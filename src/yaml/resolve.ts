/**
 * What a scalar is: the rules of go-yaml v2 (behind sigs.k8s.io/yaml: Helm) and v3 (kyaml: Kustomize).
 * go-yaml: resolve.go. The two differ in booleans only (`yes`, `on`, `y` are booleans in v2) and in signed `0o` octals.
 */

import { Buffer } from 'node:buffer'
import { parseFloat as parseGoFloat } from '../go/strconv.ts'
import { fromBytes, GoError } from '../go/value.ts'
import type { Dialect, YamlScalar } from './node.ts'

/** A scalar's type and value. Integers are bigint; a timestamp is its text in RFC 3339 form, as JSON prints time.Time. */
export type Resolved =
  | { tag: '!!null'; value: null }
  | { tag: '!!bool'; value: boolean }
  | { tag: '!!int'; value: bigint }
  | { tag: '!!float'; value: number }
  | { tag: '!!str' | '!!binary' | '!!timestamp' | '!!merge'; value: string }
  /** A tag go-yaml does not know; the text stays as it is. */
  | { tag: string; value: string }

type Plain = null | boolean | bigint | number | string

const V2_WORDS = new Map<string, Plain>()
const V3_WORDS = new Map<string, Plain>()
for (const [value, words] of [
  [true, 'true True TRUE'],
  [false, 'false False FALSE'],
  [null, '~ null Null NULL'],
  [Number.NaN, '.nan .NaN .NAN'],
  [Number.POSITIVE_INFINITY, '.inf .Inf .INF +.inf +.Inf +.INF'],
  [Number.NEGATIVE_INFINITY, '-.inf -.Inf -.INF'],
] as const) {
  for (const word of words.split(' ')) {
    V2_WORDS.set(word, value)
    V3_WORDS.set(word, value)
  }
}
for (const word of 'y Y yes Yes YES on On ON'.split(' ')) V2_WORDS.set(word, true)
for (const word of 'n N no No NO off Off OFF'.split(' ')) V2_WORDS.set(word, false)

/** By first character: 0 can only be a string, 1 may be a word, 2 a number or date, 3 a float or word. */
const HINTS = new Uint8Array(128)
for (const c of 'yYnNtTfFoO~') HINTS[c.charCodeAt(0)] = 1
for (const c of '+-0123456789') HINTS[c.charCodeAt(0)] = 2
HINTS[0x2e] = 3

/** Whether a plain scalar starting with this character may be anything but a string. */
export function mayResolve(c: number): boolean {
  return c < 128 && HINTS[c] !== 0
}

/** Whether text is one of the words that go-yaml v2, or v3, takes for a boolean, null or a float. */
export function isWord(text: string): boolean {
  return V2_WORDS.has(text)
}

const INT = /^[-+]?(?:0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|0[0-7]*|[1-9][0-9]*)$/
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/
const MAX_INT64 = (1n << 63n) - 1n
const MIN_INT64 = -(1n << 63n)
const MAX_UINT64 = (1n << 64n) - 1n

/** The value of a plain scalar without a tag; dates stay text (see isTimestamp). */
export function resolvePlain(text: string, dialect: Dialect): Plain {
  if (text === '') return null
  const c = text.charCodeAt(0)
  const hint = c < 128 ? HINTS[c]! : 0
  if (hint === 0) return text
  if (hint === 2) return resolveNumber(text, dialect === 'v3')
  const words = dialect === 'v3' ? V3_WORDS : V2_WORDS
  const word = words.get(text)
  if (word !== undefined) return word
  if (hint === 3) return pointFloat(text)
  return text
}

function pointFloat(text: string): Plain {
  const second = text.charCodeAt(1)
  if (!((second >= 0x30 && second <= 0x39) || second === 0x5f)) return text
  try {
    return parseGoFloat(text)
  } catch {
    return text
  }
}

/**
 * Text that starts with a digit or sign: an integer of up to 64 bits, a float, an infinity, or just text. Integers that
 * a double holds come as bigint too.
 */
function resolveNumber(text: string, v3: boolean): Plain {
  const last = text.charCodeAt(text.length - 1)
  // Ends in no character a number can end in: the common case of versions, quantities and dates is text.
  if (!((last >= 0x30 && last <= 0x39) || last === 0x2e || last === 0x5f || isLetterOfNumber(last))) return text
  const word = V3_WORDS.get(text)
  if (word !== undefined) return word
  const plain = text.includes('_') ? text.replaceAll('_', '') : text
  if (INT.test(plain)) {
    const value = parseBig(plain)
    if (value >= MIN_INT64 && value <= MAX_INT64) return value
    const signed = plain[0] === '-' || plain[0] === '+'
    if (!signed && value <= MAX_UINT64) return value
  }
  if (FLOAT.test(plain)) {
    const value = Number(plain)
    return Number.isFinite(value) ? value : text
  }
  // go-yaml strips the prefix and lets the number behind it have a sign of its own.
  const odd = /^(?:0b([-+][01]+)|0o([-+][0-7]+))$/.exec(plain)
  if (odd !== null && (odd[1] !== undefined || v3)) {
    const digits = (odd[1] ?? odd[2])!
    const value = parseBig(digits[0] + (odd[1] !== undefined ? '0b' : '0o') + digits.slice(1))
    if (value >= MIN_INT64 && value <= MAX_INT64) return value
  }
  return text
}

/** Hexadecimal digits, the `f` of `.inf` and the `N` of `.NaN` among them. */
function isLetterOfNumber(c: number): boolean {
  return (c >= 0x41 && c <= 0x46) || (c >= 0x61 && c <= 0x66)
}

function parseBig(text: string): bigint {
  const negative = text[0] === '-'
  let digits = negative || text[0] === '+' ? text.slice(1) : text
  if (digits.length > 1 && digits[0] === '0') {
    const mark = digits[1]!
    digits = mark >= '0' && mark <= '9' ? `0o${digits.slice(1)}` : digits.toLowerCase()
  }
  // 64 bits have at most 64 binary digits; more cannot be in range and need not be computed.
  if (digits.length > 70) {
    const significant = digits.replace(/^0[xob]?0*/, '')
    if (significant.length > 64) return MAX_UINT64 + 1n
  }
  const value = BigInt(digits)
  return negative ? -value : value
}

/**
 * The value of a plain scalar as sigs.k8s.io/yaml gives it: as resolvePlain for v2, with integers as doubles (what
 * encoding/json makes of every number). Written for speed: most scalars are text or short decimal integers.
 */
export function resolveSigs(text: string): null | boolean | number | string {
  if (text === '') return null
  const c = text.charCodeAt(0)
  const hint = c < 128 ? HINTS[c]! : 0
  if (hint === 0) return text
  if (hint === 2) {
    if (text.length < 16) {
      if (c === 0x30 && text.length === 1) return 0
      if (c !== 0x30 && c >= 0x30) {
        let n = 0
        let i = 0
        for (; i < text.length; i++) {
          const d = text.charCodeAt(i) - 0x30
          if (d < 0 || d > 9) break
          n = n * 10 + d
        }
        if (i === text.length) return n
      }
    }
    const value = resolveNumber(text, false)
    return typeof value === 'bigint' ? Number(value) : value
  }
  const word = V2_WORDS.get(text)
  if (word !== undefined) return word as null | boolean | number
  return hint === 3 ? (pointFloat(text) as number | string) : text
}

// ---------------------------------------------------------------------------------------------------------------------

const TIMESTAMP =
  /^(\d{4})-(\d\d?)-(\d\d?)(?:[Tt](\d\d?):(\d\d?):(\d\d?)(?:[.,](\d+))?(Z|[-+]\d\d:\d\d)| +(\d\d?):(\d\d?):(\d\d?)(?:[.,](\d+))?)?$/

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** The RFC 3339 form of a date or timestamp as go-yaml recognises it, or undefined. */
export function parseTimestamp(text: string): string | undefined {
  if (text.charCodeAt(4) !== 0x2d) return undefined
  const m = TIMESTAMP.exec(text)
  if (m === null) return undefined
  const year = Number(m[1])
  const month = Number(m[2])
  const day = Number(m[3])
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  if (month < 1 || month > 12 || day < 1 || day > (month === 2 && leap ? 29 : DAYS[month - 1]!)) return undefined
  const hour = Number(m[4] ?? m[9] ?? 0)
  const minute = Number(m[5] ?? m[10] ?? 0)
  const second = Number(m[6] ?? m[11] ?? 0)
  if (hour > 23 || minute > 59 || second > 59) return undefined
  let zone = m[8] ?? 'Z'
  if (zone !== 'Z') {
    if (Number(zone.slice(1, 3)) > 24 || Number(zone.slice(4)) > 60) return undefined
    if (zone.slice(1) === '00:00') zone = 'Z'
  }
  const fraction = (m[7] ?? m[12] ?? '').slice(0, 9).replace(/0+$/, '')
  const two = (n: number): string => String(n).padStart(2, '0')
  return `${m[1]}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}${fraction === '' ? '' : `.${fraction}`}${zone}`
}

/** Whether a string written plain would be read as something else; the writers quote it then. */
export function isPlainString(text: string, dialect: Dialect): boolean {
  if (typeof resolvePlain(text, dialect) !== 'string') return false
  // '<<' resolves to the merge tag in Go's table, but only for a first character that the table knows.
  return parseTimestamp(text) === undefined
}

/**
 * The type and value of a scalar under a dialect: its tag if it has one, else string when quoted, else by its text.
 * Throws GoError where go-yaml does: `cannot decode !!str \`x\` as a !!int`, invalid base64.
 */
export function resolveScalar(node: YamlScalar, dialect: Dialect): Resolved {
  const { value, style } = node
  let { tag } = node
  if (tag === '!') {
    // The non-specific tag: v2 leaves the text alone, v3 acts as if it were not there.
    if (dialect === 'sigs') return { tag: '!', value }
    tag = undefined
  }
  if (tag === undefined) {
    if (style !== 'plain') return { tag: '!!str', value }
    if (value === '<<') return { tag: dialect === 'v3' ? '!!merge' : '!!str', value }
    return withTag(value, dialect, true)
  }
  if (tag === '!!str') return { tag, value }
  if (tag === '!!binary') return { tag, value: decodeBinary(value) }
  if (!RESOLVABLE.has(tag)) return { tag, value }
  const found = withTag(value, dialect, tag === '!!timestamp')
  if (found.tag === tag) return found
  if (tag === '!!float' && found.tag === '!!int' && (found.value as bigint) <= MAX_INT64) {
    return { tag, value: Number(found.value) }
  }
  throw new GoError(`cannot decode ${found.tag} \`${value}\` as a ${tag}`)
}

const RESOLVABLE = new Set(['!!bool', '!!int', '!!float', '!!null', '!!timestamp'])

function withTag(text: string, dialect: Dialect, dates: boolean): Resolved {
  const value = resolvePlain(text, dialect)
  if (value === null) return { tag: '!!null', value }
  switch (typeof value) {
    case 'boolean':
      return { tag: '!!bool', value }
    case 'bigint':
      return { tag: '!!int', value }
    case 'number':
      return { tag: '!!float', value }
  }
  const time = dates ? parseTimestamp(text) : undefined
  return time === undefined ? { tag: '!!str', value: text } : { tag: '!!timestamp', value: time }
}

/** The bytes of !!binary as a Go string. encoding/base64 skips line breaks and nothing else. */
function decodeBinary(text: string): string {
  const plain = text.replace(/[\r\n]/g, '')
  if (plain.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(plain)) {
    throw new GoError('!!binary value contains invalid base64 data')
  }
  return fromBytes(Buffer.from(plain, 'base64'))
}
