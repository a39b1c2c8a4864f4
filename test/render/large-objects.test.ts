import { expect, test } from 'vitest'
import { parseObjects } from '../../src/render/inflate.ts'
import { appsWithLargeObjects } from '../../src/render/large-objects.ts'
import { formObjects, type OutputObject } from '../../src/render/output.ts'

const path = 'lma/grafana/ConfigMap_x.yaml'

function apps(objects: readonly OutputObject[], bytes: Uint8Array): string[] {
  return [...appsWithLargeObjects(new Map([[path, objects[0]!]]), new Map([[path, bytes]]))]
}

function configMap(text: string, annotations = ''): Uint8Array {
  const metadata = `metadata:\n  name: x\n${annotations}`
  return new TextEncoder().encode(`apiVersion: v1\nkind: ConfigMap\n${metadata}data:\n  a: ${JSON.stringify(text)}\n`)
}

test.each<[name: string, bytes: Uint8Array, isLarge: boolean]>([
  ['a small object', configMap('x'), false],
  ['just below the limit of annotations', configMap('x'.repeat(260_000)), false],
  ['above it', configMap('x'.repeat(263_000)), true],
  // Go writes < as \\u003c.
  ['what Go escapes counts six times', configMap('<'.repeat(70_000)), true],
  ['letters of three bytes count three times', configMap('한'.repeat(90_000)), true],
  [
    'other annotations take their part',
    configMap('x'.repeat(200_000), `  annotations:\n    note: ${'y'.repeat(31_000)}\n`),
    true,
  ],
])('%s', (_, bytes, isLarge) => {
  const objects = parseObjects(new TextDecoder().decode(bytes), path)
  expect(apps(objects, bytes)).toEqual(isLarge ? ['lma/grafana'] : [])
  // Once it is formed, nothing is looked into any more.
  expect(apps(formObjects(objects), new Uint8Array())).toEqual(isLarge ? ['lma/grafana'] : [])
})
