/**
 * Reading TOML as BurntSushi/toml 1.6.0 does (lex.go, parse.go), for Helm's fromToml: integers become int64, dates
 * time.Time, arrays of tables []map[string]interface {}. Errors name the line and the last key, as the library's do.
 */
import { DecapodError } from '../errors.ts'
import { parseFloat as parseGoFloat, parseInt as parseGoInt, quote, quoteRune } from '../go/strconv.ts'
import { trimSpace } from '../go/strings.ts'
import { fixedZone, type GoTime, type Location, parseTime, utc } from '../go/time.ts'
import { isLetter } from '../go/unicode.ts'
import { type GoDict, GoError, GoSlice, type GoValue, int64 } from '../go/value.ts'
import { formatKey } from './toml-key.ts'

const maxDepth = 500

/** Decodes a document. Throws GoError: `toml: line 1 (last key "a"): expected value but found "x" instead`. */
export function decodeToml(text: string): GoDict {
  return new TomlReader(text.replace(/^\ufeff/, '')).read()
}

/** Zones that mark dates without one, by the names the library gives them. */
export const localDatetime: Location = fixedZone('datetime-local', 0)
export const localDate: Location = fixedZone('date-local', 0)
export const localTime: Location = fixedZone('time-local', 0)

const dateLayouts: readonly (readonly [layout: string, zone: Location])[] = [
  ['2006-01-02T15:04:05.999999999Z07:00', utc],
  ['2006-01-02T15:04:05.999999999', localDatetime],
  ['2006-01-02', localDate],
  ['15:04:05.999999999', localTime],
  ['2006-01-02T15:04Z07:00', utc],
  ['2006-01-02T15:04', localDatetime],
  ['15:04', localTime],
]

const blank = /^[\t ]$/
const lineBreak = /^[\r\n]$/
const digit = /^[0-9]$/
const bareKey = /^[A-Za-z0-9_-]$/
/** What next() gives at the end. */
const end = ''

function tooDeep(): DecapodError {
  return new DecapodError('LIMIT_EXCEEDED', `TOML nested deeper than ${maxDepth} levels`)
}

class TomlReader {
  readonly text: string
  pos = 0
  line = 1
  atEnd = false
  /** Where the text of the current string or number begins. */
  start = 0

  readonly root: GoDict = new Map()
  /** Path of the table being filled. */
  context: string[] = []
  currentKey = ''
  /** Line of the key read last: what complaints about redefinition name. */
  keyLine = 1
  /** Tables that exist only because a path led through them, and keys whose value is an array. */
  readonly implicit = new Set<string>()
  readonly arrays = new Set<string>()
  depth = 0

  constructor(text: string) {
    this.text = text
  }

  read(): GoDict {
    if (this.text.slice(0, 6).includes('\0')) {
      const message = 'files cannot contain NULL bytes; probably using UTF-16; TOML files must be UTF-8'
      throw this.error(message, 1)
    }
    for (;;) {
      const c = this.next()
      if (blank.test(c) || lineBreak.test(c)) continue
      if (c === end) return this.root
      if (c === '#') this.skipComment()
      else {
        if (c === '[') this.readTable()
        else {
          this.backup()
          const outer = this.context
          this.readKeyValue()
          this.context = outer
          this.currentKey = ''
        }
        this.endOfItem()
      }
    }
  }

  // Characters

  next(): string {
    if (this.pos >= this.text.length) {
      this.atEnd = true
      return end
    }
    const code = this.text.codePointAt(this.pos)!
    const c = String.fromCodePoint(code)
    if (c === '\n') this.line++
    if (code >= 0xdc80 && code <= 0xdcff) throw this.fail(`invalid UTF-8 byte: 0x${hex(code - 0xdc00)}`)
    const control = code < 0x20 ? c !== '\t' && c !== '\r' && c !== '\n' : code === 0x7f
    if (control || (c === '\r' && this.text[this.pos + 1] !== '\n')) {
      throw this.fail(`TOML files cannot contain control characters: '0x${hex(code)}'`)
    }
    this.pos += c.length
    return c
  }

  /** Takes back the last character. */
  backup(): void {
    if (this.atEnd) {
      this.atEnd = false
      return
    }
    const low = this.text.charCodeAt(this.pos - 1)
    this.pos -= low >= 0xdc00 && low <= 0xdfff ? 2 : 1
    if (this.text[this.pos] === '\n') this.line--
  }

