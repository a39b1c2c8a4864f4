/** What kustomizations name by URL, fetched: repositories with git, files over HTTP, charts of Helm repositories. */
import { DecapodError } from '../errors.ts'
import type { Remotes } from '../kustomize/load.ts'
import { cloneUrl, type RepoSpec } from '../kustomize/repo-spec.ts'
import { formatSource, type Source } from '../source.ts'
import { type FileTree, memoryTree } from '../tree.ts'
import type { ChartTree } from './chart-tree.ts'

export interface RemoteSettings {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Fetches the archive of a chart that helmCharts takes from a repository. */
  readonly chart: (source: Source) => Promise<Uint8Array>
}

/** What a build is given of what was fetched; asking is what makes it be fetched. */
export interface FetchedParts {
  readonly remotes: Remotes
  readonly chart: (source: Source) => ChartTree | undefined
  /** Notes what has to be done before the build can go on; the error to throw, upon which it is run again. */
  readonly missing: (what: string, load: () => Promise<void>) => DecapodError
}

/** A file of this size or more is refused. */
const maxFileBytes = 256 * 1024 * 1024

/**
 * Runs a build and fetches what it lacks until it lacks nothing: the engine itself never reaches out, it says what it
 * misses (REMOTE_UNRESOLVED) and is run again. Throws what the build throws, GIT_FAILED, SOURCE_UNREACHABLE.
 */
export async function withRemotes<T>(settings: RemoteSettings, build: (parts: FetchedParts) => T): Promise<T> {
  const fetched = new FetchedRemotes(settings)
  for (;;) {
    try {
      return build({
        remotes: fetched,
        chart: source => fetched.chart(source),
        missing: (what, load) => fetched.missing(what, load),
      })
    } catch (error) {
      const isMissing = error instanceof DecapodError && error.code === 'REMOTE_UNRESOLVED'
      if (!isMissing || !(await fetched.fetchMissing())) throw error
    }
  }
}

class FetchedRemotes implements Remotes {
  readonly #settings: RemoteSettings
  readonly #repositories = new Map<string, FileTree | DecapodError>()
  readonly #files = new Map<string, Uint8Array | number | DecapodError>()
  readonly #charts = new Map<string, ChartTree | DecapodError>()
  readonly #missing = new Map<string, () => Promise<void>>()

  constructor(settings: RemoteSettings) {
    this.#settings = settings
  }

  repository(spec: RepoSpec): FileTree | undefined {
    const key = `${cloneUrl(spec)} ${spec.ref} ${spec.submodules}`
    const known = this.#repositories.get(key)
    if (known === undefined) this.#missing.set(key, () => this.#fetchRepository(key, spec))
    // A failure is the build's, which says what it wanted the repository for.
    if (known instanceof DecapodError) throw known
    return known
  }

  file(url: string): Uint8Array | number | undefined {
    const known = this.#files.get(url)
    if (known === undefined) this.#missing.set(url, () => this.#fetchFile(url))
    if (known instanceof DecapodError) throw known
    return known
  }

  chart(source: Source): ChartTree | undefined {
    const key = formatSource(source)
    const known = this.#charts.get(key)
    if (known === undefined) this.#missing.set(key, () => this.#fetchChart(key, source))
    if (known instanceof DecapodError) throw known
    return known
  }

  missing(what: string, load: () => Promise<void>): DecapodError {
    this.#missing.set(what, load)
    return new DecapodError('REMOTE_UNRESOLVED', `${what} is not there yet`)
  }

  /** Fetches what was asked for and not there; false when nothing was. */
  async fetchMissing(): Promise<boolean> {
    const missing = [...this.#missing.values()]
    this.#missing.clear()
    for (const fetchOne of missing) await fetchOne()
    return missing.length > 0
  }

  async #fetchRepository(key: string, spec: RepoSpec): Promise<void> {
    // Most builds fetch nothing and start faster without what fetching takes.
    const { withoutSecrets } = await import('./git.ts')
    const fetched = await orFailure(this.#cloneRepository(spec))
    if (!(fetched instanceof DecapodError)) this.#repositories.set(key, fetched)
    else {
      const { code, message, hint, notes } = fetched
      // Kustomize's words, then git's.
      const command = `git fetch --depth=1 ${withoutSecrets(cloneUrl(spec))} ${spec.ref || 'HEAD'}`
      const failure = new DecapodError(code, `failed to run '${command}': ${message}`, { hint, notes })
      this.#repositories.set(key, failure)
    }
  }

  async #cloneRepository(spec: RepoSpec): Promise<FileTree> {
    const { fetchGitTree } = await import('./git-source.ts')
    const { files } = await fetchGitTree(
      { env: this.#settings.env, timeout: spec.timeoutSeconds * 1000 },
      { url: cloneUrl(spec), submodules: spec.submodules, ...(spec.ref !== '' && { ref: spec.ref }) },
    )
    return memoryTree(new Map(files.map(file => [file.path, file.bytes] as const)))
  }

  async #fetchChart(key: string, source: Source): Promise<void> {
    const { chartTree } = await import('./chart-tree.ts')
    const bytes = await orFailure(this.#settings.chart(source))
    this.#charts.set(key, bytes instanceof DecapodError ? bytes : chartTree(bytes, key))
  }

  async #fetchFile(url: string): Promise<void> {
    this.#files.set(url, await orFailure(this.#download(url)))
  }

  async #download(url: string): Promise<Uint8Array | number> {
    const { readBody, send } = await import('./http.ts')
    const response = await send({ env: this.#settings.env }, { url })
    if (response.status >= 200 && response.status <= 299) return await readBody(response, maxFileBytes)
    response.body.destroy()
    return response.status
  }
}

async function orFailure<T>(result: Promise<T>): Promise<T | DecapodError> {
  try {
    return await result
  } catch (error) {
    if (error instanceof DecapodError) return error
    throw error
  }
}
