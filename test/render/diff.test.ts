import { describe, expect, test } from 'vitest'
import type { GoValue } from '../../src/go/value.ts'
import type { RenderedObject } from '../../src/render/change.ts'
import { diffObjects } from '../../src/render/diff.ts'
import { diffToJson, formatDiff, formatDiffMarkdown } from '../../src/render/diff-format.ts'

type Plain = null | boolean | number | string | Plain[] | { [key: string]: Plain }

function value(v: Plain): GoValue {
  if (Array.isArray(v)) return v.map(value)
  if (v !== null && typeof v === 'object') return new Map(Object.entries(v).map(([key, item]) => [key, value(item)]))
  return v
}

function object(
  apiVersion: string,
  kind: string,
  name: string,
  rest: { [key: string]: Plain } = {},
  site = 'site-x',
): RenderedObject {
  const body = value({ apiVersion, kind, metadata: { name, namespace: 'demo' }, ...rest }) as ReadonlyMap<
    string,
    GoValue
  >
  return { site, group: 'lma', app: 'web', path: `lma/web/${kind}_${name}.yaml`, value: body }
}

const deployment = (spec: { [key: string]: Plain }, site?: string): RenderedObject =>
  object('apps/v1', 'Deployment', 'web', { spec }, site)
const role = (verbs: string[], resources: string[]): RenderedObject =>
  object('rbac.authorization.k8s.io/v1', 'ClusterRole', 'web', { rules: [{ apiGroups: [''], resources, verbs }] })

const binding = (name: string, kind: string, subject: string): RenderedObject =>
  object('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', 'web', {
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: [{ kind, name: subject }],
  })
const webhook = (failurePolicy: string | undefined): RenderedObject =>
  object('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', 'web', {
    webhooks: [{ name: 'a.example.com', ...(failurePolicy === undefined ? {} : { failurePolicy }) }],
  })
const many = Array.from({ length: 200 }, (_, i) => `x${i}`)

describe('fields', () => {
  test.each<[name: string, before: Plain, after: Plain, want: [string, unknown, unknown][]]>([
    ['a scalar', { replicas: 1 }, { replicas: 2 }, [['spec.replicas', 1, 2]]],
    ['an added key', {}, { paused: true }, [['spec.paused', undefined, true]]],
    [
      'items told apart by name, wherever they stand',
      {
        c: [
          { name: 'a', x: 1 },
          { name: 'b', x: 2 },
        ],
      },
      {
        c: [
          { name: 'b', x: 3 },
          { name: 'a', x: 1 },
        ],
      },
      [['spec.c.[name=b].x', 2, 3]],
    ],
    [
      'items that only moved',
      { c: [{ name: 'a' }, { name: 'b' }] },
      { c: [{ name: 'b' }, { name: 'a' }] },
      [['spec.c', [{ name: 'a' }, { name: 'b' }], [{ name: 'b' }, { name: 'a' }]]],
    ],
    [
      'an argument put in between',
      { args: ['a', 'c'] },
      { args: ['a', 'b', 'c'] },
      [['spec.args.[1]', undefined, 'b']],
    ],
    ['a map in the place of a scalar', { a: 1 }, { a: { b: 1 } }, [['spec.a', 1, { b: 1 }]]],
    // "1" and 1 print alike and are not the same to the API server.
    ['a number that became text', { a: 1 }, { a: '1' }, [['spec.a', 1, '1']]],
    ['no difference', { a: [1, { b: null }] }, { a: [1, { b: null }] }, []],
  ])('%s', (_, before, after, want) => {
    const changes = diffObjects(
      [object('v1', 'Thing', 'x', { spec: before })],
      [object('v1', 'Thing', 'x', { spec: after })],
    )
    const json = diffToJson(changes) as {
      changes: { fields: { path: string[]; before?: unknown; after?: unknown }[] }[]
    }
    expect((json.changes[0]?.fields ?? []).map(f => [f.path.join('.'), f.before, f.after])).toEqual(want)
  })
})

