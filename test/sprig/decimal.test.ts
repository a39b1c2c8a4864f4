import { expect, test } from 'vitest'
import { add, type Decimal, decimalOf, divide, multiply, subtract, toFloat } from '../../src/sprig/decimal.ts'

test.each<[name: string, operation: (a: Decimal, b: Decimal) => Decimal, a: number, b: number, want: number]>([
  ['sum', add, 0.1, 0.2, 0.3],
  ['sum of far apart', add, 1e20, 1e-7, 1e20],
  ['difference', subtract, 0.3, 0.1, 0.2],
  ['product', multiply, 1.1, 1.1, 1.21],
  ['quotient', divide, 1, 3, 0.3333333333333333],
  ['quotient, rounded', divide, 2, 3, 0.6666666666666667],
  ['quotient below zero', divide, -2, 3, -0.6666666666666667],
])('%s', (_, operation, a, b, want) => expect(toFloat(operation(decimalOf(a), decimalOf(b)))).toBe(want))

test('nothing is divided by zero', () =>
  expect(() => divide(decimalOf(1), decimalOf(0))).toThrow('decimal division by 0'))
test('infinity is none', () => expect(() => decimalOf(Infinity)).toThrow('Cannot create a Decimal from +Inf'))
