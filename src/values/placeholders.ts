/**
 * Placeholders: values a template site leaves to be filled in (CHANGEME, FIXME, TODO, TO_BE_FIXED). They are found as
 * the whole value, inside text (`CHANGEME-account-role`), and in their likely misspellings: the original's guard asked
 * the wrong way round (whether the marker contains the value) and let `CHNAGEME` through in nine sites.
 */
import { DecapodError, type Position } from '../errors.ts'
import { positionOf, type YamlNode, YamlScalar } from '../yaml/node.ts'
import type { VariableUse } from './variables.ts'

export type PlaceholderMode = 'error' | 'warn' | 'off'

export interface PlaceholderRules {
  readonly mode: PlaceholderMode
  readonly markers: readonly string[]
}

export const defaultMarkers: readonly string[] = ['CHANGEME', 'FIXME', 'TODO', 'TO_BE_FIXED']

/** From this length on a word one slip away from a marker is taken for it; shorter ones meet real words too often. */
const misspeltFrom = 7

/** The placeholder in a text, as it stands there, and the marker it is or was meant to be; undefined when there is none. */
export function findPlaceholder(
  text: string,
  markers: readonly string[],
): { readonly text: string; readonly marker: string } | undefined {
  for (const marker of markers) if (text.includes(marker)) return { text: marker, marker }
  for (const marker of markers) {
    if (marker.length < misspeltFrom) continue
    const plain = marker.replace(/[_-]/g, '')
    for (const [word] of text.matchAll(/[A-Z][A-Z_-]{4,}[A-Z]/g)) {
      if (isOneSlip(word.replace(/[_-]/g, ''), plain)) return { text: word, marker }
    }
  }
  return undefined
}

/** Whether `a` is `b` with at most one letter wrong, missing, added, or two neighbours swapped. */
function isOneSlip(a: string, b: string): boolean {
  if (a === b) return true
  if (Math.abs(a.length - b.length) > 1) return false
  let i = 0
  while (i < a.length && a[i] === b[i]) i++
  const rest = (s: string, from: number): string => s.slice(from)
  if (a.length > b.length) return rest(a, i + 1) === rest(b, i)
  if (a.length < b.length) return rest(a, i) === rest(b, i + 1)
  if (rest(a, i + 1) === rest(b, i + 1)) return true
  return a[i] === b[i + 1] && a[i + 1] === b[i] && rest(a, i + 2) === rest(b, i + 2)
}

/** Gathers placeholders over many trees; each place in a file is reported once, however many values use it. */
export class PlaceholderCheck {
  private readonly markers: readonly string[]
  private readonly seen = new Set<string>()
  readonly found: DecapodError[] = []
  /** How many values with a placeholder were met, known places included. */
  hits = 0

  constructor(markers: readonly string[]) {
    this.markers = markers
  }

  /**
   * Looks through a tree, values and keys. `path` names the tree's root in messages ("global", "grafana"); `usesOf`
   * tells which variables a value was made from, so that the variable is reported and not each of its uses.
   */
  check(
    node: YamlNode,
    path: string,
    usesOf: (node: YamlNode) => readonly VariableUse[] | undefined = () => undefined,
    hint?: string,
  ): void {
    if (node.kind === 'map') {
      for (const { key, value } of node.pairs) {
        const below = key.kind === 'scalar' ? `${path}.${key.value.replaceAll('.', '\\.')}` : path
        if (key.kind === 'scalar') this.checkText(key, below, hint)
        this.check(value, below, usesOf, hint)
      }
    } else if (node.kind === 'seq') {
      for (const [i, item] of node.items.entries()) this.check(item, `${path}[${i}]`, usesOf, hint)
    } else if (findPlaceholder(node.value, this.markers) !== undefined) {
      // A variable that holds the placeholder is the place to mend; its uses follow.
      const guilty = (usesOf(node) ?? []).filter(use => this.holds(use.value))
      for (const use of guilty) this.check(use.value, `$(${use.name})`, usesOf, hint)
      if (guilty.length === 0) this.checkText(node, path, hint)
    }
  }

  private holds(node: YamlNode): boolean {
    if (node.kind === 'map') return node.pairs.some(pair => this.holds(pair.value))
    if (node.kind === 'seq') return node.items.some(item => this.holds(item))
    return findPlaceholder(node.value, this.markers) !== undefined
  }

  private checkText(scalar: YamlScalar, path: string, hint: string | undefined): void {
    const found = findPlaceholder(scalar.value, this.markers)
    if (found === undefined) return
    this.hits++
    const place = `${scalar.source?.file ?? path}:${scalar.source === undefined ? '' : scalar.offset}`
    if (this.seen.has(place)) return
    this.seen.add(place)
    const meant = found.text === found.marker ? '' : ` (for ${found.marker})`
    this.found.push(
      new DecapodError('PLACEHOLDER', `${path} still has the placeholder ${found.text}${meant}`, {
        at: placeOf(scalar, found.text),
        hint: hint ?? 'give it a value; --placeholders warn renders all the same',
      }),
    )
  }
}

/** Where the placeholder itself stands, also on a later line of a block. */
function placeOf(scalar: YamlScalar, text: string): Position | undefined {
  const { source, offset } = scalar
  if (source === undefined) return undefined
  const at = source.text.indexOf(text, offset)
  return positionOf(new YamlScalar('', 'plain', undefined, source, at === -1 ? offset : at))
}
