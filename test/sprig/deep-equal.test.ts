import { expect, test } from 'vitest'
import { metered } from '../../src/go/extent.ts'
import { GoMap, GoSlice, type GoValue, int64 } from '../../src/go/value.ts'
import { deepCopy, deepEqual } from '../../src/sprig/deep-equal.ts'

const map = (entries: Record<string, GoValue>): GoValue => new Map(Object.entries(entries))

test.each<[name: string, a: GoValue, b: GoValue, equal: boolean]>([
  ['int and float64', 1n, 1, false],
  ['int and int64', 1n, int64(1n), false],
  ['NaN', Number.NaN, Number.NaN, false],
  ['null and null', null, null, true],
  ['maps in another order', map({ a: 1, b: [2n] }), map({ b: [2n], a: 1 }), true],
  ['a key with null and none', map({ a: null }), map({}), false],
  ['lists of another type', ['a'], GoSlice.make('string', ['a']), false],
  ['a nil list and an empty one', GoSlice.nil('string'), GoSlice.make('string', []), false],
  ['maps of another type', map({}), new GoMap('chartutil.Values', 'interface {}', []), false],
  ['bytes', new Uint8Array([1]), new Uint8Array([1]), true],
])('%s', (_, a, b, equal) => {
  expect(deepEqual(a, b)).toBe(equal)
  expect(deepEqual(b, a)).toBe(equal)
})

test('a copy shares nothing, and has the types', () => {
  const given = map({ l: [map({ a: 1 })], s: GoSlice.make('string', ['x']), b: new Uint8Array([1]) })
  const copy = deepCopy(given) as Map<string, GoValue>
  expect(deepEqual(given, copy)).toBe(true)
  ;((copy.get('l') as GoValue[])[0] as Map<string, GoValue>).set('a', 2)
  expect(deepEqual(given, copy)).toBe(false)
})

test('what holds itself is refused', () => {
  const circle = new Map<string, GoValue>()
  circle.set('a', circle)
  expect(() => deepCopy(circle)).toThrow(/nests deeper/)
  let forest: GoValue = map({})
  let other: GoValue = map({})
  for (let i = 0; i < 40; i++) {
    forest = map({ a: forest, b: forest })
    other = map({ a: other, b: other })
  }
  // Whoever runs the function counts the parts, and stops it.
  let met = 0
  const count = (parts: number): void => {
    if ((met += parts) > 100_000) throw new Error('too many parts')
  }
  expect(() => metered(count, () => deepEqual(forest, other))).toThrow('too many parts')
})
