import { expect, test } from 'vitest'
import { parseObjects } from '../../src/render/inflate.ts'
import { type OutputObject, OutputTree } from '../../src/render/output.ts'

function objects(text: string): OutputObject[] {
  return parseObjects(text, 'c/templates/x.yaml')
}

const named = (kind: string, name: string, more = '', api = 'v1'): string =>
  `apiVersion: ${api}\nkind: ${kind}\nmetadata: {name: ${name}${more}}\n`

test('a second object of a kind and name says its namespace, then its API group', () => {
  const tree = new OutputTree('canonical')
  tree.add('g/a', [
    ...objects(named('Role', 'x', ', namespace: one')),
    ...objects(named('Role', 'x', ', namespace: two')),
    ...objects(named('Role', 'x', ', namespace: two', 'rbac.example.com/v1')),
  ])
  expect([...tree.files.keys()]).toEqual([
    'g/a/Role_x.yaml',
    'g/a/Role_x_two.yaml',
    'g/a/Role_x_two_rbac.example.com.yaml',
  ])
})

test('two objects that are the same one are an error naming both origins', () => {
  const tree = new OutputTree('canonical')
  tree.add('g/a', parseObjects(named('Role', 'x'), 'c/templates/one.yaml'))
  expect(() => tree.add('g/a', parseObjects(named('Role', 'x'), 'c/templates/two.yaml'))).toThrow(
    'two objects are Role x',
  )
})

test('equal CRDs of several charts are written once; different ones are an error', () => {
  const tree = new OutputTree('canonical')
  expect(tree.add('g/g-CRD', objects(named('C', 'x')), true)).toEqual({ written: 1, shared: 0 })
  expect(tree.add('g/g-CRD', objects(named('C', 'x')), true)).toEqual({ written: 0, shared: 1 })
  expect(() => tree.add('g/g-CRD', objects(named('C', 'x', ', labels: {a: b}')), true)).toThrow('two objects are C x')
})

// B22: kind List and generateName stopped the original with a KeyError.
test('lists are taken apart, and generateName is a name', () => {
  const tree = new OutputTree('canonical')
  tree.add('g/a', [
    ...objects('apiVersion: v1\nkind: ConfigMapList\nitems:\n- metadata: {name: a}\n- metadata: {name: b}\n'),
    ...objects('apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: job-}\n'),
  ])
  expect([...tree.files.keys()]).toEqual(['g/a/ConfigMap_a.yaml', 'g/a/ConfigMap_b.yaml', 'g/a/Job_job-.yaml'])
  expect(Buffer.from(tree.files.get('g/a/ConfigMap_a.yaml')!).toString()).toBe(
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n',
  )
})

test('an object without kind or name is an error, not a lost file', () => {
  expect(() => new OutputTree('canonical').add('g/a', objects('a: 1\n'))).toThrow('an object has no kind')
  expect(() => new OutputTree('canonical').add('g/a', objects('kind: X\n'))).toThrow('an object has no name')
})

test('a name cannot leave its directory', () => {
  const tree = new OutputTree('canonical')
  tree.add('g/a', objects(named('X', '"../../y"')))
  expect([...tree.files.keys()]).toEqual(['g/a/X_..%2F..%2Fy.yaml'])
})

test('verbatim keeps what the template wrote', () => {
  const tree = new OutputTree('verbatim')
  tree.add('g/a', objects(`# why\n${named('X', "'y'")}`))
  expect(Buffer.from(tree.files.get('g/a/X_y.yaml')!).toString()).toBe(`---\n# why\n${named('X', "'y'")}`)
})
