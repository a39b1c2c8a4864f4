/**
 * Delivery into the manifests repository: one commit per site, made by `git fast-import` on the fetched branch and
 * pushed without force. A lost race is fetched and tried again; a killed process leaves the remote as it was.
 */
import { DecapodError } from '../errors.ts'
import {
  fetchCommit,
  type GitSettings,
  git,
  remoteName,
  runGit,
  type ScratchRepository,
  scratchRepository,
} from './git.ts'
import { blobId, listTree, readBlobs, readTree } from './git-tree.ts'
import type { TreeChange } from './output.ts'

type Files = ReadonlyMap<string, Uint8Array>

/** The tree of one site and the commit it shall have. */
export interface SiteCommit {
  readonly site: string
  /** The site's directory in the repository; `site` by default. */
  readonly path?: string | undefined
  /** Path below the site's directory → bytes; exactly what the directory shall hold. */
  readonly files: Files
  /**
   * The files once more, when somebody else changed this site's directory while this commit was on its way: what was
   * rendered from the old tree (random values that stay) must then be rendered from the new one.
   */
  readonly again?: ((last: Files) => Files) | undefined
  readonly message: string | ((change: TreeChange) => string)
}

/** What a commit does to a site's objects, as far as they change. */
export interface SiteReplacement {
  readonly site: string
  /** The old bytes of files that change or go. */
  readonly before: Files
  /** The whole new tree. */
  readonly after: Files
  /** The paths of all old files. */
  readonly old: Iterable<string>
}

export interface RemoteBranch {
  readonly git: GitSettings
  readonly url: string
  readonly branch: string
}

export interface CommitSettings {
  readonly author: { readonly name: string; readonly email: string }
  /** Seconds since the epoch. */
  readonly now: number
  /** Looks at what a commit would change and says why it must not be; asked anew for each try. */
  readonly guard?: ((replacement: SiteReplacement) => DecapodError | undefined) | undefined
  readonly tries?: number | undefined
  readonly sleep: (milliseconds: number) => Promise<void>
  readonly random: () => number
}

export interface CommitOptions extends RemoteBranch, CommitSettings {}

export interface CommitResult {
  /** The branch's commit afterwards; undefined for a branch that has none. */
  readonly head: string | undefined
  /** Sites that got a commit; the others were up to date. */
  readonly committed: readonly string[]
  /** What each commit changed, by site. */
  readonly changes: ReadonlyMap<string, TreeChange>
  /** Sites that the guard kept from being committed, and why; the others are not held up by them. */
  readonly refused: ReadonlyMap<string, DecapodError>
  readonly tries: number
}

/** A site's change on a branch of its own, for a request to merge it. */
export interface Proposal {
  /** Undefined where the site is as it should be: there is nothing to propose. */
  readonly change: TreeChange | undefined
  /** Why the guard does not let it be proposed. */
  readonly refused: DecapodError | undefined
  /** What happened to the branch: `kept` holds this very change already, `removed` had one that is no more. */
  readonly branch: 'pushed' | 'kept' | 'removed' | 'none'
}

/** A branch of the manifests repository, fetched. */
export interface ManifestsBranch {
  /** The branch's commit; undefined for a branch that has none. */
  readonly head: () => string | undefined
  /** The files of a site's directory as the branch has them. */
  readonly read: (path: string) => Promise<Map<string, Buffer>>
  /**
   * Commits sites, one commit each, and pushes them together. A branch that does not exist is made. Sites whose tree is
   * already there get no commit, nor those that the guard refuses. Throws GIT_FAILED when the race is lost too often or
   * the push is refused for another reason; the branch is then as it was.
   */
  readonly commit: (sites: readonly SiteCommit[], settings: CommitSettings) => Promise<CommitResult>
  /** The files of a directory on another branch; empty where there is none. */
  readonly readOn: (branch: string, path: string) => Promise<Map<string, Buffer>>
  /**
   * Puts a site's commit on a branch of its own, in place of what decapod had there. `unneeded` is called before a branch
   * goes that has nothing to propose any more. Throws GIT_FAILED where the branch has commits of others, where there is
   * nothing to merge into, and as commit does.
   */
  readonly propose: (
    site: SiteCommit,
    branch: string,
    settings: CommitSettings,
    unneeded?: () => Promise<void>,
  ) => Promise<Proposal>
  /** What commit would do; nothing is pushed. */
  readonly plan: (sites: readonly SiteCommit[], settings: CommitSettings) => Promise<CommitResult>
  readonly dispose: () => Promise<void>
}

