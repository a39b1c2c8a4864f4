/**
 * Composed trees to Go values, as the two dialects decode them: sigs (go-yaml v2 to JSON to Go) and v3.
 * go-yaml: decode.go; sigs.k8s.io/yaml: convertToJSONableObject in yaml.go.
 */

import { validUtf8 } from '../go/json.ts'
import { formatFloat, quote } from '../go/strconv.ts'
import { compareStrings, type GoDict, GoError, type GoValue } from '../go/value.ts'
import type { RawNode } from './compose.ts'
import { AliasGuard, isMergeKey, mergeSources } from './expand.ts'
import type { Dialect, YamlMap, YamlScalar } from './node.ts'
import { type Resolved, resolveScalar, resolveSigs } from './resolve.ts'
import { YamlFailure } from './scan.ts'

/** How integers come out: as doubles, like everything that goes through encoding/json, or exactly, as bigint. */
export type Numbers = 'float64' | 'exact'

/** What go-yaml v2 makes of a key before sigs turns it into text. */
type Key = null | boolean | bigint | number | string | readonly GoValue[] | ReadonlyMap<string, GoValue>

/** Text of an error of the JSON stage, which comes after all errors of the YAML stage. */
interface Late {
  error: string | undefined
}

/** Begins a key that sigs cannot turn into text, which no text that was read can: what the key maps to is the error. */
const noText = '\ud800:'

/** Decodes as sigs.k8s.io/yaml does. Throws YamlFailure for go-yaml's errors, GoError for those of the JSON stage. */
export function decodeSigs(root: RawNode, numbers: Numbers, infinite: boolean = false): GoValue {
  const decoder = new SigsDecoder(numbers)
  const value = decoder.value(root)
  if (decoder.suspect) {
    refuseKeys(value)
    if (!infinite) refuseInfinite(value)
  }
  return value
}

/** Only what is left counts: of two equal keys the later one, wherever they come from. */
function refuseKeys(value: GoValue): void {
  if (Array.isArray(value)) value.forEach(refuseKeys)
  if (!(value instanceof Map)) return
  for (const [key, item] of value as GoDict) {
    if (key.startsWith(noText)) throw new GoError(item as string)
    refuseKeys(item)
  }
}

function refuseInfinite(value: GoValue): void {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new GoError(`json: unsupported value: ${formatFloat(value, 'g', -1)}`)
  }
  if (Array.isArray(value)) value.forEach(refuseInfinite)
  if (!(value instanceof Map)) return
  for (const key of [...(value as GoDict).keys()].sort(compareStrings)) refuseInfinite(value.get(key) as GoValue)
}

class SigsDecoder {
  private readonly guard = new AliasGuard()
  private readonly numbers: Numbers
  /** Whether something was met that the JSON stage may refuse. */
  suspect = false

  constructor(numbers: Numbers) {
    this.numbers = numbers
  }

  value(node: RawNode): GoValue {
    this.guard.count()
    switch (node.kind) {
      case 'alias': {
        this.guard.enter(node)
        const value = this.value(node.target)
        this.guard.leave(node)
        return value
      }
      case 'scalar':
        return this.scalar(node)
      case 'seq':
        return node.items.map(item => this.value(item))
      case 'map': {
        const map: GoDict = new Map()
        this.pairs(node, map)
        return map
      }
    }
  }

  private scalar(node: YamlScalar): GoValue {
    if (node.tag === undefined) {
      if (node.style !== 'plain') return node.value
      if (this.numbers === 'float64') return this.finite(resolveSigs(node.value))
    }
    const found = resolve(node, 'sigs')
    // Dates stay as they were written.
    if (found.tag === '!!timestamp') return node.value
    // Only !!binary can bring bytes that are not UTF-8; encoding/json replaces them.
    if (typeof found.value === 'string') return validUtf8(found.value)
    if (typeof found.value === 'bigint') return this.numbers === 'exact' ? found.value : Number(found.value)
    return this.finite(found.value)
  }

