import { describe, expect, test } from 'vitest'
import { checkDeletions, type DeletionRules, deletedObjects, parseBudget } from '../../src/render/deletions.ts'

const files = (of: Record<string, string>): Map<string, Uint8Array> =>
  new Map(Object.entries(of).map(([path, text]) => [path, Buffer.from(text)]))
const object = (kind: string, name: string, more = '', apiVersion = 'v1'): string =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: ${name}${more}}\n`

test.each<[name: string, before: Record<string, string>, after: Record<string, string>, want: string[]]>([
  ['nothing changes', { 'g/a/x.yaml': object('A', 'x') }, { 'g/a/x.yaml': object('A', 'x') }, []],
  ['a file goes', { 'g/a/x.yaml': object('A', 'x') }, {}, ['A x']],
  ['a field changes', { 'g/a/x.yaml': object('A', 'x') }, { 'g/a/x.yaml': object('A', 'x') + 'spec: 1\n' }, []],
  ['it moves to another app', { 'g/a/x.yaml': object('A', 'x') }, { 'g/b/x.yaml': object('A', 'x') }, []],
  ['another takes its file', { 'g/a/x.yaml': object('A', 'x') }, { 'g/a/x.yaml': object('A', 'y') }, ['A x']],
  [
    'another namespace is another object',
    { 'x.yaml': object('A', 'x', ', namespace: one') },
    { 'x.yaml': object('A', 'x', ', namespace: two') },
    ['A x'],
  ],
  // The API server converts between the versions of a group.
  [
    'another version is not',
    { 'x.yaml': object('A', 'x', '', 'apps/v1beta1') },
    { 'x.yaml': object('A', 'x', '', 'apps/v1') },
    [],
  ],
  [
    'another group is',
    { 'x.yaml': object('Ingress', 'x', '', 'extensions/v1beta1') },
    { 'x.yaml': object('Ingress', 'x', '', 'networking.k8s.io/v1') },
    ['Ingress x'],
  ],
  [
    'one of several in a file',
    { 'x.yaml': `${object('A', 'x')}---\n${object('A', 'y')}` },
    { 'x.yaml': object('A', 'y') },
    ['A x'],
  ],
  ['what is no object counts by its file', { 'notes.txt': ': [' }, {}, ['file notes.txt']],
  ['unless it stays', { 'notes.txt': ': [' }, { 'notes.txt': 'other: [' }, []],
])('%s', (_, before, after, want) => {
  expect(deletedObjects(files(before), files(after)).map(o => `${o.kind} ${o.name}`)).toEqual(want)
})

describe('checkDeletions', () => {
  const rules = (more: Partial<DeletionRules> = {}): DeletionRules => ({
    budget: { percent: 20 },
    protected: ['Namespace', 'Cluster.cluster.x-k8s.io'],
    allowed: [],
    ...more,
  })
  const gone = (n: number, kind = 'ConfigMap', apiVersion = 'v1'): ReturnType<typeof deletedObjects> =>
    Array.from({ length: n }, (_, i) => ({ apiVersion, kind, namespace: undefined, name: `o${i}`, path: `${i}.yaml` }))

  test.each<
    [name: string, deleted: ReturnType<typeof gone>, total: number, rules: DeletionRules, want: string | undefined]
  >([
    ['a fifth may go', gone(20), 100, rules(), undefined],
    ['more may not', gone(21), 100, rules(), 's: 21 of 100 objects would be deleted, and the budget is 20'],
    ['five of a small site may go', gone(5), 5, rules(), undefined],
    [
      'a count is exact, also for a small site',
      gone(2),
      5,
      rules({ budget: { count: 1 } }),
      's: 2 of 5 objects would be deleted, and the budget is 1',
    ],
    ['any', gone(100), 100, rules({ budget: 'any' }), undefined],
    [
      'a protected kind',
      gone(1, 'Namespace'),
      100,
      rules(),
      's: an object of a protected kind would be deleted: Namespace',
    ],
    ['named', gone(1, 'Namespace'), 100, rules({ allowed: ['Namespace'] }), undefined],
    ['all named', gone(1, 'Namespace'), 100, rules({ allowed: ['*'] }), undefined],
    [
      'by its group',
      gone(2, 'Cluster', 'cluster.x-k8s.io/v1beta1'),
      100,
      rules(),
      's: 2 objects of a protected kind would be deleted: Cluster',
    ],
    ['of another group', gone(2, 'Cluster', 'example.com/v1'), 100, rules(), undefined],
    [
      'both at once',
      gone(21, 'Namespace'),
      100,
      rules(),
      's: 21 of 100 objects would be deleted, and the budget is 20; 21 objects of a protected kind would be deleted: Namespace',
    ],
  ])('%s', (_, deleted, total, given, want) => {
    expect(checkDeletions('s', deleted, total, given)?.message).toBe(want)
  })

  test('the hint holds the words that allow it', () => {
    expect(checkDeletions('s', gone(21, 'Namespace'), 100, rules())?.hint).toContain(
      '--allow-deletions 21 --allow-deletion-of Namespace',
    )
  })
})

test.each<[text: string, want: ReturnType<typeof parseBudget>]>([
  ['12', { count: 12 }],
  ['0', { count: 0 }],
  ['20%', { percent: 20 }],
  ['100%', { percent: 100 }],
  ['101%', undefined],
  ['all', 'any'],
  ['-1', undefined],
  ['', undefined],
  ['1e3', undefined],
])('parseBudget %j', (text, want) => expect(parseBudget(text)).toEqual(want))
