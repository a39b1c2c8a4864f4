/**
 * Name references: what names a renamed resource gets its new name (internal/accumulator/namereferencetransformer.go,
 * filters/nameref). Runs once, when all names are final. Which fields name which kinds is data (fieldspecs.ts).
 *
 * Kustomize tries every referrer against every resource; here candidates are found by the names they had.
 */
import { DecapodError } from '../errors.ts'
import { positionOf, type YamlMap, type YamlNode, type YamlScalar } from '../yaml/node.ts'
import type { Budget } from './budget.ts'
import { fail, wrapError } from './fail.ts'
import { FieldSpecs, setScalar } from './fieldspec.ts'
import type { NameReference } from './fieldspecs.ts'
import { isMissingOrNull, isNull, plainScalar, setField, textOf } from './nodes.ts'
import { clusterNamespace, formatGvk, type Gvk, isGvkSelected } from './resid.ts'
import type { ResMap } from './resmap.ts'
import type { Resource } from './resource.ts'

/** One field of one kind of referrer, and the kind it names. */
interface Reference {
  readonly target: Gvk
  readonly referrer: Gvk
  readonly path: string
  /** Walks to the field in any resource: the kind was compared before. */
  readonly field: FieldSpecs
}

/**
 * Updates every reference to a resource whose name or namespace changed. RESOURCE_CONFLICT "found multiple possible
 * referrals" where one name may mean several resources.
 */
export function fixNameReferences(map: ResMap, references: readonly NameReference[], budget: Budget): void {
  const all = references.flatMap(target => target.referrers.map(spec => compile(target, spec)))
  const candidates = new Candidates(map)
  const byGvk = new Map<string, Reference[]>()
  for (const resource of map.resources) {
    if (resource.isEmpty) continue
    const gvk = resource.orgId()
    const key = formatGvk(gvk)
    let own = byGvk.get(key)
    if (own === undefined) byGvk.set(key, (own = all.filter(reference => isGvkSelected(gvk, reference.referrer))))
    if (own.length > 0) new Referrer(resource, candidates, budget).update(own)
  }
}

function compile(target: Gvk, spec: Gvk & { readonly path: string }): Reference {
  const any = { group: '', version: '', kind: '', path: spec.path, create: false }
  return { target, referrer: spec, path: spec.path, field: new FieldSpecs([any]) }
}

/** The resources that had other ids before: only they can be what a reference is updated for. */
class Candidates {
  readonly #byName = new Map<string, Resource[]>()
  readonly #byOriginalNamespace = new Map<string, Resource[]>()

