/** The rendered objects of a site, and what rules ask about them together. */
import type { Position } from '../errors.ts'
import { kindFields } from '../k8s/field-types.ts'
import { isBuiltinGroup, type Scope, scopeOf } from '../k8s/kinds.ts'
import { textOf, type YamlMap, type YamlNode } from '../yaml/node.ts'

/** One rendered object. */
export interface SiteObject {
  readonly group: string
  readonly app: string
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  /** Where it will live: its own namespace, else that of its app; "" for kinds that live in none. */
  readonly namespace: string
  readonly scope: Scope
  /** The cluster it goes to. */
  readonly target: 'workload' | 'admin'
  /** Below the site's directory: `lma/grafana/Deployment_grafana.yaml`. */
  readonly file: string
  /** With places in that file. */
  readonly node: YamlMap
  /** What it was rendered from, for people, and the line of it where that is known. */
  readonly origin: string
  readonly originAt: Position | undefined
}

/** An object as it was rendered, before it is known where it will live. */
export type RenderedObject = Omit<SiteObject, 'namespace' | 'scope'> & {
  /** The namespace of its app. */
  readonly appNamespace: string
}

/** What a CustomResourceDefinition of the site says of one version of its kind. */
export interface CustomKind {
  readonly scope: Scope
  readonly crd: SiteObject
  /** By version: whether it is served, deprecated, and its schema. */
  readonly versions: ReadonlyMap<string, CustomVersion>
  /** Fields that no schema knows are kept (apiextensions v1beta1). */
  readonly keepsUnknown: boolean
}

export interface CustomVersion {
  readonly served: boolean
  readonly deprecated: boolean
  readonly schema: YamlMap | undefined
}

export class SiteObjects {
  readonly objects: readonly SiteObject[]
  /** The minor release of Kubernetes 1 that the site runs. */
  readonly kubeMinor: number
  /** The namespaces that Argo CD makes for the site's apps. */
  readonly appNamespaces: ReadonlySet<string>
  private readonly customKinds: ReadonlyMap<string, CustomKind>
  private readonly byKey = new Map<string, SiteObject[]>()

  constructor(rendered: readonly RenderedObject[], kubeMinor: number) {
    this.kubeMinor = kubeMinor
    this.customKinds = readCustomKinds(rendered)
    this.appNamespaces = new Set(rendered.map(({ appNamespace }) => appNamespace))
    this.objects = rendered.map(({ appNamespace, ...object }) => {
      const scope = this.scopeOf(object.apiVersion, object.kind)
      const own = textOf(field(object.node, 'metadata', 'namespace')) ?? ''
      return { ...object, scope, namespace: scope === 'Cluster' ? '' : own === '' ? appNamespace : own }
    })
    for (const object of this.objects) {
      const key = keyOf(object.target, groupOf(object.apiVersion), object.kind, object.namespace, object.name)
      const known = this.byKey.get(key)
      if (known === undefined) this.byKey.set(key, [object])
      else known.push(object)
    }
  }

  /** The objects of an identity: more than one where apps compete for it. */
  find(
    beside: SiteObject,
    group: string,
    kind: string,
    name: string,
    namespace: string = beside.namespace,
  ): SiteObject[] {
    return this.byKey.get(keyOf(beside.target, group, kind, namespace, name)) ?? []
  }

  /** Every set of objects with one identity. */
  sameIdentity(): Iterable<readonly SiteObject[]> {
    return this.byKey.values()
  }

  /** The definition of a custom kind, where the site has it. */
  customKind(apiVersion: string, kind: string): CustomKind | undefined {
    return this.customKinds.get(`${groupOf(apiVersion)} ${kind}`)
  }

  /** Whether neither Kubernetes nor the site says what the fields of an object are. */
  isUnknown({ apiVersion, kind }: SiteObject): boolean {
    if (isBuiltinGroup(apiVersion)) return false
    return kindFields(apiVersion, kind) === undefined && this.customKind(apiVersion, kind) === undefined
  }

