import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { argoTypes } from '../../scripts/generate-argo-types.ts'
import { appOfApps } from '../../src/argo/application.ts'
import { applicationSet } from '../../src/argo/application-set.ts'
import type { Delivery } from '../../src/argo/model.ts'
import { objectName } from '../../src/argo/names.ts'
import { objectFile, siteObjects } from '../../src/argo/site.ts'
import type { Application, AppProject } from '../../src/argo/types.ts'
import { app, delivery, group } from './deliveries.ts'
import { argoDocument, schemaErrors } from './schema.ts'

test('the committed types are those of the document', async () => {
  const committed = readFileSync(new URL('../../src/argo/generated/argo.ts', import.meta.url), 'utf8')
  expect(await argoTypes(argoDocument)).toBe(committed)
})

test('the document refuses what Argo does not know', () => {
  const object = appOfApps(delivery([]))
  expect(schemaErrors(object)).toEqual([])
  expect(schemaErrors({ ...object, spec: { ...object.spec, sorce: {} } })).toEqual([
    '/spec must NOT have additional properties {"additionalProperty":"sorce"}',
  ])
  expect(schemaErrors({ ...object, spec: { ...object.spec, project: 1 } })).toEqual([
    '/spec/project must be string {"type":"string"}',
  ])
  expect(schemaErrors({ kind: 'Appication' })).toEqual(['no schema for kind Appication'])
})

/** A site with everything that an Application can have. */
const full = delivery(
  [
    group(
      'lma',
      {
        operator: {},
        prometheus: {
          dependsOn: ['operator'],
          namespaceLabels: { 'taco-tls': 'enabled' },
          syncOptions: ['ServerSideApply=true', 'CreateNamespace=false'],
          ignoreDifferences: [{ group: 'apps', kind: 'Deployment', jsonPointers: ['/spec/replicas'] }],
          annotations: { 'notifications.argoproj.io/subscribe.on-degraded.slack': 'ops' },
          customResources: ['Prometheus', 'Alertmanager'],
        },
      },
      {
        hasCrds: true,
        syncWindows: [{ kind: 'allow', schedule: '0 22 * * *', duration: '6h', timeZone: 'Asia/Seoul' }],
      },
    ),
    group('tks-cluster', { 'cluster-api-aws': { target: 'admin', namespace: 'argo' } }),
  ],
  { prefix: 'c1', cascade: true, selfHeal: true },
)

function named(of: Delivery, name: string): AppProject | Application {
  const found = siteObjects(of).find(object => object.metadata.name === name)
  if (found === undefined) throw new Error(`no ${name} among ${siteObjects(of).map(o => o.metadata.name)}`)
  return found
}

function isApplication(object: AppProject | Application): object is Application {
  return object.kind === 'Application'
}

function describeApplication({ metadata, spec }: Application): string {
  const wave = metadata.annotations?.['argocd.argoproj.io/sync-wave'] ?? 'none'
  return `${metadata.name}: ${spec.source.path} in ${spec.destination.namespace}, wave ${wave}`
}

