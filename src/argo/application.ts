/** Argo CD's Application objects: one per app, one for the CRDs of a group, and one for the site that holds them all. */
import type { AppNode, CrdsNode, Delivery, DeliveryApp } from './model.ts'
import { applicationName, argoNamespace, clusterOf, groupLabel, objectName, projectName } from './names.ts'
import type { Application, ApplicationSpec } from './types.ts'

/** Argo CD syncs lower waves first and waits until they are healthy. */
export const syncWave = 'argocd.argoproj.io/sync-wave'

/** With this finalizer, deleting an Application first deletes, in the background, what it deployed. */
export const cascadeFinalizer = 'resources-finalizer.argocd.argoproj.io/background'

/** The Application of an app or of a group's CRDs. */
export function application(delivery: Delivery, node: AppNode | CrdsNode): Application {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: {
      name: applicationName(delivery, node),
      namespace: argoNamespace(delivery),
      labels: { app: groupLabel(delivery, node.group) },
      annotations: {
        ...(node.kind === 'app' ? node.app.annotations : undefined),
        [syncWave]: String(node.wave),
      },
      // CRDs never cascade: deleting one deletes every custom resource of its kind, in all groups.
      ...(delivery.cascade === true && node.kind === 'app' ? { finalizers: [cascadeFinalizer] } : {}),
    },
    spec: node.kind === 'app' ? appSpec(delivery, node) : crdsSpec(delivery, node),
  }
}

function appSpec(delivery: Delivery, node: AppNode): ApplicationSpec {
  const { app } = node
  return {
    project: projectName(delivery, node.group),
    source: source(delivery, app.path),
    destination: { name: clusterOf(delivery, node), namespace: app.namespace },
    syncPolicy: {
      automated: { prune: true, ...(delivery.selfHeal === true ? { selfHeal: true } : {}) },
      syncOptions: syncOptions(app),
      ...(app.namespaceLabels === undefined
        ? {}
        : { managedNamespaceMetadata: { labels: { ...app.namespaceLabels } } }),
    },
    ...(app.ignoreDifferences === undefined || app.ignoreDifferences.length === 0
      ? {}
      : { ignoreDifferences: app.ignoreDifferences.map(ignored) }),
  }
}

/**
 * CRDs are too large for the annotation that client-side apply keeps (262,144 bytes), hence ServerSideApply or Replace;
 * they are never pruned, because deleting a CRD deletes every object of its kind.
 */
function crdsSpec(delivery: Delivery, node: CrdsNode): ApplicationSpec {
  return {
    project: projectName(delivery, node.group),
    source: source(delivery, node.crds.path),
    destination: { name: clusterOf(delivery, node) },
    syncPolicy: {
      automated: { prune: false },
      syncOptions: [`${node.crds.apply ?? 'ServerSideApply'}=true`],
    },
  }
}

/**
 * The app of apps: it holds every Application and AppProject in the site's `argocd` directory. It carries no
 * finalizer and does not hold itself, so deleting it deletes nothing else.
 */
export function appOfApps(delivery: Delivery): Application {
  const name = objectName(delivery.site, 'site')
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name, namespace: argoNamespace(delivery) },
    spec: appOfAppsSpec(delivery, name),
  }
}

/** What an app of apps does, whether it is written out or made by an ApplicationSet. */
export function appOfAppsSpec(delivery: Pick<Delivery, 'manifests' | 'argoNamespace'>, name: string): ApplicationSpec {
  return {
    project: 'default',
    source: {
      repoURL: delivery.manifests.repoURL,
      path: below(delivery.manifests.path, 'argocd'),
      targetRevision: delivery.manifests.revision,
      directory: { recurse: false, exclude: `Application_${name}.yaml` },
    },
    destination: { name: 'in-cluster', namespace: argoNamespace(delivery) },
    syncPolicy: { automated: { prune: true } },
  }
}

function source(delivery: Delivery, path: string): ApplicationSpec['source'] {
  const { repoURL, revision, path: root } = delivery.manifests
  return { repoURL, path: below(root, path), targetRevision: revision, directory: { recurse: true } }
}

function below(root: string, path: string): string {
  return root === '' ? path : `${root}/${path}`
}

/**
 * CreateNamespace, then what the app's objects need, then the app's own options; of two that name the same option the
 * app's stands.
 */
function syncOptions(app: DeliveryApp): string[] {
  const options = new Map([['CreateNamespace', 'true']])
  const own = (app.syncOptions ?? []).map(splitOption)
  if (app.hasLarge === true && !own.some(([name]) => name === 'Replace')) options.set('ServerSideApply', 'true')
  for (const [name, value] of own) options.set(name, value)
  return [...options].map(([name, value]) => `${name}=${value}`)
}

function splitOption(option: string): [name: string, value: string] {
  const equals = option.indexOf('=')
  return equals === -1 ? [option, 'true'] : [option.slice(0, equals), option.slice(equals + 1)]
}

function ignored(
  difference: NonNullable<DeliveryApp['ignoreDifferences']>[number],
): NonNullable<ApplicationSpec['ignoreDifferences']>[number] {
  const { group, kind, name, jsonPointers, jqPathExpressions } = difference
  return {
    ...(group === undefined ? {} : { group }),
    kind,
    ...(name === undefined ? {} : { name }),
    ...(jsonPointers === undefined ? {} : { jsonPointers }),
    ...(jqPathExpressions === undefined ? {} : { jqPathExpressions }),
  }
}
