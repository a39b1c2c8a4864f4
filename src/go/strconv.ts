/** Go's package strconv: texts of numbers, booleans and quoted strings, and the errors of reading them. */

import { fromBytes, GoError } from './value.ts'

/** The error strconv's functions return: `strconv.ParseInt: parsing "x": invalid syntax`. */
function numError(fn: string, text: string, reason: string): GoError {
  return new GoError(`strconv.${fn}: parsing ${quote(text)}: ${reason}`)
}

const SYNTAX = 'invalid syntax'
const RANGE = 'value out of range'

// ---------------------------------------------------------------------------------------------------------------------
// Quoting

const PLAIN_ASCII = /^[ !#-[\]-~]*$/
/** unicode.IsPrint: letters, marks, numbers, punctuation, symbols and the ASCII space. */
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
}

/** Whether unicode.IsPrint holds for a code point. */
export function isPrint(rune: number): boolean {
  if (rune < 0x7f) return rune >= 0x20
  return PRINTABLE.test(String.fromCodePoint(rune))
}

/** strconv.Quote: a Go string literal in double quotes. */
export function quote(s: string): string {
  return PLAIN_ASCII.test(s) ? `"${s}"` : quoteWith(s, '"', false)
}

/** strconv.QuoteToASCII: as quote, with everything beyond ASCII escaped. */
export function quoteToAscii(s: string): string {
  return PLAIN_ASCII.test(s) ? `"${s}"` : quoteWith(s, '"', true)
}

/** strconv.QuoteRune: a Go character literal; what is no valid code point is quoted as U+FFFD. */
export function quoteRune(rune: number): string {
  return quoteRuneWith(rune, false)
}

/** strconv.QuoteRuneToASCII. */
export function quoteRuneToAscii(rune: number): string {
  return quoteRuneWith(rune, true)
}

function quoteRuneWith(rune: number, ascii: boolean): string {
  const valid = rune >= 0 && rune <= 0x10ffff && !(rune >= 0xd800 && rune <= 0xdfff)
  return quoteWith(String.fromCodePoint(valid ? rune : 0xfffd), "'", ascii)
}

function quoteWith(s: string, mark: string, ascii: boolean): string {
  let out = mark
  for (const ch of s) {
    const c = ch.codePointAt(0)!
    if (ch === mark || ch === '\\') out += `\\${ch}`
    else if (c >= 0x20 && c < 0x7f) out += ch
    else if (c >= 0xdc80 && c <= 0xdcff) out += `\\x${(c - 0xdc00).toString(16)}`
    else if (SHORT_ESCAPES[ch] !== undefined) out += SHORT_ESCAPES[ch]
    else if (c < 0x20 || c === 0x7f) out += `\\x${hex(c, 2)}`
    else if (!ascii && PRINTABLE.test(ch)) out += ch
    else if (c < 0x10000) out += `\\u${hex(c >= 0xd800 && c <= 0xdfff ? 0xfffd : c, 4)}`
    else out += `\\U${hex(c, 8)}`
  }
  return out + mark
}

function hex(n: number, width: number): string {
  return n.toString(16).padStart(width, '0')
}

/** strconv.CanBackquote: whether a string can stand between backquotes, without control characters other than tab. */
export function canBackquote(s: string): boolean {
  return !/[\x00-\x08\x0a-\x1f`\x7f\ufeff\ud800-\udfff]/.test(s.replace(/[\ud800-\udbff][\udc00-\udfff]/g, ''))
}

/**
 * strconv.Unquote: the string that a Go literal in double quotes, backquotes or (one character) single quotes stands
 * for. Throws GoError "invalid syntax".
 */
export function unquote(literal: string): string {
  const mark = literal[0]
  if (literal.length < 2 || mark === undefined || !'"`\''.includes(mark) || literal.at(-1) !== mark) {
    throw new GoError(SYNTAX)
  }
  const body = literal.slice(1, -1)
  if (mark === '`') {
    if (body.includes('`')) throw new GoError(SYNTAX)
    return body.replace(/\r/g, '')
  }
  if (body.includes('\n')) throw new GoError(SYNTAX)
  // Bytes of the source that are no UTF-8 become U+FFFD, one each; backquotes keep them.
  const out = unescapeLiteral(body.replace(/[\udc80-\udcff]/gu, '\ufffd'), mark)
  // Go accepts '' too, by oversight.
  if (mark === "'" && !(out.length <= 1 || (out.length === 2 && out.codePointAt(0)! > 0xffff)))
    throw new GoError(SYNTAX)
  return out
}

const UNESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
}

function unescapeLiteral(body: string, mark: string): string {
  if (!body.includes('\\')) {
    if (body.includes(mark)) throw new GoError(SYNTAX)
    return body
  }
  let out = ''
  let bytes = false
  for (let i = 0; i < body.length; i++) {
    const ch = body[i]!
    if (ch === mark) throw new GoError(SYNTAX)
    if (ch !== '\\') {
      out += ch
      continue
    }
    const e = body[++i]
    if (e === undefined) throw new GoError(SYNTAX)
    const short = UNESCAPES[e]
    if (short !== undefined) {
      out += short
    } else if (e === 'x' || e === 'u' || e === 'U') {
      const digits = body.slice(i + 1, i + 1 + (e === 'x' ? 2 : e === 'u' ? 4 : 8))
      if (digits.length < (e === 'x' ? 2 : e === 'u' ? 4 : 8) || !/^[0-9a-fA-F]+$/.test(digits)) {
        throw new GoError(SYNTAX)
      }
      i += digits.length
      const c = Number.parseInt(digits, 16)
      if (e === 'x') {
        // A byte, which in double quotes may be part of a character and in single quotes is a code point.
        out += c < 0x80 || mark === "'" ? String.fromCharCode(c) : String.fromCharCode(0xdc00 + c)
        bytes ||= c >= 0x80 && mark !== "'"
      } else {
        if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) throw new GoError(SYNTAX)
        out += String.fromCodePoint(c)
      }
    } else if (e >= '0' && e <= '7') {
      const digits = body.slice(i, i + 3)
      if (!/^[0-7]{3}$/.test(digits)) throw new GoError(SYNTAX)
      i += 2
      const c = Number.parseInt(digits, 8)
      if (c > 255) throw new GoError(SYNTAX)
      out += c < 0x80 || mark === "'" ? String.fromCharCode(c) : String.fromCharCode(0xdc00 + c)
      bytes ||= c >= 0x80 && mark !== "'"
    } else if (e === mark) out += e
    else throw new GoError(SYNTAX)
  }
  return bytes ? joinBytes(out) : out
}

/** Runs of escaped bytes that together are valid UTF-8 become the characters they encode. */
function joinBytes(s: string): string {
  return s.replace(/[\udc80-\udcff]+/g, run => {
    const bytes = new Uint8Array(run.length)
    for (let i = 0; i < run.length; i++) bytes[i] = run.charCodeAt(i) - 0xdc00
    return fromBytes(bytes)
  })
}

// ---------------------------------------------------------------------------------------------------------------------
// Integers and booleans

type Parsed = { ok: true; value: bigint } | { ok: false; reason: string }

/**
 * strconv.ParseInt for base 0 (prefixes 0x 0o 0b 0, underscores) or 2 to 36; `bits` 0 means 64. Throws GoError with
 * Go's text for bad syntax and for values out of range.
 */
// biome-ignore lint/suspicious/noShadowRestrictedNames: the name in Go.
export function parseInt(s: string, base: number, bits: number): bigint {
  const neg = s[0] === '-'
  const body = neg || s[0] === '+' ? s.slice(1) : s
  const parsed = parseDigits(body, base, bits)
  if (!parsed.ok) throw numError('ParseInt', s, parsed.reason)
  const limit = 1n << BigInt((bits === 0 ? 64 : bits) - 1)
  if (neg ? parsed.value > limit : parsed.value >= limit) throw numError('ParseInt', s, RANGE)
  return neg ? -parsed.value : parsed.value
}

