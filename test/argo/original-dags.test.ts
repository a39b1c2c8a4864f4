/**
 * The original's hand-written DAGs (decapod-flow templates, tks-flow create-usercluster, 2022 to 2024), said as data. Each
 * is compared in full: an app waits for exactly what it waited for there, and, which no DAG of the original saw to,
 * for its group's CRDs.
 */
import { describe, expect, test } from 'vitest'
import type { Delivery, DeliveryApp, DeliveryNode } from '../../src/argo/model.ts'
import { orderDelivery } from '../../src/argo/order.ts'
import { delivery, group } from './deliveries.ts'

/** A task of the original: the apps it installs, and the tasks it waits for. */
type Tasks = Readonly<Record<string, { readonly apps: readonly string[]; readonly after?: readonly string[] }>>

/** Everything each app waited for in the original, directly or not; with `crds`, the CRD directory before all. */
function originalOrder(tasks: Tasks, crds?: string): Map<string, string[]> {
  const before = (task: string): string[] =>
    (tasks[task]!.after ?? []).flatMap(other => [...tasks[other]!.apps, ...before(other)])
  const result = new Map<string, string[]>()
  for (const [name, task] of Object.entries(tasks)) {
    for (const app of task.apps) {
      const waits = new Set(before(name))
      if (crds !== undefined) waits.add(crds)
      result.set(app, [...waits].sort())
    }
  }
  return new Map([...result].sort())
}

/** Everything each app of our order waits for. */
function closedOrder(nodes: readonly DeliveryNode[]): Map<string, string[]> {
  const names = new Map(nodes.map(node => [node.id, node.name] as const))
  const before = new Map<string, Set<string>>()
  for (const node of nodes) before.set(node.id, new Set(node.dependsOn.flatMap(id => [id, ...before.get(id)!])))
  const result = nodes
    .filter(node => node.kind !== 'crds')
    .map(node => [node.name, [...before.get(node.id)!].map(id => names.get(id)!).sort()] as const)
  return new Map([...result].sort())
}

const on = (labels: Record<string, string>, ...dependsOn: string[]): Partial<DeliveryApp> => ({
  when: labels,
  dependsOn,
})

describe('lma (lma-uniformed-wftpl.yaml)', () => {
  const operators = ['prometheus-operator', 'fluent-operator']
  const prepared = ['thanos-config', 'fluentbit', 'kubernetes-event-exporter', 'prepare-etcd-secret']
  const metrics = [
    'prometheus',
    'kube-state-metrics',
    'prometheus-pushgateway',
    'prometheus-node-exporter',
    'prometheus-adapter',
    'opa-exporter',
    'addons',
  ]
  const apps: Record<string, readonly string[] | Partial<DeliveryApp>> = {
    // Written first on purpose: the order comes from dependsOn, not from the list.
    grafana: [...metrics, 'eck-resource', 'minio', 'loki', 'loki-user'],
    'prometheus-operator': [],
    'fluent-operator': [],
    'thanos-config': operators,
    fluentbit: operators,
    'kubernetes-event-exporter': operators,
    'prepare-etcd-secret': on({ managed: 'false' }, ...operators),
    ...Object.fromEntries(metrics.map(name => [name, prepared])),
    'eck-operator': on({ logging: 'efk' }),
    'eck-resource': on({ logging: 'efk' }, 'eck-operator'),
    minio: on({ logging: 'loki' }),
    loki: on({ logging: 'loki' }),
    'loki-user': on({ logging: 'loki' }),
  }
  const site = (labels: Record<string, string>): Delivery =>
    delivery([group('lma', apps, { hasCrds: true })], { labels })

  const tasks = (logging: Tasks, last: readonly string[], etcd: boolean): Tasks => ({
    'lma-operators': { apps: operators },
    'prepare-lma-metrics': {
      apps: ['thanos-config', 'fluentbit', 'kubernetes-event-exporter'],
      after: ['lma-operators'],
    },
    ...(etcd ? { 'prepare-lma-etcd': { apps: ['prepare-etcd-secret'], after: ['lma-operators'] } } : {}),
    prometheus: { apps: metrics, after: ['prepare-lma-metrics', ...(etcd ? ['prepare-lma-etcd'] : [])] },
    ...logging,
    grafana: { apps: ['grafana'], after: ['prometheus', ...last] },
  })
  const efk: Tasks = {
    'eck-operator': { apps: ['eck-operator'] },
    'logging-efk': { apps: ['eck-resource'], after: ['eck-operator'] },
  }
  const loki: Tasks = { 'logging-loki': { apps: ['minio', 'loki', 'loki-user'] } }

  test.each<[name: string, labels: Record<string, string>, want: Tasks]>([
    ['efk, own control plane', { logging: 'efk', managed: 'false' }, tasks(efk, ['logging-efk'], true)],
    ['loki, managed cluster', { logging: 'loki', managed: 'true' }, tasks(loki, ['logging-loki'], false)],
    ['no logging of its own', { managed: 'false' }, tasks({}, [], true)],
  ])('%s', (_, labels, want) => {
    expect(closedOrder(orderDelivery(site(labels)))).toEqual(originalOrder(want, 'lma-CRD'))
  })
})

