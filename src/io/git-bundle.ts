/** Bringing the git bundles of a bundle file to a server: looked at first, pushed only when nothing stands in the way. */
import { DecapodError } from '../errors.ts'
import { type GitSettings, git, remoteName, runGit, type ScratchRepository } from './git.ts'

/** One branch of a bundle. */
export interface BundleBranch {
  /** The content it comes from, for messages. */
  readonly name: string
  readonly ref: string
  readonly commit: string
  /** The git bundle; undefined where a delta leaves it out, for the base has the same commit. */
  readonly file: string | undefined
}

/** What is to be done with a branch, once it was compared with the server's. */
export interface BranchPlan extends BundleBranch {
  /** present: it is there. forward: it is new, or continues the server's. replace: the server's has other commits. */
  readonly state: 'present' | 'forward' | 'replace'
  /** The server's commit when it was looked at. */
  readonly there: string | undefined
}

/**
 * Compares the branches of a bundle with the server's; nothing is changed there. What stands in the way is given as
 * errors: BUNDLE_INVALID for a delta whose base the server lacks, OUTPUT_CONFLICT for a branch with other commits unless
 * `overwrite`. Throws GIT_FAILED when the server cannot be asked.
 */
export async function planBranches(
  settings: GitSettings,
  branches: readonly BundleBranch[],
  remote: ScratchRepository,
  overwrite: boolean,
): Promise<{ plans: BranchPlan[]; errors: DecapodError[] }> {
  const heads = await remoteRefs(settings, remote)
  const plans: BranchPlan[] = []
  const errors: DecapodError[] = []
  for (const branch of branches) {
    const { name, ref, commit, file } = branch
    const there = heads.get(ref)
    if (there === commit) {
      plans.push({ ...branch, state: 'present', there })
      continue
    }
    // What is there is what a delta builds on, and what tells whether the bundle's commit continues it.
    if (there !== undefined) {
      const fetched = await runGit(settings, remote.dir, [
        'fetch',
        '--quiet',
        '--no-tags',
        remoteName,
        `+${ref}:${ref}`,
      ])
      if (fetched.code !== 0) throw failed('fetch', fetched.stderr)
    }
    const unpacked = file === undefined ? undefined : await runGit(settings, remote.dir, ['bundle', 'unbundle', file])
    if (unpacked === undefined || unpacked.code !== 0) {
      if (unpacked !== undefined && !/prerequisite/i.test(unpacked.stderr))
        throw failed('bundle unbundle', unpacked.stderr)
      errors.push(
        new DecapodError(
          'BUNDLE_INVALID',
          `this is a delta, and ${ref} on the git server lacks the commits it builds on (${name})`,
          { hint: 'import the bundle it was made from first' },
        ),
      )
      continue
    }
    const forward = there === undefined || (await isAncestor(settings, remote, there, commit))
    if (!forward && !overwrite) {
      errors.push(
        new DecapodError(
          'OUTPUT_CONFLICT',
          `${ref} on the git server has other commits than the bundle (${there.slice(0, 12)}; the bundle has ${commit.slice(0, 12)})`,
          { hint: 'export with --since the bundle that was imported last, or replace what is there with --force' },
        ),
      )
    }
    plans.push({ ...branch, state: forward ? 'forward' : 'replace', there })
  }
  return { plans, errors }
}

/**
 * Pushes what was planned and reads the branches back. A branch that moved since it was looked at is not touched
 * (OUTPUT_CONFLICT), unless it moved to the same commit: another importer of the same bundle was quicker.
 */
export async function pushBranches(
  settings: GitSettings,
  plans: readonly BranchPlan[],
  remote: ScratchRepository,
  done: (plan: BranchPlan, state: 'pushed' | 'present') => void,
): Promise<void> {
  for (const plan of plans) {
    const { ref, commit, state, there } = plan
    if (state === 'present') {
      done(plan, 'present')
      continue
    }
    // The lease holds the branch to what was seen, also where it is only moved forward.
    const lease = `--force-with-lease=${ref}:${there ?? ''}`
    const pushed = await runGit(settings, remote.dir, ['push', '--quiet', lease, remoteName, `${commit}:${ref}`])
    const now = (await remoteRefs(settings, remote)).get(ref)
    if (now === commit) {
      done(plan, pushed.code === 0 ? 'pushed' : 'present')
      continue
    }
    if (pushed.code === 0)
      throw new DecapodError('GIT_FAILED', `after the push ${ref} is at ${now ?? 'nothing'}, not at ${commit}`)
    if (now !== there)
      throw new DecapodError(
        'OUTPUT_CONFLICT',
        `${ref} on the git server moved to ${now?.slice(0, 12) ?? 'nothing'} meanwhile`,
        {
          hint: 'another import or a person was quicker; look at what is there and import again',
        },
      )
    throw failed(`push of ${ref}`, pushed.stderr)
  }
}

async function isAncestor(
  settings: GitSettings,
  { dir }: ScratchRepository,
  older: string,
  newer: string,
): Promise<boolean> {
  return (await runGit(settings, dir, ['merge-base', '--is-ancestor', older, newer])).code === 0
}

async function remoteRefs(settings: GitSettings, { dir }: ScratchRepository): Promise<Map<string, string>> {
  const listed = await git(settings, dir, ['ls-remote', '--heads', remoteName])
  return new Map(
    listed
      .toString()
      .split('\n')
      .filter(Boolean)
      .map(line => line.split('\t') as [string, string])
      .map(([commit, ref]) => [ref, commit]),
  )
}

function failed(what: string, stderr: string): DecapodError {
  const lines = stderr.trim().split('\n').slice(-2).join('; ')
  return new DecapodError('GIT_FAILED', `git ${what}: ${lines}`)
}
