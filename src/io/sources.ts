/**
 * Resolving and downloading sources: from Helm repositories, OCI registries, git and plain HTTP into the cache, each
 * pinned by digest. Nothing here runs while rendering.
 */
import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { DecapodError } from '../errors.ts'
import type { LockEntry } from '../lock.ts'
import { type Mirrors, mirrored } from '../mirrors.ts'
import {
  formatSource,
  type GitDirectory,
  type HelmSource,
  type HttpFile,
  type OciSource,
  type Source,
} from '../source.ts'
import { type TarEntry, writeTar } from '../tar-writer.ts'
import type { Cache } from './cache.ts'
import { type ChartVersion, chooseVersion, readChartVersions, sortByVersion } from './chart-index.ts'
import { basic, type CredentialStore } from './credentials.ts'
import type { GitSettings } from './git.ts'
import { fetchGitTree } from './git-source.ts'
import { type HttpSettings, send, withoutCredentials } from './http.ts'
import { type Descriptor, Registry, type RegistrySettings } from './registry.ts'

export interface SourceSettings {
  readonly cache: Cache
  readonly http: HttpSettings
  readonly git: GitSettings
  readonly credentials: CredentialStore
  /** Credentials of Helm repositories by URL, as `helm repo add` keeps them. */
  readonly repositoryCredentials?: ((url: string) => { username: string; password: string } | undefined) | undefined
  readonly mirrors: Mirrors
  readonly plainHttp?: ((host: string) => boolean) | undefined
  /** No network: only what the cache holds. */
  readonly offline?: boolean | undefined
  readonly onBytes?: ((source: string, bytes: number) => void) | undefined
  /** Largest archive or file. */
  readonly sizeLimit?: number | undefined
}

const chartLayer = 'application/vnd.cncf.helm.chart.content.v1.tar+gzip'
const defaultSizeLimit = 256 << 20

/** Fetches sources; indexes and registries are asked once per run. */
export class Sources {
  private readonly settings: SourceSettings
  private readonly indexes = new Map<string, Promise<string>>()
  private readonly registries = new Map<string, Registry>()

  constructor(settings: SourceSettings) {
    this.settings = settings
  }

  /**
   * Makes sure that what `source` names lies in the cache and gives its lock entry. With `locked` exactly that content
   * is wanted: LOCK_DRIFT when the source now has another, and no download when the cache has it.
   */
  async fetch(source: Source, locked?: LockEntry): Promise<LockEntry> {
    if (locked !== undefined && this.settings.cache.read(locked.digest) !== undefined) return locked
    if (this.settings.offline) {
      throw new DecapodError(
        'SOURCE_UNREACHABLE',
        `${formatSource(source)} is not in the cache, and --offline forbids fetching it`,
      )
    }
    return await this.settings.cache.exclusively(locked?.digest ?? formatSource(source), async () => {
      // Whoever held the lock before may have fetched it.
      if (locked !== undefined && this.settings.cache.read(locked.digest) !== undefined) return locked
      const entry = await this.download(source, locked)
      if (locked !== undefined && entry.digest !== locked.digest) {
        throw new DecapodError(
          'LOCK_DRIFT',
          `${formatSource(source)} changed: decapod.lock pins ${locked.digest}, the source now has ${entry.digest}`,
          {
            hint: `if this is wanted: decapod lock --update "${nameOf(source)}"`,
          },
        )
      }
      return entry
    })
  }

  /** Every version a chart source lists, newest first; empty for git and files. */
  async versions(source: Source): Promise<string[]> {
    if (source.kind === 'helm') return (await this.chartVersions(source)).map(v => v.version)
    if (source.kind === 'oci') return (await this.ociVersions(source)).map(v => v.version)
    return []
  }

  private download(source: Source, locked: LockEntry | undefined): Promise<LockEntry> {
    switch (source.kind) {
      case 'helm':
        return this.downloadHelm(source, locked)
      case 'oci':
        return this.downloadOci(source, locked)
      case 'git':
        return this.downloadGit(source, locked)
      case 'http':
        return this.downloadFile(source)
    }
  }

  private async downloadHelm(source: HelmSource, locked: LockEntry | undefined): Promise<LockEntry> {
    const chosen = chooseVersion(
      await this.chartVersions(source),
      locked?.version ?? source.version,
      formatSource(source),
    )
    const listed = chosen.urls[0]
    if (listed === undefined)
      throw new DecapodError(
        'SOURCE_INVALID',
        `${formatSource(source)}: the index gives no URL for version ${chosen.version}`,
      )
    const repository = withSlash(source.repository)
    const url = mirrored(this.settings.mirrors, new URL(listed, repository).href)
    const digest = await this.downloadUrl(url, formatSource(source), this.authorizationFor(url, source.repository))
    if (chosen.digest !== undefined && digest !== `sha256:${chosen.digest}`) {
      throw new DecapodError(
        'DIGEST_MISMATCH',
        `${formatSource(source)}: the index promises sha256:${chosen.digest}, the archive has ${digest}`,
        {
          hint: 'the repository was republished or the download was tampered with; ask whoever runs it',
        },
      )
    }
    return { version: chosen.version, digest }
  }

