/** YAML trees as JSON data: what becomes of an object that Kustomize turns into JSON and back, and JSON text as a tree. */
import { DecapodError } from '../../errors.ts'
import { formatFloat } from '../../go/strconv.ts'
import { GoError } from '../../go/value.ts'
import {
  type Dialect,
  positionOf,
  YamlMap,
  type YamlNode,
  YamlScalar,
  YamlSeq,
  type YamlSource,
} from '../../yaml/node.ts'
import { isPlainString, type Resolved, resolveScalar } from '../../yaml/resolve.ts'

/**
 * Turns every scalar of a tree into what is left of it after JSON, in place: numbers become floats, dates text, other
 * tags go. RESOURCE_INVALID for what JSON cannot hold: infinities, keys that are no strings.
 */
export function asJson(node: YamlNode, dialect: Dialect): void {
  if (node.kind === 'scalar') scalarAsJson(node, dialect)
  else if (node.kind === 'seq') for (const item of node.items) asJson(item, dialect)
  else {
    for (const { key, value } of node.pairs) {
      if (key.kind !== 'scalar') throw badKey(node)
      keyAsJson(key, dialect)
      asJson(value, dialect)
    }
  }
}

function keyAsJson(key: YamlScalar, dialect: Dialect): void {
  if (key.tag === '!!str' || (key.tag === undefined && key.style !== 'plain')) return
  const { tag, value } = resolve(key, dialect)
  if (tag === '!!str') return
  // sigs.k8s.io/yaml prints keys of other types as text; encoding/json refuses them.
  if (dialect === 'v3') throw badKey(key)
  key.value = tag === '!!float' ? formatFloat(value as number, 'g', -1) : String(value)
  key.tag = '!!str'
}

function badKey(node: YamlNode): DecapodError {
  return new DecapodError('RESOURCE_INVALID', 'json: unsupported type: map[interface {}]interface {}', {
    at: positionOf(node),
    hint: 'every key must be a text; put quotes around it',
  })
}

function resolve(node: YamlScalar, dialect: Dialect): Resolved {
  try {
    return resolveScalar(node, dialect)
  } catch (error) {
    if (error instanceof GoError) throw new DecapodError('RESOURCE_INVALID', error.message, { at: positionOf(node) })
    throw error
  }
}

function scalarAsJson(node: YamlScalar, dialect: Dialect): void {
  const { tag, value } = resolve(node, dialect)
  if (tag === '!!null') setPlain(node, 'null')
  else if (tag === '!!bool') setPlain(node, String(value))
  else if (tag === '!!int') setPlain(node, formatFloat(Number(value), 'g', -1))
  else if (tag === '!!float') {
    const float = value as number
    if (!Number.isFinite(float)) {
      const text = Number.isNaN(float) ? 'NaN' : float > 0 ? '+Inf' : '-Inf'
      throw new DecapodError('RESOURCE_INVALID', `json: unsupported value: ${text}`, { at: positionOf(node) })
    }
    setPlain(node, formatFloat(float, 'g', -1))
  } else {
    // go-yaml v2 leaves dates alone where any type will do.
    setString(node, tag === '!!timestamp' && dialect === 'sigs' ? node.value : String(value))
  }
}

function setPlain(node: YamlScalar, text: string): void {
  node.value = text
  node.style = 'plain'
  node.tag = undefined
}

/** A string, quoted where go-yaml would quote it: what a later patch puts in its place is written the same way. */
function setString(node: YamlScalar, text: string): void {
  node.value = text
  node.tag = '!!str'
  node.style = text.includes('\n') ? 'literal' : mustQuote(text) ? 'double' : 'plain'
}

/** Words and base-60 numbers of YAML 1.1, and text that cannot stand plain. */
const oldWord =
  /^(?:y|Y|yes|Yes|YES|on|On|ON|n|N|no|No|NO|off|Off|OFF|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?)$/
