import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { formatGitBundle, objectsOf, type Snapshot, snapshotFiles } from '../../src/bundle/git-snapshot.ts'
import { parseReference, type Reference } from '../../src/bundle/reference.ts'
import { type ExportOptions, exportBundle } from '../../src/io/bundle-export.ts'
import { type ReadBundle, readBundle } from '../../src/io/bundle-file.ts'
import { type ImportOptions, importBundle } from '../../src/io/bundle-import.ts'
import { Cache, digestOf } from '../../src/io/cache.ts'
import { type RawManifest, Registry } from '../../src/io/registry.ts'
import { storedGzip, writeTar } from '../../src/tar-writer.ts'
import { installed, type RunningRegistry, startRegistry } from '../support/servers.ts'

const there = installed('docker-registry')
let dir: string
let near: RunningRegistry
let far: RunningRegistry
let nearClient: Registry
let images: Reference[]
const at = (name: string): string => join(dir, name)
const client = (host: string): Registry => new Registry(host, { http: { env: {} }, credentials: async () => undefined })
const git = { env: process.env }
const chartArchive = storedGzip(
  writeTar([{ name: 'web/Chart.yaml', data: Buffer.from('apiVersion: v2\nname: web\nversion: 1.0.0\n') }]),
)
const base = async (file: string): Promise<ReadBundle> => await readBundle(file, { manifestOnly: true })

async function push(repository: string, bytes: Uint8Array): Promise<{ digest: string; size: number }> {
  const descriptor = { digest: digestOf(bytes), size: bytes.length }
  await nearClient.pushBlob(repository, descriptor, (start, end) => Readable.from([bytes.subarray(start, end)]))
  return descriptor
}

async function makeImage(
  repository: string,
  tag: string | undefined,
  architecture: string,
  layers: Uint8Array[],
): Promise<RawManifest> {
  const config = await push(
    repository,
    Buffer.from(JSON.stringify({ architecture, os: 'linux', rootfs: { type: 'layers', diff_ids: [] } })),
  )
  const pushed = []
  for (const layer of layers)
    pushed.push({ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', ...(await push(repository, layer)) })
  const mediaType = 'application/vnd.oci.image.manifest.v1+json'
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType,
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
      layers: pushed,
    }),
  )
  const manifest = { mediaType, digest: digestOf(bytes), bytes }
  await nearClient.pushManifest(repository, tag ?? manifest.digest, manifest)
  return manifest
}

beforeAll(async () => {
  if (!there) return
  dir = mkdtempSync(join(tmpdir(), 'decapod-journey-'))
  ;[near, far] = await Promise.all([startRegistry(), startRegistry()])
  nearClient = client(near.host)
  const shared = gzipSync(randomBytes(200_000))
  await makeImage('team/single', '1.0', 'amd64', [shared, gzipSync(randomBytes(50_000))])
  const children = [
    await makeImage('team/multi', undefined, 'amd64', [shared, gzipSync(randomBytes(60_000))]),
    await makeImage('team/multi', undefined, 'arm64', [shared]),
  ]
  const mediaType = 'application/vnd.oci.image.index.v1+json'
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType,
      manifests: children.map((m, i) => ({
        mediaType: m.mediaType,
        digest: m.digest,
        size: m.bytes.length,
        platform: { os: 'linux', architecture: ['amd64', 'arm64'][i] },
      })),
    }),
  )
  await nearClient.pushManifest('team/multi', '2.0', { mediaType, digest: digestOf(bytes), bytes })
  images = [parseReference(`${near.host}/team/single:1.0`), parseReference(`${near.host}/team/multi:2.0`)]
})
afterAll(async () => {
  await Promise.all([near?.stop(), far?.stop()])
  if (dir !== undefined) rmSync(dir, { recursive: true, force: true })
})

const cache = (name: string): Cache =>
  new Cache(at(name), { env: {}, now: Date.now, sleep: ms => new Promise(done => setTimeout(done, ms)) })
