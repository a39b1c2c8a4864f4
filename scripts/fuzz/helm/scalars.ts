/** Scalars as YAML files hold them, right and wrong, in every style. */
import type { Random } from '../random.ts'

/** Plain tokens that some reader takes for something: numbers of every notation, dates, booleans, nulls, indicators. */
export const tokens: readonly string[] = [
  ...[
    '0',
    '-0',
    '+0',
    '1',
    '-1',
    '+12',
    '007',
    '08',
    '0o17',
    '0o8',
    '0O7',
    '0x1F',
    '0X1f',
    '-0x1f',
    '0xg',
    '0b101',
    '-0b1',
    '0b2',
  ],
  ...[
    '1_000',
    '1__0',
    '_1',
    '1_',
    '0x_f',
    '0b_1',
    '9223372036854775807',
    '9223372036854775808',
    '18446744073709551615',
  ],
  ...[
    '18446744073709551616',
    '-9223372036854775808',
    '-9223372036854775809',
    '123456789012345678901234567890',
    '9007199254740993',
  ],
  ...[
    '1.0',
    '1.',
    '.5',
    '-.5',
    '+.5',
    '.',
    '1.5e3',
    '1e3',
    '1E+3',
    '1e-7',
    '1e',
    'e1',
    '1.e1',
    '1e400',
    '-1e400',
    '1e-400',
    '1.7976931348623157e308',
  ],
  ...[
    '4.9e-324',
    '0.1',
    '1_0.5',
    '1.5_0',
    '.1_',
    '100000000000000000000',
    '1e21',
    '123456.789',
    '1000000',
    '1234567.5',
    '12e03',
    '0.00001',
  ],
  ...['.inf', '-.inf', '+.inf', '.Inf', '.INF', '.nan', '.NaN', '.NAN', 'inf', 'nan', 'Infinity', '-.nan'],
  ...[
    'true',
    'True',
    'TRUE',
    'tRUE',
    'false',
    'y',
    'Y',
    'yes',
    'Yes',
    'YES',
    'n',
    'N',
    'no',
    'No',
    'on',
    'On',
    'ON',
    'off',
    'Off',
    'OFF',
    'oFF',
  ],
  ...['null', 'Null', 'NULL', '~', 'nUll', 'nil', 'none', ''],
  ...[
    '2001-12-14',
    '2001-1-2',
    '2001-13-01',
    '2001-02-30',
    '2001-12-14t21:59:43.10-05:00',
    '2001-12-14T21:59:43Z',
    '2001-12-14 21:59:43',
  ],
  ...[
    '2001-12-14 21:59:43.1 +1',
    '2001-12-14 21:59:43 Z',
    '20011214',
    '0001-01-01',
    '12:30',
    '12:30:45',
    '1:2:3.4',
    '190:20:30',
    '60:60',
    '-1:30',
    '1:30_',
  ],
  ...[
    '=',
    '<<',
    '<',
    '-',
    '--',
    '---',
    '...',
    '.. .',
    '?',
    ':',
    '::',
    'a:',
    ':a',
    'a:b',
    'a: b',
    '- a',
    '-a',
    '? a',
    '?a',
    'a #b',
    'a#b',
    '#a',
  ],
  ...[
    '&',
    '&a',
    '*',
    '*a',
    '*zz',
    '!',
    '!a',
    '!!str',
    '|',
    '>',
    '%a',
    '@a',
    '`a`',
    '"a',
    "'a",
    '{',
    '}',
    '[',
    ']',
    ',',
    'a,b',
    'a, b',
    '[a',
    'a]',
    '{}',
    '[]',
  ],
  ...[
    'plain',
    'two words',
    'with  two  spaces',
    'trailing ',
    'é',
    'ñandú',
    '日本語',
    '😀',
    'a\u00a0b',
    'a\u2028b',
    'a\u0085b',
    '\ufeff',
    'a\ufeffb',
    '\u0001',
    'a\u007fb',
  ],
  ...[
    '\u0080',
    '\ud7ff',
    '\ufffd',
    '\ufffe',
    'a\tb',
    '\ta',
    'a\t',
    'a\\b',
    '\\',
    "it's",
    'say "x"',
    '"',
    "'",
    '$x',
    '{{',
    'a=b',
    '1.2.3',
    'v1.2',
    '1,000',
    '0.1.2',
  ],
  ...[
    'http://x:80/a?b=c#d',
    'a/b',
    '*.txt',
    '-1-',
    '1-2',
    '+',
    '0xdeadbeef',
    '0777',
    '1e3x',
    'NaN',
    'a\rb',
    'long '.repeat(30).trim(),
    'x'.repeat(140),
  ],
]

