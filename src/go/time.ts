/** Go's time.Time: an instant with a zone, its methods, and reading it from text (time/time.go, time/format.go). */
import { GoDuration, second } from './duration.ts'
import { type Clock, formatLayout, longDays, longMonths, parseWithLayout } from './time-layout.ts'
import { fn, GoError, type GoFunc, type GoKind, GoObject, type GoValue, int64 } from './value.ts'
import { zoneAbbreviations } from './zones.ts'

/** A time zone. `lookup` gives name and offset (seconds east of UTC) in force at a Unix time. */
export interface Location {
  readonly name: string
  lookup(unix: bigint): { readonly name: string; readonly offset: number }
}

/** Coordinated Universal Time. */
export const utc: Location = { name: 'UTC', lookup: () => ({ name: 'UTC', offset: 0 }) }

/** time.FixedZone. */
export function fixedZone(name: string, offset: number): Location {
  const zone = { name, offset }
  return { name, lookup: () => zone }
}

const locations = new Map<string, Location>()

/**
 * time.LoadLocation: "" and "UTC" are UTC, else a name of the IANA database, upper and lower case as it writes them;
 * undefined when there is none. "Local" is the caller's business.
 */
export function loadLocation(name: string): Location | undefined {
  if (name === '' || name === 'UTC') return utc
  const known = locations.get(name)
  if (known !== undefined) return known
  const abbreviations = zoneAbbreviations(name)
  if (abbreviations === undefined) return undefined
  const location = namedZone(name, abbreviations)
  if (location !== undefined) locations.set(name, location)
  return location
}

function namedZone(name: string, [winter, summer]: readonly [string, string]): Location | undefined {
  let format: Intl.DateTimeFormat
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  } catch {
    // A name that is newer than the runtime's data.
    return undefined
  }
  return {
    name,
    lookup(unix) {
      const offset = offsetAt(format, unix)
      // Before zones there was local mean time, and only that has offsets of odd seconds.
      if (offset % 60 !== 0) return { name: 'LMT', offset }
      if (winter === '') return { name: numericName(offset), offset }
      if (winter === summer) return { name: winter, offset }
      // It is summer when the clock is ahead of what it shows in January or July.
      const year = 1970 + Math.floor(Number(unix) / 31556952)
      const [january, july] = [1, 7].map(month => offsetAt(format, daysSinceEpoch(year, month, 1) * 86400n))
      const ahead = offset > Math.min(january!, july!)
      return { name: ahead ? summer : winter, offset }
    },
  }
}

/** "+03", "-0930": how the database names a zone without abbreviation. */
function numericName(offset: number): string {
  const minutes = Math.abs(Math.trunc(offset / 60))
  const two = (n: number): string => String(n).padStart(2, '0')
  return (offset < 0 ? '-' : '+') + two(Math.trunc(minutes / 60)) + (minutes % 60 === 0 ? '' : two(minutes % 60))
}

function offsetAt(format: Intl.DateTimeFormat, unix: bigint): number {
  // Intl knows the years -271821 to 275760; rules do not change beyond.
  const limit = 8_640_000_000_000n
  const at = Number(unix < -limit ? -limit : unix > limit ? limit : unix)
  const p: Record<string, string> = {}
  for (const part of format.formatToParts(new Date(at * 1000))) p[part.type] = part.value
  const year = p['era'] === 'BC' ? 1 - Number(p['year']) : Number(p['year'])
  const days = daysSinceEpoch(year, Number(p['month']), Number(p['day']))
  return Number(days) * 86400 + Number(p['hour']) * 3600 + Number(p['minute']) * 60 + Number(p['second']) - at
}

