/**
 * HTTP for fetching sources and talking to registries, on node:http: streaming both ways, proxies, own CAs, client
 * certificates, bounded redirects, retries. An Authorization header never goes to a host it was not made for.
 */
import { type ClientRequest, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { Agent, request as httpsRequest } from 'node:https'
import { isIP } from 'node:net'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import {
  createSecureContext,
  rootCertificates,
  type SecureContext,
  type TLSSocket,
  connect as tlsConnect,
} from 'node:tls'
import { DecapodError } from '../errors.ts'
import { bareHost, proxyFor } from './proxy.ts'

/** TLS of one host: further CAs beside the system's, a client certificate, and (only where a user says so) no check. */
export interface TlsSettings {
  readonly ca?: readonly string[] | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
  readonly insecure?: boolean | undefined
}

export interface HttpSettings {
  /** HTTPS_PROXY, HTTP_PROXY and NO_PROXY (upper or lower case) are read from here. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly tls?: ((host: string) => TlsSettings) | undefined
  /** Milliseconds without any byte before a request is given up; a body must also bring `slowest` bytes in each such time. */
  readonly idleTimeout?: number | undefined
  /** Bytes a body must bring per idleTimeout: a server that drips cannot hold a fetch for ever. */
  readonly slowest?: number | undefined
  /** How often a request that may be repeated is tried in all. */
  readonly tries?: number | undefined
  /** Waits between tries; tests pass their own. */
  readonly sleep?: ((milliseconds: number) => Promise<void>) | undefined
  readonly random?: (() => number) | undefined
}

export interface HttpRequest {
  readonly method?: string | undefined
  readonly url: string
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Sent to the host of `url` only; dropped on a redirect to another host, port or from https to http. */
  readonly authorization?: string | undefined
  /** A body that can be made again for a second try. A Readable body is sent with the length given in the headers. */
  readonly body?: Uint8Array | (() => Readable) | undefined
  /** Whether a failed try may be repeated. Default: true for GET and HEAD. */
  readonly repeatable?: boolean | undefined
  readonly maxRedirects?: number | undefined
}

export interface HttpResponse {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** The URL that answered, after redirects. */
  readonly url: string
  readonly body: IncomingMessage
}

const defaults = { idleTimeout: 30_000, slowest: 1024, tries: 4, maxRedirects: 10 }

/**
 * Sends a request and gives the response once its head is there; the caller reads or discards the body. A response of
 * any status is a response. Tries again, with back-off and full jitter, after connection failures and after 429, 502,
 * 503 and 504 (heeding Retry-After up to a minute). Throws DecapodError SOURCE_UNREACHABLE naming the URL without its
 * credentials.
 */
export async function send(settings: HttpSettings, request: HttpRequest): Promise<HttpResponse> {
  const method = request.method ?? 'GET'
  const repeatable = request.repeatable ?? (method === 'GET' || method === 'HEAD')
  const tries = repeatable ? (settings.tries ?? defaults.tries) : 1
  for (let attempt = 1; ; attempt++) {
    try {
      const response = await follow(settings, { ...request, method })
      if (attempt === tries || ![429, 502, 503, 504].includes(response.status)) return response
      response.body.destroy()
      await pause(settings, attempt, retryAfter(response.headers))
    } catch (error) {
      if (error instanceof DecapodError) throw error
      if (attempt === tries || isLasting(error)) throw unreachable(request.url, error)
      await pause(settings, attempt, undefined)
    }
  }
}

/** Reads a whole body, at most `limit` bytes. Throws LIMIT_EXCEEDED beyond it, SOURCE_UNREACHABLE when it is cut. */
export async function readBody(response: HttpResponse, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > limit) {
        response.body.destroy()
        throw new DecapodError(
          'LIMIT_EXCEEDED',
          `${withoutCredentials(response.url)} answers with more than ${limit} bytes`,
        )
      }
      chunks.push(chunk)
    }
  } catch (error) {
    if (error instanceof DecapodError) throw error
    throw unreachable(response.url, error)
  }
  return Buffer.concat(chunks)
}

/** A URL for people: user, password and query left out, for both may be secrets. */
export function withoutCredentials(url: string): string {
  try {
    const { protocol, host, pathname } = new URL(url)
    return `${protocol}//${host}${pathname}`
  } catch {
    return url.replace(/\/\/[^/@]*@/, '//').replace(/\?.*$/, '')
  }
}

async function follow(settings: HttpSettings, request: HttpRequest): Promise<HttpResponse> {
  let url = parseUrl(request.url)
  let { authorization } = request
  let method = request.method ?? 'GET'
  let body = request.body
  let headers = request.headers ?? {}
  for (let hops = 0; ; hops++) {
    const response = await once(settings, method, url, headers, authorization, body)
    const location = response.headers.location
    if (![301, 302, 303, 307, 308].includes(response.statusCode ?? 0) || location === undefined) {
      return { status: response.statusCode ?? 0, headers: response.headers, url: url.href, body: response }
    }
    response.destroy()
    if (hops >= (request.maxRedirects ?? defaults.maxRedirects)) {
      throw new DecapodError(
        'SOURCE_UNREACHABLE',
        `${withoutCredentials(request.url)} redirects more than ${hops} times`,
      )
    }
    const next = parseUrl(new URL(location, url).href)
    if (url.protocol === 'https:' && next.protocol === 'http:') {
      throw new DecapodError(
        'SOURCE_UNREACHABLE',
        `${withoutCredentials(url.href)} redirects from https to http, which is refused`,
      )
    }
    if (next.origin !== url.origin) {
      authorization = undefined
      headers = withoutSecrets(headers)
    }
    if (response.statusCode === 303 || (response.statusCode! < 303 && method === 'POST')) {
      method = 'GET'
      body = undefined
    }
    url = next
  }
}

