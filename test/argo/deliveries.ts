/** Deliveries for tests, short to write. */
import type { Delivery, DeliveryApp, DeliveryGroup } from '../../src/argo/model.ts'

/** An app of a group in its own namespace. */
export function app(group: string, name: string, more: Partial<DeliveryApp> = {}): DeliveryApp {
  return { name, namespace: group, path: `${group}/${name}`, ...more }
}

/** A group from `name: dependsOn` pairs; `crds` gives it a CRD directory. */
export function group(
  name: string,
  apps: Readonly<Record<string, readonly string[] | Partial<DeliveryApp>>>,
  more: Partial<DeliveryGroup> & { readonly hasCrds?: boolean } = {},
): DeliveryGroup {
  const { hasCrds, ...rest } = more
  return {
    name,
    apps: Object.entries(apps).map(([key, given]) =>
      app(
        name,
        key,
        Array.isArray(given) ? { dependsOn: given as readonly string[] } : (given as Partial<DeliveryApp>),
      ),
    ),
    ...(hasCrds === true ? { crds: { path: `${name}/${name}-CRD` } } : {}),
    ...rest,
  }
}

/** A site with these groups. */
export function delivery(groups: readonly DeliveryGroup[], more: Partial<Delivery> = {}): Delivery {
  return {
    site: 'site-x',
    labels: {},
    manifests: { repoURL: 'https://git.example.com/manifests.git', revision: 'main', path: 'site-x' },
    cluster: 'site-x',
    groups,
    ...more,
  }
}

/** A site of two groups, the second after the first, which has CRDs, custom resources, order and a step of the user's. */
export const platform: Delivery = delivery(
  [
    group(
      'lma',
      {
        'prometheus-operator': [],
        prometheus: { dependsOn: ['prometheus-operator'], customResources: ['Prometheus', 'Alertmanager'] },
        grafana: ['prometheus'],
      },
      {
        hasCrds: true,
        steps: [
          {
            name: 'copy-secret',
            dependsOn: ['prometheus-operator'],
            templateRef: { name: 'secrets', template: 'copy' },
            parameters: { namespace: 'lma' },
          },
        ],
      },
    ),
    group('apps', { shop: { customResources: ['ServiceMonitor'] } }, { dependsOn: ['lma'] }),
  ],
  { cascade: false },
)