describe('the objects of a site', () => {
  test('an Application is what the original made by commands', () => {
    // argocd app create … --label app=lma --project lma --dest-name site-x; app set --auto-prune CreateNamespace=true
    expect(named(delivery([group('lma', { grafana: [] })]), 'grafana')).toEqual({
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata: {
        name: 'grafana',
        namespace: 'argo',
        labels: { app: 'lma' },
        annotations: { 'argocd.argoproj.io/sync-wave': '0' },
      },
      spec: {
        project: 'lma',
        source: {
          repoURL: 'https://git.example.com/manifests.git',
          path: 'site-x/lma/grafana',
          targetRevision: 'main',
          directory: { recurse: true },
        },
        destination: { name: 'site-x', namespace: 'lma' },
        syncPolicy: { automated: { prune: true }, syncOptions: ['CreateNamespace=true'] },
      },
    })
  })

  test('a prefix goes before names, projects and the label, so that sites share an Argo CD', () => {
    const object = named(full, 'c1-prometheus') as Application
    expect(object.metadata.labels).toEqual({ app: 'c1-lma' })
    expect(object.spec.project).toBe('c1-lma')
    expect(named(full, 'c1-lma').kind).toBe('AppProject')
  })

  test('what group.yaml says of an app is in its Application', () => {
    const { metadata, spec } = named(full, 'c1-prometheus') as Application
    expect(metadata.annotations).toEqual({
      'notifications.argoproj.io/subscribe.on-degraded.slack': 'ops',
      'argocd.argoproj.io/sync-wave': '1',
    })
    expect(metadata.finalizers).toEqual(['resources-finalizer.argocd.argoproj.io/background'])
    expect(spec.syncPolicy).toEqual({
      automated: { prune: true, selfHeal: true },
      syncOptions: ['CreateNamespace=false', 'ServerSideApply=true'],
      managedNamespaceMetadata: { labels: { 'taco-tls': 'enabled' } },
    })
    expect(spec.ignoreDifferences).toEqual([{ group: 'apps', kind: 'Deployment', jsonPointers: ['/spec/replicas'] }])
  })

  test('CRDs: server-side, never pruned, never cascading, earliest wave, a name in lower case', () => {
    expect(named(full, 'c1-lma-crd')).toEqual({
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata: {
        name: 'c1-lma-crd',
        namespace: 'argo',
        labels: { app: 'c1-lma' },
        annotations: { 'argocd.argoproj.io/sync-wave': '-1' },
      },
      spec: {
        project: 'c1-lma',
        source: {
          repoURL: 'https://git.example.com/manifests.git',
          path: 'site-x/lma/lma-CRD',
          targetRevision: 'main',
          directory: { recurse: true },
        },
        destination: { name: 'site-x' },
        syncPolicy: { automated: { prune: false }, syncOptions: ['ServerSideApply=true'] },
      },
    })
    const replaced = delivery([group('g', { a: [] }, { crds: { path: 'g/g-CRD', apply: 'Replace' } })])
    expect((named(replaced, 'g-crd') as Application).spec.syncPolicy?.syncOptions).toEqual(['Replace=true'])
  })

  test('a project may deploy from one repository to the clusters of its apps', () => {
    expect(named(full, 'c1-lma').spec).toEqual({
      description: 'lma of site-x',
      sourceRepos: ['https://git.example.com/manifests.git'],
      destinations: [{ name: 'site-x', namespace: '*' }],
      clusterResourceWhitelist: [{ group: '*', kind: '*' }],
      syncWindows: [
        { kind: 'allow', schedule: '0 22 * * *', duration: '6h', timeZone: 'Asia/Seoul', applications: ['*'] },
      ],
    })
    expect((named(full, 'c1-tks-cluster') as AppProject).spec.destinations).toEqual([
      { name: 'in-cluster', namespace: '*' },
    ])
  })

  test('the app of apps holds the directory but not itself', () => {
    expect(named(full, 'site-x')).toMatchObject({
      metadata: { name: 'site-x', namespace: 'argo' },
      spec: {
        project: 'default',
        source: { path: 'site-x/argocd', directory: { recurse: false, exclude: 'Application_site-x.yaml' } },
      },
    })
    expect(named(full, 'site-x').metadata.finalizers).toBeUndefined()
  })

  test('files are named after kind and name, each once', () => {
    const files = siteObjects(full).map(objectFile)
    expect(files).toEqual([
      'AppProject_c1-lma.yaml',
      'AppProject_c1-tks-cluster.yaml',
      'Application_c1-lma-crd.yaml',
      'Application_c1-operator.yaml',
      'Application_c1-prometheus.yaml',
      'Application_c1-cluster-api-aws.yaml',
      'Application_site-x.yaml',
    ])
    expect(new Set(files).size).toBe(files.length)
  })

  test('project default is Argo CD’s own; two groups may share a project', () => {
    const shared = delivery([
      group('a', { x: [] }, { project: 'default' }),
      group('b', { y: [] }, { project: 'both' }),
      group('c', { z: [] }, { project: 'both' }),
    ])
    expect(siteObjects(shared).map(objectFile)).toEqual([
      'AppProject_both.yaml',
      'Application_x.yaml',
      'Application_y.yaml',
      'Application_z.yaml',
      'Application_site-x.yaml',
    ])
  })

  // decapod-reference has a kubed in sealed-secrets and one in tks-cluster-aws; to `argocd app create` they were one.
  test('apps of one name in several groups say their group; the others do not', () => {
    const twice = delivery([group('a', { kubed: [], x: ['kubed'] }), group('b', { kubed: [], y: ['a/kubed'] })], {
      prefix: 'c1',
    })
    expect(siteObjects(twice).filter(isApplication).map(describeApplication)).toEqual([
      'c1-a-kubed: site-x/a/kubed in a, wave 0',
      'c1-x: site-x/a/x in a, wave 1',
      'c1-b-kubed: site-x/b/kubed in b, wave 0',
      'c1-y: site-x/b/y in b, wave 1',
      'site-x: site-x/argocd in argo, wave none',
    ])
  })

  test('what `when` leaves out takes no name', () => {
    const apart = delivery([group('a', { kubed: [] }), group('b', { kubed: { when: { infra: 'aws' } } })])
    expect(
      siteObjects(apart)
        .filter(isApplication)
        .map(object => object.metadata.name),
    ).toEqual(['kubed', 'site-x'])
  })

  test('manifests at the root of their repository', () => {
    const root = delivery([group('lma', { grafana: [] })], {
      manifests: { repoURL: 'https://git.example.com/m.git', revision: 'v1', path: '' },
    })
    expect((named(root, 'grafana') as Application).spec.source.path).toBe('lma/grafana')
    expect((named(root, 'site-x') as Application).spec.source.path).toBe('argocd')
  })

  test('labels named like object properties are data', () => {
    const labels = JSON.parse('{"__proto__": "x", "constructor": "y"}') as Record<string, string>
    const odd = delivery([{ name: 'g', apps: [app('g', 'a', { namespaceLabels: labels })] }])
    const { syncPolicy } = (named(odd, 'a') as Application).spec
    expect(JSON.stringify(syncPolicy?.managedNamespaceMetadata)).toBe('{"labels":{"__proto__":"x","constructor":"y"}}')
  })

  test('every object validates', () => {
    expect(siteObjects(full).map(object => [object.metadata.name, schemaErrors(object)])).toEqual(
      siteObjects(full).map(object => [object.metadata.name, []]),
    )
  })
})

