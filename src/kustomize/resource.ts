/**
 * One object of the build: its YAML, and beside it what Kustomize keeps in annotations while it builds (previous ids,
 * prefixes, options; api/resource/resource.go and api/internal/utils/annotations.go). Fields instead of annotations:
 * the user's annotations stay the user's, and nothing is parsed and printed over and over.
 */
import { DecapodError } from '../errors.ts'
import { cloneNode, stringScalar, YamlMap, type YamlPair } from '../yaml/node.ts'
import { showBuildRecord } from './build-annotations.ts'
import { fail } from './fail.ts'
import { goJson } from './go-json.ts'
import { isNilOrEmpty, plainScalar, setField, stringMap, textOf } from './nodes.ts'
import type { Origin } from './origin.ts'
import { writeAndRead } from './output.ts'
import { clusterNamespace, type Gvk, parseApiVersion, ResId } from './resid.ts'

/** Which kinds live in no namespace; the build's schema answers. */
export interface KindScope {
  isClusterScoped(apiVersion: string, kind: string): boolean
}

/** What a generated object does when an object of its id is there already. */
export type Behavior = 'unspecified' | 'create' | 'replace' | 'merge'

/** An id a resource had before: group and version are always the current ones, as in Kustomize. */
interface PreviousId {
  readonly kind: string
  readonly name: string
  readonly namespace: string
}

export class Resource {
  /** The object. Undefined once a patch deleted it: the build drops it after the transformer. */
  #node: YamlMap | undefined
  readonly scope: KindScope
  #previous: PreviousId[] = []
  #curId: ResId | undefined
  #anyIds: readonly ResId[] | undefined
  /** Told when an id may have changed; ResMap keeps its index right with it. */
  onChange: ((resource: Resource) => void) | undefined

  /** Prefixes and suffixes added to the name, innermost first. */
  prefixes: string[] = []
  suffixes: string[] = []
  /** The ids of the resources that name this one. */
  refBy: ResId[] = []
  /** Names of the vars that take their value from here. */
  refVarNames: string[] = []
  allowNameChange = false
  allowKindChange = false
  behavior: Behavior = 'unspecified'
  needsHashSuffix = false
  /** Made by a generator that has a behavior, be it unspecified. */
  isGenerated = false
  /** Made by helmCharts: the namespace transformer leaves it alone. */
  helmGenerated = false
  origin: Origin | undefined
  transformations: Origin[] = []

  constructor(node: YamlMap, scope: KindScope) {
    this.#node = node
    this.scope = scope
  }

  /** The object. Whoever edits apiVersion, kind, name or namespace in it directly calls `touched()` afterwards. */
  get node(): YamlMap {
    this.#node ??= new YamlMap()
    return this.#node
  }

  set node(node: YamlMap) {
    this.#node = node
    this.touched()
  }

  /** True for an object a patch emptied or deleted. */
  get isEmpty(): boolean {
    return isNilOrEmpty(this.#node)
  }

  /** Deletes the object; the map drops it after the transformer. */
  clear(): void {
    this.#node = undefined
    this.touched()
  }

  /** Forgets what is cached about the ids, and tells the map. */
  touched(): void {
    this.#curId = undefined
    this.#anyIds = undefined
    this.onChange?.(this)
  }

  get apiVersion(): string {
    return textOf(this.node.get('apiVersion'))
  }

  get kind(): string {
    return textOf(this.node.get('kind'))
  }

  get gvk(): Gvk {
    return this.curId()
  }

  get name(): string {
    return this.#metaText('name')
  }

  get namespace(): string {
    return this.#metaText('namespace')
  }

  #metaText(field: string): string {
    const metadata = this.node.get('metadata')
    const value = metadata?.kind === 'map' ? metadata.get(field) : undefined
    return isNilOrEmpty(value) ? '' : textOf(value)
  }

  setApiVersion(apiVersion: string): void {
    setField(this.node, 'apiVersion', plainScalar(apiVersion))
    this.touched()
  }

  setKind(kind: string): void {
    setField(this.node, 'kind', plainScalar(kind))
    this.touched()
  }

