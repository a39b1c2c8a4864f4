import { expect, test } from 'vitest'
import { RecentTexts, TextCache } from '../../src/template/cache.ts'

test('the texts used last are kept, up to a length', () => {
  const texts = new RecentTexts<number>(6)
  texts.set('aa', 1)
  texts.set('bb', 2)
  texts.set('cc', 3)
  expect(texts.get('aa')).toBe(1)
  texts.set('dd', 4)
  expect(['aa', 'bb', 'cc', 'dd'].map(text => texts.get(text))).toEqual([1, undefined, 3, 4])
})

test('a text that is set again does not count twice', () => {
  const texts = new RecentTexts<number>(4)
  for (let i = 0; i < 9; i++) texts.set('aa', i)
  texts.set('bb', 1)
  expect([texts.get('aa'), texts.get('bb')]).toEqual([8, 1])
})

test('equal texts are parsed once; one with an error is none', () => {
  const cache = new TextCache(1000)
  const known = (): boolean => true
  expect(cache.parse('a', '{{ .x }}', known)).toBe(cache.parse('b', '{{ .x }}', known))
  expect(() => cache.parse('c', '{{ ', known)).toThrow('unclosed action')
})
