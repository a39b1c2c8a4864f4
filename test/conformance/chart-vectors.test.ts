import { expect, test } from 'vitest'
import { DecapodError } from '../../src/errors.ts'
import { formatManifest, helmMessage } from '../../src/helm/format.ts'
import { loadChart } from '../../src/helm/load.ts'
import { renderChart } from '../../src/helm/render.ts'
import type { Semantics } from '../../src/helm/semantics.ts'
import { mergeUserValues } from '../../src/helm/user-values.ts'
import { memoryTree } from '../../src/tree.ts'
import { filesOf, loadVectors, sameError, type Vector, type VectorAnswer, valuesOf } from '../support/vectors.ts'

const vectors = loadVectors('chart')

function render(vector: Vector, semantics: Semantics): string {
  const values = mergeUserValues(valuesOf(vector), semantics)
  const chart = loadChart(memoryTree(filesOf(vector)), '/', { semantics })
  const { name, namespace, kubeVersion, apiVersions, isUpgrade, skipSchemaValidation } = vector
  const given = { name, namespace, kubeVersion, apiVersions, isUpgrade, skipSchemaValidation }
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  const rendered = renderChart(chart, { values, semantics, ...set })
  return formatManifest(rendered, {
    semantics,
    includeCrds: vector.includeCrds ?? false,
    noHooks: vector.noHooks ?? false,
    skipTests: vector.skipTests ?? false,
    showOnly: vector.showOnly ?? [],
  })
}

for (const semantics of [3, 4] as const) {
  test.skipIf(vectors.length === 0)(`${vectors.length} recorded charts, Helm ${semantics}`, () => {
    const wrong: unknown[] = []
    for (const vector of vectors) {
      const answer: VectorAnswer = (semantics === 4 ? vector.helm4 : undefined) ?? vector
      let got: { want: string } | { error: string }
      try {
        got = { want: render(vector, semantics) }
      } catch (error) {
        if (!(error instanceof DecapodError)) throw error
        got = { error: helmMessage(error, semantics) }
      }
      const same =
        'want' in got ? got.want === answer.want : answer.error !== undefined && sameError(got.error, answer.error)
      if (!same) wrong.push({ id: vector.id, want: answer.want ?? answer.error, got })
    }
    expect(wrong).toEqual([])
  })
}
