import { expect, test } from 'vitest'
import { GoError } from '../../src/go/value.ts'
import { parseConstraints, satisfies } from '../../src/semver/constraint.ts'
import { parseVersion } from '../../src/semver/version.ts'

const failure = (work: () => unknown): string => {
  try {
    return `no error: ${String(work())}`
  } catch (error) {
    if (error instanceof GoError) return error.message
    throw error
  }
}

test.each<[constraint: string, inside: readonly string[], outside: readonly string[]]>([
  ['*', ['1.0.0'], ['1.0.0-rc']],
  ['1.2', ['1.2.0', '1.2.9'], ['1.3.0', '1.2.0-rc']],
  ['=1.2', ['1.2.5'], ['1.3.0']],
  ['!=1.2', ['1.3.0'], ['1.2.5']],
  ['>1.2', ['1.3.0'], ['1.2.9']],
  ['>11', ['12.0.0'], ['11.1.0']],
  ['<=1.2', ['1.2.9'], ['1.3.0']],
  ['~1.2.3', ['1.2.3', '1.2.9'], ['1.3.0', '1.2.2']],
  ['~>1', ['1.9.0'], ['2.0.0']],
  ['^0.2', ['0.2.9'], ['0.3.0']],
  ['^0.0.3', ['0.0.3'], ['0.0.4']],
  ['^1.2.3', ['1.9.0'], ['2.0.0', '1.2.2']],
  ['1.x || >=3', ['1.5.0', '3.0.0'], ['2.0.0']],
  ['>=1 <2, !=1.5.0', ['1.4.0'], ['1.5.0', '2.0.0']],
  ['1.2 - 2.3', ['1.2.0', '2.3.9'], ['1.1.0', '2.4.0']],
  // A prerelease needs one in the same group.
  ['>=1.21', ['1.21.3'], ['1.21.3-gke.1']],
  ['>=1.21-0', ['1.21.3-gke.1', '1.21.0'], ['1.20.9']],
  ['<1.14-0', ['1.13.9-a'], ['1.14.0']],
])('%s', (constraint, inside, outside) => {
  const parsed = parseConstraints(constraint)
  for (const version of inside) expect(satisfies(parsed, parseVersion(version)), version).toBe(true)
  for (const version of outside) expect(satisfies(parsed, parseVersion(version)), version).toBe(false)
})

test.each(['', '>>1', 'latest', '1.2.3.4', '>= x y'])('%s is none', text => {
  expect(failure(() => parseConstraints(text))).toContain('improper constraint')
})