const escapes = [
  '\\n',
  '\\t',
  '\\"',
  '\\\\',
  '\\/',
  '\\x41',
  '\\xff',
  '\\u00e9',
  '\\ud83d\\ude00',
  '\\ud800',
  '\\U0001F600',
  '\\U00110000',
  '\\0',
  '\\a',
]
const moreEscapes = [
  '\\b',
  '\\v',
  '\\f',
  '\\r',
  '\\e',
  '\\ ',
  '\\N',
  '\\_',
  '\\L',
  '\\P',
  '\\\n  ',
  '\\x4',
  '\\q',
  '\\',
  '\\u12',
  '\\\t',
]
const words = [
  'a',
  'b c',
  'key: value',
  '- item',
  '# no comment',
  '"q"',
  "it's",
  '',
  'trailing ',
  '  more',
  '\t',
  '\ttab',
  'é',
  '😀',
  '---',
  '...',
  '%x',
  '{a}',
  'a:',
  'long '.repeat(20).trim(),
]

/** The value of a mapping or the item of a sequence, with what stands before it; `indent` is that of its further lines. */
export function scalarText(random: Random, indent: string): string {
  const before = random.chance(0.1) ? `${random.pick(tags)} ` : random.chance(0.06) ? `&${random.pick(anchors)} ` : ''
  switch (random.below(9)) {
    case 0:
      return before + doubleQuoted(random, indent)
    case 1:
      return before + singleQuoted(random, indent)
    case 2:
      return before + blockScalar(random, indent)
    case 3:
      return before + plainLines(random, indent)
    case 4:
      return random.chance(0.4) ? `*${random.pick(anchors)}` : before + random.pick(tokens)
    default:
      return before + random.pick(tokens)
  }
}

export const anchors: readonly string[] = ['a', 'b', 'c']
const tags = [
  '!!str',
  '!!int',
  '!!float',
  '!!bool',
  '!!null',
  '!!binary',
  '!!timestamp',
  '!!seq',
  '!!map',
  '!!merge',
  '!x',
  '!x!y',
  '!<tag:yaml.org,2002:str>',
  '!',
  '!!set',
  '!!foo',
]

function lines(random: Random, most: number): string[] {
  return Array.from({ length: 1 + random.below(most) }, () => random.pick(words))
}

function doubleQuoted(random: Random, indent: string): string {
  const parts = Array.from({ length: random.below(5) }, () =>
    random.chance(0.4)
      ? random.pick(random.chance(0.8) ? escapes : moreEscapes)
      : random.pick(words).replaceAll('"', ''),
  )
  return `"${parts.join(random.pick(['', ' ', `\n${indent}`, `\n\n${indent}`]))}"`
}

function singleQuoted(random: Random, indent: string): string {
  const parts = lines(random, 3).map(line => (random.chance(0.9) ? line.replaceAll("'", "''") : line))
  return `'${parts.join(random.pick([' ', `\n${indent}`, `\n\n${indent}`]))}'`
}

function plainLines(random: Random, indent: string): string {
  return lines(random, 3).join(random.pick([' ', `\n${indent}`, `\n\n${indent}`, `\n${indent}  `]))
}

function blockScalar(random: Random, indent: string): string {
  const head =
    random.pick(['|', '>']) +
    random.pick(['', '', '', '-', '+', '2', '1-', '-1', '+3', '0', '10', '--', ' # c', 'x', ' '])
  const own = indent + random.pick(['', '', '', ' ', '  '])
  const text = lines(random, 5).map(line => (line === '' ? random.pick(['', own, `${own} `]) : own + line))
  return `${head}\n${text.join('\n')}${random.pick(['', '\n', '\n\n', `\n${indent}`])}`
}
