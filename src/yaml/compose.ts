/**
 * The exact parser: tokens to node trees with aliases still in place, as go-yaml composes them. A recursive descent
 * over the grammar of libyaml's state machine (go-yaml: parserc.go, and parse() in decode.go), peeking at tokens in the
 * same order, so that the first error is the same one.
 */

import { Buffer } from 'node:buffer'
import { DecapodError } from '../errors.ts'
import { type Dialect, YamlMap, type YamlNode, YamlScalar, YamlSeq, type YamlSource } from './node.ts'
import * as t from './scan.ts'
import { Scanner, type Token, YamlFailure } from './scan.ts'

/** `*name` where it stood. Replaced by what it names (expand.ts) before a tree leaves this folder. */
export class YamlAlias {
  readonly kind = 'alias'
  readonly name: string
  readonly target: RawNode
  readonly offset: number

  constructor(name: string, target: RawNode, offset: number) {
    this.name = name
    this.target = target
    this.offset = offset
  }
}

/** A node whose children may be aliases; the fields are those of YamlNode. */
export type RawNode = YamlNode | YamlAlias

export interface RawDocument {
  readonly root: RawNode
  readonly offset: number
}

const LONG_TAG = 'tag:yaml.org,2002:'

/** `!!str` for `tag:yaml.org,2002:str`. */
function shortTag(tag: string): string {
  return tag.startsWith(LONG_TAG) ? `!!${tag.slice(LONG_TAG.length)}` : tag
}

class Composer {
  private readonly scanner: Scanner
  private readonly source: YamlSource
  private readonly v3: boolean
  private readonly anchors: Map<string, RawNode>
  private tagHandles = new Map<string, string>()
  private depth = 0
  private started = false

  constructor(source: YamlSource, dialect: Dialect, scanner: Scanner, anchors: Map<string, RawNode>) {
    this.source = source
    this.anchors = anchors
    this.v3 = dialect === 'v3'
    this.scanner = scanner
  }

  /** The next document, or undefined at the end of the stream. */
  next(): RawDocument | undefined {
    let token = this.scanner.peek()
    if (token.type === t.STREAM_START) token = this.take()
    const implicit = !this.started
    this.started = true
    if (!implicit) {
      while (token.type === t.DOCUMENT_END) token = this.take()
    }
    if (token.type === t.STREAM_END) return undefined
    // v3 keeps anchors from one document to the next.
    if (!this.v3) this.anchors.clear()
    this.tagHandles = new Map()
    const offset = token.offset
    let root: RawNode
    if (
      implicit &&
      token.type !== t.VERSION_DIRECTIVE &&
      token.type !== t.TAG_DIRECTIVE &&
      token.type !== t.DOCUMENT_START
    ) {
      this.directives(token)
      root = this.node(true, false)
    } else {
      token = this.directives(token)
      if (token.type !== t.DOCUMENT_START) this.fail('did not find expected <document start>', token)
      token = this.take()
      root =
        token.type === t.VERSION_DIRECTIVE ||
        token.type === t.TAG_DIRECTIVE ||
        token.type === t.DOCUMENT_START ||
        token.type === t.DOCUMENT_END ||
        token.type === t.STREAM_END
          ? this.empty(token.offset)
          : this.node(true, false)
    }
    token = this.scanner.peek()
    if (token.type === t.DOCUMENT_END) this.scanner.skip()
    return { root, offset }
  }

  /** Where the next document's `---` stands; undefined when something else comes next. Call after next() only. */
  nextMarker(): number | undefined {
    const token = this.scanner.peek()
    return token.type === t.DOCUMENT_START ? token.offset : undefined
  }

  /** Takes the token that was peeked at; returns the one behind it. */
  private take(): Token {
    this.scanner.skip()
    return this.scanner.peek()
  }

  private fail(problem: string, at: Token, context?: Token): never {
    throw new YamlFailure(problem, 'parser', at.line, context?.line ?? 0, at.offset)
  }

