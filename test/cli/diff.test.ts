import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type CliResult, runCli } from '../support/cli.ts'
import { gitEnvironment, TestWorkspace } from '../support/workspace.ts'

let workspace: TestWorkspace
beforeEach(async () => {
  workspace = new TestWorkspace()
  workspace.addSite('site-y')
  workspace.edit('decapod.yaml', '  revision: main\n', '  revision: main\n  prefix: p\n')
  await run('render', '--all')
})
afterEach(() => workspace.remove())

async function run(...args: string[]): Promise<CliResult> {
  const result = await runCli(args, workspace.dir, gitEnvironment)
  return { code: result.code, stdout: workspace.plain(result.stdout), stderr: workspace.plain(result.stderr) }
}

test('nothing differs', async () => {
  expect(await run('diff')).toEqual({ code: 0, stdout: 'no change\n', stderr: '' })
  expect((await run('diff', '--exit-code')).code).toBe(0)
})

test('one change in two sites is shown once, another where it is', async () => {
  workspace.edit('base/hello/charts/hello/Chart.yaml', '1.27.0', '1.27.1')
  workspace.edit('sites/site-y/hello/site-values.yaml', 'replicas: 2', 'replicas: 0')
  expect(await run('diff')).toEqual({
    code: 0,
    stdout: `hello/hello
  ~ Deployment hello/hello (apps/v1)  site-x
      spec.template.spec.containers[name=hello].image:
      - "docker.io/nginxinc/nginx-unprivileged:1.27.0"
      + "docker.io/nginxinc/nginx-unprivileged:1.27.1"
  ~ Deployment hello/hello (apps/v1)  site-y
      ! replicas 2 → 0: the workload stops
      spec.replicas: 2 → 0
      spec.template.spec.containers[name=hello].image:
      - "docker.io/nginxinc/nginx-unprivileged:1.27.0"
      + "docker.io/nginxinc/nginx-unprivileged:1.27.1"

0 added, 2 changed, 0 removed in 2 sites, 1 risk
`,
    stderr: '',
  })
  workspace.edit('sites/site-y/hello/site-values.yaml', 'replicas: 0', 'replicas: 2')
  const shared = await run('diff')
  expect(shared.stdout).toContain('~ Deployment hello/hello (apps/v1)  all 2 sites\n')
  // Nothing was written: the next diff says the same.
  expect(await run('diff')).toEqual(shared)
})

test('a part of a site', async () => {
  workspace.edit('base/hello/charts/hello/Chart.yaml', '1.27.0', '1.27.1')
  const { stdout } = await run('diff', 'site-x/hello/hello')
  expect(stdout).toContain('Deployment hello/hello (apps/v1)  site-x\n')
  expect(stdout).toContain('0 added, 1 changed, 0 removed in 1 site\n')
})

test('--exit-code says that something differs, be it in form alone', async () => {
  workspace.edit('rendered/site-x/hello/hello/Service_hello.yaml', 'apiVersion: v1\n', '# by hand\napiVersion: v1\n')
  const plain = await run('diff')
  expect(plain).toEqual({ code: 0, stdout: 'no change\n1 file differs in form alone\n', stderr: '' })
  expect((await run('diff', '--exit-code')).code).toBe(1)
})

describe('Secrets', () => {
  const secret = (password: string): string =>
    `apiVersion: v1\nkind: Secret\nmetadata: {name: hello, namespace: hello}\nstringData:\n  password: ${password}\n  user: hello\n`

  test.each(['text', 'markdown', 'json'])('no value of one is printed as %s', async format => {
    workspace.write('base/hello/charts/hello/templates/secret.yaml', secret('planted-one'))
    await run('render', '--all')
    workspace.write('base/hello/charts/hello/templates/secret.yaml', secret('planted-two'))
    const { code, stdout, stderr } = await run('diff', '--format', format)
    expect(code).toBe(0)
    expect(stdout + stderr).not.toMatch(/planted/)
    expect(stdout).toContain('password')
    expect(stdout).toContain('*** (changed)')
  })

  test('nor when all its data come or go', async () => {
    workspace.write('base/hello/charts/hello/templates/secret.yaml', secret('planted-one'))
    await run('render', '--all')
    workspace.write('base/hello/charts/hello/templates/secret.yaml', secret('x').replace('stringData', 'data'))
    const { stdout } = await run('diff', 'site-x', '--json')
    expect(stdout).not.toMatch(/planted/)
    expect(stdout).toContain('***')
  })
})

test('Markdown and JSON', async () => {
  workspace.edit('sites/site-x/hello/site-values.yaml', 'replicas: 2', 'replicas: 3')
  expect((await run('diff', '--format', 'markdown')).stdout).toBe(`**0 added, 1 changed, 0 removed in 1 site**

<details><summary>hello/hello: 1 object</summary>

\`\`\`diff
! Deployment hello/hello (apps/v1) (site-x)
      spec.replicas: 2 → 3
\`\`\`

</details>
`)
  const json = {
    changes: [
      {
        type: 'changed',
        group: 'hello',
        app: 'hello',
        object: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'hello', name: 'hello' },
        sites: ['site-x'],
        risks: [],
        fields: [{ path: ['spec', 'replicas'], before: 2, after: 3 }],
      },
    ],
    summary: { added: 0, removed: 0, changed: 1, renamed: 0, risks: 0 },
    sites: ['site-x', 'site-y'],
    formOnly: 0,
    failures: [],
  }
  expect(JSON.parse((await run('diff', '--json')).stdout)).toEqual(json)
  expect(JSON.parse((await run('diff', '--format', 'json')).stdout)).toEqual(json)
})

