import { describe, expect, test } from 'vitest'
import {
  formatFloat,
  parseBool,
  parseFloat as parseGoFloat,
  parseInt as parseGoInt,
  parseUint,
  quote,
  quoteToAscii,
  unquote,
} from '../../src/go/strconv.ts'

type Format = Parameters<typeof formatFloat>[1]

// The expectations are Go 1.26's.
describe('formatFloat', () => {
  test.each<[value: number, format: Format, precision: number, want: string]>([
    [1e6, 'g', -1, '1e+06'],
    [100000, 'g', -1, '100000'],
    [0.0001, 'g', -1, '0.0001'],
    [0.00001, 'g', -1, '1e-05'],
    [1e21, 'f', -1, '1000000000000000000000'],
    [-0, 'e', 2, '-0.00e+00'],
    // Halves that are exact go to even, others by their binary value.
    [2.5, 'f', 0, '2'],
    [3.5, 'f', 0, '4'],
    [1.005, 'f', 2, '1.00'],
    [99.99, 'f', 1, '100.0'],
    [0.96, 'f', 0, '1'],
    [123456, 'g', 3, '1.23e+05'],
    [1234.5678, 'G', 2, '1.2E+03'],
    [5e-324, 'e', -1, '5e-324'],
    [Number.NaN, 'g', -1, 'NaN'],
    [Number.POSITIVE_INFINITY, 'g', -1, '+Inf'],
  ])('%d %s %d', (value, format, precision, want) => {
    expect(formatFloat(value, format, precision)).toBe(want)
  })

  test('as float32', () => {
    expect(formatFloat(Math.fround(1.1), 'g', -1, 32)).toBe('1.1')
    expect(formatFloat(16777216, 'g', -1, 32)).toBe('1.6777216e+07')
  })
})

describe('parsing', () => {
  test.each<[text: string, base: number, want: bigint]>([
    ['-0x1F', 0, -31n],
    ['0b101', 0, 5n],
    ['0o17', 0, 15n],
    ['017', 0, 15n],
    ['1_000', 0, 1000n],
    ['-9223372036854775808', 10, -(1n << 63n)],
    ['zz', 36, 1295n],
  ])('ParseInt %s in base %d', (text, base, want) => {
    expect(parseGoInt(text, base, 64)).toBe(want)
  })

  test.each<[name: string, work: () => unknown, message: string]>([
    ['text', () => parseGoInt('x', 10, 64), 'strconv.ParseInt: parsing "x": invalid syntax'],
    ['empty', () => parseGoInt('', 10, 64), 'strconv.ParseInt: parsing "": invalid syntax'],
    ['too large', () => parseGoInt('300', 10, 8), 'strconv.ParseInt: parsing "300": value out of range'],
    // Digit by digit: the number leaves its range before the letter is seen.
    [
      'too large, then wrong',
      () => parseUint('99999999999999999999x', 10, 64),
      'strconv.ParseUint: parsing "99999999999999999999x": value out of range',
    ],
    ['underscores at the end', () => parseGoInt('1_', 0, 64), 'strconv.ParseInt: parsing "1_": invalid syntax'],
    ['float too large', () => parseGoFloat('1e400'), 'strconv.ParseFloat: parsing "1e400": value out of range'],
    ['no boolean', () => parseBool('yes'), 'strconv.ParseBool: parsing "yes": invalid syntax'],
  ])('%s', (_, work, message) => {
    expect(work).toThrow(message)
  })

  test('ParseFloat', () => {
    expect(parseGoFloat('0x1p-2')).toBe(0.25)
    expect(parseGoFloat('1_000.5')).toBe(1000.5)
    expect(parseGoFloat('.5e1')).toBe(5)
    expect(parseGoFloat('-Infinity')).toBe(Number.NEGATIVE_INFINITY)
    expect(() => parseGoFloat('-nan')).toThrow('invalid syntax')
  })
})

describe('quoting', () => {
  test.each<[text: string, want: string, ascii?: string]>([
    ['a"b\\', '"a\\"b\\\\"'],
    ['\x07\b\f\n\r\t\v\x00\x7f', '"\\a\\b\\f\\n\\r\\t\\v\\x00\\x7f"'],
    ['é\u200b😀', '"é\\u200b😀"', '"\\u00e9\\u200b\\U0001f600"'],
    // Bytes that are not UTF-8.
    ['\udcff\udc80', '"\\xff\\x80"'],
  ])('%j', (text, want, ascii = want) => {
    expect(quote(text)).toBe(want)
    expect(quoteToAscii(text)).toBe(ascii)
    expect(unquote(want)).toBe(text)
  })

  test('Unquote joins bytes, and knows backquotes', () => {
    expect(unquote('"\\xe2\\x82\\xac\\xff\\101"')).toBe('€\udcffA')
    expect(unquote('`a\\n\r`')).toBe('a\\n')
    // Bytes of the literal that are no UTF-8 become U+FFFD in quotes, and stay between backquotes.
    expect(unquote('"\udcffx"')).toBe('\ufffdx')
    expect(unquote('`\udcffx`')).toBe('\udcffx')
    for (const bad of ['a', '"', '"a', '"\\x4"', '"\\q"', "'ab'", '"\n"', '"\\ud800"'])
      expect(() => unquote(bad)).toThrow('invalid syntax')
  })
})
