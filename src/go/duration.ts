/** Go's time.Duration: nanoseconds in an int64, printed and parsed as `1h2m3.5s` (time/time.go, time/format.go). */
import { fn, GoError, type GoFunc, type GoKind, GoObject, type GoValue, int64 } from './value.ts'

/** One unit in nanoseconds. */
export const second = 1_000_000_000n
const minute = 60n * second
const hour = 60n * minute

const units: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1000n],
  ['\u00b5s', 1000n],
  ['\u03bcs', 1000n],
  ['ms', 1_000_000n],
  ['s', second],
  ['m', minute],
  ['h', hour],
])

const min64 = -(1n << 63n)
const max64 = (1n << 63n) - 1n

/** A time.Duration as templates see it. */
export class GoDuration extends GoObject {
  override readonly goType = 'time.Duration'
  override readonly goKind: GoKind = 'int64'
  readonly nanoseconds: bigint

  /** Wraps to 64 bits, as Go's arithmetic does. */
  constructor(nanoseconds: bigint) {
    super()
    this.nanoseconds = BigInt.asIntN(64, nanoseconds)
  }

  override text(): string {
    return formatDuration(this.nanoseconds)
  }

  override integer(): bigint {
    return this.nanoseconds
  }

  override json(): GoValue {
    return int64(this.nanoseconds)
  }

  override truth(): boolean {
    return this.nanoseconds !== 0n
  }

  override method(name: string): GoFunc | undefined {
    const d = this.nanoseconds
    switch (name) {
      case 'String':
        return fn('() string', () => formatDuration(d))
      case 'Hours':
        return fn('() float64', () => inUnits(d, hour))
      case 'Minutes':
        return fn('() float64', () => inUnits(d, minute))
      case 'Seconds':
        return fn('() float64', () => inUnits(d, second))
      case 'Milliseconds':
        return fn('() int64', () => int64(d / 1_000_000n))
      case 'Microseconds':
        return fn('() int64', () => int64(d / 1000n))
      case 'Nanoseconds':
        return fn('() int64', () => int64(d))
      case 'Abs':
        return fn('() duration', () => new GoDuration(d === min64 ? max64 : d < 0n ? -d : d))
      case 'Round':
        return fn('(duration) duration', (m: GoDuration) => new GoDuration(roundDuration(d, m.nanoseconds)))
      case 'Truncate':
        return fn('(duration) duration', (m: GoDuration) => new GoDuration(truncateDuration(d, m.nanoseconds)))
    }
    return undefined
  }
}

/** Duration.Hours and its kin: whole units plus the rest as a fraction, each rounded to float64 as Go does. */
export function inUnits(nanoseconds: bigint, unit: bigint): number {
  return Number(nanoseconds / unit) + Number(nanoseconds % unit) / Number(unit)
}

/** Duration.Round: to the nearest multiple of `m`, halves away from zero; the ends of int64 where that overflows. */
export function roundDuration(d: bigint, m: bigint): bigint {
  if (m <= 0n) return d
  const rest = d < 0n ? -(d % m) : d % m
  const up = 2n * rest >= m
  if (d < 0n) return up ? clamp(d - m + rest) : d + rest
  return up ? clamp(d + m - rest) : d - rest
}

function clamp(d: bigint): bigint {
  return d < min64 ? min64 : d > max64 ? max64 : d
}

/** Duration.Truncate: toward zero to a multiple of `m`. */
export function truncateDuration(d: bigint, m: bigint): bigint {
  return m <= 0n ? d : d - (d % m)
}

/** Duration.String: "72h3m0.5s", "1.5µs", "0s". */
export function formatDuration(nanoseconds: bigint): string {
  const sign = nanoseconds < 0n ? '-' : ''
  const u = nanoseconds < 0n ? -nanoseconds : nanoseconds
  if (u === 0n) return '0s'
  if (u < 1000n) return `${sign}${u}ns`
  if (u < 1_000_000n) return `${sign}${decimal(u, 3)}\u00b5s`
  if (u < second) return `${sign}${decimal(u, 6)}ms`
  const seconds = `${decimal(u % minute, 9)}s`
  if (u < minute) return sign + seconds
  const minutes = `${(u / minute) % 60n}m${seconds}`
  return u < hour ? sign + minutes : `${sign}${u / hour}h${minutes}`
}

/** `value` with the decimal point `places` digits from the right, trailing zeros dropped. */
function decimal(value: bigint, places: number): string {
  const digits = value.toString().padStart(places + 1, '0')
  const fraction = digits.slice(-places).replace(/0+$/, '')
  return digits.slice(0, -places) + (fraction === '' ? '' : `.${fraction}`)
}

/** time.ParseDuration, in nanoseconds. Throws GoError with Go's text: `time: invalid duration "x"`. */
export function parseDuration(text: string): bigint {
  const bad = (what: string): GoError => new GoError(`time: ${what} ${quoteAscii(text)}`)
  const invalid = (): GoError => bad('invalid duration')
  const negative = text.startsWith('-')
  let rest = negative || text.startsWith('+') ? text.slice(1) : text
  if (rest === '0') return 0n
  if (rest === '') throw invalid()
  let total = 0n
  while (rest !== '') {
    const number = /^([0-9]*)(?:\.([0-9]*))?/.exec(rest)!
    const whole = number[1]!
    const fraction = number[2] ?? ''
    if (whole === '' && fraction === '') throw invalid()
    const value = BigInt(whole === '' ? '0' : whole)
    if (value > 1n << 63n) throw invalid()
    rest = rest.slice(number[0].length)
    const unitName = /^[^.0-9]*/.exec(rest)![0]
    if (unitName === '') throw bad('missing unit in duration')
    rest = rest.slice(unitName.length)
    const unit = units.get(unitName)
    if (unit === undefined) throw bad(`unknown unit ${quoteAscii(unitName)} in duration`)
    if (value > (1n << 63n) / unit) throw invalid()
    total += value * unit + fractionOf(fraction, unit)
    if (total > 1n << 63n) throw invalid()
  }
  if (negative) return -total
  if (total > max64) throw invalid()
  return total
}

/** The fraction's share of a unit. Go reads digits while they fit and multiplies in float64. */
function fractionOf(digits: string, unit: bigint): bigint {
  let value = 0n
  let scale = 1
  for (const digit of digits) {
    if (value > max64 / 10n) break
    const next = value * 10n + BigInt(digit)
    if (next > 1n << 63n) break
    value = next
    scale *= 10
  }
  if (value === 0n) return 0n
  return BigInt(Math.trunc(Number(value) * (Number(unit) / scale)))
}

/** The quoting of package time's errors: control and non-ASCII characters byte by byte as \xNN. */
export function quoteAscii(text: string): string {
  let out = '"'
  for (const ch of text) {
    const c = ch.codePointAt(0)!
    if (c < 0x20 || c >= 0x80) {
      if (c >= 0xdc80 && c <= 0xdcff) out += hex(c - 0xdc00)
      else for (const byte of Buffer.from(ch, 'utf8')) out += hex(byte)
    } else out += ch === '"' || ch === '\\' ? `\\${ch}` : ch
  }
  return `${out}"`
}

function hex(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`
}
