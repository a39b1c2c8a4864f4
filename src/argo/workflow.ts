/**
 * Argo Workflows that deliver a site and take it down again. Both work by Application objects alone, applied and
 * watched by the workflow's own executor: no argocd command line, no token, no image.
 */
import { DecapodError, type Position } from '../errors.ts'
import { application, cascadeFinalizer } from './application.ts'
import type { AppNode, Delivery, DeliveryNode, StepNode } from './model.ts'
import { applicationName, argoNamespace, labelValue, objectName, projectName, taskName, taskNames } from './names.ts'
import { orderDelivery } from './order.ts'
import { appProjects } from './project.ts'
import type { Application, ApplicationSpec, AppProject, Task, Template, Workflow } from './types.ts'

/** How objects become the text that a workflow applies. */
export type Print = (object: object) => string

export interface WorkflowOptions {
  /** Only these groups; what they wait for in other groups counts as there. */
  readonly groups?: readonly string[] | undefined
  /** The account the steps run as; it needs get, create, patch and delete on Applications and AppProjects. */
  readonly serviceAccount?: string | undefined
  /** Seconds an app may take to become healthy; 900 as in the original. */
  readonly deadline?: number | undefined
}

/**
 * The Workflow that deploys a site: a DAG with one task per app, in the order of `dependsOn`, the CRDs of a group
 * before its apps. A task applies the Application, asks Argo CD to sync it, and waits until that sync has succeeded
 * and the app is healthy.
 */
export function deployWorkflow(delivery: Delivery, print: Print, options: WorkflowOptions = {}): Workflow {
  const all = orderDelivery(delivery)
  const order = only(all, options.groups)
  const shown = new Set(order.filter(node => node.kind !== 'step').map(node => projectName(delivery, node.group)))
  const own = [...appProjects(delivery, all)].filter(([name]) => shown.has(name))
  const projects = taskNames(own.map(([name]) => [name, `project-${name}`] as const))
  const tasks = own.map(([name, project]): Task => {
    return { name: projects.get(name)!, template: 'apply', ...carried(project, print, undefined) }
  })
  const names = nodeTasks(order, projects.values())
  const inProject = new Set(order.filter(node => node.kind !== 'step').map(node => node.id))
  for (const node of order) {
    const dependencies = node.dependsOn.flatMap(id => names.get(id) ?? [])
    const project = projects.get(projectName(delivery, node.group))
    // A step waits for no project, so who waits for steps alone is not yet behind his own.
    const isFirst = !node.dependsOn.some(id => inProject.has(id) && id.startsWith(`${node.group.name}/`))
    if (project !== undefined && node.kind !== 'step' && isFirst) dependencies.unshift(project)
    const name = names.get(node.id)!
    tasks.push(
      node.kind === 'step'
        ? { name, ...after(dependencies), ...stepCall(node) }
        : {
            name,
            template: 'sync',
            ...after(dependencies),
            ...carried(synced(application(delivery, node), node.kind === 'app'), print, placeOf(node)),
          },
    )
  }
  return workflow(delivery, 'deploy', tasks, [syncTemplate(options), applyTemplate], options)
}

/**
 * The Workflow that takes a site down: the reverse DAG. First the app of apps goes, so that nothing is put back; then
 * every custom resource is pruned while the operators that finalize them still run; then the apps, dependents before
 * what they depend on; the CRDs last. Namespaces and persistent volumes stay.
 */
