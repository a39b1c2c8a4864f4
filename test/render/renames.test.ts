import { expect, test } from 'vitest'
import type { RenderedObject } from '../../src/render/change.ts'
import { diffObjects } from '../../src/render/diff.ts'
import { formatDiff } from '../../src/render/diff-format.ts'
import { parseValues } from '../../src/yaml/values.ts'

function object(text: string, site = 'site-x', app = 'app'): RenderedObject {
  const [value] = parseValues(text, { file: 'x.yaml' })
  return { site, group: 'g', app, path: 'x.yaml', value: value as RenderedObject['value'] }
}

function configMap(name: string, data: object, namespace?: string): RenderedObject {
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }) }
  return object(JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data }))
}

/** `type was > name: changed fields` of each change. */
function changes(before: readonly RenderedObject[], after: readonly RenderedObject[]): string[] {
  return diffObjects(before, after).map(({ type, was, object: { name, namespace }, fields }) => {
    const full = (n: string, ns: string | undefined): string => (ns === undefined ? n : `${ns}/${n}`)
    const from = was === undefined ? '' : `${full(was.name, was.namespace)} > `
    return `${type} ${from}${full(name, namespace)}${fields.map(f => ` ${f.path.join('.')}`).join('')}`
  })
}

const data = { a: '1', b: '2', c: '3', d: '4' }

test.each<[name: string, before: RenderedObject[], after: RenderedObject[], want: string[]]>([
  [
    'Kustomize\u2019s hash of what it holds',
    [configMap('c-2g4bf6h5k8', { a: '1' }), configMap('d-2g4bf6h5k8', { a: '1' })],
    [configMap('c-9mt7bkf2c4', { b: '9' }), configMap('d-7mt7bkf2c4', { z: '0' })],
    ['renamed c-2g4bf6h5k8 > c-9mt7bkf2c4 data.a data.b', 'renamed d-2g4bf6h5k8 > d-7mt7bkf2c4 data.a data.z'],
  ],
  [
    'another namespace',
    [configMap('c', { a: '1' }, 'one')],
    [configMap('c', { a: '2' }, 'two')],
    ['renamed one/c > two/c data.a'],
  ],
  ['another name', [configMap('old', data)], [configMap('new', data)], ['renamed old > new']],
  [
    'another name, and nearly the same',
    [configMap('old', data)],
    [configMap('new', { ...data, d: '5' })],
    ['renamed old > new data.d'],
  ],
  [
    'another name, and much else',
    [configMap('old', data)],
    [configMap('new', { a: '1', x: '2' })],
    ['added new', 'removed old'],
  ],
  [
    'of several the nearest',
    [configMap('old', data)],
    [configMap('near', { ...data, d: '5' }), configMap('same', data)],
    ['added near', 'renamed old > same'],
  ],
  [
    'nothing to tell them by',
    [object('{apiVersion: v1, kind: ServiceAccount, metadata: {name: a}}')],
    [object('{apiVersion: v1, kind: ServiceAccount, metadata: {name: b}}')],
    ['removed a', 'added b'],
  ],
  [
    'another kind',
    [configMap('a', data)],
    [object(JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'b' }, data }))],
    ['removed a', 'added b'],
  ],
  ['another app', [configMap('a', data)], [{ ...configMap('b', data), app: 'other' }], ['removed a', 'added b']],
])('%s', (_, before, after, want) => expect(changes(before, after)).toEqual(want))

test('an object in another namespace is a new one: what is lost is told', () => {
  const claim = (namespace: string): RenderedObject =>
    object(`{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: d, namespace: ${namespace}}, spec: {a: b}}`)
  const text = formatDiff(diffObjects([claim('one')], [claim('two')]), { color: false, width: 120, sites: ['site-x'] })
  expect(text).toBe(`g/app
  ~ PersistentVolumeClaim one/d → two/d (v1)  site-x
      ! deleting a PersistentVolumeClaim may delete its data
      ! namespace one → two: a new object is made there, what refers to the old one must follow

0 added, 0 changed, 0 removed, 1 renamed in 1 site, 2 risks
`)
})

test('sites that share a rename are told once', () => {
  const site = (name: string, of: RenderedObject): RenderedObject => ({ ...of, site: name })
  const [old, now] = [configMap('old', data), configMap('new', data)]
  const found = diffObjects([site('x', old), site('y', old)], [site('x', now), site('y', now)])
  expect(found).toMatchObject([{ type: 'renamed', sites: ['x', 'y'] }])
})

test('thousands of objects that all changed their names end soon', () => {
  const many = (prefix: string): RenderedObject[] =>
    Array.from({ length: 3000 }, (_, i) => configMap(`${prefix}${i}`, { [`k${i}`]: prefix }))
  expect(diffObjects(many('a'), many('b'))).toHaveLength(6000)
})
