import { describe, expect, test } from 'vitest'
import { type DecapodError, formatError } from '../../src/errors.ts'
import { formatChartRequest, isPathElement, readGroupObjects } from '../../src/site/releases.ts'
import type { YamlMap } from '../../src/yaml/node.ts'
import { parseDocuments } from '../../src/yaml/parse.ts'

/** The objects of a group, read from YAML. */
function read(text: string): {
  chart: (app: string) => string
  errors: string[]
  objects: ReturnType<typeof readGroupObjects>
} {
  const errors: DecapodError[] = []
  const nodes = parseDocuments(text, { file: 'base/g/resources.yaml', dialect: 'v3' }).map(d => d.root as YamlMap)
  const objects = readGroupObjects(nodes, errors)
  return {
    objects,
    chart: app => formatChartRequest(objects.releases.find(r => r.app === app)!.chart),
    errors: errors.map(error => formatError(error).split('\n')[0]!),
  }
}

function v1(chart: string, more = ''): string {
  return `apiVersion: helm.fluxcd.io/v1\nkind: HelmRelease\nmetadata: {name: a, namespace: own}\nspec:\n  chart: ${chart}\n${more}`
}

function v2(chart: string): string {
  return `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: a}\nspec:\n  chart:\n    spec: ${chart}\n`
}

const sources = `---
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata: {name: repo}
spec: {url: "https://r"}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata: {name: registry}
spec: {url: "oci://r/p", type: oci}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: git}
spec: {url: "https://g", ref: {tag: v1}}
`

describe('where a chart comes from', () => {
  test.each<[name: string, text: string, want: string]>([
    ['helmrepo', v1('{type: helmrepo, repository: "https://r", name: c, version: 1.0.0}'), 'c 1.0.0 of https://r'],
    // 55 releases of the original's base have no type.
    ['no type', v1('{repository: "https://r", name: c, version: 1.0.0}'), 'c 1.0.0 of https://r'],
    ['no version', v1('{repository: "https://r", name: c}'), 'c (newest) of https://r'],
    ['a registry', v1('{type: helmrepo, repository: "oci://r/p", name: c, version: 1.0.0}'), 'r/p/c 1.0.0'],
    ['type oci', v1('{type: oci, repository: r/p, name: c, version: 1.0.0}'), 'r/p/c 1.0.0'],
    ['git', v1('{type: git, git: "https://g", path: ./charts/c/, ref: v1}'), 'git https://g//charts/c v1'],
    [
      'git, named as v2 does',
      v1('{type: git, repository: "https://g", name: charts/c, version: v1}'),
      'git https://g//charts/c v1',
    ],
    ['git without a type', v1('{git: "https://g", path: c, ref: v1}'), 'git https://g//c v1'],
    ['path', v1('{type: path, path: charts/c}'), 'charts/c'],
    [
      'origin is documentation',
      v1('{repository: "https://r", name: c, version: "1", origin: "https://o"}'),
      'c 1 of https://r',
    ],
    [
      'Flux 2, HelmRepository',
      v2('{chart: c, version: 1.0.0, sourceRef: {kind: HelmRepository, name: repo}}') + sources,
      'c 1.0.0 of https://r',
    ],
    [
      'Flux 2, a registry',
      v2('{chart: c, version: 1.0.0, sourceRef: {kind: HelmRepository, name: registry}}') + sources,
      'r/p/c 1.0.0',
    ],
    [
      'Flux 2, GitRepository',
      v2('{chart: ./charts/c, sourceRef: {kind: GitRepository, name: git}}') + sources,
      'git https://g//charts/c v1',
    ],
    ['Flux 2, a directory', v2('{chart: ./charts/c}'), './charts/c'],
  ])('%s', (_, text, want) => {
    const { chart, errors } = read(text)
    expect(errors).toEqual([])
    expect(chart('a')).toBe(want)
  })

  test.each<[name: string, text: string, want: string]>([
    [
      'an unknown type',
      v1('{type: helmrep, repository: r}'),
      '5:10: error SOURCE_INVALID: the chart of "a" has the unknown type "helmrep"',
    ],
    [
      'no repository',
      v1('{type: helmrepo, name: c}'),
      '5:10: error SOURCE_INVALID: the chart of "a" has no repository',
    ],
    ['no name', v1('{repository: r}'), '5:10: error SOURCE_INVALID: the chart of "a" has no name'],
    ['no path', v1('{type: path}'), '5:10: error SOURCE_INVALID: the chart of "a" has no path'],
    [
      'a source that is not there',
      v2('{chart: c, sourceRef: {kind: HelmRepository, name: rep}}') + sources,
      '6:33: error SOURCE_INVALID: "a" takes its chart from HelmRepository/rep, which the group does not have',
    ],
    [
      'a kind of source',
      v2('{chart: c, sourceRef: {kind: Bucket, name: b}}') +
        sources.replace('kind: GitRepository\nmetadata: {name: git}', 'kind: Bucket\nmetadata: {name: b}'),
      '6:33: error SOURCE_INVALID: "a" takes its chart from a Bucket, which decapod does not read',
    ],
    [
      'no chart',
      'apiVersion: helm.fluxcd.io/v1\nkind: HelmRelease\nmetadata: {name: a}\nspec: {values: {}}\n',
      '4:7: error RESOURCE_INVALID: HelmRelease "a" has no spec.chart',
    ],
    [
      'no spec',
      'apiVersion: helm.fluxcd.io/v1\nkind: HelmRelease\nmetadata: {name: a}\n',
      '1:1: error RESOURCE_INVALID: HelmRelease "a" has no spec',
    ],
    [
      'no name of its own',
      'apiVersion: helm.fluxcd.io/v1\nkind: HelmRelease\nspec: {}\n',
      '1:1: error RESOURCE_INVALID: a HelmRelease needs metadata.name',
    ],
    [
      'values that are a list',
      v1('{type: path, path: c}', '  values: [a]\n'),
      '6:11: error RESOURCE_INVALID: spec.values of "a" is not a map',
    ],
    [
      'post-renderers of another kind',
      v1('{type: path, path: c}', '  postRenderers: [{exec: x}]\n'),
      '6:19: error RESOURCE_INVALID: a post-renderer of "a" is not of the form kustomize: {…}',
    ],
    [
      'two of one name',
      `${v1('{type: path, path: c}')}---\n${v1('{type: path, path: d}')}`,
      '7:1: error RESOURCE_DUPLICATE'.replace('RESOURCE', 'RELEASE') + ': two apps of the group are named "a"',
    ],
  ])('%s is an error at its place', (_, text, want) => {
    expect(read(text).errors).toEqual([`base/g/resources.yaml:${want}`])
  })
})