/** Fetches a branch into a repository of its own. Throws GIT_FAILED when the remote cannot be read. */
export async function openManifests(remote: RemoteBranch): Promise<ManifestsBranch> {
  const repository = await scratchRepository(remote.git, remote.url)
  try {
    const ref = `refs/heads/${remote.branch}`
    let base = await fetchCommit(remote.git, repository, ref)
    const build = (sites: readonly SiteCommit[], settings: CommitSettings): Promise<Imported> =>
      importCommits(repository, base, sites, remote.git, settings)
    return {
      head: () => base,
      read: async path =>
        base === undefined
          ? new Map()
          : readTree(remote.git, repository.dir, await listTree(remote.git, repository.dir, base, path)),
      plan: async (sites, settings) => {
        const { changes, refused } = await build(sites, settings)
        return { head: base, committed: [...changes.keys()], changes, refused, tries: 0 }
      },
      commit: async (sites, settings) => {
        let wanted = sites
        const most = settings.tries ?? 30
        for (let attempt = 1; ; attempt++) {
          const { head, changes, refused } = await build(wanted, settings)
          const done = { head, committed: [...changes.keys()], changes, refused, tries: attempt }
          if (changes.size === 0) return done
          const pushed = await push(remote, repository, `${head}:${ref}`)
          if (pushed === undefined) return done
          if (!isLostRace(pushed) || attempt === most) throw pushRefused(remote.branch, pushed, attempt, most)
          // Exponential with full jitter: those who lost together should not meet again.
          await settings.sleep(settings.random() * Math.min(100 * 2 ** attempt, 5000))
          const before = base
          base = await fetchCommit(remote.git, repository, ref)
          wanted = await Promise.all(wanted.map(site => renewed(site, remote.git, repository, before, base)))
        }
      },
      readOn: async (branch, path) => {
        const commit = await fetchCommit(remote.git, repository, `refs/heads/${branch}`)
        if (commit === undefined) return new Map()
        return readTree(remote.git, repository.dir, await listTree(remote.git, repository.dir, commit, path))
      },
      propose: async (site, branch, settings, unneeded = async () => {}) => {
        if (base === undefined) throw nothingToMergeInto(remote.branch)
        const { head, changes, refused } = await build([site], settings)
        const change = changes.get(site.site)
        const refusal = refused.get(site.site)
        if (refusal !== undefined) return { change: undefined, refused: refusal, branch: 'none' }
        const to = `refs/heads/${branch}`
        for (let attempt = 1; ; attempt++) {
          const was = await fetchCommit(remote.git, repository, to, 2)
          if (was !== undefined && !(await isOurs(remote.git, repository.dir, was))) throw othersBranch(branch)
          if (change === undefined) {
            if (was === undefined) return { change, refused: undefined, branch: 'none' }
            await unneeded()
          } else if (was !== undefined && (await isSameChange(remote.git, repository.dir, was, head!, base, site))) {
            return { change, refused: undefined, branch: 'kept' }
          }
          const from = change === undefined ? '' : head!
          const pushed = await push(remote, repository, `${from}:${to}`, `--force-with-lease=${to}:${was ?? ''}`)
          if (pushed === undefined) return { change, refused: undefined, branch: change ? 'pushed' : 'removed' }
          if (!isLostRace(pushed) || attempt === mostLeases) throw pushRefused(branch, pushed, attempt, mostLeases)
          await settings.sleep(settings.random() * 1000)
        }
      },
      dispose: repository.dispose,
    }
  } catch (error) {
    await repository.dispose()
    throw error
  }
}

