/**
 * What a commit would delete from a site, and whether that is meant: where Argo CD prunes, an object that is not
 * rendered any more is deleted in the cluster. A mistake (an empty values file, a lost release) must not get that far.
 */
import { DecapodError } from '../errors.ts'
import type { GoDict } from '../go/value.ts'
import type { ObjectName } from './change.ts'
import { nameOf } from './object-name.ts'
import { objectsOf } from './objects.ts'

/** How many objects of a site may go at once: a number of them, or a part of what the site has. */
export type DeletionBudget = { readonly count: number } | { readonly percent: number } | 'any'

export interface DeletionRules {
  readonly budget: DeletionBudget
  /** `Kind` or `Kind.group`: objects that are deleted only when told so in words. */
  readonly protected: readonly string[]
  /** The kinds the user has named: `Kind` or `Kind.group`, `*` for each. */
  readonly allowed: readonly string[]
}

/** A fifth of a site; a site is never so small that five objects of it are too many. */
export const defaultBudget: DeletionBudget = { percent: 20 }
const leastBudget = 5

/** Kinds whose deletion takes with it what no render brings back: data, custom resources, clusters, whole apps. */
export const defaultProtected: readonly string[] = [
  'Application.argoproj.io',
  'Cluster.cluster.x-k8s.io',
  'CustomResourceDefinition',
  'Namespace',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'StatefulSet',
]

type Files = ReadonlyMap<string, Uint8Array>

export interface DeletedObject extends ObjectName {
  /** The file it was in. */
  readonly path: string
}

/**
 * The objects of `before` that `after` has nowhere: an object that only moved to another file or app is not deleted, one
 * whose file now holds another object is. `before` needs only the files that change or go. A file that is no object
 * counts as one.
 */
export function deletedObjects(before: Files, after: Files): DeletedObject[] {
  const gone = new Map<string, DeletedObject>()
  for (const [path, bytes] of before) {
    const is = after.get(path)
    if (is !== undefined && Buffer.compare(is, bytes) === 0) continue
    for (const object of namesIn(path, bytes)) gone.set(keyOf(object), { ...object, path })
  }
  // Most commits delete nothing: the new tree is read only as far as it is needed.
  const [near, far] = split([...after.keys()], path => before.has(path) || !path.includes('/'))
  for (const path of [...near, ...far]) {
    if (gone.size === 0) break
    for (const object of namesIn(path, after.get(path)!)) gone.delete(keyOf(object))
  }
  return [...gone.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
}

function split<T>(items: readonly T[], first: (item: T) => boolean): [T[], T[]] {
  return [items.filter(first), items.filter(item => !first(item))]
}

function namesIn(path: string, bytes: Uint8Array): ObjectName[] {
  let objects: GoDict[] = []
  try {
    objects = objectsOf(bytes, path)
  } catch (error) {
    // What cannot be read cannot be compared: it counts by its file.
    if (!(error instanceof DecapodError)) throw error
  }
  const names = objects.map(nameOf).filter(name => name.kind !== '')
  return names.length > 0 ? names : [{ apiVersion: '', kind: 'file', namespace: undefined, name: path }]
}

function keyOf({ apiVersion, kind, namespace, name }: ObjectName): string {
  return JSON.stringify([groupOf(apiVersion), kind, namespace ?? '', name])
}

function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''
}

/**
 * DELETION_REFUSED when `deleted` of the `total` objects that a site had are more than the budget, or of a protected
 * kind that was not named; it lists them, and its hint says the words that allow it. Undefined when all is well.
 */
export function checkDeletions(
  site: string,
  deleted: readonly DeletedObject[],
  total: number,
  rules: DeletionRules,
): DecapodError | undefined {
  const shielded = deleted.filter(
    object => rules.protected.some(kind => isKind(object, kind)) && !rules.allowed.some(kind => isKind(object, kind)),
  )
  const most = budgetOf(rules.budget, total)
  const words: string[] = []
  const reasons: string[] = []
  if (deleted.length > most) {
    reasons.push(`${deleted.length} of ${total} objects would be deleted, and the budget is ${most}`)
    words.push(`--allow-deletions ${deleted.length}`)
  }
  if (shielded.length > 0) {
    const kinds = [...new Set(shielded.map(object => object.kind))].sort()
    reasons.push(
      `${shielded.length === 1 ? 'an object' : `${shielded.length} objects`} of a protected kind would be deleted: ${kinds.join(', ')}`,
    )
    words.push(`--allow-deletion-of ${kinds.join(',')}`)
  }
  if (reasons.length === 0) return undefined
  const listed = [...shielded, ...deleted.filter(object => !shielded.includes(object))]
  return new DecapodError('DELETION_REFUSED', `${site}: ${reasons.join('; ')}`, {
    notes: [
      ...listed.slice(0, 10).map(object => `- ${titleOf(object)}  (${object.path})`),
      ...(listed.length > 10 ? [`… and ${listed.length - 10} more`] : []),
    ],
    hint: `look at decapod diff ${site}; if it is meant, say so: ${words.join(' ')}`,
  })
}

/** How many objects may go. */
function budgetOf(budget: DeletionBudget, total: number): number {
  if (budget === 'any') return Number.POSITIVE_INFINITY
  if ('count' in budget) return budget.count
  return Math.max(leastBudget, Math.floor((total * budget.percent) / 100))
}

/** Reads `12`, `20%` or `all`; undefined for anything else. */
export function parseBudget(text: string): DeletionBudget | undefined {
  if (text === 'all') return 'any'
  const match = /^(\d{1,9})(%?)$/.exec(text)
  if (match === null) return undefined
  const number = Number(match[1])
  return match[2] === '' ? { count: number } : number <= 100 ? { percent: number } : undefined
}

/** `StatefulSet` is of any group, `Cluster.cluster.x-k8s.io` of that one. */
function isKind({ kind, apiVersion }: ObjectName, wanted: string): boolean {
  const dot = wanted.indexOf('.')
  if (dot === -1) return wanted === '*' || kind === wanted
  return kind === wanted.slice(0, dot) && groupOf(apiVersion) === wanted.slice(dot + 1)
}

function titleOf({ kind, namespace, name }: ObjectName): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`
}

/** The number of objects in a tree of one object per file: YAML files. */
export function countObjects(paths: Iterable<string>): number {
  let count = 0
  for (const path of paths) if (path.endsWith('.yaml') || path.endsWith('.yml')) count++
  return count
}
