/** Go's date layouts: `2006-01-02 15:04:05 MST` as a pattern, for printing and for reading (time/format.go). */
import { quoteAscii } from './duration.ts'
import { GoError } from './value.ts'

export const longMonths: readonly string[] = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]
export const longDays: readonly string[] = [
  'Sunday',
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
]
const shortMonths = longMonths.map(m => m.slice(0, 3))
const shortDays = longDays.map(d => d.slice(0, 3))

/** A moment taken apart in its zone. `offset` counts seconds east of UTC. */
export interface Clock {
  readonly year: number
  readonly month: number
  readonly day: number
  /** Day of the year, from 1. */
  readonly yearDay: number
  /** 0 is Sunday. */
  readonly weekday: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly nanosecond: number
  readonly zone: string
  readonly offset: number
}

type Element =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'field'; readonly text: string }
  | { readonly kind: 'fraction'; readonly text: string }

// Longest first where one is the beginning of another. `_2006` is an underscore and a year, `Month` not a month.
const field =
  /January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|0[1-6]|002|15|1|2006|2|_(?=2006)|_2|__2|3|4|5|PM|pm|-070000|-07:00:00|-0700|-07:00|-07|Z070000|Z07:00:00|Z0700|Z07:00|Z07|[.,](?:0+|9+)(?![0-9])/g

const layouts = new Map<string, readonly Element[]>()

/** Cuts a layout into fields and the text between. */
function parseLayout(layout: string): readonly Element[] {
  const known = layouts.get(layout)
  if (known !== undefined) return known
  const elements: Element[] = []
  let text = ''
  let at = 0
  for (const m of layout.matchAll(field)) {
    text += layout.slice(at, m.index)
    at = m.index + m[0].length
    if (m[0] === '_') {
      text += '_'
      continue
    }
    if (text !== '') elements.push({ kind: 'text', text })
    text = ''
    elements.push({ kind: /^[.,]/.test(m[0]) ? 'fraction' : 'field', text: m[0] })
  }
  text += layout.slice(at)
  if (text !== '') elements.push({ kind: 'text', text })
  // Layouts come from templates: few per chart, but bound the memory a hostile one can take.
  if (layouts.size > 500) layouts.clear()
  layouts.set(layout, elements)
  return elements
}

/** Time.Format. */
export function formatLayout(layout: string, t: Clock): string {
  let out = ''
  for (const e of parseLayout(layout)) {
    if (e.kind === 'text') out += e.text
    else if (e.kind === 'fraction') out += formatFraction(e.text, t.nanosecond)
    else out += formatField(e.text, t)
  }
  return out
}

function formatField(name: string, t: Clock): string {
  const hour12 = t.hour % 12 === 0 ? 12 : t.hour % 12
  switch (name) {
    case '06':
      return pad(Math.abs(t.year) % 100, 2)
    case '2006':
      return pad(t.year, 4)
    case 'Jan':
      return shortMonths[t.month - 1]!
    case 'January':
      return longMonths[t.month - 1]!
    case '1':
      return String(t.month)
    case '01':
      return pad(t.month, 2)
    case 'Mon':
      return shortDays[t.weekday]!
    case 'Monday':
      return longDays[t.weekday]!
    case '2':
      return String(t.day)
    case '_2':
      return String(t.day).padStart(2)
    case '02':
      return pad(t.day, 2)
    case '__2':
      return String(t.yearDay).padStart(3)
    case '002':
      return pad(t.yearDay, 3)
    case '15':
      return pad(t.hour, 2)
    case '3':
      return String(hour12)
    case '03':
      return pad(hour12, 2)
    case '4':
      return String(t.minute)
    case '04':
      return pad(t.minute, 2)
    case '5':
      return String(t.second)
    case '05':
      return pad(t.second, 2)
    case 'PM':
      return t.hour >= 12 ? 'PM' : 'AM'
    case 'pm':
      return t.hour >= 12 ? 'pm' : 'am'
    case 'MST':
      return t.zone === '' ? formatOffset('-0700', t.offset) : t.zone
    default:
      return formatOffset(name, t.offset)
  }
}

