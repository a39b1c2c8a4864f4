/**
 * What `decapod render` does with one site: compose → inflate → post-render → relocate images → emit → a tree of files. Pure: files
 * come in through FileTrees and ports, the result is data. A failure stops its app, never the others, and all of them
 * are in the result.
 */

import type { Delivery } from '../argo/model.ts'
import { objectNode } from '../argo/node.ts'
import { isSelected } from '../argo/order.ts'
import { objectFile, siteObjects } from '../argo/site.ts'
import { DecapodError, nearest } from '../errors.ts'
import { isWhole, type SelectedGroup, type Selection, shortList } from '../site/plan.ts'
import type { Release } from '../site/releases.ts'
import { labelPath, placeOfSite, type Site, type Workspace } from '../site/workspace.ts'
import { joinPath, readText } from '../tree.ts'
import type { PlaceholderMode } from '../values/placeholders.ts'
import type { YamlNode } from '../yaml/node.ts'
import { parseNode } from '../yaml/parse.ts'
import { type AppId, AppInflation, type AppPorts, appOf, type Unit } from './app-inflation.ts'
import { type ComposedGroup, composeSiteGroup } from './compose.ts'
import { CustomKinds } from './custom-kinds.ts'
import { deliveryOf, settingsOf } from './deliver.ts'
import { errorOfPlain, errorsIn, type Failure, joinFailures, withFiles } from './errors.ts'
import { changesImages, crdsOfFiles, ImageStep, imageSettings, placeOfImage, type SiteImages } from './images.ts'
import type { Inflated } from './inflate.ts'
import { appsWithLargeObjects } from './large-objects.ts'
import { crdDirectory, formatObject, type OutputFormat, type OutputObject, OutputTree } from './output.ts'
import { plainSecretsOf } from './plain-secrets.ts'
import { sharedObjectsOf } from './shared-objects.ts'

export interface RenderSettings {
  /** Goes before site.yaml and decapod.yaml. */
  readonly kubeVersion: string | undefined
  readonly placeholders: PlaceholderMode | undefined
  readonly format: OutputFormat | undefined
  /** In which order apps are inflated: it makes no difference, and `render --check` shows that. */
  readonly order?: 'forward' | 'backward' | undefined
  /** List images also for sites that do not move them. `listed`: move none, and refuse none. */
  readonly images?: boolean | 'listed' | undefined
}

export interface RenderPorts extends AppPorts {
  /** Told before each app. */
  readonly progress?: ((progress: Progress) => void) | undefined
}

export interface Progress extends AppId {
  /** Apps of the site done so far, and how many there are. */
  readonly done: number
  readonly total: number
}

export interface AppResult extends AppId {
  readonly status: 'rendered' | 'failed'
  readonly objects: number
}

export interface SiteResult {
  readonly site: Site
  /** Path below the site's directory → bytes: everything that rendered. */
  readonly files: ReadonlyMap<string, Uint8Array>
  readonly apps: readonly AppResult[]
  readonly failures: readonly Failure[]
  readonly warnings: readonly DecapodError[]
  readonly delivery: Delivery | undefined
  /** For sites that move or pin images, and where it was asked for. */
  readonly images: SiteImages | undefined
  /** The object of each file, with what it was rendered from. */
  readonly objects: ReadonlyMap<string, OutputObject>
  /** The groups, as they were composed. */
  readonly composed: readonly ComposedGroup[]
}

/** Where a site's Argo CD objects go. */
export const argocdDirectory = 'argocd'

/** Renders one site, or what is selected of it. Throws only for selectors that name no app (APP_NOT_FOUND). */
export function renderSite(
  workspace: Workspace,
  selection: Selection,
  settings: RenderSettings,
  ports: RenderPorts,
): SiteResult {
  return new SiteRender(workspace, selection, settings, ports).run()
}

/** An app between its two halves. */
interface AppInflated {
  readonly composed: ComposedGroup
  readonly unit: Unit
  readonly id: AppId
  readonly inflated: Inflated
}

class SiteRender {
  private readonly workspace: Workspace
  private readonly selection: Selection
  private readonly settings: RenderSettings
  private readonly ports: RenderPorts
  private readonly site: Site
  private readonly failures: Failure[] = []
  private readonly warnings: DecapodError[] = []
  private readonly apps: AppResult[] = []
  private readonly withCrds = new Set<string>()
  private readonly kinds = new CustomKinds()
  private readonly tree: OutputTree
  private readonly images: ImageStep | undefined
  private readonly inflation: AppInflation

