/**
 * The exact scanner: YAML text to tokens, as libyaml and both go-yaml versions cut it, with their errors. It is the
 * reference for everything the fast reader does not handle, and the only source of messages.
 *
 * go-yaml: scannerc.go (v2 and v3 differ in lookahead and in comments only). The texts are Go's own.
 */

import type { Dialect, ScalarStyle } from './node.ts'

export const STREAM_START = 0
export const STREAM_END = 1
export const VERSION_DIRECTIVE = 2
export const TAG_DIRECTIVE = 3
export const DOCUMENT_START = 4
export const DOCUMENT_END = 5
export const BLOCK_SEQUENCE_START = 6
export const BLOCK_MAPPING_START = 7
export const BLOCK_END = 8
export const FLOW_SEQUENCE_START = 9
export const FLOW_SEQUENCE_END = 10
export const FLOW_MAPPING_START = 11
export const FLOW_MAPPING_END = 12
export const BLOCK_ENTRY = 13
export const FLOW_ENTRY = 14
export const KEY = 15
export const VALUE = 16
export const ALIAS = 17
export const ANCHOR = 18
export const TAG = 19
export const SCALAR = 20

export interface Token {
  readonly type: number
  /** Where the token starts: offset and line (from 0). */
  readonly offset: number
  readonly line: number
  /** Text of a scalar, name of an anchor, handle of a tag or %TAG, "major.minor" of %YAML. */
  readonly value: string
  /** Suffix of a tag, prefix of a %TAG. */
  readonly suffix: string
  readonly style: ScalarStyle
}

/** Deeper nesting is refused, so that everything working on trees may recurse. go-yaml's own limit is 10,000. */
export const MAX_DEPTH = 1000

/** A failure of scanner or parser with the lines (from 0) Go keeps: of the problem, and of what was being read. */
export class YamlFailure extends Error {
  readonly problem: string
  readonly stage: 'scanner' | 'parser' | 'other'
  readonly problemLine: number
  readonly contextLine: number
  readonly offset: number

  constructor(problem: string, stage: 'scanner' | 'parser' | 'other', problemLine = 0, contextLine = 0, offset = 0) {
    super(problem)
    this.problem = problem
    this.stage = stage
    this.problemLine = problemLine
    this.contextLine = contextLine
    this.offset = offset
  }
}

/** A token that may turn out to be a key once a ':' follows on the same line, within 1024 characters. */
interface SimpleKey {
  possible: boolean
  required: boolean
  token: number
  offset: number
  line: number
  column: number
}

const TAB = 0x09
const LF = 0x0a
const CR = 0x0d
const SPACE = 0x20

function isBreak(c: number): boolean {
  return c === LF || c === CR || c === 0x85 || c === 0x2028 || c === 0x2029
}

function isBlank(c: number): boolean {
  return c === SPACE || c === TAB
}

function isBreakZ(c: number): boolean {
  return c === 0 || isBreak(c)
}

function isBlankZ(c: number): boolean {
  return c === SPACE || c === TAB || c === 0 || isBreak(c)
}

function isDigit(c: number): boolean {
  return c >= 0x30 && c <= 0x39
}

/** Letters, digits, '_' and '-': what names of anchors and tag handles are made of. */
function isAlpha(c: number): boolean {
  return isDigit(c) || (c >= 0x41 && c <= 0x5a) || (c >= 0x61 && c <= 0x7a) || c === 0x5f || c === 0x2d
}

function hexDigit(c: number): number {
  if (isDigit(c)) return c - 0x30
  if (c >= 0x41 && c <= 0x46) return c - 0x41 + 10
  if (c >= 0x61 && c <= 0x66) return c - 0x61 + 10
  return -1
}

// What is written between the double quotes of the class: ; / ? : @ & = + $ , . ! ~ * ' ( ) [ ] %
const URI_CHARACTERS = new Set([...";/?:@&=+$,.!~*'()[]%"].map(c => c.charCodeAt(0)))