  private directives(first: Token): Token {
    let token = first
    let versioned = false
    while (token.type === t.VERSION_DIRECTIVE || token.type === t.TAG_DIRECTIVE) {
      if (token.type === t.VERSION_DIRECTIVE) {
        if (versioned) this.fail('found duplicate %YAML directive', token)
        if (token.value !== '1.1') this.fail('found incompatible YAML document', token)
        versioned = true
      } else {
        if (this.tagHandles.has(token.value)) this.fail('found duplicate %TAG directive', token)
        this.tagHandles.set(token.value, token.suffix)
      }
      token = this.take()
    }
    if (!this.tagHandles.has('!')) this.tagHandles.set('!', '!')
    if (!this.tagHandles.has('!!')) this.tagHandles.set('!!', LONG_TAG)
    return token
  }

  private empty(offset: number): YamlScalar {
    return new YamlScalar('', 'plain', undefined, this.source, offset)
  }

  private node(block: boolean, indentlessSequence: boolean): RawNode {
    let token = this.scanner.peek()
    if (token.type === t.ALIAS) {
      const target = this.anchors.get(token.value)
      if (target === undefined)
        throw new YamlFailure(`unknown anchor '${token.value}' referenced`, 'other', token.line, 0, token.offset)
      this.scanner.skip()
      return new YamlAlias(token.value, target, token.offset)
    }
    const start = token
    let anchor: string | undefined
    let tagToken: Token | undefined
    if (token.type === t.ANCHOR) {
      anchor = token.value
      token = this.take()
      if (token.type === t.TAG) {
        tagToken = token
        token = this.take()
      }
    } else if (token.type === t.TAG) {
      tagToken = token
      token = this.take()
      if (token.type === t.ANCHOR) {
        anchor = token.value
        token = this.take()
      }
    }
    let tag: string | undefined
    if (tagToken !== undefined) {
      if (tagToken.value === '') tag = tagToken.suffix
      else {
        const prefix = this.tagHandles.get(tagToken.value)
        if (prefix === undefined || prefix + tagToken.suffix === '') {
          this.fail('found undefined tag handle', tagToken, start)
        }
        tag = prefix + tagToken.suffix
      }
      tag = shortTag(tag)
    }
    const offset = start.offset
    switch (token.type) {
      case t.BLOCK_ENTRY:
        if (!indentlessSequence) break
        return this.collection(this.seq(offset, tag, anchor, false), seq => this.indentlessSequence(seq))
      case t.SCALAR: {
        const node = new YamlScalar(token.value, token.style, tag, this.source, offset)
        if (anchor !== undefined) this.anchors.set(anchor, node)
        this.scanner.skip()
        return node
      }
      case t.FLOW_SEQUENCE_START:
        return this.collection(this.seq(offset, tag, anchor, true), seq => this.flowSequence(seq))
      case t.FLOW_MAPPING_START:
        return this.collection(this.map(offset, tag, anchor, true), map => this.flowMapping(map))
      case t.BLOCK_SEQUENCE_START:
        if (!block) break
        return this.collection(this.seq(offset, tag, anchor, false), seq => this.blockSequence(seq))
      case t.BLOCK_MAPPING_START:
        if (!block) break
        return this.collection(this.map(offset, tag, anchor, false), map => this.blockMapping(map))
    }
    if (anchor !== undefined || tag !== undefined) {
      const node = new YamlScalar('', 'plain', tag, this.source, offset)
      if (anchor !== undefined) this.anchors.set(anchor, node)
      return node
    }
    return this.fail('did not find expected node content', token, start)
  }

  private seq(offset: number, tag: string | undefined, anchor: string | undefined, flow: boolean): YamlSeq {
    const node = new YamlSeq([], this.source, offset)
    node.flow = flow
    node.tag = tag
    if (anchor !== undefined) this.anchors.set(anchor, node)
    return node
  }

  private map(offset: number, tag: string | undefined, anchor: string | undefined, flow: boolean): YamlMap {
    const node = new YamlMap([], this.source, offset)
    node.flow = flow
    node.tag = tag
    if (anchor !== undefined) this.anchors.set(anchor, node)
    return node
  }