const exporting = (more: Partial<ExportOptions> = {}): ExportOptions => ({
  engine: '0.1.0',
  sites: ['site-z'],
  images: images.map(reference => ({ reference, sites: ['site-z'] })),
  files: [
    {
      type: 'chart',
      name: 'helm https://charts.example.com web 1.0.0',
      mediaType: 'application/gzip',
      from: chartArchive,
      file: 'web-1.0.0.tgz',
    },
  ],
  registry: client,
  cache: cache('cache'),
  platforms: [],
  jobs: 4,
  ...more,
})
const importing = (more: Partial<ImportOptions> = {}): ImportOptions => ({
  registry: client(far.host),
  targets: ({ type, name }) =>
    type === 'chart'
      ? [{ host: far.host, path: 'mirror/charts/', tag: undefined, digest: undefined }]
      : [parseReference(name)].map(r => ({ ...r, host: far.host, path: `mirror/${r.path}` })),
  exclusively: (_, work) => work(),
  overwrite: false,
  jobs: 4,
  ...more,
})

describe.skipIf(!there)(
  `from one registry to another${there ? '' : ' (skipped: docker-registry not installed)'}`,
  () => {
    test('two exports with different caches are the same bytes', async () => {
      const first = await exportBundle(at('a.bundle'), exporting())
      await exportBundle(
        at('b.bundle'),
        exporting({ cache: cache('other-cache'), images: [...exporting().images].reverse() }),
      )
      expect(digestOf(readFileSync(at('a.bundle')))).toBe(digestOf(readFileSync(at('b.bundle'))))
      expect(first.manifest.contents.map(c => c.type)).toEqual(
        expect.arrayContaining(['image', 'image', 'chart', 'sbom']),
      )
    })

    test('import, again, and what is there afterwards', async () => {
      const { manifest } = await readBundle(at('a.bundle'))
      const first = await importBundle(at('a.bundle'), manifest, importing({ charts: at('charts') }))
      // Two images, the chart in the registry and in the directory.
      expect(first.pushed).toHaveLength(4)
      const again = await importBundle(at('a.bundle'), manifest, importing({ charts: at('charts') }))
      expect(again).toMatchObject({ pushed: [] })
      for (const image of images) {
        expect(await client(far.host).manifestDigest(`mirror/${image.path}`, image.tag!)).toBe(
          await nearClient.manifestDigest(image.path, image.tag!),
        )
      }
    })

    test('another content under the same tag is refused, then replaced when told so', async () => {
      const digest = await nearClient.manifestDigest('team/single', '1.0')
      await makeImage('team/single', '1.0', 'amd64', [gzipSync(randomBytes(1000))])
      await exportBundle(at('c.bundle'), exporting())
      const { manifest } = await readBundle(at('c.bundle'))
      await expect(importBundle(at('c.bundle'), manifest, importing())).rejects.toThrow(/is there with another content/)
      expect(await client(far.host).manifestDigest('mirror/team/single', '1.0')).toBe(digest)
      await importBundle(at('c.bundle'), manifest, importing({ overwrite: true }))
      expect(await client(far.host).manifestDigest('mirror/team/single', '1.0')).not.toBe(digest)
    })

    test('a delta holds only what is new, and needs its base', async () => {
      await makeImage('team/single', '1.1', 'amd64', [gzipSync(randomBytes(2000))])
      const more = [
        ...exporting().images,
        { reference: parseReference(`${near.host}/team/single:1.1`), sites: ['site-z'] },
      ]
      const delta = await exportBundle(
        at('delta.bundle'),
        exporting({ images: more, since: await base(at('c.bundle')) }),
      )
      expect(delta.size).toBeLessThan(60_000)
      const { manifest } = await readBundle(at('delta.bundle'))
      const empty = await startRegistry()
      try {
        const onto = importing({
          registry: client(empty.host),
          targets: ({ type, name }) => (type === 'chart' ? [] : [{ ...parseReference(name), host: empty.host }]),
        })
        await expect(importBundle(at('delta.bundle'), manifest, onto)).rejects.toThrow(/delta over the bundle .* lacks/)
      } finally {
        await empty.stop()
      }
      expect((await importBundle(at('delta.bundle'), manifest, importing())).pushed).toEqual([
        `${far.host}/mirror/team/single:1.1`,
      ])
    })

    test('one platform', async () => {
      const { manifest } = await exportBundle(
        at('arm.bundle'),
        exporting({ images: [{ reference: images[1]!, sites: ['site-z'] }], platforms: ['linux/arm64'] }),
      )
      const image = manifest.contents.find(c => c.type === 'image')!
      expect(image.platforms).toEqual(['linux/arm64'])
      expect(image.mediaType).toContain('manifest.v1')
      await expect(
        exportBundle(
          at('no.bundle'),
          exporting({ platforms: ['linux/s390x'], images: [{ reference: images[1]!, sites: [] }] }),
        ),
      ).rejects.toThrow(/is not made for linux\/s390x/)
    })

    test('missing images are all named', async () => {
      const missing = ['x:1', 'y:1'].map(name => ({
        reference: parseReference(`${near.host}/team/${name}`),
        sites: ['site-z'],
      }))
      await expect(exportBundle(at('no.bundle'), exporting({ images: missing }))).rejects.toThrow(
        /team\/x:1.*\n.*team\/y:1/,
      )
    })

    const skopeo = installed('skopeo')
    test.skipIf(!skopeo)(`skopeo reads our layout${skopeo ? '' : ' (skipped: skopeo not installed)'}`, () => {
      writeFileSync(at('policy.json'), '{"default":[{"type":"insecureAcceptAnything"}]}')
      const name = `${near.host}/team/multi:2.0`
      const raw = execFileSync(
        'skopeo',
        ['--policy', at('policy.json'), 'inspect', '--raw', `oci-archive:${at('a.bundle')}:${name}`],
        { encoding: 'utf8' },
      )
      expect((JSON.parse(raw) as { manifests: unknown[] }).manifests).toHaveLength(2)
      const copied = spawnSync(
        'skopeo',
        [
          '--policy',
          at('policy.json'),
          'copy',
          '--all',
          '--dest-tls-verify=false',
          `oci-archive:${at('a.bundle')}:${name}`,
          `docker://${far.host}/by-skopeo:2.0`,
        ],
        { encoding: 'utf8' },
      )
      expect(copied.stderr).toBe('')
      expect(copied.status).toBe(0)
    })
  },
)

