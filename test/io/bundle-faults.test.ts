/** What a bundle's journey survives: kill -9 at many moments, a full disk, two at once, a connection that is cut. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { digestOf } from '../../src/io/cache.ts'
import { readImage } from '../../src/io/images.ts'
import { type AirGap, startAirGap } from '../support/airgap.ts'
import { builtProgram } from '../support/built.ts'
import { runCli } from '../support/cli.ts'
import { registryClient } from '../support/images.ts'
import { installed, startHttp } from '../support/servers.ts'

const there = ['docker-registry', 'git', 'zstd'].every(installed)
const why = there ? '' : ' (skipped: docker-registry, git or zstd not installed)'
let gap: AirGap
const at = (name: string): string => join(gap.dir, name)
const exporting = (out: string): string[] => [
  ...['bundle', 'export', 'site-z', '--quiet', '--out', at(out)],
  ...['--from', `docker.io=${gap.near.host}`, '--from', `quay.io=${gap.near.host}`],
]
const importing = (git: string, charts: string): string[] => [
  ...['bundle', 'import', at('good.bundle'), '--quiet', '--registry', gap.far.host],
  ...['--git', gap.git.url.replace('far.git', git), '--charts', at(charts)],
]

/** Runs the program; with `killAfter` milliseconds it gets no chance to clean up. */
function run(
  args: readonly string[],
  env: Record<string, string>,
  killAfter?: number,
): Promise<{ code: number | null; stderr: string }> {
  const child = spawn(process.execPath, [builtProgram(), ...args], {
    cwd: gap.workspace.dir,
    env: { ...gap.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const timer = killAfter === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfter)
  return finished(child).finally(() => clearTimeout(timer))
}

function finished(child: ChildProcess): Promise<{ code: number | null; stderr: string }> {
  let stderr = ''
  child.stderr!.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  return new Promise(done => child.on('close', code => done({ code, stderr })))
}

function farRepository(name: string): void {
  const dir = join(gap.dir, 'git', name)
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', dir])
  execFileSync('git', ['--git-dir', dir, 'config', 'http.receivepack', 'true'])
}

beforeAll(async () => {
  if (!there) return
  gap = await startAirGap(12_000_000)
  await runCli(['fetch'], gap.workspace.dir, gap.env)
  await runCli(['render', 'site-z'], gap.workspace.dir, gap.env)
  expect(await run(exporting('good.bundle'), {})).toEqual({ code: 0, stderr: '' })
}, 60_000)
afterAll(async () => {
  await gap?.stop()
})

/** Runs the program and kills it, ever later, until it is done before; `look` sees what each kill left. */
async function killOften(args: string[], env: Record<string, string>, look: () => unknown): Promise<number> {
  let killed = 0
  // How long it takes is the machine's business, and less each time, for it goes on where it was.
  for (let moment = 60; moment < 30_000; moment *= 1.3) {
    const { code } = await run(args, env, moment)
    await look()
    if (code !== null) break
    killed++
  }
  return killed
}

describe.skipIf(!there)(`a bundle${why}`, () => {
  test('an export that is killed goes on, and gives the same bytes', async () => {
    const cache = at('killed-cache')
    const env = { DECAPOD_CACHE: cache }
    const good = digestOf(readFileSync(at('good.bundle')))
    const killed = await killOften(exporting('killed.bundle'), env, () => {
      // What has the name of the bundle is whole.
      if (existsSync(at('killed.bundle'))) {
        expect(digestOf(readFileSync(at('killed.bundle')))).toBe(good)
        rmSync(at('killed.bundle'))
      }
    })
    expect(killed).toBeGreaterThan(2)
    expect(await run(exporting('killed.bundle'), env)).toEqual({ code: 0, stderr: '' })
    expect(digestOf(readFileSync(at('killed.bundle')))).toBe(good)
    expect(readdirSync(gap.dir).filter(name => name.startsWith('killed.bundle'))).toEqual(['killed.bundle'])
  }, 60_000)

  test('an import that is killed goes on; what has a tag is whole, branches come last', async () => {
    farRepository('killed.git')
    const far = registryClient(gap.far.host)
    const tags = [
      ['docker.io/team/web', '1.0'],
      ['docker.io/team/tool', '2.0'],
      ['quay.io/team/side', '3'],
    ] as const
    const isWhole = async (path: string, tag: string): Promise<boolean> => {
      if ((await far.manifestDigest(path, tag)) === undefined) return false
      const image = await readImage(far, { host: gap.far.host, path, tag, digest: undefined })
      for (const { digest, size } of image.blobs)
        expect(await far.blobSize(path, digest), `${path} ${digest}`).toBe(size)
      return true
    }
    const killed = await killOften(importing('killed.git', 'killed-vendor'), {}, async () => {
      const states = await Promise.all(tags.map(([path, tag]) => isWhole(path, tag)))
      const refs = execFileSync('git', ['--git-dir', join(gap.dir, 'git/killed.git'), 'for-each-ref'], {
        encoding: 'utf8',
      })
      if (refs !== '') expect(states).toEqual([true, true, true])
    })
    expect(killed).toBeGreaterThan(2)
    expect(await run(importing('killed.git', 'killed-vendor'), {})).toEqual({ code: 0, stderr: '' })
    expect(await Promise.all(tags.map(([path, tag]) => isWhole(path, tag)))).toEqual([true, true, true])
    expect(readdirSync(at('killed-vendor')).filter(name => name.endsWith('.part')).length).toBeLessThanOrEqual(killed)
    expect(Object.values(JSON.parse(readFileSync(at('killed-vendor/sources.json'), 'utf8')) as object)).toHaveLength(2)
    const fsck = spawnSync('git', ['--git-dir', join(gap.dir, 'git/killed.git'), 'fsck', '--strict'], {
      encoding: 'utf8',
    })
    expect(fsck.status).toBe(0)
  }, 60_000)

  test('two importers at once both succeed', async () => {
    farRepository('two.git')
    const both = await Promise.all([
      run(importing('two.git', 'two-vendor'), {}),
      run(importing('two.git', 'two-vendor'), {}),
    ])
    expect(both).toEqual([
      { code: 0, stderr: '' },
      { code: 0, stderr: '' },
    ])
    expect(Object.keys(JSON.parse(readFileSync(at('two-vendor/sources.json'), 'utf8')) as object)).toHaveLength(2)
    expect(await run(importing('two.git', 'two-vendor'), {})).toEqual({ code: 0, stderr: '' })
  }, 60_000)

  test('two exports to one file at once', async () => {
    const both = await Promise.all([run(exporting('both.bundle'), {}), run(exporting('both.bundle'), {})])
    expect(both).toEqual([
      { code: 0, stderr: '' },
      { code: 0, stderr: '' },
    ])
    expect(digestOf(readFileSync(at('both.bundle')))).toBe(digestOf(readFileSync(at('good.bundle'))))
  }, 60_000)

  const small = process.getuid?.() === 0 && spawnSync('unshare', ['-m', 'true']).status === 0
  test.skipIf(!small)(
    `a full disk is said, and nothing half is left${small ? '' : ' (skipped: mounting is not permitted)'}`,
    async () => {
      mkdirSync(at('small'))
      // In a mount namespace of its own. Not spawnSync: the servers are in this process.
      const onSmall = (
        size: string,
        command: string,
        env: Record<string, string>,
      ): Promise<{ code: number | null; stderr: string }> => {
        const mount = `mount -t tmpfs -o size=${size} none ${at('small')}`
        const script = `${mount} && { ${command}; code=$?; find ${at('small')} -type f -size +9k >&2; exit $code; }`
        return finished(
          spawn('unshare', ['-m', 'sh', '-c', script], {
            cwd: gap.workspace.dir,
            env: { ...gap.env, ...env },
            stdio: ['ignore', 'ignore', 'pipe'],
          }),
        )
      }
      const program = `${process.execPath} ${builtProgram()}`
      const out = await onSmall('4m', `${program} ${exporting('small/full.bundle').join(' ')}`, {})
      expect(out).toMatchObject({ code: 1 })
      expect(out.stderr).toMatch(/error FILE_INVALID: cannot write .*full\.bundle: no space left on the disk\n$/)
      const cached = await onSmall('16k', `${program} ${exporting('x.bundle').join(' ')}`, {
        DECAPOD_CACHE: at('small'),
      })
      expect(cached).toMatchObject({ code: 1 })
      expect(cached.stderr).toMatch(/error FILE_INVALID: .*no space left/)
      expect(existsSync(at('x.bundle'))).toBe(false)
    },
    60_000,
  )

  test('an upload that is cut goes on where the registry has got to', async () => {
    const bytes = Buffer.alloc(300_000, 'x')
    let cut = 0
    const sent: string[] = []
    const state = { bytes: Buffer.alloc(0) }
    const server = await startHttp((request, response) => {
      sent.push(`${request.method} ${request.headers['content-range'] ?? ''}`.trim())
      const location = '/v2/a/blobs/uploads/1'
      if (request.method === 'HEAD') return void response.writeHead(404).end()
      if (request.method === 'POST') return void response.writeHead(202, { location }).end()
      if (request.method === 'GET')
        return void response
          .writeHead(request.url === '/v2/' ? 200 : 204, { location, range: `0-${state.bytes.length - 1}` })
          .end()
      if (request.method === 'PUT') return void response.writeHead(201).end()
      request.on('data', (chunk: Buffer) => {
        state.bytes = Buffer.concat([state.bytes, chunk])
        if (cut === 0 && state.bytes.length > 100_000) {
          cut++
          request.socket.destroy()
        }
      })
      request.on('end', () => response.writeHead(202, { location }).end())
    })
    try {
      const registry = registryClient(server.host)
      await registry.pushBlob('a', { digest: digestOf(bytes), size: bytes.length }, (start, end) =>
        Readable.from([bytes.subarray(start, end)]),
      )
      expect(cut).toBe(1)
      expect(digestOf(state.bytes)).toBe(digestOf(bytes))
      expect(sent.filter(line => line.startsWith('PATCH'))).toEqual([
        'PATCH 0-299999',
        expect.stringMatching(/^PATCH [1-9]\d+-299999$/),
      ])
    } finally {
      await server.stop()
    }
  })
})
