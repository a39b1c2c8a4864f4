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

test('the length of the JSON is counted as it would be written', () => {
  const text = (note: string): string =>
    `apiVersion: v1\nkind: X\nmetadata: {name: x, annotations: {}}\nlist: [1, -2.5, true, null, "7", {}, [], é<>]\n` +
    `empty:\n${note}text: |\n  "quoted" & \\\n  other\n`
  const of = (length: number): string => text(`note: ${'x'.repeat(length)}\n`)
  const json =
    '{"apiVersion":"v1","kind":"X","metadata":{"name":"x","annotations":{}},"list":[1,-2.5,true,null,"7",{},[],' +
    '"é\\u003c\\u003e"],"empty":null,"note":"","text":"\\"quoted\\" \\u0026 \\\\\\nother\\n"}'
  // The limit, less what is left for other annotations.
  const most = 255 * 1024 - Buffer.byteLength(json)
  const isLarge = (length: number): boolean => {
    const bytes = Buffer.from(of(length))
    return apps(parseObjects(of(length), path), bytes).length > 0
  }
  expect([isLarge(most), isLarge(most + 1)]).toEqual([false, true])
})
