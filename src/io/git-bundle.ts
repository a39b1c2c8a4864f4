/**
 * git bundles with repeatable bytes: the header is ours, the pack is made by one thread without reusing what another
 * pack had. https://git-scm.com/docs/bundle-format, version 2.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DecapodError } from '../errors.ts'
import { type GitSettings, git, runGit } from './git.ts'

export interface GitBundle {
  readonly bytes: Buffer
  /** ref → commit */
  readonly refs: Readonly<Record<string, string>>
}

/**
 * Bundles refs of a repository. With `without` (commits the other side has) only what they do not reach goes in.
 * Throws GIT_FAILED for a ref or commit that is not there.
 */
export async function makeGitBundle(
  settings: GitSettings,
  repository: string,
  refs: readonly string[],
  without: readonly string[] = [],
): Promise<GitBundle> {
  const commits: Record<string, string> = {}
  for (const ref of [...refs].sort()) {
    commits[ref] = (
      await git(settings, repository, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`])
    )
      .toString()
      .trim()
  }
  const known: string[] = []
  for (const commit of without) {
    const found = await runGit(settings, repository, ['cat-file', '-e', `${commit}^{commit}`])
    if (found.code === 0) known.push(commit)
  }
  const tips = Object.values(commits)
  const prerequisites = await boundary(settings, repository, tips, known)
  const wanted = [...tips, ...known.map(c => `^${c}`)].join('\n') + '\n'
  const pack = await git(
    settings,
    repository,
    [
      '-c',
      'pack.threads=1',
      '-c',
      'core.compression=6',
      'pack-objects',
      '--stdout',
      '--revs',
      '--no-reuse-delta',
      '--no-reuse-object',
      '--window=10',
      '--depth=50',
      '--threads=1',
      '-q',
      ...(known.length > 0 ? ['--thin'] : []),
    ],
    wanted,
  )
  const header = [
    '# v2 git bundle',
    ...prerequisites.map(c => `-${c}`),
    ...Object.entries(commits).map(([ref, commit]) => `${commit} ${ref}`),
    '',
    '',
  ]
  return { bytes: Buffer.concat([Buffer.from(header.join('\n')), pack]), refs: commits }
}

/** The commits of `known` that the bundle builds on. */
async function boundary(
  settings: GitSettings,
  repository: string,
  tips: readonly string[],
  known: readonly string[],
): Promise<string[]> {
  if (known.length === 0) return []
  const listed = await git(settings, repository, ['rev-list', '--boundary', ...tips, '--not', ...known])
  const edges = listed
    .toString()
    .split('\n')
    .filter(line => line.startsWith('-'))
    .map(line => line.slice(1))
  return (edges.length > 0 ? edges : [...known]).sort()
}

/**
 * One commit on a branch of a new bare repository in a temporary directory: a snapshot of files with fixed names and
 * time, so that the same files give the same commit. `parent` comes out of `base`, an earlier bundle.
 */
export async function snapshotRepository(
  settings: GitSettings,
  ref: string,
  files: ReadonlyMap<string, Uint8Array>,
  message: string,
  base?: { readonly bundle: string; readonly commit: string },
): Promise<{ dir: string; dispose: () => Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'decapod-snapshot-'))
  const dispose = (): Promise<void> => rm(dir, { recursive: true, force: true })
  try {
    await git(settings, dir, ['init', '--quiet', '--bare', '.'])
    if (base !== undefined) await git(settings, dir, ['fetch', '--quiet', base.bundle, '+refs/*:refs/base/*'])
    const who = 'decapod <decapod@localhost> 0 +0000'
    const parts: (string | Uint8Array)[] = [
      'feature done\n',
      `commit ${ref}\nauthor ${who}\ncommitter ${who}\n`,
      ...block(Buffer.from(message)),
    ]
    if (base !== undefined) parts.push(`from ${base.commit}\n`)
    parts.push('deleteall\n')
    for (const [path, bytes] of [...files].sort(([a], [b]) => (a < b ? -1 : 1)))
      parts.push(`M 100644 inline "${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"\n`, ...block(bytes))
    parts.push('\ndone\n')
    await git(
      settings,
      dir,
      ['fast-import', '--quiet', '--done'],
      Buffer.concat(parts.map(p => (typeof p === 'string' ? Buffer.from(p) : p))),
    )
    return { dir, dispose }
  } catch (error) {
    await dispose()
    throw error
  }
}

function block(bytes: Uint8Array): (string | Uint8Array)[] {
  return [`data ${bytes.length}\n`, bytes, '\n']
}

export interface PushResult {
  readonly ref: string
  readonly state: 'pushed' | 'present'
}

/**
 * Pushes the refs of a bundle file to a server, never by force: a branch there that the bundle's does not continue is
 * OUTPUT_CONFLICT unless `overwrite`. Commits a delta builds on are fetched from the server; when it lacks them,
 * BUNDLE_INVALID says so.
 */
export async function pushGitBundle(
  settings: GitSettings,
  bundle: string,
  refs: Readonly<Record<string, string>>,
  remote: { readonly dir: string },
  overwrite: boolean,
): Promise<PushResult[]> {
  const there = await remoteRefs(settings, remote.dir)
  const pending = Object.entries(refs).filter(([ref, commit]) => there.get(ref) !== commit)
  const results: PushResult[] = Object.entries(refs)
    .filter(([ref, commit]) => there.get(ref) === commit)
    .map(([ref]) => ({ ref, state: 'present' }))
  if (pending.length === 0) return results
  // What is there already is what a delta builds on, and what tells whether a push continues it.
  await runGit(settings, remote.dir, ['fetch', '--quiet', 'origin', '+refs/heads/*:refs/remote/heads/*'])
  const unpacked = await runGit(settings, remote.dir, ['fetch', '--quiet', bundle, '+refs/*:refs/bundle/*'])
  if (unpacked.code !== 0) {
    if (/lacks these prerequisite|Repository lacks/i.test(unpacked.stderr)) {
      throw new DecapodError(
        'BUNDLE_INVALID',
        'this is a delta, and the git server does not have the commits it builds on',
        { hint: 'import the bundle it was made from first' },
      )
    }
    throw new DecapodError('GIT_FAILED', `the git bundle cannot be read: ${unpacked.stderr.trim().split('\n').at(-1)}`)
  }
  for (const [ref, commit] of pending) {
    const pushed = await runGit(settings, remote.dir, [
      'push',
      '--quiet',
      ...(overwrite ? ['--force'] : []),
      'origin',
      `${commit}:${ref}`,
    ])
    if (pushed.code !== 0) {
      if (/non-fast-forward|fetch first|already exists/i.test(pushed.stderr)) {
        throw new DecapodError(
          'OUTPUT_CONFLICT',
          `${ref} on the git server has other commits than the bundle (${there.get(ref)?.slice(0, 12) ?? '?'})`,
          { hint: 'look at what is there; --overwrite replaces it' },
        )
      }
      throw new DecapodError(
        'GIT_FAILED',
        `git push of ${ref}: ${pushed.stderr.trim().split('\n').slice(-2).join('; ')}`,
      )
    }
    results.push({ ref, state: 'pushed' })
  }
  const after = await remoteRefs(settings, remote.dir)
  for (const [ref, commit] of Object.entries(refs)) {
    if (after.get(ref) !== commit)
      throw new DecapodError(
        'GIT_FAILED',
        `after the push ${ref} is at ${after.get(ref) ?? 'nothing'}, not at ${commit}`,
      )
  }
  return results
}

async function remoteRefs(settings: GitSettings, dir: string): Promise<Map<string, string>> {
  const listed = await git(settings, dir, ['ls-remote', 'origin'])
  return new Map(
    listed
      .toString()
      .split('\n')
      .filter(Boolean)
      .map(line => line.split('\t') as [string, string])
      .map(([commit, ref]) => [ref, commit]),
  )
}
