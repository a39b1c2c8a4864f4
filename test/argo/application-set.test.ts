import { describe, expect, test } from 'vitest'
import { appOfApps } from '../../src/argo/application.ts'
import { applicationSet, sharedNames } from '../../src/argo/application-set.ts'
import { delivery, group } from './deliveries.ts'
import { schemaErrors } from './schema.ts'

describe('a fleet', () => {
  const sites = ['site-x', 'site-y', 'site-z'].map((site, i) => ({
    site,
    labels: { ring: i === 0 ? 'test' : 'prod' },
    manifests: { repoURL: 'https://git.example.com/m.git', revision: i === 0 ? 'next' : 'main', path: site },
  }))

  test('one app of apps per site, ring by ring', () => {
    const set = applicationSet({ name: 'fleet', sites, rings: { label: 'ring', values: ['test', 'prod'] } })
    expect(schemaErrors(set)).toEqual([])
    expect(set.spec.generators[0]!.list!.elements[0]).toEqual({
      site: 'site-x',
      repoURL: 'https://git.example.com/m.git',
      revision: 'next',
      path: 'site-x',
      ring: 'test',
    })
    expect(set.spec.strategy?.rollingSync?.steps).toEqual([
      { matchExpressions: [{ key: 'ring', operator: 'In', values: ['test'] }] },
      { matchExpressions: [{ key: 'ring', operator: 'In', values: ['prod'] }] },
    ])
    expect(set.spec.template.metadata).toEqual({ name: '{{.site}}', namespace: 'argo', labels: { ring: '{{.ring}}' } })
  })

  test('the template is the app of apps with the site’s fields in it', () => {
    const set = applicationSet({ name: 'fleet', sites })
    expect(set.spec.strategy).toBeUndefined()
    const fill = (text: string): string => text.replace(/\{\{\.(\w+)\}\}/g, (_, key: string) => element[key]!)
    const element = set.spec.generators[0]!.list!.elements[1] as Record<string, string>
    const made = JSON.parse(fill(JSON.stringify(set.spec.template.spec))) as object
    const [, second] = sites
    expect(made).toEqual(appOfApps(delivery([], { site: 'site-y', manifests: second!.manifests })).spec)
  })

  test('a site outside all rings is an error: nothing would sync it', () => {
    const rings = { label: 'ring', values: ['test'] }
    expect(() => applicationSet({ name: 'fleet', sites, rings })).toThrow(
      'site "site-y" is in none of the rings of label "ring": it has "prod"',
    )
  })
})

test('names that sites would have in common in one Argo CD', () => {
  const site = (name: string, prefix?: string): ReturnType<typeof delivery> =>
    delivery([group('lma', { a: [], b: [] }), group('x', { c: [] }, { project: 'shared' })], { site: name, prefix })
  expect(sharedNames([site('one', 'p1'), site('two', 'p2'), site('three'), site('four')]).map(e => e.message)).toEqual([
    'in one Argo CD, one, two, three, four would each have AppProject "shared"',
    'in one Argo CD, three, four would each have AppProject "lma", Application "a", Application "b" and 1 more',
  ])
  expect(sharedNames([site('one')])).toEqual([])
})
