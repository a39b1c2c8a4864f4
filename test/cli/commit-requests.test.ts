import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ForgeKind } from '../../src/io/forge.ts'
import { type CliResult, runCli } from '../support/cli.ts'
import { type RunningForge, startForge } from '../support/forge-server.ts'
import type { RunningServer } from '../support/servers.ts'
import { startGitHttp } from '../support/source-servers.ts'
import { gitEnvironment, TestWorkspace } from '../support/workspace.ts'

/** A forge's two halves: git over HTTP, and its interface. */
let workspace: TestWorkspace
let remotes: string
let remote: string
let gitServer: RunningServer
let forge: RunningForge | undefined
const token = 'planted-token'
beforeEach(async () => {
  workspace = new TestWorkspace()
  remotes = mkdtempSync(join(tmpdir(), 'decapod-remotes-'))
  remote = join(remotes, 'platform', 'manifests.git')
  mkdirSync(join(remotes, 'platform'))
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', remote])
  execFileSync('git', ['-C', remote, 'config', 'http.receivepack', 'true'])
  gitServer = await startGitHttp(remotes)
  workspace.edit(
    'decapod.yaml',
    'https://git.example.com/platform/manifests.git',
    `http://${gitServer.host}/platform/manifests.git`,
  )
}, 30_000)
afterEach(async () => {
  workspace.remove()
  await forge?.stop()
  forge = undefined
  await gitServer.stop()
  rmSync(remotes, { recursive: true, force: true })
})

const environment = { ...gitEnvironment, SOURCE_DATE_EPOCH: '1700000000' }
const git = (...args: string[]): string => execFileSync('git', ['-C', remote, ...args], { encoding: 'utf8' })
const branches = (): string[] => git('for-each-ref', '--format=%(refname:short)').trim().split('\n')

async function commit(...args: string[]): Promise<CliResult> {
  const { code, stdout, stderr } = await runCli(['commit', ...args], workspace.dir, {
    ...environment,
    GITHUB_TOKEN: token,
    GITLAB_TOKEN: token,
    GITEA_TOKEN: token,
  })
  expect(stdout + stderr).not.toContain(token)
  const plain = (text: string): string => workspace.plain(text).replaceAll(gitServer.host, 'GIT')
  return { code, stdout: plain(stdout), stderr: plain(stderr).replace(/at [0-9a-f]{12}/, 'at HEAD') }
}

async function propose(kind: ForgeKind, ...args: string[]): Promise<CliResult> {
  forge ??= await startForge({ kind, project: 'platform/manifests', token })
  return commit(...args, '--pr', '--forge', kind, '--forge-url', `http://${forge.host}`)
}

