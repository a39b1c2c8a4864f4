/** Charts and files from real servers on loopback: what is sent to whom, what is believed, what is kept. */
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Cli } from '../../src/cli/cli.ts'
import { openSources } from '../../src/cli/open-sources.ts'
import { Cache } from '../../src/io/cache.ts'
import { basic } from '../../src/io/credentials.ts'
import { Registry } from '../../src/io/registry.ts'
import { type Fetched, Sources } from '../../src/io/sources.ts'
import type { LockEntry } from '../../src/lock.ts'
import type { HelmSource, Source } from '../../src/source.ts'
import { type Certificates, installed, makeCertificates, startHttp, startRegistry } from '../support/servers.ts'
import {
  chartArchive,
  clientCertificate,
  serverCertificate,
  sha256,
  startChartRepository,
  startProxy,
} from '../support/source-servers.ts'

let dir: string
let tls: Certificates
let count = 0
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'decapod-sources-'))
  tls = makeCertificates(dir)
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

interface Opened {
  readonly sources: Sources
  readonly cache: Cache
  readonly fetch: (source: Source, locked?: LockEntry) => Promise<Fetched>
}

/** The client as commands open it, with a home and a cache of its own. */
function open(
  env: Record<string, string> = {},
  options: { mirrors?: Record<string, string>; offline?: boolean } = {},
): Opened {
  const home = join(dir, `home-${count++}`)
  const full = { HOME: home, PATH: process.env['PATH']!, DECAPOD_CACHE: join(home, 'cache'), ...env }
  const cache = new Cache(full.DECAPOD_CACHE, { env: full, now: Date.now, sleep: async () => {} })
  const cli = { env: full, cwd: dir, global: { json: false, quiet: true } } as unknown as Cli
  const sources = openSources(cli, cache, { mirrors: options.mirrors ?? {}, offline: options.offline ?? false })
  return { sources, cache, fetch: (source, locked) => sources.fetch(source, locked) }
}

/** repositories.yaml with one entry; gives the environment that names it. */
function repositories(entry: Record<string, string | boolean>): Record<string, string> {
  const file = join(dir, `repositories-${count++}.yaml`)
  const fields = Object.entries(entry).map(([key, value]) => `  ${key}: ${JSON.stringify(value)}\n`)
  writeFileSync(file, `repositories:\n- name: test\n${fields.join('')}`)
  return { HELM_REPOSITORY_CONFIG: file }
}

const helm = (repository: string, version = '', chart = 'web'): HelmSource => ({
  kind: 'helm',
  repository,
  chart,
  version,
})
const web = (version: string) => ({ name: 'web', version, archive: chartArchive('web', version) })
const signature = '-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nname: web\n-----END PGP SIGNATURE-----\n'
const login = basic({ username: 'user', password: 'planted-secret' })

