import { execFile, execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { version } from '../../src/cli/version.ts'
import { builtProgram } from '../support/built.ts'
import { type CliResult, runCli } from '../support/cli.ts'
import { breakLock, killGroup } from '../support/killed.ts'
import { gitEnvironment, TestWorkspace } from '../support/workspace.ts'

let workspace: TestWorkspace
let remotes: string
let remote: string
beforeEach(() => {
  workspace = new TestWorkspace()
  remotes = mkdtempSync(join(tmpdir(), 'decapod-remotes-'))
  remote = join(remotes, 'manifests.git')
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', remote])
  workspace.edit('decapod.yaml', 'https://git.example.com/platform/manifests.git', remote)
})
afterEach(() => {
  workspace.remove()
  rmSync(remotes, { recursive: true, force: true })
})

const environment = { ...gitEnvironment, SOURCE_DATE_EPOCH: '1700000000' }

async function commit(...args: string[]): Promise<CliResult> {
  const { code, stdout, stderr } = await runCli(['commit', ...args], workspace.dir, environment)
  const plain = (text: string): string => workspace.plain(text).replaceAll(remote, 'REMOTE')
  return { code, stdout: plain(stdout), stderr: plain(stderr).replace(/at [0-9a-f]{12}/, 'at HEAD') }
}
const git = (...args: string[]): string => execFileSync('git', ['-C', remote, ...args], { encoding: 'utf8' })
const commits = (): string[] => git('log', '--format=%s', 'main').trim().split('\n')
const files = (): string[] => git('ls-tree', '-r', '--name-only', 'main').trim().split('\n')

test('renders and commits; a second time there is nothing to commit', async () => {
  expect(await commit('site-x')).toEqual({
    code: 0,
    stdout: 'site-x: 6 added: committed\n',
    stderr: 'main of REMOTE: at HEAD\n',
  })
  const head = git('rev-parse', 'main')
  expect(await commit('site-x')).toEqual({
    code: 0,
    stdout: 'site-x: no change, no commit\n',
    stderr: 'main of REMOTE: at HEAD\n',
  })
  expect(git('rev-parse', 'main')).toBe(head)
  expect(files()).toContain('rendered/site-x/hello/hello/Deployment_hello.yaml')
  // What is committed is what render writes, to the byte.
  await runCli(['render', 'site-x'], workspace.dir)
  for (const file of files()) expect(git('show', `main:${file}`)).toBe(workspace.read(file))
})

test('author, time, message and trailers say who and what', async () => {
  workspace.gitInit()
  workspace.write('decapod.lock', 'version: 1\nsources: {}\n')
  await commit('site-x')
  const head = workspace.git('rev-parse', 'HEAD').trim()
  expect(git('log', '-1', '--format=%an <%ae> %ct%n%B', 'main').trim()).toBe(
    `Test <test@example.com> 1700000000
Render site-x

Files: 6 added

Decapod-Base: ${head}
Decapod-Site: ${head}
Decapod-Lock: sha256:${createHash('sha256').update(workspace.read('decapod.lock')).digest('hex')}
Decapod-Engine: ${version}`,
  )
  // git itself reads them as trailers.
  expect(git('log', '-1', '--format=%(trailers:key=Decapod-Engine,valueonly)', 'main').trim()).toBe(version)

  workspace.edit('sites/site-x/hello/site-values.yaml', 'replicas: 2', 'replicas: 3')
  await commit('site-x', '-m', 'Three of them\n\nFor the fair.', '--author', 'Ada L <ada@example.com>')
  const body = git('log', '-1', '--format=%an <%ae>%n%B', 'main')
  expect(body).toMatch(/^Ada L <ada@example.com>\nThree of them\n\nFor the fair.\n\nFiles: 1 changed\n\nDecapod-Base: /)
  expect(body).toContain(`Decapod-Base: ${head}\nDecapod-Site: ${head}-dirty\n`)
})

test('the same input makes the same commit', async () => {
  await commit('site-x')
  await commit('site-x', '--branch', 'other')
  expect(git('rev-parse', 'other')).toBe(git('rev-parse', 'main'))
})

test('one commit per site; nothing else in the repository is touched', async () => {
  const scratch = join(remotes, 'clone')
  execFileSync('git', ['clone', '--quiet', remote, scratch], { stdio: 'ignore' })
  writeFileSync(join(scratch, 'README.md'), 'hello\n')
  execFileSync('git', ['add', '.'], { cwd: scratch })
  execFileSync('git', ['commit', '--quiet', '-m', 'readme'], { cwd: scratch, env: gitEnvironment })
  execFileSync('git', ['push', '--quiet', 'origin', 'HEAD:main'], { cwd: scratch })
  workspace.addSite('site-y')
  expect((await commit('--all')).stdout).toBe('site-x: 6 added: committed\nsite-y: 6 added: committed\n')
  expect(commits()).toEqual(['Render site-y', 'Render site-x', 'readme'])
  expect(git('show', 'main:README.md')).toBe('hello\n')
  for (const [at, site] of [
    ['main', 'site-y'],
    ['main~1', 'site-x'],
  ]) {
    const touched = git('diff-tree', '--no-commit-id', '--name-only', '-r', at!).trim().split('\n')
    expect(touched.every(path => path.startsWith(`rendered/${site}/`))).toBe(true)
  }
})

test('--dry-run says what would be committed and pushes nothing', async () => {
  expect(await commit('site-x', '--dry-run')).toEqual({
    code: 0,
    stdout: 'site-x: 6 added: would be committed\n',
    stderr: 'main of REMOTE: not there yet\n',
  })
  expect(git('for-each-ref')).toBe('')
})

test('--json', async () => {
  const report = JSON.parse((await commit('site-x', '--json')).stdout) as { repositories: unknown[] }
  expect(report).toMatchObject({
    dryRun: false,
    repositories: [
      {
        repo: 'REMOTE',
        branch: 'main',
        tries: 1,
        sites: [{ site: 'site-x', path: 'rendered/site-x', status: 'committed', errors: [] }],
      },
    ],
  })
})

test('--rendered commits what is rendered, and refuses what is not', async () => {
  expect(await commit('site-x', '--rendered')).toMatchObject({
    code: 1,
    stdout: 'site-x: failed, not committed\n',
    stderr: expect.stringContaining('nothing is rendered in rendered/site-x\n  hint: decapod render site-x'),
  })
  await runCli(['render', 'site-x', '--out', 'elsewhere'], workspace.dir)
  workspace.edit('elsewhere/site-x/hello/hello/Deployment_hello.yaml', 'replicas: 2', 'replicas: 7')
  expect((await commit('site-x', '--rendered', '--out', 'elsewhere')).code).toBe(0)
  expect(git('show', 'main:rendered/site-x/hello/hello/Deployment_hello.yaml')).toContain('replicas: 7')
})

test('random values stay as the branch has them', async () => {
  workspace.write(
    'base/hello/charts/hello/templates/secret.yaml',
    'apiVersion: v1\nkind: Secret\nmetadata: {name: hello}\nstringData: {password: "{{ randAlphaNum 20 }}"}\n',
  )
  await commit('site-x')
  expect((await commit('site-x')).stdout).toBe('site-x: no change, no commit\n')
})

describe('a site that fails', () => {
  test('is not committed; the others are', async () => {
    workspace.addSite('site-y')
    workspace.edit('sites/site-x/site.yaml', 'site-x.example.com', 'CHANGEME')
    const { code, stdout, stderr } = await commit('--all')
    expect(code).toBe(1)
    expect(stdout).toBe('site-x: failed, not committed\nsite-y: 6 added: committed\n')
    expect(stderr).toContain('error PLACEHOLDER')
    expect(files().some(file => file.includes('site-x/'))).toBe(false)
  })
})

describe('deletions', () => {
  const object = (kind: string, name: string, apiVersion = 'v1'): string =>
    `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: ${name}}\n`
  const extra = 'base/hello/charts/hello/templates/extra.yaml'
  const many = (n: number): string =>
    Array.from({ length: n }, (_, i) => object('ConfigMap', `extra-${i}`)).join('---\n')

  test('up to the budget are made', async () => {
    workspace.write(extra, many(5))
    await commit('site-x')
    workspace.write(extra, many(0))
    expect(await commit('site-x')).toMatchObject({ code: 0, stdout: 'site-x: 5 removed, 6 unchanged: committed\n' })
  })

  test('above it are refused, with the words that allow them; others are committed', async () => {
    workspace.addSite('site-y')
    workspace.write(extra, many(20))
    await commit('--all')
    workspace.write(extra, `{{ if eq .Values.host "hello.site-y.example.com" }}${many(20)}{{ end }}`)
    workspace.edit('sites/site-y/hello/site-values.yaml', 'replicas: 2', 'replicas: 3')
    const head = git('rev-parse', 'main')
    const refused = await commit('--all')
    expect(refused.code).toBe(1)
    expect(refused.stdout).toBe('site-x: refused, not committed\nsite-y: 1 changed, 25 unchanged: committed\n')
    expect(refused.stderr).toContain(
      'error DELETION_REFUSED: site-x: 20 of 26 objects would be deleted, and the budget is 5\n' +
        '  - ConfigMap extra-0  (hello/hello/ConfigMap_extra-0.yaml)\n',
    )
    expect(refused.stderr).toContain('  … and 10 more\n')
    expect(refused.stderr).toMatch(/if it is meant, say so: --allow-deletions 20\n/)
    expect(git('rev-parse', 'main~1')).toBe(head)

    // A dry run refuses too: it says what the commit would do.
    expect((await commit('site-x', '--dry-run')).code).toBe(1)
    for (const budget of ['19', '50%']) expect((await commit('site-x', '--allow-deletions', budget)).code).toBe(1)
    expect((await commit('site-x', '--allow-deletions', '20')).code).toBe(0)
  })

  test('the budget of decapod.yaml', async () => {
    workspace.edit('decapod.yaml', '  revision: main\n', '  revision: main\n  deletions: {budget: 0}\n')
    workspace.write(extra, many(1))
    await commit('site-x')
    workspace.write(extra, many(0))
    expect((await commit('site-x')).stderr).toMatch(/1 of 7 objects would be deleted, and the budget is 0/)
    workspace.edit('decapod.yaml', 'budget: 0', 'budget: 20%')
    expect((await commit('site-x')).code).toBe(0)
  })

  test.each<[name: string, kind: string, apiVersion: string]>([
    ['a Namespace', 'Namespace', 'v1'],
    ['a CRD', 'CustomResourceDefinition', 'apiextensions.k8s.io/v1'],
    ['a StatefulSet', 'StatefulSet', 'apps/v1'],
    ['a cluster of Cluster API', 'Cluster', 'cluster.x-k8s.io/v1beta1'],
  ])('of %s need its name', async (_, kind, apiVersion) => {
    workspace.write(extra, object(kind, 'precious', apiVersion))
    await commit('site-x')
    workspace.write(extra, '')
    const refused = await commit('site-x')
    expect(refused).toMatchObject({ code: 1, stdout: 'site-x: refused, not committed\n' })
    expect(refused.stderr.replace(/\s+/g, ' ')).toContain(
      `an object of a protected kind would be deleted: ${kind} - ${kind} precious`,
    )
    // The budget is another matter.
    expect((await commit('site-x', '--allow-deletions', 'all')).code).toBe(1)
    expect((await commit('site-x', '--allow-deletion-of', `Secret,${kind}`)).code).toBe(0)
  })

  test('a kind of the same name in another group is none of them', async () => {
    workspace.write(extra, object('Cluster', 'cattle', 'example.com/v1'))
    await commit('site-x')
    workspace.write(extra, '')
    expect((await commit('site-x')).code).toBe(0)
  })

  test('protected kinds of decapod.yaml', async () => {
    workspace.edit('decapod.yaml', '  revision: main\n', '  revision: main\n  deletions: {protected: [ConfigMap]}\n')
    workspace.write(extra, object('ConfigMap', 'a') + '---\n' + object('Namespace', 'b'))
    await commit('site-x')
    workspace.write(extra, object('ConfigMap', 'a'))
    expect((await commit('site-x')).code).toBe(0)
    workspace.write(extra, '')
    expect((await commit('site-x')).stderr).toContain('ConfigMap')
  })

  test('an object that moves is not deleted; one whose file another takes is', async () => {
    workspace.edit('decapod.yaml', '  revision: main\n', '  revision: main\n  deletions: {budget: 0}\n')
    const inNamespace = (namespace: string): string =>
      `${object('ConfigMap', 'a').replace('{name', `{namespace: ${namespace}, name`)}`
    workspace.write(extra, inNamespace('one'))
    await commit('site-x')
    // Two of one name: the second says its namespace in its file, and the first file is the other's now.
    workspace.write(extra, `${inNamespace('zero')}---\n${inNamespace('one')}`)
    expect((await commit('site-x')).code).toBe(0)
    workspace.write(extra, inNamespace('two'))
    expect((await commit('site-x')).stderr).toMatch(/2 of 8 objects/)
  })
})

describe('refused before anything is rendered', () => {
  test.each<[name: string, args: string[], code: number, stderr: RegExp]>([
    ['no site', [], 2, /error USAGE: which site\?\n {2}hint: name one of site-x, or give --all/],
    [
      'a misspelt site',
      ['site-z'],
      1,
      /error SITE_NOT_FOUND: no site "site-z" in sites\n {2}hint: did you mean "site-x"/,
    ],
    ['a part of a site', ['site-x/hello/hello'], 2, /error USAGE: a commit is of whole sites: name "site-x"/],
    ['a branch that is none', ['site-x', '--branch=--force'], 2, /"--force" is not the name of a branch/],
    ['an author without address', ['site-x', '--author', 'me'], 2, /An author is 'NAME <EMAIL>'/],
    ['a budget that is none', ['site-x', '--allow-deletions', 'some'], 2, /A number, a percentage or all/],
    [
      'a repository that is not there',
      ['site-x', '--repo', '/nonexistent.git'],
      1,
      /error GIT_FAILED: git fetch: .*hint: check the repository URL/s,
    ],
    [
      'an option as repository',
      ['site-x', '--repo=--upload-pack=touch x'],
      1,
      /error SOURCE_INVALID: "--upload-pack=touch x" is not a git URL/,
    ],
    ['the root of the repository', ['site-x', '--path', '../..'], 1, /cannot be \.\.\/\.\.\/site-x/],
  ])('%s', async (_, args, code, stderr) => {
    const got = await commit(...args)
    expect(got.stderr).toMatch(stderr)
    expect([got.code, got.stdout]).toEqual([code, ''])
    expect(git('for-each-ref')).toBe('')
  })

  test('no repository', async () => {
    workspace.write('decapod.yaml', '')
    expect((await commit('site-x')).stderr).toMatch(
      /^sites\/site-x\/site.yaml: error CONFIG_INVALID: site "site-x" has no manifests repository/,
    )
    expect((await commit('site-x', '--repo', remote)).code).toBe(0)
  })

  test.each(['path: .', 'path: rendered', 'path: rendered/site-y/inner'])(
    'a site in the way of another: %s',
    async path => {
      workspace.addSite('site-y')
      workspace.edit('sites/site-x/site.yaml', 'variables:', `delivery: {${path}}\nvariables:`)
      const { code, stderr } = await commit('site-x')
      expect(code).toBe(1)
      expect(stderr).toContain('error WORKSPACE_INVALID: the directory of "site-x"')
    },
  )
})

describe('the user\u2019s own git', () => {
  test.each<[name: string, config: string]>([
    [
      'line ends and attributes',
      '[core]\n autocrlf = true\n eol = crlf\n safecrlf = true\n attributesFile = HOME/attributes\n',
    ],
    [
      'large files elsewhere',
      '[filter "lfs"]\n clean = false\n smudge = false\n process = false\n required = true\n[core]\n attributesFile = HOME/lfs\n',
    ],
    ['hooks, by path and by template', '[core]\n hooksPath = HOME/hooks\n[init]\n templateDir = HOME/template\n'],
    [
      'signatures',
      '[commit]\n gpgSign = true\n[push]\n gpgSign = true\n[tag]\n gpgSign = true\n[log]\n showSignature = true\n[gpg]\n program = false\n',
    ],
    ['another hash, another store of refs', '[init]\n defaultObjectFormat = sha256\n defaultRefFormat = reftable\n'],
    [
      'pushes of its own',
      '[push]\n default = nothing\n followTags = true\n recurseSubmodules = check\n[remote "origin"]\n push = refs/heads/*:refs/heads/*\n mirror = true\n',
    ],
    [
      'fetches of its own',
      '[fetch]\n prune = true\n recurseSubmodules = true\n fsckObjects = true\n[remote "origin"]\n fetch = +refs/heads/*:refs/remotes/origin/*\n tagOpt = --tags\n',
    ],
    [
      'output of its own',
      '[color]\n ui = always\n[core]\n quotePath = false\n abbrev = 4\n pager = false\n[status]\n short = true\n branch = true\n showUntrackedFiles = no\n',
    ],
  ])('%s: the same commit', async (_, config) => {
    // Bytes that git would change if it looked.
    workspace.write(
      'base/hello/charts/hello/templates/text.yaml',
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: t}\ndata: {a: "x\\r\\ny"}\n',
    )
    await commit('site-x', '--branch', 'plain')
    const home = join(remotes, 'home')
    for (const dir of ['hooks', 'template/hooks']) {
      mkdirSync(join(home, dir), { recursive: true })
      for (const hook of ['pre-push', 'post-checkout', 'pre-commit', 'post-index-change']) {
        writeFileSync(join(home, dir, hook), `#!/bin/sh\ntouch ${home}/ran\nexit 1\n`, { mode: 0o755 })
      }
    }
    writeFileSync(join(home, 'attributes'), '* text=auto eol=crlf ident working-tree-encoding=UTF-16\n')
    writeFileSync(join(home, 'lfs'), '* filter=lfs diff=lfs merge=lfs -text\n')
    writeFileSync(join(home, 'config'), config.replaceAll('HOME', home))
    const { code, stderr } = await runCli(['commit', 'site-x'], workspace.dir, {
      ...environment,
      GIT_CONFIG_GLOBAL: join(home, 'config'),
    })
    expect([code, stderr.includes('error')]).toEqual([0, false])
    expect(readdirSync(home)).not.toContain('ran')
    expect(git('rev-parse', 'main')).toBe(git('rev-parse', 'plain'))
  })

  test('the variables that git sets for a hook, and others that change what it does', async () => {
    workspace.gitInit()
    await commit('site-x', '--branch', 'plain')
    const { code, stderr } = await runCli(['commit', 'site-x'], workspace.dir, {
      ...environment,
      GIT_DIR: '/nonexistent',
      GIT_WORK_TREE: '/nonexistent',
      GIT_INDEX_FILE: '/nonexistent/index',
      GIT_OBJECT_DIRECTORY: '/nonexistent/objects',
      GIT_QUARANTINE_PATH: '/nonexistent/quarantine',
      GIT_PREFIX: 'sub/',
      GIT_SHALLOW_FILE: '/nonexistent/shallow',
      GIT_GRAFT_FILE: '/nonexistent/grafts',
      GIT_ICASE_PATHSPECS: '1',
      GIT_DEFAULT_HASH: 'sha256',
      GIT_TEMPLATE_DIR: '/nonexistent/template',
      GIT_NAMESPACE: 'other',
      GIT_PROTOCOL_FROM_USER: '0',
      GIT_PUSH_OPTION_COUNT: '0',
      GIT_EDITOR: 'false',
      GIT_SEQUENCE_EDITOR: 'false',
    })
    expect([code, stderr.includes('error')]).toEqual([0, false])
    expect(git('rev-parse', 'main')).toBe(git('rev-parse', 'plain'))
  })

  test('nobody it knows: decapod commits', async () => {
    const { code } = await runCli(['commit', 'site-x'], workspace.dir, {
      PATH: process.env['PATH']!,
      HOME: remotes,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      EMAIL: '',
    })
    expect(code).toBe(0)
    expect(git('log', '-1', '--format=%an <%ae> %cn <%ce>', 'main').trim()).toBe(
      'decapod <decapod@localhost> decapod <decapod@localhost>',
    )
  })

  test('a checkout without a branch, as CI has it: the trailers name its commit', async () => {
    workspace.gitInit()
    workspace.git('checkout', '--quiet', '--detach')
    const head = workspace.git('rev-parse', 'HEAD').trim()
    await commit('site-x')
    expect(git('log', '-1', '--format=%(trailers:key=Decapod-Site,valueonly)', 'main').trim()).toBe(head)
  })
})

describe('a repository that refuses', () => {
  const hook = (name: string, text: string): void =>
    writeFileSync(join(remote, 'hooks', name), `#!/bin/sh\n${text}\n`, { mode: 0o755 })

  test.each<[name: string, hook: string, words: RegExp]>([
    ['before it takes anything', 'pre-receive', /git push to main: no change on fridays; .*pre-receive hook declined/],
    ['a branch', 'update', /git push to main: no change on fridays; .*hook declined/],
  ])('%s: its words are told at once, and the branch is as it was', async (_, name, words) => {
    hook(name, 'echo "no change on fridays" >&2; exit 1')
    const { code, stdout, stderr } = await commit('site-x')
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr.replace(/\s+/g, ' ')).toMatch(words)
    expect(git('for-each-ref')).toBe('')
  })

  test('what hooks of the server print is no failure', async () => {
    hook('post-receive', 'echo "create a merge request: https://git.example.com/x" >&2')
    expect((await commit('site-x')).code).toBe(0)
  })
})

