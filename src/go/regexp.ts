/**
 * Go's package regexp: RE2 syntax and linear time, from re2js; what surrounds a search (successive matches, replacement
 * templates, splitting, error texts) is Go's own and stands here (regexp/regexp.go).
 */
import { createRequire } from 'node:module'
import type { RE2JS } from 're2js'
import { meet } from './extent.ts'
import { canBackquote, quote } from './strconv.ts'
import { isDigit, isLetter } from './unicode.ts'
import { GoError, GoSlice } from './value.ts'

/** Offsets of a match and its groups in UTF-16 units: [start, end, start1, end1, …], -1 where a group took no part. */
type Match = readonly number[]

type Program = ReturnType<RE2JS['re2']>

/** A compiled regular expression. */
export class GoRegexp {
  readonly expr: string
  readonly program: Program

  constructor(expr: string, program: Program) {
    this.expr = expr
    this.program = program
  }

  /** Regexp.MatchString. */
  matches(s: string): boolean {
    return this.program.match(subject(s))
  }

  /** Regexp.FindString: the leftmost match, or "". */
  find(s: string): string {
    const m = this.program.findIndex(subject(s)) as Match | null
    return m === null ? '' : s.slice(m[0], m[1])
  }

  /** Regexp.FindAllString: nil without a match; at most `n` matches, all for a negative `n`. */
  findAll(s: string, n: number): GoSlice {
    const found = this.allMatches(s, n)
    if (found.length === 0) return GoSlice.nil('string')
    return GoSlice.make(
      'string',
      found.map(m => s.slice(m[0], m[1])),
    )
  }

  /** Regexp.FindStringSubmatch: the leftmost match and its groups, "" for a group that took no part. */
  findSubmatch(s: string): string[] | undefined {
    const m = this.program.findSubmatchIndex(subject(s)) as Match | null
    return m === null ? undefined : groupTexts(s, m)
  }

  /** Regexp.FindAllStringSubmatch with no limit. */
  findAllSubmatch(s: string): string[][] {
    return this.allMatches(s, -1).map(m => groupTexts(s, m))
  }

  /** Regexp.ReplaceAllString: `$1`, `$name` and `${1}` in the replacement stand for groups. */
  replaceAll(s: string, replacement: string): string {
    if (!replacement.includes('$')) return this.replaceAllLiteral(s, replacement)
    const parts = parseReplacement(replacement, this.program.namedGroups)
    return this.replace(s, m => expand(parts, s, m))
  }

  /** Regexp.ReplaceAllLiteralString. */
  replaceAllLiteral(s: string, replacement: string): string {
    return this.replace(s, () => replacement)
  }

  private replace(s: string, by: (m: Match) => string): string {
    let out = ''
    let at = 0
    for (const m of this.allMatches(s, -1)) {
      out += s.slice(at, m[0]) + by(m)
      at = m[1]!
    }
    return out + s.slice(at)
  }

  /** Regexp.Split: at most `n` pieces, all for a negative `n`. */
  split(s: string, n: number): GoSlice {
    if (n === 0) return GoSlice.nil('string')
    if (this.expr !== '' && s === '') return GoSlice.make('string', [''])
    const pieces = GoSlice.make('string', [])
    let begin = 0
    let end = 0
    for (const m of this.allMatches(s, n)) {
      if (n > 0 && pieces.length >= n - 1) break
      end = m[0]!
      // An empty match at the very start cuts nothing off.
      if (m[1] !== 0) pieces.push(s.slice(begin, end))
      begin = m[1]!
    }
    if (end !== s.length) pieces.push(s.slice(begin))
    return pieces
  }

  private allMatches(s: string, n: number): readonly Match[] {
    return (this.program.findAllSubmatchIndex(subject(s), n) as Match[] | null) ?? []
  }
}

function groupTexts(s: string, m: Match): string[] {
  const texts: string[] = []
  for (let i = 0; i < m.length; i += 2) texts.push(m[i]! < 0 ? '' : s.slice(m[i], m[i + 1]))
  return texts
}

/** The text as the matcher sees it: a byte that is not valid UTF-8 reads as U+FFFD. Offsets stay. */
function subject(s: string): string {
  return s.replace(/[\udc80-\udcff]/gu, '\ufffd')
}

let re2js: typeof RE2JS | undefined

/** re2js, loaded with the first expression: it is larger than the rest of a small build together. */
function engine(): typeof RE2JS {
  re2js ??= (createRequire(import.meta.url)('re2js') as { RE2JS: typeof RE2JS }).RE2JS
  return re2js
}

const compiled = new Map<string, GoRegexp>()
const cacheSize = 500

/**
 * regexp.Compile, remembering the programs used last. Throws GoError with Go's text:
 * "error parsing regexp: missing closing ): `(`".
 */
