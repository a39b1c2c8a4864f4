/**
 * Composition of a site's group: Kustomize builds it, values documents apply, variables are expanded, releases are
 * chosen and checked. What comes out is ready to inflate; what went wrong is listed, per app where it can be told.
 */

import { DecapodError, nearest } from '../errors.ts'
import { type BuildOptions, buildKustomization } from '../kustomize/build.ts'
import { shortList } from '../site/plan.ts'
import { type KustomizationApp, type Release, readGroupObjects } from '../site/releases.ts'
import { type Composition, composeGroup, listedReleases, rendersAll } from '../site/values.ts'
import { labelPath, type Site, type SiteGroup, type Workspace } from '../site/workspace.ts'
import { dropDuplicates } from '../values/document.ts'
import { expandReleases } from '../values/expand.ts'
import { originOf } from '../values/origin.ts'
import { PlaceholderCheck, type PlaceholderRules } from '../values/placeholders.ts'
import { isHelmRelease, releaseName } from '../values/releases.ts'
import type { YamlMap } from '../yaml/node.ts'
import { errorsIn, withFiles, withNeighbours, withoutJourney } from './errors.ts'

export interface ComposedGroup {
  readonly group: SiteGroup
  readonly composition: Composition
  readonly releases: readonly Release[]
  readonly kustomizations: readonly KustomizationApp[]
  /** Objects that belong to no release: the app named after the group. */
  readonly rest: readonly YamlMap[]
  readonly errors: readonly DecapodError[]
  readonly warnings: readonly DecapodError[]
  /** Releases of the base that the site does not list. */
  readonly unlisted: readonly string[]
  /** Apps that one of the errors concerns: they are not rendered. */
  readonly failed: ReadonlySet<string>
}

/** What a kustomization may reach beyond its files: remote bases that were fetched, charts of `helmCharts`. */
export type KustomizePorts = Pick<BuildOptions, 'remotes' | 'helm'>

export interface ComposeOptions {
  readonly kustomize?: KustomizePorts | undefined
  readonly placeholders: PlaceholderRules
  /** The apps that are asked for, all by default: values of the others are neither expanded nor checked. */
  readonly apps?: ReadonlySet<string> | undefined
}

/** Composes one group. Never throws for what users can get wrong: all of it is in `errors`. */
export function composeSiteGroup(
  workspace: Workspace,
  site: Site,
  group: SiteGroup,
  options: ComposeOptions,
): ComposedGroup {
  const errors: DecapodError[] = []
  const warnings: DecapodError[] = []
  const composition = composeGroup(workspace, site, group, errors)
  const { context, fileOf } = composition
  if (group.base === undefined && group.kustomization === undefined) {
    return { ...nothing(group, composition), errors: [noSuchGroup(workspace, group)] }
  }
  const trouble: DecapodError[] = []
  const built = build(composition, group, options.kustomize ?? {}, trouble, warnings)
  errors.push(...trouble.map(error => (group.base === undefined ? withoutGroup(error, workspace, group) : error)))
  const { chosen, unlisted } = chooseReleases(workspace, built, composition, group, warnings)
  const asked = chosen.filter(
    node => isHelmRelease(node) && (options.apps === undefined || options.apps.has(releaseName(node) ?? '')),
  )
  // In a release as in a document: the last value counts, as it did for the original, and the lost one is told.
  for (const release of asked) dropDuplicates(release, context)
  expandReleases(asked, context)
  checkPlaceholders(asked, site, composition, options.placeholders, context)
  const objects = readGroupObjects(chosen, errors)
  const found = unique([...errors, ...context.errors]).map(error => withFiles(error, fileOf))
  return {
    group,
    composition,
    unlisted,
    ...objects,
    errors: inReadingOrder(found),
    warnings: inReadingOrder([...warnings, ...context.warnings].map(warning => withFiles(warning, fileOf))),
    failed: context.failed,
  }
}

function nothing(group: SiteGroup, composition: Composition): ComposedGroup {
  const none = { releases: [], kustomizations: [], rest: [], errors: [], warnings: [], unlisted: [] }
  return { group, composition, ...none, failed: new Set() }
}

/** A site's directory that is named like no group of the base, and has no kustomization that could do without one. */
function noSuchGroup(workspace: Workspace, group: SiteGroup): DecapodError {
  const { base, sites } = workspace.roots
  const groups = base.tree
    .list('/')
    .flatMap(({ kind, name }) => (kind === 'dir' && !name.startsWith('.') ? [name] : []))
  const near = nearest(group.name, groups)
  return new DecapodError('GROUP_NOT_FOUND', `the base has no group "${group.name}"`, {
    at: { file: labelPath(sites, group.dir) },
    hint: near === undefined ? `${labelPath(base, '/')} has ${shortList(groups)}` : `did you mean "${near}"?`,
  })
}