describe('Helm repositories', () => {
  test('a constraint, a relative URL, an absolute one, a signature', async () => {
    const repository = await startChartRepository([
      web('1.2.0'),
      web('1.10.0'),
      { ...web('2.0.0'), provenance: signature },
    ])
    repository.charts.push({ ...web('3.0.0'), url: `${repository.url}/charts/web-3.0.0.tgz` })
    const { fetch, cache } = open()
    expect((await fetch(helm(repository.url, '^1.2'))).entry).toEqual({
      version: '1.10.0',
      digest: sha256(web('1.10.0').archive),
    })
    const signed = (await fetch(helm(repository.url, '~2'))).entry
    expect(signed).toEqual({
      version: '2.0.0',
      digest: sha256(web('2.0.0').archive),
      provenance: sha256(Buffer.from(signature)),
    })
    expect(cache.read(signed.provenance!)?.toString()).toBe(signature)
    expect((await fetch(helm(`${repository.url}/`))).entry.version).toBe('3.0.0')
    // The index is read once per run and spelling of the URL.
    expect(repository.requests.filter(r => r.path === '/repo/index.yaml')).toHaveLength(1)
    await expect(fetch(helm(repository.url, '^9'))).rejects.toThrow(/has no version that satisfies "\^9"/)
    await expect(fetch(helm(repository.url, '', 'wbe'))).rejects.toThrow(/has no chart "wbe"/)
    await repository.stop()
  })

  test('what is pinned without a signature is asked for alone', async () => {
    const repository = await startChartRepository([web('1.0.0')])
    await open().fetch(helm(repository.url), { version: '1.0.0', digest: sha256(web('1.0.0').archive) })
    expect(repository.requests.map(r => r.path)).toEqual(['/repo/index.yaml', '/repo/charts/web-1.0.0.tgz'])
    await repository.stop()
  })

  test('republished with other content: the pinned digest rules', async () => {
    const repository = await startChartRepository([web('1.0.0')])
    const pinned = (await open().fetch(helm(repository.url, '1.0.0'))).entry
    repository.charts[0] = {
      ...web('1.0.0'),
      archive: chartArchive('web', '1.0.0', { metadata: 'description: other\n' }),
    }
    await expect(open().fetch(helm(repository.url, '1.0.0'), pinned)).rejects.toMatchObject({
      code: 'LOCK_DRIFT',
      message: expect.stringContaining(pinned.digest),
      hint: 'if this is wanted: decapod lock --update "web"',
    })
    await repository.stop()
  })

  test('an archive that is not what the index promises', async () => {
    const repository = await startChartRepository([{ ...web('1.0.0'), digest: `sha256:${'f'.repeat(64)}` }])
    await expect(open().fetch(helm(repository.url))).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' })
    await repository.stop()
  })

  test.each<[name: string, entry: (url: string) => Record<string, string | boolean>, elsewhere: string | undefined]>([
    ['credentials stay with the repository', url => ({ url, username: 'user', password: 'planted-secret' }), undefined],
    [
      'and go on with --pass-credentials',
      url => ({ url, username: 'user', password: 'planted-secret', pass_credentials_all: true }),
      login,
    ],
  ])('basic auth: %s', async (_, entry, elsewhere) => {
    const other = await startChartRepository([web('1.0.0'), web('1.1.0')])
    const repository = await startChartRepository(
      [{ ...web('1.0.0') }, { ...web('1.1.0'), url: `${other.url}/charts/web-1.1.0.tgz` }],
      { authorization: login },
    )
    const { fetch } = open(repositories(entry(repository.url)))
    expect((await fetch(helm(repository.url, '1.0.0'))).entry.version).toBe('1.0.0')
    expect((await fetch(helm(repository.url, '1.1.0'))).entry.version).toBe('1.1.0')
    expect(other.requests.map(r => r.authorization)).toEqual([elsewhere, elsewhere])
    await expect(open().fetch(helm(repository.url, '1.0.0'))).rejects.toThrow(/access refused \(HTTP 401\)/)
    await Promise.all([repository.stop(), other.stop()])
  })

  test('user and password in the URL', async () => {
    const repository = await startChartRepository([web('1.0.0')], { authorization: login })
    repository.charts.push({ ...web('1.1.0'), url: `${repository.url}/charts/web-1.1.0.tgz` })
    const url = repository.url.replace('//', '//user:planted-secret@')
    expect((await open().fetch(helm(url, '1.0.0'))).entry.version).toBe('1.0.0')
    // An absolute URL of the same server does not have them.
    expect((await open().fetch(helm(url, '1.1.0'))).entry.version).toBe('1.1.0')
    await repository.stop()
  })

  test('a bearer token by host', async () => {
    const repository = await startChartRepository([web('1.0.0')], { authorization: 'Bearer planted-secret' })
    const name = `DECAPOD_TOKEN_${repository.host.replace(/\W/g, '_')}`
    expect((await open({ [name]: 'planted-secret' }).fetch(helm(repository.url))).state).toBe('fetched')
    await expect(open({ DECAPOD_TOKEN_other: 'planted-secret' }).fetch(helm(repository.url))).rejects.toThrow(/401/)
    await repository.stop()
  })

  test('credentials do not follow a redirect to another port', async () => {
    const other = await startChartRepository([web('1.0.0')])
    const repository = await startChartRepository([], {
      authorization: login,
      intercept: (request, response) => {
        if (request.headers.authorization !== login) return false
        response.writeHead(302, { location: `http://${other.host}${request.url}` }).end()
        return true
      },
    })
    await open(repositories({ url: repository.url, username: 'user', password: 'planted-secret' })).fetch(
      helm(repository.url),
    )
    expect(new Set(repository.requests.map(r => r.authorization))).toEqual(new Set([login]))
    expect(other.requests.map(r => r.authorization)).toEqual([undefined, undefined, undefined])
    await Promise.all([repository.stop(), other.stop()])
  })

  test('a repository by the name helm knows it by', async () => {
    const repository = await startChartRepository([web('1.0.0')])
    expect((await open(repositories({ url: repository.url })).fetch(helm('@test'))).entry.version).toBe('1.0.0')
    await expect(open().fetch(helm('@test'))).rejects.toThrow(/no repository definition for @test/)
    await repository.stop()
  })

  test('mirrors: a table for repositories, and credentials of the mirror', async () => {
    const repository = await startChartRepository([web('1.0.0')], { authorization: login })
    const mirrors = { 'https://charts.example.invalid/stable': repository.url }
    const env = repositories({ url: repository.url, username: 'user', password: 'planted-secret' })
    const source = helm('https://other:origins@charts.example.invalid/stable')
    expect((await open(env, { mirrors }).fetch(source)).entry.version).toBe('1.0.0')
    // Those of the origin are not for its mirror.
    await expect(open({}, { mirrors }).fetch(source)).rejects.toThrow(/HTTP 401/)
    expect(repository.requests.at(-1)!.authorization).toBeUndefined()
    await repository.stop()
  })
})

