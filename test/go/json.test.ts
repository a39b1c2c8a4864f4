import { describe, expect, test } from 'vitest'
import { decodeJson, decodeJsonPrefix, encodeJson } from '../../src/go/json.ts'
import { GoInt, type GoValue } from '../../src/go/value.ts'

describe('encodeJson', () => {
  test.each<[name: string, value: GoValue, want: string]>([
    [
      'keys by bytes',
      new Map([
        ['b', 1],
        ['a10', 2],
        ['a2', 3],
        ['B', 4],
        ['\ue000', 5],
        ['😀', 6],
      ]),
      '{"B":4,"a10":2,"a2":3,"b":1,"\ue000":5,"😀":6}',
    ],
    [
      'escapes',
      '<a&b>"\\\u2028\u2029\b\f\n\r\t\x01\x7f',
      '"\\u003ca\\u0026b\\u003e\\"\\\\\\u2028\\u2029\\b\\f\\n\\r\\t\\u0001\x7f"',
    ],
    ['bytes that are not UTF-8', 'a\udcffb', '"a\\ufffdb"'],
    [
      'floats',
      [1, 1.5, 1e20, 1e21, 1e-6, 1e-7, -0, 123456789.25],
      '[1,1.5,100000000000000000000,1e+21,0.000001,1e-7,-0,123456789.25]',
    ],
    ['integers', [5n, new GoInt('uint64', 18446744073709551615n)], '[5,18446744073709551615]'],
    ['bytes', new Uint8Array([1, 2, 255]), '"AQL/"'],
    ['empty', [[], new Map(), '', null], '[[],{},"",null]'],
  ])('%s', (_, value, want) => {
    expect(encodeJson(value, { escapeHtml: true })).toBe(want)
  })

  test('indented, and without HTML escapes', () => {
    const value = new Map<string, GoValue>([
      ['a', [1, new Map([['b', '<']])]],
      ['c', []],
    ])
    expect(encodeJson(value, { escapeHtml: false, indent: '  ' })).toBe(
      '{\n  "a": [\n    1,\n    {\n      "b": "<"\n    }\n  ],\n  "c": []\n}',
    )
  })

  test('NaN and infinities', () => {
    expect(() => encodeJson([Number.NaN], { escapeHtml: true })).toThrow('json: unsupported value: NaN')
    expect(() => encodeJson(Number.NEGATIVE_INFINITY, { escapeHtml: true })).toThrow('json: unsupported value: -Inf')
  })
})

describe('decodeJson', () => {
  test('values', () => {
    expect(decodeJson(' {"a": [1, -2.5e3, "x\\u00e9\\ud83d\\ude00\\n", null, true], "a": 2} ')).toEqual(
      new Map([['a', 2]]),
    )
    expect(decodeJson('"\\ud800x"')).toBe('\ufffdx')
  })

  test.each<[text: string, message: string]>([
    ['', 'unexpected end of JSON input'],
    ['{"a":', 'unexpected end of JSON input'],
    // Go feeds its scanner a blank at the end.
    ['nul', "invalid character ' ' in literal null (expecting 'l')"],
    ['nulx', "invalid character 'x' in literal null (expecting 'l')"],
    ['{a}', "invalid character 'a' looking for beginning of object key string"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['{"a":1 "b"}', "invalid character '\"' after object key:value pair"],
    ['[1 2]', "invalid character '2' after array element"],
    ['[1,]', "invalid character ']' looking for beginning of value"],
    ['1 2', "invalid character '2' after top-level value"],
    ['01', "invalid character '1' after top-level value"],
    ['-x', "invalid character 'x' in numeric literal"],
    ['1.x', "invalid character 'x' after decimal point in numeric literal"],
    ['1ex', "invalid character 'x' in exponent of numeric literal"],
    ['"\\q"', "invalid character 'q' in string escape code"],
    ['"\\u12g4"', "invalid character 'g' in \\u hexadecimal character escape"],
    ['"\n"', "invalid character '\\n' in string literal"],
    ["'", "invalid character '\\'' looking for beginning of value"],
    ['é', "invalid character 'Ã' looking for beginning of value"],
    ['1e999', 'json: cannot unmarshal number 1e999 into Go value of type float64'],
  ])('%j', (text, message) => {
    expect(() => decodeJson(text)).toThrow(message)
  })

  test('nesting is bounded', () => {
    expect(() => decodeJson('['.repeat(100_000))).toThrow('exceeded max depth')
  })
})

test('the first value of a stream, and where it ends', () => {
  expect(decodeJsonPrefix(' {"a":1},b=2')).toEqual({ value: new Map([['a', 1]]), end: 8 })
  expect(() => decodeJsonPrefix('  ')).toThrow('EOF')
  expect(() => decodeJsonPrefix('[1')).toThrow('unexpected EOF')
})
