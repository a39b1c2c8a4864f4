import { describe, expect, test } from 'vitest'
import type { DecapodError } from '../../src/errors.ts'
import { formatError } from '../../src/errors.ts'
import { buildKustomization } from '../../src/kustomize/build.ts'
import { composeGroup, listedReleases, rendersAll } from '../../src/site/values.ts'
import { document, type Files, release, style1, style2, workspaceOf } from '../support/render.ts'

/** Composes group g of site s. */
function compose(files: Files): { composition: ReturnType<typeof composeGroup>; errors: string[]; releases: string[] } {
  const workspace = workspaceOf(files)
  const site = workspace.sites.find(s => s.name === 's')!
  const errors: DecapodError[] = []
  const composition = composeGroup(workspace, site, site.groups[0]!, errors)
  const { resources } = buildKustomization(composition.tree, composition.dir, {
    values: composition.context,
    reorder: 'none',
  })
  return {
    composition,
    errors: errors.map(error => formatError(error)),
    releases: [...resources].map(resource => resource.curId().name),
  }
}

describe('the style of a group', () => {
  test.each<[name: string, files: Files, style: 1 | 2, releases: string[]]>([
    ['a kustomization of the base', style1, 1, ['a', 'b']],
    ['values alone', style2, 2, ['a', 'b']],
    [
      'a kustomization whose ../base has none',
      { ...style2, 'sites/s/g/kustomization.yaml': style1['sites/s/g/kustomization.yaml']! },
      2,
      ['a', 'b'],
    ],
    [
      'values alone over a base that is a kustomization',
      { ...style2, 'base/g/base/kustomization.yaml': 'resources: [resources.yaml]\nnamePrefix: p-\n' },
      2,
      ['p-a', 'p-b'],
    ],
    [
      'every resources.yaml below the group, by path',
      { ...style2, 'base/g/infra/aws/resources.yaml': release('d'), 'base/g/infra/a/resources.yaml': release('c') },
      2,
      ['a', 'b', 'c', 'd'],
    ],
    [
      'a part of the base, chosen by the site',
      {
        ...style2,
        'base/g/infra/aws/resources.yaml': release('d'),
        'sites/s/g/kustomization.yaml': 'resources: [../infra/aws]\ntransformers: [site-values.yaml]\n',
        'sites/s/g/site-values.yaml': document('charts: []\n'),
      },
      2,
      ['d'],
    ],
  ])('%s', (_, files, style, releases) => {
    const { composition, ...got } = compose(files)
    expect([composition.style, got.releases, got.errors]).toEqual([style, releases, []])
  })
})

test('which releases are listed, and by whom all are asked for', () => {
  const base = { 'base/g/base/site-values.yaml': document('charts: [{name: b}]\n') }
  const listed = compose({ ...style2, ...base }).composition
  expect([...listedReleases(listed).keys()]).toEqual(['a'])
  expect(rendersAll(listed)).toBe(false)
  const all = compose({ ...style2, 'sites/s/g/site-values.yaml': document('all: true\ncharts: []\n') }).composition
  expect(rendersAll(all)).toBe(true)
  expect(rendersAll(compose(style1).composition)).toBe(true)
})

test('every file is called as a person knows it, and speaks for its layer', () => {
  const { composition } = compose({
    ...style1,
    'base/g/image/image-values.yaml': document('charts: []\n'),
    'sites/s/site.yaml': 'layers: [common]\noverlays: [image]\n',
    'sites/common/g/site-values.yaml': document('charts: []\n'),
  })
  const files = composition.context.documents.map(({ file }) => [composition.fileOf(file!), composition.layerOf(file)])
  expect(files).toEqual([
    ['sites/common/g/site-values.yaml', 'common'],
    ['sites/s/g/site-values.yaml', 'site'],
    ['base/g/image/image-values.yaml', 'image'],
  ])
  expect(composition.fileOf('/g/base/resources.yaml')).toBe('base/g/base/resources.yaml')
  expect(composition.fileOf(`${composition.dir}/not-there.yaml`)).toBe('sites/s/g/not-there.yaml')
  expect(composition.fileOf('/elsewhere')).toBe('/elsewhere')
})

test('layers and overlays that are not there', () => {
  expect(compose({ ...style1, 'sites/s/site.yaml': 'layers: [commn]\noverlays: [imge]\n' }).errors).toEqual([
    'sites/s/site.yaml:1:10: error WORKSPACE_INVALID: there is no layer "commn"\n  hint: a layer is a directory with <group>/site-values.yaml: sites/commn',
    'sites/s/site.yaml:2:12: error WORKSPACE_INVALID: no group of the base has an overlay "imge"\n  hint: an overlay is a file base/<group>/imge/imge-values.yaml',
  ])
})
