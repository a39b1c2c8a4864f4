/**
 * Whole trees: bases, overlays and components with every field that changes resources, in all the combinations that
 * people write and some they do not.
 */

import type { Random } from '../random.ts'
import type { Files } from './files.ts'
import { block, flow, scalar, Token, type Tree, type TreeMap } from './yaml-text.ts'

const names = ['app', 'db', 'web']
const namespaces = ['ns1', 'ns2', 'default']
const pick = (random: Random, p: number, make: () => Tree): Tree | undefined => (random.chance(p) ? make() : undefined)
const quoted = (text: string): Token => new Token(JSON.stringify(text))
const image = (random: Random): string =>
  random.pick(['nginx', 'nginx:1.19', 'reg.io:5000/a/nginx:v1', 'redis@sha256:abc', 'redis:6@sha256:abc', '"nginx:"'])

/** What is in one file, with text in every style that YAML has. */
function dataValue(random: Random): Tree {
  return random.pick<() => Tree>([
    () => scalar(random),
    () => quoted(`${'word '.repeat(20)}end`),
    () => quoted('two\nlines\n'),
    () => quoted('  leads with blanks\nand: more'),
    () => new Token("'it''s'"),
    () => quoted('{"json": [1, 2]}'),
    () => quoted('tab\there \u00e9 \u{1f600}'),
  ])()
}

function container(random: Random, name: string): TreeMap {
  return {
    name,
    image: image(random),
    args: pick(random, 0.3, () => [quoted('--a=$(VAR)'), 'b']),
    env: pick(random, 0.4, () => [
      { name: 'A', value: quoted('1') },
      { name: 'B', valueFrom: { configMapKeyRef: { name: random.pick(names), key: 'k' } } },
    ]),
    envFrom: pick(random, 0.3, () => [{ configMapRef: { name: random.pick(['gen', 'app']) } }]),
    ports: pick(random, 0.4, () => [{ containerPort: 80, name: 'http' }, { containerPort: 81 }]),
    volumeMounts: pick(random, 0.3, () => [{ name: 'v', mountPath: '/v' }]),
  }
}

function podTemplate(random: Random): TreeMap {
  return {
    metadata: pick(random, 0.7, () => ({
      labels: { app: random.pick(names) },
      annotations: pick(random, 0.3, () => ({ note: quoted('x') })),
    })),
    spec: {
      serviceAccountName: pick(random, 0.3, () => random.pick(names)),
      initContainers: pick(random, 0.2, () => [container(random, 'init')]),
      containers: [container(random, 'main'), ...(random.chance(0.3) ? [container(random, 'side')] : [])],
      volumes: pick(random, 0.4, () => [
        { name: 'v', configMap: { name: random.pick(['gen', 'app']) } },
        { name: 's', secret: { secretName: random.pick(['sec', 'app']) } },
      ]),
    },
  }
}