/** Indicators that cannot start a plain scalar; '-', '?' and ':' can when text follows. */
const INDICATORS = new Set([...'-?:,[]{}#&*!|>\'"%@`'].map(c => c.charCodeAt(0)))

/** A text with a NUL behind it, so that no read needs a bounds check. */
export interface TerminatedText {
  readonly text: string
}

export function terminate(text: string): TerminatedText {
  return { text: `${text}\0` }
}

export class Scanner {
  private readonly text: string
  private readonly v3: boolean
  pos = 0
  line = 0
  private lineStart = 0
  private indent = -1
  private readonly indents: number[] = []
  private flowLevel = 0
  private simpleKeyAllowed = true
  private readonly simpleKeys: SimpleKey[] = []
  private readonly keysByToken = new Map<number, SimpleKey>()
  private tokens: Token[] = []
  private head = 0
  private parsed = 0
  private started = false
  private available = false

  /** Starts at `from`, the start of line `line`: at 0, or at the `---` of a document. */
  constructor(text: TerminatedText, dialect: Dialect, from = 0, line = 0) {
    this.text = text.text
    this.v3 = dialect === 'v3'
    this.pos = from === 0 && text.text.charCodeAt(0) === 0xfeff ? 1 : from
    this.lineStart = this.pos
    this.line = line
  }

  /** The next token, without taking it. */
  peek(): Token {
    if (!this.available) this.fetchMore()
    return this.tokens[this.head]!
  }

  /** Takes the token that peek showed. */
  skip(): void {
    this.available = false
    this.parsed++
    this.head++
    if (this.head === this.tokens.length) {
      this.tokens = []
      this.head = 0
    } else if (this.head > 1024) {
      this.tokens = this.tokens.slice(this.head)
      this.head = 0
    }
  }

  private get column(): number {
    return this.pos - this.lineStart
  }

  private at(k = 0): number {
    return this.text.charCodeAt(this.pos + k)
  }

  private fail(problem: string, contextLine: number): never {
    throw new YamlFailure(problem, 'scanner', this.line, contextLine, this.pos)
  }

  private skipLine(): void {
    if (this.at() === CR && this.at(1) === LF) this.pos++
    this.pos++
    this.line++
    this.lineStart = this.pos
  }

  /** Takes a line break; what it stands for: all are '\n' but the two Unicode separators. */
  private readLine(): string {
    const c = this.at()
    this.skipLine()
    return c === 0x2028 ? '\u2028' : c === 0x2029 ? '\u2029' : '\n'
  }

  private push(
    type: number,
    offset: number,
    line: number,
    value = '',
    suffix = '',
    style: ScalarStyle = 'plain',
  ): void {
    this.tokens.push({ type, offset, line, value, suffix, style })
  }

  private insert(number: number, type: number, offset: number, line: number): void {
    const token: Token = { type, offset, line, value: '', suffix: '', style: 'plain' }
    // The place may have been passed already; go-yaml appends then, and the parser stumbles over it.
    if (number < this.parsed) this.tokens.push(token)
    else this.tokens.splice(this.head + number - this.parsed, 0, token)
  }

  private nextNumber(): number {
    return this.parsed + this.tokens.length - this.head
  }

  /** Scans until the first token is certain: not a key whose ':' may still come. v3 looks two tokens further. */
  private fetchMore(): void {
    const ahead = this.v3 ? 2 : 0
    for (;;) {
      if (this.head < this.tokens.length - ahead) {
        const key = this.keysByToken.get(this.parsed)
        if (key === undefined || !this.isValid(key)) break
      }
      this.fetchNext()
    }
    this.available = true
  }

  private fetchNext(): void {
    if (!this.started) {
      this.started = true
      this.simpleKeys.push({ possible: false, required: false, token: 0, offset: 0, line: 0, column: 0 })
      this.push(STREAM_START, 0, 0)
      return
    }
    this.toNextToken()
    this.unrollIndent(this.column)
    this.fetchToken()
    if (this.v3) this.skipLineComment()
  }

