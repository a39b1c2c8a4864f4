import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { workflowContext } from '../../src/argo/context.ts'
import type { Delivery } from '../../src/argo/model.ts'
import { dealSites, renderAndCommitWorkflowTemplate } from '../../src/argo/render-workflow.ts'
import type { Application, Task, Workflow } from '../../src/argo/types.ts'
import { deployWorkflow, teardownWorkflow } from '../../src/argo/workflow.ts'
import { renderText } from '../../src/handlebars.ts'
import { delivery, group } from './deliveries.ts'
import { schemaErrors } from './schema.ts'

/** JSON is YAML. */
const print = (object: object): string => JSON.stringify(object)

const site = delivery(
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
  const workflow = deployWorkflow(site, print)

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
      manifest: '{{inputs.parameters.object}}',
    })
    expect(sync.activeDeadlineSeconds).toBe(900)
  })

  test('some groups only: what they wait for elsewhere counts as there', () => {
    const part = deployWorkflow(site, print, { groups: ['apps'] })
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
  const workflow = teardownWorkflow(site, print)

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
    const part = teardownWorkflow(site, print, { groups: ['apps'] })
    expect(shown(part)).toEqual(['retire-shop (retire)', 'remove-shop (remove) < retire-shop'])
    validDag(part)
  })

  test('it is the reverse of deploy: what was deployed later goes earlier', () => {
    const position = new Map(shown(workflow).map((line, i) => [line.split(' ')[0]!.replace('remove-', ''), i]))
    for (const task of tasksOf(deployWorkflow(site, print))) {
      if (!position.has(task.name)) continue
      for (const earlier of task.dependencies ?? []) {
        if (position.has(earlier)) expect(position.get(task.name)!).toBeLessThan(position.get(earlier)!)
      }
    }
  })
})

