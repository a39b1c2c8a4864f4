/**
 * What changed between two renderings, by object and field rather than by line: a reader sees which Deployment got
 * another image, not that line 48 moved. Pure: objects in, changes out; diff-format.ts prints them.
 */
import type { GoValue } from '../go/value.ts'
import type { FieldChange, ObjectChange, RenderedObject } from './change.ts'
import { nameOf } from './object-name.ts'
import { findRenames } from './renames.ts'
import { renameRisks, risksOf } from './risks.ts'
import { isList, isMap, sameValue } from './same-value.ts'

/**
 * Compares two renderings. Objects are matched by site, group, API group, kind, namespace and name (so a changed
 * version of an API is a changed field); a change that several sites share becomes one ObjectChange. Order: group,
 * app, kind, name.
 */
export function diffObjects(before: Iterable<RenderedObject>, after: Iterable<RenderedObject>): ObjectChange[] {
  const old = new Map<string, RenderedObject>()
  for (const object of before) old.set(identity(object), object)
  const shared = new Map<string, { change: Omit<ObjectChange, 'sites'>; sites: string[] }>()
  const note = (change: Omit<ObjectChange, 'sites'>, site: string): void => {
    const key = fingerprint(change)
    const known = shared.get(key)
    if (known === undefined) shared.set(key, { change, sites: [site] })
    else known.sites.push(site)
  }
  const added: RenderedObject[] = []
  for (const object of after) {
    const key = identity(object)
    const was = old.get(key)
    old.delete(key)
    if (was === undefined) added.push(object)
    else {
      const fields = diffValues(was.value, object.value)
      if (fields.length > 0) {
        const name = nameOf(object.value)
        note(
          {
            type: 'changed',
            object: name,
            group: object.group,
            app: object.app,
            fields,
            risks: risksOf('changed', name, fields, was.value, object.value),
          },
          object.site,
        )
      }
    }
  }
  const removed = [...old.values()]
  const renames = findRenames(removed, added)
  for (const [was, is] of renames) note(renamedObject(was, is), is.site)
  const paired = new Set(renames.flat())
  for (const object of added) if (!paired.has(object)) note(wholeObject('added', object), object.site)
  for (const object of removed) if (!paired.has(object)) note(wholeObject('removed', object), object.site)
  return [...shared.values()].map(({ change, sites }) => ({ ...change, sites: sites.sort() })).sort(byPlace)
}

function wholeObject(type: 'added' | 'removed', { value, group, app }: RenderedObject): Omit<ObjectChange, 'sites'> {
  const object = nameOf(value)
  const [before, after] = type === 'added' ? [undefined, value] : [value, undefined]
  return { type, object, group, app, fields: [], risks: risksOf(type, object, [], before, after) }
}

function renamedObject(from: RenderedObject, { value, group, app }: RenderedObject): Omit<ObjectChange, 'sites'> {
  const [was, object] = [nameOf(from.value), nameOf(value)]
  const fields = diffValues(from.value, value).filter(({ path }) => !naming.has(path.join('.')))
  const risks = renameRisks(was, object, fields, from.value, value)
  return { type: 'renamed', was, object, group, app, fields, risks }
}

/** Fields whose change is what a renamed object's title says. */
const naming: ReadonlySet<string> = new Set(['metadata.name', 'metadata.namespace'])

function identity({ site, group, value }: RenderedObject): string {
  const { apiVersion, kind, namespace, name } = nameOf(value)
  const apiGroup = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''
  return JSON.stringify([site, group, apiGroup, kind, namespace ?? '', name])
}

/** Changes with the same fingerprint are the same change in another site. */
function fingerprint({ type, was, object, group, app, fields }: Omit<ObjectChange, 'sites'>): string {
  return JSON.stringify([type, was, object, group, app, fields.map(f => [f.path, plain(f.before), plain(f.after)])])
}

function byPlace(a: ObjectChange, b: ObjectChange): number {
  const key = ({ group, app, object, sites }: ObjectChange): string =>
    [group, app, object.kind, object.namespace ?? '', object.name, sites[0] ?? ''].join('\0')
  const [x, y] = [key(a), key(b)]
  return x < y ? -1 : x > y ? 1 : 0
}

/** Every field in which two values differ, deepest first: a map that differs in one key gives one change. */
export function diffValues(before: GoValue | undefined, after: GoValue | undefined): FieldChange[] {
  const changes: FieldChange[] = []
  compare(before, after, [], changes)
  return changes
}

function compare(
  before: GoValue | undefined,
  after: GoValue | undefined,
  path: readonly string[],
  changes: FieldChange[],
): void {
  if (isMap(before) && isMap(after)) {
    for (const key of new Set([...before.keys(), ...after.keys()])) {
      compare(before.get(key), after.get(key), [...path, key], changes)
    }
  } else if (isList(before) && isList(after)) compareLists(before, after, path, changes)
  else if (!sameValue(before, after)) changes.push({ path, before, after })
}

/** Fields by which the items of Kubernetes lists are told apart, the usual one first. */
const itemKeys = ['name', 'key', 'mountPath', 'containerPort', 'port', 'ip', 'host', 'topologyKey', 'type'] as const

/** Lists of maps with a telling key are compared item by item; others by what was added and removed between equal ends. */
function compareLists(
  before: readonly GoValue[],
  after: readonly GoValue[],
  path: readonly string[],
  changes: FieldChange[],
): void {
  const key = itemKeys.find(k => isKeyed(before, k) && isKeyed(after, k))
  if (key !== undefined && before.length + after.length > 0) {
    const label = (item: GoValue): string => `[${key}=${text((item as ReadonlyMap<string, GoValue>).get(key))}]`
    const old = new Map(before.map(item => [label(item), item] as const))
    const now = new Map(after.map(item => [label(item), item] as const))
    const known = changes.length
    for (const k of new Set([...old.keys(), ...now.keys()])) compare(old.get(k), now.get(k), [...path, k], changes)
    const moved = changes.length === known && [...old.keys()].join('\0') !== [...now.keys()].join('\0')
    // Only the order changed: that is a change too (init containers, env with references).
    if (moved) changes.push({ path, before, after })
    return
  }
  let start = 0
  while (start < before.length && start < after.length && sameValue(before[start], after[start])) start++
  let end = 0
  while (
    end < before.length - start &&
    end < after.length - start &&
    sameValue(before[before.length - 1 - end], after[after.length - 1 - end])
  )
    end++
  const length = Math.max(before.length, after.length) - end
  for (let i = start; i < length; i++) {
    const was = i < before.length - end ? before[i] : undefined
    const is = i < after.length - end ? after[i] : undefined
    compare(was, is, [...path, `[${i}]`], changes)
  }
}

function isKeyed(items: readonly GoValue[], key: string): boolean {
  const seen = new Set<string>()
  for (const item of items) {
    if (!isMap(item)) return false
    const value = item.get(key)
    if (typeof value !== 'string' && typeof value !== 'number') return false
    const label = text(value)
    if (seen.has(label)) return false
    seen.add(label)
  }
  return true
}

function text(v: GoValue | undefined): string {
  return typeof v === 'string' ? v : String(v)
}

/** A value as JSON data, maps with their keys sorted. */
export function plain(v: GoValue | undefined): unknown {
  if (isMap(v))
    return Object.fromEntries([...v].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, plain(item)]))
  if (isList(v)) return v.map(plain)
  if (typeof v === 'bigint') return Number(v)
  return v
}
