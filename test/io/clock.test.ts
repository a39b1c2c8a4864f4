import { expect, test } from 'vitest'
import { beginOf } from '../../src/io/clock.ts'

const at = (text: string): number => Date.parse(`${text}T12:34:56Z`)

test.each<[days: number, time: string, want: string]>([
  // A quarter of a year has 91 days: day 20748 since 1970 is the 228th time, the next is the 21st of January.
  [365, '2026-10-22', '2026-10-22'],
  [365, '2027-01-20', '2026-10-22'],
  [365, '2027-01-21', '2027-01-21'],
  // 22 times 912 days.
  [3650, '2026-11-21', '2024-12-07'],
  // A certificate of a day, or of none, begins on its day.
  [1, '2026-11-21', '2026-11-21'],
  [0, '2026-11-21', '2026-11-21'],
  [-5, '2026-11-21', '2026-11-21'],
])('a certificate of %d days made on %s begins on %s', (days, time, want) => {
  expect(new Date(beginOf(days, at(time))).toISOString()).toBe(`${want}T00:00:00.000Z`)
})