  /** Sets metadata.name; how it was written (quotes) stays, as with SetName. */
  setName(name: string): void {
    setField(this.metadata(), 'name', plainScalar(name))
    this.touched()
  }

  /** Sets metadata.namespace; an empty one removes the field. */
  setNamespace(namespace: string): void {
    if (namespace === '') {
      const metadata = this.node.get('metadata')
      if (metadata?.kind === 'map') metadata.delete('namespace')
    } else setField(this.metadata(), 'namespace', plainScalar(namespace))
    this.touched()
  }

  /** The metadata map, made when missing. */
  metadata(): YamlMap {
    const metadata = this.node.get('metadata')
    if (metadata?.kind === 'map') return metadata
    const made = new YamlMap()
    this.node.set('metadata', made)
    return made
  }

  /** metadata.annotations as text; a copy. */
  annotations(): Map<string, string> {
    return this.#map('annotations')
  }

  /** metadata.labels as text; a copy. */
  labels(): Map<string, string> {
    return this.#map('labels')
  }

  /** Replaces metadata.annotations; every value becomes a string, an empty map removes the field. */
  setAnnotations(annotations: ReadonlyMap<string, string>): void {
    this.#setMap('annotations', annotations)
  }

  /** Replaces metadata.labels likewise. */
  setLabels(labels: ReadonlyMap<string, string>): void {
    this.#setMap('labels', labels)
  }