/** Fetches, commits and cleans up. */
export async function commitSites(sites: readonly SiteCommit[], options: CommitOptions): Promise<CommitResult> {
  const manifests = await openManifests(options)
  try {
    return await manifests.commit(sites, options)
  } finally {
    await manifests.dispose()
  }
}

/** What git said where it refused; undefined where it pushed. */
async function push(
  remote: RemoteBranch,
  repository: ScratchRepository,
  refspec: string,
  ...options: readonly string[]
): Promise<string | undefined> {
  const { code, stderr } = await runGit(remote.git, repository.dir, [
    'push',
    '--quiet',
    ...options,
    remoteName,
    refspec,
  ])
  return code === 0 ? undefined : stderr
}

/** How often a branch of a request may have changed under a push: hardly anybody else writes it. */
const mostLeases = 5

/** Whether the last commit of a branch is decapod's: nobody else's is written over. */
async function isOurs(settings: GitSettings, dir: string, commit: string): Promise<boolean> {
  const format = '--format=%(trailers:key=Decapod-Engine,valueonly)'
  return (await git(settings, dir, ['log', '-1', format, commit])).toString('utf8').trim() !== ''
}

/** Whether a branch proposes to make of the site what `head` makes of it, from what it is in `base`. */
async function isSameChange(
  settings: GitSettings,
  dir: string,
  was: string,
  head: string,
  base: string,
  { site, path = site }: SiteCommit,
): Promise<boolean> {
  const tree = async (commit: string): Promise<string> => {
    const { code, stdout } = await runGit(settings, dir, ['rev-parse', '--verify', '--quiet', `${commit}:${path}`])
    return code === 0 ? stdout.toString('utf8').trim() : ''
  }
  const [then, now, before, from] = await Promise.all([was, head, `${was}^`, base].map(tree))
  return then === now && before === from
}

function othersBranch(branch: string): DecapodError {
  return new DecapodError('GIT_FAILED', `the branch "${branch}" ends with a commit that is not of decapod`, {
    hint: 'nothing is written over it: merge it, or delete it, then run this again',
  })
}

function nothingToMergeInto(branch: string): DecapodError {
  return new DecapodError('GIT_FAILED', `the repository has no branch "${branch}" to merge into`, {
    hint: 'the first commit is made without --pr',
  })
}

function isLostRace(stderr: string): boolean {
  return /non-fast-forward|fetch first|stale info|failed to update ref|cannot lock ref|incorrect old value|reference already exists|remote rejected.*(lock|update)/i.test(
    stderr,
  )
}

function pushRefused(branch: string, stderr: string, attempt: number, most: number): DecapodError {
  const lines = stderr.split('\n').map(line => line.replace(/^remote: ?/, '').trim())
  const words = lines.filter(line => line !== '' && !line.startsWith('hint:')).slice(0, 4)
  return new DecapodError('GIT_FAILED', `git push to ${branch}: ${words.join('; ')}`, {
    hint: attempt === most ? `lost the race ${most} times; try again when fewer commit at once` : undefined,
  })
}

/** A site's commit after a lost race: made anew where its own directory is not what it was. */
async function renewed(
  site: SiteCommit,
  settings: GitSettings,
  repository: ScratchRepository,
  before: string | undefined,
  now: string | undefined,
): Promise<SiteCommit> {
  if (site.again === undefined || now === undefined) return site
  const dir = site.path ?? site.site
  const [was, is] = await Promise.all(
    [before, now].map(commit =>
      commit === undefined ? new Map<string, string>() : listTree(settings, repository.dir, commit, dir),
    ),
  )
  if (sameListing(was!, is!)) return site
  return { ...site, files: site.again(await readTree(settings, repository.dir, is!)) }
}

