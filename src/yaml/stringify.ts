/** Values and trees to YAML text, to the byte as sigs.k8s.io/yaml writes it: toYaml's and Kustomize's output. */

import { maxParts, maxText, tooLongText, tooManyParts } from '../go/extent.ts'
import { plainValue, validUtf8 } from '../go/json.ts'
import { formatFloat } from '../go/strconv.ts'
import { type GoDict, GoError, GoMap, GoSlice, type GoValue } from '../go/value.ts'
import { refold } from './folded.ts'
import { compareKeys, sortKeys } from './key-order.ts'
import {
  asLate,
  type Dialect,
  type YamlMap,
  type YamlNode,
  type YamlPair,
  type YamlScalar,
  type YamlSeq,
} from './node.ts'
import { mayResolve, resolveScalar } from './resolve.ts'
import { chooseStyle, isMultiline, scalarText, staysString, staysStringEverywhere, stringText } from './scalar-text.ts'
import { MAX_DEPTH } from './scan.ts'
import { toValue } from './values.ts'

/** go-yaml breaks lines behind this column. */
const WIDTH = 80

export interface StringifyOptions {
  readonly dialect: Dialect
  readonly sortKeys: boolean
  readonly width: number
}

/**
 * sigs.k8s.io/yaml's Marshal: the value as JSON, read back by go-yaml v2 and written by it. Ends with a line break (Helm's
 * toYaml cuts it off). Throws GoError where Go returns an error: NaN, infinities, control characters beyond ASCII.
 */
export function stringifyValue(value: GoValue): string {
  const writer = new Writer(WIDTH, staysString)
  writer.root(value)
  return writer.out
}

/**
 * The text of a tree. With sortKeys as Kustomize prints it: the tree decoded by `dialect`, through JSON, written as
 * stringifyValue does; throws DecapodError YAML_PARSE for duplicate keys, keys that are not text, and .inf. Without
 * sortKeys, decapod's own canonical form: keys in the order written (the last of duplicates counts), one line per
 * scalar, strings quoted wherever any YAML reader might take them for something else.
 */
export function stringifyNode(node: YamlNode, options: StringifyOptions): string {
  if (options.sortKeys) {
    const writer = new Writer(options.width, staysString)
    writer.root(toValue(node, options.dialect, 'exact'))
    return writer.out
  }
  const writer = new Writer(options.width, staysStringEverywhere)
  writer.rootNode(node, options.dialect)
  return writer.out
}

/**
 * The text stringifyNode gives a tree of go-yaml v3 with sorted keys, written straight from the nodes; undefined where
 * the tree holds anything that calls for the long way: duplicate keys, keys that are no text, numbers JSON cannot hold.
 * Scalars are what go-yaml v3 makes of them on Kustomize's way to its output, where it writes them and reads them again:
 * an empty value within braces or brackets is an empty text, and folded text changes (folded.ts).
 */
export function stringifySorted(root: YamlMap): string | undefined {
  const writer = new Writer(WIDTH, staysString)
  try {
    writer.sortedRoot(root)
  } catch (error) {
    if (error === longWay || error instanceof GoError) return undefined
    throw error
  }
  return writer.out
}

/** Thrown, without a stack, where stringifySorted cannot go on. */
export const longWay: unique symbol = Symbol('long way')

/**
 * A part of what stringifySorted prints: what stands behind a key that ends before `column`, or, with -1, behind the '-'
 * of a list, in a collection indented by `indent`. Throws `longWay`.
 */
export function sortedPart(node: YamlNode, indent: number, column: number): string {
  const writer = new Writer(WIDTH, staysString)
  try {
    if (column === -1) writer.sortedItem(node, indent, false)
    else writer.sortedValue(node, indent, column, false)
  } catch (error) {
    throw error instanceof GoError ? longWay : error
  }
  return writer.out
}

/** What a key looks like, by its text; most keys come again and again. */
interface KeyText {
  /** With the ':'. */
  readonly text: string
  readonly columns: number
}

