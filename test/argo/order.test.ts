import { describe, expect, test } from 'vitest'
import type { Delivery } from '../../src/argo/model.ts'
import { orderDelivery } from '../../src/argo/order.ts'
import { DecapodError, DecapodErrors } from '../../src/errors.ts'
import { delivery, group } from './deliveries.ts'

/** `id: wave < what it waits for`, in order. */
function shown(given: Delivery): string[] {
  return orderDelivery(given).map(
    n => `${n.id}: ${n.wave}${n.dependsOn.length > 0 ? ` < ${n.dependsOn.join(' ')}` : ''}`,
  )
}

test.each<[name: string, given: Delivery, want: string[]]>([
  [
    'independent apps keep their order and share wave 0',
    delivery([group('g', { b: [], a: [] })]),
    ['g/b: 0', 'g/a: 0'],
  ],
  [
    'a dependency comes first, one wave earlier',
    delivery([group('g', { a: ['b'], b: [] })]),
    ['g/b: 0', 'g/a: 1 < g/b'],
  ],
  [
    'CRDs come before all apps of their group, below wave 0',
    delivery([group('g', { a: [], b: ['a'] }, { hasCrds: true })]),
    // b waits for a, which waits for the CRDs: the edge from b to the CRDs says nothing new
    ['g/g-CRD: -1', 'g/a: 0 < g/g-CRD', 'g/b: 1 < g/a'],
  ],
  [
    'an edge that others imply is left out',
    delivery([group('g', { a: [], b: ['a'], c: ['a', 'b'] })]),
    ['g/a: 0', 'g/b: 1 < g/a', 'g/c: 2 < g/b'],
  ],
  [
    'a wave moves an app later, and what waits for it',
    delivery([group('g', { a: { wave: 5 }, b: ['a'] })]),
    ['g/a: 5', 'g/b: 6 < g/a'],
  ],
  [
    'a wave cannot move an app before what it waits for',
    delivery([group('g', { a: [], b: { wave: 0, dependsOn: ['a'] } })]),
    ['g/a: 0', 'g/b: 1 < g/a'],
  ],
  ['a wave may lie below 0', delivery([group('g', { a: { wave: -1 }, b: [] })]), ['g/a: -1', 'g/b: 0']],
  [
    'a group waits for the last apps of another',
    delivery([group('g', { a: [], b: ['a'] }, { dependsOn: ['h'] }), group('h', { c: [], d: ['c'], e: ['c'] })]),
    ['h/c: 0', 'h/d: 1 < h/c', 'h/e: 1 < h/c', 'g/a: 2 < h/d h/e', 'g/b: 3 < g/a'],
  ],
  [
    'CRDs of a group that waits, wait too: their cluster may not be there yet',
    delivery([group('g', { a: [] }, { hasCrds: true, dependsOn: ['h'] }), group('h', { c: [] })]),
    ['h/c: 0', 'g/g-CRD: 1 < h/c', 'g/a: 2 < g/g-CRD'],
  ],
  [
    'an empty group hands on what it waits for',
    delivery([
      group('a', { x: [] }, { dependsOn: ['b'] }),
      group('b', {}, { dependsOn: ['c'] }),
      group('c', { y: [] }),
    ]),
    ['c/y: 0', 'a/x: 1 < c/y'],
  ],
  [
    'a plain name of another group is found where only one has it',
    delivery([group('g', { a: ['istiod'] }), group('mesh', { istiod: [] })]),
    ['mesh/istiod: 0', 'g/a: 1 < mesh/istiod'],
  ],
  [
    'the own group goes before others for a plain name of a step',
    delivery([
      group('g', { a: ['init'] }, { steps: [{ name: 'init', templateRef: { name: 't', template: 'm' } }] }),
      group('h', {}, { steps: [{ name: 'init', templateRef: { name: 't', template: 'm' } }] }),
    ]),
    ['g/init: -1', 'g/a: 0 < g/init', 'h/init: -1'],
  ],
  [
    'a step takes no wave of its own',
    delivery([
      group(
        'g',
        { a: [], b: ['copy'] },
        { steps: [{ name: 'copy', dependsOn: ['a'], templateRef: { name: 't', template: 'm' } }] },
      ),
    ]),
    ['g/a: 0', 'g/copy: 0 < g/a', 'g/b: 1 < g/copy'],
  ],
  [
    'what when leaves out is bridged',
    delivery([group('g', { a: [], b: { dependsOn: ['a'], when: { logging: 'loki' } }, c: ['b'] })], {
      labels: { logging: 'efk' },
    }),
    ['g/a: 0', 'g/c: 1 < g/a'],
  ],
  [
    'when takes every label it names',
    delivery([group('g', { a: { when: { x: '1', y: '2' } }, b: { when: { x: '1', y: '3' } } })], {
      labels: { x: '1', y: '2', z: '3' },
    }),
    ['g/a: 0'],
  ],
  [
    'a label named like an object property is no label',
    delivery([group('g', { a: { when: { constructor: 'x' } } })]),
    [],
  ],
  [
    'what the site leaves out of the base is not waited for',
    delivery([group('g', { a: ['b', 'h/c', 'd'] }, { dependsOn: ['h'] })], { absent: ['g/b', 'h', 'x/d'] }),
    ['g/a: 0'],
  ],
  [
    'apps for the managing cluster do not wait for CRDs of the managed one, and these may wait for them',
    delivery([
      group(
        'tks',
        { cluster: { target: 'admin' }, cni: [] },
        { crds: { path: 'tks/tks-CRD', dependsOn: ['cluster'] } },
      ),
    ]),
    ['tks/cluster: 0', 'tks/tks-CRD: 1 < tks/cluster', 'tks/cni: 2 < tks/tks-CRD'],
  ],
  [
    'an app that the CRDs wait for does not wait for the CRDs',
    delivery([group('g', { a: [], b: ['a'], c: [] }, { crds: { path: 'g/g-CRD', dependsOn: ['b'] } })]),
    ['g/a: 0', 'g/b: 1 < g/a', 'g/g-CRD: 2 < g/b', 'g/c: 3 < g/g-CRD'],
  ],
])('%s', (_, given, want) => expect(shown(given)).toEqual(want))

