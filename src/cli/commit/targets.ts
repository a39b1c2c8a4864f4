/** Which repository, branch and directory each site is committed to. */
import { DecapodError, DecapodErrors } from '../../errors.ts'
import { manifestsPlace } from '../../render/deliver.ts'
import type { Selection } from '../../site/plan.ts'
import { placeOfSite, type Site, type Workspace } from '../../site/workspace.ts'
import type { CommitFlags } from './flags.ts'

/** Sites that go to one branch of one repository. */
export interface Target {
  readonly url: string
  readonly branch: string
  readonly sites: { readonly selection: Selection; readonly path: string }[]
}

/** The repositories and branches sites go to, and the directory of each. Throws for sites that nobody can commit. */
export function targetsOf(workspace: Workspace, selections: readonly Selection[], flags: CommitFlags): Target[] {
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