export function teardownWorkflow(delivery: Delivery, print: Print, options: WorkflowOptions = {}): Workflow {
  const order = only(orderDelivery(delivery, 'steps'), options.groups)
    .filter(node => node.kind !== 'step')
    .reverse()
  const names = nodeTasks(order)
  const tasks: Task[] = []
  // Taking down some groups leaves the app of apps to the others: their Applications come out of git first.
  const first: string[] = []
  if (options.groups === undefined) {
    first.push('app-of-apps')
    const site = { name: 'reference', value: reference(delivery, objectName(delivery.site, 'site'), print) }
    tasks.push({ name: 'app-of-apps', template: 'delete', arguments: { parameters: [site] } })
  }

  const retired: string[] = []
  for (const node of order) {
    if (node.kind !== 'app' || (node.app.customResources ?? []).length === 0) continue
    const name = `retire-${names.get(node.id)!}`
    retired.push(name)
    tasks.push({
      name,
      template: 'retire',
      ...after(first),
      ...carried(retiring(delivery, node), print, placeOf(node)),
    })
  }

  const dependents = new Map<string, string[]>()
  for (const node of order) {
    for (const id of node.dependsOn) {
      const known = dependents.get(id)
      if (known === undefined) dependents.set(id, [node.id])
      else known.push(node.id)
    }
  }
  for (const node of order) {
    const waits = (dependents.get(node.id) ?? []).flatMap(id => names.get(id) ?? []).map(name => `remove-${name}`)
    const parameters = [
      { name: 'object', value: print(cascading(application(delivery, node))) },
      { name: 'reference', value: reference(delivery, applicationName(delivery, node), print) },
    ]
    const dependencies = waits.length > 0 ? waits : retired.length > 0 ? retired : first
    tasks.push({
      name: `remove-${names.get(node.id)!}`,
      template: 'remove',
      ...after(dependencies),
      arguments: { parameters },
    })
  }
  const templates = [retireTemplate(options), removeTemplate, applyTemplate, deleteTemplate]
  return workflow(delivery, 'teardown', tasks, templates, options)
}

/** The nodes of some groups, or all. */
function only<Node extends DeliveryNode>(order: readonly Node[], groups: readonly string[] | undefined): Node[] {
  return order.filter(node => groups === undefined || groups.includes(node.group.name))
}

/** Task names by node id: the node's name, with its group where another task has the same. */
function nodeTasks(order: readonly DeliveryNode[], taken: Iterable<string> = []): ReadonlyMap<string, string> {
  const count = new Map<string, number>()
  const others = [...taken]
  for (const name of others) count.set(name, 1)
  for (const node of order) count.set(taskName(node.name), (count.get(taskName(node.name)) ?? 0) + 1)
  const short = (node: DeliveryNode): string =>
    count.get(taskName(node.name)) === 1 ? node.name : `${node.group.name}-${node.name}`
  return taskNames(
    order.map(node => [node.id, short(node)] as const),
    others,
  )
}

function after(dependencies: readonly string[]): Pick<Task, 'dependencies'> {
  return dependencies.length === 0 ? {} : { dependencies }
}

/** What Argo Workflows fills in or refuses wherever it stands; other names between braces it leaves alone. */
const variable =
  /\{\{\s*(=|(workflow|inputs|outputs|tasks|steps|item|node|pod|retries|lastRetry|cronworkflow)\b)[^}]*\}\}/

/** An object as a workflow carries it. Throws WORKFLOW_INVALID for one that Argo Workflows would change on the way. */
function carried(object: Application | AppProject, print: Print, at: Position | undefined): Pick<Task, 'arguments'> {
  const text = print(object)
  const found = variable.exec(text)
  if (found === null) return withObject(text)
  const what = `${object.kind} "${object.metadata.name}" holds ${found[0]}`
  throw new DecapodError('WORKFLOW_INVALID', `${what}, which Argo Workflows would fill in`, {
    at,
    hint: 'it cannot be written literally in a workflow: leave it out of group.yaml',
  })
}

function withObject(text: string): Pick<Task, 'arguments'> {
  return { arguments: { parameters: [{ name: 'object', value: text }] } }
}

function stepCall({ step }: StepNode): Pick<Task, 'templateRef' | 'arguments'> {
  const parameters = Object.entries(step.parameters ?? {}).map(([name, value]) => ({ name, value }))
  return { templateRef: { ...step.templateRef }, ...(parameters.length === 0 ? {} : { arguments: { parameters } }) }
}

function placeOf(node: DeliveryNode): Position | undefined {
  return node.kind === 'app' ? node.app.at : node.group.at
}

/** Enough of an Application for kubectl delete. */
function reference(delivery: Delivery, name: string, print: Print): string {
  return print({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name, namespace: argoNamespace(delivery) },
  })
}

/**
 * The Application with the request to sync it now: what `argocd app sync` and the web interface write. Argo CD removes
 * `operation` when it is done (controller/appcontroller.go, setOperationState), and that is what the task waits for: the
 * status of an earlier sync cannot be taken for this one's.
 */