  private async chartVersions(source: HelmSource): Promise<ChartVersion[]> {
    const repository = withSlash(source.repository)
    const key = repository
    let index = this.indexes.get(key)
    if (index === undefined) {
      const url = mirrored(this.settings.mirrors, new URL('index.yaml', repository).href)
      index = this.downloadUrl(url, formatSource(source), this.authorizationFor(url, source.repository)).then(digest =>
        this.settings.cache.fileOf(digest),
      )
      this.indexes.set(key, index)
    }
    return await readChartVersions(await index, withoutCredentials(source.repository), source.chart)
  }

  private async downloadOci(source: OciSource, locked: LockEntry | undefined): Promise<LockEntry> {
    const { registry, repository } = this.registryOf(source)
    const version = locked?.version ?? source.version
    const isDigest = version.startsWith('sha256:')
    const chosen = isDigest
      ? version
      : chooseVersion(
          isExact(version) ? [chartNamed(version)] : await this.ociVersions(source),
          version,
          formatSource(source),
        ).version
    // A tag cannot hold "+", so Helm writes "_" (pkg/registry).
    const manifest = await registry.manifest(repository, chosen.replaceAll('+', '_'))
    const layer = chartLayerOf(manifest.bytes)
    if (layer === undefined)
      throw new DecapodError(
        'SOURCE_INVALID',
        `${formatSource(source)} is not a Helm chart: it has no layer ${chartLayer}`,
      )
    if (layer.size > (this.settings.sizeLimit ?? defaultSizeLimit))
      throw tooLarge(formatSource(source), this.settings.sizeLimit)
    const part = join(this.settings.cache.dir, 'tmp', layer.digest.replace(':', '-'))
    this.settings.cache.temporary()
    await registry.pullBlob(repository, layer, part)
    this.settings.cache.adopt(part, layer.digest)
    return { ...(isDigest ? {} : { version: chosen }), digest: layer.digest }
  }

  private async ociVersions(source: OciSource): Promise<ChartVersion[]> {
    const { registry, repository } = this.registryOf(source)
    return sortByVersion((await registry.tags(repository)).map(tag => chartNamed(tag.replaceAll('_', '+'))))
  }

