/** Small images made by tests, and a client to push them with. */
import { spawnSync } from 'node:child_process'
import { gzipSync } from 'node:zlib'
import { digestOf } from '../../src/io/cache.ts'
import { type RawManifest, Registry } from '../../src/io/registry.ts'
import { writeTar } from '../../src/tar-writer.ts'

export function registryClient(host: string): Registry {
  return new Registry(host, { http: { env: {} }, credentials: async () => undefined })
}

export interface Layer {
  readonly mediaType: string
  readonly bytes: Uint8Array
  /** Of the layer unpacked. */
  readonly diffId: string
}

/** A layer of one file of `size` bytes that no compression makes smaller; the seed decides them. */
export function makeLayer(seed: string, size: number, compression: 'gzip' | 'zstd' = 'gzip'): Layer {
  const chunks: Buffer[] = []
  for (let i = 0; chunks.length * 32 < size; i++)
    chunks.push(Buffer.from(digestOf(Buffer.from(`${seed} ${i}`)).slice(7), 'hex'))
  const tar = writeTar([{ name: `${seed}.bin`, data: Buffer.concat(chunks).subarray(0, size) }])
  const diffId = digestOf(tar)
  const type = 'application/vnd.oci.image.layer.v1.tar'
  if (compression === 'gzip') return { mediaType: `${type}+gzip`, bytes: gzipSync(tar, { level: 1 }), diffId }
  const packed = spawnSync('zstd', ['-q', '-c'], { input: tar, maxBuffer: 1 << 30 })
  if (packed.status !== 0) throw new Error(packed.stderr.toString())
  return { mediaType: `${type}+zstd`, bytes: packed.stdout, diffId }
}

export interface MadeImage {
  readonly manifest: RawManifest
  readonly architecture: string
}

const manifestType = 'application/vnd.oci.image.manifest.v1+json'
const indexType = 'application/vnd.oci.image.index.v1+json'

/** Pushes an image of one platform, under a tag or by its digest alone. */
export async function pushImage(
  registry: Registry,
  repository: string,
  tag: string | undefined,
  architecture: string,
  layers: readonly Layer[],
): Promise<MadeImage> {
  const push = async (mediaType: string, bytes: Uint8Array): Promise<object> => {
    const digest = digestOf(bytes)
    await registry.pushBytes(repository, digest, bytes)
    return { mediaType, digest, size: bytes.length }
  }
  const rootfs = { type: 'layers', diff_ids: layers.map(layer => layer.diffId) }
  const config = await push(
    'application/vnd.oci.image.config.v1+json',
    Buffer.from(JSON.stringify({ architecture, os: 'linux', rootfs })),
  )
  const pushed: object[] = []
  for (const layer of layers) pushed.push(await push(layer.mediaType, layer.bytes))
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: manifestType, config, layers: pushed }))
  const manifest = { mediaType: manifestType, digest: digestOf(bytes), bytes }
  await registry.pushManifest(repository, tag ?? manifest.digest, manifest)
  return { manifest, architecture }
}

/** Pushes an index of images that were pushed to the same repository. */
export async function pushIndex(
  registry: Registry,
  repository: string,
  tag: string,
  images: readonly MadeImage[],
): Promise<string> {
  const manifests = images.map(({ manifest, architecture }) => ({
    mediaType: manifest.mediaType,
    digest: manifest.digest,
    size: manifest.bytes.length,
    platform: { os: 'linux', architecture },
  }))
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests }))
  await registry.pushManifest(repository, tag, { mediaType: indexType, digest: digestOf(bytes), bytes })
  return digestOf(bytes)
}
