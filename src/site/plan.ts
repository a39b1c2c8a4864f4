/** Which sites, groups and apps a command works on. */
import { DecapodError, nearest } from '../errors.ts'
import { labelPath, type Site, type SiteGroup, siteValuesName, type Workspace } from './workspace.ts'

/** What is to be rendered: a site, a group of it, or one app of that. */
export interface Selection {
  readonly site: Site
  /** Undefined: every group. */
  readonly groups: readonly SelectedGroup[]
}

/** Whether everything of the site is selected. */
export function isWhole({ site, groups }: Selection): boolean {
  return groups.length === site.groups.length && groups.every(group => group.apps === undefined)
}

export interface SelectedGroup {
  readonly group: SiteGroup
  /** Undefined: every app. */
  readonly apps: ReadonlySet<string> | undefined
}

/**
 * Resolves `SITE`, `SITE/GROUP` and `SITE/GROUP/APP` selectors; none and `all` mean every site. Throws for what is not
 * there (SITE_NOT_FOUND, GROUP_NOT_FOUND, USAGE) with the nearest name; apps are checked once they are known.
 */
export function selectUnits(workspace: Workspace, selectors: readonly string[], all: boolean): Selection[] {
  if (workspace.sites.length === 0) {
    throw new DecapodError('WORKSPACE_INVALID', `no site in ${labelPath(workspace.roots.sites, '/')}`, {
      hint: 'a site is a directory with a site.yaml or with <group>/site-values.yaml; --sites names where sites are',
    })
  }
  if (all && selectors.length > 0) throw new DecapodError('USAGE', '--all and names of sites exclude each other')
  if (selectors.length === 0 && !all) {
    const known = workspace.sites.map(site => site.name)
    throw new DecapodError('USAGE', 'which site?', { hint: `name one of ${shortList(known)}, or give --all` })
  }
  if (all)
    return workspace.sites.map(site => ({ site, groups: site.groups.map(group => ({ group, apps: undefined })) }))
  const chosen = new Map<Site, Map<SiteGroup, Set<string> | undefined>>()
  for (const selector of selectors) {
    const [siteName = '', groupName, app, ...rest] = selector.replace(/\/+$/, '').split('/')
    if (rest.length > 0) throw new DecapodError('USAGE', `"${selector}" is not SITE, SITE/GROUP or SITE/GROUP/APP`)
    const site = findSite(workspace, siteName)
    const groups = chosen.get(site) ?? new Map<SiteGroup, Set<string> | undefined>()
    chosen.set(site, groups)
    for (const group of groupName === undefined ? site.groups : [findGroup(workspace, site, groupName)]) {
      if (app === undefined) groups.set(group, undefined)
      else if (!groups.has(group)) groups.set(group, new Set([app]))
      else groups.get(group)?.add(app)
    }
  }
  return [...chosen].map(([site, groups]) => ({
    site,
    groups: [...groups].map(([group, apps]) => ({ group, apps })),
  }))
}

/** Selectors that select just this again, in the same order. */
export function selectorsOf({ site, groups }: Selection): string[] {
  const { name } = site
  if (groups.length === 0) return [name]
  return groups.flatMap(({ group, apps }) =>
    apps === undefined ? [`${name}/${group.name}`] : [...apps].map(app => `${name}/${group.name}/${app}`),
  )
}

/** A site by name. Throws SITE_NOT_FOUND. */
export function findSite(workspace: Workspace, name: string): Site {
  const site = workspace.sites.find(s => s.name === name)
  if (site !== undefined) return site
  const known = workspace.sites.map(s => s.name)
  const near = nearest(name, known)
  const user = workspace.sites.find(s => s.settings.layers.includes(name))
  const layered = `it is a layer of ${user?.name}; with a site.yaml of its own it is a site too`
  throw new DecapodError('SITE_NOT_FOUND', `no site "${name}" in ${labelPath(workspace.roots.sites, '/')}`, {
    hint:
      user !== undefined ? layered : near === undefined ? `there are ${shortList(known)}` : `did you mean "${near}"?`,
  })
}

/** A group of a site by name. Throws GROUP_NOT_FOUND. */
export function findGroup(workspace: Workspace, site: Site, name: string): SiteGroup {
  const group = site.groups.find(g => g.name === name)
  if (group !== undefined) return group
  const known = site.groups.map(g => g.name)
  const near = nearest(name, known)
  const inBase = workspace.roots.base.tree.kind(`/${name}`) === 'dir'
  throw new DecapodError('GROUP_NOT_FOUND', `site "${site.name}" has no group "${name}"`, {
    hint:
      near !== undefined
        ? `did you mean "${near}"?`
        : inBase
          ? `the base has it; to use it, make ${labelPath(workspace.roots.sites, `${site.dir}/${name}/${siteValuesName}`)}`
          : `it has ${shortList(known)}`,
  })
}

/** Names for a hint, cut where there are many. */
export function shortList(names: readonly string[]): string {
  return names.length > 12 ? `${names.slice(0, 12).join(', ')} … (${names.length})` : names.join(', ')
}