  private registryOf(source: OciSource): { registry: Registry; repository: string } {
    const full = mirrored(this.settings.mirrors, `oci://${source.repository.replace(/^oci:\/\//, '')}`)
      .replace(/^oci:\/\//, '')
      .replace(/\/+$/, '')
    const [host = '', ...path] = full.split('/')
    return { registry: this.registry(host), repository: path.join('/') }
  }

  /** The client of a registry host, shared by everything that talks to it in this run. */
  registry(host: string): Registry {
    const known = this.registries.get(host)
    if (known !== undefined) return known
    const settings: RegistrySettings = {
      http: this.settings.http,
      credentials: this.settings.credentials,
      plainHttp: this.settings.plainHttp,
      onBytes: count => this.settings.onBytes?.(host, count),
    }
    const registry = new Registry(host, settings)
    this.registries.set(host, registry)
    return registry
  }

  /** A git directory becomes a tar in a fixed form: its digest depends on paths, contents and the executable bit alone. */
  private async downloadGit(source: GitDirectory, locked: LockEntry | undefined): Promise<LockEntry> {
    const url = mirrored(this.settings.mirrors, source.url)
    const tree = await fetchGitTree(this.settings.git, {
      url,
      ...(source.ref === '' && locked?.commit === undefined ? {} : { ref: locked?.commit ?? source.ref }),
      path: source.path,
      submodules: source.submodules,
    })
    const entries: TarEntry[] = tree.files.map(({ path, bytes, executable }) => ({
      name: path,
      data: bytes,
      mode: executable ? 0o755 : 0o644,
    }))
    const tar = writeTar(entries)
    this.settings.onBytes?.(formatSource(source), tar.length)
    return { commit: tree.commit, digest: this.settings.cache.write(tar) }
  }

  private async downloadFile(source: HttpFile): Promise<LockEntry> {
    const url = mirrored(this.settings.mirrors, source.url)
    return { digest: await this.downloadUrl(url, formatSource(source), this.authorizationFor(url, source.url)) }
  }

  /** Streams a URL into the cache; gives the digest. A cut download starts again, as often as requests are tried. */
  private async downloadUrl(url: string, what: string, authorization: string | undefined): Promise<string> {
    const limit = this.settings.sizeLimit ?? defaultSizeLimit
    const tries = this.settings.http.tries ?? 4
    for (let attempt = 1; ; attempt++) {
      const response = await send(this.settings.http, { url, authorization })
      if (response.status !== 200) {
        response.body.destroy()
        throw httpFailure(url, response.status)
      }
      const temporary = this.settings.cache.temporary()
      const hash = createHash('sha256')
      let size = 0
      const counted = new Transform({
        transform: (chunk: Buffer, _, done) => {
          size += chunk.length
          if (size > limit) return done(tooLarge(what, limit))
          hash.update(chunk)
          this.settings.onBytes?.(what, chunk.length)
          done(null, chunk)
        },
      })
      try {
        await pipeline(response.body, counted, createWriteStream(temporary))
        const promised = response.headers['content-length']
        if (promised !== undefined && response.headers['content-encoding'] === undefined && Number(promised) !== size)
          throw new Error(`only ${size} of ${promised} bytes came`)
        const digest = `sha256:${hash.digest('hex')}`
        this.settings.cache.adopt(temporary, digest)
        return digest
      } catch (error) {
        await rm(temporary, { force: true })
        if (error instanceof DecapodError) throw error
        const { code } = error as NodeJS.ErrnoException
        if (code === 'ENOSPC' || code === 'EDQUOT') {
          throw new DecapodError('FILE_INVALID', `no space left for ${what} in ${this.settings.cache.dir}`, {
            cause: error,
            hint: 'free space, or run "decapod cache gc"',
          })
        }
        if (attempt === tries) {
          throw new DecapodError(
            'SOURCE_UNREACHABLE',
            `${withoutCredentials(url)}: the download was cut ${tries} times (${(error as Error).message})`,
            { cause: error },
          )
        }
      }
    }
  }

  /** Credentials go to the host they were given for, and to no other. */
  private authorizationFor(url: string, repository: string): string | undefined {
    const found = this.settings.repositoryCredentials?.(repository)
    if (found === undefined || !URL.canParse(repository) || new URL(url).origin !== new URL(repository).origin)
      return undefined
    return basic(found)
  }
}

/** What `lock --update NAME` calls a source: the chart, or the last part of its path. */
export function nameOf(source: Source): string {
  switch (source.kind) {
    case 'helm':
      return source.chart
    case 'oci':
      return source.repository.replace(/\/+$/, '').split('/').at(-1)!
    case 'git':
      return (source.path || source.url.replace(/\/+$/, '').replace(/\.git$/, '')).split(/[/:]/).at(-1)!
    case 'http':
      return source.url
        .replace(/[?#].*$/, '')
        .split('/')
        .at(-1)!
  }
}

/** Bytes a cache entry has, for summaries. */
export async function sizeOf(cache: Cache, digest: string): Promise<number> {
  return (await stat(cache.fileOf(digest)).catch(() => undefined))?.size ?? 0
}

function chartNamed(version: string): ChartVersion {
  return { name: '', version, appVersion: '', urls: [], digest: undefined, deprecated: false }
}

/** A version rather than a constraint: then the registry need not list its tags. */
function isExact(version: string): boolean {
  return /^v?\d+\.\d+\.\d+([-+][0-9A-Za-z.+-]+)?$/.test(version)
}

function chartLayerOf(manifest: Uint8Array): Descriptor | undefined {
  try {
    const { layers } = JSON.parse(Buffer.from(manifest).toString('utf8')) as { layers?: Descriptor[] }
    return layers?.find(
      l => l.mediaType === chartLayer && typeof l.size === 'number' && /^sha256:[0-9a-f]{64}$/.test(l.digest),
    )
  } catch {
    return undefined
  }
}

function withSlash(url: string): string {
  if (!URL.canParse(url)) throw new DecapodError('SOURCE_INVALID', `"${url}" is not the URL of a Helm repository`)
  return url.endsWith('/') ? url : `${url}/`
}

function httpFailure(url: string, status: number): DecapodError {
  const shown = withoutCredentials(url)
  if (status === 401 || status === 403) {
    return new DecapodError('SOURCE_UNREACHABLE', `${shown}: access refused (HTTP ${status})`, {
      hint: 'add the repository with its credentials: helm repo add NAME URL --username …',
    })
  }
  if (status === 404) return new DecapodError('SOURCE_INVALID', `${shown} does not exist (HTTP 404)`)
  return new DecapodError('SOURCE_UNREACHABLE', `${shown} answers HTTP ${status}`)
}

function tooLarge(what: string, limit: number | undefined): DecapodError {
  return new DecapodError('LIMIT_EXCEEDED', `${what} is larger than ${limit ?? defaultSizeLimit} bytes`)
}