  private finite(value: null | boolean | number | string): GoValue {
    if (typeof value === 'number' && !Number.isFinite(value)) this.suspect = true
    return value
  }

  private pairs(node: YamlMap, out: GoDict): void {
    for (const { key, value } of node.pairs) {
      if (isMergeKey(key)) {
        for (const source of mergeSources(value).reverse()) this.merge(source, out)
        continue
      }
      const name = this.key(key)
      const text = typeof name === 'string' ? name : this.keyText(name)
      const item = this.value(value)
      out.set(text, text.startsWith(noText) ? this.keyError(name, value) : item)
    }
  }

  private merge(source: RawNode, out: GoDict): void {
    this.guard.count()
    if (source.kind === 'alias') {
      this.guard.enter(source)
      this.merge(source.target, out)
      this.guard.leave(source)
    } else this.pairs(source as YamlMap, out)
  }

  private key(node: RawNode): Key {
    this.guard.count()
    switch (node.kind) {
      case 'alias': {
        this.guard.enter(node)
        const key = this.key(node.target)
        this.guard.leave(node)
        return key
      }
      case 'scalar': {
        if (node.tag === undefined && node.style !== 'plain') return node.value
        const found = resolve(node, 'sigs')
        return found.tag === '!!timestamp'
          ? node.value
          : typeof found.value === 'string'
            ? validUtf8(found.value)
            : found.value
      }
      default: {
        // What is wrong below it is told first.
        this.value(node)
        throw new YamlFailure(`invalid map key: ${keySyntax(node)}`, 'other', 0, 0, node.offset)
      }
    }
  }

  private keyText(key: Key): string {
    switch (typeof key) {
      case 'boolean':
        return key ? 'true' : 'false'
      case 'bigint':
        if (key < 1n << 63n) return String(key)
        break
      case 'number': {
        // What 32 bits cannot hold is infinite there.
        const text = formatFloat(key, 'g', -1, 32)
        return text === 'NaN' ? '.nan' : text === '+Inf' ? '.inf' : text === '-Inf' ? '-.inf' : text
      }
    }
    this.suspect = true
    return noText + String(key)
  }

  private keyError(key: Key, value: RawNode): string {
    const type = key === null ? '%!s(<nil>)' : 'uint64'
    const text = key === null ? '<nil>' : `0x${(key as bigint).toString(16)}`
    const shown = keySyntax(value)
    return `unsupported map key of type: ${type}, key: ${text}, value: ${shown === 'interface {}(nil)' ? '<nil>' : shown}`
  }
}

function resolve(node: YamlScalar, dialect: Dialect): Resolved {
  try {
    return resolveScalar(node, dialect)
  } catch (error) {
    if (!(error instanceof GoError)) throw error
    throw new YamlFailure(error.message, 'other', 0, 0, node.offset)
  }
}

/** Go's %#v of what go-yaml v2 makes of a node before it is made JSON. */
function keySyntax(node: RawNode): string {
  switch (node.kind) {
    case 'alias':
      return keySyntax(node.target)
    case 'seq':
      return `[]interface {}{${node.items.map(keySyntax).join(', ')}}`
    case 'map': {
      const entries = new Map<string, { readonly key: YamlScalar; readonly text: string }>()
      addEntries(node, entries)
      const sorted = [...entries.values()].sort((a, b) => compareKeys(a.key, b.key))
      return `map[interface {}]interface {}{${sorted.map(({ text }) => text).join(', ')}}`
    }
    case 'scalar':
      return scalarSyntax(scalarOf(node))
  }
}

function addEntries(node: YamlMap, entries: Map<string, { readonly key: YamlScalar; readonly text: string }>): void {
  for (const { key, value } of node.pairs) {
    if (isMergeKey(key)) {
      for (const source of mergeSources(value).reverse()) addEntries(behindAlias(source) as YamlMap, entries)
      continue
    }
    const own = behindAlias(key) as YamlScalar
    const name = scalarSyntax(scalarOf(own))
    entries.set(name, { key: own, text: `${name}:${keySyntax(value)}` })
  }
}

