import { describe, expect, test } from 'vitest'
import { findImages, type ImageContext, imageName } from '../../src/bundle/images.ts'
import { formatReference, parseReference } from '../../src/bundle/reference.ts'
import { relocated, rewriteImages } from '../../src/bundle/relocate.ts'
import type { YamlMap } from '../../src/yaml/node.ts'
import { parseNode } from '../../src/yaml/parse.ts'
import { stringifyNode } from '../../src/yaml/stringify.ts'

const none = { confirm: [], refuse: [] }
const builtin: ImageContext = { builtin: true }
const custom: ImageContext = {
  builtin: false,
  declares: path => (['spec.image', 'spec.agent.repository'].includes(path.join('.')) ? 'text' : 'other'),
}
const object = (text: string): YamlMap => parseNode(text, { file: 'x.yaml' }) as YamlMap
const digest = `sha256:${'b'.repeat(64)}`

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
    [
      'a field of an unknown CRD',
      { builtin: false },
      'spec: {image: "quay.io/a:1"}',
      ['possible quay.io/a:1 spec.image'],
    ],
    ['no image where the CRD has no such field', custom, 'spec: {other: {image: "quay.io/a:1"}}', []],
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
      [`confirmed quay.io/a/b:1@${digest} spec.image.{repository,tag}`],
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
      'a ConfigMap',
      builtin,
      'kind: ConfigMap\ndata:\n  x.yaml: |\n    image: "quay.io/r/s:1"\n    url: http://quay.io/x:1\n',
      ['possible quay.io/r/s:1 data.x.yaml'],
    ],
    [
      'not a chart with a repository',
      custom,
      'spec: {chart: {repository: example.com/x, chart: a, version: 1.2.3}}',
      [],
    ],
  ])('%s', (_, context, text, want) => {
    expect(findImages(object(text), context, none).map(i => `${i.certainty} ${imageName(i)} ${i.path}`)).toEqual(want)
  })
})

test('decisions confirm and refuse', () => {
  const text = 'kind: ConfigMap\ndata: {a: "quay.io/a:1", b: "quay.io/b:1", c: "quay.io/c:1"}'
  const found = findImages(object(text), builtin, { confirm: ['quay.io/a:*'], refuse: ['*/b:1'] })
  expect(found.map(i => `${i.certainty} ${imageName(i)}`)).toEqual(['confirmed quay.io/a:1', 'possible quay.io/c:1'])
})

const mirrors = {
  'docker.io': 'mirror.local:5000/hub',
  'quay.io/a': 'mirror.local:5000/quay-a',
  'https://charts.example.com': 'https://mirror.local/charts',
}

test.each<[from: string, to: string | undefined]>([
  ['nginx:1', 'mirror.local:5000/hub/library/nginx:1'],
  ['quay.io/a/b:1', 'mirror.local:5000/quay-a/b:1'],
  ['quay.io/ab/c:1', undefined],
  ['mirror.local:5000/hub/library/nginx:1', 'mirror.local:5000/hub/library/nginx:1'],
])('%s moves to %s', (from, to) => {
  const moved = relocated(parseReference(from), mirrors)
  expect(moved && formatReference(moved)).toBe(to)
})

test('rewrites every form, with the digest', () => {
  const node = object(
    'spec:\n  image: quay.io/a/x:1\n  sidecar: {image: {repository: quay.io/a/y, tag: "1"}}\n  full: {image: {registry: quay.io, repository: a/z, tag: "1", digest: ""}}\n  args: ["--w=quay.io/a/w:1 -v quay.io/a/v:22"]\n',
  )
  const found = findImages(node, { builtin: false, declares: () => 'text' }, { confirm: ['*'], refuse: [] })
  rewriteImages(found, image => ({ ...relocated(image.reference, mirrors)!, digest }))
  expect(stringifyNode(node, { dialect: 'sigs', sortKeys: false, width: Number.POSITIVE_INFINITY })).toBe(
    `spec:\n  image: mirror.local:5000/quay-a/x:1@${digest}\n  sidecar:\n    image:\n      repository: mirror.local:5000/quay-a/y\n      tag: 1@${digest}\n  full:\n    image:\n      registry: mirror.local:5000\n      repository: quay-a/z\n      tag: "1"\n      digest: ${digest}\n  args:\n  - --w=mirror.local:5000/quay-a/w:1@${digest} -v mirror.local:5000/quay-a/v:22@${digest}\n`,
  )
})
