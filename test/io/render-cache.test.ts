import { spawn } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Cache } from '../../src/io/cache.ts'
import { digestOfFiles, PathDigests } from '../../src/io/path-digest.ts'
import { RenderCache, rendersDirectory } from '../../src/io/render-cache.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'decapod-renders-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const key = 'ab'.repeat(32)
const day = 86_400_000

describe('entries', () => {
  test('what is written is read', () => {
    const cache = new RenderCache(dir, Date.now)
    expect(cache.read(key)).toBeUndefined()
    cache.write(key, Buffer.from('content'))
    expect(cache.read(key)?.toString()).toBe('content')
    // What is rendered may be secret: it is the user's alone.
    expect(statSync(join(dir, rendersDirectory)).mode & 0o777).toBe(0o700)
    expect(statSync(join(dir, rendersDirectory, key)).mode & 0o777).toBe(0o600)
  })

  test.each<[name: string, damage: (bytes: Buffer) => Buffer]>([
    ['cut', bytes => bytes.subarray(0, bytes.length - 1)],
    ['empty', () => Buffer.alloc(0)],
    ['of another content', bytes => Buffer.concat([bytes.subarray(0, -1), Buffer.from('X')])],
    ['longer', bytes => Buffer.concat([bytes, Buffer.from('X')])],
  ])('a damaged one is removed: %s', (_, damage) => {
    const cache = new RenderCache(dir, Date.now)
    cache.write(key, Buffer.from('content'))
    const file = join(dir, rendersDirectory, key)
    writeFileSync(file, damage(readFileSync(file)))
    expect(cache.read(key)).toBeUndefined()
    expect(existsSync(file)).toBe(false)
  })

  test('a disk that refuses costs the cache and nothing else', () => {
    writeFileSync(join(dir, rendersDirectory), 'a file where the directory should be')
    const cache = new RenderCache(dir, Date.now)
    cache.write(key, Buffer.from('content'))
    expect(cache.read(key)).toBeUndefined()
    cache.tidy()
  })

  test('cache gc removes the least recently used', () => {
    let now = Date.now()
    const renders = new RenderCache(dir, () => now)
    for (const name of ['1', '2', '3']) {
      renders.write(name.repeat(64), Buffer.alloc(1000))
      utimesSync(join(dir, rendersDirectory, name.repeat(64)), now / 1000, now / 1000)
      now += day
    }
    renders.read('1'.repeat(64))
    const cache = new Cache(dir, { env: {}, now: () => now, sleep: async () => {} })
    expect(cache.entries()).toHaveLength(3)
    expect(cache.collect(2200).removed).toBe(1)
    expect(readdirSync(join(dir, rendersDirectory)).sort()).toEqual(['1'.repeat(64), '3'.repeat(64)])
  })

  test('the cache does not grow without end, looked after once a day', () => {
    let now = Date.now()
    const cache = new RenderCache(dir, () => now, { limit: 2500 })
    const write = (name: string): void => {
      cache.write(name.repeat(64), Buffer.alloc(1000))
      utimesSync(join(dir, rendersDirectory, name.repeat(64)), now / 1000, now / 1000)
      now += 1000
    }
    for (const name of ['1', '2', '3']) write(name)
    cache.tidy()
    expect(cache.entries()).toHaveLength(2)
    for (const name of ['4', '5']) write(name)
    cache.tidy()
    expect(cache.entries()).toHaveLength(4)
    now += day
    cache.tidy()
    expect(cache.entries()).toHaveLength(2)
    expect(cache.read('5'.repeat(64))).toBeDefined()
  })

  test('processes write and read one entry at once: whoever reads has the whole of one', async () => {
    const module = resolve(import.meta.dirname, '../../dist/src/io/render-cache.js')
    if (!existsSync(module)) throw new Error('run "npm run build" first: this test runs the built code')
    const script = join(dir, 'writer.mjs')
    writeFileSync(
      script,
      `import { RenderCache } from ${JSON.stringify(module)}
       const cache = new RenderCache(process.argv[2], Date.now)
       for (let n = 0; n < 150; n++) cache.write('${key}', Buffer.alloc(200_000, process.argv[3]))`,
    )
    const writers = ['a', 'b', 'c'].map(letter => spawn(process.execPath, [script, dir, letter], { stdio: 'inherit' }))
    const ended = Promise.all(writers.map(writer => new Promise(done => writer.once('exit', done))))
    const cache = new RenderCache(dir, Date.now)
    let done = false
    void ended.then(() => (done = true))
    let seen = 0
    while (!done) {
      const bytes = cache.read(key)
      if (bytes !== undefined) {
        seen++
        expect(bytes.length).toBe(200_000)
        expect(new Set(bytes).size).toBe(1)
      }
      await new Promise(next => setTimeout(next, 1))
    }
    expect(await ended).toEqual([0, 0, 0])
    expect(seen).toBeGreaterThan(0)
    // Nobody ever found a damaged entry, or it would have been removed.
    expect(cache.read(key)).toBeDefined()
    expect(readdirSync(join(dir, rendersDirectory))).toEqual([key])
  }, 30_000)
})

