/** Questions about YAML nodes in Kustomize's terms (kyaml/yaml/alias.go, types.go, rnode.go). */
import { DecapodError } from '../errors.ts'
import { positionOf, type YamlMap, type YamlNode, YamlScalar } from '../yaml/node.ts'
import { kyamlText } from './kyaml-text.ts'

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

/**
 * Gives a node the content of another of the same kind, in place. Kustomize's field setters do the same, and it shows:
 * the label transformers put one node into several places of a resource, so a later change of one changes them all
 * (measured: a patch of spec.template.metadata.labels.app also changes metadata.labels.app after `commonLabels`).
 */
export function assignScalar(to: YamlScalar, from: YamlScalar): void {
  to.value = from.value
  to.tag = from.tag
  to.style = from.style
  to.source = from.source
  to.offset = from.offset
}

export type NodeKind = YamlNode['kind']

const kindNames: Readonly<Record<NodeKind, string>> = { scalar: 'ScalarNode', map: 'MappingNode', seq: 'SequenceNode' }

/** kyaml's words for a node that is not of the kind it should be (InvalidNodeKindError). */
export function wrongKind(expected: NodeKind, node: YamlNode): string {
  const message = `wrong node kind: expected ${kindNames[expected]} but got ${kindNames[node.kind]}: node contents:`
  return `${message}\n${kyamlText(node)}`
}

/** RESOURCE_INVALID with kyaml's words unless the node is of that kind (ErrorIfInvalid). */
export function expectKind(node: YamlNode, kind: NodeKind): void {
  if (node.kind !== kind) throw new DecapodError('RESOURCE_INVALID', wrongKind(kind, node), { at: positionOf(node) })
}

/**
 * Sets a field of a map as kyaml's FieldSetter does: a scalar that is there is changed in place and keeps its style, a
 * missing field is appended with `value` itself, which may then stand in several places.
 */
export function setField(map: YamlMap, key: string, value: YamlScalar): void {
  for (const pair of map.pairs) {
    if (pair.key.kind !== 'scalar' || pair.key.value !== key) continue
    if (pair.value.kind !== 'scalar') pair.value = new YamlScalar(value.value, value.style, value.tag)
    else {
      pair.value.value = value.value
      pair.value.tag = value.tag
      pair.value.source = value.source
    }
    return
  }
  map.pairs.push({ key: plainScalar(key), value })
}