  peek(): string {
    const c = this.next()
    this.backup()
    return c
  }

  accept(c: string): boolean {
    if (this.next() === c) return true
    this.backup()
    return false
  }

  /** Takes characters while they fit. */
  skip(fits: RegExp): void {
    let c = this.next()
    while (fits.test(c)) c = this.next()
    this.backup()
  }

  skipComment(): void {
    let c = this.next()
    while (c !== end && !lineBreak.test(c)) c = this.next()
    this.backup()
  }

  current(): string {
    return this.text.slice(this.start, this.pos)
  }

  // Errors

  error(message: string, line: number): GoError {
    const key = this.lastKey()
    return new GoError(`toml: line ${line}${key === '' ? '' : ` (last key ${quote(key)})`}: ${message}`)
  }

  lastKey(): string {
    if (this.currentKey === '') return formatKey(this.context)
    return this.context.length === 0 ? this.currentKey : `${formatKey(this.context)}.${this.currentKey}`
  }

  fail(message: string): GoError {
    // The end of the last line is on that line, not on the empty one after it.
    const pastBreak = this.atEnd && this.text[this.pos - 1] === '\n'
    return this.error(message, pastBreak ? this.line - 1 : this.line)
  }

  failOnLineBefore(message: string): GoError {
    return this.error(message, this.line - 1)
  }

  unexpected(what: string, c: string): GoError {
    const message = `expected ${what}, but got ${quoteChar(c)} instead`
    return c === '\n' ? this.failOnLineBefore(message) : this.fail(message)
  }

  redefined(path: readonly string[], complaint = 'has already been defined.'): GoError {
    return this.error(`Key '${formatKey(path)}' ${complaint}`, this.keyLine)
  }

  // Structure

  /** After a table head or a value: blanks and a comment until the line ends. */
  endOfItem(): void {
    for (;;) {
      const c = this.next()
      if (c === end || lineBreak.test(c)) return
      if (c === '#') {
        this.skipComment()
        return
      }
      if (!blank.test(c)) {
        const wanted = 'expected a top-level item to end with a newline, comment, or EOF'
        throw this.fail(`${wanted}, but got ${quoteChar(c)} instead`)
      }
    }
  }

  /** `[a.b]` or `[[a.b]]`, the first bracket taken. */
  readTable(): void {
    const isArray = this.peek() === '['
    if (isArray) this.next()
    const key: string[] = []
    for (;;) {
      this.skip(blank)
      const c = this.peek()
      if (c === ']' || c === end) throw this.fail('unexpected end of table name (table names cannot be empty)')
      if (c === '.') throw this.fail('unexpected table separator (table names cannot be empty)')
      this.readKeyPart(key)
      this.skip(blank)
      const after = this.next()
      if (after === ']') break
      if (after !== '.') throw this.fail(`expected '.' or ']' to end table name, but got ${quoteChar(after)} instead`)
    }
    if (isArray) {
      const c = this.next()
      if (c !== ']') {
        throw this.fail(`expected end of table array name delimiter ']', but got ${quoteChar(c)} instead`)
      }
    }
    this.enterTable(key, isArray)
    this.setArray('', false)
  }

  /** One part of a dotted key; the first one gives the line of the whole. */
  readKeyPart(key: string[]): void {
    const c = this.peek()
    let part: string
    if (c === '"' || c === "'") {
      this.next()
      part = c === '"' ? this.readString() : this.readRawString()
    } else {
      this.start = this.pos
      this.skip(bareKey)
      part = this.current()
    }
    if (key.length === 0) this.keyLine = this.line
    else if (key.length >= maxDepth) throw tooDeep()
    key.push(part)
  }

