/**
 * The lexer of template actions (text/template/parse, lex.go): text and actions become items, each with its offset.
 * Spaces inside an action are items too, since `.a .b` is not `.a.b`. Trim markers are dealt with here and never seen
 * by the parser.
 */
import { isPrint, quote } from '../go/strconv.ts'
import { byteLength } from '../go/value.ts'

export type ItemType =
  | 'error' // the value is the text of the error
  | 'bool'
  | 'char' // a printable ASCII character; comma and the like
  | 'charConstant'
  | 'complex'
  | 'assign' // =
  | 'declare' // :=
  | 'eof'
  | 'field' // .name
  | 'identifier'
  | 'leftDelim'
  | 'leftParen'
  | 'number'
  | 'pipe'
  | 'rawString' // with its quotes
  | 'rightDelim'
  | 'rightParen'
  | 'space'
  | 'string' // with its quotes
  | 'text'
  | 'variable' // $name
  // Keywords from here.
  | 'block'
  | 'break'
  | 'continue'
  | 'dot'
  | 'define'
  | 'else'
  | 'end'
  | 'if'
  | 'nil'
  | 'range'
  | 'template'
  | 'with'

export interface Item {
  readonly type: ItemType
  readonly pos: number
  readonly val: string
}

const keywords = new Map<string, ItemType>(
  (['block', 'break', 'continue', 'define', 'else', 'end', 'if', 'nil', 'range', 'template', 'with'] as const).map(
    word => [word, word],
  ),
)

/** An item as parse errors show it. */
export function printItem(item: Item): string {
  if (item.type === 'eof') return 'EOF'
  if (item.type === 'error') return item.val
  if (item.type === 'dot') return '<.>'
  if (keywords.get(item.type) !== undefined) return `<${item.val}>`
  if (byteLength(item.val) > 10) return quote([...item.val].slice(0, 10).join('')) + '...'
  return quote(item.val)
}

const isSpace = (c: number): boolean => c === 0x20 || c === 0x09 || c === 0x0d || c === 0x0a
const isDigit = (c: number): boolean => c >= 0x30 && c <= 0x39
const unicodeWord = /[\p{L}\p{Nd}_]/u