  #map(field: string): Map<string, string> {
    const metadata = this.node.get('metadata')
    if (metadata?.kind !== 'map') return new Map()
    return stringMap(metadata.pairs.find(isField(field))?.value)
  }

  #setMap(field: string, entries: ReadonlyMap<string, string>): void {
    const metadata = this.metadata()
    // Where the field is there twice, kyaml reads and clears the first and writes into what then is the only one.
    const first = metadata.pairs.findIndex(isField(field))
    if (first !== -1) metadata.pairs.splice(first, 1)
    if (entries.size === 0) return
    const second = first === -1 ? undefined : metadata.pairs.find(isField(field))
    if (second?.value.kind === 'map') {
      for (const [key, value] of entries) second.value.set(key, stringScalar(value))
      return
    }
    const made = new YamlMap([...entries].map(([k, v]) => ({ key: plainScalar(k), value: stringScalar(v) })))
    metadata.pairs.push({ key: plainScalar(field), value: made })
  }

  /** The id as it stands now. */
  curId(): ResId {
    if (this.#curId === undefined) {
      const apiVersion = this.apiVersion
      const kind = this.kind
      this.#curId = new ResId(
        { ...parseApiVersion(apiVersion), kind },
        this.name,
        this.namespace,
        this.scope.isClusterScoped(apiVersion, kind),
      )
    }
    return this.#curId
  }

  /** The first id it had; the current one if it never changed. */
  orgId(): ResId {
    return this.prevIds()[0] ?? this.curId()
  }

  /** The ids it had before, oldest first, with the current group and version; their namespaces are effective ones. */
  prevIds(): readonly ResId[] {
    const all = this.anyIds()
    return all.length === 1 ? none : all.slice(0, -1)
  }

  /** Previous ids, oldest first, then the current one. */
  anyIds(): readonly ResId[] {
    if (this.#anyIds === undefined) {
      const cur = this.curId()
      const ids = this.#previous.map(
        p => new ResId({ group: cur.group, version: cur.version, kind: p.kind }, p.name, p.namespace),
      )
      ids.push(cur)
      this.#anyIds = ids
    }
    return this.#anyIds
  }

  /** The current id without knowledge of scopes, then the previous ones: what replacements select by (utils.MakeResIds). */
  unscopedIds(): ResId[] {
    const cur = this.curId()
    return [new ResId(cur, cur.name, cur.namespace), ...this.prevIds()]
  }

  get hasPreviousIds(): boolean {
    return this.#previous.length > 0
  }

  /** Records the id as it stands, before name, namespace or kind change. */
  storePreviousId(): void {
    if (this.#previous.length >= maxPreviousIds) {
      fail('LIMIT_EXCEEDED', `${this.curId()} is renamed, moved or patched more than ${maxPreviousIds} times`)
    }
    const id = this.curId()
    this.#previous.push({ kind: id.kind, name: id.name, namespace: id.effectiveNamespace })
    this.#anyIds = undefined
    this.onChange?.(this)
  }

  /** Whether Kustomize would have annotations of its own on the object now: it then has a metadata.annotations map. */
  get hasBuildRecord(): boolean {
    return (
      this.#previous.length > 0 ||
      this.prefixes.length > 0 ||
      this.suffixes.length > 0 ||
      this.refBy.length > 0 ||
      this.needsHashSuffix ||
      this.isGenerated ||
      this.helmGenerated
    )
  }

  addPrefix(prefix: string): void {
    if (prefix !== '') this.prefixes.push(prefix)
  }

  addSuffix(suffix: string): void {
    if (suffix !== '') this.suffixes.push(suffix)
  }

  /**
   * Whether both were changed in the same context: their prefixes end alike and so do their suffixes. With `allowEmpty`
   * having none matches anything (PrefixesSuffixesEquals).
   */
  samePrefixesAndSuffixes(other: Resource, allowEmpty: boolean): boolean {
    return (
      sameEnding(this.prefixes, other.prefixes, allowEmpty) && sameEnding(this.suffixes, other.suffixes, allowEmpty)
    )
  }

  /** Takes over previous ids, prefixes and the like of another resource, as annotations would when copied. */
  copyBuildRecord(from: Resource): void {
    this.#previous = [...from.#previous]
    this.prefixes = [...from.prefixes]
    this.suffixes = [...from.suffixes]
    this.refBy = [...from.refBy]
    this.allowNameChange = from.allowNameChange
    this.allowKindChange = from.allowKindChange
    this.behavior = from.behavior
    this.needsHashSuffix = from.needsHashSuffix
    this.helmGenerated = from.helmGenerated
    this.isGenerated = from.isGenerated
    this.touched()
  }

  /**
   * The object as JSON, as messages show it: with the build's records, which Kustomize keeps in annotations, and with
   * its origins where the build records them there.
   */
  toJson(showsOrigins = false): string {
    const copy = this.copy()
    showBuildRecord(copy, showsOrigins)
    writeAndRead(copy.node, false)
    try {
      return goJson(copy.node)
    } catch (error) {
      // What JSON cannot hold is told in the place of the object.
      if (error instanceof DecapodError) return `<${error.message}>`
      throw error
    }
  }

  /** A copy with a copy of the object; it belongs to no map. */
  copy(): Resource {
    const copy = new Resource(cloneNode(this.node), this.scope)
    copy.copyBuildRecord(this)
    copy.refVarNames = [...this.refVarNames]
    copy.origin = this.origin
    copy.transformations = [...this.transformations]
    return copy
  }

  /** Forgets what Kustomize keeps in annotations: a patch took all of them away. */
  loseBuildRecord(): void {
    this.copyBuildRecord(new Resource(new YamlMap(), this.scope))
  }

  /** Imports a previous id that was read from annotations (the output of another tool, a function). */
  pushPreviousId(kind: string, name: string, namespace: string): void {
    this.#previous.push({ kind, name, namespace })
    this.touched()
  }
}

/** Every one is looked at whenever another is added; nobody writes so many layers. */
const maxPreviousIds = 1000

const none: readonly ResId[] = []

function isField(name: string): (pair: YamlPair) => boolean {
  return ({ key }) => key.kind === 'scalar' && key.value === name
}

/** Whether the shorter list is an ending of the longer one (utils.SameEndingSubSlice; both empty is the same). */
function sameEnding(a: readonly string[], b: readonly string[], allowEmpty: boolean): boolean {
  if (allowEmpty && (a.length === 0 || b.length === 0)) return true
  const n = Math.min(a.length, b.length)
  if (n === 0) return a.length === b.length
  for (let i = 1; i <= n; i++) if (a.at(-i) !== b.at(-i)) return false
  return true
}

export { clusterNamespace }
