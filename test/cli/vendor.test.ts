import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ChartRepository, chartArchive, startChartRepository } from '../support/source-servers.ts'
import { SourceWorkspace, served } from '../support/source-workspace.ts'

let repository: ChartRepository
let workspace: SourceWorkspace
const run = (args: string) => workspace.run(args, { REPO: repository.host })
const signature = '-----BEGIN PGP SIGNED MESSAGE-----\nname: db\n'

beforeEach(async () => {
  repository = await startChartRepository([served('web', '1.0.0'), { ...served('db', '2.0.0'), provenance: signature }])
  workspace = new SourceWorkspace({
    web: { repository: repository.url, name: 'web', version: '^1' },
    db: { repository: repository.url, name: 'db', version: '2.0.0' },
  })
})
afterEach(async () => {
  workspace.remove()
  await repository.stop()
})

test('archives as served, with their signatures; rendering needs no cache and no network', async () => {
  expect(await run('vendor')).toEqual({ code: 0, stdout: 'vendor: 2 sources\n', stderr: '' })
  expect(readdirSync(join(workspace.dir, 'vendor')).sort()).toEqual([
    'db-2.0.0.tgz',
    'db-2.0.0.tgz.prov',
    'sources.json',
    'web-1.0.0.tgz',
  ])
  expect(readFileSync(join(workspace.dir, 'vendor/web-1.0.0.tgz'))).toEqual(chartArchive('web', '1.0.0'))
  expect(workspace.read('vendor/db-2.0.0.tgz.prov')).toBe(signature)
  expect(JSON.parse(workspace.read('vendor/sources.json').replaceAll(repository.host, 'REPO'))).toEqual({
    'helm http://REPO/repo db 2.0.0': 'db-2.0.0.tgz',
    'helm http://REPO/repo web ^1': 'web-1.0.0.tgz',
  })
  await repository.stop()
  workspace.env['DECAPOD_CACHE'] += '-empty'
  expect((await run('render site-x')).code).toBe(0)
  expect(workspace.read('rendered/site-x/app/db/ConfigMap_db.yaml')).toContain('2.0.0')
})

test('what is no longer asked for goes, what is not ours stays', async () => {
  await run('vendor')
  workspace.write('vendor/own-1.0.0.tgz', 'mine')
  workspace.setCharts({ web: { repository: repository.url, name: 'web', version: '^1' } })
  expect((await run('vendor --json')).stdout).toBe('{"vendored":["helm http://REPO/repo web ^1"]}\n')
  expect(readdirSync(join(workspace.dir, 'vendor')).sort()).toEqual(['own-1.0.0.tgz', 'sources.json', 'web-1.0.0.tgz'])
})

test('a changed file is noticed when it is read, and put right', async () => {
  await run('vendor')
  workspace.write('vendor/web-1.0.0.tgz', 'tampered')
  const { code, stderr } = await run('render site-x')
  expect(code).toBe(1)
  expect(stderr).toContain('vendor/web-1.0.0.tgz is not what decapod.lock pins for helm http://REPO/repo web ^1')
  expect((await run('vendor --frozen')).code).toBe(0)
  expect((await run('render site-x')).code).toBe(0)
})

test('charts by path: dependencies by Chart.lock, beside file:// ones, and base/ stays as it is', async () => {
  repository.charts.push(served('web', '1.9.0'))
  const chart = (dependencies: string): void =>
    workspace.write(
      'base/app/charts/own/Chart.yaml',
      `apiVersion: v2\nname: own\nversion: 0.1.0\ndependencies:\n${dependencies}`,
    )
  workspace.setCharts({ own: { type: 'path', path: 'charts/own' } })
  chart(
    `- {name: web, version: ^1, repository: "${repository.url}"}\n- {name: near, version: 0.2.0, repository: "file://../near"}\n`,
  )
  workspace.write('base/app/charts/near/Chart.yaml', 'apiVersion: v2\nname: near\nversion: 0.2.0\n')
  workspace.write('base/app/charts/near/templates/n.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: near}\n')
  expect((await run('vendor')).stdout).toBe('vendor: 1 source\n')
  expect(existsSync(join(workspace.dir, 'vendor/web-1.9.0.tgz'))).toBe(true)
  expect(existsSync(join(workspace.dir, 'base/app/charts/own/charts'))).toBe(false)
  expect((await run('render site-x')).code).toBe(0)
  expect(workspace.read('rendered/site-x/app/own/ConfigMap_web.yaml')).toContain('1.9.0')
  expect(workspace.read('rendered/site-x/app/own/ConfigMap_near.yaml')).toContain('near')
  // A Chart.lock of another Chart.yaml is as useless to us as to helm.
  workspace.write(
    'base/app/charts/own/Chart.lock',
    `dependencies:\n- {name: web, version: 1.0.0, repository: "${repository.url}"}\ndigest: sha256:${'0'.repeat(64)}\n`,
  )
  expect(await run('vendor')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(
      'the lock file (Chart.lock) is out of sync with the dependencies file (Chart.yaml)',
    ),
  })
})
