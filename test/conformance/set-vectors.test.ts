import { expect, test } from 'vitest'
import { DecapodError } from '../../src/errors.ts'
import { mergeUserValues } from '../../src/helm/user-values.ts'
import { canonical, canonicalWant, loadVectors, type VectorAnswer, valuesOf } from '../support/vectors.ts'

const vectors = loadVectors('set')

for (const semantics of [3, 4] as const) {
  test.skipIf(vectors.length === 0)(`${vectors.length} recorded answers to --set, Helm ${semantics}`, () => {
    const wrong: unknown[] = []
    for (const vector of vectors) {
      const answer: VectorAnswer = (semantics === 4 ? vector.helm4 : undefined) ?? vector
      const want = answer.error ?? canonicalWant(answer.want)
      let got: string
      try {
        got = canonical(mergeUserValues(valuesOf(vector), semantics))
      } catch (error) {
        if (!(error instanceof DecapodError)) throw error
        got = error.message
      }
      if (got !== want) wrong.push({ id: vector.id, want, got })
    }
    expect(wrong).toEqual([])
  })
}
