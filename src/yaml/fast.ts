/**
 * The fast reader: what Kubernetes manifests and values files are made of, read line by line without tokens, straight
 * into values or nodes. Whatever is rare or wrong (anchors, tags, `?`, tabs, directives, CRLF, any error) makes it give
 * up, and the exact reader (scan.ts, compose.ts) reads the text again from the start. So it never fails, and must accept
 * only what the exact reader reads to the same result.
 */

import type { GoValue } from '../go/value.ts'
import {
  type Dialect,
  LateMap,
  LateSeq,
  YamlMap,
  type YamlNode,
  type YamlPair,
  YamlScalar,
  YamlSeq,
  type YamlSource,
} from './node.ts'
import { mayResolve, parseTimestamp, resolvePlain, resolveSigs } from './resolve.ts'

/** What the reader builds: nodes, or values with numbers as float64 or exact. */
export type Target = 'nodes' | 'float64' | 'exact'

/**
 * Prints the block map or list below a key that is itself printed with an indentation of `indent`: the reader stands at
 * its first key or '-', and behind it when it is printed. Undefined, with the reader anywhere, where that takes a tree.
 */
export type Print = (reader: LineReader, indent: number) => Printed | undefined

export interface Printed {
  /** What stands behind the key. */
  readonly text: string
  /** Prints the large values of a map's entries once more, when the map is read. */
  readonly again: Print | undefined
}

/** What a Print sees of the reader, which stands at the first character of a line's content. */
export interface LineReader {
  readonly text: string
  pos: number
  /** The column of that character; -1 at the end of the document. */
  col: number
  /** From a line break to the next content, over blank lines and comments. */
  nextLine(): void
  /** Where the ':' behind a key on this line is, or -1. */
  findKey(): number
  /** Reads a scalar or flow collection, of a collection in column `parent`, as a node, and goes to the next content. */
  inline(parent: number): unknown
}

export interface FastDocument {
  /** A YamlNode or a GoValue, by target. */
  readonly root: unknown
  readonly offset: number
}

/** Thrown to give up; caught in readFast. */
const GIVE_UP = new Error('not for the fast reader')

/** Deeper text is left to the exact reader, which knows the limits. */
const MAX_FAST_DEPTH = 400

/** Less text is read at once: somebody will look into most of it. */
export const MIN_LATE = 4096

/** Keys longer than this may exceed libyaml's limit of 1024 characters for a key on one line. */
const MAX_KEY = 1000

/** Characters that are breaks or errors for libyaml, and carriage returns. Lone surrogates stand for invalid bytes. */
const UNUSUAL =
  /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/

const TAB = 0x09
const LF = 0x0a
const SPACE = 0x20
const DOUBLE = 0x22
const HASH = 0x23
const SINGLE = 0x27
const COMMA = 0x2c
const DASH = 0x2d
const COLON = 0x3a

/** First characters of a plain scalar. 1: never; 2: only when text follows. */
const FIRST = new Uint8Array(128)
for (const c of ',[]{}#&*!|>\'"%@`') FIRST[c.charCodeAt(0)] = 1
for (const c of '-?:') FIRST[c.charCodeAt(0)] = 2

/** What the fast reader read: documents, and where the one starts that it could not read (undefined: it read all). */
export interface FastResult {
  readonly documents: FastDocument[]
  readonly stopped: number | undefined
}

/** Most texts, and told in a fraction of the time that UNUSUAL takes. */
const ASCII = /^[\n\x20-\x7e]*$/

/** Whether there is nothing in a text but printable ASCII and line breaks. */
export function isPlainAscii(text: string): boolean {
  return ASCII.test(text)
}

/** Whether the fast reader can read anything of a text. */
export function isUsual(text: string): boolean {
  return ASCII.test(text) || !UNUSUAL.test(text)
}

/**
 * Reads documents (all, or the first) from an offset on: the start of the text, or the `---` of a document. With `print`
 * large values of its outermost map are left unread (Late).
 */
export function readFast(
  source: YamlSource,
  dialect: Dialect,
  target: Target,
  wanted: 'first' | 'all',
  from: number,
  print: Print | undefined,
): FastResult {
  const reader = new FastReader(source, dialect, target, print)
  const documents: FastDocument[] = []
  try {
    reader.documents(wanted, from, documents)
    return { documents, stopped: undefined }
  } catch (error) {
    if (error !== GIVE_UP) throw error
    return { documents, stopped: reader.documentStart }
  }
}