const ALPHANUMERIC = new Uint8Array(128)
for (const c of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_') ALPHANUMERIC[c.charCodeAt(0)] = 1

/** Whether the code point may stand in an identifier: letters, digits and underscore. */
function isAlphaNumeric(c: number): boolean {
  if (c < 0x80) return ALPHANUMERIC[c] === 1
  return c <= 0x10ffff && unicodeWord.test(String.fromCodePoint(c))
}

/** A character as Go's `%#U` shows it: U+0025 '%'. */
function formatUnicode(c: number): string {
  const code = 'U+' + c.toString(16).toUpperCase().padStart(4, '0')
  const text = String.fromCodePoint(c)
  return isPrint(c) ? `${code} '${text}'` : code
}

export class Lexer {
  readonly input: string
  private pos = 0
  private insideAction = false
  private parenDepth = 0
  /** Set by an error: only EOF follows. */
  private failed = false

  constructor(input: string) {
    this.input = input
  }

  /** The next item; after an error or the end, EOF again and again. */
  next(): Item {
    if (this.failed) return { type: 'eof', pos: this.input.length, val: 'EOF' }
    return this.insideAction ? this.lexInsideAction() : this.lexText()
  }

  private item(type: ItemType, start: number): Item {
    return { type, pos: start, val: this.input.slice(start, this.pos) }
  }

  private fail(message: string, start: number): Item {
    this.failed = true
    return { type: 'error', pos: start, val: message }
  }

  /** The code point at the position, or -1 at the end; a byte that is not UTF-8 reads as U+FFFD, as in Go. */
  private peek(): number {
    const c = this.input.codePointAt(this.pos)
    if (c === undefined) return -1
    return c >= 0xd800 && c <= 0xdfff ? 0xfffd : c
  }

  private advance(): void {
    const c = this.input.codePointAt(this.pos)
    if (c !== undefined) this.pos += c > 0xffff ? 2 : 1
  }

  /** Text up to the next action, or the end; comments vanish here. */
  private lexText(): Item {
    for (;;) {
      const start = this.pos
      const delim = this.input.indexOf('{{', start)
      if (delim < 0) {
        this.pos = this.input.length
        return start < this.pos ? this.item('text', start) : { type: 'eof', pos: start, val: 'EOF' }
      }
      const trims = this.hasLeftTrimMarker(delim + 2)
      let end = delim
      if (trims) while (end > start && isSpace(this.input.charCodeAt(end - 1))) end--
      if (end > start) {
        this.pos = end
        const text = this.item('text', start)
        this.pos = delim
        return text
      }
      const inside = delim + 2 + (trims ? 2 : 0)
      if (this.input.startsWith('/*', inside)) {
        const failure = this.skipComment(inside)
        if (failure !== undefined) return failure
        continue
      }
      this.pos = inside
      this.insideAction = true
      this.parenDepth = 0
      return { type: 'leftDelim', pos: delim, val: '{{' }
    }
  }

  private skipComment(start: number): Item | undefined {
    const close = this.input.indexOf('*/', start + 2)
    if (close < 0) return this.fail('unclosed comment', start)
    this.pos = close + 2
    const delim = this.rightDelim()
    if (delim === undefined) return this.fail('comment ends before closing delimiter', start)
    this.pos += delim === 'trim' ? 4 : 2
    if (delim === 'trim') this.skipSpace()
    return undefined
  }

  private skipSpace(): void {
    while (isSpace(this.input.charCodeAt(this.pos))) this.pos++
  }

  private hasLeftTrimMarker(at: number): boolean {
    return this.input.charCodeAt(at) === 0x2d && isSpace(this.input.charCodeAt(at + 1))
  }

  /** Whether a right delimiter stands here, and whether it has a trim marker before it. */
  private rightDelim(at = this.pos): 'plain' | 'trim' | undefined {
    const c = this.input.charCodeAt(at)
    if (c === 0x7d) return this.input.charCodeAt(at + 1) === 0x7d ? 'plain' : undefined
    return isSpace(c) && this.input.startsWith('-}}', at + 1) ? 'trim' : undefined
  }

  private lexInsideAction(): Item {
    const start = this.pos
    const delim = this.rightDelim()
    if (delim !== undefined) {
      if (this.parenDepth > 0) return this.fail('unclosed left paren', start)
      return this.lexRightDelim(delim)
    }
    const c = this.peek()
    if (c === -1) return this.fail('unclosed action', start)
    if (isSpace(c)) return this.lexSpace()
    if (isDigit(c) || c === 0x2b || c === 0x2d) return this.lexNumber()
    if (isAlphaNumeric(c)) return this.lexIdentifier()
    this.advance()
    switch (c) {
      case 0x3d:
        return this.item('assign', start)
      case 0x3a: {
        if (this.input.charCodeAt(this.pos) !== 0x3d) return this.fail('expected :=', start)
        this.pos++
        return this.item('declare', start)
      }
      case 0x7c:
        return this.item('pipe', start)
      case 0x22:
        return this.lexQuote(start)
      case 0x60: {
        const close = this.input.indexOf('`', this.pos)
        if (close < 0) return this.fail('unterminated raw quoted string', start)
        this.pos = close + 1
        return this.item('rawString', start)
      }
      case 0x24:
        return this.lexFieldOrVariable('variable', start)
      case 0x27:
        return this.lexChar(start)
      case 0x2e:
        if (isDigit(this.input.charCodeAt(this.pos)) || this.pos >= this.input.length) {
          this.pos = start
          return this.lexNumber()
        }
        return this.lexFieldOrVariable('field', start)
      case 0x28:
        this.parenDepth++
        return this.item('leftParen', start)
      case 0x29:
        this.parenDepth--
        if (this.parenDepth < 0) return this.fail('unexpected right paren', start)
        return this.item('rightParen', start)
    }
    if (c < 0x7f && c > 0x20) return this.item('char', start)
    return this.fail(`unrecognized character in action: ${formatUnicode(c)}`, start)
  }

  private lexRightDelim(delim: 'plain' | 'trim'): Item {
    if (delim === 'trim') this.pos += 2
    const start = this.pos
    this.pos += 2
    if (delim === 'trim') this.skipSpace()
    this.insideAction = false
    return { type: 'rightDelim', pos: start, val: '}}' }
  }

  /** A run of spaces. The last one belongs to the delimiter when ` -}}` follows. */
  private lexSpace(): Item {
    const start = this.pos
    this.skipSpace()
    if (this.rightDelim(this.pos - 1) === 'trim') {
      this.pos--
      if (this.pos === start) return this.lexRightDelim('trim')
    }
    return this.item('space', start)
  }

  /** Over letters, digits and underscores. */
  private skipWord(): void {
    const { input } = this
    let { pos } = this
    for (;;) {
      const c = input.charCodeAt(pos)
      if (c < 0x80) {
        if (ALPHANUMERIC[c] === 0) break
        pos++
      } else {
        this.pos = pos
        if (!isAlphaNumeric(this.peek())) break
        this.advance()
        pos = this.pos
      }
    }
    this.pos = pos
  }

  private lexIdentifier(): Item {
    const start = this.pos
    this.skipWord()
    if (!this.atTerminator()) return this.fail(`bad character ${formatUnicode(this.peek())}`, start)
    const word = this.input.slice(start, this.pos)
    const keyword = keywords.get(word)
    const type = keyword ?? (word === 'true' || word === 'false' ? 'bool' : 'identifier')
    return { type, pos: start, val: word }
  }

  /** The dot or dollar sign has been scanned. */
  private lexFieldOrVariable(type: 'field' | 'variable', start: number): Item {
    if (this.atTerminator()) return this.item(type === 'variable' ? 'variable' : 'dot', start)
    this.skipWord()
    if (!this.atTerminator()) return this.fail(`bad character ${formatUnicode(this.peek())}`, start)
    return this.item(type, start)
  }

  /** Whether what follows may stand after an identifier, so that `$x+2` is refused. */
  private atTerminator(): boolean {
    const c = this.input.charCodeAt(this.pos)
    if (Number.isNaN(c) || isSpace(c)) return true
    // . , | : ) (
    if (c === 0x2e || c === 0x2c || c === 0x7c || c === 0x3a || c === 0x29 || c === 0x28) return true
    return c === 0x7d && this.input.charCodeAt(this.pos + 1) === 0x7d
  }

  private lexChar(start: number): Item {
    return this.lexEscaped(start, 0x27, 'charConstant', 'unterminated character constant')
  }

  private lexQuote(start: number): Item {
    return this.lexEscaped(start, 0x22, 'string', 'unterminated quoted string')
  }

  /** Up to the closing quote on the same line; a backslash takes the next character along. */
  private lexEscaped(start: number, close: number, type: ItemType, message: string): Item {
    for (;;) {
      let c = this.input.charCodeAt(this.pos++)
      if (c === close) return this.item(type, start)
      if (c === 0x5c) c = this.input.charCodeAt(this.pos++)
      if (Number.isNaN(c) || c === 0x0a) return this.fail(message, start)
    }
  }

  private lexNumber(): Item {
    const start = this.pos
    if (!this.scanNumber()) return this.fail(`bad number syntax: ${quote(this.input.slice(start, this.pos))}`, start)
    const sign = this.input.charCodeAt(this.pos)
    if (sign === 0x2b || sign === 0x2d) {
      // Complex: 1+2i. No spaces, must end in i.
      if (!this.scanNumber() || this.input[this.pos - 1] !== 'i') {
        return this.fail(`bad number syntax: ${quote(this.input.slice(start, this.pos))}`, start)
      }
      return this.item('complex', start)
    }
    return this.item('number', start)
  }

  /** Takes what looks like a number; the parser finds out whether it is one. */
  private scanNumber(): boolean {
    numberText.lastIndex = this.pos
    this.pos += numberText.exec(this.input)![0].length
    // The next thing must not be alphanumeric.
    if (isAlphaNumeric(this.peek())) {
      this.advance()
      return false
    }
    return true
  }
}

const numberText =
  /[+-]?(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]*)?|0[oO][0-7_]*(?:\.[0-7_]*)?|0[bB][01_]*(?:\.[01_]*)?|[0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]*)?)i?/y
