/** .helmignore: which files of a chart directory are not part of the chart (Helm's pkg/ignore/rules.go). */
import { DecapodError } from '../errors.ts'
import { matchPath } from '../go/match.ts'
import type { Semantics } from './semantics.ts'

interface Rule {
  readonly matches: (path: string) => boolean
  readonly length: number
  readonly negate: boolean
  readonly mustDir: boolean
}

/** The rules of one file, in order. */
export interface IgnoreRules {
  readonly rules: readonly Rule[]
  /** The characters of rules and paths that were compared so far. */
  compared: number
}

/** A second's work and more; a thousand rules for ten thousand files take half of it. */
const maxCompared = 400_000_000

/**
 * Parses the text of a .helmignore file; `templates/.?*` is always added, as Helm does. Throws DecapodError CHART_INVALID
 * for a malformed pattern and for `**`, which Helm does not support.
 */
export function parseIgnore(text: string, file: string, semantics: Semantics): IgnoreRules {
  const rules: Rule[] = []
  for (const [i, line] of text
    .replace(/^\ufeff/, '')
    .split('\n')
    .entries()) {
    try {
      addRule(rules, line, semantics)
    } catch (error) {
      throw new DecapodError('CHART_INVALID', (error as Error).message, { at: { file, line: i + 1 } })
    }
  }
  addRule(rules, 'templates/.?*', semantics)
  return { rules, compared: 0 }
}

function addRule(rules: Rule[], line: string, semantics: Semantics): void {
  let rule = line.trim()
  if (rule === '' || rule.startsWith('#')) return
  if (rule.includes('**')) throw new Error('double-star (**) syntax is not supported')
  // A pattern that cannot be compiled fails here, at load, and not when a file is met.
  matchPath(rule, 'abc')
  const negate = rule.startsWith('!')
  if (negate) rule = rule.slice(1)
  const mustDir = rule.endsWith('/')
  if (mustDir) rule = rule.slice(0, -1)
  rules.push({ matches: matcher(rule, semantics), length: rule.length, negate, mustDir })
}

/** A leading slash anchors at the chart; an inner one matches the whole path; without any, the base name decides. */
function matcher(rule: string, semantics: Semantics): (path: string) => boolean {
  if (rule.startsWith('/')) {
    // Helm 3 strips one more leading slash on every call; the first paths aside, none is left.
    const anchored = semantics === 3 ? rule.replace(/^\/+/, '') : rule.slice(1)
    return matcherOf(anchored)
  }
  const matches = matcherOf(rule)
  if (rule.includes('/')) return matches
  return path => matches(path.slice(path.lastIndexOf('/') + 1))
}

/** The front of a pattern that only that text itself matches. */
const plainFront = /^[^*?[\\]*/

/** Most patterns have no more than a star in front: they need no search. One that is malformed matches nothing. */
function matcherOf(pattern: string): (path: string) => boolean {
  const front = plainFront.exec(pattern)![0]
  if (front === pattern) return path => path === pattern
  const end = pattern.slice(1)
  if (pattern.startsWith('*') && plainFront.exec(end)![0] === end) {
    return path => path.endsWith(end) && !path.slice(0, path.length - end.length).includes('/')
  }
  return path => path.startsWith(front) && matchesQuietly(pattern, path)
}

function matchesQuietly(pattern: string, path: string): boolean {
  try {
    return matchPath(pattern, path)
  } catch {
    return false
  }
}

/**
 * Whether a path (relative to the chart, no leading slash) is ignored. Rules are tried in order and the first that
 * decides wins. A negated rule decides "ignored" for what it does not match, which surprises, and is what Helm does.
 * Throws DecapodError LIMIT_EXCEEDED.
 */
export function isIgnored(ignore: IgnoreRules, path: string, isDir: boolean): boolean {
  if (path === '' || path === '.' || path === './') return false
  for (const rule of ignore.rules) {
    if ((ignore.compared += rule.length * path.length) > maxCompared) {
      const message = '.helmignore has too many rules for so many files'
      throw new DecapodError('LIMIT_EXCEEDED', message, { hint: 'ignore directories as a whole, with dir/' })
    }
    if (rule.negate) {
      if ((rule.mustDir && !isDir) || !rule.matches(path)) return true
      continue
    }
    if (rule.mustDir && !isDir) continue
    if (rule.matches(path)) return true
  }
  return false
}
