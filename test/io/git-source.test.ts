import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fetchGitTree, type GitSource } from '../../src/io/git-source.ts'

let dir: string
let commits: string[]
const settings = {
  env: { ...process.env, GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'protocol.file.allow', GIT_CONFIG_VALUE_0: 'always' },
}
const inRepository = (repository: string, ...args: string[]): string =>
  execFileSync(
    'git',
    [
      '-C',
      join(dir, repository),
      '-c',
      'user.name=t',
      '-c',
      'user.email=t@example.com',
      '-c',
      'protocol.file.allow=always',
      ...args,
    ],
    { encoding: 'utf8' },
  ).trim()

function commit(repository: string, files: Record<string, string>, links: Record<string, string> = {}): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, repository, path)), { recursive: true })
    writeFileSync(join(dir, repository, path), text)
  }
  for (const [path, target] of Object.entries(links)) symlinkSync(target, join(dir, repository, path))
  inRepository(repository, 'add', '-A')
  inRepository(repository, 'commit', '--quiet', '--allow-empty', '-m', 'x')
  return inRepository(repository, 'rev-parse', 'HEAD')
}

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'decapod-git-source-'))
  for (const name of ['sub', 'main']) execFileSync('git', ['init', '--quiet', '--initial-branch=main', join(dir, name)])
  commit('sub', { 'sub.yaml': 'from the submodule' })
  const first = commit('main', { 'base/a.yaml': 'a1', 'readme.md': 'r' })
  inRepository('main', 'tag', 'v1')
  inRepository('main', 'branch', 'old')
  inRepository('main', 'submodule', 'add', '--quiet', '../sub', 'base/modules/sub')
  const second = commit(
    'main',
    { 'base/a.yaml': 'a2', 'shared/s.yaml': 's', '.gitattributes': '* export-ignore\n' },
    { 'base/link.yaml': '../readme.md', 'base/shared': '../shared' },
  )
  commits = [first, second]
  execFileSync('git', ['init', '--quiet', '--initial-branch=main', join(dir, 'evil')])
  commit('evil', { 'a.yaml': 'a' }, { passwd: '/etc/passwd', up: '../outside', round: 'round' })
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const fetched = async (source: Partial<GitSource>): Promise<{ commit: string; files: Record<string, string> }> => {
  const { commit, files } = await fetchGitTree(settings, { url: `file://${join(dir, 'main')}`, ...source })
  return { commit, files: Object.fromEntries(files.map(f => [f.path, f.bytes.toString()])) }
}

test.each<[name: string, source: Partial<GitSource>, commit: 0 | 1, files: Record<string, string>]>([
  ['a tag', { ref: 'v1' }, 0, { 'base/a.yaml': 'a1', 'readme.md': 'r' }],
  ['a branch', { ref: 'old', path: 'base' }, 0, { 'a.yaml': 'a1' }],
  [
    'HEAD: links are what they lead to, attributes do not hide files',
    { path: 'base', submodules: false },
    1,
    { 'a.yaml': 'a2', 'link.yaml': 'r', 'shared/s.yaml': 's' },
  ],
  [
    'submodules',
    { path: 'base' },
    1,
    { 'a.yaml': 'a2', 'link.yaml': 'r', 'modules/sub/sub.yaml': 'from the submodule', 'shared/s.yaml': 's' },
  ],
  ['a directory inside a submodule', { path: 'base/modules/sub' }, 1, { 'sub.yaml': 'from the submodule' }],
])('%s', async (_, source, commit, files) => {
  expect(await fetched(source)).toEqual({ commit: commits[commit], files })
})

test('a commit, whole or short', async () => {
  expect((await fetched({ ref: commits[0]!, path: 'base' })).files).toEqual({ 'a.yaml': 'a1' })
  expect((await fetched({ ref: commits[0]!.slice(0, 9), path: 'base' })).commit).toBe(commits[0])
})

test.each<[name: string, source: Partial<GitSource>, message: RegExp]>([
  ['no such ref', { ref: 'v9' }, /has no branch, tag or commit "v9"/],
  ['no such directory', { path: 'nowhere' }, /has no directory "nowhere"/],
  ['a ref that is an option', { ref: '--upload-pack=touch /tmp/x' }, /is not a git ref/],
  ['a URL that is an option', { url: '--upload-pack=x' }, /is not a git URL/],
  ['a URL that runs a command', { url: 'ext::sh -c true' }, /not allowed/],
  ['a way out', { path: '../..' }, /leads out of the repository/],
])('%s', async (_, source, message) => {
  await expect(fetched(source)).rejects.toThrow(message)
})

test('links out of the repository are refused', async () => {
  await expect(fetched({ url: `file://${join(dir, 'evil')}` })).rejects.toThrow(
    /leads out of the repository or around in a circle/,
  )
})