function sameListing(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([path, id]) => b.get(path) === id)
}

interface Imported {
  readonly head: string | undefined
  readonly changes: ReadonlyMap<string, TreeChange>
  readonly refused: ReadonlyMap<string, DecapodError>
}

/** Builds the commits on top of `base` in the scratch repository. */
async function importCommits(
  repository: ScratchRepository,
  base: string | undefined,
  sites: readonly SiteCommit[],
  settings: GitSettings,
  options: CommitSettings,
): Promise<Imported> {
  const stream: (string | Uint8Array)[] = ['feature done\n']
  const changes = new Map<string, TreeChange>()
  const refused = new Map<string, DecapodError>()
  let parent = base
  let mark = 0
  for (const { site, path: dir = site, files, message } of [...sites].sort((a, b) => (a.site < b.site ? -1 : 1))) {
    const old = base === undefined ? new Map<string, string>() : await listTree(settings, repository.dir, base, dir)
    const change = changeOf(old, files)
    if (change.added.length + change.changed.length + change.removed.length === 0) continue
    if (options.guard !== undefined) {
      const touched = [...change.removed, ...change.changed].filter(path => old.get(path) !== '')
      const blobs = await readBlobs(
        settings,
        repository.dir,
        touched.map(path => old.get(path)!),
      )
      const before = new Map(touched.map((path, i) => [path, blobs[i]!]))
      const refusal = options.guard({ site, before, after: files, old: old.keys() })
      if (refusal !== undefined) {
        refused.set(site, refusal)
        continue
      }
    }
    const by = `${clean(options.author.name)} <${clean(options.author.email)}> ${options.now} +0000\n`
    const text = typeof message === 'string' ? message : message(change)
    stream.push(`commit refs/decapod/next\nmark :${++mark}\nauthor ${by}committer ${by}`, ...data(Buffer.from(text)))
    if (parent !== undefined) stream.push(`from ${parent}\n`)
    for (const path of change.removed) stream.push(`D ${quotePath(`${dir}/${path}`)}\n`)
    for (const path of [...change.added, ...change.changed].sort())
      stream.push(`M 100644 inline ${quotePath(`${dir}/${path}`)}\n`, ...data(files.get(path)!))
    stream.push('\n')
    parent = `:${mark}`
    changes.set(site, change)
  }
  if (changes.size === 0) return { head: base, changes, refused }
  stream.push('done\n')
  await git(
    settings,
    repository.dir,
    ['fast-import', '--quiet', '--done', '--force'],
    Buffer.concat(stream.map(part => (typeof part === 'string' ? Buffer.from(part) : part))),
  )
  const head = (await git(settings, repository.dir, ['rev-parse', 'refs/decapod/next'])).toString().trim()
  return { head, changes, refused }
}

/** Which files differ, by the ids of their blobs. */
function changeOf(old: ReadonlyMap<string, string>, files: Files): TreeChange {
  const added: string[] = []
  const changed: string[] = []
  let unchanged = 0
  for (const [path, bytes] of files) {
    const was = old.get(path)
    if (was === undefined) added.push(path)
    else if (was === blobId(bytes)) unchanged++
    else changed.push(path)
  }
  const removed = [...old.keys()].filter(path => !files.has(path))
  return { added: added.sort(), changed: changed.sort(), removed: removed.sort(), unchanged }
}

function data(bytes: Uint8Array): (string | Uint8Array)[] {
  return [`data ${bytes.length}\n`, bytes, '\n']
}

/** A path as fast-import reads it: always quoted, so that no path can be taken for a command. */
function quotePath(path: string): string {
  return `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`
}

/** Names cannot hold what ends them in fast-import's grammar. */
function clean(text: string): string {
  return text.replace(/[<>\n\0]/g, '').trim()
}
