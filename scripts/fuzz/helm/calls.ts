/**
 * Calls of single functions with arguments from each function's own domain, right and slightly wrong: regular
 * expressions, versions, layouts and dates, durations, paths, URLs, encodings, numbers as texts, JSON, YAML and TOML.
 */
import { helmFunctions } from '../../../src/helm/funcs.ts'
import type { Question } from '../../../test/support/answer.ts'
import { Random } from '../random.ts'

/** The choices of the case being made. */
let random = new Random(0)

/** A call of a function; of any, or of one whose name matches. */
export function callCase(of: Random, only: RegExp = /./): Question {
  random = of
  const matching = only.source === '.' ? names : names.filter(name => only.test(name))
  return { kind: 'template', template: call(pick(matching)), data }
}

const int = (n: number): number => random.below(n)
const pick = <T>(items: readonly T[]): T => random.pick(items)

function several(least: number, most: number, make: () => string, separator = ' '): string {
  return Array.from({ length: least + int(most - least + 1) }, make).join(separator)
}

/** Random values, map order, addresses and the clock. */
const unstable = new Set([
  ...['ago', 'now', 'shuffle', 'uuidv4', 'randInt', 'randBytes', 'randAlpha', 'randAlphaNum', 'randAscii'],
  ...['randNumeric', 'bcrypt', 'htpasswd', 'encryptAES', 'genPrivateKey', 'genCA', 'genCAWithKey', 'keys', 'values'],
  ...['genSelfSignedCert', 'genSelfSignedCertWithKey', 'genSignedCert', 'genSignedCertWithKey', 'derivePassword'],
])

/** A string as a template writes it. */
const q = (s: string): string => JSON.stringify(s)

const pieces = {
  text: () => several(0, 7, () => pick(texts), ''),
  number: () => pick(['0', '1', '2', '3', '5', '7', '10', '-1', '-2', '63', '100', '4', '6', '-7', '12']),
  float: () =>
    pick(['0.5', '1.5', '-1.5', '2.675', '1e3', '1e-7', '123456.789', '1e20', '3.14159', '0.1', '0.2', '-0.0']),
  regexp: () =>
    several(1, 4, () => pick(patterns) + (int(3) === 0 ? pick(['*', '+', '?', '{2}', '{1,3}', '*?']) : ''), ''),
  // biome-ignore lint/suspicious/noTemplateCurlyInString: replacements of Go's regexp.
  replacement: () => several(0, 3, () => pick(['$1', '${1}', '$0', 'x', '-', '$1x', '$$', '${n}', '$', 'é']), ''),
  layout: () => several(1, 5, () => pick(layouts) + pick([' ', '-', ':', '', '/']), ''),
  date: () => pick(dates),
  duration: () => pick(['', '-']) + several(1, 3, () => pick(['1', '2.5', '90', '.5', '0', '100']) + pick(units), ''),
  version: () =>
    pick(['', 'v']) +
    several(1, 4, () => pick(['0', '1', '2', '10', '01']), '.') +
    pick(['', '', '-rc.1', '-0', '+b', '-a+b']),
  constraint: () => several(1, 3, () => pick(operators) + pieces.version(), pick([' ', ',', ' || ', ', '])),
  url: () =>
    pick(['http', 'HTTPS', 'oci', '', 'mailto', '1x']) +
    pick(['://', ':', '//', '', ':///']) +
    several(0, 6, () => pick(urls), ''),
  base64: () =>
    several(0, 6, () => pick(['YWJj', 'YQ==', 'YWI=', 'ab', '=', '\n', 'é', '/+', 'Zm9v', '*', 'YQ=\n=']), ''),
  base32: () =>
    several(0, 5, () => pick(['MFRGG===', 'ME======', 'MFRGGZDF', 'ab', '=', '\n', '1', 'MFRA====', 'A=======']), ''),
  path: () =>
    several(0, 6, () => pick(['/', 'a', 'b.c', '..', '.', '//', 'x.tar.gz', '.hidden', 'é']), pick(['', '/'])),
  json: () => pick(jsons),
  yaml: () => pick(yamls),
  toml: () => several(1, 4, () => pick(tomls), pick(['\n', '\n', ''])),
  digits: () =>
    several(
      1,
      3,
      () =>
        pick([
          '0',
          '7',
          '8',
          '12',
          '1_000',
          '0x1f',
          '0b11',
          '0o17',
          '1e3',
          '.0',
          '.5',
          '-',
          '+',
          ' ',
          '99999999999999999999',
        ]),
      '',
    ),
  zone: () =>
    pick([
      'UTC',
      'Europe/Berlin',
      'America/New_York',
      'Asia/Tokyo',
      'Asia/Kathmandu',
      '',
      'Nowhere',
      'Local',
      'europe/berlin',
    ]),
  kind: () =>
    pick([
      'string',
      'int',
      'float64',
      'map',
      'slice',
      'bool',
      'invalid',
      '[]interface {}',
      'map[string]interface {}',
      'int64',
    ]),
}

