/**
 * One set of objects of every kind that the transformers know, changed by plugins in files, by configurations, schemas
 * and CRDs of its own, by fields and components: every option of every transformer, many of them at once.
 */

import type { Random } from '../random.ts'
import type { Files } from './files.ts'
import { flow, Token, type Tree, type TreeMap } from './yaml-text.ts'

const quoted = (text: string): Token => new Token(JSON.stringify(text))
const maybe = (random: Random, p: number, make: () => Tree): Tree | undefined => (random.chance(p) ? make() : undefined)
const yes = new Token('true')
const picked = (random: Random, of: readonly string[]): Token => quoted(random.pick(of))

const images = [
  'nginx',
  'nginx:1.19',
  'docker.io/library/nginx:1.19',
  'reg.io:5000/a/nginx',
  'reg.io:5000/a/nginx:v1',
  'reg.io:5000/a/nginx:v1@sha256:0123456789abcdef',
  'nginx@sha256:0123456789abcdef',
  'nginx@sha512:0123',
  '$(IMAGE)',
  '{{ .image }}',
  'nginx:',
  'NGINX:Latest',
  'my.nginx:1',
  '',
]

function objects(random: Random): string {
  const image = (): Token => quoted(random.pick(images))
  const meta = (name: string): TreeMap => ({
    name,
    namespace: maybe(random, 0.25, () => random.pick(['ns1', 'default', 'other'])),
    labels: maybe(random, 0.4, () => random.pick<Tree>([{ app: name }, { app: quoted('1') }, {}, new Token('null')])),
    annotations: maybe(random, 0.3, () => random.pick<Tree>([{ note: 'x' }, { n: 5 }, {}, new Token('null')])),
  })
  const pod = (): TreeMap => ({
    serviceAccountName: maybe(random, 0.3, () => 'sa'),
    containers: random.pick<Tree>([
      [{ name: 'c', image: image() }],
      [
        { name: 'c', image: image(), env: [{ name: 'E', value: '$(VAR)' }] },
        { name: 'd', image: image() },
      ],
      new Token('null'),
      [],
    ]),
    initContainers: maybe(random, 0.3, () => [{ name: 'i', image: image() }]),
    volumes: maybe(random, 0.4, () => [
      { name: 'v', configMap: { name: 'cm' } },
      { name: 'w', image: { reference: image() } },
    ]),
    topologySpreadConstraints: maybe(random, 0.2, () => [
      { topologyKey: 'zone', labelSelector: { matchLabels: { a: 'b' } } },
    ]),
    affinity: maybe(random, 0.2, () => ({
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { topologyKey: 'x', labelSelector: { matchLabels: { a: 'b' } } },
        ],
      },
    })),
  })
  const workload = (apiVersion: string, kind: string, more: TreeMap = {}): TreeMap => ({
    apiVersion,
    kind,
    metadata: meta('app'),
    spec: {
      replicas: maybe(random, 0.5, () => random.pick<Tree>([1, quoted('2'), new Token('null')])),
      selector: maybe(random, 0.6, () => random.pick<Tree>([{ matchLabels: { app: 'app' } }, {}, new Token('null')])),
      template: {
        metadata: maybe(random, 0.5, () => random.pick<Tree>([{ labels: { app: 'app' } }, {}])),
        spec: pod(),
      },
      ...more,
    },
  })
  const all: TreeMap[] = [
    workload('apps/v1', 'Deployment'),
    workload('apps/v1', 'StatefulSet', {
      serviceName: 'svc',
      volumeClaimTemplates: [{ metadata: { name: 'data', labels: maybe(random, 0.5, () => ({ a: 'b' })) } }],
    }),
    workload('apps/v1', 'DaemonSet'),
    workload('batch/v1', 'Job'),
    { apiVersion: 'v1', kind: 'Pod', metadata: meta('pod'), spec: pod() },
    {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: meta('cron'),
      spec: { jobTemplate: { metadata: maybe(random, 0.3, () => ({})), spec: { template: { spec: pod() } } } },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: meta('svc'),
      spec: { selector: maybe(random, 0.7, () => ({ app: 'app' })), ports: [{ port: 80 }] },
    },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: meta('cm'), data: { k: 'v', j: '\'{"a": {"b": [1, 2]}}\'' } },
    { apiVersion: 'v1', kind: 'Secret', metadata: meta('sec'), stringData: { k: 'v' } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: meta('sa'), imagePullSecrets: [{ name: 'sec' }] },
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'default', namespace: maybe(random, 0.3, () => 'ns1') },
    },
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: random.pick(['ns1', 'other']) } },
    { apiVersion: 'example.com/v1', kind: 'Namespace', metadata: meta('odd') },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: random.pick(['RoleBinding', 'ClusterRoleBinding']),
      metadata: meta('bind'),
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: random.pick(['Role', 'ClusterRole']), name: 'role' },
      subjects: random.pick<Tree>([
        [{ kind: 'ServiceAccount', name: 'default', namespace: 'ns1' }],
        [
          { kind: 'ServiceAccount', name: 'default' },
          { kind: 'ServiceAccount', name: 'sa', namespace: 'other' },
          { kind: 'User', name: 'default' },
        ],
        [{ kind: 'Group', name: 'g' }],
        new Token('null'),
      ]),
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: meta('role'),
      rules: [{ resourceNames: ['cm', 'sec'] as Tree[] }],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'role' },
      aggregationRule: {},
    },
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: random.pick(['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration']),
      metadata: meta('hook'),
      webhooks: [
        {
          name: 'h',
          clientConfig: {
            service: { name: 'svc', namespace: maybe(random, 0.7, () => random.pick(['ns1', 'default'])) },
          },
        },
        { name: 'u', clientConfig: { url: 'x' } },
      ],
    },
    {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'widgets.example.com' },
      spec: {
        group: 'example.com',
        scope: random.pick(['Cluster', 'Namespaced']),
        names: { kind: 'Widget', plural: 'widgets' },
        conversion: maybe(random, 0.6, () => ({
          webhook: { clientConfig: { service: { name: 'svc', namespace: 'ns1' } } },
        })),
      },
    },
    {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: 'v1.x' },
      spec: maybe(random, 0.8, () => ({ service: { name: 'svc', namespace: 'ns1' } })),
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { ...meta('ing') },
      spec: { tls: [{ secretName: 'sec' }], defaultBackend: { service: { name: 'svc' } }, ingressClassName: 'cls' },
    },
    { apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass', metadata: { name: 'cls' } },
    {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: meta('hpa'),
      spec: { scaleTargetRef: { kind: 'Deployment', name: 'app' } },
    },
    {
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      metadata: meta('w'),
      spec: {
        ref: random.pick<Tree>(['cm', { name: 'cm', namespace: 'ns1' }, ['cm', 'sec']]),
        image: image(),
        size: random.pick<Tree>([1, quoted('1')]),
        text: '$(VAR)',
        list: [
          { id: 'a', v: 1 },
          { id: 'b', v: 2 },
        ],
        containers: [{ name: 'x', image: image() }],
      },
    },
  ]
  return random
    .some(all, 0.7)
    .map(o => `---\n${flow(o)}\n`)
    .join('')
}

