/** Questions about YAML nodes in Kustomize's terms (kyaml/yaml/alias.go, types.go, rnode.go). */
import { type YamlMap, type YamlNode, YamlScalar } from '../yaml/node.ts'

const nulls = new Set(['', '~', 'null', 'Null', 'NULL'])

/** A scalar that is null: tagged so, or plain text that means it. Missing is not null. */
export function isNull(node: YamlNode | undefined): boolean {
  if (node === undefined || node.kind !== 'scalar') return false
  if (node.tag !== undefined) return node.tag === '!!null'
  return node.style === 'plain' && nulls.has(node.value)
}

export function isMissingOrNull(node: YamlNode | undefined): boolean {
  return node === undefined || isNull(node)
}

/** Missing, null, `{}` or `[]` (IsYNodeNilOrEmpty). A scalar of no text is not empty unless it is null. */
export function isNilOrEmpty(node: YamlNode | undefined): boolean {
  if (node === undefined) return true
  if (node.kind === 'map') return node.pairs.length === 0
  if (node.kind === 'seq') return node.items.length === 0
  return isNull(node)
}

/** The text of a scalar value of a map, '' when it is missing or no scalar. */
export function textOf(node: YamlNode | undefined): string {
  return node?.kind === 'scalar' ? node.value : ''
}

/** A scalar without a tag: what its text looks like decides what it is, as with kyaml's NewScalarRNode. */
export function plainScalar(value: string): YamlScalar {
  return new YamlScalar(value)
}

/** A map field as text → text, scalars only by their text (GetAnnotations, GetLabels, GetDataMap). */
export function stringMap(node: YamlNode | undefined): Map<string, string> {
  const out = new Map<string, string>()
  if (node?.kind !== 'map') return out
  for (const { key, value } of node.pairs) out.set(textOf(key), textOf(value))
  return out
}

/** The map below a path of keys, made where missing or null; undefined where something else stands in the way. */
export function mapAt(node: YamlMap, path: readonly string[], make: () => YamlMap): YamlMap | undefined {
  let at = node
  for (const key of path) {
    let next = at.get(key)
    if (isMissingOrNull(next)) at.set(key, (next = make()))
    if (next!.kind !== 'map') return undefined
    at = next as YamlMap
  }
  return at
}
