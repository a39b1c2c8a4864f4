import { expect, test } from 'vitest'
import { compileRegexp, mustCompileRegexp, quoteMeta } from '../../src/go/regexp.ts'
import { GoError } from '../../src/go/value.ts'

const failure = (work: () => unknown): string => {
  try {
    return `no error: ${String(work())}`
  } catch (error) {
    if (error instanceof GoError) return error.message
    throw error
  }
}

test.each<[expr: string, text: string, found: string[]]>([
  ['a', 'banana', ['a', 'a', 'a']],
  ['a*', 'baa', ['', 'aa']],
  // Leftmost, then first alternative.
  ['a|ab', 'ab', ['a']],
  ['(?i)É', 'éÉ', ['é', 'É']],
  ['\\bfoo\\b', 'foo food foo', ['foo', 'foo']],
  ['(?m)^x', 'x\nx', ['x', 'x']],
  ['^x', 'x\nx', ['x']],
  ['.', 'a\n\r😀', ['a', '\r', '😀']],
  ['[[:alpha:]]+', 'ab1é', ['ab']],
  ['\\pL+', 'aé1', ['aé']],
  ['\\d', '٣3', ['3']],
  ['(?U)a+', 'aaa', ['a', 'a', 'a']],
])('%s in %j', (expr, text, found) => expect([...compileRegexp(expr).findAll(text, -1)]).toEqual(found))

test.each<[expr: string, text: string, replacement: string, want: string]>([
  ['a*', 'baac', 'X', 'XbXcX'],
  ['(a)(b)?', 'aab', '[$1|$2]', '[a|][a|b]'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a replacement of Go's regexp.
  ['(?P<n>a)', 'a', '${n}$n$nx', 'aa'],
  ['a', 'a', '$$1', '$1'],
  ['a', 'a', '$', '$'],
  ['é', 'éa', '$0$0', 'ééa'],
])('%s in %j by %s', (expr, text, replacement, want) => {
  expect(compileRegexp(expr).replaceAll(text, replacement)).toBe(want)
})

test.each<[expr: string, error: string]>([
  ['(', 'error parsing regexp: missing closing ): `(`'],
  ['[a', 'error parsing regexp: missing closing ]: `[a`'],
  ['a**', 'error parsing regexp: invalid nested repetition operator: `**`'],
  ['*', 'error parsing regexp: missing argument to repetition operator: `*`'],
  ['(?=a)', 'error parsing regexp: invalid or unsupported Perl syntax: `(?=`'],
  ['\\1', 'error parsing regexp: invalid escape sequence: `\\1`'],
  ['a{1001}', 'error parsing regexp: invalid repeat count: `{1001}`'],
  ['[z-a]', 'error parsing regexp: invalid character class range: `z-a`'],
])('%s is none', (expr, error) => {
  expect(failure(() => compileRegexp(expr))).toBe(error)
  expect(failure(() => mustCompileRegexp(expr))).toBe(`regexp: Compile(\`${expr}\`): ${error}`)
})

test('a text is quoted', () => expect(quoteMeta('a.b*[é]')).toBe('a\\.b\\*\\[é\\]'))