/** strconv.ParseUint: as parseInt, without a sign. */
export function parseUint(s: string, base: number, bits: number): bigint {
  const parsed = parseDigits(s, base, bits)
  if (!parsed.ok) throw numError('ParseUint', s, parsed.reason)
  return parsed.value
}

/** strconv.Atoi: a decimal int. */
export function atoi(s: string): bigint {
  try {
    return parseInt(s, 10, 64)
  } catch (error) {
    throw error instanceof GoError ? new GoError(error.message.replace('ParseInt', 'Atoi')) : error
  }
}

/** ParseUint's loop: reads digits until one is wrong or the number leaves `bits` bits, whichever comes first. */
function parseDigits(s: string, base: number, bits: number): Parsed {
  if (s === '') return { ok: false, reason: SYNTAX }
  if (base !== 0 && (base < 2 || base > 36)) return { ok: false, reason: `invalid base ${base}` }
  let radix = base
  let digits = s
  if (base === 0) {
    radix = 10
    if (s[0] === '0') {
      const mark = s.length >= 3 ? s[1]!.toLowerCase() : ''
      radix = mark === 'b' ? 2 : mark === 'x' ? 16 : 8
      digits = mark === 'b' || mark === 'o' || mark === 'x' ? s.slice(2) : s.slice(1)
    }
  }
  const limit = 1n << BigInt(bits === 0 ? 64 : bits)
  const big = BigInt(radix)
  let value = 0n
  let underscores = false
  // Digits are gathered in a double first: BigInt arithmetic is slow.
  let part = 0
  let scale = 1
  for (let i = 0; i < digits.length; i++) {
    const c = digits.charCodeAt(i)
    if (c === 0x5f && base === 0) {
      underscores = true
      continue
    }
    const digit = digitOf(c)
    if (digit >= radix) return { ok: false, reason: SYNTAX }
    part = part * radix + digit
    scale *= radix
    if (scale > 1e9 || i >= 10) {
      value = value * BigInt(scale) + BigInt(part)
      part = 0
      scale = 1
      if (value >= limit) return { ok: false, reason: RANGE }
    }
  }
  value = scale === 1 ? value : value * (scale === radix ? big : BigInt(scale)) + BigInt(part)
  if (value >= limit) return { ok: false, reason: RANGE }
  return underscores && !underscoresAllowed(s) ? { ok: false, reason: SYNTAX } : { ok: true, value }
}

function digitOf(c: number): number {
  if (c >= 0x30 && c <= 0x39) return c - 0x30
  if (c >= 0x41 && c <= 0x5a) return c - 0x41 + 10
  if (c >= 0x61 && c <= 0x7a) return c - 0x61 + 10
  return 99
}

/** Underscores must stand between digits, or between a base prefix and a digit. */
function underscoresAllowed(s: string): boolean {
  const body = s.replace(/^[-+]/, '')
  const prefix = /^0[box]/i.test(body)
  const isHex = prefix && (body[1] === 'x' || body[1] === 'X')
  const digit = isHex ? '[0-9a-fA-F]' : '[0-9]'
  const rest = prefix ? `0${body.slice(2)}` : body
  return !new RegExp(`_(?!${digit})|(?<!${digit})_`).test(rest)
}

/** strconv.ParseBool. Throws GoError for anything but 1 t T TRUE true True 0 f F FALSE false False. */
export function parseBool(s: string): boolean {
  switch (s) {
    case '1':
    case 't':
    case 'T':
    case 'true':
    case 'TRUE':
    case 'True':
      return true
    case '0':
    case 'f':
    case 'F':
    case 'false':
    case 'FALSE':
    case 'False':
      return false
  }
  throw numError('ParseBool', s, SYNTAX)
}

// ---------------------------------------------------------------------------------------------------------------------
// Floats

const DECIMAL_FLOAT = /^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?$/
const HEX_FLOAT = /^([-+]?)0[xX]([0-9a-fA-F]*)\.?([0-9a-fA-F]*)[pP]([-+]?[0-9]+)$/

/**
 * strconv.ParseFloat: decimal and hexadecimal floats, inf, infinity, nan (any case). Throws GoError for bad syntax and
 * for values out of range.
 */
