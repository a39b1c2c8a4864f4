import { expect, test } from 'vitest'
import { compileRegexp } from '../../src/go/regexp.ts'
import { simplePattern } from '../../src/kustomize/simple-pattern.ts'

const texts = ['', 'a', 'ab', 'a.b', 'axb', 'a\nb', 'a\u2028b', 'a😀b', 'a/b:1', 'b', 'aXXbYYc', 'x-y_z', 'ab\n']

for (const pattern of ['', 'a', 'a.b', 'a.*b', '.*', 'a|b', 'a.*b.*c', 'a/b:1', '|', 'x-y_z', '.']) {
  test(`as RE2 has it: ${pattern}`, () => {
    const simple = simplePattern('^(?:', pattern, ')$')!
    const re2 = compileRegexp(`^(?:${pattern})$`)
    expect(texts.filter(text => simple.test(text))).toEqual(texts.filter(text => re2.matches(text)))
  })
}

test.each(['a+', 'a*', '(a)', '[a]', 'a\\.b', 'a$', '^a', 'a?', '.*.*.*', 'a{2}', 'é', '.**'])(
  'for RE2: %s',
  pattern => {
    expect(simplePattern('^(?:', pattern, ')$')).toBeUndefined()
  },
)