describe('TLS and proxies', () => {
  test('a CA of our own: refused without, by repositories.yaml, by SSL_CERT_FILE', async () => {
    const repository = await startChartRepository([web('1.0.0')], { tls })
    const source = helm(repository.url)
    await expect(open().fetch(source)).rejects.toMatchObject({
      message: expect.stringMatching(/unknown CA|unable to verify/),
      hint: expect.stringContaining('SSL_CERT_FILE'),
    })
    const ca = join(dir, 'ca.crt')
    expect((await open(repositories({ url: repository.url, caFile: ca })).fetch(source)).state).toBe('fetched')
    expect((await open({ SSL_CERT_FILE: ca }).fetch(source)).state).toBe('fetched')
    const certs = join(dir, 'certs', 'certs.d', repository.host)
    mkdirSync(certs, { recursive: true })
    writeFileSync(join(certs, 'ca.crt'), tls.ca)
    expect((await open({ DOCKER_CONFIG: join(dir, 'certs') }).fetch(source)).state).toBe('fetched')
    const insecure = repositories({ url: repository.url, insecure_skip_tls_verify: true })
    expect((await open(insecure).fetch(source)).state).toBe('fetched')
    await repository.stop()
  })

  test('a client certificate', async () => {
    const client = clientCertificate(dir)
    const repository = await startChartRepository([web('1.0.0')], { tls: { ...tls, clientCa: tls.ca } })
    const entry = { url: repository.url, caFile: join(dir, 'ca.crt') }
    const source = helm(repository.url)
    await expect(open(repositories(entry)).fetch(source)).rejects.toThrow(/cannot reach/)
    const env = repositories({ ...entry, certFile: client.certFile, keyFile: client.keyFile })
    expect((await open(env).fetch(source)).state).toBe('fetched')
    await repository.stop()
  })

  test('HTTPS_PROXY: CONNECT by name, with the proxy’s own credentials; NO_PROXY goes around it', async () => {
    const named = serverCertificate(dir, 'charts.test.invalid')
    const cert = { ...tls, cert: readFileSync(named.certFile, 'utf8'), key: readFileSync(named.keyFile, 'utf8') }
    const repository = await startChartRepository([web('1.0.0')], { tls: cert })
    const proxy = await startProxy(repository.host, login)
    const env = { SSL_CERT_FILE: join(dir, 'ca.crt'), HTTPS_PROXY: `http://user:planted-secret@${proxy.host}` }
    const source = helm('https://charts.test.invalid/repo')
    expect((await open(env).fetch(source)).entry.version).toBe('1.0.0')
    expect(new Set(proxy.asked)).toEqual(new Set(['charts.test.invalid:443']))
    const wrong = { ...env, HTTPS_PROXY: `http://${proxy.host}` }
    await expect(open(wrong).fetch(source)).rejects.toThrow(/the proxy .* answers 407 to CONNECT/)
    await expect(open({ ...env, NO_PROXY: '.test.invalid' }).fetch(source)).rejects.toThrow(/cannot reach/)
    await Promise.all([repository.stop(), proxy.stop()])
  })

  test('HTTP_PROXY', async () => {
    const repository = await startChartRepository([web('1.0.0')])
    const proxy = await startProxy(repository.host)
    const { fetch } = open({ HTTP_PROXY: `http://${proxy.host}` })
    expect((await fetch(helm('http://charts.test.invalid/repo'))).state).toBe('fetched')
    expect(proxy.asked[0]).toBe('http://charts.test.invalid/repo/index.yaml')
    await Promise.all([repository.stop(), proxy.stop()])
  })
})