// biome-ignore lint/suspicious/noShadowRestrictedNames: the name in Go.
export function parseFloat(s: string, bits = 64): number {
  const value = readFloat(s)
  if (value === undefined) throw numError('ParseFloat', s, SYNTAX)
  const rounded = bits === 32 ? Math.fround(value) : value
  if (!Number.isFinite(rounded) && /[0-9]/.test(s)) throw numError('ParseFloat', s, RANGE)
  return rounded
}

function readFloat(s: string): number | undefined {
  if (DECIMAL_FLOAT.test(s)) return Number(s)
  if (s.includes('_') && /[0-9]/.test(s)) {
    if (!underscoresAllowed(s)) return undefined
    const plain = s.replaceAll('_', '')
    return plain.includes('_') ? undefined : readFloat(plain)
  }
  const hexMatch = HEX_FLOAT.exec(s)
  if (hexMatch !== null) return hexFloat(hexMatch)
  switch (s.toLowerCase()) {
    case 'inf':
    case '+inf':
    case 'infinity':
    case '+infinity':
      return Number.POSITIVE_INFINITY
    case '-inf':
    case '-infinity':
      return Number.NEGATIVE_INFINITY
    case 'nan':
      return Number.NaN
  }
  return undefined
}

function hexFloat(match: RegExpExecArray): number | undefined {
  const [, sign = '', whole = '', fraction = '', power = '0'] = match
  if (whole === '' && fraction === '') return undefined
  const digits = (whole + fraction).replace(/^0+/, '')
  if (digits === '') return sign === '-' ? -0 : 0
  let mantissa = BigInt(`0x${digits}`)
  let exponent = Math.max(-100000, Math.min(100000, Number(power))) - 4 * fraction.length
  // Round to 53 bits (fewer below the smallest normal number), half to even, then scale exactly.
  const size = mantissa.toString(2).length
  const drop = Math.max(size - 53, -1074 - exponent)
  if (drop > size + 1) return sign === '-' ? -0 : 0
  if (drop > 0) {
    const rest = mantissa & ((1n << BigInt(drop)) - 1n)
    const half = 1n << BigInt(drop - 1)
    mantissa >>= BigInt(drop)
    if (rest > half || (rest === half && (mantissa & 1n) === 1n)) mantissa += 1n
    exponent += drop
  }
  let value = Number(mantissa)
  for (; exponent > 1000; exponent -= 1000) value *= 2 ** 1000
  for (; exponent < -1000; exponent += 1000) value *= 2 ** -1000
  value *= 2 ** exponent
  return sign === '-' ? -value : value
}

/** Decimal digits d1 d2 … and the place of the point before them: 0.d1d2… × 10^point. */
interface Decimal {
  digits: string
  point: number
}

/**
 * strconv.FormatFloat. `fmt` is one of e E f g G; `prec` digits after the point (e, f) or in all (g), -1 for the
 * fewest that read back as the same number; `bits` 32 for a float32.
 */
export function formatFloat(f: number, fmt: 'e' | 'f' | 'g' | 'E' | 'G', prec: number, bits = 64): string {
  if (bits === 32) f = Math.fround(f)
  if (Number.isNaN(f)) return 'NaN'
  if (f === Number.POSITIVE_INFINITY) return '+Inf'
  if (f === Number.NEGATIVE_INFINITY) return '-Inf'
  const sign = f < 0 || Object.is(f, -0) ? '-' : ''
  const abs = Math.abs(f)
  const lower = fmt.toLowerCase()
  const shortest = prec < 0
  let decimal: Decimal
  let places = prec
  if (shortest) {
    decimal = shortestDecimal(abs, bits)
    if (lower === 'e') places = decimal.digits.length - 1
    else if (lower === 'f') places = Math.max(decimal.digits.length - decimal.point, 0)
    else places = decimal.digits.length
  } else {
    if (lower === 'g' && places === 0) places = 1
    decimal = exactDecimal(abs)
    if (lower === 'e') decimal = roundDecimal(decimal, places + 1)
    else if (lower === 'f') decimal = roundDecimal(decimal, decimal.point + places)
    else decimal = roundDecimal(decimal, places)
  }
  let text: string
  if (lower === 'e') text = exponentForm(decimal, places)
  else if (lower === 'f') text = pointForm(decimal, places)
  else {
    let cut = places
    if (cut > decimal.digits.length && decimal.digits.length >= decimal.point) cut = decimal.digits.length
    if (shortest) cut = 6
    const exponent = decimal.point - 1
    if (decimal.digits !== '' && (exponent < -4 || exponent >= cut)) {
      text = exponentForm(decimal, Math.min(places, decimal.digits.length) - 1)
    } else {
      text = pointForm(decimal, Math.max(decimal.digits.length - decimal.point, 0))
    }
  }
  return sign + (fmt === 'E' || fmt === 'G' ? text.toUpperCase() : text)
}

