import { expect, test } from 'vitest'
import type { Semantics } from '../../src/helm/semantics.ts'
import { renderVector, sameAnswer, type TemplateVector } from '../support/template-vector.ts'
import { loadVectors, type Vector } from '../support/vectors.ts'

const vectors = loadVectors('template') as (Vector & TemplateVector)[]

/** What does not give the recorded answer, in short; the figures are printed. */
function failures(semantics: Semantics): string[] {
  const wrong: string[] = []
  for (const vector of vectors) {
    const want = (semantics === 4 ? vector.helm4 : undefined) ?? vector
    const got = renderVector(vector, semantics)
    if (!sameAnswer(got, want)) {
      wrong.push(
        `${vector.id} ${vector.template}\n  got  ${JSON.stringify(got)}\n  want ${JSON.stringify({ want: want.want, wantBase64: want.wantBase64, error: want.error })}`,
      )
    }
  }
  console.log(`template vectors, Helm ${semantics}: ${vectors.length - wrong.length} of ${vectors.length} equal`)
  return wrong
}

// The data lies beside the repository, not in it.
test.skipIf(vectors.length === 0)('template vectors of Helm 3', () => {
  expect(failures(3)).toEqual([])
})
test.skipIf(vectors.length === 0)('template vectors of Helm 4', () => {
  expect(failures(4)).toEqual([])
})
