import { expect, test } from 'vitest'
import { CustomKinds } from '../../src/render/custom-kinds.ts'
import { parseObjects } from '../../src/render/inflate.ts'

const crd = (kind: string, group: string): string =>
  `apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: x}\nspec: {group: ${group}, names: {kind: ${kind}}}\n`
const object = (apiVersion: string, kind: string): string =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: x}\n`
const objects = (...texts: string[]): ReturnType<typeof parseObjects> => parseObjects(texts.join('---\n'), 'f.yaml')

test('custom resources are objects of the kinds that the site’s own CRDs define, wherever these stand', () => {
  const kinds = new CustomKinds()
  kinds.add('lma/prometheus', objects(object('m.io/v1', 'Prometheus'), object('apps/v1', 'Deployment')), [])
  kinds.add('mesh/gateways', objects(object('n.io/v1', 'Gateway'), object('m.io/v2', 'Prometheus')), [])
  kinds.add(
    'lma/operator',
    objects(object('v1', 'Service')),
    objects(crd('Prometheus', 'm.io'), crd('Gateway', 'k.io')),
  )
  // Gateway is of another API group than the CRD's; core objects have none.
  expect(kinds.byApp()).toEqual(
    new Map([
      ['lma/prometheus', ['Prometheus']],
      ['mesh/gateways', ['Prometheus']],
    ]),
  )
})