/** A path that a kustomization names and that is not there, where it would be in a group that the base does not have. */
function withoutGroup(error: DecapodError, workspace: Workspace, group: SiteGroup): DecapodError {
  if (!error.message.startsWith(`there is no /${group.name}/`)) return error
  const { message, hint } = noSuchGroup(workspace, group)
  return new DecapodError(error.code, `${error.message}: ${message}`, { at: error.at, hint, cause: error })
}

/** The objects of the site's group, as Kustomize builds them; none where it cannot. */
function build(
  composition: Composition,
  group: SiteGroup,
  ports: KustomizePorts,
  errors: DecapodError[],
  warnings: DecapodError[],
): YamlMap[] {
  try {
    const result = buildKustomization(composition.tree, composition.dir, {
      ...ports,
      values: composition.context,
      reorder: 'none',
    })
    for (const line of result.warnings) {
      const at = { file: composition.fileOf(composition.dir) }
      warnings.push(new DecapodError('KUSTOMIZATION_INVALID', line, { at }))
    }
    warnings.push(...result.unmatched)
    return [...result.resources].map(resource => resource.node)
  } catch (thrown) {
    // A kustomization that was made for the site is no file of anybody's.
    const made = group.kustomization === undefined ? `${composition.dir}/kustomization.` : undefined
    const own = made === undefined ? `${composition.dir}/${group.kustomization}` : composition.dir
    const { tree } = composition
    errors.push(
      ...errorsIn(thrown).map(error => {
        const told = withoutJourney(error, { file: own }, made)
        return group.base === undefined ? told : withNeighbours(told, tree)
      }),
    )
    return []
  }
}

/** One error for one place and one sentence: two steps may meet the same mistake. */
function unique(errors: readonly DecapodError[]): DecapodError[] {
  const byText = new Map(errors.map(error => [JSON.stringify([error.message, error.at]), error] as const))
  return [...byText.values()]
}

/** Problems as a person meets them who reads the files from top to bottom: by file, as first met, and place. */
function inReadingOrder(problems: readonly DecapodError[]): DecapodError[] {
  const files = new Map<string | undefined, number>()
  for (const { at } of problems) if (!files.has(at?.file)) files.set(at?.file, files.size)
  return [...problems].sort(
    (a, b) =>
      files.get(a.at?.file)! - files.get(b.at?.file)! ||
      (a.at?.line ?? 0) - (b.at?.line ?? 0) ||
      (a.at?.column ?? 0) - (b.at?.column ?? 0),
  )
}

/** Style 2 renders what the site lists; what it does not list is a warning, for it may have been forgotten. */
function chooseReleases(
  workspace: Workspace,
  objects: readonly YamlMap[],
  composition: Composition,
  group: SiteGroup,
  warnings: DecapodError[],
): { readonly chosen: readonly YamlMap[]; readonly unlisted: readonly string[] } {
  if (rendersAll(composition)) return { chosen: objects, unlisted: [] }
  const listed = listedReleases(composition)
  const bases = new Set(
    composition.context.documents.flatMap(document => document.charts.map(chart => chart.base ?? chart.name)),
  )
  const left: string[] = []
  const chosen = objects.filter(node => {
    const name = releaseName(node)
    if (!isHelmRelease(node) || name === undefined || listed.has(name)) return true
    if (!bases.has(name)) left.push(name)
    return false
  })
  if (left.length > 0) {
    const near = left.flatMap(name => {
      const other = nearest(name, listed.keys())
      return other === undefined ? [] : [`"${name}" resembles "${other}", which is listed`]
    })
    const verb = left.length === 1 ? 'release of the base is' : 'releases of the base are'
    warnings.push(
      new DecapodError(
        'RELEASE_UNKNOWN',
        `${left.length} ${verb} not listed under charts: and not rendered: ${shortList(left)}`,
        {
          at: { file: labelPath(workspace.roots.sites, group.dir) },
          notes: near,
        },
      ),
    )
  }
  return { chosen, unlisted: left }
}

/** The site's own variables, whether used or not, and every value and chart field of the releases. */
function checkPlaceholders(
  releases: readonly YamlMap[],
  site: Site,
  composition: Composition,
  rules: PlaceholderRules,
  context: Composition['context'],
): void {
  if (rules.mode === 'off') return
  const check = new PlaceholderCheck(rules.markers)
  for (const [name, value] of site.settings.variables) check.check(value, `variable ${name}`)
  for (const document of context.documents) {
    if (composition.layerOf(document.file) === 'base') continue
    for (const [name, value] of document.globals) check.check(value, `global.${name}`)
  }
  for (const node of releases) {
    const spec = node.get('spec')
    if (spec?.kind !== 'map') continue
    const name = releaseName(node) ?? ''
    const before = check.hits
    for (const { key, value } of spec.pairs) {
      if (key.kind !== 'scalar') continue
      const path = key.value === 'values' ? name : `${name}: ${key.value}`
      check.check(value, path, n => originOf(n)?.uses)
    }
    if (check.hits > before && rules.mode === 'error') context.failed.add(name)
  }
  const target = rules.mode === 'error' ? context.errors : context.warnings
  target.push(...check.found)
}
