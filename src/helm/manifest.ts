/**
 * From rendered files to objects in the order of installation (Helm's pkg/releaseutil: manifest.go, manifest_sorter.go,
 * kind_sorter.go; Helm 4: pkg/release/v1/util).
 */
import { DecapodError, type Position } from '../errors.ts'
import { base } from '../go/path.ts'
import { trimSpace } from '../go/strings.ts'
import { isSpace } from '../go/unicode.ts'
import { compareStrings } from '../go/value.ts'
import { logLine } from './log-line.ts'
import { type ManifestHead, parseHead } from './manifest-head.ts'
import type { Semantics } from './semantics.ts'

/** One document of a rendered file. */
export interface Manifest {
  /** Name of the template it came from, as `# Source:` prints it. */
  readonly path: string
  /** As the template wrote it, without the separators around it. */
  readonly text: string
  readonly head: ManifestHead
}

export type HookEvent =
  | 'pre-install'
  | 'post-install'
  | 'pre-delete'
  | 'post-delete'
  | 'pre-upgrade'
  | 'post-upgrade'
  | 'pre-rollback'
  | 'post-rollback'
  | 'test'

export interface Hook extends Manifest {
  readonly events: readonly HookEvent[]
  readonly weight: number
  readonly deletePolicies: readonly string[]
}

export interface SortedManifests {
  readonly manifests: readonly Manifest[]
  readonly hooks: readonly Hook[]
}

const hookEvents: ReadonlyMap<string, HookEvent> = new Map<string, HookEvent>([
  ['pre-install', 'pre-install'],
  ['post-install', 'post-install'],
  ['pre-delete', 'pre-delete'],
  ['post-delete', 'post-delete'],
  ['pre-upgrade', 'pre-upgrade'],
  ['post-upgrade', 'post-upgrade'],
  ['pre-rollback', 'pre-rollback'],
  ['post-rollback', 'post-rollback'],
  ['test', 'test'],
  // Helm 2's name for tests.
  ['test-success', 'test'],
])

const installOrder = (
  'PriorityClass Namespace NetworkPolicy ResourceQuota LimitRange PodSecurityPolicy PodDisruptionBudget ServiceAccount ' +
  'Secret SecretList ConfigMap StorageClass PersistentVolume PersistentVolumeClaim CustomResourceDefinition ClusterRole ' +
  'ClusterRoleList ClusterRoleBinding ClusterRoleBindingList Role RoleList RoleBinding RoleBindingList Service DaemonSet ' +
  'Pod ReplicationController ReplicaSet Deployment HorizontalPodAutoscaler StatefulSet Job CronJob IngressClass Ingress ' +
  'APIService'
).split(' ')

/** Where a kind stands in the order of installation; Helm 4 added the last two. */
const ranks: Readonly<Record<Semantics, ReadonlyMap<string, number>>> = {
  3: new Map(installOrder.map((kind, i) => [kind, i])),
  4: new Map(
    [...installOrder, 'MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'].map((kind, i) => [kind, i]),
  ),
}

/**
 * Splits rendered files (template name → text) into documents, takes the hooks out and sorts both by kind; equal kinds
 * keep the order of file names and documents. Partials and blank files give nothing; hooks of an unknown event are
 * dropped with a warning. Throws DecapodError MANIFEST_INVALID for what is not YAML, or not an object.
 */
export function sortManifests(
  files: ReadonlyMap<string, string>,
  semantics: Semantics,
  warn: (message: string) => void,
): SortedManifests {
  const manifests: Manifest[] = []
  const hooks: Hook[] = []
  for (const path of [...files.keys()].sort(compareStrings)) {
    if (base(path).startsWith('_')) continue
    const file = files.get(path)!
    for (const text of splitManifests(file, semantics)) {
      const head = readHead(path, text, file, semantics)
      const events = head.annotations.get('helm.sh/hook')
      if (events === undefined) {
        manifests.push({ path, text, head })
        continue
      }
      const hook = readHook({ path, text, head }, events)
      if (hook !== undefined) hooks.push(hook)
      else if (semantics === 4) warn(logLine('skipping unknown hooks', { hookTypes: events }))
      else warn(`info: skipping unknown hook: ${JSON.stringify(events)}`)
    }
  }
  return { manifests: sortByKind(manifests, semantics), hooks: sortByKind(hooks, semantics) }
}

