import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type CliResult, runCli } from '../support/cli.ts'
import { TestWorkspace } from '../support/workspace.ts'

let workspace: TestWorkspace
beforeEach(() => {
  workspace = new TestWorkspace()
})
afterEach(() => workspace.remove())
const run = (...args: string[]): Promise<CliResult> => runCli(args, workspace.dir)
const there = (path: string): boolean => existsSync(join(workspace.dir, path))

describe('new', () => {
  test('uses every group; what has no value is named when rendered', async () => {
    // A variable without a default in the base.
    workspace.edit('base/hello/base/resources.yaml', 'replicas: 1', 'replicas: 1\n    region: $(region)')
    expect(await run('site', 'new', 'busan')).toEqual({
      code: 0,
      stdout: 'sites/busan/site.yaml\nsites/busan/hello/kustomization.yaml\nsites/busan/hello/site-values.yaml\n',
      stderr: 'Next: look at sites/busan/site.yaml, then decapod render busan\n',
    })
    expect(workspace.read('sites/busan/hello/site-values.yaml')).toContain('"region": CHANGEME')
    const refused = await run('render', 'busan')
    expect(refused.code).toBe(1)
    expect(refused.stderr).toMatch(/^sites\/busan\/hello\/site-values\.yaml:\d+:\d+: error PLACEHOLDER: /)
    workspace.edit('sites/busan/hello/site-values.yaml', 'CHANGEME', 'kr-2')
    expect((await run('render', 'busan')).code).toBe(0)
  })

  test('--from copies a site and its name with it', async () => {
    workspace.edit('sites/site-x/hello/site-values.yaml', 'Good morning', 'my-site-x and site-x')
    const { code, stdout } = await run('site', 'new', 'busan', '--from', 'site-x')
    expect(code).toBe(0)
    expect(stdout.split('\n').sort()).toEqual([
      '',
      'sites/busan/hello/kustomization.yaml',
      'sites/busan/hello/site-values.yaml',
      'sites/busan/site.yaml',
    ])
    expect(workspace.read('sites/busan/site.yaml')).toContain('domain: busan.example.com')
    // A word of its own, not a part of another.
    expect(workspace.read('sites/busan/hello/site-values.yaml')).toContain('greeting: my-site-x and busan')
    expect((await run('render', 'busan')).stdout).toBe('busan: 1 app, 3 objects: 6 added\n')
  })

  test.each<[name: string, args: string[], code: number, stderr: RegExp]>([
    ['no name', [], 2, /missing required argument 'name'\n {2}hint: decapod site new --help says/],
    ['no name for a site', ['A_b'], 2, /"A_b" cannot be the name of a site\n {2}hint: lower-case/],
    ['a path', ['../x'], 2, /cannot be the name of a site/],
    ['one that is there', ['site-x'], 1, /error OUTPUT_CONFLICT: sites\/site-x is there already/],
    ['from one that is not there', ['b', '--from', 'site-z'], 1, /no site "site-z".*\n {2}hint: did you mean "site-x"/],
  ])('refuses %s', async (_, args, code, stderr) => {
    const got = await run('site', 'new', ...args)
    expect([got.code, got.stdout]).toEqual([code, ''])
    expect(got.stderr).toMatch(stderr)
  })
})

describe('delete', () => {
  beforeEach(async () => {
    workspace.addSite('busan')
    await run('render', '--all')
  })

  test('says first what would go, and does nothing', async () => {
    const { code, stdout, stderr } = await run('site', 'delete', 'busan')
    expect(code).toBe(0)
    expect(stdout).toBe('would remove sites/busan: 3 files\nwould remove rendered/busan: 6 files\n')
    expect(stderr).toContain('Nothing was removed.')
    expect(stderr).toContain('decapod workflow teardown busan')
    expect(there('sites/busan') && there('rendered/busan')).toBe(true)
  })

  test('--yes removes the site and what was rendered, and nothing else', async () => {
    expect((await run('site', 'delete', 'busan', '--yes')).stdout).toBe(
      'removed sites/busan: 3 files\nremoved rendered/busan: 6 files\n',
    )
    expect(there('sites/busan') || there('rendered/busan')).toBe(false)
    expect(there('sites/site-x') && there('rendered/site-x/hello')).toBe(true)
    expect((await run('site', 'delete', 'busan', '--yes')).stderr).toContain('error SITE_NOT_FOUND: no site "busan"')
  })

  test('as JSON', async () => {
    const directories = ['sites/busan', 'rendered/busan']
    expect(JSON.parse((await run('site', 'delete', 'busan', '--json')).stdout)).toEqual({ removed: false, directories })
    expect(there('sites/busan')).toBe(true)
    const removed = await run('site', 'delete', 'busan', '--yes', '--json')
    expect(JSON.parse(removed.stdout)).toEqual({ removed: true, directories })
    expect(there('sites/busan')).toBe(false)
  })
})

test('a subcommand is missing or misspelt', async () => {
  const bare = await run('site')
  expect([bare.code, bare.stdout]).toEqual([2, ''])
  expect(bare.stderr).toContain('Usage: decapod site')
  expect(await run('site', 'delte', 'x')).toEqual({
    code: 2,
    stdout: '',
    stderr: "error USAGE: unknown command 'delte'\n  hint: did you mean delete?\n",
  })
})
