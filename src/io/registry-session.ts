/**
 * Requests to one registry: over https or plain http, with the token or the basic credentials that it asks for
 * (https://distribution.github.io/distribution/spec/auth/token/).
 */
import { DecapodError } from '../errors.ts'
import { basic, type Credential, type CredentialStore } from './credentials.ts'
import { type HttpRequest, type HttpResponse, type HttpSettings, readBody, send, withoutCredentials } from './http.ts'

export interface RegistrySettings {
  readonly http: HttpSettings
  readonly credentials: CredentialStore
  /** Hosts spoken to by plain http; loopback hosts always are tried so when https does not answer. */
  readonly plainHttp?: ((host: string) => boolean) | undefined
  readonly onBytes?: ((count: number) => void) | undefined
}

const tokenLimit = 1 << 20

/** One registry host. Tokens are kept per scope and asked for once, however many requests wait for them. */
export class RegistrySession {
  private readonly host: string
  private readonly settings: RegistrySettings
  private readonly tokens = new Map<string, Promise<string | undefined>>()
  private challenge: Challenge | undefined
  private scheme: Promise<'http' | 'https'> | undefined

  constructor(host: string, settings: RegistrySettings) {
    this.host = host
    this.settings = settings
  }

  /** Sends a request with what the registry asked for, once more after a 401 with the token it names. */
  async ask(repository: string, access: 'pull' | 'push', request: HttpRequest, from?: string): Promise<HttpResponse> {
    const url = request.url.startsWith('/')
      ? `${await this.protocol()}://${this.endpoint()}${request.url}`
      : request.url
    // An upload may continue on another host; it gets no credentials of this one.
    const ours = new URL(url).host === this.endpoint()
    const scope = scopeOf(repository, access, from)
    const authorization = ours && this.challenge !== undefined ? await this.authorize(scope) : undefined
    const response = await send(this.settings.http, { ...request, url, authorization })
    if (response.status !== 401 || !ours) return response
    response.body.resume()
    const challenge = parseChallenge(String(response.headers['www-authenticate'] ?? ''))
    if (challenge === undefined) return response
    this.challenge = challenge
    this.tokens.delete(scope)
    return await send(this.settings.http, { ...request, url, authorization: await this.authorize(scope) })
  }

  /** docker.io answers at another name. */
  private endpoint(): string {
    return this.host === 'docker.io' ? 'registry-1.docker.io' : this.host
  }

  /** https, but plain http where asked for, and on loopback where nothing speaks TLS. */
  private protocol(): Promise<'http' | 'https'> {
    this.scheme ??= (async () => {
      if (this.settings.plainHttp?.(this.host)) return 'http'
      if (!/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/.test(this.host)) return 'https'
      try {
        const response = await send({ ...this.settings.http, tries: 1 }, { url: `https://${this.host}/v2/` })
        response.body.resume()
        return 'https'
      } catch (error) {
        const { code } = ((error as DecapodError).cause ?? {}) as NodeJS.ErrnoException
        if (code === 'EPROTO' || code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ECONNRESET') return 'http'
        throw error
      }
    })()
    return this.scheme
  }

  private authorize(scope: string): Promise<string | undefined> {
    const known = this.tokens.get(scope)
    if (known !== undefined) return known
    const asked = this.fetchToken(scope)
    this.tokens.set(scope, asked)
    asked.catch(() => this.tokens.delete(scope))
    return asked
  }

