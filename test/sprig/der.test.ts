import { expect, test } from 'vitest'
import {
  children,
  decodePem,
  element,
  encodePem,
  integer,
  objectId,
  readElement,
  sequence,
  toBigInt,
} from '../../src/sprig/der.ts'

test.each<[value: bigint, hex: string]>([
  [0n, '020100'],
  [127n, '02017f'],
  // A leading zero keeps it from being negative.
  [128n, '02020080'],
  [65537n, '0203010001'],
])('INTEGER %s', (value, hex) => {
  expect(integer(value).toString('hex')).toBe(hex)
  expect(toBigInt(readElement(integer(value)).content)).toBe(value)
})

test('OBJECT IDENTIFIER', () =>
  expect(objectId('1.2.840.113549.1.1.11').toString('hex')).toBe('06092a864886f70d01010b'))

test.each([0, 127, 128, 255, 256, 70_000])('a length of %d', length => {
  const bytes = element(4, new Uint8Array(length))
  expect(readElement(bytes).content.length).toBe(length)
})

test('a SEQUENCE has its parts', () => {
  const parts = children(readElement(sequence(integer(1n), integer(2n))).content)
  expect(parts.map(part => toBigInt(part.content))).toEqual([1n, 2n])
})

test('PEM', () => {
  const bytes = Uint8Array.from({ length: 100 }, (_, i) => i)
  const text = encodePem('X', bytes)
  expect(text.split('\n').map(line => line.length)).toEqual([17, 64, 64, 8, 15, 0])
  expect(decodePem(`before\n${text}after`)).toEqual({ type: 'X', bytes: Buffer.from(bytes) })
  expect(decodePem(text.replace('END X', 'END Y'))).toBeUndefined()
  expect(decodePem('none')).toBeUndefined()
})
