import { expect, test } from 'vitest'
import { RecentTexts, TextCache } from '../../src/template/cache.ts'

test('the texts used last are kept: above a length a quarter of it goes, the oldest first', () => {
  const texts = new RecentTexts<number>(8)
  texts.set('aa', 1)
  texts.set('bb', 2)
  texts.set('cc', 3)
  texts.set('dd', 4)
  expect(texts.get('aa')).toBe(1)
  texts.set('ee', 5)
  const kept = ['aa', 'bb', 'cc', 'dd', 'ee'].filter(text => texts.get(text) !== undefined)
  expect(kept).toEqual(['aa', 'dd', 'ee'])
})

test('a text that is longer than what is kept is not', () => {
  const texts = new RecentTexts<number>(4)
  texts.set('aa', 1)
  texts.set('bbbbb', 2)
  texts.set('cc', 3)
  expect(['aa', 'bbbbb', 'cc'].map(text => texts.get(text))).toEqual([undefined, undefined, 3])
})

test('equal texts are parsed once; one with an error is none', () => {
  const cache = new TextCache(1000)
  const known = (): boolean => true
  expect(cache.parse('a', '{{ .x }}', known)).toBe(cache.parse('b', '{{ .x }}', known))
  expect(() => cache.parse('c', '{{ ', known)).toThrow('unclosed action')
})
