import { expect, test } from 'vitest'
import { asLate, cloneNode, type LateMap, type YamlMap, type YamlNode, type YamlPair } from '../../src/yaml/node.ts'
import { parseNode } from '../../src/yaml/parse.ts'
import { stringifySorted } from '../../src/yaml/stringify.ts'

/** Makes a block large enough to be left unread: entries of its own behind those of the case. */
const filler = 'zz:\n' + `- ${'text '.repeat(10)}end\n`.repeat(100)

function indented(text: string, by: string): string {
  return text.replace(/^(?=.)/gm, by)
}

function read(text: string, late: boolean): YamlMap {
  return parseNode(text, { file: 'f.yaml', dialect: 'v3', late }) as YamlMap
}

/** The tree as data, with where every node stands. */
function shape(node: YamlNode): unknown {
  const { kind, offset, tag } = node
  if (node.kind === 'scalar') return { kind, offset, tag, value: node.value, style: node.style }
  if (node.kind === 'seq') return { kind, offset, tag, flow: node.flow, items: node.items.map(shape) }
  return { kind, offset, tag, flow: node.flow, pairs: node.pairs.map(p => [shape(p.key), shape(p.value)]) }
}

/** Bodies of maps whose printed text is made without a tree. */
const printed: Readonly<Record<string, string>> = {
  'as it is printed': 'a: b\nc:\n  d: 1\n  e:\n  - f\n  - g: h\n    i: null\n',
  'lists indented below their key': 'c:\n    - f\n    - g: h\n      i: j\n    -   k: l\n        m: n\n',
  'lists in lists': 'c:\n- - a\n  - b\n- - - c\n',
  'maps indented by four': 'a:\n    b:\n        c: d\n        e: f\n',
  'keys out of order': 'c: 1\na:\n  z: 1\n  b: 2\n  w:\n  - 1\nb2: 3\nb10: 4\nB: 5\nb_: 6\n',
  'keys out of order in an indented list': 'x:\n   - b: 1\n     a:\n        - c\n',
  comments: '# one\na: b # two\n\nc: # three\n  # four\n  d: e\n\n  # five\nf:\n- g # six\n\n- h\n',
  'null in many ways': 'a:\nb: ~\nc: null\nd: Null\ne: # none\nf:\n- ~\n',
  numbers:
    'a: 1\nb: 0x10\nc: 1.0\nd: 1.5\ne: -3\nf: 010\ng: 1e3\nh: 12345678901234567890\ni: 1_000\nj: .5\nk: +1\nl: 0o7\n',
  'words that are no strings to somebody': 'a: yes\nb: True\nc: off\nd: y\ne: true\nf: NO\n',
  dates: 'a: 2020-01-01\nb: 2020-01-01T00:00:00Z\nc: 1:30\nd: 12:30:45\n',
  quotes: `a: "b"\nc: 'd'\ne: "yes"\nf: 'it''s: so'\ng: "a\\nb"\nh: "\\u00e9"\ni: '# no'\nj: ""\nk: "tab\\there"\n`,
  'dots and dashes': 'a: .spec.name\nb: -x\nc: ..\nd: --\ne: -1a\nf: ...x\ng: ---x\nh: .inf-x\n',
  'long lines': `a: ${'word '.repeat(30)}end\nb: ${'x'.repeat(100)} ${'y'.repeat(100)} z\nc: ${'two  '.repeat(30)}end\n`,
  'folded as go-yaml folds': `a: ${'word '.repeat(16)}word\n  goes on\nb: short\n  goes on\nc:\n- ${'word '.repeat(17)}word\n  on\n`,
  'text with empty lines in it': 'a: one\n\n  two\nb: three\n\nc: four\n',
  'quoted text over lines': `a: '${'word '.repeat(18)}\n  end: of it'\nb: "one\n  two"\n`,
  'literal text': 'a: |\n  one\n   two\n\n  three\nb: |-\n  x\nc: |+\n  y\n\nd: |2\n    z\ne:\n- |\n  one\n',
  'folded text': 'a: >\n  one\n  two\n\n  three\n   four\nb: >-\n  x\n',
  'braces and brackets':
    'a: {}\nb: []\nc: {d: e, b: [1, yes, ""]}\nf: [x, {y: z}]\ng:\n- {b: 1, a: 2}\n- [a, [b]]\nh: {x: }\n',
  'a scalar in the next line': 'a:\n  b\nc:\n  "d"\ne:\n  ^x|y$\n',
  'letters of all kinds': 'a: é\nb: “x”\nc: \u00a0x\nd: x\u00e4 y\ne: "\\U0001F600"\n',
}

