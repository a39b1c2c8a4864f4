/** Argo CD's AppProject: the bounds of one group. */
import type { Delivery, DeliveryGroup } from './model.ts'
import { argoNamespace, clusterOf, projectName } from './names.ts'
import type { DeliveryNode } from './order.ts'
import type { AppProject } from './types.ts'

/**
 * The AppProject of a group, from its nodes in `order`: it may deploy from the manifests repository alone, to the
 * clusters its apps go to and no other. Undefined for project `default`, which Argo CD makes itself.
 */
export function appProject(
  delivery: Delivery,
  group: DeliveryGroup,
  order: readonly DeliveryNode[],
): AppProject | undefined {
  const name = projectName(delivery, group)
  if (name === 'default') return undefined
  const own = order.filter(node => node.group === group && node.kind !== 'step')
  const clusters = new Set(own.map(node => clusterOf(delivery, node)))
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AppProject',
    metadata: { name, namespace: argoNamespace(delivery), annotations: { 'argocd.argoproj.io/sync-wave': '-2' } },
    spec: {
      description: `${group.name} of ${delivery.site}`,
      sourceRepos: [delivery.manifests.repoURL],
      // Any namespace: charts put objects into kube-system and others beside their own.
      destinations: [...clusters].map(cluster => ({ name: cluster, namespace: '*' })),
      clusterResourceWhitelist: [{ group: '*', kind: '*' }],
      ...(group.syncWindows === undefined || group.syncWindows.length === 0
        ? {}
        : { syncWindows: group.syncWindows.map(syncWindow) }),
    },
  }
}

function syncWindow(
  window: NonNullable<DeliveryGroup['syncWindows']>[number],
): NonNullable<AppProject['spec']['syncWindows']>[number] {
  const { kind, schedule, duration, timeZone, manualSync } = window
  return {
    kind,
    schedule,
    duration,
    ...(timeZone === undefined ? {} : { timeZone }),
    ...(manualSync === undefined ? {} : { manualSync }),
    applications: ['*'],
  }
}
