import { expect, test } from 'vitest'
import {
  byteLength,
  compareStrings,
  fn,
  fromBytes,
  GoInt,
  GoMap,
  GoSlice,
  type GoValue,
  isTrue,
  kindOf,
  toBytes,
  typeOf,
} from '../../src/go/value.ts'

test.each<[value: GoValue, type: string, kind: string, truth: boolean]>([
  [null, '<nil>', 'invalid', false],
  [0, 'float64', 'float64', false],
  [Number.NaN, 'float64', 'float64', true],
  [1n, 'int', 'int', true],
  [new GoInt('uint8', 0n), 'uint8', 'uint8', false],
  ['', 'string', 'string', false],
  [new Map(), 'map[string]interface {}', 'map', false],
  [[null], '[]interface {}', 'slice', true],
  [GoSlice.make('string', ['a']), '[]string', 'slice', true],
  [new GoMap('chartutil.Values', 'interface {}', []), 'chartutil.Values', 'map', false],
  [new Uint8Array(1), '[]uint8', 'slice', true],
])('%#', (value, type, kind, truth) =>
  expect([typeOf(value), kindOf(value), isTrue(value)]).toEqual([type, kind, truth]),
)

// Bytes that are no UTF-8 stand in texts as the low surrogates from U+DC80.
test.each<[bytes: readonly number[], text: string]>([
  [[0x61, 0xc3, 0xa9], 'aé'],
  [[0xff, 0xfe], '\udcff\udcfe'],
  [[0xe2, 0x82], '\udce2\udc82'],
  [[0xf0, 0x9f, 0x98, 0x80], '😀'],
  // A surrogate, encoded: no UTF-8.
  [[0xed, 0xa0, 0x80], '\udced\udca0\udc80'],
])('%j', (bytes, text) => {
  expect(fromBytes(Uint8Array.from(bytes))).toBe(text)
  expect([...toBytes(text)]).toEqual(bytes)
  expect(byteLength(text)).toBe(bytes.length)
})

test('texts are in the order of their bytes', () => {
  const texts = ['😀', '\uffff', 'é', 'z', 'a', '', 'ab', 'B']
  expect(texts.sort(compareStrings)).toEqual(['', 'B', 'a', 'ab', 'z', 'é', '\uffff', '😀'])
})

test('a signature is read from its text', () => {
  const { signature } = fn('(string, ...any) (any, error)', () => null)
  expect(signature).toMatchObject({ params: ['string', 'any'], variadic: true })
})
