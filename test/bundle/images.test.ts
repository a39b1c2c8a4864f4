// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables that nobody filled in
import { describe, expect, test } from 'vitest'
import { imageTexts } from '../../src/bundle/image-text.ts'
import { findImages, type ImageContext, type ImageDecisions, imageDecider, imageName } from '../../src/bundle/images.ts'
import { formatReference, parseReference } from '../../src/bundle/reference.ts'
import { canPin, relocated, rewriteImages, rewriteText } from '../../src/bundle/relocate.ts'
import type { YamlMap } from '../../src/yaml/node.ts'
import { parseNode } from '../../src/yaml/parse.ts'
import { stringifyNode } from '../../src/yaml/stringify.ts'

const builtin: ImageContext = { builtin: true }
const unknown: ImageContext = { builtin: false }
const texts = ['spec.image', 'spec.agent.repository', 'spec.version']
const custom: ImageContext = {
  builtin: false,
  declares: path => (texts.includes(path.join('.')) ? 'text' : path[1] === 'open' ? 'open' : 'other'),
}
const object = (text: string): YamlMap => parseNode(text, { file: 'x.yaml' }) as YamlMap
const digest = `sha256:${'b'.repeat(64)}`

/** Images as lines, then what is no reference. */
function list(text: string, context: ImageContext, decisions: Partial<ImageDecisions> = {}): string[] {
  const decide = imageDecider({ confirm: [], refuse: [], ...decisions })
  const { images, invalid } = findImages(object(text), context, decide)
  return [
    ...images.map(image => `${image.certainty} ${imageName(image)} ${image.path}`),
    ...invalid.map(image => `invalid ${image.text} ${image.path}`),
  ]
}

const pod = (container: string): string => `spec: {containers: [{name: c, image: a, ${container}}]}`
const own = 'confirmed docker.io/library/a spec.containers[name=c].image'
const configMap = (data: string): string => `kind: ConfigMap\ndata:\n  x: |\n    ${data.replaceAll('\n', '\n    ')}\n`