function makers(random: Random, meta: () => TreeMap): (() => TreeMap)[] {
  const name = (): string => random.pick(names)
  const workload = (apiVersion: string, kind: string, more: TreeMap = {}): TreeMap => ({
    apiVersion,
    kind,
    metadata: meta(),
    spec: {
      replicas: pick(random, 0.5, () => random.below(5)),
      selector: pick(random, 0.7, () => ({ matchLabels: { app: name() } })),
      ...more,
      template: podTemplate(random),
    },
  })
  return [
    () => workload('apps/v1', 'Deployment'),
    () => workload('apps/v1', 'Deployment'),
    () => workload('apps/v1', 'DaemonSet'),
    () =>
      workload('apps/v1', 'StatefulSet', {
        serviceName: name(),
        volumeClaimTemplates: pick(random, 0.6, () => [
          { metadata: { name: 'data' }, spec: { storageClassName: name(), accessModes: ['ReadWriteOnce'] } },
        ]),
      }),
    () => ({
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: meta(),
      spec: { schedule: quoted('* * * * *'), jobTemplate: { spec: { template: podTemplate(random) } } },
    }),
    () => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: meta(),
      spec: {
        selector: pick(random, 0.8, () => ({ app: name() })),
        ports: [
          { port: 80, targetPort: 'http' },
          { port: 81, protocol: 'UDP' },
        ],
      },
    }),
    () => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: meta(),
      data: { a: dataValue(random), b: dataValue(random) },
    }),
    () => ({ apiVersion: 'v1', kind: 'Secret', metadata: meta(), stringData: { a: dataValue(random) } }),
    () => ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: meta() }),
    () => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: random.pick(namespaces) } }),
    () => ({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: random.pick(['RoleBinding', 'ClusterRoleBinding']),
      metadata: meta(),
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: name() },
      subjects: [
        { kind: 'ServiceAccount', name: random.pick([...names, 'default']), namespace: random.pick(namespaces) },
      ],
    }),
    () => ({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: name() }, rules: [] }),
    () => ({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: meta(),
      spec: {
        podSelector: { matchLabels: { app: name() } },
        ingress: [{ from: [{ podSelector: { matchLabels: {} } }] }],
      },
    }),
    () => ({
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: meta(),
      spec: { minAvailable: 1, selector: { matchLabels: { app: name() } } },
    }),
    () => ({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'widgets.example.com' },
      spec: { group: 'example.com', names: { kind: 'Widget', plural: 'widgets' }, scope: 'Namespaced' },
    }),
    () => ({
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      metadata: meta(),
      spec: { size: scalar(random), image: 'nginx' },
    }),
    () => ({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: name() },
      webhooks: [{ name: 'h', clientConfig: { service: { name: name(), namespace: random.pick(namespaces) } } }],
    }),
    () => ({
      apiVersion: 'v1',
      kind: 'ConfigMapList',
      items: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'listed' } }],
    }),
  ]
}

/** What stands in the tree so far: most patches are for one of these. */
interface Known {
  readonly kind: string
  readonly name: string
}

function resources(random: Random, count: number, known: Known[]): string {
  const meta = (): TreeMap => ({
    name: random.pick(names),
    namespace: pick(random, 0.2, () => random.pick(namespaces)),
    labels: pick(random, 0.4, () => ({ app: random.pick(names), tier: scalar(random) })),
    annotations: pick(random, 0.3, () =>
      random.pick<Tree>([
        { note: quoted('x') },
        { n: quoted('5') },
        {},
        { 'config.kubernetes.io/local-config': quoted('true') },
      ]),
    ),
  })
  const all = makers(random, meta)
  const seen = new Set<string>()
  let out = ''
  for (let i = 0; i < count; i++) {
    const object = random.pick(all)()
    const { name: own, namespace } = (object['metadata'] ?? {}) as TreeMap
    const id = `${object['kind']} ${own} ${namespace ?? 'default'}`
    if ((seen.has(id) || known.some(k => k.kind === object['kind'] && k.name === own)) && random.chance(0.99)) continue
    seen.add(id)
    if (namespace === undefined && String(object['kind']) !== 'ConfigMapList') {
      known.push({ kind: String(object['kind']), name: String(own) })
    }
    out += `---\n${random.chance(0.5) ? flow(object) : block(object).trimStart().trimEnd()}\n`
  }
  return out
}

const kinds = ['Deployment', 'Service', 'ConfigMap', 'StatefulSet', 'Widget', 'CronJob', 'Secret']

function selector(random: Random): TreeMap {
  return {
    kind: pick(random, 0.7, () => random.pick([...kinds, 'Deploy.*', '.*'])),
    name: pick(random, 0.4, () => random.pick([...names, 'a.*', 'p-app', 'app|db'])),
    namespace: pick(random, 0.15, () => random.pick(namespaces)),
    version: pick(random, 0.1, () => 'v1'),
    group: pick(random, 0.1, () => random.pick(['apps', 'batch', '""'])),
    labelSelector: pick(random, 0.15, () =>
      quoted(random.pick(['app=web', 'tier', 'app in (web,db)', '!tier', 'app!=db'])),
    ),
    annotationSelector: pick(random, 0.08, () => quoted(random.pick(['note', 'note=x']))),
  }
}

