/** Sprig's urlParse and urlJoin (url.go). */
import { emptyUrl, formatUrl, formatUser, hostname, parseUrl, type Url } from '../go/url.ts'
import { fn, type GoDict, GoError, type GoFunc, kindOf } from '../go/value.ts'
import { nilDereference } from './text.ts'

/** The functions of this chapter by name. */
export const urls: Readonly<Record<string, GoFunc>> = {
  urlParse: fn('(string) dict', urlParse),
  urlJoin: fn('(dict) string', urlJoin),
}

function urlParse(text: string): GoDict {
  const url = parsing('unable to parse url', text)
  return new Map([
    ['scheme', url.scheme],
    ['host', url.host],
    ['hostname', hostname(url)],
    ['path', url.path],
    ['query', url.query],
    ['opaque', url.opaque],
    ['fragment', url.fragment],
    ['userinfo', formatUser(url.user)],
  ])
}

function urlJoin(parts: GoDict | null): string {
  const part = (key: string): string => {
    const value = parts?.get(key)
    if (value === undefined) return ''
    if (value === null) throw nilDereference()
    if (typeof value === 'string') return value
    throw new GoError(`unable to parse ${key} key, must be of type string, but ${kindOf(value)} found`, true)
  }
  const url: Url = {
    ...emptyUrl(),
    scheme: part('scheme'),
    host: part('host'),
    path: part('path'),
    query: part('query'),
    opaque: part('opaque'),
    fragment: part('fragment'),
  }
  const userinfo = part('userinfo')
  if (userinfo !== '') url.user = parsing('unable to parse userinfo in dict', `proto://${userinfo}@host`).user
  return formatUrl(url)
}

function parsing(complaint: string, text: string): Url {
  try {
    return parseUrl(text)
  } catch (error) {
    if (!(error instanceof GoError)) throw error
    throw new GoError(`${complaint}: ${error.message}`, true)
  }
}
