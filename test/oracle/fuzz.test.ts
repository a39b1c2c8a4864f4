/**
 * Differential tests of templates against the oracle (README.md). They run where ORACLE names its binary:
 *
 *     ORACLE=/tmp/oracle FUZZ_SEED=1 FUZZ_COUNT=20000 npx vitest run test/oracle
 *
 * FUZZ_RECORD=FILE writes the differences as vectors, for test/conformance.
 */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { helmFunctions } from '../../src/helm/funcs.ts'
import { builtins } from '../../src/template/funcs.ts'
import { renderVector, sameAnswer, type TemplateVector } from '../support/template-vector.ts'
import type { VectorAnswer } from '../support/vectors.ts'
import { Generator } from './generate.ts'

const oracle = process.env['ORACLE']
const seed = Number(process.env['FUZZ_SEED'] ?? 1)
const count = Number(process.env['FUZZ_COUNT'] ?? 20_000)
const record = process.env['FUZZ_RECORD']

/** The oracle's answers to templates; undefined where Go itself crashed (a cyclic map printed). */
function ask(vectors: readonly TemplateVector[], helm: 3 | 4): (VectorAnswer | undefined)[] {
  const answers: (VectorAnswer | undefined)[] = []
  while (answers.length < vectors.length) {
    const rest = vectors.slice(answers.length)
    const { stdout, error, status } = spawnSync(oracle!, {
      input: rest.map(v => JSON.stringify({ kind: 'template', helm, ...v })).join('\n'),
      maxBuffer: 2 ** 30,
      env: { ...process.env, TZ: 'UTC' },
    })
    // Where Go crashed, what was still to be asked finds no reader.
    if (error !== undefined && (error as NodeJS.ErrnoException).code !== 'EPIPE') throw error
    const lines = stdout.toString('utf8').trimEnd().split('\n')
    for (const line of lines) answers.push(JSON.parse(line) as VectorAnswer)
    if (status !== 0) answers.push(undefined)
  }
  return answers
}

/** Go answers with an address of memory here and there; those differ from run to run. */
const hasAddress = (answer: VectorAnswer): boolean =>
  /0x[0-9a-f]{10,}|Capabilities|4361706162696c6974696573|%!\w\(string=\):\d{10,}/i.test(JSON.stringify(answer))

/** What differs on purpose: passwords of URLs do not stand in messages, and there are limits. */
const isDeliberate = (got: VectorAnswer, want: VectorAnswer): boolean =>
  got.error !== undefined &&
  (got.error.startsWith('LIMIT_EXCEEDED') || got.error === want.error?.replaceAll('http://u:p@', 'http://***@'))

test.skipIf(oracle === undefined)('templates answer as Helm does', { timeout: 600_000 }, () => {
  const functions = new Map([...builtins, ...helmFunctions(3, {})])
  for (const name of ['include', 'tpl', 'required', 'fail', 'lookup']) {
    if (!functions.has(name)) functions.set(name, builtins.get('print')!)
  }
  const generator = new Generator(seed, functions)
  const different: object[] = []
  const batch = 2000
  for (let done = 0; done < count; done += batch) {
    const vectors = Array.from({ length: Math.min(batch, count - done) }, () => generator.vector())
    const answers3 = ask(vectors, 3)
    const answers4 = ask(vectors, 4)
    vectors.forEach((vector, i) => {
      for (const [semantics, want] of [
        [3, answers3[i]],
        [4, answers4[i]],
      ] as const) {
        if (want === undefined) continue
        const got = renderVector(vector, semantics)
        const { want: text, wantBase64, error } = want
        const answer = {
          ...(error !== undefined ? { error } : wantBase64 !== undefined ? { wantBase64 } : { want: text ?? '' }),
        }
        if (sameAnswer(got, answer) || hasAddress(want) || isDeliberate(got, answer)) continue
        different.push({ kind: 'template', semantics, ...vector, ...answer, got })
        break
      }
    })
  }
  console.log(`fuzz: seed ${seed}, ${count} templates in Helm 3 and 4, ${different.length} different`)
  if (record !== undefined) writeFileSync(record, JSON.stringify(different, undefined, 1))
  expect(different.slice(0, 5)).toEqual([])
})
