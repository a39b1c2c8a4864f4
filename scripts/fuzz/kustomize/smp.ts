/** Strategic merge patches on objects with and without schema: keyed lists, `$patch`, nulls, other types. */

import type { Random } from '../random.ts'
import type { Files } from './files.ts'
import { block, flow, nothing, scalar, Token, type Tree, type TreeMap } from './yaml-text.ts'

type Make = (random: Random) => Tree

const map =
  (fields: Record<string, Make>, p = 0.45): Make =>
  random => {
    const out: TreeMap = {}
    for (const [key, make] of Object.entries(fields)) if (random.chance(p)) out[key] = make(random)
    return out
  }
const list =
  (element: Make, max = 3): Make =>
  random =>
    Array.from({ length: random.below(max + 1) }, () => element(random))
const oneOf =
  (...texts: string[]): Make =>
  random =>
    new Token(random.pick(texts))
/** Elements with keys that are nearly always there. */
const keyed =
  (keys: Record<string, Make>, fields: Record<string, Make>, p = 0.95): Make =>
  random => ({ ...(map(keys, p)(random) as TreeMap), ...(map(fields, 0.4)(random) as TreeMap) })

const free: Make = random =>
  random.chance(0.7) ? scalar(random) : map({ a: scalar, b: list(scalar), c: map({ d: scalar }) })(random)
const labels = map({ app: scalar, tier: scalar, 'a.b/c': scalar })
const envVar = keyed(
  { name: oneOf('A', 'B', 'C') },
  { value: scalar, valueFrom: map({ fieldRef: map({ fieldPath: scalar }) }) },
)
const port = keyed(
  { containerPort: oneOf('80', '81', '"80"') },
  { protocol: oneOf('TCP', 'UDP'), name: oneOf('web', 'dns'), hostPort: scalar },
)
const container = keyed(
  { name: oneOf('a', 'b', 'c') },
  {
    image: scalar,
    args: list(scalar),
    env: list(envVar),
    ports: list(port),
    volumeMounts: list(keyed({ mountPath: oneOf('/a', '/b') }, { name: scalar, subPath: scalar })),
    resources: map({ limits: map({ cpu: scalar, memory: scalar }) }),
    envFrom: list(free, 2),
  },
)
const podSpec = map({
  containers: list(container),
  initContainers: list(container, 2),
  volumes: list(
    keyed({ name: oneOf('v', 'w') }, { emptyDir: map({}), configMap: map({ name: scalar, items: list(free) }) }),
  ),
  imagePullSecrets: list(keyed({ name: oneOf('s', 't') }, {}), 2),
  hostAliases: list(keyed({ ip: oneOf('1.1.1.1', '2.2.2.2') }, { hostnames: list(scalar) }), 2),
  tolerations: list(map({ key: scalar, operator: scalar })),
  nodeSelector: labels,
  topologySpreadConstraints: list(
    keyed(
      { topologyKey: oneOf('zone', 'host'), whenUnsatisfiable: oneOf('DoNotSchedule', 'ScheduleAnyway') },
      { maxSkew: scalar },
      0.8,
    ),
  ),
})
const template = map({ metadata: map({ labels, annotations: labels }), spec: podSpec }, 0.8)
const servicePort = keyed(
  { port: oneOf('80', '81', '82') },
  { protocol: oneOf('TCP', 'UDP'), name: oneOf('x', 'y'), targetPort: scalar, nodePort: scalar },
)