const texts = [
  'a',
  'B',
  'foo',
  'Bar',
  ' ',
  '  ',
  '\t',
  '\n',
  '-',
  '_',
  '.',
  ',',
  '/',
  'é',
  'ß',
  'Σ',
  '日本',
  '😀',
  'HTTPServer',
  '2',
  '007',
  'x1y2',
  '"',
  "'",
  '\\',
  '%d',
  '%',
  'ǆ',
  'İ',
  'ı',
  '\u00a0',
  '\u0085',
  '\u2028',
  '\u200b',
  'a b',
  'some-words_here',
  '<>&',
  '$',
  '{{',
  '\ufeff',
  'e\u0301',
  '中',
  'ΑΣ',
  'ŉ',
  '\u0000',
  '\u007f',
  'a,b',
]
const patterns = [
  'a',
  'b',
  '.',
  '\\d',
  '\\w',
  '\\s',
  '[a-c]',
  '[^a]',
  '(a)',
  '(?:b|c)',
  '(?P<n>x)',
  '^',
  '$',
  '\\b',
  '(?i)',
  'é',
  '-',
  '[[:alpha:]]',
  '\\pL',
  '(',
  '[',
  '\\.',
  'o',
  'foo',
  '|',
  ' ',
  '(o*)',
]
const layouts = [
  '2006',
  '06',
  'Jan',
  'January',
  '1',
  '01',
  'Mon',
  'Monday',
  '2',
  '_2',
  '02',
  '002',
  '15',
  '3',
  '03',
  '04',
  '05',
  'PM',
  'MST',
  '-0700',
  '-07:00',
  'Z07:00',
  '.000',
  '.999',
  'T',
  'é',
]
const dates = [
  '2024-01-31',
  '2024-02-30',
  '2024-12-25T10:11:12Z',
  '2024-06-01T10:11:12+02:00',
  '10:11:12',
  '01/02/06',
  'Mon Jan  2 15:04:05 2006',
  'x',
  '',
  '2024-1-1',
  '25 Dec 24 10:00 CET',
  '1.5',
]
const units = ['h', 'm', 's', 'ms', 'us', 'ns', 'µs', '', 'd', 'x']
const operators = ['', '=', '!=', '>', '<', '>=', '=>', '<=', '=<', '~', '~>', '^', '>>', '~ ']
const urls = [
  'user',
  ':',
  'p%20w',
  '@',
  'host',
  '.example.com',
  ':80',
  ':x',
  '/',
  'a b',
  '%2F',
  '%zz',
  '?',
  'q=1&r=2',
  '#',
  'frag é',
  '[::1]',
  '[fe80::1%25en0]',
  'é',
  '\\',
  '..',
  ';',
  '*',
  '"',
  '<',
  '[',
  ']',
  '1.2.3.4',
]
const jsons = [
  '{}',
  '[]',
  'null',
  'true',
  '1',
  '-1.5e3',
  '"x"',
  '{"a":{"b":[1,2,{"c":null}]}}',
  '[1,"a",null,true]',
  '{"a":1,"a":2}',
  '{',
  '[1,',
  '{"a"}',
  'tru',
  '"\\ud83d\\ude00"',
  '"\\ud800"',
  '1 2',
  '',
  ' ',
  '[1,]',
  '{"a":1,}',
  '01',
  '1e400',
  '"\n"',
  '{"<":"&>"}',
  '{"z":1,"b":{"y":2,"a":3}}',
  '"\\x"',
  "{'a':1}",
  '[[1,2],[3,[4]]]',
  '{"b":[{"x":1,"y":[{"z":2}]},{"x":2}]}',
]
const yamls = [
  'a: 1',
  'a: b: c',
  '- 1\n- 2',
  'null',
  '',
  'x',
  '{a: [1, 2]}',
  'a: yes\nb: 0x1f\nc: 1e3',
  '&x [1, *x]',
  'a: |\n  t\n  u\n',
  '---\na: 1\n---\nb: 2',
  '\ta: 1',
  '"',
  'a: 2020-01-01',
  '? [1]\n: 2',
  'a: ~',
]
const tomls = [
  'a = 1',
  'b = "x"',
  '[t]',
  '[t.u]',
  '[[arr]]',
  'a.b = 2',
  "c = 'l'",
  'd = [1, 2.5, "x"]',
  'e = {x = 1, y = {z = 2}}',
  'f = 1979-05-27T07:32:00Z',
  'g = 07:32:00',
  'h = 1979-05-27',
  'i = 1_000',
  'j = 0xff',
  'k = inf',
  'l = """m\nn"""',
  "m = '''x'''",
  '# comment',
  'n = true # c',
  '',
  'o = ',
  '= 1',
  'p',
  'q = "\\u00e9\\t"',
  'r = "\\q"',
  '"q k" = 1',
  "'s' = 2",
  '[[arr.sub]]',
  '[a]',
  'b = 01',
  's = 1__0',
  't = [1,\n 2, # c\n]',
  'u = {a.b = 1, a.c = 2}',
  'v = [{x = 1}, {x = 2}]',
  'w = 5.',
  'x = tru',
  'y = -nan',
  'z = +5',
  'aa = "a',
  'ab = [1 2]',
  'ac = {a 1}',
  'é = 1',
  '[t',
  '[[arr]',
  '[]',
  '"" = 1',
  'ad = "\\ud800"',
  'ae = """a \\\n  b"""',
  'af = 99999999999999999999',
  'ag = 1979-05-27T07:32:00',
  'ah = 0o8',
  'ai = [[1], ["a"]]',
  'aj = 1e400',
  'ak = """""x"""""',
]