  /** Scans one token, with those that go before it. */
  private fetchToken(): void {
    const c = this.at()
    const lineStart = this.pos === this.lineStart
    if (c === 0) this.fetchStreamEnd()
    else if (lineStart && c === 0x25) this.fetchDirective()
    else if (lineStart && c === 0x2d && this.isDocumentIndicator(0x2d)) this.fetchDocumentIndicator(DOCUMENT_START)
    else if (lineStart && c === 0x2e && this.isDocumentIndicator(0x2e)) this.fetchDocumentIndicator(DOCUMENT_END)
    else if (c === 0x5b) this.fetchFlowStart(FLOW_SEQUENCE_START)
    else if (c === 0x7b) this.fetchFlowStart(FLOW_MAPPING_START)
    else if (c === 0x5d) this.fetchFlowEnd(FLOW_SEQUENCE_END)
    else if (c === 0x7d) this.fetchFlowEnd(FLOW_MAPPING_END)
    else if (c === 0x2c) this.fetchFlowEntry()
    else if (c === 0x2a) this.fetchAnchor(ALIAS)
    else if (c === 0x26) this.fetchAnchor(ANCHOR)
    else if (c === 0x21) this.fetchTag()
    else if (c === 0x27) this.fetchFlowScalar(true)
    else if (c === 0x22) this.fetchFlowScalar(false)
    else if (c === 0x7c && this.flowLevel === 0) this.fetchBlockScalar(true)
    else if (c === 0x3e && this.flowLevel === 0) this.fetchBlockScalar(false)
    else if (c === 0x2d && isBlankZ(this.at(1))) this.fetchBlockEntry()
    else if (c === 0x3f && (this.flowLevel > 0 || isBlankZ(this.at(1)))) this.fetchKey()
    else if (c === 0x3a && (this.flowLevel > 0 || isBlankZ(this.at(1)))) this.fetchValue()
    // A '-' that is left has text behind it; '?' and ':' are left outside flow collections only, and have text too.
    else if ((!isBlankZ(c) && !INDICATORS.has(c)) || c === 0x2d || c === 0x3f || c === 0x3a) this.fetchPlainScalar()
    else this.fail('found character that cannot start any token', this.line)
  }

  private isDocumentIndicator(c: number): boolean {
    return this.at() === c && this.at(1) === c && this.at(2) === c && isBlankZ(this.at(3))
  }

  // Simple keys.

  private isValid(key: SimpleKey): boolean {
    if (!key.possible) return false
    if (key.line < this.line || key.offset + 1024 < this.pos) {
      if (key.required) this.fail("could not find expected ':'", key.line)
      key.possible = false
      return false
    }
    return true
  }

  private saveSimpleKey(): void {
    if (!this.simpleKeyAllowed) return
    const required = this.flowLevel === 0 && this.indent === this.column
    const key: SimpleKey = {
      possible: true,
      required,
      token: this.nextNumber(),
      offset: this.pos,
      line: this.line,
      column: this.column,
    }
    this.removeSimpleKey()
    this.simpleKeys[this.simpleKeys.length - 1] = key
    this.keysByToken.set(key.token, key)
  }

  private removeSimpleKey(): void {
    const key = this.simpleKeys[this.simpleKeys.length - 1]!
    if (!key.possible) return
    if (key.required) this.fail("could not find expected ':'", key.line)
    key.possible = false
    this.keysByToken.delete(key.token)
  }

  // Indentation.

  private rollIndent(column: number, number: number, type: number, offset: number, line: number): void {
    if (this.flowLevel > 0 || this.indent >= column) return
    this.indents.push(this.indent)
    this.indent = column
    if (this.indents.length > MAX_DEPTH) {
      this.fail(`exceeded max depth of ${MAX_DEPTH}`, this.simpleKeys[this.simpleKeys.length - 1]!.line)
    }
    this.insert(number, type, offset, line)
  }