test('a password in the URL shows nowhere', async () => {
  const url = 'http://user:planted-secret@127.0.0.1:9/x.git'
  for (const args of [['--dry-run'], ['--json'], []]) {
    const { code, stdout, stderr } = await commit('site-x', '--repo', url, ...args)
    expect(code).toBe(1)
    expect(stdout + stderr).not.toContain('planted-secret')
    expect(stdout + stderr).toContain('127.0.0.1')
  }
  expect(readdirSync(workspace.dir)).not.toContain('planted-secret')
})

describe('processes', () => {
  const run = (args: readonly string[]): Promise<{ code: number; stderr: string }> =>
    new Promise(done =>
      execFile(
        process.execPath,
        [builtProgram(), 'commit', ...args],
        { cwd: workspace.dir, env: environment },
        (error, _, stderr) => done({ code: error === null ? 0 : Number(error.code), stderr }),
      ),
    )

  test('8 at once: all commits are there, none mixed', async () => {
    const sites = Array.from({ length: 8 }, (_, i) => `site-${i}`)
    for (const site of sites) workspace.addSite(site)
    const results = await Promise.all(sites.map(site => run([site])))
    expect(results.filter(r => r.code !== 0)).toEqual([])
    expect(commits().sort()).toEqual(sites.map(site => `Render ${site}`))
    for (const commit of git('rev-list', 'main').trim().split('\n')) {
      const site = git('log', '-1', '--format=%s', commit).trim().slice('Render '.length)
      const touched = git('diff-tree', '--root', '--no-commit-id', '--name-only', '-r', commit).trim().split('\n')
      expect(new Set(touched.map(path => path.split('/').slice(0, 2).join('/')))).toEqual(new Set([`rendered/${site}`]))
    }
    // Each tree is what a render of that site gives.
    await runCli(['render', ...sites], workspace.dir)
    for (const file of files()) expect(git('show', `main:${file}`)).toBe(workspace.read(file))
    expect(files()).toHaveLength(8 * 6)
  }, 120_000)

  test('killed at any moment: the branch is at the old or the new commit, and whole', async () => {
    await commit('site-x')
    let replicas = 2
    let moved = 0
    // Ever later, until some are through: how long one takes is the machine's business.
    for (let delay = 60; moved < 3 && delay < 20_000; delay *= 1.25) {
      const before = git('rev-parse', 'main').trim()
      workspace.edit('sites/site-x/hello/site-values.yaml', `replicas: ${replicas}`, `replicas: ${replicas + 1}`)
      replicas++
      const child = spawn(process.execPath, [builtProgram(), 'commit', 'site-x'], {
        cwd: workspace.dir,
        env: environment,
        stdio: 'ignore',
        // A group of its own: git is killed with it.
        detached: true,
      })
      await new Promise(done => setTimeout(done, delay))
      await killGroup(child)
      breakLock(remote)
      const after = git('rev-parse', 'main').trim()
      const deployment = git('show', `${after}:rendered/site-x/hello/hello/Deployment_hello.yaml`)
      if (after !== before) {
        moved++
        expect(git('rev-parse', `${after}~1`).trim()).toBe(before)
        expect(deployment).toContain(`replicas: ${replicas}\n`)
      }
      // A push that was cut may leave objects that nothing names: git collects them.
      expect(git('fsck', '--connectivity-only', '--no-dangling', 'main').trim()).toBe('')
      expect(files()).toHaveLength(6)
    }
    // The kills fell on both sides of the push, or the test shows nothing.
    expect(moved).toBe(3)
    expect(replicas - 2).toBeGreaterThan(moved)
    expect((await run(['site-x'])).code).toBe(0)
    expect(git('show', 'main:rendered/site-x/hello/hello/Deployment_hello.yaml')).toContain(`replicas: ${replicas}\n`)
  }, 120_000)
})