  constructor(workspace: Workspace, selection: Selection, settings: RenderSettings, ports: RenderPorts) {
    this.workspace = workspace
    this.selection = selection
    this.settings = settings
    this.ports = ports
    this.site = selection.site
    const format = settings.format ?? workspace.config.format
    this.tree = new OutputTree(format)
    const { file } = placeOfSite(workspace, this.site)
    const lock = ports.lock ?? new Map()
    const images = imageSettings(this.site, file, workspace.config, lock, settings.images !== 'listed')
    this.images = (settings.images ?? false) !== false || changesImages(images) ? new ImageStep(images) : undefined
    const { kubeVersion } = settings
    this.inflation = new AppInflation(workspace, this.site, ports, {
      kubeVersion,
      format,
      withNodes: this.images !== undefined,
    })
  }

  run(): SiteResult {
    for (const error of this.site.errors) {
      this.failures.push({ site: this.site.name, group: undefined, app: undefined, error })
    }
    const composed = this.inOrder(this.selection.groups, selected => ({ selected, group: this.compose(selected) }))
    const units = composed.flatMap(({ selected, group }) =>
      this.unitsOf(selected, group).map(unit => ({ group, unit })),
    )
    const inflated = this.inOrder(units, ({ group, unit }, done) => {
      const id = this.id(group, appOf(group, unit))
      this.ports.progress?.({ ...id, done, total: units.length })
      return this.attempt(group, id, () => {
        return { composed: group, unit, id, inflated: this.inflation.inflate(group, unit, id) }
      })
    }).filter(app => app !== undefined)
    this.knowCrds(inflated)
    for (const app of inflated) this.attempt(app.composed, app.id, () => this.place(app))
    this.inflation.keep(this.tree.files)
    const images = this.images?.list(this.tree.paths())
    if (images !== undefined && this.settings.images !== 'listed') this.warnings.push(...this.images!.warnings(images))
    this.tellPlainSecrets()
    const groups = composed.map(({ group }) => group)
    const shared = sharedObjectsOf(this.workspace, this.site, groups, this.tree.objects())
    if (shared !== undefined) this.warnings.push(shared)
    const delivery = this.emit(groups)
    return {
      site: this.site,
      files: this.tree.files,
      apps: this.apps,
      failures: joinFailures(this.failures),
      warnings: this.warnings,
      delivery,
      images,
      objects: this.tree.objects(),
      composed: groups,
    }
  }

  private compose({ group, apps }: SelectedGroup): ComposedGroup {
    const { config } = this.workspace
    const composed = composeSiteGroup(this.workspace, this.site, group, {
      kustomize: this.inflation.kustomizePorts({ site: this.site.name, group: group.name, app: group.name }),
      placeholders: { ...config.placeholders, mode: this.settings.placeholders ?? config.placeholders.mode },
      apps,
    })
    for (const error of composed.errors) {
      this.failures.push({ site: this.site.name, group: group.name, app: undefined, error })
    }
    this.warnings.push(...composed.warnings)
    return composed
  }

  /** What of a group is to be inflated: chosen by the selectors and by `when`, and without an error of its own. */
  private unitsOf(selected: SelectedGroup, composed: ComposedGroup): Unit[] {
    const all: Unit[] = [
      ...composed.releases.map((release): Unit => ({ kind: 'release', release })),
      ...composed.kustomizations.map((kustomization): Unit => ({ kind: 'kustomization', kustomization })),
      ...(composed.rest.length > 0 ? [{ kind: 'objects' } as const] : []),
    ]
    const { group } = composed
    if (selected.apps !== undefined)
      checkApps(
        selected.apps,
        all.map(unit => appOf(composed, unit)),
        this.site,
        group.name,
      )
    return all.filter(unit => {
      const app = appOf(composed, unit)
      if (selected.apps !== undefined && !selected.apps.has(app)) return false
      const when = { ...group.settings.when, ...settingsOf(group.settings, app).when }
      if (!isSelected(when, this.site.settings.labels)) return false
      if (!composed.failed.has(app)) return true
      this.apps.push({ ...this.id(composed, app), status: 'failed', objects: 0 })
      return false
    })
  }

  private id(composed: ComposedGroup, app: string): AppId {
    return { site: this.site.name, group: composed.group.name, app }
  }

  /** Does a part of an app's render; what fails is noted and stops the app. */
  private attempt<T>(composed: ComposedGroup, id: AppId, work: () => T): T | undefined {
    try {
      return work()
    } catch (thrown) {
      for (const error of errorsIn(thrown)) {
        this.failures.push({ ...id, error: withFiles(error, composed.composition.fileOf) })
      }
      this.apps.push({ ...id, status: 'failed', objects: 0 })
      return undefined
    }
  }

  /** What `work` makes of each item, in their order, whatever order the work is done in. */
  private inOrder<T, U>(items: readonly T[], work: (item: T, done: number) => U): U[] {
    if (this.settings.order !== 'backward') return items.map(work)
    return items.toReversed().map(work).reverse()
  }

