/** What ConfigMap and Secret generators share: the object around the data (api/internal/generators, kyaml datamap.go). */
import { Buffer, isUtf8 } from 'node:buffer'
import { compareStrings } from '../../go/value.ts'
import { stringScalar, YamlMap, YamlScalar } from '../../yaml/node.ts'
import { resolveScalar } from '../../yaml/resolve.ts'
import { toBehavior } from '../build-annotations.ts'
import { fail } from '../fail.ts'
import type { ConfigMapArgs, GeneratorOptions } from '../kustomization.ts'
import { plainScalar } from '../nodes.ts'
import { type KindScope, Resource } from '../resource.ts'

/** An object with kind, name and namespace, before its data. */
export function dataObject(kind: string, args: ConfigMapArgs): YamlMap {
  const { name = '', namespace = '' } = args
  // Kustomize says so for secrets, too.
  if (name === '') fail('KUSTOMIZATION_INVALID', 'a configmap must have a name')
  const metadata = new YamlMap([{ key: plainScalar('name'), value: textScalar(name) }])
  if (namespace !== '') metadata.set('namespace', textScalar(namespace))
  return new YamlMap([
    { key: plainScalar('apiVersion'), value: plainScalar('v1') },
    { key: plainScalar('kind'), value: plainScalar(kind) },
    { key: plainScalar('metadata'), value: metadata },
  ])
}

/**
 * A text, within quotes where YAML 1.1 would see something else: they stay when a patch or a later layer gives the name
 * again (kyaml's FieldSetter).
 */
function textScalar(text: string): YamlScalar {
  const isOther = !text.includes('\n') && resolveScalar(plainScalar(text), 'sigs').tag !== '!!str'
  return new YamlScalar(text, isOther ? 'double' : 'plain', '!!str')
}

/** The object as a resource, with the labels, annotations and flags of its options. */
export function generatedResource(node: YamlMap, args: ConfigMapArgs, scope: KindScope): Resource {
  const { options } = args
  const metadata = node.get('metadata') as YamlMap
  if (options?.labels?.size) metadata.set('labels', textMap(options.labels))
  if (options?.annotations?.size) metadata.set('annotations', textMap(options.annotations))
  if (options?.immutable) node.set('immutable', new YamlScalar('true', 'plain', '!!bool'))
  const resource = new Resource(node, scope)
  resource.needsHashSuffix = !options?.disableNameSuffixHash
  resource.behavior = toBehavior(args.behavior)
  resource.isGenerated = true
  return resource
}

function textMap(entries: ReadonlyMap<string, string>): YamlMap {
  return new YamlMap(sorted(entries).map(([key, value]) => ({ key: plainScalar(key), value: stringScalar(value) })))
}

/** Entries in the order of their keys' bytes. */
export function sorted<T>(entries: ReadonlyMap<string, T>): [string, T][] {
  return [...entries].sort(([a], [b]) => compareStrings(a, b))
}

/** Puts pairs into `data`, or into `binaryData` as base64 what is not UTF-8. */
export function setConfigMapData(node: YamlMap, pairs: ReadonlyMap<string, Uint8Array>): void {
  for (const [key, value] of sorted(pairs)) {
    if (isUtf8(value)) addTo(node, 'data', key, Buffer.from(value).toString('utf8'))
    else addTo(node, 'binaryData', key, encodeBase64(value))
  }
}

/** Puts pairs into `data` as base64. An empty Secret has an empty `data`. */
export function setSecretData(node: YamlMap, pairs: ReadonlyMap<string, Uint8Array>): void {
  if (node.get('data')?.kind !== 'map') node.set('data', new YamlMap())
  for (const [key, value] of sorted(pairs)) addTo(node, 'data', key, encodeBase64(value))
}

/** Sets a text in a map of the object; several lines are written as a block. */
export function addTo(node: YamlMap, field: string, key: string, text: string): void {
  let map = node.get(field)
  if (map?.kind !== 'map') node.set(field, (map = new YamlMap()))
  const value = new YamlScalar(text, text.includes('\n') ? 'literal' : 'plain', '!!str')
  const pair = map.pairs.find(p => p.key.kind === 'scalar' && p.key.value === key)
  if (pair === undefined) map.pairs.push({ key: plainScalar(key), value })
  else pair.value = value
}

/** Base64 in lines of 70 as soon as it fills one, each ended by a line break; that text is what gets hashed. */
export function encodeBase64(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('base64')
  if (text.length < 70) return text
  return text.replace(/.{1,70}/g, '$&\n')
}

/** generatorOptions under an entry's own options: its maps win key by key, flags are true if either is. */
export function mergeOptions(
  own: GeneratorOptions | undefined,
  global: GeneratorOptions | undefined,
): GeneratorOptions | undefined {
  if (global === undefined) return own
  const merged: GeneratorOptions = { ...own }
  if (global.labels !== undefined) merged.labels = new Map([...global.labels, ...(own?.labels ?? [])])
  if (global.annotations !== undefined)
    merged.annotations = new Map([...global.annotations, ...(own?.annotations ?? [])])
  if (global.disableNameSuffixHash) merged.disableNameSuffixHash = true
  if (global.immutable) merged.immutable = true
  return merged
}