describe('finds', () => {
  test.each<[name: string, context: ImageContext, text: string, want: string[]]>([
    [
      'containers of every kind, in a template',
      builtin,
      'kind: CronJob\nspec: {jobTemplate: {spec: {template: {spec: {initContainers: [{name: i, image: busybox}], containers: [{name: c, image: "quay.io/a/b:1"}]}}}}}',
      [
        'confirmed docker.io/library/busybox spec.jobTemplate.spec.template.spec.initContainers[name=i].image',
        'confirmed quay.io/a/b:1 spec.jobTemplate.spec.template.spec.containers[name=c].image',
      ],
    ],
    [
      'an image volume',
      builtin,
      'spec:\n  containers: [{name: c, image: a}]\n  volumes: [{name: v, image: {reference: "quay.io/m:1"}}]',
      [
        'confirmed docker.io/library/a spec.containers[name=c].image',
        'confirmed quay.io/m:1 spec.volumes[name=v].image.reference',
      ],
    ],
    [
      'a pod spec inside a custom resource',
      { builtin: false },
      'spec: {podTemplate: {containers: [{name: c, image: "quay.io/a:1"}]}}',
      ['confirmed quay.io/a:1 spec.podTemplate.containers[name=c].image'],
    ],
    ['a field the CRD declares', custom, 'spec: {image: "quay.io/a:1"}', ['confirmed quay.io/a:1 spec.image']],
    ['… as a word', custom, 'spec: {image: ubuntu-22.04}', ['possible docker.io/library/ubuntu-22.04 spec.image']],
    // Operators pull what is under such a name, schema or not; leaving it would break a site without a way out.
    [
      'a whole reference of an unknown CRD',
      unknown,
      'spec: {image: "quay.io/a:1"}',
      ['confirmed quay.io/a:1 spec.image'],
    ],
    [
      'less than a whole reference of an unknown CRD',
      unknown,
      'spec: {image: "ceph/ceph:v15", other: {baseImage: a/b, image: word}}',
      ['possible docker.io/ceph/ceph:v15 spec.image', 'possible docker.io/a/b spec.other.baseImage'],
    ],
    [
      'where the CRD takes anything',
      custom,
      'spec: {open: {image: "quay.io/a:1", proxyImage: "b:1"}}',
      ['confirmed quay.io/a:1 spec.open.image', 'possible docker.io/library/b:1 spec.open.proxyImage'],
    ],
    [
      'where the CRD has no such field',
      custom,
      'spec: {other: {image: "quay.io/a:1"}}',
      ['possible quay.io/a:1 spec.other.image'],
    ],
    [
      'any text of a custom resource',
      unknown,
      `spec: {overrides: {webhook: "quay.io/a:1", x: ["quay.io/b@${digest}", y]}}`,
      ['possible quay.io/a:1 spec.overrides.webhook', `possible quay.io/b@${digest} spec.overrides.x[0]`],
    ],
    [
      'containers outside of pod specs',
      unknown,
      'spec: {templates: [{name: t, container: {image: "alpine:3", command: [sh]}}, {name: s, script: {image: alpine, source: x, env: []}}]}',
      [
        'confirmed docker.io/library/alpine:3 spec.templates[name=t].container.image',
        'confirmed docker.io/library/alpine spec.templates[name=s].script.image',
      ],
    ],
    [
      'containers without a name',
      unknown,
      'spec: {template: {spec: {containers: [{image: "a:1"}]}}}',
      ['confirmed docker.io/library/a:1 spec.template.spec.containers[0].image'],
    ],
    ["Istio's word for its own image", builtin, 'spec: {containers: [{name: istio-proxy, image: auto}]}', []],
    [
      'what is no reference',
      builtin,
      'spec: {containers: [{name: c, image: "${REGISTRY}/a:1"}, {name: d, image: ""}]}',
      ['invalid ${REGISTRY}/a:1 spec.containers[name=c].image'],
    ],
    ['… in a custom resource', custom, 'spec: {image: "${REGISTRY}/a:1"}', ['invalid ${REGISTRY}/a:1 spec.image']],
    [
      'repository and tag',
      custom,
      'spec: {agent: {repository: quay.io/a, tag: "1.2"}}',
      ['confirmed quay.io/a:1.2 spec.agent.{repository,tag}'],
    ],
    [
      'registry, repository and digest',
      { builtin: false },
      `spec: {image: {registry: quay.io, repository: a/b, tag: "1", digest: "${digest}"}}`,
      [`confirmed quay.io/a/b:1@${digest} spec.image.{registry,repository,tag,digest}`],
    ],
    [
      'a repository that may be one of git',
      unknown,
      'spec: {repository: org/app, tag: v1.0.0, more: {repository: github.com/o/r, tag: v1.0.0}}',
      [
        'possible docker.io/org/app:v1.0.0 spec.{repository,tag}',
        'possible github.com/o/r:v1.0.0 spec.more.{repository,tag}',
      ],
    ],
    [
      'an image and its version',
      unknown,
      'spec: {image: quay.io/argoproj/argocd, version: v2.9.0, dex: {image: "quay.io/dex:v1", version: x}, ui: {image_name: quay.io/k, image_version: v1}}',
      [
        'confirmed quay.io/argoproj/argocd:v2.9.0 spec.{image,version}',
        'confirmed quay.io/dex:v1 spec.dex.image',
        'confirmed quay.io/k:v1 spec.ui.{image_name,image_version}',
      ],
    ],
    [
      'a version that is a word',
      unknown,
      'spec: {image_name: quay.io/k, image_version: operator_version}',
      ['possible quay.io/k spec.image_name'],
    ],
    [
      'a name below an image',
      unknown,
      'spec: {image: {name: quay.io/k, tag: "1"}}',
      ['confirmed quay.io/k:1 spec.image.{name,tag}'],
    ],
    [
      'arguments',
      builtin,
      'spec: {containers: [{name: c, image: a, args: ["--reloader=quay.io/r/s:v1.2", "--listen=0.0.0.0:8080", "http://x.example.com/a:1"]}]}',
      [
        'confirmed docker.io/library/a spec.containers[name=c].image',
        'possible quay.io/r/s:v1.2 spec.containers[name=c].args[0]',
      ],
    ],
    [
      'environment',
      builtin,
      'spec: {containers: [{name: c, image: a, env: [{name: SIDECAR, value: "quay.io/r/s:1"}]}]}',
      [
        'confirmed docker.io/library/a spec.containers[name=c].image',
        'possible quay.io/r/s:1 spec.containers[name=c].env[name=SIDECAR].value',
      ],
    ],
    [
      'a flag and its value apart',
      builtin,
      pod('args: [--engine-image, "engine:1.6", --pull, "x:1"]'),
      [own, 'possible docker.io/library/engine:1.6 spec.containers[name=c].args[1]'],
    ],
    [
      'a flag that says image',
      builtin,
      pod('args: [--base-image=quay.io/p/p, --image-size=10/20, --x=quay.io/p/p]'),
      [own, 'possible quay.io/p/p spec.containers[name=c].args[0]'],
    ],
    [
      'a variable that says image',
      builtin,
      pod(
        'env: [{name: RELATED_IMAGE_DB, value: "db:9"}, {name: IMAGE_PULL_POLICY, value: Always}, {name: X, value: "db:9"}]',
      ),
      [own, 'possible docker.io/library/db:9 spec.containers[name=c].env[name=RELATED_IMAGE_DB].value'],
    ],
    [
      'an annotation',
      builtin,
      'metadata: {annotations: {sidecar.example.com/proxyImage: quay.io/p/p, y: z/a}}',
      ['possible quay.io/p/p metadata.annotations.sidecar.example.com/proxyImage'],
    ],
    [
      'a ConfigMap',
      builtin,
      configMap('image: "quay.io/r/s:1"\nurl: http://quay.io/x:1'),
      ['possible quay.io/r/s:1 data.x'],
    ],
    [
      'JSON in a ConfigMap',
      builtin,
      configMap('{"image" : "kserve/explainer", "defaultImageVersion": "v0.16", "image":"kserve/agent:v1"}'),
      ['possible docker.io/kserve/explainer data.x', 'possible docker.io/kserve/agent:v1 data.x'],
    ],
    [
      'a short name after image:',
      builtin,
      configMap('configReloaderImage: nats:2.8\nimage: busybox\nbackground-image: url(x/y.png)\nimage: img/logo.png'),
      ['possible docker.io/library/nats:2.8 data.x'],
    ],
    [
      'no services, ports, templates and schemes',
      builtin,
      configMap(
        'a: ns/mariadb:3306\nb: quay.io/{{x}}/a:1\nc: ${R}:5000/a/b:v1\nd: git@example.com/a:1\ne: app.kubernetes.io/name\nf: foo/bar:baz',
      ),
      [],
    ],
    [
      'docker:// and oci://, which kubelets and KServe pull from',
      builtin,
      configMap('copy docker://quay.io/a/b:1 oci://quay.io/models/x:1 oci://quay.io/charts https://quay.io/a/c:1'),
      ['possible quay.io/a/b:1 data.x', 'possible quay.io/models/x:1 data.x'],
    ],
    [
      'no example of a ConfigMap',
      builtin,
      'data: {_example: "image: quay.io/a/b:1", x: "quay.io/a/c:1"}',
      ['possible quay.io/a/c:1 data.x'],
    ],
    ['nothing in a Secret', builtin, 'kind: Secret\ndata: {a: cXVheS5pby9hL2I6MQ==}', []],
    [
      'not a chart with a repository',
      custom,
      'spec: {chart: {repository: example.com/x, chart: a, version: 1.2.3}}',
      [],
    ],
  ])('%s', (_, context, text, want) => {
    expect(list(text, context)).toEqual(want)
  })
})

