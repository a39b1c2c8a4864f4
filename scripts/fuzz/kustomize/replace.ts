/** Replacements: sources of every type, targets by path with brackets, indexes, wildcards, delimiters and create. */

import type { Random } from '../random.ts'
import type { Files } from './files.ts'
import { flow, scalar, Token, type TreeMap } from './yaml-text.ts'

const goodPaths = [
  'data.a',
  'data.list',
  'data.list.0',
  'data.list.1',
  'data.list.*',
  'spec.containers.[name=web].image',
  'spec.containers.[name=w].image',
  'spec.containers.*.image',
  'spec.containers.0.args.0',
  'spec.containers.[name=web].env.[name=E].value',
  'metadata.labels.app',
  'metadata.annotations.[a.b/c]',
  'metadata.annotations.a\\.b/c',
  'data.map',
  'data.map.m',
  'data',
  'data.text',
  'data.dash',
  'spec.containers',
]
const otherPaths = [
  'data.new',
  'data.list.3',
  'data.list.9',
  'data.list.[=foo]',
  'data.list.[=new]',
  'spec.containers.[name=none].image',
  'spec.containers.*.args.0',
  'spec.containers.0.args.2',
  'spec.containers.[name=^web$].env.[name=E].value',
  'spec.deep.er.still',
  'spec.list.0.x',
  'metadata.name',
  'metadata.namespace',
  'data.text.x',
  'data.json.x',
  'data.json.list.0',
  'data.json.y.z',
  'data.json.new.er',
  'data.yaml\\.txt.k',
  'data.yaml\\.txt.list.1',
  'data.yaml\\.txt.new',
  'data.empty',
  'data.empty.k',
  'data.a.b.c',
]
const sources = [
  'data.a',
  'data.list',
  'data.map',
  'data.map.m',
  'metadata.name',
  'data.list.0',
  'data.nope',
  'spec.containers.[name=web].image',
  'data.empty',
  'data.dash',
  'spec.containers.[name=web]',
]

function object(random: Random, name: string): string {
  const data: TreeMap = {
    a: scalar(random),
    dash: 'one-two-three',
    list: [scalar(random), 'foo', 'bar'],
    map: { m: scalar(random), n: ['x'] },
    text: 'hello',
    json: random.pick(['\'{"x": 1, "list": ["a", 2.5], "y": {"z": "<q>"}}\'', '"{\\n  \\"x\\": true\\n}"', "'[]'"]),
    'yaml.txt': random.pick([
      '"k: v\\nlist:\\n- a\\n- b: c\\n  d: \'5\'\\n"',
      '"k: {a: 1}\\nlist: [1, \\"2\\"]"',
      '"- 1"',
    ]),
    empty: random.pick(['""', 'null', '{}', '[]', '']),
  }
  const containers = [
    {
      name: random.pick(['web', '"web"']),
      image: 'nginx:1.0',
      args: ['a', 'b'],
      env: [{ name: 'E', value: scalar(random) }],
    },
    { name: 'webhook', image: 'hook', args: [] },
  ]
  const annotations = { 'a.b/c': 'x', keep: '"1"' }
  return `---\n${flow({ apiVersion: 'v1', kind: random.pick(['ConfigMap', 'Widget']), metadata: { name, labels: { app: name }, annotations }, data, spec: { containers } })}\n`
}

export function replaceCase(random: Random): Files {
  const option = (): TreeMap | undefined => {
    const out: TreeMap = {}
    if (random.chance(0.45)) out['create'] = 'true'
    if (random.chance(0.15)) {
      out['delimiter'] = random.pick(["'-'", "':'", "'.'"])
      out['index'] = random.pick(['0', '1', '2', '-1', '7'])
    }
    return Object.keys(out).length === 0 ? undefined : out
  }
  const count = 1 + random.below(3)
  const replacements = Array.from({ length: count }, () => {
    const targets = Array.from({ length: 1 + random.below(2) }, () => ({
      select: random.pick<TreeMap>([
        { name: 'two' },
        { name: 't.*' },
        { kind: 'ConfigMap' },
        { labelSelector: 'app=two' },
        { name: 'two|three', version: 'v1' },
        { name: 'nobody' },
      ]),
      reject: random.chance(0.2)
        ? [random.pick<TreeMap>([{ name: 'three' }, { labelSelector: 'app=two' }, { kind: 'W.*' }])]
        : undefined,
      fieldPaths: random.chance(0.95)
        ? Array.from(
            { length: 1 + random.below(2) },
            () => new Token(`'${random.pick(random.chance(0.75) ? goodPaths : otherPaths)}'`),
          )
        : undefined,
      options: option(),
    }))
    const sourceOptions = option()
    if (sourceOptions !== undefined) delete sourceOptions['create']
    const source = {
      name: random.pick(['one', 'two', 'one', 'two', 'one', 'two', 'one', 'o']),
      fieldPath: `'${random.pick(sources)}'`,
      options: sourceOptions,
    }
    return random.chance(0.9) ? { source, targets } : { sourceValue: '"5"', targets }
  })
  const prefix = random.chance(0.2) ? 'namePrefix: p-\n' : ''
  return {
    'kustomization.yaml': `resources: [all.yaml]\n${prefix}replacements:\n${replacements.map(r => `- ${flow(r)}\n`).join('')}`,
    'all.yaml': ['one', 'two', 'three'].map(name => object(random, name)).join(''),
  }
}
