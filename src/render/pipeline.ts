/**
 * What `decapod render` does with one site: compose → inflate → post-render → relocate images → emit → a tree of files. Pure: files
 * come in through FileTrees and ports, the result is data. A failure stops its app, never the others, and all of them
 * are in the result.
 */

import type { Delivery } from '../argo/model.ts'
import { objectNode } from '../argo/node.ts'
import { isSelected } from '../argo/order.ts'
import { objectFile, siteObjects } from '../argo/site.ts'
import { DecapodError, DecapodErrors, nearest } from '../errors.ts'
import type { Chart } from '../helm/chart.ts'
import { loadChart, loadChartArchive } from '../helm/load.ts'
import type { Lock } from '../lock.ts'
import { isWhole, type SelectedGroup, type Selection, shortList } from '../site/plan.ts'
import {
  type ChartPath,
  type ChartRequest,
  formatChartRequest,
  type KustomizationApp,
  type Release,
} from '../site/releases.ts'
import { kustomizationIn, labelPath, placeOfSite, type Site, type Workspace } from '../site/workspace.ts'
import { type Source, withoutCredentials } from '../source.ts'
import { type FileTree, joinPath, readText } from '../tree.ts'
import type { PlaceholderMode } from '../values/placeholders.ts'
import type { YamlMap, YamlNode } from '../yaml/node.ts'
import { parseNode } from '../yaml/parse.ts'
import { completeChart } from './chart-dependencies.ts'
import { type ComposedGroup, composeSiteGroup, type KustomizePorts } from './compose.ts'
import { CustomKinds } from './custom-kinds.ts'
import { deliveryOf, settingsOf } from './deliver.ts'
import { errorsIn, type Failure, joinFailures, withFiles } from './errors.ts'
import { helmPort } from './helm-charts.ts'
import { changesImages, crdsOfFiles, ImageStep, imageSettings, placeOfImage, type SiteImages } from './images.ts'
import {
  type AppComponent,
  type Inflated,
  type InflateOptions,
  inflateKustomization,
  inflateRelease,
} from './inflate.ts'
import { appsWithLargeObjects } from './large-objects.ts'
import { crdDirectory, formatObject, isCrd, type OutputFormat, type OutputObject, OutputTree } from './output.ts'
import { plainSecretsOf } from './plain-secrets.ts'
import { violationsOf } from './schema-violations.ts'
import type { LastRender } from './stable.ts'
import {
  type CachePort,
  digestOfDirectory,
  digestOfFiles,
  digestOfTexts,
  formed,
  keep,
  keepFailure,
  nodeText,
  recall,
  unitKey,
  Watch,
} from './unit-cache.ts'

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

/** A chart, and the path a person knows it by. */
export interface LoadedChart {
  readonly chart: Chart
  readonly label: string
}

export interface RenderPorts {
  /** The chart of a source that was fetched. Throws DecapodError CHART_NOT_FOUND, or as loading does. */
  readonly chart: (source: Source) => LoadedChart
  /** Functions of the world for one app's templates: random values, times, lookups. */
  readonly helm: (app: AppId) => InflateOptions['ports']
  /** Remote bases and charts for kustomizations. */
  readonly kustomize?: KustomizePorts | undefined
  /**
   * The files of a site's last render, by path below its directory: where random values and times are kept. With `app`
   * (`group/app`) only that app's need be there.
   */
  readonly last?: ((site: string, app?: string) => ReadonlyMap<string, Uint8Array>) | undefined
  /** Apps inflated before. */
  readonly cache?: CachePort | undefined
  /** decapod.lock, for the digests of images. */
  readonly lock?: Lock | undefined
  /** Told before each app. */
  readonly progress?: ((progress: Progress) => void) | undefined
}

