/** Objects that two apps of a site bring: Argo CD applies now the one, now the other, and prunes them with either. */
import { DecapodError } from '../errors.ts'
import { kindFields } from '../k8s/field-types.ts'
import { isBuiltinGroup, scopeOf } from '../k8s/kinds.ts'
import { placeOfSite, type Site, type Workspace } from '../site/workspace.ts'
import { groupOf } from '../validate/objects.ts'
import { isExempt } from '../validate/policy.ts'
import type { ComposedGroup } from './compose.ts'
import { idOf, type OutputObject } from './output.ts'
import { placesOf } from './places.ts'

/** Told of by this many files; `decapod validate` names them all. */
const shown = 10

/**
 * One warning for all objects of which two apps of one cluster have one, undefined where there are none. What lives in
 * the namespace of its app, and is of a kind that Kubernetes does not know, is left to `decapod validate`, which reads
 * the site's CRDs.
 */
export function sharedObjectsOf(
  workspace: Workspace,
  site: Site,
  groups: readonly ComposedGroup[],
  objects: ReadonlyMap<string, OutputObject>,
): DecapodError | undefined {
  const policy = workspace.config.validate
  if (policy.rules['duplicate'] === 'off') return undefined
  const places = placesOf(groups)
  const first = new Map<string, string>()
  const pairs: string[] = []
  for (const [file, object] of objects) {
    const { apiVersion, kind, name, namespace } = idOf(object)
    const [group = '', app = ''] = file.split('/')
    const place = places.get(`${group}/${app}`)
    const scope = kindFields(apiVersion, kind)?.scope ?? scopeOf(apiVersion, kind)
    if (scope === undefined && namespace === '' && !isBuiltinGroup(apiVersion)) continue
    const where = scope === 'Cluster' ? '' : namespace === '' ? (place?.namespace ?? 'default') : namespace
    const key = JSON.stringify([place?.target, groupOf(apiVersion), kind, where, name])
    const other = first.get(key)
    if (other === undefined) first.set(key, file)
    else if (!isExempt(policy, 'duplicate', site.name, { file })) pairs.push(`${file} and ${other}`)
  }
  if (pairs.length === 0) return undefined
  const what = pairs.length === 1 ? 'an object is in two apps' : `${pairs.length} objects are in two apps each`
  const more = pairs.length > shown ? [`and ${pairs.length - shown} more`] : []
  return new DecapodError('OUTPUT_CONFLICT', `${site.name}: ${what}, which will fight for it in the cluster`, {
    at: { file: placeOfSite(workspace, site).file },
    hint: 'leave one of the two out, or give it another name; `decapod validate` says more',
    notes: [...pairs.slice(0, shown), ...more],
  })
}