const registryThere = installed('docker-registry')
describe.skipIf(!registryThere)(`OCI${registryThere ? '' : ' (skipped: docker-registry not installed)'}`, () => {
  const chart = chartArchive('web', '1.2.0')
  const manifest = (layers: [type: string, bytes: Buffer][]) => {
    const mediaType = 'application/vnd.oci.image.manifest.v1+json'
    const descriptor = (type: string, bytes: Buffer) => ({ mediaType: type, digest: sha256(bytes), size: bytes.length })
    const config = descriptor('application/vnd.cncf.helm.config.v1+json', Buffer.from('{}'))
    const bytes = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType,
        config,
        layers: layers.map(([type, data]) => descriptor(type, data)),
      }),
    )
    return { mediaType, digest: sha256(bytes), bytes }
  }
  const layers: [string, Buffer][] = [
    ['application/vnd.cncf.helm.chart.content.v1.tar+gzip', chart],
    ['application/vnd.cncf.helm.chart.provenance.v1.prov', Buffer.from(signature)],
  ]

  /** A registry with TLS by our CA and token auth, and a chart in it under two tags. */
  const start = async () => {
    const server = await startRegistry({ tls, tokens: true, users: { user: 'planted-secret' } })
    const settings = {
      http: { env: {}, tls: () => ({ ca: [tls.ca] }) },
      credentials: async () => ({ username: 'user', password: 'planted-secret' }),
    }
    const registry = new Registry(server.host, settings)
    const { Readable } = await import('node:stream')
    for (const bytes of [chart, Buffer.from(signature), Buffer.from('{}')])
      await registry.pushBlob('charts/web', { digest: sha256(bytes), size: bytes.length }, (from, to) =>
        Readable.from([bytes.subarray(from, to)]),
      )
    for (const tag of ['1.2.0', '1.3.0_build.5', 'latest'])
      await registry.pushManifest('charts/web', tag, manifest(layers))
    return server
  }

  test('by every place that keeps credentials; tags as versions; signatures; charts that are none', async () => {
    const server = await start()
    const oci = (version: string): Source => ({ kind: 'oci', repository: `${server.host}/charts/web`, version })
    const auth = Buffer.from('user:planted-secret').toString('base64')
    const write = (name: string, text: string): string => {
      mkdirSync(join(dir, name), { recursive: true })
      writeFileSync(join(dir, name, 'config.json'), text)
      return join(dir, name)
    }
    const ca = { SSL_CERT_FILE: join(dir, 'ca.crt') }
    const helper = join(dir, 'bin')
    mkdirSync(helper, { recursive: true })
    writeFileSync(
      join(helper, 'docker-credential-test'),
      `#!/bin/sh\nread host\ntest "$host" = "${server.host}" && echo '{"Username":"user","Secret":"planted-secret"}'\n`,
    )
    chmodSync(join(helper, 'docker-credential-test'), 0o755)
    const places: Record<string, Record<string, string>> = {
      'docker config.json': { DOCKER_CONFIG: write('docker', JSON.stringify({ auths: { [server.host]: { auth } } })) },
      'a credential helper': {
        DOCKER_CONFIG: write('helper', JSON.stringify({ credHelpers: { [server.host]: 'test' } })),
        PATH: `${helper}:${process.env['PATH']}`,
      },
      'a credential store': {
        DOCKER_CONFIG: write('store', JSON.stringify({ credsStore: 'test' })),
        PATH: `${helper}:${process.env['PATH']}`,
      },
      'helm registry login': {
        HELM_REGISTRY_CONFIG: join(
          write('helm', JSON.stringify({ auths: { [server.host]: { auth } } })),
          'config.json',
        ),
      },
    }
    const want = { version: '1.2.0', digest: sha256(chart), provenance: sha256(Buffer.from(signature)) }
    for (const [place, env] of Object.entries(places))
      expect((await open({ ...ca, ...env }).fetch(oci('1.2.0'))).entry, place).toEqual(want)
    const { fetch, sources } = open({ ...ca, ...places['docker config.json'] })
    // A tag cannot hold "+"; what is no version is no version.
    expect((await fetch(oci('^1'))).entry.version).toBe('1.3.0+build.5')
    expect(await sources.versions(oci(''))).toEqual(['1.3.0+build.5', '1.2.0'])
    expect((await fetch(oci(manifest(layers).digest))).entry).toEqual({
      digest: want.digest,
      provenance: want.provenance,
    })
    await expect(open(ca).fetch(oci('1.2.0'))).rejects.toThrow(/access refused \(HTTP 401\)/)
    // The same table of mirrors as for everything else.
    const mirrored: Source = { kind: 'oci', repository: 'ghcr.invalid/org/web', version: '1.2.0' }
    const mirrors = { 'ghcr.invalid/org': `${server.host}/charts` }
    expect((await open({ ...ca, ...places['docker config.json'] }, { mirrors }).fetch(mirrored)).entry).toEqual(want)
    await server.stop()
  }, 20_000)
})