  /** `a.b = value`. Gives the key's parts and the value; the key and the table it is in stay current. */
  readKeyValue(): { key: string[]; value: GoValue } {
    this.skip(blank)
    const first = this.peek()
    if (first === '=' || first === end) throw this.fail("unexpected '=': key name appears blank")
    if (first === '.') throw this.fail("unexpected '.': keys cannot start with a '.'")
    const key: string[] = []
    for (;;) {
      this.skip(blank)
      const c = this.peek()
      if (key.length > 0 && (c === '=' || c === end || c === '.')) {
        throw this.fail(`unexpected '${c === '.' ? '.' : '='}'`)
      }
      this.readKeyPart(key)
      this.skip(blank)
      const after = this.next()
      if (after === '=') break
      if (after === end) throw this.fail("unexpected EOF; expected key separator '='")
      if (after !== '.') throw this.unexpected("'.' or '='", after)
    }
    this.currentKey = key.at(-1)!
    for (const part of key.slice(0, -1)) {
      const path = [...this.context, part]
      this.implicit.add(formatKey(path))
      this.enterTable(path, false)
    }
    const value = this.readValue(false)
    this.setValue(this.currentKey, value)
    this.setArray(this.currentKey, Array.isArray(value))
    return { key, value }
  }

  // Values

  readValue(inArray: boolean): GoValue {
    let c = this.next()
    while (blank.test(c)) c = this.next()
    if (digit.test(c)) {
      this.start = this.pos - 1
      return this.readNumberOrDate(c)
    }
    switch (c) {
      case '[':
        return this.nested(() => this.readArray())
      case '{':
        return this.nested(() => this.readInlineTable(inArray))
      case '"':
        return this.openMultiline('"') ? this.readMultilineString() : this.readString()
      case "'":
        return this.openMultiline("'") ? this.readMultilineRawString() : this.readRawString()
      case '.':
        throw this.fail("floats must start with a digit, not '.'")
      case 'i':
      case 'n':
        this.start = this.pos - 1
        if ((this.accept('n') && this.accept('f')) || (this.accept('a') && this.accept('n'))) {
          return this.toFloat(this.current())
        }
        break
      case '-':
      case '+':
        this.start = this.pos - 1
        return this.readSignedNumber()
    }
    if (c !== end && isLetter(c)) {
      this.backup()
      return this.readBool()
    }
    if (c === end) throw this.fail('unexpected EOF; expected value')
    const message = `expected value but found ${quoteChar(c)} instead`
    throw c === '\n' ? this.failOnLineBefore(message) : this.fail(message)
  }

  nested(read: () => GoValue): GoValue {
    if (++this.depth > maxDepth) throw tooDeep()
    const value = read()
    this.depth--
    return value
  }

  readBool(): boolean {
    const start = this.pos
    let c = this.next()
    while (c !== end && isLetter(c)) c = this.next()
    this.backup()
    const word = this.text.slice(start, this.pos)
    if (word === 'true' || word === 'false') return word === 'true'
    throw this.fail(`expected value but found ${quote(word)} instead`)
  }

  readArray(): GoValue {
    this.setArray(this.currentKey, true)
    const items: GoValue[] = []
    for (;;) {
      const c = this.nextSignificant()
      if (c === ',') throw this.fail('unexpected comma')
      if (c === ']') return items
      this.backup()
      items.push(this.readValue(true))
      const after = this.nextSignificant()
      if (after === ']') return items
      if (after !== ',') {
        throw this.fail(`expected a comma (',') or array terminator (']'), but got ${charOrEnd(after)}`)
      }
    }
  }

  /** The next character that is no blank, line break or part of a comment. */
  nextSignificant(): string {
    for (;;) {
      const c = this.next()
      if (c === '#') this.skipComment()
      else if (!blank.test(c) && !lineBreak.test(c)) return c
    }
  }

  readInlineTable(inArray: boolean): GoValue {
    const table: GoDict = new Map()
    const outerContext = this.context
    const outerKey = this.currentKey
    this.context = [...this.context, this.currentKey]
    const inner = this.context
    this.currentKey = ''
    this.implicit.add(formatKey(inner))
    this.enterTable(inner, inArray)
    for (let c = this.nextSignificant(); c !== '}'; c = this.nextSignificant()) {
      if (c === ',') throw this.fail('unexpected comma')
      this.backup()
      const { key, value } = this.readKeyValue()
      this.putDeep(table, key, value)
      this.context = inner
      const after = this.nextSignificant()
      if (after === '}') break
      if (after !== ',') {
        throw this.fail(`expected a comma or an inline table terminator '}', but got ${charOrEnd(after)} instead`)
      }
    }
    this.context = outerContext
    this.currentKey = outerKey
    return table
  }

