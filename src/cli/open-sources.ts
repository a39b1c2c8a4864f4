/** What the commands that fetch share: settings from the environment, the loop that finds and fetches sources. */
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { DecapodError, DecapodErrors, nearest } from '../errors.ts'
import { loadChart } from '../helm/load.ts'
import type { Cache } from '../io/cache.ts'
import { chartTrees } from '../io/charts.ts'
import { machinePorts } from '../io/clock.ts'
import { credentialStore } from '../io/credentials.ts'
import type { TlsSettings } from '../io/http.ts'
import { inParallel } from '../io/images.ts'
import { readRepositories, repositoryAuthorization } from '../io/repository-credentials.ts'
import type { SourceStore } from '../io/source-store.ts'
import { HttpStatus, nameOf, Sources } from '../io/sources.ts'
import { systemReason } from '../io/system-error.ts'
import { tlsSettings } from '../io/tls-settings.ts'
import { parseRepoSpec } from '../kustomize/repo-spec.ts'
import { formatLock, isImageKey, type Lock, type LockEntry } from '../lock.ts'
import { chartSource, helmPort } from '../render/helm-charts.ts'
import { type FetchedBefore, type Requests, sourceRequests } from '../render/requests.ts'
import type { Selection } from '../site/plan.ts'
import type { Workspace } from '../site/workspace.ts'
import { formatSource, type HttpFile, type Source, type SourceRequest } from '../source.ts'
import type { Cli } from './cli.ts'
import { lockName, openCache, sleep } from './open-cache.ts'
import { Transfer } from './reporters/transfer.ts'

export interface FetchOptions {
  readonly offline?: boolean
  readonly mirrors: Readonly<Record<string, string>>
  readonly onBytes?: (source: string, count: number) => void
  /** Settings that flags give, for every host; those that are left out stay the host's own. */
  readonly tls?: TlsSettings | undefined
  readonly plainHttp?: (host: string) => boolean
}

