/** The built program with several threads: what it tells and writes is what one thread would, whatever happens to them. */
import { spawn, spawnSync } from 'node:child_process'
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { readFiles, recoverTrees } from '../../src/io/output.ts'
import { builtProgram } from '../support/built.ts'
import { SharedFairly } from '../support/threads.ts'
import { TestWorkspace } from '../support/workspace.ts'

// Many processes, one after the other.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

const template = 'base/hello/charts/hello/templates/hello.yaml'
const values = (site: string): string => `sites/${site}/hello/site-values.yaml`
const key = { DECAPOD_RANDOM_KEY: 'a secret of the team' }

let workspace: TestWorkspace
beforeEach(() => {
  workspace = new TestWorkspace()
})
afterEach(() => workspace.remove())

interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

function decapod(dir: string, args: readonly string[], env: Record<string, string> = {}): Ran {
  const { status, stdout, stderr } = spawnSync(process.execPath, [builtProgram(), ...args], {
    cwd: dir,
    env: { PATH: process.env['PATH'], DECAPOD_CACHE: join(dir, '.cache'), ...env },
    encoding: 'utf8',
  })
  return { code: status, stdout, stderr: stderr.replace(/ in [\d.]+ s$/m, ' in N s').replaceAll(dir, 'DIR') }
}

/** Runs with so many threads, of which at least two had something to do. */
function onThreads(dir: string, args: readonly string[], jobs: number): Ran {
  const fairly = new SharedFairly()
  try {
    const ran = decapod(dir, [...args, '--jobs', String(jobs)], { ...key, ...fairly.env })
    expect(fairly.threads).toBeGreaterThan(1)
    return ran
  } finally {
    fairly.remove()
  }
}

describe('one, two and four threads are one', () => {
  /** Rendered before: good sites, one that warns, one whose template now fails, one that does not compose, a new one. */
  let prepared: TestWorkspace
  beforeAll(() => {
    prepared = new TestWorkspace()
    for (const name of ['site-a', 'site-b', 'site-c', 'site-d', 'site-e', 'site-f']) prepared.addSite(name)
    const random = '  password: {{ randAlphaNum 16 }}\n  sum: {{ randAlphaNum 9 | sha256sum }}\n'
    prepared.edit(template, '\ndata:\n', `\ndata:\n${random}`)
    prepared.write(
      'base/hello/charts/hello/templates/secret.yaml',
      'apiVersion: v1\nkind: Secret\nmetadata: {name: token, namespace: hello}\nstringData: {token: abcdefgh}\n',
    )
    expect(decapod(prepared.dir, ['render', '--all', '--jobs', '1'], key).code).toBe(0)
    prepared.edit(values('site-a'), 'replicas: 2', 'replicas: 2\n      greeting: CHANGEME')
    prepared.edit(values('site-b'), 'replicas: 2', 'replicas: 2\n      host: ""')
    prepared.edit(values('site-c'), 'replicas: 2', 'replicas: 3')
    prepared.edit(values('site-d'), 'replicas: 2', 'replicas: $(no)')
    prepared.addSite('site-g')
    prepared.edit('decapod.yaml', 'revision: main', 'revision: next')
  })
  afterAll(() => prepared.remove())

  /** What so many threads tell, and what is then below rendered/. */
  function outcome(jobs: number, args: readonly string[]): { ran: Ran; rendered: ReadonlyMap<string, string> } {
    const dir = `${prepared.dir}-${jobs}`
    try {
      cpSync(prepared.dir, dir, { recursive: true })
      const ran = jobs === 1 ? decapod(dir, [...args, '--jobs', '1'], key) : onThreads(dir, args, jobs)
      const files = readFiles(join(dir, 'rendered'))
      return { ran, rendered: new Map([...files].map(([path, bytes]) => [path, bytes.toString()])) }
    } finally {
      rmSync(dir, { recursive: true, force: true })
    }
  }

  test.each<[name: string, args: string[]]>([
    ['everything', ['render', '--all']],
    ['--keep-going, and placeholders as warnings', ['render', '--all', '--keep-going', '--placeholders', 'warn']],
    ['--json', ['--json', 'render', '--all']],
    ['--quiet', ['--quiet', 'render', '--all', '--placeholders', 'off']],
    ['--dry-run', ['render', '--all', '--dry-run', '--no-cache']],
    ['--format verbatim', ['render', '--all', '--format', 'verbatim']],
    ['parts of sites', ['render', 'site-f/hello', 'site-e/hello/hello', 'site-c', 'site-x/hello/hello', 'site-a']],
    ['--check', ['render', '--all', '--check']],
    ['--check --json', ['--json', 'render', '--all', '--check', '--placeholders', 'warn']],
  ])('%s', (_, args) => {
    const one = outcome(1, args)
    expect(one.ran.code).toBe(1)
    expect(one.ran.stdout + one.ran.stderr).toContain('site-c')
    expect(outcome(2, args)).toEqual(one)
    expect(outcome(4, args)).toEqual(one)
  })

  test('some sites are new, some changed, some kept where they fail', () => {
    const { ran } = outcome(2, ['render', '--all', '--keep-going', '--placeholders', 'warn'])
    expect(ran.stdout).toBe(
      [
        'site-a: 1 app, 4 objects: 4 changed, 3 unchanged',
        'site-b: 0 apps, 0 objects, 1 error: 2 changed, 5 unchanged',
        'site-c: 1 app, 4 objects: 3 changed, 4 unchanged',
        'site-d: 0 apps, 0 objects, 1 error: 2 changed, 5 unchanged',
        'site-e: 1 app, 4 objects: 2 changed, 5 unchanged',
        'site-f: 1 app, 4 objects: 2 changed, 5 unchanged',
        'site-g: 1 app, 4 objects: 7 added',
        'site-x: 1 app, 4 objects: 2 changed, 5 unchanged',
        '',
      ].join('\n'),
    )
  })

  test('what ends a run early', () => {
    // Sites behind it may be written by then.
    const args = ['render', 'site-c', 'site-e/hello/helo', 'site-f', 'site-x/hello/no']
    const { ran } = outcome(1, args)
    expect(ran.code).toBe(1)
    expect(ran.stderr).toContain('error APP_NOT_FOUND: site-e/hello has no app "helo"')
    expect(outcome(2, args).ran).toEqual(ran)
    expect(outcome(4, args).ran).toEqual(ran)
  })
})