test.each<[name: string, decisions: Partial<ImageDecisions>, want: string[]]>([
  ['none', {}, ['possible quay.io/a:1 data.a', 'possible quay.io/b:1 data.b', 'possible docker.io/o/c:1.0 data.c']],
  [
    'confirm',
    { confirm: ['quay.io/*'], refuse: ['o/*'] },
    ['confirmed quay.io/a:1 data.a', 'confirmed quay.io/b:1 data.b'],
  ],
  [
    'refuse goes first',
    { confirm: ['*'], refuse: ['*/b:1', '*.io/a:?'] },
    ['confirmed quay.io/a:1 data.a', 'confirmed docker.io/o/c:1.0 data.c'],
  ],
  ['by the full name', { refuse: ['docker.io/o/c:1.0', 'quay.io/*'] }, []],
  [
    'a dot is a dot',
    { refuse: ['quayxio/*', 'o/c:1x0'] },
    ['possible quay.io/a:1 data.a', 'possible quay.io/b:1 data.b', 'possible docker.io/o/c:1.0 data.c'],
  ],
])('decisions: %s', (_, decisions, want) => {
  expect(list('kind: ConfigMap\ndata: {a: "quay.io/a:1", b: "quay.io/b:1", c: "o/c:1.0"}', builtin, decisions)).toEqual(
    want,
  )
})

