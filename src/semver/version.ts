/** Versions as Masterminds/semver 3.5.0 reads and orders them (version.go). */
import { byteLength, compareStrings, GoError } from '../go/value.ts'

/** A version; the parts are unsigned 64-bit numbers. */
export interface Version {
  readonly major: bigint
  readonly minor: bigint
  readonly patch: bigint
  readonly prerelease: string
  readonly metadata: string
  /** The text it was read from. */
  readonly original: string
}

const maxLength = 256
const loose =
  /^v?([0-9]+)(\.[0-9]+)?(\.[0-9]+)?(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?$/

/**
 * NewVersion: a leading v, one to three numbers, leading zeros allowed in them.
 * Throws GoError: `invalid semantic version` and what else the library says.
 */
export function parseVersion(text: string): Version {
  if (byteLength(text) > maxLength) throw tooLong()
  const m = loose.exec(text)
  if (m === null) throw new GoError('invalid semantic version')
  const version: Version = {
    major: segment(m[1]!, true),
    minor: segment(m[2]?.slice(1) ?? '0', true),
    patch: segment(m[3]?.slice(1) ?? '0', true),
    prerelease: m[4] ?? '',
    metadata: m[5] ?? '',
    original: text,
  }
  checkPrerelease(version.prerelease)
  return version
}

function tooLong(): GoError {
  return new GoError(`version string is too long (max ${maxLength} bytes)`)
}

/** strconv.ParseUint of one number. */
function segment(digits: string, wrapped = false): bigint {
  const prefix = wrapped ? 'error parsing version segment: ' : ''
  if (digits === '') throw new GoError(`${prefix}strconv.ParseUint: parsing "": invalid syntax`)
  const value = BigInt(digits)
  if (value >= 1n << 64n) throw new GoError(`${prefix}strconv.ParseUint: parsing "${digits}": value out of range`)
  return value
}

/** Whether a text is a version. */
export function isVersion(text: string): boolean {
  try {
    parseVersion(text)
    return true
  } catch (error) {
    if (error instanceof GoError) return false
    throw error
  }
}

/** Identifiers of letters, digits and hyphens; numeric ones without leading zeros. */
export function checkPrerelease(text: string): void {
  if (text === '') return
  for (const part of text.split('.')) {
    if (!/^[0-9A-Za-z-]+$/.test(part)) throw new GoError('invalid prerelease string')
    if (/^0[0-9]+$/.test(part)) throw new GoError('version segment starts with 0')
  }
}

/** Identifiers of letters, digits and hyphens. */
export function checkMetadata(text: string): void {
  if (text === '') return
  for (const part of text.split('.')) {
    if (!/^[0-9A-Za-z-]+$/.test(part)) throw new GoError('invalid metadata string')
  }
}

/** Version.String: without a leading v, all three numbers. */
export function formatVersion(v: Version): string {
  const prerelease = v.prerelease === '' ? '' : `-${v.prerelease}`
  const metadata = v.metadata === '' ? '' : `+${v.metadata}`
  return `${v.major}.${v.minor}.${v.patch}${prerelease}${metadata}`
}

/** Version.Compare: negative, 0 or positive; metadata does not count, a prerelease is before its release. */
export function compareVersions(a: Version, b: Version): number {
  return (
    compareNumbers(a.major, b.major) ||
    compareNumbers(a.minor, b.minor) ||
    compareNumbers(a.patch, b.patch) ||
    comparePrereleases(a.prerelease, b.prerelease)
  )
}

function compareNumbers(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Orders prerelease texts; the empty one, a release, is last. */
export function comparePrereleases(a: string, b: string): number {
  if (a === b) return 0
  if (a === '') return 1
  if (b === '') return -1
  return compareIdentifiers(a, b)
}

/** Part by part: numbers by value and before words, words by bytes, a missing part before any. */
export function compareIdentifiers(a: string, b: string): number {
  const as = a.split('.')
  const bs = b.split('.')
  for (let i = 0; i < Math.max(as.length, bs.length); i++) {
    const order = compareParts(as[i] ?? '', bs[i] ?? '')
    if (order !== 0) return order
  }
  return 0
}

function compareParts(a: string, b: string): number {
  if (a === b) return 0
  if (a === '') return -1
  if (b === '') return 1
  const na = asNumber(a)
  const nb = asNumber(b)
  if (na === undefined && nb === undefined) return compareStrings(a, b) > 0 ? 1 : -1
  if (nb === undefined) return -1
  if (na === undefined) return 1
  return na > nb ? 1 : -1
}

/** A number if it is one that 64 bits hold; a longer run of digits counts as a word, as in the library. */
function asNumber(part: string): bigint | undefined {
  if (!/^[0-9]+$/.test(part)) return undefined
  const value = BigInt(part)
  return value < 1n << 64n ? value : undefined
}