export interface AppId {
  readonly site: string
  readonly group: string
  readonly app: string
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

/** One thing to inflate. */
type Unit =
  | { readonly kind: 'release'; readonly release: Release }
  | { readonly kind: 'kustomization'; readonly kustomization: KustomizationApp }
  | { readonly kind: 'objects' }

/** An app between its two halves. */
interface AppInflated {
  readonly composed: ComposedGroup
  readonly unit: Unit
  readonly id: AppId
  readonly inflated: Inflated
}

/** An app that was inflated, or failed, and may be kept in the cache. */
interface AppToKeep {
  readonly id: AppId
  readonly key: string
  readonly outcome: Inflated | readonly DecapodError[]
  readonly watch: Watch
  /** The digest of the texts that its values come from. */
  readonly texts: () => string
  /** A release's chart, and its digest in the key. */
  readonly chart: { readonly request: ChartRequest; readonly digest: string } | undefined
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
  private readonly toKeep: AppToKeep[] = []
  private readonly format: OutputFormat
  private readonly tree: OutputTree
  private readonly images: ImageStep | undefined

  constructor(workspace: Workspace, selection: Selection, settings: RenderSettings, ports: RenderPorts) {
    this.workspace = workspace
    this.selection = selection
    this.settings = settings
    this.ports = ports
    this.site = selection.site
    this.format = settings.format ?? workspace.config.format
    this.tree = new OutputTree(this.format)
    const { file } = placeOfSite(workspace, this.site)
    const lock = ports.lock ?? new Map()
    const images = imageSettings(this.site, file, workspace.config, lock, settings.images !== 'listed')
    this.images = (settings.images ?? false) !== false || changesImages(images) ? new ImageStep(images) : undefined
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
        return { composed: group, unit, id, inflated: this.recallOrInflate(group, unit, id) }
      })
    }).filter(app => app !== undefined)
    this.knowCrds(inflated)
    for (const app of inflated) this.attempt(app.composed, app.id, () => this.place(app))
    this.keepInflated()
    const images = this.images?.list(this.tree.paths())
    if (images !== undefined && this.settings.images !== 'listed') this.warnings.push(...this.images!.warnings(images))
    this.tellPlainSecrets()
    const delivery = this.emit(composed.map(({ group }) => group))
    return {
      site: this.site,
      files: this.tree.files,
      apps: this.apps,
      failures: joinFailures(this.failures),
      warnings: this.warnings,
      delivery,
      images,
      objects: this.tree.objects(),
      composed: composed.map(({ group }) => group),
    }
  }

  private compose({ group, apps }: SelectedGroup): ComposedGroup {
    const { config } = this.workspace
    const composed = composeSiteGroup(this.workspace, this.site, group, {
      kustomize: this.kustomizePorts({ site: this.site.name, group: group.name, app: group.name }),
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
    for (const text of inflated.warnings) {
      const warning = new DecapodError('CHART_INVALID', `${group}/${app}: ${text}`, { at: release?.at })
      this.warnings.push(withFiles(warning, composed.composition.fileOf))
    }
  }

  private recallOrInflate(composed: ComposedGroup, unit: Unit, id: AppId): Inflated {
    const { cache } = this.ports
    if (cache === undefined || unit.kind === 'objects') return this.inflate(composed, unit, id)
    const chartDigest = unit.kind === 'release' ? this.chartDigest(cache, unit.release.chart, id.group, 'known') : ''
    // The render then says why.
    if (chartDigest === undefined) return this.inflate(composed, unit, id)
    const key = this.keyOf(cache, composed, unit, id, chartDigest)
    const { tree } = composed.composition
    const app = `${id.group}/${id.app}`
    const last = (): string => digestOfFiles(this.ports.last?.(id.site, app) ?? new Map(), `${app}/`)
    const charts = (request: ChartRequest): string => this.chartDigest(cache, request, id.group, 'known') ?? ''
    const texts = (): string => {
      const { documents, outer } = composed.composition.context
      const own = unit.kind === 'release' ? [unit.release.node] : []
      return digestOfTexts([...own, ...documents.map(document => document.node), ...outer.values()])
    }
    const known = recall(cache, key, { tree, last, charts, texts })
    if (known !== undefined) return known
    const watch = new Watch(tree)
    const note = (outcome: AppToKeep['outcome']): void => {
      const chart = unit.kind === 'release' ? { request: unit.release.chart, digest: chartDigest } : undefined
      this.toKeep.push({ id, key, outcome, watch, texts, chart })
    }
    try {
      const inflated = formed(this.inflate(composed, unit, id, watch), this.format, this.images !== undefined)
      note(inflated)
      return inflated
    } catch (thrown) {
      const errors = errorsIn(thrown)
      if (unit.kind === 'release') note(errors)
      throw thrown
    }
  }

  /** Once all files have their names, for what is random is kept with them. No chart is thought to fail by chance. */
  private keepInflated(): void {
    const { cache } = this.ports
    if (cache === undefined) return
    for (const { id, key, outcome, watch, texts, chart } of this.toKeep) {
      if (watch.isForeign) continue
      // Files may have changed while they were read.
      const digestNow = chart && this.chartDigest(cache, chart.request, id.group, 'now')
      if (digestNow !== chart?.digest) continue
      const reads = watch.reads()
      const charts = watch.charts.map((request, i) => {
        return [request, this.chartDigest(cache, request, id.group, i === 0 ? 'known' : 'now') ?? ''] as const
      })
      const last = watch.isRandom ? digestOfFiles(this.tree.files, `${id.group}/${id.app}/`) : undefined
      if ('objects' in outcome) keep(cache, key, outcome, { reads, charts, last })
      else keepFailure(cache, key, outcome, { reads, charts, last: undefined, texts: texts() })
    }
  }

  /**
   * The name under which the cache has an app: everything that decides what it inflates to, but for the files that show
   * on the way. `chart` is the digest of a release's chart.
   */
  private keyOf(
    cache: CachePort,
    composed: ComposedGroup,
    unit: Exclude<Unit, { kind: 'objects' }>,
    id: AppId,
    chart: string,
  ): string {
    const { config, roots } = this.workspace
    const { kubeVersion, apiVersions } = this.capabilities()
    const labels = [roots.base.label, roots.sites.label, ...cache.chartLabels]
    const common = [
      cache.engine,
      kubeVersion ?? '',
      apiVersions,
      config.semantics,
      config.crds,
      this.format,
      id,
      labels,
    ]
    if (unit.kind === 'release') {
      const { name, namespace, values, postRenderers, crdsOnly } = unit.release
      const component = this.componentOf(composed, id)?.dir ?? ''
      const patches = postRenderers.map(nodeText)
      return unitKey([...common, 'release', chart, name, namespace, crdsOnly, nodeText(values), patches, component])
    }
    const { path, targetNamespace, fields } = unit.kustomization
    return unitKey([...common, 'kustomization', path, targetNamespace ?? '', nodeText(fields)])
  }

  private chartDigest(cache: CachePort, chart: ChartRequest, group: string, when: 'known' | 'now'): string | undefined {
    if (chart.kind === 'git') return this.withLock(cache.chartDigest(chart, when))
    if (chart.kind !== 'path') return cache.chartDigest(chart, when)
    const { tree } = this.workspace.roots.base
    const path = joinPath(`/${group}`, `./${chart.path}`)
    const own =
      when === 'now' ? digestOfPath(tree, path) : once(pathDigests, tree, path, () => digestOfPath(tree, path))
    return this.withLock(own)
  }

  /** Dependencies that a chart of a directory does not carry come from what the lock pins. */
  private withLock(digest: string | undefined): string | undefined {
    return digest === undefined ? undefined : unitKey([digest, ...(this.ports.lock ?? [])])
  }

  /** `watch` sees what the app reads beyond its key. */
  private inflate(composed: ComposedGroup, unit: Unit, id: AppId, watch?: Watch): Inflated {
    const move = this.workspace.config.crds === 'all'
    const ports = this.ports.helm(id)
    const composition = watch === undefined ? composed.composition : { ...composed.composition, tree: watch.tree }
    switch (unit.kind) {
      case 'release': {
        const { release } = unit
        const options: InflateOptions = {
          ...this.capabilities(),
          semantics: this.workspace.config.semantics === '4' ? 4 : 3,
          ports: watch?.ports(ports) ?? ports,
          moveTemplatedCrds: move,
          last: this.lastOf(id),
        }
        const loaded = chartOfRelease(this.workspace, id.group, release, this.ports.chart, request =>
          watch?.charts.push(withoutCredentials(request)),
        )
        const fileOf = (file: string): string => chartFile(loaded, file)
        try {
          const component = this.componentOf({ ...composed, composition }, id)
          return withOrigins(inflateRelease(release, loaded.chart, options, component), fileOf)
        } catch (thrown) {
          const errors = errorsIn(thrown).map(error => withFiles(error, fileOf))
          throw new DecapodErrors(errors.flatMap(error => violationsOf(error, release, loaded.chart.metadata.name)))
        }
      }
      case 'kustomization':
        return apart(
          inflateKustomization(unit.kustomization, composition, `/${id.group}`, this.kustomizePorts(id, watch)),
        )
      case 'objects':
        return apart(composed.rest.map(node => restObject(node, composed)))
    }
  }

  /** Secrets that would stand in the output for all to read: said, or refused where decapod.yaml wants that. */
  private tellPlainSecrets(): void {
    const told = plainSecretsOf(this.workspace, this.site, this.tree.objects())
    if (told === undefined) return
    const { severity, error } = told
    if (severity === 'warning') this.warnings.push(error)
    else this.failures.push({ site: this.site.name, group: undefined, app: undefined, error })
  }

  /** The app's files of the last render. */
  private lastOf({ site, group, app }: AppId): LastRender | undefined {
    const { last } = this.ports
    if (last === undefined) return undefined
    return () =>
      [...last(site, `${group}/${app}`)]
        .filter(([path]) => path.startsWith(`${group}/${app}/`))
        .map(([, bytes]) => bytes)
  }

  /** values.yaml of a chart of the workspace. */
  private chartValues(group: string, release: Release | undefined): YamlNode | undefined {
    if (release?.chart.kind !== 'path') return undefined
    const { base } = this.workspace.roots
    const file = joinPath(`/${group}`, `./${release.chart.path}/values.yaml`)
    const text = readText(base.tree, file)
    return text === undefined ? undefined : parseNode(text, { file: labelPath(base, file) })
  }

  /** What the site's cluster is said to be. */
  private capabilities(): Pick<InflateOptions, 'kubeVersion' | 'apiVersions'> {
    const { config } = this.workspace
    const own = this.site.settings
    return {
      kubeVersion: this.settings.kubeVersion ?? own.kubeVersion ?? config.kubeVersion,
      apiVersions: own.apiVersions ?? config.apiVersions ?? [],
    }
  }

  /** Kustomizations reach what was fetched, and their helmCharts are rendered as releases are. */
  private kustomizePorts(id: AppId, watch?: Watch): KustomizePorts {
    const { kubeVersion, apiVersions } = this.capabilities()
    const given = watch?.kustomize(this.ports.kustomize) ?? this.ports.kustomize
    const find = given?.helm?.find
    const ports = this.ports.helm(id)
    const helm = helmPort({
      ports: watch?.ports(ports) ?? ports,
      apiVersions,
      ...(kubeVersion !== undefined && { kubeVersion }),
      ...(find !== undefined && { find }),
    })
    return { ...given, helm }
  }

  /** `sites/<site>/<group>/<app>/kustomization.yaml`: the site's own patches on the app's objects. */
  private componentOf(composed: ComposedGroup, id: AppId): AppComponent | undefined {
    const { tree, dir, fileOf } = composed.composition
    const own = `${dir}/${id.app}`
    const file = kustomizationIn(tree, own)
    return file === undefined ? undefined : { tree, dir: own, label: fileOf(`${own}/${file}`) }
  }

  /** Apps that rendered without a single file: a chart may be switched off by its values, or be CRDs alone. */
  private emptyApps(): Set<string> {
    const directories = new Set([...this.tree.files.keys()].map(path => path.split('/', 2).join('/')))
    const rendered = this.apps.filter(({ status }) => status === 'rendered').map(({ group, app }) => `${group}/${app}`)
    return new Set(rendered.filter(app => !directories.has(app)))
  }

  /** Argo CD's objects, once every group of the site is known: a part of a site leaves them as they are. */
  private emit(composed: readonly ComposedGroup[]): Delivery | undefined {
    if (!isWhole(this.selection)) return undefined
    try {
      const rendered = {
        withCrds: this.withCrds,
        customResources: this.kinds.byApp(),
        empty: this.emptyApps(),
        large: appsWithLargeObjects(this.tree.files),
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

/**
 * The chart of a release: of the workspace by path, or one that was fetched. `note` is told of it and of every chart it
 * depends on. Throws CHART_NOT_FOUND at the release's place, and as loading does.
 */
export function chartOfRelease(
  workspace: Workspace,
  group: string,
  release: Release,
  fetched: RenderPorts['chart'],
  note: (request: ChartRequest) => void = () => {},
): LoadedChart {
  const { chart, chartAt } = release
  try {
    const load = (request: ChartRequest): LoadedChart => {
      note(request)
      return request.kind === 'path' ? chartAtPath(workspace, group, request) : fetched(request)
    }
    return completeChart(load(chart), chart, load)
  } catch (thrown) {
    const [error, ...more] = errorsIn(thrown)
    if (error?.code !== 'CHART_NOT_FOUND' || more.length > 0) throw thrown
    throw new DecapodError('CHART_NOT_FOUND', `no chart ${formatChartRequest(chart)}`, {
      at: chartAt,
      hint: error.hint,
      notes: error.notes,
      cause: error,
    })
  }
}

/** A chart of the base: a directory or an archive; loaded once for all sites. Throws as loading does. */
export function chartAtPath(workspace: Workspace, group: string, { path: given }: ChartPath): LoadedChart {
  const { tree } = workspace.roots.base
  const path = joinPath(`/${group}`, `./${given}`)
  const label = labelPath(workspace.roots.base, path)
  if (tree.kind(path) === undefined) {
    throw new DecapodError('CHART_NOT_FOUND', `there is no ${label}`, {
      hint: `there is no ${label}: a path is relative to the group's directory of the base`,
    })
  }
  return once(pathCharts, tree, path, () => {
    const archive = tree.kind(path) === 'file' ? tree.read(path) : undefined
    const chart = archive === undefined ? loadChart(tree, path, { label }) : loadChartArchive(archive, { label })
    return { chart, label }
  })
}

/** Charts of the workspace by path, and their digests: worked out once for all sites that share them. */
const pathCharts = new WeakMap<FileTree, Map<string, LoadedChart>>()
const pathDigests = new WeakMap<FileTree, Map<string, string | undefined>>()

function once<T>(known: WeakMap<FileTree, Map<string, T>>, tree: FileTree, path: string, make: () => T): T {
  let byPath = known.get(tree)
  if (byPath === undefined) known.set(tree, (byPath = new Map()))
  if (!byPath.has(path)) byPath.set(path, make())
  return byPath.get(path)!
}

/** The digest of a chart of the workspace: of its directory, or of its archive. */
function digestOfPath(tree: FileTree, path: string): string | undefined {
  switch (tree.kind(path)) {
    case 'dir':
      return digestOfDirectory(tree, path)
    case 'file':
      return digestOfFiles(new Map([[path, tree.read(path)!]]), path)
    case undefined:
      return undefined
  }
}

/** The path of a chart's file for a person: Helm names files from the chart's name on. */
function chartFile({ chart, label }: LoadedChart, file: string): string {
  const prefix = `${chart.metadata.name}/`
  return file.startsWith(prefix) ? `${label}/${file.slice(prefix.length)}` : file
}

/** Objects whose origins are paths a person knows. */
function withOrigins(inflated: Inflated, fileOf: (file: string) => string): Inflated {
  const known = (objects: readonly OutputObject[]): OutputObject[] =>
    objects.map(object => ({
      ...object,
      origin: fileOf(object.origin),
      at: object.at === undefined ? undefined : { ...object.at, file: fileOf(object.at.file) },
    }))
  return { ...inflated, objects: known(inflated.objects), crds: known(inflated.crds) }
}

function appOf(composed: ComposedGroup, unit: Unit): string {
  if (unit.kind === 'release') return unit.release.app
  return unit.kind === 'kustomization' ? unit.kustomization.app : composed.group.name
}

/** CRDs that are no chart's go to the group's CRD directory. */
function apart(objects: readonly OutputObject[]): Inflated {
  return {
    objects: objects.filter(object => !isCrd(object.node)),
    crds: objects.filter(object => isCrd(object.node)),
    warnings: [],
  }
}

function restObject(node: YamlMap, composed: ComposedGroup): OutputObject {
  const file = node.source === undefined ? `the kustomization of ${composed.group.name}` : node.source.file
  const origin = composed.composition.fileOf(file)
  return { node, text: undefined, origin, at: { file: origin } }
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
