/**
 * Leaves out of a document what its reader does not want: entries of the map at its top. What is left out must still be
 * YAML that go-yaml v2 and encoding/json read without an error, and so it is only left out where that is plain to see:
 * block maps and lists, plain, quoted and literal text. Anything else (anchors, tags, flow collections with more than
 * words in them, tabs, any doubt) leaves the document whole.
 */
import { Buffer } from 'node:buffer'
import { isPlainAscii, isUsual } from './fast.ts'

const TAB = 0x09
const LF = 0x0a
const SPACE = 0x20
const DOUBLE = 0x22
const HASH = 0x23
const SINGLE = 0x27
const PLUS = 0x2b
const COMMA = 0x2c
const DASH = 0x2d
const DOT = 0x2e
const COLON = 0x3a
const BACKSLASH = 0x5c
const CLOSE = 0x5d

/** Deeper text is not skimmed. */
const MAX_DEPTH = 100

/** Longer keys may exceed libyaml's limit of 1024 characters. */
const MAX_KEY = 500

/** Longer numbers may exceed 64 bits, which is an error where they are keys. */
const MAX_DIGITS = 15

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_$/'
const DIGITS = '0123456789'

/** A table of bytes in which those of `chars` have `value`. */
function mark(table: Uint8Array, chars: string, value: number): Uint8Array {
  for (const c of chars) table[c.charCodeAt(0)] = value
  return table
}

/** Bytes of plain keys. 1: anywhere; 2: digits, of which a key may consist; 3: not first. */
const KEY = mark(mark(mark(new Uint8Array(256), LETTERS, 1), DIGITS, 2), '-.', 3)

/** First bytes of plain text with nothing special about it; those above ASCII are parts of letters. */
const PLAIN = mark(new Uint8Array(256).fill(1, 128), `${LETTERS}${DIGITS}()^;\\~`, 1)

/** What may follow a point: neither a number nor an infinity comes of it. */
const AFTER_POINT = mark(mark(new Uint8Array(256), LETTERS, 1), 'iInN_', 0)

/** What may follow a backslash in double quotes. */
const ESCAPED = mark(new Uint8Array(256), 'nrt"\\', 1)

/** Where documents are read, one after the other. */
let scratch = Buffer.alloc(1 << 16)

/** The collections that are open where we read: columns and kinds. */
const columns = new Int32Array(MAX_DEPTH + 2)
const kinds = new Uint8Array(MAX_DEPTH + 2)

/**
 * The document without those entries of its top map whose key `keep` does not want; or the document itself. `keep` is
 * given keys as they are written.
 */
export function skim(text: string, keep: (key: string) => boolean): string {
  const isAscii = isPlainAscii(text)
  if (!isAscii && !isUsual(text)) return text
  // Bytes are read several times as fast as the characters of a string that was cut out of another one.
  if (scratch.length < 3 * text.length + 2) scratch = Buffer.alloc(4 * text.length + 2)
  const end = isAscii ? scratch.write(text, 'latin1') : scratch.write(text, 'utf8')
  scratch[end] = LF
  scratch[end + 1] = 0
  const kept = new Skimmer(scratch, end).keep(keep)
  if (kept === undefined) return text
  let part = ''
  for (let i = 0; i < kept.length; i += 2) {
    part += isAscii ? text.slice(kept[i], kept[i + 1]) : scratch.toString('utf8', kept[i], kept[i + 1])
  }
  return part
}

/** What a collection is. */
const MAP = 1
const SEQ = 2

/** Reads one document. Its methods move on, and give false (or -1) where they cannot say that it is right. */
class Skimmer {
  /** The document; what follows it is a line break and a zero. */
  private readonly bytes: Buffer
  private readonly end: number
  private pos = 0
  /** The innermost of the open collections. */
  private top = -1
  /** Whether the entry read last has no value yet: it may stand in the lines that follow. */
  private pending = false

  constructor(bytes: Buffer, end: number) {
    this.bytes = bytes
    this.end = end
  }

  /** The ranges to keep, from and to in turns; undefined for all. */
  keep(keep: (key: string) => boolean): number[] | undefined {
    const { bytes, end } = this
    const kept = [0]
    let isOpen = true
    while (this.pos < end) {
      const start = this.pos
      const column = this.indentation()
      if (column === -1) continue
      if (column === 0 && bytes[start] !== DASH) {
        const colon = KEY[bytes[start]!] === 0 ? -1 : this.keyEnd(start)
        if (colon === -1) return undefined
        if (keep(bytes.toString('latin1', start, colon)) !== isOpen) {
          kept.push(start)
          isOpen = !isOpen
        }
      }
      if (!this.line(column)) return undefined
    }
    // A text of comments and blanks is left to others.
    if (this.top === -1) return undefined
    if (isOpen) kept.push(end)
    return kept
  }

