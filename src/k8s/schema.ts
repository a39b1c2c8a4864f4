/**
 * Schemas as far as a strategic merge patch needs them: from a kind to the lists it merges. A SchemaSet holds the
 * definitions a build knows: the table of the Kubernetes API (merge-keys.ts), a custom OpenAPI document, or both.
 */
import type { YamlMap, YamlNode } from '../yaml/node.ts'
import type { Scope } from './kinds.ts'
import { mergeKinds, mergeTypes, mergeVersions } from './merge-keys.ts'

/** A schema as written: references are followed when a field or an element is asked for. */
export interface Schema {
  /** The name of the definition it stands for ("PodSpec", "io.k8s.api.core.v1.PodSpec"). */
  readonly ref?: string | undefined
  /** Its type is "array", and nothing else besides. */
  readonly isList?: boolean
  readonly properties?: ReadonlyMap<string, Schema>
  /** The schema of every value of a map. */
  readonly values?: Schema | undefined
  /** The schema of every element of a list. */
  readonly items?: Schema | undefined
  /** Present on what a patch merges or replaces in its own way. */
  readonly patch?: { readonly strategies: readonly string[]; readonly keys: readonly string[] } | undefined
}

/** Whether a patch merges this list element by element. */
export function isMergedList(schema: Schema): boolean {
  return schema.patch?.strategies.includes('merge') ?? false
}

export class SchemaSet {
  readonly #definitions = new Map<string, Schema>()
  readonly #kinds = new Map<string, Schema>()
  readonly #scopes = new Map<string, Scope>()

  define(name: string, schema: Schema): void {
    this.#definitions.set(name, schema)
  }

  defineKind(apiVersion: string, kind: string, schema: Schema): void {
    this.#kinds.set(`${apiVersion} ${kind}`, schema)
  }

  defineScope(apiVersion: string, kind: string, scope: Scope): void {
    this.#scopes.set(`${apiVersion} ${kind}`, scope)
  }

  /** The schema of the objects of a kind, or undefined. */
  ofKind(apiVersion: string, kind: string): Schema | undefined {
    return this.#kinds.get(`${apiVersion} ${kind}`)
  }

  scopeOf(apiVersion: string, kind: string): Scope | undefined {
    return this.#scopes.get(`${apiVersion} ${kind}`)
  }

  /** The schema of a field: its own, or that of any value of the map. */
  field(schema: Schema, name: string): Schema | undefined {
    return this.resolve(schema.properties?.get(name) ?? schema.values)
  }

  /** The schema of the elements of a list. */
  elements(schema: Schema): Schema | undefined {
    return schema.isList ? this.resolve(schema.items) : undefined
  }

  /** Follows references; undefined where one leads nowhere or in a circle. */
  resolve(schema: Schema | undefined): Schema | undefined {
    let at = schema
    for (let hops = 0; at?.ref !== undefined; hops++) {
      if (hops > 100) return undefined
      at = this.#definitions.get(at.ref)
    }
    return at
  }

  /** Adds the definitions of the Kubernetes API. */
  addKubernetes(): void {
    const { definitions, kinds } = (kubernetes ??= readKubernetes())
    for (const [name, schema] of definitions) this.#definitions.set(name, schema)
    for (const [name, schema] of kinds) this.#kinds.set(name, schema)
  }

