/** Go's package net/url: taking URLs apart and putting them together, with its escaping and error texts (url.go). */
import { parseAddress } from './netip.ts'
import { quote } from './strconv.ts'
import { fromBytes, GoError, toBytes } from './value.ts'

/** A URL's parts, unescaped but for the query. */
export interface Url {
  scheme: string
  opaque: string
  user: { readonly name: string; readonly password: string | undefined } | undefined
  host: string
  path: string
  query: string
  /** A "?" with nothing after it. */
  forceQuery: boolean
  fragment: string
  /** `file:/x`: a scheme and a path, but no authority. */
  omitHost: boolean
}

type Mode = 'path' | 'host' | 'zone' | 'user' | 'query' | 'fragment'

/** What stands unescaped in each part. */
const plain: Readonly<Record<Mode, RegExp>> = {
  path: /[A-Za-z0-9$&+,\-./:;=@_~]/,
  host: /[A-Za-z0-9!"$&'()*+,\-.:;<=>[\]_~]/,
  zone: /[A-Za-z0-9!"$&'()*+,\-.:;<=>[\]_~]/,
  user: /[A-Za-z0-9$&+,\-.;=_~]/,
  query: /[A-Za-z0-9\-._~]/,
  fragment: /[A-Za-z0-9!$&()*+,\-./:;=?@_~]/,
}

/** A URL without any part. */
export function emptyUrl(): Url {
  return {
    scheme: '',
    opaque: '',
    user: undefined,
    host: '',
    path: '',
    query: '',
    forceQuery: false,
    fragment: '',
    omitHost: false,
  }
}

/** url.Parse. Throws GoError: `parse ":x": missing protocol scheme`. */
export function parseUrl(text: string): Url {
  // Everything here is about bytes: work on one character per byte.
  const [withoutFragment, fragment] = cut(latin1(text), '#')
  const url = inParse(withoutFragment, () => parseParts(withoutFragment))
  if (fragment !== '') {
    url.fragment = inParse(latin1(text), () => unescapeBytes(fragment, 'fragment'))
  }
  return asText(url)
}

function inParse<T>(text: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof GoError)) throw error
    throw new GoError(`parse ${quote(utf8(text))}: ${error.message}`)
  }
}

const latin1 = (s: string): string => Buffer.from(toBytes(s)).toString('latin1')
const utf8 = (bytes: string): string => fromBytes(Buffer.from(bytes, 'latin1'))

function asText(url: Url): Url {
  const { user } = url
  return {
    ...url,
    opaque: utf8(url.opaque),
    host: utf8(url.host),
    path: utf8(url.path),
    query: utf8(url.query),
    fragment: utf8(url.fragment),
    user: user && { name: utf8(user.name), password: user.password === undefined ? undefined : utf8(user.password) },
  }
}

function cut(text: string, separator: string): [before: string, after: string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)]
}

function parseParts(text: string): Url {
  const url = emptyUrl()
  if (/[\x00-\x1f\x7f]/.test(text)) throw new GoError('net/url: invalid control character in URL')
  if (text === '*') {
    url.path = '*'
    return url
  }
  let rest = text
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*)?:/.exec(text)
  if (scheme !== null) {
    if (scheme[1] === undefined) throw new GoError('missing protocol scheme')
    url.scheme = scheme[1].toLowerCase()
    rest = text.slice(scheme[0].length)
  }
  if (rest.endsWith('?') && rest.indexOf('?') === rest.length - 1) {
    url.forceQuery = true
    rest = rest.slice(0, -1)
  } else [rest, url.query] = cut(rest, '?')
  if (!rest.startsWith('/')) {
    if (url.scheme !== '') {
      url.opaque = rest
      return url
    }
    if (cut(rest, '/')[0].includes(':')) throw new GoError('first path segment in URL cannot contain colon')
  }
  if (rest.startsWith('//') && (url.scheme !== '' || !rest.startsWith('///'))) {
    const slash = rest.indexOf('/', 2)
    const authority = slash < 0 ? rest.slice(2) : rest.slice(2, slash)
    rest = slash < 0 ? '' : rest.slice(slash)
    parseAuthority(url, authority)
  } else if (url.scheme !== '' && rest.startsWith('/')) url.omitHost = true
  url.path = unescapeBytes(rest, 'path')
  return url
}

function parseAuthority(url: Url, authority: string): void {
  const at = authority.lastIndexOf('@')
  url.host = parseHost(url.scheme, authority.slice(at + 1))
  if (at < 0) return
  const user = authority.slice(0, at)
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user)) throw new GoError('net/url: invalid userinfo')
  const colon = user.indexOf(':')
  const name = unescapeBytes(colon < 0 ? user : user.slice(0, colon), 'user')
  url.user = { name, password: colon < 0 ? undefined : unescapeBytes(user.slice(colon + 1), 'user') }
}

