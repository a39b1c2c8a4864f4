/** Vars: values of every type in every place they may stand. */

import type { Random } from '../random.ts'
import type { Files } from './files.ts'
import { flow, scalar } from './yaml-text.ts'

const texts = ['$(A)', 'x-$(A)-y', '$(A)$(B)', '$$(A)', '$(NOPE)', '$(A', '$', 'a$b', '$$', '$(B)/$(A)', '$()', 'plain']

export function varsCase(random: Random): Files {
  const text = (): string => `"${random.pick(texts)}"`
  const objects = [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'src', labels: { l: 'v' } },
      data: {
        a: scalar(random),
        b: scalar(random),
        list: [scalar(random), { k: scalar(random) }],
        map: { m: scalar(random) },
      },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'd', labels: { x: text() }, annotations: { y: text() } },
      spec: {
        template: {
          metadata: { annotations: { z: text() } },
          spec: {
            containers: [
              {
                name: 'c',
                image: text(),
                args: [text(), random.chance(0.1) ? '5' : text()],
                command: [text()],
                env: [{ name: 'E', value: text() }],
                volumeMounts: [{ name: 'v', mountPath: text() }],
              },
            ],
          },
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 's' },
      spec: { ports: [{ port: text(), targetPort: text() }] },
    },
  ]
  const path = (): string =>
    random.pick([
      'data.a',
      'data.b',
      'metadata.name',
      'data.list[0]',
      'data.list[1].k',
      'data.map',
      'data.map.m',
      'data.nope',
      'metadata.labels.l',
    ])
  const vars = ['A', 'B'].map(name => ({
    name,
    objref: { kind: 'ConfigMap', name: random.chance(0.95) ? 'src' : 'gone', apiVersion: 'v1' },
    fieldref: random.chance(0.9) ? { fieldPath: path() } : undefined,
  }))
  const prefix = random.chance(0.4) ? 'namePrefix: p-\n' : ''
  return {
    'kustomization.yaml': `resources: [all.yaml]\n${prefix}vars:\n${vars.map(v => `- ${flow(v)}\n`).join('')}`,
    'all.yaml': objects.map(o => `---\n${flow(o)}\n`).join(''),
  }
}
