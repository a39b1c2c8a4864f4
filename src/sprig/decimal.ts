/** Decimal arithmetic of sprig's addf and its kin (shopspring/decimal 1.4.0): exact but for division's 16 places. */
import { formatValue } from '../go/fmt.ts'
import { GoError } from '../go/value.ts'

/** value × 10^exponent. */
export interface Decimal {
  readonly value: bigint
  readonly exponent: number
}

const divisionPrecision = 16

/** NewFromFloat: the shortest decimal that reads back as the same float64. */
export function decimalOf(f: number): Decimal {
  if (!Number.isFinite(f)) throw new GoError(`Cannot create a Decimal from ${formatValue(f)}`, true)
  const [mantissa, exponent = '0'] = f.toString().split('e')
  const [whole, fraction = ''] = mantissa!.split('.')
  return { value: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length }
}

/** Decimal.Float64: the nearest float64. */
export function toFloat(d: Decimal): number {
  return Number(`${d.value}e${d.exponent}`)
}

export function add(a: Decimal, b: Decimal): Decimal {
  const exponent = Math.min(a.exponent, b.exponent)
  return { value: scale(a, exponent) + scale(b, exponent), exponent }
}

export function subtract(a: Decimal, b: Decimal): Decimal {
  return add(a, { value: -b.value, exponent: b.exponent })
}

export function multiply(a: Decimal, b: Decimal): Decimal {
  return { value: a.value * b.value, exponent: a.exponent + b.exponent }
}

/** Decimal.Div: 16 places after the point, halves away from zero. */
export function divide(a: Decimal, b: Decimal): Decimal {
  if (b.value === 0n) throw new GoError('decimal division by 0', true)
  const shift = a.exponent - b.exponent + divisionPrecision
  const numerator = shift > 0 ? a.value * 10n ** BigInt(shift) : a.value
  const denominator = shift < 0 ? b.value * 10n ** BigInt(-shift) : b.value
  const quotient = numerator / denominator
  const rest = numerator % denominator
  const up = 2n * abs(rest) >= abs(denominator)
  const away = a.value < 0n !== b.value < 0n ? -1n : 1n
  return { value: up ? quotient + away : quotient, exponent: -divisionPrecision }
}

function scale(d: Decimal, exponent: number): bigint {
  return d.value * 10n ** BigInt(d.exponent - exponent)
}

function abs(n: bigint): bigint {
  return n < 0n ? -n : n
}
