import { expect, test } from 'vitest'
import { zoneAbbreviations } from '../../src/go/zones.ts'

test.each<[zone: string, abbreviations: readonly [string, string] | undefined]>([
  ['Europe/Berlin', ['CET', 'CEST']],
  ['Asia/Tokyo', ['JST', 'JST']],
  ['UTC', ['UTC', 'UTC']],
  ['Europe/Nowhere', undefined],
])('%s', (zone, abbreviations) => expect(zoneAbbreviations(zone)).toEqual(abbreviations))