const kinds: readonly { apiVersion: string; kind: string; fields: Record<string, Make> }[] = [
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    fields: {
      spec: map(
        {
          replicas: scalar,
          strategy: map({ type: scalar, rollingUpdate: free }),
          selector: map({ matchLabels: labels }),
          template,
        },
        0.7,
      ),
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    fields: { spec: map({ ports: list(servicePort, 4), selector: labels, type: scalar }, 0.8) },
  },
  { apiVersion: 'v1', kind: 'Pod', fields: { spec: podSpec } },
  {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    fields: { spec: map({ schedule: scalar, jobTemplate: map({ spec: map({ template }, 0.9) }, 0.9) }, 0.9) },
  },
  {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    fields: {
      secrets: list(keyed({ name: oneOf('a', 'b') }, { namespace: scalar })),
      imagePullSecrets: list(keyed({ name: oneOf('a', 'b') }, {})),
    },
  },
  { apiVersion: 'v1', kind: 'ConfigMap', fields: { data: labels, binaryData: labels } },
  {
    apiVersion: 'example.com/v1',
    kind: 'Widget',
    fields: {
      spec: map(
        { a: free, b: list(free), containers: list(container), nested: map({ c: list(scalar), d: free }) },
        0.7,
      ),
    },
  },
  {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    fields: { spec: map({ metrics: list(free), maxReplicas: scalar }, 0.9) },
  },
]

const metadataFields: Record<string, Make> = {
  labels,
  annotations: labels,
  finalizers: list(oneOf('f1', 'f2', '"f3"', '5'), 3),
  ownerReferences: list(keyed({ uid: oneOf('u1', 'u2') }, { name: scalar, kind: scalar, apiVersion: scalar }), 2),
}

/** Puts nulls, directives and values of other types into a patch. */
function disturb(tree: Tree, random: Random, p: number): Tree {
  if (random.chance(p * 0.5)) return nothing(random)
  if (random.chance(p * 0.12))
    return random.pick<Tree>([new Token('foo'), [], {}, [new Token('1')], { x: new Token('1') }])
  if (Array.isArray(tree)) {
    const out = tree.map(item => disturb(item, random, p))
    if (random.chance(p * 0.6))
      out.splice(random.below(out.length + 1), 0, { $patch: new Token(random.pick(['replace', 'delete', 'merge'])) })
    return out
  }
  if (typeof tree !== 'object' || tree instanceof Token) return tree
  const out: TreeMap = {}
  if (random.chance(p * 0.4)) out['$patch'] = new Token(random.pick(['replace', 'delete', 'merge', 'delete', 'bogus']))
  for (const [key, value] of Object.entries(tree)) out[key] = disturb(value!, random, p)
  return out
}

/** An object with nulls here and there, as people write them. */
function sprinkle(tree: Tree, random: Random): Tree {
  if (random.chance(0.03)) return nothing(random)
  if (Array.isArray(tree)) return tree.map(item => sprinkle(item, random))
  if (typeof tree !== 'object' || tree instanceof Token) return tree
  return Object.fromEntries(Object.entries(tree).map(([k, v]) => [k, sprinkle(v!, random)]))
}

export function smpCase(random: Random): Files {
  const { apiVersion, kind, fields } = random.pick(kinds)
  const object = (name: string, disturbed: number | undefined): TreeMap => {
    const own = map(fields, 0.95)(random)
    const metadata = map(metadataFields, 0.35)(random)
    const change = (tree: Tree): Tree =>
      disturbed === undefined ? sprinkle(tree, random) : disturb(tree, random, disturbed)
    const body = Object.fromEntries(Object.entries(own as TreeMap).map(([k, v]) => [k, change(v!)]))
    const meta = Object.fromEntries(Object.entries(metadata as TreeMap).map(([k, v]) => [k, change(v!)]))
    return { apiVersion, kind, metadata: { name, ...meta }, ...body }
  }
  const write = random.chance(0.5)
    ? (tree: Tree): string => `${flow(tree)}\n`
    : (tree: Tree): string => block(tree).trimStart()
  const patch = write(object('one', random.pick([0, 0.05, 0.15])))
  const style = random.below(3)
  const entry =
    style === 0
      ? 'patches:\n- path: patch.yaml\n'
      : style === 1
        ? `patches:\n- path: patch.yaml\n  target: {kind: ${kind}}\n`
        : 'patchesStrategicMerge:\n- patch.yaml\n'
  return {
    'kustomization.yaml': `resources:\n- one.yaml\n${entry}`,
    'one.yaml': write(object('one', undefined)),
    'patch.yaml': patch,
  }
}