  putDeep(table: GoDict, key: readonly string[], value: GoValue): void {
    let at = table
    for (const part of key.slice(0, -1)) {
      let step = at.get(part)
      if (step === undefined) {
        step = new Map()
        at.set(part, step)
      }
      if (!(step instanceof Map)) throw this.error(`${quote(formatKey(this.context))} is not a table`, this.keyLine)
      at = step as GoDict
    }
    at.set(key.at(-1)!, value)
  }

  // Tables

  /** Makes the table at a path the current one, with all tables on the way. */
  enterTable(key: readonly string[], isArray: boolean): void {
    let at = this.root
    const path: string[] = []
    for (const part of key.slice(0, -1)) {
      path.push(part)
      let step = at.get(part)
      if (step === undefined) {
        this.implicit.add(formatKey(path))
        step = new Map()
        at.set(part, step)
      }
      const table = asTable(step)
      if (table === undefined) throw this.redefined(path, 'was already created as a hash.')
      at = table
    }
    this.context = path
    const last = key.at(-1)!
    if (isArray) {
      const tables = at.get(last) ?? GoSlice.make('map[string]interface {}', [])
      if (!isTables(tables)) throw this.redefined(key, 'was already created and cannot be used as an array.')
      tables.push(new Map())
      at.set(last, tables)
    } else this.setValue(last, new Map())
    this.context = [...path, last]
  }

  /** Sets a key of the current table; what has been set must not be set again, unless it was only implied. */
  setValue(key: string, value: GoValue): void {
    let at = this.root
    const path: string[] = []
    for (const part of this.context) {
      path.push(part)
      const table = asTable(at.get(part) ?? null)
      if (table === undefined) throw this.redefined(path)
      at = table
    }
    path.push(key)
    if (at.has(key)) {
      const name = formatKey(path)
      if (!this.implicit.has(name)) throw this.redefined(path)
      this.implicit.delete(name)
      if (!this.arrays.has(name)) return
    }
    at.set(key, value)
  }

  /** Notes whether the value at a key of the current table is an array; an empty key means the table itself. */
  setArray(key: string, isArray: boolean): void {
    const path = key === '' ? this.context : [...this.context, key]
    const name = path.length === 0 ? '""' : formatKey(path)
    if (isArray) this.arrays.add(name)
    else this.arrays.delete(name)
  }

  // Strings

  /** Whether two more quotes follow the first; they are taken then. */
  openMultiline(quote: string): boolean {
    if (!this.accept(quote)) return false
    if (this.accept(quote)) return true
    this.backup()
    return false
  }

  /** A basic string, the opening quote taken. */
  readString(): string {
    this.start = this.pos
    let escaped = false
    for (;;) {
      const c = this.next()
      if (c === end) throw this.fail(`unexpected EOF; expected '"'`)
      if (lineBreak.test(c)) throw this.failOnLineBefore('strings cannot contain newlines')
      if (c === '\\') {
        escaped = true
        this.checkEscape()
      } else if (c === '"') break
    }
    const raw = this.text.slice(this.start, this.pos - 1)
    return escaped ? this.unescape(raw, this.line) : raw
  }

