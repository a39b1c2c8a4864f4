/** Clients of image registries as every command opens them: docker's credentials and CAs, proxies of the environment. */
import { credentialStore } from '../io/credentials.ts'
import { Registry } from '../io/registry.ts'
import { readRepositories } from '../io/repository-credentials.ts'
import { tlsSettings } from '../io/tls-settings.ts'
import type { Cli } from './cli.ts'
import { sleep } from './open-cache.ts'

/** Gives the client of a host; one for each, so that tokens are asked for once. */
export function openRegistries(cli: Cli, plainHttp: (host: string) => boolean): (host: string) => Registry {
  const clients = new Map<string, Registry>()
  const http = { env: cli.env, tls: tlsSettings(cli.env, readRepositories(cli.env)), sleep }
  const credentials = credentialStore(cli.env)
  return host => {
    const known = clients.get(host) ?? new Registry(host, { http, credentials, plainHttp })
    clients.set(host, known)
    return known
  }
}
