/** What CRDs say about the fields of custom resources: enough to know which text is an image that an operator will run. */

import { textOf, type YamlMap, type YamlNode } from '../yaml/node.ts'

/** text: the schema has a text there. open: it takes anything there. other: it has no such field, or one of another type. */
export type Declared = 'text' | 'open' | 'other'

/** The field at a path of map keys; indexes of lists are left out. */
export type DeclaredAt = (path: readonly string[]) => Declared

/** The schemas of every CRD that was added, by group, kind and version. */
export class CrdFields {
  private readonly kinds = new Map<string, Map<string, YamlMap | 'open'>>()

  /** Adds a CustomResourceDefinition (apiextensions.k8s.io/v1 or v1beta1); what has no group and kind is passed over. */
  add(crd: YamlMap): void {
    const spec = mapAt(crd, 'spec')
    const kind = textAt(mapAt(spec, 'names'), 'kind')
    const group = textAt(spec, 'group')
    if (spec === undefined || kind === undefined || group === undefined) return
    const shared = mapAt(mapAt(spec, 'validation'), 'openAPIV3Schema')
    const open = isTrue(spec.get('preserveUnknownFields'))
    const versions = this.kinds.get(`${kind}.${group}`) ?? new Map<string, YamlMap | 'open'>()
    this.kinds.set(`${kind}.${group}`, versions)
    const listed = spec.get('versions')
    const all = listed?.kind === 'seq' ? listed.items.filter(item => item.kind === 'map') : []
    for (const version of all) {
      const schema = mapAt(mapAt(version, 'schema'), 'openAPIV3Schema') ?? shared
      versions.set(textAt(version, 'name') ?? '', open ? 'open' : (schema ?? 'open'))
    }
    const single = textAt(spec, 'version')
    if (single !== undefined && !versions.has(single)) versions.set(single, open ? 'open' : (shared ?? 'open'))
  }

  /** The fields of a kind; undefined when no CRD defines it in that version. */
  of(apiVersion: string, kind: string): DeclaredAt | undefined {
    const slash = apiVersion.indexOf('/')
    const schema = this.kinds.get(`${kind}.${apiVersion.slice(0, slash)}`)?.get(apiVersion.slice(slash + 1))
    if (schema === undefined) return undefined
    return schema === 'open' ? () => 'open' : path => declaredAt(schema, path)
  }
}

function declaredAt(schema: YamlMap, path: readonly string[]): Declared {
  let at = schema
  for (const key of path) {
    at = itemOf(at)
    const more = at.get('additionalProperties')
    const next = mapAt(mapAt(at, 'properties'), key) ?? (more?.kind === 'map' ? more : undefined)
    if (next === undefined) return isOpen(at) || isTrue(more) ? 'open' : 'other'
    at = next
  }
  at = itemOf(at)
  if (textAt(at, 'type') === 'string' || isTrue(at.get('x-kubernetes-int-or-string'))) return 'text'
  return isOpen(at) ? 'open' : 'other'
}

/** The schema of a list's items, lists of lists included. */
function itemOf(schema: YamlMap): YamlMap {
  let at = schema
  for (;;) {
    const items = mapAt(at, 'items')
    if (items === undefined) return at
    at = items
  }
}

function isOpen(schema: YamlMap): boolean {
  return (
    isTrue(schema.get('x-kubernetes-preserve-unknown-fields')) || isTrue(schema.get('x-kubernetes-embedded-resource'))
  )
}

function isTrue(node: YamlNode | undefined): boolean {
  return node?.kind === 'scalar' && node.value === 'true'
}

function mapAt(map: YamlMap | undefined, key: string): YamlMap | undefined {
  const node = map?.get(key)
  return node?.kind === 'map' ? node : undefined
}

function textAt(map: YamlMap | undefined, key: string): string | undefined {
  return textOf(map?.get(key))
}
