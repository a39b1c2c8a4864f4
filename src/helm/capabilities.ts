/** `.Capabilities`: what a cluster is said to offer (Helm's pkg/chartutil/capabilities.go; Helm 4: pkg/chart/common). */
import { DecapodError } from '../errors.ts'
import { quote } from '../go/strconv.ts'
import { fn, type GoObject, GoSlice, type GoValue } from '../go/value.ts'
import type { Semantics } from './semantics.ts'
import { GoStruct } from './struct.ts'

export interface KubeVersion {
  /** As `.Capabilities.KubeVersion.Version` prints: "v1.31.0"; Helm 4 keeps suffixes ("v1.31.2-gke.4"). */
  readonly version: string
  /** Without suffix: what constraints see. */
  readonly normalized: string
  readonly major: string
  readonly minor: string
}

/** The newest Kubernetes that the reference versions know; what they take when nothing else is said. */
export const defaultKubeVersion: KubeVersion = { version: 'v1.37.0', normalized: 'v1.37.0', major: '1', minor: '37' }

/**
 * API versions in the order client-go 0.37 registers them, `group/versions`; the same in Helm 3.22 and 4.3. Without
 * `/Kind` forms, as in Helm.
 */
const apiGroups: readonly (readonly [group: string, versions: string])[] = [
  ['', 'v1'],
  ['admissionregistration.k8s.io', 'v1 v1alpha1 v1beta1'],
  ['internal.apiserver.k8s.io', 'v1alpha1'],
  ['apps', 'v1 v1beta1 v1beta2'],
  ['authentication.k8s.io', 'v1 v1alpha1 v1beta1'],
  ['authorization.k8s.io', 'v1 v1beta1'],
  ['autoscaling', 'v1 v2'],
  ['batch', 'v1 v1beta1'],
  ['certificates.k8s.io', 'v1 v1beta1 v1alpha1'],
  ['coordination.k8s.io', 'v1alpha2 v1beta1 v1'],
  ['discovery.k8s.io', 'v1 v1beta1'],
  ['events.k8s.io', 'v1 v1beta1'],
  ['extensions', 'v1beta1'],
  ['flowcontrol.apiserver.k8s.io', 'v1 v1beta1 v1beta2 v1beta3'],
  ['lifecycle.k8s.io', 'v1alpha1'],
  ['networking.k8s.io', 'v1 v1beta1'],
  ['node.k8s.io', 'v1 v1alpha1 v1beta1'],
  ['policy', 'v1 v1beta1'],
  ['rbac.authorization.k8s.io', 'v1 v1beta1 v1alpha1'],
  ['resource.k8s.io', 'v1 v1beta2 v1beta1 v1alpha3'],
  ['scheduling.k8s.io', 'v1alpha3 v1beta1 v1'],
  ['storage.k8s.io', 'v1beta1 v1 v1alpha1'],
  ['storagemigration.k8s.io', 'v1 v1beta1'],
  ['apiextensions.k8s.io', 'v1beta1 v1'],
]

export const defaultApiVersions: readonly string[] = apiGroups.flatMap(([group, versions]) =>
  versions.split(' ').map(version => (group === '' ? version : `${group}/${version}`)),
)

/** What the reference versions say of themselves. */
const helmVersions = {
  3: { version: 'v3.22.0', goVersion: 'go1.26.8' },
  4: { version: 'v4.3.1', goVersion: 'go1.26.8', kubeClientVersion: 'v1.37' },
} as const

/**
 * Parses --kube-version as apimachinery's ParseGeneric does: at least two numbers, the rest ignored. Throws DecapodError
 * USAGE with Helm's text.
 */
export function parseKubeVersion(text: string, semantics: Semantics): KubeVersion {
  const fail = (reason: string): DecapodError =>
    new DecapodError('USAGE', `invalid kube version '${text}': ${reason}`, { hint: 'for example 1.31.0' })
  const match = /^[\t\n\f\r ]*v?([0-9]+(?:\.[0-9]+)*)[^\n]*$/.exec(text)
  if (match === null) throw fail(`could not parse ${quote(text)} as version`)
  const parts = match[1]!.split('.')
  if (parts.length < 2) throw fail(`illegal version string ${quote(text)}`)
  if (/^0./.test(parts[0]!)) {
    throw fail(`illegal zero-prefixed version component ${quote(parts[0]!)} in ${quote(text)}`)
  }
  const large = parts.find(part => BigInt(part) >= 1n << 64n)
  if (large !== undefined) {
    const range = `strconv.ParseUint: parsing ${quote(large)}: value out of range`
    throw fail(`illegal non-numeric version component ${quote(large)} in ${quote(text)}: ${range}`)
  }
  const numbers = parts.map(part => BigInt(part).toString())
  const normalized = `v${numbers.join('.')}`
  const full = text.startsWith('v') ? text : `v${text}`
  return { version: semantics === 4 ? full : normalized, normalized, major: numbers[0]!, minor: numbers[1]! }
}

/** The value made last, and of what: the releases of a site ask for the same. */
let latest: { readonly key: string; readonly value: GoObject } | undefined

/** The value of `.Capabilities`, which no template can change. */
export function makeCapabilities(
  kube: KubeVersion,
  extraApiVersions: readonly string[],
  semantics: Semantics,
): GoObject {
  const key = JSON.stringify([semantics, kube, extraApiVersions])
  if (latest?.key !== key) latest = { key, value: newCapabilities(kube, extraApiVersions, semantics) }
  return latest.value
}

function newCapabilities(kube: KubeVersion, extraApiVersions: readonly string[], semantics: Semantics): GoObject {
  const goPackage = semantics === 4 ? 'common' : 'chartutil'
  const versions = [...defaultApiVersions, ...extraApiVersions]
  const known = new Set(versions)
  const apiVersions = GoSlice.make('string', versions)
  apiVersions.named = `${goPackage}.VersionSet`
  apiVersions.methods = { Has: fn('(string) bool', (version: string) => known.has(version)) }
  return new GoStruct(
    `*${goPackage}.Capabilities`,
    {
      KubeVersion: kubeVersionStruct(kube, goPackage, semantics),
      APIVersions: apiVersions,
      HelmVersion: buildInfo(semantics),
    },
    { kind: 'ptr' },
  )
}

function kubeVersionStruct(kube: KubeVersion, goPackage: string, semantics: Semantics): GoObject {
  const { version, normalized, major, minor } = kube
  const fields: Record<string, GoValue> =
    semantics === 4
      ? { Version: version, normalizedVersion: normalized, Major: major, Minor: minor }
      : { Version: version, Major: major, Minor: minor }
  return new GoStruct(`${goPackage}.KubeVersion`, fields, {
    unexported: ['normalizedVersion'],
    methods: {
      String: fn('() string', () => normalized),
      GitVersion: fn('() string', () => version),
    },
    addressableText: normalized,
  })
}

function buildInfo(semantics: Semantics): GoObject {
  const own = helmVersions[semantics]
  const fields: Record<string, GoValue> = {
    Version: own.version,
    GitCommit: '',
    GitTreeState: '',
    GoVersion: own.goVersion,
  }
  if ('kubeClientVersion' in own) fields['KubeClientVersion'] = own.kubeClientVersion
  return new GoStruct('version.BuildInfo', fields, {
    omitEmpty: true,
    tags: {
      Version: 'version',
      GitCommit: 'git_commit',
      GitTreeState: 'git_tree_state',
      GoVersion: 'go_version',
      KubeClientVersion: 'kube_client_version',
    },
  })
}