function exponentForm({ digits, point }: Decimal, places: number): string {
  const all = digits.padEnd(places + 1, '0')
  const exponent = digits === '' ? 0 : point - 1
  const abs = Math.abs(exponent)
  const mantissa = places > 0 ? `${all[0]}.${all.slice(1, places + 1)}` : (all[0] ?? '0')
  return `${mantissa}e${exponent < 0 ? '-' : '+'}${abs < 10 ? '0' : ''}${abs}`
}

function pointForm({ digits, point }: Decimal, places: number): string {
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0'
  if (places <= 0) return whole
  const fraction = point >= 0 ? digits.slice(point) : '0'.repeat(-point) + digits
  return `${whole}.${fraction.slice(0, places).padEnd(places, '0')}`
}

function shortestDecimal(abs: number, bits: number): Decimal {
  if (abs === 0) return { digits: '', point: 0 }
  let text = abs.toExponential()
  if (bits === 32) {
    const single = Math.fround(abs)
    for (let n = 0; n <= 9; n++) {
      text = abs.toExponential(n)
      if (Math.fround(Number(text)) === single) break
    }
  }
  const e = text.indexOf('e')
  const digits = text.slice(0, e).replace('.', '').replace(/0+$/, '')
  return { digits, point: Number(text.slice(e + 1)) + 1 }
}

/** All digits of a float: doubles are dyadic fractions, so the expansion ends. */
function exactDecimal(abs: number): Decimal {
  if (abs === 0) return { digits: '', point: 0 }
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, abs)
  const raw = view.getBigUint64(0)
  const biased = Number(raw >> 52n)
  const fraction = raw & ((1n << 52n) - 1n)
  const mantissa = biased === 0 ? fraction : fraction | (1n << 52n)
  const exponent = (biased === 0 ? 1 : biased) - 1075
  let digits: string
  let point: number
  if (exponent >= 0) {
    digits = (mantissa << BigInt(exponent)).toString()
    point = digits.length
  } else {
    // m / 2^k = m × 5^k / 10^k
    digits = (mantissa * 5n ** BigInt(-exponent)).toString()
    point = digits.length + exponent
  }
  return { digits: digits.replace(/0+$/, ''), point }
}

/** Keeps `n` digits, rounding half to even. */
function roundDecimal(decimal: Decimal, n: number): Decimal {
  const { digits, point } = decimal
  if (n >= digits.length) return decimal
  if (n < 0) return { digits: '', point: 0 }
  const next = digits.charCodeAt(n) - 0x30
  const odd = n > 0 && (digits.charCodeAt(n - 1) & 1) === 1
  const up = next > 5 || (next === 5 && (digits.length > n + 1 || odd))
  let kept = digits.slice(0, n)
  if (!up) {
    kept = kept.replace(/0+$/, '')
    return kept === '' ? { digits: '', point: 0 } : { digits: kept, point }
  }
  kept = kept.replace(/9+$/, '')
  if (kept === '') return { digits: '1', point: point + 1 }
  const last = kept.length - 1
  return { digits: kept.slice(0, last) + String.fromCharCode(kept.charCodeAt(last) + 1), point }
}
