/** JSON as Go's encoding/json writes it: keys sorted by bytes, `<`, `>` and `&` escaped. */
import { DecapodError } from '../errors.ts'
import { compareStrings, GoError } from '../go/value.ts'
import { positionOf, type YamlNode, type YamlScalar } from '../yaml/node.ts'
import { resolveScalar } from '../yaml/resolve.ts'

/**
 * The JSON text of a string or of a YAML tree (read by the rules of YAML 1.2, as resources are). With `floats` integers
 * lose what a float64 cannot hold, as they do where Go reads its own JSON back.
 */
export function goJson(value: string | YamlNode, floats = false): string {
  if (typeof value === 'string') return jsonString(value)
  if (value.kind === 'scalar') return jsonScalar(value, floats)
  if (value.kind === 'seq') return `[${value.items.map(item => goJson(item, floats)).join(',')}]`
  const entries = new Map<string, string>()
  for (const { key, value: entry } of value.pairs) {
    if (key.kind !== 'scalar' || resolve(key).tag !== '!!str') {
      throw new DecapodError('RESOURCE_INVALID', 'json: unsupported type: map[interface {}]interface {}', {
        at: positionOf(key),
      })
    }
    entries.set(key.value, goJson(entry, floats))
  }
  const sorted = [...entries].sort(([a], [b]) => compareStrings(a, b))
  return `{${sorted.map(([key, json]) => `${jsonString(key)}:${json}`).join(',')}}`
}

/** The same, indented by two spaces (json.MarshalIndent). */
export function indentedJson(node: YamlNode, indent = ''): string {
  const inner = `${indent}  `
  if (node.kind === 'seq' && node.items.length > 0) {
    return `[\n${node.items.map(item => inner + indentedJson(item, inner)).join(',\n')}\n${indent}]`
  }
  if (node.kind !== 'map' || node.pairs.length === 0) return goJson(node)
  const entries = new Map<string, string>()
  for (const { key, value } of node.pairs) {
    if (key.kind === 'scalar') entries.set(key.value, indentedJson(value, inner))
  }
  const sorted = [...entries].sort(([a], [b]) => compareStrings(a, b))
  return `{\n${sorted.map(([key, json]) => `${inner}${jsonString(key)}: ${json}`).join(',\n')}\n${indent}}`
}

function jsonScalar(node: YamlScalar, floats: boolean): string {
  const resolved = resolve(node).value
  const value = floats && typeof resolved === 'bigint' ? Number(resolved) : resolved
  if (typeof value === 'string') return jsonString(value)
  if (typeof value !== 'number') return String(value)
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : String(value)
  const text = Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
  throw new DecapodError('RESOURCE_INVALID', `json: unsupported value: ${text}`, { at: positionOf(node) })
}

function resolve(node: YamlScalar): ReturnType<typeof resolveScalar> {
  try {
    return resolveScalar(node, 'v3')
  } catch (error) {
    if (!(error instanceof GoError)) throw error
    throw new DecapodError('RESOURCE_INVALID', error.message, { at: positionOf(node) })
  }
}

const special = /[<>&\u2028\u2029\ud800-\udfff]/

function jsonString(text: string): string {
  const json = JSON.stringify(text)
  if (!special.test(json) && !json.includes('\\u')) return json
  return json
    .replace(/[<>&\u2028\u2029]/g, c => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replace(/(?<!\\)((?:\\\\)*)\\u(d[89a-f][0-9a-f]{2})/g, '$1\\ufffd')
}
