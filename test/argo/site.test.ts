import { describe, expect, test } from 'vitest'
import type { Delivery } from '../../src/argo/model.ts'
import { objectFile, siteObjects } from '../../src/argo/site.ts'
import type { Application, AppProject } from '../../src/argo/types.ts'
import { app, delivery, group } from './deliveries.ts'
import { schemaErrors } from './schema.ts'

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