  private collection<N extends YamlNode>(node: N, read: (node: N) => void): N {
    if (++this.depth > t.MAX_DEPTH) {
      const { line, offset } = this.scanner.peek()
      throw new YamlFailure(`exceeded max depth of ${t.MAX_DEPTH}`, 'scanner', line, line, offset)
    }
    read(node)
    this.depth--
    return node
  }

  private blockSequence(seq: YamlSeq): void {
    const start = this.scanner.peek()
    let token = this.take()
    while (token.type === t.BLOCK_ENTRY) {
      const entry = token
      token = this.take()
      if (token.type !== t.BLOCK_ENTRY && token.type !== t.BLOCK_END) {
        seq.items.push(this.node(true, false) as YamlNode)
        token = this.scanner.peek()
      } else seq.items.push(this.empty(entry.offset + 1))
    }
    if (token.type !== t.BLOCK_END) this.fail("did not find expected '-' indicator", token, start)
    this.scanner.skip()
  }

  private indentlessSequence(seq: YamlSeq): void {
    let token = this.scanner.peek()
    while (token.type === t.BLOCK_ENTRY) {
      const entry = token
      token = this.take()
      if (
        token.type !== t.BLOCK_ENTRY &&
        token.type !== t.KEY &&
        token.type !== t.VALUE &&
        token.type !== t.BLOCK_END
      ) {
        seq.items.push(this.node(true, false) as YamlNode)
        token = this.scanner.peek()
      } else seq.items.push(this.empty(entry.offset + 1))
    }
  }

  private blockMapping(map: YamlMap): void {
    const start = this.scanner.peek()
    let token = this.take()
    const pairs = map.pairs
    for (;;) {
      if (token.type !== t.KEY) break
      const keyEnd = token.offset
      token = this.take()
      const key =
        token.type !== t.KEY && token.type !== t.VALUE && token.type !== t.BLOCK_END
          ? (this.node(true, true) as YamlNode)
          : this.empty(keyEnd)
      pairs.push({ key, value: this.blockValue() })
      token = this.scanner.peek()
    }
    if (token.type !== t.BLOCK_END) this.fail('did not find expected key', token, start)
    this.scanner.skip()
  }

  private blockValue(): YamlNode {
    let token = this.scanner.peek()
    if (token.type !== t.VALUE) return this.empty(token.offset)
    const end = token.offset + 1
    token = this.take()
    if (token.type !== t.KEY && token.type !== t.VALUE && token.type !== t.BLOCK_END) {
      return this.node(true, true) as YamlNode
    }
    return this.empty(end)
  }

  private flowSequence(seq: YamlSeq): void {
    const start = this.scanner.peek()
    let token = this.take()
    for (let first = true; token.type !== t.FLOW_SEQUENCE_END; first = false) {
      if (!first) {
        if (token.type !== t.FLOW_ENTRY) this.fail("did not find expected ',' or ']'", token, start)
        token = this.take()
        if (token.type === t.FLOW_SEQUENCE_END) break
      }
      if (token.type === t.KEY) {
        const pair = new YamlMap([], this.source, token.offset)
        pair.flow = true
        this.flowPair(pair)
        seq.items.push(pair)
      } else seq.items.push(this.node(false, false) as YamlNode)
      token = this.scanner.peek()
    }
    this.scanner.skip()
  }

  /** `[a: b]`: a mapping of one pair without braces. */
  private flowPair(map: YamlMap): void {
    let token = this.take()
    let key: YamlNode
    if (token.type !== t.VALUE && token.type !== t.FLOW_ENTRY && token.type !== t.FLOW_SEQUENCE_END) {
      key = this.node(false, false) as YamlNode
    } else {
      // go-yaml takes this token too, whatever it is.
      key = this.empty(token.offset)
      this.scanner.skip()
    }
    token = this.scanner.peek()
    let value: YamlNode | undefined
    if (token.type === t.VALUE) {
      token = this.take()
      if (token.type !== t.FLOW_ENTRY && token.type !== t.FLOW_SEQUENCE_END) value = this.node(false, false) as YamlNode
    }
    map.pairs.push({ key, value: value ?? this.empty(token.offset) })
  }

