/** One fetch of a workspace, as fetch, lock, vendor and bundle export do it. */
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { SourceStore } from '../io/source-store.ts'
import { type Lock, parseLock, parseMergedLock } from '../lock.ts'
import { type Selection, selectUnits } from '../site/plan.ts'
import type { Cli } from './cli.ts'
import { lockName, openCache } from './open-cache.ts'
import { type FetchRun, fetchAll, type LockMode } from './open-sources.ts'
import type { OpenWorkspace } from './open-workspace.ts'
import { printWarning } from './report.ts'

export interface WorkspaceFetch {
  readonly result: FetchRun
  readonly old: Lock
  /** decapod.lock as it was; undefined where there was none. */
  readonly oldText: string | undefined
  readonly selections: readonly Selection[]
}

/** Fetches for the selected sites, or for all of them; the mirrors are those of decapod.yaml and of a site looked at alone. */
export async function runFetch(
  cli: Cli,
  { workspace, vendor }: OpenWorkspace,
  selectors: readonly string[],
  mode: LockMode,
  offline: boolean,
): Promise<WorkspaceFetch> {
  const all = selectors.length === 0
  const selections = selectUnits(workspace, selectors, all)
  const file = resolve(cli.cwd, lockName)
  const oldText = existsSync(file) ? readFileSync(file, 'utf8') : undefined
  // A lock in conflict is mended by whoever may write it.
  const parse = mode.kind === 'frozen' ? parseLock : parseMergedLock
  const old: Lock = oldText === undefined ? new Map() : parse(oldText, lockName)
  const sites = selections.map(s => s.site)
  const mirrors = { ...workspace.config.mirrors, ...(sites.length === 1 ? sites[0]!.settings.mirrors : {}) }
  const cache = openCache(cli)
  const store = (lock: Lock): SourceStore => new SourceStore(lock, vendor, cache)
  const result = await fetchAll(cli, workspace, selections, all, mode, old, store, { mirrors, offline })
  // What cannot be composed is for render to refuse; here it only means that the list may be short.
  if (!cli.global.quiet) for (const failure of result.requests.failures) printWarning(cli, failure)
  return { result, old, oldText, selections }
}
