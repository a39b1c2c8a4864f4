import { expect, test } from 'vitest'
import { labelValue, objectName, taskName, taskNames } from '../../src/argo/names.ts'

test.each<[name: string, given: string, want: string | undefined]>([
  ['as it is', 'grafana', 'grafana'],
  ['lower-cased', 'lma-CRD', 'lma-crd'],
  ['dots are allowed between parts', 'a.b', 'a.b'],
  ['no underscore', 'a_b', undefined],
  ['no hyphen at the end', 'a-', undefined],
  ['no empty part', 'a..b', undefined],
  ['not longer than 253', 'a'.repeat(254), undefined],
])('object names: %s', (_, given, want) => {
  if (want === undefined) expect(() => objectName(given, 'app')).toThrow(/cannot be the name of an Argo CD object/)
  else expect(objectName(given, 'app')).toBe(want)
})

test.each<[name: string, given: string, want: string | undefined]>([
  ['as it is, case and all', 'c1-lma_2.A', 'c1-lma_2.A'],
  ['63 characters', 'a'.repeat(63), 'a'.repeat(63)],
  // The API server refuses the whole Application.
  ['64 characters', 'a'.repeat(64), undefined],
  ['no blank', 'a b', undefined],
  ['no hyphen at the end', 'a-', undefined],
  ['not nothing', '', undefined],
])('label values: %s', (_, given, want) => {
  if (want === undefined) expect(() => labelValue(given, 'group')).toThrow(/cannot be the value of a label/)
  else expect(labelValue(given, 'group')).toBe(want)
})

test.each<[name: string, given: string, want: string]>([
  ['as it is', 'lma-CRD', 'lma-CRD'],
  ['dots and blanks become hyphens', 'a.b c', 'a-b-c'],
  ['no hyphen first', '_a', 'a'],
  ['longer than a task may be, with what is put before it', 'a'.repeat(200), 'a'.repeat(100)],
  ['a name of which nothing is left', '단계', 'task'],
])('task names: %s', (_, given, want) => expect(taskName(given)).toBe(want))

test('task names: none twice, whatever they become', () => {
  const names = ['a.b', 'a-b', 'a_b', '一', '二'].map(name => [name, name] as const)
  expect([...taskNames(names, ['task'])]).toEqual([
    ['a.b', 'a-b'],
    ['a-b', 'a-b-2'],
    ['a_b', 'a-b-3'],
    ['一', 'task-2'],
    ['二', 'task-3'],
  ])
})
