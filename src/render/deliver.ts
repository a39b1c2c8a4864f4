/** The delivery of a site (argo/model.ts), filled from site.yaml, group.yaml and what was composed. */
import type { Delivery, DeliveryApp, DeliveryGroup } from '../argo/model.ts'
import { type AppSettings, type GroupSettings, placeOfField } from '../site/config.ts'
import { labelPath, type Site, type SiteGroup, type Workspace } from '../site/workspace.ts'
import type { ComposedGroup } from './compose.ts'
import { crdDirectory } from './output.ts'

/** One app as it was composed: what is known of it without rendering. */
export interface PlannedApp {
  readonly name: string
  readonly namespace: string
  readonly dependsOn: readonly string[]
}

/** The apps of a composed group: releases, kustomizations, and the objects that belong to neither. */
export function plannedApps(composed: ComposedGroup): PlannedApp[] {
  const settings = composed.group.settings
  const apps: PlannedApp[] = composed.releases
    .filter(release => !release.crdsOnly)
    .map(({ app, namespace, dependsOn }) => ({ name: app, namespace, dependsOn }))
  for (const { app, targetNamespace, dependsOn } of composed.kustomizations) {
    apps.push({ name: app, namespace: targetNamespace ?? namespaceOf(settings, app), dependsOn })
  }
  if (composed.rest.length > 0) {
    const name = composed.group.name
    apps.push({ name, namespace: namespaceOf(settings, name), dependsOn: [] })
  }
  return apps
}

function namespaceOf(settings: GroupSettings, app: string): string {
  return settingsOf(settings, app).namespace ?? 'default'
}

/** What group.yaml says of an app. */
export function settingsOf(settings: GroupSettings, app: string): AppSettings {
  return Object.hasOwn(settings.apps, app) ? settings.apps[app]! : {}
}

/** What a render found out about a site that its delivery depends on. */
export interface Rendered {
  /** Groups that have a directory of CRDs. */
  readonly withCrds: ReadonlySet<string>
  /** The kinds of custom resources by app (`group/app`). */
  readonly customResources: ReadonlyMap<string, readonly string[]>
  /** Apps (`group/app`) of which nothing was rendered. */
  readonly empty: ReadonlySet<string>
  /** Apps (`group/app`) with an object that is too large for client-side apply. */
  readonly large: ReadonlySet<string>
}

/** The delivery model of a site, or undefined where no manifests repository is named. */
export function deliveryOf(
  workspace: Workspace,
  site: Site,
  groups: readonly ComposedGroup[],
  rendered: Rendered,
): Delivery | undefined {
  const settings = { ...workspace.config.delivery, ...site.settings.delivery }
  if (settings.repoURL === undefined) return undefined
  return {
    site: site.name,
    labels: site.settings.labels,
    prefix: settings.prefix,
    manifests: { ...manifestsPlace(workspace, site), repoURL: settings.repoURL },
    cluster: site.settings.cluster ?? site.name,
    adminCluster: settings.adminCluster,
    argoNamespace: settings.argoNamespace,
    images: settings.images,
    cascade: settings.cascade,
    selfHeal: settings.selfHeal,
    groups: groups.map(composed => deliveryGroup(workspace, composed, rendered)),
    absent: absentOf(workspace, site, groups),
  }
}

/** Where a site's rendered objects are committed, and where Argo CD reads them. */
export interface ManifestsPlace {
  /** Undefined where no repository is named. */
  readonly repoURL: string | undefined
  readonly revision: string
  /** The site's directory in the repository. */
  readonly path: string
}

/** What decapod.yaml and site.yaml say about a site's place in the manifests repository. */
export function manifestsPlace(workspace: Workspace, site: Site): ManifestsPlace {
  const { repoURL, revision, path } = { ...workspace.config.delivery, ...site.settings.delivery }
  return { repoURL, revision: revision ?? 'main', path: path ?? `${workspace.config.out}/${site.name}` }
}

function deliveryGroup(workspace: Workspace, composed: ComposedGroup, rendered: Rendered): DeliveryGroup {
  const { group } = composed
  const { name, settings } = group
  const at = group.node === undefined ? undefined : { file: labelPath(workspace.roots.base, `/${name}/group.yaml`) }
  return {
    name,
    project: settings.project,
    dependsOn: settings.dependsOn,
    crds: rendered.withCrds.has(name) ? { path: `${name}/${crdDirectory(name)}`, ...settings.crds } : undefined,
    apps: plannedApps(composed).map(app => deliveryApp(group, app, rendered)),
    steps: settings.steps,
    syncWindows: settings.syncWindows,
    at,
  }
}

function deliveryApp(group: SiteGroup, app: PlannedApp, { customResources, empty, large }: Rendered): DeliveryApp {
  const settings = settingsOf(group.settings, app.name)
  const path = `${group.name}/${app.name}`
  return {
    customResources: customResources.get(path),
    ...settings,
    name: app.name,
    namespace: app.namespace,
    path,
    isEmpty: empty.has(path),
    hasLarge: large.has(path),
    dependsOn: [...new Set([...app.dependsOn, ...(settings.dependsOn ?? [])])],
    target: settings.target ?? group.settings.target,
    when: { ...group.settings.when, ...settings.when },
    at: placeOfField(group.node, 'apps', app.name),
  }
}

/** Groups of the base that the site does not use, and apps of its groups that it leaves out. */
function absentOf(workspace: Workspace, site: Site, groups: readonly ComposedGroup[]): string[] {
  const used = new Set(site.groups.map(group => group.name))
  const absent = workspace.roots.base.tree
    .list('/')
    .filter(entry => entry.kind === 'dir' && !entry.name.startsWith('.') && !used.has(entry.name))
    .map(entry => entry.name)
  for (const composed of groups) {
    const present = new Set(plannedApps(composed).map(app => app.name))
    const known = new Set([...composed.unlisted, ...Object.keys(composed.group.settings.apps)])
    for (const app of known) if (!present.has(app)) absent.push(`${composed.group.name}/${app}`)
  }
  return absent
}