test('a pattern may leave docker.io and library/ out, as people do', () => {
  const text = 'kind: ConfigMap\ndata: {a: "docker.io/library/busybox:1", b: "docker.io/o/c:1"}'
  expect(list(text, builtin, { refuse: ['busybox:*', 'o/*'] })).toEqual([])
})

test('what is refused is no image of a container either', () => {
  expect(list(pod('command: [sh]'), builtin, { refuse: ['a'] })).toEqual([])
})

const mirrors = {
  'docker.io': 'm:5/hub',
  'quay.io/a': 'm:5/qa',
  'https://charts.example.com': 'https://mirror.local/charts',
}

test.each<[from: string, to: string | undefined]>([
  ['nginx:1', 'm:5/hub/library/nginx:1'],
  ['quay.io/a/b:1', 'm:5/qa/b:1'],
  ['quay.io/ab/c:1', undefined],
  ['m:5/hub/library/nginx:1', 'm:5/hub/library/nginx:1'],
])('%s moves to %s', (from, to) => {
  const moved = relocated(parseReference(from), mirrors)
  expect(moved && formatReference(moved)).toBe(to)
})

/** Rewrites every image of a custom resource that takes anything; gives the object, and its text if that can be edited. */
function rewrite(text: string, pin: boolean): { object: string; text: string | undefined } {
  const node = object(text)
  const { images } = findImages(node, unknown, imageDecider({ confirm: ['*'], refuse: [] }))
  const edits = rewriteImages(images, ({ reference }) => {
    const to = relocated(reference, mirrors)
    return to === undefined ? undefined : { ...to, digest: pin ? digest : to.digest }
  })
  return {
    object: stringifyNode(node, { dialect: 'sigs', sortKeys: false, width: Number.POSITIVE_INFINITY }),
    text: rewriteText(text, edits),
  }
}

// What is written is canonical already, so object and edited text must be the same.
test.each<[name: string, from: string, moved: string, pinned: string]>([
  ['a field', 'image: quay.io/a/x:1\n', 'image: m:5/qa/x:1\n', 'image: m:5/qa/x:1@DIGEST\n'],
  ['a field with a digest', 'image: quay.io/a/x@DIGEST\n', 'image: m:5/qa/x@DIGEST\n', 'image: m:5/qa/x@DIGEST\n'],
  [
    'a short name',
    'containers:\n- image: nginx\n',
    'containers:\n- image: m:5/hub/library/nginx\n',
    'containers:\n- image: m:5/hub/library/nginx@DIGEST\n',
  ],
  [
    'repository and tag',
    'image:\n  repository: quay.io/a/y\n  tag: "1"\n',
    'image:\n  repository: m:5/qa/y\n  tag: "1"\n',
    'image:\n  repository: m:5/qa/y\n  tag: 1@DIGEST\n',
  ],
  [
    'registry and digest',
    'image:\n  registry: quay.io\n  repository: a/z\n  tag: "1"\n  digest: ""\n',
    'image:\n  registry: m:5\n  repository: qa/z\n  tag: "1"\n  digest: ""\n',
    'image:\n  registry: m:5\n  repository: qa/z\n  tag: "1"\n  digest: DIGEST\n',
  ],
  [
    'sha',
    'image:\n  repository: quay.io/a/z\n  sha: ""\n  tag: v1\n',
    'image:\n  repository: m:5/qa/z\n  sha: ""\n  tag: v1\n',
    'image:\n  repository: m:5/qa/z\n  sha: SUM\n  tag: v1\n',
  ],
  // A version is for the operator to read: nothing can be added to it.
  [
    'a version',
    'image: quay.io/a/z\nversion: v1.0.0\n',
    'image: m:5/qa/z\nversion: v1.0.0\n',
    'image: m:5/qa/z\nversion: v1.0.0\n',
  ],
  [
    'several in one text',
    'args:\n- --w=quay.io/a/w:1 -v quay.io/a/w:11,quay.io/a/w:1\n',
    'args:\n- --w=m:5/qa/w:1 -v m:5/qa/w:11,m:5/qa/w:1\n',
    'args:\n- --w=m:5/qa/w:1@DIGEST -v m:5/qa/w:11@DIGEST,m:5/qa/w:1@DIGEST\n',
  ],
  [
    'a text of lines',
    'conf: |\n  # quay.io/a/w:1\n  a: quay.io/a/w:1\n  b: quay.io/ab/w:1\n',
    'conf: |\n  # m:5/qa/w:1\n  a: m:5/qa/w:1\n  b: quay.io/ab/w:1\n',
    'conf: |\n  # m:5/qa/w:1@DIGEST\n  a: m:5/qa/w:1@DIGEST\n  b: quay.io/ab/w:1\n',
  ],
])('rewrites %s', (_, from, moved, pinned) => {
  const fill = (text: string): string => text.replaceAll('DIGEST', digest).replaceAll('SUM', digest.slice(7))
  const plain = rewrite(fill(from), false)
  expect(plain.object).toBe(fill(moved))
  expect(plain.text).toBe(fill(moved))
  const withDigest = rewrite(fill(from), true)
  expect(withDigest.object).toBe(fill(pinned))
  expect(withDigest.text?.replace(/"([^"]+)"/g, (all, inner: string) => (inner.length > 1 ? inner : all))).toBe(
    fill(pinned),
  )
})

