import { afterEach, beforeEach, expect, test } from 'vitest'
import { type CliResult, runCli } from '../support/cli.ts'
import { TestWorkspace } from '../support/workspace.ts'

let workspace: TestWorkspace
beforeEach(() => {
  workspace = new TestWorkspace()
})
afterEach(() => workspace.remove())
const run = (...args: string[]): Promise<CliResult> => runCli(['workflow', ...args], workspace.dir)

test('prints what deploys a site and what takes it down', async () => {
  const { code, stdout, stderr } = await run('site-x')
  expect([code, stderr]).toEqual([0, ''])
  expect([...stdout.matchAll(/generateName: (.*)/g)].map(m => m[1])).toEqual(['deploy-site-x-', 'teardown-site-x-'])
  expect((await run('deploy', 'site-x')).stdout).not.toContain('teardown-site-x-')
})

test('--json gives the objects', async () => {
  const { objects } = JSON.parse((await run('teardown', 'site-x', '--json')).stdout) as { objects: { kind: string }[] }
  expect(objects).toMatchObject([{ kind: 'Workflow', metadata: { generateName: 'teardown-site-x-' } }])
})

test('--write writes below workflows/', async () => {
  const { code, stdout, stderr } = await run('site-x', '--write')
  expect(code).toBe(0)
  expect(stdout).toBe('workflows/site-x/deploy.yaml\nworkflows/site-x/teardown.yaml\n')
  expect(stderr).toBe('2 files written\n')
  expect(workspace.read('workflows/site-x/deploy.yaml')).toBe((await run('deploy', 'site-x')).stdout)
  const json = await run('site-x', '--write', '--json')
  expect(JSON.parse(json.stdout)).toEqual({ files: ['workflows/site-x/deploy.yaml', 'workflows/site-x/teardown.yaml'] })
})

test('own templates, and what they do wrong', async () => {
  workspace.write('workflows/report.yaml.hbs', 'site: {{site}}\n')
  expect((await run('own', 'site-x')).stdout).toBe('site: site-x\n')
  workspace.write('workflows/report.yaml.hbs', 'site: {{stie}}\n')
  const { code, stdout, stderr } = await run('own', 'site-x')
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toMatch(/^workflows\/report\.yaml\.hbs:1.*: error /)
})

test('own templates take in partials; a mistake has its place there', async () => {
  workspace.write('workflows/report.yaml.hbs', '{{#each apps}}{{> app}}{{/each}}')
  workspace.write('workflows/partials/app.hbs', '- {{name}}: {{json dependsOn}}\n')
  expect((await run('own', 'site-x')).stdout).toBe('- hello: []\n')
  workspace.write('workflows/partials/app.hbs', '\n- {{nam}}\n')
  const { code, stderr } = await run('own', 'site-x')
  expect(code).toBe(1)
  expect(stderr).toBe(
    'workflows/partials/app.hbs:2:5: error WORKFLOW_INVALID: "nam" is not defined\n' +
      '  2 | - {{nam}}\n    |     ^\n  hint: did you mean "name"?\n',
  )
})

test('sites of a fleet that would share names in its Argo CD are warned of', async () => {
  workspace.addSite('site-y')
  const { code, stdout, stderr } = await run('fleet')
  expect(code).toBe(0)
  expect(stdout).toContain('kind: ApplicationSet')
  expect(stderr).toContain(
    'warning WORKFLOW_INVALID: in one Argo CD, site-x, site-y would each have AppProject "hello", Application "hello"\n' +
      '  hint: give each site a delivery.prefix',
  )
  expect((await run('fleet', '--quiet')).stderr).toBe('')
})

test('shards deals sites out', async () => {
  for (const site of ['a', 'b', 'c']) workspace.addSite(site)
  expect((await run('shards', '--all', '--shards', '2')).stdout).toBe(
    '[{"index":"0","sites":"a c"},{"index":"1","sites":"b site-x"}]\n',
  )
})

test.each<[name: string, args: string[], code: number, stderr: RegExp]>([
  ['no site', [], 2, /error USAGE: which site\?\n {2}hint: name one of site-x, or give --all/],
  [
    'a misspelt verb',
    ['deploi', 'site-x'],
    2,
    /"deploi" is neither a site nor one of deploy, .*\n {2}hint: did you mean "deploy"\?/,
  ],
  ['a misspelt site', ['site-y'], 2, /hint: did you mean "site-x"\?/],
  [
    'a misspelt site behind a verb',
    ['deploy', 'site-y'],
    1,
    /error SITE_NOT_FOUND.*\n {2}hint: did you mean "site-x"\?/,
  ],
  ['an unknown group', ['deploy', 'site-x', '--group', 'lma'], 1, /error GROUP_NOT_FOUND.*\n {2}hint: it has hello/],
  ['a part of a site', ['deploy', 'site-x/hello/hello'], 2, /a workflow is for a whole site/],
  ['no number of shards', ['shards', '--all', '--shards', 'x'], 2, /a positive whole number is needed/],
])('%s', async (_, args, code, stderr) => {
  const got = await run(...args)
  expect([got.code, got.stdout]).toEqual([code, ''])
  expect(got.stderr).toMatch(stderr)
})

test('without a repository there is nothing to deploy', async () => {
  workspace.write('decapod.yaml', '')
  expect((await run('deploy', 'site-x')).stderr).toMatch(
    /error CONFIG_INVALID: .*no manifests repository\n {2}hint: set delivery/,
  )
})
