import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readFiles, recoverTrees } from '../../src/io/output.ts'
import { builtProgram } from '../support/built.ts'
import { type CliResult, runCli } from '../support/cli.ts'
import { TestWorkspace } from '../support/workspace.ts'

let workspace: TestWorkspace
let cache: string
beforeEach(() => {
  workspace = new TestWorkspace()
  cache = mkdtempSync(join(tmpdir(), 'decapod-cache-'))
})
afterEach(() => {
  workspace.remove()
  rmSync(cache, { recursive: true, force: true })
})

const render = (...args: string[]): Promise<CliResult> =>
  runCli(['render', ...args], workspace.dir, { DECAPOD_CACHE: cache })

const values = 'sites/site-x/hello/site-values.yaml'
const template = 'base/hello/charts/hello/templates/hello.yaml'
const configMap = 'rendered/site-x/hello/hello/ConfigMap_hello.yaml'
const deployment = 'rendered/site-x/hello/hello/Deployment_hello.yaml'

/** Every file below the workspace with what tells whether it was touched. */
function look(): string[] {
  return readdirSync(workspace.dir, { recursive: true, withFileTypes: true }).map(entry => {
    const path = join(entry.parentPath, entry.name)
    const { mtimeMs, ino, size } = statSync(path)
    return `${path} ${mtimeMs} ${ino} ${size}`
  })
}

describe('--check', () => {
  test('says nothing is wrong when nothing is', async () => {
    await render('site-x')
    const before = look()
    expect(await render('--all', '--check')).toEqual({
      code: 0,
      stdout: 'site-x: 6 files up to date, and the same in a second render\n',
      stderr: '',
    })
    expect(look()).toEqual(before)
  })

  test('names files that would be changed, added and removed, with the first lines, and writes nothing', async () => {
    await render('site-x')
    workspace.edit(deployment, 'replicas: 2', 'replicas: 9')
    workspace.write('rendered/site-x/hello/hello/ConfigMap_old.yaml', 'kind: ConfigMap\n')
    rmSync(join(workspace.dir, 'rendered/site-x/hello/hello/Service_hello.yaml'))
    const before = look()
    const { code, stdout, stderr } = await render('site-x', '--check')
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toBe(
      [
        'rendered/site-x: error OUTPUT_STALE: site-x is out of date: 3 of its files would change',
        '  changed hello/hello/Deployment_hello.yaml',
        '    -   replicas: 9',
        '    +   replicas: 2',
        '  added hello/hello/Service_hello.yaml',
        '  removed hello/hello/ConfigMap_old.yaml',
        '  hint: run decapod render site-x',
        '',
      ].join('\n'),
    )
    expect(look()).toEqual(before)
  })

  test('before the first render everything is out of date', async () => {
    const { code, stderr } = await render('site-x', '--check')
    expect(code).toBe(1)
    expect(stderr).toContain('6 of its files would change')
  })

  test('as data', async () => {
    await render('site-x')
    workspace.edit(deployment, 'replicas: 2', 'replicas: 9')
    const { code, stdout } = await render('site-x', '--check', '--json')
    const { sites } = JSON.parse(stdout) as { sites: { site: string; change: object; unstable: string[] }[] }
    expect(code).toBe(1)
    expect(sites).toMatchObject([
      {
        site: 'site-x',
        change: { added: [], changed: ['hello/hello/Deployment_hello.yaml'], removed: [] },
        unstable: [],
      },
    ])
  })

  test('what does not repeat is found: a random value that the output does not show', async () => {
    // The hash changes with the value, and nobody can tell from it what the value was.
    workspace.edit(template, 'data:\n', 'data:\n  hash: {{ randAlphaNum 16 | sha256sum }}\n')
    await render('site-x')
    const { code, stderr } = await render('site-x', '--check')
    expect(code).toBe(1)
    expect(stderr).toContain('error OUTPUT_STALE: site-x does not repeat: two renders give 1 different files\n')
    expect(stderr).toContain('\n  hello/hello/ConfigMap_hello.yaml\n')
  })

  test('drawn from a key, it repeats; another call, app or key draws another', async () => {
    workspace.edit(
      template,
      'data:\n',
      'data:\n  a: {{ randAlphaNum 16 | sha256sum }}\n  b: {{ randAlphaNum 16 | sha256sum }}\n  c: {{ (genCA "x" 365).Cert | sha256sum }}\n',
    )
    const keyed = async (key: string, ...args: string[]): Promise<CliResult> =>
      runCli(['render', 'site-x', ...args], workspace.dir, { DECAPOD_CACHE: cache, DECAPOD_RANDOM_KEY: key })
    const hashes = (): string[] => workspace.read(configMap).match(/[0-9a-f]{64}/g) ?? []
    await keyed('a secret of the team', '--no-cache')
    const [first] = [hashes()]
    expect(new Set(first).size).toBe(3)
    // A certificate says in seconds when it was made.
    await new Promise(done => setTimeout(done, 1100))
    expect((await keyed('a secret of the team', '--check')).code).toBe(0)
    rmSync(join(workspace.dir, 'rendered'), { recursive: true })
    await keyed('a secret of the team', '--no-cache')
    expect(hashes()).toEqual(first)
    await keyed('a secret of another team', '--no-cache')
    expect(hashes()).not.toEqual(first)
    const { code, stderr } = await keyed('short')
    expect([code, stderr.split('\n')[0]]).toEqual([2, 'error USAGE: DECAPOD_RANDOM_KEY has less than 16 characters'])
  })

  test('what the output shows repeats', async () => {
    workspace.edit(template, 'data:\n', 'data:\n  password: {{ randAlphaNum 16 }}\n')
    await render('site-x')
    expect((await render('site-x', '--check')).code).toBe(0)
  })

  test('a failure is a failure', async () => {
    await render('site-x')
    workspace.edit(template, 'data:\n', 'data:\n  x: {{ fail "no" }}\n')
    const { code, stderr } = await render('site-x', '--check')
    expect(code).toBe(1)
    expect(stderr).toContain('error TEMPLATE_EXEC')
    expect(stderr).not.toContain('OUTPUT_STALE')
  })

  test('a part of a site is compared alone', async () => {
    await render('site-x')
    workspace.write('rendered/site-x/argocd/Extra_x.yaml', 'x: 1\n')
    expect((await render('site-x/hello/hello', '--check')).code).toBe(0)
    expect((await render('site-x', '--check')).code).toBe(1)
  })
})

