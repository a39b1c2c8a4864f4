/** The duration functions that Helm 4.3 added (pkg/engine/funcs.go). */
import { GoDuration, inUnits, parseDuration, roundDuration, second, truncateDuration } from '../go/duration.ts'
import { formatValue } from '../go/fmt.ts'
import { parseFloat as parseGoFloat, quote } from '../go/strconv.ts'
import { trimSpace } from '../go/strings.ts'
import { fn, GoError, type GoFunc, GoInt, GoObject, type GoValue, int64, typeOf } from '../go/value.ts'

const hour = 3600n * second

/** The functions by name. All but mustToDuration take what is no duration for 0. */
export const durations: Readonly<Record<string, GoFunc>> = {
  mustToDuration: fn('(any) duration', (v: GoValue) => {
    try {
      return new GoDuration(toNanoseconds(v))
    } catch (error) {
      if (error instanceof GoError) throw new GoError(error.message, true)
      throw error
    }
  }),
  durationSeconds: fn('(any) float64', (v: GoValue) => inUnits(orZero(v), second)),
  durationMilliseconds: fn('(any) int64', (v: GoValue) => int64(orZero(v) / 1_000_000n)),
  durationMicroseconds: fn('(any) int64', (v: GoValue) => int64(orZero(v) / 1000n)),
  durationNanoseconds: fn('(any) int64', (v: GoValue) => int64(orZero(v))),
  durationMinutes: fn('(any) float64', (v: GoValue) => inUnits(orZero(v), 60n * second)),
  durationHours: fn('(any) float64', (v: GoValue) => inUnits(orZero(v), hour)),
  durationDays: fn('(any) float64', (v: GoValue) => inUnits(orZero(v), hour) / 24),
  durationWeeks: fn('(any) float64', (v: GoValue) => inUnits(orZero(v), hour) / 24 / 7),
  durationRoundTo: fn('(any, any) duration', (v: GoValue, m: GoValue) => new GoDuration(by(v, m, roundDuration))),
  durationTruncateTo: fn('(any, any) duration', (v: GoValue, m: GoValue) => new GoDuration(by(v, m, truncateDuration))),
}

/** A bad multiple leaves the duration as it is. */
function by(v: GoValue, m: GoValue, cut: (d: bigint, m: bigint) => bigint): bigint {
  const d = attempt(v)
  const multiple = attempt(m)
  if (d === undefined) return 0n
  return multiple === undefined ? d : cut(d, multiple)
}

function orZero(v: GoValue): bigint {
  return attempt(v) ?? 0n
}

function attempt(v: GoValue): bigint | undefined {
  try {
    return toNanoseconds(v)
  } catch (error) {
    if (error instanceof GoError) return undefined
    throw error
  }
}

/** asDuration: durations, texts such as "1h30m", and numbers or numeric texts, which count seconds. */
function toNanoseconds(v: GoValue): bigint {
  if (v === null) throw new GoError('invalid duration')
  if (v instanceof GoDuration) return v.nanoseconds
  if (typeof v === 'string') return fromText(v)
  if (typeof v === 'number') return fromFloat(v)
  const integer = integerOf(v)
  if (integer === undefined) throw new GoError(`unsupported duration type ${typeOf(v)}`)
  // What the seconds of an int64 of nanoseconds can be.
  const limit = ((1n << 63n) - 1n) / second
  if (integer > limit || integer < -limit) throw new GoError(`duration seconds overflow: ${integer}`)
  return integer * second
}

function integerOf(v: GoValue): bigint | undefined {
  if (typeof v === 'bigint') return v
  if (v instanceof GoInt) return v.value
  return v instanceof GoObject ? v.integer() : undefined
}

function fromText(text: string): bigint {
  const trimmed = trimSpace(text)
  if (trimmed === '') throw new GoError('empty duration')
  for (const read of [parseDuration, (s: string) => parseGoFloat(s)]) {
    try {
      const value = read(trimmed)
      return typeof value === 'bigint' ? value : fromFloat(value)
    } catch (error) {
      if (!(error instanceof GoError) || error instanceof OutOfRange) throw error
    }
  }
  throw new GoError(`could not parse duration ${quote(text)}`)
}

/** A number of seconds that was read well and is still none. */
class OutOfRange extends GoError {}

function fromFloat(seconds: number): bigint {
  if (!Number.isFinite(seconds)) throw new OutOfRange(`invalid duration seconds: ${formatValue(seconds)}`)
  const limit = 2 ** 63 / 1e9
  if (seconds > limit || seconds < -limit) {
    throw new OutOfRange(`duration seconds overflow: ${formatValue(seconds)}`)
  }
  const nanoseconds = seconds * 1e9
  // 2^63 itself passes Go's checks and wraps when it becomes an integer.
  return BigInt.asIntN(64, BigInt(Math.trunc(nanoseconds)))
}