test('OCI: a blob goes on where a killed run left it, and what is there already is not asked for', async () => {
  const chart = chartArchive('web', '1.0.0')
  const layer = {
    mediaType: 'application/vnd.cncf.helm.chart.content.v1.tar+gzip',
    digest: sha256(chart),
    size: chart.length,
  }
  const manifest = JSON.stringify({ schemaVersion: 2, config: {}, layers: [layer] })
  const asked: string[] = []
  const server = await startHttp((request, response) => {
    if (request.url!.includes('/manifests/')) return void response.end(manifest)
    if (!request.url!.includes('/blobs/')) return void response.end()
    asked.push(request.headers.range ?? 'all')
    const start = Number(/\d+/.exec(request.headers.range ?? '')?.[0] ?? 0)
    response.writeHead(start > 0 ? 206 : 200).end(chart.subarray(start))
  })
  const source: Source = { kind: 'oci', repository: `${server.host}/charts/web`, version: '1.0.0' }
  const { fetch, cache } = open()
  writeFileSync(`${cache.partial(layer.digest)}.part`, chart.subarray(0, 100))
  expect((await fetch(source)).entry).toEqual({ version: '1.0.0', digest: layer.digest })
  // Another tag of the same content.
  expect((await fetch({ ...source, version: '1.0.1' })).entry.digest).toBe(layer.digest)
  expect(asked).toEqual(['bytes=100-'])
  // What was left is not believed: with a wrong beginning the whole is wrong, is thrown away, and comes anew at once.
  const spoilt = open()
  writeFileSync(`${spoilt.cache.partial(layer.digest)}.part`, Buffer.alloc(100))
  expect((await spoilt.fetch(source)).entry.digest).toBe(layer.digest)
  expect(spoilt.cache.read(layer.digest)).toEqual(chart)
  expect(asked).toEqual(['bytes=100-', 'bytes=100-', 'all'])
  await server.stop()
})

describe('files over HTTP', () => {
  test('the file, and limits on its way', async () => {
    const server = await startHttp((request, response) => {
      if (request.url === '/round') response.writeHead(302, { location: '/round' }).end()
      else if (request.url === '/file') response.writeHead(302, { location: 'file:///etc/passwd' }).end()
      else if (request.url === '/a.yaml') response.end('a: 1\n')
      else response.writeHead(404).end()
    })
    const http = (path: string): Source => ({ kind: 'http', url: `http://${server.host}/${path}` })
    const { fetch, cache } = open()
    expect(cache.read((await fetch(http('a.yaml'))).entry.digest)?.toString()).toBe('a: 1\n')
    await expect(fetch(http('round'))).rejects.toThrow(/redirects more than 10 times/)
    await expect(fetch(http('file'))).rejects.toThrow(/only http and https/)
    await expect(fetch(http('none'))).rejects.toThrow(/does not exist \(HTTP 404\)/)
    await server.stop()
  })

  test('from https to http is refused', async () => {
    const repository = await startChartRepository([], {
      tls,
      intercept: (_, response) => {
        response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()
        return true
      },
    })
    const { fetch } = open({ SSL_CERT_FILE: join(dir, 'ca.crt') })
    await expect(fetch({ kind: 'http', url: `${repository.url}/a.yaml` })).rejects.toThrow(
      /from https to http, which is refused/,
    )
    await repository.stop()
  })
})