function behindAlias(node: RawNode): RawNode {
  return node.kind === 'alias' ? behindAlias(node.target) : node
}

/** A date stays text. */
function scalarOf(node: YamlScalar): null | boolean | number | bigint | string {
  if (node.tag === undefined && node.style !== 'plain') return node.value
  const found = resolve(node, 'sigs')
  return found.tag === '!!timestamp' ? node.value : found.value
}

function scalarSyntax(value: null | boolean | number | bigint | string): string {
  if (value === null) return 'interface {}(nil)'
  if (typeof value === 'string') return quote(value)
  if (typeof value === 'number') return formatFloat(value, 'g', -1)
  return typeof value === 'bigint' && value >= 1n << 63n ? `0x${value.toString(16)}` : String(value)
}

/** Package fmt sorts keys by their type, in the order that the types have in helm's program, then by value. */
function compareKeys(a: YamlScalar, b: YamlScalar): number {
  const [x, y] = [scalarOf(a), scalarOf(b)]
  const rank = (value: typeof x): number => {
    if (value === null) return 0
    if (typeof value === 'string') return 1
    if (typeof value === 'bigint') return value >= 1n << 63n ? 2 : 3
    return typeof value === 'number' ? 4 : 5
  }
  if (rank(x) !== rank(y)) return rank(x) - rank(y)
  if (typeof x === 'string') return compareStrings(x, y as string)
  if (typeof x === 'number' && Number.isNaN(x)) return Number.isNaN(y as number) ? 0 : -1
  return x === y ? 0 : x! < y! ? -1 : 1
}

/** %#v of a decoded value: Go syntax. */
function goSyntax(value: GoValue): string {
  if (value === null) return 'interface {}(nil)'
  if (typeof value === 'string') return quote(value)
  if (value instanceof Map) {
    const entries = [...(value as GoDict)].map(([k, v]) => `${quote(k)}:${goSyntax(v)}`).sort()
    return `map[string]interface {}{${entries.join(', ')}}`
  }
  if (Array.isArray(value)) return `[]interface {}{${value.map(v => goSyntax(v)).join(', ')}}`
  if (typeof value === 'number') return formatFloat(value, 'g', -1)
  return String(value)
}

// ---------------------------------------------------------------------------------------------------------------------

/**
 * Decodes as go-yaml v3 does into map[string]interface{} at the top and interface{} below, and checks what encoding/json
 * then refuses. `lineOf` gives the line go-yaml names for a node. Integers come as bigint with numbers 'exact'.
 */
export function decodeV3(root: RawNode, numbers: Numbers, lineOf: (offset: number) => number): GoValue {
  const decoder = new V3Decoder(numbers, lineOf)
  const value = decoder.value(root, true)
  if (decoder.duplicates.length > 0) {
    throw new YamlFailure(`unmarshal errors:\n${decoder.duplicates.map(d => `  ${d}`).join('\n')}`, 'other')
  }
  if (decoder.json.error !== undefined) throw new GoError(decoder.json.error)
  return value
}

class V3Decoder {
  private readonly guard = new AliasGuard()
  private readonly numbers: Numbers
  private readonly lineOf: (offset: number) => number
  readonly duplicates: string[] = []
  readonly json: Late = { error: undefined }

  constructor(numbers: Numbers, lineOf: (offset: number) => number) {
    this.numbers = numbers
    this.lineOf = lineOf
  }

  value(node: RawNode, top = false): GoValue {
    this.guard.count()
    switch (node.kind) {
      case 'alias': {
        this.guard.enter(node)
        const value = this.value(node.target)
        this.guard.leave(node)
        return value
      }
      case 'scalar':
        return this.scalar(node)
      case 'seq':
        return node.items.map(item => this.value(item))
      case 'map':
        return this.map(node, top)
    }
  }

