import { expect, test } from 'vitest'
import { application, appOfApps } from '../../src/argo/application.ts'
import type { Delivery, DeliveryApp } from '../../src/argo/model.ts'
import { orderDelivery } from '../../src/argo/order.ts'
import type { Application } from '../../src/argo/types.ts'
import { delivery, group } from './deliveries.ts'
import { schemaErrors } from './schema.ts'

/** The Application of a single app. */
function made(app: Partial<DeliveryApp>, more: Partial<Delivery> = {}): Application {
  const of = delivery([group('g', { a: app })], more)
  const [node] = orderDelivery(of)
  if (node?.kind !== 'app') throw new Error('no app')
  const object = application(of, node)
  expect(schemaErrors(object)).toEqual([])
  return object
}

test.each<[name: string, app: Partial<DeliveryApp>, options: string[]]>([
  ['the namespace is created', {}, ['CreateNamespace=true']],
  ['an option without a value is on', { syncOptions: ['PruneLast'] }, ['CreateNamespace=true', 'PruneLast=true']],
  ['the app\u2019s own stands', { syncOptions: ['CreateNamespace=false'] }, ['CreateNamespace=false']],
  // kubectl apply would keep the object in an annotation, which takes 262,144 bytes.
  ['a large object is applied on the server', { hasLarge: true }, ['CreateNamespace=true', 'ServerSideApply=true']],
  [
    'unless the app says otherwise',
    { hasLarge: true, syncOptions: ['ServerSideApply=false'] },
    ['CreateNamespace=true', 'ServerSideApply=false'],
  ],
  [
    'or is replaced, which keeps no annotation either',
    { hasLarge: true, syncOptions: ['Replace=true'] },
    ['CreateNamespace=true', 'Replace=true'],
  ],
])('sync options: %s', (_, app, options) => expect(made(app).spec.syncPolicy?.syncOptions).toEqual(options))

test.each<[name: string, app: Partial<DeliveryApp>, more: Partial<Delivery>, destination: string]>([
  ['the site\u2019s cluster', {}, { cluster: 'seoul-1' }, 'seoul-1'],
  ['the one Argo CD runs in', { target: 'admin' }, {}, 'in-cluster'],
  ['the one that manages the site\u2019s', { target: 'admin' }, { adminCluster: 'tks-admin' }, 'tks-admin'],
])('goes to %s', (_, app, more, destination) => expect(made(app, more).spec.destination.name).toBe(destination))

test('a wave is the least that the app asks for', () => {
  expect(made({ wave: 7 }).metadata.annotations).toEqual({ 'argocd.argoproj.io/sync-wave': '7' })
})

test('a group whose name cannot be a label is refused before the cluster refuses it', () => {
  expect(() => made({}, { prefix: 'p'.repeat(70) })).toThrow(
    'group "' + 'p'.repeat(70) + '-g" cannot be the value of a label',
  )
})

test('the app of apps is in lower case, and leaves itself out', () => {
  const site = appOfApps(delivery([], { site: 'Site-X' }))
  expect(site.metadata.name).toBe('site-x')
  expect(site.spec.source.directory).toEqual({ recurse: false, exclude: 'Application_site-x.yaml' })
})
