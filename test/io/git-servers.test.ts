/** git over what it is served by: its http-backend with and without TLS, its daemon, OpenSSH. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { basic } from '../../src/io/credentials.ts'
import type { GitSettings } from '../../src/io/git.ts'
import { fetchGitTree, type GitSource } from '../../src/io/git-source.ts'
import { cloneUrl, parseRepoSpec, repositorySource } from '../../src/kustomize/repo-spec.ts'
import { makeCertificates, startHttp } from '../support/servers.ts'
import { hasSshd, makeRepository, startGitDaemon, startGitHttp, startSshd } from '../support/source-servers.ts'

let dir: string
let commits: string[]
// Nothing of this machine's git: its CAs, helpers and proxies are not what is tested.
const env = { PATH: process.env['PATH'], HOME: '/nonexistent' }
const login = basic({ username: 'us er', password: 'planted-secret:%"$' })
const userInfo = 'us%20er:planted-secret%3A%25%22$'

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'decapod-git-servers-'))
  makeRepository(dir, 'sub.git', [{ files: { 'sub.yaml': 'sub' } }])
  commits = makeRepository(dir, 'main.git', [
    { files: { 'base/a.yaml': 'a1' }, tag: 'v1', branch: 'old' },
    { files: { 'base/a.yaml': 'a2' } },
    { files: { 'base/a.yaml': 'a3', 'readme.md': 'r' }, submodules: { 'base/sub': '../sub.git' } },
  ])
  makeRepository(dir, 'evil.git', [{ files: { 'a.yaml': 'a' }, submodules: { sub: join(dir, 'sub.git') } }])
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const contents = async (source: GitSource, settings: GitSettings = { env }): Promise<Record<string, string>> => {
  const { files } = await fetchGitTree(settings, source)
  return Object.fromEntries(files.map(f => [f.path, f.bytes.toString()]))
}
const all = { 'a.yaml': 'a3', 'sub/sub.yaml': 'sub' }

/** What every transport must do. */
async function checkAll(url: string, settings: GitSettings): Promise<void> {
  expect(await contents({ url, path: 'base' }, settings)).toEqual(all)
  expect(await contents({ url, path: 'base', submodules: false }, settings)).toEqual({ 'a.yaml': 'a3' })
  expect(await contents({ url, path: 'base', ref: 'v1' }, settings)).toEqual({ 'a.yaml': 'a1' })
  expect(await contents({ url, path: 'base', ref: 'old' }, settings)).toEqual({ 'a.yaml': 'a1' })
  // A commit that no branch ends in: what a lock pins.
  expect(await contents({ url, path: 'base', ref: commits[1]! }, settings)).toEqual({ 'a.yaml': 'a2' })
}

test('http-backend', async () => {
  const server = await startGitHttp(dir)
  await checkAll(`http://${server.host}/main.git`, { env })
  await server.stop()
})

test('http-backend with TLS by our CA and a password in the URL, which git alone gets to see', async () => {
  const tls = makeCertificates(dir)
  const server = await startGitHttp(dir, { tls, authorization: login })
  const url = `https://${userInfo}@${server.host}/main.git`
  const settings = { env: { ...env, SSL_CERT_FILE: join(dir, 'ca.crt') } }
  // The submodule's URL is relative: it is asked for as its parent was.
  expect(await contents({ url, path: 'base' }, settings)).toEqual(all)
  expect(server.seen).toContain(login)
  await expect(contents({ url }, { env })).rejects.toThrow(/certificate|CA/i)
  const wrong = contents({ url: `https://user:planted-secret@${server.host}/main.git` }, settings)
  const error = (await wrong.catch((thrown: unknown) => thrown)) as Error & { hint: string }
  expect(error.message).toMatch(/Authentication failed/)
  expect(error.message).not.toContain('planted-secret')
  expect(error.hint).toContain('credentials')
  await server.stop()
})

test('a submodule on this machine is refused to a repository from elsewhere', async () => {
  const server = await startGitHttp(dir)
  await expect(contents({ url: `http://${server.host}/evil.git` })).rejects.toThrow(
    /lies on this machine .*, which is refused/,
  )
  expect(await contents({ url: `http://${server.host}/evil.git`, submodules: false })).toEqual({
    'a.yaml': 'a',
    '.gitmodules': expect.any(String),
  })
  await server.stop()
})

