/**
 * HTTP for fetching sources and talking to registries, on node:http: streaming both ways, proxies, own CAs, client
 * certificates, bounded redirects, retries. An Authorization header never goes to a host it was not made for.
 */
import { type ClientRequest, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type TLSSocket, connect as tlsConnect } from 'node:tls'
import { DecapodError } from '../errors.ts'

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
  /** Milliseconds without any byte before a request is given up. */
  readonly idleTimeout?: number | undefined
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

const defaults = { idleTimeout: 30_000, tries: 4, maxRedirects: 10 }

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
      if (attempt === tries) throw unreachable(request.url, error)
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

/** The proxy for a URL by the usual variables, or undefined. NO_PROXY: hosts, domain suffixes, host:port, "*". */
export function proxyFor(url: URL, env: Readonly<Record<string, string | undefined>>): URL | undefined {
  const variable = url.protocol === 'https:' ? 'https_proxy' : 'http_proxy'
  const proxy = env[variable] || env[variable.toUpperCase()]
  if (!proxy) return undefined
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  for (const entry of (env['no_proxy'] || env['NO_PROXY'] || '').split(/[\s,]+/)) {
    if (entry === '') continue
    if (entry === '*') return undefined
    const [host, entryPort] = splitPort(entry)
    if (entryPort !== undefined && entryPort !== port) continue
    const suffix = host.replace(/^\*?\./, '')
    if (url.hostname === suffix || url.hostname.endsWith('.' + suffix)) return undefined
  }
  return new URL(proxy.includes('://') ? proxy : `http://${proxy}`)
}

function splitPort(entry: string): [host: string, port: string | undefined] {
  const match = /^(\[[^\]]*\]|[^:]*):(\d+)$/.exec(entry)
  return match === null ? [entry, undefined] : [match[1]!, match[2]]
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
  const tls = settings.tls?.(url.host) ?? {}
  const proxy = proxyFor(url, settings.env)
  const all: Record<string, string> = { 'user-agent': 'decapod', host: url.host, ...headers }
  const userinfo =
    url.username === ''
      ? undefined
      : `Basic ${Buffer.from(`${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`).toString('base64')}`
  const credentials = authorization ?? userinfo
  if (credentials !== undefined) all['authorization'] = credentials
  if (body instanceof Uint8Array) all['content-length'] = String(body.length)
  const secure = url.protocol === 'https:'
  const tlsOptions = {
    ...(tls.ca === undefined ? {} : { ca: [...(await systemCas()), ...tls.ca] }),
    ...(tls.cert === undefined ? {} : { cert: tls.cert }),
    ...(tls.key === undefined ? {} : { key: tls.key }),
    rejectUnauthorized: tls.insecure !== true,
  }
  const options = {
    method,
    headers: all,
    timeout,
    path: url.pathname + url.search,
    hostname: bare(url.hostname),
    port: url.port || (secure ? 443 : 80),
  }
  let request: ClientRequest
  if (proxy === undefined) request = secure ? httpsRequest({ ...options, ...tlsOptions }) : httpRequest(options)
  else if (secure) {
    const socket = await tunnel(proxy, url, timeout, tlsOptions)
    request = httpsRequest({ ...options, agent: false, createConnection: () => socket })
  } else {
    request = httpRequest({
      ...options,
      hostname: bare(proxy.hostname),
      port: proxy.port || 80,
      path: `${url.origin}${url.pathname}${url.search}`,
      headers: { ...all, ...proxyAuthorization(proxy) },
    })
  }
  return await exchange(request, body)
}

function exchange(request: ClientRequest, body: HttpRequest['body']): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    let answered = false
    request.on('response', response => {
      answered = true
      // The same silence that ends a request ends the reading of its answer.
      request.on('timeout', () => response.destroy(new Error('no data for too long')))
      resolve(response)
    })
    request.on('timeout', () => answered || request.destroy(new Error('no answer for too long')))
    request.on('error', error => answered || reject(error))
    if (body === undefined || body instanceof Uint8Array) request.end(body)
    // A server may answer and hang up before the body is through (401, 413): the answer counts, not the broken pipe.
    else pipeline(body(), request).catch((error: unknown) => setImmediate(() => answered || reject(error)))
  })
}

/** A TLS connection through an HTTP proxy's CONNECT. */
async function tunnel(proxy: URL, url: URL, timeout: number, tlsOptions: object): Promise<TLSSocket> {
  const target = `${url.hostname}:${url.port || 443}`
  const connect = httpRequest({
    method: 'CONNECT',
    hostname: bare(proxy.hostname),
    port: proxy.port || 80,
    path: target,
    headers: { host: target, ...proxyAuthorization(proxy) },
    timeout,
    agent: false,
  })
  return await new Promise((resolve, reject) => {
    connect.on('connect', (response, socket) => {
      if (response.statusCode !== 200) {
        socket.destroy()
        reject(new Error(`the proxy ${proxy.host} answers ${response.statusCode} to CONNECT`))
        return
      }
      const secured = tlsConnect({ ...tlsOptions, socket, servername: bare(url.hostname) }, () => resolve(secured))
      secured.on('error', reject)
    })
    connect.on('timeout', () => connect.destroy(new Error(`the proxy ${proxy.host} does not answer`)))
    connect.on('error', reject)
    connect.end()
  })
}

function proxyAuthorization(proxy: URL): Record<string, string> {
  if (proxy.username === '') return {}
  const pair = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` }
}

/** An IPv6 address without its brackets. */
function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '')
}

async function systemCas(): Promise<readonly string[]> {
  const { rootCertificates } = await import('node:tls')
  return rootCertificates
}

/** Retry-After in milliseconds: seconds or a date, at most a minute. */
function retryAfter(headers: IncomingHttpHeaders): number | undefined {
  const text = headers['retry-after']
  if (text === undefined) return undefined
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1000
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds, 0), 60) * 1000 : undefined
}

async function pause(settings: HttpSettings, attempt: number, atLeast: number | undefined): Promise<void> {
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
    return 'name the CA in NODE_EXTRA_CA_CERTS, in certs.d/<host>/ca.crt of docker, or with helm repo add --ca-file'
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'check the URL; behind a proxy set HTTPS_PROXY'
  return undefined
}