  private unrollIndent(column: number): void {
    if (this.flowLevel > 0) return
    while (this.indent > column) {
      this.push(BLOCK_END, this.pos, this.line)
      this.indent = this.indents.pop()!
    }
  }

  // One function per kind of token.

  private fetchStreamEnd(): void {
    if (this.pos !== this.lineStart) {
      this.lineStart = this.pos
      this.line++
    }
    this.unrollIndent(-1)
    this.removeSimpleKey()
    this.simpleKeyAllowed = false
    this.push(STREAM_END, this.pos, this.line)
  }

  private fetchDirective(): void {
    this.unrollIndent(-1)
    this.removeSimpleKey()
    this.simpleKeyAllowed = false
    this.scanDirective()
  }

  private fetchDocumentIndicator(type: number): void {
    this.unrollIndent(-1)
    this.removeSimpleKey()
    this.simpleKeyAllowed = false
    this.push(type, this.pos, this.line)
    this.pos += 3
  }

  private fetchFlowStart(type: number): void {
    this.saveSimpleKey()
    this.simpleKeys.push({
      possible: false,
      required: false,
      token: this.nextNumber(),
      offset: this.pos,
      line: this.line,
      column: 0,
    })
    this.flowLevel++
    if (this.flowLevel > MAX_DEPTH) this.fail(`exceeded max depth of ${MAX_DEPTH}`, this.line)
    this.simpleKeyAllowed = true
    this.push(type, this.pos, this.line)
    this.pos++
  }

  private fetchFlowEnd(type: number): void {
    this.removeSimpleKey()
    if (this.flowLevel > 0) {
      this.flowLevel--
      // For an empty collection this is its own number: `[]` and `{}` cannot be keys in go-yaml.
      this.keysByToken.delete(this.simpleKeys.pop()!.token)
    }
    this.simpleKeyAllowed = false
    this.push(type, this.pos, this.line)
    this.pos++
  }

  private fetchFlowEntry(): void {
    this.removeSimpleKey()
    this.simpleKeyAllowed = true
    this.push(FLOW_ENTRY, this.pos, this.line)
    this.pos++
  }

  private fetchBlockEntry(): void {
    if (this.flowLevel === 0) {
      if (!this.simpleKeyAllowed) this.fail('block sequence entries are not allowed in this context', this.line)
      this.rollIndent(this.column, -1, BLOCK_SEQUENCE_START, this.pos, this.line)
    }
    this.removeSimpleKey()
    this.simpleKeyAllowed = true
    this.push(BLOCK_ENTRY, this.pos, this.line)
    this.pos++
  }

  private fetchKey(): void {
    if (this.flowLevel === 0) {
      if (!this.simpleKeyAllowed) this.fail('mapping keys are not allowed in this context', this.line)
      this.rollIndent(this.column, -1, BLOCK_MAPPING_START, this.pos, this.line)
    }
    this.removeSimpleKey()
    this.simpleKeyAllowed = this.flowLevel === 0
    this.push(KEY, this.pos, this.line)
    this.pos++
  }

  private fetchValue(): void {
    const key = this.simpleKeys[this.simpleKeys.length - 1]!
    if (this.isValid(key)) {
      this.insert(key.token, KEY, key.offset, key.line)
      this.rollIndent(key.column, key.token, BLOCK_MAPPING_START, key.offset, key.line)
      key.possible = false
      this.keysByToken.delete(key.token)
      this.simpleKeyAllowed = false
    } else {
      if (this.flowLevel === 0) {
        if (!this.simpleKeyAllowed) this.fail('mapping values are not allowed in this context', this.line)
        this.rollIndent(this.column, -1, BLOCK_MAPPING_START, this.pos, this.line)
      }
      this.simpleKeyAllowed = this.flowLevel === 0
    }
    this.push(VALUE, this.pos, this.line)
    this.pos++
  }

