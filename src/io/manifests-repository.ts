/**
 * Delivery into the manifests repository: one commit per site, made by `git fast-import` on the fetched branch and
 * pushed without force. A lost race is fetched and tried again; a killed process leaves the remote as it was.
 */
import { createHash } from 'node:crypto'
import { DecapodError } from '../errors.ts'
import { fetchCommit, type GitSettings, git, runGit, type ScratchRepository, scratchRepository } from './git.ts'

/** The tree of one site and the commit it shall have. */
export interface SiteCommit {
  readonly site: string
  /** Path below the site's directory → bytes; exactly what the directory shall hold. */
  readonly files: ReadonlyMap<string, Uint8Array>
  readonly message: string
}

export interface CommitOptions {
  readonly git: GitSettings
  readonly url: string
  readonly branch: string
  /** The directory below which sites lie in the repository; '' for its root. */
  readonly prefix?: string | undefined
  readonly author: { readonly name: string; readonly email: string }
  /** Seconds since the epoch. */
  readonly now: number
  /** Looks at what a commit would delete and throws DELETION_REFUSED; called anew for each try. */
  readonly guard?: ((site: string, deleted: readonly DeletedFile[], kept: number) => void) | undefined
  readonly tries?: number | undefined
  readonly sleep: (milliseconds: number) => Promise<void>
  readonly random: () => number
}

export interface DeletedFile {
  readonly path: string
  readonly bytes: Buffer
}

export interface CommitResult {
  /** The branch's commit afterwards; undefined for a branch that has none. */
  readonly head: string | undefined
  /** Sites that got a commit; the others were up to date. */
  readonly committed: readonly string[]
  readonly tries: number
}

/**
 * Commits sites to a branch of the manifests repository, one commit each, and pushes them together. A branch that does
 * not exist is made. Sites whose tree is already there get no commit. Throws GIT_FAILED when the race is lost too often
 * or the push is refused for another reason, and whatever `guard` throws.
 */
export async function commitSites(sites: readonly SiteCommit[], options: CommitOptions): Promise<CommitResult> {
  const repository = await scratchRepository(options.git, options.url)
  try {
    const most = options.tries ?? 30
    for (let attempt = 1; ; attempt++) {
      const base = await fetchCommit(options.git, repository, `refs/heads/${options.branch}`)
      const { head, committed } = await importCommits(repository, base, sites, options)
      if (committed.length === 0) return { head: base, committed, tries: attempt }
      const pushed = await runGit(options.git, repository.dir, [
        'push',
        '--quiet',
        'origin',
        `${head}:refs/heads/${options.branch}`,
      ])
      if (pushed.code === 0) return { head, committed, tries: attempt }
      if (!isLostRace(pushed.stderr) || attempt === most) {
        const words = pushed.stderr.trim().split('\n').slice(0, 3).join('; ')
        throw new DecapodError('GIT_FAILED', `git push to ${options.branch}: ${words}`, {
          hint: attempt === most ? `lost the race ${most} times; try again when fewer commit at once` : undefined,
        })
      }
      // Exponential with full jitter: those who lost together should not meet again.
      await options.sleep(options.random() * Math.min(100 * 2 ** attempt, 5000))
    }
  } finally {
    await repository.dispose()
  }
}

function isLostRace(stderr: string): boolean {
  return /non-fast-forward|fetch first|stale info|failed to update ref|cannot lock ref|incorrect old value|reference already exists|remote rejected.*(lock|update)/i.test(
    stderr,
  )
}

/** Builds the commits on top of `base` in the scratch repository. */
async function importCommits(
  repository: ScratchRepository,
  base: string | undefined,
  sites: readonly SiteCommit[],
  options: CommitOptions,
): Promise<{ head: string | undefined; committed: string[] }> {
  const stream: (string | Uint8Array)[] = ['feature done\n']
  const committed: string[] = []
  let parent = base
  let mark = 0
  for (const { site, files, message } of [...sites].sort((a, b) => (a.site < b.site ? -1 : 1))) {
    const dir = options.prefix ? `${options.prefix}/${site}` : site
    const old = base === undefined ? new Map<string, string>() : await listTree(repository, base, dir, options.git)
    const wanted = new Map([...files].map(([path, bytes]) => [path, { bytes, sha: blobSha(bytes) }] as const))
    const gone = [...old.keys()].filter(path => !wanted.has(path))
    const changed = [...wanted].filter(([path, { sha }]) => old.get(path) !== sha)
    if (gone.length === 0 && changed.length === 0) continue
    if (options.guard !== undefined) {
      const deleted = await Promise.all(
        gone.map(async path => ({
          path,
          bytes: await git(options.git, repository.dir, ['cat-file', 'blob', old.get(path)!]),
        })),
      )
      options.guard(site, deleted, old.size - gone.length)
    }
    const by = `${clean(options.author.name)} <${clean(options.author.email)}> ${options.now} +0000\n`
    stream.push(`commit refs/decapod/next\nmark :${++mark}\nauthor ${by}committer ${by}`, ...data(Buffer.from(message)))
    if (parent !== undefined) stream.push(`from ${parent}\n`)
    for (const path of gone) stream.push(`D ${quotePath(`${dir}/${path}`)}\n`)
    for (const [path, { bytes }] of changed.sort(([a], [b]) => (a < b ? -1 : 1)))
      stream.push(`M 100644 inline ${quotePath(`${dir}/${path}`)}\n`, ...data(bytes))
    stream.push('\n')
    parent = `:${mark}`
    committed.push(site)
  }
  if (committed.length === 0) return { head: base, committed }
  stream.push('done\n')
  await git(
    options.git,
    repository.dir,
    ['fast-import', '--quiet', '--done', '--force'],
    Buffer.concat(stream.map(part => (typeof part === 'string' ? Buffer.from(part) : part))),
  )
  const head = (await git(options.git, repository.dir, ['rev-parse', 'refs/decapod/next'])).toString().trim()
  return { head, committed }
}

/** Path below `dir` → blob id, of one commit. */
async function listTree(
  repository: ScratchRepository,
  commit: string,
  dir: string,
  settings: GitSettings,
): Promise<Map<string, string>> {
  const listing = await git(settings, repository.dir, ['ls-tree', '-r', '-z', '--full-tree', commit, '--', `${dir}/`])
  const files = new Map<string, string>()
  for (const entry of listing.toString('utf8').split('\0')) {
    const match = /^\d+ (\w+) ([0-9a-f]+)\t(.*)$/s.exec(entry)
    if (match !== null) files.set(match[3]!.slice(dir.length + 1), match[1] === 'blob' ? match[2]! : '')
  }
  return files
}

/** The id git gives a blob. */
function blobSha(bytes: Uint8Array): string {
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex')
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
