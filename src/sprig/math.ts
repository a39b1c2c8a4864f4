/** Sprig's numbers (numeric.go, functions.go). */
import { DecapodError } from '../errors.ts'
import { sprint } from '../go/fmt.ts'
import { parseInt as parseGoInt } from '../go/strconv.ts'
import { fn, GoError, type GoFunc, GoSlice, type GoValue, int64 } from '../go/value.ts'
import { toFloat64, toInt64 } from './cast.ts'
import { add, type Decimal, decimalOf, divide, multiply, subtract, toFloat } from './decimal.ts'

/** The functions of this chapter by name. */
export const math: Readonly<Record<string, GoFunc>> = {
  atoi: fn('(string) int', (s: string) => parseDecimal(s)),
  int64: fn('(any) int64', (v: GoValue) => int64(toInt64(v))),
  int: fn('(any) int', (v: GoValue) => toInt64(v)),
  float64: fn('(any) float64', (v: GoValue) => toFloat64(v)),
  toDecimal: fn('(any) int64', (v: GoValue) => int64(parseOctal(sprint(v)))),
  until: fn('(int) []int', (count: bigint) => range(0n, count, count < 0n ? -1n : 1n)),
  untilStep: fn('(int, int, int) []int', range),
  seq: fn('(...int) string', seq),
  add1: fn('(any) int64', (v: GoValue) => int64(toInt64(v) + 1n)),
  add: fn('(...any) int64', (...values: GoValue[]) => int64(values.reduce((sum: bigint, v) => sum + toInt64(v), 0n))),
  sub: fn('(any, any) int64', (a: GoValue, b: GoValue) => int64(toInt64(a) - toInt64(b))),
  div: fn('(any, any) int64', (a: GoValue, b: GoValue) => int64(toInt64(a) / divisor(b))),
  mod: fn('(any, any) int64', (a: GoValue, b: GoValue) => int64(toInt64(a) % divisor(b))),
  mul: fn('(any, ...any) int64', (a: GoValue, ...values: GoValue[]) =>
    int64(values.reduce((product: bigint, v) => BigInt.asIntN(64, product * toInt64(v)), toInt64(a))),
  ),
  add1f: fn('(any) float64', (v: GoValue) => decimals(v, [1n], add)),
  addf: fn('(...any) float64', (...values: GoValue[]) => decimals(0, values, add)),
  subf: fn('(any, ...any) float64', (a: GoValue, ...values: GoValue[]) => decimals(a, values, subtract)),
  divf: fn('(any, ...any) float64', (a: GoValue, ...values: GoValue[]) => decimals(a, values, divide)),
  mulf: fn('(any, ...any) float64', (a: GoValue, ...values: GoValue[]) => decimals(a, values, multiply)),
  biggest: fn('(any, ...any) int64', max),
  max: fn('(any, ...any) int64', max),
  min: fn('(any, ...any) int64', (...values: GoValue[]) =>
    int64(values.map(toInt64).reduce((a, b) => (compare(a, b) <= 0 ? a : b))),
  ),
  maxf: fn('(any, ...any) float64', (...values: GoValue[]) => Math.max(...values.map(toFloat64))),
  minf: fn('(any, ...any) float64', (...values: GoValue[]) => Math.min(...values.map(toFloat64))),
  ceil: fn('(any) float64', (v: GoValue) => Math.ceil(toFloat64(v))),
  floor: fn('(any) float64', (v: GoValue) => Math.floor(toFloat64(v))),
  round: fn('(any, int, ...float64) float64', round),
}

/** strconv.ParseInt in base 10 without its error: 0 for what is no number, the nearest int64 for what is too large. */
export function parseDecimal(s: string): bigint {
  try {
    return parseGoInt(s, 10, 64)
  } catch (error) {
    if (!(error instanceof GoError)) throw error
    if (!error.message.endsWith('value out of range')) return 0n
    return s.startsWith('-') ? -(1n << 63n) : (1n << 63n) - 1n
  }
}

function parseOctal(s: string): bigint {
  try {
    return parseGoInt(s, 8, 64)
  } catch (error) {
    if (error instanceof GoError) return 0n
    throw error
  }
}

function divisor(v: GoValue): bigint {
  const value = toInt64(v)
  if (value === 0n) throw new GoError('runtime error: integer divide by zero', true)
  return value
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function max(...values: GoValue[]): GoValue {
  return int64(values.map(toInt64).reduce((a, b) => (compare(a, b) >= 0 ? a : b)))
}

function decimals(first: GoValue, rest: readonly GoValue[], op: (a: Decimal, b: Decimal) => Decimal): number {
  return toFloat(rest.map(v => decimalOf(toFloat64(v))).reduce(op, decimalOf(toFloat64(first))))
}

const maxRange = 1_000_000

/** untilStep: from `start` towards `stop`, which is not part of it; empty when the step leads away. */
function range(start: bigint, stop: bigint, step: bigint): GoSlice {
  const out = GoSlice.make('int', [])
  if (stop < start ? step >= 0n : step <= 0n) return out
  if ((stop - start) / step > maxRange) {
    throw new DecapodError('LIMIT_EXCEEDED', `a list of more than ${maxRange} numbers`)
  }
  for (let i = start; stop < start ? i > stop : i < stop; i += step) out.push(i)
  return out
}

/** seq: the numbers of the shell command, with both ends; "" when the step leads away. */
function seq(...params: bigint[]): string {
  if (params.length === 0 || params.length > 3) return ''
  const first = params.length === 1 ? 1n : params[0]!
  const last = params.at(-1)!
  const towards = last < first ? -1n : 1n
  const step = params.length === 3 ? params[1]! : towards
  if (towards < 0n && step > 0n) return ''
  return range(first, last + towards, step).join(' ')
}

/** sprig's round: up from `roundOn` (0.5) on, by the fraction with its sign, so -1.5 becomes -2. */
function round(v: GoValue, places: bigint, roundOn = 0.5): number {
  const power = powerOfTen(Number(places))
  const digit = power * toFloat64(v)
  const fraction = digit - Math.trunc(digit)
  return (fraction >= roundOn ? Math.ceil(digit) : Math.floor(digit)) / power
}

/** math.Pow(10, n) with Go's roundings: squares of a mantissa below 1, the binary exponent kept apart. */
function powerOfTen(n: number): number {
  if (n === 0) return 1
  if (n === 1) return 10
  let mantissa = 0.625
  let exponent = 4
  let result = 1
  let resultExponent = 0
  for (let i = Math.abs(n); i > 0; i = Math.trunc(i / 2)) {
    if (exponent > 4096) {
      resultExponent += exponent
      break
    }
    if (i % 2 === 1) {
      result *= mantissa
      resultExponent += exponent
    }
    mantissa *= mantissa
    exponent *= 2
    if (mantissa < 0.5) {
      mantissa += mantissa
      exponent--
    }
  }
  if (n < 0) {
    result = 1 / result
    resultExponent = -resultExponent
  }
  // Two steps, because 2^1024 is no float64 while the product may be one.
  const half = Math.trunc(resultExponent / 2)
  return result * 2 ** half * 2 ** (resultExponent - half)
}