test('service-mesh (service-mesh-wf.yaml)', () => {
  const operators = ['jaeger-operator', 'kiali-operator']
  const resources = ['servicemesh-jaeger-resource', 'servicemesh-kiali-resource']
  const boards = ['servicemesh-grafana-dashboard', 'servicemesh-prometheusmonitor', 'servicemesh-prometheusrule']
  const ours = delivery([
    group(
      'service-mesh',
      {
        'cert-manager': { namespaceLabels: { name: 'lma', 'taco-tls': 'enabled' } },
        'k8ssandra-operator': ['cert-manager'],
        'servicemesh-k8ssandra-resource': ['k8ssandra-operator'],
        'istio-base': ['servicemesh-k8ssandra-resource'],
        istiod: ['istio-base'],
        'istio-ingressgateway': ['istiod'],
        'istio-egressgateway': ['istiod'],
        ...Object.fromEntries(operators.map(name => [name, ['istiod']])),
        ...Object.fromEntries(resources.map(name => [name, operators])),
        ...Object.fromEntries(boards.map(name => [name, resources])),
        gatekeeper: boards,
      },
      { hasCrds: true },
    ),
  ])
  const original: Tasks = {
    'cert-manager': { apps: ['cert-manager'] },
    'k8ssandra-operator': { apps: ['k8ssandra-operator'], after: ['cert-manager'] },
    'servicemesh-k8ssandra-resource': { apps: ['servicemesh-k8ssandra-resource'], after: ['k8ssandra-operator'] },
    'istio-base': { apps: ['istio-base'], after: ['servicemesh-k8ssandra-resource'] },
    istiod: { apps: ['istiod'], after: ['istio-base'] },
    'istio-gateway': { apps: ['istio-ingressgateway', 'istio-egressgateway'], after: ['istiod'] },
    'jaeger-kiali-operator': { apps: operators, after: ['istiod'] },
    'servicemesh-jaeger-kiali-resource': { apps: resources, after: ['jaeger-kiali-operator'] },
    'grafana-prometheus-resource': { apps: boards, after: ['servicemesh-jaeger-kiali-resource'] },
    gatekeeper: { apps: ['gatekeeper'], after: ['grafana-prometheus-resource'] },
  }
  expect(closedOrder(orderDelivery(ours))).toEqual(originalOrder(original, 'service-mesh-CRD'))
})

