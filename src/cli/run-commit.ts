/** The work of `decapod commit`: render against what the branch has, check what would be deleted, commit, push. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { DecapodError, DecapodErrors } from '../errors.ts'
import { now } from '../io/clock.ts'
import { type GitSettings, runGit, withoutSecrets } from '../io/git.ts'
import { describeDirectory } from '../io/git-tree.ts'
import {
  type CommitResult,
  type CommitSettings,
  openManifests,
  type SiteCommit,
  type SiteReplacement,
} from '../io/manifests-repository.ts'
import type { TreeChange } from '../io/output.ts'
import {
  checkDeletions,
  countObjects,
  type DeletionRules,
  defaultBudget,
  defaultProtected,
  deletedObjects,
  parseBudget,
} from '../render/deletions.ts'
import { manifestsPlace } from '../render/deliver.ts'
import type { SiteResult } from '../render/pipeline.ts'
import { type Selection, selectUnits } from '../site/plan.ts'
import { placeOfSite, type Site, type Workspace } from '../site/workspace.ts'
import { changeText } from './change-text.ts'
import type { Cli, ExitCode } from './cli.ts'
import type { CommitFlags } from './commands/commit.ts'
import { sleep } from './open-cache.ts'
import { type OpenWorkspace, openWorkspace } from './open-workspace.ts'
import { SelectionRenderer } from './render-selection.ts'
import { printError, problemData } from './report.ts'
import { version } from './version.ts'

type Files = ReadonlyMap<string, Uint8Array>

/** Sites that go to one branch of one repository. */
export interface Target {
  readonly url: string
  readonly branch: string
  readonly sites: { readonly selection: Selection; readonly path: string }[]
}

export interface SiteReport {
  readonly site: string
  readonly status: 'committed' | 'proposed' | 'unchanged' | 'failed' | 'refused'
  readonly change: TreeChange | undefined
  readonly errors: readonly DecapodError[]
  /** The request to merge it. */
  readonly request?: SiteRequest | undefined
}

export interface SiteRequest {
  readonly branch: string
  readonly done: 'opened' | 'updated' | 'unchanged' | 'closed'
  /** Where people see it. */
  readonly url: string
}

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

export async function runCommit(cli: Cli, names: readonly string[], flags: CommitFlags): Promise<ExitCode> {
  const open = openWorkspace(cli, flags)
  const selections = selectUnits(open.workspace, names, flags.all === true)
  for (const { site, groups } of selections) {
    if (groups.length < site.groups.length || groups.some(group => group.apps !== undefined)) {
      throw new DecapodError('USAGE', `a commit is of whole sites: name "${site.name}"`, {
        hint: 'decapod diff takes groups and apps',
      })
    }
  }
  const targets = targetsOf(open.workspace, selections, flags)
  const git: GitSettings = { env: cli.env }
  const renderer = new SelectionRenderer(
    cli,
    open,
    { kubeVersion: flags.kubeVersion, placeholders: flags.placeholders },
    selections.length,
  )
  const settings: Omit<CommitSettings, 'guard'> = {
    author: flags.author ?? (await authorOf(git, cli)),
    now: seconds(cli),
    sleep,
    random: Math.random,
  }
  const trailers = await trailersOf(git, cli, open, flags)
  const work: CommitWork = { cli, git, open, renderer, settings, trailers, flags }
  const requests = flags.pr === true ? await import('./run-requests.ts') : undefined
  const propose = requests?.openForges(cli, targets, flags)
  const reports: object[] = []
  let failed = false
  for (const target of targets) {
    const { sites, result } = await (propose === undefined ? commitTarget(work, target) : propose(work, target))
    failed ||= sites.some(site => site.errors.length > 0)
    if (cli.global.json) reports.push(report(target, sites, result))
    else print(work, target, sites, result)
  }
  if (cli.global.json) cli.stdout(`${JSON.stringify({ dryRun: flags.dryRun === true, repositories: reports })}\n`)
  return failed ? 1 : 0
}

/** What became of a target's sites, and of its branch. */
export interface TargetResult {
  readonly sites: readonly SiteReport[]
  readonly result: Pick<CommitResult, 'head' | 'tries'>
}