/** A patch of one of the kinds there are; written for one object or for whatever a target selects. */
function mergePatch(random: Random, known: readonly Known[], anything: boolean): string {
  const patchable = known.filter(k => ['Deployment', 'Service', 'ConfigMap', 'StatefulSet', 'Widget'].includes(k.kind))
  const one = anything || patchable.length === 0 ? undefined : random.pick(patchable)
  const kind = one?.kind ?? random.pick(['Deployment', 'Service', 'ConfigMap', 'StatefulSet', 'Widget'])
  const apiVersion = kind === 'Widget' ? 'example.com/v1' : /Dep|State/.test(kind) ? 'apps/v1' : 'v1'
  const pod: Tree = {
    template: {
      metadata: pick(random, 0.3, () => ({ annotations: { patched: quoted('yes') } })),
      spec: {
        containers: [
          {
            name: random.pick(['main', 'side', 'new']),
            image: pick(random, 0.4, () => image(random)),
            env: pick(random, 0.4, () => [{ name: random.pick(['A', 'C']), value: quoted('2') }]),
            $patch: pick(random, 0.1, () => random.pick(['delete', 'replace'])),
          },
        ],
      },
    },
    replicas: pick(random, 0.3, () => random.below(9)),
  }
  const body: TreeMap =
    kind === 'ConfigMap'
      ? { data: { a: dataValue(random), c: dataValue(random), b: pick(random, 0.3, () => new Token('null')) } }
      : kind === 'Service'
        ? { spec: { ports: [{ port: 80, protocol: pick(random, 0.3, () => 'TCP'), name: 'web' }], type: 'NodePort' } }
        : kind === 'Widget'
          ? { spec: { size: scalar(random), list: [1, 2] } }
          : { spec: pod }
  return block({
    apiVersion,
    kind,
    metadata: {
      name: one?.name ?? random.pick([...names, 'gen']),
      namespace: pick(random, 0.02, () => random.pick(namespaces)),
      labels: pick(random, 0.2, () => ({ patched: quoted('1'), app: pick(random, 0.3, () => new Token('null')) })),
      annotations: pick(random, 0.15, () =>
        random.pick<Tree>([{ p: quoted('1') }, new Token('null'), { $patch: 'replace', q: 'r' }]),
      ),
    },
    $patch: pick(random, 0.04, () => 'delete'),
    ...body,
  }).trimStart()
}

function jsonPatch(random: Random): string {
  const step = (): Tree =>
    random.pick<Tree>([
      { op: 'add', path: '/spec', value: { a: 1 } },
      { op: 'add', path: '/metadata/annotations/json', value: quoted('1') },
      { op: 'replace', path: '/metadata/name', value: random.pick(['renamed', 'app']) },
      { op: 'add', path: '/metadata/labels', value: { l: scalar(random) } },
      { op: 'add', path: '/spec', value: { replicas: random.below(9), list: [scalar(random)] } },
      { op: 'add', path: '/data', value: { json: scalar(random) } },
      { op: 'add', path: '/note', value: 'x' },
      random.chance(0.1)
        ? { op: 'test', path: '/kind', value: random.pick(kinds) }
        : { op: 'test', path: '/nope', value: 'null' },
      random.chance(0.05)
        ? { op: 'remove', path: '/spec/replicas' }
        : { op: 'copy', from: '/metadata', path: '/copied' },
      { op: 'copy', from: '/metadata/name', path: '/metadata/annotations/copied' },
      { op: 'remove', path: '/metadata/annotations' },
    ])
  return Array.from({ length: 1 + random.below(2) }, () => `- ${flow(step())}\n`).join('')
}

const indent = (text: string, by: string): string => text.replace(/^(?=.)/gm, by)

