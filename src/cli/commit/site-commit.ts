/** What becomes a site's commit: its files, what says that too much would go, and the message. */
import { relative, resolve } from 'node:path'
import { DecapodError, DecapodErrors } from '../../errors.ts'
import type { GitSettings } from '../../io/git.ts'
import type { CommitSettings, SiteReplacement } from '../../io/manifests-repository.ts'
import type { TreeChange } from '../../io/output.ts'
import {
  checkDeletions,
  countObjects,
  type DeletionRules,
  defaultBudget,
  defaultProtected,
  deletedObjects,
  parseBudget,
} from '../../render/deletions.ts'
import type { SiteResult } from '../../render/pipeline.ts'
import type { Selection } from '../../site/plan.ts'
import type { Site, Workspace } from '../../site/workspace.ts'
import { changeText } from '../change-text.ts'
import type { Cli } from '../cli.ts'
import type { OpenWorkspace } from '../open-workspace.ts'
import type { SelectionRenderer } from '../render-selection.ts'
import type { CommitFlags } from './flags.ts'
import type { Target } from './targets.ts'

/** A site's files by path below its directory. */
export type Files = ReadonlyMap<string, Uint8Array>

/** What the work on every target needs. */
export interface CommitWork {
  readonly cli: Cli
  readonly git: GitSettings
  readonly open: OpenWorkspace
  readonly renderer: SelectionRenderer
  readonly settings: Omit<CommitSettings, 'guard'>
  readonly trailers: string
  readonly flags: CommitFlags
}

/**
 * The files of a site as they are to be committed; random values stay as `last` has them, for a site that is new as they
 * are on disk. Throws DecapodErrors where it fails: a part of a site is never committed.
 */
export function renderFiles({ cli, open, renderer, flags }: CommitWork, selection: Selection, last: Files): Files {
  if (flags.rendered === true) return readRendered(cli, open, renderer, selection.site.name)
  const result = renderer.render(selection, last.size > 0 ? last : undefined)
  return complete(result, () => renderer.printProblems({ ...result, failures: [] }))
}

/** Says of a site's change whether it deletes too much. */
export function guardOf(
  { open, flags }: CommitWork,
  target: Target,
): (replacement: SiteReplacement) => DecapodError | undefined {
  const sites = new Map(target.sites.map(({ selection }) => [selection.site.name, selection.site]))
  return replacement => refusal(replacement, rulesOf(open.workspace, sites.get(replacement.site)!, flags))
}

/** The files of a render without failures; a part of a site is never committed. */
function complete(result: SiteResult, warn: () => void): Files {
  if (result.failures.length > 0) throw new DecapodErrors(result.failures.map(failure => failure.error))
  warn()
  return result.files
}

function readRendered(cli: Cli, open: OpenWorkspace, renderer: SelectionRenderer, site: string): Files {
  const files = renderer.onDisk(site)
  if (files.size > 0) return files
  const dir = relative(cli.cwd, resolve(open.out, site))
  const missing = new DecapodError('FILE_NOT_FOUND', `nothing is rendered in ${dir}`, {
    hint: `decapod render ${site}`,
  })
  throw new DecapodErrors([missing])
}

function rulesOf(workspace: Workspace, site: Site, flags: CommitFlags): DeletionRules {
  const own = { ...workspace.config.delivery.deletions, ...site.settings.delivery.deletions }
  const budget = flags.allowDeletions ?? own.budget
  return {
    budget: (budget === undefined ? undefined : parseBudget(budget)) ?? defaultBudget,
    protected: own.protected ?? defaultProtected,
    allowed: flags.allowDeletionOf ?? [],
  }
}

function refusal({ site, before, after, old }: SiteReplacement, rules: DeletionRules): DecapodError | undefined {
  const deleted = deletedObjects(before, after)
  return deleted.length === 0 ? undefined : checkDeletions(site, deleted, countObjects(old), rules)
}

export function commitMessage(site: string, change: TreeChange, { trailers, flags }: CommitWork): string {
  return `${flags.message?.trim() || `Render ${site}`}\n\nFiles: ${changeText({ ...change, unchanged: 0 })}\n\n${trailers}`
}