describe('digests of paths', () => {
  /** A cache in memory that counts, and files that are old enough to be trusted. */
  function digests(entries: Map<string, Buffer> = new Map()): PathDigests {
    const cache = {
      read: (k: string) => entries.get(k),
      write: (k: string, bytes: Uint8Array) => void entries.set(k, Buffer.from(bytes)),
    }
    return new PathDigests(cache, () => Date.now() + day)
  }

  function write(path: string, text: string): void {
    mkdirSync(dirname(join(dir, path)), { recursive: true })
    writeFileSync(join(dir, path), text)
  }

  beforeEach(() => {
    write('chart/Chart.yaml', 'name: c\n')
    write('chart/templates/a.yaml', 'a')
    write('outside/x', 'x')
  })

  const digest = (): string | undefined => digests().digest(join(dir, 'chart'))

  test.each<[name: string, change: () => void]>([
    ['content', () => write('chart/templates/a.yaml', 'b')],
    ['a new file', () => write('chart/templates/b.yaml', 'a')],
    ['a new directory', () => mkdirSync(join(dir, 'chart/empty'))],
    ['a file less', () => rmSync(join(dir, 'chart/templates/a.yaml'))],
    [
      'a name',
      () => {
        rmSync(join(dir, 'chart/templates/a.yaml'))
        write('chart/templates/b.yaml', 'a')
      },
    ],
    ['what may be executed', () => chmodSync(join(dir, 'chart/templates/a.yaml'), 0o755)],
    [
      'a link instead of what it leads to',
      () => {
        rmSync(join(dir, 'chart/templates/a.yaml'))
        write('outside/x', 'a')
        symlinkSync(join(dir, 'outside/x'), join(dir, 'chart/templates/a.yaml'))
      },
    ],
  ])('%s changes it', (_, change) => {
    const before = digest()
    change()
    expect(digest()).not.toBe(before)
  })

  test.each<[name: string, change: () => void]>([
    ['times', () => utimesSync(join(dir, 'chart/Chart.yaml'), 1, 1)],
    ['git’s own files', () => write('chart/.git/HEAD', 'x')],
    ['what is beside it', () => write('outside/y', 'y')],
  ])('%s do not', (_, change) => {
    const before = digest()
    change()
    expect(digest()).toBe(before)
  })

  test('what a link leads to counts, also outside', () => {
    symlinkSync(join(dir, 'outside'), join(dir, 'chart/linked'))
    const before = digest()
    write('outside/x', 'changed')
    expect(digest()).not.toBe(before)
  })

  test('a link that leads up does not go round for ever', () => {
    symlinkSync(dir, join(dir, 'chart/up'))
    symlinkSync(join(dir, 'chart/templates'), join(dir, 'chart/templates/self'))
    // What can be read through it has no end: whoever reads it may find more than a digest would show.
    expect(digest()).toBeUndefined()
  })

  test('the same content elsewhere has the same digest, alone or within', () => {
    write('copy/chart/Chart.yaml', 'name: c\n')
    write('copy/chart/templates/a.yaml', 'a')
    expect(digests().digest(join(dir, 'copy/chart'))).toBe(digest())
    const inner = digests()
    inner.digest(join(dir, 'copy'))
    expect(inner.digest(join(dir, 'copy/chart'))).toBe(digest())
  })

  test('files are not read again when the disk says that nothing changed; changed ones are', () => {
    const entries = new Map<string, Buffer>()
    const before = digests(entries).digest(join(dir, 'chart'))
    for (const k of entries.keys()) entries.set(k, Buffer.from('known'))
    expect(digests(entries).digest(join(dir, 'chart'))).toBe('known')
    // Of the same length, at the time the old one had: the disk still knows.
    write('chart/templates/a.yaml', 'b')
    utimesSync(join(dir, 'chart/templates/a.yaml'), 1, 1)
    expect(digests(entries).digest(join(dir, 'chart'))).not.toBe('known')
    expect(digests(entries).digest(join(dir, 'chart'))).not.toBe(before)
  })

  test('what changed just now is read each time: times of files are coarse', () => {
    const entries = new Map<string, Buffer>()
    const cache = { read: (k: string) => entries.get(k), write: (k: string) => void entries.set(k, Buffer.from('x')) }
    new PathDigests(cache, Date.now).digest(join(dir, 'chart'))
    expect(entries.size).toBe(0)
  })

  test('a change between two looks is noticed', () => {
    const paths = digests()
    paths.digest(join(dir, 'chart'))
    paths.digest(join(dir, 'chart'), 'now')
    expect(paths.isUnstable).toBe(false)
    write('chart/templates/a.yaml', 'b')
    paths.digest(join(dir, 'chart'), 'now')
    expect(paths.isUnstable).toBe(true)
  })

  describe('the files that a digest was made of are given, so that none is read twice', () => {
    const chart = (): string => join(dir, 'chart')

    /** What is given after the digest of the chart, by name. */
    function taken(paths: PathDigests): Record<string, string> | undefined {
      const files = paths.take(chart())
      return files && Object.fromEntries([...files].map(([name, bytes]) => [name, Buffer.from(bytes).toString()]))
    }

    test.each<[name: string, root: string]>([
      ['alone', 'chart'],
      ['within a directory that was looked at', '.'],
    ])('%s, once', (_, root) => {
      const paths = digests()
      paths.identity(join(dir, root))
      paths.digest(chart())
      expect(taken(paths)).toEqual({ 'Chart.yaml': 'name: c\n', 'templates/a.yaml': 'a' })
      expect(taken(paths)).toBeUndefined()
    })

    test('and what is made of them is of that digest, whatever the disk has by then', () => {
      const paths = digests()
      const before = paths.digest(chart())
      paths.take(chart())
      write('chart/templates/a.yaml', 'b')
      expect(paths.digest(chart(), 'now')).toBe(before)
      expect(paths.isUnstable).toBe(false)
    })

    test('of a single file', () => {
      const paths = digests()
      paths.digest(join(dir, 'outside/x'))
      expect(paths.take(join(dir, 'outside/x'))?.get('')).toEqual(Buffer.from('x'))
    })

    test.each<[name: string, change: () => void]>([
      ['a link', () => symlinkSync(join(dir, 'outside'), join(dir, 'chart/linked'))],
      ['a link to nothing', () => symlinkSync(join(dir, 'nothing'), join(dir, 'chart/linked'))],
      ['a repository of git', () => write('chart/.git/HEAD', 'x')],
    ])('not with %s: a chart shows more than they do', (_, change) => {
      change()
      const alone = digests()
      alone.digest(chart())
      expect(taken(alone)).toBeUndefined()
      const within = digests()
      within.identity(dir)
      within.digest(chart())
      expect(taken(within)).toBeUndefined()
    })

    test('not those of a digest that was known, nor of another path', () => {
      const entries = new Map<string, Buffer>()
      digests(entries).digest(chart())
      const paths = digests(entries)
      paths.digest(chart())
      expect(taken(paths)).toBeUndefined()
      paths.digest(join(dir, 'outside'))
      expect(taken(paths)).toBeUndefined()
    })
  })

  test('nothing there, and a single file', () => {
    expect(digests().digest(join(dir, 'nothing'))).toBe('absent')
    const before = digests().digest(join(dir, 'outside/x'))
    write('outside/x', 'y')
    expect(digests().digest(join(dir, 'outside/x'))).not.toBe(before)
  })

  test('files in memory have the digest that they have on disk', () => {
    const files = new Map<string, Buffer>()
    for (const path of ['a-b/x', 'a/z', 'a/b/c', 'a.d/y', 'b', 'a/b.c']) {
      write(`tree/${path}`, path)
      files.set(path, Buffer.from(path))
    }
    expect(digestOfFiles(files)).toBe(digests().digest(join(dir, 'tree')))
    expect(digestOfFiles(new Map())).toBe(digests().digest(join(dir, 'nothing')))
  })
})