function patches(random: Random, files: Record<string, string>, dir: string, known: readonly Known[]): string {
  let out = ''
  if (random.chance(0.5)) {
    out += 'patches:\n'
    for (let i = 0; i <= random.below(3); i++) {
      const json = random.chance(0.4)
      const hasTarget = json || random.chance(0.4)
      const text = json ? jsonPatch(random) : mergePatch(random, known, hasTarget || random.chance(0.03))
      const name = `patch-${i}.yaml`
      if (random.chance(0.5)) {
        files[`${dir}/${name}`] = text
        out += `- path: ${name}\n`
      } else out += `- patch: |-\n${indent(text, '    ')}`
      if (hasTarget) out += `  target: ${flow(selector(random))}\n`
      if (random.chance(0.1)) out += `  options: {allowNameChange: true${hasTarget ? '' : ', allowKindChange: true'}}\n`
    }
  }
  if (random.chance(0.12)) {
    files[`${dir}/sm.yaml`] = mergePatch(random, known, false)
    out += `patchesStrategicMerge:\n- sm.yaml\n- |-\n${indent(mergePatch(random, known, false), '  ')}`
  }
  if (random.chance(0.1)) {
    const target = flow({ version: 'v1', kind: random.pick(['ConfigMap', 'Service']), name: random.pick(names) })
    out += `patchesJson6902:\n- target: ${target}\n  patch: |-\n${indent(jsonPatch(random), '    ')}`
  }
  return out
}

function generators(random: Random, files: Record<string, string>, dir: string, known: Known[]): string {
  let out = ''
  const entry = (kind: 'configMap' | 'secret'): string => {
    const envs = pick(random, 0.3, () => ['vars.env'])
    const listed = pick(random, 0.4, () => [random.pick(['conf.txt', 'key=conf.txt', 'bin.dat', 'long.txt'])])
    if (envs !== undefined)
      files[`${dir}/vars.env`] = random.pick(['A=1\nB=two words\n', '# note\n\n  C=x=y\nD\n', 'A="q"\r\n'])
    if (listed !== undefined) {
      files[`${dir}/conf.txt`] = random.pick(['line\n', 'a: b\nc: |\n  d\n', 'trailing \nblank\n', ''])
      files[`${dir}/bin.dat`] = '\u0000\u0001not text'
      files[`${dir}/long.txt`] = `${'0123456789'.repeat(12)}\n`
    }
    const objectKind = kind === 'secret' ? 'Secret' : 'ConfigMap'
    const name = random.pick(kind === 'secret' ? ['sec', 'sec2', 'app'] : ['gen', 'gen2', 'app'])
    const isThere = known.some(k => k.kind === objectKind && k.name === name)
    known.push({ kind: objectKind, name })
    return `- ${flow({
      name,
      namespace: pick(random, isThere ? 0.02 : 0.15, () => random.pick(namespaces)),
      behavior: pick(random, isThere ? 0.97 : 0.05, () =>
        random.pick(isThere ? ['merge', 'replace'] : ['create', 'merge']),
      ),
      literals: pick(random, 0.7, () => [
        quoted(`k=${random.pick(['v', '"q"', "'s'", 'a=b', '', 'two\nlines'])}`),
        'x=5',
      ]),
      files: listed,
      envs,
      type: kind === 'secret' ? pick(random, 0.3, () => 'kubernetes.io/tls') : undefined,
      options: pick(random, 0.35, () => ({
        disableNameSuffixHash: pick(random, 0.4, () => 'true'),
        immutable: pick(random, 0.3, () => 'true'),
        labels: pick(random, 0.4, () => ({ own: quoted('1') })),
        annotations: pick(random, 0.4, () => ({ own: quoted('1') })),
      })),
    })}\n`
  }
  if (random.chance(0.35))
    out += `configMapGenerator:\n${entry('configMap')}${random.chance(0.3) ? entry('configMap') : ''}`
  if (random.chance(0.25)) out += `secretGenerator:\n${entry('secret')}`
  if (random.chance(0.12)) {
    out += `generatorOptions: ${flow({
      disableNameSuffixHash: pick(random, 0.4, () => 'true'),
      labels: pick(random, 0.5, () => ({ all: quoted('1') })),
      annotations: pick(random, 0.5, () => ({ all: quoted('1') })),
    })}\n`
  }
  return out
}

