import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ChartRepository, startChartRepository } from '../support/source-servers.ts'
import { SourceWorkspace, served } from '../support/source-workspace.ts'

let repository: ChartRepository
let workspace: SourceWorkspace
const run = (args: string) => workspace.run(args, { REPO: repository.host })

beforeEach(async () => {
  repository = await startChartRepository([served('web', '1.0.0'), served('db', '2.0.0')])
  workspace = new SourceWorkspace({
    web: { repository: repository.url, name: 'web', version: '^1' },
    db: { repository: repository.url, name: 'db', version: '2.0.0' },
  })
  await run('lock')
})
afterEach(async () => {
  workspace.remove()
  await repository.stop()
})

test('nothing newer', async () =>
  expect(await run('outdated')).toEqual({ code: 0, stdout: '2 charts, all up to date\n', stderr: '' }))

test('newer within the constraint and beyond it; previews are no news', async () => {
  repository.charts.push(
    served('web', '1.4.0'),
    served('web', '2.1.0'),
    served('web', '3.0.0-rc.1'),
    served('db', '2.1.0'),
  )
  expect(await run('outdated')).toEqual({
    code: 0,
    stdout: `helm http://REPO/repo db 2.0.0
    locked 2.0.0, within the constraint 2.0.0, newest 2.1.0
helm http://REPO/repo web ^1
    locked 1.0.0, within the constraint 1.4.0, newest 2.1.0
`,
    stderr: '',
  })
  expect(JSON.parse((await run('outdated --json')).stdout)).toEqual({
    outdated: [
      { source: 'helm http://REPO/repo db 2.0.0', locked: '2.0.0', wanted: '2.0.0', latest: '2.1.0' },
      { source: 'helm http://REPO/repo web ^1', locked: '1.0.0', wanted: '1.4.0', latest: '2.1.0' },
    ],
  })
})

test('one repository that does not answer keeps nothing from the others', async () => {
  repository.charts.push(served('web', '1.4.0'))
  workspace.setCharts({
    web: { repository: repository.url, name: 'web', version: '^1' },
    gone: { repository: `${repository.url}/nowhere`, name: 'gone', version: '1' },
  })
  const { code, stdout, stderr } = await run('outdated')
  expect(code).toBe(1)
  expect(stdout).toContain('within the constraint 1.4.0')
  expect(stderr).toContain('base/app/base/resources.yaml:17:5: warning')
  expect(stderr).toContain('http://REPO/repo/nowhere/index.yaml does not exist (HTTP 404)')
})
