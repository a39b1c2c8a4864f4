/** The patterns of `.Files.Glob`: gobwas/glob 0.2.3 with "/" as the separator. */
import { meet } from '../go/extent.ts'

type Element =
  | { readonly kind: 'text'; readonly runes: readonly string[] }
  /** `*`: any run without a separator; `**`: any run at all. */
  | { readonly kind: 'any' | 'super' | 'single' }
  | { readonly kind: 'set'; readonly has: (rune: string) => boolean }
  | { readonly kind: 'anyOf'; readonly patterns: readonly (readonly Element[])[] }

/** Compiles a pattern to a predicate over names, which counts what it tries as met. Throws Error for a malformed one. */
export function compileGlob(pattern: string): (name: string) => boolean {
  const elements = new GlobParser(pattern).parse()
  const [only, ...rest] = elements
  if (only?.kind === 'text' && rest.length === 0) {
    const text = only.runes.join('')
    return name => name === text
  }
  return name => {
    const runes = [...name]
    meet(runes.length >> 3)
    return advance(elements, runes, new Set([0])).has(runes.length)
  }
}

/**
 * The positions that can be reached from `starts` by matching the elements in a row. All positions go forward together,
 * so no pattern takes more than its length times the square of the name's.
 */
function advance(elements: readonly Element[], runes: readonly string[], starts: ReadonlySet<number>): Set<number> {
  let positions = new Set(starts)
  for (const element of elements) {
    const next = new Set<number>()
    if (element.kind === 'anyOf') {
      for (const pattern of element.patterns) for (const end of advance(pattern, runes, positions)) next.add(end)
    } else {
      let tried = 0
      for (const at of positions) tried += step(element, runes, at, next)
      meet(tried)
    }
    positions = next
    if (positions.size === 0) break
  }
  return positions
}

/** Adds the positions that an element reaches from one; gives how many it tried. */
function step(
  element: Exclude<Element, { kind: 'anyOf' }>,
  runes: readonly string[],
  at: number,
  next: Set<number>,
): number {
  switch (element.kind) {
    case 'text': {
      let same = 0
      while (same < element.runes.length && runes[at + same] === element.runes[same]) same++
      if (same === element.runes.length) next.add(at + same)
      return 1 + (same >> 3)
    }
    case 'any':
    case 'super':
      for (let end = at; ; end++) {
        next.add(end)
        if (end >= runes.length || (element.kind === 'any' && runes[end] === '/')) return end - at + 1
      }
    case 'single':
      if (at < runes.length && runes[at] !== '/') next.add(at + 1)
      return 1
    case 'set':
      if (at < runes.length && element.has(runes[at]!)) next.add(at + 1)
      return 1
  }
}

/** Reads a pattern; nesting of `{}` is bounded by the depth limit. */
class GlobParser {
  readonly #runes: readonly string[]
  #at = 0

  constructor(pattern: string) {
    this.#runes = [...pattern]
  }

  parse(): Element[] {
    return this.#pattern(0)[0]!
  }

  /** The alternatives up to the closing brace (one alternative at the top); an unclosed brace ends with the pattern. */
  #pattern(depth: number): Element[][] {
    if (depth > 100) throw new Error('pattern nests too deep')
    const alternatives: Element[][] = [[]]
    while (this.#at < this.#runes.length) {
      const elements = alternatives.at(-1)!
      const rune = this.#runes[this.#at]!
      if (rune === '{') {
        this.#at++
        elements.push({ kind: 'anyOf', patterns: this.#pattern(depth + 1) })
      } else if (rune === ',' && depth > 0) {
        this.#at++
        alternatives.push([])
      } else if (rune === '}' && depth > 0) {
        this.#at++
        break
      } else if (rune === '[') {
        this.#at++
        elements.push(this.#set())
      } else if (rune === '?') {
        this.#at++
        elements.push({ kind: 'single' })
      } else if (rune === '*') {
        const isSuper = this.#runes[this.#at + 1] === '*'
        this.#at += isSuper ? 2 : 1
        elements.push({ kind: isSuper ? 'super' : 'any' })
      } else {
        const text = this.#text(depth > 0 ? '?*[{},' : '?*[{')
        if (text.length > 0) elements.push({ kind: 'text', runes: text })
      }
    }
    return alternatives
  }

  #text(breakers: string): string[] {
    const text: string[] = []
    while (this.#at < this.#runes.length && !breakers.includes(this.#runes[this.#at]!)) {
      if (this.#runes[this.#at] === '\\') this.#at++
      if (this.#at < this.#runes.length) text.push(this.#runes[this.#at++]!)
    }
    return text
  }

  /** `[abc]`, `[!abc]`, `[a-c]` or `[!a-c]`: one range or one list, not both. */
  #set(): Element {
    const negated = this.#runes[this.#at] === '!'
    if (negated) this.#at++
    let has: (rune: string) => boolean
    if (this.#runes[this.#at + 1] === '-') {
      const low = this.#code(this.#at)
      const high = this.#code(this.#at + 2)
      this.#at += 3
      if (high < low) throw new Error('range is reversed')
      has = rune => low <= rune.codePointAt(0)! && rune.codePointAt(0)! <= high
    } else {
      const list = new Set(this.#text(']'))
      if (list.size === 0) throw new Error('could not parse range')
      has = rune => list.has(rune)
    }
    if (this.#runes[this.#at] !== ']') throw new Error('expected close range character')
    this.#at++
    return { kind: 'set', has: negated ? rune => !has(rune) : has }
  }

  #code(at: number): number {
    const rune = this.#runes[at]
    if (rune === undefined) throw new Error('unexpected end of input')
    return rune.codePointAt(0)!
  }
}