function transformers(random: Random, files: Record<string, string>, dir: string, known: readonly Known[]): string {
  let out = ''
  const field = (name: string, p: number, make: () => Tree): void => {
    if (random.chance(p)) out += `${name}: ${flow(make())}\n`
  }
  field('namePrefix', 0.3, () => random.pick(['p-', 'q-']))
  field('nameSuffix', 0.2, () => random.pick(['-s', '-t']))
  field('namespace', 0.3, () => random.pick([...namespaces, 'ns3']))
  field('commonLabels', 0.15, () => ({ app: random.pick(names), common: quoted('1') }))
  field('commonAnnotations', 0.15, () => ({ common: quoted(random.pick(['1', 'a: b', ''])) }))
  field('labels', 0.25, () =>
    Array.from({ length: 1 + random.below(2) }, (_, i) => ({
      pairs: { [`l${i}`]: quoted('v') },
      includeSelectors: pick(random, 0.3, () => random.pick(['true', 'false'])),
      includeTemplates: pick(random, 0.4, () => 'true'),
      includeVolumeClaimTemplates: pick(random, 0.2, () => 'true'),
      fields: pick(random, 0.2, () => [
        {
          path: random.pick(['spec/extra/labels', 'metadata/annotations']),
          create: 'true',
          kind: pick(random, 0.5, () => 'Widget'),
        },
      ]),
    })),
  )
  field('images', 0.3, () =>
    Array.from({ length: 1 + random.below(2) }, () => ({
      name: random.pick(['nginx', 'redis', 'reg.io:5000/a/nginx', 'ngin.']),
      newName: pick(random, 0.5, () => random.pick(['other', 'reg.io/x/nginx'])),
      newTag: pick(random, 0.5, () => quoted(random.pick(['2.0', 'v3', '1']))),
      digest: pick(random, 0.2, () => 'sha256:def'),
      tagSuffix: pick(random, 0.15, () => quoted('-x')),
    })),
  )
  const scaled = known.filter(k => k.kind === 'Deployment' || k.kind === 'StatefulSet')
  if (scaled.length > 0) field('replicas', 0.2, () => [{ name: random.pick(scaled).name, count: random.below(9) }])
  if (random.chance(0.15)) {
    const { kind, name } = known.length > 0 ? random.pick(known) : { kind: 'ConfigMap', name: 'app' }
    const source = { kind, name, fieldPath: random.pick(['metadata.name', 'kind']) }
    const targets = [
      {
        select: selector(random),
        fieldPaths: [quoted(random.pick(['metadata.annotations.copied', 'metadata.labels.app', 'spec.extraField']))],
        options: pick(random, 0.9, () => ({ create: 'true' })),
      },
    ]
    const list = `- ${flow({ source, targets })}\n`
    if (random.chance(0.3)) {
      files[`${dir}/replacement.yaml`] = list
      out += 'replacements:\n- path: replacement.yaml\n'
    } else out += `replacements:\n${list}`
  }
  if (random.chance(0.08) && known.some(k => k.kind === 'Service')) {
    out += `vars:\n- ${flow({ name: 'VAR', objref: { apiVersion: 'v1', kind: 'Service', name: known.find(k => k.kind === 'Service')!.name }, fieldref: { fieldPath: 'metadata.name' } })}\n`
  }
  if (random.chance(0.06)) {
    files[`${dir}/config.yaml`] = random.pick([
      'commonLabels:\n- {path: spec/labels, create: true, kind: Widget}\n',
      'images:\n- {path: spec/image, kind: Widget}\n',
      'nameReference:\n- {kind: ConfigMap, version: v1, fieldSpecs: [{path: spec/size, kind: Widget}]}\n',
      'namePrefix:\n- {path: metadata/name, kind: Deployment}\n',
      'replicas:\n- {path: spec/size, kind: Widget, create: true}\n',
    ])
    out += 'configurations: [config.yaml]\n'
  }
  if (random.chance(0.1)) {
    files[`${dir}/plugin.yaml`] = random.pick([
      'apiVersion: builtin\nkind: AnnotationsTransformer\nmetadata: {name: t}\nannotations: {plug: in}\nfieldSpecs: [{path: metadata/annotations, create: true}]\n',
      'apiVersion: builtin\nkind: PrefixTransformer\nmetadata: {name: t}\nprefix: plug-\nfieldSpecs: [{path: metadata/name}]\n',
      'apiVersion: builtin\nkind: NamespaceTransformer\nmetadata: {name: t, namespace: plug}\nunsetOnly: true\nsetRoleBindingSubjects: allServiceAccounts\nfieldSpecs: [{path: metadata/namespace, create: true}]\n',
      'apiVersion: builtin\nkind: ImageTagTransformer\nmetadata: {name: t}\nimageTag: {name: nginx, newTag: plug}\nfieldSpecs: [{path: spec/image}]\n',
      'apiVersion: builtin\nkind: ReplicaCountTransformer\nmetadata: {name: t}\nreplica: {name: app, count: 7}\nfieldSpecs: [{path: spec/replicas, create: true, kind: Deployment}]\n',
      'apiVersion: builtin\nkind: LabelTransformer\nmetadata: {name: t}\nlabels: {plug: in}\nfieldSpecs: [{path: metadata/labels, create: true}, {path: spec/selector, kind: Service}]\n',
      'apiVersion: builtin\nkind: HashTransformer\nmetadata: {name: t}\n',
      'apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: t}\npatch: \'[{"op": "add", "path": "/metadata/labels", "value": {"plug": "in"}}]\'\ntarget: {kind: Service}\n',
    ])
    out += 'transformers: [plugin.yaml]\n'
  }
  return out
}

