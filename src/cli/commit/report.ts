/** What `decapod commit` says of each site, as text and as `--json`. */
import type { DecapodError } from '../../errors.ts'
import { withoutSecrets } from '../../io/git.ts'
import type { CommitResult } from '../../io/manifests-repository.ts'
import type { TreeChange } from '../../io/output.ts'
import { changeText } from '../change-text.ts'
import { printError, problemData } from '../report.ts'
import type { CommitWork } from './site-commit.ts'
import type { Target } from './targets.ts'

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

/** What became of a target's sites, and of its branch. */
export interface TargetResult {
  readonly sites: readonly SiteReport[]
  readonly result: Pick<CommitResult, 'head' | 'tries'>
}

function requestText({ done, url }: SiteRequest): string {
  return `request ${done === 'unchanged' ? 'is up to date' : done}, ${url}`
}

/** Prints a target's sites, a line each, errors before them. */
export function print(
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

/** The same as data. */
export function report(
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
