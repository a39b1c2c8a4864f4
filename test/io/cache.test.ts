import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Cache, cacheDirectory, digestOf } from '../../src/io/cache.ts'

let dir: string
let cache: Cache
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'decapod-cache-'))
  cache = new Cache(dir, { env: {}, now: Date.now, sleep: ms => new Promise(done => setTimeout(done, ms)) })
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

test.each<[name: string, env: Record<string, string>, want: string]>([
  ['DECAPOD_CACHE first', { DECAPOD_CACHE: '/c', XDG_CACHE_HOME: '/x', HOME: '/h' }, '/c'],
  ['then XDG', { XDG_CACHE_HOME: '/x', HOME: '/h' }, '/x/decapod'],
  ['then home', { HOME: '/h' }, '/h/.cache/decapod'],
])('directory: %s', (_, env, want) => expect(cacheDirectory(env)).toBe(want))

test('gives back what was written', () => {
  const digest = cache.write(Buffer.from('chart'))
  expect(cache.read(digest)?.toString()).toBe('chart')
  expect(cache.read(digestOf(Buffer.from('other')))).toBeUndefined()
})

test('refuses content that is not what it is called', () => {
  expect(() => cache.write(Buffer.from('a'), digestOf(Buffer.from('b')))).toThrow(/expected content with the digest/)
  expect(() => cache.read('sha256:../../etc/passwd')).toThrow(/not a sha256 digest/)
})

test('a corrupt entry is not served and goes away', () => {
  const digest = cache.write(Buffer.from('chart'))
  writeFileSync(cache.fileOf(digest), 'tampered')
  expect(cache.read(digest)).toBeUndefined()
  expect(cache.has(digest)).toBe(false)
})

test('collects the least recently used, but what is locked stays', () => {
  const digests = ['a', 'b', 'c'].map((text, i) => {
    const digest = cache.write(Buffer.from(text.repeat(100)))
    utimesSync(cache.fileOf(digest), 1000 + i, 1000 + i)
    return digest
  })
  expect(cache.collect(150, new Set([digests[0]!]))).toEqual({ removed: 2, freed: 200, left: 100 })
  expect(cache.entries().map(e => e.digest)).toEqual([digests[0]])
})

test('one at a time, also after a holder was killed', async () => {
  const module = resolve(import.meta.dirname, '../../dist/src/io/cache.js')
  if (!existsSync(module)) throw new Error('run "npm run build" first: this test starts processes of the built code')
  const script = join(dir, 'holder.mjs')
  writeFileSync(
    script,
    `import { appendFileSync } from 'node:fs'
     import { Cache } from ${JSON.stringify(module)}
     const [, , dir, log, hold] = process.argv
     const cache = new Cache(dir, { env: {}, now: Date.now, sleep: ms => new Promise(done => setTimeout(done, ms)) })
     await cache.exclusively('key', async () => {
       appendFileSync(log, 'in ')
       await new Promise(done => setTimeout(done, Number(hold)))
       appendFileSync(log, 'out\\n')
     })`,
  )
  const log = join(dir, 'log')
  writeFileSync(log, '')
  const run = (hold: number) => spawn(process.execPath, [script, dir, log, String(hold)], { stdio: 'inherit' })
  const killed = run(60_000)
  while (!readFileSync(log, 'utf8').includes('in')) await new Promise(done => setTimeout(done, 10))
  killed.kill('SIGKILL')
  await new Promise(done => killed.once('exit', done))
  writeFileSync(log, '')
  await Promise.all(Array.from({ length: 8 }, () => new Promise(done => run(20).once('exit', done))))
  expect(readFileSync(log, 'utf8')).toBe('in out\n'.repeat(8))
  expect(readdirSync(join(dir, 'locks'))).toEqual([])
}, 30_000)
