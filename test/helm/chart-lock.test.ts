import { describe, expect, test } from 'vitest'
import { isLockInSync, readChartLock } from '../../src/helm/chart-lock.ts'
import { loadChart } from '../../src/helm/load.ts'
import { completeChart, missingDependencies } from '../../src/render/chart-dependencies.ts'
import { memoryTree } from '../../src/tree.ts'

/** Made by helm v3.22.0, `helm dependency update`. */
const chartYaml = `apiVersion: v2
name: own
version: 0.1.0
dependencies:
- name: other
  version: ">=1.0.0 <2"
  repository: http://127.0.0.1:18099
  condition: other.enabled
  tags: [a, "b&c"]
  alias: second
  enabled: true
  import-values:
  - data
  - child: x.y
    parent: z
    n: 5
- name: near
  version: ^1
  repository: file://../near
`
const chartLock = `dependencies:
- name: other
  repository: http://127.0.0.1:18099
  version: 1.4.0
- name: near
  repository: file://../near
  version: 1.0.7
digest: sha256:d43b2c1ca80342c91192981865ac40f97df6f14a893a884e9efb9238fd1bb519
generated: "2026-11-21T15:39:04.888010347Z"
`
const chart = (files: Record<string, string>) => loadChart(memoryTree(files), '/', { label: 'own' })
const inSync = (yaml: string, lock: string): boolean => {
  const { metadata, lock: file } = chart({ 'Chart.yaml': yaml, 'Chart.lock': lock })
  return isLockInSync(metadata, readChartLock(file!, 'own'))
}

describe("the digest is helm's", () => {
  test.each<[name: string, yaml: string, lock: string, want: boolean]>([
    ['every field', chartYaml, chartLock, true],
    ['another constraint', chartYaml.replace('^1', '~1'), chartLock, false],
    ['another locked version', chartYaml, chartLock.replace('1.4.0', '1.4.1'), false],
    // Helm replaces the name by the URL before it hashes.
    [
      'a repository by name',
      chartYaml.replace('repository: http://127.0.0.1:18099', 'repository: "@test"'),
      chartLock,
      true,
    ],
    ['a description does not matter', `${chartYaml}description: x\n`, chartLock, true],
  ])('%s', (_, yaml, lock, want) => expect(inSync(yaml, lock)).toBe(want))
})

describe('what a chart lacks', () => {
  const own = (files: Record<string, string> = {}) => ({
    chart: chart({ 'Chart.yaml': chartYaml, 'Chart.lock': chartLock, ...files }),
    label: 'own',
  })
  const path = { kind: 'path', path: 'charts/own' } as const

  test('comes in the locked version; file:// from beside it', () => {
    expect(missingDependencies(own(), path)).toEqual([
      {
        name: 'other',
        request: { kind: 'helm', repository: 'http://127.0.0.1:18099', chart: 'other', version: '1.4.0' },
      },
      { name: 'near', request: { kind: 'path', path: 'charts/own/../near' } },
    ])
  })

  test('what is in charts/ is not asked for', () => {
    const files = { 'charts/other/Chart.yaml': 'apiVersion: v2\nname: other\nversion: 0.0.1\n' }
    expect(missingDependencies(own(files), path).map(m => m.name)).toEqual(['near'])
  })

  test('without a lock by its constraint; in git beside it in the repository', () => {
    const loaded = { chart: chart({ 'Chart.yaml': chartYaml }), label: 'own' }
    const git = {
      kind: 'git',
      url: 'https://git.example.com/o/r',
      ref: 'v1',
      path: 'charts/own',
      submodules: true,
    } as const
    expect(missingDependencies(loaded, git).map(m => m.request)).toEqual([
      { kind: 'helm', repository: 'http://127.0.0.1:18099', chart: 'other', version: '>=1.0.0 <2' },
      { ...git, path: 'charts/near' },
    ])
  })

  test.each([
    ['oci://registry.example.com/charts', { kind: 'oci', repository: 'registry.example.com/charts/x', version: '1' }],
    ['alias:stable', { kind: 'helm', repository: '@stable', chart: 'x', version: '1' }],
    ['@stable', { kind: 'helm', repository: '@stable', chart: 'x', version: '1' }],
  ])('a repository %s', (repository, want) => {
    const yaml = `apiVersion: v2\nname: own\nversion: 0.1.0\ndependencies: [{name: x, version: "1", repository: "${repository}"}]\n`
    expect(missingDependencies({ chart: chart({ 'Chart.yaml': yaml }), label: 'own' }, path)).toEqual([
      { name: 'x', request: want },
    ])
  })

  test('a repository that is none', () => {
    const yaml =
      'apiVersion: v2\nname: own\nversion: 0.1.0\ndependencies: [{name: x, version: "1", repository: stable}]\n'
    expect(() => missingDependencies({ chart: chart({ 'Chart.yaml': yaml }), label: 'own' }, path)).toThrow(
      /has the repository "stable"/,
    )
  })

  test('charts that depend on each other by file:// are refused', () => {
    const yaml =
      'apiVersion: v2\nname: own\nversion: 0.1.0\ndependencies: [{name: x, version: "1", repository: "file://."}]\n'
    const load = () => ({ chart: chart({ 'Chart.yaml': yaml }), label: 'own' })
    expect(() => completeChart(load(), path, load)).toThrow(/nest deeper than/)
  })
})