  /** A kind that nobody knows lives in a namespace, as most do. */
  private scopeOf(apiVersion: string, kind: string): Scope {
    return (
      kindFields(apiVersion, kind)?.scope ??
      scopeOf(apiVersion, kind) ??
      this.customKind(apiVersion, kind)?.scope ??
      'Namespaced'
    )
  }
}

function keyOf(target: string, group: string, kind: string, namespace: string, name: string): string {
  return `${target} ${group} ${kind} ${namespace} ${name}`
}

/** The API group of an apiVersion, "" for the core. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/')
  return slash === -1 ? '' : apiVersion.slice(0, slash)
}

function readCustomKinds(rendered: readonly RenderedObject[]): Map<string, CustomKind> {
  const kinds = new Map<string, CustomKind>()
  for (const { appNamespace: _, ...object } of rendered) {
    if (object.kind !== 'CustomResourceDefinition' || groupOf(object.apiVersion) !== 'apiextensions.k8s.io') continue
    const spec = mapOf(object.node.get('spec'))
    const kind = textOf(field(object.node, 'spec', 'names', 'kind'))
    const group = textOf(spec?.get('group'))
    if (spec === undefined || kind === undefined || group === undefined) continue
    // The first one counts, as for an API server; that there are two is said by another rule.
    if (kinds.has(`${group} ${kind}`)) continue
    const scope = textOf(spec.get('scope')) === 'Cluster' ? 'Cluster' : 'Namespaced'
    const crd: SiteObject = { ...object, namespace: '', scope: 'Cluster' }
    const isOld = object.apiVersion.endsWith('/v1beta1')
    const keepsUnknown = isOld
      ? textOf(spec.get('preserveUnknownFields')) !== 'false'
      : textOf(spec.get('preserveUnknownFields')) === 'true'
    kinds.set(`${group} ${kind}`, { scope, crd, keepsUnknown, versions: readVersions(spec) })
  }
  return kinds
}

/** `versions`, and the one schema for all of them that apiextensions v1beta1 had. */
function readVersions(spec: YamlMap): Map<string, CustomVersion> {
  const versions = new Map<string, CustomVersion>()
  const common = mapOf(field(spec, 'validation', 'openAPIV3Schema'))
  const only = textOf(spec.get('version'))
  if (only !== undefined) versions.set(only, { served: true, deprecated: false, schema: common })
  for (const version of itemsOf(spec.get('versions'))) {
    const name = textOf(field(version, 'name'))
    if (name === undefined) continue
    versions.set(name, {
      served: textOf(field(version, 'served')) !== 'false',
      deprecated: textOf(field(version, 'deprecated')) === 'true',
      schema: mapOf(field(version, 'schema', 'openAPIV3Schema')) ?? common,
    })
  }
  return versions
}

/** The value below a node by names of fields, undefined where the way ends. */
export function field(node: YamlNode | undefined, ...names: readonly string[]): YamlNode | undefined {
  let at = node
  for (const name of names) at = at?.kind === 'map' ? at.get(name) : undefined
  return at
}

export function mapOf(node: YamlNode | undefined): YamlMap | undefined {
  return node?.kind === 'map' ? node : undefined
}

/** The elements of a list, none where there is no list. */
export function itemsOf(node: YamlNode | undefined): readonly YamlNode[] {
  return node?.kind === 'seq' ? node.items : []
}

/** The name of a list's element in a path: `[name=web]`, or its number. */
export function elementPath(item: YamlNode, index: number): string {
  const name = textOf(field(item, 'name'))
  return name === undefined ? `[${index}]` : `[name=${name}]`
}

/** A field added to a path. */
export function below(path: string, name: string): string {
  const part = /^[\w$-]+$/.test(name) ? name : name.replaceAll('.', '\\.')
  return path === '' ? part : `${path}.${part}`
}
