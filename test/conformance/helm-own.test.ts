/**
 * Helm's answers to questions of our own, in tables of test/conformance/helm: a sample of what each mode of
 * `npm run fuzz -- helm` makes (one file each), and found.json, the differences it found, each as small as it could be
 * made. test/oracle/README.md says how to add to them and how to record them anew.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Answer, answer, type Question, sameAnswer } from '../support/answer.ts'

const tables = join(import.meta.dirname, 'helm')

for (const file of readdirSync(tables)) {
  const cases = JSON.parse(readFileSync(join(tables, file), 'utf8')) as (Question & Answer & { helm4?: Answer })[]
  test.each([3, 4] as const)(`${file}: ${cases.length} answers of Helm %s`, semantics => {
    expect(cases.length).toBeGreaterThan(0)
    const wrong = cases.flatMap(({ helm4, ...recorded }) => {
      const want = { warnings: [], ...((semantics === 4 ? helm4 : undefined) ?? recorded) }
      const got = answer(recorded, semantics)
      return sameAnswer(recorded, got, want) ? [] : [{ question: recorded, got, want }]
    })
    expect(wrong).toEqual([])
  })
}
