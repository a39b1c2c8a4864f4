import { expect, test } from 'vitest'
import { DecapodError } from '../../src/errors.ts'
import { loadChart } from '../../src/helm/load.ts'
import { prepareValues } from '../../src/helm/prepare.ts'
import { validateValues } from '../../src/helm/schema.ts'
import { mergeUserValues } from '../../src/helm/user-values.ts'
import { memoryTree } from '../../src/tree.ts'
import {
  canonical,
  canonicalWant,
  filesOf,
  loadVectors,
  sameError,
  type VectorAnswer,
  valuesOf,
} from '../support/vectors.ts'

const vectors = loadVectors('coalesce')

for (const semantics of [3, 4] as const) {
  test.skipIf(vectors.length === 0)(`${vectors.length} recorded final values, Helm ${semantics}`, () => {
    const wrong: unknown[] = []
    for (const vector of vectors) {
      const answer: VectorAnswer = (semantics === 4 ? vector.helm4 : undefined) ?? vector
      let got: string
      let failed = false
      try {
        const given = mergeUserValues(valuesOf(vector), semantics)
        const chart = loadChart(memoryTree(filesOf(vector)), '/', { semantics })
        const { root, values } = prepareValues(chart, given, { semantics, warn: () => {} })
        validateValues(root, values)
        got = canonical(values)
      } catch (error) {
        if (!(error instanceof DecapodError)) throw error
        // The recorder took the steps one by one; the whole of Helm 4 names the one that failed.
        got = error.message.replace(/^chart dependencies processing failed: /, '')
        failed = true
      }
      const want = answer.error ?? canonicalWant(answer.want)
      const same = answer.error === undefined ? got === want : failed && sameError(got, answer.error)
      if (!same) wrong.push({ id: vector.id, want, got })
    }
    expect(wrong).toEqual([])
  })
}
