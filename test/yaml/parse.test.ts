import { describe, expect, test } from 'vitest'
import { DecapodError } from '../../src/errors.ts'
import type { GoValue } from '../../src/go/value.ts'
import type { YamlMap, YamlScalar } from '../../src/yaml/node.ts'
import { parseDocuments, parseNode } from '../../src/yaml/parse.ts'
import { parseValue, parseValues, toValue, unmarshalList, unmarshalMap } from '../../src/yaml/values.ts'

const file = 'a.yaml'

function failure(work: () => unknown): DecapodError {
  try {
    work()
  } catch (error) {
    if (error instanceof DecapodError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('nodes', () => {
  test('offsets, styles and tags, by the fast and by the exact reader', () => {
    // The tag makes the whole text one for the exact reader.
    for (const tail of ['', 'z: !t 1\n']) {
      const text = `a: 1\nb: "x"\nc: 'y'\nd: |\n  l\ne: >\n  f\nf: [p, {q: r}]\ng:\n- s\nh:\n${tail}`
      const root = parseNode(text, { file }) as YamlMap
      const found = root.pairs
        .slice(0, 8)
        .map(({ key, value }) => [
          (key as YamlScalar).value,
          key.offset,
          value.kind === 'scalar' ? value.style : value.kind,
          value.offset,
        ])
      expect(found).toEqual([
        ['a', 0, 'plain', 3],
        ['b', 5, 'double', 8],
        ['c', 12, 'single', 15],
        ['d', 19, 'literal', 22],
        ['e', 28, 'folded', 31],
        ['f', 37, 'seq', 40],
        ['g', 52, 'seq', 55],
        ['h', 59, 'plain', 61],
      ])
    }
  })

  test('documents know where they start', () => {
    const text = '# c\na: 1\n---\nb: 2\n---\n--- # d\nc: 3\n'
    expect(parseDocuments(text, { file }).map(d => [d.offset, toValue(d.root)])).toEqual([
      [4, new Map([['a', 1]])],
      [9, new Map([['b', 2]])],
      [18, null],
      [22, new Map([['c', 3]])],
    ])
    expect(parseDocuments('', { file })).toEqual([])
    expect(parseDocuments('# only a comment\n', { file })).toEqual([])
    expect(parseDocuments('---\n', { file }).map(d => toValue(d.root))).toEqual([null])
  })

  test('a document for the exact reader between others, with its lines', () => {
    const text = 'a: 1\n---\nb: &x {p: 1}\nc: *x\n---\nd: 2\n'
    expect(parseDocuments(text, { file }).map(d => [d.offset, d.root.offset])).toEqual([
      [0, 0],
      [5, 9],
      [28, 32],
    ])
    expect(parseValues(text, { file })).toHaveLength(3)
    expect(failure(() => parseDocuments(`${text}---\ne: f: g\n`, { file }))).toMatchObject({
      message: 'yaml: line 8: mapping values are not allowed in this context',
      at: { line: 8, column: 5 },
    })
    // v3 keeps anchors from one document to the next, v2 does not.
    const later = 'a: &x 1\n---\nb: 2\n---\nc: *x\n'
    expect(parseValues(later, { file, dialect: 'v3' })[2]).toEqual(new Map([['c', 1]]))
    expect(failure(() => parseValues(later, { file })).message).toBe("yaml: unknown anchor 'x' referenced")
  })

  test('aliases are copies, merge keys are applied', () => {
    const text = 'base: &b {p: 1, q: 2}\nm:\n  p: 0\n  <<: *b\n  q: 3\n'
    const [doc] = parseDocuments(text, { file })
    const root = doc!.root as YamlMap
    expect(root.get('m')).not.toBe(root.get('base'))
    // v2 merges where it meets the key: what was before is overwritten, what follows overrides.
    expect(toValue(root.get('m')!)).toEqual(
      new Map<string, GoValue>([
        ['p', 1],
        ['q', 3],
      ]),
    )
    const [v3] = parseDocuments(text, { file, dialect: 'v3' })
    expect(toValue((v3!.root as YamlMap).get('m')!)).toEqual(
      new Map<string, GoValue>([
        ['p', 0],
        ['q', 3],
      ]),
    )
  })
})

describe('errors', () => {
  test.each<[name: string, text: string, message: string, line: number]>([
    ['a tab as indentation', 'a:\n\tb: 1\n', 'yaml: line 2: found character that cannot start any token', 2],
    ['a value in a value', 'a:\n  b: c: d\n', 'yaml: line 2: mapping values are not allowed in this context', 2],
    // go-yaml v2 names the line before for errors of the parser.
    ['a list after keys', 'a: 1\nb: 2\n- c\n', 'yaml: line 2: did not find expected key', 3],
    ['an unclosed list', 'a: [1, 2\nb: 3\n', "yaml: line 1: did not find expected ',' or ']'", 2],
    ['an unknown alias', 'a: *b\n', "yaml: unknown anchor 'b' referenced", 1],
    ['a control character', 'a: 1\nb: \x01\n', 'yaml: control characters are not allowed', 2],
    ['a byte that is not UTF-8', 'a: \udcff\n', 'yaml: invalid leading UTF-8 octet', 1],
  ])('%s', (_, text, message, line) => {
    const error = failure(() => parseDocuments(text, { file }))
    expect(error.code).toBe('YAML_PARSE')
    expect(error.message).toBe(message)
    expect(error.at).toMatchObject({ file, line })
  })

  test('positions count from the first line of a cut document, messages do not', () => {
    const error = failure(() => parseDocuments('a: @\n', { file, firstLine: 41 }))
    expect(error.at).toEqual({ file, line: 41, column: 4 })
    expect(error.message).toBe('yaml: found character that cannot start any token')
  })

  test('v3 refuses duplicate keys, v2 keeps the last', () => {
    const text = 'a: 1\nb: 2\na: 3\n'
    expect(parseValue(text, { file })).toEqual(
      new Map<string, GoValue>([
        ['a', 3],
        ['b', 2],
      ]),
    )
    expect(failure(() => parseValue(text, { file, dialect: 'v3' })).message).toBe(
      'yaml: unmarshal errors:\n  line 3: mapping key "a" already defined at line 1',
    )
  })

  test('the texts of Unmarshal', () => {
    expect(failure(() => unmarshalMap('a: b: c', { file })).message).toBe(
      'error converting YAML to JSON: yaml: mapping values are not allowed in this context',
    )
    expect(failure(() => unmarshalMap('- a', { file })).message).toBe(
      'error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type map[string]interface {}',
    )
    expect(failure(() => unmarshalList('a: 1', { file })).message).toBe(
      'error unmarshaling JSON: while decoding JSON: json: cannot unmarshal object into Go value of type []interface {}',
    )
    expect(unmarshalMap('', { file })).toEqual(new Map())
  })
})

describe('hostile input', () => {
  const deep = 20_000
  test.each<[name: string, text: string]>([
    ['flow lists', '['.repeat(deep) + ']'.repeat(deep)],
    ['flow maps', '{a: '.repeat(deep) + '}'.repeat(deep)],
    ['lists in lists', '- '.repeat(deep)],
    ['keys in keys', Array.from({ length: 3000 }, (_, i) => `${' '.repeat(i)}a:\n`).join('')],
    ['complex keys', '? '.repeat(deep)],
  ])('%s nested too deep', (_, text) => {
    expect(failure(() => parseDocuments(text, { file })).message).toMatch(/exceeded max depth/)
    expect(failure(() => parseValue(text, { file })).message).toMatch(/exceeded max depth/)
  })

  test('an alias bomb', () => {
    let text = 'a0: &a0 [x, x, x, x, x, x, x, x, x]\n'
    for (let i = 1; i < 9; i++)
      text += `a${i}: &a${i} [${Array(9)
        .fill(`*a${i - 1}`)
        .join(', ')}]\n`
    for (const dialect of ['sigs', 'v3'] as const) {
      const message = 'yaml: document contains excessive aliasing'
      expect(failure(() => parseValue(text, { file, dialect })).message).toBe(message)
      expect(failure(() => parseDocuments(text, { file, dialect })).message).toBe(message)
    }
  })

  test('an anchor that contains itself', () => {
    expect(failure(() => parseDocuments('a: &a [*a]\n', { file })).message).toBe(
      "yaml: anchor 'a' value contains itself",
    )
  })

  test('__proto__ is a key like any other', () => {
    const value = parseValue('__proto__: {x: 1}\nconstructor: 2\n', { file })
    expect([...(value as Map<string, GoValue>).keys()]).toEqual(['__proto__', 'constructor'])
    expect(({} as Record<string, unknown>)['x']).toBeUndefined()
  })

  // Each of these was, or could have been, quadratic.
  test.each<[name: string, text: string]>([
    ['many comments', `a: 1\n${'# comment\n'.repeat(200_000)}b: 2\n`],
    ['many blank lines in text', `a: x\n${'\n'.repeat(300_000)}  y\n`],
    ['a long plain text', `a:\n${'  word word\n'.repeat(100_000)}`],
    ['a long flow list', `a: [${'x, '.repeat(200_000)}x]\n`],
    ['a long flow list for the exact reader', `a: &b [${'x, '.repeat(100_000)}x]\n`],
    ['many backslashes', `a: "${'\\\\'.repeat(200_000)}"\n`],
    ['many quotes', `a: '${"''".repeat(200_000)}'\n`],
    ['many documents', '---\na: 1\n'.repeat(50_000)],
    ['many keys for the exact reader', `x: !t\n${Array.from({ length: 50_000 }, (_, i) => `k${i}: ${i}\n`).join('')}`],
  ])('%s take linear time', (_, text) => {
    const start = performance.now()
    parseValues(text, { file })
    expect(performance.now() - start).toBeLessThan(5000)
  })
})