const MAX_KEY_TEXTS = 20_000
const pads: string[] = ['']

/** So many blanks. */
export function pad(indent: number): string {
  while (pads.length <= indent) pads.push(' '.repeat(pads.length))
  return pads[indent]!
}

// Two caches, as there are two ideas of what stays a string.
const keyTexts = new Map<string, KeyText>()
const canonicalKeyTexts = new Map<string, KeyText>()

class Writer {
  out = ''
  private readonly width: number
  private readonly stays: (s: string) => boolean
  private readonly keys: Map<string, KeyText>
  private depth = 0
  private parts = 0

  constructor(width: number, stays: (s: string) => boolean) {
    this.width = width
    this.stays = stays
    this.keys = stays === staysString ? keyTexts : canonicalKeyTexts
  }

  root(value: GoValue): void {
    if (value instanceof Map && value.size > 0) this.map(value as GoDict, 0)
    else if (Array.isArray(value) && value.length > 0) this.seq(value, 0)
    else this.scalar(value, 0, 0)
  }

  private enter(): void {
    if (++this.depth > MAX_DEPTH) throw new GoError(`yaml: exceeded max depth of ${MAX_DEPTH}`)
  }

  /** A mapping whose first key is already at its place. */
  private map(map: GoDict, indent: number): void {
    this.enter()
    if ((this.parts += map.size) > maxParts) throw tooManyParts()
    if (this.out.length > maxText) throw tooLongText()
    const lead = pad(indent)
    let first = true
    for (const key of sortKeys([...map.keys()])) {
      if (first) first = false
      else this.out += lead
      this.entry(key, map.get(key)!, indent)
    }
    this.depth--
  }

  private entry(key: string, value: GoValue, indent: number): void {
    const known = this.keys.get(key) ?? this.keyText(key)
    if (known === undefined) {
      this.complexEntry(key, value, indent)
      return
    }
    this.out += known.text
    if (value instanceof Map && value.size > 0) {
      this.out += `\n${pad(indent + 2)}`
      this.map(value as GoDict, indent + 2)
    } else if (Array.isArray(value) && value.length > 0) {
      // Lists are not indented under their key.
      this.out += `\n${pad(indent)}`
      this.seq(value, indent)
    } else {
      this.out += ' '
      this.scalar(value, indent + known.columns + 1, indent)
    }
  }

  /** The text of a key that fits on one line; undefined for one that needs `? `. */
  private keyText(key: string): KeyText | undefined {
    // In the JSON in between, such a key spans two lines, which no key may.
    if (key.includes('\x85')) throw new GoError("yaml: line 1: did not find expected ',' or '}'")
    const s = throughJson(key)
    if (isMultiline(s) || Buffer.byteLength(s) > 128) return undefined
    const style = chooseStyle(s, this.stays(s), true) as 'plain' | 'single' | 'double'
    const text = scalarText(s, style, 0, 0, Number.POSITIVE_INFINITY)
    const known = { text: `${text}:`, columns: columnsOf(text) + 1 }
    if (this.keys.size >= MAX_KEY_TEXTS) this.keys.clear()
    this.keys.set(key, known)
    return known
  }

  private complexEntry(key: string, value: GoValue, indent: number): void {
    // The JSON in between has such keys too, and go-yaml reads no key longer than 1024 characters.
    const s = throughJson(key)
    if (JSON.stringify(s).length > 1024) throw new GoError("yaml: did not find expected ',' or '}'")
    this.out += '? '
    this.string(s, indent + 2, indent)
    this.out += `${pad(indent)}: `
    if (value instanceof Map && value.size > 0) this.map(value as GoDict, indent + 2)
    else if (Array.isArray(value) && value.length > 0) this.seq(value, indent + 2)
    else this.scalar(value, indent + 2, indent)
  }

