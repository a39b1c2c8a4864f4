/** A rendered site as the rules of src/validate look at it: every object, where it goes, and where it comes from. */
import type { Position } from '../errors.ts'
import { defaultKubeVersion, parseKubeVersion } from '../helm/capabilities.ts'
import type { Site, Workspace } from '../site/workspace.ts'
import { type RenderedObject, SiteObjects } from '../validate/objects.ts'
import { parseNode } from '../yaml/parse.ts'
import { plannedApps, settingsOf } from './deliver.ts'
import { crdDirectory, idOf } from './output.ts'
import type { SiteResult } from './pipeline.ts'

/** Where the objects of a directory go, and what made them. */
interface Place {
  readonly namespace: string
  readonly target: 'workload' | 'admin'
  /** The release or the Kustomization. */
  readonly at: Position | undefined
}

/** The objects of a site that was rendered. `fileOf` says what a file below the site's directory is called. */
export function siteObjectsOf(
  workspace: Workspace,
  { site, files, objects, composed }: SiteResult,
  fileOf: (path: string) => string,
  kubeVersion: string | undefined,
): SiteObjects {
  const places = placesOf(composed)
  const rendered: RenderedObject[] = []
  for (const [path, object] of objects) {
    const bytes = files.get(path)
    const node =
      bytes === undefined ? undefined : parseNode(Buffer.from(bytes).toString('utf8'), { file: fileOf(path) })
    if (node?.kind !== 'map') continue
    const [group = '', app = ''] = path.split('/')
    const { namespace = 'default', target = 'workload', at } = places.get(`${group}/${app}`) ?? {}
    const { apiVersion, kind, name } = idOf(object)
    const originAt = object.at?.line === undefined ? at : object.at
    const { origin } = object
    rendered.push({
      group,
      app,
      apiVersion,
      kind,
      name,
      appNamespace: namespace,
      target,
      file: path,
      node,
      origin,
      originAt,
    })
  }
  return new SiteObjects(rendered, kubeMinor(workspace, site, kubeVersion))
}

function placesOf(composed: SiteResult['composed']): Map<string, Place> {
  const places = new Map<string, Place>()
  for (const composedGroup of composed) {
    const { group, releases, kustomizations, composition } = composedGroup
    const { name, settings } = group
    const at = new Map(
      [...releases, ...kustomizations].map(app => [app.app, placeIn(app.at, composition.fileOf)] as const),
    )
    for (const app of plannedApps(composedGroup)) {
      const target = settingsOf(settings, app.name).target ?? settings.target ?? 'workload'
      const own = settingsOf(settings, app.name).namespace ?? app.namespace
      places.set(`${name}/${app.name}`, { namespace: own, target, at: at.get(app.name) })
    }
    const target = settings.crds?.target ?? settings.target ?? 'workload'
    places.set(`${name}/${crdDirectory(name)}`, { namespace: 'default', target, at: undefined })
  }
  return places
}

function placeIn(at: Position | undefined, fileOf: (file: string) => string): Position | undefined {
  return at === undefined ? undefined : { ...at, file: fileOf(at.file) }
}

/** The minor release that the site's charts are rendered for. */
function kubeMinor(workspace: Workspace, site: Site, given: string | undefined): number {
  const text = given ?? site.settings.kubeVersion ?? workspace.config.kubeVersion
  const { major, minor } = text === undefined ? defaultKubeVersion : parseKubeVersion(text, 3)
  return major === '1' ? Number(minor) : Number.POSITIVE_INFINITY
}
