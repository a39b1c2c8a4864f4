/**
 * Which proxy a request goes through, by the variables Go programs (helm, kustomize) and curl read. The rules are those
 * of golang.org/x/net/http/httpproxy, so that a set-up that works for helm works here.
 */
import { BlockList, isIP } from 'node:net'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The proxy for a URL, or undefined for a direct connection: HTTPS_PROXY or HTTP_PROXY by scheme, unless NO_PROXY names
 * the host. NO_PROXY lists "example.com" (with its subdomains), ".example.com" (only those), addresses, CIDR ranges,
 * each with an optional ":port", or "*". Loopback is never proxied.
 */
export function proxyFor(url: URL, env: Environment): URL | undefined {
  const variable = url.protocol === 'https:' ? 'https_proxy' : 'http_proxy'
  const proxy = env[variable.toUpperCase()] || env[variable]
  if (!proxy || isDirect(url, env['NO_PROXY'] || env['no_proxy'] || '')) return undefined
  const text = proxy.includes('://') ? proxy : `http://${proxy}`
  return URL.canParse(text) ? new URL(text) : undefined
}

/** A URL's host without brackets: how sockets take IPv6 addresses. */
export function bareHost(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '')
}

function isDirect(url: URL, noProxy: string): boolean {
  const host = bareHost(url.hostname).toLowerCase()
  const family = isIP(host)
  if (host === 'localhost' || host === '::1' || (family === 4 && host.startsWith('127.'))) return true
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  return noProxy
    .split(',')
    .map(entry => entry.trim().toLowerCase())
    .some(entry => entry !== '' && (entry === '*' || matches(entry, host, family, port)))
}

function matches(entry: string, host: string, family: number, port: string): boolean {
  const [name, entryPort] = splitPort(entry)
  if (entryPort !== undefined && entryPort !== port) return false
  if (family !== 0) return name.includes('/') ? inRange(name, host, family) : bareHost(name) === host
  if (name.startsWith('.') || name.startsWith('*.')) return host.endsWith(name.replace(/^\*/, ''))
  return host === name || host.endsWith(`.${name}`)
}

function splitPort(entry: string): [host: string, port: string | undefined] {
  const match = /^(\[[^\]]*\]|[^:]*):(\d+)$/.exec(entry)
  return match === null ? [entry, undefined] : [match[1]!, match[2]]
}

function inRange(range: string, host: string, family: number): boolean {
  const [network = '', bits = ''] = range.split('/')
  const length = Number(bits)
  if (isIP(network) !== family || !/^\d+$/.test(bits) || length > (family === 4 ? 32 : 128)) return false
  const type = family === 4 ? 'ipv4' : 'ipv6'
  const list = new BlockList()
  list.addSubnet(network, length, type)
  return list.check(host, type)
}