test.each<[name: string, from: string, to: string]>([
  [
    'comments, quotes and order stay',
    '# quay.io/a/x:1\nimage: "quay.io/a/x:1" # quay.io/a/x:1\nb:   {c: 1}\n',
    '# quay.io/a/x:1\nimage: "m:5/qa/x:1" # quay.io/a/x:1\nb:   {c: 1}\n',
  ],
  [
    'an alias is edited once, at its anchor',
    'a: &x {image: quay.io/a/x:1}\nb: *x\n',
    'a: &x {image: m:5/qa/x:1}\nb: *x\n',
  ],
  ['single quotes', "image: 'quay.io/a/x:1'\r\n", "image: 'm:5/qa/x:1'\r\n"],
  ['a text folded over lines', 'conf: a\n  quay.io/a/x:1\n  b\n', 'conf: a\n  m:5/qa/x:1\n  b\n'],
])('edits texts: %s', (_, from, to) => {
  expect(rewrite(from, false).text).toBe(to)
})

test('a reference that is written with escapes cannot be edited in its text', () => {
  expect(rewrite('image: "quay.io\\x2fa/x:1"\n', false)).toEqual({ object: 'image: m:5/qa/x:1\n', text: undefined })
})

test('what can hold a digest', () => {
  const [split, whole] = findImages(
    object('a: {image: quay.io/a, version: v1}\nimage: quay.io/b:1'),
    unknown,
    (_text, _reference, certainty) => certainty,
  ).images
  expect(split && canPin(split)).toBe(false)
  expect(whole && canPin(whole)).toBe(true)
})

test('ten thousand images of one text move in a moment', () => {
  const text = `args:\n- "${Array.from({ length: 10_000 }, (_, i) => `quay.io/a/x:v${i}`).join(' ')}"\n`
  const begun = performance.now()
  expect(rewrite(text, false).text).toBe(text.replaceAll('quay.io/a', 'm:5/qa'))
  expect(performance.now() - begun).toBeLessThan(10_000)
}, 20_000)

test.each<[name: string, unit: string]>([
  ['words', 'a '],
  ['one word', 'a'],
  ['paths', 'a/'],
  ['names without an end', 'image:'],
  ['flags', '-image='],
  ['dots', 'a.'],
  ['dashes', 'a-'],
  ['underscores', 'a__'],
  ['at signs', 'quay.io/a:1@'],
  ['blanks', 'image   '],
  ['images', 'quay.io/a:1 '],
])(
  'a megabyte of %s is searched in a moment',
  (_, unit) => {
    const text = `${unit.repeat(Math.ceil(1e6 / unit.length))}!`
    const begun = performance.now()
    imageTexts(text.slice(-1e6))
    expect(performance.now() - begun).toBeLessThan(10_000)
  },
  20_000,
)
