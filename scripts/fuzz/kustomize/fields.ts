/** Kustomization files as people get them wrong: types, spellings, nulls, fields of long ago, entries that are missing. */

import type { Random } from '../random.ts'
import type { Files } from './files.ts'

const names = [
  'resources',
  'bases',
  'components',
  'crds',
  'configurations',
  'openapi',
  'namePrefix',
  'nameSuffix',
  'namespace',
  'commonLabels',
  'commonAnnotations',
  'labels',
  'images',
  'imageTags',
  'replicas',
  'patches',
  'patchesStrategicMerge',
  'patchesJson6902',
  'configMapGenerator',
  'secretGenerator',
  'generatorOptions',
  'replacements',
  'vars',
  'generators',
  'transformers',
  'validators',
  'sortOptions',
  'buildMetadata',
  'metadata',
  'inventory',
  'nope',
  'apiVersion',
  'kind',
]

/** Values that are hardly ever right. */
const wrong = [
  'null',
  '""',
  '5',
  'true',
  'text',
  '[]',
  '{}',
  '[5]',
  '[text]',
  '[null]',
  '[[]]',
  '[{}]',
  '{a: b}',
  '{a: 1}',
  '{a: yes}',
  '[{name: x}]',
  '[{nope: x}]',
  '[{path: gone.yaml}]',
  '[gone.yaml]',
  '[a.yaml, a.yaml]',
  '["a.yaml ", ./a.yaml]',
  '[""]',
  '[.]',
  '[..]',
  '{path: gone.yaml}',
  '[{name: x, newTag: 5}]',
  '[{name: x, count: text}]',
  '[{name: x, count: -1}]',
  '[{name: x, literals: [novalue]}]',
  '[{name: x, literals: "a=b"}]',
  '[{name: x, files: [gone]}]',
  '[{name: x, envs: [gone]}]',
  '[{name: x, behavior: nope, literals: [a=b]}]',
  '[{literals: [a=b]}]',
  '[{target: {kind: ConfigMap}}]',
  '[{patch: ""}]',
  '[{patch: "a: b"}]',
  '[{patch: "[]", target: {kind: ConfigMap}}]',
  '[{path: a.yaml, patch: x}]',
  '[{patch: "- op: remove\\n  path: /data"}]',
  '[{patch: "- op: remove\\n  path: /data", target: {kind: ConfigMap, name: a, version: v1}}]',
  '[{patch: "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {z: z}}", target: {name: "["}}]',
  '[{patch: "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {z: z}}", target: {labelSelector: "a in b"}}]',
  '[{patch: "{apiVersion: v1, kind: ConfigMap, metadata: {name: gone}}"}]',
  '[{pairs: {a: b}, nope: 1}]',
  '[{pairs: {a: b}, includeSelectors: true, fields: [{path: x/y, create: true}]}]',
  '[{pairs: {a: 5}}]',
  '[{pairs: {a: b}, fields: [{path: ""}]}]',
  '{order: nope}',
  '{order: fifo, legacySortOptions: {orderFirst: [ConfigMap]}}',
  '{order: legacy, legacySortOptions: {}}',
  '{legacySortOptions: {orderFirst: [ConfigMap]}}',
  '[nope]',
  '[originAnnotations]',
  '[managedByLabel]',
  '{disableNameSuffixHash: "true"}',
  '{disableNameSuffixHash: true, labels: {a: b}}',
  '{labels: {a: 5}}',
  '{version: v1.0.0}',
  '{version: v1.21.2}',
  '{path: a.yaml, version: v1.21.2}',
  '{path: a.yaml}',
  '[{source: {kind: ConfigMap}, targets: []}]',
  '[{source: {kind: ConfigMap}}]',
  '[{source: {kind: Gone}, targets: [{select: {kind: ConfigMap}}]}]',
  '[{source: {kind: ConfigMap, name: a}, targets: [{fieldPaths: [data.x]}]}]',
  '[{source: {kind: ConfigMap, name: a}, sourceValue: x, targets: [{select: {kind: ConfigMap}}]}]',
  '[{sourceValue: 5, targets: [{select: {kind: ConfigMap}}]}]',
  '[{targets: [{select: {kind: ConfigMap}}]}]',
  '[{path: a.yaml, source: {kind: ConfigMap}}]',
  '[{source: {kind: ConfigMap, name: a, fieldPath: data.gone}, targets: [{select: {kind: ConfigMap}}]}]',
  '[{name: V, objref: {kind: ConfigMap, name: a, apiVersion: v1}}]',
  '[{name: V, objref: {kind: Gone, name: a, apiVersion: v1}}]',
  '[{name: V}]',
  '[{objref: {kind: ConfigMap, name: a}}]',
  'v1',
  'kustomize.config.k8s.io/v1beta1',
  'kustomize.config.k8s.io/v1alpha1',
  'Kustomization',
  'Component',
  '"{apiVersion: builtin, kind: PrefixTransformer, metadata: {name: t}, prefix: x-, fieldSpecs: [{path: metadata/name}]}"',
  '["{apiVersion: builtin, kind: PrefixTransformer, metadata: {name: t}, prefix: x-, fieldSpecs: [{path: metadata/name}]}"]',
  '["{apiVersion: builtin, kind: PrefixTransformer, metadata: {name: t}, prefix: x-}"]',
  '["{apiVersion: builtin, kind: Nope, metadata: {name: t}}"]',
  '["{apiVersion: example.com/v1, kind: Nope, metadata: {name: t}}"]',
  '["{apiVersion: builtin, kind: ConfigMapGenerator, metadata: {name: g}, literals: [a=b]}"]',
  '["{kind: x"]',
]

const spelled = (random: Random, name: string): string =>
  random.chance(0.9) ? name : random.pick([name.toLowerCase(), name.toUpperCase(), `${name}s`, `"${name}"`, ` ${name}`])

export function fieldsCase(random: Random): Files {
  const lines: string[] = []
  if (random.chance(0.85)) lines.push('resources: [a.yaml]\n')
  for (let i = 0; i <= random.below(2); i++) {
    lines.push(`${spelled(random, random.pick(names))}: ${random.pick(wrong)}\n`)
  }
  if (random.chance(0.1)) lines.reverse()
  let text = lines.join('')
  if (random.chance(0.03))
    text = random.pick([
      '',
      '---\n',
      '# nothing\n',
      'kind: Kustomization\n',
      '[]\n',
      'text\n',
      `${text}---\nmore: x\n`,
      `${text}\tx\n`,
    ])
  const name = random.chance(0.95) ? 'kustomization.yaml' : random.pick(['kustomization.yml', 'Kustomization'])
  const files: Record<string, string> = {
    'a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata: {k: v}\n',
  }
  if (random.chance(0.2)) {
    files[`base/${name}`] = text
    files['base/a.yaml'] = files['a.yaml']!
    files['overlay/kustomization.yaml'] = random.pick([
      'resources: [../base]\n',
      'components: [../base]\n',
      'bases: [../base]\nnamePrefix: p-\n',
      'resources: [../base, ../base]\n',
    ])
  } else {
    files[name] = text
    if (random.chance(0.02)) files['Kustomization'] = text
  }
  return files
}