  /**
   * Adds a Swagger 2 document (`definitions` with `x-kubernetes-group-version-kind`, `paths` that tell which kinds
   * live in namespaces). What the document defines again replaces what was there.
   */
  addOpenApi(document: YamlMap): void {
    const definitions = document.get('definitions')
    if (definitions?.kind === 'map') {
      for (const { key, value } of definitions.pairs) {
        if (key.kind !== 'scalar' || value.kind !== 'map') continue
        const schema = readSchema(value, false, 0)
        this.#definitions.set(key.value, schema)
        const gvks = value.get('x-kubernetes-group-version-kind')
        if (gvks?.kind !== 'seq') continue
        for (const gvk of gvks.items) {
          const name = kindName(gvk)
          if (name !== undefined) this.#kinds.set(name, schema)
        }
      }
    }
    const paths = document.get('paths')
    if (paths?.kind === 'map') {
      for (const { key, value } of paths.pairs) {
        const get = value.kind === 'map' ? value.get('get') : undefined
        const name = get?.kind === 'map' ? kindName(get.get('x-kubernetes-group-version-kind')) : undefined
        if (name === undefined || key.kind !== 'scalar') continue
        if (key.value.includes('namespaces/{namespace}')) this.#scopes.set(name, 'Namespaced')
        else if (!this.#scopes.has(name)) this.#scopes.set(name, 'Cluster')
      }
    }
  }

  /**
   * Adds what a CustomResourceDefinition (v1) says of its kind: where its objects live, and by which keys its lists of
   * `x-kubernetes-list-type: map` or `set` are merged. Kustomize itself does not look at them.
   */
  addCustomResource(crd: YamlMap): void {
    const spec = mapOf(crd.get('spec'))
    const kind = textOf(mapOf(spec?.get('names'))?.get('kind'))
    const group = textOf(spec?.get('group'))
    const versions = spec?.get('versions')
    if (spec === undefined || kind === '' || group === '' || versions?.kind !== 'seq') return
    for (const version of versions.items) {
      const name = version.kind === 'map' ? textOf(version.get('name')) : ''
      if (name === '' || version.kind !== 'map') continue
      this.defineScope(`${group}/${name}`, kind, textOf(spec.get('scope')) === 'Cluster' ? 'Cluster' : 'Namespaced')
      const schema = mapOf(mapOf(version.get('schema'))?.get('openAPIV3Schema'))
      if (schema !== undefined) this.defineKind(`${group}/${name}`, kind, readSchema(schema, true, 0))
    }
  }
}

/** A schema from a JSON Schema node; `$ref` names definitions of the set it is used with. */
export function schemaFromNode(node: YamlMap): Schema {
  return readSchema(node, false, 0)
}

function mapOf(node: YamlNode | undefined): YamlMap | undefined {
  return node?.kind === 'map' ? node : undefined
}

function textOf(node: YamlNode | undefined): string {
  return node?.kind === 'scalar' ? node.value : ''
}

/** `group/version Kind` of an `x-kubernetes-group-version-kind`. */
function kindName(gvk: YamlNode | undefined): string | undefined {
  if (gvk?.kind !== 'map') return undefined
  const group = textOf(gvk.get('group'))
  const version = textOf(gvk.get('version'))
  return `${group === '' ? version : `${group}/${version}`} ${textOf(gvk.get('kind'))}`
}

/** Deeper schemas are cut off: no patch reaches them, and documents come from anywhere. */
const maxDepth = 200

/** `listTypes`: whether `x-kubernetes-list-type` counts where no patch strategy is written, as in a CRD. */
function readSchema(node: YamlMap, listTypes: boolean, depth: number): Schema {
  const type = node.get('type')
  const ref = textOf(node.get('$ref'))
  const child = (at: YamlNode | undefined): Schema | undefined =>
    at?.kind === 'map' && depth < maxDepth ? readSchema(at, listTypes, depth + 1) : undefined
  const fields = node.get('properties')
  const properties = new Map<string, Schema>()
  for (const { key, value } of fields?.kind === 'map' ? fields.pairs : []) {
    const schema = child(value)
    if (schema !== undefined) properties.set(textOf(key), schema)
  }
  return {
    ref: ref === '' ? undefined : ref.replace(/^#\/definitions\//, ''),
    isList: isOnly(type, 'array'),
    properties,
    values: child(node.get('additionalProperties')),
    items: child(node.get('items')),
    patch: readPatch(node, listTypes),
  }
}

function isOnly(type: YamlNode | undefined, name: string): boolean {
  if (type?.kind === 'seq') return type.items.length === 1 && textOf(type.items[0]) === name
  return textOf(type) === name
}

/** The patch strategy and keys of a schema; all keys of the list before the one merge key (PatchStrategyAndKeyList). */
function readPatch(node: YamlMap, listTypes: boolean): Schema['patch'] {
  const strategy = node.get('x-kubernetes-patch-strategy')
  const keys = node.get('x-kubernetes-list-map-keys')
  const listKeys = keys?.kind === 'seq' ? keys.items.map(textOf) : undefined
  if (strategy === undefined) {
    const listType = listTypes ? textOf(node.get('x-kubernetes-list-type')) : ''
    if (listType === 'map' && listKeys !== undefined) return { strategies: ['merge'], keys: listKeys }
    return listType === 'set' ? { strategies: ['merge'], keys: [] } : undefined
  }
  const key = textOf(node.get('x-kubernetes-patch-merge-key'))
  return { strategies: textOf(strategy).split(','), keys: listKeys ?? (key === '' ? [] : [key]) }
}

/** The table, read once: types by name, kinds by `apiVersion Kind`. */
interface Kubernetes {
  readonly definitions: ReadonlyMap<string, Schema>
  readonly kinds: ReadonlyMap<string, Schema>
}

let kubernetes: Kubernetes | undefined

function readKubernetes(): Kubernetes {
  const definitions = new Map<string, Schema>()
  for (const [name, fields] of lines(mergeTypes)) definitions.set(name, tableSchema(fields))
  for (const [name, fields] of lines(mergeKinds)) definitions.set(name, tableSchema(['metadata:ObjectMeta', ...fields]))
  const plain = tableSchema(['metadata:ObjectMeta'])
  const kinds = new Map<string, Schema>()
  for (const [apiVersion, names] of lines(mergeVersions)) {
    for (const name of names) kinds.set(`${apiVersion} ${name}`, definitions.get(name) ?? plain)
  }
  return { definitions, kinds }
}

function* lines(table: string): Generator<[first: string, rest: string[]]> {
  for (const line of table.trim().split('\n')) {
    const [first = '', ...rest] = line.split(/ +/)
    yield [first, rest]
  }
}

/** The schema of one line of the table. */
function tableSchema(fields: readonly string[]): Schema {
  const properties = new Map<string, Schema>()
  for (const field of fields) {
    const [, name = '', keys, type] = /^(\w+)(?:\[(.*?)\])?(?::(\w+))?$/.exec(field)!
    const of: Schema | undefined = type === undefined ? undefined : { ref: type }
    if (keys === undefined) properties.set(name, of ?? {})
    else if (keys === '') properties.set(name, { isList: true, items: of })
    else {
      const patch = { strategies: ['merge'], keys: keys === '*' ? [] : keys.split('+') }
      properties.set(name, { isList: true, items: of, patch })
    }
  }
  return { properties }
}
