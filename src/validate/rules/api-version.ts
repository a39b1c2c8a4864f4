import { nearest } from '../../errors.ts'
import { type ApiLifetime, apiLifetime } from '../../k8s/api-lifetimes.ts'
import { kindFields, kindNames } from '../../k8s/field-types.ts'
import { isBuiltinGroup, scopeOf } from '../../k8s/kinds.ts'
import type { Report, Rule } from '../finding.ts'
import { groupOf, type SiteObject, type SiteObjects } from '../objects.ts'

/** Kinds and versions that the site's Kubernetes does not serve, or that a CRD of the site does not have. */
export const apiVersion: Rule = {
  name: 'api-version',
  summary: "kinds and versions that the site's Kubernetes, or a CRD of the site, does not serve",
  severity: 'error',
  check(site, report) {
    for (const object of site.objects) {
      // A group of custom resources is a domain.
      if (isBuiltinGroup(object.apiVersion) || !groupOf(object.apiVersion).includes('.'))
        checkBuiltin(object, site.kubeMinor, report)
      else checkCustom(object, site, report)
    }
  },
}

/** Versions of an API that are on their way out. */
export const deprecatedApi: Rule = {
  name: 'deprecated-api',
  summary: 'versions of an API that a later Kubernetes will not serve',
  severity: 'warning',
  check(site, report) {
    for (const object of site.objects) {
      const { apiVersion: version, kind, node } = object
      const lifetime = isBuiltinGroup(version) ? apiLifetime(version, kind) : undefined
      const { deprecated, removed } = lifetime ?? {}
      if (deprecated === undefined || site.kubeMinor < deprecated) {
        const custom = site.customKind(version, kind)?.versions.get(version.slice(version.indexOf('/') + 1))
        if (custom?.deprecated === true) {
          report(object, node.get('apiVersion'), 'apiVersion', `its CRD calls ${version} deprecated`)
        }
        continue
      }
      // What is gone already is an error of the other rule.
      if (removed !== undefined && site.kubeMinor >= removed) continue
      const end = removed === undefined ? '' : `, and gone in 1.${removed}`
      const message = `${kind} of ${version} is deprecated since Kubernetes 1.${deprecated}${end}`
      report(object, node.get('apiVersion'), 'apiVersion', message, replaced(lifetime!))
    }
  },
}

function checkBuiltin(object: SiteObject, kubeMinor: number, report: Report): void {
  const { apiVersion: version, kind, node } = object
  const lifetime = apiLifetime(version, kind)
  const say = (message: string, hint: string | undefined): void =>
    report(object, node.get('apiVersion'), 'apiVersion', message, hint)
  if (lifetime?.removed !== undefined && kubeMinor >= lifetime.removed) {
    say(
      `${kind} of ${version} is gone since Kubernetes 1.${lifetime.removed}, and the site runs 1.${kubeMinor}`,
      replaced(lifetime),
    )
  } else if (lifetime?.since !== undefined && kubeMinor < lifetime.since) {
    say(
      `${kind} of ${version} is there since Kubernetes 1.${lifetime.since}, and the site runs 1.${kubeMinor}`,
      'the kubeVersion of site.yaml, or of decapod.yaml, says what it runs',
    )
  } else if (lifetime === undefined && !isKnown(version, kind)) {
    say(`Kubernetes has no ${kind} of ${version}`, likely(version, kind))
  }
}

/** The kind that was meant: of another version, or of a name that is near. */
function likely(version: string, kind: string): string | undefined {
  const known = [...kindNames()].map(name => name.split(' ') as [version: string, kind: string])
  const versions = [...new Set(known.filter(([, k]) => k === kind).map(([v]) => v))]
  const near = nearest(version, versions) ?? versions[0]
  if (near !== undefined) return `did you mean ${near}?`
  const other = nearest(
    kind,
    known.map(([, k]) => k),
  )
  return other === undefined ? undefined : `did you mean ${other}?`
}

/** Whether any release that decapod knows has it; alpha versions come and go. */
function isKnown(version: string, kind: string): boolean {
  return (
    kindFields(version, kind) !== undefined ||
    scopeOf(version, kind) !== undefined ||
    /v\d+(alpha|beta)\d+$/.test(version)
  )
}

function replaced({ replacement }: ApiLifetime): string | undefined {
  return replacement === undefined ? undefined : `write ${replacement}`
}

function checkCustom(object: SiteObject, site: SiteObjects, report: Report): void {
  const { apiVersion: version, kind, node } = object
  const custom = site.customKind(version, kind)
  if (custom === undefined) return
  const name = version.slice(groupOf(version).length + 1)
  if (custom.versions.get(name)?.served === true) return
  const served = [...custom.versions].filter(([, of]) => of.served).map(([of]) => of)
  const message = `${custom.crd.file} does not serve ${kind} of ${version}`
  report(object, node.get('apiVersion'), 'apiVersion', message, `it serves ${served.join(', ') || 'none'}`)
}