  /** Custom resources may be of CRDs that another app brings; where a part is rendered, the last render has the others'. */
  private knowCrds(inflated: readonly AppInflated[]): void {
    if (this.images === undefined) return
    const { last } = this.ports
    if (last !== undefined && !isWhole(this.selection)) this.images.know(crdsOfFiles(last(this.site.name)))
    for (const app of inflated) {
      for (const objects of [app.inflated.crds, app.inflated.objects]) this.images.know(objects.map(({ node }) => node))
    }
  }

  /** Moves the images of an app and gives its objects their files. */
  private place({ composed, unit, id, inflated }: AppInflated): void {
    const { group, app } = id
    const release = unit.kind === 'release' ? unit.release : undefined
    const objects =
      this.images?.take({
        ...{ group, app, objects: inflated.objects },
        placeOf: (image, object) => placeOfImage(image, object, release, () => this.chartValues(group, release)),
      }) ?? inflated.objects
    const own = this.tree.add(`${group}/${app}`, objects)
    const crds = this.tree.add(`${group}/${crdDirectory(group)}`, inflated.crds, true)
    if (inflated.crds.length > 0) this.withCrds.add(group)
    this.kinds.add(`${group}/${app}`, inflated.objects, inflated.crds)
    this.apps.push({ ...id, status: 'rendered', objects: own.written + crds.written })
    for (const said of inflated.warnings) {
      const warning =
        typeof said === 'string'
          ? new DecapodError('CHART_INVALID', `${group}/${app}: ${said}`, { at: release?.at })
          : errorOfPlain(said)
      this.warnings.push(withFiles(warning, composed.composition.fileOf))
    }
  }

  /** Secrets that would stand in the output for all to read: said, or refused where decapod.yaml wants that. */
  private tellPlainSecrets(): void {
    // Who lists images writes nothing.
    if (this.settings.images === 'listed') return
    const told = plainSecretsOf(this.workspace, this.site, this.tree.objects())
    if (told === undefined) return
    const { severity, error } = told
    if (severity === 'warning') this.warnings.push(error)
    else this.failures.push({ site: this.site.name, group: undefined, app: undefined, error })
  }

  /** values.yaml of a chart of the workspace. */
  private chartValues(group: string, release: Release | undefined): YamlNode | undefined {
    if (release?.chart.kind !== 'path') return undefined
    const { base } = this.workspace.roots
    const file = joinPath(`/${group}`, `./${release.chart.path}/values.yaml`)
    const text = readText(base.tree, file)
    return text === undefined ? undefined : parseNode(text, { file: labelPath(base, file) })
  }

  /**
   * Apps without a single file: a chart may be switched off by its values, or be CRDs alone. One that failed keeps what
   * the last render left of it, if it left any: Argo CD can show no directory that is not there.
   */
  private emptyApps(): Set<string> {
    const directories = new Set([...this.tree.files.keys()].map(path => path.split('/', 2).join('/')))
    const isEmpty = ({ group, app, status }: AppResult): boolean => {
      const path = `${group}/${app}`
      if (status === 'rendered') return !directories.has(path)
      const last = this.ports.last?.(this.site.name, path) ?? new Map()
      return ![...last.keys()].some(file => file.startsWith(`${path}/`))
    }
    return new Set(this.apps.filter(isEmpty).map(({ group, app }) => `${group}/${app}`))
  }

  /** Argo CD's objects, once every group of the site is known: a part of a site leaves them as they are. */
  private emit(composed: readonly ComposedGroup[]): Delivery | undefined {
    if (!isWhole(this.selection)) return undefined
    try {
      const rendered = {
        withCrds: this.withCrds,
        customResources: this.kinds.byApp(),
        empty: this.emptyApps(),
        large: appsWithLargeObjects(this.tree.objects(), this.tree.files),
      }
      const delivery = deliveryOf(this.workspace, this.site, composed, rendered)
      if (delivery === undefined) return undefined
      for (const object of siteObjects(delivery)) {
        this.tree.addFile(`${argocdDirectory}/${objectFile(object)}`, formatObject(objectNode(object)))
      }
      return delivery
    } catch (thrown) {
      for (const error of errorsIn(thrown)) {
        this.failures.push({ site: this.site.name, group: undefined, app: undefined, error })
      }
      return undefined
    }
  }
}

/** Throws APP_NOT_FOUND for an app that is asked for and not there. */
export function checkApps(wanted: ReadonlySet<string>, known: readonly string[], site: Site, group: string): void {
  for (const app of wanted) {
    if (known.includes(app)) continue
    const near = nearest(app, known)
    throw new DecapodError('APP_NOT_FOUND', `${site.name}/${group} has no app "${app}"`, {
      hint: near === undefined ? `it has ${shortList(known)}` : `did you mean "${near}"?`,
    })
  }
}