/** Constants as Go writes them, at the edges of its types. */
const constants = [
  ...[
    '0x1p-2',
    '0X_1FFFP-16',
    "'a'",
    "'é'",
    "'\\n'",
    '1i',
    '-2.5i',
    '1_000',
    '0b101',
    '0o17',
    '017',
    '1e400',
    '.5',
    '5.',
  ],
  ...[
    '9223372036854775807',
    '-9223372036854775808',
    '9223372036854775808',
    '18446744073709551615',
    '1e19',
    '1E3',
    '+1',
  ],
  ...[
    '2147483648',
    '-2147483649',
    '4294967296',
    '1e-400',
    '0x7fffffffffffffff',
    "'\\''",
    '0x',
    '1e',
    '08',
    '1e6',
    '1e21',
  ],
]

/** Texts that JSON cannot write: bytes that are no UTF-8, escapes of Go, raw strings. */
const oddTexts = [
  ...['"\\xff\\xfe"', '"\\xc3"', '"a\\xe9b"', '"\\101"', '"\\U0001F600"', '"\\a\\b\\f\\v"', '"\\x00"', '`raw \\n "x"`'],
  ...['`a\nb`', '"\\ud800"', '"\\xed\\xa0\\x80"', '"%!s(int=1)"', '"\\xf0\\x9f\\x98"', '"\\u00e9\\xe9"'],
]

/** Values of types that constants do not have. */
const typed = [
  ...[
    '(index "abc" 1)',
    '(float64 "NaN")',
    '(float64 "+Inf")',
    '(float64 "-Inf")',
    '(float64 "-0")',
    '(len .Values.l)',
  ],
  ...[
    '(slice "abc" 1)',
    '(index .Values.l 3)',
    '(int "x")',
    '(printf "%c" 233)',
    '(splitn "," 2 "a,b,c")',
    '(list nil)',
  ],
  ...['(regexSplit "," "a,b" -1)', '(urlParse "http://u@h/p?q#f")', '(dict "a" nil)', '(tuple 1 "a")', '(list (list))'],
  ...['(toStrings (list 1 "b" nil))', '(sortAlpha (list "b" 1))', '(chunk 2 (list 1 2 3))', '(b64dec "/w==")', 'print'],
  ...[
    '.Template',
    '.Template.Name',
    '(.Files.Glob "*")',
    '(.Files.GetBytes "x")',
    '(.Files.Lines "x")',
    '.Release.IsInstall',
  ],
  ...[
    '.Release.Revision',
    '.Chart.Version',
    '.Chart.Metadata',
    '.Subcharts',
    '(html "<")',
    '(deepCopy .Values.m)',
    '$',
    '.',
  ],
  ...[
    '(.Capabilities.APIVersions.Has "v1")',
    '.Capabilities.KubeVersion.Minor',
    '(dict 1 2)',
    '(dict "a" (dict "b" (list 1)))',
  ],
  ...[
    '(semver "1.2.3").Major',
    '(toDecimal "777")',
    '(int64 9223372036854775807)',
    '(float64 1e300)',
    '(mulf 1e300 1e300)',
  ],
  ...[
    '(set (dict) "k" (list 1 2))',
    '(untilStep 5 0 -2)',
    '(seq 3)',
    '(first (list))',
    '(last "é")',
    '(initial (list 1 2))',
  ],
]

