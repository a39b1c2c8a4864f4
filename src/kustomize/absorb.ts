/** Taking generated objects in: created, or merged into what is there (resWrangler.appendReplaceOrMerge). */
import { Buffer } from 'node:buffer'
import { YamlMap } from '../yaml/node.ts'
import { fail } from './fail.ts'
import { addTo, encodeBase64, sorted } from './generators/data-object.ts'
import { isMissingOrNull, stringMap, textOf } from './nodes.ts'
import type { ResId } from './resid.ts'
import type { ResMap } from './resmap.ts'
import type { Resource } from './resource.ts'

/** Adds a generated resource by its behavior; RESOURCE_CONFLICT or PATCH_TARGET_MISSING with Kustomize's words. */
export function absorb(map: ResMap, resource: Resource, showsOrigins = false): void {
  const id = resource.curId()
  const matches = map.withId(id)
  const { behavior } = resource
  if (matches.length === 0) {
    if (behavior === 'merge' || behavior === 'replace') {
      fail('PATCH_TARGET_MISSING', `id ${goId(id)} does not exist; cannot merge or replace`)
    }
    map.append(resource)
    return
  }
  if (matches.length > 1) {
    const found = matches.map(m => m.toJson(showsOrigins)).join(' ')
    fail('RESOURCE_CONFLICT', `found multiple objects [${found}] that could accept merge of ${id}`)
  }
  const old = matches[0]!
  if (behavior === 'replace') inherit(resource, old)
  else if (behavior === 'merge') {
    const { origin } = old
    const data = resource.apiVersion === 'v1' && resource.kind === 'Secret' ? encodedSecretData(old, id) : undefined
    inherit(resource, old)
    mergeData(resource.node, 'data', data ?? stringMap(old.node.get('data')))
    mergeData(resource.node, 'binaryData', stringMap(old.node.get('binaryData')))
    resource.origin = origin
  } else {
    fail(
      'RESOURCE_CONFLICT',
      `id ${goId(id)} exists; can not use behavior: '${behavior}', behavior must be merge or replace`,
    )
  }
  map.replace(old, resource)
}

/** Labels and annotations of both (the new ones win), name, namespace and build record of the old one. */
function inherit(resource: Resource, old: Resource): void {
  const needsHash = resource.needsHashSuffix && old.needsHashSuffix
  resource.setLabels(new Map(sorted(new Map([...old.labels(), ...resource.labels()]))))
  resource.setAnnotations(new Map(sorted(new Map([...old.annotations(), ...resource.annotations()]))))
  resource.copyBuildRecord(old)
  resource.needsHashSuffix = needsHash
  resource.refVarNames = [...old.refVarNames]
  resource.transformations = [...old.transformations]
  resource.setName(old.name)
  resource.setNamespace(old.namespace)
}

/** The old entries under the new ones. An empty result leaves no field. */
function mergeData(node: YamlMap, field: 'data' | 'binaryData', old: ReadonlyMap<string, string>): void {
  const merged = new Map([...old, ...stringMap(node.get(field))])
  node.delete(field)
  // What is not UTF-8 cannot occur here: values are base64 already, or text.
  for (const [key, text] of sorted(merged)) addTo(node, field, key, text)
}

/** A Secret's data with its stringData encoded into it, as the API server does. */
function encodedSecretData(old: Resource, id: ResId): Map<string, string> {
  const data = stringMap(old.node.get('data'))
  const plain = old.node.get('stringData')
  if (isMissingOrNull(plain)) return data
  if (plain instanceof YamlMap) {
    for (const { key, value } of plain.pairs) {
      if (value.kind !== 'scalar') {
        fail(
          'RESOURCE_INVALID',
          `failed to normalize stringData for ${id}: read stringData: stringData value for key "${textOf(key)}" must be a scalar`,
        )
      }
      data.set(textOf(key), encodeBase64(Buffer.from(value.value)))
    }
  }
  return data
}

/** An id as Go's %#v prints it. */
function goId(id: ResId): string {
  const text = (value: string): string => JSON.stringify(value)
  return (
    `resid.ResId{Gvk:resid.Gvk{Group:${text(id.group)}, Version:${text(id.version)}, Kind:${text(id.kind)}, ` +
    `isClusterScoped:${id.clusterScoped}}, Name:${text(id.name)}, Namespace:${text(id.namespace)}}`
  )
}