function withoutSecrets(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !/^(authorization|cookie|proxy-authorization)$/i.test(name)),
  )
}

function parseUrl(text: string): URL {
  let url: URL
  try {
    url = new URL(text)
  } catch {
    throw new DecapodError('SOURCE_INVALID', `"${withoutCredentials(text)}" is not a URL`)
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new DecapodError('SOURCE_INVALID', `"${withoutCredentials(text)}": only http and https can be fetched`)
  }
  return url
}

/** One request on one connection; resolves with the head of the response. */
async function once(
  settings: HttpSettings,
  method: string,
  url: URL,
  headers: Readonly<Record<string, string>>,
  authorization: string | undefined,
  body: HttpRequest['body'],
): Promise<IncomingMessage> {
  const timeout = settings.idleTimeout ?? defaults.idleTimeout
  const proxy = proxyFor(url, settings.env)
  const all: Record<string, string> = { 'user-agent': 'decapod', host: url.host, ...headers }
  const credentials = authorization ?? userAuthorization(url)
  if (credentials !== undefined) all['authorization'] = credentials
  if (body instanceof Uint8Array) all['content-length'] = String(body.length)
  const secure = url.protocol === 'https:'
  const options = {
    method,
    headers: all,
    timeout,
    path: url.pathname + url.search,
    hostname: bareHost(url.hostname),
    port: url.port || (secure ? 443 : 80),
  }
  let request: ClientRequest
  if (proxy === undefined) {
    request = secure ? httpsRequest({ ...options, agent: agentFor(settings, url.host) }) : httpRequest(options)
  } else if (secure) {
    const socket = await tunnel(settings, proxy, url, timeout)
    // With an agent, even "false", node would connect by itself.
    request = httpsRequest({ ...options, createConnection: () => socket })
  } else {
    request = toProxy(settings, proxy, {
      ...options,
      path: `${url.origin}${url.pathname}${url.search}`,
      headers: { ...all, ...proxyAuthorization(proxy) },
    })
  }
  return await exchange(request, body, timeout, settings.slowest ?? defaults.slowest)
}

/** user:password of a URL as an Authorization header. */
function userAuthorization(url: URL): string | undefined {
  if (url.username === '') return undefined
  return `Basic ${Buffer.from(`${decoded(url.username)}:${decoded(url.password)}`).toString('base64')}`
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Connections are kept per TLS settings, so that none made under one CA or certificate serves another's request. */
const agents = new WeakMap<TlsSettings, Agent>()
const noSettings: TlsSettings = {}

function agentFor(settings: HttpSettings, host: string): Agent {
  const tls = settings.tls?.(host) ?? noSettings
  const known = agents.get(tls)
  if (known !== undefined) return known
  const agent = new Agent({ keepAlive: true, ...tlsOptions(tls) })
  agents.set(tls, agent)
  return agent
}

function tlsOptions(tls: TlsSettings): { secureContext?: SecureContext; rejectUnauthorized: boolean } {
  const rejectUnauthorized = tls.insecure !== true
  if (tls.ca === undefined && tls.cert === undefined) return { rejectUnauthorized }
  const secureContext = createSecureContext({
    ...(tls.ca === undefined ? {} : { ca: [...rootCertificates, ...tls.ca] }),
    ...(tls.cert === undefined ? {} : { cert: tls.cert }),
    ...(tls.key === undefined ? {} : { key: tls.key }),
  })
  return { secureContext, rejectUnauthorized }
}

/** A request to a proxy, which may itself speak TLS. */
function toProxy(settings: HttpSettings, proxy: URL, options: object): ClientRequest {
  const secure = proxy.protocol === 'https:'
  const place = { hostname: bareHost(proxy.hostname), port: proxy.port || (secure ? 443 : 80) }
  return secure
    ? httpsRequest({ ...options, ...place, agent: agentFor(settings, proxy.host) })
    : httpRequest({ ...options, ...place })
}

function exchange(
  request: ClientRequest,
  body: HttpRequest['body'],
  timeout: number,
  slowest: number,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    let answered = false
    request.on('response', response => {
      answered = true
      // The same silence that ends a request ends the reading of its answer.
      request.on('timeout', () => response.destroy(new Error('no data for too long')))
      endWhenSlow(response, timeout, slowest)
      resolve(response)
    })
    request.on('timeout', () => answered || request.destroy(new Error('no answer for too long')))
    request.on('error', error => answered || reject(error))
    if (body === undefined || body instanceof Uint8Array) request.end(body)
    // A server may answer and hang up before the body is through (401, 413): the answer counts, not the broken pipe.
    else pipeline(body(), request).catch((error: unknown) => setImmediate(() => answered || reject(error)))
  })
}

