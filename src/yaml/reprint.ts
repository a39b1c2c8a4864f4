/**
 * Text to text: a block map printed as stringifySorted would print it, without making a tree of it. Most of a large build
 * is objects into which nobody looks (the schemas of CustomResourceDefinitions above all), and most of their text stands
 * as it will be printed: such runs are only found and copied, what differs is read and written one scalar at a time.
 *
 * Structure is the fast reader's business; here is what the sorted writer would do with it, by go-yaml v3's rules.
 */
import { type LineReader, MIN_LATE, type Printed } from './fast.ts'
import { compareKeys, sortKeys } from './key-order.ts'
import type { YamlNode } from './node.ts'
import { isWord, mayResolve, resolvePlain } from './resolve.ts'
import { staysString } from './scalar-text.ts'
import { longWay, pad, sortedPart } from './stringify.ts'

/** go-yaml breaks lines behind this column. */
const WIDTH = 80

/** Deeper text is read as usual. */
const MAX_REPRINT_DEPTH = 200

/** Longer keys may be written another way. */
const MAX_KEY = 100

const LF = 0x0a
const SPACE = 0x20
const HASH = 0x23
const DASH = 0x2d
const COLON = 0x3a

/** Characters of the keys that are written as they stand. 1: anywhere, 2: not first. */
const KEY = new Uint8Array(128)
for (const c of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_$') KEY[c.charCodeAt(0)] = 1
for (const c of '0123456789-./') KEY[c.charCodeAt(0)] = 2

/** Characters that may start plain text. 2: unless one of the kind follows. */
const FIRST = new Uint8Array(128)
for (let c = 0x21; c < 0x7f; c++) FIRST[c] = 1
for (const c of ',[]{}#&*!|>\'"%@`?:<=') FIRST[c.charCodeAt(0)] = 0
for (const c of '-.') FIRST[c.charCodeAt(0)] = 2

/** Prints what the reader stands at as stringifySorted prints it (Print). */
export function reprint(reader: LineReader, indent: number): Printed | undefined {
  try {
    return new Reprint(reader).whole(indent)
  } catch (error) {
    if (error === longWay) return undefined
    throw error
  }
}

class Reprint {
  readonly #reader: LineReader
  readonly #text: string
  /** What is printed so far, but for the text from `#copied` on. */
  #out: string[] = []
  /** The text from here to where we are is still to be copied; -1: none, and we are at the start of a line. */
  #copied = -1
  /** Where the line ended that was copied last. */
  #lineEnd = 0
  /** Whether the map that was printed last stands in the order of its keys. */
  #areSorted = true
  #depth = 0

  constructor(reader: LineReader) {
    this.#reader = reader
    this.#text = reader.text
  }

  whole(indent: number): Printed {
    const reader = this.#reader
    if (isDash(this.#text, reader.pos)) {
      this.#line(indent)
      this.#items(indent)
      this.#copyTo(this.#lineEnd)
      return { text: `\n${this.#out.join('')}`, again: undefined }
    }
    if (!this.#isKey(reader.pos)) throw longWay
    this.#line(indent + 2)
    const large = new Map<number, LargePart>()
    let text = '\n'
    for (const { entry, pieces } of this.#inPieces(this.#entries(indent + 2))) {
      const printed = pieces.join('')
      text += pad(indent + 2)
      text += printed
      const { value, length, pos, col } = entry
      if (value !== -1 && printed.length > MIN_LATE) large.set(value, { text: printed.slice(length + 1), pos, col })
    }
    return { text, again: large.size === 0 ? undefined : again => printAgain(again, large) }
  }

  /** At the start of a line that is to be indented by `indent`. */
  #line(indent: number): void {
    const { pos, col } = this.#reader
    if (this.#copied !== -1) {
      if (col === indent && pos - col === this.#lineEnd) return
      this.#copyTo(this.#lineEnd)
    }
    // As many of its own blanks as are wanted.
    if (col >= indent) this.#copied = pos - indent
    else {
      this.#out.push(pad(indent))
      this.#copied = pos
    }
  }

  #copyTo(end: number): void {
    if (this.#copied !== -1 && end > this.#copied) this.#out.push(this.#text.slice(this.#copied, end))
    this.#copied = -1
  }

  /** From the end of a line that is copied to the next one. */
  #endLine(at: number): void {
    this.#reader.pos = at
    this.#lineEnd = at + 1
    this.#reader.nextLine()
  }

  /** A map at whose first key we are; what is before it on the line is done. */
  #map(indent: number): void {
    const entries = this.#entries(indent)
    if (this.#areSorted) return
    const inOrder = this.#inPieces(entries)
    const { key, from, copied } = entries[0]!
    this.#out.length = from
    this.#copied = copied
    this.#copyTo(key)
    let lead = ''
    for (const { pieces } of inOrder) {
      if (lead !== '') this.#out.push(lead)
      for (const piece of pieces) this.#out.push(piece)
      lead = pad(indent)
    }
  }

  /** The entries of a map, printed in the order in which they stand, and whether that is the one to print them in. */
  #entries(indent: number): Entry[] {
    if (++this.#depth > MAX_REPRINT_DEPTH) throw longWay
    const reader = this.#reader
    const { col } = reader
    const entries: Entry[] = []
    let before: Entry | undefined
    let sorted = true
    for (;;) {
      const { pos } = reader
      const entry = new Entry(pos, this.#keyLength(pos), this.#out.length, this.#copied)
      if (sorted && before !== undefined) sorted = this.#inOrder(before, entry)
      entries.push(entry)
      before = entry
      entry.value = this.#value(pos + entry.length, entry.length + indent + 1, indent)
      entry.to = this.#out.length
      entry.copiedTo = this.#copied
      entry.end = this.#lineEnd
      entry.pos = reader.pos
      entry.col = reader.col
      if (reader.col < col) break
      if (reader.col > col || !this.#isKey(reader.pos)) throw longWay
      this.#line(indent)
    }
    this.#areSorted = sorted
    this.#depth--
    return entries
  }

  /** What was printed of each of a map's entries, behind the indentation; in the order of their keys. */
  #inPieces(entries: readonly Entry[]): { entry: Entry; pieces: string[] }[] {
    const text = this.#text
    const sorted = this.#areSorted
    const byKey = new Map<string, { entry: Entry; pieces: string[] }>()
    for (const entry of entries) {
      const { key, length, from, copied, to, copiedTo, end } = entry
      let pieces: string[]
      if (from === to) pieces = [text.slice(key, end)]
      else {
        // The first piece began before the key.
        pieces = this.#out.slice(from, to)
        pieces[0] = pieces[0]!.slice(key - copied)
        if (copiedTo !== -1) pieces.push(text.slice(copiedTo, end))
      }
      byKey.set(text.slice(key, key + length), { entry, pieces })
    }
    if (byKey.size !== entries.length) throw longWay
    return sorted ? [...byKey.values()] : sortKeys([...byKey.keys()]).map(key => byKey.get(key)!)
  }

  #isKey(at: number): boolean {
    const text = this.#text
    let p = at
    let c = text.charCodeAt(p)
    if (KEY[c] !== 1) return false
    do c = text.charCodeAt(++p)
    while (KEY[c]! > 0)
    if (c !== COLON) return false
    c = text.charCodeAt(p + 1)
    return c === SPACE || c === LF
  }

  /** The length of the key here, if it is one that is written as it stands. */
  #keyLength(at: number): number {
    const text = this.#text
    let p = at
    while (KEY[text.charCodeAt(p)]! > 0) p++
    const length = p - at
    if (length > MAX_KEY || (length < 6 && mayResolve(text.charCodeAt(at)) && isWord(text.slice(at, p)))) throw longWay
    return length
  }

  #inOrder(a: Entry, b: Entry): boolean {
    const text = this.#text
    const n = a.length < b.length ? a.length : b.length
    for (let i = 0; i < n; i++) {
      const x = text.charCodeAt(a.key + i)
      const y = text.charCodeAt(b.key + i)
      if (x === y) continue
      // Letters, as most are.
      if (x > COLON && y > COLON && x !== 0x5f && y !== 0x5f) return x < y
      return compareKeys(text.slice(a.key, a.key + a.length), text.slice(b.key, b.key + b.length)) < 0
    }
    return a.length < b.length
  }

  /** The value behind the ':' at `colon`, which is printed in `column - 1`; where it starts if it is a block, or -1. */
  #value(colon: number, column: number, indent: number): number {
    const reader = this.#reader
    const text = this.#text
    const parent = reader.col
    let p = colon + 1
    let c = text.charCodeAt(p)
    if (c === SPACE && this.#plain(p + 1, column + 1, indent, parent)) return -1
    while (c === SPACE) c = text.charCodeAt(++p)
    if (c !== LF && c !== HASH) {
      this.#part(p, colon + 1, indent, column, parent)
      return -1
    }
    const end = c === LF ? p : text.indexOf('\n', p)
    if (end === -1) throw longWay
    reader.pos = end
    reader.nextLine()
    const { pos } = reader
    const isList = isDash(text, pos)
    if (reader.col < parent || (reader.col === parent && !isList)) {
      this.#copyTo(colon + 1)
      this.#out.push(' null\n')
      return -1
    }
    if (!isList && !this.#isKey(pos)) {
      if (reader.findKey() !== -1) throw longWay
      this.#part(pos, colon + 1, indent, column, parent)
      return -1
    }
    // Blanks and comments behind the key go.
    if (end === colon + 1) this.#lineEnd = end + 1
    else {
      this.#copyTo(colon + 1)
      this.#out.push('\n')
    }
    const inner = isList ? indent : indent + 2
    this.#line(inner)
    if (isList) this.#items(inner)
    else this.#map(inner)
    return pos
  }

  /** A list at whose first '-' we are; what is before it on the line is done. */
  #items(indent: number): void {
    if (++this.#depth > MAX_REPRINT_DEPTH) throw longWay
    const reader = this.#reader
    const text = this.#text
    const { col } = reader
    for (;;) {
      const dash = reader.pos
      let p = dash + 1
      let c = text.charCodeAt(p)
      while (c === SPACE) c = text.charCodeAt(++p)
      if (p === dash + 1 || c === LF || c === HASH) throw longWay
      if (p > dash + 2) {
        this.#copyTo(dash + 2)
        this.#copied = p
      }
      reader.pos = p
      reader.col = col + p - dash
      if (isDash(text, p)) this.#items(indent + 2)
      else if (this.#isKey(p)) this.#map(indent + 2)
      else if (!this.#plain(p, indent + 2, indent, col)) {
        if (reader.findKey() !== -1) throw longWay
        this.#part(p, p, indent, -1, col)
      }
      if (reader.col < col) break
      if (reader.col > col) throw longWay
      if (!isDash(text, reader.pos)) break
      this.#line(indent)
    }
    this.#depth--
  }

  /**
   * Plain text that starts at `at`, printed in `column`: true, and it is copied, where it is written as it stands.
   */
  #plain(at: number, column: number, indent: number, parent: number): boolean {
    const text = this.#text
    const first = text.charCodeAt(at)
    const kind = first < 128 ? FIRST[first] : 1
    if (kind === 0) {
      // Nothing else but empty collections is written in braces or brackets.
      if (!text.startsWith('{}\n', at) && !text.startsWith('[]\n', at)) return false
      this.#endLine(at + 2)
      return true
    }
    if (kind === 2 && !(KEY[text.charCodeAt(at + 1)]! > 0 && text.charCodeAt(at + 1) !== first)) return false
    let p = at
    let c = first
    let shift = column - at
    let previous = 0
    let isFolded = false
    for (;;) {
      for (; c !== LF; c = text.charCodeAt(++p)) {
        if (c > COLON) {
          // A surrogate would be escaped.
          if (c >= 0xd800 && c <= 0xdfff) return false
        } else if (c === SPACE) {
          // Here the line would be broken.
          if (p + shift > WIDTH && previous !== SPACE && text.charCodeAt(p + 1) !== SPACE) return false
        } else if (c === COLON) {
          const next = text.charCodeAt(p + 1)
          if (next === SPACE || next === LF) return false
        } else if (c === HASH) {
          if (previous === SPACE) return false
        } else if (!(c > SPACE)) return false
        previous = c
      }
      if (previous === SPACE) return false
      // Does it go on in the next line?
      let start = p + 1
      let q = start
      for (c = text.charCodeAt(q); c === SPACE || c === LF; c = text.charCodeAt(++q)) if (c === LF) start = q + 1
      if (q - start <= parent || q >= text.length) break
      // Only where it would be broken, and goes on, just so.
      const isSame = start === p + 1 && q - start === indent + 2 && c !== HASH
      if (!isSame || p + shift <= WIDTH) return false
      shift = -start
      p = q
      previous = 0
      isFolded = true
    }
    if (!isFolded && mayResolve(first) && !isWritten(text.slice(at, p))) return false
    this.#endLine(p)
    return true
  }

  /** A scalar or flow collection that is read and written: from `from` on behind a key, else in a list. */
  #part(at: number, from: number, indent: number, column: number, parent: number): void {
    const reader = this.#reader
    reader.pos = at
    const node = reader.inline(parent) as YamlNode
    const written = sortedPart(node, indent, column)
    const end = reader.col > 0 ? reader.pos - reader.col : reader.pos
    if (written.length === end - from && this.#copied !== -1 && this.#text.startsWith(written, from)) {
      this.#lineEnd = end
      return
    }
    this.#copyTo(from)
    this.#out.push(written)
  }
}

