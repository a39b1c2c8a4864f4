import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DecapodError } from '../../src/errors.ts'
import { type CommitOptions, commitSites, openManifests, type SiteCommit } from '../../src/io/manifests-repository.ts'
import { breakLock, killGroup } from '../support/killed.ts'

let dir: string
let remote: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'decapod-manifests-'))
  remote = join(dir, 'remote.git')
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', remote])
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const options = (more: Partial<CommitOptions> = {}): CommitOptions => ({
  git: { env: process.env },
  url: remote,
  branch: 'main',
  author: { name: 'decapod', email: 'decapod@example.com' },
  now: 1_700_000_000,
  sleep: ms => new Promise(done => setTimeout(done, ms)),
  random: Math.random,
  ...more,
})
const site = (name: string, files: Record<string, string>, message = `Render ${name}\n`): SiteCommit => ({
  site: name,
  files: new Map(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)])),
  message,
})
const git = (...args: string[]): string => execFileSync('git', ['-C', remote, ...args], { encoding: 'utf8' })
const tree = (): string[] => git('ls-tree', '-r', '--name-only', 'main').trim().split('\n')

test('makes the branch, then changes only its own site', async () => {
  await commitSites([site('site-x', { 'lma/a.yaml': '1', 'lma/b.yaml': '2' })], options())
  await commitSites([site('site-y', { 'lma/a.yaml': '1' })], options())
  await commitSites([site('site-x', { 'lma/a.yaml': '1!', 'new dir/"c".yaml': '3' })], options())
  expect(tree()).toEqual(['site-x/lma/a.yaml', '"site-x/new dir/\\"c\\".yaml"', 'site-y/lma/a.yaml'])
  expect(git('show', 'main:site-x/lma/a.yaml')).toBe('1!')
  expect(git('rev-list', '--count', 'main').trim()).toBe('3')
})

test('one commit per site, none for a site that is up to date', async () => {
  await commitSites([site('b', { x: '1' }), site('a', { x: '1' })], options())
  const again = await commitSites([site('b', { x: '2' }), site('a', { x: '1' })], options())
  expect(again.committed).toEqual(['b'])
  expect(git('log', '--format=%s', 'main').trim().split('\n')).toEqual(['Render b', 'Render b', 'Render a'])
  const none = await commitSites([site('b', { x: '2' })], options())
  expect(none).toMatchObject({ committed: [], tries: 1 })
  expect(git('rev-list', '--count', 'main').trim()).toBe('3')
})

test('the same input makes the same commit', async () => {
  const first = await commitSites([site('a', { x: '1', y: '2' })], options())
  const second = await commitSites([site('a', { y: '2', x: '1' })], options({ branch: 'other' }))
  expect(second.head).toBe(first.head)
})

test('a path keeps the rest of the repository out of reach', async () => {
  await commitSites([site('docs', { 'readme.md': 'hello' })], options())
  await commitSites([{ ...site('site-x', { 'a.yaml': '1' }), path: 'clusters/site-x' }], options())
  expect(tree()).toEqual(['clusters/site-x/a.yaml', 'docs/readme.md'])
  // Nothing in a path is a pattern.
  await commitSites([{ ...site('site-y', { 'a.yaml': '1' }), path: 'clusters/[a-z]*' }], options())
  await commitSites([{ ...site('site-y', { 'b.yaml': '1' }), path: 'clusters/[a-z]*' }], options())
  expect(tree()).toEqual(['clusters/[a-z]*/b.yaml', 'clusters/site-x/a.yaml', 'docs/readme.md'])
})

test('the guard sees what would go and can refuse', async () => {
  await commitSites([site('site-x', { 'a.yaml': 'kind: A', 'b.yaml': 'kind: B', 'c.yaml': 'kind: C' })], options())
  const { refused, committed } = await commitSites(
    [site('site-x', { 'a.yaml': 'kind: A', 'c.yaml': 'kind: D' }), site('site-y', { 'a.yaml': 'kind: A' })],
    options({
      guard: ({ site: name, before, after, old }) =>
        name === 'site-y'
          ? undefined
          : new DecapodError(
              'DELETION_REFUSED',
              `${[...before].map(([path, bytes]) => `${path}=${bytes}`).join()}; ${[...after.keys()].join()} of ${[...old].join()}`,
            ),
    }),
  )
  expect(refused.get('site-x')?.message).toBe('b.yaml=kind: B,c.yaml=kind: C; a.yaml,c.yaml of a.yaml,b.yaml,c.yaml')
  // One site's trouble does not hold up the others.
  expect(committed).toEqual(['site-y'])
  expect(tree()).toHaveLength(4)
})