const notPlain =
  /^$|^[\s,[\]{}#&*!|>'"%@`]|^[-?:](?:\s|$)|:(?:\s|$)|\s#|\s$|[^\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]|^(?:---|\.\.\.)/

function mustQuote(text: string): boolean {
  return !isPlainString(text, 'v3') || oldWord.test(text) || notPlain.test(text)
}

/** Whether two trees of JSON data are equal; the order of keys does not count. */
export function sameJson(a: YamlNode, b: YamlNode): boolean {
  if (a.kind === 'scalar') return b.kind === 'scalar' && isString(a) === isString(b) && a.value === b.value
  if (a.kind === 'seq') {
    return (
      b.kind === 'seq' && a.items.length === b.items.length && a.items.every((item, i) => sameJson(item, b.items[i]!))
    )
  }
  if (b.kind !== 'map' || a.pairs.length !== b.pairs.length) return false
  return a.pairs.every(({ key, value }) => {
    const other = key.kind === 'scalar' ? b.get(key.value) : undefined
    return other !== undefined && sameJson(value, other)
  })
}

function isString(node: YamlScalar): boolean {
  return node.style !== 'plain' || node.tag === '!!str'
}

/**
 * A JSON text as a tree of JSON data with places; JSON_PARSE where it is not JSON. Of doubled keys the last one counts.
 */
export function parseJson(text: string, file: string): YamlNode {
  try {
    JSON.parse(text)
  } catch (error) {
    throw new DecapodError('JSON_PARSE', (error as Error).message, { at: { file } })
  }
  return new JsonReader({ file, text, firstLine: 1 }).value()
}

const maxDepth = 1000

/** Reads a text that is known to be JSON. */
class JsonReader {
  readonly source: YamlSource
  at = 0
  #depth = 0

  constructor(source: YamlSource) {
    this.source = source
  }

  value(): YamlNode {
    this.#space()
    const start = this.at
    const c = this.source.text[start]
    if (c === '{' || c === '[') {
      if (++this.#depth > maxDepth) {
        throw new DecapodError('LIMIT_EXCEEDED', `more than ${maxDepth} levels of nesting`, {
          at: { file: this.source.file },
        })
      }
      const node = c === '{' ? this.#object(start) : this.#array(start)
      this.#depth--
      return node
    }
    if (c === '"') return new YamlScalar(this.#string(), 'double', '!!str', this.source, start)
    while (!/[\s,\]}]/.test(this.source.text[this.at] ?? ' ')) this.at++
    const scalar = new YamlScalar(this.source.text.slice(start, this.at), 'plain', undefined, this.source, start)
    scalarAsJson(scalar, 'v3')
    return scalar
  }

  #object(start: number): YamlMap {
    const map = new YamlMap([], this.source, start)
    map.flow = true
    const entries = new Map<string, { key: YamlScalar; value: YamlNode }>()
    this.at++
    for (this.#space(); this.source.text[this.at] !== '}'; this.#space()) {
      if (this.source.text[this.at] === ',') this.at++
      this.#space()
      const keyStart = this.at
      const key = new YamlScalar(this.#string(), 'double', '!!str', this.source, keyStart)
      this.#space()
      this.at++
      entries.set(key.value, { key, value: this.value() })
    }
    this.at++
    map.pairs = [...entries.values()]
    return map
  }

  #array(start: number): YamlSeq {
    const list = new YamlSeq([], this.source, start)
    list.flow = true
    this.at++
    for (this.#space(); this.source.text[this.at] !== ']'; this.#space()) {
      if (this.source.text[this.at] === ',') this.at++
      list.items.push(this.value())
    }
    this.at++
    return list
  }

  #string(): string {
    const { text } = this.source
    let end = this.at + 1
    while (text[end] !== '"') end += text[end] === '\\' ? 2 : 1
    end++
    const value = JSON.parse(text.slice(this.at, end)) as string
    this.at = end
    return value
  }

  #space(): void {
    const { text } = this.source
    while (/[\s]/.test(text[this.at] ?? '')) this.at++
  }
}
