import { expect, test } from 'vitest'
import { GoError } from '../../src/go/value.ts'
import {
  checkMetadata,
  checkPrerelease,
  compareVersions,
  formatVersion,
  parseVersion,
} from '../../src/semver/version.ts'

const failure = (work: () => unknown): string => {
  try {
    return `no error: ${String(work())}`
  } catch (error) {
    if (error instanceof GoError) return error.message
    throw error
  }
}

test.each<[text: string, want: string]>([
  ['1.2.3', '1.2.3'],
  ['v1.2', '1.2.0'],
  ['1', '1.0.0'],
  ['01.2', '1.2.0'],
  ['1.2.3-rc.1+b.2', '1.2.3-rc.1+b.2'],
  ['1.2-0', '1.2.0-0'],
  ['18446744073709551615.0.0', '18446744073709551615.0.0'],
])('%s', (text, want) => {
  const version = parseVersion(text)
  expect(formatVersion(version)).toBe(want)
  expect(version.original).toBe(text)
})

test.each<[text: string, error: string]>([
  ['', 'invalid semantic version'],
  ['V1', 'invalid semantic version'],
  ['1.2.3.4', 'invalid semantic version'],
  ['1.2.3-', 'invalid semantic version'],
  ['1.2.3-01', 'version segment starts with 0'],
  [
    '18446744073709551616',
    'error parsing version segment: strconv.ParseUint: parsing "18446744073709551616": value out of range',
  ],
  [`1.${'0'.repeat(300)}`, 'version string is too long (max 256 bytes)'],
])('%s is none', (text, error) => expect(failure(() => parseVersion(text))).toBe(error))

test('versions are in order', () => {
  const ordered = [
    '1.0.0-0',
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.beta',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0-rc.1',
    '1.0.0',
    '1.0.1-0',
    '1.2.0',
    '1.10.0',
    '2.0.0',
  ]
  for (const [i, a] of ordered.entries()) {
    for (const [k, b] of ordered.entries()) {
      expect(Math.sign(compareVersions(parseVersion(a), parseVersion(b))), `${a} ${b}`).toBe(Math.sign(i - k))
    }
  }
  expect(compareVersions(parseVersion('1.0.0+a'), parseVersion('1.0.0+b'))).toBe(0)
})

test('the parts by themselves', () => {
  expect(failure(() => checkPrerelease('a..b'))).toBe('invalid prerelease string')
  expect(failure(() => checkMetadata('a+b'))).toBe('invalid metadata string')
  expect(failure(() => checkMetadata(''))).toMatch('no error')
})