  /** A list whose first '-' is to be written where we are. */
  private seq(items: readonly GoValue[], indent: number): void {
    this.enter()
    if ((this.parts += items.length) > maxParts) throw tooManyParts()
    const lead = `${pad(indent)}- `
    for (let i = 0; i < items.length; i++) {
      this.out += i === 0 ? '- ' : lead
      const item = items[i]!
      if (item instanceof Map && item.size > 0) this.map(item as GoDict, indent + 2)
      else if (Array.isArray(item) && item.length > 0) this.seq(item, indent + 2)
      else this.scalar(item, indent + 2, indent)
    }
    this.depth--
  }

  /** A scalar or an empty collection, and the end of its line. */
  private scalar(value: GoValue, column: number, indent: number): void {
    switch (typeof value) {
      case 'string':
        this.string(needsJson(value) ? throughJson(value) : value, column, indent)
        return
      case 'number':
        this.out += `${numberText(value)}\n`
        return
      case 'boolean':
        this.out += value ? 'true\n' : 'false\n'
        return
      case 'bigint':
        this.out += `${bigintText(value)}\n`
        return
    }
    if (value === null || value === undefined) this.out += 'null\n'
    else if (value instanceof Map) this.out += value instanceof GoMap && value.isNil ? 'null\n' : '{}\n'
    else if (Array.isArray(value)) this.out += value instanceof GoSlice && value.isNil ? 'null\n' : '[]\n'
    else this.object(inJson(value), column, indent)
  }

  /** What a struct is in JSON. */
  private object(value: GoValue, column: number, indent: number): void {
    const inMap = column !== indent + 2 && column !== 0
    if (value instanceof Map && value.size > 0) {
      if (inMap) this.out = `${this.out.slice(0, -1)}\n${pad(indent + 2)}`
      this.map(value as GoDict, column === 0 ? 0 : indent + 2)
    } else if (Array.isArray(value) && value.length > 0) {
      if (inMap) this.out = `${this.out.slice(0, -1)}\n${pad(indent)}`
      this.seq(value, column === 0 ? 0 : inMap ? indent : indent + 2)
    } else this.scalar(value, column, indent)
  }

  private string(s: string, column: number, indent: number): void {
    this.out += stringText(s, column, indent, this.width, this.stays)
  }

  // Trees in the order of their keys.

  sortedRoot(root: YamlMap): void {
    if (root.pairs.length === 0) this.out += '{}\n'
    else this.sortedMap(root, 0, root.flow)
  }

  private sortedMap(map: YamlMap, indent: number, inFlow: boolean): void {
    this.enter()
    const lead = pad(indent)
    const { pairs } = map
    let order: readonly YamlPair[] = pairs
    // Most maps of generated manifests are in order already; then nothing is made.
    for (let i = 0, before = ''; i < pairs.length; i++) {
      const key = textKey(pairs[i]!.key)
      if (i > 0 && compareKeys(before, key) >= 0) {
        order = inKeyOrder(pairs)
        break
      }
      before = key
    }
    for (let i = 0; i < order.length; i++) {
      if (i > 0) this.out += lead
      this.sortedEntry(order[i]!, indent, inFlow)
    }
    this.depth--
  }

  private sortedEntry({ key, value }: YamlPair, indent: number, inFlow: boolean): void {
    const text = (key as YamlScalar).value
    const known = this.keys.get(text) ?? this.keyText(text)
    if (known === undefined) throw longWay
    this.out += known.text
    this.sortedValue(value, indent, indent + known.columns, inFlow)
  }

  /** What stands behind a key that ends before `column`. */
  sortedValue(value: YamlNode, indent: number, column: number, inFlow: boolean): void {
    if (value.kind === 'scalar') {
      this.out += ' '
      this.sortedScalar(value, column + 1, indent, inFlow)
      return
    }
    const late = asLate(value)
    if (late !== undefined && late.indent === indent && !inFlow) this.out += late.written
    else if (value.kind === 'map') {
      if (value.pairs.length === 0) this.out += ' {}\n'
      else {
        this.out += `\n${pad(indent + 2)}`
        this.sortedMap(value, indent + 2, inFlow || value.flow)
      }
    } else if (value.items.length === 0) this.out += ' []\n'
    else {
      this.out += `\n${pad(indent)}`
      this.sortedSeq(value, indent, inFlow || value.flow)
    }
  }