describe('a thread that dies', () => {
  test('of too much memory costs its site; the others are rendered', () => {
    for (let i = 0; i < 6; i++) workspace.addSite(`site-${i}`)
    const eats = 'const all = []; for (;;) all.push(new Array(10_000).fill(0))'
    const fairly = new SharedFairly(eats, '--max-old-space-size=200')
    const { code, stdout, stderr } = decapod(workspace.dir, ['render', '--all', '--jobs', '2'], fairly.env)
    fairly.remove()
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error LIMIT_EXCEEDED: site-\d takes more memory than a thread may have\n {2}hint: /m)
    expect(stderr).not.toMatch(/^ +at /m)
    expect(stdout.match(/: 1 app, 3 objects: 6 added\n/g)).toHaveLength(6)
    expect(stdout.match(/: 0 apps, 0 objects, 1 error: not written\n/g)).toHaveLength(1)
    // And the next render finds nothing amiss.
    expect(decapod(workspace.dir, ['render', '--all', '--jobs', '2']).stdout.match(/6 added/g)).toHaveLength(1)
  })

  test('before it can do anything is not missed', () => {
    for (let i = 0; i < 6; i++) workspace.addSite(`site-${i}`)
    const broken = 'import { isMainThread } from "node:worker_threads"; if (!isMainThread) throw new Error("no")'
    const env = { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(broken)}` }
    const { code, stdout, stderr } = decapod(workspace.dir, ['render', '--all', '--jobs', '3'], env)
    expect([code, stderr]).toEqual([0, '7 sites, 7 apps in N s\n'])
    expect(stdout.match(/6 added/g)).toHaveLength(7)
  })

  test('of a defect is told as one of decapod', () => {
    for (let i = 0; i < 6; i++) workspace.addSite(`site-${i}`)
    const fairly = new SharedFairly('process.exit(7)')
    const { code, stderr } = decapod(workspace.dir, ['render', '--all', '--jobs', '2'], fairly.env)
    fairly.remove()
    expect(code).toBe(1)
    expect(stderr).toContain('this is a defect of decapod')
    expect(stderr).toContain('a thread ended with exit code 7')
  })
})

test('kill -9 or Ctrl-C at any moment leaves old or new trees, and the next render works', async () => {
  const sites = ['site-x', ...Array.from({ length: 5 }, (_, i) => `site-${i}`)]
  for (const site of sites.slice(1)) workspace.addSite(site)
  const set = (replicas: number): void => {
    for (const site of sites) {
      workspace.write(values(site), workspace.read(values(site)).replace(/replicas: \d+/, `replicas: ${replicas}`))
    }
  }
  const trees = (): string[] => {
    recoverTrees(join(workspace.dir, 'rendered'))
    return sites.map(site => JSON.stringify([...readFiles(join(workspace.dir, 'rendered', site))].map(String).sort()))
  }
  const states: string[][] = []
  for (const replicas of [2, 3]) {
    set(replicas)
    expect(decapod(workspace.dir, ['render', '--all', '--jobs', '2']).code).toBe(0)
    states.push(trees())
  }
  const started = performance.now()
  await ended(Number.POSITIVE_INFINITY)
  const whole = performance.now() - started
  let moved = 0
  const kills = 12
  for (let i = 0; i < kills; i++) {
    const before = trees()
    const after = states[i % 2]!
    set(2 + (i % 2))
    // Now amid the sites, when the first is told, and now at any moment.
    await ended(i % 2 === 0 ? 'told' : (whole * i) / 6, i % 3 === 0 ? 'SIGINT' : 'SIGKILL')
    for (const [at, tree] of trees().entries()) {
      expect([before[at], after[at]]).toContain(tree)
      if (tree !== before[at]) moved++
    }
    expect(decapod(workspace.dir, ['render', '--all', '--jobs', '2']).code).toBe(0)
    expect(trees()).toEqual(after)
  }
  // The kills fell on both sides of the writes, or the test shows nothing.
  expect(moved).toBeGreaterThan(0)
  expect(moved).toBeLessThan(kills * sites.length)

  async function ended(when: number | 'told', signal?: NodeJS.Signals): Promise<void> {
    const child = spawn(process.execPath, [builtProgram(), 'render', '--all', '--jobs', '2'], {
      cwd: workspace.dir,
      env: { PATH: process.env['PATH'], DECAPOD_CACHE: join(workspace.dir, '.cache') },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const kill = (): unknown => signal && child.kill(signal)
    child.stdout.on('data', () => when === 'told' && kill())
    const timer = typeof when === 'number' && Number.isFinite(when) ? setTimeout(kill, when) : undefined
    await new Promise(done => child.once('exit', done))
    clearTimeout(timer)
  }
}, 240_000)