export function compileRegexp(expr: string): GoRegexp {
  const known = compiled.get(expr)
  if (known !== undefined) {
    // Re-inserting keeps the map in order of use.
    compiled.delete(expr)
    compiled.set(expr, known)
    return known
  }
  const regexp = new GoRegexp(expr, compile(expr))
  // A program grows with its counts: what repeats by the hundred takes megabytes, and is made again.
  if (/\{[0-9,]*[0-9]{3}/.test(expr) || expr.length > 2000) return regexp
  if (compiled.size >= cacheSize) compiled.delete(compiled.keys().next().value!)
  compiled.set(expr, regexp)
  return regexp
}

function compile(expr: string): Program {
  meet(500 + expr.length * 20)
  if (/[\udc80-\udcff]/u.test(expr)) throw new GoError(`error parsing regexp: invalid UTF-8: \`${expr}\``)
  try {
    return counted(engine().compile(expr).re2())
  } catch (error) {
    const { error: code, input } = error as { error?: string; input?: string | null }
    if (code === undefined) throw error
    if (code === 'duplicate capture group name') return compileRenamed(expr, input!)
    // A name that is not even begun is no capture at all to Go.
    if (code === 'invalid named capture' && (input === '(?P<' || input === '(?<')) {
      throw new GoError(`error parsing regexp: invalid or unsupported Perl syntax: \`${input.slice(0, 3)}\``)
    }
    throw new GoError(`error parsing regexp: ${code}: \`${input ?? ''}\``)
  }
}

/** Texts up to so many characters are searched in no time. */
const shortText = 1024

/**
 * A program that counts what its searches may take: a search for one match, the text's length times the program's; one for
 * the next, part of the rest of the text. A search never goes back, but those for all matches may each go to the end, and
 * each gives the offsets of all groups.
 */
function counted(program: Program): Program {
  const size = program.numberOfInstructions()
  const groups = program.numberOfCapturingGroups()
  // Each step of a search copies the offsets of all groups.
  const copies = 1 + (groups >> 3)
  meet(size * 4)
  const search = program.executeEngine
  program.executeEngine = function (input: { endPos(): number }, pos: number, ...rest): unknown {
    const left = input.endPos() - pos
    meet(
      4 +
        (size >> 4) +
        groups +
        (left <= shortText ? 0 : pos === 0 ? Math.ceil((left * size * copies) / 16) : left >> 10),
    )
    return search.call(this, input, pos, ...rest) as unknown
  }
  return program
}

/**
 * Go lets groups share a name, and means the first one; re2js does not. The others are given names that nothing refers
 * to, which an error must not show.
 */
function compileRenamed(expr: string, name: string): Program {
  const mark = `_${expr.length}_`
  let seen = 0
  const renamed = expr.replaceAll(new RegExp(`\\(\\?P?<${name}>`, 'g'), group =>
    seen++ === 0 ? group : `${group.slice(0, -1)}${mark}${seen}>`,
  )
  try {
    return compile(renamed)
  } catch (error) {
    if (!(error instanceof GoError)) throw error
    throw new GoError(error.message.replaceAll(new RegExp(`${mark}[0-9]+>`, 'g'), '>'))
  }
}

/** regexp.MustCompile: as compileRegexp, with the text of its panic. */
export function mustCompileRegexp(expr: string): GoRegexp {
  try {
    return compileRegexp(expr)
  } catch (error) {
    if (!(error instanceof GoError)) throw error
    throw new GoError(`regexp: Compile(${canBackquote(expr) ? `\`${expr}\`` : quote(expr)}): ${error.message}`, true)
  }
}

/** regexp.QuoteMeta. */
export function quoteMeta(s: string): string {
  return s.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&')
}

/** A piece of a replacement: text, or the number of a group. */
type Part = string | number

/** Regexp.Expand's template. `$1x` is the group named "1x", a name that no group has stands for nothing. */
function parseReplacement(template: string, groups: Readonly<Record<string, number>>): Part[] {
  const parts: Part[] = []
  let rest = template
  for (;;) {
    const dollar = rest.indexOf('$')
    if (dollar < 0) break
    parts.push(rest.slice(0, dollar))
    rest = rest.slice(dollar + 1)
    if (rest.startsWith('$')) {
      parts.push('$')
      rest = rest.slice(1)
      continue
    }
    const reference = extractReference(rest)
    if (reference === undefined) {
      parts.push('$')
      continue
    }
    rest = rest.slice(reference.length)
    const number = groupNumber(reference.name)
    if (number !== undefined) parts.push(number)
    else if (Object.hasOwn(groups, reference.name)) parts.push(groups[reference.name]!)
  }
  parts.push(rest)
  return parts
}

function extractReference(text: string): { name: string; length: number } | undefined {
  const brace = text.startsWith('{')
  let name = ''
  for (const ch of brace ? text.slice(1) : text) {
    if (!isLetter(ch) && !isDigit(ch) && ch !== '_') break
    name += ch
  }
  if (name === '') return undefined
  if (!brace) return { name, length: name.length }
  return text[name.length + 1] === '}' ? { name, length: name.length + 2 } : undefined
}

/** The number a reference means; undefined when it is a name, as a leading zero or a ninth digit makes it. */
function groupNumber(name: string): number | undefined {
  return /^(?:0|[1-9][0-9]{0,8})$/.test(name) ? Number(name) : undefined
}

function expand(parts: readonly Part[], s: string, m: Match): string {
  let out = ''
  for (const part of parts) {
    if (typeof part === 'string') out += part
    else if (2 * part + 1 < m.length && m[2 * part]! >= 0) out += s.slice(m[2 * part], m[2 * part + 1])
  }
  return out
}