  private sortedSeq(seq: YamlSeq, indent: number, inFlow: boolean): void {
    this.enter()
    const lead = `${pad(indent)}- `
    const { items } = seq
    for (let i = 0; i < items.length; i++) {
      this.out += i === 0 ? '- ' : lead
      this.sortedItem(items[i]!, indent, inFlow)
    }
    this.depth--
  }

  /** What stands behind the '-' of a list. */
  sortedItem(item: YamlNode, indent: number, inFlow: boolean): void {
    if (item.kind === 'scalar') this.sortedScalar(item, indent + 2, indent, inFlow)
    else if (item.kind === 'map') {
      if (item.pairs.length === 0) this.out += '{}\n'
      else this.sortedMap(item, indent + 2, inFlow || item.flow)
    } else if (item.items.length === 0) this.out += '[]\n'
    else this.sortedSeq(item, indent + 2, inFlow || item.flow)
  }

  private sortedScalar(node: YamlScalar, column: number, indent: number, inFlow: boolean): void {
    const { value, tag } = node
    const isText =
      tag === '!!str' ||
      (tag === undefined &&
        (node.style !== 'plain' || (value === '' ? inFlow : value !== '<<' && !mayResolve(value.charCodeAt(0)))))
    if (isText) {
      const text = node.style === 'folded' && !inFlow ? refold(value) : value
      this.string(needsJson(text) ? throughJson(text) : text, column, indent)
      return
    }
    const found = resolveScalar(node, 'v3').value
    if (typeof found === 'number' && !Number.isFinite(found)) throw longWay
    this.scalar(typeof found === 'string' ? validUtf8(found) : found, column, indent)
  }

  // Trees in the order written.

  rootNode(node: YamlNode, dialect: Dialect): void {
    this.node(node, dialect, 0, 0, false)
  }

  private node(node: YamlNode, dialect: Dialect, column: number, indent: number, inMap: boolean): void {
    if (node.kind === 'scalar') this.scalarNode(node, dialect, column, indent)
    else if (node.kind === 'map') {
      if (node.pairs.length === 0) this.out += inMap ? ' {}\n' : '{}\n'
      else {
        const inner = column === 0 ? 0 : indent + 2
        if (inMap) this.out += `\n${pad(inner)}`
        this.pairs(node, dialect, inner)
      }
    } else if (node.items.length === 0) this.out += inMap ? ' []\n' : '[]\n'
    else {
      const inner = column === 0 ? 0 : inMap ? indent : indent + 2
      if (inMap) this.out += `\n${pad(inner)}`
      this.enter()
      for (let i = 0; i < node.items.length; i++) {
        this.out += i === 0 ? '- ' : `${pad(inner)}- `
        this.node(node.items[i]!, dialect, inner + 2, inner, false)
      }
      this.depth--
    }
  }

  private pairs(map: YamlMap, dialect: Dialect, indent: number): void {
    this.enter()
    // The last of duplicate keys counts, at the place of the first.
    const values = new Map<string, YamlNode>()
    for (const { key, value } of map.pairs) values.set(keyOf(key, dialect), value)
    let first = true
    for (const [key, value] of values) {
      if (first) first = false
      else this.out += pad(indent)
      const known = this.keys.get(key) ?? this.keyText(key)
      if (known !== undefined) {
        this.out += known.text
        if (value.kind === 'scalar') {
          this.out += ' '
          this.scalarNode(value, dialect, indent + known.columns + 1, indent)
        } else this.node(value, dialect, indent + known.columns + 1, indent, true)
      } else {
        this.out += '? '
        this.string(key, indent + 2, indent)
        this.out += `${pad(indent)}: `
        this.node(value, dialect, indent + 2, indent, false)
      }
    }
    this.depth--
  }

