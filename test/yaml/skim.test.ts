import { describe, expect, test } from 'vitest'
import { skim } from '../../src/yaml/skim.ts'
import { parseValue } from '../../src/yaml/values.ts'

const keep = (key: string): boolean => key === 'kind' || key === 'metadata'

const document = `# Source: a
apiVersion: v1
kind: ConfigMap # the kind
metadata:
  name: "a"
  annotations:
    b/c: 'd'
data:
  plain: text over
    two lines
  literal: |-
      deep
     not: this one

    # no comment
  folded: >
    text
  "quoted": "a \\" b"
  empty:
  url: http://x#y
  list:
  - a
  - - b
    - c: d
      e: [f, "g", 'h']
  -
    i: {}
  point: .spec.x
status:
- 'it''s
  long'
`

describe('what is left out', () => {
  test.each<[name: string, text: string, left: string]>([
    ['entries nobody wants', 'a: 1\nkind: b\nc:\n  d: 1\nmetadata: {}\n', 'kind: b\nmetadata: {}\n'],
    ['all', 'a: 1\n', ''],
    ['up to the end without a line break', 'kind: b\na: |\n  x', 'kind: b\n'],
    ['text that is not ASCII', 'a: ä\nkind: ü\nb: ö\n', 'kind: ü\n'],
    ['comments go with what is above them', '# x\nkind: b\n# y\na: 1\n# z\n', '# x\nkind: b\n# y\n'],
    ['a list in the column of its key', 'a:\n- b\n- c\nkind: d\n', 'kind: d\n'],
  ])('%s', (_, text, left) => expect(skim(text, keep)).toBe(left))

  test('a document with a bit of everything', () => {
    const bad = document.replace('     not: this one\n', '')
    expect(skim(bad, keep)).toBe(bad.slice(0, bad.indexOf('\ndata:') + 1).replace('apiVersion: v1\n', ''))
  })
})

/** Errors, some of them, and what would take a closer look. */
describe('documents that stay whole', () => {
  test.each<[name: string, text: string]>([
    ['a text that breaks out of its block', document],
    ['an entry too deep', 'a: 1\n  b: 2\n'],
    ['an entry not deep enough', 'a:\n    b: 1\n  c: 2\n'],
    ['two values on a line', 'a: b: c\n'],
    ['an item on the line of its key', 'a: - b\n'],
    ['an item after a value', 'a: b\n- c\n'],
    ['text in the column of an entry', 'a:\n  b:\n  c\n'],
    ['an anchor', 'a: &b c\n'],
    ['an alias', 'a: *b\n'],
    ['a tag', 'a: !!str b\n'],
    ['a directive', '%YAML 1.1\n---\na: b\n'],
    ['a second document', 'a: b\n---\nc: d\n'],
    ['the end of a document', 'a: b\n...\n'],
    ['a merge', 'a:\n  <<: b\n'],
    ['a tab', 'a:\tb\n'],
    ['a tab before an entry', 'a:\n\tb: c\n'],
    ['a carriage return', 'a: b\r\nc: d\r\n'],
    ['a byte that is not UTF-8', 'a: \udcff\n'],
    ['text that starts with a reserved character', 'a: @b\n'],
    ['quotes that do not close', 'a: "b\n'],
    ['quotes that end a document', 'a: "b\n--- "\n'],
    ['something behind quotes', 'a: "b" c\n'],
    ['an escape there may not be', 'a: "\\q"\n'],
    ['braces with something in them', 'a: {b: c}\n'],
    ['brackets over lines', 'a: [b,\n  c]\n'],
    ['an infinity, which JSON has not', 'a: .inf\n'],
    ['another', 'a: -.Inf\n'],
    ['a key that is null', 'null: a\n'],
    ['a key of more than 64 bits', '36893488147419103232: a\n'],
    ['a quoted key at the top, which may be any', '"a": b\n'],
    ['a blank line wider than the text below', 'a: |\n     \n  b\n'],
    ['a block that says how deep it is', 'a: |2\n    b\n'],
    ['a block of nothing', 'a: |\nb: c\n'],
    ['a list at the top', '- a\n'],
    ['text at the top', 'a\n'],
    ['comments alone', '# a\n'],
  ])('%s', (_, text) => expect(skim(text, () => false)).toBe(text))
})

/** What is skimmed must have been right, and lose nothing: small damage anywhere in a document. */
test('damaged documents', () => {
  const base = document.replace('     not: this one\n', '')
  const pieces = [
    ' ',
    '\n',
    '- ',
    ': ',
    ':',
    '"',
    "'",
    '#',
    ' #',
    '|',
    '&a ',
    '{',
    ']',
    ',',
    '\t',
    '---\n',
    '? ',
    'k: v\n',
    '',
  ]
  const read = (text: string): unknown => {
    const value = parseValue(text, { file: '', dialect: 'sigs', numbers: 'exact' }) ?? new Map()
    return value instanceof Map ? [...value].filter(([key]) => keep(key)) : value
  }
  let skimmed = 0
  for (let at = 0; at <= base.length; at++) {
    for (const piece of pieces) {
      const text = base.slice(0, at) + piece + base.slice(at + (piece === '' ? 1 : 0))
      const part = skim(text, keep)
      if (part === text) continue
      skimmed++
      expect(read(part), text).toEqual(read(text))
    }
  }
  expect(skimmed).toBeGreaterThan(2000)
})
