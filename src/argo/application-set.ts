/** Argo CD's ApplicationSet: the apps of apps of a whole fleet, from one list of sites. */
import { DecapodError } from '../errors.ts'
import { appOfAppsSpec } from './application.ts'
import type { Delivery, ManifestsSource } from './model.ts'
import { argoNamespace, objectName } from './names.ts'
import { siteObjects } from './site.ts'
import type { ApplicationSet } from './types.ts'

export interface Fleet {
  readonly name: string
  readonly argoNamespace?: string | undefined
  readonly sites: readonly FleetSite[]
  /**
   * A label of the sites and its values in the order in which they are updated: `{label: ring, values: [test, prod]}`.
   * Sites of one ring are synced when all of the ring before are healthy. Without rings all sites sync at once.
   */
  readonly rings?: { readonly label: string; readonly values: readonly string[] } | undefined
}

export interface FleetSite {
  readonly site: string
  readonly labels: Readonly<Record<string, string>>
  readonly manifests: ManifestsSource
}

/**
 * One Application per site. The set takes the place of each site's own `Application_<site>.yaml`; apply one or the
 * other. Deleting the set, or taking a site out of it, deletes nothing in the clusters. Throws WORKFLOW_INVALID for a
 * site that is in none of the rings: nothing would ever sync it.
 */
export function applicationSet(fleet: Fleet): ApplicationSet {
  const { rings } = fleet
  const label = rings?.label
  for (const { site, labels } of rings === undefined ? [] : fleet.sites) {
    const value = Object.hasOwn(labels, rings!.label) ? labels[rings!.label]! : undefined
    if (value !== undefined && rings!.values.includes(value)) continue
    const has = value === undefined ? 'has no such label' : `has "${value}"`
    throw new DecapodError(
      'WORKFLOW_INVALID',
      `site "${site}" is in none of the rings of label "${rings!.label}": it ${has}`,
      {
        hint: `set labels.${rings!.label} in its site.yaml to one of ${rings!.values.join(', ')}`,
      },
    )
  }
  const elements = fleet.sites.map(({ site, labels, manifests }) => ({
    site: objectName(site, 'site'),
    repoURL: manifests.repoURL,
    revision: manifests.revision,
    path: manifests.path,
    ...(label === undefined ? {} : { ring: Object.hasOwn(labels, label) ? labels[label]! : '' }),
  }))
  const manifests = { repoURL: '{{.repoURL}}', revision: '{{.revision}}', path: '{{.path}}' }
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'ApplicationSet',
    metadata: { name: objectName(fleet.name, 'fleet'), namespace: argoNamespace(fleet) },
    spec: {
      goTemplate: true,
      // A field that an element lacks is an error, not "<no value>" in a path.
      goTemplateOptions: ['missingkey=error'],
      generators: [{ list: { elements } }],
      ...(rings === undefined
        ? {}
        : {
            strategy: {
              type: 'RollingSync' as const,
              rollingSync: {
                steps: rings.values.map(value => ({
                  matchExpressions: [{ key: rings.label, operator: 'In' as const, values: [value] }],
                })),
              },
            },
          }),
      syncPolicy: { preserveResourcesOnDeletion: true },
      template: {
        metadata: {
          name: '{{.site}}',
          namespace: argoNamespace(fleet),
          ...(label === undefined ? {} : { labels: { [label]: '{{.ring}}' } }),
        },
        spec: appOfAppsSpec({ manifests, argoNamespace: argoNamespace(fleet) }, '{{.site}}'),
      },
    },
  }
}

/**
 * What several sites of a fleet would both have in its one Argo CD: Applications and AppProjects of one name, which
 * their apps of apps would write over in turn. Each as a warning (WORKFLOW_INVALID); none where prefixes differ.
 */
export function sharedNames(deliveries: readonly Delivery[]): DecapodError[] {
  const owners = new Map<string, string[]>()
  for (const delivery of deliveries) {
    for (const { kind, metadata } of siteObjects(delivery)) {
      const key = `${kind} "${metadata.name}"`
      const sites = owners.get(key)
      if (sites === undefined) owners.set(key, [delivery.site])
      else sites.push(delivery.site)
    }
  }
  const bySites = new Map<string, string[]>()
  for (const [object, sites] of owners) {
    if (sites.length < 2) continue
    const names = sites.join(', ')
    bySites.set(names, [...(bySites.get(names) ?? []), object])
  }
  return [...bySites].map(([sites, objects]) => {
    const more = objects.length > 3 ? ` and ${objects.length - 3} more` : ''
    const message = `in one Argo CD, ${sites} would each have ${objects.slice(0, 3).join(', ')}${more}`
    return new DecapodError('WORKFLOW_INVALID', message, {
      hint: 'give each site a delivery.prefix, and a project: of group.yaml only where groups of one site share it',
    })
  })
}