/** A zone offset in one of the forms `-07`, `-0700`, `-07:00`, `-07:00:00` and the same with Z. */
function formatOffset(form: string, offset: number): string {
  if (form.startsWith('Z') && offset === 0) return 'Z'
  const minutes = Math.trunc(offset / 60)
  const colon = form.includes(':') ? ':' : ''
  let out = (minutes < 0 ? '-' : '+') + pad(Math.trunc(Math.abs(minutes) / 60), 2)
  const digits = form.replace(/[^0-9]/g, '').length
  if (digits > 2) out += colon + pad(Math.abs(minutes) % 60, 2)
  // As in Go, a negative offset of less than a minute has no sign, and its seconds stay negative.
  if (digits > 4) out += colon + pad((minutes < 0 ? -offset : offset) % 60, 2)
  return out
}

function formatFraction(form: string, nanosecond: number): string {
  const places = form.length - 1
  const trims = form[1] === '9'
  if (trims && nanosecond === 0) return ''
  let digits = pad(nanosecond, 9).slice(0, places)
  if (trims) digits = digits.replace(/0+$/, '')
  return digits === '' ? '' : form[0] + digits
}

function pad(value: number, width: number): string {
  return value < 0 ? `-${String(-value).padStart(width, '0')}` : String(value).padStart(width, '0')
}

/** What a text read with a layout says; what it leaves open is the caller's to fill in. */
export interface Parsed {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly nanosecond: number
  /** `utc`: the text says Z or UTC. `offset`, `zone`: as written. */
  readonly utc: boolean
  readonly offset: number | undefined
  readonly zone: string
}

/** time.Parse up to the zone. Throws GoError with Go's text: `parsing time "x" as "2006": cannot parse "x" as "2006"`. */
export function parseWithLayout(layout: string, text: string): Parsed {
  return new LayoutReader(layout, text).read()
}

/** Thrown inside the reader: the value does not fit the field. */
const bad = Symbol('bad value for field')

class LayoutReader {
  readonly layout: string
  readonly text: string
  rest: string
  year = 0
  month = -1
  day = -1
  yearDay = -1
  hour = 0
  minute = 0
  second = 0
  nanosecond = 0
  am = false
  pm = false
  utc = false
  offset: number | undefined
  zone = ''
  outOfRange = ''

  constructor(layout: string, text: string) {
    this.layout = layout
    this.text = text
    this.rest = text
  }

  read(): Parsed {
    const elements = parseLayout(this.layout)
    for (const [i, e] of elements.entries()) {
      if (e.kind === 'text') {
        this.skip(e.text)
        continue
      }
      const hold = this.rest
      try {
        if (e.kind === 'fraction') this.readFraction(e.text)
        else this.readField(e.text, elements[i + 1])
      } catch (error) {
        if (error !== bad) throw error
        throw this.cannotParse(hold, e.text)
      }
      if (this.outOfRange !== '') throw this.fail(`: ${this.outOfRange} out of range`)
    }
    if (this.rest !== '') throw this.fail(`: extra text: ${quoteAscii(this.rest)}`)
    if (this.pm && this.hour < 12) this.hour += 12
    else if (this.am && this.hour === 12) this.hour = 0
    this.settleDay()
    return this
  }

  fail(message: string): GoError {
    return new GoError(`parsing time ${quoteAscii(this.text)}${message}`)
  }

  cannotParse(value: string, element: string): GoError {
    return this.fail(` as ${quoteAscii(this.layout)}: cannot parse ${quoteAscii(value)} as ${quoteAscii(element)}`)
  }

  /** Literal text; runs of blanks are equal whatever their length. */
  skip(prefix: string): void {
    let p = prefix
    while (p !== '') {
      if (p[0] === ' ') {
        if (this.rest !== '' && this.rest[0] !== ' ') throw this.cannotParse(this.rest, prefix)
        p = p.replace(/^ +/, '')
        this.rest = this.rest.replace(/^ +/, '')
        continue
      }
      if (this.rest[0] !== p[0]) throw this.cannotParse(this.rest, prefix)
      p = p.slice(1)
      this.rest = this.rest.slice(1)
    }
  }