function parseHost(scheme: string, host: string): string {
  const open = host.lastIndexOf('[')
  if (open > 0) throw new GoError('invalid IP-literal')
  if (open === 0) return parseLiteral(host)
  // Lists of hosts are accepted for all but web addresses: there the first colon must begin the port.
  const strict = scheme === 'http' || scheme === 'https'
  const colon = strict ? host.indexOf(':') : host.lastIndexOf(':')
  if (colon >= 0) checkPort(host.slice(colon))
  return unescapeBytes(host, 'host')
}

/** `[fe80::1%25en0]:80`. */
function parseLiteral(host: string): string {
  const close = host.lastIndexOf(']')
  if (close < 0) throw new GoError("missing ']' in host")
  const port = host.slice(close + 1)
  checkPort(port)
  const name = host.slice(1, close)
  const zone = name.indexOf('%25')
  const plainName =
    zone < 0
      ? unescapeBytes(name, 'host')
      : unescapeBytes(name.slice(0, zone), 'host') + unescapeBytes(name.slice(zone), 'zone')
  try {
    if (parseAddress(utf8(plainName)).bytes.length === 4) throw new GoError('invalid IP-literal')
  } catch (error) {
    if (!(error instanceof GoError) || error.message === 'invalid IP-literal') throw error
    throw new GoError(`invalid host: ${error.message}`)
  }
  return `[${plainName}]${unescapeBytes(port, 'host')}`
}

function checkPort(port: string): void {
  if (!/^(?::[0-9]*)?$/.test(port)) throw new GoError(`invalid port ${quote(utf8(port))} after host`)
}

function unescapeBytes(text: string, mode: Mode): string {
  const strict = mode === 'host' || mode === 'zone'
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '%') {
      const triple = text.slice(i, i + 3)
      if (!/^%[0-9a-fA-F]{2}$/.test(triple)) throw badEscape(triple)
      const byte = Number.parseInt(triple.slice(1), 16)
      // A host may escape only what is not ASCII; a zone also what could stand there plainly, and blanks.
      if (mode === 'host' && byte < 0x80 && triple !== '%25') throw badEscape(triple)
      if (mode === 'zone' && triple !== '%25' && byte !== 0x20 && !plain.host.test(String.fromCharCode(byte))) {
        throw badEscape(triple)
      }
      i += 2
    } else if (strict && text.charCodeAt(i) < 0x80 && !plain[mode].test(text[i]!)) {
      throw new GoError(`invalid character ${quote(text[i]!)} in host name`)
    }
  }
  return text.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

function badEscape(text: string): GoError {
  return new GoError(`invalid URL escape ${quote(utf8(text))}`)
}

function escapeText(text: string, mode: Mode): string {
  let out = ''
  for (const ch of latin1(text)) {
    out += plain[mode].test(ch) ? ch : `%${ch.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
  }
  return out
}

/** URL.Hostname: the host without port and brackets. */
export function hostname(url: Url): string {
  const colon = url.host.lastIndexOf(':')
  const host = colon >= 0 && /^:[0-9]*$/.test(url.host.slice(colon)) ? url.host.slice(0, colon) : url.host
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host
}

/** Userinfo.String; "" for none. */
export function formatUser(user: Url['user']): string {
  if (user === undefined) return ''
  const password = user.password === undefined ? '' : `:${escapeText(user.password, 'user')}`
  return escapeText(user.name, 'user') + password
}

/** URL.String of a URL made from its parts: everything is escaped anew. */
export function formatUrl(url: Url): string {
  let out = url.scheme === '' ? '' : `${url.scheme}:`
  if (url.opaque !== '') out += url.opaque
  else {
    const authority = url.host !== '' || url.user !== undefined
    if (authority || (url.scheme !== '' && !url.omitHost)) {
      if (authority || url.path !== '') out += '//'
      if (url.user !== undefined) out += `${formatUser(url.user)}@`
      out += escapeText(url.host, 'host')
    }
    const path = url.path === '*' ? '*' : escapeText(url.path, 'path')
    if (path !== '' && !path.startsWith('/') && url.host !== '') out += '/'
    // A first segment with a colon would read as a scheme.
    if (out === '' && cut(path, '/')[0].includes(':')) out += './'
    out += path
  }
  if (url.forceQuery || url.query !== '') out += `?${url.query}`
  if (url.fragment !== '') out += `#${escapeText(url.fragment, 'fragment')}`
  return out
}
