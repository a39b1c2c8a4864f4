/** Version constraints as Masterminds/semver 3.5.0 reads and applies them (constraints.go). */
import { compileRegexp, type GoRegexp } from '../go/regexp.ts'
import { quote } from '../go/strconv.ts'
import { byteLength, GoError } from '../go/value.ts'
import { compareIdentifiers, compareVersions, parseVersion, type Version } from './version.ts'

/** `>=1.2, <2 || ~3.1`: alternatives, each a list of comparisons that must all hold. */
export interface Constraints {
  readonly alternatives: readonly Alternative[]
}

interface Alternative {
  readonly comparisons: readonly Comparison[]
  /** Some comparison names a prerelease: then prereleases are admitted to all of them. */
  readonly prereleases: boolean
}

interface Comparison {
  readonly operator: string
  readonly version: Version
  /** The first part that is a wildcard or missing: `major` for `*`, `minor` for `1` and `1.x`, `patch` for `1.2`. */
  readonly wildcard: 'none' | 'major' | 'minor' | 'patch'
}

const maxLength = 512
const maxAlternatives = 32

// The vertical bar inside the classes is the library's own.
const version =
  'v?([0-9|x|X|\\*]+)(\\.[0-9|x|X|\\*]+)?(\\.[0-9|x|X|\\*]+)?' +
  '(-([0-9A-Za-z\\-]+(\\.[0-9A-Za-z\\-]+)*))?(\\+([0-9A-Za-z\\-]+(\\.[0-9A-Za-z\\-]+)*))?'
const operator = '=||!=|>|<|>=|=>|<=|=<|~|~>|\\^'

/** A single comparison, as nearly all are; RE2 takes longer to load than most charts need. RE2's \s is ASCII. */
const one = new RegExp(`^[\\t\\n\\f\\r ]*(${operator})[\\t\\n\\f\\r ]*(${version})[\\t\\n\\f\\r ]*$`)
// RE2, for the text is foreign: the blanks of `whole` can be shared out in exponentially many ways.
const range = (): GoRegexp => compileRegexp(`\\s*(${version})\\s+-\\s+(${version})\\s*`)
const each = (): GoRegexp => compileRegexp(`(${operator})\\s*(${version})`)
const whole = (): GoRegexp =>
  compileRegexp(`^(\\s*(${operator})\\s*(${version})\\s*)((?:\\s+|,\\s*)(${operator})\\s*(${version})\\s*)*$`)

const known = new Map<string, Constraints>()

/** NewConstraint. Throws GoError: `improper constraint: ">>1"`, `constraint string is too long (max 512 bytes)`. */
export function parseConstraints(text: string): Constraints {
  const cached = known.get(text)
  if (cached !== undefined) return cached
  if (byteLength(text) > maxLength) throw new GoError(`constraint string is too long (max ${maxLength} bytes)`)
  const alternatives = rewriteRanges(text).split('||')
  if (alternatives.length > maxAlternatives) {
    throw new GoError(`too many constraint groups (max ${maxAlternatives})`)
  }
  const constraints: Constraints = { alternatives: alternatives.map(parseAlternative) }
  if (known.size >= 500) known.clear()
  known.set(text, constraints)
  return constraints
}

/** `1.2 - 1.4` is `>= 1.2, <= 1.4`. */
function rewriteRanges(text: string): string {
  if (!/[\t\n\f\r ]-[\t\n\f\r ]/.test(text)) return text
  let out = text
  for (const m of range().findAllSubmatch(text)) out = out.replace(m[0]!, () => `>= ${m[1]}, <= ${m[11]} `)
  return out
}

function parseAlternative(text: string): Alternative {
  const comparisons = one.test(text) ? [parseComparison(text)] : comparisonsOf(text)
  return { comparisons, prereleases: comparisons.some(c => c.version.prerelease !== '') }
}

function comparisonsOf(text: string): Comparison[] {
  if (!whole().matches(text)) throw new GoError(`improper constraint: ${quote(text)}`)
  return each()
    .findAllSubmatch(text)
    .map(m => parseComparison(m[0]!))
}

