import { expect, test } from 'vitest'
import { type GoValue, int64 } from '../../src/go/value.ts'
import { toFloat64, toInt64, truncate } from '../../src/sprig/cast.ts'

test.each<[value: GoValue, integer: bigint, float: number]>([
  [null, 0n, 0],
  [true, 1n, 1],
  [1.9, 1n, 1.9],
  [-1.9, -1n, -1.9],
  [5n, 5n, 5],
  [int64(7n), 7n, 7],
  ['', 0n, 0],
  ['1.0', 1n, 1],
  ['1.9', 0n, 1.9],
  ['010', 8n, 10],
  ['08', 0n, 8],
  ['0x1f', 31n, 0],
  ['1_000', 1000n, 1000],
  [' 5', 0n, 0],
  ['1e3', 0n, 1000],
  ['x', 0n, 0],
  [[1], 0n, 0],
])('%#', (value, integer, float) => expect([toInt64(value), toFloat64(value)]).toEqual([integer, float]))

test('what does not fit is the least number', () => {
  expect([truncate(1e300), truncate(Number.NaN), truncate(-1e300)]).toEqual(Array(3).fill(-(1n << 63n)))
})
