/**
 * Composition of a site's group: Kustomize builds it, values documents apply, variables are expanded, releases are
 * chosen and checked. What comes out is ready to inflate; what went wrong is listed, per app where it can be told.
 */
import { DecapodError, nearest } from '../errors.ts'
import { type BuildOptions, buildKustomization } from '../kustomize/build.ts'
import { PlaceholderCheck, type PlaceholderRules } from '../placeholders.ts'
import { shortList } from '../site/plan.ts'
import { type KustomizationApp, type Release, readGroupObjects } from '../site/releases.ts'
import { type Composition, composeGroup, listedReleases, rendersAll } from '../site/values.ts'
import { labelPath, type Site, type SiteGroup, type Workspace } from '../site/workspace.ts'
import { expandReleases, isHelmRelease, originOf, releaseName } from '../values.ts'
import type { YamlMap } from '../yaml/node.ts'
import { errorsIn, withFiles } from './errors.ts'

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
  const built = build(composition, group, options.kustomize ?? {}, errors, warnings)
  const { chosen, unlisted } = chooseReleases(workspace, built, composition, group, warnings)
  expandReleases(
    chosen.filter(node => isHelmRelease(node)),
    context,
  )
  checkPlaceholders(chosen, site, composition, options.placeholders, context)
  const objects = readGroupObjects(chosen, errors)
  return {
    group,
    composition,
    unlisted,
    ...objects,
    errors: [...errors, ...context.errors].map(error => withFiles(error, fileOf)),
    warnings: [...warnings, ...context.warnings].map(warning => withFiles(warning, fileOf)),
    failed: context.failed,
  }
}

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
    return [...result.resources].map(resource => resource.node)
  } catch (thrown) {
    // A base that does not exist is the likelier cause than what Kustomize says of it.
    const known = group.base === undefined && group.kustomization === undefined
    const hint = known ? `the base has no group "${group.name}"` : undefined
    for (const error of errorsIn(thrown)) {
      const { code, message, at, notes } = error
      errors.push(hint === undefined ? error : new DecapodError(code, message, { at, notes, hint }))
    }
    return []
  }
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
  objects: readonly YamlMap[],
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
  for (const node of objects) {
    const spec = node.get('spec')
    if (!isHelmRelease(node) || spec?.kind !== 'map') continue
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
