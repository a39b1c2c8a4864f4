/** Sprig's dates (date.go). */
import { formatDuration, parseDuration, roundDuration, second } from '../go/duration.ts'
import { GoTime, type Location, loadLocation, parseTime, utc, zeroTime } from '../go/time.ts'
import { fn, GoError, type GoFunc, GoInt, type GoValue } from '../go/value.ts'
import { parseDecimal } from './math.ts'
import type { SprigPorts } from './ports.ts'

const hour = 3600n * second

/** The functions of this chapter that neither clock nor zone touches. */
export const hermeticDates: Readonly<Record<string, GoFunc>> = {
  date_modify: fn('(string, time) time', modify),
  dateModify: fn('(string, time) time', modify),
  must_date_modify: fn('(string, time) (time, error)', (text: string, t: GoTime) => t.add(parseDuration(text))),
  mustDateModify: fn('(string, time) (time, error)', (text: string, t: GoTime) => t.add(parseDuration(text))),
  duration: fn('(any) string', (v: GoValue) => formatDuration(BigInt.asIntN(64, secondsOf(v) * second))),
  unixEpoch: fn('(time) string', (t: GoTime) => t.unix.toString()),
}

/** The functions of this chapter that ask for the time, or print and read in the local zone. */
export function dates(ports: SprigPorts): Readonly<Record<string, GoFunc>> {
  // Asked for only when it is used: finding out the zone takes its time.
  const local = (): Location => ports.local ?? utc
  const inZone = (layout: string, v: GoValue, zone: string): string => {
    const location = zone === 'Local' ? local() : (loadLocation(zone) ?? utc)
    return (instantOf(v) ?? ports.now()).inZone(location).format(layout)
  }
  const html = '2006-01-02'
  return {
    now: fn('() time', () => ports.now()),
    date: fn('(string, any) string', (layout: string, v: GoValue) => inZone(layout, v, 'Local')),
    dateInZone: fn('(string, any, string) string', inZone),
    date_in_zone: fn('(string, any, string) string', inZone),
    htmlDate: fn('(any) string', (v: GoValue) => inZone(html, v, 'Local')),
    htmlDateInZone: fn('(any, string) string', (v: GoValue, zone: string) => inZone(html, v, zone)),
    toDate: fn('(string, string) time', (layout: string, text: string) => {
      try {
        return parseTime(layout, text, local())
      } catch (error) {
        if (error instanceof GoError) return zeroTime
        throw error
      }
    }),
    mustToDate: fn('(string, string) (time, error)', (layout: string, text: string) =>
      parseTime(layout, text, local()),
    ),
    ago: fn('(any) string', (v: GoValue) => {
      // An int32 is not among the types that this function knows.
      const then = v instanceof GoInt && v.type === 'int32' ? undefined : instantOf(v)
      const now = ports.now()
      return formatDuration(roundDuration(now.sub(then ?? now), second))
    }),
    durationRound: fn('(any) string', (v: GoValue) => largestUnit(nanosecondsOf(v, ports))),
  }
}

/** A time, or Unix seconds as an int, int32 or int64; undefined for anything else, which means now. */
function instantOf(v: GoValue): GoTime | undefined {
  if (v instanceof GoTime) return v
  if (typeof v === 'bigint') return new GoTime(v)
  return v instanceof GoInt && (v.type === 'int64' || v.type === 'int32') ? new GoTime(v.value) : undefined
}

function modify(text: string, t: GoTime): GoTime {
  try {
    return t.add(parseDuration(text))
  } catch (error) {
    if (error instanceof GoError) return t
    throw error
  }
}

/** Only a string or an int64 counts; an int, which every literal is, does not. */
function secondsOf(v: GoValue): bigint {
  if (typeof v === 'string') return parseDecimal(v)
  return v instanceof GoInt && v.type === 'int64' ? v.value : 0n
}

function nanosecondsOf(v: GoValue, ports: SprigPorts): bigint {
  if (v instanceof GoTime) return ports.now().sub(v)
  if (v instanceof GoInt && v.type === 'int64') return v.value
  if (typeof v !== 'string') return 0n
  try {
    return parseDuration(v)
  } catch (error) {
    if (error instanceof GoError) return 0n
    throw error
  }
}

const units: readonly (readonly [bigint, string])[] = [
  [365n * 24n * hour, 'y'],
  [30n * 24n * hour, 'mo'],
  [24n * hour, 'd'],
  [hour, 'h'],
  [60n * second, 'm'],
  [second, 's'],
]

/** "2h": the largest unit of which there is more than one whole. */
function largestUnit(nanoseconds: bigint): string {
  const u = nanoseconds < 0n ? -nanoseconds : nanoseconds
  for (const [size, name] of units) if (u > size) return `${u / size}${name}`
  return '0s'
}