class FastReader implements LineReader {
  readonly text: string
  private readonly end: number
  private readonly source: YamlSource
  private readonly nodes: boolean
  private readonly sigs: boolean
  private readonly exact: boolean
  private readonly print: Print | undefined
  /** The indentation with which the keys of the outermost map are printed. */
  private readonly indent: number
  /** Where we are; after each entry, the first character of the next line with content. */
  pos = 0
  /** The column of that character; -1 at the end of the document. */
  col = -1
  /** What lay before it: blank lines, comments. */
  private blankLines = 0
  private comments = false
  private depth = 0
  /** Where the document that is being read starts, for the exact reader to start at. */
  documentStart = 0
  /** Items of the collections that are open, so that each gets an array of just its size at its end. */
  private readonly stack: unknown[] = []
  private top = 0
  /** Keys met lately, by a cheap hash, so that equal ones share one string. */
  private readonly pieces: (string | undefined)[] = new Array(512)

  constructor(source: YamlSource, dialect: Dialect, target: Target, print: Print | undefined, indent = 0) {
    this.source = source
    this.text = source.text
    this.end = source.text.length
    this.nodes = target === 'nodes'
    this.print = print
    this.indent = indent
    this.sigs = dialect === 'sigs'
    this.exact = target === 'exact'
  }

  documents(wanted: 'first' | 'all', from: number, out: FastDocument[]): void {
    this.documentStart = from
    this.toContent(from)
    if (this.col !== -1) {
      const offset = this.pos
      const root = this.root()
      this.checkLookahead(wanted)
      out.push({ root, offset })
      if (wanted === 'first') return
    }
    // Every further document starts with a marker.
    while (this.pos < this.end) {
      const offset = this.pos
      this.documentStart = offset
      if (this.text.charCodeAt(offset) !== DASH) throw GIVE_UP
      this.pos += 3
      this.endOfLine()
      this.nextLine()
      const root = this.col === -1 ? this.empty(offset + 3) : this.root()
      this.checkLookahead(wanted)
      out.push({ root, offset })
      if (wanted === 'first') return
    }
  }

  /** v3 looks two tokens ahead, and so fails for errors just behind the first document. */
  private checkLookahead(wanted: 'first' | 'all'): void {
    if (wanted === 'first' && !this.sigs && this.pos < this.end) throw GIVE_UP
  }

  private root(): unknown {
    const value = this.block(this.col, -1)
    if (this.col !== -1) throw GIVE_UP
    return value
  }

  /** Moves to the first line with content, from the start of a line. Stops at a document marker with column -1. */
  private toContent(from: number): void {
    const text = this.text
    let p = from
    this.blankLines = 0
    this.comments = false
    for (;;) {
      const start = p
      let c = text.charCodeAt(p)
      while (c === SPACE) c = text.charCodeAt(++p)
      if (c === LF) {
        this.blankLines++
        p++
        continue
      }
      if (c === HASH) {
        this.comments = true
        p = text.indexOf('\n', p)
        if (p === -1) p = this.end
        else p++
        continue
      }
      this.pos = p
      if (p >= this.end) {
        this.col = -1
        return
      }
      if (c === TAB) throw GIVE_UP
      this.col = p - start
      if (p === start && (c === DASH || c === 0x2e || c === 0x25)) {
        if (c === 0x25) throw GIVE_UP
        if (text.charCodeAt(p + 1) === c && text.charCodeAt(p + 2) === c && this.isBlankAt(p + 3)) {
          if (c !== DASH) throw GIVE_UP
          this.col = -1
        }
      }
      return
    }
  }

  /** From the end of a line to the next content. */
  nextLine(): void {
    this.toContent(this.pos + 1)
  }

  private isBlankAt(p: number): boolean {
    const c = this.text.charCodeAt(p)
    return c === SPACE || c === LF || c === TAB || p >= this.end
  }

  /** Moves over blanks and a comment to the end of the line; anything else is not for us. */
  private endOfLine(): void {
    const text = this.text
    let p = this.pos
    let c = text.charCodeAt(p)
    while (c === SPACE) c = text.charCodeAt(++p)
    if (c === HASH && p > this.pos) {
      p = text.indexOf('\n', p)
      if (p === -1) p = this.end
    } else if (c !== LF && p < this.end) throw GIVE_UP
    this.pos = p
  }

