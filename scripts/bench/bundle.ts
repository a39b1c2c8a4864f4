/**
 * Bundles beside skopeo: export, import and the delta of one changed layer, for images of about 1 GB in all between two
 * of Debian's docker-registry on this machine. Every run starts with an empty cache and an empty registry.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { randomFillSync } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { digestOf } from '../../src/io/cache.ts'
import { type RawManifest, Registry } from '../../src/io/registry.ts'

const program = resolve(import.meta.dirname, '../../src/cli/bin.js')
const count = 16
const repository = 'bench/app'

interface Measured {
  readonly seconds: number
  /** Processor time of the process, which the load of the machine changes less. */
  readonly cpu: number
  /** Most memory of the process, in MB. */
  readonly peak: number
}

/** Prints the table; `[MB] [ROUNDS]`. Exit code 1 where decapod is slower than skopeo. */
export async function run(args: string[]): Promise<number> {
  for (const needed of ['docker-registry', 'skopeo']) {
    if (spawnSync(needed, ['--version']).error === undefined) continue
    console.error(`${needed} is not installed`)
    return 2
  }
  const megabytes = Number(args[0] ?? 1024)
  const rounds = Number(args[1] ?? 3)
  const dir = mkdtempSync(join(tmpdir(), 'decapod-bench-'))
  try {
    return await measureAll(dir, megabytes, rounds)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

async function measureAll(dir: string, megabytes: number, rounds: number): Promise<number> {
  const at = (name: string): string => join(dir, name)
  const layer = Math.floor((megabytes << 20) / count)
  const near = await startRegistry(at('near'))
  const results = new Map<string, Measured[]>()
  const note = (name: string, measured: Measured): void =>
    void results.set(name, [...(results.get(name) ?? []), measured])
  try {
    for (let i = 0; i < count; i++) await pushImage(near.host, `${i}`, layer)
    await pushImage(near.host, 'changed', layer)
    writeFileSync(at('policy.json'), '{"default":[{"type":"insecureAcceptAnything"}]}')
    const tags = Array.from({ length: count }, (_, i) => `"${i}"`).join(', ')
    writeFileSync(at('sync.yaml'), `${near.host}:\n  tls-verify: false\n  images:\n    ${repository}: [${tags}]\n`)
    makeWorkspace(
      at('workspace'),
      Array.from({ length: count }, (_, i) => `${i}`),
    )
    makeWorkspace(at('changed'), ['changed', ...Array.from({ length: count - 1 }, (_, i) => `${i + 1}`)])
    const skopeo = (...more: string[]): Promise<Measured> =>
      measure('skopeo', ['--policy', at('policy.json'), ...more], dir, {})
    const decapod = (cwd: string, cache: string, ...more: string[]): Promise<Measured> =>
      measure(process.execPath, [program, 'bundle', ...more, '--quiet'], cwd, { DECAPOD_CACHE: cache })
    const from = ['--from', `docker.io=${near.host}`]
    for (let round = 0; round < rounds; round++) {
      for (const name of ['synced', 'layout', 'cache', 'one.bundle', 'two.bundle'])
        rmSync(at(name), { recursive: true, force: true })
      note('export skopeo sync', await skopeo('sync', '--src', 'yaml', '--dest', 'dir', at('sync.yaml'), at('synced')))
      note('export skopeo copy', await skopeoCopies(skopeo, near.host, at('layout')))
      note(
        'export decapod',
        await decapod(at('workspace'), at('cache'), 'export', 'site', '--out', at('one.bundle'), ...from),
      )
      note(
        'delta decapod',
        await decapod(
          at('changed'),
          at('cache'),
          'export',
          'site',
          '--out',
          at('two.bundle'),
          '--since',
          at('one.bundle'),
          ...from,
        ),
      )
      note('verify decapod', await decapod(dir, at('cache'), 'verify', at('one.bundle')))
      const far = await startRegistry(at(`far-skopeo-${round}`))
      note(
        'import skopeo sync',
        await skopeo('sync', '--src', 'dir', '--dest', 'docker', '--dest-tls-verify=false', at('synced'), far.host),
      )
      await far.stop()
      const copied = await startRegistry(at(`far-copy-${round}`))
      note('import skopeo copy', await skopeoImports(skopeo, at('layout'), copied.host))
      await copied.stop()
      const ours = await startRegistry(at(`far-decapod-${round}`))
      note('import decapod', await decapod(dir, at('cache'), 'import', at('one.bundle'), '--registry', ours.host))
      note('import delta decapod', await decapod(dir, at('cache'), 'import', at('two.bundle'), '--registry', ours.host))
      await ours.stop()
    }
    return report(results, megabytes, statSync(at('one.bundle')).size, statSync(at('two.bundle')).size)
  } finally {
    await near.stop()
  }
}

/** One `skopeo copy` after the other into one OCI layout. */
async function skopeoCopies(
  skopeo: (...args: string[]) => Promise<Measured>,
  host: string,
  layout: string,
): Promise<Measured> {
  const all: Measured[] = []
  for (let i = 0; i < count; i++)
    all.push(
      await skopeo('copy', '--src-tls-verify=false', `docker://${host}/${repository}:${i}`, `oci:${layout}:${i}`),
    )
  return sumOf(all)
}

async function skopeoImports(
  skopeo: (...args: string[]) => Promise<Measured>,
  layout: string,
  host: string,
): Promise<Measured> {
  const all: Measured[] = []
  for (let i = 0; i < count; i++)
    all.push(
      await skopeo('copy', '--dest-tls-verify=false', `oci:${layout}:${i}`, `docker://${host}/${repository}:${i}`),
    )
  return sumOf(all)
}

function sumOf(all: readonly Measured[]): Measured {
  const sum = (of: (m: Measured) => number): number => all.reduce((total, m) => total + of(m), 0)
  return { seconds: sum(m => m.seconds), cpu: sum(m => m.cpu), peak: Math.max(...all.map(m => m.peak)) }
}

function report(
  results: ReadonlyMap<string, readonly Measured[]>,
  megabytes: number,
  whole: number,
  delta: number,
): number {
  const median = (name: string): Measured => {
    const all = [...results.get(name)!].sort((a, b) => a.seconds - b.seconds)
    return { ...all[Math.floor(all.length / 2)]!, peak: Math.max(...all.map(m => m.peak)) }
  }
  console.log(`${count} images, ${megabytes} MiB of layers; median of ${results.get('export decapod')!.length}\n`)
  console.log('| What | Seconds | CPU seconds | MiB/s | Peak memory |\n|---|---:|---:|---:|---:|')
  for (const name of results.keys()) {
    const { seconds, cpu, peak } = median(name)
    const moved = name.includes('delta') ? megabytes / count : megabytes
    console.log(
      `| ${name} | ${seconds.toFixed(2)} | ${cpu.toFixed(2)} | ${(moved / seconds).toFixed(0)} | ${peak.toFixed(0)} MB |`,
    )
  }
  const ratio = (what: string, other: string): number =>
    median(`${what} ${other}`).seconds / median(`${what} decapod`).seconds
  console.log(
    `\nexport: ${ratio('export', 'skopeo sync').toFixed(2)}x skopeo sync, ${ratio('export', 'skopeo copy').toFixed(2)}x skopeo copy`,
  )
  console.log(
    `import: ${ratio('import', 'skopeo sync').toFixed(2)}x skopeo sync, ${ratio('import', 'skopeo copy').toFixed(2)}x skopeo copy`,
  )
  console.log(
    `delta of one layer in ${count}: ${((delta / whole) * 100).toFixed(2)} % of the bytes, ${((median('delta decapod').seconds / median('export decapod').seconds) * 100).toFixed(0)} % of the time`,
  )
  const slower = ['export', 'import'].some(what => ['skopeo sync', 'skopeo copy'].some(other => ratio(what, other) < 1))
  return slower ? 1 : 0
}

/** Runs a program to its end; its peak memory is what the kernel says. */
async function measure(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Record<string, string>,
): Promise<Measured> {
  // What the run before wrote must not be written to the disk at the expense of this one.
  execFileSync('sync')
  const begun = performance.now()
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'pipe'] })
  let words = ''
  child.stderr.on('data', (chunk: Buffer) => {
    words += chunk.toString()
  })
  let peak = 0
  let cpu = 0
  const watch = setInterval(() => {
    try {
      const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8')
      // utime and stime, in the hundredths of proc(5).
      const [user = '0', system = '0'] = stat
        .slice(stat.lastIndexOf(')') + 2)
        .split(' ')
        .slice(11, 13)
      cpu = (Number(user) + Number(system)) / 100
      peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? 0))
    } catch {
      // It has just ended.
    }
  }, 20)
  const code = await new Promise<number | null>(done => child.on('close', done))
  clearInterval(watch)
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}: ${words}`)
  return { seconds: (performance.now() - begun) / 1000, cpu, peak: peak / 1024 }
}

/** A site of plain objects that run the images. */
function makeWorkspace(dir: string, tags: readonly string[]): void {
  const write = (path: string, text: string): void => {
    mkdirSync(join(dir, path, '..'), { recursive: true })
    writeFileSync(join(dir, path), text)
  }
  const pods = tags.map(
    tag =>
      `apiVersion: v1\nkind: Pod\nmetadata: {name: "app-${tag}"}\nspec: {containers: [{name: app, image: "${repository}:${tag}"}]}\n`,
  )
  write('base/apps/base/kustomization.yaml', 'resources: [pods.yaml]\n')
  write('base/apps/base/pods.yaml', pods.join('---\n'))
  write('sites/site/apps/kustomization.yaml', 'resources: [../base]\n')
  write('sites/site/site.yaml', 'labels: {}\n')
}

async function pushImage(host: string, tag: string, size: number): Promise<void> {
  const registry = new Registry(host, { http: { env: {} }, credentials: async () => undefined })
  const push = async (mediaType: string, bytes: Uint8Array): Promise<object> => {
    await registry.pushBytes(repository, digestOf(bytes), bytes)
    return { mediaType, digest: digestOf(bytes), size: bytes.length }
  }
  const layer = await push('application/vnd.oci.image.layer.v1.tar', randomFillSync(Buffer.alloc(size)))
  const config = await push(
    'application/vnd.oci.image.config.v1+json',
    Buffer.from(
      JSON.stringify({
        architecture: 'amd64',
        os: 'linux',
        tag,
        rootfs: { type: 'layers', diff_ids: [(layer as { digest: string }).digest] },
      }),
    ),
  )
  const mediaType = 'application/vnd.oci.image.manifest.v1+json'
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, config, layers: [layer] }))
  const manifest: RawManifest = { mediaType, digest: digestOf(bytes), bytes }
  await registry.pushManifest(repository, tag, manifest)
}

async function startRegistry(dir: string): Promise<{ host: string; stop: () => Promise<void> }> {
  const free = createServer()
  await new Promise<void>(done => free.listen(0, '127.0.0.1', done))
  const { port } = free.address() as AddressInfo
  await new Promise(done => free.close(done))
  const host = `127.0.0.1:${port}`
  mkdirSync(join(dir, 'data'), { recursive: true })
  const config = `version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: ${join(dir, 'data')}}}\nhttp: {addr: "${host}"}\n`
  writeFileSync(join(dir, 'config.yml'), config)
  const child = spawn('docker-registry', ['serve', join(dir, 'config.yml')], { stdio: 'ignore' })
  for (let i = 0; !(await answers(port)); i++) {
    if (i > 200) throw new Error('docker-registry does not listen')
    await new Promise(done => setTimeout(done, 25))
  }
  return { host, stop: () => stopped(child, dir) }
}

function answers(port: number): Promise<boolean> {
  return new Promise(done => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      done(true)
    })
    socket.on('error', () => done(false))
  })
}

async function stopped(child: ChildProcess, dir: string): Promise<void> {
  const gone = new Promise(done => child.once('exit', done))
  child.kill('SIGKILL')
  await gone
  rmSync(dir, { recursive: true, force: true })
}
