/** Random data as YAML text. Scalars are raw tokens, so that quotes, nulls and odd numbers are the case's to choose. */
import type { Random } from '../random.ts'

/** A scalar token as it will stand in the text. */
export class Token {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

export type Tree = Token | string | number | Tree[] | TreeMap
export interface TreeMap {
  [key: string]: Tree | undefined
}

/** The tree in flow style on one line; strings and numbers are written as they are. */
export function flow(tree: Tree): string {
  if (tree instanceof Token) return tree.text
  if (typeof tree === 'string' || typeof tree === 'number') return String(tree)
  if (Array.isArray(tree)) return `[${tree.map(flow).join(', ')}]`
  const entries = Object.entries(tree).filter(([, value]) => value !== undefined)
  return `{${entries.map(([key, value]) => `${key}: ${flow(value!)}`).join(', ')}}`
}

/** The tree in block style; empty collections and tokens stay on the line. */
export function block(tree: Tree, indent = ''): string {
  if (!Array.isArray(tree) && !(typeof tree === 'object' && !(tree instanceof Token))) return `${flow(tree)}\n`
  if (Array.isArray(tree)) {
    if (tree.length === 0) return '[]\n'
    return `\n${tree.map(item => `${indent}- ${inline(item, `${indent}  `)}`).join('')}`
  }
  const entries = Object.entries(tree).filter(([, value]) => value !== undefined)
  if (entries.length === 0) return '{}\n'
  return `\n${entries.map(([key, value]) => `${indent}${key}: ${block(value!, `${indent}  `)}`).join('')}`
}

function inline(item: Tree, indent: string): string {
  return block(item, indent).replace(/^\n\s*/, '')
}

const tokens = [
  '5',
  '"5"',
  "'x'",
  'foo',
  'bar',
  'true',
  '"true"',
  '1.0',
  '1e3',
  '0755',
  '0x1F',
  'yes',
  '"a b"',
  '2021-01-02',
  '""',
  '"a\\nb"',
  '-1',
  '1.5',
  '12345678901234567890',
  '1000000',
]

export function scalar(random: Random): Token {
  return new Token(random.chance(0.7) ? random.pick(['foo', 'bar', '5', '"7"', 'v1']) : random.pick(tokens))
}

/** A null in one of the ways it is written. */
export function nothing(random: Random): Token {
  return new Token(random.pick(['null', '~', '', 'null']))
}
