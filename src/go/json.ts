/** Go's encoding/json: the same bytes out, the same values and errors in. */

import { Buffer } from 'node:buffer'
import { maxParts, tooManyParts } from './extent.ts'
import { quote } from './strconv.ts'
import {
  compareStrings,
  type GoDict,
  GoError,
  GoInt,
  GoMap,
  GoObject,
  GoSlice,
  type GoValue,
  toBytes,
} from './value.ts'

export interface JsonOptions {
  /** Whether < > & become \u003c \u003e \u0026, as in json.Marshal. */
  readonly escapeHtml: boolean
  /** Indentation of json.MarshalIndent; without it, no blanks at all. */
  readonly indent?: string
}

/** Deeper values are refused: Go stops at cycles only, we must not run out of stack. */
const MAX_DEPTH = 1000

/**
 * json.Marshal: keys sorted by bytes, invalid UTF-8 as \ufffd, []byte as base64, structs by their fields. Throws
 * GoError `json: unsupported value: NaN`.
 */
export function encodeJson(value: GoValue, options: JsonOptions): string {
  parts = 0
  return encode(value, options.escapeHtml, options.indent, options.indent === undefined ? '' : '\n', 0)
}

/** Met so far by the encodeJson under way. */
let parts = 0

function encode(value: GoValue, html: boolean, indent: string | undefined, line: string, depth: number): string {
  if (++parts > maxParts) throw tooManyParts()
  if (value === null || value === undefined) return 'null'
  switch (typeof value) {
    case 'string':
      return encodeString(value, html)
    case 'number':
      return jsonNumber(value)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'bigint':
      return String(value)
  }
  if (depth > MAX_DEPTH) throw new GoError('json: unsupported value: encountered a cycle or exceeded max depth')
  if (value instanceof Map) {
    if (value.size === 0) return value instanceof GoMap && value.isNil ? 'null' : '{}'
    const inner = indent === undefined ? '' : line + indent
    const colon = indent === undefined ? ':' : ': '
    let out = '{'
    for (const key of sortedKeys(value as GoDict)) {
      if (out.length > 1) out += ','
      out += inner + encodeString(key, html) + colon + encode(value.get(key)!, html, indent, inner, depth + 1)
    }
    return `${out}${line}}`
  }
  if (Array.isArray(value)) {
    if (value.length === 0) return value instanceof GoSlice && value.isNil ? 'null' : '[]'
    const inner = indent === undefined ? '' : line + indent
    let out = '['
    for (let i = 0; i < value.length; i++) {
      out += (i > 0 ? ',' : '') + inner + encode(value[i]!, html, indent, inner, depth + 1)
    }
    return `${out}${line}]`
  }
  if (value instanceof Uint8Array) return `"${Buffer.from(value).toString('base64')}"`
  if (value instanceof GoInt) return String(value.value)
  if (value instanceof GoObject) {
    const json = value.json()
    if (json !== undefined) return encode(json, html, indent, line, depth + 1)
    return encodeStruct(value, html, indent, line, depth)
  }
  return 'null'
}

/** A struct: its fields in the order declared, not sorted. */
function encodeStruct(value: GoObject, html: boolean, indent: string | undefined, line: string, depth: number): string {
  const inner = indent === undefined ? '' : line + indent
  let out = '{'
  for (const name of value.fieldNames()) {
    if (out.length > 1) out += ','
    const field = value.field(name) ?? null
    out +=
      inner +
      encodeString(name, html) +
      (indent === undefined ? ':' : ': ') +
      encode(field, html, indent, inner, depth + 1)
  }
  return out === '{' ? '{}' : `${out}${line}}`
}

function sortedKeys(map: GoDict): string[] {
  const keys = [...map.keys()]
  return keys.length < 2 ? keys : keys.sort(compareStrings)
}

/** A float64 as encoding/json prints it; throws GoError for NaN and infinities. */
export function jsonNumber(value: number): string {
  if (!Number.isFinite(value)) {
    throw new GoError(`json: unsupported value: ${Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'}`)
  }
  // Go follows ECMAScript here, but for the sign of zero.
  return Object.is(value, -0) ? '-0' : String(value)
}