test('a site that others changed meanwhile is made anew from what they left', async () => {
  await commitSites([site('s', { password: 'first', x: '0' })], options())
  const manifests = await openManifests(options())
  try {
    const last = await manifests.read('s')
    await commitSites([site('s', { password: 'second', x: '0' })], options())
    const render = (old: ReadonlyMap<string, Uint8Array>): Map<string, Uint8Array> =>
      new Map([
        ['password', old.get('password')!],
        ['x', Buffer.from('1')],
      ])
    const done = await manifests.commit([{ ...site('s', {}), files: render(last), again: render }], options())
    expect(done).toMatchObject({ committed: ['s'], tries: 2 })
    expect([git('show', 'main:s/password'), git('show', 'main:s/x')]).toEqual(['second', '1'])
  } finally {
    await manifests.dispose()
  }
})

test('a plan pushes nothing', async () => {
  const manifests = await openManifests(options())
  try {
    const plan = await manifests.plan([site('s', { x: '1' })], options())
    expect(plan.changes.get('s')).toEqual({ added: ['x'], changed: [], removed: [], unchanged: 0 })
    expect(git('for-each-ref').trim()).toBe('')
  } finally {
    await manifests.dispose()
  }
})

test('8 committers at once: every commit is there, none mixed', async () => {
  await commitSites([site('seed', { x: '0' })], options())
  const names = Array.from({ length: 8 }, (_, i) => `site-${i}`)
  await Promise.all(
    names.map(async name => {
      for (let round = 1; round <= 3; round++) {
        await commitSites(
          [
            site(
              name,
              Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`f${i}.yaml`, `${name} ${round}`])),
              `${name} round ${round}\n`,
            ),
          ],
          options(),
        )
      }
    }),
  )
  const subjects = git('log', '--format=%s', 'main').trim().split('\n')
  for (const name of names)
    expect(subjects.filter(s => s.startsWith(`${name} `)).reverse()).toEqual([1, 2, 3].map(r => `${name} round ${r}`))
  for (const commit of git('rev-list', 'main', '--max-count=24').trim().split('\n')) {
    const touched = new Set(
      git('diff-tree', '--no-commit-id', '--name-only', '-r', commit)
        .trim()
        .split('\n')
        .map(p => p.split('/')[0]),
    )
    expect([...touched]).toEqual([git('log', '-1', '--format=%s', commit).split(' ')[0]])
  }
  for (const name of names) expect(git('show', `main:${name}/f3.yaml`)).toBe(`${name} 3`)
}, 120_000)

test('killed at any moment: the remote is at the old or the new commit', async () => {
  const module = resolve(import.meta.dirname, '../../dist/src/io/manifests-repository.js')
  if (!existsSync(module)) throw new Error('run "npm run build" first: this test kills a process of the built code')
  const script = join(dir, 'committer.mjs')
  writeFileSync(
    script,
    `import { commitSites } from ${JSON.stringify(module)}
     const [, , url, n] = process.argv
     const files = new Map(Array.from({ length: 40 }, (_, i) => ['f' + i, Buffer.from('generation ' + n)]))
     await commitSites([{ site: 's', files, message: 'generation ' + n + '\\n' }], { git: { env: process.env }, url, branch: 'main',
       author: { name: 'd', email: 'd@example.com' }, now: 1, sleep: ms => new Promise(r => setTimeout(r, ms)), random: Math.random })`,
  )
  await commitSites(
    [site('s', Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`f${i}`, 'generation 0'])), 'generation 0\n')],
    options(),
  )
  let before = '0'
  for (let n = 1; n <= 15; n++) {
    const child = spawn(process.execPath, [script, remote, String(n)], { stdio: 'ignore', detached: true })
    await new Promise(done => setTimeout(done, 40 + n * 14))
    await killGroup(child)
    breakLock(remote)
    const now = git('log', '-1', '--format=%s', 'main').trim().split(' ')[1]!
    expect([before, String(n)]).toContain(now)
    const contents = new Set(Array.from({ length: 40 }, (_, i) => git('show', `main:s/f${i}`)))
    expect([...contents]).toEqual([`generation ${now}`])
    before = now
  }
  // What a kill left behind does not stand in the way of the next commit.
  await commitSites([site('s', { only: 'this' })], options())
  expect(tree()).toEqual(['s/only'])
}, 120_000)

test('a secret in the URL shows nowhere', async () => {
  const failed = await commitSites(
    [site('a', { x: '1' })],
    options({ url: 'http://user:planted-secret@127.0.0.1:9/x.git' }),
  ).catch((e: unknown) => e as DecapodError)
  expect(failed).toBeInstanceOf(DecapodError)
  expect(
    JSON.stringify([(failed as DecapodError).message, (failed as DecapodError).hint, (failed as DecapodError).stack]),
  ).not.toContain('planted-secret')
})
