import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fileReader } from '../../src/io/images.ts'
import { type RawManifest, Registry, sha256 } from '../../src/io/registry.ts'
import type { RegistrySettings } from '../../src/io/registry-session.ts'
import { installed, makeCertificates, startHttp, startRegistry } from '../support/servers.ts'

const layer = randomBytes(3 << 20)
const digest = sha256(layer)
const size = layer.length
let dir: string
const at = (name: string): string => join(dir, name)

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'decapod-registry-test-'))
  writeFileSync(at('layer'), layer)
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const settings = (more: Partial<RegistrySettings> = {}): RegistrySettings => ({
  http: { env: {}, sleep: async () => {} },
  credentials: async () => undefined,
  ...more,
})
const manifestOf = (config: string, layers: string[]): RawManifest => {
  const mediaType = 'application/vnd.oci.image.manifest.v1+json'
  const descriptor = (d: string, type: string, length: number) => ({ mediaType: type, digest: d, size: length })
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType,
      config: descriptor(config, 'application/vnd.oci.image.config.v1+json', 2),
      layers: layers.map(d => descriptor(d, 'application/vnd.oci.image.layer.v1.tar', size)),
    }),
  )
  return { mediaType, digest: sha256(bytes), bytes }
}

const there = installed('docker-registry')
describe.skipIf(!there)(`docker-registry${there ? '' : ' (skipped: docker-registry not installed)'}`, () => {
  const config = Buffer.from('{}')

  const roundTrip = async (registry: Registry): Promise<void> => {
    writeFileSync(at('config'), config)
    expect(await registry.blobSize('a/web', digest)).toBeUndefined()
    expect(await registry.pushBlob('a/web', { digest, size }, fileReader(at('layer')))).toBe('pushed')
    expect(await registry.pushBlob('a/web', { digest, size }, fileReader(at('layer')))).toBe('present')
    await registry.pushBlob('a/web', { digest: sha256(config), size: config.length }, fileReader(at('config')))
    const manifest = manifestOf(sha256(config), [digest])
    await registry.pushManifest('a/web', '1.0', manifest)
    expect((await registry.manifest('a/web', '1.0')).digest).toBe(manifest.digest)
    expect(await registry.manifestDigest('a/web', '1.0')).toBe(manifest.digest)
    expect(await registry.manifestDigest('a/web', '2.0')).toBeUndefined()
    expect(await registry.tags('a/web')).toEqual(['1.0'])
    rmSync(at('pulled'), { force: true })
    await registry.pullBlob('a/web', { digest, size }, at('pulled'))
    expect(sha256(readFileSync(at('pulled')))).toBe(digest)
    expect(await registry.mountBlob('b/api', digest, 'a/web')).toBe(true)
    await expect(registry.manifest('a/web', 'none')).rejects.toThrow(/does not exist/)
  }

  test('open, plain http on loopback', async () => {
    const server = await startRegistry()
    try {
      await roundTrip(new Registry(server.host, settings()))
    } finally {
      await server.stop()
    }
  })

  test('TLS by a CA of our own, basic auth', async () => {
    const tls = makeCertificates(dir)
    const server = await startRegistry({ tls, users: { user: 'planted-secret' } })
    try {
      const http = { env: {}, sleep: async () => {}, tls: () => ({ ca: [tls.ca] }) }
      await roundTrip(
        new Registry(
          server.host,
          settings({ http, credentials: async () => ({ username: 'user', password: 'planted-secret' }) }),
        ),
      )
      const denied = new Registry(
        server.host,
        settings({ http, credentials: async () => ({ username: 'user', password: 'wrong' }) }),
      )
      await expect(denied.manifest('a/web', '1.0')).rejects.toThrow(/access refused \(HTTP 401\)/)
      const distrustful = new Registry(server.host, settings({ http: { env: {}, tries: 1 } }))
      await expect(distrustful.manifest('a/web', '1.0')).rejects.toThrow(/certificate|CA/)
    } finally {
      await server.stop()
    }
  })

  test('token auth: asked once for many requests', async () => {
    const server = await startRegistry({ tokens: true, users: { user: 'planted-secret' } })
    try {
      const registry = new Registry(
        server.host,
        settings({ credentials: async () => ({ username: 'user', password: 'planted-secret' }) }),
      )
      await roundTrip(registry)
      const before = server.tokensAsked()
      const fresh = new Registry(
        server.host,
        settings({ credentials: async () => ({ username: 'user', password: 'planted-secret' }) }),
      )
      await fresh.manifest('a/web', '1.0')
      await Promise.all(Array.from({ length: 8 }, () => fresh.blobSize('a/web', digest)))
      expect(server.tokensAsked() - before).toBe(1)
      const wrong = new Registry(
        server.host,
        settings({ credentials: async () => ({ username: 'user', password: 'x' }) }),
      )
      await expect(wrong.manifest('a/web', '1.0')).rejects.toThrow(/access refused \(HTTP 401\): wrong password/)
    } finally {
      await server.stop()
    }
  })
})