  private fetchAnchor(type: number): void {
    this.saveSimpleKey()
    this.simpleKeyAllowed = false
    const start = this.pos
    this.pos++
    while (isAlpha(this.at())) this.pos++
    const name = this.text.slice(start + 1, this.pos)
    const c = this.at()
    // A name ends at a blank or at one of ? : , ] } % @ `
    if (name === '' || !(isBlankZ(c) || (c < 0x80 && '?:,]}%@`'.includes(String.fromCharCode(c))))) {
      this.fail('did not find expected alphabetic or numeric character', this.line)
    }
    this.push(type, start, this.line, name)
  }

  private fetchTag(): void {
    this.saveSimpleKey()
    this.simpleKeyAllowed = false
    const start = this.pos
    let handle = ''
    let suffix: string
    if (this.at(1) === 0x3c) {
      this.pos += 2
      suffix = this.scanTagUri('')
      if (this.at() !== 0x3e) this.fail("did not find the expected '>'", this.line)
      this.pos++
    } else {
      handle = this.scanTagHandle(false)
      if (handle.length > 1 && handle.endsWith('!')) suffix = this.scanTagUri('')
      else {
        suffix = this.scanTagUri(handle)
        handle = '!'
        // A lone '!' is the non-specific tag.
        if (suffix === '') {
          handle = ''
          suffix = '!'
        }
      }
    }
    if (!isBlankZ(this.at())) this.fail('did not find expected whitespace or line break', this.line)
    this.push(TAG, start, this.line, handle, suffix)
  }

  private fetchBlockScalar(literal: boolean): void {
    this.removeSimpleKey()
    this.simpleKeyAllowed = true
    this.scanBlockScalar(literal)
  }

  private fetchFlowScalar(single: boolean): void {
    this.saveSimpleKey()
    this.simpleKeyAllowed = false
    this.scanFlowScalar(single)
  }

  private fetchPlainScalar(): void {
    this.saveSimpleKey()
    this.simpleKeyAllowed = false
    this.scanPlainScalar()
  }

  // What lies between tokens.

  private toNextToken(): void {
    for (;;) {
      const tabs = this.flowLevel > 0 || !this.simpleKeyAllowed
      let c = this.at()
      while (c === SPACE || (tabs && c === TAB)) {
        this.pos++
        c = this.at()
      }
      if (c === 0x23) {
        this.skipComment()
        if (this.v3) this.skipFurtherComments()
        c = this.at()
      }
      if (!isBreak(c)) return
      this.skipLine()
      if (this.flowLevel === 0) this.simpleKeyAllowed = true
    }
  }

  private skipComment(): void {
    while (!isBreakZ(this.at())) this.pos++
  }

  /** v3 collects comments over several lines, and looks past tabs to find the next one. */
  private skipFurtherComments(): void {
    for (;;) {
      let ahead = this.pos
      const end = this.pos + 512
      let c = this.text.charCodeAt(ahead)
      while (ahead < end && (isBlank(c) || isBreak(c))) c = this.text.charCodeAt(++ahead)
      if (ahead >= end || c !== 0x23) return
      while (this.pos < ahead) {
        if (isBreak(this.at())) this.skipLine()
        else this.pos++
      }
      this.skipComment()
    }
  }

  /** v3 takes the comment behind a token with it, past tabs even where a key may follow. */
  private skipLineComment(): void {
    if (this.tokens.length > 0 && this.tokens[this.tokens.length - 1]!.type === BLOCK_ENTRY) return
    let ahead = this.pos
    while (isBlank(this.text.charCodeAt(ahead)) && ahead - this.pos < 511) ahead++
    if (this.text.charCodeAt(ahead) !== 0x23) return
    // Not when the token ended on an earlier line: only blanks stand before us on this one.
    let back = this.pos - 1
    while (back >= this.lineStart && isBlank(this.text.charCodeAt(back))) back--
    if (this.line > 0 && back < this.lineStart) return
    this.pos = ahead
    this.skipComment()
  }