  private empty(offset: number): unknown {
    return this.nodes ? new YamlScalar('', 'plain', undefined, this.source, offset) : null
  }

  /** A node that starts at the current place, in column `col`; plain text goes on in lines deeper than `parent`. */
  private block(col: number, parent: number): unknown {
    const c = this.text.charCodeAt(this.pos)
    if (c === DASH && this.isBlankAt(this.pos + 1)) return this.seq(col, false)
    const keyEnd = this.findKey()
    return keyEnd === -1 ? this.inline(parent) : this.map(col, keyEnd)
  }

  /**
   * Where the ':' behind a key on this line is, or -1 when the line has none. Gives up where it cannot tell.
   */
  findKey(): number {
    const text = this.text
    const c = text.charCodeAt(this.pos)
    if (c === DOUBLE || c === SINGLE) {
      let p = this.pos + 1
      for (;;) {
        const d = text.charCodeAt(p)
        if (d === c) {
          if (c === DOUBLE || text.charCodeAt(p + 1) !== SINGLE) break
          p += 2
        } else if (d === 0x5c && c === DOUBLE) p += 2
        else if (d === LF || p >= this.end) return -1
        else p++
      }
      p++
      while (text.charCodeAt(p) === SPACE) p++
      return text.charCodeAt(p) === COLON && this.isBlankAt(p + 1) ? p : -1
    }
    if (c < 128 && FIRST[c] === 1) return -1
    for (let p = this.pos; p < this.end; p++) {
      const d = text.charCodeAt(p)
      if (d === COLON) {
        const e = text.charCodeAt(p + 1)
        if (e === SPACE || e === LF || p + 1 >= this.end) return p
        if (e === TAB) throw GIVE_UP
      } else if (d === LF) return -1
      else if (d === HASH && text.charCodeAt(p - 1) === SPACE) return -1
    }
    return -1
  }

  private map(col: number, firstKeyEnd: number): unknown {
    if (++this.depth > MAX_FAST_DEPTH) throw GIVE_UP
    const text = this.text
    const node = this.nodes ? new YamlMap(NO_PAIRS, this.source, this.pos) : undefined
    const base = this.top
    const values = this.nodes ? NO_VALUES : new Map<string, GoValue>()
    let keyEnd = firstKeyEnd
    for (;;) {
      const offset = this.pos
      const key = this.key(offset, keyEnd)
      const keyNode = this.nodes ? this.keyNode(key, offset) : undefined
      // The value: on this line, or below.
      let p = keyEnd + 1
      let c = text.charCodeAt(p)
      while (c === SPACE) c = text.charCodeAt(++p)
      let value: unknown
      if (c === LF || p >= this.end || (c === HASH && p > keyEnd + 1)) {
        if (c === HASH) {
          p = text.indexOf('\n', p)
          if (p === -1) p = this.end
        }
        this.pos = p
        this.nextLine()
        if (this.col > col) value = this.late(col) ?? this.block(this.col, col)
        else if (this.col === col && text.charCodeAt(this.pos) === DASH && this.isBlankAt(this.pos + 1)) {
          value = this.late(col) ?? this.seq(col, true)
        } else value = this.empty(keyEnd + 1)
      } else {
        this.pos = p
        value = this.inline(col)
      }
      if (keyNode !== undefined) this.stack[this.top++] = { key: keyNode, value }
      else {
        // go-yaml v3 refuses duplicates; the exact reader says where.
        if (!this.sigs && values.has(key)) throw GIVE_UP
        values.set(key, value as GoValue)
      }
      if (this.col < col) break
      if (this.col > col) throw GIVE_UP
      keyEnd = this.findKey()
      if (keyEnd === -1 || (text.charCodeAt(this.pos) === DASH && this.isBlankAt(this.pos + 1))) throw GIVE_UP
    }
    this.depth--
    if (node === undefined) return values
    node.pairs = this.popFrom(base) as YamlPair[]
    return node
  }

