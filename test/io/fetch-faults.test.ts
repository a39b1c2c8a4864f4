/** The built program under faults: many at once, killed at any moment, and where a secret must not show. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { digestOf } from '../../src/io/cache.ts'
import { basic } from '../../src/io/credentials.ts'
import { builtProgram } from '../support/built.ts'
import {
  chartArchive,
  makeRepository,
  type ServedChart,
  startChartRepository,
  startGitHttp,
} from '../support/source-servers.ts'
import { SourceWorkspace } from '../support/source-workspace.ts'

let workspace: SourceWorkspace
afterEach(() => workspace.remove())

/** Charts with something in them, so that a download takes more than one moment. */
const charts: ServedChart[] = Array.from({ length: 12 }, (_, i) => {
  const name = `web-${i}`
  const noise = Array.from({ length: 20_000 }, (_unused, n) => ((n * 7919 + i * 104_729) % 999_983).toString(36)).join(
    '',
  )
  return { name, version: '1.0.0', archive: chartArchive(name, '1.0.0', { files: { 'files/noise.txt': noise } }) }
})
const requests = (url: string) =>
  Object.fromEntries(charts.map(({ name }) => [name, { repository: url, name, version: '^1' }]))

function start(args: readonly string[], env: Record<string, string> = workspace.env): ChildProcess {
  return spawn(process.execPath, [builtProgram(), ...args], {
    cwd: workspace.dir,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

async function ended(child: ChildProcess): Promise<{ code: number | null; text: string }> {
  let text = ''
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
  const code = await new Promise<number | null>(done => child.once('close', done))
  return { code, text }
}

/** Every entry is what its name says, and no lock is left behind. */
function checkCache(): void {
  const cache = workspace.env['DECAPOD_CACHE']!
  for (const name of readdirSync(join(cache, 'sha256')))
    expect(digestOf(readFileSync(join(cache, 'sha256', name)))).toBe(`sha256:${name}`)
}

test('eight at once, with one cache: each chart once, all succeed', async () => {
  const repository = await startChartRepository(charts)
  workspace = new SourceWorkspace(requests(repository.url))
  expect(await ended(start(['lock', '--quiet']))).toMatchObject({ code: 0 })
  rmSync(workspace.env['DECAPOD_CACHE']!, { recursive: true })
  repository.requests.length = 0
  const results = await Promise.all(Array.from({ length: 8 }, () => ended(start(['fetch', '--frozen']))))
  expect(results.map(r => r.code)).toEqual(Array(8).fill(0))
  const archives = repository.requests.filter(r => r.path.endsWith('.tgz')).map(r => r.path)
  expect(archives.length).toBe(new Set(archives).size)
  expect(archives.length).toBe(charts.length)
  checkCache()
  expect(readdirSync(join(workspace.env['DECAPOD_CACHE']!, 'locks'))).toEqual([])
  await repository.stop()
}, 60_000)

test('killed at many moments: the next run goes on as if nothing had been', async () => {
  const repository = await startChartRepository(charts, {
    // A server that takes its time, so that there is something to kill.
    intercept: (request, response) => {
      if (!request.url!.endsWith('.tgz')) return false
      const chart = charts.find(c => request.url!.endsWith(`/${c.name}-1.0.0.tgz`))!
      response.writeHead(200, { 'content-length': String(chart.archive.length) })
      response.write(chart.archive.subarray(0, 20_000))
      setTimeout(() => response.end(chart.archive.subarray(20_000)), 15)
      return true
    },
  })
  workspace = new SourceWorkspace(requests(repository.url))
  for (let i = 0; i < 8; i++) {
    const child = start(['fetch'])
    const over = ended(child)
    await new Promise(done => setTimeout(done, 120 + i * 35))
    child.kill('SIGKILL')
    await over
    // The lock is whole or not there.
    if (existsSync(join(workspace.dir, 'decapod.lock')))
      expect(workspace.read('decapod.lock')).toMatch(/digest: sha256:\w{64}\n$/)
    if (existsSync(join(workspace.env['DECAPOD_CACHE']!, 'sha256'))) checkCache()
    if (i === 5) rmSync(join(workspace.dir, 'decapod.lock'), { force: true })
  }
  const last = await ended(start(['fetch']))
  expect(last).toMatchObject({ code: 0, text: expect.stringContaining('12 sources:') })
  checkCache()
  expect(readdirSync(join(workspace.env['DECAPOD_CACHE']!, 'locks'))).toEqual([])
  expect(workspace.read('decapod.lock').match(/digest:/g)).toHaveLength(12)
  await repository.stop()
}, 60_000)

/** The arguments of every process of the machine, as long as it is asked for. */
function watchArguments(): () => string {
  const seen = new Set<string>()
  const look = (): void => {
    for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
      try {
        seen.add(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))
      } catch {
        // It has ended meanwhile.
      }
    }
  }
  const timer = setInterval(look, 15)
  return () => {
    clearInterval(timer)
    return [...seen].join('\n')
  }
}

test('a secret shows nowhere: arguments, output, lock, cache, vendored files, what git leaves', async () => {
  const secret = 'planted-secret-4f1d'
  const login = basic({ username: 'user', password: secret })
  const repository = await startChartRepository([charts[0]!], { authorization: login })
  workspace = new SourceWorkspace({})
  makeRepository(workspace.dir, 'served/app.git', [
    {
      files: {
        'chart/Chart.yaml': 'apiVersion: v2\nname: app\nversion: 0.1.0\n',
        'a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n',
      },
      tag: 'v1',
    },
  ])
  const git = await startGitHttp(workspace.dir, { authorization: login })
  const file = await startChartRepository([], {
    intercept: (_, response) => {
      response.end('apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n')
      return true
    },
  })
  const inUrl = (url: string): string => url.replace('//', `//user:${secret}@`)
  const set = (version: string): void =>
    workspace.setCharts(
      {
        web: { repository: inUrl(repository.url), name: 'web-0', version },
        app: { git: inUrl(`http://${git.host}/served/app.git`), path: 'chart', ref: 'v1' },
      },
      [`${inUrl(file.url)}/b.yaml?token=${secret}&x=1`],
    )
  set('^1')
  const tmp = join(workspace.dir, '.tmp')
  mkdirSync(tmp)
  const env = { ...workspace.env, TMPDIR: tmp }
  const stop = watchArguments()
  let output = ''
  const run = async (want: number, ...args: string[]): Promise<void> => {
    const { code, text } = await ended(start(args, env))
    output += text
    expect(code, text).toBe(want)
  }
  // Everything that is written while it runs, too.
  const left = new Set<string>()
  const grep = (dir: string): void => {
    for (const name of existsSync(dir) ? readdirSync(dir) : []) {
      const path = join(dir, name)
      try {
        if (statSync(path).isDirectory()) grep(path)
        else if (readFileSync(path).includes(secret)) left.add(path)
      } catch {
        // It is gone already.
      }
    }
  }
  const watch = setInterval(() => grep(tmp), 20)
  await run(0, 'fetch')
  await run(0, 'vendor', '--json')
  await run(0, 'outdated')
  await run(0, 'lock', '--update')
  await run(0, 'render', 'site-x')
  // And where things go wrong: no such version, servers that refuse and that are gone.
  set('^9')
  await run(1, 'fetch')
  await run(1, 'fetch', '--json')
  await Promise.all([repository.stop(), git.stop(), file.stop()])
  rmSync(join(workspace.dir, 'decapod.lock'))
  rmSync(join(workspace.dir, 'vendor'), { recursive: true })
  await run(1, 'fetch', '--frozen')
  await run(1, 'render', 'site-x')
  clearInterval(watch)
  writeFileSync(join(workspace.dir, 'output.txt'), output)
  grep(workspace.dir)
  // The workspace itself says it in its own base: that is where it was planted.
  const own = join(workspace.dir, 'base')
  expect([...left].filter(path => !path.startsWith(own))).toEqual([])
  const encoded = Buffer.from(`user:${secret}`).toString('base64')
  for (const text of [output, stop()]) {
    expect(text).not.toContain(secret)
    expect(text).not.toContain(encoded)
  }
  expect(output).toContain('error')
}, 60_000)