  // Directives and tags.

  private scanDirective(): void {
    const start = this.pos
    const line = this.line
    this.pos++
    const nameStart = this.pos
    while (isAlpha(this.at())) this.pos++
    const name = this.text.slice(nameStart, this.pos)
    if (name === '') this.fail('could not find expected directive name', line)
    if (!isBlankZ(this.at())) this.fail('found unexpected non-alphabetical character', line)
    if (name === 'YAML') {
      this.skipBlanks()
      const major = this.scanVersionNumber(line)
      if (this.at() !== 0x2e) this.fail("did not find expected digit or '.' character", line)
      this.pos++
      const minor = this.scanVersionNumber(line)
      this.push(VERSION_DIRECTIVE, start, line, `${major}.${minor}`)
    } else if (name === 'TAG') {
      this.skipBlanks()
      const handle = this.scanTagHandle(true)
      if (!isBlank(this.at())) this.fail('did not find expected whitespace', line)
      this.skipBlanks()
      const prefix = this.scanTagUri('')
      if (!isBlankZ(this.at())) this.fail('did not find expected whitespace or line break', line)
      this.push(TAG_DIRECTIVE, start, line, handle, prefix)
    } else this.fail('found unknown directive name', line)
    this.skipBlanks()
    if (this.at() === 0x23) this.skipComment()
    if (!isBreakZ(this.at())) this.fail('did not find expected comment or line break', line)
    if (this.at() !== 0) this.skipLine()
  }

  private skipBlanks(): void {
    while (isBlank(this.at())) this.pos++
  }

  private scanVersionNumber(line: number): number {
    const start = this.pos
    while (isDigit(this.at())) {
      if (this.pos - start >= 2) this.fail('found extremely long version number', line)
      this.pos++
    }
    if (this.pos === start) this.fail('did not find expected version number', line)
    return Number(this.text.slice(start, this.pos))
  }

  private scanTagHandle(directive: boolean): string {
    if (this.at() !== 0x21) this.fail("did not find expected '!'", this.line)
    const start = this.pos
    this.pos++
    while (isAlpha(this.at())) this.pos++
    if (this.at() === 0x21) this.pos++
    else if (directive && this.pos - start > 1) this.fail("did not find expected '!'", this.line)
    return this.text.slice(start, this.pos)
  }

  private scanTagUri(head: string): string {
    let uri = head.slice(1)
    let found = head !== ''
    for (let c = this.at(); isAlpha(c) || URI_CHARACTERS.has(c); c = this.at()) {
      if (c === 0x25) uri += this.scanUriEscapes()
      else {
        uri += String.fromCharCode(c)
        this.pos++
      }
      found = true
    }
    if (!found) this.fail('did not find expected tag URI', this.line)
    return uri
  }

  private scanUriEscapes(): string {
    const bytes: number[] = []
    let left = 1
    for (let first = true; left > 0; left--) {
      const high = hexDigit(this.at(1))
      const low = high < 0 ? -1 : hexDigit(this.at(2))
      if (this.at() !== 0x25 || low < 0) this.fail('did not find URI escaped octet', this.line)
      const octet = high * 16 + low
      if (first) {
        left = octet < 0x80 ? 1 : octet >> 5 === 6 ? 2 : octet >> 4 === 14 ? 3 : octet >> 3 === 30 ? 4 : 0
        if (left === 0) this.fail('found an incorrect leading UTF-8 octet', this.line)
        first = false
      } else if (octet >> 6 !== 2) this.fail('found an incorrect trailing UTF-8 octet', this.line)
      bytes.push(octet)
      this.pos += 3
    }
    return Buffer.from(bytes).toString('utf8')
  }

  // Scalars.

