import { expect, test } from 'vitest'
import { daysIn, isLeap, parseWithLayout } from '../../src/go/time-layout.ts'

test.each<[year: number, leap: boolean]>([
  [2000, true],
  [1900, false],
  [2024, true],
  [2023, false],
])('%d', (year, leap) => {
  expect(isLeap(year)).toBe(leap)
  expect(daysIn(2, year)).toBe(leap ? 29 : 28)
})

test('what a text leaves open has its least value', () => {
  expect(parseWithLayout('15:04:05.000', '10:11:12.345')).toMatchObject({
    year: 0,
    month: 1,
    day: 1,
    hour: 10,
    nanosecond: 345_000_000,
    utc: false,
    offset: undefined,
    zone: '',
  })
})

test.each<[layout: string, text: string, want: object]>([
  ['Z07:00', 'Z', { utc: true }],
  ['-0700', '-0130', { offset: -5400 }],
  ['MST', 'CEST', { zone: 'CEST' }],
  // A fraction may follow the seconds though the layout has none.
  ['05', '12.5', { second: 12, nanosecond: 500_000_000 }],
  ['06', '69', { year: 1969 }],
  ['06', '68', { year: 2068 }],
])('%s reads %s', (layout, text, want) => expect(parseWithLayout(layout, text)).toMatchObject(want))
