/** All Argo CD objects of a site, as the files of its `argocd` directory. */
import { application, appOfApps } from './application.ts'
import type { Delivery } from './model.ts'
import { orderDelivery } from './order.ts'
import { appProjects } from './project.ts'
import type { Application, AppProject } from './types.ts'

/**
 * The AppProject of each group, the Application of each app and of each group's CRDs, and the app of apps, in the order
 * in which they are synced. Throws as orderDelivery does. A site without apps has no objects.
 */
export function siteObjects(delivery: Delivery): readonly (AppProject | Application)[] {
  const order = orderDelivery(delivery)
  const applications = order.flatMap(node => (node.kind === 'step' ? [] : [application(delivery, node)]))
  if (applications.length === 0) return []
  const projects = appProjects(delivery, order)
  return [...projects.values(), ...applications, appOfApps(delivery)]
}

/** The file of an object in the `argocd` directory: `Application_site-x-grafana.yaml`. */
export function objectFile(object: AppProject | Application): string {
  return `${object.kind}_${object.metadata.name!}.yaml`
}