  /** The map or list below a key in column `parent`, left unread; undefined, at the same place, where it is to be read. */
  private late(parent: number): LateMap | LateSeq | undefined {
    if (this.print === undefined || this.depth !== 1) return undefined
    const { source, pos, col, indent } = this
    if (!this.isLarge(pos, parent)) return undefined
    const isList = this.text.charCodeAt(pos) === DASH && this.isBlankAt(pos + 1)
    const printed = this.print(this, indent)
    if (printed !== undefined && this.col <= parent) {
      const again = (): FastReader => new FastReader(source, 'v3', 'nodes', printed.again, indent + 2)
      return isList
        ? new LateSeq(source, pos, indent, printed.text, () => again().itemsAt(pos, col, col === parent))
        : new LateMap(source, pos, indent, printed.text, () => again().pairsAt(pos, col))
    }
    this.pos = pos
    this.col = col
    return undefined
  }

  /** Whether the lines below a key in column `parent` go on for long. */
  private isLarge(from: number, parent: number): boolean {
    const text = this.text
    const enough = from + MIN_LATE
    let p = from
    while (p < enough) {
      p = text.indexOf('\n', p) + 1
      if (p === 0) return false
      let i = p
      let c = text.charCodeAt(i)
      while (c === SPACE) c = text.charCodeAt(++i)
      if (c !== LF && (i - p < parent || (i - p === parent && c !== DASH))) return false
    }
    return true
  }

  private pairsAt(offset: number, col: number): YamlPair[] {
    this.pos = offset
    this.col = col
    return (this.map(col, this.findKey()) as YamlMap).pairs
  }

  private itemsAt(offset: number, col: number, indentless: boolean): YamlNode[] {
    this.pos = offset
    this.col = col
    return (this.seq(col, indentless) as YamlSeq).items
  }

  private popFrom(base: number): unknown[] {
    const items = this.stack.slice(base, this.top)
    this.top = base
    return items
  }

  /** The text of a key, as the value target wants it (`yes` is "true" for sigs). */
  private key(from: number, colon: number): string {
    const text = this.text
    const c = text.charCodeAt(from)
    let to = colon
    while (text.charCodeAt(to - 1) === SPACE) to--
    if (to <= from || to - from > MAX_KEY) throw GIVE_UP
    if (c === DOUBLE || c === SINGLE) {
      this.pos = from
      return c === DOUBLE ? this.double() : this.single()
    }
    if (c < 128) {
      if (FIRST[c] === 1 || (FIRST[c] === 2 && this.isBlankAt(from + 1))) throw GIVE_UP
      if (c === 0x3c && to - from === 2 && text.charCodeAt(from + 1) === 0x3c) throw GIVE_UP
    }
    const key = this.shared(from, to)
    if (key.includes('\t')) throw GIVE_UP
    return this.nodes || !mayResolve(c) ? key : this.resolvedKey(key)
  }

  /** A piece of the text; as the string of an earlier equal piece when that is still known. */
  private shared(from: number, to: number): string {
    const text = this.text
    const length = to - from
    const hash =
      (length * 31 +
        text.charCodeAt(from) * 7 +
        text.charCodeAt(to - 1) * 13 +
        text.charCodeAt(from + (length >> 1)) * 61) &
      511
    const known = this.pieces[hash]
    if (known !== undefined && known.length === length && text.startsWith(known, from)) return known
    const piece = text.slice(from, to)
    this.pieces[hash] = piece
    return piece
  }

  private resolvedKey(key: string): string {
    if (!this.sigs) {
      if (typeof resolvePlain(key, 'v3') !== 'string' || parseTimestamp(key) !== undefined) throw GIVE_UP
      return key
    }
    const value = resolvePlain(key, 'sigs')
    if (typeof value === 'string') return value
    if (typeof value === 'boolean') return value ? 'true' : 'false'
    if (typeof value === 'bigint' && value < 1n << 63n) return String(value)
    throw GIVE_UP
  }

  private keyNode(key: string, offset: number): YamlScalar {
    const c = this.text.charCodeAt(offset)
    const style = c === DOUBLE ? 'double' : c === SINGLE ? 'single' : 'plain'
    return new YamlScalar(key, style, undefined, this.source, offset)
  }