  private async fetchToken(scope: string): Promise<string | undefined> {
    const challenge = this.challenge!
    const credential = await this.settings.credentials(this.host)
    if (credential !== undefined && 'bearer' in credential) return `Bearer ${credential.bearer}`
    if (challenge.scheme === 'basic') {
      return credential !== undefined && 'username' in credential ? basic(credential) : undefined
    }
    const realm = new URL(challenge.realm)
    if (realm.protocol !== 'https:' && (await this.protocol()) === 'https') {
      throw new DecapodError(
        'REGISTRY_FAILED',
        `${this.host} wants its credentials sent in the clear to ${withoutCredentials(realm.href)}, which is refused`,
      )
    }
    const response = await this.requestToken(realm, challenge.service, scope, credential)
    if (response.status !== 200) throw await this.refused(response, `${this.host} (${scope})`)
    let answer: { token?: string; access_token?: string }
    try {
      answer = JSON.parse((await readBody(response, tokenLimit)).toString('utf8')) as typeof answer
    } catch {
      throw new DecapodError('REGISTRY_FAILED', `${withoutCredentials(realm.href)} answers with no valid token`)
    }
    const token = answer.token ?? answer.access_token
    return token === undefined ? undefined : `Bearer ${token}`
  }

  private async requestToken(
    realm: URL,
    service: string | undefined,
    scope: string,
    credential: Credential | undefined,
  ): Promise<HttpResponse> {
    if (credential !== undefined && 'identityToken' in credential) {
      const form = new URLSearchParams({
        grant_type: 'refresh_token',
        refresh_token: credential.identityToken,
        service: service ?? '',
        scope,
        client_id: 'decapod',
      })
      return await send(this.settings.http, {
        method: 'POST',
        url: realm.href,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: Buffer.from(form.toString()),
        repeatable: true,
      })
    }
    if (service !== undefined) realm.searchParams.set('service', service)
    for (const one of scope.split(' ')) realm.searchParams.append('scope', one)
    return await send(this.settings.http, {
      url: realm.href,
      authorization: credential !== undefined && 'username' in credential ? basic(credential) : undefined,
    })
  }

  /** The next URL of an upload, absolute or relative to the one that answered. */
  locationOf(response: HttpResponse): string {
    const { location } = response.headers
    if (location === undefined)
      throw new DecapodError('REGISTRY_FAILED', `${this.host} does not say where to upload to`)
    return new URL(location, response.url).href
  }

  /** Why a registry refused `what`, in its words, and what to do. */
  async refused(response: HttpResponse, what: string): Promise<DecapodError> {
    const body = (await readBody(response, 64 << 10).catch(() => Buffer.alloc(0))).toString('utf8')
    const reason = registryReason(body)
    const { status } = response
    if (status === 404) return new DecapodError('SOURCE_INVALID', `${what} does not exist${reason}`)
    if (status === 401 || status === 403) {
      return new DecapodError('REGISTRY_FAILED', `${what}: access refused (HTTP ${status})${reason}`, {
        hint: `log in with "docker login ${this.host}" or "helm registry login ${this.host}"`,
      })
    }
    return new DecapodError('REGISTRY_FAILED', `${what}: the registry answers HTTP ${status}${reason}`)
  }
}

interface Challenge {
  readonly scheme: 'basic' | 'bearer'
  readonly realm: string
  readonly service: string | undefined
}

/** WWW-Authenticate: `Bearer realm="…",service="…"` or `Basic realm="…"`. */
function parseChallenge(header: string): Challenge | undefined {
  const match = /^\s*(bearer|basic)\s*(.*)$/is.exec(header)
  if (match === null) return undefined
  const fields = new Map([...match[2]!.matchAll(/(\w+)="([^"]*)"/g)].map(m => [m[1]!.toLowerCase(), m[2]!] as const))
  const scheme = match[1]!.toLowerCase() as 'basic' | 'bearer'
  const realm = fields.get('realm') ?? ''
  if (scheme === 'bearer' && !URL.canParse(realm)) return undefined
  return { scheme, realm, service: fields.get('service') }
}

function scopeOf(repository: string, access: 'pull' | 'push', from: string | undefined): string {
  const scope = `repository:${repository}:${access === 'push' ? 'pull,push' : 'pull'}`
  return from === undefined ? scope : `${scope} repository:${from}:pull`
}

function registryReason(body: string): string {
  try {
    const { errors } = JSON.parse(body) as { errors?: { message?: string }[] }
    const text = errors
      ?.map(e => e.message)
      .filter(Boolean)
      .join('; ')
    return text ? `: ${text}` : ''
  } catch {
    return ''
  }
}