const spec = (random: Random): TreeMap => ({
  path: picked(random, [
    'metadata/name',
    'metadata/labels',
    'metadata/annotations',
    'metadata/namespace',
    'spec/template/metadata/labels',
    'spec/selector',
    'spec/replicas',
    'spec/image',
    'spec/text',
    'spec/size',
    'spec/new/deep',
    'spec/list/v',
    'spec/list[]/id',
    'spec/new[]/x',
    'spec/template/spec/containers[]/image',
    'spec/ref',
    'spec/ref/name',
    'metadata/annotations/a.b\\/c',
    'spec/containers/image',
    '/spec/x',
  ]),
  create: maybe(random, 0.4, () => yes),
  kind: maybe(random, 0.4, () => random.pick(['Widget', 'Deployment', 'ConfigMap', 'Service'])),
  group: maybe(random, 0.1, () => random.pick(['apps', 'example.com'])),
  version: maybe(random, 0.1, () => 'v1'),
})
const specs = (random: Random): Tree => Array.from({ length: 1 + random.below(2) }, () => spec(random))

const select = (random: Random): TreeMap => ({
  kind: maybe(random, 0.6, () =>
    picked(random, ['Widget', 'Deployment', 'ConfigMap', 'Service', '.*Set', '[A-C].*', 'Role|Secret']),
  ),
  name: maybe(random, 0.3, () => picked(random, ['app', 'cm', '.*p', 'p-cm', '^w$', 'a|c', ''])),
  namespace: maybe(random, 0.15, () => picked(random, ['ns1', 'default', 'n.*', '_non_namespaceable_'])),
  group: maybe(random, 0.1, () => picked(random, ['apps', 'a.*', '.*\\.com'])),
  version: maybe(random, 0.1, () => picked(random, ['v1', 'v.'])),
  labelSelector: maybe(random, 0.12, () =>
    picked(random, ['app=app', 'app', '!app', 'app!=app', 'app in (app, w)', 'app notin (cm)', 'app>0', 'app==1,!x']),
  ),
  annotationSelector: maybe(random, 0.08, () => picked(random, ['note', 'note=x', 'note!=x', 'n'])),
})