  constructor(map: ResMap) {
    for (const resource of map.resources) {
      if (resource.isEmpty) continue
      for (const name of new Set(resource.prevIds().map(id => id.name))) put(this.#byName, name, resource)
      const namespace = resource.orgId().effectiveNamespace
      if (namespace !== clusterNamespace) put(this.#byOriginalNamespace, namespace, resource)
    }
  }

  named(name: string): readonly Resource[] {
    return this.#byName.get(name) ?? none
  }

  inOriginalNamespace(namespace: string): readonly Resource[] {
    return this.#byOriginalNamespace.get(namespace) ?? none
  }
}

const none: readonly Resource[] = []

function put(index: Map<string, Resource[]>, key: string, resource: Resource): void {
  const list = index.get(key)
  if (list === undefined) index.set(key, [resource])
  else list.push(resource)
}

/** A resource whose references are updated. */
class Referrer {
  readonly #resource: Resource
  readonly #candidates: Candidates
  readonly #budget: Budget
  readonly #isClusterScoped: boolean
  readonly #namespace: string
  /** The namespaces a RoleBinding binds service accounts of; one left blank fails whether it is needed or not. */
  readonly #bindingNamespaces: ReadonlySet<string>
  #reference!: Reference

  constructor(resource: Resource, candidates: Candidates, budget: Budget) {
    this.#resource = resource
    this.#budget = budget
    this.#candidates = candidates
    const id = resource.curId()
    this.#isClusterScoped = id.clusterScoped
    this.#namespace = id.effectiveNamespace
    this.#bindingNamespaces = this.#isClusterScoped ? noNamespaces : bindingNamespaces(resource)
  }

  update(references: readonly Reference[]): void {
    for (const reference of references) {
      this.#reference = reference
      try {
        reference.field.apply(this.#resource, { set: node => this.#updateField(node) })
      } catch (error) {
        throw wrapError(`updating name reference in '${reference.path}' field of '${this.#resource.curId()}'`, error)
      }
    }
  }

  #updateField(node: YamlNode): void {
    if (isNull(node)) return
    if (node.kind === 'scalar') this.#updateName(node)
    else if (node.kind === 'map') this.#updateMap(node)
    else {
      for (const item of node.items) {
        if (item.kind === 'map') this.#updateMap(item)
        else if (item.kind === 'seq')
          fail('RESOURCE_INVALID', 'a name reference is expected to be either a string or a map of string')
        else if (!isNull(item)) this.#updateName(item)
      }
    }
  }

  /** A field that holds a name. */
  #updateName(node: YamlScalar): void {
    const referral = this.#select(node.value, this.#candidates.named(node.value), haveOneName)
    if (referral === undefined) return
    referral.refBy.push(this.#resource.curId())
    if (referral.name !== node.value) setScalar(node, referral.name)
  }

  /** A field that holds a name and perhaps a namespace (subjects of role bindings, services of webhooks). */
  #updateMap(node: YamlMap): void {
    const nameNode = node.get('name')
    if (nameNode === undefined) {
      fail('KUSTOMIZATION_INVALID', "path config error; no 'name' field in node", {
        hint: `the field spec ${this.#reference.path} must lead to names or to maps with a name`,
      })
    }
    const oldName = textOf(nameNode)
    const referral = this.#select(oldName, this.#inNamespaceOf(node, oldName), haveOneNameAndNamespace)
    if (referral === undefined) return
    referral.refBy.push(this.#resource.curId())
    const { name, namespace } = referral
    if (name === oldName && namespace === '') return
    setField(node, 'name', plainScalar(name))
    if (namespace !== '') setField(node, 'namespace', plainScalar(namespace))
  }

  /**
   * Candidates of a name in the namespace a map names: by the original namespaces if any resource had that one, else by
   * the current ones.
   */
  #inNamespaceOf(node: YamlMap, name: string): readonly Resource[] {
    const field = node.get('namespace')
    const named = this.#candidates.named(name)
    if (field === undefined || named.length === 0) return named
    const namespace = textOf(field)
    const wasThere = this.#candidates.inOriginalNamespace(namespace).some(r => this.#mayReferTo(r))
    return named.filter(r => {
      const own = (wasThere ? r.orgId() : r.curId()).effectiveNamespace
      return own !== clusterNamespace && own === namespace
    })
  }

  /** Whether a resource is where the referrer can name it (SubsetThatCouldBeReferencedByResource). */
  #mayReferTo(resource: Resource): boolean {
    if (this.#isClusterScoped) return true
    const id = resource.curId()
    if (id.clusterScoped || id.effectiveNamespace === this.#namespace) return true
    return this.#bindingNamespaces.has(resource.namespace)
  }

  /** The resource that a name now means: the candidates, sieved until one is left (Filter.selectReferral). */
  #select(
    oldName: string,
    named: readonly Resource[],
    areOne: (found: readonly Resource[]) => boolean,
  ): Resource | undefined {
    if (named.length === 0) return undefined
    this.#budget.steps(named.length)
    const { target, path } = this.#reference
    const role = path.endsWith('roleRef/name') ? roleRefGvk(this.#resource) : undefined
    let found = named.filter(
      r =>
        this.#mayReferTo(r) &&
        r.prevIds().some(id => isGvkSelected(id, target)) &&
        (role === undefined || r.prevIds().some(id => isGvkSelected(id, role))) &&
        this.#sharesNamespace(r),
    )
    if (found.length === 1) return found[0]
    found = found.filter(r => r.samePrefixesAndSuffixes(this.#resource, true))
    if (found.length > 1) found = found.filter(r => r.samePrefixesAndSuffixes(this.#resource, false))
    if (found.length <= 1 || areOne(found)) return found[0]
    const ids = found.map(r => r.curId().toString())
    throw new DecapodError('RESOURCE_CONFLICT', `found multiple possible referrals: ${ids.join(', ')}`, {
      notes: [`"${oldName}" in ${path} of ${this.#resource.curId()} may mean any of them`],
      hint: 'give one of them another name, or a prefix or suffix of its own',
    })
  }

  /** Service accounts may be named from another namespace. */
  #sharesNamespace(resource: Resource): boolean {
    if (this.#isClusterScoped || resource.kind === 'ServiceAccount') return true
    const id = resource.curId()
    return id.clusterScoped || id.effectiveNamespace === this.#namespace
  }
}

/** The kind a role binding's roleRef names, undefined where it does not say. */
function roleRefGvk(resource: Resource): Gvk | undefined {
  const roleRef = resource.node.get('roleRef')
  if (roleRef?.kind !== 'map') return undefined
  const apiGroup = roleRef.get('apiGroup')
  const kind = roleRef.get('kind')
  if (apiGroup === undefined || kind === undefined) return undefined
  return { group: textOf(apiGroup), version: '', kind: textOf(kind) }
}

const noNamespaces: ReadonlySet<string> = new Set()

/** The namespaces of the service accounts a RoleBinding binds. */
function bindingNamespaces(resource: Resource): ReadonlySet<string> {
  const subjects = resource.kind === 'RoleBinding' ? resource.node.get('subjects') : undefined
  if (subjects?.kind !== 'seq') return noNamespaces
  const out = new Set<string>()
  for (const subject of subjects.items) {
    const namespace = subject.kind === 'map' ? subject.get('namespace') : undefined
    if (subject.kind !== 'map' || namespace === undefined || textOf(subject.get('kind')) !== 'ServiceAccount') continue
    if (isMissingOrNull(namespace)) {
      fail('RESOURCE_INVALID', `Invalid Input: namespace is blank for resource "${resource.curId()}"\n`, {
        at: positionOf(namespace),
      })
    }
    out.add(textOf(namespace))
  }
  return out
}

function haveOneName(found: readonly Resource[]): boolean {
  return found.every(r => r.name === found[0]!.name)
}

function haveOneNameAndNamespace(found: readonly Resource[]): boolean {
  return haveOneName(found) && found.every(r => r.namespace === found[0]!.namespace)
}
