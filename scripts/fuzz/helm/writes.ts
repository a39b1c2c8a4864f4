/** Values through the writers: toYaml, toYamlPretty, toJson and its kin, toToml; and what the readers make of it again. */
import type { Question } from '../../../test/support/answer.ts'
import type { Random } from '../random.ts'
import { tokens } from './scalars.ts'

const pieces = [
  ...[
    'a',
    'b',
    ' ',
    '  ',
    '\n',
    '\n\n',
    '\t',
    '-',
    ': ',
    ':',
    ' #',
    '#',
    '"',
    "'",
    '\\',
    ',',
    '[',
    '{',
    '}',
    '%',
    '&',
    '*',
    '!',
    '|',
    '>',
    '@',
    '`',
    '?',
  ],
  ...[
    'é',
    '日本',
    '😀',
    '\u0000',
    '\u001b',
    '\u007f',
    '\u0085',
    '\u00a0',
    '\u200b',
    '\u2028',
    '\u2029',
    '\ufeff',
    '\ufffd',
    '\uffff',
    '\r',
    '\r\n',
    '<',
    '&lt;',
    '\u{10ffff}',
  ],
  ...['word', 'longer words here', 'x'.repeat(70), 'some text that goes on and on over the edge of eighty columns '],
]

export function writeCase(random: Random): Question {
  const data = { v: value(random, 3) }
  const writer = random.pick([
    'toYaml',
    'toYaml',
    'toYaml',
    'toYamlPretty',
    'toJson',
    'toToml',
    'toPrettyJson',
    'toRawJson',
    'mustToJson',
    'quote',
    'toString',
  ])
  const readers: Readonly<Record<string, string>> = {
    toYaml: 'fromYaml',
    toYamlPretty: 'fromYaml',
    toJson: 'fromJson',
    toToml: 'fromToml',
    toPrettyJson: 'fromJson',
    toRawJson: 'fromYaml',
  }
  const reader = readers[writer]
  const again = reader === undefined || random.chance(0.5) ? '' : `\n---\n{{ $w | ${reader} | toJson }}`
  return { kind: 'template', template: `{{ $w := .Values.v | ${writer} }}{{ $w }}${again}`, data }
}

function text(random: Random): string {
  if (random.chance(0.4)) return random.pick(tokens)
  return Array.from({ length: random.below(7) }, () => random.pick(pieces)).join('')
}

function value(random: Random, depth: number): unknown {
  switch (random.below(depth > 0 ? 12 : 7)) {
    case 0:
      return random.pick([
        0, 1, -1, 1.5, 1e6, 1e20, 1e21, 1e-7, 123456789, 0.1, 9007199254740992, -1e15, 1.7976931348623157e308, 5e-324,
        100000.5,
      ])
    case 1:
      return random.pick([null, true, false])
    case 2:
      return {
        [random.pick(['$int64', '$int'])]: random.pick([
          '0',
          '5',
          '-7',
          '9223372036854775807',
          '-9223372036854775808',
          '1000000',
          '9007199254740993',
        ]),
      }
    case 3:
      return random.chance(0.9) ? text(random) : { $float: random.pick(['NaN', '+Inf', '-Inf', '-0']) }
    case 7:
    case 8:
      return Array.from({ length: random.below(4) }, () => value(random, depth - 1))
    case 9:
    case 10:
    case 11: {
      const out: [string, unknown][] = []
      for (let i = random.below(5); i > 0; i--) {
        const key = random.chance(0.6)
          ? random.pick(['a', 'b', 'a1', 'a10', 'a2', 'A', 'a-b', 'a.b', '1', '10', '2', 'true', 'é', '_', 'ab'])
          : text(random)
        out.push([key, value(random, depth - 1)])
      }
      return Object.fromEntries(out)
    }
    default:
      return text(random)
  }
}