describe('risks', () => {
  test.each<[name: string, before: RenderedObject[], after: RenderedObject[], want: string[]]>([
    ['an object goes away', [deployment({})], [], ['deleted-object']],
    ['a claim goes away', [object('v1', 'PersistentVolumeClaim', 'data')], [], ['deleted-volume']],
    ['a CRD goes away', [object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'x')], [], ['deleted-crd']],
    ['a namespace goes away', [object('v1', 'Namespace', 'x')], [], ['deleted-namespace']],
    [
      'a selector changes',
      [deployment({ selector: { matchLabels: { a: 'b' } } })],
      [deployment({ selector: { matchLabels: { a: 'c' } } })],
      ['immutable-field'],
    ],
    [
      'a template label changes',
      [deployment({ template: { metadata: { labels: { a: 'b' } } } })],
      [deployment({ template: { metadata: { labels: { a: 'c' } } } })],
      [],
    ],
    [
      'a claim grows',
      [object('v1', 'PersistentVolumeClaim', 'd', { spec: { resources: { requests: { storage: '1Gi' } } } })],
      [object('v1', 'PersistentVolumeClaim', 'd', { spec: { resources: { requests: { storage: '2Gi' } } } })],
      ['changed-volume'],
    ],
    [
      'a claim changes its class',
      [object('v1', 'PersistentVolumeClaim', 'd', { spec: { storageClassName: 'a' } })],
      [object('v1', 'PersistentVolumeClaim', 'd', { spec: { storageClassName: 'b' } })],
      ['immutable-field', 'changed-volume'],
    ],
    [
      'an immutable ConfigMap changes',
      [object('v1', 'ConfigMap', 'c', { immutable: true, data: { a: '1' } })],
      [object('v1', 'ConfigMap', 'c', { immutable: true, data: { a: '2' } })],
      ['immutable-field'],
    ],
    ['replicas to zero', [deployment({ replicas: 2 })], [deployment({ replicas: 0 })], ['replicas-to-zero']],
    ['a verb more', [role(['get'], ['pods'])], [role(['get', 'delete'], ['pods'])], ['rbac-widened']],
    ['a verb less', [role(['get', 'delete'], ['pods'])], [role(['get'], ['pods'])], []],
    ['covered by a wildcard before', [role(['*'], ['pods'])], [role(['*', 'get'], ['pods'])], []],
    ['covered by all resources before', [role(['get'], ['*'])], [role(['get'], ['*', 'pods', 'pods/log'])], []],
    ['a new role', [], [role(['get'], ['secrets'])], []],
    ['a new role that may do all', [], [role(['*'], ['*'])], ['rbac-widened']],
    ['a new role that may give itself more', [], [role(['escalate'], ['roles'])], ['rbac-widened']],
    ['a new role that may enter pods', [], [role(['create'], ['pods/exec'])], ['rbac-widened']],
    ['a new binding', [], [binding('view', 'ServiceAccount', 'a')], []],
    ['a new binding to cluster-admin', [], [binding('cluster-admin', 'ServiceAccount', 'a')], ['rbac-widened']],
    ['a new binding of everybody', [], [binding('view', 'Group', 'system:authenticated')], ['rbac-widened']],
    ['a subject more', [binding('view', 'User', 'a')], [binding('view', 'User', 'b')], ['rbac-widened']],
    [
      'another role',
      [binding('view', 'User', 'a')],
      [binding('cluster-admin', 'User', 'a')],
      ['immutable-field', 'rbac-widened'],
    ],
    ['a role of more rights than can be told', [role(['get'], ['a'])], [role(many, many)], ['rbac-widened']],
    ['a webhook that refuses from now on', [webhook('Ignore')], [webhook('Fail')], ['webhook']],
    ['a webhook that lets through from now on', [webhook(undefined)], [webhook('Ignore')], ['webhook']],
    ['a webhook as it was by default', [webhook(undefined)], [webhook('Fail')], []],
    ['a new webhook that refuses', [], [webhook('Fail')], ['webhook']],
    ['a new webhook that lets through', [], [webhook('Ignore')], []],
    ['a cluster of Cluster API', [object('cluster.x-k8s.io/v1beta1', 'Cluster', 'c')], [], ['deleted-object']],
  ])('%s', (_, before, after, want) => {
    expect(diffObjects(before, after).flatMap(c => c.risks.map(r => r.rule))).toEqual(want)
  })
})

