/** The work of `decapod commit --pr`: a branch per site, and one request to merge it, with the diff as its text. */
import { DecapodError, DecapodErrors } from '../../errors.ts'
import {
  closeRequest,
  type Forge,
  findRequest,
  forgeApi,
  forgeOfHost,
  forgePlace,
  openRequest,
  tokenNames,
} from '../../io/forge.ts'
import { withoutSecrets } from '../../io/git.ts'
import { type ManifestsBranch, openManifests } from '../../io/manifests-repository.ts'
import { readRepositories } from '../../io/repository-credentials.ts'
import { tlsSettings } from '../../io/tls-settings.ts'
import { diffObjects } from '../../render/diff.ts'
import { formatDiffMarkdown } from '../../render/diff-format.ts'
import { maskSecrets } from '../../render/mask.ts'
import { changedObjects } from '../../render/objects.ts'
import type { Cli } from '../cli.ts'
import { sleep } from '../open-cache.ts'
import type { CommitFlags } from './flags.ts'
import type { SiteReport, SiteRequest, TargetResult } from './report.ts'
import { type CommitWork, commitMessage, guardOf, renderFiles } from './site-commit.ts'
import type { Target } from './targets.ts'

/** GitHub takes 65,536 characters. */
const longestBody = 60_000

/**
 * Knows the forge of every target before anything is rendered, and gives what proposes a target's sites. Throws USAGE
 * or CONFIG_INVALID for a repository that is on no known forge, or a token that is not set.
 */
export function openForges(
  cli: Cli,
  targets: readonly Target[],
  flags: CommitFlags,
): (work: CommitWork, target: Target) => Promise<TargetResult> {
  const forges = new Map(targets.map(target => [target, forgeOf(cli, target, flags)] as const))
  return (work, target) => proposeTarget(work, target, forges.get(target)!)
}

function forgeOf(cli: Cli, { url }: Target, flags: CommitFlags): Forge {
  const shown = withoutSecrets(url)
  const place = forgePlace(url)
  if (place === undefined) {
    throw new DecapodError('USAGE', `--pr: ${shown} is not the URL of a repository on GitHub, GitLab or Gitea`, {
      hint: 'such as https://git.example.com/platform/manifests.git',
    })
  }
  const kind = flags.forge ?? forgeOfHost(place.host)
  if (kind === undefined) {
    throw new DecapodError('USAGE', `--pr: the name of ${place.host} does not say what it runs`, {
      hint: 'name it: --forge github, gitlab or gitea',
    })
  }
  const tokenName = tokenNames[kind].find(name => cli.env[name])
  // A dry run talks to nobody.
  if (tokenName === undefined && flags.dryRun !== true) {
    throw new DecapodError('USAGE', `--pr: there is no token for ${place.host}`, {
      hint: `set ${tokenNames[kind][0]} in the environment`,
    })
  }
  return {
    kind,
    api: forgeApi(kind, place, flags.forgeUrl),
    project: projectOf(place.path, flags.forgeUrl),
    token: tokenName === undefined ? '' : cli.env[tokenName]!.trim(),
    tokenName: tokenName ?? tokenNames[kind][0]!,
    http: { env: cli.env, tls: tlsSettings(cli.env, readRepositories(cli.env)), sleep },
  }
}

/** The path of a repository without the directory that a forge may live in: https://host/gitlab/group/name. */
function projectOf(path: string, forgeUrl: string | undefined): string {
  const below = forgeUrl === undefined ? '' : new URL(forgeUrl).pathname.replace(/\/+$/, '').slice(1)
  return below !== '' && path.startsWith(`${below}/`) ? path.slice(below.length + 1) : path
}

async function proposeTarget(work: CommitWork, target: Target, forge: Forge): Promise<TargetResult> {
  const manifests = await openManifests({ git: work.git, url: target.url, branch: target.branch })
  try {
    const sites: SiteReport[] = []
    for (const { selection, path } of target.sites) {
      const site = selection.site.name
      try {
        sites.push(await proposeSite(work, target, forge, manifests, { site, path, selection }))
      } catch (error) {
        const errors =
          error instanceof DecapodErrors ? error.errors : error instanceof DecapodError ? [error] : undefined
        if (errors === undefined) throw error
        sites.push({ site, status: 'failed', change: undefined, errors })
      }
    }
    return { sites, result: { head: manifests.head(), tries: 1 } }
  } finally {
    await manifests.dispose()
  }
}

interface ProposedSite {
  readonly site: string
  readonly path: string
  readonly selection: Target['sites'][number]['selection']
}

async function proposeSite(
  work: CommitWork,
  target: Target,
  forge: Forge,
  manifests: ManifestsBranch,
  { site, path, selection }: ProposedSite,
): Promise<SiteReport> {
  const branch = `decapod/${target.branch}/${site}`
  const before = await manifests.read(path)
  // What was drawn at random for the open request stays, but what is merged goes before it.
  const files = renderFiles(work, selection, new Map([...(await manifests.readOn(branch, path)), ...before]))
  const commit = { site, path, files, message: commitMessageOf(work, site) }
  const settings = { ...work.settings, guard: guardOf(work, target) }
  const branches = { head: branch, base: target.branch }
  const errors: DecapodError[] = []
  if (work.flags.dryRun === true) {
    const { changes, refused } = await manifests.plan([commit], settings)
    const refusal = refused.get(site)
    if (refusal !== undefined) return { site, status: 'refused', change: undefined, errors: [refusal] }
    return { site, status: changes.has(site) ? 'proposed' : 'unchanged', change: changes.get(site), errors }
  }

  let closed: SiteRequest | undefined
  const proposal = await manifests.propose(commit, branch, settings, async () => {
    const open = await findRequest(forge, branches)
    if (open === undefined) return
    await closeRequest(forge, open)
    closed = { branch, done: 'closed', url: open.url }
  })
  if (proposal.refused !== undefined) {
    return { site, status: 'refused', change: undefined, errors: [proposal.refused] }
  }
  if (proposal.change === undefined) return { site, status: 'unchanged', change: undefined, errors, request: closed }
  const title = work.flags.message?.trim().split('\n')[0] || `Render ${site}`
  const body = requestBody(work, target, site, before, files)
  const request = await openRequest(forge, branches, { title, body })
  return { site, status: 'proposed', change: proposal.change, errors, request: { branch, ...request } }
}

function commitMessageOf(work: CommitWork, site: string): (change: SiteReport['change'] & object) => string {
  return change => commitMessage(site, change, work)
}

type Files = ReadonlyMap<string, Uint8Array>

/** What the request says: the diff by object and field, and what it was rendered from. */
function requestBody({ trailers }: CommitWork, { branch }: Target, site: string, before: Files, after: Files): string {
  const compared = changedObjects(site, before, after, branch)
  const changes = maskSecrets(diffObjects(compared.before, compared.after))
  const end = `---\n\n${trailers
    .trim()
    .split('\n')
    .map(line => line.replace(/^([^:]+): (.*)$/, '- $1: `$2`'))
    .join('\n')}\n\nMade by \`decapod commit --pr\`, which renews this text; do not edit the branch.\n`
  const form =
    compared.formOnly === 0 ? '' : `Files that differ in form alone (comments, order, quotes): ${compared.formOnly}\n\n`
  const limit = longestBody - end.length - form.length
  return `${formatDiffMarkdown(changes, { width: 120, sites: [site], limit })}\n${form}${end}`
}
