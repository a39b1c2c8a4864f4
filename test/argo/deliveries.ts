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