const operations = [
  '[{"op": "add", "path": "/metadata/labels", "value": {"json": "1"}}]',
  '[{"op": "add", "path": "/spec/added", "value": [1, 2.50, "x", null]}]',
  '[{"op": "replace", "path": "/metadata/name", "value": "renamed"}]',
  '[{"op": "replace", "path": "/kind", "value": "Other"}]',
  '[{"op": "remove", "path": "/spec"}]',
  '- {op: copy, from: /metadata/name, path: /metadata/copied}\n',
  '- op: test\n  path: /apiVersion\n  value: v1\n',
]
const merges = [
  '{apiVersion: v1, kind: ConfigMap, metadata: {name: cm}, data: {k: patched, n: null}}',
  '{apiVersion: v1, kind: ConfigMap, metadata: {name: cm}, $patch: delete}',
  '{apiVersion: v1, kind: ConfigMap, metadata: {name: cm}, $patch: replace, data: {only: this}}',
  '{apiVersion: apps/v1, kind: Deployment, metadata: {name: app}, spec: {template: {spec: {containers: [{name: c, image: patched}, {name: new}], $setElementOrder/containers: [{name: new}]}}}}',
  '{apiVersion: apps/v1, kind: Deployment, metadata: {name: app}, spec: {strategy: {type: Recreate, $retainKeys: [type]}, template: {spec: {volumes: [{name: v, $patch: delete}]}}}}',
  '{apiVersion: example.com/v1, kind: Widget, metadata: {name: w}, spec: {list: [{id: b, v: 3}], size: null}}',
  '{apiVersion: v1, kind: ConfigMap, metadata: {name: renamed, namespace: moved}, data: {k: patched}}',
  '{apiVersion: v1, kind: Secret, metadata: {name: sec}, kind: Secret}',
  '{apiVersion: v1, kind: Gone, metadata: {name: gone}}',
]

function patch(random: Random): TreeMap {
  const json = random.chance(0.4)
  return {
    patch: quoted(random.pick(json ? operations : merges)),
    target: maybe(random, json ? 0.98 : 0.8, () => select(random)),
    options: maybe(random, 0.25, () => ({
      allowNameChange: maybe(random, 0.6, () => yes),
      allowKindChange: maybe(random, 0.4, () => yes),
    })),
  }
}