describe('the cache', () => {
  test('what is pinned and there is not asked for; spoilt, it is fetched again; offline, refused', async () => {
    const repository = await startChartRepository([web('1.0.0')])
    const { fetch, cache } = open()
    const { entry } = await fetch(helm(repository.url))
    const before = repository.requests.length
    expect((await fetch(helm(repository.url), entry)).state).toBe('cached')
    expect(repository.requests.length).toBe(before)
    writeFileSync(cache.fileOf(entry.digest), 'spoilt')
    expect((await fetch(helm(repository.url), entry)).state).toBe('fetched')
    expect(cache.read(entry.digest)).toEqual(web('1.0.0').archive)
    const offline = open({ DECAPOD_CACHE: cache.dir }, { offline: true })
    expect((await offline.fetch(helm(repository.url), entry)).state).toBe('cached')
    rmSync(cache.fileOf(entry.digest))
    await expect(offline.fetch(helm(repository.url), entry)).rejects.toThrow(/not in the cache, and --offline/)
    await repository.stop()
  })

  test('cut downloads start again; what is cut to the end is told, and leaves nothing', async () => {
    let cuts = 2
    const repository = await startChartRepository([web('1.0.0')], {
      intercept: (request, response) => {
        if (!request.url!.endsWith('.tgz') || cuts-- <= 0) return false
        response.writeHead(200, { 'content-length': '1000' })
        response.write('x'.repeat(100), () => response.destroy())
        return true
      },
    })
    const { fetch, cache } = open()
    expect((await fetch(helm(repository.url))).entry.digest).toBe(sha256(web('1.0.0').archive))
    cuts = 100
    await expect(open().fetch(helm(repository.url))).rejects.toThrow(/the download was cut 4 times/)
    expect(readdirSync(join(cache.dir, 'tmp'))).toEqual([])
    await repository.stop()
  })

  test('more than may come is not taken', async () => {
    const repository = await startChartRepository([web('1.0.0')])
    const env = { HOME: dir }
    const cache = new Cache(join(dir, 'limited'), { env, now: Date.now, sleep: async () => {} })
    const sources = new Sources({
      cache,
      http: { env },
      git: { env },
      credentials: async () => undefined,
      mirrors: {},
      sizeLimit: 100,
    })
    await expect(sources.fetch(helm(repository.url))).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' })
    expect(readdirSync(join(cache.dir, 'tmp'))).toEqual([])
    await repository.stop()
  })

  const canMount = process.getuid?.() === 0 && mountable()
  test.skipIf(!canMount)(`a full disk${canMount ? '' : ' (skipped: tmpfs cannot be mounted)'}`, async () => {
    const small = join(dir, 'small')
    mkdirSync(small)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', small])
    try {
      const big = { ...web('1.0.0'), archive: Buffer.alloc(1 << 20, 7) }
      const repository = await startChartRepository([big, web('1.1.0')])
      const { fetch } = open({ DECAPOD_CACHE: join(small, 'cache') })
      await expect(fetch(helm(repository.url, '1.0.0'))).rejects.toMatchObject({
        message: expect.stringMatching(/no space left/),
        hint: 'free space, or run "decapod cache gc"',
      })
      // Nothing is left in the way of what does fit.
      expect(readdirSync(join(small, 'cache', 'tmp'))).toEqual([])
      expect((await fetch(helm(repository.url, '1.1.0'))).state).toBe('fetched')
      await repository.stop()
    } finally {
      execFileSync('umount', [small])
    }
  })
})

function mountable(): boolean {
  const at = mkdtempSync(join(tmpdir(), 'decapod-mount-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', at], { stdio: 'ignore' })
    execFileSync('umount', [at])
    return true
  } catch {
    return false
  } finally {
    rmSync(at, { recursive: true, force: true })
  }
}
