/** TOML texts, mostly right: every kind of value and table, and mistakes. */
import type { Random } from '../random.ts'

const scalars = [
  ...[
    '1',
    '-17',
    '+5',
    '0',
    '-0',
    '1_000',
    '1__0',
    '_1',
    '1_',
    '0xff',
    '0xFF_f',
    '0x',
    '0o17',
    '0o8',
    '0b101',
    '0b2',
    '01',
    '+01',
    '9223372036854775807',
    '9223372036854775808',
  ],
  ...[
    '1.0',
    '-0.0',
    '3.14',
    '1e6',
    '1E-7',
    '5e+22',
    '1.',
    '.5',
    '1e',
    '1_0.0_1',
    '6.626e-34',
    'inf',
    '-inf',
    '+inf',
    'nan',
    'Inf',
    '1e400',
    '0.1',
    '1.5e300',
  ],
  ...['true', 'false', 'True', 'tru', 'null', ''],
  ...[
    '1979-05-27T07:32:00Z',
    '1979-05-27T00:32:00-07:00',
    '1979-05-27T00:32:00.999999-07:00',
    '1979-05-27 07:32:00Z',
    '1979-05-27T07:32:00',
    '1979-05-27',
    '07:32:00',
    '00:32:00.5',
  ],
  ...[
    '1979-13-27',
    '1979-05-27T25:00:00Z',
    '07:60:00',
    '1979-05-27t07:32:00z',
    '1979-5-7',
    '07:32',
    '1979-05-27T07:32Z',
    '1979-02-30',
  ],
  ...[
    '""',
    '"a"',
    '"a\\tb\\n"',
    '"\\u00e9\\U0001F600"',
    '"\\ud800"',
    '"\\q"',
    '"\\x41"',
    '"\\e"',
    '"a\tb"',
    '"é"',
    '"\u007f"',
    '"a',
    'a"',
    '"a\nb"',
  ],
  ...[
    "''",
    "'a\\b'",
    "'a",
    "'it''s'",
    '"""x"""',
    '"""\nm\nn"""',
    '"""a \\\n   b"""',
    '"""a ""b"""',
    '""""q""""',
    '"""x',
    "'''\nl\n'''",
    "'''it's'''",
    "'''x",
    '"""\\\n  """',
  ],
]
const bareKeys = [
  'a',
  'b',
  'c',
  'd',
  'e',
  'a1',
  'a-b',
  'a_b',
  '1',
  '"q k"',
  "'s'",
  '""',
  'é',
  'a.b',
  'a . c',
  'b."x.y"',
  'a..b',
  '.a',
  '',
  'a b',
  '"a\\nb"',
]

export function tomlText(random: Random): string {
  const lines: string[] = []
  for (let i = 1 + random.below(6); i > 0; i--) {
    const name = key(random)
    const comment = random.chance(0.1) ? random.pick([' # c', '#c', ' # é', ' # \u0001', '\t']) : ''
    switch (random.below(8)) {
      case 0:
        lines.push(`[${name}]${comment}`)
        break
      case 1:
        lines.push(`[[${name}]]${comment}`)
        break
      case 2:
        lines.push(
          random.pick([
            '',
            '# comment',
            '  ',
            '[',
            '[[a]',
            '= 1',
            'a',
            '[a]]',
            '[ a . b ]',
            '\ufeff',
            'a = 1 b = 2',
            '\u0000',
          ]),
        )
        break
      default:
        lines.push(
          `${name}${random.pick([' = ', ' = ', '=', '\t= ', ' ', ' == '].slice(0, random.chance(0.9) ? 3 : 6))}${value(random, 2)}${comment}`,
        )
    }
  }
  return lines.join(random.chance(0.95) ? '\n' : random.pick(['\r\n', '\r'])) + random.pick(['', '\n'])
}

function key(random: Random): string {
  return random.chance(0.75) ? random.pick(['a', 'b', 'c', 'd', 'a.b', 'b.c', 'a.b.c']) : random.pick(bareKeys)
}

function value(random: Random, depth: number): string {
  const some = (make: () => string): string[] => Array.from({ length: random.below(4) }, make)
  if (depth > 0 && random.chance(0.25)) {
    const space = random.pick(['', '', '\n  ', ' # c\n'])
    return `[${space}${some(() => value(random, depth - 1)).join(`,${space || ' '}`)}${random.chance(0.15) ? ',' : ''}${space}]`
  }
  if (depth > 0 && random.chance(0.2)) {
    const pairs = some(() => `${key(random)} = ${value(random, depth - 1)}`)
    return `{${pairs.join(random.pick([', ', ',', ',\n']))}${random.chance(0.08) ? ',' : ''}}`
  }
  return random.pick(scalars)
}