function replacement(random: Random): TreeMap {
  const option = (): Tree => ({
    create: maybe(random, 0.5, () => yes),
    delimiter: maybe(random, 0.4, () => quoted(random.pick(['-', '.', '/', ':', '']))),
    index: maybe(random, 0.3, () => random.pick([0, 1, -1, 5])),
  })
  const source = {
    kind: random.pick(['ConfigMap', 'Widget', 'Service', 'Deployment']),
    name: maybe(random, 0.5, () => random.pick(['cm', 'w', 'svc', 'app'])),
    fieldPath: maybe(random, 0.8, () =>
      picked(random, [
        'metadata.name',
        'data.k',
        'spec.list.[id=a].v',
        'spec.list',
        'spec.list.1',
        'spec.image',
        'metadata',
        'data.j',
        'spec.template.spec.containers.*.image',
      ]),
    ),
    options: maybe(random, 0.3, option),
  }
  return {
    ...(random.chance(0.85) ? { source } : { sourceValue: quoted(random.pick(['x', '5', 'true', '', 'a-b-c'])) }),
    targets: Array.from({ length: 1 + random.below(2) }, () => ({
      select: select(random),
      reject: maybe(random, 0.2, () => [select(random)]),
      fieldPaths: maybe(random, 0.95, () => [
        quoted(
          random.pick([
            'metadata.annotations.copied',
            'metadata.annotations.[a.b/c]',
            'metadata.labels.app',
            'metadata.name',
            'spec.list.*.v',
            'spec.list.[id=b].v',
            'spec.list.[id=new].v',
            'spec.list.0',
            'spec.list.2',
            'spec.template.spec.containers.[name=c].image',
            'spec.template.spec.containers.*.env.[name=E].value',
            'data.j.a.b',
            'data.j.a.b.0',
            'data.j.c',
            'data.new',
            'spec.new.deep.er',
            'spec.ref',
            'spec.template.metadata.annotations.x\\.y',
          ]),
        ),
      ]),
      options: maybe(random, 0.6, option),
    })),
  }
}

/** A plugin as a file has it. */
function plugin(random: Random): TreeMap {
  const config = (kind: string, fields: TreeMap): TreeMap => ({
    apiVersion: 'builtin',
    kind,
    metadata: { name: 't', namespace: maybe(random, 0.3, () => 'plug') },
    ...fields,
  })
  const fieldSpecs = maybe(random, 0.93, () => specs(random))
  return random.pick<() => TreeMap>([
    () => config('AnnotationsTransformer', { annotations: { plug: 'in', n: quoted('5') }, fieldSpecs }),
    () =>
      config('LabelTransformer', {
        labels: { plug: 'in', b: random.pick<Tree>([quoted('true'), yes, 5]) },
        fieldSpecs,
      }),
    () => config('PrefixTransformer', { prefix: 'plug-', fieldSpecs }),
    () => config('SuffixTransformer', { suffix: '-plug', fieldSpecs }),
    () => config('PrefixSuffixTransformer', { prefix: 'a-', suffix: '-b', fieldSpecs }),
    () =>
      config('NamespaceTransformer', {
        fieldSpecs: maybe(random, 0.7, () => [
          { path: 'metadata/namespace', create: yes },
          ...(random.chance(0.5) ? [spec(random)] : []),
        ]),
        unsetOnly: maybe(random, 0.4, () => yes),
        setRoleBindingSubjects: maybe(random, 0.5, () =>
          random.pick(['allServiceAccounts', 'none', 'defaultOnly', 'bogus']),
        ),
      }),
    () => config('ImageTagTransformer', { imageTag: image(random), fieldSpecs }),
    () =>
      config('ReplicaCountTransformer', {
        replica: { name: random.chance(0.9) ? 'app' : 'gone', count: 7 },
        fieldSpecs,
      }),
    () => config('HashTransformer', {}),
    () => config('PatchTransformer', { ...patch(random) }),
    () =>
      config('PatchJson6902Transformer', {
        target: { ...select(random), name: 'cm' },
        jsonOp: quoted(random.pick(operations)),
      }),
    () => config('PatchStrategicMergeTransformer', { patches: quoted(random.pick(merges)) }),
    () => config('ReplacementTransformer', { replacements: [replacement(random)] }),
    () =>
      config('ValueAddTransformer', {
        value: random.pick<Tree>(['added', quoted('5'), 5]),
        targets: [
          {
            selector: maybe(random, 0.7, () => select(random)),
            fieldPath: 'metadata/annotations/added',
            notInLabelSelector: 'x',
          },
          { fieldPath: 'metadata/namespace' },
        ],
      }),
    () => config('ConfigMapGenerator', { literals: ['a=b'] }),
    () => config('Unheard', {}),
  ])()
}

