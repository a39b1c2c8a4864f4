/** Credentials of Helm repositories as `helm repo add` keeps them: repositories.yaml. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DecapodError } from '../errors.ts'
import type { GoValue } from '../go/value.ts'
import { parseValue } from '../yaml/values.ts'
import type { TlsSettings } from './http.ts'

export interface RepositoryEntry {
  readonly url: string
  readonly username: string
  readonly password: string
  readonly tls: TlsSettings
}

/** The entries of HELM_REPOSITORY_CONFIG or ~/.config/helm/repositories.yaml. Throws CONFIG_INVALID for a broken file. */
export function readRepositories(env: Readonly<Record<string, string | undefined>>): RepositoryEntry[] {
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
    return [{ url: text('url'), username: text('username'), password: text('password'), tls }]
  })
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
