/**
 * A client of the OCI distribution protocol: manifests and blobs, pulled and pushed, with token and basic auth.
 * https://github.com/opencontainers/distribution-spec. Every blob is verified by its digest on the way in, and a
 * partial download goes on where it ended.
 */
import { createHash, type Hash } from 'node:crypto'
import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Readable } from 'node:stream'
import { DecapodError } from '../errors.ts'
import { type BlobSink, fileSink, Pending } from './blob-sink.ts'
import { type HttpResponse, pause, readBody } from './http.ts'
import { RegistrySession, type RegistrySettings } from './registry-session.ts'

export interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly platform?: Platform
  readonly annotations?: Readonly<Record<string, string>>
}

export interface Platform {
  readonly os: string
  readonly architecture: string
  readonly variant?: string
}

/** A manifest or index as the registry sent it: raw bytes, for its digest is theirs. */
export interface RawManifest {
  readonly mediaType: string
  readonly digest: string
  readonly bytes: Uint8Array
}

const manifestTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
]

const manifestLimit = 8 << 20
/** Size of one PATCH of a chunked upload: bounded memory, and what is lost when a connection is cut. */
const chunkSize = 32 << 20

/** One registry host. */
export class Registry {
  readonly host: string
  private readonly settings: RegistrySettings
  private readonly session: RegistrySession

  constructor(host: string, settings: RegistrySettings) {
    this.host = host
    this.settings = settings
    this.session = new RegistrySession(host, settings)
  }

  /** The manifest a tag or digest names. Throws SOURCE_INVALID when there is none, DIGEST_MISMATCH when bytes and digest differ. */
  async manifest(
    repository: string,
    reference: string,
    accept: readonly string[] = manifestTypes,
  ): Promise<RawManifest> {
    const path = `/v2/${repository}/manifests/${reference}`
    const response = await this.session.ask(repository, 'pull', { url: path, headers: { accept: accept.join(', ') } })
    if (response.status !== 200) throw await this.session.refused(response, `${this.host}/${repository}:${reference}`)
    const bytes = await readBody(response, manifestLimit)
    const digest = sha256(bytes)
    const named = reference.includes(':') ? reference : response.headers['docker-content-digest']
    if (named !== undefined && named !== digest) {
      throw new DecapodError(
        'DIGEST_MISMATCH',
        `${this.host}/${repository}: the manifest ${String(named)} has the content ${digest}`,
      )
    }
    return { mediaType: mediaTypeOf(response, bytes), digest, bytes }
  }

  /** Whether a blob is there, and its size. */
  async blobSize(repository: string, digest: string): Promise<number | undefined> {
    const response = await this.session.ask(repository, 'pull', {
      method: 'HEAD',
      url: `/v2/${repository}/blobs/${digest}`,
    })
    response.body.resume()
    if (response.status === 404) return undefined
    if (response.status !== 200) throw await this.session.refused(response, `${this.host}/${repository}@${digest}`)
    return Number(response.headers['content-length'] ?? 0)
  }

  /** Whether a manifest is there under a tag or digest, and its digest. */
  async manifestDigest(repository: string, reference: string): Promise<string | undefined> {
    const response = await this.session.ask(repository, 'pull', {
      method: 'HEAD',
      url: `/v2/${repository}/manifests/${reference}`,
      headers: { accept: manifestTypes.join(', ') },
    })
    response.body.resume()
    if (response.status === 404) return undefined
    if (response.status !== 200) throw await this.session.refused(response, `${this.host}/${repository}:${reference}`)
    const digest = response.headers['docker-content-digest']
    return typeof digest === 'string' ? digest : (await this.manifest(repository, reference)).digest
  }

  /**
   * Downloads a blob to a file, through `<file>.part`: what an earlier try left there is hashed again and continued.
   * The file appears only with the right digest. Throws as pullBlobTo does.
   */
  async pullBlob(repository: string, blob: Pick<Descriptor, 'digest' | 'size'>, file: string): Promise<void> {
    const part = `${file}.part`
    await mkdir(dirname(file), { recursive: true })
    const sink = await fileSink(part)
    try {
      await this.pullBlobTo(repository, blob, sink)
    } catch (error) {
      if (error instanceof DecapodError && error.code === 'DIGEST_MISMATCH') await rm(part, { force: true })
      throw error
    } finally {
      await sink.close()
    }
    await rename(part, file)
  }

