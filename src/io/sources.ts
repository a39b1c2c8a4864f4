/**
 * Resolving and downloading sources: from Helm repositories, OCI registries, git and plain HTTP into the cache, each
 * pinned by digest. Nothing here runs while rendering.
 */
import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
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
import { type ChartIndex, type ChartVersion, chooseVersion, openChartIndex, sortByVersion } from './chart-index.ts'
import type { CredentialStore } from './credentials.ts'
import type { GitSettings } from './git.ts'
import { fetchGitTree } from './git-source.ts'
import { type HttpSettings, pause, readBody, send, withoutCredentials } from './http.ts'
import { type Descriptor, Registry } from './registry.ts'
import type { RegistrySettings } from './registry-session.ts'

export interface SourceSettings {
  readonly cache: Cache
  readonly http: HttpSettings
  readonly git: GitSettings
  readonly credentials: CredentialStore
  /** The Authorization header for a URL that a repository leads to: repositoryAuthorization. */
  readonly authorization?: ((url: string, repository: string) => string | undefined) | undefined
  /** The URL of a repository that is named `@NAME` (helm repo add). */
  readonly alias?: ((name: string) => string | undefined) | undefined
  readonly mirrors: Mirrors
  readonly plainHttp?: ((host: string) => boolean) | undefined
  /** No network: only what the cache holds. */
  readonly offline?: boolean | undefined
  readonly onBytes?: ((source: string, bytes: number) => void) | undefined
  /** Largest archive or file. */
  readonly sizeLimit?: number | undefined
}

const chartLayer = 'application/vnd.cncf.helm.chart.content.v1.tar+gzip'
const provenanceLayer = 'application/vnd.cncf.helm.chart.provenance.v1.prov'
const provenanceLimit = 1 << 20
const defaultSizeLimit = 256 << 20

/** What a source was, and whether it had to be fetched. */
export interface Fetched {
  readonly entry: LockEntry
  readonly state: 'cached' | 'fetched'
}

/** Fetches sources; indexes and registries are asked once per run. */
export class Sources {
  private readonly settings: SourceSettings
  private readonly indexes = new Map<string, Promise<ChartIndex>>()
  private readonly registries = new Map<string, Registry>()

  constructor(settings: SourceSettings) {
    this.settings = settings
  }

  /**
   * Makes sure that what `source` names lies in the cache and gives its lock entry. With `locked` exactly that content
   * is wanted: LOCK_DRIFT when the source now has another, and no download when the cache has it.
   */
  async fetch(source: Source, locked?: LockEntry): Promise<Fetched> {
    if (locked !== undefined && this.isCached(locked)) return { entry: locked, state: 'cached' }
    if (this.settings.offline) {
      throw new DecapodError(
        'SOURCE_UNREACHABLE',
        `${formatSource(source)} is not in the cache, and --offline forbids fetching it`,
        { hint: 'run decapod fetch where there is a network, or commit vendor/' },
      )
    }
    return await this.settings.cache.exclusively(locked?.digest ?? formatSource(source), async () => {
      // Whoever held the lock before may have fetched it.
      if (locked !== undefined && this.isCached(locked)) return { entry: locked, state: 'cached' }
      const entry = await this.download(source, locked)
      for (const [what, was, is] of [
        ['', locked?.digest, entry.digest],
        [' provenance file', locked?.provenance, entry.provenance],
      ] as const) {
        if (was !== undefined && was !== is) throw drift(source, what, was, is)
      }
      return { entry, state: 'fetched' }
    })
  }

  /** Whether the cache has, unspoilt, what the lock pins. */
  private isCached(locked: LockEntry): boolean {
    const { cache } = this.settings
    if (cache.read(locked.digest) === undefined) return false
    return locked.provenance === undefined || cache.read(locked.provenance) !== undefined
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
    const repository = this.repositoryOf(source)
    const url = mirrored(this.settings.mirrors, new URL(listed, repository).href)
    const authorization = this.settings.authorization?.(url, repository)
    const [digest, provenance] = await Promise.all([
      this.downloadUrl(url, formatSource(source), authorization),
      this.downloadProvenance(`${url}.prov`, locked, authorization),
    ])
    if (chosen.digest !== undefined && digest !== `sha256:${chosen.digest}`) {
      throw new DecapodError(
        'DIGEST_MISMATCH',
        `${formatSource(source)}: the index promises sha256:${chosen.digest}, the archive has ${digest}`,
        {
          hint: 'the repository was republished or the download was tampered with; ask whoever runs it',
        },
      )
    }
    return { version: chosen.version, digest, ...provenance }
  }

  /**
   * The signature file beside a chart, where the repository has one (Helm's pkg/downloader/chart_downloader.go). A chart
   * that was pinned without is not asked again.
   */
  private async downloadProvenance(
    url: string,
    locked: LockEntry | undefined,
    authorization: string | undefined,
  ): Promise<{ provenance?: string }> {
    if (locked !== undefined && locked.provenance === undefined) return {}
    const response = await send(this.settings.http, { url, authorization })
    if (response.status !== 200) {
      response.body.destroy()
      return {}
    }
    const bytes = await readBody(response, provenanceLimit)
    return isProvenance(bytes) ? { provenance: this.settings.cache.write(bytes) } : {}
  }

