/**
 * Credentials as docker and Helm keep them: config.json with `auths`, `credHelpers` and `credsStore`. Secrets live in
 * memory only; nothing here prints one, and helpers get the host on standard input, never in argv.
 */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DecapodError } from '../errors.ts'

export interface Credentials {
  readonly username: string
  readonly password: string
}

/** A refresh token some helpers give instead of a password (user "<token>"). */
export interface IdentityToken {
  readonly identityToken: string
}

/** A token that is sent as it is (`registrytoken` of docker's config.json, DECAPOD_TOKEN_<HOST>). */
export interface BearerToken {
  readonly bearer: string
}

export type Credential = Credentials | IdentityToken | BearerToken

export type CredentialStore = (host: string) => Promise<Credential | undefined>

/** Basic authorization for user and password. */
export function basic({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}

/** The token of a host: DECAPOD_TOKEN_ and the host (and port) with "_" for all but letters and digits, in any case. */
export function hostToken(env: Readonly<Record<string, string | undefined>>, host: string): string | undefined {
  const wanted = `DECAPOD_TOKEN_${host.replace(/[^A-Za-z0-9]/g, '_')}`.toUpperCase()
  const name = Object.keys(env).find(key => key.toUpperCase() === wanted)
  return name === undefined ? undefined : env[name] || undefined
}

interface DockerConfig {
  readonly auths?: Readonly<
    Record<
      string,
      { auth?: string; username?: string; password?: string; identitytoken?: string; registrytoken?: string }
    >
  >
  readonly credHelpers?: Readonly<Record<string, string>>
  readonly credsStore?: string
}

/**
 * Looks a registry's credentials up: DECAPOD_TOKEN_<HOST>, Helm's registry/config.json, then docker's config.json (DOCKER_CONFIG, REGISTRY_AUTH_FILE,
 * HELM_REGISTRY_CONFIG and the usual home directories). A file that cannot be parsed is an error that names it.
 */
export function credentialStore(env: Readonly<Record<string, string | undefined>>): CredentialStore {
  const home = env['HOME'] ?? '/'
  const configHome = env['XDG_CONFIG_HOME'] ?? join(home, '.config')
  const files = [
    env['HELM_REGISTRY_CONFIG'] ?? join(env['HELM_CONFIG_HOME'] ?? join(configHome, 'helm'), 'registry', 'config.json'),
    ...(env['REGISTRY_AUTH_FILE'] === undefined ? [] : [env['REGISTRY_AUTH_FILE']]),
    join(env['DOCKER_CONFIG'] ?? join(home, '.docker'), 'config.json'),
  ]
  let configs: DockerConfig[] | undefined
  return async host => {
    const token = hostToken(env, host)
    if (token !== undefined) return { bearer: token }
    configs ??= files.flatMap(readConfig)
    for (const config of configs) {
      const found = await lookUp(config, host, env)
      if (found !== undefined) return found
    }
    return undefined
  }
}

function readConfig(file: string): DockerConfig[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    return []
  }
  try {
    return [JSON.parse(text) as DockerConfig]
  } catch {
    // The parser's message may quote the file, and so a secret: it is left out.
    throw new DecapodError('CONFIG_INVALID', 'the registry credentials are not valid JSON', { at: { file } })
  }
}

async function lookUp(
  config: DockerConfig,
  host: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Credential | undefined> {
  const helper = config.credHelpers?.[host] ?? config.credsStore
  if (helper !== undefined) {
    const found = await askHelper(helper, host, env)
    if (found !== undefined) return found
  }
  for (const [key, entry] of Object.entries(config.auths ?? {})) {
    if (hostOf(key) !== host) continue
    if (entry.registrytoken) return { bearer: entry.registrytoken }
    if (entry.identitytoken) return { identityToken: entry.identitytoken }
    if (entry.username && entry.password) return { username: entry.username, password: entry.password }
    if (entry.auth) {
      const [username = '', ...password] = Buffer.from(entry.auth, 'base64')
        .toString('utf8')
        .replace(/\0+$/, '')
        .split(':')
      return { username, password: password.join(':') }
    }
  }
  return undefined
}

/** The host of an `auths` key: "https://index.docker.io/v1/", "registry:5000", "registry/namespace". */
function hostOf(key: string): string {
  const host = key.replace(/^https?:\/\//, '').split('/')[0]!
  return host === 'index.docker.io' ? 'docker.io' : host
}

/** docker-credential-NAME get; nothing found or no such program counts as no credentials. */
function askHelper(
  name: string,
  host: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Credential | undefined> {
  if (!/^[A-Za-z0-9._-]+$/.test(name)) return Promise.resolve(undefined)
  return new Promise(resolve => {
    const asked = host === 'docker.io' ? 'https://index.docker.io/v1/' : host
    const child = execFile(
      `docker-credential-${name}`,
      ['get'],
      { env: { ...env }, timeout: 20_000, maxBuffer: 1 << 20 },
      (error, stdout) => {
        if (error !== null) return resolve(undefined)
        try {
          const { Username, Secret } = JSON.parse(stdout) as { Username: string; Secret: string }
          resolve(Username === '<token>' ? { identityToken: Secret } : { username: Username, password: Secret })
        } catch {
          resolve(undefined)
        }
      },
    )
    child.stdin?.on('error', () => {})
    child.stdin?.end(asked + '\n')
  })
}