  /** One escape, the backslash taken. */
  checkEscape(): void {
    const c = this.next()
    const digits = c === 'x' ? 2 : c === 'u' ? 4 : c === 'U' ? 8 : 0
    for (let i = 0; i < digits; i++) {
      if (!/^[0-9a-fA-F]$/.test(this.next())) {
        const number = digits === 2 ? 'two' : digits === 4 ? 'four' : 'eight'
        const wanted = `expected ${number} hexadecimal digits after '\\${c}'`
        throw this.fail(`${wanted}, but got ${quote(this.current())} instead`)
      }
    }
    if (digits === 0 && !/^[ebtnfr"\\ \t]$/.test(c)) {
      const message = `invalid escape in string '\\${c === end ? '\0' : c}'`
      throw this.atEnd ? this.failOnLineBefore(message) : this.fail(message)
    }
  }

  readRawString(): string {
    this.start = this.pos
    for (;;) {
      const c = this.next()
      if (c === end) throw this.fail(`unexpected EOF; expected "'"`)
      if (lineBreak.test(c)) throw this.failOnLineBefore('strings cannot contain newlines')
      if (c === "'") return this.text.slice(this.start, this.pos - 1)
    }
  }

  readMultilineString(): string {
    this.start = this.pos
    for (;;) {
      const c = this.next()
      if (c === end) throw this.fail(`unexpected EOF; expected '"""'`)
      if (c === '\\') {
        if (!lineBreak.test(this.next())) {
          this.backup()
          this.checkEscape()
        }
      } else if (c === '"' && this.closeMultiline('"')) break
    }
    const raw = this.text.slice(this.start, this.pos - 3)
    // The line is that of the closing quotes.
    return this.unescape(joinLines(withoutFirstBreak(raw)), this.line)
  }

  readMultilineRawString(): string {
    this.start = this.pos
    for (;;) {
      const c = this.next()
      if (c === end) throw this.fail(`unexpected EOF; expected "'''"`)
      if (c === "'" && this.closeMultiline("'")) return withoutFirstBreak(this.text.slice(this.start, this.pos - 3))
    }
  }

  /** After one quote: whether it is the first of the three that close. Up to two more may stand before those. */
  closeMultiline(mark: string): boolean {
    if (!this.accept(mark)) return false
    if (!this.accept(mark)) {
      this.backup()
      return false
    }
    if (this.peek() !== mark) return true
    const five = mark.repeat(5)
    const text = this.current()
    if (text.endsWith(five) && !(mark === '"' && text.endsWith(`\\${five}`))) {
      throw this.fail(mark === '"' ? `unexpected '""""""'` : `unexpected "''''''"`)
    }
    this.backup()
    this.backup()
    return false
  }

  unescape(text: string, line: number): string {
    return text.replace(/\\(?:x(..)|u(.{4})|U(.{8})|([\s\S]))/g, (_, x, u, long, c: string | undefined) => {
      const digits: string | undefined = x ?? u ?? long
      if (digits !== undefined) {
        const code = Number.parseInt(digits, 16)
        if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
          throw this.error(`Escaped character '\\u${digits}' is not valid UTF-8.`, line)
        }
        return String.fromCodePoint(code)
      }
      const plain = escapes[c!]
      if (plain === undefined) throw this.error(`invalid escape: '\\${c}'`, line)
      return plain
    })
  }

  // Numbers and dates

  readNumberOrDate(first: string): GoValue {
    if (first === '0') {
      const c = this.next()
      const base = bases[c]
      if (base !== undefined) {
        const p = this.peek()
        if (!base.digit.test(p)) throw this.fail(`not ${base.name} number: '${this.current()}${p === end ? '\0' : p}'`)
        this.skip(base.digits)
        return this.toInteger(this.current())
      }
      if (c === '_') return this.readDecimal()
      if (/^[.eE]$/.test(c)) return this.readFloat()
      if (!digit.test(c)) {
        this.backup()
        return this.toInteger(this.current())
      }
    }
    this.skip(digit)
    const c = this.next()
    if (c === '-' || c === ':') {
      this.skip(/^[0-9\-:Tt .Zz+]$/)
      return this.toDate(trimSpace(this.current()))
    }
    if (c === '_') return this.readDecimal()
    if (/^[.eE]$/.test(c)) return this.readFloat()
    this.backup()
    return this.toInteger(this.current())
  }

  readDecimal(): GoValue {
    this.skip(/^[0-9_]$/)
    if (/^[.eE]$/.test(this.next())) return this.readFloat()
    this.backup()
    return this.toInteger(this.current())
  }

  readFloat(): GoValue {
    this.skip(/^[0-9_.+\-eE]$/)
    return this.toFloat(this.current())
  }

  readSignedNumber(): GoValue {
    const c = this.next()
    const word = c === 'i' ? ['n', 'f'] : c === 'n' ? ['a', 'n'] : undefined
    if (word !== undefined) {
      if (!word.every(letter => this.accept(letter))) throw this.fail(`invalid float: '${this.current()}'`)
      return this.toFloat(this.current())
    }
    if (c === '0') {
      const p = this.peek()
      if (bases[p] !== undefined) throw this.fail(`cannot use sign with non-decimal numbers: '${this.current()}${p}'`)
    }
    if (c === '.') throw this.fail("floats must start with a digit, not '.'")
    if (!digit.test(c)) throw this.fail(`expected a digit but got ${quoteChar(c)}`)
    return this.readDecimal()
  }

  toInteger(text: string): GoValue {
    if (!underscoresFit(text)) throw this.invalid('integer', text, 'underscores must be surrounded by digits')
    if (hasLeadingZero(text)) throw this.invalid('integer', text, 'cannot have leading zeroes')
    try {
      return int64(parseGoInt(text, 0, 64))
    } catch (error) {
      if (error instanceof GoError) throw this.error(`${text} is out of range for int64`, this.line)
      throw error
    }
  }