  private scanBlockScalar(literal: boolean): void {
    const start = this.pos
    const line = this.line
    this.pos++
    let chomping = 0
    let increment = 0
    const readChomping = (): boolean => {
      const c = this.at()
      if (c !== 0x2b && c !== 0x2d) return false
      chomping = c === 0x2b ? 1 : -1
      this.pos++
      return true
    }
    const readIncrement = (): boolean => {
      if (!isDigit(this.at())) return false
      if (this.at() === 0x30) this.fail('found an indentation indicator equal to 0', line)
      increment = this.at() - 0x30
      this.pos++
      return true
    }
    if (readChomping()) readIncrement()
    else if (readIncrement()) readChomping()
    this.skipBlanks()
    if (this.at() === 0x23) this.skipComment()
    if (!isBreakZ(this.at())) this.fail('did not find expected comment or line break', line)
    if (this.at() !== 0) this.skipLine()

    let indent = increment > 0 ? Math.max(this.indent, 0) + increment : 0
    // The indentation of the first text line decides; blank lines before it count too.
    let breaks = ''
    let widest = 0
    const readBreaks = (): void => {
      breaks = ''
      for (;;) {
        while ((indent === 0 || this.column < indent) && this.at() === SPACE) this.pos++
        if (this.column > widest) widest = this.column
        const c = this.at()
        if (c === TAB && (indent === 0 || this.column < indent)) {
          this.fail('found a tab character where an indentation space is expected', line)
        }
        if (!isBreak(c)) break
        breaks += this.readLine()
      }
      if (indent === 0) indent = Math.max(widest, this.indent + 1, 1)
    }
    readBreaks()

    const parts: string[] = []
    let leading = ''
    let leadingBlank = false
    while (this.column === indent && this.at() !== 0) {
      const blank = isBlank(this.at())
      if (!literal && leading === '\n' && !leadingBlank && !blank) {
        if (breaks === '') parts.push(' ')
      } else parts.push(leading)
      parts.push(breaks)
      leadingBlank = blank
      const from = this.pos
      while (!isBreakZ(this.at())) this.pos++
      parts.push(this.text.slice(from, this.pos))
      leading = this.at() === 0 ? '' : this.readLine()
      readBreaks()
    }
    if (chomping !== -1) parts.push(leading)
    if (chomping === 1) parts.push(breaks)
    this.push(SCALAR, start, line, parts.join(''), '', literal ? 'literal' : 'folded')
  }

  private scanFlowScalar(single: boolean): void {
    const start = this.pos
    const line = this.line
    const mark = single ? 0x27 : 0x22
    this.pos++
    let value = ''
    for (;;) {
      if (this.pos === this.lineStart && (this.isDocumentIndicator(0x2d) || this.isDocumentIndicator(0x2e))) {
        this.fail('found unexpected document indicator', line)
      }
      if (this.at() === 0) this.fail('found unexpected end of stream', line)

      let leadingBlanks = false
      let from = this.pos
      for (let c = this.at(); !isBlankZ(c); c = this.at()) {
        if (c === mark) {
          if (!single || this.at(1) !== mark) break
          value += this.text.slice(from, this.pos + 1)
          this.pos += 2
          from = this.pos
        } else if (!single && c === 0x5c) {
          value += this.text.slice(from, this.pos)
          if (isBreak(this.at(1))) {
            this.pos++
            this.skipLine()
            leadingBlanks = true
            from = this.pos
            break
          }
          value += this.scanEscape(line)
          from = this.pos
        } else this.pos++
      }
      value += this.text.slice(from, this.pos)
      if (this.at() === mark) break

      // Blanks within a line are kept; a line break with what surrounds it folds.
      from = this.pos
      let end = from
      let leading = ''
      let trailing = ''
      const escaped = leadingBlanks
      for (let c = this.at(); isBlank(c) || isBreak(c); c = this.at()) {
        if (isBlank(c)) {
          this.pos++
          if (!leadingBlanks) end = this.pos
        } else if (leadingBlanks) trailing += this.readLine()
        else {
          leading = this.readLine()
          leadingBlanks = true
        }
      }
      if (!leadingBlanks) value += this.text.slice(from, end)
      else if (!escaped && leading === '\n') value += trailing === '' ? ' ' : trailing
      else value += leading + trailing
    }
    this.pos++
    this.push(SCALAR, start, line, value, '', single ? 'single' : 'double')
  }

