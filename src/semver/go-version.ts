/** Versions as templates hold them: sprig's `semver` gives a *semver.Version, its `IncMajor` and kin a semver.Version. */
import { fn, GoError, type GoFunc, GoInt, type GoKind, GoObject, type GoValue } from '../go/value.ts'
import { checkMetadata, checkPrerelease, compareVersions, formatVersion, type Version } from './version.ts'

/** A semver.Version, or a pointer to one. */
export class GoVersion extends GoObject {
  override readonly goType: string
  override readonly goKind: GoKind
  readonly version: Version

  constructor(version: Version, kind: 'ptr' | 'struct' = 'ptr') {
    super()
    this.version = version
    this.goKind = kind
    this.goType = kind === 'ptr' ? '*semver.Version' : 'semver.Version'
  }

  override text(): string {
    return formatVersion(this.version)
  }

  override json(): GoValue {
    return formatVersion(this.version)
  }

  override method(name: string): GoFunc | undefined {
    return valueMethods.get(name)?.(this.version) ?? this.pointerMethod(name)
  }

  /** Methods with a pointer receiver, which a plain struct value does not have. */
  private pointerMethod(name: string): GoFunc | undefined {
    return this.goKind === 'ptr' ? pointerMethods.get(name)?.(this.version) : undefined
  }
}

type Method = (v: Version) => GoFunc

const valueMethods: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['Major', v => fn('() uint64', () => new GoInt('uint64', v.major))],
  ['Minor', v => fn('() uint64', () => new GoInt('uint64', v.minor))],
  ['Patch', v => fn('() uint64', () => new GoInt('uint64', v.patch))],
  ['Prerelease', v => fn('() string', () => v.prerelease)],
  ['Metadata', v => fn('() string', () => v.metadata)],
  ['String', v => fn('() string', () => formatVersion(v))],
  ['IncMajor', v => fn('() any', () => next(v, increment(v.major, 'major'), 0n, 0n))],
  ['IncMinor', v => fn('() any', () => next(v, v.major, increment(v.minor, 'minor'), 0n))],
  ['IncPatch', v => fn('() any', () => next(v, v.major, v.minor, nextPatch(v)))],
  ['SetPrerelease', v => fn('(string) (any, error)', (text: string) => withPrerelease(v, text))],
  ['SetMetadata', v => fn('(string) (any, error)', (text: string) => withMetadata(v, text))],
])

const pointerMethods: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['Original', v => fn('() string', () => v.original)],
  ['Compare', v => fn('(semver) int', (o: GoVersion) => BigInt(Math.sign(compareVersions(v, o.version))))],
  ['Equal', v => fn('(semver) bool', (o: GoVersion) => compareVersions(v, o.version) === 0)],
  ['LessThan', v => fn('(semver) bool', (o: GoVersion) => compareVersions(v, o.version) < 0)],
  ['LessThanEqual', v => fn('(semver) bool', (o: GoVersion) => compareVersions(v, o.version) <= 0)],
  ['GreaterThan', v => fn('(semver) bool', (o: GoVersion) => compareVersions(v, o.version) > 0)],
  ['GreaterThanEqual', v => fn('(semver) bool', (o: GoVersion) => compareVersions(v, o.version) >= 0)],
])

function increment(value: bigint, part: string): bigint {
  if (value === (1n << 64n) - 1n) throw new GoError(`${part} version increment would overflow uint64`, true)
  return value + 1n
}

/** The patch after a prerelease is the release it leads to. */
function nextPatch(v: Version): bigint {
  return v.prerelease === '' ? increment(v.patch, 'patch') : v.patch
}

function next(v: Version, major: bigint, minor: bigint, patch: bigint): GoVersion {
  return derived(v, { ...v, major, minor, patch, prerelease: '', metadata: '' })
}

function withPrerelease(v: Version, prerelease: string): GoVersion {
  checkPrerelease(prerelease)
  return derived(v, { ...v, prerelease })
}

function withMetadata(v: Version, metadata: string): GoVersion {
  checkMetadata(metadata)
  return derived(v, { ...v, metadata })
}

function derived(from: Version, v: Version): GoVersion {
  const prefix = from.original.startsWith('v') ? 'v' : ''
  return new GoVersion({ ...v, original: prefix + formatVersion(v) }, 'struct')
}
