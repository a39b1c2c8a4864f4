import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { formatGitBundle, objectsOf, type SnapshotFile, snapshotFiles, treeId } from '../../src/bundle/git-snapshot.ts'
import { digestOf } from '../../src/io/cache.ts'

let dir: string
const git = (...args: string[]): string =>
  execFileSync('git', ['-c', 'init.defaultBranch=main', ...args], { cwd: dir, encoding: 'utf8', stdio: 'pipe' })
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'decapod-snapshot-'))
  git('init', '--quiet', '--bare', '.')
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const none: ReadonlySet<string> = new Set()
const files = (more: Record<string, string | SnapshotFile> = {}): Map<string, SnapshotFile> =>
  new Map(
    Object.entries({
      'a/b/deep.yaml': 'deep: true\n',
      // git sorts directories as if they ended in a slash: "a.txt" < "a/" < "a0".
      'a.txt': 'before',
      a0: 'after',
      'empty.yaml': '',
      'bin/run.sh': { bytes: Buffer.from('#!/bin/sh\n'), executable: true },
      // Longer than one stored block of 65535 bytes.
      'long.json': 'x'.repeat(200_000),
      'block.json': 'y'.repeat(65_535),
      'übung/한글.yaml': 'name: 이름\n',
      'with space "quoted"\\.yaml': '1',
      ...more,
    }).map(([path, file]) => [path, typeof file === 'string' ? { bytes: Buffer.from(file) } : file] as const),
  )

function unbundle(name: string, bytes: Buffer): void {
  writeFileSync(join(dir, name), bytes)
  git('bundle', 'verify', '--quiet', name)
  git('fetch', '--quiet', name, '+refs/*:refs/*')
  git('fsck', '--strict', '--no-dangling')
}

test('git reads what was written, bytes and modes', () => {
  const snapshot = snapshotFiles(files(), 'All of it\n', undefined)
  unbundle('1.bundle', formatGitBundle('refs/heads/main', snapshot, undefined, none))
  expect(git('rev-parse', 'main').trim()).toBe(snapshot.commit)
  expect(git('rev-parse', 'main^{tree}').trim()).toBe(treeId(snapshot.files))
  const listed = git('ls-tree', '-r', '-z', '--full-tree', 'main').split('\0').filter(Boolean)
  expect(
    Object.fromEntries(listed.map(line => [line.split('\t')[1]!, line.split('\t')[0]!.replace(' blob', '')])),
  ).toEqual({ ...snapshot.files })
  for (const [path, { bytes }] of files())
    expect(
      execFileSync('git', ['show', `main:${path}`], { cwd: dir, maxBuffer: 1 << 24 }).equals(Buffer.from(bytes)),
      path,
    ).toBe(true)
})

test('the order of the files does not matter, and the bytes are those of every machine', () => {
  const bundle = (given: Map<string, SnapshotFile>): Buffer =>
    formatGitBundle('refs/heads/main', snapshotFiles(given, 'm\n', undefined), undefined, none)
  const bytes = bundle(files())
  expect(bundle(new Map([...files()].reverse())).equals(bytes)).toBe(true)
  // Pinned: neither git nor zlib has a say in it.
  expect(digestOf(bytes)).toBe('sha256:e4a34e02b7339ce5adfc7ae6fe2bd8e0edd89bdb4f38a3d86ae3ca7598fecd88')
})

test('a delta holds what is new and builds on the commit before', () => {
  const one = snapshotFiles(files(), 'm\n', undefined)
  const two = snapshotFiles(files({ 'a/b/deep.yaml': 'deep: false\n' }), 'm\n', one.commit)
  const delta = formatGitBundle('refs/heads/main', two, one.commit, objectsOf(one.files))
  expect(delta.length).toBeLessThan(2000)
  writeFileSync(join(dir, '2.bundle'), delta)
  expect(() => git('fetch', '--quiet', '2.bundle', '+refs/*:refs/*')).toThrow(/lacks these prerequisite/)
  unbundle('1.bundle', formatGitBundle('refs/heads/main', one, undefined, none))
  unbundle('2.bundle', delta)
  expect(git('show', 'main:a/b/deep.yaml')).toBe('deep: false\n')
  expect(git('rev-list', '--count', 'main').trim()).toBe('2')
})

test('the objects of a commit follow from the list of its files', () => {
  const { files: listed, objects, commit } = snapshotFiles(files(), 'm\n', undefined)
  expect([...objectsOf(listed), commit].sort()).toEqual(objects.map(o => o.id).sort())
})