  take(pattern: RegExp): string {
    const m = pattern.exec(this.rest)
    if (m === null) throw bad
    this.rest = this.rest.slice(m[0].length)
    return m[0]
  }

  number(pattern: RegExp): number {
    return Number(this.take(pattern))
  }

  /** One or two digits; a zero-padded field wants both. */
  twoDigits(padded: boolean): number {
    return this.number(padded ? /^[0-9]{2}/ : /^[0-9]{1,2}/)
  }

  /** The index of a name of the table, compared without case. */
  name(table: readonly string[]): number {
    const lower = this.rest.toLowerCase()
    const index = table.findIndex(name => lower.startsWith(name.toLowerCase()))
    if (index < 0) throw bad
    this.rest = this.rest.slice(table[index]!.length)
    return index
  }

  inRange(value: number, min: number, max: number, what: string): number {
    if (value < min || value > max) this.outOfRange = what
    return value
  }

  readField(name: string, next: Element | undefined): void {
    switch (name) {
      case '06': {
        const two = this.take(/^[\s\S]{2}/)
        if (!/^(?:[0-9]{2}|[-+][0-9])$/.test(two)) throw bad
        const year = Number(two)
        this.year = year >= 69 ? year + 1900 : year + 2000
        return
      }
      case '2006': {
        const four = this.take(/^[0-9][\s\S]{3}/)
        if (!/^[0-9]{4}$/.test(four)) throw bad
        this.year = Number(four)
        return
      }
      case 'Jan':
        this.month = this.name(shortMonths) + 1
        return
      case 'January':
        this.month = this.name(longMonths) + 1
        return
      case '1':
      case '01':
        this.month = this.inRange(this.twoDigits(name === '01'), 1, 12, 'month')
        return
      case 'Mon':
        this.name(shortDays)
        return
      case 'Monday':
        this.name(longDays)
        return
      case '2':
      case '_2':
      case '02':
        if (name === '_2' && this.rest[0] === ' ') this.rest = this.rest.slice(1)
        this.day = this.twoDigits(name === '02')
        return
      case '__2':
        this.rest = this.rest.replace(/^ {1,2}/, '')
        this.yearDay = this.number(/^[0-9]{1,3}/)
        return
      case '002':
        this.yearDay = this.number(/^[0-9]{3}/)
        return
      case '15':
        this.hour = this.inRange(this.twoDigits(false), 0, 23, 'hour')
        return
      case '3':
      case '03':
        this.hour = this.inRange(this.twoDigits(name === '03'), 0, 12, 'hour')
        return
      case '4':
      case '04':
        this.minute = this.inRange(this.twoDigits(name === '04'), 0, 59, 'minute')
        return
      case '5':
      case '05':
        this.second = this.inRange(this.twoDigits(name === '05'), 0, 59, 'second')
        // A fraction may follow although the layout has none.
        if (this.outOfRange === '' && next?.kind !== 'fraction') this.optionalFraction()
        return
      case 'PM':
      case 'pm': {
        const half = this.take(/^[\s\S]{2}/)
        const upper = name === 'PM'
        if (half === (upper ? 'PM' : 'pm')) this.pm = true
        else if (half === (upper ? 'AM' : 'am')) this.am = true
        else throw bad
        return
      }
      case 'MST':
        if (this.rest.startsWith('UTC')) {
          this.utc = true
          this.rest = this.rest.slice(3)
        } else {
          const length = zoneNameLength(this.rest)
          this.zone = this.rest.slice(0, length)
          this.rest = this.rest.slice(length)
        }
        return
      default:
        this.readOffset(name)
    }
  }