/** An entry of a map as it was printed. */
class Entry {
  /** Where its key stands, and how long it is. */
  readonly key: number
  readonly length: number
  /** How many pieces were there when it began, and from where text was yet to be copied; the same when it ended. */
  readonly from: number
  readonly copied: number
  to = 0
  copiedTo = 0
  /** Where its last line ends, if that is yet to be copied. */
  end = 0
  /** Where its value starts, if that is a block; else -1. */
  value = -1
  /** Where the reader stood behind it. */
  pos = 0
  col = 0

  constructor(key: number, length: number, from: number, copied: number) {
    this.key = key
    this.length = length
    this.from = from
    this.copied = copied
  }
}

/** What was printed of a large value, and where the reader stands behind it. */
interface LargePart {
  readonly text: string
  readonly pos: number
  readonly col: number
}

function printAgain(reader: LineReader, large: ReadonlyMap<number, LargePart>): Printed | undefined {
  const part = large.get(reader.pos)
  if (part === undefined) return undefined
  reader.pos = part.pos
  reader.col = part.col
  return { text: part.text, again: undefined }
}

/** Whether a list's item starts here. */
function isDash(text: string, at: number): boolean {
  return text.charCodeAt(at) === DASH && text.charCodeAt(at + 1) <= SPACE
}

const INTEGER = /^(?:0|-?[1-9][0-9]{0,14})$/

/** Whether plain text that may be no string is written as it is. */
function isWritten(text: string): boolean {
  if (text === 'true' || text === 'false' || text === 'null' || INTEGER.test(text)) return true
  return staysString(text) && typeof resolvePlain(text, 'v3') === 'string'
}
