/** The order of a delivery: what waits for what, as sync waves and as the edges of a workflow DAG. */
import { DecapodError, DecapodErrors, nearest, type Position } from '../errors.ts'
import type { Delivery, DeliveryApp, DeliveryCrds, DeliveryGroup, DeliveryNode, DeliveryStep, Target } from './model.ts'
import { prefixed } from './names.ts'

/** The wave of CRDs that wait for nothing. Apps begin at 0. */
const crdWave = -1

/** A node before its order is known. */
interface Draft {
  readonly id: string
  readonly name: string
  readonly group: DeliveryGroup
  readonly part:
    | { kind: 'app'; app: DeliveryApp }
    | { kind: 'crds'; crds: DeliveryCrds }
    | { kind: 'step'; step: DeliveryStep }
  readonly target: Target
  readonly selected: boolean
  readonly at: Position | undefined
  /** Direct dependencies, selected or not. */
  readonly edges: Set<string>
}

/**
 * Orders a delivery: each node comes after all it depends on, otherwise in the order given. Dependencies come from
 * `dependsOn` of apps, steps, CRDs and groups; the apps of a group also wait for the group's CRDs where both go to the
 * same cluster. An app that `when` leaves out, or that is empty, is left out here too, and what waited for it waits for what it waited
 * for; so are steps, when asked for.
 *
 * Throws WORKFLOW_INVALID for names that do not exist, for two nodes of one name, and for a cycle, which it names.
 */
export function orderDelivery(delivery: Delivery, leaveOut: 'steps' | 'nothing' = 'nothing'): readonly DeliveryNode[] {
  const drafts = draftNodes(delivery, leaveOut === 'steps')
  connect(delivery, drafts)
  const nodes = finish(sortNodes(drafts))
  checkNames(delivery, nodes)
  return nodes
}

/**
 * The Application objects of a site share one namespace. Apps of one name in different groups are told apart by their
 * group (siteName); what is left are names that differ in case only, that read like a group and an app of it, or that
 * the site's app of apps has.
 */
function checkNames(delivery: Delivery, nodes: readonly DeliveryNode[]): void {
  const seen = new Map<string, DeliveryNode>()
  const errors: DecapodError[] = []
  for (const node of nodes) {
    if (node.kind === 'step') continue
    const name = prefixed(delivery, node.siteName).toLowerCase()
    const other = seen.get(name)
    if (other === undefined) seen.set(name, node)
    const first = other !== undefined ? `"${other.id}"` : name === delivery.site.toLowerCase() ? 'the site' : undefined
    if (first === undefined) continue
    errors.push(
      new DecapodError('WORKFLOW_INVALID', `${first} and "${node.id}" would both be the Application "${name}"`, {
        at: node.kind === 'app' ? node.app.at : node.group.at,
        hint: 'Applications of a site share one namespace; rename one of the two, or set a prefix under delivery:',
      }),
    )
  }
  if (errors.length > 0) throw new DecapodErrors(errors)
}

/** How many groups have a part of each name that becomes an Application; Kubernetes tells no cases apart. */
function countNames(drafts: readonly Draft[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { name, part, selected } of drafts) {
    if (!selected || part.kind === 'step') continue
    const lower = name.toLowerCase()
    counts.set(lower, (counts.get(lower) ?? 0) + 1)
  }
  return counts
}

/** Whether a site with these labels takes part: each label of `when` must be there with that very value. */
export function isSelected(
  when: Readonly<Record<string, string>> | undefined,
  labels: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(when ?? {}).every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value)
}

/** The name of a group's CRD directory and node, as decapod-manifests has it: `lma-CRD`. */
export function crdsName(group: string): string {
  return `${group}-CRD`
}

function draftNodes(delivery: Delivery, withoutSteps: boolean): Map<string, Draft> {
  const drafts = new Map<string, Draft>()
  const errors: DecapodError[] = []
  const add = (draft: Omit<Draft, 'edges' | 'id'>): void => {
    const id = `${draft.group.name}/${draft.name}`
    if (drafts.has(id)) {
      errors.push(
        new DecapodError('WORKFLOW_INVALID', `group "${draft.group.name}" has two parts named "${draft.name}"`, {
          at: draft.at,
          hint: 'apps and steps of a group share their names; rename one',
        }),
      )
    } else drafts.set(id, { ...draft, id, edges: new Set() })
  }
  for (const group of delivery.groups) {
    if (group.crds !== undefined) {
      add({
        name: crdsName(group.name),
        group,
        part: { kind: 'crds', crds: group.crds },
        target: group.crds.target ?? 'workload',
        selected: true,
        at: group.at,
      })
    }
    for (const app of group.apps) {
      add({
        name: app.name,
        group,
        part: { kind: 'app', app },
        target: app.target ?? 'workload',
        selected: app.isEmpty !== true && isSelected(app.when, delivery.labels),
        at: app.at,
      })
    }
    for (const step of group.steps ?? []) {
      add({
        name: step.name,
        group,
        part: { kind: 'step', step },
        target: 'admin',
        selected: !withoutSteps && isSelected(step.when, delivery.labels),
        at: step.at,
      })
    }
  }
  if (errors.length > 0) throw new DecapodErrors(errors)
  return drafts
}

