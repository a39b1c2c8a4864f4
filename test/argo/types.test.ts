import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { argoTypes } from '../../scripts/generate-argo-types.ts'
import { appOfApps } from '../../src/argo/application.ts'
import { delivery } from './deliveries.ts'
import { argoDocument, schemaErrors } from './schema.ts'

test('the committed types are those of the document', async () => {
  const committed = readFileSync(new URL('../../src/argo/generated/argo.ts', import.meta.url), 'utf8')
  expect(await argoTypes(argoDocument)).toBe(committed)
})

test('the document refuses what Argo does not know', () => {
  const object = appOfApps(delivery([]))
  expect(schemaErrors(object)).toEqual([])
  expect(schemaErrors({ ...object, spec: { ...object.spec, sorce: {} } })).toEqual([
    '/spec must NOT have additional properties {"additionalProperty":"sorce"}',
  ])
  expect(schemaErrors({ ...object, spec: { ...object.spec, project: 1 } })).toEqual([
    '/spec/project must be string {"type":"string"}',
  ])
  expect(schemaErrors({ kind: 'Appication' })).toEqual(['no schema for kind Appication'])
})