  private async chartVersions(source: HelmSource): Promise<ChartVersion[]> {
    const repository = this.repositoryOf(source)
    const key = repository
    let index = this.indexes.get(key)
    if (index === undefined) {
      const url = mirrored(this.settings.mirrors, new URL('index.yaml', repository).href)
      const authorization = this.settings.authorization?.(url, repository)
      index = this.downloadUrl(url, formatSource(source), authorization).then(digest =>
        openChartIndex(this.settings.cache.fileOf(digest), withoutCredentials(source.repository)),
      )
      this.indexes.set(key, index)
    }
    return await (await index).versions(source.chart)
  }

  /** The URL of a source's repository, with a slash at its end. */
  private repositoryOf({ repository }: HelmSource): string {
    if (!repository.startsWith('@')) return withSlash(repository)
    const url = this.settings.alias?.(repository.slice(1))
    if (url !== undefined) return withSlash(url)
    throw new DecapodError('SOURCE_INVALID', `no repository definition for ${repository}`, {
      hint: `helm repo add ${repository.slice(1)} URL`,
    })
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
    const layers = layersOf(manifest.bytes)
    const layer = layers.find(l => l.mediaType === chartLayer)
    if (layer === undefined)
      throw new DecapodError(
        'SOURCE_INVALID',
        `${formatSource(source)} is not a Helm chart: it has no layer ${chartLayer}`,
      )
    if (layer.size > (this.settings.sizeLimit ?? defaultSizeLimit))
      throw tooLarge(formatSource(source), this.settings.sizeLimit)
    await this.pullBlob(registry, repository, layer)
    const signature = layers.find(l => l.mediaType === provenanceLayer && l.size <= provenanceLimit)
    const wanted = signature !== undefined && (locked === undefined || locked.provenance !== undefined)
    if (wanted) await this.pullBlob(registry, repository, signature)
    return {
      ...(isDigest ? {} : { version: chosen }),
      digest: layer.digest,
      ...(wanted ? { provenance: signature.digest } : {}),
    }
  }

  /** Brings a blob into the cache, through a part file that a later run goes on with; one download at a time of each. */
  private async pullBlob(registry: Registry, repository: string, blob: Descriptor): Promise<void> {
    const { cache } = this.settings
    await cache.exclusively(`blob ${blob.digest}`, async () => {
      if (cache.read(blob.digest) !== undefined) return
      const file = cache.partial(blob.digest)
      await registry.pullBlob(repository, blob, file)
      cache.adopt(file, blob.digest)
    })
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
    const { git, mirrors } = this.settings
    const settings: GitSettings = { ...git, mirror: submodule => mirrored(mirrors, submodule) }
    const timeout = source.timeoutSeconds === undefined ? {} : { timeout: source.timeoutSeconds * 1000 }
    const tree = await fetchGitTree(
      { ...settings, ...timeout },
      {
        url,
        ...(source.ref === '' && locked?.commit === undefined ? {} : { ref: locked?.commit ?? source.ref }),
        path: source.path,
        submodules: source.submodules,
      },
    )
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
    const authorization = this.settings.authorization?.(url, source.url)
    return { digest: await this.downloadUrl(url, formatSource(source), authorization) }
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
        await pause(this.settings.http, attempt, undefined)
      }
    }
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

/** The valid layers of a manifest. */
function layersOf(manifest: Uint8Array): Descriptor[] {
  try {
    const { layers } = JSON.parse(Buffer.from(manifest).toString('utf8')) as { layers?: Descriptor[] }
    return (layers ?? []).filter(
      l => Number.isSafeInteger(l?.size) && l.size >= 0 && /^sha256:[0-9a-f]{64}$/.test(l.digest),
    )
  } catch {
    return []
  }
}

/** A clear-signed message; some servers answer 200 with a page for what they do not have. */
function isProvenance(bytes: Buffer): boolean {
  return bytes.subarray(0, 64).toString('latin1').trimStart().startsWith('-----BEGIN PGP SIGNED MESSAGE-----')
}

function drift(source: Source, what: string, was: string, is: string | undefined): DecapodError {
  return new DecapodError(
    'LOCK_DRIFT',
    `${formatSource(source)} changed: decapod.lock pins the${what || ' content'} ${was}, the source now has ${is ?? 'none'}`,
    { hint: `if this is wanted: decapod lock --update "${nameOf(source)}"` },
  )
}

function withSlash(url: string): string {
  if (!URL.canParse(url)) throw new DecapodError('SOURCE_INVALID', `"${url}" is not the URL of a Helm repository`)
  return url.endsWith('/') ? url : `${url}/`
}

/** Why a download was refused, as the cause of the error that says so. */
export class HttpStatus extends Error {
  readonly status: number
  constructor(status: number) {
    super(`HTTP ${status}`)
    this.status = status
  }
}

function httpFailure(url: string, status: number): DecapodError {
  const shown = withoutCredentials(url)
  const cause = new HttpStatus(status)
  if (status === 401 || status === 403) {
    return new DecapodError('SOURCE_UNREACHABLE', `${shown}: access refused (HTTP ${status})`, {
      hint: 'add the repository with its credentials: helm repo add NAME URL --username …, or set DECAPOD_TOKEN_<HOST>',
      cause,
    })
  }
  if (status === 404) return new DecapodError('SOURCE_INVALID', `${shown} does not exist (HTTP 404)`, { cause })
  return new DecapodError('SOURCE_UNREACHABLE', `${shown} answers HTTP ${status}`, { cause })
}

function tooLarge(what: string, limit: number | undefined): DecapodError {
  return new DecapodError('LIMIT_EXCEEDED', `${what} is larger than ${limit ?? defaultSizeLimit} bytes`)
}
