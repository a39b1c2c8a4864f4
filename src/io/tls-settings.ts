/** TLS per host: what `helm repo add` recorded, docker's certs.d directories, and the CAs this machine trusts. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DecapodError } from '../errors.ts'
import type { TlsSettings } from './http.ts'
import type { RepositoryEntry } from './repository-credentials.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Where systems keep the CAs their administrator trusts (Go's crypto/x509/root_linux.go, as helm reads them). */
const bundles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
]

/**
 * Settings of a host (with its port): repositories.yaml first, then <home>/.docker/certs.d and /etc/docker/certs.d. The
 * CAs of this machine (SSL_CERT_FILE, else the system's bundle, and NODE_EXTRA_CA_CERTS) hold beside node's own for
 * every host. What `flags` give goes before a host's own settings. Throws FILE_NOT_FOUND for a file that a variable
 * names and that cannot be read.
 */
export function tlsSettings(
  env: Environment,
  repositories: readonly RepositoryEntry[],
  flags?: TlsSettings,
): (host: string) => TlsSettings {
  const given = new Map<string, TlsSettings>()
  for (const { url, tls } of repositories) {
    if (URL.canParse(url) && (tls.ca ?? tls.cert ?? tls.insecure)) given.set(new URL(url).host, tls)
  }
  const directories = [
    join(env['DOCKER_CONFIG'] ?? join(env['HOME'] ?? '/', '.docker'), 'certs.d'),
    '/etc/docker/certs.d',
  ]
  let machine: readonly string[] | undefined
  // Hosts without settings of their own share one object, and so one pool of connections and one parse of the CAs.
  let plain: TlsSettings | undefined
  const known = new Map<string, TlsSettings>()
  return host => {
    const found = known.get(host)
    if (found !== undefined) return found
    machine ??= machineCas(env)
    const ofHost = given.get(host) ?? directories.map(dir => fromDirectory(join(dir, host))).find(s => s !== undefined)
    const own = flags === undefined ? ofHost : joined(flags, ofHost)
    if (own === undefined) plain ??= machine.length === 0 ? {} : { ca: machine }
    const settings = own === undefined ? plain! : { ...own, ca: [...machine, ...(own.ca ?? [])] }
    known.set(host, settings)
    return settings
  }
}

function joined(flags: TlsSettings, own: TlsSettings = {}): TlsSettings {
  const pair = flags.cert === undefined ? own : flags
  return {
    ca: [...(own.ca ?? []), ...(flags.ca ?? [])],
    cert: pair.cert,
    key: pair.key,
    insecure: flags.insecure === true || own.insecure === true,
  }
}

function machineCas(env: Environment): string[] {
  const named = [env['SSL_CERT_FILE'], env['NODE_EXTRA_CA_CERTS']].filter(file => file !== undefined && file !== '')
  const system = env['SSL_CERT_FILE'] ? undefined : bundles.find(file => existsSync(file))
  return [...named.map(file => readNamed(file!)), ...(system === undefined ? [] : [readFileSync(system, 'utf8')])]
}

function readNamed(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new DecapodError('FILE_NOT_FOUND', `cannot read ${file}, which SSL_CERT_FILE or NODE_EXTRA_CA_CERTS names`, {
      cause,
    })
  }
}

/** `*.crt` are CAs, `*.cert` with `*.key` a client certificate. https://docs.docker.com/engine/security/certificates */
function fromDirectory(dir: string): TlsSettings | undefined {
  if (!existsSync(dir)) return undefined
  const names = readdirSync(dir).sort()
  const read = (name: string | undefined): string | undefined =>
    name === undefined ? undefined : readFileSync(join(dir, name), 'utf8')
  const cert = names.find(n => n.endsWith('.cert'))
  return {
    ca: names.filter(n => n.endsWith('.crt')).map(n => readFileSync(join(dir, n), 'utf8')),
    cert: read(cert),
    key: read(cert === undefined ? undefined : names.find(n => n === cert.replace(/\.cert$/, '.key'))),
  }
}