const value = (depth = 2): string => {
  if (int(5) === 0) return pick(pick([constants, oddTexts, typed, typed]))
  switch (int(depth > 0 ? 17 : 11)) {
    case 0:
      return 'nil'
    case 1:
      return pick(['true', 'false'])
    case 2:
    case 3:
      return pieces.number()
    case 4:
      return pieces.float()
    case 5:
      return q(pieces.text())
    case 6:
      return `(int64 ${pieces.number()})`
    case 7:
      return pick([
        '.Values.n',
        '.Values.s',
        '.Values.nil',
        '.Values.m',
        '.Values.l',
        '.Values',
        '.Values.x',
        '.Chart',
        '.Release',
      ])
    case 8:
      return pick([
        '(until 3)',
        '(splitList "," "a,b")',
        '(split "," "a,b")',
        '(regexFindAll "z" "a" -1)',
        '(list)',
        '(dict)',
        '(rest (list))',
      ])
    case 9:
      return `(fromJson ${q(pieces.json())})`
    case 10:
      return pick(['(semver "1.2.3-rc.1")', '(toDate "2006-01-02" "2024-05-06")', '.Files', '(fromJson "null")'])
    case 11:
    case 12:
    case 13:
      return `(list ${several(0, 4, () => value(depth - 1))})`
    default:
      return `(dict ${several(0, 3, () => `${q(pick(['a', 'b', 'c', 'd e']))} ${value(depth - 1)}`)})`
  }
}

const time = (): string =>
  pick([
    `(toDate "2006-01-02" ${q(pieces.date())})`,
    '(toDate "2006-01-02T15:04:05Z07:00" "2024-06-01T10:11:12+02:00")',
  ])
const anyDate = (): string =>
  pick([time, () => pieces.number(), () => `(int64 ${pick(['1700000000', '-1', '0', '9000000000'])})`])()
const list = (): string => pick([() => `(list ${several(0, 5, () => value(1))})`, () => value(1)])()
const dict = (): string =>
  pick([() => `(dict ${several(0, 4, () => `${q(pick(['a', 'b', 'c']))} ${value(1)}`)})`, () => value(1)])()