  private flowMapping(map: YamlMap): void {
    const start = this.scanner.peek()
    let token = this.take()
    for (let first = true; token.type !== t.FLOW_MAPPING_END; first = false) {
      if (!first) {
        if (token.type !== t.FLOW_ENTRY) this.fail("did not find expected ',' or '}'", token, start)
        token = this.take()
        if (token.type === t.FLOW_MAPPING_END) break
      }
      if (token.type === t.KEY) {
        token = this.take()
        const key =
          token.type !== t.VALUE && token.type !== t.FLOW_ENTRY && token.type !== t.FLOW_MAPPING_END
            ? (this.node(false, false) as YamlNode)
            : this.empty(token.offset)
        map.pairs.push({ key, value: this.flowValue() })
      } else {
        const key = this.node(false, false) as YamlNode
        map.pairs.push({ key, value: this.empty(this.scanner.peek().offset) })
      }
      token = this.scanner.peek()
    }
    this.scanner.skip()
  }

  private flowValue(): YamlNode {
    let token = this.scanner.peek()
    if (token.type === t.VALUE) {
      token = this.take()
      if (token.type !== t.FLOW_ENTRY && token.type !== t.FLOW_MAPPING_END) return this.node(false, false) as YamlNode
    }
    return this.empty(token.offset)
  }
}

/** Reads documents of a source exactly, from wherever it is told to. */
export class ExactReader {
  private readonly source: YamlSource
  private readonly dialect: Dialect
  private readonly invalid: Invalid | undefined
  private readonly text: t.TerminatedText
  private readonly anchors = new Map<string, RawNode>()

  constructor(source: YamlSource, dialect: Dialect) {
    this.source = source
    this.dialect = dialect
    this.invalid = findInvalid(source.text)
    this.text = t.terminate(this.invalid === undefined ? source.text : source.text.slice(0, this.invalid.from))
  }

  /**
   * The documents from an offset on: the start of the text, or the `---` of a document, in line `line` (from 0). After
   * each, `resume` tells where the next one's `---` stands, if that is what comes next; it looks at the next token, so
   * only who reads on may call it. Throws DecapodError YAML_PARSE with go-yaml's text, after the documents that come
   * before the error.
   */
  *documents(from: number, line: number): Generator<RawDocument & Resumable, void, undefined> {
    const scanner = new Scanner(this.text, this.dialect, from, line)
    const composer = new Composer(this.source, this.dialect, scanner, this.anchors)
    for (;;) {
      const doc = this.guarded(scanner, () => composer.next())
      if (doc === undefined) return
      yield { ...doc, resume: () => this.guarded(scanner, () => composer.nextMarker()) }
    }
  }

  /** Does one step of reading; turns what goes wrong into the error with go-yaml's message. */
  private guarded<T>(scanner: Scanner, step: () => T): T | undefined {
    let result: T | undefined
    try {
      result = step()
    } catch (error) {
      if (!(error instanceof YamlFailure)) throw error
      if (this.invalid === undefined || scanner.pos < this.invalid.from) {
        throw yamlError(error, this.source, this.dialect)
      }
    }
    // go-yaml reads ahead of what it parses; where it met the character, no later error counts.
    if (this.invalid !== undefined && scanner.pos >= this.invalid.from) {
      const failure = new YamlFailure(this.invalid.problem, 'other', 0, 0, this.invalid.at)
      throw yamlError(failure, this.source, this.dialect)
    }
    return result
  }
}

interface Resumable {
  readonly resume: () => number | undefined
}