test.each<[name: string, given: string, want: string | undefined]>([
  ['as it is', 'grafana', 'grafana'],
  ['lower-cased', 'lma-CRD', 'lma-crd'],
  ['dots are allowed between parts', 'a.b', 'a.b'],
  ['no underscore', 'a_b', undefined],
  ['no hyphen at the end', 'a-', undefined],
  ['no empty part', 'a..b', undefined],
  ['not longer than 253', 'a'.repeat(254), undefined],
])('object names: %s', (_, given, want) => {
  if (want === undefined) expect(() => objectName(given, 'app')).toThrow(/cannot be the name of an Argo CD object/)
  else expect(objectName(given, 'app')).toBe(want)
})

describe('a fleet', () => {
  const sites = ['site-x', 'site-y', 'site-z'].map((site, i) => ({
    site,
    labels: { ring: i === 0 ? 'test' : 'prod' },
    manifests: { repoURL: 'https://git.example.com/m.git', revision: i === 0 ? 'next' : 'main', path: site },
  }))

  test('one app of apps per site, ring by ring', () => {
    const set = applicationSet({ name: 'fleet', sites, rings: { label: 'ring', values: ['test', 'prod'] } })
    expect(schemaErrors(set)).toEqual([])
    expect(set.spec.generators[0]!.list!.elements[0]).toEqual({
      site: 'site-x',
      repoURL: 'https://git.example.com/m.git',
      revision: 'next',
      path: 'site-x',
      ring: 'test',
    })
    expect(set.spec.strategy?.rollingSync?.steps).toEqual([
      { matchExpressions: [{ key: 'ring', operator: 'In', values: ['test'] }] },
      { matchExpressions: [{ key: 'ring', operator: 'In', values: ['prod'] }] },
    ])
    expect(set.spec.template.metadata).toEqual({ name: '{{.site}}', namespace: 'argo', labels: { ring: '{{.ring}}' } })
  })

  test('the template is the app of apps with the site’s fields in it', () => {
    const set = applicationSet({ name: 'fleet', sites })
    expect(set.spec.strategy).toBeUndefined()
    const fill = (text: string): string => text.replace(/\{\{\.(\w+)\}\}/g, (_, key: string) => element[key]!)
    const element = set.spec.generators[0]!.list!.elements[1] as Record<string, string>
    const made = JSON.parse(fill(JSON.stringify(set.spec.template.spec))) as object
    const [, second] = sites
    expect(made).toEqual(appOfApps(delivery([], { site: 'site-y', manifests: second!.manifests })).spec)
  })

  test('a site outside all rings is an error: nothing would sync it', () => {
    const rings = { label: 'ring', values: ['test'] }
    expect(() => applicationSet({ name: 'fleet', sites, rings })).toThrow(
      'site "site-y" is in none of the rings of label "ring": it has "prod"',
    )
  })
})