  /** A list whose '-' we are at. `indentless`: as the value of a key in the same column. */
  private seq(col: number, indentless: boolean): unknown {
    if (++this.depth > MAX_FAST_DEPTH) throw GIVE_UP
    const text = this.text
    const node = this.nodes ? new YamlSeq(NO_ITEMS, this.source, this.pos) : undefined
    const base = this.top
    for (;;) {
      const dash = this.pos
      let p = dash + 1
      let c = text.charCodeAt(p)
      let item: unknown
      while (c === SPACE) c = text.charCodeAt(++p)
      if (c === LF || c === HASH || p >= this.end) {
        if (c === HASH) {
          p = text.indexOf('\n', p)
          if (p === -1) p = this.end
        }
        this.pos = p
        this.nextLine()
        item = this.col > col ? this.block(this.col, col) : this.empty(dash + 1)
      } else {
        this.pos = p
        item = this.block(col + p - dash, col)
      }
      this.stack[this.top++] = item
      if (this.col < col) break
      if (this.col > col) throw GIVE_UP
      if (text.charCodeAt(this.pos) !== DASH || !this.isBlankAt(this.pos + 1)) {
        if (indentless) break
        throw GIVE_UP
      }
    }
    this.depth--
    const items = this.popFrom(base)
    if (node === undefined) return items
    node.items = items as YamlNode[]
    return node
  }

  /** A scalar or flow collection that starts here, and the way to the next line. */
  inline(parent: number): unknown {
    const start = this.pos
    const c = this.text.charCodeAt(start)
    switch (c) {
      case DOUBLE:
      case SINGLE: {
        const value = c === DOUBLE ? this.double() : this.single()
        this.endOfLine()
        this.nextLine()
        return this.nodes
          ? new YamlScalar(value, c === DOUBLE ? 'double' : 'single', undefined, this.source, start)
          : value
      }
      case 0x7c:
      case 0x3e:
        return this.blockScalar(parent, c === 0x7c, start)
      case 0x5b:
      case 0x7b: {
        const value = this.flow()
        this.endOfLine()
        this.nextLine()
        return value
      }
    }
    if (c < 128 && FIRST[c] !== 0 && (FIRST[c] === 1 || this.isBlankAt(start + 1))) throw GIVE_UP
    const value = this.plain(parent)
    return this.nodes ? new YamlScalar(value, 'plain', undefined, this.source, start) : this.resolve(value)
  }

  private resolve(text: string): GoValue {
    if (this.sigs && !this.exact) {
      const value = resolveSigs(text)
      if (typeof value === 'number' && !Number.isFinite(value)) throw GIVE_UP
      return value
    }
    const value = resolvePlain(text, this.sigs ? 'sigs' : 'v3')
    if (typeof value === 'number' && !Number.isFinite(value)) throw GIVE_UP
    if (typeof value === 'string') {
      if (!this.sigs && parseTimestamp(value) !== undefined) throw GIVE_UP
      return value
    }
    return typeof value === 'bigint' && !this.exact ? Number(value) : value
  }

  /** Plain text, over several lines if they are deeper than `parent`. */
  private plain(parent: number): string {
    const first = this.plainLine()
    let parts: string[] | undefined
    // A comment ends the text; so does the end of the document.
    while (this.text.charCodeAt(this.pos) === LF) {
      this.nextLine()
      if (this.col <= parent) return parts === undefined ? first : parts.join('')
      if (this.comments || parent < 0) throw GIVE_UP
      parts ??= [first]
      parts.push(this.blankLines === 0 ? ' ' : '\n'.repeat(this.blankLines), this.plainLine())
    }
    if (this.pos < this.end) this.endOfLine()
    this.nextLine()
    return parts === undefined ? first : parts.join('')
  }

  /** The text up to the end of the line, or up to a comment; stands at the line break, or the blank before the '#'. */
  private plainLine(): string {
    const text = this.text
    const start = this.pos
    let p = start
    let c = text.charCodeAt(p)
    for (; p < this.end && c !== LF; c = text.charCodeAt(++p)) {
      if (c > COLON) continue
      if (c === COLON) {
        if (this.isBlankAt(p + 1)) throw GIVE_UP
      } else if (c === HASH) {
        if (p > start && text.charCodeAt(p - 1) === SPACE) break
      } else if (c === TAB) throw GIVE_UP
    }
    let to = p
    while (to > start && text.charCodeAt(to - 1) === SPACE) to--
    this.pos = c === HASH && p < this.end ? to : p
    return text.slice(start, to)
  }

  private single(): string {
    const text = this.text
    const start = this.pos + 1
    let close = text.indexOf("'", start)
    let doubled = false
    while (close !== -1 && text.charCodeAt(close + 1) === SINGLE) {
      doubled = true
      close = text.indexOf("'", close + 2)
    }
    if (close === -1) throw GIVE_UP
    this.pos = close + 1
    let value = text.slice(start, close)
    if (value.includes('\n')) value = this.foldQuoted(value, false)
    return doubled ? value.replaceAll("''", "'") : value
  }