test('mirrors hold for submodules too', async () => {
  const server = await startGitHttp(dir)
  makeRepository(dir, 'far.git', [{ files: { 'a.yaml': 'a' } }])
  const mirror = (url: string): string => url.replace(/^git:\/\/nowhere\.invalid/, `http://${server.host}`)
  const url = 'git://nowhere.invalid/main.git'
  // The parent is mirrored by whoever asks; what it names relatively, and absolutely, by the table.
  const tree = await fetchGitTree({ env, mirror }, { url: mirror(url), path: 'base' })
  expect(tree.files.map(f => f.path)).toEqual(['a.yaml', 'sub/sub.yaml'])
  await server.stop()
})

test('git daemon', async () => {
  const server = await startGitDaemon(dir)
  await checkAll(`git://${server.host}/main.git`, { env })
  await server.stop()
})

describe.skipIf(!hasSshd)(`ssh${hasSshd ? '' : ' (skipped: sshd not installed)'}`, () => {
  test('ssh:// and the short form', async () => {
    const home = mkdtempSync(join(tmpdir(), 'decapod-sshd-'))
    const server = await startSshd(home)
    const [host, port] = server.host.split(':')
    const { USER: user = 'root' } = process.env
    const settings = { env: { ...env, GIT_SSH_COMMAND: server.command } }
    // Each costs a log-in: one with all, one pinned, one in the short form.
    const url = `ssh://${user}@${server.host}${dir}/main.git`
    expect(await contents({ url, path: 'base', ref: 'v1' }, settings)).toEqual({ 'a.yaml': 'a1' })
    expect(await contents({ url, path: 'base', ref: commits[1]! }, settings)).toEqual({ 'a.yaml': 'a2' })
    const short = { env: { ...env, GIT_SSH_COMMAND: `${server.command} -p ${port}` } }
    expect(await contents({ url: `${user}@${host}:${dir}/main.git`, path: 'base' }, short)).toEqual(all)
    const denied = {
      env: {
        ...env,
        GIT_SSH_COMMAND:
          'ssh -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -F /dev/null -o IdentitiesOnly=yes -i /nonexistent',
      },
    }
    await expect(contents({ url: `ssh://${user}@${server.host}${dir}/main.git` }, denied)).rejects.toMatchObject({
      message: expect.stringContaining('Permission denied'),
      hint: expect.stringContaining('ssh key'),
    })
    await server.stop()
    rmSync(home, { recursive: true, force: true })
  })
})

test('a server that never answers is given up', async () => {
  const server = await startHttp(() => {})
  const began = performance.now()
  await expect(contents({ url: `http://${server.host}/main.git` }, { env, timeout: 300 })).rejects.toThrow(
    /after 0.3 s without being done/,
  )
  expect(performance.now() - began).toBeLessThan(5000)
  await server.stop()
})

test.each<[url: string, clone: string, source: Record<string, unknown>]>([
  ['github.com/o/r//path?ref=x', 'https://github.com/o/r', { ref: 'x', submodules: true }],
  ['git@github.com:o/r.git//path?ref=v1.0', 'git@github.com:o/r.git', { ref: 'v1.0' }],
  ['https://git.example.com/o/r.git//p?version=v2', 'https://git.example.com/o/r.git', { ref: 'v2' }],
  ['https://git.example.com/o/r//p?submodules=false', 'https://git.example.com/o/r', { submodules: false }],
  ['https://git.example.com/o/r//p?timeout=1m30s', 'https://git.example.com/o/r', { timeoutSeconds: 90 }],
  ['https://git.example.com/o/r//p?timeout=61&ref=a', 'https://git.example.com/o/r', { timeoutSeconds: 61, ref: 'a' }],
  ['ssh://git@git.example.com:2222/o/r//p', 'ssh://git@git.example.com:2222/o/r', { ref: '' }],
])('kustomize: %s', (url, clone, source) => {
  const spec = parseRepoSpec(url)!
  expect(cloneUrl(spec)).toBe(clone)
  expect(repositorySource(spec)).toMatchObject({ kind: 'git', url: clone, path: '', ...source })
  if (!('timeoutSeconds' in source)) expect(repositorySource(spec)).not.toHaveProperty('timeoutSeconds')
})
