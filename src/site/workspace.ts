/**
 * The workspace: which sites there are, which groups each has, and what belongs to them. Reads names and settings only;
 * what the files hold is composed per site and group (site/compose.ts).
 */
import { DecapodError, nearest, type Position } from '../errors.ts'
import { fromBytes } from '../go/value.ts'
import { type FileTree, joinPath } from '../tree.ts'
import {
  type Config,
  type GroupSettings,
  parseConfig,
  parseGroup,
  parseSite,
  type Settings,
  type SiteSettings,
} from './config.ts'

/** A directory of the user's, with the name messages call it by. */
export interface Root {
  readonly tree: FileTree
  /** What stands before a path of the tree for a person: "base", "../decapod-base-yaml", "/srv/base"; "" for none. */
  readonly label: string
}

export interface Roots {
  /** Where decapod.yaml is. */
  readonly project: Root
  readonly base: Root
  readonly sites: Root
}

export interface Workspace {
  readonly config: Config
  readonly roots: Roots
  /** In the order of their names. */
  readonly sites: readonly Site[]
}

export interface Site extends Settings<SiteSettings> {
  readonly name: string
  /** Its directory in the tree of sites: "/site-x". */
  readonly dir: string
  readonly groups: readonly SiteGroup[]
  /** What is wrong with its settings files: it concerns those who render this site, and nobody else. */
  readonly errors: readonly DecapodError[]
}

/** A site's use of a group. */
export interface SiteGroup extends Settings<GroupSettings> {
  readonly name: string
  /** Its directory in the tree of sites: "/site-x/lma". */
  readonly dir: string
  /** The kustomization file in it, by name, or undefined: then site-values.yaml alone says what differs. */
  readonly kustomization: string | undefined
  /** The group's directory in the base, or undefined where the base has no such group. */
  readonly base: string | undefined
}

/** The names Kustomize knows its file by, in the order it looks. */
export const kustomizationNames: readonly string[] = ['kustomization.yaml', 'kustomization.yml', 'Kustomization']
export const siteValuesName = 'site-values.yaml'

/** The kustomization file of a directory, by name. */
export function kustomizationIn(tree: FileTree, dir: string): string | undefined {
  return kustomizationNames.find(name => tree.kind(joinPath(dir, name)) === 'file')
}

/** The path a person knows of a path in a root. */
export function labelPath(root: Root, path: string): string {
  if (path === '/') return root.label === '' ? '.' : root.label
  if (root.label === '') return path.slice(1)
  return root.label === '/' ? path : root.label + path
}

/** Reads decapod.yaml of the project directory. Errors are gathered. */
export function loadConfig(project: Root, errors: DecapodError[]): Config {
  const file = '/decapod.yaml'
  return parseConfig(settingsText(project, file, errors), labelPath(project, file), errors).settings
}

/** The text of a settings file, undefined where there is none; a directory of that name is no file. */
function settingsText(root: Root, file: string, errors: DecapodError[]): string | undefined {
  if (root.tree.kind(file) !== 'dir') {
    const bytes = root.tree.read(file)
    // What is not UTF-8 is refused with its place.
    return bytes === undefined ? undefined : fromBytes(bytes)
  }
  const label = labelPath(root, file)
  errors.push(
    new DecapodError('FILE_INVALID', `${label} is a directory, and should be a file`, { at: { file: label } }),
  )
  return undefined
}

/**
 * Finds sites and groups. A site is a directory of the sites' with a site.yaml or at least one group, unless it is a
 * layer of other sites; a group of a site is a directory with a kustomization or a site-values.yaml.
 */
export function loadWorkspace(config: Config, roots: Roots): Workspace {
  const sites: Site[] = []
  const groups = new Map<string, GroupFile>()
  for (const entry of roots.sites.tree.list('/')) {
    if (entry.kind !== 'dir' || entry.name.startsWith('.')) continue
    const site = loadSite(entry.name, roots, groups)
    if (site !== undefined) sites.push(site)
  }
  const layers = new Set(sites.flatMap(site => site.settings.layers.map(layer => joinPath('/', layer))))
  // A layer looks like a site; what has a site.yaml is one, whoever else builds on it.
  return { config, roots, sites: sites.filter(site => site.node !== undefined || !layers.has(site.dir)) }
}

/** A group.yaml, read once for all sites. */
interface GroupFile extends Settings<GroupSettings> {
  readonly errors: readonly DecapodError[]
}

function loadGroupFile(name: string, roots: Roots): GroupFile {
  const file = `/${name}/group.yaml`
  const errors: DecapodError[] = []
  return { ...parseGroup(settingsText(roots.base, file, errors), labelPath(roots.base, file), errors), errors }
}

function loadSite(name: string, roots: Roots, groupFiles: Map<string, GroupFile>): Site | undefined {
  const errors: DecapodError[] = []
  const { tree } = roots.sites
  const dir = `/${name}`
  const settingsFile = `${dir}/site.yaml`
  const text = settingsText(roots.sites, settingsFile, errors)
  const groups: SiteGroup[] = []
  for (const entry of tree.list(dir)) {
    if (entry.kind !== 'dir' || entry.name.startsWith('.')) continue
    const groupDir = `${dir}/${entry.name}`
    const kustomization = kustomizationIn(tree, groupDir)
    const base = `/${entry.name}`
    if (kustomization === undefined && tree.kind(`${groupDir}/${siteValuesName}`) !== 'file') {
      if (roots.base.tree.kind(base) === 'dir') errors.push(emptyGroup(roots, groupDir))
      continue
    }
    let file = groupFiles.get(entry.name)
    if (file === undefined) groupFiles.set(entry.name, (file = loadGroupFile(entry.name, roots)))
    errors.push(...file.errors)
    groups.push({
      name: entry.name,
      dir: groupDir,
      kustomization,
      base: roots.base.tree.kind(base) === 'dir' ? base : undefined,
      settings: file.settings,
      node: file.node,
    })
  }
  if (groups.length === 0 && text === undefined) return undefined
  const settings = parseSite(text, labelPath(roots.sites, settingsFile), errors)
  return { name, dir, groups, errors, ...settings }
}

/** A directory named like a group, which nothing in it makes one: a misspelt site-values.yaml would undo its apps. */
function emptyGroup({ sites }: Roots, dir: string): DecapodError {
  const files = sites.tree.list(dir).flatMap(({ kind, name }) => (kind === 'file' ? [name] : []))
  const near = nearest(siteValuesName, files)
  const message = `${labelPath(sites, dir)} has neither ${siteValuesName} nor kustomization.yaml`
  return new DecapodError('WORKSPACE_INVALID', message, {
    at: { file: labelPath(sites, dir) },
    hint:
      near === undefined ? 'to leave the group out, remove the directory' : `is ${near} meant to be ${siteValuesName}?`,
  })
}

/** The place of a site, for errors about the site as such. */
export function placeOfSite(workspace: Workspace, site: Site): Position {
  return { file: labelPath(workspace.roots.sites, site.node === undefined ? site.dir : `${site.dir}/site.yaml`) }
}
