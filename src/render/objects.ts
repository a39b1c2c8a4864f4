/** The objects of rendered trees, read back from their files, for comparing. */
import type { GoDict } from '../go/value.ts'
import { parseValues } from '../yaml/values.ts'
import type { RenderedObject } from './change.ts'
import { sameValue } from './same-value.ts'

type Files = ReadonlyMap<string, Uint8Array>

/** What of one site's tree is to be compared: the objects of files that differ, and how many differ in form alone. */
export interface ChangedObjects {
  readonly before: readonly RenderedObject[]
  readonly after: readonly RenderedObject[]
  /** Files whose text differs while their objects do not: comments, the order of keys, quotes. */
  readonly formOnly: number
}

/**
 * The objects of the files in which two trees of a site differ; equal files are not read. `label` names the place of the
 * old files for a person. Throws YAML_PARSE naming the old file that is no YAML.
 */
export function changedObjects(site: string, before: Files, after: Files, label: string): ChangedObjects {
  const old: RenderedObject[] = []
  const now: RenderedObject[] = []
  let formOnly = 0
  for (const path of new Set([...before.keys(), ...after.keys()])) {
    if (!path.endsWith('.yaml') && !path.endsWith('.yml')) continue
    const [was, is] = [before.get(path), after.get(path)]
    if (was !== undefined && is !== undefined && Buffer.compare(was, is) === 0) continue
    const oldValues = was === undefined ? [] : objectsOf(was, `${label}/${site}/${path}`)
    const newValues = is === undefined ? [] : objectsOf(is, `${site}/${path}`)
    if (was !== undefined && is !== undefined && sameObjects(oldValues, newValues)) formOnly++
    else {
      for (const value of oldValues) old.push({ site, ...placeOf(path), path, value })
      for (const value of newValues) now.push({ site, ...placeOf(path), path, value })
    }
  }
  return { before: old, after: now, formOnly }
}

/** The objects a file holds. Throws YAML_PARSE; what is no map counts for nothing. */
export function objectsOf(bytes: Uint8Array, file: string): GoDict[] {
  return parseValues(new TextDecoder().decode(bytes), { file }).filter((value): value is GoDict => value instanceof Map)
}

function sameObjects(a: readonly GoDict[], b: readonly GoDict[]): boolean {
  return a.length === b.length && a.every((value, i) => sameValue(value, b[i]))
}

/** `<group>/<app>/<file>`; what lies higher, such as the objects of Argo CD, has no app. */
function placeOf(path: string): { group: string; app: string } {
  const [group = '', app = '', ...rest] = path.split('/')
  return { group, app: rest.length === 0 ? '' : app }
}
