/**
 * The grammar of --set, --set-string, --set-json, --set-file and --set-literal (Helm's pkg/strvals). Each function
 * changes the values it is given, as Helm's does. Errors are DecapodError SET_SYNTAX with Helm's text.
 */
import { DecapodError } from '../errors.ts'
import { decodeJsonPrefix } from '../go/json.ts'
import { atoi, quote, quoteRune } from '../go/strconv.ts'
import { isSpace } from '../go/unicode.ts'
import { type GoDict, GoError, type GoValue, int64, typeOf } from '../go/value.ts'
import type { Semantics } from './semantics.ts'

const maxIndex = 65536
const maxNesting = 30

/** Parses `a.b=1,c[0]=x` into `values`; scalars are typed (true, false, null and integers). */
export function setTyped(line: string, values: GoDict, semantics: Semantics = 3): void {
  new SetParser(line, escapedKeys, typedValue, semantics).parse(values)
}

/** As setTyped, but every scalar is a string. */
export function setString(line: string, values: GoDict, semantics: Semantics = 3): void {
  new SetParser(line, escapedKeys, text => text, semantics).parse(values)
}

/** As setTyped, but every scalar is a path, and `read` gives the text of that file. */
export function setFile(line: string, values: GoDict, read: (path: string) => string, semantics: Semantics = 3): void {
  new SetParser(line, escapedKeys, read, semantics).parse(values)
}

/** Parses `a=JSON,b=JSON` into `values`; no JSON at all is null. Throws GoError for what is no JSON. */
export function setJson(line: string, values: GoDict, semantics: Semantics = 3): void {
  new SetParser(line, escapedKeys, undefined, semantics).parse(values)
}

/** Parses `a.b=TEXT`: everything after the first "=" is the value, nothing is escaped. */
export function setLiteral(line: string, values: GoDict, semantics: Semantics = 3): void {
  new SetParser(line, literalKeys, text => text, semantics).parse(values)
}

/** What ends a key, and whether values stop at commas and backslashes escape. */
interface KeySyntax {
  readonly stops: string
  readonly literal: boolean
}

const escapedKeys: KeySyntax = { stops: '=[,.', literal: false }
const literalKeys: KeySyntax = { stops: '=[.', literal: true }

/** Text up to a stop character, and which it was; undefined at the end of the line. */
interface Piece {
  readonly text: string
  readonly stop: string | undefined
}

/**
 * A walk over one line. Methods return true when the line has ended, which is Go's io.EOF: containers that were begun
 * are still put in place, and what is complete stays.
 */
class SetParser {
  readonly #runes: readonly string[]
  readonly #syntax: KeySyntax
  /** Makes a value of a scalar's text; undefined: values are JSON. */
  readonly #read: ((text: string) => GoValue) | undefined
  readonly #semantics: Semantics
  #at = 0

  constructor(line: string, syntax: KeySyntax, read: ((text: string) => GoValue) | undefined, semantics: Semantics) {
    this.#runes = [...line]
    this.#syntax = syntax
    this.#read = read
    this.#semantics = semantics
  }

  parse(values: GoDict): void {
    while (!this.#key(values, 0)) {
      // One key after the other until the line ends.
    }
  }

