/** Where the objects of a site's apps go: cluster, namespace; and what brings them. */
import type { Position } from '../errors.ts'
import type { ComposedGroup } from './compose.ts'
import { plannedApps, settingsOf } from './deliver.ts'
import { crdDirectory } from './output.ts'

/** Where the objects of a directory go, and what made them. */
export interface Place {
  readonly namespace: string
  readonly target: 'workload' | 'admin'
  /** The release or the Kustomization. */
  readonly at: Position | undefined
}

/** The place of every app of the groups (`group/app`), and of the groups' CRDs. */
export function placesOf(composed: readonly ComposedGroup[]): Map<string, Place> {
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
