import { expect, test } from 'vitest'
import { matchPath } from '../../src/go/match.ts'

// Rows of Go's path.Match.
test.each<[pattern: string, name: string, want: boolean]>([
  ['abc', 'abc', true],
  ['*', 'abc', true],
  ['*c', 'abc', true],
  ['a*/b', 'a/c/b', false],
  ['a*b*c*d*e*/f', 'axbxcxdxe/f', true],
  ['a*b*c*d*e*/f', 'axbxcxdxexxx/fff', false],
  ['a*b?c*x', 'abxbbxdbxebxczzx', true],
  ['ab[c]', 'abc', true],
  ['ab[e-g]', 'abc', false],
  ['ab[^e-g]', 'abc', true],
  ['a\\*b', 'a*b', true],
  ['a\\*b', 'ab', false],
  ['a???b', 'a☺b', false],
  ['a[^a]b', 'a☺b', true],
  ['[a-ζ]*', 'α', true],
  ['*[a-ζ]', 'A', false],
  ['a?b', 'a/b', false],
  ['a*b', 'a/b', false],
  ['[\\]a]', ']', true],
  ['[x\\-]', '-', true],
])('%s %s', (pattern, name, want) => expect(matchPath(pattern, name)).toBe(want))

test.each(['[]a]', '[-]', '[x-]', '[-x]', '\\', '[', '[^', '[a', 'a['])('%s is malformed', pattern => {
  expect(() => matchPath(pattern, 'a')).toThrow('syntax error in pattern')
})
