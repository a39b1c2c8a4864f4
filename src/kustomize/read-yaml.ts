/** YAML files that hold configuration: YAML 1.1 made JSON, then decoded, as sigs.k8s.io/yaml does. */
import { DecapodError } from '../errors.ts'
import { formatFloat } from '../go/strconv.ts'
import { GoError } from '../go/value.ts'
import { type Dialect, positionOf, type YamlNode, YamlScalar } from '../yaml/node.ts'
import { parseNode } from '../yaml/parse.ts'
import { resolveScalar } from '../yaml/resolve.ts'
import { DecodeError, type Json, type JsonPath } from './decode.ts'
import { rephrase } from './fail.ts'

export interface JsonDocument {
  readonly data: Json
  /** The tree the data was made from, for positions. */
  readonly node: YamlNode
}

/** The first document of a text as JSON data (YAMLToJSON). YAML_PARSE with go-yaml's message. */
export function readJson(text: string, file: string): JsonDocument {
  const node = parseNode(text, { file, dialect: 'sigs' }) ?? new YamlScalar('')
  return { data: toJson(node), node }
}

/** A YAML tree as JSON data, by the rules of YAML 1.1 unless told otherwise; of repeated keys the last counts. */
export function toJson(node: YamlNode, dialect: Dialect = 'sigs'): Json {
  if (node.kind === 'seq') return node.items.map(item => toJson(item, dialect))
  if (node.kind === 'map') {
    const out = new Map<string, Json>()
    for (const { key, value } of node.pairs) out.set(keyText(key, dialect), toJson(value, dialect))
    return out
  }
  try {
    return resolveScalar(node, dialect).value
  } catch (error) {
    if (!(error instanceof GoError)) throw error
    throw new DecapodError('YAML_PARSE', `yaml: unmarshal errors:\n  ${error.message}`, { at: positionOf(node) })
  }
}

/** Keys that are numbers or booleans become text. */
function keyText(key: YamlNode, dialect: Dialect): string {
  if (key.kind === 'scalar') {
    const { tag, value } = resolveScalar(key, dialect)
    if (tag === '!!float') return formatFloat(value as number, 'g', -1)
    if (value !== null) return String(value)
  }
  throw new DecapodError('YAML_PARSE', `unsupported map key of type: ${key.kind}`, { at: positionOf(key) })
}

/** Where the value at a path stands; of an unknown field, its key. */
export function positionAt(node: YamlNode, path: JsonPath): ReturnType<typeof positionOf> {
  let at = node
  for (const [i, step] of path.entries()) {
    const pair = at.kind === 'map' ? at.pairs.findLast(p => p.key.kind === 'scalar' && p.key.value === step) : undefined
    const next = typeof step === 'number' ? (at.kind === 'seq' ? at.items[step] : undefined) : pair?.value
    if (next === undefined) break
    if (i === path.length - 1 && pair !== undefined) return positionOf(pair.key)
    at = next
  }
  return positionOf(at)
}

/**
 * Reads a file and decodes it, with the error texts of yaml.Unmarshal: "error converting YAML to JSON: …", "error
 * unmarshaling JSON: while decoding JSON: …".
 */
export function readStruct<T>(text: string, file: string, decode: (data: Json) => T): T {
  let document: JsonDocument
  try {
    document = readJson(text, file)
  } catch (error) {
    if (!(error instanceof DecapodError)) throw error
    throw rephrase(error, `error converting YAML to JSON: ${error.message}`)
  }
  return decodeAt(document.node, () => decode(document.data))
}

/** Runs a decoder; its failures get the position in the tree and yaml.Unmarshal's words. */
export function decodeAt<T>(node: YamlNode, decode: () => T): T {
  try {
    return decode()
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    throw new DecapodError('KUSTOMIZATION_INVALID', `error unmarshaling JSON: while decoding JSON: ${error.message}`, {
      at: positionAt(node, error.path),
    })
  }
}
