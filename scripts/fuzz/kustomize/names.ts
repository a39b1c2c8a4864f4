/** Name references: layers that rename and move, and objects that name one another. */

import type { Random } from '../random.ts'
import type { Files } from './files.ts'
import { flow, type Tree, type TreeMap } from './yaml-text.ts'

const names = ['app', 'db', 'x']

function objects(random: Random): string[] {
  const name = (): string => random.pick(names)
  const namespace = (): string | undefined => (random.chance(0.25) ? random.pick(['ns1', 'ns2', 'default']) : undefined)
  const meta = (own = name()): TreeMap => ({ name: own, namespace: namespace() })
  const pod = (): TreeMap => ({
    serviceAccountName: random.chance(0.5) ? name() : undefined,
    priorityClassName: random.chance(0.2) ? name() : undefined,
    imagePullSecrets: random.chance(0.3) ? [{ name: name() }] : undefined,
    containers: [
      {
        name: 'c',
        image: 'i',
        envFrom: random.chance(0.5) ? [{ configMapRef: { name: name() } }, { secretRef: { name: name() } }] : undefined,
        env: random.chance(0.5) ? [{ name: 'E', valueFrom: { secretKeyRef: { name: name(), key: 'k' } } }] : undefined,
      },
    ],
    volumes: random.chance(0.6)
      ? [
          { name: 'v', configMap: { name: name() } },
          { name: 'w', persistentVolumeClaim: { claimName: name() } },
          { name: 'p', projected: { sources: [{ configMap: { name: name() } }, { secret: { name: name() } }] } },
        ]
      : undefined,
  })
  const subject = (): TreeMap => ({ kind: 'ServiceAccount', name: name(), namespace: namespace() })
  const makers: (() => TreeMap)[] = [
    () => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: meta() }),
    () => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: meta() }),
    () => ({ apiVersion: 'v1', kind: 'Secret', metadata: meta() }),
    () => ({ apiVersion: 'v1', kind: 'Service', metadata: meta() }),
    () => ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: meta(), imagePullSecrets: [{ name: name() }] }),
    () => ({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: meta(),
      spec: { volumeName: name(), storageClassName: name() },
    }),
    () => ({ apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: name() } }),
    () => ({ apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: name() } }),
    () => ({ apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: name() } }),
    () => ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: meta(), spec: { template: { spec: pod() } } }),
    () => ({
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: meta(),
      spec: { serviceName: name(), template: { spec: pod() } },
    }),
    () => ({
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: meta(),
      spec: { jobTemplate: { spec: { template: { spec: pod() } } } },
    }),
    () => ({ apiVersion: 'v1', kind: 'Pod', metadata: meta(), spec: pod() }),
    () => ({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: meta(),
      rules: [{ resourceNames: [name(), name()] as Tree[] }],
    }),
    () => ({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: name() } }),
    () => ({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: meta(),
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: random.pick(['Role', 'ClusterRole']), name: name() },
      subjects: [subject(), subject()],
    }),
    () => ({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: name() },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: name() },
      subjects: [subject()],
    }),
    () => ({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { ...meta(), annotations: { 'nginx.ingress.kubernetes.io/auth-secret': name() } },
      spec: {
        tls: [{ secretName: name() }],
        defaultBackend: { service: { name: name() } },
        rules: [{ http: { paths: [{ backend: { service: { name: name() } } }] } }],
      },
    }),
    () => ({
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: meta(),
      spec: { scaleTargetRef: { kind: 'Deployment', name: name() } },
    }),
    () => ({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: name() },
      webhooks: [
        {
          name: 'h',
          clientConfig: {
            service: {
              name: name(),
              namespace: random.chance(0.6) ? random.pick(['ns1', 'ns2', 'default']) : undefined,
            },
          },
        },
      ],
    }),
  ]
  const seen = new Set<string>()
  const out: string[] = []
  for (let i = 0; i < 4 + random.below(8); i++) {
    const object = random.pick(makers)()
    const { name: own, namespace: ns } = object['metadata'] as TreeMap
    const id = `${object['kind']} ${own} ${ns ?? 'default'}`
    if (seen.has(id)) continue
    seen.add(id)
    out.push(`---\n${flow(object)}\n`)
  }
  return out
}

function renames(random: Random, p: number): string {
  let out = ''
  if (random.chance(p)) out += `namePrefix: ${random.pick(['p-', 'q-'])}\n`
  if (random.chance(p)) out += `nameSuffix: ${random.pick(['-s', '-t'])}\n`
  if (random.chance(p * 0.6)) out += `namespace: ${random.pick(['ns1', 'ns2', 'ns3'])}\n`
  return out
}

function generators(random: Random): string {
  if (random.chance(0.6)) return ''
  const kind = random.pick(['configMapGenerator', 'secretGenerator'])
  return `${kind}:\n- {name: ${random.pick(['app', 'gen'])}, literals: [a=b]${random.chance(0.3) ? ', namespace: ns1' : ''}}\n`
}

export function namesCase(random: Random): Files {
  const layered = random.chance(0.6)
  const base = (): string => `resources: [all.yaml]\n${renames(random, 0.4)}${generators(random)}`
  if (!layered) {
    return {
      'kustomization.yaml': `resources: [all.yaml]\n${renames(random, 0.7)}${generators(random)}`,
      'all.yaml': objects(random).join(''),
    }
  }
  const files: Record<string, string> = {
    'one/kustomization.yaml': base(),
    'one/all.yaml': objects(random).join(''),
    'overlay/own.yaml': objects(random).slice(0, 4).join(''),
  }
  let resources = '../one, own.yaml'
  if (random.chance(0.5)) {
    files['two/kustomization.yaml'] = `resources: [../one]\n${renames(random, 0.7)}`
    files['three/kustomization.yaml'] = `resources: [../one]\n${renames(random, 0.9)}`
    resources = random.chance(0.7) ? '../two, ../three, own.yaml' : '../two, own.yaml'
  }
  files['overlay/kustomization.yaml'] = `resources: [${resources}]\n${renames(random, 0.6)}${generators(random)}`
  return files
}