describe('a registry that misbehaves', () => {
  /** Serves the layer, spoilt in some way; counts requests. */
  const serving = async (
    serve: (
      request: number,
      range: number,
      write: (from: number, to: number, status: number) => void,
      response: import('node:http').ServerResponse,
    ) => void,
  ) => {
    const requests: string[] = []
    const server = await startHttp((request, response) => {
      if (request.url === '/v2/') return void response.writeHead(200).end()
      requests.push(`${request.method} ${request.headers.range ?? ''}`)
      const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
      serve(
        requests.length,
        start,
        (from, to, status) => {
          response.writeHead(status, { 'content-length': String(size - from) })
          response.write(layer.subarray(from, to))
          if (to === size) response.end()
          else setTimeout(() => response.destroy(), 20)
        },
        response,
      )
    })
    return { registry: new Registry(server.host, settings()), requests, stop: server.stop }
  }

  test('cut in the middle: goes on where it ended', async () => {
    const { registry, requests, stop } = await serving((n, start, write) =>
      write(start, n < 3 ? start + 1_000_000 : size, start > 0 ? 206 : 200),
    )
    rmSync(at('cut'), { force: true })
    await registry.pullBlob('x', { digest, size }, at('cut'))
    expect(sha256(readFileSync(at('cut')))).toBe(digest)
    expect(requests.length).toBe(3)
    expect(requests[1]).toMatch(/GET bytes=\d{5,}-/)
    await stop()
  })

  test('no ranges: starts again', async () => {
    const { registry, requests, stop } = await serving((n, _, write) => write(0, n === 1 ? 500_000 : size, 200))
    rmSync(at('norange'), { force: true })
    await registry.pullBlob('x', { digest, size }, at('norange'))
    // The answer to the second try is the whole: it need not be asked for again.
    expect(requests).toEqual(['GET ', expect.stringMatching(/^GET bytes=\d+-$/)])
    expect(statSync(at('norange')).size).toBe(size)
    await stop()
  })

  test('another content: refused, and the part is gone', async () => {
    const server = await startHttp(
      (request, response) => void (request.url === '/v2/' ? response.end() : response.end(Buffer.alloc(size))),
    )
    const registry = new Registry(server.host, settings())
    await expect(registry.pullBlob('x', { digest, size }, at('wrong'))).rejects.toThrow(/has the content sha256/)
    expect(existsSync(at('wrong'))).toBe(false)
    expect(existsSync(at('wrong.part'))).toBe(false)
    await server.stop()
  })

  test('more bytes than promised: stopped', async () => {
    const server = await startHttp(
      (request, response) =>
        void (request.url === '/v2/' ? response.end() : response.end(Buffer.concat([layer, Buffer.alloc(10)]))),
    )
    await expect(new Registry(server.host, settings()).pullBlob('x', { digest, size }, at('more'))).rejects.toThrow(
      /is longer than its/,
    )
    await server.stop()
  })

  test('429 and 503 are waited out, with Retry-After', async () => {
    const slept: number[] = []
    let n = 0
    const server = await startHttp((request, response) => {
      if (request.url === '/v2/') return void response.end()
      n++
      if (n === 1) response.writeHead(429, { 'retry-after': '7' }).end()
      else if (n === 2) response.writeHead(503).end()
      else response.end(layer)
    })
    const registry = new Registry(
      server.host,
      settings({ http: { env: {}, sleep: async ms => void slept.push(ms), random: () => 0.5 } }),
    )
    await registry.pullBlob('x', { digest, size }, at('patient'))
    expect(slept[0]).toBe(7000)
    expect(slept).toHaveLength(2)
    await server.stop()
  })

  test('credentials do not follow a redirect to another host', async () => {
    let seen: string | undefined = 'nothing asked'
    const other = await startHttp((request, response) => {
      seen = request.headers.authorization
      response.end(layer)
    })
    const server = await startHttp((request, response) => {
      if (request.headers.authorization === undefined)
        response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end()
      else if (request.url === '/v2/') response.end()
      else response.writeHead(307, { location: `http://${other.host}/blob` }).end()
    })
    const registry = new Registry(
      server.host,
      settings({ credentials: async () => ({ username: 'u', password: 'planted-secret' }) }),
    )
    await registry.pullBlob('x', { digest, size }, at('elsewhere'))
    expect(seen).toBeUndefined()
    await Promise.all([server.stop(), other.stop()])
  })
})

test('sha256 of a manifest', () => {
  expect(sha256(Buffer.from('x'))).toBe(`sha256:${createHash('sha256').update('x').digest('hex')}`)
})
