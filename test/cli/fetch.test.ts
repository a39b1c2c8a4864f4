import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  type ChartRepository,
  chartArchive,
  makeRepository,
  sha256,
  startChartRepository,
  startGitHttp,
} from '../support/source-servers.ts'
import { SourceWorkspace, served } from '../support/source-workspace.ts'

let repository: ChartRepository
let workspace: SourceWorkspace
const run = (args: string, more: Record<string, string> = {}) => workspace.run(args, { REPO: repository.host, ...more })

beforeEach(async () => {
  repository = await startChartRepository([served('web', '1.0.0'), served('web', '1.2.0'), served('db', '2.0.0')])
  workspace = new SourceWorkspace({
    web: { repository: repository.url, name: 'web', version: '^1' },
    db: { repository: repository.url, name: 'db', version: '2.0.0' },
  })
})
afterEach(async () => {
  workspace.remove()
  await repository.stop()
})

test('fetches, pins, and the second time does nothing', async () => {
  const size = (name: string, version: string): string => `${chartArchive(name, version).length} B`
  const total = chartArchive('db', '2.0.0').length + chartArchive('web', '1.2.0').length
  expect(await run('fetch')).toEqual({
    code: 0,
    stdout: `fetched  helm http://REPO/repo db 2.0.0  ${size('db', '2.0.0')}
fetched  helm http://REPO/repo web ^1 → 1.2.0  ${size('web', '1.2.0')}
2 sources: 2 fetched (${total} B), 0 in the cache; decapod.lock written
`,
    stderr: '',
  })
  const asked = repository.requests.length
  expect(await run('fetch --frozen')).toEqual({
    code: 0,
    stdout: '2 sources: 0 fetched (0 B), 2 in the cache\n',
    stderr: '',
  })
  expect(repository.requests.length).toBe(asked)
  // What the lock pins renders, with no server at all.
  await repository.stop()
  expect((await run('render site-x')).code).toBe(0)
  expect(workspace.read('rendered/site-x/app/web/ConfigMap_web.yaml')).toContain('1.2.0')
})

test('--json', async () => {
  const { code, stdout, stderr } = await run('fetch --json')
  expect([code, stderr]).toEqual([0, ''])
  expect(JSON.parse(stdout)).toEqual({
    sources: [
      {
        source: 'helm http://REPO/repo db 2.0.0',
        version: '2.0.0',
        digest: sha256(chartArchive('db', '2.0.0')),
        state: 'fetched',
        size: chartArchive('db', '2.0.0').length,
      },
      {
        source: 'helm http://REPO/repo web ^1',
        version: '1.2.0',
        digest: sha256(chartArchive('web', '1.2.0')),
        state: 'fetched',
        size: chartArchive('web', '1.2.0').length,
      },
    ],
    lockChanged: true,
  })
})

test('failures come together; each names the source, the line that asks, and what to try', async () => {
  workspace.setCharts({
    web: { repository: repository.url, name: 'wbe', version: '^1' },
    db: { repository: repository.url, name: 'db', version: '^3' },
  })
  expect(await run('fetch')).toEqual({
    code: 1,
    stdout: '',
    stderr: `base/app/base/resources.yaml:17:5: error CHART_NOT_FOUND: helm http://REPO/repo db ^3 has no version that satisfies "^3"
  17 |     repository: "http://REPO/repo"
     |     ^
  hint: there are 2.0.0
base/app/base/resources.yaml:7:5: error CHART_NOT_FOUND: helm http://REPO/repo wbe ^1: http://REPO/repo has no chart "wbe"
  7 |     repository: "http://REPO/repo"
    |     ^
  hint: did you mean "web"?
`,
  })
})

test('--frozen fails on what is not pinned, and on what nothing asks for', async () => {
  const unpinned = await run('fetch --frozen')
  expect(unpinned.code).toBe(1)
  expect(unpinned.stderr).toContain(
    'helm http://REPO/repo web ^1 is not in decapod.lock, and --frozen adds nothing to it',
  )
  await run('lock')
  workspace.setCharts({ web: { repository: repository.url, name: 'web', version: '^1' } })
  expect(await run('fetch --frozen')).toEqual({
    code: 1,
    stdout: '',
    stderr:
      'error LOCK_DRIFT: decapod.lock pins helm http://REPO/repo db 2.0.0, which nothing asks for\n  hint: run decapod lock\n',
  })
})

