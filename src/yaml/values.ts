/** YAML to Go values: of node trees, and straight from text. */

import { DecapodError } from '../errors.ts'
import { jsonNumber, plainValue } from '../go/json.ts'
import { type GoDict, GoError, type GoValue } from '../go/value.ts'
import { type RawNode, yamlError } from './compose.ts'
import { decodeSigs, decodeV3, type Numbers } from './decode.ts'
import { type Dialect, YamlMap, type YamlNode, YamlScalar, YamlSeq, type YamlSource } from './node.ts'
import type { ParseOptions } from './parse.ts'
import { readDocuments } from './read.ts'
import { YamlFailure } from './scan.ts'
import { fromUtf16 } from './utf16.ts'

export type { Numbers }

export interface ValueOptions extends ParseOptions {
  /** 'exact' keeps integers of up to 64 bits as bigint; by default every number is a float64, as in Helm. */
  readonly numbers?: Numbers
  /** Keeps `.inf` and `.nan`, which dialect sigs refuses: a field that takes text has them as such. */
  readonly infinite?: boolean
}

const NOWHERE: YamlSource = { file: '', text: '', firstLine: 1 }

/**
 * The Go value of a node: maps as Map, sequences as Array, numbers as float64 (or bigint: `numbers`). Dialect sigs turns
 * keys into text and keeps the last of duplicate keys; v3 refuses duplicates and keys that are not text, as Kustomize's
 * output does. Throws DecapodError YAML_PARSE with go-yaml's or encoding/json's message.
 */
export function toValue(node: YamlNode, dialect: Dialect = 'sigs', numbers: Numbers = 'float64'): GoValue {
  return decode(node, node.source ?? NOWHERE, dialect, numbers)
}

/**
 * The value of a text's first document; null for a text without documents. The same as toValue of parseNode, without
 * building nodes. Throws DecapodError YAML_PARSE.
 */
export function parseValue(text: string, options: ValueOptions): GoValue {
  return parseValues(text, options, 'first')[0] ?? null
}

/** The values of all documents of a text, or of its first one only. */
export function parseValues(text: string, options: ValueOptions, documents: 'first' | 'all' = 'all'): GoValue[] {
  const source: YamlSource = { file: options.file, text, firstLine: options.firstLine ?? 1 }
  const dialect = options.dialect ?? 'sigs'
  const numbers = options.numbers ?? 'float64'
  const finish = (root: RawNode): GoValue => decode(root, source, dialect, numbers, options.infinite)
  return readDocuments(source, dialect, numbers, documents, finish).map(doc => doc.root)
}

function decode(
  root: RawNode,
  source: YamlSource,
  dialect: Dialect,
  numbers: Numbers,
  infinite: boolean = false,
): GoValue {
  try {
    if (dialect === 'sigs') return decodeSigs(root, numbers, infinite)
    return decodeV3(root, numbers, offset => lineAt(source, offset))
  } catch (error) {
    if (error instanceof YamlFailure) throw yamlError(error, source, dialect)
    if (error instanceof GoError) throw new DecapodError('YAML_PARSE', error.message, { at: { file: source.file } })
    throw error
  }
}

/** The line (from 1) as go-yaml counts: the Unicode line breaks count too. */
function lineAt(source: YamlSource, offset: number): number {
  let line = 1
  for (const { index } of source.text.slice(0, offset).matchAll(/\r\n|[\n\r\x85\u2028\u2029]/g))
    if (index < offset) line++
  return line
}

/**
 * sigs.k8s.io/yaml's Unmarshal into map[string]interface{}: what Helm reads values and fromYaml with. An empty text and
 * null give an empty map. Throws DecapodError YAML_PARSE with the whole text Go returns: `error converting YAML to
 * JSON: yaml: line 2: …`, or `error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of
 * type map[string]interface {}`.
 */
export function unmarshalMap(text: string, options: ValueOptions): GoDict {
  const value = unmarshal(text, options)
  if (value === null) return new Map()
  if (value instanceof Map) return value as GoDict
  throw cannotUnmarshal(value, 'map[string]interface {}', options)
}

/** As unmarshalMap, for []interface{} (Helm's fromYamlArray). */
export function unmarshalList(text: string, options: ValueOptions): readonly GoValue[] {
  const value = unmarshal(text, options)
  if (value === null) return []
  if (Array.isArray(value)) return value
  throw cannotUnmarshal(value, '[]interface {}', options)
}

/** sigs.k8s.io/yaml's Unmarshal into interface{}: parseValue with the whole error text Go returns. */
export function unmarshal(text: string, options: ValueOptions): GoValue {
  try {
    return parseValue(fromUtf16(text), options)
  } catch (thrown) {
    const error =
      thrown instanceof YamlFailure ? yamlError(thrown, { file: options.file, text, firstLine: 1 }, 'sigs') : thrown
    if (!(error instanceof DecapodError)) throw error
    throw new DecapodError(error.code, `error converting YAML to JSON: ${error.message}`, { at: error.at })
  }
}

function cannotUnmarshal(value: GoValue, type: string, options: ValueOptions): DecapodError {
  let kind = 'object'
  if (Array.isArray(value)) kind = 'array'
  else if (typeof value === 'string') kind = 'string'
  else if (typeof value === 'boolean') kind = 'bool'
  else if (!(value instanceof Map)) kind = 'number'
  return new DecapodError(
    'YAML_PARSE',
    `error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${kind} into Go value of type ${type}`,
    { at: { file: options.file } },
  )
}

/** A tree of a value, as it would be read from its YAML: strings are strings however they look. */
export function fromValue(value: GoValue): YamlNode {
  if (value === null || value === undefined) return new YamlScalar('null')
  switch (typeof value) {
    case 'string':
      return new YamlScalar(value, 'plain', '!!str')
    case 'boolean':
      return new YamlScalar(value ? 'true' : 'false')
    case 'number':
      return new YamlScalar(jsonNumber(value))
    case 'bigint':
      return new YamlScalar(String(value))
  }
  if (value instanceof Map) {
    const map = new YamlMap()
    for (const [key, item] of value as GoDict) {
      map.pairs.push({ key: new YamlScalar(key, 'plain', '!!str'), value: fromValue(item) })
    }
    return map
  }
  if (Array.isArray(value)) return new YamlSeq(value.map(fromValue))
  return fromValue(plainValue(value))
}