  private double(): string {
    const text = this.text
    const start = this.pos + 1
    let p = start
    let escaped = false
    for (;;) {
      const close = text.indexOf('"', p)
      if (close === -1) throw GIVE_UP
      // A quote behind an odd number of backslashes is part of the text.
      let slashes = 0
      while (text.charCodeAt(close - 1 - slashes) === 0x5c && close - 1 - slashes >= start) slashes++
      p = close + 1
      if (slashes % 2 === 0) break
    }
    this.pos = p
    let value = text.slice(start, p - 1)
    escaped = value.includes('\\')
    if (value.includes('\n')) value = this.foldQuoted(value, escaped)
    return escaped ? value.replace(ESCAPE, unescapeOne) : value
  }

  /**
   * Quoted text over several lines, escapes still in place: a single break becomes a space, more become one less, blanks
   * around them go; a backslash at the end of a line joins it to the next.
   */
  private foldQuoted(raw: string, escapes: boolean): string {
    const lines = raw.split('\n')
    const out: string[] = []
    let breaks = 0
    let joined = false
    for (let i = 0; i < lines.length; i++) {
      let line = lines[i]!
      if (i > 0) {
        if (line.startsWith('---') || line.startsWith('...')) throw GIVE_UP
        line = line.replace(/^[ \t]+/, '')
      }
      const last = i === lines.length - 1
      let joins = false
      if (!last) {
        const trimmed = line.replace(/[ \t]+$/, '')
        // A backslash before the blank or break protects it.
        const slashes = escapes ? /\\*$/.exec(trimmed)![0].length : 0
        if (slashes % 2 === 1) {
          if (trimmed.length < line.length) throw GIVE_UP
          joins = true
          line = line.slice(0, -1)
        } else line = trimmed
      }
      if (i > 0) {
        if (line === '' && !last && !joins) {
          breaks++
          continue
        }
        if (joined) out.push('\n'.repeat(breaks))
        else out.push(breaks === 0 ? ' ' : '\n'.repeat(breaks))
      }
      out.push(line)
      breaks = 0
      joined = joins
    }
    return out.join('')
  }

  private blockScalar(parent: number, literal: boolean, start: number): unknown {
    const text = this.text
    let p = start + 1
    let c = text.charCodeAt(p)
    let chomp = 0
    let given = 0
    // Chomping and indentation, in any order.
    for (let i = 0; i < 2; i++) {
      if (chomp === 0 && (c === DASH || c === 0x2b)) chomp = c === DASH ? -1 : 1
      else if (given === 0 && c > 0x30 && c <= 0x39) given = c - 0x30
      else break
      c = text.charCodeAt(++p)
    }
    this.pos = p
    this.endOfLine()
    if (this.pos >= this.end) throw GIVE_UP
    p = this.pos + 1

    let lines = 0
    let indent = 0
    if (given > 0) {
      indent = Math.max(parent, 0) + given
      for (; this.blockLine(p, indent) === 0 && p < this.end; p = text.indexOf('\n', p) + 1) lines++
      if (!literal || p >= this.end || this.blockLine(p, indent) !== 1) throw GIVE_UP
    } else {
      // The first line with text decides the indentation.
      let widest = 0
      for (;;) {
        const from = p
        c = text.charCodeAt(p)
        while (c === SPACE) c = text.charCodeAt(++p)
        indent = p - from
        if (c !== LF) {
          p = from
          break
        }
        if (indent > widest) widest = indent
        lines++
        p++
      }
      if (p >= this.end || c === TAB || indent <= parent || indent < 1 || widest > indent) throw GIVE_UP
    }

    const value = literal ? this.literal(p, indent, lines, chomp) : this.folded(p, indent, lines, chomp)
    return this.nodes ? new YamlScalar(value, literal ? 'literal' : 'folded', undefined, this.source, start) : value
  }

  /** Whether the line at `p` belongs to a block of this indentation: 1 text, 0 blank, -1 no. */
  private blockLine(p: number, indent: number): number {
    const text = this.text
    let i = p
    const stop = p + indent
    let c = text.charCodeAt(i)
    while (i < stop && c === SPACE) c = text.charCodeAt(++i)
    if (i === stop) return c === LF || i >= this.end ? 0 : 1
    if (c === LF) return 0
    if (c === TAB) throw GIVE_UP
    return -1
  }