/** A client for sources: credentials, proxies and TLS as helm, docker and git have them. */
export function openSources(cli: Cli, cache: Cache, options: FetchOptions): Sources {
  const repositories = readRepositories(cli.env)
  return new Sources({
    cache,
    http: { env: cli.env, tls: tlsSettings(cli.env, repositories, options.tls), sleep },
    git: { env: cli.env },
    credentials: credentialStore(cli.env),
    authorization: repositoryAuthorization(cli.env, repositories),
    alias: name => repositories.find(r => r.name === name)?.url,
    mirrors: options.mirrors,
    offline: options.offline,
    onBytes: options.onBytes,
    plainHttp: options.plainHttp,
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
 * where only a part of the sites was looked at, what was pinned before. What `has` knows is left alone.
 */
export async function fetchAll(
  cli: Cli,
  workspace: Workspace,
  selections: readonly Selection[],
  whole: boolean,
  mode: LockMode,
  old: Lock,
  store: (lock: Lock) => SourceStore,
  options: Omit<FetchOptions, 'onBytes'> & { readonly has?: (source: Source) => boolean },
): Promise<FetchRun> {
  const transfer = new Transfer(cli, 'fetching')
  const cache = openCache(cli)
  const sources = openSources(cli, cache, { ...options, onBytes: (_, count) => transfer.add(count) })
  const done = new Map<string, FetchedSource>()
  const failures: DecapodError[] = []
  const tried = new Set<string>()
  /** URLs that turned out to name no file but, as Kustomize then has it, a repository. */
  const repositories = new Map<string, number>()
  let requests: Requests
  for (;;) {
    const lock = new Map([...old, ...[...done].map(([key, { entry }]) => [key, entry] as const)])
    requests = sourceRequests(workspace, selections, fetchedBefore(store(lock), repositories))
    failures.push(...requests.errors)
    if (failures.length > 0) break
    transfer.items(requests.requests.length)
    const open = requests.requests.filter(
      ({ source }) => !tried.has(formatSource(source)) && options.has?.(source) !== true,
    )
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
        transfer.finish()
      } catch (thrown) {
        if (!(thrown instanceof DecapodError)) throw thrown
        if (isRepositoryUrl(request, thrown)) return void repositories.set((request.source as HttpFile).url, 404)
        const { code, message, hint, notes } = thrown
        const others = request.at
          .slice(1)
          .map(p => `also asked for by ${p.file}${p.line === undefined ? '' : `:${p.line}`}`)
        failures.push(
          new DecapodError(code, message.includes(key) ? message : `${key}: ${message}`, {
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
  if (mode.kind === 'update')
    refuseUnknown(
      mode.names,
      [...done.values()].map(({ request }) => request),
    )
  const fetched = [...done.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, f]) => f)
  // Images are pinned apart from sources, by those who rendered what names them.
  const lock = new Map<string, LockEntry>([...old].filter(([key]) => !whole || isImageKey(key)))
  for (const { request, entry } of fetched) lock.set(formatSource(request.source), entry)
  if (mode.kind === 'frozen' && requests.failures.length === 0) refuseStale(old, lock)
  return { fetched, lock, requests }
}

/** Whether a URL that was asked for as a file may be a repository's: the server answered, but not with a file. */
function isRepositoryUrl({ source }: SourceRequest, thrown: DecapodError): boolean {
  return source.kind === 'http' && thrown.cause instanceof HttpStatus && parseRepoSpec(source.url) !== undefined
}

/** What a store has of bases and charts that may name further sources. */
export function fetchedBefore(store: SourceStore, refused: ReadonlyMap<string, number> = new Map()): FetchedBefore {
  const remotes = store.remotes()
  const tree = chartTrees({ directories: [], store })
  return {
    remotes: { ...remotes, file: url => remotes.file(url) ?? refused.get(url) },
    helm: helmPort({ ports: machinePorts(), find: chart => tree(chartSource(chart)) }),
    gitChart: source => {
      const tree = store.tree(source)
      const label = formatSource(source)
      return tree === undefined ? undefined : { chart: loadChart(tree, '/', { label }), label }
    },
  }
}

function wantsUpdate(mode: LockMode, { source }: SourceRequest): boolean {
  if (mode.kind !== 'update') return false
  return mode.names.length === 0 || mode.names.includes(nameOf(source)) || mode.names.includes(formatSource(source))
}

/** A name that nothing answers to is a slip of the pen, not an update of nothing. */
function refuseUnknown(names: readonly string[], requests: readonly SourceRequest[]): void {
  const known = new Set(requests.flatMap(({ source }) => [nameOf(source), formatSource(source)]))
  const unknown = names.filter(name => !known.has(name))
  if (unknown.length === 0) return
  throw new DecapodErrors(
    unknown.map(name => {
      const near = nearest(name, [...known])
      return new DecapodError('USAGE', `--update: nothing in the workspace is called "${name}"`, {
        hint:
          near === undefined
            ? 'a chart, the last part of a path, or a line of decapod.lock'
            : `did you mean "${near}"?`,
      })
    }),
  )
}

/** Under --frozen the lock must be what this run would write: what nothing asks for any more is drift too. */
function refuseStale(old: Lock, lock: Lock): void {
  const stale = [...old.keys()].filter(key => !lock.has(key))
  if (stale.length === 0) return
  throw new DecapodErrors(
    stale.map(
      key =>
        new DecapodError('LOCK_DRIFT', `${lockName} pins ${key}, which nothing asks for`, { hint: 'run decapod lock' }),
    ),
  )
}

/** Writes decapod.lock where it changes, whole or not at all; gives whether it did. */
export function writeLock(cli: Cli, old: string | undefined, lock: Lock): boolean {
  const text = formatLock(lock)
  if (text === old) return false
  const file = resolve(cli.cwd, lockName)
  const staged = `${file}.${process.pid}.part`
  try {
    writeFileSync(staged, text)
    renameSync(staged, file)
  } catch (cause) {
    rmSync(staged, { force: true })
    throw new DecapodError('FILE_INVALID', `cannot write ${lockName}: ${systemReason(cause)}`, { cause })
  }
  return true
}