  invalid(what: string, text: string, reason: string): GoError {
    return this.error(`Invalid ${what} ${quote(text)}: ${reason}`, this.line)
  }

  toFloat(text: string): GoValue {
    const parts = text.split(/[.eE]/).filter(part => part !== '')
    if (!parts.every(underscoresFit)) throw this.invalid('float', text, 'underscores must be surrounded by digits')
    if (parts.length > 0 && hasLeadingZero(parts[0]!)) throw this.invalid('float', text, 'cannot have leading zeroes')
    if (/\.(?![0-9])/.test(text)) throw this.invalid('float', text, "'.' must be followed by one or more digits")
    if (text === '+nan' || text === '-nan') return Number.NaN
    try {
      return parseGoFloat(text.replaceAll('_', ''))
    } catch (error) {
      if (!(error instanceof GoError)) throw error
      const outOfRange = error.message.endsWith('value out of range')
      throw this.error(
        outOfRange ? `${text} is out of range for float64` : `Invalid float value: ${quote(text)}`,
        this.line,
      )
    }
  }

  toDate(written: string): GoTime {
    const text = written.replaceAll('z', 'Z').replaceAll('t', 'T').replaceAll(' ', 'T')
    for (const [layout, zone] of dateLayouts) {
      const t = attempt(layout, text, zone)
      if (t === undefined) continue
      if (lacksLeadingZero(text, layout)) break
      return t
    }
    throw this.error(`invalid datetime: ${quote(text)}`, this.line)
  }
}

function attempt(layout: string, text: string, zone: Location): GoTime | undefined {
  try {
    return parseTime(layout, text, zone)
  } catch (error) {
    if (error instanceof GoError) return undefined
    throw error
  }
}

/** Go reads numbers without their leading zero; TOML wants it, so separators must stand where the layout has them. */
function lacksLeadingZero(text: string, layout: string): boolean {
  for (let i = 0; i < layout.length; i++) {
    const c = layout[i]!
    if (c === '.' || c === 'Z') return false
    if (!digit.test(c) && text[i] !== c) return true
  }
  return false
}

const escapes: Readonly<Record<string, string>> = {
  b: '\b',
  t: '\t',
  n: '\n',
  f: '\f',
  r: '\r',
  e: '\x1b',
  '"': '"',
  '\\': '\\',
}

const bases: Readonly<Record<string, { readonly name: string; readonly digit: RegExp; readonly digits: RegExp }>> = {
  b: { name: 'a binary', digit: /^[01]$/, digits: /^[01_]$/ },
  o: { name: 'an octal', digit: /^[0-7]$/, digits: /^[0-7_]$/ },
  x: { name: 'a hexadecimal', digit: /^[0-9a-fA-F]$/, digits: /^[0-9a-fA-F_]$/ },
}

function asTable(v: GoValue): GoDict | undefined {
  if (isTables(v)) return v.at(-1) as GoDict
  return v instanceof Map ? (v as GoDict) : undefined
}

function isTables(v: GoValue): v is GoSlice {
  return v instanceof GoSlice && v.elem === 'map[string]interface {}'
}

function underscoresFit(text: string): boolean {
  if (/^[+-]?(?:nan|inf)$/.test(text)) return true
  return !/(?<![0-9a-fA-F])_|_$/.test(text) && /[0-9a-fA-F]$/.test(text)
}

function hasLeadingZero(text: string): boolean {
  return /^0(?![box])./s.test(text) || /^[+-]0./s.test(text)
}

function withoutFirstBreak(text: string): string {
  return text.replace(/^\r?\n/, '')
}

/** A backslash at the end of a line takes the break and all blanks after it away. */
function joinLines(text: string): string {
  return text.replace(/\\(\\|[ \t\r\n]+)/g, (all, what: string) => (what.includes('\n') ? '' : all))
}

function quoteChar(c: string): string {
  return quoteRune(c === end ? 0 : c.codePointAt(0)!)
}

function charOrEnd(c: string): string {
  return c === end ? 'end of file' : `'${c}'`
}

function hex(code: number): string {
  return code.toString(16).padStart(2, '0')
}