/** Turns a failure into the error with go-yaml's message; the line in it is the one Go computes, right or not. */
export function yamlError(failure: YamlFailure, source: YamlSource, dialect: Dialect): DecapodError {
  const { problem, stage, problemLine, contextLine, offset } = failure
  let line = 0
  if (stage !== 'other') {
    // Marks count lines from 0. For scanner errors Go adds one, for parser errors it does not.
    const more = stage === 'scanner' ? 1 : 0
    if (dialect === 'v3') {
      if (contextLine !== 0) line = contextLine + more
      else if (problemLine !== 0) line = problemLine + more
    } else if (problemLine !== 0) line = problemLine + more
    else if (contextLine !== 0) line = contextLine
  }
  return new DecapodError('YAML_PARSE', `yaml: ${line === 0 ? '' : `line ${line}: `}${problem}`, {
    at: positionAt(source, offset),
    hint: hintFor(problem, source.text[offset]),
  })
}

/** What go-yaml's words leave open. */
function hintFor(problem: string, character: string | undefined): string | undefined {
  if (problem.includes('UTF-8')) return 'YAML is UTF-8: save the file so'
  return character === '\t' ? 'this is a tab: YAML is indented with blanks' : undefined
}

/** The position of an offset in a source. */
export function positionAt(source: YamlSource, offset: number): { file: string; line: number; column: number } {
  let line = source.firstLine
  let start = 0
  const end = Math.min(offset, source.text.length)
  for (let at = source.text.indexOf('\n'); at !== -1 && at < end; at = source.text.indexOf('\n', at + 1)) {
    line++
    start = at + 1
  }
  return { file: source.file, line, column: end - start + 1 }
}

/** Characters YAML does not allow anywhere, and bytes that are not UTF-8 (lone surrogates). */
const INVALID = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]/u

interface Invalid {
  /** Offset of the character. */
  at: number
  /** Offset up to which go-yaml has decoded when it meets the character: it reads blocks of 512 bytes. */
  from: number
  problem: string
}

function findInvalid(text: string): Invalid | undefined {
  const match = INVALID.exec(text)
  if (match === null) return undefined
  const at = match.index
  const code = match[0].charCodeAt(0)
  let problem = 'control characters are not allowed'
  if (code >= 0xdc80 && code <= 0xdcff) problem = describeBytes(text, at)
  return { at, from: blockStart(text, at), problem }
}

function blockStart(text: string, at: number): number {
  let from = text.charCodeAt(0) === 0xfeff ? 1 : 0
  let bytes = from === 1 ? 3 : 0
  let start = from
  let limit = 512
  for (let i = from; i < at; i++) {
    const code = text.codePointAt(i)!
    const size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
    // A character that does not fit whole waits for the next block, which then holds fewer new bytes.
    if (bytes + size > limit) {
      start = i
      limit = bytes + 512
    }
    bytes += size
    if (code > 0xffff) i++
  }
  if (bytes >= limit) start = at
  from = start
  return from
}

function describeBytes(text: string, at: number): string {
  const bytes: number[] = []
  for (let i = at; i < text.length && bytes.length < 4; i++) {
    const c = text.charCodeAt(i)
    if (c >= 0xdc80 && c <= 0xdcff) bytes.push(c - 0xdc00)
    else for (const b of Buffer.from(text[i]!, 'utf8')) bytes.push(b)
  }
  const first = bytes[0]!
  const width = first >> 5 === 6 ? 2 : first >> 4 === 14 ? 3 : first >> 3 === 30 ? 4 : 0
  if (width === 0) return 'invalid leading UTF-8 octet'
  if (bytes.length < width) return 'incomplete UTF-8 octet sequence'
  for (let k = 1; k < width; k++) if (bytes[k]! >> 6 !== 2) return 'invalid trailing UTF-8 octet'
  const value = bytes.slice(1, width).reduce((v, b) => v * 64 + (b & 0x3f), first & (0xff >> (width + 1)))
  if (value < (width === 2 ? 0x80 : width === 3 ? 0x800 : 0x10000)) return 'invalid length of a UTF-8 sequence'
  return 'invalid Unicode character'
}
