import { describe, expect, test } from 'vitest'
import type { Application, AppProject, Task, Workflow } from '../../src/argo/types.ts'
import { deployWorkflow, teardownWorkflow } from '../../src/argo/workflow.ts'
import { delivery, group, platform } from './deliveries.ts'
import { schemaErrors } from './schema.ts'

/** JSON is YAML. */
const print = (object: object): string => JSON.stringify(object)

function tasksOf(workflow: Workflow): readonly Task[] {
  return workflow.spec.templates.find(t => t.name === workflow.spec.entrypoint)!.dag!.tasks
}

/** `name (template) < dependencies` of each task. */
function shown(workflow: Workflow): string[] {
  return tasksOf(workflow).map(t => {
    const call = t.template ?? `${t.templateRef!.name}/${t.templateRef!.template}`
    return `${t.name} (${call})${t.dependencies === undefined ? '' : ` < ${t.dependencies.join(' ')}`}`
  })
}

function objectOf(workflow: Workflow, task: string): Application {
  const found = tasksOf(workflow).find(t => t.name === task)!
  return JSON.parse(found.arguments!.parameters!.find(p => p.name === 'object')!.value!) as Application
}

/** What Argo's validation asks of any DAG: known templates, known tasks, valid and unique names, no cycle. */
function validDag(workflow: Workflow): void {
  const templates = new Set(workflow.spec.templates.map(t => t.name))
  const tasks = tasksOf(workflow)
  const names = tasks.map(t => t.name)
  expect(new Set(names).size).toBe(names.length)
  const seen = new Set<string>()
  for (const task of tasks) {
    expect(task.name).toMatch(/^[a-zA-Z0-9][-a-zA-Z0-9]{0,127}$/)
    if (task.template !== undefined) expect(templates).toContain(task.template)
    // Written in an order in which each task stands after what it waits for.
    for (const dependency of task.dependencies ?? []) expect(seen).toContain(dependency)
    seen.add(task.name)
    const template = workflow.spec.templates.find(t => t.name === task.template)
    if (template !== undefined) {
      const given = (task.arguments?.parameters ?? []).map(p => p.name)
      expect(given).toEqual((template.inputs?.parameters ?? []).map(p => p.name))
    }
  }
}

describe('deploy', () => {
  const workflow = deployWorkflow(platform, print)

  test('the DAG: projects and CRDs first, steps between apps', () => {
    expect(shown(workflow)).toEqual([
      'project-lma (apply)',
      'project-apps (apply)',
      'lma-CRD (sync) < project-lma',
      'prometheus-operator (sync) < lma-CRD',
      'prometheus (sync) < prometheus-operator',
      'grafana (sync) < prometheus',
      'copy-secret (secrets/copy) < prometheus-operator',
      'shop (sync) < project-apps grafana copy-secret',
    ])
    validDag(workflow)
    expect(schemaErrors(workflow)).toEqual([])
  })

  test('a task applies the Application with the request to sync it', () => {
    const object = objectOf(workflow, 'prometheus')
    expect(schemaErrors(object)).toEqual([])
    expect(object.operation).toEqual({
      initiatedBy: { username: 'decapod' },
      sync: { prune: true, syncOptions: ['CreateNamespace=true'] },
      retry: { limit: 5, backoff: { duration: '10s', factor: 2, maxDuration: '3m' } },
    })
    expect(objectOf(workflow, 'lma-CRD').operation?.sync).toEqual({
      prune: false,
      syncOptions: ['ServerSideApply=true'],
    })
  })

  test('it waits for this sync, not for an earlier one, and for health', () => {
    const sync = workflow.spec.templates.find(t => t.name === 'sync')!
    expect(sync.resource).toEqual({
      action: 'apply',
      successCondition: '!operation.sync,status.operationState.phase == Succeeded,status.health.status == Healthy',
      // Nor does it wait for the deadline when Argo CD has given up.
      failureCondition: '!operation.sync,status.operationState.phase in (Failed,Error)',
      manifest: '{{inputs.parameters.object}}',
    })
    expect(sync.activeDeadlineSeconds).toBe(900)
  })

  test('groups that share a project wait for one task; who waits for a step alone waits for the project, too', () => {
    const step = { name: 'init', templateRef: { name: 't', template: 'x' } }
    const shared = delivery([
      group('a', { x: ['init'], y: ['x'] }, { project: 'both', steps: [step] }),
      group('b', { z: { target: 'admin' } }, { project: 'both' }),
    ])
    const deploy = deployWorkflow(shared, print)
    validDag(deploy)
    expect(shown(deploy)).toEqual([
      'project-both (apply)',
      'init (t/x)',
      'x (sync) < project-both init',
      'y (sync) < x',
      'z (sync) < project-both',
    ])
    const project = JSON.parse(tasksOf(deploy)[0]!.arguments!.parameters![0]!.value!) as AppProject
    expect(project.spec.destinations.map(d => d.name)).toEqual(['site-x', 'in-cluster'])
  })

  test('names that tasks do not take: dots, other scripts, more than 128 characters, twice after that', () => {
    const step = { name: '단계', templateRef: { name: 't', template: 'x' } }
    const long = 'l'.repeat(130)
    const odd = delivery([group('g', { 'a.b': [], 'a-b': [], [long]: { customResources: ['X'] } }, { steps: [step] })])
    validDag(deployWorkflow(odd, print))
    validDag(teardownWorkflow(odd, print))
    expect(tasksOf(deployWorkflow(odd, print)).map(task => task.name)).toEqual([
      'project-g',
      'g-a-b',
      'g-a-b-2',
      'l'.repeat(100),
      'task',
    ])
  })

  test.each(['{{workflow.name}}', '{{ item }}', '{{=1 + 1}}'])('what Argo would fill in is refused: %s', note => {
    const app = { annotations: { note }, customResources: ['X'] }
    const odd = delivery([group('g', { a: app })])
    for (const make of [deployWorkflow, teardownWorkflow]) {
      expect(() => make(odd, print)).toThrow(`Application "a" holds ${note}, which Argo Workflows would fill in`)
    }
  })

  test('other braces stay as they are: templates of notifications', () => {
    const odd = delivery([group('g', { a: { annotations: { note: '{{.app.metadata.name}} {{foo}}' } } })])
    expect(objectOf(deployWorkflow(odd, print), 'a').metadata.annotations?.['note']).toBe(
      '{{.app.metadata.name}} {{foo}}',
    )
  })

  test('some groups only: what they wait for elsewhere counts as there', () => {
    const part = deployWorkflow(platform, print, { groups: ['apps'] })
    expect(shown(part)).toEqual(['project-apps (apply)', 'shop (sync) < project-apps'])
    validDag(part)
  })

  test('an app named like another task gets its group before its name', () => {
    const odd = deployWorkflow(delivery([group('g', { 'project-g': [], a: ['project-g'] })]), print)
    expect(shown(odd)).toEqual(['project-g (apply)', 'g-project-g (sync) < project-g', 'a (sync) < g-project-g'])
    validDag(odd)
  })
})

