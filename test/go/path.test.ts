import { expect, test } from 'vitest'
import { base, clean, dir, ext, isAbs, join } from '../../src/go/path.ts'

// Rows of Go's path_test.go.
test.each<[path: string, cleaned: string, base: string, dir: string, ext: string, isAbs: boolean]>([
  ['', '.', '.', '.', '', false],
  ['/', '/', '/', '/', '', true],
  ['a/b.c', 'a/b.c', 'b.c', 'a', '.c', false],
  ['/a/b/', '/a/b', 'b', '/a/b', '', true],
  ['a//b/../c', 'a/c', 'c', 'a', '', false],
  ['../../a', '../../a', 'a', '../..', '', false],
  ['/../a', '/a', 'a', '/', '', true],
  ['a/..', '.', '..', 'a', '.', false],
  ['.hidden', '.hidden', '.hidden', '.', '.hidden', false],
  ['x.tar.gz', 'x.tar.gz', 'x.tar.gz', '.', '.gz', false],
  ['a.b/c', 'a.b/c', 'c', 'a.b', '', false],
])('%j', (path, cleaned, last, above, extension, absolute) => {
  expect([clean(path), base(path), dir(path), ext(path), isAbs(path)]).toEqual([
    cleaned,
    last,
    above,
    extension,
    absolute,
  ])
})

test('join leaves empty elements out and cleans', () => {
  expect(join('a', '', '../b', 'c/')).toBe('b/c')
  expect(join('', '')).toBe('')
})