  private literal(from: number, indent: number, leadingLines: number, chomp: number): string {
    const text = this.text
    let p = from
    let to = from
    let blanks = 0
    let indentedBlanks = false
    let ended = true
    while (p < this.end) {
      const kind = this.blockLine(p, indent)
      if (kind === -1) break
      const nl = text.indexOf('\n', p)
      if (kind === 0) {
        // Blanks that end the text are no line.
        if (nl === -1) {
          p = this.end
          break
        }
        if (nl > p) indentedBlanks = true
        blanks++
      } else {
        blanks = 0
        ended = nl !== -1
        to = ended ? nl : this.end
        if (!ended) {
          p = this.end
          break
        }
      }
      p = nl + 1
    }
    this.toContent(p)
    // One slice with the indentation taken out: thousands of small pieces would cost ten times the memory.
    const block = text.slice(from + indent, chomp !== -1 && ended ? to + 1 : to)
    const value = indentedBlanks
      ? block.replace(new RegExp(`\\n {1,${indent}}`, 'g'), '\n')
      : block.replaceAll(`\n${' '.repeat(indent)}`, '\n')
    const lead = leadingLines > 0 ? '\n'.repeat(leadingLines) : ''
    return chomp === 1 && blanks > 0 ? lead + value + '\n'.repeat(blanks) : lead + value
  }

  private folded(from: number, indent: number, leadingLines: number, chomp: number): string {
    const text = this.text
    const out: string[] = []
    let p = from
    let breaks = leadingLines
    let first = true
    let afterBlank = false
    let ended = true
    while (p < this.end) {
      const kind = this.blockLine(p, indent)
      if (kind === -1) break
      let nl = text.indexOf('\n', p)
      if (kind === 0) {
        if (nl === -1) {
          p = this.end
          break
        }
        breaks++
        p = nl + 1
        continue
      }
      const c = text.charCodeAt(p + indent)
      const blank = c === SPACE || c === TAB
      if (!first) {
        if (!afterBlank && !blank) {
          if (breaks === 0) out.push(' ')
        } else out.push('\n')
      }
      if (breaks > 0) out.push('\n'.repeat(breaks))
      breaks = 0
      first = false
      afterBlank = blank
      if (nl === -1) {
        nl = this.end
        ended = false
      }
      out.push(text.slice(p + indent, nl))
      p = nl + 1
    }
    this.toContent(p)
    if (chomp !== -1 && ended) out.push('\n')
    if (chomp === 1) out.push('\n'.repeat(breaks))
    return out.join('')
  }

  // Flow collections.

  private flow(): unknown {
    if (++this.depth > MAX_FAST_DEPTH) throw GIVE_UP
    const value = this.text.charCodeAt(this.pos) === 0x5b ? this.flowSeq() : this.flowMap()
    this.depth--
    return value
  }

  /** Over blanks and line breaks to the next character of the collection. */
  private flowSpace(): number {
    const text = this.text
    let p = this.pos
    let c = text.charCodeAt(p)
    while (c === SPACE || c === LF) {
      p++
      const d = text.charCodeAt(p)
      // Markers and directives end the document, even here.
      if (c === LF && (d === DASH || d === 0x2e || d === 0x25)) throw GIVE_UP
      c = d
    }
    if (p >= this.end) throw GIVE_UP
    this.pos = p
    return c
  }

  private flowSeq(): unknown {
    const node = this.nodes ? new YamlSeq([], this.source, this.pos) : undefined
    if (node !== undefined) node.flow = true
    const items: unknown[] = node === undefined ? [] : node.items
    this.pos++
    let c = this.flowSpace()
    while (c !== 0x5d) {
      items.push(this.flowValue(c))
      c = this.flowSpace()
      if (c === COMMA) {
        this.pos++
        c = this.flowSpace()
      } else if (c !== 0x5d) throw GIVE_UP
    }
    this.pos++
    return node ?? items
  }

