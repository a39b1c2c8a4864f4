import { expect, test } from 'vitest'
import { appsWithLargeObjects } from '../../src/render/large-objects.ts'

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
  expect([...appsWithLargeObjects(new Map([['lma/grafana/ConfigMap_x.yaml', bytes]]))]).toEqual(
    isLarge ? ['lma/grafana'] : [],
  )
})