  private scalarNode(node: YamlScalar, dialect: Dialect, column: number, indent: number): void {
    if (node.tag === '!!str' || (node.tag === undefined && node.style !== 'plain')) {
      this.string(node.value, column, indent)
      return
    }
    const { tag, value } = resolveScalar(node, dialect)
    if (tag === '!!timestamp') this.string(node.value, column, indent)
    else if (typeof value === 'number' && !Number.isFinite(value)) {
      this.out += Number.isNaN(value) ? '.nan\n' : value > 0 ? '.inf\n' : '-.inf\n'
    } else if (typeof value === 'string') this.string(value, column, indent)
    else this.scalar(value, column, indent)
  }
}

/** The text of a key that is text. */
function textKey(key: YamlNode): string {
  if (key.kind !== 'scalar' || (key.tag !== undefined && key.tag !== '!!str')) throw longWay
  const { value } = key
  if (key.tag === undefined && key.style === 'plain') {
    if (value === '' || value === '<<') throw longWay
    if (mayResolve(value.charCodeAt(0)) && resolveScalar(key, 'v3').tag !== '!!str') throw longWay
  }
  return value
}

function inKeyOrder(pairs: readonly YamlPair[]): YamlPair[] {
  const byKey = new Map<string, YamlPair>()
  for (const pair of pairs) byKey.set(textKey(pair.key), pair)
  if (byKey.size !== pairs.length) throw longWay
  return sortKeys([...byKey.keys()]).map(key => byKey.get(key)!)
}

function keyOf(key: YamlNode, dialect: Dialect): string {
  if (key.kind !== 'scalar') throw new GoError('invalid map key')
  if (key.tag === '!!str' || (key.tag === undefined && key.style !== 'plain')) return key.value
  const { tag, value } = resolveScalar(key, dialect)
  if (tag === '!!timestamp' || value === null) return key.value
  return typeof value === 'number' ? formatFloat(value, 'g', -1, 32) : String(value)
}

function columnsOf(text: string): number {
  return /[\ud800-\udbff]/.test(text) ? [...text].length : text.length
}

/** Whether a string has characters that do not survive the way through JSON and back. */
function needsJson(s: string): boolean {
  return ODD.test(s)
}

const ODD = /[\x7f-\x9f\ud800-\udfff\ufffe\uffff]/
const REFUSED = /[\x7f-\x84\x86-\x9f\ufffe\uffff]/

/** A string after encoding/json and go-yaml's double quotes: NEL folds, and control characters are refused. */
function throughJson(s: string): string {
  if (!ODD.test(s)) return s
  if (REFUSED.test(s)) throw new GoError('yaml: control characters are not allowed')
  return validUtf8(s).replace(/ *\x85[ \x85]*/g, run => {
    const breaks = run.split('\x85').length - 1
    return breaks === 1 ? ' ' : '\n'.repeat(breaks - 1)
  })
}

/** A float64 after the way through JSON: integers that fit 64 bits are integers again. */
function numberText(value: number): string {
  if (Number.isInteger(value)) {
    if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) return String(value === 0 ? 0 : value)
    if (Math.abs(value) < 1e21) return bigintText(BigInt(String(value)), value)
  } else if (!Number.isFinite(value)) {
    const text = Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
    throw new GoError(`error marshaling into JSON: json: unsupported value: ${text}`)
  } else {
    const abs = Math.abs(value)
    // Where 'g' and JavaScript agree.
    if (abs >= 1e-4 && abs < 1e6) return String(value)
  }
  return formatFloat(value, 'g', -1)
}

function bigintText(value: bigint, float: number = Number(value)): string {
  if (value >= -(1n << 63n) && value < 1n << 64n) return String(value)
  return formatFloat(float, 'g', -1)
}

/** What a value is in JSON. Throws GoError where it has no form there. */
function inJson(value: GoValue): GoValue {
  try {
    return plainValue(value)
  } catch (error) {
    if (!(error instanceof GoError) || error.panic) throw error
    throw new GoError(`error marshaling into JSON: ${error.message}`)
  }
}