const image = (random: Random): TreeMap => ({
  name: picked(random, [
    'nginx',
    'reg.io:5000/a/nginx',
    'docker.io/library/nginx',
    '.*nginx',
    'my.nginx',
    '[',
    'NGINX',
    '$(IMAGE)',
    '',
  ]),
  newName: maybe(random, 0.5, () => random.pick(['other', 'reg.io:80/x/nginx', 'nginx'])),
  newTag: maybe(random, 0.5, () => quoted(random.pick(['2.0', '1', '']))),
  digest: maybe(random, 0.25, () => quoted(random.pick(['sha256:def', 'abc']))),
  tagSuffix: maybe(random, 0.15, () => quoted('-x')),
})

function transformations(random: Random, files: Record<string, string>, dir: string): string {
  let out = ''
  const field = (name: string, p: number, make: () => Tree): void => {
    if (random.chance(p)) out += `${name}: ${flow(make())}\n`
  }
  field('namePrefix', 0.25, () => random.pick(['p-', 'q.']))
  field('nameSuffix', 0.15, () => '-s')
  field('namespace', 0.3, () => random.pick(['ns1', 'new', 'default']))
  field('commonLabels', 0.12, () => ({ common: quoted('1'), app: 'x' }))
  field('commonAnnotations', 0.15, () => ({ common: quoted('1'), 'a.b/c': quoted('') }))
  field('labels', 0.25, () =>
    Array.from({ length: 1 + random.below(2) }, () => ({
      pairs: { l: quoted('v'), m: quoted('5') },
      includeSelectors: maybe(random, 0.3, () => yes),
      includeTemplates: maybe(random, 0.4, () => yes),
      includeVolumeClaimTemplates: maybe(random, 0.3, () => yes),
      fields: maybe(random, 0.3, () => specs(random)),
    })),
  )
  field('images', 0.3, () => Array.from({ length: 1 + random.below(3) }, () => image(random)))
  field('replicas', 0.12, () => [{ name: random.chance(0.9) ? 'app' : 'gone', count: 3 }])
  field('patches', 0.4, () => Array.from({ length: 1 + random.below(3) }, () => patch(random)))
  field('patchesStrategicMerge', 0.06, () => [quoted(random.pick(merges))])
  field('patchesJson6902', 0.06, () => [
    { target: { version: 'v1', kind: 'ConfigMap', name: 'cm' }, patch: quoted(random.pick(operations)) },
  ])
  field('replacements', 0.25, () => Array.from({ length: 1 + random.below(2) }, () => replacement(random)))
  field('vars', 0.08, () => [
    {
      name: 'VAR',
      objref: { kind: 'Service', name: 'svc', apiVersion: 'v1' },
      fieldref: maybe(random, 0.5, () => ({ fieldPath: 'metadata.namespace' })),
    },
  ])
  field('configMapGenerator', 0.15, () => [
    {
      name: random.pick(['cm', 'gen']),
      namespace: maybe(random, 0.2, () => 'ns1'),
      behavior: maybe(random, 0.4, () => random.pick(['merge', 'replace', 'create'])),
      literals: ['k=new', quoted('q="x"'), quoted("s='y"), quoted('e=')],
      options: maybe(random, 0.4, () => ({
        disableNameSuffixHash: maybe(random, 0.4, () => yes),
        immutable: maybe(random, 0.4, () => yes),
        labels: { g: quoted('1') },
      })),
    },
  ])
  if (random.chance(0.3)) {
    const role = random.chance(0.93) ? 'transformers' : random.pick(['validators', 'generators'])
    const list = Array.from({ length: 1 + random.below(2) }, () => plugin(random))
    const how = random.below(3)
    if (how === 0) out += `${role}: ${flow(list.map(p => quoted(flow(p))))}\n`
    else {
      const at = how === 1 ? 'plugin.yaml' : 'plugins/plugin.yaml'
      files[`${dir}/${at}`] = list
        .map((p, i) => `---\n${flow({ ...p, metadata: { ...(p['metadata'] as TreeMap), name: `t${i}` } })}\n`)
        .join('')
      if (how === 2)
        files[`${dir}/plugins/kustomization.yaml`] =
          `resources: [plugin.yaml]\n${random.chance(0.3) ? 'namePrefix: x-\n' : ''}`
      out += `${role}: [${how === 1 ? at : 'plugins'}]\n`
    }
  }
  if (random.chance(0.2)) {
    const entry = (name: string): TreeMap => ({ [name]: specs(random) })
    files[`${dir}/config.yaml`] = random.pick<() => string>([
      () =>
        `${flow(entry(random.pick(['namePrefix', 'nameSuffix', 'namespace', 'commonLabels', 'commonAnnotations', 'labels', 'templateLabels', 'volumeClaimTemplateLabels', 'varReference', 'images', 'replicas'])))}\n`,
      () =>
        `${flow({ nameReference: [{ kind: random.pick(['ConfigMap', 'Secret', 'Widget']), version: maybe(random, 0.6, () => 'v1'), fieldSpecs: specs(random) }] })}\n`,
      () => `${flow({ ...entry('images'), ...entry('varReference') })}\n`,
      () => (random.chance(0.2) ? 'nope: []\n' : 'images: []\n'),
    ])()
    out += 'configurations: [config.yaml]\n'
  }
  if (random.chance(0.1)) {
    const definition = {
      properties: {
        apiVersion: { type: 'string' },
        kind: { type: 'string' },
        metadata: { type: 'object' },
        spec: {
          type: 'object',
          properties: {
            ref: {
              type: 'string',
              'x-kubernetes-object-ref-api-version': 'v1',
              'x-kubernetes-object-ref-kind': 'ConfigMap',
              'x-kubernetes-object-ref-name-key': 'name',
            },
            text: { type: 'object', 'x-kubernetes-annotation': '' },
            sel: { type: 'object', 'x-kubernetes-label-selector': '' },
          },
        },
      },
    }
    files[`${dir}/crd.json`] = JSON.stringify({ 'github.com/example/v1.Widget': { Schema: definition } })
    out += 'crds: [crd.json]\n'
  }
  if (random.chance(0.12)) {
    const list = {
      type: 'array',
      items: { type: 'object' },
      'x-kubernetes-patch-merge-key': 'id',
      'x-kubernetes-patch-strategy': 'merge',
    }
    const schema = {
      definitions: {
        widget: {
          type: 'object',
          properties: { spec: { type: 'object', properties: { list } } },
          'x-kubernetes-group-version-kind': [{ group: 'example.com', version: 'v1', kind: 'Widget' }],
        },
      },
    }
    files[`${dir}/schema.json`] = JSON.stringify(schema)
    out += 'openapi: {path: schema.json}\n'
  }
  return out
}

export function wideCase(random: Random): Files {
  const files: Record<string, string> = {
    'base/all.yaml': objects(random) || 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm}\n',
  }
  files['base/kustomization.yaml'] =
    `resources: [all.yaml]\n${random.chance(0.5) ? transformations(random, files, 'base') : ''}`
  let text = 'resources: [../base]\n'
  if (random.chance(0.4)) {
    const meta = 'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n'
    files['component/kustomization.yaml'] = meta + transformations(random, files, 'component')
    text += 'components: [../component]\n'
  }
  text += transformations(random, files, 'overlay')
  if (random.chance(0.2))
    text += `buildMetadata: [${random.some(['originAnnotations', 'transformerAnnotations', 'managedByLabel'], 0.6).join(', ')}]\n`
  if (random.chance(0.15))
    text += `sortOptions: ${random.pick(['{order: fifo}', '{order: legacy, legacySortOptions: {orderFirst: [Widget], orderLast: [Namespace]}}'])}\n`
  files['overlay/kustomization.yaml'] = text
  return files
}