describe('errors', () => {
  function thrown(given: Delivery): string[] {
    try {
      orderDelivery(given)
    } catch (error) {
      if (error instanceof DecapodErrors) return error.errors.map(e => `${e.code} ${e.message} | ${e.hint}`)
      if (error instanceof DecapodError) return [`${error.code} ${error.message} | ${error.hint}`]
      throw error
    }
    return []
  }

  test.each<[name: string, given: Delivery, want: string[]]>([
    [
      'a cycle is named from where it closes',
      delivery([group('g', { x: ['a'], a: ['b'], b: ['c'], c: ['a'] })]),
      [
        'WORKFLOW_INVALID dependencies form a cycle: g/a -> g/b -> g/c -> g/a | each "->" reads "waits for"; remove one dependsOn of the cycle',
      ],
    ],
    [
      'an app that waits for itself',
      delivery([group('g', { a: ['a'] })]),
      [
        'WORKFLOW_INVALID dependencies form a cycle: g/a -> g/a | each "->" reads "waits for"; remove one dependsOn of the cycle',
      ],
    ],
    [
      'groups that wait for each other',
      delivery([group('g', { a: [] }, { dependsOn: ['h'] }), group('h', { b: [] }, { dependsOn: ['g'] })]),
      [
        'WORKFLOW_INVALID dependencies form a cycle: g/a -> h/b -> g/a | each "->" reads "waits for"; remove one dependsOn of the cycle',
      ],
    ],
    [
      'unknown names, all at once, with the nearest',
      delivery([group('lma', { grafana: ['promethus', 'lma/grafanna'], prometheus: [] }, { dependsOn: ['lmaa'] })]),
      [
        'WORKFLOW_INVALID "lma/grafana" depends on "promethus", which does not exist | did you mean "prometheus"?',
        'WORKFLOW_INVALID "lma/grafana" depends on "lma/grafanna", which does not exist | did you mean "lma/grafana"?',
        'WORKFLOW_INVALID group "lma" depends on "lmaa", which does not exist | did you mean "lma"?',
      ],
    ],
    [
      'a plain name that two other groups have',
      delivery([
        group('g', { a: ['init'] }),
        group('h', {}, { steps: [{ name: 'init', templateRef: { name: 't', template: 'm' } }] }),
        group('i', {}, { steps: [{ name: 'init', templateRef: { name: 't', template: 'm' } }] }),
      ]),
      ['WORKFLOW_INVALID "g/a" depends on "init", which several groups have | write one of h/init, i/init'],
    ],
    [
      'one name twice in a group',
      delivery([group('g', { a: [] }, { steps: [{ name: 'a', templateRef: { name: 't', template: 'm' } }] })]),
      ['WORKFLOW_INVALID group "g" has two parts named "a" | apps and steps of a group share their names; rename one'],
    ],
    [
      'two app names of a group that differ in case only',
      delivery([group('g', { minio: [], Minio: [] })]),
      [
        'WORKFLOW_INVALID "g/minio" and "g/Minio" would both be the Application "g-minio" | Applications of a site share one namespace; rename one of the two, or set a prefix under delivery:',
      ],
    ],
    [
      'an app that reads like another group and its app',
      delivery([group('g', { minio: [] }), group('h', { minio: [], 'g-minio': [] })]),
      [
        'WORKFLOW_INVALID "g/minio" and "h/g-minio" would both be the Application "g-minio" | Applications of a site share one namespace; rename one of the two, or set a prefix under delivery:',
      ],
    ],
    [
      'an app named as the site',
      delivery([group('g', { 'site-x': [] })]),
      [
        'WORKFLOW_INVALID the site and "g/site-x" would both be the Application "site-x" | Applications of a site share one namespace; rename one of the two, or set a prefix under delivery:',
      ],
    ],
  ])('%s', (_, given, want) => expect(thrown(given)).toEqual(want))

  test('the place where it is written goes with the error', () => {
    const at = { file: 'base/lma/group.yaml', line: 7, column: 5 }
    const given = delivery([group('lma', { a: { dependsOn: ['b'], at } })])
    expect(() => orderDelivery(given)).toThrow(DecapodErrors)
    try {
      orderDelivery(given)
    } catch (error) {
      expect((error as DecapodErrors).errors[0]!.at).toEqual(at)
    }
  })
})

test('a chain of 2,000 apps is ordered without overflow', () => {
  const apps = Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`a${i}`, i === 1999 ? [] : [`a${i + 1}`]]))
  const order = orderDelivery(delivery([group('g', apps)]))
  expect(order[0]!.id).toBe('g/a1999')
  expect(order.at(-1)!.wave).toBe(1999)
})