  readOffset(form: string): void {
    if (form.startsWith('Z') && this.rest.startsWith('Z')) {
      this.utc = true
      this.rest = this.rest.slice(1)
      return
    }
    const digits = form.replace(/[^0-9]/g, '').length
    const colon = form.includes(':')
    const length = 1 + digits + (colon ? digits / 2 - 1 : 0)
    if (this.rest.length < length) throw bad
    const part = this.rest.slice(0, length)
    const m = (colon ? /^([\s\S])(..):(..)(?::(..))?$/s : /^([\s\S])(..)(..)?(..)?$/s).exec(part)
    if (m === null) throw bad
    this.rest = this.rest.slice(length)
    const numbers = [m[2] ?? '00', m[3] ?? '00', m[4] ?? '00']
    const known = numbers.findIndex(n => !/^[0-9]{2}$/.test(n))
    const [hours, minutes, seconds] = numbers.map((n, i) => (known >= 0 && i >= known ? 0 : Number(n)))
    if (hours! > 24) this.outOfRange = 'time zone offset hour'
    if (minutes! > 60) this.outOfRange = 'time zone offset minute'
    if (seconds! > 60) this.outOfRange = 'time zone offset second'
    if (this.outOfRange !== '') return
    if (known >= 0 || (m[1] !== '+' && m[1] !== '-')) throw bad
    const offset = (hours! * 60 + minutes!) * 60 + seconds!
    this.offset = m[1] === '-' ? -offset : offset
  }

  readFraction(form: string): void {
    if (form[1] === '9') this.optionalFraction()
    else {
      if (this.rest.length < form.length) throw bad
      // Digits beyond nanoseconds are dropped unread.
      const part = this.rest.slice(0, Math.min(form.length, 10))
      this.rest = this.rest.slice(form.length)
      if (!/^[.,][-+]?[0-9]*$/.test(part) || !/[0-9]/.test(part)) throw bad
      const value = Number(part.slice(1)) * 10 ** (10 - part.length)
      if (value < 0) this.outOfRange = 'fractional second'
      this.nanosecond = value
    }
  }

  optionalFraction(): void {
    const m = /^[.,]([0-9]+)/.exec(this.rest)
    if (m === null) return
    this.rest = this.rest.slice(m[0].length)
    this.nanosecond = Number(m[1]!.slice(0, 9).padEnd(9, '0'))
  }

  /** Turns a day of the year into month and day, and checks the day against the month. */
  settleDay(): void {
    if (this.yearDay >= 0) {
      const leap = isLeap(this.year)
      if (this.yearDay < 1 || this.yearDay > (leap ? 366 : 365)) throw this.fail(': day-of-year out of range')
      let month = 1
      let day = this.yearDay
      while (day > daysIn(month, this.year)) day -= daysIn(month++, this.year)
      if (this.month >= 0 && this.month !== month) throw this.fail(': day-of-year does not match month')
      if (this.day >= 0 && this.day !== day) throw this.fail(': day-of-year does not match day')
      this.month = month
      this.day = day
    }
    if (this.month < 0) this.month = 1
    if (this.day < 0) this.day = 1
    if (this.day < 1 || this.day > daysIn(this.month, this.year)) throw this.fail(': day out of range')
  }
}

/** The length of the zone abbreviation a text begins with (parseTimeZone): three to five capitals and some exceptions. */
function zoneNameLength(text: string): number {
  if (text.length < 3) throw bad
  if (/^(?:ChST|MeST)/.test(text)) return 4
  if (text.startsWith('GMT')) return 3 + signedOffsetLength(text.slice(3))
  if (/^[-+]/.test(text)) {
    const length = signedOffsetLength(text)
    if (length === 0) throw bad
    return length
  }
  const capitals = /^[A-Z]{0,6}/.exec(text)![0].length
  if (capitals === 3) return 3
  if (capitals === 4 && (text[3] === 'T' || text.startsWith('WITA'))) return 4
  if (capitals === 5 && text[4] === 'T') return 5
  throw bad
}

function signedOffsetLength(text: string): number {
  const m = /^[-+]([0-9]+)/.exec(text)
  return m === null || BigInt(m[1]!) > 23n ? 0 : m[0].length
}

export function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
}

export function daysIn(month: number, year: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}
