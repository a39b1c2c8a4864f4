import { expect, test } from 'vitest'
import {
  formatDuration,
  inUnits,
  parseDuration,
  roundDuration,
  second,
  truncateDuration,
} from '../../src/go/duration.ts'
import { GoError } from '../../src/go/value.ts'

const failure = (work: () => unknown): string => {
  try {
    return `no error: ${String(work())}`
  } catch (error) {
    if (error instanceof GoError) return error.message
    throw error
  }
}

// time.Duration's String and ParseDuration.
test.each<[text: string, nanoseconds: bigint, printed: string]>([
  ['0', 0n, '0s'],
  ['1ns', 1n, '1ns'],
  ['1.5us', 1500n, '1.5µs'],
  ['1µs', 1000n, '1µs'],
  ['1.000001ms', 1000001n, '1.000001ms'],
  ['90s', 90n * second, '1m30s'],
  ['1h', 3600n * second, '1h0m0s'],
  ['-1.5h', -5400n * second, '-1h30m0s'],
  ['+2h45m', 9900n * second, '2h45m0s'],
  ['.5s', 500_000_000n, '500ms'],
  ['1.s', second, '1s'],
  ['2562047h47m16.854775807s', (1n << 63n) - 1n, '2562047h47m16.854775807s'],
])('%s', (text, nanoseconds, printed) => {
  expect(parseDuration(text)).toBe(nanoseconds)
  expect(formatDuration(nanoseconds)).toBe(printed)
})

test.each<[text: string, error: string]>([
  ['', 'time: invalid duration ""'],
  ['1', 'time: missing unit in duration "1"'],
  ['1d', 'time: unknown unit "d" in duration "1d"'],
  ['.s', 'time: invalid duration ".s"'],
  ['1h-2m', 'time: unknown unit "h-" in duration "1h-2m"'],
  ['9999999h', 'time: invalid duration "9999999h"'],
])('%j is no duration', (text, error) => expect(failure(() => parseDuration(text))).toBe(error))

test('rounding goes to the nearest multiple, halves away from zero; truncation toward zero', () => {
  expect(roundDuration(1_500_000_000n, second)).toBe(2n * second)
  expect(roundDuration(-1_500_000_000n, second)).toBe(-2n * second)
  expect(truncateDuration(-1_999_999_999n, second)).toBe(-second)
  expect(truncateDuration(7n, 0n)).toBe(7n)
  expect(inUnits(5400n * second, 3600n * second)).toBe(1.5)
})
