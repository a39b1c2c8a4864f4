/**
 * The resources of a build in order, found by id without searching: Kustomize compares every id with every other
 * (api/resmap/reswrangler.go), which makes its time quadratic to cubic; here every look-up is one of an index that is
 * kept right as ids change.
 */
import { DecapodError } from '../errors.ts'
import { positionOf } from '../yaml/node.ts'
import { equalGvk, type ResId } from './resid.ts'
import type { Resource } from './resource.ts'

/** The places of an index a resource was entered at; needed to take it out again. */
interface Entered {
  position: number
  keys: readonly string[]
  names: readonly string[]
}

export class ResMap {
  #list: Resource[] = []
  /** By the key of every id a resource has or had. */
  readonly #byKey = new Map<string, Set<Resource>>()
  /** By every name it has or had. */
  readonly #byName = new Map<string, Set<Resource>>()
  readonly #entered = new Map<Resource, Entered>()
  /** Resources whose ids changed since they were entered. */
  readonly #dirty = new Set<Resource>()
  /** Resources whose ids changed since they were known to differ from all others. */
  readonly #unchecked = new Set<Resource>()
  readonly #changed = (resource: Resource): void => {
    this.#dirty.add(resource)
    this.#unchecked.add(resource)
  }

  constructor(resources: Iterable<Resource> = []) {
    for (const resource of resources) this.#add(resource)
  }

  /** The resources in order. Do not keep it over a change of the map. */
  get resources(): readonly Resource[] {
    return this.#list
  }

  get size(): number {
    return this.#list.length
  }

  [Symbol.iterator](): Iterator<Resource> {
    return this.#list[Symbol.iterator]()
  }

  /** Adds a resource at the end; RESOURCE_CONFLICT when one with an equal current id is there. */
  append(resource: Resource): void {
    const id = resource.curId()
    for (const other of this.withId(id)) {
      if (other.curId().equals(id)) throw alreadyRegistered(resource, other)
    }
    this.#add(resource)
  }

  appendAll(resources: Iterable<Resource>): void {
    for (const resource of resources) this.append(resource)
  }

  /** Puts `resource` where `old` stands. */
  replace(old: Resource, resource: Resource): void {
    this.#settle()
    const position = this.#entered.get(old)!.position
    this.#remove(old)
    this.#list[position] = resource
    this.#enter(resource, position)
  }

  /** Takes the resources in another order, or some of them only; no ids are compared. */
  setResources(resources: readonly Resource[]): void {
    for (const resource of this.#list) resource.onChange = undefined
    this.#byKey.clear()
    this.#byName.clear()
    this.#entered.clear()
    this.#dirty.clear()
    this.#list = []
    for (const resource of resources) this.#add(resource)
  }

  /** The first resource whose current id an earlier one has, too; undefined when all differ. */
  findDouble(): Resource | undefined {
    let first: Resource | undefined
    let position = Number.POSITIVE_INFINITY
    for (const resource of this.#unchecked) {
      if (resource.isEmpty) continue
      const [, double] = this.withCurrentId(resource.curId())
      const at = double === undefined ? Number.POSITIVE_INFINITY : (this.#entered.get(double)?.position ?? 0)
      if (at >= position) continue
      first = double
      position = at
    }
    if (first === undefined) this.#unchecked.clear()
    return first
  }

  /** Drops what patches emptied. */
  dropEmpties(): void {
    if (this.#list.some(r => r.isEmpty)) this.setResources(this.#list.filter(r => !r.isEmpty))
  }

  /** Resources that have or had an id equal to `id`, in order (GetMatchingResourcesByAnyId). */
  withId(id: ResId): Resource[] {
    this.#settle()
    return this.#ordered(this.#byKey.get(id.key)).filter(r => !r.isEmpty)
  }

  /** Resources whose current id equals `id`, in order. */
  withCurrentId(id: ResId): Resource[] {
    return this.withId(id).filter(r => r.curId().equals(id))
  }

  /** Resources that have or had an id of the same group, version, kind and name, whatever the namespace. */
  withGvkn(id: ResId): Resource[] {
    return this.named(id.name).filter(r => r.anyIds().some(any => any.name === id.name && equalGvk(any, id)))
  }

  /** Resources that have or had this name, in order. */
  named(name: string): Resource[] {
    this.#settle()
    return this.#ordered(this.#byName.get(name))
  }

  /**
   * The one resource that has or had this id; PATCH_TARGET_MISSING with Kustomize's words when there is none or more
   * than one (GetById).
   */
  getById(id: ResId): Resource {
    const found = this.withId(id)
    if (found.length === 1) return found[0]!
    const why = found.length > 1 ? `multiple matches for Id ${id}` : `no matches for Id ${id}`
    throw new DecapodError('PATCH_TARGET_MISSING', `${why}; failed to find unique target for patch ${id}`)
  }

  #add(resource: Resource): void {
    this.#list.push(resource)
    this.#enter(resource, this.#list.length - 1)
  }

  /** Index sets hold resources in the order they were entered; a re-entered one may stand wrong. */
  #ordered(found: ReadonlySet<Resource> | undefined): Resource[] {
    if (found === undefined) return []
    const list = [...found]
    if (list.length > 1) list.sort((a, b) => this.#entered.get(a)!.position - this.#entered.get(b)!.position)
    return list
  }

  /** Re-enters what changed since the last look-up. */
  #settle(): void {
    if (this.#dirty.size === 0) return
    for (const resource of this.#dirty) {
      const entered = this.#entered.get(resource)
      if (entered === undefined) continue
      this.#remove(resource)
      this.#enter(resource, entered.position)
    }
    this.#dirty.clear()
  }

  #enter(resource: Resource, position: number): void {
    const ids = resource.anyIds()
    const keys = [...new Set(ids.map(id => id.key))]
    const names = [...new Set(ids.map(id => id.name))]
    for (const key of keys) enter(this.#byKey, key, resource)
    for (const name of names) enter(this.#byName, name, resource)
    this.#entered.set(resource, { position, keys, names })
    resource.onChange = this.#changed
  }

  #remove(resource: Resource): void {
    const { keys, names } = this.#entered.get(resource)!
    for (const key of keys) this.#byKey.get(key)?.delete(resource)
    for (const name of names) this.#byName.get(name)?.delete(resource)
    this.#entered.delete(resource)
    resource.onChange = undefined
  }
}

function enter(index: Map<string, Set<Resource>>, key: string, resource: Resource): void {
  const set = index.get(key)
  if (set === undefined) index.set(key, new Set([resource]))
  else set.add(resource)
}

function alreadyRegistered(resource: Resource, other: Resource): DecapodError {
  const first = positionOf(other.node)
  const second = positionOf(resource.node)
  const origin = first === undefined ? other.origin?.path : `${first.file}:${first.line}`
  // One file added twice is the kustomization's doing: its entry is then the place.
  const isOne = first?.file === second?.file && first?.line === second?.line
  return new DecapodError(
    'RESOURCE_CONFLICT',
    `may not add resource with an already registered id: ${resource.curId()}`,
    { at: isOne ? undefined : second, notes: origin === undefined ? [] : [`the other one comes from ${origin}`] },
  )
}