test('colours on a terminal alone, and never against the will', async () => {
  workspace.edit('sites/site-x/hello/site-values.yaml', 'replicas: 2', 'replicas: 3')
  const colored = async (env: Record<string, string>, outTerminal: boolean, ...args: string[]): Promise<boolean> =>
    (
      await runCli(['diff', ...args], workspace.dir, { ...gitEnvironment, ...env }, { terminal: true, outTerminal })
    ).stdout.includes('\u001b[')
  expect(await colored({}, true)).toBe(true)
  expect(await colored({}, false)).toBe(false)
  expect(await colored({ NO_COLOR: '1' }, true)).toBe(false)
  expect(await colored({ NO_COLOR: '' }, true)).toBe(true)
  expect(await colored({ TERM: 'dumb' }, true)).toBe(false)
  expect(await colored({ FORCE_COLOR: '1' }, false)).toBe(true)
  expect(await colored({ FORCE_COLOR: '0' }, true)).toBe(false)
  expect(await colored({ NO_COLOR: '1' }, false, '--color', 'always')).toBe(true)
  expect(await colored({}, true, '--color', 'never')).toBe(false)
})

describe('against', () => {
  test('a revision', async () => {
    workspace.gitInit()
    workspace.edit('sites/site-x/hello/site-values.yaml', 'replicas: 2', 'replicas: 3')
    await run('render', '--all')
    workspace.gitCommit('three')
    expect((await run('diff', '--against', 'HEAD')).stdout).toBe('no change\n')
    expect((await run('diff', '--against', 'HEAD~1')).stdout).toContain('spec.replicas: 2 → 3\n')
    // From a directory below the root of the repository too.
    expect((await runCli(['diff', '--against', 'main~1', '--cwd', '..'], `${workspace.dir}/base`)).code).toBe(0)
  })

  test('a revision with a site that is no more', async () => {
    workspace.gitInit()
    await run('site', 'delete', 'site-y', '--yes')
    const { stdout } = await run('diff', '--against', 'main')
    expect(stdout).toContain('- Deployment hello/hello (apps/v1)  site-y\n      ! the object is deleted')
    expect(stdout).not.toContain('site-x')
    // Who asks for one site hears of one site.
    expect((await run('diff', 'site-x', '--against', 'main')).stdout).toBe('no change\n')
  })

  test('a directory', async () => {
    await run('render', '--all', '--out', 'old')
    workspace.edit('sites/site-x/hello/site-values.yaml', 'replicas: 2', 'replicas: 3')
    expect((await run('diff', '--against', 'old')).stdout).toContain('spec.replicas: 2 → 3\n')
    expect((await run('diff', '--against', `${workspace.dir}/old/`)).stdout).toContain('spec.replicas: 2 → 3\n')
  })

  test('a directory without the site', async () => {
    const { code, stdout, stderr } = await run('diff', 'site-x', '--against', 'base')
    expect([code, stderr]).toEqual([0, 'base has no site-x: all of it counts as added\n'])
    expect(stdout).toContain('+ Deployment hello/hello (apps/v1)  site-x\n')
  })

  test.each<[name: string, git: boolean, against: string, stderr: RegExp]>([
    ['no repository', false, 'main', /^error FILE_NOT_FOUND: there is no directory main, and no git repository/],
    ['no such revision', true, 'mian', /neither a directory nor a git revision\n {2}hint: did you mean "main"\?\n$/],
    ['no such directory', true, './renderd', /neither a directory nor a git revision/],
    ['an option is no revision', true, '--upload-pack=x', /neither a directory nor a git revision/],
    [
      'a revision without output',
      true,
      'HEAD~1',
      /revision HEAD~1 has no rendered\/\n {2}what it renders to was never/,
    ],
    ['a file', true, './decapod.yaml', /decapod.yaml is a file, not a directory/],
  ])('%s', async (_, git, against, want) => {
    if (git) {
      const rendered = workspace.dir
      workspace.git('init', '--quiet', '--initial-branch=main', rendered)
      workspace.git('commit', '--quiet', '--allow-empty', '--message', 'empty')
      workspace.gitCommit('workspace')
    }
    const { code, stdout, stderr } = await run('diff', '--against', against)
    expect(stdout).toBe('')
    expect(stderr).toMatch(want)
    expect(code).toBe(1)
  })
})

test('a site that fails is said to, the others are compared', async () => {
  workspace.edit('sites/site-x/site.yaml', 'domain: site-x.example.com', 'domain: CHANGEME')
  workspace.edit('sites/site-y/hello/site-values.yaml', 'replicas: 2', 'replicas: 3')
  const { code, stdout, stderr } = await run('diff')
  expect(code).toBe(1)
  expect(stdout).toContain('spec.replicas: 2 → 3\n')
  expect(stdout).not.toContain('- Deployment')
  expect(stderr).toMatch(/^sites\/site-x\/site\.yaml:\d+:\d+: error PLACEHOLDER: /)
  const json = JSON.parse((await run('diff', '--json')).stdout) as { failures: { site: string; code: string }[] }
  expect(json.failures).toMatchObject([{ site: 'site-x', code: 'PLACEHOLDER' }])
})