test('name, namespace and order of a release', () => {
  const spec = '  releaseName: r\n  targetNamespace: ns\n  dependsOn: [b, {name: c, namespace: x}]\n  wait: true\n'
  const [release] = read(v1('{type: path, path: c}', spec)).objects.releases
  expect(release).toMatchObject({ app: 'a', name: 'r', namespace: 'ns', dependsOn: ['b', 'c'], crdsOnly: false })
  const [plain] = read(v1('{type: path, path: c}')).objects.releases
  expect(plain).toMatchObject({ app: 'a', name: 'a', namespace: 'own' })
})

// Eight releases of decapod-reference: the original copied crds/ for them and ignored their values.
test('<x>-crds beside <x> of the same chart stands for its CRDs, wherever the two are mirrored', () => {
  const crds = (name: string, chart: string): string => v1(chart).replace('name: a,', `name: ${name},`)
  const text = [
    crds('a', '{repository: "https://r", name: c, version: "1"}'),
    crds('a-crds', '{repository: "https://mirror", name: c, version: "1"}'),
    crds('b', '{repository: "https://r", name: c, version: "1"}'),
    crds('b-crds', '{repository: "https://r", name: c, version: "2"}'),
    crds('z-crds', '{repository: "https://r", name: c, version: "1"}'),
  ].join('---\n')
  expect(read(text).objects.releases.map(({ app, crdsOnly }) => [app, crdsOnly])).toEqual([
    ['a', false],
    ['a-crds', true],
    ['b', false],
    ['b-crds', false],
    ['z-crds', false],
  ])
})

test('objects of a group are told apart', () => {
  const flux =
    'apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: k}\nspec: {path: ./x, targetNamespace: n, patches: [], prune: true}\n'
  const text = `${v1('{type: path, path: c}')}---\n${flux}${sources}---\napiVersion: v1\nkind: Namespace\nmetadata: {name: n}\n`
  const { releases, kustomizations, sources: found, rest } = read(text).objects
  expect(releases.map(r => r.app)).toEqual(['a'])
  expect(kustomizations.map(k => [k.app, k.path, k.targetNamespace, k.fields.pairs.length])).toEqual([
    ['k', './x', 'n', 1],
  ])
  expect([...found.keys()]).toEqual(['HelmRepository/repo', 'HelmRepository/registry', 'GitRepository/git'])
  expect(rest).toHaveLength(1)
})

test.each([
  ['grafana', true],
  ['a.b_c-1', true],
  ['..', false],
  ['a/b', false],
  ['.hidden', false],
  ['', false],
])('"%s" names a directory: %s', (name, want) => expect(isPathElement(name)).toBe(want))
