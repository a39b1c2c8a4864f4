/**
 * Sources beside the tools that fetch them: 60 charts of a repository on this machine beside `helm pull` in a loop, a
 * 14 MB index, and 1 GB of blobs of Debian's docker-registry beside `skopeo copy`. Cold means an empty cache and no lock.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createHash, randomFillSync } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { inParallel } from '../../src/io/images.ts'
import { type Descriptor, Registry } from '../../src/io/registry.ts'
import { writeTar } from '../../src/tar-writer.ts'

const usage = `usage: npm run bench -- sources [options]

  --charts N   charts of the repository (default: 60)
  --mb N       megabytes of blobs (default: 1024)
  --rounds N   how often each is measured; the median counts (default: 3)
  --helm PATH  the helm to compare with (default: helm)
`

const program = resolve(import.meta.dirname, '../../src/cli/bin.js')
const layers = 16
const repository = 'bench/app'

interface Measured {
  readonly seconds: number
  /** Most memory of the process, in MB. */
  readonly peak: number
}

/** Measures and prints the table. Exit code 1 where decapod is slower than the tool beside it. */
export async function run(args: string[]): Promise<number> {
  if (args[0] === 'pull') return await pull(args[1]!, args[2]!)
  const { values } = parseArgs({
    args,
    options: {
      charts: { type: 'string', default: '60' },
      mb: { type: 'string', default: '1024' },
      rounds: { type: 'string', default: '3' },
      helm: { type: 'string', default: 'helm' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) {
    console.log(usage)
    return 0
  }
  const dir = mkdtempSync(join(tmpdir(), 'decapod-bench-'))
  const results = new Map<string, Measured[]>()
  const note = (name: string, measured: Measured): void =>
    void results.set(name, [...(results.get(name) ?? []), measured])
  try {
    const rounds = Number(values.rounds)
    if (isInstalled(values.helm, 'version')) await charts(dir, Number(values.charts), rounds, values.helm, note)
    else console.error(`skipped: ${values.helm} not installed`)
    await index(dir, rounds, note)
    if (isInstalled('docker-registry', '--version') && isInstalled('skopeo', '--version'))
      await blobs(dir, Number(values.mb), rounds, note)
    else console.error('skipped: docker-registry or skopeo not installed')
    return report(results, rounds)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

async function charts(
  dir: string,
  count: number,
  rounds: number,
  helm: string,
  note: (name: string, measured: Measured) => void,
): Promise<void> {
  const names = Array.from({ length: count }, (_, i) => `chart-${i}`)
  const archives = new Map(names.map(name => [name, chartArchive(name)]))
  const entries = names.map(name => {
    const digest = createHash('sha256').update(archives.get(name)!).digest('hex')
    return `  ${name}:\n  - apiVersion: v2\n    digest: ${digest}\n    name: ${name}\n    urls: [${name}-1.0.0.tgz]\n    version: 1.0.0\n`
  })
  const server = await serve(path => {
    if (path === '/index.yaml') return Buffer.from(`apiVersion: v1\nentries:\n${entries.join('')}`)
    return archives.get(/^\/(.*)-1\.0\.0\.tgz$/.exec(path)?.[1] ?? '')
  })
  const url = addressOf(server)
  const workspace = join(dir, 'charts')
  makeWorkspace(workspace, url, names)
  const env = {
    DECAPOD_CACHE: join(dir, 'cache'),
    HELM_CACHE_HOME: join(dir, 'helm-cache'),
    HELM_CONFIG_HOME: join(dir, 'helm-config'),
  }
  const pulled = join(dir, 'pulled')
  const helmPulls = async (chart: (name: string) => readonly string[]): Promise<Measured> => {
    rmSync(pulled, { recursive: true, force: true })
    mkdirSync(pulled)
    const all: Measured[] = []
    for (const name of names)
      all.push(await measure(helm, ['pull', ...chart(name), '--version', '1.0.0', '-d', pulled], dir, env))
    return sumOf(all)
  }
  await measure(helm, ['repo', 'add', 'bench', url], dir, env)
  for (let round = 0; round < rounds; round++) {
    for (const name of ['cache', 'charts/decapod.lock']) rmSync(join(dir, name), { recursive: true, force: true })
    note(
      `${count} charts, cold: decapod fetch`,
      await measure(process.execPath, [program, 'fetch', '--quiet'], workspace, env),
    )
    note(
      `${count} charts, warm: decapod fetch`,
      await measure(process.execPath, [program, 'fetch', '--quiet'], workspace, env),
    )
    note(`${count} charts: helm pull --repo, in a loop`, await helmPulls(name => [name, '--repo', url]))
    note(`${count} charts: helm pull of an added repository, in a loop`, await helmPulls(name => [`bench/${name}`]))
  }
  server.close()
  server.closeAllConnections()
}

/** An index of 14 MB: 1,400 charts of 40 versions. */
async function index(dir: string, rounds: number, note: (name: string, measured: Measured) => void): Promise<void> {
  const blocks = Array.from({ length: 1400 }, (_, c) => {
    const versions = Array.from(
      { length: 40 },
      (_unused, v) =>
        `  - apiVersion: v2\n    name: chart-${c}\n    version: 1.0.${v}\n    description: ${'x'.repeat(130)}\n    urls:\n    - chart-${c}-1.0.${v}.tgz\n`,
    )
    return `  chart-${c}:\n${versions.join('')}`
  })
  const text = Buffer.from(`apiVersion: v1\nentries:\n${blocks.join('')}`)
  const archive = chartArchive('chart-1399')
  const server = await serve(path =>
    path === '/index.yaml' ? text : path === '/chart-1399-1.0.39.tgz' ? archive : undefined,
  )
  const workspace = join(dir, 'index')
  makeWorkspace(workspace, addressOf(server), ['chart-1399'])
  for (let round = 0; round < rounds; round++) {
    for (const name of ['cache', 'index/decapod.lock']) rmSync(join(dir, name), { recursive: true, force: true })
    const env = { DECAPOD_CACHE: join(dir, 'cache') }
    const measured = await measure(process.execPath, [program, 'fetch', '--quiet'], workspace, env)
    note(`an index of ${(text.length / 1e6).toFixed(1)} MB: decapod fetch`, measured)
  }
  server.close()
  server.closeAllConnections()
}

async function blobs(
  dir: string,
  megabytes: number,
  rounds: number,
  note: (name: string, measured: Measured) => void,
): Promise<void> {
  const registry = await startRegistry(join(dir, 'registry'))
  try {
    await pushImage(registry.host, Math.floor((megabytes << 20) / layers))
    const policy = join(dir, 'policy.json')
    writeFileSync(policy, '{"default":[{"type":"insecureAcceptAnything"}]}')
    const from = `docker://${registry.host}/${repository}:1`
    const bench = resolve(import.meta.dirname, 'main.js')
    for (let round = 0; round < rounds; round++) {
      const to = join(dir, 'blobs')
      rmSync(to, { recursive: true, force: true })
      const skopeo = ['--policy', policy, 'copy', '--src-tls-verify=false', from, `dir:${to}`]
      note(`${megabytes} MB of blobs: skopeo copy`, await measure('skopeo', skopeo, dir, {}))
      rmSync(to, { recursive: true, force: true })
      note(
        `${megabytes} MB of blobs: decapod`,
        await measure(process.execPath, [bench, 'sources', 'pull', registry.host, to], dir, {}),
      )
    }
  } finally {
    await registry.stop()
  }
}

/** What the measured process does: the blobs of the image into files, as fetching and bundling bring them. */
async function pull(host: string, to: string): Promise<number> {
  const registry = new Registry(host, { http: { env: {} }, credentials: async () => undefined })
  const manifest = await registry.manifest(repository, '1')
  const { layers: blobsOf } = JSON.parse(Buffer.from(manifest.bytes).toString('utf8')) as { layers: Descriptor[] }
  mkdirSync(to)
  await inParallel(blobsOf, 6, blob => registry.pullBlob(repository, blob, join(to, blob.digest.slice(7))))
  return 0
}

async function pushImage(host: string, size: number): Promise<void> {
  const registry = new Registry(host, { http: { env: {} }, credentials: async () => undefined })
  const push = async (bytes: Buffer, mediaType: string): Promise<Descriptor> => {
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
    await registry.pushBlob(repository, { digest, size: bytes.length }, (start, end) =>
      Readable.from([bytes.subarray(start, end)]),
    )
    return { mediaType, digest, size: bytes.length }
  }
  const config = await push(
    Buffer.from('{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}'),
    'application/vnd.oci.image.config.v1+json',
  )
  const all: Descriptor[] = []
  for (let i = 0; i < layers; i++)
    all.push(await push(randomFillSync(Buffer.alloc(size)), 'application/vnd.oci.image.layer.v1.tar+gzip'))
  const mediaType = 'application/vnd.oci.image.manifest.v1+json'
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, config, layers: all }))
  await registry.pushManifest(repository, '1', { mediaType, digest: '', bytes })
}

function report(results: ReadonlyMap<string, readonly Measured[]>, rounds: number): number {
  const median = (name: string): Measured => {
    const all = [...results.get(name)!].sort((a, b) => a.seconds - b.seconds)
    return { seconds: all[Math.floor(all.length / 2)]!.seconds, peak: Math.max(...all.map(m => m.peak)) }
  }
  console.log(`Median of ${rounds}\n\n| What | Seconds | Peak memory |\n|---|---:|---:|`)
  for (const name of results.keys()) {
    const { seconds, peak } = median(name)
    console.log(`| ${name} | ${seconds.toFixed(2)} | ${peak.toFixed(0)} MB |`)
  }
  const named = (part: string): number | undefined => {
    const name = [...results.keys()].find(key => key.includes(part))
    return name === undefined ? undefined : median(name).seconds
  }
  let code = 0
  const pairs = [
    ['cold: decapod', '--repo'],
    ['cold: decapod', 'added repository'],
    ['warm: decapod', 'added repository'],
    ['blobs: decapod', 'blobs: skopeo'],
  ] as const
  console.log()
  for (const [ours, theirs] of pairs) {
    const [a, b] = [named(ours), named(theirs)]
    if (a === undefined || b === undefined) continue
    console.log(`${ours} beside ${theirs}: ${(b / a).toFixed(2)}x`)
    if (b < a) code = 1
  }
  return code
}

/** A packaged chart of about 50 KB that does not compress away. */
function chartArchive(name: string): Buffer {
  const files: Record<string, string | Buffer> = {
    'Chart.yaml': `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n`,
    'values.yaml': 'replicas: 1\n',
    'files/data.bin': randomFillSync(Buffer.alloc(50_000)),
  }
  const entries = Object.entries(files).map(([path, data]) => ({ name: `${name}/${path}`, data: Buffer.from(data) }))
  return gzipSync(writeTar(entries))
}

function makeWorkspace(dir: string, url: string, names: readonly string[]): void {
  const write = (path: string, text: string): void => {
    mkdirSync(join(dir, path, '..'), { recursive: true })
    writeFileSync(join(dir, path), text)
  }
  const releases = names.map(
    name =>
      `apiVersion: helm.fluxcd.io/v1\nkind: HelmRelease\nmetadata: {name: ${name}}\nspec:\n  targetNamespace: app\n  chart: {repository: "${url}", name: ${name}, version: ^1}\n`,
  )
  write('base/app/base/kustomization.yaml', 'resources: [resources.yaml]\n')
  write('base/app/base/resources.yaml', releases.join('---\n'))
  write('sites/site/app/kustomization.yaml', 'resources: [../base]\n')
}

async function serve(content: (path: string) => Buffer | undefined): Promise<Server> {
  const server = createServer((request, response) => {
    const body = content(request.url!)
    if (body === undefined) response.writeHead(404).end()
    else response.writeHead(200, { 'content-length': String(body.length) }).end(body)
  })
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  return server
}

function addressOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function isInstalled(command: string, argument: string): boolean {
  return spawnSync(command, [argument], { stdio: 'ignore' }).error === undefined
}

function sumOf(all: readonly Measured[]): Measured {
  return { seconds: all.reduce((sum, m) => sum + m.seconds, 0), peak: Math.max(...all.map(m => m.peak)) }
}

/** Runs a program to its end; its most memory is read from the kernel now and then. */
async function measure(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Record<string, string>,
): Promise<Measured> {
  const begun = performance.now()
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'pipe'] })
  let words = ''
  child.stderr.on('data', (chunk: Buffer) => {
    words += chunk.toString()
  })
  let peak = 0
  const watch = setInterval(() => {
    try {
      peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? 0))
    } catch {
      // It has just ended.
    }
  }, 20)
  const code = await new Promise<number | null>(done => child.on('close', done))
  clearInterval(watch)
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}: ${words}`)
  return { seconds: (performance.now() - begun) / 1000, peak: peak / 1024 }
}

async function startRegistry(dir: string): Promise<{ host: string; stop: () => Promise<void> }> {
  const probe = createTcpServer()
  await new Promise<void>(done => probe.listen(0, '127.0.0.1', done))
  const { port } = probe.address() as AddressInfo
  await new Promise(done => probe.close(done))
  mkdirSync(join(dir, 'data'), { recursive: true })
  const config = `version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: ${join(dir, 'data')}}}\nhttp: {addr: "127.0.0.1:${port}"}\n`
  writeFileSync(join(dir, 'config.yml'), config)
  const child = spawn('docker-registry', ['serve', join(dir, 'config.yml')], { stdio: 'ignore' })
  await listening(child, port)
  return {
    host: `127.0.0.1:${port}`,
    stop: async () => {
      const gone = new Promise(done => child.once('exit', done))
      child.kill('SIGKILL')
      await gone
    },
  }
}

async function listening(child: ChildProcess, port: number): Promise<void> {
  for (let i = 0; i < 400; i++) {
    if (child.exitCode !== null) throw new Error(`docker-registry ended with ${child.exitCode}`)
    const up = await new Promise(done => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy()
        done(true)
      })
      socket.on('error', () => done(false))
    })
    if (up) return
    await new Promise(done => setTimeout(done, 25))
  }
  throw new Error('docker-registry does not listen')
}