describe('teardown', () => {
  const workflow = teardownWorkflow(platform, print)

  test('the DAG: the app of apps, custom resources while operators run, then the reverse order, CRDs last', () => {
    expect(shown(workflow)).toEqual([
      'app-of-apps (delete)',
      'retire-shop (retire) < app-of-apps',
      'retire-prometheus (retire) < app-of-apps',
      'remove-shop (remove) < retire-shop retire-prometheus',
      'remove-grafana (remove) < remove-shop',
      'remove-prometheus (remove) < remove-grafana',
      'remove-prometheus-operator (remove) < remove-prometheus',
      'remove-lma-CRD (remove) < remove-prometheus-operator',
    ])
    validDag(workflow)
    expect(schemaErrors(workflow)).toEqual([])
  })

  test('retiring leaves the files of the custom resources out and prunes', () => {
    const object = objectOf(workflow, 'retire-prometheus')
    expect(schemaErrors(object)).toEqual([])
    expect(object.spec.source.directory).toEqual({ recurse: true, exclude: '{Prometheus_*.yaml,Alertmanager_*.yaml}' })
    expect(object.operation?.sync?.prune).toBe(true)
    // Argo CD must not sync it again by itself
    expect(object.spec.syncPolicy).toBeUndefined()
    expect(objectOf(workflow, 'retire-shop').spec.source.directory!.exclude).toBe('ServiceMonitor_*.yaml')
  })

  test('removing takes along what was deployed', () => {
    const object = objectOf(workflow, 'remove-grafana')
    expect(schemaErrors(object)).toEqual([])
    expect(object.metadata.finalizers).toEqual(['resources-finalizer.argocd.argoproj.io/background'])
    expect(object.spec.syncPolicy).toBeUndefined()
    expect(object.operation).toBeUndefined()
  })

  test('the app of apps itself goes without what it holds', () => {
    const [first] = tasksOf(workflow)
    expect(first!.arguments!.parameters).toEqual([
      {
        name: 'reference',
        value:
          '{"apiVersion":"argoproj.io/v1alpha1","kind":"Application","metadata":{"name":"site-x","namespace":"argo"}}',
      },
    ])
  })

  test('some groups only: the app of apps stays', () => {
    const part = teardownWorkflow(platform, print, { groups: ['apps'] })
    expect(shown(part)).toEqual(['retire-shop (retire)', 'remove-shop (remove) < retire-shop'])
    validDag(part)
  })

  test('it is the reverse of deploy: what was deployed later goes earlier', () => {
    const position = new Map(shown(workflow).map((line, i) => [line.split(' ')[0]!.replace('remove-', ''), i]))
    for (const task of tasksOf(deployWorkflow(platform, print))) {
      if (!position.has(task.name)) continue
      for (const earlier of task.dependencies ?? []) {
        if (position.has(earlier)) expect(position.get(task.name)!).toBeLessThan(position.get(earlier)!)
      }
    }
  })
})