  /** The column of the first character of a line; -1 when it has none but a comment: then the line is past. */
  private indentation(): number {
    const { bytes } = this
    const start = this.pos
    let p = start
    while (bytes[p] === SPACE) p++
    this.pos = p
    if (bytes[p] === LF) this.pos = p + 1
    else if (bytes[p] === HASH) this.toNextLine(p)
    else return p - start
    return -1
  }

  private toNextLine(from: number): void {
    const { bytes } = this
    let p = from
    while (bytes[p] !== LF) p++
    this.pos = p + 1
  }

  /** The line whose first character we are at. */
  private line(column: number): boolean {
    const isItem = this.isItem(this.pos)
    while (this.top >= 0 && columns[this.top]! > column) {
      this.top--
      this.pending = false
    }
    if (this.top < 0) {
      if (column !== 0 || isItem) return false
    } else if (columns[this.top]! < column) {
      // Deeper: the value of the entry above, or the second line of a text.
      return this.pending && this.node(column)
    } else if (isItem) {
      // In the column of a map, a list is the value of its last entry.
      if (kinds[this.top] === MAP && !this.pending) return false
    } else if (kinds[this.top] === SEQ) {
      // The entry after such a list.
      if (--this.top < 0 || columns[this.top] !== column) return false
    }
    this.pending = false
    return this.node(column)
  }

  private isItem(at: number): boolean {
    if (this.bytes[at] !== DASH) return false
    const next = this.bytes[at + 1]
    return next === SPACE || next === LF
  }

  /** An item, an entry or a scalar at the current place, and what follows on the line. */
  private node(first: number): boolean {
    let column = first
    while (this.isItem(this.pos)) {
      if (!this.open(column, SEQ)) return false
      const dash = this.pos
      if (this.toValue(dash + 1)) return true
      column += this.pos - dash
    }
    const colon = this.keyEnd(this.pos)
    // Text alone: an item, or what an entry waits for.
    if (colon === -1) return this.pending && this.scalar()
    if (!this.open(column, MAP)) return false
    return this.toValue(colon + 1) || this.scalar()
  }

  /** Makes sure that the innermost collection is this one. */
  private open(column: number, kind: number): boolean {
    if (this.top >= 0 && columns[this.top] === column && kinds[this.top] === kind) return true
    if (this.top >= MAX_DEPTH) return false
    this.top++
    columns[this.top] = column
    kinds[this.top] = kind
    return true
  }

  /** From behind a ':' or '-' to the value; true when the line ends first, and the value may follow. */
  private toValue(from: number): boolean {
    const { bytes } = this
    let p = from
    while (bytes[p] === SPACE) p++
    this.pending = true
    this.pos = p
    if (bytes[p] === LF) this.pos = p + 1
    else if (bytes[p] === HASH && p > from) this.toNextLine(p)
    else return false
    return true
  }

  /** Where the ':' is behind a key that starts here; -1 when there is no key, or one that needs a closer look. */
  private keyEnd(from: number): number {
    const { bytes } = this
    let p = from
    const first = bytes[p]!
    if (first === DOUBLE || first === SINGLE) {
      p = this.quoteEnd(from, first)
      return p !== -1 && this.isColon(p) ? p : -1
    }
    const kind = KEY[first]
    if (kind === 1) {
      while (KEY[bytes[p]!] !== 0) p++
      // A key that is null is an error.
      if (p - from === 4 && bytes.toString('latin1', from, p).toLowerCase() === 'null') return -1
      return p - from <= MAX_KEY && this.isColon(p) ? p : -1
    }
    if (kind !== 2) return -1
    while (KEY[bytes[p]!] === 2) p++
    return p - from <= MAX_DIGITS && this.isColon(p) ? p : -1
  }

  /** Whether a ':' stands here that ends a key. */
  private isColon(at: number): boolean {
    const { bytes } = this
    return bytes[at] === COLON && (bytes[at + 1] === SPACE || bytes[at + 1] === LF)
  }

  /** Behind the quote that closes text on one line in which nothing is escaped; -1 when it is otherwise. */
  private quoteEnd(from: number, quote: number): number {
    const { bytes } = this
    for (let p = from + 1; p - from <= MAX_KEY; p++) {
      const c = bytes[p]
      if (c === quote) return p + 1
      if (c === LF || c === BACKSLASH) return -1
    }
    return -1
  }