function readHead(path: string, text: string, file: string, semantics: Semantics): ManifestHead {
  try {
    return parseHead(text, path, semantics)
  } catch (error) {
    if (!(error instanceof DecapodError)) throw error
    throw new DecapodError('MANIFEST_INVALID', `YAML parse error on ${path}: ${error.message}`, {
      at: { file: path },
      notes: renderedLine(error.at, text, file),
      hint: 'decapod template --debug prints all that the chart rendered',
      cause: error,
    })
  }
}

/** The line of a rendered file at a place in one of its documents: the template has other lines. */
function renderedLine(at: Position | undefined, text: string, file: string): string[] {
  if (at?.line === undefined) return []
  const line = text.split('\n')[at.line - 1]
  const before = file.slice(0, Math.max(0, file.indexOf(text))).split('\n').length - 1
  return line === undefined ? [] : [`line ${before + at.line} of what it rendered: ${line.trim().slice(0, 200)}`]
}

function readHook(manifest: Manifest, events: string): Hook | undefined {
  const known: HookEvent[] = []
  for (const name of events.split(',')) {
    const event = hookEvents.get(trimSpace(name).toLowerCase())
    if (event === undefined) return undefined
    known.push(event)
  }
  const { annotations } = manifest.head
  const weight = annotations.get('helm.sh/hook-weight') ?? ''
  return {
    ...manifest,
    events: known,
    weight: /^[+-]?[0-9]+$/.test(weight) ? Number(weight) : 0,
    deletePolicies: (annotations.get('helm.sh/hook-delete-policy') ?? '')
      .split(',')
      .map(policy => trimSpace(policy).toLowerCase())
      .filter(policy => policy !== ''),
  }
}

/** Known kinds in their order, then unknown ones by name. */
function sortByKind<T extends Manifest>(manifests: T[], semantics: Semantics): T[] {
  const rank = ranks[semantics]
  return manifests.sort((a, b) => {
    const first = rank.get(a.head.kind)
    const second = rank.get(b.head.kind)
    if (first !== undefined && second !== undefined) return first - second
    if (first !== undefined) return -1
    if (second !== undefined) return 1
    return compareStrings(a.head.kind, b.head.kind)
  })
}

/** The documents of a rendered file, blanks around them removed as the Helm version does. */
export function splitManifests(text: string, semantics: Semantics): string[] {
  return semantics === 4 ? splitLines(text) : splitBlanks(trimSpace(text))
}

/** Helm 4: a separator is `---` at the start of a line and the blanks after it; only leading space goes. */
function splitLines(text: string): string[] {
  const documents: string[] = []
  const add = (from: number, to: number): void => {
    const first = skipSpace(text, from)
    if (first < to) documents.push(text.slice(first, to))
  }
  const nextSeparator = (from: number): number => {
    const at = text.indexOf('\n---', from)
    return at === -1 ? -1 : at + 1
  }
  let start = skipSpace(text, 0)
  for (let at = text.startsWith('---', start) ? start : nextSeparator(start); at !== -1; at = nextSeparator(start)) {
    add(start, at)
    start = at + 3
    while (text[start] === ' ' || text[start] === '\t') start++
  }
  add(start, text.length)
  return documents
}

/**
 * Helm 3: `(?:^|\s*\n)---\s*` on trimmed text. The separator takes all space after it, so a second one right behind it
 * has no line break left to start with and stays as text.
 */
function splitBlanks(text: string): string[] {
  const documents: string[] = []
  let start = 0
  const add = (end: number): void => {
    if (end > start) documents.push(trimSpace(text.slice(start, end)))
  }
  const skip = (from: number): number => {
    let at = from
    while (isAsciiSpace(text.charCodeAt(at))) at++
    return at
  }
  if (text.startsWith('---')) start = skip(3)
  for (;;) {
    const at = text.indexOf('\n---', start)
    if (at === -1) break
    let end = at
    while (end > start && isAsciiSpace(text.charCodeAt(end - 1))) end--
    add(end)
    start = skip(at + 4)
  }
  add(text.length)
  return documents
}

/** RE2's \s. */
function isAsciiSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x09 || code === 0x0d || code === 0x0c
}

function skipSpace(text: string, from: number): number {
  let at = from
  while (at < text.length && isSpace(text[at]!)) at++
  return at
}