  /** `name = value`, `name [ index ] item` or `name . key`. */
  #key(values: GoDict, nesting: number): boolean {
    const { text: name, stop } = this.#until(this.#syntax.stops)
    switch (stop) {
      case undefined:
        if (name === '') return true
        throw syntaxError(`key ${quote(name)} has no value`)
      case '[': {
        const index = this.#index()
        // Helm 4 takes the end of the line within an index for the end of everything; nothing is set.
        if (index === undefined) return true
        const list = values.has(name) ? assertList(values.get(name)) : []
        const item = this.#item(list, index, nesting)
        put(values, name, item.list)
        return item.ended
      }
      case '=': {
        const { value, ended } = this.#value()
        put(values, name, value)
        return ended
      }
      case ',':
        throw syntaxError(`key ${quote(name)} has no value (cannot end with ,)`)
      default: {
        if (nesting + 1 > maxNesting) {
          throw syntaxError(`value name nested level is greater than maximum supported nested level of ${maxNesting}`)
        }
        const inner = values.has(name) ? assertDict(values.get(name)) : new Map<string, GoValue>()
        const ended = this.#key(inner, nesting + 1)
        if (!ended && inner.size === 0) throw syntaxError(`key map ${quote(name)} has no value`)
        if (inner.size > 0) put(values, name, inner)
        return ended
      }
    }
  }

  /** What follows an index: `= value`, `[ index ] item` or `. key`. Gives the list to store, which may be a longer one. */
  #item(list: GoValue[], index: number, nesting: number): { list: GoValue[]; ended: boolean } {
    if (index < 0) throw syntaxError(`negative ${index} index not allowed`)
    const { text, stop } = this.#until('[.=')
    if (text !== '') {
      const runes = Array.from(text, rune => quoteRune(rune.codePointAt(0)!))
      throw syntaxError(`unexpected data at end of array index: [${runes.join(' ')}]`)
    }
    switch (stop) {
      case undefined:
        return { list, ended: true }
      case '=': {
        // The end of the line shows when the next key is read.
        const { value } = this.#value()
        return { list: putAt(list, index, value), ended: false }
      }
      case '[': {
        const next = this.#index()
        if (next === undefined) return { list, ended: true }
        const existing = list[index]
        const inner = existing === undefined || existing === null ? [] : assertList(existing)
        const item = this.#item(inner, next, nesting)
        return item.ended ? { list, ended: true } : { list: putAt(list, index, item.list), ended: false }
      }
      default: {
        const existing = list[index]
        let inner: GoDict
        if (isDict(existing)) inner = existing
        else {
          inner = new Map()
          // Indices given out of order leave nulls (or other things) behind; they make way.
          if (index < list.length) list[index] = inner
        }
        const ended = this.#key(inner, nesting)
        return ended ? { list, ended } : { list: putAt(list, index, inner), ended }
      }
    }
  }

  /** The number before "]", or undefined when the line ends before it (Helm 4 only; Helm 3 fails). */
  #index(): number | undefined {
    const { text, stop } = this.#until(']')
    if (stop === undefined) {
      if (this.#semantics === 4) return undefined
      throw syntaxError('error parsing index: EOF')
    }
    try {
      return Number(atoi(text))
    } catch (error) {
      throw error instanceof GoError ? syntaxError(`error parsing index: ${error.message}`) : error
    }
  }

  /** The value after "=". `ended` only where Helm reports the end of the line at once: `a=` with nothing after it. */
  #value(): { value: GoValue; ended: boolean } {
    const read = this.#read
    if (read === undefined) return { value: this.#json(), ended: false }
    if (this.#syntax.literal) {
      const value = this.#runes.slice(this.#at).join('')
      this.#at = this.#runes.length
      return { value, ended: false }
    }
    if (this.#at >= this.#runes.length) return { value: '', ended: true }
    if (this.#runes[this.#at] === '{') return { value: this.#list(read), ended: false }
    return { value: read(this.#until(',').text), ended: false }
  }

  /** `{a,b,c}`; a comma after it is part of it. */
  #list(read: (text: string) => GoValue): GoValue[] {
    this.#at++
    const list: GoValue[] = []
    for (;;) {
      const { text, stop } = this.#until(',}')
      if (stop === undefined) throw syntaxError("list must terminate with '}'")
      if (stop === ',') {
        list.push(read(text))
        continue
      }
      if (this.#runes[this.#at] === ',') this.#at++
      list.push(read(text))
      return list
    }
  }

  /** One JSON value and the blanks and comma after it; nothing before the comma is null. */
  #json(): GoValue {
    if (this.#skipEmpty()) return null
    const rest = this.#runes.slice(this.#at).join('')
    const { value, end } = decodeJsonPrefix(rest)
    this.#at += [...rest.slice(0, end)].length
    this.#skipEmpty()
    return value
  }

  /** Skips blanks and one comma; true when a comma or the end came, false before anything else. */
  #skipEmpty(): boolean {
    for (;;) {
      const rune = this.#runes[this.#at]
      if (rune === undefined) return true
      if (rune !== ',' && !isSpace(rune)) return false
      this.#at++
      if (rune === ',') return true
    }
  }

  #until(stops: string): Piece {
    let text = ''
    while (this.#at < this.#runes.length) {
      const rune = this.#runes[this.#at++]!
      if (stops.includes(rune)) return { text, stop: rune }
      if (rune !== '\\' || this.#syntax.literal) text += rune
      else if (this.#at < this.#runes.length) text += this.#runes[this.#at++]!
    }
    return { text, stop: undefined }
  }
}

/** An empty key is read and not set. */
function put(values: GoDict, key: string, value: GoValue): void {
  if (key !== '') values.set(key, value)
}

function putAt(list: GoValue[], index: number, value: GoValue): GoValue[] {
  if (index > maxIndex) {
    throw syntaxError(`index of ${index} is greater than maximum supported index of ${maxIndex}`)
  }
  while (list.length < index) list.push(null)
  list[index] = value
  return list
}

function isDict(value: GoValue | undefined): value is GoDict {
  return value instanceof Map
}

function assertDict(value: GoValue | undefined): GoDict {
  if (isDict(value)) return value
  throw conversionError(value, 'map[string]interface {}')
}

function assertList(value: GoValue | undefined): GoValue[] {
  if (Array.isArray(value)) return value as GoValue[]
  throw conversionError(value, '[]interface {}')
}

/** Go's failed type assertion, which Helm recovers from. */
function conversionError(value: GoValue | undefined, wanted: string): DecapodError {
  const type = value === null || value === undefined ? 'nil' : typeOf(value)
  return syntaxError(`unable to parse key: interface conversion: interface {} is ${type}, not ${wanted}`)
}

/** The type a scalar of --set takes: no floats, and what starts with 0 stays text unless it is 0 itself. */
function typedValue(text: string): GoValue {
  if (/^true$/iu.test(text)) return true
  if (/^false$/iu.test(text)) return false
  if (/^null$/iu.test(text)) return null
  if (text === '0') return int64(0n)
  if (/^(?!0)[+-]?[0-9]+$/.test(text)) {
    const value = BigInt(text.startsWith('+') ? text.slice(1) : text)
    if (BigInt.asIntN(64, value) === value) return int64(value)
  }
  return text
}

function syntaxError(message: string): DecapodError {
  return new DecapodError('SET_SYNTAX', message)
}