/** Arguments of the functions whose types alone would not do; every other one gets its types' values. */
const special: Readonly<Record<string, () => string>> = {
  b64dec: () => q(pieces.base64()),
  b32dec: () => q(pieces.base32()),
  urlParse: () => q(pieces.url()),
  urlJoin: () =>
    `(dict ${several(0, 5, () => `${q(pick(['scheme', 'host', 'path', 'query', 'opaque', 'fragment', 'userinfo']))} ${q(pick([pieces.path, pieces.text, () => 'http', () => 'u:p@x', () => 'a.b:80'])())}`)})`,
  semver: () => q(pieces.version()),
  semverCompare: () => `${q(pieces.constraint())} ${q(pieces.version())}`,
  duration: () => pick([() => q(pieces.digits()), () => `(int64 ${pieces.digits()})`, value])(),
  durationRound: () =>
    pick([() => q(pieces.duration()), () => `(int64 ${pick(['90000000000', '-1', '31536000000000001'])})`])(),
  mustToDate: () => `${q(pieces.layout())} ${q(pieces.date())}`,
  toDate: () => `${q(pieces.layout())} ${q(pieces.date())}`,
  date: () => `${q(pieces.layout())} ${anyDate()}`,
  dateInZone: () => `${q(pieces.layout())} ${anyDate()} ${q(pieces.zone())}`,
  date_in_zone: () => `${q(pieces.layout())} ${anyDate()} ${q(pieces.zone())}`,
  htmlDate: anyDate,
  htmlDateInZone: () => `${anyDate()} ${q(pieces.zone())}`,
  dateModify: () => `${q(pieces.duration())} ${time()}`,
  mustDateModify: () => `${q(pieces.duration())} ${time()}`,
  fromJson: () => q(pieces.json()),
  mustFromJson: () => q(pieces.json()),
  fromJsonArray: () => q(pieces.json()),
  fromYaml: () => q(pieces.yaml()),
  fromYamlArray: () => q(pieces.yaml()),
  fromToml: () => q(pieces.toml()),
  int: () => pick([value, () => q(pieces.digits())])(),
  int64: () => pick([value, () => q(pieces.digits())])(),
  float64: () => pick([value, () => q(pieces.digits())])(),
  toDecimal: () => pick([value, () => q(pieces.digits())])(),
  atoi: () => q(pieces.digits()),
  kindIs: () => `${q(pieces.kind())} ${value()}`,
  typeIs: () => `${q(pieces.kind())} ${value()}`,
  typeIsLike: () => `${q(pieces.kind())} ${value()}`,
  repeat: () => `${pieces.number()} ${q(pieces.text())}`,
  until: () => pieces.number(),
  dig: () => `${several(0, 3, () => q(pick(['a', 'b', 'c'])))} ${value(0)} ${dict()}`,
  decryptAES: () =>
    `"pw" ${q(pick([pieces.base64(), '30tEfhuJSVRhpG97XCuWgz2okj7L8vQ1s6V9zVUPeDQ=', 'AAAAAAAAAAAAAAAAAAAAAA==']))}`,
  buildCustomCert: () => `${q(pieces.base64())} ${q(pieces.base64())}`,
}
for (const name of ['base', 'dir', 'clean', 'ext', 'isAbs', 'osBase', 'osDir', 'osClean', 'osExt', 'osIsAbs']) {
  Object.assign(special, { [name]: () => q(pieces.path()) })
}
for (const name of ['Match', 'Find', 'FindAll', 'ReplaceAll', 'ReplaceAllLiteral', 'Split']) {
  const rest = name.startsWith('Replace')
    ? () => ` ${q(pieces.replacement())}`
    : name === 'Match' || name === 'Find'
      ? () => ''
      : () => ` ${pieces.number()}`
  const args = (): string => `${q(pieces.regexp())} ${q(pieces.text())}${rest()}`
  Object.assign(special, { [`regex${name}`]: args, [`mustRegex${name}`]: args })
}
for (const name of ['Seconds', 'Minutes', 'Hours', 'Days', 'Weeks', 'Milliseconds', 'Microseconds', 'Nanoseconds']) {
  Object.assign(special, {
    [`duration${name}`]: () => pick([value, () => q(pieces.duration()), () => q(pieces.digits())])(),
  })
}
Object.assign(special, { mustToDuration: special['durationSeconds'] })
for (const name of ['durationRoundTo', 'durationTruncateTo']) {
  Object.assign(special, { [name]: () => `${special['durationSeconds']!()} ${special['durationSeconds']!()}` })
}

const byType: Readonly<Record<string, () => string>> = {
  string: () => (int(8) === 0 ? pick(oddTexts) : q(pieces.text())),
  int: () => pieces.number(),
  float64: () => pieces.float(),
  bool: () => pick(['true', 'false']),
  any: () => pick([() => value(), list, dict])(),
  dict,
  '[]any': list,
  time,
}

/** A call of a function, its result shown with its type. */
function call(name: string): string {
  const { params, variadic } = functions.get(name)!.signature
  const argument = (type: string): string => (byType[type] ?? value)()
  let args = special[name]?.()
  if (args === undefined) {
    const fixed = variadic ? params.slice(0, -1) : params
    args = fixed.map(argument).join(' ')
    if (variadic) args += ` ${several(0, 3, () => argument(params.at(-1)!))}`
  }
  // Now and then an argument of any type, one too few or one too many.
  if (int(25) === 0) args = pick([`${args} ${value()}`, several(0, 3, () => value())])
  if (int(6) === 0) return `{{ ${pick(single)} (${name} ${args}) | ${pick(single)} }}`
  return pick([
    `{{ $r := ${name} ${args} }}{{ typeOf $r }} {{ toJson $r }} {{ $r }}`,
    `{{ ${name} ${args} }}`,
    `{{ ${name} ${args} | toJson }}`,
  ])
}

const functions = helmFunctions(4)

const names = [...functions.keys()].filter(name => !unstable.has(name))

/** Functions of one argument, for what others give. */
const single = names.filter(name => functions.get(name)!.signature.params.length === 1)

const data = { n: 1234567.5, s: 'text', nil: null, m: { a: 1, b: { c: 'x' } }, l: [1, 'a', null, { k: 2 }] }
