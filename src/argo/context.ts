/** What the user's own workflow templates see: the same model as the generated ones, with every field filled in. */
import type { Delivery, DeliveryNode } from './model.ts'
import { applicationName, argoNamespace, clusterOf, groupLabel, projectName, taskNames } from './names.ts'
import { orderDelivery } from './order.ts'

/** The context of a Handlebars template; strict mode makes a name that is not here an error. */
export interface WorkflowContext {
  readonly site: string
  readonly labels: Readonly<Record<string, string>>
  readonly prefix: string
  readonly cluster: string
  readonly adminCluster: string
  readonly argoNamespace: string
  readonly manifests: { readonly repoURL: string; readonly revision: string; readonly path: string }
  readonly groups: readonly ContextGroup[]
  /** Apps and CRDs of all groups, each after what it waits for. */
  readonly apps: readonly ContextApp[]
}

export interface ContextGroup {
  readonly name: string
  readonly project: string
  /** The value of the label `app` on the group's Applications. */
  readonly label: string
  readonly apps: readonly ContextApp[]
}

export interface ContextApp {
  readonly name: string
  readonly group: string
  /** The name of its Application. */
  readonly application: string
  /** Its name as a task of a DAG. */
  readonly task: string
  /** Tasks it waits for. */
  readonly dependsOn: readonly string[]
  readonly wave: number
  readonly isCrds: boolean
  /** '' for CRDs. */
  readonly namespace: string
  readonly cluster: string
  readonly target: 'workload' | 'admin'
  readonly path: string
  readonly customResources: readonly string[]
}

/** The context of a site. Throws as orderDelivery does. */
export function workflowContext(delivery: Delivery): WorkflowContext {
  const order = orderDelivery(delivery, 'steps')
  const tasks = taskNames(order.map(node => [node.id, applicationName(delivery, node)] as const))
  const apps = order.map(node => contextApp(delivery, node, tasks))
  return {
    site: delivery.site,
    labels: delivery.labels,
    prefix: delivery.prefix ?? '',
    cluster: delivery.cluster,
    adminCluster: delivery.adminCluster ?? 'in-cluster',
    argoNamespace: argoNamespace(delivery),
    manifests: delivery.manifests,
    groups: delivery.groups.map(group => ({
      name: group.name,
      project: projectName(delivery, group),
      label: groupLabel(delivery, group),
      apps: apps.filter(app => app.group === group.name),
    })),
    apps,
  }
}

function contextApp(delivery: Delivery, node: DeliveryNode, tasks: ReadonlyMap<string, string>): ContextApp {
  const app = node.kind === 'app' ? node.app : undefined
  const crds = node.kind === 'crds' ? node.crds : undefined
  return {
    name: node.name,
    group: node.group.name,
    application: applicationName(delivery, node),
    task: tasks.get(node.id)!,
    dependsOn: node.dependsOn.map(id => tasks.get(id)!),
    wave: node.wave,
    isCrds: crds !== undefined,
    namespace: app?.namespace ?? '',
    cluster: clusterOf(delivery, node),
    target: app?.target ?? crds?.target ?? 'workload',
    path: app?.path ?? crds?.path ?? '',
    customResources: app?.customResources ?? [],
  }
}
