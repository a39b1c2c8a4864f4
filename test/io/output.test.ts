import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readFiles, recoverTrees, removeTree, replaceTree } from '../../src/io/output.ts'

let out: string
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'decapod-output-'))
})
afterEach(() => rmSync(out, { recursive: true, force: true }))

const files = (entries: Record<string, string>): Map<string, Buffer> =>
  new Map(Object.entries(entries).map(([path, text]) => [path, Buffer.from(text)]))
const text = (dir: string): Record<string, string> =>
  Object.fromEntries([...readFiles(dir)].sort().map(([path, bytes]) => [path, bytes.toString()]))

test('writes, changes and removes what is stale', () => {
  replaceTree(out, 'site-x', files({ 'lma/a.yaml': '1', 'lma/b.yaml': '2', 'c.yaml': '3' }))
  const kept = statSync(join(out, 'site-x/c.yaml')).ino
  const change = replaceTree(out, 'site-x', files({ 'lma/a.yaml': '1!', 'd/e.yaml': '4', 'c.yaml': '3' }))
  expect(change).toEqual({ added: ['d/e.yaml'], changed: ['lma/a.yaml'], removed: ['lma/b.yaml'], unchanged: 1 })
  expect(text(join(out, 'site-x'))).toEqual({ 'c.yaml': '3', 'd/e.yaml': '4', 'lma/a.yaml': '1!' })
  expect(statSync(join(out, 'site-x/c.yaml')).ino).toBe(kept)
})

test('leaves an unchanged tree alone', () => {
  replaceTree(out, 'site-x', files({ 'a.yaml': '1' }))
  const before = statSync(join(out, 'site-x')).ino
  replaceTree(out, 'site-x', files({ 'a.yaml': '1' }))
  expect(statSync(join(out, 'site-x')).ino).toBe(before)
})

test.each(['../x', '/etc/x', 'a/../../x', 'a//b', ''])('refuses the path %j', path => {
  expect(() => replaceTree(out, 'site-x', files({ [path]: '' }))).toThrow(/not a path inside/)
})

test('another writer is named, a dead one is not waited for', () => {
  replaceTree(out, 'site-x', files({ 'a.yaml': '1' }))
  writeFileSync(join(out, '.decapod/site-x.lock'), String(process.ppid))
  expect(() => replaceTree(out, 'site-x', files({ 'a.yaml': '2' }))).toThrow(
    `another decapod (process ${process.ppid})`,
  )
  writeFileSync(join(out, '.decapod/site-x.lock'), '999999999')
  replaceTree(out, 'site-x', files({ 'a.yaml': '2' }))
  expect(text(join(out, 'site-x'))).toEqual({ 'a.yaml': '2' })
})

test('a tree caught between the two renames comes back', () => {
  replaceTree(out, 'site-x', files({ 'a.yaml': '1' }))
  renameSync(join(out, 'site-x'), join(out, '.decapod/site-x.old'))
  recoverTrees(out)
  expect(text(join(out, 'site-x'))).toEqual({ 'a.yaml': '1' })
})

test('a disk that refuses leaves the old tree whole', () => {
  replaceTree(out, 'site-x', files({ 'a.yaml': '1' }))
  // A name longer than any file system takes.
  expect(() => replaceTree(out, 'site-x', files({ 'a.yaml': '2', ['b'.repeat(300)]: '' }))).toThrow(
    /the name is too long; site-x is left as it was/,
  )
  expect(text(join(out, 'site-x'))).toEqual({ 'a.yaml': '1' })
})

test('removes a site', () => {
  replaceTree(out, 'site-x', files({ 'a.yaml': '1' }))
  expect(removeTree(out, 'site-x')).toBe(true)
  expect(existsSync(join(out, 'site-x'))).toBe(false)
})

/**
 * A process writes tree after tree, each with its generation in every file, and is killed at many moments. What stands
 * afterwards must be one generation, whole.
 */
test('kill -9 at any moment leaves the old or the new tree', async () => {
  const script = join(out, 'writer.mjs')
  const module = resolve(import.meta.dirname, '../../dist/src/io/output.js')
  if (!existsSync(module)) throw new Error('run "npm run build" first: this test kills a process of the built code')
  writeFileSync(
    script,
    `import { replaceTree } from ${JSON.stringify(module)}
     const out = process.argv[2]
     for (let n = Number(process.argv[3]); ; n++) {
       const files = new Map()
       for (let i = 0; i < 60 + (n % 3); i++) files.set('g' + (i % 5) + '/f' + i + '.yaml', Buffer.from('generation ' + n))
       replaceTree(out, 'site-x', files)
       if (n === Number(process.argv[3])) process.stdout.write('first\\n')
     }`,
  )
  const target = join(out, 'tree')
  mkdirSync(target)
  let swapped = 0
  for (let kill = 0; kill < 40; kill++) {
    const child = spawn(process.execPath, [script, target, String(kill * 1_000_000)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await new Promise(resolve => child.stdout.once('data', resolve))
    await new Promise(resolve => setTimeout(resolve, Math.random() * 25))
    child.kill('SIGKILL')
    await new Promise(resolve => child.once('exit', resolve))
    if (!existsSync(join(target, 'site-x'))) swapped++
    recoverTrees(target)
    const found = new Set([...readFiles(join(target, 'site-x')).values()].map(String))
    expect(found.size, [...found].join(', ')).toBe(1)
    const n = Number([...found][0]!.split(' ')[1])
    expect(readFiles(join(target, 'site-x')).size).toBe(60 + (n % 3))
  }
  expect(swapped).toBeLessThan(20)
  expect(readFileSync(join(target, '.decapod/.gitignore'), 'utf8')).toBe('*\n')
}, 60_000)
