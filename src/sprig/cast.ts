/** spf13/cast 1.7.0, which sprig's numbers go through: anything to int64 or float64, 0 where it cannot (caste.go). */
import { parseFloat as parseGoFloat, parseInt as parseGoInt } from '../go/strconv.ts'
import { GoError, GoInt, GoObject, type GoValue } from '../go/value.ts'

/** cast.ToInt64, which on 64-bit machines is also cast.ToInt. */
export function toInt64(v: GoValue): bigint {
  switch (typeof v) {
    case 'bigint':
      return v
    case 'number':
      return truncate(v)
    case 'boolean':
      return v ? 1n : 0n
    case 'string':
      return orZero(() => parseGoInt(trimZeroDecimal(v), 0, 64), 0n)
  }
  if (v instanceof GoInt) return BigInt.asIntN(64, v.value)
  return calendarInteger(v) ?? 0n
}

/** cast.ToFloat64. */
export function toFloat64(v: GoValue): number {
  switch (typeof v) {
    case 'bigint':
      return Number(v)
    case 'number':
      return v
    case 'boolean':
      return v ? 1 : 0
    case 'string':
      return orZero(() => parseGoFloat(v), 0)
  }
  if (v instanceof GoInt) return Number(v.value)
  return Number(calendarInteger(v) ?? 0n)
}

/** Months and weekdays are the only named integers that cast knows; a duration is 0 to it. */
function calendarInteger(v: GoValue): bigint | undefined {
  return v instanceof GoObject && v.goKind === 'int' ? v.integer() : undefined
}

/** Go's conversion of a float64: towards zero; what does not fit (and NaN) is the least int64 on amd64. */
export function truncate(f: number): bigint {
  return Math.abs(f) < 2 ** 63 ? BigInt(Math.trunc(f)) : -(1n << 63n)
}

/** "1.000" is "1": only zeros after the point, and at least one. */
function trimZeroDecimal(s: string): string {
  const zeros = /\.0+\.*$/.exec(s)
  return zeros === null ? s : s.slice(0, zeros.index)
}

function orZero<T>(parse: () => T, zero: T): T {
  try {
    return parse()
  } catch (error) {
    if (error instanceof GoError) return zero
    throw error
  }
}