  private scalar(node: YamlScalar): GoValue {
    const { value } = resolve(node, 'v3')
    if (typeof value === 'bigint') return this.numbers === 'exact' ? value : Number(value)
    if (typeof value === 'number' && !Number.isFinite(value)) {
      this.json.error ??= `json: unsupported value: ${formatFloat(value, 'g', -1)}`
    }
    return typeof value === 'string' ? validUtf8(value) : value
  }

  private map(node: YamlMap, top: boolean): GoDict {
    const out: GoDict = new Map()
    if (this.hasDuplicates(node)) return out
    this.pairs(node, out, undefined, top)
    return out
  }

  /** Go names every pair of equal keys; a bound keeps a hostile file from filling memory with messages. */
  private hasDuplicates(node: YamlMap): boolean {
    const groups = new Map<string, RawNode[]>()
    let found = false
    for (const { key } of node.pairs as { key: RawNode }[]) {
      const id = `${key.kind} ${keyName(key)}`
      const group = groups.get(id)
      if (group === undefined) groups.set(id, [key])
      else {
        group.push(key)
        found = true
      }
    }
    if (!found) return false
    for (const { key } of node.pairs as { key: RawNode }[]) {
      const group = groups.get(`${key.kind} ${keyName(key)}`)!
      for (let j = group.indexOf(key) + 1; j < group.length && this.duplicates.length < 1000; j++) {
        this.duplicates.push(
          `line ${this.lineOf(group[j]!.offset)}: mapping key ${quote(keyName(key))} already defined at line ${this.lineOf(key.offset)}`,
        )
      }
    }
    return true
  }

  private pairs(node: YamlMap, out: GoDict, taken: Set<string> | undefined, top: boolean): void {
    let merge: RawNode | undefined
    const own = new Set<string>()
    for (const { key, value } of node.pairs) {
      if (isMergeKey(key)) {
        merge = value
        continue
      }
      const before = this.duplicates.length
      const name = this.key(key, top)
      // A key that could not be decoded for duplicates in it is left out; the message comes at the end. So is null at
      // the top, which go-yaml cannot put into a string.
      if (name === undefined || this.duplicates.length > before) continue
      own.add(name)
      if (taken !== undefined) {
        if (taken.has(name)) continue
        taken.add(name)
      }
      const item = this.value(value)
      if (this.duplicates.length === before) out.set(name, item)
    }
    if (merge === undefined) return
    for (const source of mergeSources(merge)) this.merge(source, out, taken ?? own, top)
  }

  private merge(source: RawNode, out: GoDict, taken: Set<string>, top: boolean): void {
    this.guard.count()
    if (source.kind === 'alias') {
      this.guard.enter(source)
      this.merge(source.target, out, taken, top)
      this.guard.leave(source)
      return
    }
    if (this.hasDuplicates(source as YamlMap)) return
    this.pairs(source as YamlMap, out, taken, top)
  }

  private key(node: RawNode, top: boolean): string | undefined {
    this.guard.count()
    switch (node.kind) {
      case 'alias': {
        this.guard.enter(node)
        const key = this.key(node.target, top)
        this.guard.leave(node)
        return key
      }
      case 'scalar': {
        if (node.tag === undefined && node.style !== 'plain') return node.value
        const found = resolve(node, 'v3')
        if (found.tag === '!!binary') return found.value as string
        if (top) return found.value === null ? undefined : node.value
        if (found.tag !== '!!str') this.json.error ??= 'json: unsupported type: map[interface {}]interface {}'
        return node.value
      }
      default: {
        const before = this.duplicates.length
        const value = this.value(node)
        if (this.duplicates.length > before) return undefined
        throw new YamlFailure(`invalid map key: ${goSyntax(value)}`, 'other', 0, 0, node.offset)
      }
    }
  }
}

function keyName(key: RawNode): string {
  return key.kind === 'scalar' ? key.value : key.kind === 'alias' ? key.name : ''
}
