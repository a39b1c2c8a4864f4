/** Names of the objects that deliver a site. Kubernetes takes lower case only; directories keep theirs. */
import { DecapodError, type Position } from '../errors.ts'
import type { Delivery, DeliveryNode } from './model.ts'

/** Where Argo CD lives unless the site says otherwise: the namespace decapod-bootstrap installs it in. */
export function argoNamespace(delivery: Pick<Delivery, 'argoNamespace'>): string {
  return delivery.argoNamespace ?? 'argo'
}

/**
 * `[prefix-]<app>`, in lower case (`lma-CRD` becomes `lma-crd`); `[prefix-]<group>-<app>` where several groups of the
 * site have an app of that name. Throws WORKFLOW_INVALID for what cannot be a name.
 */
export function applicationName(delivery: Delivery, node: DeliveryNode): string {
  return objectName(prefixed(delivery, node.siteName), 'app', node.kind === 'app' ? node.app.at : node.group.at)
}

/** The group's AppProject: its own `project`, else `[prefix-]<group>`. */
export function projectName(delivery: Delivery, group: DeliveryNode['group']): string {
  return objectName(group.project ?? prefixed(delivery, group.name), 'group', group.at)
}

/**
 * The value of the label `app`, by which all Applications of a group are selected: `[prefix-]<group>`. Throws
 * WORKFLOW_INVALID for what cannot be a label.
 */
export function groupLabel(delivery: Delivery, group: DeliveryNode['group']): string {
  return labelValue(prefixed(delivery, group.name), 'group', group.at)
}

/** The cluster, by its name in Argo CD, that a node goes to. */
export function clusterOf(delivery: Delivery, node: DeliveryNode): string {
  const target = node.kind === 'app' ? node.app.target : node.kind === 'crds' ? node.crds.target : 'admin'
  return target === 'admin' ? (delivery.adminCluster ?? 'in-cluster') : delivery.cluster
}

/**
 * A name as Kubernetes takes it (RFC 1123 subdomain), lower-cased. Throws WORKFLOW_INVALID where that is not enough.
 */
export function objectName(name: string, what: string, at?: Position): string {
  const lower = name.toLowerCase()
  if (lower.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(lower))
    return lower
  throw new DecapodError('WORKFLOW_INVALID', `${what} "${name}" cannot be the name of an Argo CD object`, {
    at,
    hint: 'use lower-case letters, digits, "-" and ".", beginning and ending with a letter or digit',
  })
}

/** A text as Kubernetes takes it for a label's value. Throws WORKFLOW_INVALID for any other. */
export function labelValue(text: string, what: string, at?: Position): string {
  if (text.length <= 63 && /^[a-zA-Z0-9]([-a-zA-Z0-9_.]*[a-zA-Z0-9])?$/.test(text)) return text
  throw new DecapodError('WORKFLOW_INVALID', `${what} "${text}" cannot be the value of a label`, {
    at,
    hint: 'labels take 63 letters, digits, "-", "_" and ".": choose a shorter name, or a shorter delivery.prefix',
  })
}

/** Names of tasks are no longer than this, with what is put before them (argo-workflows, workflow/validate: 128). */
const longestTask = 100

/** A name as tasks of a DAG take it: letters, digits, "-", and the first no "-" (argo-workflows, workflow/validate). */
export function taskName(name: string): string {
  return (
    name
      .replace(/[^a-zA-Z0-9-]/g, '-')
      .replace(/^-+/, '')
      .slice(0, longestTask) || 'task'
  )
}

/**
 * A task name for each key, from the name beside it; none twice and none of `taken`: names that differ only in
 * characters that tasks do not take, or beyond the length they take, are numbered.
 */
export function taskNames(
  names: Iterable<readonly [key: string, name: string]>,
  taken: Iterable<string> = [],
): ReadonlyMap<string, string> {
  const used = new Set(taken)
  const tasks = new Map<string, string>()
  for (const [key, name] of names) {
    const plain = taskName(name)
    let task = plain
    for (let n = 2; used.has(task); n++) task = `${plain}-${n}`
    used.add(task)
    tasks.set(key, task)
  }
  return tasks
}

/** `[prefix-]<name>`. */
export function prefixed(delivery: Pick<Delivery, 'prefix'>, name: string): string {
  return delivery.prefix === undefined || delivery.prefix === '' ? name : `${delivery.prefix}-${name}`
}
