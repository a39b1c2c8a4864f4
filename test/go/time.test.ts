import { expect, test } from 'vitest'
import { fixedZone, GoTime, loadLocation, parseTime, utc, zeroTime } from '../../src/go/time.ts'
import { GoError } from '../../src/go/value.ts'

const failure = (work: () => unknown): string => {
  try {
    return `no error: ${String(work())}`
  } catch (error) {
    if (error instanceof GoError) return error.message
    throw error
  }
}

const moment = parseTime('2006-01-02T15:04:05Z07:00', '2024-06-01T10:11:12+02:00')

test.each<[layout: string, text: string, unix: bigint]>([
  ['2006-01-02', '2024-02-29', 1709164800n],
  ['2006-01-02T15:04:05Z07:00', '1970-01-01T00:00:00Z', 0n],
  ['2006-01-02T15:04:05Z07:00', '1969-12-31T23:00:00-01:00', 0n],
  ['Mon Jan _2 15:04:05 2006', 'Thu Jan  1 00:00:01 1970', 1n],
  ['02 Jan 06 15:04 MST', '01 Jan 70 00:00 UTC', 0n],
  ['3:04PM 2006', '12:00AM 1970', 0n],
  ['2006-002', '1970-365', 31449600n],
])('%s reads %s', (layout, text, unix) => expect(parseTime(layout, text).unix).toBe(unix))

test.each<[layout: string, text: string, error: string]>([
  ['2006-01-02', 'x', 'parsing time "x" as "2006-01-02": cannot parse "x" as "2006"'],
  ['2006-01-02', '2024-02-30', 'parsing time "2024-02-30": day out of range'],
  ['2006-01-02', '2024-13-01', 'parsing time "2024-13-01": month out of range'],
  ['2006', '2024x', 'parsing time "2024x": extra text: "x"'],
  ['15:04', '24:00', 'parsing time "24:00": hour out of range'],
])('%s does not read %s', (layout, text, error) => expect(failure(() => parseTime(layout, text))).toBe(error))

test.each<[layout: string, want: string]>([
  ['2006-01-02T15:04:05Z07:00', '2024-06-01T10:11:12+02:00'],
  ['Mon Monday Jan January 1 01 2 _2 02 06', 'Sat Saturday Jun June 6 06 1  1 01 24'],
  ['3:04:05 PM .000 .999', '10:11:12 AM .000 '],
  ['-07 -0700 -07:00:00 Z0700', '+02 +0200 +02:00:00 +0200'],
  ['002 __2 text Month', '153 153 text Month'],
])('%s', (layout, want) => expect(moment.format(layout)).toBe(want))

test('zones', () => {
  const berlin = loadLocation('Europe/Berlin')!
  expect(moment.inZone(berlin).format('15:04 MST -0700')).toBe('10:11 CEST +0200')
  expect(new GoTime(0n).inZone(berlin).format('15:04 MST')).toBe('01:00 CET')
  expect(moment.inZone(fixedZone('X', -3600)).format('15:04 MST')).toBe('07:11 X')
  expect(loadLocation('Nowhere')).toBeUndefined()
})

test('a time is a number of nanoseconds away from another', () => {
  expect(moment.add(1_500_000_000n).sub(moment)).toBe(1_500_000_000n)
  expect(moment.compare(moment.inZone(utc))).toBe(0)
  expect(zeroTime.text()).toBe('0001-01-01 00:00:00 +0000 UTC')
})
