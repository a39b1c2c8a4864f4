import { expect, test } from 'vitest'
import { isIgnored, parseIgnore } from '../../src/helm/ignore.ts'
import type { Semantics } from '../../src/helm/semantics.ts'

/** Each row as helm 3.22 and 4.3 answered for a chart with this .helmignore. */
test.each<[name: string, rules: string, path: string, isDir: boolean, ignored: boolean, helm4?: boolean]>([
  ['a name anywhere', '*.txt\n', 'dir/b.txt', false, true],
  ['a slash in front anchors', '/b.txt\n', 'dir/b.txt', false, false],
  ['and so does a doubled one in Helm 3, which strips one on every call', '//a.txt\n', 'a.txt', false, true, false],
  ['a slash inside matches the whole path', 'dir/b.txt\n', 'dir/b.txt', false, true],
  ['a slash at the end is for directories', 'a.txt/\n', 'a.txt', false, false],
  ['blanks around a rule, CRLF too, do not count', '  a.txt \r\n', 'a.txt', false, true],
  ['what a negated rule does not match is ignored', '!a.txt\n', 'b.txt', false, true],
  ['and what it matches is left to the next rule', '!a.txt\na.txt\n', 'a.txt', false, true],
  ['dotted names below templates always', '', 'templates/.x.yaml', false, true],
  ['but not deeper', '', 'templates/d/.x.yaml', false, false],
])('%s', (_, rules, path, isDir, ignored, helm4 = ignored) => {
  const answer = (semantics: Semantics): boolean => isIgnored(parseIgnore(rules, '.helmignore', semantics), path, isDir)
  expect([answer(3), answer(4)]).toEqual([ignored, helm4])
})

test.each([
  ['**\n', 'double-star (**) syntax is not supported'],
  ['a[\n', 'syntax error in pattern'],
])('%j is refused', (rules, message) => {
  expect(() => parseIgnore(rules, '.helmignore', 3)).toThrow(message)
})