  /**
   * Downloads a blob into a sink. A cut download goes on where it ended, in this run or a later one. Throws
   * DIGEST_MISMATCH (the sink is then empty), LIMIT_EXCEEDED when more than `size` bytes come, SOURCE_UNREACHABLE when
   * it is cut too often.
   */
  async pullBlobTo(
    repository: string,
    { digest, size }: Pick<Descriptor, 'digest' | 'size'>,
    sink: BlobSink,
  ): Promise<void> {
    const what = `${this.host}/${repository}@${digest}`
    for (let attempt = 1; ; ) {
      const hash = createHash('sha256')
      const resumed = await sink.resume(hash, size)
      try {
        const fresh = await this.pullInto(repository, digest, size, { sink, hash, have: resumed }, what)
        const got = `sha256:${fresh.digest('hex')}`
        if (got === digest) return
        await sink.reset()
        // What an earlier run left may have been damaged since: once more, from the start.
        if (resumed > 0) continue
        throw new DecapodError(
          'DIGEST_MISMATCH',
          `${this.host}/${repository}: the blob ${digest} has the content ${got}`,
        )
      } catch (error) {
        const cut = error instanceof Interrupted
        if (!cut || attempt >= (this.settings.http.tries ?? 4)) throw cut ? error.failure : error
        attempt++
      }
    }
  }

  /** Fetches what the sink lacks; gives the hash of the whole. */
  private async pullInto(
    repository: string,
    digest: string,
    size: number,
    { sink, hash, have: resumed }: { sink: BlobSink; hash: Hash; have: number },
    what: string,
  ): Promise<Hash> {
    if (resumed === size && size > 0) return hash
    const headers: Record<string, string> = resumed > 0 ? { range: `bytes=${resumed}-` } : {}
    const response = await this.session.ask(repository, 'pull', { url: `/v2/${repository}/blobs/${digest}`, headers })
    if (response.status !== 200 && response.status !== 206) throw await this.session.refused(response, what)
    let have = resumed
    let whole = hash
    if (response.status === 200 && resumed > 0) {
      // The server does not do ranges: from the start, then.
      await sink.reset()
      have = 0
      whole = createHash('sha256')
    }
    const body = (response.body as AsyncIterable<Buffer>)[Symbol.asyncIterator]()
    const pending = new Pending(sink)
    try {
      for (;;) {
        const next = await body.next().catch((error: unknown) => {
          throw new Interrupted(
            new DecapodError('SOURCE_UNREACHABLE', `${what}: the connection was cut at ${have} of ${size} bytes`, {
              cause: error,
            }),
          )
        })
        if (next.done) break
        have += next.value.length
        if (have > size) throw new DecapodError('LIMIT_EXCEEDED', `${what} is longer than its ${size} bytes`)
        whole.update(next.value)
        this.settings.onBytes?.(next.value.length)
        await pending.add(next.value)
      }
    } finally {
      response.body.destroy()
      // What came before a cut need not come again.
      await pending.flush()
    }
    if (have === size) return whole
    throw new Interrupted(new DecapodError('SOURCE_UNREACHABLE', `${what}: only ${have} of ${size} bytes came`))
  }

  /** Asks the registry to take a blob over from another of its repositories. True when it did. */
  async mountBlob(repository: string, digest: string, from: string): Promise<boolean> {
    const url = `/v2/${repository}/blobs/uploads/?mount=${encodeURIComponent(digest)}&from=${encodeURIComponent(from)}`
    const response = await this.session.ask(
      repository,
      'push',
      { method: 'POST', url, headers: { 'content-length': '0' } },
      from,
    )
    response.body.resume()
    return response.status === 201
  }

  /**
   * Uploads a blob in chunks; `read` gives its bytes from start to end (exclusive). After a cut it goes on where the
   * registry says it has got to. A blob that is there already is not sent.
   */
  async pushBlob(
    repository: string,
    { digest, size }: Pick<Descriptor, 'digest' | 'size'>,
    read: (start: number, end: number) => Readable,
    onBytes: ((count: number) => void) | undefined = this.settings.onBytes,
  ): Promise<'present' | 'pushed'> {
    if ((await this.blobSize(repository, digest)) !== undefined) return 'present'
    const what = `${this.host}/${repository}@${digest}`
    let upload = await this.beginUpload(repository)
    for (let cuts = 0; upload.at < size; ) {
      const end = Math.min(upload.at + chunkSize, size)
      const sent = await this.sendChunk(repository, upload, end, read, what)
      if (!(sent instanceof DecapodError)) {
        onBytes?.(end - upload.at)
        upload = { location: sent, at: end }
        cuts = 0
        continue
      }
      if (++cuts >= (this.settings.http.tries ?? 4)) throw sent
      await pause(this.settings.http, cuts, undefined)
      upload = (await this.askUpload(repository, upload.location)) ?? (await this.beginUpload(repository))
    }
    const { location } = upload
    const closing = location + (location.includes('?') ? '&' : '?') + `digest=${encodeURIComponent(digest)}`
    const done = await this.session.ask(repository, 'push', {
      method: 'PUT',
      url: closing,
      headers: { 'content-length': '0' },
    })
    if (done.status !== 201) throw await this.session.refused(done, what)
    done.body.resume()
    return 'pushed'
  }

