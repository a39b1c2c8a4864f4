/** What the commands that fetch share: settings from the environment, the loop that finds and fetches sources. */
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { DecapodError, DecapodErrors } from '../errors.ts'
import type { Cache } from '../io/cache.ts'
import { credentialStore } from '../io/credentials.ts'
import { inParallel } from '../io/images.ts'
import { readRepositories, repositoryAuthorization } from '../io/repository-credentials.ts'
import type { SourceStore } from '../io/source-store.ts'
import { nameOf, Sources } from '../io/sources.ts'
import { tlsSettings } from '../io/tls-settings.ts'
import { formatLock, type Lock, type LockEntry } from '../lock.ts'
import { type Requests, sourceRequests } from '../render/requests.ts'
import type { Selection } from '../site/plan.ts'
import type { Workspace } from '../site/workspace.ts'
import { formatSource, type SourceRequest } from '../source.ts'
import type { Cli } from './cli.ts'
import { lockName, openCache, sleep } from './open-cache.ts'
import { Transfer } from './reporters/transfer.ts'

export interface FetchOptions {
  readonly offline?: boolean
  readonly mirrors: Readonly<Record<string, string>>
  readonly onBytes?: (source: string, count: number) => void
}

/** A client for sources: credentials, proxies and TLS as helm, docker and git have them. */
export function openSources(cli: Cli, cache: Cache, options: FetchOptions): Sources {
  const repositories = readRepositories(cli.env)
  return new Sources({
    cache,
    http: { env: cli.env, tls: tlsSettings(cli.env, repositories), sleep },
    git: { env: cli.env },
    credentials: credentialStore(cli.env),
    authorization: repositoryAuthorization(cli.env, repositories),
    mirrors: options.mirrors,
    offline: options.offline,
    onBytes: options.onBytes,
  })
}

/** How what is pinned is treated. */
export type LockMode =
  /** Pins what is missing. */
  | { readonly kind: 'fill' }
  /** Everything must be pinned already. */
  | { readonly kind: 'frozen' }
  /** Resolves again: the sources of these names, or all. */
  | { readonly kind: 'update'; readonly names: readonly string[] }

export interface FetchedSource {
  readonly request: SourceRequest
  readonly entry: LockEntry
  readonly state: 'cached' | 'fetched'
}

export interface FetchRun {
  readonly fetched: readonly FetchedSource[]
  readonly lock: Lock
  readonly requests: Requests
}

/**
 * Finds what the selection needs and brings it into the cache, again as long as fetched bases name further ones. All
 * failures come together, each with the file:line that asks for it. The lock returned holds what was asked for, and,
 * where only a part of the sites was looked at, what was pinned before.
 */
export async function fetchAll(
  cli: Cli,
  workspace: Workspace,
  selections: readonly Selection[],
  whole: boolean,
  mode: LockMode,
  old: Lock,
  store: (lock: Lock) => SourceStore,
  options: Omit<FetchOptions, 'onBytes'>,
): Promise<FetchRun> {
  const transfer = new Transfer(cli, 'fetching')
  const cache = openCache(cli)
  const sources = openSources(cli, cache, { ...options, onBytes: (_, count) => transfer.add(count) })
  const done = new Map<string, FetchedSource>()
  const failures: DecapodError[] = []
  const tried = new Set<string>()
  let requests: Requests
  for (;;) {
    const lock = new Map([...old, ...[...done].map(([key, { entry }]) => [key, entry] as const)])
    requests = sourceRequests(workspace, selections, store(lock).remotes())
    const open = requests.requests.filter(({ source }) => !tried.has(formatSource(source)))
    if (open.length === 0) break
    await inParallel(open, cli.global.jobs ?? 8, async request => {
      const key = formatSource(request.source)
      tried.add(key)
      try {
        const pinned = wantsUpdate(mode, request) ? undefined : old.get(key)
        if (pinned === undefined && mode.kind === 'frozen') {
          throw new DecapodError('LOCK_DRIFT', `${key} is not in ${lockName}, and --frozen adds nothing to it`, {
            hint: 'run decapod lock',
          })
        }
        done.set(key, { request, ...(await sources.fetch(request.source, pinned)) })
      } catch (thrown) {
        if (!(thrown instanceof DecapodError)) throw thrown
        const { code, message, hint, notes } = thrown
        const others = request.at
          .slice(1)
          .map(p => `also asked for by ${p.file}${p.line === undefined ? '' : `:${p.line}`}`)
        failures.push(
          new DecapodError(code, message, {
            at: request.at[0],
            hint,
            notes: [...notes, ...others.slice(0, 5)],
            cause: thrown,
          }),
        )
      }
    })
    if (failures.length > 0) break
  }
  transfer.done()
  if (failures.length > 0) throw new DecapodErrors(failures.sort((a, b) => (a.message < b.message ? -1 : 1)))
  const fetched = [...done.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, f]) => f)
  const lock = new Map<string, LockEntry>(whole ? [] : old)
  for (const { request, entry } of fetched) lock.set(formatSource(request.source), entry)
  return { fetched, lock, requests }
}

function wantsUpdate(mode: LockMode, { source }: SourceRequest): boolean {
  if (mode.kind !== 'update') return false
  return mode.names.length === 0 || mode.names.includes(nameOf(source)) || mode.names.includes(formatSource(source))
}

/** Writes decapod.lock where it changes; gives whether it did. */
export function writeLock(cli: Cli, old: string | undefined, lock: Lock): boolean {
  const text = formatLock(lock)
  if (text === old) return false
  writeFileSync(resolve(cli.cwd, lockName), text)
  return true
}
