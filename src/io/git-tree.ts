/** Files as a commit has them, read without a work tree. */
import { createHash } from 'node:crypto'
import { DecapodError } from '../errors.ts'
import { type GitSettings, git, runGit } from './git.ts'

/** A directory of a commit: path below it → the id of the blob, "" for what is no file (a submodule). */
export type TreeListing = ReadonlyMap<string, string>

/**
 * Lists the files below a directory of a commit (`dir` from the root of the repository, '' for all of it). Empty where
 * there is no such directory. Throws GIT_FAILED.
 */
export async function listTree(
  settings: GitSettings,
  repository: string,
  commit: string,
  dir: string,
): Promise<Map<string, string>> {
  const below = dir === '' ? [] : ['--', `${dir}/`]
  // Taken literally: a directory may be called "[a]".
  const args = ['--literal-pathspecs', 'ls-tree', '-r', '-z', '--full-tree', commit, ...below]
  const listing = await git(settings, repository, args)
  const files = new Map<string, string>()
  for (const entry of listing.toString('utf8').split('\0')) {
    const match = /^\d+ (\w+) ([0-9a-f]+)\t(.*)$/s.exec(entry)
    if (match === null) continue
    const path = dir === '' ? match[3]! : match[3]!.slice(dir.length + 1)
    files.set(path, match[1] === 'blob' ? match[2]! : '')
  }
  return files
}

/** The contents of blobs, in the order of their ids; all by one process. Throws GIT_FAILED. */
export async function readBlobs(settings: GitSettings, repository: string, ids: readonly string[]): Promise<Buffer[]> {
  if (ids.length === 0) return []
  const output = await git(settings, repository, ['cat-file', '--batch'], `${ids.join('\n')}\n`)
  const blobs: Buffer[] = []
  let at = 0
  for (const id of ids) {
    // "<id> blob <size>\n<content>\n"
    const end = output.indexOf(0x0a, at)
    const [, type, size] = output.toString('latin1', at, end).split(' ')
    if (end === -1 || type !== 'blob') throw new DecapodError('GIT_FAILED', `the repository lacks the blob ${id}`)
    blobs.push(output.subarray(end + 1, end + 1 + Number(size)))
    at = end + 1 + Number(size) + 1
  }
  return blobs
}

/** The files of a listing. Throws GIT_FAILED. */
export async function readTree(
  settings: GitSettings,
  repository: string,
  listing: TreeListing,
): Promise<Map<string, Buffer>> {
  const files = [...listing].filter(([, id]) => id !== '')
  const blobs = await readBlobs(
    settings,
    repository,
    files.map(([, id]) => id),
  )
  return new Map(files.map(([path], i) => [path, blobs[i]!]))
}

/** The id git gives a blob, in a repository of SHA-1 ids. */
export function blobId(bytes: Uint8Array): string {
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex')
}

/** A directory in a repository of the user's: where its root is, and the path from there. */
export interface PlaceInRepository {
  readonly root: string
  /** '' for the root itself. */
  readonly path: string
}

/** The repository that a directory is in; undefined where it is in none. Throws GIT_FAILED when git cannot say. */
export async function repositoryOf(settings: GitSettings, dir: string): Promise<PlaceInRepository | undefined> {
  const result = await runGit(settings, dir, ['rev-parse', '--show-toplevel', '--show-prefix'])
  if (result.code !== 0) {
    if (/not a git repository|must be run in a work tree/i.test(result.stderr)) return undefined
    throw new DecapodError('GIT_FAILED', `git rev-parse: ${result.stderr.trim()}`)
  }
  const [root = '', prefix = ''] = result.stdout.toString('utf8').split('\n')
  return { root, path: prefix.replace(/\/$/, '') }
}

/** The commit a revision names: a branch, a tag, a commit, `HEAD~1`. Undefined where there is none of that name. */
export async function commitOf(settings: GitSettings, dir: string, revision: string): Promise<string | undefined> {
  const result = await runGit(settings, dir, [
    'rev-parse',
    '--verify',
    '--quiet',
    '--end-of-options',
    `${revision}^{commit}`,
  ])
  return result.code === 0 ? result.stdout.toString('utf8').trim() : undefined
}

/** The branches and tags of a repository, for hints. */
export async function refNames(settings: GitSettings, dir: string): Promise<string[]> {
  const result = await runGit(settings, dir, ['for-each-ref', '--format=%(refname:short)', '--count=1000'])
  return result.stdout.toString('utf8').split('\n').filter(Boolean)
}

/**
 * What a directory's files are, for the record: the commit of its repository, with "-dirty" where files of the directory
 * differ from it; undefined where it is under no git.
 */
export async function describeDirectory(settings: GitSettings, dir: string): Promise<string | undefined> {
  if ((await repositoryOf(settings, dir)) === undefined) return undefined
  const head = await commitOf(settings, dir, 'HEAD')
  if (head === undefined) return undefined
  const status = await git(settings, dir, ['status', '--porcelain', '--untracked-files=normal', '--', '.'])
  return status.length === 0 ? head : `${head}-dirty`
}