describe('a render that was done before', () => {
  /** Files below rendered/ by inode: what is written anew has another one. */
  const inodes = (): Map<string, number> =>
    new Map(
      readdirSync(join(workspace.dir, 'rendered/site-x'), { recursive: true, withFileTypes: true })
        .filter(entry => entry.isFile())
        .map(entry => [entry.name, statSync(join(entry.parentPath, entry.name)).ino]),
    )

  test('is told again without a change, and as it is without the cache', async () => {
    expect((await render('site-x')).stdout).toBe('site-x: 1 app, 3 objects: 6 added\n')
    const before = inodes()
    for (const args of [['site-x'], ['site-x'], ['site-x', '--no-cache']]) {
      expect((await render(...args)).stdout).toBe('site-x: 1 app, 3 objects: no change in 6 files\n')
    }
    expect(inodes()).toEqual(before)
  })

  test.each<[name: string, change: () => void, args: string[], want: string]>([
    ['a value', () => workspace.edit(values, 'replicas: 2', 'replicas: 3'), [], '1 changed, 5 unchanged'],
    ['a template of the base', () => workspace.edit(template, 'name: http', 'name: web'), [], '1 changed, 5 unchanged'],
    [
      'decapod.yaml',
      () => workspace.edit('decapod.yaml', 'revision: main', 'revision: next'),
      [],
      '2 changed, 4 unchanged',
    ],
    ['a new patch', () => patch(), [], '1 changed, 5 unchanged'],
    [
      'a file of the output',
      () => workspace.edit(deployment, 'replicas: 2', 'replicas: 9'),
      [],
      '1 changed, 5 unchanged',
    ],
    ['an output that is gone', () => rmSync(join(workspace.dir, 'rendered'), { recursive: true }), [], '6 added'],
    ['a stale file', () => workspace.write('rendered/site-x/x.yaml', ''), [], '1 removed, 6 unchanged'],
    ['another place for the output', () => {}, ['--out', 'elsewhere'], '6 added'],
    ['nothing, but the format', () => {}, ['--format', 'verbatim'], '3 changed, 3 unchanged'],
    ['nothing', () => {}, [], 'no change in 6 files'],
  ])('is done again after a change of %s', async (_, change, args, want) => {
    await render('site-x')
    await render('site-x')
    change()
    expect((await render('site-x', ...args)).stdout).toBe(`site-x: 1 app, 3 objects: ${want}\n`)
    const once = look().filter(line => line.includes('/rendered/site-x'))
    expect((await render('site-x', ...args)).stdout).toContain('no change in 6 files')
    expect((await render('site-x', '--no-cache', ...args)).stdout).toContain('no change in 6 files')
    expect(look().filter(line => line.includes('/rendered/site-x'))).toEqual(once)
  })

  function patch(): void {
    workspace.write(
      'sites/site-x/hello/hello/kustomization.yaml',
      'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches:\n' +
        '- patch: \'[{"op": "add", "path": "/metadata/labels", "value": {"x": "y"}}]\'\n  target: {kind: Service}\n',
    )
  }

  test('tells its warnings and failures again, with their places', async () => {
    workspace.edit(template, 'data:\n', 'data:\n  x: {{ fail "no" }}\n')
    const first = await render('site-x')
    expect(first.code).toBe(1)
    expect(first.stderr).toContain('hello.yaml:4:9')
    const seconds = (text: string): string => text.replace(/in [\d.]+ s/, 'in 0 s')
    const again = await render('site-x')
    expect({ ...again, stderr: seconds(again.stderr) }).toEqual({ ...first, stderr: seconds(first.stderr) })
    // A failure names lines, so lines that moved are found.
    workspace.write(template, `# a comment\n${workspace.read(template)}`)
    expect((await render('site-x')).stderr).toContain('hello.yaml:5:9')
  })

  test('--dry-run says each time what would change', async () => {
    for (let i = 0; i < 2; i++)
      expect((await render('site-x', '--dry-run')).stdout).toBe('site-x: 1 app, 3 objects: would be 6 added\n')
    expect((await render('site-x')).stdout).toBe('site-x: 1 app, 3 objects: 6 added\n')
  })

  test('of a damaged cache nothing is taken', async () => {
    await render('site-x')
    for (const entry of readdirSync(join(cache, 'renders'))) writeFileSync(join(cache, 'renders', entry), 'x')
    workspace.edit(values, 'replicas: 2', 'replicas: 3')
    expect((await render('site-x')).stdout).toBe('site-x: 1 app, 3 objects: 1 changed, 5 unchanged\n')
  })

  test('a random value stays, by the cache and without it', async () => {
    workspace.edit(template, 'data:\n', 'data:\n  password: {{ randAlphaNum 16 }}\n')
    await render('site-x')
    for (const args of [['site-x'], ['site-x', '--no-cache']]) {
      expect((await render(...args)).stdout).toContain('no change in 6 files')
    }
    workspace.edit(values, 'replicas: 2', 'replicas: 3')
    expect((await render('site-x')).stdout).toContain('1 changed, 5 unchanged')
  })

  test('nothing is cached in a directory that everybody may write', async () => {
    expect((await runCli(['render', 'site-x'], workspace.dir, {})).code).toBe(0)
    expect((await runCli(['render', 'site-x'], workspace.dir, {})).stdout).toContain('no change in 6 files')
  })
})