  private flowMap(): unknown {
    const node = this.nodes ? new YamlMap([], this.source, this.pos) : undefined
    if (node !== undefined) node.flow = true
    const values = this.nodes ? NO_VALUES : new Map<string, GoValue>()
    this.pos++
    let c = this.flowSpace()
    while (c !== 0x7d) {
      const offset = this.pos
      const quoted = c === DOUBLE || c === SINGLE
      let key = c === DOUBLE ? this.double() : c === SINGLE ? this.single() : this.flowPlain(c)
      if (this.pos - offset > MAX_KEY || this.text.slice(offset, this.pos).includes('\n')) throw GIVE_UP
      if (!quoted && key === '<<') throw GIVE_UP
      const keyNode = this.nodes ? this.keyNode(key, offset) : undefined
      if (!quoted && !this.nodes && mayResolve(key.charCodeAt(0))) key = this.resolvedKey(key)
      while (this.text.charCodeAt(this.pos) === SPACE) this.pos++
      let value: unknown
      if (this.text.charCodeAt(this.pos) === COLON) {
        this.pos++
        c = this.flowSpace()
        value = c === COMMA || c === 0x7d ? this.empty(this.pos) : this.flowValue(c)
      } else value = this.empty(this.pos)
      if (node !== undefined) node.pairs.push({ key: keyNode!, value: value as YamlNode })
      else {
        if (!this.sigs && values.has(key)) throw GIVE_UP
        values.set(key, value as GoValue)
      }
      c = this.flowSpace()
      if (c === COMMA) {
        this.pos++
        c = this.flowSpace()
      } else if (c !== 0x7d) throw GIVE_UP
    }
    this.pos++
    return node ?? values
  }

  private flowValue(c: number): unknown {
    if (c === 0x5b || c === 0x7b) return this.flow()
    const start = this.pos
    if (c === DOUBLE || c === SINGLE) {
      const value = c === DOUBLE ? this.double() : this.single()
      return this.nodes
        ? new YamlScalar(value, c === DOUBLE ? 'double' : 'single', undefined, this.source, start)
        : value
    }
    const value = this.flowPlain(c)
    return this.nodes ? new YamlScalar(value, 'plain', undefined, this.source, start) : this.resolve(value)
  }

  /** Plain text in a flow collection, on one line. */
  private flowPlain(first: number): string {
    const text = this.text
    if (first < 128 && FIRST[first] !== 0 && (first !== DASH || this.isBlankAt(this.pos + 1))) throw GIVE_UP
    const start = this.pos
    let p = start
    for (; p < this.end; p++) {
      const c = text.charCodeAt(p)
      if (c === COMMA || c === 0x5d || c === 0x7d || c === LF) break
      if (c === COLON) {
        if (this.isBlankAt(p + 1)) break
      } else if (
        c === 0x3f ||
        c === 0x5b ||
        c === 0x7b ||
        c === TAB ||
        (c === HASH && text.charCodeAt(p - 1) === SPACE)
      ) {
        throw GIVE_UP
      }
    }
    this.pos = p
    let to = p
    while (to > start && text.charCodeAt(to - 1) === SPACE) to--
    return text.slice(start, to)
  }
}

// Stand in for what the other target builds.
const NO_PAIRS: YamlPair[] = []
const NO_ITEMS: YamlNode[] = []
const NO_VALUES = new Map<string, GoValue>()

const ESCAPE = /\\(?:x(..)|u(....)|U(........)|([\s\S])|$)/g

const ESCAPES = new Map<string, string>([
  ['0', '\0'],
  ['a', '\x07'],
  ['b', '\b'],
  ['t', '\t'],
  ['\t', '\t'],
  ['n', '\n'],
  ['v', '\v'],
  ['f', '\f'],
  ['r', '\r'],
  ['e', '\x1b'],
  [' ', ' '],
  ['"', '"'],
  ["'", "'"],
  ['\\', '\\'],
  ['N', '\x85'],
  ['_', '\xa0'],
  ['L', '\u2028'],
  ['P', '\u2029'],
])

function unescapeOne(_: string, x?: string, u?: string, U?: string, short?: string): string {
  if (short !== undefined) {
    const value = ESCAPES.get(short)
    if (value === undefined) throw GIVE_UP
    return value
  }
  const hex = x ?? u ?? U
  if (hex === undefined || !/^[0-9a-fA-F]+$/.test(hex)) throw GIVE_UP
  const code = Number.parseInt(hex, 16)
  if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) throw GIVE_UP
  return String.fromCodePoint(code)
}