describe('render and commit', () => {
  const options = {
    image: 'registry.example.com/decapod:0.1.0',
    workspace: { repoURL: 'https://git.example.com/workspace.git', revision: 'main' },
    manifests: { repoURL: 'https://git.example.com/manifests.git', revision: 'main' },
    gitSecret: 'git-credentials',
  }
  const template = renderAndCommitWorkflowTemplate(options)

  test('it validates, and nobody sees a password', () => {
    expect(schemaErrors(template)).toEqual([])
    const commit = template.spec.templates.find(t => t.name === 'commit')!
    expect(commit.script!.env).toContainEqual({
      name: 'GIT_PASSWORD',
      valueFrom: { secretKeyRef: { name: 'git-credentials', key: 'password' } },
    })
  })

  test('parameters reach scripts as environment only', () => {
    for (const { script } of template.spec.templates) expect(script?.source ?? '').not.toContain('{{')
  })

  test.each(['plan', 'render', 'commit'])('the script of %s is a shell script', name => {
    const { source } = template.spec.templates.find(t => t.name === name)!.script!
    expect(() => execFileSync('sh', ['-n'], { input: source })).not.toThrow()
  })

  test('the scripts hand sites through: two shards, one site failing', () => {
    const dir = mkdtempSync(join(tmpdir(), 'decapod-shards-'))
    try {
      const bin = join(dir, 'bin')
      mkdirSync(bin)
      // Renders each site into --out, but fails on "bad", whose old output stays; commit lists what it is given.
      writeFileSync(
        join(bin, 'decapod'),
        `#!/bin/sh
verb=$1; shift
case $verb in
  render) out= sites= code=0
    while [ $# -gt 0 ]; do case $1 in --out) out=$2; shift 2 ;; *) sites="$sites $1"; shift ;; esac; done
    for s in $sites; do
      if [ $s = bad ]; then code=1; else mkdir -p $out/$s && echo new > $out/$s/f.yaml; fi
    done
    exit $code ;;
  commit) echo "$@" > ${dir}/committed ;;
esac
`,
        { mode: 0o755 },
      )
      const run = (name: string, work: string, env: Record<string, string>): number | null => {
        const { source } = template.spec.templates.find(t => t.name === name)!.script!
        return spawnSync('sh', ['-c', source.replaceAll('/work/', `${work}/`)], {
          cwd: work,
          env: { ...env, PATH: `${bin}:${process.env['PATH']}` },
        }).status
      }
      const shards = join(dir, 'commit', 'shards')
      mkdirSync(shards, { recursive: true })
      const share = ['a b', 'bad c'].map((sites, index) => {
        const work = join(dir, `render-${index}`)
        mkdirSync(join(work, 'manifests', 'bad'), { recursive: true })
        writeFileSync(join(work, 'manifests', 'bad', 'f.yaml'), 'old\n')
        const code = run('render', work, { INDEX: String(index), SITES: sites })
        writeFileSync(join(shards, `${index}.tar`), readFileSync(join(work, 'shard.tar')))
        return code
      })
      expect(share).toEqual([0, 1])
      const work = join(dir, 'commit')
      expect(run('commit', work, { REPOSITORY: 'r', BRANCH: 'main' })).toBe(1)
      expect(readdirSync(join(work, 'rendered')).sort()).toEqual(['.failed-1', 'a', 'b', 'bad', 'c'])
      expect(readFileSync(join(work, 'rendered', 'bad', 'f.yaml'), 'utf8')).toBe('old\n')
      expect(readFileSync(join(work, 'rendered', 'c', 'f.yaml'), 'utf8')).toBe('new\n')
      expect(readFileSync(join(dir, 'committed'), 'utf8')).toBe(
        `a b bad c --rendered --out ${work}/rendered --repo r --branch main\n`,
      )
    } finally {
      rmSync(dir, { recursive: true })
    }
  })

  test('a number of shards that makes no sense', () => {
    expect(() => renderAndCommitWorkflowTemplate({ ...options, shards: 0 })).toThrow('in 1 or more shards, not 0')
  })

  test.each<[sites: number, shards: number, sizes: number[]]>([
    [0, 4, []],
    [3, 8, [1, 1, 1]],
    [10, 3, [4, 3, 3]],
    [2000, 16, Array.from({ length: 16 }, () => 125)],
  ])('%i sites on %i shards', (sites, count, sizes) => {
    const names = Array.from({ length: sites }, (_, i) => `site-${i}`)
    const shards = dealSites(names, count)
    expect(shards.map(s => s.sites.length)).toEqual(sizes)
    expect(shards.flatMap(s => s.sites).sort()).toEqual([...names].sort())
    expect(dealSites(names, count)).toEqual(shards)
  })
})

describe('the context of the user’s own templates', () => {
  const render = (template: string, of: Delivery = site): string =>
    renderText('workflows/own.yaml.hbs', template, workflowContext(of))

  test('the same order, tasks and names as in the generated ones', () => {
    const template = '{{#each apps}}{{task}}:{{#each dependsOn}} {{this}}{{/each}}\n{{/each}}'
    expect(render(template)).toBe(
      'lma-crd:\nprometheus-operator: lma-crd\nprometheus: prometheus-operator\ngrafana: prometheus\n' +
        'shop: grafana\n',
    )
  })

  test('Argo’s own braces are written with a backslash', () => {
    expect(render('{{site}} \\{{workflow.name}}')).toBe('site-x {{workflow.name}}')
  })

  test('every field can be named, also where the model has none', () => {
    const template = '{{prefix}}|{{adminCluster}}|{{manifests.path}}|{{#each groups}}{{name}}={{project}} {{/each}}'
    expect(render(template)).toBe('|in-cluster|site-x|lma=lma apps=apps ')
    expect(render('{{#each apps}}{{#if isCrds}}{{application}} in {{cluster}}{{/if}}{{/each}}')).toBe(
      'lma-crd in site-x',
    )
  })

  test('an unknown name is an error with its line', () => {
    expect(() => render('a: 1\nb: {{sitee}}')).toThrow(/"sitee" not defined/)
  })
})
