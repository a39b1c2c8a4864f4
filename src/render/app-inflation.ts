/**
 * Inflation of one app of a site: out of the cache, or by the engine that it needs, with what it may reach. What it came to
 * is kept.
 */
import { hash } from 'node:crypto'
import { DecapodError, DecapodErrors } from '../errors.ts'
import type { CustomResourceFile } from '../helm/render.ts'
import type { Lock } from '../lock.ts'
import type { ChartRequest, KustomizationApp, Release } from '../site/releases.ts'
import { kustomizationIn, type Site, type Workspace } from '../site/workspace.ts'
import { type Source, withoutCredentials } from '../source.ts'
import type { YamlMap } from '../yaml/node.ts'
import { chartFile, chartOfRelease, digestAtPath, type LoadedChart } from './charts.ts'
import type { ComposedGroup, KustomizePorts } from './compose.ts'
import { errorsIn, withFiles } from './errors.ts'
import { helmPort } from './helm-charts.ts'
import {
  type AppComponent,
  type Inflated,
  type InflateOptions,
  inflateKustomization,
  inflateRelease,
  parseCrds,
} from './inflate.ts'
import { isCrd, type OutputFormat, type OutputObject } from './output.ts'
import { violationsOf } from './schema-violations.ts'
import type { LastRender } from './stable.ts'
import {
  type CachePort,
  digestOfFiles,
  digestOfTexts,
  formed,
  keep,
  keepFailure,
  nodeText,
  recall,
  unitKey,
  Watch,
  withOrigin,
} from './unit-cache.ts'

/** What of the world an app may reach. */
export interface AppPorts {
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
}

export interface AppId {
  readonly site: string
  readonly group: string
  readonly app: string
}

/** One thing to inflate. */
export type Unit =
  | { readonly kind: 'release'; readonly release: Release }
  | { readonly kind: 'kustomization'; readonly kustomization: KustomizationApp }
  | { readonly kind: 'objects' }

/** The app that a unit is. */
export function appOf(composed: ComposedGroup, unit: Unit): string {
  if (unit.kind === 'release') return unit.release.app
  return unit.kind === 'kustomization' ? unit.kustomization.app : composed.group.name
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

export interface InflationOptions {
  /** Goes before what the site and the workspace say. */
  readonly kubeVersion: string | undefined
  readonly format: OutputFormat
  /** Somebody will look inside the objects. */
  readonly withNodes: boolean
}

export class AppInflation {
  private readonly workspace: Workspace
  private readonly site: Site
  private readonly ports: AppPorts
  private readonly kubeVersion: string | undefined
  private readonly format: OutputFormat
  private readonly withNodes: boolean
  private readonly toKeep: AppToKeep[] = []

  constructor(workspace: Workspace, site: Site, ports: AppPorts, options: InflationOptions) {
    this.workspace = workspace
    this.site = site
    this.ports = ports
    this.kubeVersion = options.kubeVersion
    this.format = options.format
    this.withNodes = options.withNodes
  }

  /**
   * What an app inflates to, out of the cache where that has it. Throws DecapodErrors with what the app fails with, out of
   * the cache too.
   */
  inflate(composed: ComposedGroup, unit: Unit, id: AppId): Inflated {
    const { cache } = this.ports
    if (cache === undefined || unit.kind === 'objects') return this.fresh(composed, unit, id)
    const chartDigest = unit.kind === 'release' ? this.chartDigest(cache, unit.release.chart, id.group, 'known') : ''
    // The render then says why.
    if (chartDigest === undefined) return this.fresh(composed, unit, id)
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
      const inflated = formed(this.fresh(composed, unit, id, watch), this.format, this.withNodes)
      note(inflated)
      return inflated
    } catch (thrown) {
      const errors = errorsIn(thrown)
      if (unit.kind === 'release') note(errors)
      throw thrown
    }
  }

  /**
   * Keeps what was inflated in the cache. Called once all `files` have their names, for what is random is kept with them.
   * No chart is thought to fail by chance.
   */
  keep(files: ReadonlyMap<string, Uint8Array>): void {
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
      const last = watch.isRandom ? digestOfFiles(files, `${id.group}/${id.app}/`) : undefined
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
    if (chart.kind === 'path') return this.withLock(digestAtPath(this.workspace, group, chart, when))
    const digest = cache.chartDigest(chart, when)
    return chart.kind === 'git' ? this.withLock(digest) : digest
  }

  /** Dependencies that a chart of a directory does not carry come from what the lock pins. */
  private withLock(digest: string | undefined): string | undefined {
    return digest === undefined ? undefined : unitKey([digest, ...(this.ports.lock ?? [])])
  }

  /** `watch` sees what the app reads beyond its key. */
  private fresh(composed: ComposedGroup, unit: Unit, id: AppId, watch?: Watch): Inflated {
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
          crds: files => this.crds(files),
        }
        const loaded = chartOfRelease(this.workspace, id.group, release, this.ports.chart, request =>
          watch?.charts.push(withoutCredentials(request)),
        )
        const fileOf = (file: string): string => chartFile(loaded, file)
        try {
          const component = this.componentOf({ ...composed, composition }, id)
          return withOrigins(inflateRelease(release, loaded.chart, options, component), fileOf)
        } catch (thrown) {
          const errors = errorsIn(thrown).map(error => placedAt(withFiles(error, fileOf), release))
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

  /** The objects of a chart's crds/, which no value changes: the largest there are, and the same for many. */
  private crds(files: readonly CustomResourceFile[]): readonly OutputObject[] {
    const { cache } = this.ports
    if (cache === undefined || files.length === 0) return parseCrds(files)
    const named = files.map(({ path, text }) => [path, hash('sha256', text, 'hex')])
    const key = unitKey([cache.engine, this.format, 'crds', named])
    const known = recall(cache, key)
    if (known !== undefined) return known.crds
    const app = formed({ objects: [], crds: parseCrds(files), warnings: [] }, this.format, this.withNodes)
    if (app.crds.length > 0) keep(cache, key, app, { reads: [], charts: [], last: undefined })
    return app.crds
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

  /** What the site's cluster is said to be. */
  private capabilities(): Pick<InflateOptions, 'kubeVersion' | 'apiVersions'> {
    const { config } = this.workspace
    const own = this.site.settings
    return {
      kubeVersion: this.kubeVersion ?? own.kubeVersion ?? config.kubeVersion,
      apiVersions: own.apiVersions ?? config.apiVersions ?? [],
    }
  }

  /** Kustomizations reach what was fetched, and their helmCharts are rendered as releases are. */
  kustomizePorts(id: AppId, watch?: Watch): KustomizePorts {
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
}

/** What the engine has no place for (the release's own name, mostly) stands where the release does. */
function placedAt(error: DecapodError, { at }: Release): DecapodError {
  if (error.at !== undefined || at === undefined) return error
  const { code, message, notes, cause } = error
  const tooLong =
    code === 'RELEASE_NAME_INVALID' ? 'spec.releaseName gives it another name than the app has' : undefined
  return new DecapodError(code, message, { at, notes, hint: error.hint ?? tooLong, cause })
}

/** Objects whose origins are paths a person knows. */
function withOrigins(inflated: Inflated, fileOf: (file: string) => string): Inflated {
  const known = (objects: readonly OutputObject[]): OutputObject[] =>
    objects.map(object => {
      const at = object.at === undefined ? undefined : { ...object.at, file: fileOf(object.at.file) }
      return withOrigin(object, fileOf(object.origin), at)
    })
  return { ...inflated, objects: known(inflated.objects), crds: known(inflated.crds) }
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
