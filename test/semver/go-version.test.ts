import { expect, test } from 'vitest'
import type { GoFunc } from '../../src/go/value.ts'
import { GoVersion } from '../../src/semver/go-version.ts'
import { parseVersion } from '../../src/semver/version.ts'

const version = new GoVersion(parseVersion('v1.2.3-rc.1+b'))
const call = (name: string, of: GoVersion = version, ...args: unknown[]): unknown =>
  (of.method(name) as GoFunc).call(...args)

test.each<[method: string, want: string, original: string]>([
  ['IncMajor', '2.0.0', 'v2.0.0'],
  ['IncMinor', '1.3.0', 'v1.3.0'],
  // The release that a prerelease leads to.
  ['IncPatch', '1.2.3', 'v1.2.3'],
])('%s', (method, want, original) => {
  const next = call(method) as GoVersion
  expect(next.text()).toBe(want)
  expect(next.version.original).toBe(original)
  // A plain struct has no methods of the pointer.
  expect(next.goType).toBe('semver.Version')
  expect(next.method('Original')).toBeUndefined()
})

test('comparing', () => {
  const other = new GoVersion(parseVersion('1.2.3'))
  expect(['LessThan', 'GreaterThan', 'Equal', 'LessThanEqual'].map(name => call(name, version, other))).toEqual([
    true,
    false,
    false,
    true,
  ])
  expect(call('Compare', other, version)).toBe(1n)
})

test('parts can be set, and are checked', () => {
  expect((call('SetPrerelease', version, 'x') as GoVersion).text()).toBe('1.2.3-x+b')
  expect((call('SetMetadata', version, '') as GoVersion).text()).toBe('1.2.3-rc.1')
  expect(() => call('SetPrerelease', version, 'v1.2+3')).toThrow('invalid prerelease string')
  expect(() => call('SetMetadata', version, 'é')).toThrow('invalid metadata string')
  expect(() => call('IncMajor', new GoVersion(parseVersion('18446744073709551615')))).toThrow('would overflow uint64')
})