// The swap itself is killed at many more moments in test/io/output.test.ts.
test('kill -9 at any moment of a render leaves the old or the new tree, and the next render works', async () => {
  const states = new Map<number, string>()
  const content = (): string => {
    recoverTrees(join(workspace.dir, 'rendered'))
    const files = readFiles(join(workspace.dir, 'rendered/site-x'))
    return JSON.stringify([...files].map(([path, bytes]) => [path, String(bytes)]).sort())
  }
  const set = (replicas: number): void =>
    workspace.write(values, workspace.read(values).replace(/replicas: \d+/, `replicas: ${replicas}`))
  for (const replicas of [2, 3]) {
    set(replicas)
    await render('site-x')
    states.set(replicas, content())
  }
  const environment = { PATH: process.env['PATH'], DECAPOD_CACHE: cache }
  const started = performance.now()
  await killed(Number.POSITIVE_INFINITY)
  const whole = performance.now() - started
  let moved = 0
  const kills = 20
  for (let i = 0; i < kills; i++) {
    const before = content()
    const replicas = before === states.get(2) ? 3 : 2
    set(replicas)
    await killed((whole * (i + 1)) / 10)
    const after = content()
    expect([before, states.get(replicas)]).toContain(after)
    if (after !== before) moved++
    // An entry of the cache that was being written is not taken for a whole one.
    expect((await render('site-x')).code).toBe(0)
    expect(content()).toBe(states.get(replicas))
  }
  // The kills fell on both sides of the write, or the test shows nothing.
  expect(moved).toBeGreaterThan(0)
  expect(moved).toBeLessThan(kills)

  async function killed(after: number): Promise<void> {
    const child = spawn(process.execPath, [builtProgram(), 'render', 'site-x'], {
      cwd: workspace.dir,
      env: environment,
      stdio: 'ignore',
    })
    const timer = Number.isFinite(after) ? setTimeout(() => child.kill('SIGKILL'), after) : undefined
    await new Promise(done => child.once('exit', done))
    clearTimeout(timer)
  }
}, 120_000)