  private scanEscape(line: number): string {
    const c = this.at(1)
    let digits = 0
    let out = ''
    switch (c) {
      case 0x30:
        out = '\0'
        break
      case 0x61:
        out = '\x07'
        break
      case 0x62:
        out = '\b'
        break
      case 0x74:
      case TAB:
        out = '\t'
        break
      case 0x6e:
        out = '\n'
        break
      case 0x76:
        out = '\v'
        break
      case 0x66:
        out = '\f'
        break
      case 0x72:
        out = '\r'
        break
      case 0x65:
        out = '\x1b'
        break
      case SPACE:
        out = ' '
        break
      case 0x22:
        out = '"'
        break
      case 0x27:
        out = "'"
        break
      case 0x5c:
        out = '\\'
        break
      case 0x4e:
        out = '\x85'
        break
      case 0x5f:
        out = '\xa0'
        break
      case 0x4c:
        out = '\u2028'
        break
      case 0x50:
        out = '\u2029'
        break
      case 0x78:
        digits = 2
        break
      case 0x75:
        digits = 4
        break
      case 0x55:
        digits = 8
        break
      default:
        this.fail('found unknown escape character', line)
    }
    this.pos += 2
    if (digits === 0) return out
    let code = 0
    for (let k = 0; k < digits; k++) {
      const d = hexDigit(this.at(k))
      if (d < 0) this.fail('did not find expected hexdecimal number', line)
      code = code * 16 + d
    }
    if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) {
      this.fail('found invalid Unicode character escape code', line)
    }
    this.pos += digits
    return String.fromCodePoint(code)
  }

  private scanPlainScalar(): void {
    const start = this.pos
    const line = this.line
    const indent = this.indent + 1
    let value = ''
    let leadingBlanks = false
    let leading = ''
    let trailing = ''
    let blanks = ''
    for (;;) {
      if (this.pos === this.lineStart && (this.isDocumentIndicator(0x2d) || this.isDocumentIndicator(0x2e))) break
      if (this.at() === 0x23) break
      const from = this.pos
      for (let c = this.at(); !isBlankZ(c); c = this.at()) {
        if (c === 0x3a && isBlankZ(this.at(1))) break
        if (this.flowLevel > 0 && (c === 0x2c || c === 0x3f || c === 0x5b || c === 0x5d || c === 0x7b || c === 0x7d))
          break
        this.pos++
      }
      if (this.pos > from) {
        if (leadingBlanks) {
          value += leading === '\n' ? (trailing === '' ? ' ' : trailing) : leading + trailing
          leading = ''
          trailing = ''
          leadingBlanks = false
          blanks = ''
        } else if (blanks !== '') {
          value += blanks
          blanks = ''
        }
        value += this.text.slice(from, this.pos)
      }
      if (!isBlank(this.at()) && !isBreak(this.at())) break
      for (let c = this.at(); isBlank(c) || isBreak(c); c = this.at()) {
        if (isBlank(c)) {
          if (leadingBlanks && c === TAB && this.column < indent) {
            this.fail('found a tab character that violates indentation', line)
          }
          if (!leadingBlanks) blanks += String.fromCharCode(c)
          this.pos++
        } else if (leadingBlanks) trailing += this.readLine()
        else {
          blanks = ''
          leading = this.readLine()
          leadingBlanks = true
        }
      }
      if (this.flowLevel === 0 && this.column < indent) break
    }
    this.push(SCALAR, start, line, value)
    if (leadingBlanks) this.simpleKeyAllowed = true
  }
}
