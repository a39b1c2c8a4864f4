/**
 * Composition, step one: the directory that Kustomize builds for a site's group. The base and the site's own directory
 * are laid over each other (`../base` of a site's kustomization is the group's base, as the original's CI arranged by
 * copying), layers and overlays join the list of transformers, and a kustomization is made where there is none.
 */

import { DecapodError } from '../errors.ts'
import { fromBytes } from '../go/value.ts'
import { baseName, type FileTree, joinPath, memoryTree, mountTree, walkFiles } from '../tree.ts'
import { type ValuesContext, valuesContext } from '../values/context.ts'
import type { ValuesDocument } from '../values/document.ts'
import { stringScalar, textOf, type YamlMap, type YamlNode, YamlSeq } from '../yaml/node.ts'
import { parseNode } from '../yaml/parse.ts'
import { stringifyNode } from '../yaml/stringify.ts'
import { placeOfField } from './config.ts'
import { kustomizationIn, labelPath, type Site, type SiteGroup, siteValuesName, type Workspace } from './workspace.ts'

/** What Kustomize is to build for a site's group, and what is to be done with the result. */
export interface Composition {
  readonly tree: FileTree
  /** The directory of the kustomization in `tree`. */
  readonly dir: string
  /** Handed to the values transformer; holds errors and warnings afterwards. */
  readonly context: ValuesContext
  /**
   * Style 1: the site names a kustomization of the base, and every release it yields is rendered. Style 2: releases
   * lie in plain resources.yaml files, and those that the site lists are rendered.
   */
  readonly style: 1 | 2
  /** The file a person knows of a file of `tree`. */
  readonly fileOf: (path: string) => string
  /** Who a document speaks for: "base", "site", a layer's or overlay's name. */
  readonly layerOf: (file: string | undefined) => string
}

/** Files decapod adds lie here, where no file of a user's is. */
const added = '.decapod'
const resourcesName = 'resources.yaml'

/** Arranges the build of one group of one site. Errors (WORKSPACE_INVALID) are gathered. */
export function composeGroup(workspace: Workspace, site: Site, group: SiteGroup, errors: DecapodError[]): Composition {
  const { base, sites } = workspace.roots
  const groupDir = `/${group.name}`
  // `../base` is the group's base from there. Without a kustomization nothing is relative to it, and it stands apart:
  // Kustomize refuses a base that contains the directory that names it.
  const dir = group.kustomization === undefined ? `/${added}/${site.name}` : `${groupDir}/${site.name}`
  const placed = mountTree(base.tree, dir, below(sites.tree, group.dir))
  const documents = new Map<string, Added>()
  const before = site.settings.layers.flatMap((layer, i) => layerDocument(workspace, site, group, layer, i, errors))
  const after = site.settings.overlays.flatMap((name, i) => overlayDocument(workspace, site, group, name, i, errors))
  for (const document of [...before, ...after]) documents.set(document.path, document)
  const made = new Map<string, string>()
  const style = arrange(placed, groupDir, dir, group, before, after, made)

  const files = new Map<string, Uint8Array | string>(made)
  for (const [path, document] of documents) files.set(`${dir}/${path}`, uniquelyNamed(document))
  const tree = files.size === 0 ? placed : mountTree(placed, '/', memoryTree(files))
  const fileOf = (path: string): string => {
    const own = path.startsWith(`${dir}/`) ? path.slice(dir.length + 1) : undefined
    const document = own === undefined ? undefined : documents.get(own)
    if (document !== undefined) return document.file
    // Also files that are not there, which messages name, have their place.
    if (own !== undefined) return labelPath(sites, `${group.dir}/${own}`)
    if (path === dir) return labelPath(sites, group.dir)
    return path === groupDir ||
      path.startsWith(`${groupDir}/`) ||
      (path.startsWith('/') && tree.kind(path) !== undefined)
      ? labelPath(base, path)
      : path
  }
  const layerOf = (file: string | undefined): string => {
    if (file === undefined || !file.startsWith('/')) return 'base'
    const own = file.startsWith(`${dir}/`) ? file.slice(dir.length + 1) : undefined
    return own === undefined ? 'base' : (documents.get(own)?.layer ?? 'site')
  }
  return {
    tree,
    dir,
    context: valuesContext({
      outer: site.settings.variables,
      // What the base gives are defaults: a variable of site.yaml goes before them.
      outerFirst: (document: ValuesDocument) => layerOf(document.file) === 'base',
    }),
    style,
    fileOf,
    layerOf,
  }
}

