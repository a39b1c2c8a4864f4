import { expect, test } from 'vitest'
import {
  isAscii,
  isInvalidByte,
  isLetter,
  isNumber,
  isPunct,
  isSpace,
  isTitle,
  isUpper,
  lowerRune,
  mapRunes,
  titleRune,
  toLower,
  toUpper,
  upperRune,
} from '../../src/go/unicode.ts'

// Go maps rune by rune, where JavaScript looks at the word and at whole sequences.
test.each<[rune: string, upper: string, lower: string, title: string]>([
  ['a', 'A', 'a', 'A'],
  ['ß', 'ß', 'ß', 'ß'],
  ['ŉ', 'ŉ', 'ŉ', 'ŉ'],
  ['Σ', 'Σ', 'σ', 'Σ'],
  ['ǆ', 'Ǆ', 'ǆ', 'ǅ'],
  ['ı', 'I', 'ı', 'I'],
  ['İ', 'İ', 'i', 'İ'],
  ['😀', '😀', '😀', '😀'],
])('%s', (rune, upper, lower, title) => {
  expect([upperRune(rune), lowerRune(rune), titleRune(rune)]).toEqual([upper, lower, title])
})

test('texts', () => {
  expect(toUpper('straße ǆ')).toBe('STRAßE Ǆ')
  expect(toLower('ΑΣ')).toBe('ας'.replace('ς', 'σ'))
  expect(mapRunes('a😀', rune => `<${rune}>`)).toBe('<a><😀>')
  expect([isAscii('a\u007f'), isAscii('é')]).toEqual([true, false])
})

test('classes', () => {
  expect([
    isSpace('\u0085'),
    isSpace('\u200b'),
    isPunct('-'),
    isPunct('$'),
    isUpper('É'),
    isTitle('ǅ'),
    isLetter('中'),
    isNumber('½'),
  ]).toEqual([true, false, true, false, true, true, true, true])
  expect([isInvalidByte('\udcff'), isInvalidByte('a')]).toEqual([true, false])
})