/** Draws every edge, collecting the names that lead nowhere. */
function connect(delivery: Delivery, drafts: ReadonlyMap<string, Draft>): void {
  const absent = new Set(delivery.absent ?? [])
  const members = new Map<string, Draft[]>(delivery.groups.map(g => [g.name, []]))
  for (const draft of drafts.values()) members.get(draft.group.name)!.push(draft)
  const errors: DecapodError[] = []
  connectParts(drafts, absent, errors)
  connectCrds(members, drafts)
  connectGroups(delivery.groups, members, absent, errors)
  if (errors.length > 0) throw new DecapodErrors(errors)
}

/** The `dependsOn` of apps, steps and CRDs. */
function connectParts(drafts: ReadonlyMap<string, Draft>, absent: ReadonlySet<string>, errors: DecapodError[]): void {
  const byName = new Map<string, string[]>()
  for (const draft of drafts.values()) {
    const ids = byName.get(draft.name)
    if (ids === undefined) byName.set(draft.name, [draft.id])
    else ids.push(draft.id)
  }
  for (const { id, group, part, edges, at } of drafts.values()) {
    const { dependsOn } = part.kind === 'app' ? part.app : part.kind === 'step' ? part.step : part.crds
    for (const name of dependsOn ?? []) {
      const found = resolve(name, group.name, drafts, byName)
      if (found.length === 1) edges.add(found[0]!)
      else if (found.length > 1) {
        const hint = `write one of ${found.join(', ')}`
        const message = `"${id}" depends on "${name}", which several groups have`
        errors.push(new DecapodError('WORKFLOW_INVALID', message, { at, hint }))
      } else if (!isAbsent(name, group.name, absent)) {
        const hint = hintFor(name, name.includes('/') ? drafts.keys() : byName.keys())
        const message = `"${id}" depends on "${name}", which does not exist`
        errors.push(new DecapodError('WORKFLOW_INVALID', message, { at, hint }))
      }
    }
  }
}

/** Apps come after their group's CRDs, except those that the CRDs themselves wait for. */
function connectCrds(members: ReadonlyMap<string, readonly Draft[]>, drafts: ReadonlyMap<string, Draft>): void {
  for (const [group, all] of members) {
    const crds = drafts.get(`${group}/${crdsName(group)}`)
    if (crds === undefined) continue
    const before = ancestors(crds, drafts)
    for (const draft of all) {
      if (draft !== crds && draft.target === crds.target && !before.has(draft.id)) draft.edges.add(crds.id)
    }
  }
}

/** The `dependsOn` of groups: the first parts of a group wait for the last parts of the other. */
function connectGroups(
  all: readonly DeliveryGroup[],
  members: ReadonlyMap<string, readonly Draft[]>,
  absent: ReadonlySet<string>,
  errors: DecapodError[],
): void {
  const groups = new Map(all.map(g => [g.name, g] as const))
  // An empty group stands for the groups it waits for.
  const lastParts = (name: string, asking: readonly string[]): readonly Draft[] => {
    const parts = members.get(name)!
    if (parts.length === 0 && !asking.includes(name)) {
      const further = groups.get(name)!.dependsOn ?? []
      return further.filter(g => groups.has(g)).flatMap(g => lastParts(g, [...asking, name]))
    }
    const waitedFor = new Set(parts.flatMap(d => [...d.edges]))
    return parts.filter(d => !waitedFor.has(d.id))
  }
  // Both are read off before the first edge between groups is drawn.
  const last = new Map(all.map(g => [g.name, lastParts(g.name, [])] as const))
  const first = new Map(
    all.map(g => {
      const parts = members.get(g.name)!
      return [g.name, parts.filter(d => ![...d.edges].some(e => e.startsWith(`${g.name}/`)))] as const
    }),
  )
  for (const group of all) {
    for (const name of group.dependsOn ?? []) {
      if (groups.has(name)) {
        for (const draft of first.get(group.name)!) for (const other of last.get(name)!) draft.edges.add(other.id)
      } else if (!absent.has(name)) {
        const hint = hintFor(name, groups.keys())
        const message = `group "${group.name}" depends on "${name}", which does not exist`
        errors.push(new DecapodError('WORKFLOW_INVALID', message, { at: group.at, hint }))
      }
    }
  }
}

