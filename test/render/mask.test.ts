import { expect, test } from 'vitest'
import type { RenderedObject } from '../../src/render/change.ts'
import { diffObjects } from '../../src/render/diff.ts'
import { diffToJson, formatDiff, formatDiffMarkdown } from '../../src/render/diff-format.ts'
import { maskSecrets } from '../../src/render/mask.ts'
import { parseValues } from '../../src/yaml/values.ts'

function secret(name: string, fields: object, namespace = 'n'): RenderedObject {
  const object = { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, ...fields }
  const [value] = parseValues(JSON.stringify(object), { file: 'x.json' })
  return { site: 'site-x', group: 'g', app: 'a', path: 'x.yaml', value: value as RenderedObject['value'] }
}

const kubectl = 'kubectl.kubernetes.io/last-applied-configuration'

test.each<[name: string, before: RenderedObject[], after: RenderedObject[], want: string[]]>([
  [
    'a value that changed',
    [secret('s', { data: { a: 'planted', b: 'same' } })],
    [secret('s', { data: { a: 'planted2', b: 'same' } })],
    ['data.a: "***" → "*** (changed)"'],
  ],
  ['one that is new', [secret('s', {})], [secret('s', { stringData: { a: 'planted' } })], ['stringData', 'a: "***"']],
  ['one that is gone', [secret('s', { data: { a: 'planted' } })], [secret('s', {})], ['data', 'a: "***"']],
  ['a whole Secret', [], [secret('s', { data: { a: 'planted' } })], ['+ Secret n/s']],
  // What names it changed; what it holds is compared, and not told.
  [
    'one under another name',
    [secret('s-2g4bf6h5k8', { data: { a: 'planted' } })],
    [secret('s-9mt7bkf2c4', { data: { a: 'planted2' } })],
    ['~ Secret n/s-2g4bf6h5k8 → n/s-9mt7bkf2c4', 'data.a: "***" → "*** (changed)"'],
  ],
  [
    'what kubectl keeps of it',
    [secret('s', { metadata: { name: 's', namespace: 'n', annotations: { [kubectl]: '{"data":{"a":"planted"}}' } } })],
    [secret('s', { metadata: { name: 's', namespace: 'n', annotations: { [kubectl]: '{"data":{"a":"planted2"}}' } } })],
    ['***'],
  ],
])('%s is not shown', (_, before, after, want) => {
  const changes = maskSecrets(diffObjects(before, after))
  const style = { color: false, width: 120, sites: ['site-x'] }
  const text = formatDiff(changes, style)
  for (const part of want) expect(text).toContain(part)
  for (const shown of [text, formatDiffMarkdown(changes, style), JSON.stringify(diffToJson(changes))]) {
    expect(shown).not.toContain('planted')
  }
})
