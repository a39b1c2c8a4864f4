/** Which objects that are gone live on under another name, or in another namespace. */
import type { GoValue } from '../go/value.ts'
import type { RenderedObject } from './change.ts'
import { nameOf } from './object-name.ts'
import { isList, isMap } from './same-value.ts'

/** An object before and after it got another name. */
export type Rename = readonly [was: RenderedObject, is: RenderedObject]

/** So many pairs of a kind are compared by what they hold; beyond that nobody could follow. */
const mostPairs = 2_500
/** How much of what two objects hold must be the same. */
const leastLikeness = 0.75
/** Kustomize's hash of the content of ConfigMaps and Secrets. */
const hashSuffix = /-[bcdfghkmt2456789]{10}$/

/**
 * Pairs objects that are gone with objects that are new, of the same site, app and kind: those whose names differ in
 * Kustomize's hash alone, those of one name in another namespace, and those that hold nearly the same. Each has at most
 * one partner.
 */
export function findRenames(removed: readonly RenderedObject[], added: readonly RenderedObject[]): Rename[] {
  const places = new Map<string, { removed: RenderedObject[]; added: RenderedObject[] }>()
  for (const [list, side] of [
    [removed, 'removed'],
    [added, 'added'],
  ] as const) {
    for (const object of list) {
      const place = placeOf(object)
      const both = places.get(place) ?? { removed: [], added: [] }
      places.set(place, both)
      both[side].push(object)
    }
  }
  return [...places.values()].flatMap(({ removed: old, added: now }) => pair(old, now))
}

function placeOf({ site, group, app, value }: RenderedObject): string {
  const { apiVersion, kind } = nameOf(value)
  return JSON.stringify([site, group, app, apiVersion.split('/').slice(0, -1), kind])
}

function pair(removed: readonly RenderedObject[], added: readonly RenderedObject[]): Rename[] {
  if (removed.length === 0 || added.length === 0) return []
  const renames: Rename[] = []
  const free = new Set(added)
  const left = new Set(removed)
  const take = (was: RenderedObject, is: RenderedObject): void => {
    renames.push([was, is])
    free.delete(is)
    left.delete(was)
  }
  // A name that several of one side share says nothing.
  for (const key of [hashlessKey, nameKey]) {
    const now = uniqueBy(free, key)
    for (const [name, was] of uniqueBy(left, key)) {
      const is = now.get(name)
      if (is !== undefined) take(was, is)
    }
  }
  if (left.size * free.size > mostPairs) return renames
  const candidates = [...left].flatMap(was =>
    [...free].map(is => ({ was, is, likeness: likeness(was.value, is.value) })),
  )
  candidates.sort((a, b) => b.likeness - a.likeness)
  for (const { was, is, likeness: alike } of candidates) {
    if (alike < leastLikeness) break
    if (left.has(was) && free.has(is)) take(was, is)
  }
  return renames
}

function hashlessKey({ value }: RenderedObject): string | undefined {
  const { namespace, name } = nameOf(value)
  return hashSuffix.test(name) ? JSON.stringify([namespace, name.replace(hashSuffix, '')]) : undefined
}

function nameKey({ value }: RenderedObject): string {
  return nameOf(value).name
}

function uniqueBy(
  objects: Iterable<RenderedObject>,
  key: (object: RenderedObject) => string | undefined,
): Map<string, RenderedObject> {
  const found = new Map<string, RenderedObject | undefined>()
  for (const object of objects) {
    const name = key(object)
    if (name !== undefined) found.set(name, found.has(name) ? undefined : object)
  }
  return new Map([...found].filter((entry): entry is [string, RenderedObject] => entry[1] !== undefined))
}

type Value = ReadonlyMap<string, GoValue>

/** The part of two objects' fields that are the same, without what names them: 0 to 1. */
function likeness(a: Value, b: Value): number {
  const [old, now] = [leavesOf(a), leavesOf(b)]
  // Nothing to tell them by: two ServiceAccounts are not one for that.
  if (old.size === 0 || now.size === 0) return 0
  let same = 0
  for (const leaf of old) if (now.has(leaf)) same++
  return same / Math.max(old.size, now.size)
}

/** More of an object is not looked at. */
const mostLeaves = 2_000

/** `path=value` of each field below spec, data, rules and the like. */
function leavesOf(object: Value): Set<string> {
  const leaves = new Set<string>()
  const walk = (value: GoValue, path: string): void => {
    if (leaves.size >= mostLeaves) return
    if (isMap(value)) for (const [key, item] of value) walk(item, `${path}.${key}`)
    else if (isList(value)) for (const [i, item] of value.entries()) walk(item, `${path}.${i}`)
    else leaves.add(`${path}=${String(value)}`)
  }
  for (const [key, value] of object) {
    if (key !== 'apiVersion' && key !== 'kind' && key !== 'metadata') walk(value, key)
  }
  return leaves
}
