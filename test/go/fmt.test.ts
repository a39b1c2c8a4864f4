import { expect, test } from 'vitest'
import { sprint, sprintf, sprintln } from '../../src/go/fmt.ts'
import { GoInt, GoMap, GoSlice, type GoValue, int64 } from '../../src/go/value.ts'

const map = new Map<string, GoValue>([
  ['b', 2n],
  ['a', null],
])

test.each<[format: string, args: GoValue[], want: string]>([
  ['%v %v %v %v %v', [null, true, 'x', 1n, 1.5], '<nil> true x 1 1.5'],
  ['%v %v %v', [1e6, 123456.789, 1e21], '1e+06 123456.789 1e+21'],
  ['%v %s', [map, [null, 'a']], 'map[a:<nil> b:2] [<nil> a]'],
  ['%#v', [map], 'map[string]interface {}{"a":interface {}(nil), "b":2}'],
  ['%#v', [['a', 1.5, null]], '[]interface {}{"a", 1.5, interface {}(nil)}'],
  [
    '%T %T %T %T %T',
    [1n, 1.5, map, ['a'], GoSlice.make('string', [])],
    'int float64 map[string]interface {} []interface {} []string',
  ],
  ['%T', [null], '<nil>'],
  ['%d|%5d|%-5d|%05d|%+d|% d', [5n, 5n, 5n, 5n, 5n, 5n], '5|    5|5    |00005|+5| 5'],
  [
    '%x %X %#x %o %O %b %c %U %q',
    [255n, 255n, 255n, 8n, 8n, 5n, 0x20acn, 0x20acn, 0x41n],
    "ff FF 0xff 10 0o10 101 € U+20AC 'A'",
  ],
  ['%x %X % x %#x', ['hé', 'hé', 'hé', 'hé'], '68c3a9 68C3A9 68 c3 a9 0x68c3a9'],
  ['%q %+q %#q', ['a"é', 'a"é', 'a"é'], '"a\\"é" "a\\"\\u00e9" `a"é`'],
  ['%5s|%-5s|%.2s|%5.1s', ['é', 'é', '日本語', 'abc'], '    é|é    |日本|    a'],
  [
    '%f %.0f %.2f %8.3f %e %g %G',
    [1.5, 2.5, 1.005, Math.PI, 1e6, 1e-7, 1e-7],
    '1.500000 2 1.00    3.142 1.000000e+06 1e-07 1E-07',
  ],
  ['%t %5t', [true, false], 'true false'],
  // Diagnostics.
  ['%d', ['a'], '%!d(string=a)'],
  ['%s %s', [1n, 5], '%!s(int=1) %!s(float64=5)'],
  ['%s', [null], '%!s(<nil>)'],
  ['%d', [[1, 'a', null]], '[%!d(float64=1) %!d(string=a) <nil>]'],
  ['%z', [int64(1n)], '%!z(int64=1)'],
  ['%d %d', [1n], '1 %!d(MISSING)'],
  ['%d', [1n, 'x', null], '1%!(EXTRA string=x, <nil>)'],
  ['%', [], '%!(NOVERB)'],
  ['100%', [1n], '100%!(NOVERB)%!(EXTRA int=1)'],
  ['%!', [1n], '%!!(int=1)'],
  ['%%%d', [1n], '%1'],
  // Arguments by number, width and precision from arguments.
  ['%[2]d %[1]d', [1n, 2n], '2 1'],
  ['%[3]d', [1n], '%!d(BADINDEX)'],
  ['%*d|%-*d', [4n, 1n, 4n, 1n], '   1|1   '],
  ['%.*f', [1n, 2.55], '2.5'],
  ['%*d', ['x', 1n], '%!(BADWIDTH)1'],
  // Whole values.
  ['%6.2f', [[1, 2.5]], '[  1.00   2.50]'],
  ['%v', [new GoMap('map[string]string', 'string', [['k', 'v']])], 'map[k:v]'],
  ['%s %x %v', [new Uint8Array([104, 105]), new Uint8Array([255]), new Uint8Array([1, 2])], 'hi ff [1 2]'],
  ['%v %d %x', [new GoInt('uint8', 7n), new GoInt('uint8', 7n), new GoInt('uint8', 255n)], '7 7 ff'],
  // A string cut in the middle of a character keeps its bytes.
  ['%s %q %x', ['\udcc3', '\udcc3', '\udcc3'], '\udcc3 "\\xc3" c3'],
])('sprintf %s', (format, args, want) => expect(sprintf(format, ...args)).toBe(want))

test.each<[args: GoValue[], want: string]>([
  [[], ''],
  [['a', 'b'], 'ab'],
  [[1n, 2n], '1 2'],
  // A space only where neither side is a string.
  [[1n, 2n, 'a', 3n, null], '1 2a3 <nil>'],
  [[-0, 0.1, 100000.5, 1e-5], '-0 0.1 100000.5 1e-05'],
])('sprint %s', (args, want) => expect(sprint(...args)).toBe(want))

test('sprintln puts spaces everywhere', () => expect(sprintln('a', 1n, null)).toBe('a 1 <nil>\n'))

test('maps print sorted by bytes', () => {
  const keys = ['ab', 'a', 'B', '10', '9', '\u{1f600}', '\uffee']
  expect(sprint(new Map(keys.map(k => [k, 1n])))).toBe('map[10:1 9:1 B:1 a:1 ab:1 \uffee:1 \u{1f600}:1]')
})
