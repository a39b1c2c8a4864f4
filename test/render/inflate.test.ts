import { expect, test } from 'vitest'
import { inflateKustomization, valuesOf } from '../../src/render/inflate.ts'
import type { Release } from '../../src/site/releases.ts'
import type { Composition } from '../../src/site/values.ts'
import { memoryTree } from '../../src/tree.ts'
import type { YamlMap } from '../../src/yaml/node.ts'
import { parseNode } from '../../src/yaml/parse.ts'

function valuesFrom(text: string): unknown {
  const values = parseNode(text, { file: 'values.yaml', dialect: 'v3' }) as YamlMap
  return valuesOf({ values } as unknown as Release)
}

test.each<[name: string, text: string, want: [string, unknown][]]>([
  // decapod-base-yaml has `tcp: {8080: …}`: Helm reads values as JSON, whose keys are text
  [
    'integer keys are text',
    'tcp: {8080: a/b:80, -1: c}',
    [
      [
        'tcp',
        new Map([
          ['8080', 'a/b:80'],
          ['-1', 'c'],
        ]),
      ],
    ],
  ],
  [
    'keys that look like other types are text',
    '{1.5: a, true: b, null: c, ~: d}',
    [
      ['1.5', 'a'],
      ['true', 'b'],
      ['null', 'c'],
      ['~', 'd'],
    ],
  ],
  ['keys inside lists too', 'a: [{1: b}]', [['a', [new Map([['1', 'b']])]]]],
  ['plain yes stays text', 'a: yes', [['a', 'yes']]],
])('values: %s', (_, text, want) => expect(valuesFrom(text)).toEqual(new Map(want)))

test('components of a Flux Kustomization are relative to its path', () => {
  const tree = memoryTree({
    '/g/app/base/kustomization.yaml':
      'configMapGenerator: [{name: a, literals: [x=1], options: {disableNameSuffixHash: true}}]',
    '/g/app/parts/label/kustomization.yaml':
      'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\ncommonAnnotations: {from: component}',
  })
  const composition = { tree, fileOf: (path: string) => path } as unknown as Composition
  const fields = parseNode('components: [../parts/label]', { file: 'k.yaml', dialect: 'v3' }) as YamlMap
  const app = { app: 'app', path: './app/base', targetNamespace: 'ns', dependsOn: [], fields, at: undefined }
  const [object] = inflateKustomization(app, composition, '/g')
  const metadata = object!.node.get('metadata') as YamlMap
  expect((metadata.get('annotations') as YamlMap).get('from')).toMatchObject({ value: 'component' })
  expect(metadata.get('namespace')).toMatchObject({ value: 'ns' })
})