/** Days from 1970-01-01 to a date of the Gregorian calendar. */
function daysSinceEpoch(year: number, month: number, day: number): bigint {
  // The year begins in March, so that the leap day is its last.
  const y = BigInt(month <= 2 ? year - 1 : year)
  const era = (y >= 0n ? y : y - 399n) / 400n
  const yearOfEra = y - era * 400n
  const dayOfYear = BigInt(Math.trunc((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1)
  return era * 146097n + yearOfEra * 365n + yearOfEra / 4n - yearOfEra / 100n + dayOfYear - 719468n
}

// Go counts from 1 March of a year that is a multiple of 400 and before all that an int64 of seconds can say, unsigned.
const absoluteYears = 292277022400n
const unixToAbsolute = ((absoluteYears / 400n) * 146097n + 719468n) * 86400n
/** Seconds from the zero time (1 January of year 1) to the Unix epoch. */
const zeroToUnix = 62135596800n

/** A time.Time as templates see it. */
export class GoTime extends GoObject {
  override readonly goType = 'time.Time'
  override readonly goKind: GoKind = 'struct'
  /** Seconds since the Unix epoch. */
  readonly unix: bigint
  /** 0 to 999999999, to be added to `unix`. */
  readonly nanosecond: number
  readonly location: Location

  constructor(unix: bigint, nanosecond = 0, location: Location = utc) {
    super()
    this.unix = BigInt.asIntN(64, unix)
    this.nanosecond = nanosecond
    this.location = location
  }

  /** time.UnixMilli. */
  static fromMilliseconds(milliseconds: number, location: Location = utc): GoTime {
    const seconds = Math.floor(milliseconds / 1000)
    return new GoTime(BigInt(seconds), Math.round((milliseconds - seconds * 1000) * 1e6), location)
  }

  /** Time.In. */
  inZone(location: Location): GoTime {
    return new GoTime(this.unix, this.nanosecond, location)
  }

  /** Time.Add, of nanoseconds. */
  add(nanoseconds: bigint): GoTime {
    const total = BigInt(this.nanosecond) + nanoseconds
    const seconds = total / second - (total % second < 0n ? 1n : 0n)
    return new GoTime(this.unix + seconds, Number(total - seconds * second), this.location)
  }

  /** Time.Sub in nanoseconds, clamped to what a Duration can hold. */
  sub(other: GoTime): bigint {
    const d = (this.unix - other.unix) * second + BigInt(this.nanosecond - other.nanosecond)
    const min = -(1n << 63n)
    return d < min ? min : d > -min - 1n ? -min - 1n : d
  }

  /** Time.Compare. */
  compare(other: GoTime): number {
    if (this.unix !== other.unix) return this.unix < other.unix ? -1 : 1
    return Math.sign(this.nanosecond - other.nanosecond)
  }

  /** The date and clock in the time's zone. */
  clock(): Clock {
    const { name, offset } = this.location.lookup(this.unix)
    const absolute = BigInt.asUintN(64, this.unix + BigInt(offset) + unixToAbsolute)
    const days = absolute / 86400n
    const seconds = Number(absolute % 86400n)
    const era = days / 146097n
    const dayOfEra = Number(days % 146097n)
    const yearOfEra = Math.trunc(
      (dayOfEra - Math.trunc(dayOfEra / 1460) + Math.trunc(dayOfEra / 36524) - (dayOfEra === 146096 ? 1 : 0)) / 365,
    )
    const dayOfYear = dayOfEra - (365 * yearOfEra + Math.trunc(yearOfEra / 4) - Math.trunc(yearOfEra / 100))
    const shifted = Math.trunc((5 * dayOfYear + 2) / 153)
    const day = dayOfYear - Math.trunc((153 * shifted + 2) / 5) + 1
    const month = shifted < 10 ? shifted + 3 : shifted - 9
    const year = Number(era * 400n - absoluteYears) + yearOfEra + (month <= 2 ? 1 : 0)
    return {
      year,
      month,
      day,
      yearDay: Number(daysSinceEpoch(year, month, day) - daysSinceEpoch(year, 1, 1)) + 1,
      // 1 March of the first year was a Wednesday.
      weekday: Number((days + 3n) % 7n),
      hour: Math.trunc(seconds / 3600),
      minute: Math.trunc(seconds / 60) % 60,
      second: seconds % 60,
      nanosecond: this.nanosecond,
      zone: name,
      offset,
    }
  }

  /** Time.Format. */
  format(layout: string): string {
    return formatLayout(layout, this.clock())
  }

  override text(): string {
    return this.format('2006-01-02 15:04:05.999999999 -0700 MST')
  }

  /** Time.MarshalJSON: RFC 3339 with nanoseconds. Throws GoError where that cannot say it. */
  override json(): GoValue {
    return this.strictRfc3339('Time.MarshalJSON: ')
  }

  strictRfc3339(errorPrefix: string): string {
    const text = this.format('2006-01-02T15:04:05.999999999Z07:00')
    if (text[4] !== '-') throw new GoError(`${errorPrefix}year outside of range [0,9999]`)
    if (!text.endsWith('Z') && (/[0-9]/.test(text.at(-6)!) || Number(text.slice(-5, -3)) >= 24)) {
      throw new GoError(`${errorPrefix}timezone hour outside of range [0,23]`)
    }
    return text
  }

  override method(name: string): GoFunc | undefined {
    return methods.get(name)?.(this)
  }
}

/** The zero time, which Go returns beside an error. */
export const zeroTime: GoTime = new GoTime(-zeroToUnix)

/** time.Month and time.Weekday: integers that print as names. */
class NamedInt extends GoObject {
  override readonly goType: string
  override readonly goKind: GoKind = 'int'
  readonly value: number
  readonly names: readonly string[]

  constructor(goType: string, value: number, names: readonly string[]) {
    super()
    this.goType = goType
    this.value = value
    this.names = names
  }

  override text(): string {
    return this.names[this.value - (this.goType === 'time.Month' ? 1 : 0)]!
  }

  override integer(): bigint {
    return BigInt(this.value)
  }

  override json(): GoValue {
    return BigInt(this.value)
  }

  override truth(): boolean {
    return this.value !== 0
  }

  override method(name: string): GoFunc | undefined {
    return name === 'String' ? fn('() string', () => this.text()) : undefined
  }
}

const methods: ReadonlyMap<string, (t: GoTime) => GoFunc> = new Map<string, (t: GoTime) => GoFunc>([
  ['Format', t => fn('(string) string', (layout: string) => t.format(layout))],
  ['String', t => fn('() string', () => t.text())],
  ['Year', t => fn('() int', () => BigInt(t.clock().year))],
  ['Month', t => fn('() month', () => new NamedInt('time.Month', t.clock().month, longMonths))],
  ['Day', t => fn('() int', () => BigInt(t.clock().day))],
  ['Weekday', t => fn('() weekday', () => new NamedInt('time.Weekday', t.clock().weekday, longDays))],
  ['YearDay', t => fn('() int', () => BigInt(t.clock().yearDay))],
  ['Hour', t => fn('() int', () => BigInt(t.clock().hour))],
  ['Minute', t => fn('() int', () => BigInt(t.clock().minute))],
  ['Second', t => fn('() int', () => BigInt(t.clock().second))],
  ['Nanosecond', t => fn('() int', () => BigInt(t.nanosecond))],
  ['Unix', t => fn('() int64', () => int64(t.unix))],
  ['UnixMilli', t => fn('() int64', () => int64(t.unix * 1000n + BigInt(Math.trunc(t.nanosecond / 1e6))))],
  ['UnixMicro', t => fn('() int64', () => int64(t.unix * 1_000_000n + BigInt(Math.trunc(t.nanosecond / 1e3))))],
  ['UnixNano', t => fn('() int64', () => int64(t.unix * second + BigInt(t.nanosecond)))],
  ['UTC', t => fn('() time', () => t.inZone(utc))],
  ['IsZero', t => fn('() bool', () => t.unix === -zeroToUnix && t.nanosecond === 0)],
  ['Add', t => fn('(duration) time', (d: GoDuration) => t.add(d.nanoseconds))],
  ['AddDate', t => fn('(int, int, int) time', (y: bigint, m: bigint, d: bigint) => addDate(t, y, m, d))],
  ['Sub', t => fn('(time) duration', (u: GoTime) => new GoDuration(t.sub(u)))],
  ['Before', t => fn('(time) bool', (u: GoTime) => t.compare(u) < 0)],
  ['After', t => fn('(time) bool', (u: GoTime) => t.compare(u) > 0)],
  ['Equal', t => fn('(time) bool', (u: GoTime) => t.compare(u) === 0)],
  ['Compare', t => fn('(time) int', (u: GoTime) => BigInt(t.compare(u)))],
  ['Round', t => fn('(duration) time', (d: GoDuration) => roundTime(t, d.nanoseconds, true))],
  ['Truncate', t => fn('(duration) time', (d: GoDuration) => roundTime(t, d.nanoseconds, false))],
])

/** Time.AddDate: parts out of range carry over. */
function addDate(t: GoTime, years: bigint, months: bigint, days: bigint): GoTime {
  const c = t.clock()
  const month0 = BigInt(c.month - 1) + months
  const carry = month0 >= 0n ? month0 / 12n : (month0 - 11n) / 12n
  const first = daysSinceEpoch(Number(BigInt(c.year) + years + carry), Number(month0 - carry * 12n) + 1, 1)
  const seconds = (first + BigInt(c.day - 1) + days) * 86400n + BigInt(c.hour * 3600 + c.minute * 60 + c.second)
  return fromWallClock(seconds, t.nanosecond, t.location)
}

/** Time.Round and Time.Truncate: multiples are counted from the zero time. */
function roundTime(t: GoTime, d: bigint, nearest: boolean): GoTime {
  if (d <= 0n) return t
  const total = (t.unix + zeroToUnix) * second + BigInt(t.nanosecond)
  const rest = ((total % d) + d) % d
  return t.add(nearest && 2n * rest >= d ? d - rest : -rest)
}

/** The time at which a clock in `location` shows the given seconds since 1970. */
function fromWallClock(seconds: bigint, nanosecond: number, location: Location): GoTime {
  const guess = BigInt(location.lookup(seconds).offset)
  // Near a change of the clocks the first guess is of the other side.
  const offset = guess === 0n ? 0n : BigInt(location.lookup(seconds - guess).offset)
  return new GoTime(seconds - offset, nanosecond, location)
}

/**
 * time.ParseInLocation: reads a time with a layout; without a zone in the text it is one of `location`.
 * Throws GoError: `parsing time "x" as "2006-01-02": cannot parse "x" as "2006"`.
 */
export function parseTime(layout: string, text: string, location: Location = utc): GoTime {
  const p = parseWithLayout(layout, text)
  const seconds = daysSinceEpoch(p.year, p.month, p.day) * 86400n + BigInt(p.hour * 3600 + p.minute * 60 + p.second)
  if (p.utc) return new GoTime(seconds, p.nanosecond, utc)
  // -1 is Go's mark for "no offset", so an offset of one second west is lost there.
  if (p.offset !== undefined && p.offset !== -1) {
    const unix = seconds - BigInt(p.offset)
    const there = location.lookup(unix)
    const same = there.offset === p.offset && (p.zone === '' || there.name === p.zone)
    return new GoTime(unix, p.nanosecond, same ? location : fixedZone(p.zone, p.offset))
  }
  if (p.zone !== '') {
    const there = location.lookup(seconds)
    if (there.name === p.zone) return new GoTime(seconds - BigInt(there.offset), p.nanosecond, location)
    const hours = /^GMT([-+][0-9]+)$/.exec(p.zone)
    return new GoTime(seconds, p.nanosecond, fixedZone(p.zone, hours === null ? 0 : Number(hours[1]) * 3600))
  }
  return fromWallClock(seconds, p.nanosecond, location)
}