/** The ids a name may mean: itself with a group, the group's own part, else the parts of that name elsewhere. */
function resolve(
  name: string,
  group: string,
  drafts: ReadonlyMap<string, Draft>,
  byName: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  if (name.includes('/')) return drafts.has(name) ? [name] : []
  return drafts.has(`${group}/${name}`) ? [`${group}/${name}`] : (byName.get(name) ?? [])
}

function isAbsent(name: string, group: string, absent: ReadonlySet<string>): boolean {
  if (name.includes('/')) return absent.has(name) || absent.has(name.slice(0, name.indexOf('/')))
  if (absent.has(`${group}/${name}`)) return true
  for (const id of absent) if (id.endsWith(`/${name}`)) return true
  return false
}

function hintFor(name: string, candidates: Iterable<string>): string | undefined {
  const near = nearest(name, candidates)
  return near === undefined ? undefined : `did you mean "${near}"?`
}

function ancestors(of: Draft, drafts: ReadonlyMap<string, Draft>): Set<string> {
  const seen = new Set<string>()
  const todo = [...of.edges]
  for (let id = todo.pop(); id !== undefined; id = todo.pop()) {
    if (seen.has(id)) continue
    seen.add(id)
    todo.push(...drafts.get(id)!.edges)
  }
  return seen
}

/** Depth first, dependencies before dependents, without recursion: a chain may be as long as a site has apps. */
function sortNodes(drafts: ReadonlyMap<string, Draft>): Draft[] {
  const sorted: Draft[] = []
  const state = new Map<string, 'open' | 'done'>()
  for (const root of drafts.values()) {
    const path: { draft: Draft; edges: Iterator<string> }[] = []
    const enter = (draft: Draft): void => {
      state.set(draft.id, 'open')
      path.push({ draft, edges: draft.edges.values() })
    }
    if (!state.has(root.id)) enter(root)
    while (path.length > 0) {
      const top = path.at(-1)!
      const next = top.edges.next()
      if (next.done === true) {
        state.set(top.draft.id, 'done')
        sorted.push(top.draft)
        path.pop()
      } else if (state.get(next.value) === 'open') {
        throw cycle(
          path.map(p => p.draft),
          next.value,
        )
      } else if (!state.has(next.value)) enter(drafts.get(next.value)!)
    }
  }
  return sorted
}

function cycle(path: readonly Draft[], back: string): DecapodError {
  const ids = path.map(d => d.id)
  const round = [...ids.slice(ids.indexOf(back)), back]
  return new DecapodError('WORKFLOW_INVALID', `dependencies form a cycle: ${round.join(' -> ')}`, {
    at: path.at(-1)!.at,
    hint: 'each "->" reads "waits for"; remove one dependsOn of the cycle',
  })
}

/** Leaves out what is not selected, bridging over it; drops edges that others imply; counts waves. */
function finish(sorted: readonly Draft[]): DeliveryNode[] {
  /** What stands for a node as somebody's dependency: itself, or for one left out, what it waits for. */
  const standsFor = new Map<string, readonly string[]>()
  /** Everything a node waits for, directly or not. */
  const before = new Map<string, ReadonlySet<string>>()
  const waves = new Map<string, number>()
  const counts = countNames(sorted)
  const nodes: DeliveryNode[] = []
  for (const { id, name, group, part, selected, edges } of sorted) {
    const direct = [...new Set([...edges].flatMap(edge => standsFor.get(edge)!))]
    const dependsOn = direct.filter(d => !direct.some(other => before.get(other)!.has(d)))
    standsFor.set(id, selected ? [id] : dependsOn)
    if (!selected) continue
    before.set(id, new Set(dependsOn.flatMap(d => [d, ...before.get(d)!])))
    let wave = part.kind === 'app' ? (part.app.wave ?? 0) : crdWave
    for (const d of dependsOn) wave = Math.max(wave, waves.get(d)! + (part.kind === 'step' ? 0 : 1))
    waves.set(id, wave)
    const siteName = (counts.get(name.toLowerCase()) ?? 0) > 1 ? `${group.name}-${name}` : name
    nodes.push({ id, name, siteName, group, dependsOn, wave, ...part })
  }
  return nodes
}