/** Cuts a response that comes, but too slowly to ever be of use. */
function endWhenSlow(response: IncomingMessage, period: number, slowest: number): void {
  let before = response.socket.bytesRead
  const check = setInterval(() => {
    const now = response.socket.bytesRead
    // A reader that takes its time is no fault of the server's.
    if (now - before < slowest && response.readableLength === 0)
      response.destroy(new Error(`fewer than ${slowest} bytes in ${period / 1000} s`))
    before = now
  }, period)
  check.unref()
  response.once('close', () => clearInterval(check))
}

/** A TLS connection through an HTTP proxy's CONNECT. */
async function tunnel(settings: HttpSettings, proxy: URL, url: URL, timeout: number): Promise<TLSSocket> {
  const target = `${url.hostname}:${url.port || 443}`
  const connect = toProxy(settings, proxy, {
    method: 'CONNECT',
    path: target,
    headers: { host: target, ...proxyAuthorization(proxy) },
    timeout,
    agent: false,
  })
  return await new Promise((resolve, reject) => {
    connect.on('connect', (response, socket) => {
      if (response.statusCode !== 200) {
        socket.destroy()
        const refused = (response.statusCode ?? 500) < 500
        const error = new Error(`the proxy ${proxy.host} answers ${response.statusCode} to CONNECT`)
        reject(refused ? Object.assign(error, { code: 'PROXY_REFUSED' }) : error)
        return
      }
      const host = bareHost(url.hostname)
      const servername = isIP(host) === 0 ? { servername: host } : {}
      const tls = tlsOptions(settings.tls?.(url.host) ?? noSettings)
      const secured = tlsConnect({ ...tls, ...servername, socket, host }, () => resolve(secured))
      secured.on('error', reject)
    })
    connect.on('timeout', () => connect.destroy(new Error(`the proxy ${proxy.host} does not answer`)))
    connect.on('error', reject)
    connect.end()
  })
}

function proxyAuthorization(proxy: URL): Record<string, string> {
  if (proxy.username === '') return {}
  const pair = `${decoded(proxy.username)}:${decoded(proxy.password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` }
}

/** Retry-After in milliseconds: seconds or a date, at most a minute. */
function retryAfter(headers: IncomingHttpHeaders): number | undefined {
  const text = headers['retry-after']
  if (text === undefined) return undefined
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1000
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds, 0), 60) * 1000 : undefined
}

/** Waits before the next try: back-off with full jitter, or what the server asked for where that is longer. */
export async function pause(settings: HttpSettings, attempt: number, atLeast: number | undefined): Promise<void> {
  const sleep = settings.sleep ?? (ms => new Promise(resolve => setTimeout(resolve, ms)))
  const jitter = (settings.random ?? Math.random)() * Math.min(250 * 2 ** attempt, 8000)
  await sleep(Math.max(atLeast ?? 0, jitter))
}

function unreachable(url: string, error: unknown): DecapodError {
  const { code, message } = error as NodeJS.ErrnoException
  const reason = code === undefined ? message : `${explain(code) ?? message} (${code})`
  return new DecapodError('SOURCE_UNREACHABLE', `cannot reach ${withoutCredentials(url)}: ${scrub(reason)}`, {
    cause: error,
    hint: hintFor(code),
  })
}

/** Whether a failure will be the same in a second: a certificate, an unknown name, a proxy that wants a password. */
function isLasting(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code !== undefined && /CERT|SIGNATURE|^ERR_TLS|^ERR_SSL|^ENOTFOUND$|^PROXY_REFUSED$/.test(code)
}

/** A message of the network stack without user:password@ parts of URLs. */
function scrub(text: string): string {
  return text.replace(/\/\/[^/\s@]+@/g, '//')
}

function explain(code: string): string | undefined {
  const known: Readonly<Record<string, string>> = {
    ENOTFOUND: 'the host name is unknown',
    EAI_AGAIN: 'the name service does not answer',
    ECONNREFUSED: 'nothing listens there',
    ECONNRESET: 'the connection was cut',
    DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is self-signed',
    SELF_SIGNED_CERT_IN_CHAIN: 'the certificate chain ends in an unknown CA',
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the certificate comes from an unknown CA',
    UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the certificate comes from an unknown CA',
    CERT_HAS_EXPIRED: 'the certificate has expired',
    ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another host',
  }
  return known[code]
}

function hintFor(code: string | undefined): string | undefined {
  if (code === undefined) return undefined
  if (/CERT|SIGNATURE/.test(code))
    return 'name the CA in SSL_CERT_FILE, in certs.d/<host>/ca.crt of docker, or with helm repo add --ca-file'
  if (code === 'PROXY_REFUSED') return 'HTTPS_PROXY may carry user and password: http://user:password@host:port'
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'check the URL; behind a proxy set HTTPS_PROXY'
  return undefined
}