/** The tree below a directory, links kept inside it. */
function below(tree: FileTree, dir: string): FileTree {
  const inside = (path: string): string => joinPath(dir, `.${path}`)
  return {
    read: path => tree.read(inside(path)),
    kind: path => tree.kind(inside(path)),
    list: path => tree.list(inside(path)),
    realPath: path => {
      const real = tree.realPath(inside(path))
      if (real === undefined) return undefined
      return real === dir ? '/' : real.startsWith(`${dir}/`) ? real.slice(dir.length) : undefined
    },
    isExecutable: path => tree.isExecutable(inside(path)),
  }
}

/** A document that joins the site's transformers: its path below the site's directory, and where it really is. */
interface Added {
  readonly path: string
  readonly tree: FileTree
  readonly source: string
  readonly file: string
  readonly layer: string
}

/**
 * The text of a document under a name of its own: Kustomize takes two transformers of one name for the same object, and
 * every site-values.yaml may call itself "site". Nothing moves to another line.
 */
function uniquelyNamed({ tree, source, path }: Added): string | Uint8Array {
  const bytes = tree.read(source) ?? new Uint8Array()
  const text = fromBytes(bytes)
  let node: YamlNode | undefined
  try {
    node = parseNode(text, { file: source, dialect: 'v3' })
  } catch (error) {
    // The build reads it again and says where it is wrong.
    if (error instanceof DecapodError) return bytes
    throw error
  }
  const metadata = node?.kind === 'map' ? node.get('metadata') : undefined
  const name = metadata?.kind === 'map' ? metadata.get('name') : undefined
  const given = name === undefined ? '' : (/^("[^"\n]*"|'[^'\n]*'|[^\s,}#]+)/.exec(text.slice(name.offset))?.[0] ?? '')
  if (name === undefined || given === '') return text
  const unique = path.replace(/[^a-z0-9]+/g, '-').replace(/^-+|-yaml$/g, '')
  return text.slice(0, name.offset) + unique + text.slice(name.offset + given.length)
}

function layerDocument(
  workspace: Workspace,
  site: Site,
  group: SiteGroup,
  layer: string,
  index: number,
  errors: DecapodError[],
): Added[] {
  const { sites } = workspace.roots
  const dir = joinPath('/', layer)
  const source = `${dir}/${group.name}/${siteValuesName}`
  if (sites.tree.kind(source) === 'file') {
    return [{ path: `${added}/layer-${index}.yaml`, tree: sites.tree, source, file: labelPath(sites, source), layer }]
  }
  // A layer need not say anything about every group; that it exists at all is checked.
  if (sites.tree.kind(dir) !== 'dir') {
    errors.push(
      new DecapodError('WORKSPACE_INVALID', `there is no layer "${layer}"`, {
        at: placeOfField(site.node, 'layers', index),
        hint: `a layer is a directory with <group>/${siteValuesName}: ${labelPath(sites, dir)}`,
      }),
    )
  }
  return []
}

function overlayDocument(
  workspace: Workspace,
  site: Site,
  group: SiteGroup,
  overlay: string,
  index: number,
  errors: DecapodError[],
): Added[] {
  const { base } = workspace.roots
  const dir = joinPath(`/${group.name}`, `./${overlay}`)
  const source = `${dir}/${baseName(dir)}-values.yaml`
  if (base.tree.kind(source) === 'file') {
    return [
      {
        path: `${added}/overlay-${index}.yaml`,
        tree: base.tree,
        source,
        file: labelPath(base, source),
        layer: overlay,
      },
    ]
  }
  const anywhere = base.tree
    .list('/')
    .some(entry => base.tree.kind(joinPath(`/${entry.name}`, `./${overlay}`)) === 'dir')
  if (!anywhere) {
    errors.push(
      new DecapodError('WORKSPACE_INVALID', `no group of the base has an overlay "${overlay}"`, {
        at: placeOfField(site.node, 'overlays', index),
        hint: `an overlay is a file ${labelPath(base, `/<group>/${overlay}/${overlay}-values.yaml`)}`,
      }),
    )
  }
  return []
}

/** Makes the kustomizations that are missing; fills `made` (path → text) and says which style the group has. */
function arrange(
  tree: FileTree,
  groupDir: string,
  dir: string,
  group: SiteGroup,
  before: readonly Added[],
  after: readonly Added[],
  made: Map<string, string>,
): 1 | 2 {
  if (group.kustomization === undefined) {
    const own = [groupDir, `${groupDir}/base`].find(d => kustomizationIn(tree, d) !== undefined)
    if (own === undefined) made.set(`${groupDir}/kustomization.yaml`, plainKustomization(tree, groupDir, dir))
    const documents = [...before.map(d => d.path), siteValuesName, ...after.map(d => d.path)]
    made.set(`${dir}/kustomization.yaml`, kustomizationText([`../..${own ?? groupDir}`], documents))
    return 2
  }
  const file = `${dir}/${group.kustomization}`
  const node = readKustomization(tree, file)
  let style: 1 | 2 = 1
  for (const resource of entries(node, 'resources')) {
    const target = joinPath(dir, resource)
    if (resource.startsWith('/') || tree.kind(target) !== 'dir' || kustomizationIn(tree, target) !== undefined) continue
    if (target !== groupDir && !target.startsWith(`${groupDir}/`)) continue
    if (plainFiles(tree, target, dir).length === 0) continue
    style = 2
    made.set(`${target}/kustomization.yaml`, plainKustomization(tree, target, dir))
  }
  if (node !== undefined && before.length + after.length > 0) {
    made.set(file, withTransformers(node, before, after))
  }
  return style
}

/** The resources.yaml files below a directory, but for those of the site itself and of charts, whose templates they are. */
function plainFiles(tree: FileTree, dir: string, siteDir: string): string[] {
  const files: string[] = []
  for (const path of walkFiles(tree, dir, below => tree.kind(`${below}/Chart.yaml`) !== 'file')) {
    if (baseName(path) === resourcesName && !path.startsWith(`${siteDir}/`)) files.push(path)
  }
  return files
}

/** A kustomization of every resources.yaml below a directory, with the directory's own values as defaults. */
function plainKustomization(tree: FileTree, dir: string, siteDir: string): string {
  const own = [dir, `${dir}/base`].filter(d => tree.kind(`${d}/${siteValuesName}`) === 'file')
  return kustomizationText(
    plainFiles(tree, dir, siteDir).map(path => relative(dir, path)),
    own.map(d => relative(dir, `${d}/${siteValuesName}`)),
  )
}

function relative(dir: string, path: string): string {
  return path.slice(dir === '/' ? 1 : dir.length + 1)
}

/** JSON is YAML, and quotes any name. */
function kustomizationText(resources: readonly string[], transformers: readonly string[]): string {
  return `${JSON.stringify({ resources, transformers })}\n`
}

/** The kustomization's tree; undefined where it cannot be read as one map: the build says then what is wrong with it. */
function readKustomization(tree: FileTree, file: string): YamlMap | undefined {
  try {
    const node = parseNode(fromBytes(tree.read(file) ?? new Uint8Array()), { file, dialect: 'v3' })
    return node?.kind === 'map' ? node : undefined
  } catch (error) {
    if (error instanceof DecapodError) return undefined
    throw error
  }
}

function entries(node: YamlMap | undefined, field: string): string[] {
  const list = node?.get(field)
  if (list?.kind !== 'seq') return []
  return list.items.map(textOf).filter(item => item !== undefined)
}

/** The site's kustomization with layers before its own transformers and overlays after them. */
function withTransformers(node: YamlMap, before: readonly Added[], after: readonly Added[]): string {
  const own = node.get('transformers')
  const items = own?.kind === 'seq' ? own.items : []
  const named = (documents: readonly Added[]): YamlNode[] => documents.map(document => stringScalar(document.path))
  node.set('transformers', new YamlSeq([...named(before), ...items, ...named(after)]))
  return stringifyNode(node, { dialect: 'v3', sortKeys: false, width: Number.POSITIVE_INFINITY })
}

/** The names a site's own documents (its layers and overlays too) list under charts:, with their places. */
export function listedReleases(composition: Composition): Map<string, YamlNode> {
  const listed = new Map<string, YamlNode>()
  for (const document of composition.context.documents) {
    if (composition.layerOf(document.file) === 'base') continue
    for (const chart of document.charts) listed.set(chart.name, chart.nameNode)
  }
  return listed
}

/** Whether a site's documents ask for every release of the base. */
export function rendersAll(composition: Composition): boolean {
  if (composition.style === 1) return true
  return composition.context.documents.some(d => d.all && composition.layerOf(d.file) !== 'base')
}
