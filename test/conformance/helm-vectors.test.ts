/** The recorded answers that lie beside the repository: templates, values, --set, YAML, versions, charts. */
import { expect, test } from 'vitest'
import { answer, type Question, sameAnswer } from '../support/answer.ts'
import { loadVectors } from '../support/vectors.ts'

const kinds: readonly Question['kind'][] = ['template', 'toYaml', 'fromYaml', 'set', 'coalesce', 'semver', 'chart']

for (const kind of kinds) {
  const vectors = loadVectors(kind)
  test.skipIf(vectors.length === 0).each([3, 4] as const)(`${vectors.length} of kind ${kind}, Helm %s`, semantics => {
    const wrong = vectors.flatMap(vector => {
      const want = (semantics === 4 ? vector.helm4 : undefined) ?? vector
      const got = answer(vector, semantics)
      return sameAnswer(vector, got, want) ? [] : [{ id: vector.id, template: vector.template, got, want }]
    })
    expect(wrong).toEqual([])
  })
}
