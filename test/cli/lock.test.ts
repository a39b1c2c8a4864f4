import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ChartRepository, chartArchive, sha256, startChartRepository } from '../support/source-servers.ts'
import { SourceWorkspace, served } from '../support/source-workspace.ts'

let repository: ChartRepository
let workspace: SourceWorkspace
const run = (args: string) => workspace.run(args, { REPO: repository.host })
const digest = (name: string, version: string): string => sha256(chartArchive(name, version))

beforeEach(async () => {
  repository = await startChartRepository([served('web', '1.0.0'), served('db', '2.0.0'), served('api', '3.0.0')])
  workspace = new SourceWorkspace({
    web: { repository: repository.url, name: 'web', version: '^1' },
    db: { repository: repository.url, name: 'db', version: '2.0.0' },
  })
})
afterEach(async () => {
  workspace.remove()
  await repository.stop()
})

test('pins, sorted, and says what changes', async () => {
  expect(await run('lock')).toEqual({
    code: 0,
    stdout: `+ helm http://REPO/repo db 2.0.0
+ helm http://REPO/repo web ^1
decapod.lock written: 2 sources
`,
    stderr: '',
  })
  expect(workspace.read('decapod.lock').replaceAll(repository.host, 'REPO')).toBe(
    `# Every source of this workspace and the digest of its content. Written by "decapod lock"; do not edit.
# After merging two branches run "decapod lock": it keeps what both pinned, also out of a conflict, and adds what is missing.
version: 1
sources:
  "helm http://REPO/repo db 2.0.0":
    version: "2.0.0"
    digest: ${digest('db', '2.0.0')}
  "helm http://REPO/repo web ^1":
    version: "1.0.0"
    digest: ${digest('web', '1.0.0')}
`,
  )
  expect(await run('lock')).toEqual({ code: 0, stdout: 'decapod.lock is up to date: 2 sources\n', stderr: '' })
  expect((await run('lock --frozen')).code).toBe(0)
})

test('newer versions come only when asked for, by name or all', async () => {
  await run('lock')
  repository.charts.push(served('web', '1.5.0'), served('web', '2.0.0'))
  expect((await run('lock')).stdout).toBe('decapod.lock is up to date: 2 sources\n')
  expect((await run('lock --update db')).stdout).toBe('decapod.lock is up to date: 2 sources\n')
  expect((await run('lock --update web')).stdout).toBe(
    '~ helm http://REPO/repo web ^1  1.0.0 → 1.5.0\ndecapod.lock written: 2 sources\n',
  )
  repository.charts[1] = { ...served('db', '2.0.0'), archive: chartArchive('db', '2.0.0', { metadata: 'icon: x\n' }) }
  expect((await run('lock --update')).stdout).toMatch(
    /^~ helm http:\/\/REPO\/repo db 2.0.0 {2}sha256:\S+ → sha256:\S+\n/,
  )
  expect(await run('lock --update wbe')).toEqual({
    code: 2,
    stdout: '',
    stderr: 'error USAGE: --update: nothing in the workspace is called "wbe"\n  hint: did you mean "web"?\n',
  })
})

test('what nobody asks for any more is dropped; --json', async () => {
  await run('lock')
  workspace.setCharts({ web: { repository: repository.url, name: 'web', version: '^1' } })
  const { code, stdout } = await run('lock --json')
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toEqual({
    sources: 1,
    images: 0,
    changed: true,
    changes: [{ change: 'removed', source: 'helm http://REPO/repo db 2.0.0' }],
  })
})

test('two branches that add sources: the conflict git leaves is mended, with what both pinned', async () => {
  const base = { web: { repository: repository.url, name: 'web', version: '^1' } }
  const [db, api] = ['db', 'api'].map(name => ({ [name]: { repository: repository.url, name, version: '*' } }))
  workspace.setCharts(base)
  await run('lock')
  workspace.write('.gitignore', '.cache\n.home\n')
  workspace.gitInit()
  for (const [branch, more] of [
    ['one', db],
    ['two', api],
  ] as const) {
    workspace.git('checkout', '--quiet', '-b', branch, 'main')
    workspace.setCharts({ ...base, ...more })
    await run('lock')
    workspace.gitCommit(branch)
  }
  expect(() => workspace.git('merge', '--quiet', 'one')).toThrow()
  expect(workspace.read('decapod.lock')).toContain('<<<<<<<')
  workspace.setCharts({ ...base, ...db, ...api })
  const asked = repository.requests.length
  // CI must not take it for a lock.
  expect((await run('lock --frozen')).stderr).toContain('the lock has merge conflict markers')
  expect((await run('lock')).stdout).toBe('decapod.lock written: 3 sources\n')
  expect(repository.requests.length).toBe(asked)
  expect(workspace.read('decapod.lock').match(/^ {2}"helm/gm)).toHaveLength(3)
  expect((await run('lock --frozen')).code).toBe(0)
})

test('two branches that pin the same source differently: a person decides', async () => {
  await run('lock')
  const [mine, other] = [workspace.read('decapod.lock'), digest('web', '1.0.0')]
  const conflict = `<<<<<<< HEAD\n    digest: ${other}\n=======\n    digest: sha256:${'a'.repeat(64)}\n>>>>>>> two`
  workspace.write('decapod.lock', mine.replace(`    digest: ${other}`, conflict))
  const { code, stderr } = await run('lock')
  expect(code).toBe(1)
  expect(stderr).toContain('error LOCK_DRIFT: two branches pin the same source with different content')
  expect(stderr).toContain(`helm http://REPO/repo web ^1: ${other} and sha256:aaaa`)
})