/** Bodies that take a tree. */
const asTrees: Readonly<Record<string, string>> = {
  'quoted keys': '"a": b\n',
  'keys that are no text to somebody': 'y: 1\n',
  'keys that are numbers': 'a:\n  1: x\n',
  anchors: 'a: &x\n  b: c\nd: *x\n',
  tags: 'a: !!str 1\n',
  infinity: 'a: .inf\n',
}

for (const [name, body] of [...Object.entries(printed), ...Object.entries(asTrees)]) {
  test(`text to text: ${name}`, () => {
    for (const by of ['  ', '    ']) {
      const text = `b: 1\nspec:\n${indented(body + filler, by)}a: 2\n`
      const spec = read(text, true).get('spec')!
      expect(asLate(spec) === undefined).toBe(Object.hasOwn(asTrees, name))
      expect(stringifySorted(read(text, true))).toBe(stringifySorted(read(text, false)))
      expect(shape(read(text, true))).toEqual(shape(read(text, false)))
    }
  })
}

test('a list is left unread, too', () => {
  const text = `rules:\n${'- b: 1\n  a: [x]\n'.repeat(400)}kind: X\n`
  const root = read(text, true)
  expect(asLate(root.get('rules')!)).toBeDefined()
  expect(stringifySorted(root)).toBe(stringifySorted(read(text, false)))
  expect(shape(root)).toEqual(shape(read(text, false)))
})

test('looking into a map leaves what is large in it unread', () => {
  const text = `spec:\n    z: 1\n    list:\n${indented(filler, '        ')}    map:\n${indented(filler, '      ')}`
  const root = read(text, true)
  const spec = root.get('spec') as YamlMap
  expect(spec.get('z')).toMatchObject({ value: '1' })
  expect(asLate(spec)).toBeUndefined()
  expect(asLate(spec.get('list')!)).toBeDefined()
  expect(asLate(spec.get('map')!)).toBeDefined()
  expect(stringifySorted(root)).toBe(stringifySorted(read(text, false)))
  expect(shape(root)).toEqual(shape(read(text, false)))
})

test('what was changed is printed', () => {
  const text = `spec:\n${indented(filler, '  ')}`
  const root = read(text, true)
  const spec = root.get('spec') as YamlMap
  spec.set('a', read('x: y\n', false))
  expect(stringifySorted(root)).toBe(`spec:\n  a:\n    x: "y"\n${indented(filler, '  ')}`)
})

test('a copy of an unread map is unread, and its own', () => {
  const root = read(`spec:\n${indented(filler, '  ')}`, true)
  const copy = cloneNode(root)
  const pairs: YamlPair[] = (root.get('spec') as YamlMap).pairs
  pairs.length = 0
  expect(asLate(copy.get('spec')!)).toBeDefined()
  expect(asLate(root.get('spec')!)).toBeUndefined()
  expect((copy.get('spec') as LateMap).pairs).toHaveLength(1)
})

test('an unread map is printed where it stood, and read anywhere else', () => {
  const root = read(`spec:\n${indented(filler, '  ')}`, true)
  const other = read('a: {}\nb:\n  c: d\n', false)
  ;(other.get('b') as YamlMap).set('e', root.get('spec')!)
  expect(stringifySorted(other)).toBe(`a: {}\nb:\n  c: d\n  e:\n${indented(filler, '    ')}`)
})