describe('tks-cluster (create-usercluster-wftpl.yaml)', () => {
  const call = (template: string): { name: string; template: string } => ({ name: 'tks-cluster', template })
  const site = (labels: Record<string, string>): Delivery =>
    delivery(
      [
        group(
          'tks-cluster',
          {
            'cluster-api-aws': { when: { infra: 'aws' }, target: 'admin' },
            'cluster-api-byoh': { when: { infra: 'byoh' }, target: 'admin' },
            'cluster-autoscaler-rbac': {
              target: 'admin',
              when: { autoscaling: 'true', managed: 'false' },
              dependsOn: ['init-cluster'],
            },
            'tigera-operator': { when: { managed: 'false' }, dependsOn: ['cluster-autoscaler-rbac'] },
            'cluster-autoscaler': { when: { autoscaling: 'true' }, dependsOn: ['tigera-operator'] },
            'ingress-nginx': ['cluster-autoscaler'],
            'argo-rollouts': ['cluster-autoscaler'],
            'metrics-server': ['ingress-nginx', 'argo-rollouts'],
            's3-chart': { when: { infra: 'aws' }, dependsOn: ['ingress-nginx', 'argo-rollouts'] },
            'aws-ebs-csi-driver': {
              when: { infra: 'aws', managed: 'false' },
              dependsOn: ['ingress-nginx', 'argo-rollouts'],
            },
            'local-path-provisioner': { when: { infra: 'byoh' }, dependsOn: ['ingress-nginx', 'argo-rollouts'] },
          },
          {
            crds: { path: 'tks-cluster/tks-cluster-CRD', dependsOn: ['cluster-autoscaler-rbac'] },
            steps: [
              {
                name: 'init-cluster',
                dependsOn: ['cluster-api-aws', 'cluster-api-byoh'],
                templateRef: call('init-cluster'),
              },
              {
                name: 'rbac',
                dependsOn: ['metrics-server', 's3-chart', 'aws-ebs-csi-driver', 'local-path-provisioner'],
                templateRef: call('rbac'),
              },
            ],
          },
        ),
      ],
      { labels, cluster: 'c1', adminCluster: 'tks-admin' },
    )

  test.each<[name: string, labels: Record<string, string>, want: string[][]]>([
    [
      'byoh: the cluster, then what runs in it; nothing to scale',
      { infra: 'byoh', managed: 'false', autoscaling: 'false' },
      [
        ['cluster-api-byoh'],
        ['init-cluster'],
        ['tks-cluster-CRD'],
        ['tigera-operator'],
        ['ingress-nginx', 'argo-rollouts'],
        ['metrics-server', 'local-path-provisioner'],
        ['rbac'],
      ],
    ],
    [
      'managed aws: no tigera-operator, no ebs driver, the same order over the gap',
      { infra: 'aws', managed: 'true', autoscaling: 'true' },
      [
        ['cluster-api-aws'],
        ['init-cluster'],
        ['tks-cluster-CRD'],
        ['cluster-autoscaler'],
        ['ingress-nginx', 'argo-rollouts'],
        ['metrics-server', 's3-chart'],
        ['rbac'],
      ],
    ],
  ])('%s', (_, labels, want) => {
    const nodes = orderDelivery(site(labels))
    const level = new Map<string, number>()
    for (const node of nodes) level.set(node.id, Math.max(-1, ...node.dependsOn.map(id => level.get(id)!)) + 1)
    const levels: string[][] = []
    for (const node of nodes) (levels[level.get(node.id)!] ??= []).push(node.name)
    expect(levels).toEqual(want)
  })
})

test('openstack (openstack-infra, openstack-components): lists that ran one after the other', () => {
  const infra = ['ceph-provisioners', 'ingress', 'memcached', 'rabbitmq', 'mariadb']
  const control = ['keystone', 'glance', 'cinder']
  const compute = ['libvirt', 'nova', 'neutron']
  const rest = ['horizon', 'heat', 'prometheus-openstack-exporter']
  const ours = delivery([
    group(
      'openstack-components',
      {
        ...Object.fromEntries(control.map(name => [name, []])),
        ...Object.fromEntries(compute.map(name => [name, control])),
        ...Object.fromEntries(rest.map(name => [name, compute])),
      },
      { dependsOn: ['openstack-infra'] },
    ),
    group('openstack-infra', Object.fromEntries(infra.map(name => [name, []]))),
  ])
  const original: Tasks = {
    infra: { apps: infra },
    control: { apps: control, after: ['infra'] },
    compute: { apps: compute, after: ['control'] },
    rest: { apps: rest, after: ['compute'] },
  }
  expect(closedOrder(orderDelivery(ours))).toEqual(originalOrder(original))
})
