import { expect, test } from 'vitest'
import { diffObjects } from '../../src/render/diff.ts'
import { maskSecrets } from '../../src/render/mask.ts'
import { changedObjects } from '../../src/render/objects.ts'

const files = (of: Record<string, string>): Map<string, Uint8Array> =>
  new Map(Object.entries(of).map(([path, text]) => [path, Buffer.from(text)]))
const shown = (before: Record<string, string>, after: Record<string, string>): string[] => {
  const { before: old, after: now, formOnly } = changedObjects('s', files(before), files(after), 'old')
  const line = (mark: string) => (o: { group: string; app: string; path: string }) =>
    `${mark} ${o.group}|${o.app}|${o.path}`
  return [...old.map(line('-')), ...now.map(line('+')), ...(formOnly > 0 ? [`form ${formOnly}`] : [])]
}

test.each<[name: string, before: Record<string, string>, after: Record<string, string>, want: string[]]>([
  ['equal files are not read', { 'g/a/x.yaml': ': [' }, { 'g/a/x.yaml': ': [' }, []],
  ['a change', { 'g/a/x.yaml': 'k: 1' }, { 'g/a/x.yaml': 'k: 2' }, ['- g|a|g/a/x.yaml', '+ g|a|g/a/x.yaml']],
  [
    'the order of keys, quotes and comments are form',
    { 'g/a/x.yaml': 'a: 1\nb: x' },
    { 'g/a/x.yaml': '# c\nb: "x"\na: 1' },
    ['form 1'],
  ],
  ['objects of Argo CD have no app', {}, { 'argocd/x.yaml': 'k: 1' }, ['+ argocd||argocd/x.yaml']],
  ['what is not YAML by its name is passed over', { 'g/a/notes.txt': 'x' }, {}, []],
  ['several documents', {}, { 'g/a/x.yaml': 'k: 1\n---\nk: 2' }, ['+ g|a|g/a/x.yaml', '+ g|a|g/a/x.yaml']],
])('%s', (_, before, after, want) => expect(shown(before, after)).toEqual(want))

test('an old file that is no YAML is named', () => {
  expect(() => shown({ 'g/a/x.yaml': 'a: [' }, { 'g/a/x.yaml': 'a: 1' })).toThrow(
    expect.objectContaining({ code: 'YAML_PARSE', at: expect.objectContaining({ file: 'old/s/g/a/x.yaml' }) }),
  )
})

test.each<[name: string, before: string, after: string, want: [string, unknown, unknown][]]>([
  ['values', 'data: {a: b25l}', 'data: {a: dHdv}', [['data.a', '***', '*** (changed)']]],
  ['a new key', 'stringData: {a: one}', 'stringData: {a: one, b: two}', [['stringData.b', undefined, '***']]],
  [
    'all of them',
    'x: 1',
    'x: 1\ndata: {a: one, b: null}',
    [
      [
        'data',
        undefined,
        new Map([
          ['a', '***'],
          ['b', null],
        ]),
      ],
    ],
  ],
  ['nothing else', 'type: Opaque', 'type: kubernetes.io/tls', [['type', 'Opaque', 'kubernetes.io/tls']]],
  [
    'what kubectl left',
    'metadata: {name: s, annotations: {kubectl.kubernetes.io/last-applied-configuration: one}}',
    'metadata: {name: s, annotations: {kubectl.kubernetes.io/last-applied-configuration: two}}',
    [['metadata.annotations.kubectl.kubernetes.io/last-applied-configuration', '***', '*** (changed)']],
  ],
])('a Secret: %s', (_, before, after, want) => {
  const head = (text: string): string =>
    `apiVersion: v1\nkind: Secret\n${text.includes('metadata') ? '' : 'metadata: {name: s}\n'}${text}\n`
  const changed = changedObjects(
    's',
    files({ 'g/a/s.yaml': head(before) }),
    files({ 'g/a/s.yaml': head(after) }),
    'old',
  )
  const [change] = maskSecrets(diffObjects(changed.before, changed.after))
  expect(change?.fields.map(f => [f.path.join('.'), f.before, f.after])).toEqual(want)
})

test('a kind of that name in another group is no Secret', () => {
  const of = (a: string): Record<string, string> => ({
    'g/a/s.yaml': `apiVersion: x.io/v1\nkind: Secret\nmetadata: {name: s}\ndata: {a: ${a}}\n`,
  })
  const changed = changedObjects('s', files(of('one')), files(of('two')), 'old')
  expect(maskSecrets(diffObjects(changed.before, changed.after))[0]?.fields[0]?.after).toBe('two')
})
