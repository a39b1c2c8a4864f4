import { expect, test } from 'vitest'
import { diffLines } from '../../src/render/text-diff.ts'

const show = (before: string, after: string): string =>
  diffLines([...before], [...after])
    .map(({ mark, line }) => (mark === ' ' ? line : `${mark}${line}`))
    .join('')

test.each<[name: string, before: string, after: string, want: string]>([
  ['nothing', 'abc', 'abc', 'abc'],
  ['from nothing', '', 'ab', '+a+b'],
  ['to nothing', 'ab', '', '-a-b'],
  ['one line among others', 'abc', 'axc', 'a-b+xc'],
  ['two places far apart', 'abcdefg', 'aBcdefG', 'a-b+Bcdef-g+G'],
  ['moved', 'abc', 'bca', '-abc+a'],
  // The example of Myers' paper: five edits, not fewer.
  ['interleaved', 'abcabba', 'cbabac', '-a-bc+bab-ba+c'],
])('%s', (_, before, after, want) => {
  const got = show(before, after)
  expect(got.replace(/[-+]./g, '').length + (got.match(/-/g) ?? []).length).toBe(before.length)
  expect(got).toBe(want)
})

test('applied, an edit gives both texts back', () => {
  // A small generator of its own: the same sequences every time.
  let seed = 7
  const next = (n: number): number => (seed = (seed * 48271) % 2147483647) % n
  for (let round = 0; round < 200; round++) {
    const text = (): string[] => Array.from({ length: next(30) }, () => 'abc'[next(3)]!)
    const [before, after] = [text(), text()]
    const edits = diffLines(before, after)
    expect(edits.filter(e => e.mark !== '+').map(e => e.line)).toEqual(before)
    expect(edits.filter(e => e.mark !== '-').map(e => e.line)).toEqual(after)
  }
})

test('texts with nothing in common cost no more than the bound', () => {
  const lines = (name: string): string[] => Array.from({ length: 20_000 }, (_, i) => `${name} ${i}`)
  const edits = diffLines(lines('a'), lines('b'))
  expect(edits).toHaveLength(40_000)
  expect(edits[0]).toEqual({ mark: '-', line: 'a 0' })
})
