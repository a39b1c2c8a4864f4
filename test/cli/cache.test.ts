import { utimesSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Cache } from '../../src/io/cache.ts'
import { SourceWorkspace } from '../support/source-workspace.ts'

let workspace: SourceWorkspace
let digests: string[]
const run = (args: string) => workspace.run(args)
const open = (): Cache => new Cache(workspace.env['DECAPOD_CACHE']!, { env: {}, now: Date.now, sleep: async () => {} })

beforeEach(() => {
  workspace = new SourceWorkspace({})
  const cache = open()
  digests = [1, 2, 3].map(n => {
    const digest = cache.write(Buffer.alloc(1 << 20, n))
    utimesSync(cache.fileOf(digest), n * 1000, n * 1000)
    return digest
  })
})
afterEach(() => workspace.remove())

test('info', async () => {
  expect(await run('cache info')).toEqual({ code: 0, stdout: 'DIR/.cache: 3 entries, 3.0 MiB\n', stderr: '' })
  expect(JSON.parse((await run('cache info --json')).stdout)).toEqual({
    directory: 'DIR/.cache',
    entries: 3,
    size: 3 << 20,
  })
})

test('gc: the least recently used go, down to the size', async () => {
  expect(await run('cache gc --max 2MiB')).toEqual({
    code: 0,
    stdout: 'removed 1 entry (1.0 MiB); 2.0 MiB left\n',
    stderr: '',
  })
  expect(
    open()
      .entries()
      .map(e => e.digest),
  ).toEqual(digests.slice(1))
  // Reading is using.
  open().read(digests[1]!)
  expect(JSON.parse((await run('cache gc --max 1MiB --json')).stdout)).toEqual({
    removed: 1,
    freed: 1 << 20,
    left: 1 << 20,
  })
  expect(
    open()
      .entries()
      .map(e => e.digest),
  ).toEqual([digests[1]])
  expect((await run('cache gc')).stdout).toBe('removed 0 entries (0 B); 1.0 MiB left\n')
})

test('a size that is none', async () => expect((await run('cache gc --max much')).code).toBe(2))