  /** Uploads a small blob. */
  async pushBytes(repository: string, digest: string, bytes: Uint8Array): Promise<void> {
    const read = (start: number, end: number): Readable => Readable.from([bytes.subarray(start, end)])
    await this.pushBlob(repository, { digest, size: bytes.length }, read)
  }

  private async beginUpload(repository: string): Promise<Upload> {
    const begun = await this.session.ask(repository, 'push', {
      method: 'POST',
      url: `/v2/${repository}/blobs/uploads/`,
      headers: { 'content-length': '0' },
    })
    if (begun.status !== 202) throw await this.session.refused(begun, `${this.host}/${repository}`)
    begun.body.resume()
    return { location: this.session.locationOf(begun), at: 0 }
  }

  /** Sends one chunk; gives where the next one goes, or what went wrong in a way that may pass. */
  private async sendChunk(
    repository: string,
    { location, at }: Upload,
    end: number,
    read: (start: number, end: number) => Readable,
    what: string,
  ): Promise<string | DecapodError> {
    let response: HttpResponse
    try {
      response = await this.session.ask(repository, 'push', {
        method: 'PATCH',
        url: location,
        headers: {
          'content-type': 'application/octet-stream',
          'content-length': String(end - at),
          'content-range': `${at}-${end - 1}`,
        },
        body: () => read(at, end),
      })
    } catch (error) {
      if (error instanceof DecapodError && error.code === 'SOURCE_UNREACHABLE') return error
      throw error
    }
    if (response.status === 202) {
      response.body.resume()
      return this.session.locationOf(response)
    }
    const refused = await this.session.refused(response, what)
    if ([416, 429, 502, 503, 504].includes(response.status)) return refused
    throw refused
  }

  /** How far an upload has got; undefined when the registry does not know it any more. */
  private async askUpload(repository: string, location: string): Promise<Upload | undefined> {
    const response = await this.session.ask(repository, 'push', { url: location })
    response.body.resume()
    const last = /^(?:bytes=)?0-(\d+)$/.exec(String(response.headers['range'] ?? ''))?.[1]
    if (response.status !== 204 || last === undefined) return undefined
    // "0-0" is said of an empty upload too.
    return { location: this.session.locationOf(response), at: last === '0' ? 0 : Number(last) + 1 }
  }

  /** Uploads a manifest or index under a tag or its digest; what it names must be there already. */
  async pushManifest(repository: string, reference: string, manifest: RawManifest): Promise<void> {
    const response = await this.session.ask(repository, 'push', {
      method: 'PUT',
      url: `/v2/${repository}/manifests/${reference}`,
      headers: { 'content-type': manifest.mediaType },
      body: manifest.bytes,
      repeatable: true,
    })
    if (response.status !== 201) throw await this.session.refused(response, `${this.host}/${repository}:${reference}`)
    response.body.resume()
  }

  /** The tags of a repository, page after page. */
  async tags(repository: string): Promise<string[]> {
    const tags: string[] = []
    let url: string | undefined = `/v2/${repository}/tags/list?n=1000`
    for (let pages = 0; url !== undefined && pages < 1000; pages++) {
      const response: HttpResponse = await this.session.ask(repository, 'pull', { url })
      if (response.status !== 200) throw await this.session.refused(response, `${this.host}/${repository}`)
      const page = JSON.parse((await readBody(response, manifestLimit)).toString('utf8')) as { tags?: string[] | null }
      tags.push(...(page.tags ?? []))
      const next: string | undefined = /<([^>]*)>\s*;\s*rel="?next"?/.exec(String(response.headers['link'] ?? ''))?.[1]
      url = next === undefined ? undefined : new URL(next, response.url).href
    }
    return tags
  }
}

/** An upload under way: where it goes on, and how many bytes the registry has. */
interface Upload {
  readonly location: string
  readonly at: number
}

/** A download that was cut and may be continued. */
class Interrupted extends Error {
  readonly failure: DecapodError
  constructor(failure: DecapodError) {
    super(failure.message)
    this.failure = failure
  }
}

function mediaTypeOf(response: HttpResponse, bytes: Uint8Array): string {
  const header = response.headers['content-type']?.split(';')[0]?.trim()
  if (header !== undefined && header !== 'application/json' && !header.startsWith('text/')) return header
  try {
    return (JSON.parse(Buffer.from(bytes).toString('utf8')) as { mediaType?: string }).mediaType ?? manifestTypes[2]!
  } catch {
    return manifestTypes[2]!
  }
}

export function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}
