/** TLS per host: what `helm repo add` recorded, and docker's certs.d directories. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TlsSettings } from './http.ts'
import type { RepositoryEntry } from './repository-credentials.ts'

/** Settings of a host (with its port): repositories.yaml first, then <home>/.docker/certs.d and /etc/docker/certs.d. */
export function tlsSettings(
  env: Readonly<Record<string, string | undefined>>,
  repositories: readonly RepositoryEntry[],
): (host: string) => TlsSettings {
  const known = new Map<string, TlsSettings>()
  for (const { url, tls } of repositories) {
    if (URL.canParse(url) && (tls.ca ?? tls.cert ?? tls.insecure)) known.set(new URL(url).host, tls)
  }
  const directories = [
    join(env['DOCKER_CONFIG'] ?? join(env['HOME'] ?? '/', '.docker'), 'certs.d'),
    '/etc/docker/certs.d',
  ]
  return host => {
    let found = known.get(host)
    if (found === undefined) {
      found = directories.map(dir => fromDirectory(join(dir, host))).find(s => s !== undefined) ?? {}
      known.set(host, found)
    }
    return found
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