describe.each<ForgeKind>(['github', 'gitlab', 'gitea'])('%s', kind => {
  test('a branch and a request; again nothing; a change updates both; undone, it is closed', async () => {
    await commit('site-x')
    const main = git('rev-parse', 'main')
    workspace.edit('sites/site-x/hello/site-values.yaml', 'replicas: 2', 'replicas: 0')
    const first = await propose(kind, 'site-x')
    expect(first.stderr).toBe('main of http://GIT/platform/manifests.git: at HEAD\n')
    expect(first.stdout).toMatch(/^site-x: 1 changed, 5 unchanged: request opened, https:\/\/forge\.example\/\S+\/1\n$/)
    expect(git('rev-parse', 'main', 'decapod/main/site-x^')).toBe(main + main)
    const [request] = forge!.requests
    expect(request).toMatchObject({ head: 'decapod/main/site-x', base: 'main', title: 'Render site-x', state: 'open' })
    expect(request!.body).toContain('**0 added, 1 changed, 0 removed in 1 site, 1 risk**')
    expect(request!.body).toContain('spec.replicas: 2 → 0')
    expect(request!.body).toMatch(/^- Decapod-Engine: `\d/m)

    const head = git('rev-parse', 'decapod/main/site-x')
    expect((await propose(kind, 'site-x')).stdout).toContain(
      'site-x: 1 changed, 5 unchanged: request is up to date, https://forge.',
    )
    expect(git('rev-parse', 'decapod/main/site-x')).toBe(head)

    workspace.edit('sites/site-x/hello/site-values.yaml', 'replicas: 0', 'replicas: 5')
    expect((await propose(kind, 'site-x', '-m', 'Five')).stdout).toContain('request updated')
    expect(git('rev-parse', 'decapod/main/site-x^')).toBe(main)
    expect(forge!.requests).toMatchObject([{ title: 'Five' }])
    expect(forge!.requests[0]!.body).toContain('spec.replicas: 2 → 5')

    workspace.edit('sites/site-x/hello/site-values.yaml', 'replicas: 5', 'replicas: 2')
    expect((await propose(kind, 'site-x')).stdout).toMatch(/^site-x: no change, no request: request closed, https/)
    expect(forge!.requests.map(r => r.state)).toEqual(['closed'])
    expect(branches()).toEqual(['main'])
    expect(git('rev-parse', 'main')).toBe(main)
  })
})

test('each site has a branch and a request of its own; one that is as it should be has none', async () => {
  workspace.addSite('site-y')
  workspace.addSite('site-z')
  await commit('--all')
  workspace.edit('sites/site-x/hello/site-values.yaml', 'replicas: 2', 'replicas: 3')
  workspace.edit('sites/site-y/hello/site-values.yaml', 'replicas: 2', 'replicas: 3')
  const { code, stdout } = await propose('gitea', '--all')
  expect([code, stdout.replace(/https\S+/g, 'URL')]).toEqual([
    0,
    'site-x: 1 changed, 5 unchanged: request opened, URL\nsite-y: 1 changed, 5 unchanged: request opened, URL\nsite-z: no change, no request\n',
  ])
  expect(branches()).toEqual(['decapod/main/site-x', 'decapod/main/site-y', 'main'])
  expect(git('diff', '--stat', 'main', 'decapod/main/site-y')).not.toContain('site-x')
})

test('when others change the branch to merge into elsewhere, the request stands; when they change the site, it is renewed', async () => {
  workspace.addSite('site-y')
  await commit('--all')
  workspace.edit('sites/site-x/hello/site-values.yaml', 'replicas: 2', 'replicas: 3')
  await propose('gitlab', 'site-x')
  const head = git('rev-parse', 'decapod/main/site-x')
  workspace.edit('sites/site-y/hello/site-values.yaml', 'replicas: 2', 'replicas: 7')
  await commit('site-y')
  await propose('gitlab', 'site-x')
  expect(git('rev-parse', 'decapod/main/site-x')).toBe(head)

  workspace.edit('sites/site-x/hello/site-values.yaml', 'replicas: 3', 'replicas: 4')
  await commit('site-x')
  workspace.edit('sites/site-x/hello/site-values.yaml', 'replicas: 4', 'replicas: 3')
  await propose('gitlab', 'site-x')
  expect(git('rev-parse', 'decapod/main/site-x^')).toBe(git('rev-parse', 'main'))
  expect(forge!.requests).toHaveLength(1)
  expect(forge!.requests[0]!.body).toContain('spec.replicas: 4 → 3')
})

test('what was drawn at random for a request stays in it', async () => {
  await commit('site-x')
  workspace.write(
    'base/hello/charts/hello/templates/secret.yaml',
    'apiVersion: v1\nkind: Secret\nmetadata: {name: hello}\nstringData: {password: "{{ randAlphaNum 20 }}"}\n',
  )
  await propose('gitea', 'site-x')
  const head = git('rev-parse', 'decapod/main/site-x')
  expect((await propose('gitea', 'site-x')).stdout).toContain('request is up to date')
  expect(git('rev-parse', 'decapod/main/site-x')).toBe(head)
})

test('a commit of somebody else’s on the branch is not written over', async () => {
  await commit('site-x')
  workspace.edit('sites/site-x/hello/site-values.yaml', 'replicas: 2', 'replicas: 3')
  await propose('gitea', 'site-x')
  const clone = join(remotes, 'clone')
  execFileSync('git', ['clone', '--quiet', '--branch', 'decapod/main/site-x', remote, clone], { stdio: 'ignore' })
  writeFileSync(join(clone, 'by-hand'), '')
  execFileSync('git', ['add', '.'], { cwd: clone })
  execFileSync('git', ['commit', '--quiet', '-m', 'by hand'], {
    cwd: clone,
    env: { ...process.env, ...gitEnvironment },
  })
  execFileSync('git', ['push', '--quiet'], { cwd: clone })
  workspace.edit('sites/site-x/hello/site-values.yaml', 'replicas: 3', 'replicas: 4')
  const { code, stdout, stderr } = await propose('gitea', 'site-x')
  expect([code, stdout]).toEqual([1, 'site-x: failed, not proposed\n'])
  expect(stderr).toContain('the branch "decapod/main/site-x" ends with a commit that is not of decapod')
})

test('a dry run asks no forge, needs no token, and pushes nothing', async () => {
  await commit('site-x')
  workspace.edit('sites/site-x/hello/site-values.yaml', 'replicas: 2', 'replicas: 3')
  const args = ['commit', 'site-x', '--pr', '--forge', 'gitea', '--dry-run']
  const { code, stdout } = await runCli(args, workspace.dir, environment)
  expect([code, stdout]).toEqual([0, 'site-x: 1 changed, 5 unchanged: would be proposed\n'])
  expect(branches()).toEqual(['main'])
})

test('--json', async () => {
  await commit('site-x')
  workspace.edit('sites/site-x/hello/site-values.yaml', 'replicas: 2', 'replicas: 3')
  const { repositories } = JSON.parse((await propose('gitea', 'site-x', '--json')).stdout) as {
    repositories: unknown[]
  }
  expect(repositories).toMatchObject([
    {
      branch: 'main',
      sites: [
        {
          site: 'site-x',
          status: 'proposed',
          change: { changed: ['hello/hello/Deployment_hello.yaml'] },
          request: {
            branch: 'decapod/main/site-x',
            done: 'opened',
            url: 'https://forge.example/platform/manifests/pull/1',
          },
          errors: [],
        },
      ],
    },
  ])
})

test('a change of hundreds of objects makes a text that a forge takes', async () => {
  const many = 'base/hello/charts/hello/templates/many.yaml'
  const object = (text: string): string =>
    `{{ range $i := until 600 }}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c{{ $i }}\ndata:\n` +
    `  text: {{ repeat 300 "${text}" }}\n{{ end }}`
  workspace.write(many, object('x'))
  await commit('site-x')
  workspace.write(many, object('y'))
  expect((await propose('github', 'site-x')).code).toBe(0)
  const { body } = forge!.requests[0]!
  expect(body.length).toBeLessThan(65_536)
  expect(body.length).toBeGreaterThan(50_000)
  expect(body).toContain('**0 added, 600 changed, 0 removed in 1 site**')
  expect(body).toMatch(/\d+ further objects not shown here: `decapod diff` shows all of it\./)
  expect(body).toContain('Decapod-Engine')
}, 60_000)

test('too many deletions are refused, as in a commit', async () => {
  const extra = 'base/hello/charts/hello/templates/extra.yaml'
  workspace.write(extra, 'apiVersion: v1\nkind: Namespace\nmetadata: {name: precious}\n')
  await commit('site-x')
  workspace.write(extra, '')
  const { code, stdout } = await propose('gitea', 'site-x')
  expect([code, stdout]).toEqual([1, 'site-x: refused, not proposed\n'])
  expect(branches()).toEqual(['main'])
  expect((await propose('gitea', 'site-x', '--allow-deletion-of', 'Namespace')).code).toBe(0)
  expect(forge!.requests[0]!.body).toContain('| high | hello/hello Namespace precious (v1) |')
})

describe('what cannot be', () => {
  test('a site that fails is not proposed', async () => {
    await commit('site-x')
    workspace.edit('sites/site-x/site.yaml', 'site-x.example.com', 'CHANGEME')
    expect(await propose('gitea', 'site-x')).toMatchObject({ code: 1, stdout: 'site-x: failed, not proposed\n' })
    expect(branches()).toEqual(['main'])
    expect(forge!.asked).toEqual([])
  })

  test('no branch to merge into', async () => {
    const { code, stderr } = await propose('gitea', 'site-x')
    expect(code).toBe(1)
    expect(stderr).toContain(
      'the repository has no branch "main" to merge into\n  hint: the first commit is made without --pr',
    )
  })

  test('a forge that refuses: the branch is there, and the next run opens the request', async () => {
    await commit('site-x')
    workspace.edit('sites/site-x/hello/site-values.yaml', 'replicas: 2', 'replicas: 3')
    forge = await startForge({ kind: 'gitea', project: 'platform/manifests', token: 'another' })
    const { code, stderr } = await propose('gitea', 'site-x')
    expect(code).toBe(1)
    expect(stderr).toContain(
      'error FORGE_FAILED: Gitea, platform/manifests: cannot list requests: 401: Bad credentials',
    )
    expect(stderr).toContain('hint: the token in GITEA_TOKEN is not accepted')
  })

  test.each<[name: string, args: string[], env: Record<string, string>, stderr: RegExp]>([
    [
      'no token',
      ['--forge', 'gitlab'],
      {},
      /there is no token for 127\.0\.0\.1\n {2}hint: set GITLAB_TOKEN in the environment/,
    ],
    [
      'a host that does not say what it is',
      [],
      {},
      /the name of 127\.0\.0\.1 does not say what it runs\n {2}hint: name it: --forge/,
    ],
    [
      'a path as repository',
      ['--repo', '/srv/manifests.git'],
      {},
      /\/srv\/manifests\.git is not the URL of a repository on GitHub/,
    ],
    ['an unknown forge', ['--forge', 'bitbucket'], {}, /Allowed choices are github, gitlab, gitea/],
    ['a URL that is none', ['--forge-url', 'git.example.com'], {}, /A URL with http or https/],
  ])('%s', async (_, args, env, stderr) => {
    const got = await runCli(['commit', 'site-x', '--pr', ...args], workspace.dir, { ...environment, ...env })
    expect([got.code, got.stdout]).toEqual([2, ''])
    expect(got.stderr).toMatch(stderr)
  })
})