async function commitTarget(work: CommitWork, target: Target): Promise<TargetResult> {
  const { git, settings, flags } = work
  const manifests = await openManifests({ git, url: target.url, branch: target.branch })
  try {
    const failures = new Map<string, readonly DecapodError[]>()
    const commits: SiteCommit[] = []
    for (const { selection, path } of target.sites) {
      const { name } = selection.site
      const render = (last: Files): Files => renderFiles(work, selection, last)
      try {
        const files = render(flags.rendered === true ? new Map() : await manifests.read(path))
        commits.push({
          site: name,
          path,
          files,
          again: render,
          message: change => commitMessage(name, change, work),
        })
      } catch (error) {
        if (!(error instanceof DecapodErrors)) throw error
        failures.set(name, error.errors)
      }
    }
    const guard = guardOf(work, target)
    const result = await (flags.dryRun === true ? manifests.plan : manifests.commit)(commits, { ...settings, guard })
    const reports = target.sites.map(({ selection: { site } }): SiteReport => {
      const refused = result.refused.get(site.name)
      const errors = failures.get(site.name) ?? (refused === undefined ? [] : [refused])
      const change = result.changes.get(site.name)
      const status = failures.has(site.name)
        ? 'failed'
        : refused !== undefined
          ? 'refused'
          : change === undefined
            ? 'unchanged'
            : 'committed'
      return { site: site.name, status, change, errors }
    })
    return { sites: reports, result }
  } finally {
    await manifests.dispose()
  }
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

/** The repositories and branches sites go to, and the directory of each. Throws for sites that nobody can commit. */
function targetsOf(workspace: Workspace, selections: readonly Selection[], flags: CommitFlags): Target[] {
  const targets = new Map<string, Target>()
  const errors: DecapodError[] = []
  for (const selection of selections) {
    const { site } = selection
    const place = placeOf(workspace, site, flags)
    if (place.url === undefined) {
      errors.push(
        new DecapodError('CONFIG_INVALID', `site "${site.name}" has no manifests repository`, {
          at: placeOfSite(workspace, site),
          hint: 'name it with --repo, or set delivery.repoURL in decapod.yaml or in its site.yaml',
        }),
      )
      continue
    }
    if (!isBranchName(place.branch)) throw new DecapodError('USAGE', `"${place.branch}" is not the name of a branch`)
    const trouble = pathTrouble(workspace, site, place.path, flags)
    if (trouble !== undefined) {
      errors.push(new DecapodError('WORKSPACE_INVALID', trouble, { at: placeOfSite(workspace, site) }))
      continue
    }
    const key = JSON.stringify([place.url, place.branch])
    const target = targets.get(key) ?? { url: place.url, branch: place.branch, sites: [] }
    target.sites.push({ selection, path: place.path })
    targets.set(key, target)
  }
  if (errors.length > 0) throw new DecapodErrors(errors)
  return [...targets.values()]
}

/** git-check-ref-format(1), and no leading dash. */
function isBranchName(name: string): boolean {
  if (/[\0-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\/|^[-/]|[/.]$|^@$|^$/.test(name)) return false
  return !name.split('/').some(part => part.startsWith('.') || part.endsWith('.lock'))
}

function placeOf(
  workspace: Workspace,
  site: Site,
  flags: CommitFlags,
): { url: string | undefined; branch: string; path: string } {
  const { repoURL, revision, path } = manifestsPlace(workspace, site)
  const wanted = flags.path === undefined ? path : `${flags.path}/${site.name}`
  return {
    url: flags.repo ?? repoURL,
    branch: flags.branch ?? revision,
    path: wanted
      .split('/')
      .filter(part => part !== '' && part !== '.')
      .join('/'),
  }
}

/** A commit makes its directory hold the site and nothing else, so no other site's may be inside, nor the repository. */
function pathTrouble(workspace: Workspace, site: Site, path: string, flags: CommitFlags): string | undefined {
  const shown = `the directory of "${site.name}" in the manifests repository`
  if (path === '') return `${shown} is its root: a commit would remove all else that lies there; name a directory`
  if (path.split('/').some(part => part === '..' || part.toLowerCase() === '.git')) return `${shown} cannot be ${path}`
  for (const other of workspace.sites) {
    if (other === site) continue
    const theirs = placeOf(workspace, other, flags)
    const mine = placeOf(workspace, site, flags)
    if (theirs.url !== mine.url || theirs.branch !== mine.branch) continue
    if (`${theirs.path}/`.startsWith(`${path}/`) || `${path}/`.startsWith(`${theirs.path}/`)) {
      return `${shown} is ${path}, and that of "${other.name}" is ${theirs.path}: one would remove the other`
    }
  }
  return undefined
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

/** What the commit was rendered from, as git trailers. */
async function trailersOf(git: GitSettings, cli: Cli, open: OpenWorkspace, flags: CommitFlags): Promise<string> {
  const { config } = open.workspace
  const describe = async (dir: string): Promise<string> =>
    (await describeDirectory(git, resolve(cli.cwd, dir))) ?? 'not under git'
  const lock = existsSync(open.lockFile)
    ? `sha256:${createHash('sha256').update(readFileSync(open.lockFile)).digest('hex')}`
    : 'none'
  return [
    `Decapod-Base: ${await describe(flags.base ?? config.base)}`,
    `Decapod-Site: ${await describe(flags.sites ?? config.sites)}`,
    `Decapod-Lock: ${lock}`,
    `Decapod-Engine: ${version}`,
    '',
  ].join('\n')
}

/** As git names who commits: its environment, its configuration; else decapod itself. */
async function authorOf(git: GitSettings, cli: Cli): Promise<{ name: string; email: string }> {
  const configured = async (key: string): Promise<string> =>
    (await runGit(git, cli.cwd, ['config', '--get', key])).stdout.toString('utf8').trim()
  return {
    name: cli.env['GIT_AUTHOR_NAME'] || (await configured('user.name')) || 'decapod',
    email: cli.env['GIT_AUTHOR_EMAIL'] || (await configured('user.email')) || 'decapod@localhost',
  }
}

/** The time of commits: SOURCE_DATE_EPOCH (https://reproducible-builds.org/specs/source-date-epoch/), else now. */
function seconds(cli: Cli): number {
  const given = cli.env['SOURCE_DATE_EPOCH']
  return given !== undefined && /^\d{1,12}$/.test(given) ? Number(given) : Math.floor(now() / 1000)
}

function requestText({ done, url }: SiteRequest): string {
  return `request ${done === 'unchanged' ? 'is up to date' : done}, ${url}`
}

function print(
  { cli, flags }: CommitWork,
  { url, branch }: Target,
  sites: readonly SiteReport[],
  result: TargetResult['result'],
): void {
  const dry = flags.dryRun === true
  const isRequest = flags.pr === true
  for (const { site, status, change, errors, request } of sites) {
    for (const error of errors) printError(cli, error)
    const changed = change === undefined ? '' : changeText(change)
    const asked = request === undefined ? '' : `: ${requestText(request)}`
    const what = {
      proposed: `${changed}${asked || ': would be proposed'}`,
      committed: `${changed}: ${dry ? 'would be committed' : 'committed'}`,
      unchanged: `no change, no ${isRequest ? 'request' : 'commit'}${asked}`,
      failed: `failed, not ${isRequest ? 'proposed' : 'committed'}`,
      refused: `refused, not ${isRequest ? 'proposed' : 'committed'}`,
    }[status]
    cli.stdout(`${site}: ${what}\n`)
  }
  const place = `${branch} of ${withoutSecrets(url)}`
  const head = result.head === undefined ? 'not there yet' : `at ${result.head.slice(0, 12)}`
  const tries = result.tries > 1 ? ` after ${result.tries} tries` : ''
  if (!cli.global.quiet) cli.stderr(`${place}: ${head}${tries}\n`)
}

function report(
  { url, branch, sites: own }: Target,
  sites: readonly SiteReport[],
  result: TargetResult['result'],
): object {
  return {
    repo: withoutSecrets(url),
    branch,
    head: result.head ?? null,
    tries: result.tries,
    sites: sites.map(({ site, status, change, errors, request }) => ({
      site,
      path: own.find(s => s.selection.site.name === site)?.path,
      status,
      change: change ?? null,
      ...(request === undefined ? {} : { request }),
      errors: errors.map(problemData),
    })),
  }
}
