/** Strings of --set and its kin from their grammar, with mistakes, on top of values from files. */
import type { Question } from '../../../test/support/answer.ts'
import type { Random } from '../random.ts'

const names = [
  'a',
  'b',
  'c',
  'a',
  'b',
  'list',
  'map',
  'é',
  'a-b',
  'a_b',
  'A',
  '1',
  'a b',
  '"q"',
  'x\\.y',
  'x\\,y',
  'x\\=y',
  'x\\[0\\]',
  '\\',
  '',
  ' a',
  'null',
  '__proto__',
  '😀',
]
const indexes = [
  '[0]',
  '[0]',
  '[1]',
  '[2]',
  '[5]',
  '[-1]',
  '[x]',
  '[]',
  '[ 0]',
  '[0',
  '0]',
  '[65536]',
  '[65537]',
  '[99999999999999999999]',
  '[0][0]',
  '[1][0]',
  '[0]x',
  '[+1]',
  '[01]',
  '[0.5]',
  '[]]',
]
const scalars = [
  ...[
    '1',
    '0',
    '-1',
    '007',
    '+1',
    '-0',
    '1.5',
    '1e3',
    'true',
    'TRUE',
    'False',
    'null',
    'NULL',
    'nil',
    '~',
    'x',
    'two words',
    '',
    ' ',
    ' 5 ',
    '"q"',
    "'q'",
    '0x10',
    '1_000',
    '9223372036854775807',
  ],
  ...[
    '9223372036854775808',
    'a\\,b',
    'a\\=b',
    'a=b',
    'a:b',
    '[x]',
    '{',
    '}',
    '\\',
    '\\\\',
    '\\n',
    'é😀',
    'http://x/y?z=1',
    '$x',
    'a.b',
    '\n',
    '\t',
    'a\nb',
    '{{ x }}',
    '-',
    '1,',
    'x}',
    '\\{a\\}',
  ],
]
const jsons = [
  '1',
  '1.5',
  '"x"',
  'null',
  'true',
  '[]',
  '{}',
  '[1,"a",null]',
  '{"a":{"b":1}}',
  '{"a":null}',
  ' 5 ',
  '{',
  '[1,',
  'x',
  '',
  '"\\u00e9"',
  '1 2',
  '{"a":1}x',
  '01',
  '1e400',
  '[[1],[2]]',
  "{'a':1}",
  '-',
  '{"x.y":1}',
  '"a,b"',
  '{"__proto__":1}',
]

function key(random: Random): string {
  const parts = Array.from({ length: 1 + (random.chance(0.5) ? random.below(3) : 0) }, () => {
    const name = random.chance(0.7) ? random.pick(['a', 'b', 'c', 'list', 'map']) : random.pick(names)
    return name + (random.chance(0.3) ? random.pick(indexes) : '')
  })
  if (random.chance(0.01)) parts.push(...Array.from({ length: 29 + random.below(3) }, () => 'n'))
  return (random.chance(0.03) ? random.pick(['.', '[0]', ',', '=']) : '') + parts.join(random.chance(0.97) ? '.' : '..')
}

function list(random: Random, depth: number): string {
  const items = Array.from({ length: random.below(4) }, () =>
    depth > 0 && random.chance(0.15) ? list(random, depth - 1) : random.pick(scalars),
  )
  return `{${items.join(random.chance(0.9) ? ',' : ', ')}${random.chance(0.93) ? '}' : random.pick(['', '}x', '},', '}}', ' }'])}`
}

function pair(random: Random): string {
  const equals = random.chance(0.95) ? '=' : random.pick(['', '==', ':', ' = '])
  return key(random) + equals + (random.chance(0.25) ? list(random, 1) : random.pick(scalars))
}

function line(random: Random): string {
  const pairs = Array.from({ length: 1 + (random.chance(0.4) ? random.below(3) : 0) }, () => pair(random))
  return (
    pairs.join(random.chance(0.95) ? ',' : random.pick([', ', ',,', ';'])) +
    (random.chance(0.04) ? random.pick([',', '=', '.', '\\']) : '')
  )
}

const bases = [
  'a: 1\n',
  'a: {b: 1, c: [1, 2]}\nlist: [x, {a: 1}, [1, 2]]\nmap: {a: {b: {c: 1}}}\n',
  'list: [1]\nmap: null\nb: text\n',
  'a: []\nb: {}\nc: null\nlist: [null, null]\n',
  'a: [{b: 1}, {b: {c: 2}}]\nlist: {a: 1}\nmap: [1]\n',
]

export function setCase(random: Random): Question {
  const some = (p: number, make: () => string): string[] =>
    random.chance(p) ? Array.from({ length: 1 + random.below(2) }, make) : []
  const question = {
    kind: 'set' as const,
    valuesText: random.chance(0.5) ? [random.pick(bases)] : [],
    set: some(0.5, () => line(random)),
    setString: some(0.25, () => line(random)),
    setJson: some(0.3, () => json(random)),
    setLiteral: some(
      0.2,
      () => `${key(random)}${random.chance(0.95) ? '=' : ''}${random.pick([...scalars, 'a=b,c={d}', '{a,b}'])}`,
    ),
    setFile: some(
      0.2,
      () =>
        `${key(random)}=${random.pick(['DIR/f', 'DIR/g', 'DIR/none', 'DIR/f,c=DIR/g', '', '{DIR/f,DIR/g}', 'DIR/f\\,x'])}`,
    ),
    setFiles: { f: 'text of f', g: 'a: 1\nb,c=d\n' },
  }
  return question.setFile.length > 0 ? question : { ...question, setFiles: {} }
}

function json(random: Random): string {
  if (random.chance(0.2)) return random.pick(jsons)
  const one = (): string => `${key(random)}=${random.pick(jsons)}`
  return random.chance(0.75) ? one() : `${one()},${one()}`
}
