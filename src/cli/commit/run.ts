/** The work of `decapod commit`: render against what the branch has, check what would be deleted, commit, push. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { DecapodError, DecapodErrors } from '../../errors.ts'
import { now } from '../../io/clock.ts'
import { type GitSettings, runGit } from '../../io/git.ts'
import { describeDirectory } from '../../io/git-tree.ts'
import { type CommitSettings, openManifests, type SiteCommit } from '../../io/manifests-repository.ts'
import { selectUnits } from '../../site/plan.ts'
import type { Cli, ExitCode } from '../cli.ts'
import { sleep } from '../open-cache.ts'
import { type OpenWorkspace, openWorkspace } from '../open-workspace.ts'
import { SelectionRenderer } from '../render-selection.ts'
import { version } from '../version.ts'
import type { CommitFlags } from './flags.ts'
import { print, report, type SiteReport, type TargetResult } from './report.ts'
import { type CommitWork, commitMessage, type Files, guardOf, renderFiles } from './site-commit.ts'
import { type Target, targetsOf } from './targets.ts'

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
  const requests = flags.pr === true ? await import('./requests.ts') : undefined
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