test('git branches travel, a delta continues them', async () => {
  const home = mkdtempSync(join(tmpdir(), 'decapod-branches-'))
  const inHome = (name: string): string => join(home, name)
  try {
    const remote = inHome('far.git')
    execFileSync('git', ['init', '--quiet', '--bare', remote])
    const files = (text: string): Map<string, { bytes: Buffer }> =>
      new Map([
        ['site-z/a.yaml', { bytes: Buffer.from(text) }],
        ['site-z/b.yaml', { bytes: Buffer.from('same') }],
      ])
    const ref = 'refs/heads/manifests'
    const snapshot = (text: string, parent?: Snapshot): Snapshot =>
      snapshotFiles(files(text), 'Render site-z\n', parent?.commit)
    const one = snapshot('1')
    const two = snapshot('2', one)
    const bundle = async (name: string, made: Snapshot, parent?: Snapshot): Promise<void> => {
      const known = parent === undefined ? new Set<string>() : objectsOf(parent.files)
      await exportBundle(inHome(name), {
        ...exporting({
          images: [],
          cache: new Cache(inHome('cache'), { env: {}, now: Date.now, sleep: async () => {} }),
        }),
        files: [
          {
            type: 'git',
            name: 'manifests',
            mediaType: 'application/x-git-bundle',
            refs: { [ref]: made.commit },
            from: formatGitBundle(ref, made, parent?.commit, known),
          },
        ],
      })
    }
    await bundle('one', one)
    await bundle('two', two, one)
    const target = {
      targets: () => [],
      overwrite: false,
      jobs: 1,
      exclusively: <T>(_: string, work: () => Promise<T>): Promise<T> => work(),
      git: { settings: git, url: remote },
    }
    await expect(importBundle(inHome('two'), (await readBundle(inHome('two'))).manifest, target)).rejects.toThrow(
      /lacks the commits it builds on/,
    )
    await importBundle(inHome('one'), (await readBundle(inHome('one'))).manifest, target)
    await importBundle(inHome('two'), (await readBundle(inHome('two'))).manifest, target)
    expect(execFileSync('git', ['-C', remote, 'show', 'manifests:site-z/a.yaml'], { encoding: 'utf8' })).toBe('2')
    expect((await importBundle(inHome('two'), (await readBundle(inHome('two'))).manifest, target)).pushed).toEqual([])
    await expect(importBundle(inHome('one'), (await readBundle(inHome('one'))).manifest, target)).rejects.toThrow(
      /has other commits than the bundle/,
    )
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
})