function synced(app: Application, prune: boolean): Application {
  const { syncOptions } = app.spec.syncPolicy ?? {}
  return {
    ...app,
    operation: {
      initiatedBy: { username: 'decapod' },
      sync: { prune, ...(syncOptions === undefined ? {} : { syncOptions }) },
      retry: { limit: 5, backoff: { duration: '10s', factor: 2, maxDuration: '3m' } },
    },
  }
}

/** The Application without its custom resources, about to prune them: their files begin with their kind. */
function retiring(delivery: Delivery, node: AppNode): Application {
  const app = cascading(application(delivery, node))
  const files = node.app.customResources!.map(kind => `${kind}_*.yaml`)
  const exclude = files.length === 1 ? files[0]! : `{${files.join(',')}}`
  const source = { ...app.spec.source, directory: { recurse: true, exclude } }
  return synced({ ...app, spec: { ...app.spec, source } }, true)
}

/** The Application as it goes: no longer synced by itself, and taking along what it deployed. */
function cascading(app: Application): Application {
  const { syncPolicy: _, ...spec }: ApplicationSpec = app.spec
  return { ...app, metadata: { ...app.metadata, finalizers: [cascadeFinalizer] }, spec }
}

const objectInput: NonNullable<Template['inputs']> = { parameters: [{ name: 'object' }] }

const applyTemplate: Template = {
  name: 'apply',
  inputs: objectInput,
  resource: { action: 'apply', manifest: '{{inputs.parameters.object}}' },
}

/** kubectl waits until finalizers are done, and is content when there is nothing to delete. */
const deleteTemplate: Template = {
  name: 'delete',
  inputs: { parameters: [{ name: 'reference' }] },
  retryStrategy: { limit: '3', retryPolicy: 'Always' },
  resource: { action: 'delete', manifest: '{{inputs.parameters.reference}}' },
}

const removeTemplate: Template = {
  name: 'remove',
  inputs: { parameters: [{ name: 'object' }, { name: 'reference' }] },
  dag: {
    tasks: [
      { name: 'mark', template: 'apply', ...withObject('{{inputs.parameters.object}}') },
      {
        name: 'delete',
        template: 'delete',
        dependencies: ['mark'],
        arguments: { parameters: [{ name: 'reference', value: '{{inputs.parameters.reference}}' }] },
      },
    ],
  },
}

/** The conditions are Kubernetes label selectors over the object (workflow/executor/resource.go): a comma is "and". */
const operationDone = '!operation.sync,status.operationState.phase == Succeeded'

/** Argo CD has given up, its retries included: nobody need wait for the deadline. */
const operationFailed = '!operation.sync,status.operationState.phase in (Failed,Error)'

function syncTemplate(options: WorkflowOptions): Template {
  return watchingTemplate('sync', `${operationDone},status.health.status == Healthy`, options)
}

/** Health is not asked for: what is being taken down need not be well. */
function retireTemplate(options: WorkflowOptions): Template {
  return watchingTemplate('retire', operationDone, options)
}

function watchingTemplate(name: string, successCondition: string, options: WorkflowOptions): Template {
  return {
    name,
    inputs: objectInput,
    activeDeadlineSeconds: options.deadline ?? 900,
    retryStrategy: { limit: '3', retryPolicy: 'Always' },
    resource: {
      action: 'apply',
      successCondition,
      failureCondition: operationFailed,
      manifest: '{{inputs.parameters.object}}',
    },
  }
}

function workflow(
  delivery: Delivery,
  verb: 'deploy' | 'teardown',
  tasks: readonly Task[],
  templates: readonly Template[],
  options: WorkflowOptions,
): Workflow {
  const site = objectName(delivery.site, 'site')
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: {
      generateName: `${verb}-${site}-`,
      namespace: argoNamespace(delivery),
      labels: { site: labelValue(site, 'site') },
    },
    spec: {
      entrypoint: verb,
      serviceAccountName: options.serviceAccount ?? 'decapod',
      // A site is not deployed and taken down at once.
      synchronization: { mutexes: [{ name: `site-${site}` }] },
      templates: [{ name: verb, dag: { tasks } }, ...templates],
    },
  }
}
