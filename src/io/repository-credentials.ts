/** Credentials of chart repositories and of files over HTTP: `helm repo add`'s repositories.yaml, tokens by host. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DecapodError } from '../errors.ts'
import type { GoValue } from '../go/value.ts'
import { parseValue } from '../yaml/values.ts'
import { basic, hostToken } from './credentials.ts'
import type { TlsSettings } from './http.ts'

type Environment = Readonly<Record<string, string | undefined>>

export interface RepositoryEntry {
  readonly name: string
  readonly url: string
  readonly username: string
  readonly password: string
  /** Whether the credentials also go to charts on other hosts (helm repo add --pass-credentials). */
  readonly passAll: boolean
  readonly tls: TlsSettings
}

/** The entries of HELM_REPOSITORY_CONFIG or ~/.config/helm/repositories.yaml. Throws CONFIG_INVALID for a broken file. */
export function readRepositories(env: Environment): RepositoryEntry[] {
  const home = env['HOME'] ?? '/'
  const config = env['HELM_CONFIG_HOME'] ?? join(env['XDG_CONFIG_HOME'] ?? join(home, '.config'), 'helm')
  const file = env['HELM_REPOSITORY_CONFIG'] ?? join(config, 'repositories.yaml')
  if (!existsSync(file)) return []
  let value: GoValue
  try {
    value = parseValue(readFileSync(file, 'utf8'), { file, dialect: 'sigs' })
  } catch {
    // The parser's message quotes the file, which holds passwords.
    throw new DecapodError('CONFIG_INVALID', 'the list of Helm repositories is not valid YAML', { at: { file } })
  }
  const list = value instanceof Map ? (value as ReadonlyMap<string, GoValue>).get('repositories') : undefined
  return (Array.isArray(list) ? list : []).flatMap(entry => {
    if (!(entry instanceof Map)) return []
    const fields = entry as ReadonlyMap<string, GoValue>
    const text = (key: string): string => {
      const v = fields.get(key)
      return typeof v === 'string' ? v : ''
    }
    const pem = (key: string): string | undefined => (text(key) === '' ? undefined : readPem(text(key)))
    const ca = pem('caFile')
    const tls: TlsSettings = {
      ca: ca === undefined ? undefined : [ca],
      cert: pem('certFile'),
      key: pem('keyFile'),
      insecure: fields.get('insecure_skip_tls_verify') === true,
    }
    const passAll = fields.get('pass_credentials_all') === true
    return [
      { name: text('name'), url: text('url'), username: text('username'), password: text('password'), passAll, tls },
    ]
  })
}

/**
 * The Authorization header for a URL that a repository leads to, or undefined. In this order: the entry of
 * repositories.yaml under whose URL it lies; the repository's own entry or the user:password of its URL, on the same
 * scheme, host and port (anywhere only with --pass-credentials, as in Helm); DECAPOD_TOKEN_<HOST>, a bearer token.
 */
export function repositoryAuthorization(
  env: Environment,
  entries: readonly RepositoryEntry[],
): (url: string, repository: string) => string | undefined {
  const withUser = entries.filter(entry => entry.username !== '')
  return (url, repository) => {
    const under = withUser
      .filter(entry => isBelow(url, entry.url))
      .reduce<RepositoryEntry | undefined>(
        (a, b) => (a !== undefined && a.url.length >= b.url.length ? a : b),
        undefined,
      )
    if (under !== undefined) return basic(under)
    const own = withUser.find(entry => withoutSlash(entry.url) === withoutSlash(repository))
    if (own?.passAll) return basic(own)
    if (!URL.canParse(url)) return undefined
    if (URL.canParse(repository) && new URL(repository).origin === new URL(url).origin) {
      if (own !== undefined) return basic(own)
      const { username, password } = new URL(repository)
      if (username !== '') return basic({ username: decoded(username), password: decoded(password) })
    }
    const token = hostToken(env, new URL(url).host)
    return token === undefined ? undefined : `Bearer ${token}`
  }
}

/** Whether a URL lies below another one: same scheme, host and port, and a path that goes on at a slash. */
function isBelow(url: string, parent: string): boolean {
  if (!URL.canParse(url) || !URL.canParse(parent)) return false
  const [a, b] = [new URL(url), new URL(parent)]
  const path = withoutSlash(b.pathname)
  return a.origin === b.origin && (a.pathname === path || a.pathname.startsWith(`${path}/`))
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '')
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function readPem(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    throw new DecapodError('FILE_NOT_FOUND', `cannot read ${file}, which the list of Helm repositories names`, {
      at: { file },
    })
  }
}
