/**
 * Identities of resources: Gvk (group, version, kind) and ResId (a Gvk with name and namespace), with the print forms
 * that Kustomize's messages use (kyaml/resid).
 */

/** A group, version and kind. Empty fields of a selector match anything. */
export interface Gvk {
  readonly group: string
  readonly version: string
  readonly kind: string
}

/** The effective namespace of what lives in none. */
export const clusterNamespace = '_non_namespaceable_'

/** Splits an apiVersion at its first slash, as resid.ParseGroupVersion does. */
export function parseApiVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf('/')
  return slash === -1
    ? { group: '', version: apiVersion }
    : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) }
}

/** The apiVersion of a Gvk: "group/version", or the version alone. */
export function apiVersionOf(gvk: Gvk): string {
  return gvk.group === '' ? gvk.version : `${gvk.group}/${gvk.version}`
}

export function equalGvk(a: Gvk, b: Gvk): boolean {
  return a.kind === b.kind && a.group === b.group && a.version === b.version
}

/** Whether `gvk` is one that `selector` selects: empty fields of the selector match anything (Gvk.IsSelected). */
export function isGvkSelected(gvk: Gvk, selector: Gvk): boolean {
  return (
    (selector.group === '' || selector.group === gvk.group) &&
    (selector.version === '' || selector.version === gvk.version) &&
    (selector.kind === '' || selector.kind === gvk.kind)
  )
}

/** `Kind.version.group`, as messages show it. */
export function formatGvk(gvk: Gvk): string {
  return `${gvk.kind || '[noKind]'}.${gvk.version || '[noVer]'}.${gvk.group || '[noGrp]'}`
}

/**
 * Who a resource is. Whether its kind is cluster-scoped is decided where the id is made (the schema of the build is
 * known there); ids written by a user or kept as previous ids do not know it, as in Kustomize.
 */
export class ResId implements Gvk {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly name: string
  readonly namespace: string
  readonly clusterScoped: boolean
  #key: string | undefined

  constructor(gvk: Gvk, name: string, namespace: string, clusterScoped = false) {
    this.group = gvk.group
    this.version = gvk.version
    this.kind = gvk.kind
    this.name = name
    this.namespace = namespace
    this.clusterScoped = clusterScoped
  }

  /** The namespace to compare by: never empty. Previous ids carry it as their namespace already. */
  get effectiveNamespace(): string {
    if (this.clusterScoped) return clusterNamespace
    return this.namespace === '' ? 'default' : this.namespace
  }

  /** One text per set of equal ids: what ResMap's index is keyed by. */
  get key(): string {
    this.#key ??= `${this.group}/${this.version}/${this.kind}\n${this.effectiveNamespace}\n${this.name}`
    return this.#key
  }

  /** Same group, version, kind, name and effective namespace. */
  equals(other: ResId): boolean {
    return this.name === other.name && equalGvk(this, other) && this.effectiveNamespace === other.effectiveNamespace
  }

  /** Same group, version, kind and name, whatever the namespace. */
  gvknEquals(other: ResId): boolean {
    return this.name === other.name && equalGvk(this, other)
  }

  /** Whether the non-empty fields of `selector` are equal to this id's (no regular expressions). */
  isSelectedBy(selector: ResId): boolean {
    return (
      (selector.name === '' || selector.name === this.name) &&
      (selector.namespace === '' || selector.effectiveNamespace === this.effectiveNamespace) &&
      isGvkSelected(this, selector)
    )
  }

  /** `Kind.version.group/name.namespace`, with `[noName]` and `[noNs]` for what is empty. */
  toString(): string {
    return `${formatGvk(this)}/${this.name || '[noName]'}.${this.namespace || '[noNs]'}`
  }
}

/** Kinds that are installed first and last; everything else stands between (kyaml/resid/gvk.go). */
const first = [
  'Namespace',
  'ResourceQuota',
  'StorageClass',
  'CustomResourceDefinition',
  'ServiceAccount',
  'PodSecurityPolicy',
  'Role',
  'ClusterRole',
  'RoleBinding',
  'ClusterRoleBinding',
  'ConfigMap',
  'Secret',
  'Endpoints',
  'Service',
  'LimitRange',
  'PriorityClass',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'Deployment',
  'StatefulSet',
  'CronJob',
  'PodDisruptionBudget',
] as const
const last = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'] as const

/** The default lists of the legacy order. */
export const legacyOrder: { readonly first: readonly string[]; readonly last: readonly string[] } = { first, last }

/** The text that Gvks of the same rank are ordered by; empty parts sort after letters. */
export function gvkSortText(gvk: Gvk): string {
  return `${gvk.group || '~G'}_${gvk.version || '~V'}_${gvk.kind || '~K'}`
}

const ranks = new Map<string, number>([
  ...first.map((kind, i) => [kind, i - first.length] as const),
  ...last.map((kind, i) => [kind, i + 1] as const),
])

/** Gvk.IsLessThan as a comparison; what field specs are sorted by after a merge. */
export function compareGvk(a: Gvk, b: Gvk): number {
  const rank = (ranks.get(a.kind) ?? 0) - (ranks.get(b.kind) ?? 0)
  if (rank !== 0) return rank
  const x = gvkSortText(a)
  const y = gvkSortText(b)
  return x < y ? -1 : x > y ? 1 : 0
}