function parseComparison(text: string): Comparison {
  const m = one.exec(text)
  if (m === null) throw new GoError(`improper constraint: ${quote(text)}`)
  const major = m[3]!
  const minor = m[4]?.slice(1) ?? ''
  const patch = m[5]?.slice(1) ?? ''
  const prerelease = m[6] ?? ''
  const comparison = (wildcard: Comparison['wildcard'], text: string): Comparison => {
    try {
      return { operator: m[1]!, version: parseVersion(text), wildcard }
    } catch (error) {
      if (!(error instanceof GoError)) throw error
      throw new GoError('constraint parser error')
    }
  }
  if (isWildcard(major)) return comparison('major', `0.0.0${prerelease}`)
  if (isWildcard(minor)) return comparison('minor', `${major}.0.0${prerelease}`)
  if (isWildcard(patch)) return comparison('patch', `${major}.${minor}.0${prerelease}`)
  return comparison('none', m[2]!)
}

function isWildcard(part: string): boolean {
  return part === '' || part === 'x' || part === 'X' || part === '*'
}

/** Constraints.Check: whether a version satisfies one alternative. */
export function satisfies(constraints: Constraints, v: Version): boolean {
  return constraints.alternatives.some(
    a => (v.prerelease === '' || a.prereleases) && a.comparisons.every(c => holds(c, v)),
  )
}

function holds(c: Comparison, v: Version): boolean {
  switch (c.operator) {
    case '':
    case '=':
      return c.wildcard === 'none' ? compareVersions(v, c.version) === 0 : isTilde(c, v)
    case '!=':
      return isDifferent(c, v)
    case '>':
      return isGreater(c, v)
    case '<':
      return compareVersions(v, c.version) < 0
    case '>=':
    case '=>':
      return compareVersions(v, c.version) >= 0
    case '<=':
    case '=<':
      return isAtMost(c, v)
    case '~':
    case '~>':
      return isTilde(c, v)
    default:
      return isCaret(c, v)
  }
}

/** `!=1.2` excludes every 1.2.x; with `*` it still compares all three numbers. */
function isDifferent(c: Comparison, v: Version): boolean {
  if (c.wildcard !== 'none') {
    if (c.version.major !== v.major) return true
    if (c.wildcard === 'minor') return false
    if (c.version.minor !== v.minor) return true
    if (c.wildcard === 'patch') return comparePreOrEqual(c, v)
    if (c.version.patch !== v.patch) return true
  }
  return compareVersions(v, c.version) !== 0
}

/** Within `!=1.2`: a version with another prerelease than the constraint's is different after all. */
function comparePreOrEqual(c: Comparison, v: Version): boolean {
  if (v.prerelease === '' && c.version.prerelease === '') return false
  return compareIdentifiers(v.prerelease, c.version.prerelease) !== 0
}

/** `>11` begins at 12, `>11.1` at 11.2. */
function isGreater(c: Comparison, v: Version): boolean {
  if (c.wildcard === 'minor') return v.major > c.version.major
  if (c.wildcard === 'patch' && v.major === c.version.major) return v.minor > c.version.minor
  return compareVersions(v, c.version) > 0
}

/** `<=11` ends before 12, `<=11.1` before 11.2. */
function isAtMost(c: Comparison, v: Version): boolean {
  if (c.wildcard === 'none') return compareVersions(v, c.version) <= 0
  if (v.major > c.version.major) return false
  return !(v.major === c.version.major && v.minor > c.version.minor && c.wildcard !== 'minor')
}

/** `~1.2.3` is `>=1.2.3 <1.3`, `~1` is `>=1 <2`; `~*` and `~0.0.0` are anything. */
function isTilde(c: Comparison, v: Version): boolean {
  if (compareVersions(v, c.version) < 0) return false
  const { major, minor, patch } = c.version
  const exact = c.wildcard === 'none' || c.wildcard === 'major'
  if (major === 0n && minor === 0n && patch === 0n && exact) return true
  return v.major === major && (v.minor === minor || c.wildcard === 'minor')
}

/** `^1.2.3` is `>=1.2.3 <2`, `^0.2.3` is `>=0.2.3 <0.3`, `^0.0.3` is that patch, `^0` any 0.x. */
function isCaret(c: Comparison, v: Version): boolean {
  if (compareVersions(v, c.version) < 0) return false
  const { major, minor, patch } = c.version
  if (major > 0n || c.wildcard === 'minor') return v.major === major
  if (v.major > 0n) return false
  if (minor > 0n || c.wildcard === 'patch') return v.minor === minor
  return v.minor === 0n && v.patch === patch
}