function layer(
  random: Random,
  files: Record<string, string>,
  dir: string,
  from: readonly string[],
  known: Known[],
  kind = '',
): void {
  const own = random.chance(from.length === 0 ? 1 : 0.6)
  const list = own ? [...from, 'all.yaml'] : [...from]
  if (own)
    files[`${dir}/all.yaml`] = resources(random, from.length === 0 ? 3 + random.below(6) : 1 + random.below(3), known)
  let text = kind === '' ? '' : `apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: ${kind}\n`
  if (list.length > 0) text += `resources: ${flow(list)}\n`
  text += generators(random, files, dir, known)
  text += patches(random, files, dir, known)
  text += transformers(random, files, dir, known)
  files[`${dir}/kustomization.yaml`] = text === '' ? 'resources: []\n' : text
}

/** One to three layers with a component or two; the outermost says how the output is ordered and annotated. */
export function layersCase(random: Random): Files {
  const files: Record<string, string> = {}
  const known: Known[] = []
  layer(random, files, 'base', [], known)
  const bases = ['../base']
  if (random.chance(0.25)) {
    layer(random, files, 'second', [], known)
    bases.push('../second')
  }
  if (random.chance(0.3)) {
    layer(random, files, 'middle', bases.splice(0), known)
    bases.push('../middle')
  }
  layer(random, files, 'overlay', bases, known)
  let text = files['overlay/kustomization.yaml']!
  if (random.chance(0.3)) {
    layer(random, files, 'component', [], known, 'Component')
    // Its own objects mostly clash with those that are there.
    if (random.chance(0.8)) {
      files['component/kustomization.yaml'] = files['component/kustomization.yaml']!.replace(/^resources:.*\n/m, '')
    }
    text += 'components: [../component]\n'
  }
  if (random.chance(0.2)) {
    text += `sortOptions: ${random.pick(['{order: fifo}', '{order: legacy}', '{order: legacy, legacySortOptions: {orderFirst: [Service, Deployment], orderLast: [ConfigMap]}}'])}\n`
  }
  if (random.chance(0.25)) {
    text += `buildMetadata: [${random.some(['originAnnotations', 'transformerAnnotations', 'managedByLabel'], 0.6).join(', ')}]\n`
  }
  files['overlay/kustomization.yaml'] = text
  return files
}