const UNSAFE = /["\\\x00-\x1f\u2028\u2029\ud800-\udfff]/
const UNSAFE_HTML = /["\\\x00-\x1f<>&\u2028\u2029\ud800-\udfff]/
const EVERY_UNSAFE = /["\\\x00-\x1f<>&\u2028\u2029]|[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]/g

function encodeString(s: string, html: boolean): string {
  if (!(html ? UNSAFE_HTML : UNSAFE).test(s)) return `"${s}"`
  return `"${s.replace(EVERY_UNSAFE, c => escapeOne(c, html))}"`
}

/** A string with U+FFFD for each byte that is not UTF-8. */
export function validUtf8(s: string): string {
  return LONE.test(s) ? s.replace(EVERY_LONE, '\ufffd') : s
}

const LONE = /[\ud800-\udfff]/u
const EVERY_LONE = /[\ud800-\udfff]/gu

function escapeOne(c: string, html: boolean): string {
  if (c.length === 2) return c
  switch (c) {
    case '"':
      return '\\"'
    case '\\':
      return '\\\\'
    case '\b':
      return '\\b'
    case '\f':
      return '\\f'
    case '\n':
      return '\\n'
    case '\r':
      return '\\r'
    case '\t':
      return '\\t'
    case '<':
    case '>':
    case '&':
      if (!html) return c
  }
  const code = c.charCodeAt(0)
  if (code >= 0xd800 && code <= 0xdfff) return '\\ufffd'
  return `\\u${code.toString(16).padStart(4, '0')}`
}

// ---------------------------------------------------------------------------------------------------------------------
// Decoding

/**
 * json.Unmarshal into interface{}: objects as Map (the last of duplicate keys wins), numbers as float64. Throws GoError
 * with Go's text: `invalid character '}' looking for beginning of value`, `unexpected end of JSON input`.
 */
export function decodeJson(text: string): GoValue {
  const decoder = new JsonDecoder(text)
  const value = decoder.value(0)
  // The syntax is checked to the end before any number is too large.
  decoder.end()
  decoder.refuse()
  return value
}

/**
 * json.Decoder.Decode: the first value of a stream and the offset behind it. An empty stream throws GoError "EOF", a cut
 * one "unexpected EOF".
 */
export function decodeJsonPrefix(text: string, offset = 0): { value: GoValue; end: number } {
  const decoder = new JsonDecoder(text, offset)
  if (decoder.atEnd()) throw new GoError('EOF')
  try {
    const value = decoder.value(0)
    decoder.refuse()
    return { value, end: decoder.pos }
  } catch (error) {
    if (error instanceof GoError && decoder.pos >= text.length) throw new GoError('unexpected EOF')
    throw error
  }
}

class JsonDecoder {
  readonly text: string
  pos: number
  private late: string | undefined

  constructor(text: string, offset = 0) {
    this.text = text
    this.pos = offset
  }

  /** Throws what is wrong with a value that was read to its end. */
  refuse(): void {
    if (this.late !== undefined) throw new GoError(this.late)
  }

  atEnd(): boolean {
    this.space()
    return this.pos >= this.text.length
  }

  end(): void {
    if (!this.atEnd()) this.fail('after top-level value')
  }

  private space(): void {
    for (;;) {
      const c = this.text.charCodeAt(this.pos)
      if (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09) return
      this.pos++
    }
  }

  private fail(context: string): never {
    if (this.pos >= this.text.length) {
      // At the end Go's scanner is given a blank, and says so where no blank may stand.
      const inside = /^in (?!string literal)|^after decimal/.test(context)
      throw new GoError(inside ? `invalid character ' ' ${context}` : 'unexpected end of JSON input')
    }
    // Go's scanner works on bytes; the first byte of a character beyond ASCII is named as a Latin-1 character.
    const bytes = toBytes(String.fromCodePoint(this.text.codePointAt(this.pos)!))
    const c = String.fromCharCode(bytes[0]!)
    const shown = c === "'" ? `'\\''` : c === '"' ? `'"'` : `'${quote(c).slice(1, -1)}'`
    throw new GoError(`invalid character ${shown} ${context}`)
  }

  value(depth: number): GoValue {
    this.space()
    const c = this.text.charCodeAt(this.pos)
    switch (c) {
      case 0x7b:
      case 0x5b:
        // encoding/json stops at 10,000.
        if (depth >= MAX_DEPTH) throw new GoError('exceeded max depth')
        return c === 0x7b ? this.object(depth) : this.array(depth)
      case 0x22:
        return this.string()
      case 0x74:
        return this.word('true', true)
      case 0x66:
        return this.word('false', false)
      case 0x6e:
        return this.word('null', null)
    }
    if (c === 0x2d || (c >= 0x30 && c <= 0x39)) return this.number()
    return this.fail('looking for beginning of value')
  }

  private word<T>(word: string, value: T): T {
    for (let i = 1; i < word.length; i++) {
      if (this.text[this.pos + i] !== word[i]) {
        this.pos += i
        this.fail(`in literal ${word} (expecting ${quoteChar(word[i]!)})`)
      }
    }
    this.pos += word.length
    return value
  }

  private object(depth: number): GoDict {
    const map: GoDict = new Map()
    this.pos++
    this.space()
    if (this.text[this.pos] === '}') {
      this.pos++
      return map
    }
    for (;;) {
      this.space()
      if (this.text[this.pos] !== '"') this.fail('looking for beginning of object key string')
      const key = this.string()
      this.space()
      if (this.text[this.pos] !== ':') this.fail('after object key')
      this.pos++
      map.set(key, this.value(depth + 1))
      this.space()
      const c = this.text[this.pos]
      if (c === '}') break
      if (c !== ',') this.fail('after object key:value pair')
      this.pos++
    }
    this.pos++
    return map
  }

  private array(depth: number): GoValue[] {
    const items: GoValue[] = []
    this.pos++
    this.space()
    if (this.text[this.pos] === ']') {
      this.pos++
      return items
    }
    for (;;) {
      items.push(this.value(depth + 1))
      this.space()
      const c = this.text[this.pos]
      if (c === ']') break
      if (c !== ',') this.fail('after array element')
      this.pos++
    }
    this.pos++
    return items
  }

  private number(): number {
    const start = this.pos
    const digits = (): boolean => {
      const from = this.pos
      for (let c = this.text.charCodeAt(this.pos); c >= 0x30 && c <= 0x39; c = this.text.charCodeAt(this.pos))
        this.pos++
      return this.pos > from
    }
    if (this.text[this.pos] === '-') {
      this.pos++
      if (!/[0-9]/.test(this.text[this.pos] ?? '')) this.fail('in numeric literal')
    }
    if (this.text[this.pos] === '0') this.pos++
    else digits()
    if (this.text[this.pos] === '.') {
      this.pos++
      if (!digits()) this.fail('after decimal point in numeric literal')
    }
    if (this.text[this.pos] === 'e' || this.text[this.pos] === 'E') {
      this.pos++
      if (this.text[this.pos] === '+' || this.text[this.pos] === '-') this.pos++
      if (!digits()) this.fail('in exponent of numeric literal')
    }
    const literal = this.text.slice(start, this.pos)
    const value = Number(literal)
    if (!Number.isFinite(value)) {
      this.late ??= `json: cannot unmarshal number ${literal} into Go value of type float64`
    }
    return value
  }

  private string(): string {
    const start = ++this.pos
    for (;;) {
      const c = this.text.charCodeAt(this.pos)
      if (c === 0x22) break
      if (c === 0x5c || !(c >= 0x20) || (c >= 0xd800 && c <= 0xdfff)) return this.escapedString(start)
      this.pos++
    }
    return this.text.slice(start, this.pos++)
  }

  private escapedString(start: number): string {
    let out = this.text.slice(start, this.pos)
    for (;;) {
      const c = this.text.charCodeAt(this.pos)
      if (c === 0x22) break
      if (!(c >= 0x20)) this.fail('in string literal')
      if (c !== 0x5c) {
        out += this.text[this.pos++]!
        continue
      }
      this.pos++
      const e = this.text[this.pos]
      const short = e === undefined ? undefined : JSON_ESCAPES.get(e)
      if (short !== undefined) {
        out += short
        this.pos++
      } else if (e === 'u') {
        this.pos++
        const from = this.pos
        while (this.pos < from + 4) {
          if (!/[0-9a-fA-F]/.test(this.text[this.pos] ?? '')) this.fail('in \\u hexadecimal character escape')
          this.pos++
        }
        out += String.fromCharCode(Number.parseInt(this.text.slice(from, this.pos), 16))
      } else this.fail('in string escape code')
    }
    this.pos++
    // Lone surrogates, escaped or as bytes that are not UTF-8, become U+FFFD.
    return validUtf8(out)
  }
}

const JSON_ESCAPES = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
])

function quoteChar(c: string): string {
  return `'${c}'`
}

/**
 * A value as encoding/json and back would leave it, with integers kept: structs become maps, []byte base64 text. Maps,
 * lists and scalars are returned as they are.
 */
export function plainValue(value: GoValue): GoValue {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (value instanceof GoInt) return value.value
  if ((value instanceof GoSlice || value instanceof GoMap) && value.isNil) return null
  if (value instanceof GoObject) {
    const json = value.json()
    if (json !== undefined) return plainValue(json)
    const map: GoDict = new Map()
    for (const name of value.fieldNames()) map.set(name, value.field(name) ?? null)
    return map
  }
  return value
}
