/** toYaml and fromYaml of Helm 3.22 for recorded inputs. */

import { expect, test } from 'vitest'
import { DecapodError } from '../../src/errors.ts'
import { type GoDict, GoError, type GoValue, toBytes } from '../../src/go/value.ts'
import { stringifyValue } from '../../src/yaml/stringify.ts'
import { unmarshalMap } from '../../src/yaml/values.ts'
import { vectorValue } from '../support/template-vector.ts'
import { loadVectors } from '../support/vectors.ts'

const writes = loadVectors('toYaml') as unknown as { id: string; data: unknown; want?: string; wantBase64?: string }[]
const reads = loadVectors('fromYaml') as unknown as { id: string; input: string; want: unknown }[]

test.skipIf(writes.length === 0)(`${writes.length} recorded answers of toYaml`, () => {
  const got = writes.map(({ id, data }) => ({ id, text: toYaml(vectorValue(data)) }))
  expect(got).toEqual(
    writes.map(({ id, want, wantBase64 }) => ({
      id,
      text: want ?? Buffer.from(wantBase64!, 'base64').toString('latin1'),
    })),
  )
})

test.skipIf(reads.length === 0)(`${reads.length} recorded answers of fromYaml`, () => {
  const got = reads.map(({ id, input }) => ({ id, value: fromYaml(input) }))
  expect(got).toEqual(reads.map(({ id, want }) => ({ id, value: vectorValue(want) })))
})

/** Helm cuts one line break off, and gives an empty text for an error. */
function toYaml(value: GoValue): string {
  try {
    const text = stringifyValue(value).replace(/\n$/, '')
    return /[\udc80-\udcff]/.test(text.replace(/[\ud800-\udbff][\udc00-\udfff]/g, ''))
      ? Buffer.from(toBytes(text)).toString('latin1')
      : text
  } catch (error) {
    if (error instanceof GoError) return ''
    throw error
  }
}

function fromYaml(text: string): GoDict {
  try {
    return unmarshalMap(text, { file: 'vector.yaml' })
  } catch (error) {
    if (error instanceof DecapodError) return new Map([['Error', error.message]])
    throw error
  }
}
