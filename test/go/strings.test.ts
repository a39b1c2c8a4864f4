import { expect, test } from 'vitest'
import { fits, maxStringLength, splitN, trim, trimRightSpace, trimSpace } from '../../src/go/strings.ts'

test('white space is what Unicode says', () => {
  expect(trimSpace('\u0085\u00a0\u2003 a \u3000\t')).toBe('a')
  // Neither a mark of byte order nor a space of no width is white space to Go.
  expect(trimSpace('\ufeffa\u200b')).toBe('\ufeffa\u200b')
  expect(trimRightSpace(' a \n')).toBe(' a')
})

test('a cutset is of runes', () => {
  expect(trim('é😀aé', 'é😀')).toBe('a')
  expect(trim('aaa', 'a')).toBe('')
})

test.each<[text: string, sep: string, n: number, want: string[]]>([
  ['a,b,c', ',', 2, ['a', 'b,c']],
  ['a,b,c', ',', -1, ['a', 'b', 'c']],
  ['a,b', ',', 0, []],
  ['', ',', 5, ['']],
  ['é😀x', '', 2, ['é', '😀x']],
])('splitN %j %j %d', (text, sep, n, want) => expect(splitN(text, sep, n)).toEqual(want))

test('what repeats must fit', () => {
  expect(fits('ab', maxStringLength / 2)).toBe(true)
  expect(fits('ab', maxStringLength / 2 + 1)).toBe(false)
})