test('a change that sites share is told once', () => {
  const before = ['site-x', 'site-y', 'site-z'].map(site => deployment({ replicas: 1 }, site))
  const after = [
    deployment({ replicas: 2 }, 'site-x'),
    deployment({ replicas: 2 }, 'site-y'),
    deployment({ replicas: 5 }, 'site-z'),
  ]
  const changes = diffObjects(before, after)
  expect(changes.map(c => c.sites)).toEqual([['site-x', 'site-y'], ['site-z']])
  expect(formatDiff(changes, { color: false, width: 80, sites: ['site-x', 'site-y', 'site-z'] })).toBe(
    [
      'lma/web',
      '  ~ Deployment demo/web (apps/v1)  site-x, site-y',
      '      spec.replicas: 1 → 2',
      '  ~ Deployment demo/web (apps/v1)  site-z',
      '      spec.replicas: 1 → 5',
      '',
      '0 added, 3 changed, 0 removed in 3 sites',
      '',
    ].join('\n'),
  )
})

test('markdown names the risks first', () => {
  const text = formatDiffMarkdown(diffObjects([deployment({ replicas: 1 })], [deployment({ replicas: 0 })]), {
    width: 100,
    sites: ['site-x'],
  })
  expect(text).toContain(
    '| high | lma/web Deployment demo/web (apps/v1) | site-x | replicas 1 → 0: the workload stops |',
  )
  expect(text).toContain('<details><summary>lma/web: 1 object</summary>')
})

test('an object with thousands of changed fields is told in part; a list of a million items does not end the stack', () => {
  const wide = (v: number): RenderedObject =>
    object('v1', 'ConfigMap', 'c', { data: Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`k${i}`, v])) })
  const style = { color: false, width: 80, sites: ['site-x'] }
  const changes = diffObjects([wide(1)], [wide(2)])
  const text = formatDiff(changes, style)
  expect(text.split('\n').length).toBeLessThan(110)
  expect(text).toContain('… 4900 more fields')
  expect(formatDiffMarkdown(changes, style)).toContain('… 4900 more fields')
  const long = (v: number): RenderedObject =>
    object('v1', 'ConfigMap', 'c', { items: Array.from({ length: 300_000 }, () => v) })
  expect(diffObjects([long(1)], [long(2)])[0]!.fields).toHaveLength(300_000)
})

test('Markdown mentions nobody and brings no markup of its own', () => {
  const text = formatDiffMarkdown(diffObjects([], [binding('cluster-admin', 'User', '@all <b>|`x`')]), {
    width: 120,
    sites: ['site-x'],
  })
  expect(text).toContain('gives cluster-admin to User &#64;all &lt;b&gt;\\|&#96;x&#96; |')
})

test('Markdown within a limit: high risks first, then what fits, the rest counted', () => {
  const before = Array.from({ length: 300 }, (_, i) => object('v1', 'ConfigMap', `c${i}`, { data: { a: 'x' } }))
  const claim = object('v1', 'PersistentVolumeClaim', 'z')
  const text = formatDiffMarkdown(diffObjects([...before, claim], []), { width: 120, sites: ['site-x'], limit: 4000 })
  expect(text.length).toBeLessThanOrEqual(4000)
  expect(text).toMatch(
    /^\*\*0 added, 0 changed, 301 removed in 1 site, 301 risks\*\*\n\n\| risk .*\n.*\n\| high \| lma\/web Pers/,
  )
  expect(text).toMatch(/\d+ further risks\./)
  expect(text).toMatch(/\d+ further objects not shown here: `decapod diff` shows all of it\.\n$/)
  // A block that begins also ends.
  expect(text.match(/<details>/g)?.length).toBe(text.match(/<\/details>/g)?.length)
})
