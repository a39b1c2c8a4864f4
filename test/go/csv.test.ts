import { expect, test } from 'vitest'
import { readCsvRecord } from '../../src/go/csv.ts'

test.each<[text: string, fields: string[]]>([
  ['a', ['a']],
  ['a,b', ['a', 'b']],
  ['a,', ['a', '']],
  [',', ['', '']],
  ['"a,b",c', ['a,b', 'c']],
  ['"a""b"', ['a"b']],
  [' a , "b', []],
  ['a\nb', ['a']],
  ['\n\na,b\n', ['a', 'b']],
  ['"a\nb",c', ['a\nb', 'c']],
  ['"a"\r\nb', ['a']],
])('%j', (text, fields) => {
  if (fields.length === 0) expect(() => readCsvRecord(text)).toThrow()
  else expect(readCsvRecord(text)).toEqual(fields)
})

// What encoding/csv says.
test.each([
  ['\n', 'EOF'],
  ['a"b', 'parse error on line 1, column 2: bare " in non-quoted-field'],
  ['é"b', 'parse error on line 1, column 3: bare " in non-quoted-field'],
  ['"a', 'parse error on line 1, column 3: extraneous or missing " in quoted-field'],
  ['"a"b', 'parse error on line 1, column 3: extraneous or missing " in quoted-field'],
  ['"a\nb', 'record on line 1; parse error on line 2, column 2: extraneous or missing " in quoted-field'],
])('%j: %s', (text, message) => {
  expect(() => readCsvRecord(text)).toThrow(message)
})