test('a republished version is drift, which is named', async () => {
  await run('lock')
  workspace.env['DECAPOD_CACHE'] += '-other'
  repository.charts[1] = {
    ...served('web', '1.2.0'),
    archive: chartArchive('web', '1.2.0', { metadata: 'description: x\n' }),
  }
  const { code, stderr } = await run('fetch --frozen')
  expect(code).toBe(1)
  expect(stderr).toContain(
    'base/app/base/resources.yaml:7:5: error LOCK_DRIFT: helm http://REPO/repo web ^1 changed: decapod.lock pins the content sha256:',
  )
  expect(stderr).toContain('hint: if this is wanted: decapod lock --update "web"')
})

test('--offline', async () => {
  await run('fetch')
  expect((await run('fetch --offline')).stdout).toBe('2 sources: 0 fetched (0 B), 2 in the cache\n')
  workspace.env['DECAPOD_CACHE'] += '-empty'
  const { code, stderr } = await run('fetch --offline')
  expect(code).toBe(1)
  expect(stderr).toContain('helm http://REPO/repo web ^1 is not in the cache, and --offline forbids fetching it')
})

test('mirrors of decapod.yaml and of the site', async () => {
  workspace.setCharts({ web: { repository: 'https://charts.invalid/stable', name: 'web', version: '1.0.0' } })
  workspace.write('sites/site-x/site.yaml', `mirrors: {charts.invalid/stable: "${repository.url}"}\n`)
  // A site by itself has its own table.
  expect((await run('fetch site-x')).stdout).toContain('fetched  helm https://charts.invalid/stable web 1.0.0')
  workspace.write('sites/site-x/site.yaml', '{}\n')
  workspace.write('decapod.yaml', `mirrors: {"https://charts.invalid/": "${repository.url.replace('/repo', '')}/"}\n`)
  workspace.setCharts({ web: { repository: 'https://charts.invalid/repo', name: 'web', version: '1.0.0' } })
  expect((await run('fetch')).stdout).toContain('fetched  helm https://charts.invalid/repo web 1.0.0')
})

test('remote bases, charts in git with dependencies from a repository and from beside them', async () => {
  makeRepository(workspace.dir, 'served/charts.git', [
    {
      files: {
        'bases/one/kustomization.yaml': 'resources: [a.yaml]\n',
        'bases/one/a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: from-git}\n',
        'charts/app/Chart.yaml': `apiVersion: v2\nname: app\nversion: 0.1.0\ndependencies:\n- {name: web, version: ~1.0, repository: "${repository.url}"}\n- {name: common, version: ^1, repository: "file://../common"}\n`,
        'charts/common/Chart.yaml': 'apiVersion: v2\nname: common\nversion: 1.4.0\n',
        'charts/common/templates/c.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: common}\n',
      },
      tag: 'v1',
    },
  ])
  const git = await startGitHttp(workspace.dir)
  const url = `http://${git.host}/served/charts.git`
  workspace.setCharts({ app: { git: url, path: 'charts/app', ref: 'v1' } }, [
    `${url}//bases/one?ref=v1&timeout=2m&submodules=false`,
  ])
  const hosts = { GIT: git.host }
  expect(await run('fetch', hosts)).toEqual({
    code: 0,
    stdout: expect.stringMatching(
      /^fetched {2}git http:\/\/GIT\/served\/charts\.git v1 without submodules .*\nfetched {2}git http:\/\/GIT\/served\/charts\.git\/\/charts\/app v1 .*\nfetched {2}git http:\/\/GIT\/served\/charts\.git\/\/charts\/common v1 .*\nfetched {2}helm http:\/\/REPO\/repo web ~1\.0 → 1\.0\.0 .*\n4 sources: 4 fetched/,
    ),
    stderr: '',
  })
  await git.stop()
  expect(await run('render site-x', hosts)).toMatchObject({ code: 0 })
  expect(workspace.read('rendered/site-x/app/app/ConfigMap_web.yaml')).toContain('1.0.0')
  expect(workspace.read('rendered/site-x/app/app/ConfigMap_common.yaml')).toContain('name: common')
  expect(workspace.read('decapod.lock')).toMatch(/commit: [0-9a-f]{40}/)
})
