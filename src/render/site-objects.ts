/** A rendered site as the rules of src/validate look at it: every object, where it goes, and where it comes from. */
import { defaultKubeVersion, parseKubeVersion } from '../helm/capabilities.ts'
import type { Site, Workspace } from '../site/workspace.ts'
import { type RenderedObject, SiteObjects } from '../validate/objects.ts'
import { parseNode } from '../yaml/parse.ts'
import { idOf } from './output.ts'
import type { SiteResult } from './pipeline.ts'
import { placesOf } from './places.ts'

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

/** The minor release that the site's charts are rendered for. */
function kubeMinor(workspace: Workspace, site: Site, given: string | undefined): number {
  const text = given ?? site.settings.kubeVersion ?? workspace.config.kubeVersion
  const { major, minor } = text === undefined ? defaultKubeVersion : parseKubeVersion(text, 3)
  return major === '1' ? Number(minor) : Number.POSITIVE_INFINITY
}