  /** A value to the end of its last line. */
  private scalar(): boolean {
    this.pending = false
    const { bytes, pos } = this
    const c = bytes[pos]!
    if (PLAIN[c] === 1) return this.plain()
    const next = bytes[pos + 1]!
    switch (c) {
      case DOUBLE:
        return this.double()
      case SINGLE:
        return this.single()
      case 0x7c:
      case 0x3e:
        return this.block()
      case 0x7b:
        return next === 0x7d && this.endOfLine(pos + 2)
      case 0x5b:
        return this.list()
      case DASH:
        return (PLAIN[next] === 1 || next === DASH) && this.plain()
      case DOT:
        return AFTER_POINT[next] === 1 && this.plain()
    }
    return false
  }

  /** Over blanks and a comment behind a value that has ended. */
  private endOfLine(from: number): boolean {
    const { bytes } = this
    let p = from
    while (bytes[p] === SPACE) p++
    if (bytes[p] === HASH && p > from) this.toNextLine(p)
    else if (bytes[p] === LF) this.pos = p + 1
    else return false
    return true
  }

  /** Plain text: its first line, and all that are deeper than the collection. */
  private plain(): boolean {
    const { bytes } = this
    const parent = columns[this.top]!
    let p = this.pos
    for (;;) {
      for (let c = bytes[p]; c !== LF; c = bytes[++p]) {
        if (c === COLON) {
          const next = bytes[p + 1]
          if (next === SPACE || next === LF || next === TAB) return false
        } else if (c === HASH) {
          if (bytes[p - 1] === SPACE) {
            this.toNextLine(p)
            return true
          }
        } else if (c === TAB) return false
      }
      let start = p + 1
      for (;;) {
        p = start
        while (bytes[p] === SPACE) p++
        if (bytes[p] !== LF || p >= this.end) break
        start = p + 1
      }
      if (p - start <= parent || p >= this.end) {
        this.pos = start
        return true
      }
      if (bytes[p] === HASH) return false
    }
  }

  /** A list in brackets, on one line: of words and quoted text. */
  private list(): boolean {
    const { bytes } = this
    let p = this.pos + 1
    for (;;) {
      while (bytes[p] === SPACE) p++
      const c = bytes[p]!
      if (c === CLOSE) return this.endOfLine(p + 1)
      if (c === DOUBLE || c === SINGLE) {
        p = this.quoteEnd(p, c)
        if (p === -1) return false
      } else {
        if (PLAIN[c] !== 1) return false
        while (KEY[bytes[p]!] !== 0) p++
      }
      while (bytes[p] === SPACE) p++
      if (bytes[p] === COMMA) p++
      else if (bytes[p] !== CLOSE) return false
    }
  }

  private double(): boolean {
    const { bytes } = this
    let p = this.pos + 1
    for (let c = bytes[p]; c !== DOUBLE; c = bytes[++p]) {
      if (c === LF && !this.isIndented(p + 1)) return false
      if (c === BACKSLASH && ESCAPED[bytes[++p]!] !== 1) return false
    }
    return this.endOfLine(p + 1)
  }

  private single(): boolean {
    const { bytes } = this
    for (let p = this.pos + 1; ; p++) {
      const c = bytes[p]
      if (c === SINGLE) {
        if (bytes[p + 1] !== SINGLE) return this.endOfLine(p + 1)
        p++
      } else if (c === LF && !this.isIndented(p + 1)) return false
    }
  }

  /** Whether a line of quoted text cannot be taken for the end of the document. */
  private isIndented(at: number): boolean {
    const c = this.bytes[at]
    return at < this.end && (c === SPACE || c === LF)
  }

  /** Literal and folded text: lines as deep as the first, and blank ones. */
  private block(): boolean {
    const { bytes, end } = this
    let p = this.pos + 1
    if (bytes[p] === DASH || bytes[p] === PLUS) p++
    if (!this.endOfLine(p)) return false
    p = this.pos
    const parent = columns[this.top]!
    let indent = -1
    let widest = 0
    while (p < end) {
      const start = p
      // Only the first line is counted to its end; of the others just the indentation matters.
      while (bytes[p] === SPACE && (indent === -1 || p - start < indent)) p++
      const column = p - start
      const c = bytes[p]
      if (c === LF) {
        if (indent === -1 && column > widest) widest = column
        p++
        continue
      }
      if (c === TAB && (indent === -1 || column < indent)) return false
      if (indent === -1) {
        if (column <= parent || widest > column) return false
        indent = column
      } else if (column < indent) {
        this.pos = start
        return true
      }
      while (bytes[p] !== LF) p++
      p++
    }
    this.pos = p
    return indent !== -1
  }
}
