/** Argo CD's AppProject: the bounds of a group, or of several. */
import { DecapodError } from '../errors.ts'
import { parseDuration } from '../go/duration.ts'
import { syncWave } from './application.ts'
import type { Delivery, DeliveryGroup, DeliveryNode } from './model.ts'
import { applicationName, argoNamespace, clusterOf, projectName } from './names.ts'
import type { AppProject } from './types.ts'

/**
 * The AppProjects of a site's groups, by the name of the project; groups may share one. A project may deploy from the
 * manifests repository alone, to the clusters that the apps in `order` go to and no other. Project `default` has none:
 * Argo CD makes it itself. Throws WORKFLOW_INVALID for a window of time that Argo CD refuses.
 */
export function appProjects(delivery: Delivery, order: readonly DeliveryNode[]): ReadonlyMap<string, AppProject> {
  const groups = new Map<string, DeliveryGroup[]>()
  for (const group of delivery.groups) {
    if (!order.some(node => node.group === group && node.kind !== 'step')) continue
    const name = projectName(delivery, group)
    if (name !== 'default') groups.set(name, [...(groups.get(name) ?? []), group])
  }
  return new Map([...groups].map(([name, sharing]) => [name, appProject(delivery, name, sharing, order)] as const))
}

function appProject(
  delivery: Delivery,
  name: string,
  groups: readonly DeliveryGroup[],
  order: readonly DeliveryNode[],
): AppProject {
  const own = order.filter(node => groups.includes(node.group) && node.kind !== 'step')
  const clusters = new Set(own.map(node => clusterOf(delivery, node)))
  const syncWindows = groups.flatMap(group => {
    const isShared = groups.length > 1
    // A window of one group is none of the others'.
    const applications = own.filter(node => node.group === group).map(node => applicationName(delivery, node))
    return (group.syncWindows ?? []).map(window => syncWindow(window, isShared ? applications : ['*'], group))
  })
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AppProject',
    metadata: { name, namespace: argoNamespace(delivery), annotations: { [syncWave]: projectWave } },
    spec: {
      description: `${groups.map(group => group.name).join(', ')} of ${delivery.site}`,
      sourceRepos: [delivery.manifests.repoURL],
      // Any namespace: charts put objects into kube-system and others beside their own.
      destinations: [...clusters].map(cluster => ({ name: cluster, namespace: '*' })),
      clusterResourceWhitelist: [{ group: '*', kind: '*' }],
      ...(syncWindows.length === 0 ? {} : { syncWindows: distinct(syncWindows) }),
    },
  }
}

/** Before all Applications, CRDs included. */
const projectWave = '-2'

/** Argo CD refuses a project that has a window twice (AppProject.ValidateProject). */
function distinct(windows: readonly Window[]): Window[] {
  const { length } = windows
  if (length < 2) return [...windows]
  return [...new Map(windows.map(window => [JSON.stringify({ ...window, manualSync: undefined }), window])).values()]
}

type Window = NonNullable<AppProject['spec']['syncWindows']>[number]

function syncWindow(
  window: NonNullable<DeliveryGroup['syncWindows']>[number],
  applications: readonly string[],
  group: DeliveryGroup,
): Window {
  const { kind, schedule, duration, timeZone, manualSync } = window
  if (!isSchedule(schedule)) throw windowError(group, `schedule "${schedule}"`, 'as cron has it: 0 22 * * 1-5')
  if (!isDuration(duration)) throw windowError(group, `duration "${duration}"`, 'as Go has it: 6h, 90m, 1h30m')
  return {
    kind,
    schedule,
    duration,
    ...(timeZone === undefined ? {} : { timeZone }),
    ...(manualSync === undefined ? {} : { manualSync }),
    applications,
  }
}

function windowError(group: DeliveryGroup, what: string, hint: string): DecapodError {
  const message = `group "${group.name}": Argo CD cannot read the ${what} of a sync window`
  return new DecapodError('WORKFLOW_INVALID', message, { at: group.at, hint: `write it ${hint}` })
}

/** Minutes, hours, days, months, days of the week (robfig/cron, without its seconds and @every). */
function isSchedule(text: string): boolean {
  const fields = text.trim().split(/\s+/)
  const limits = [
    [0, 59],
    [0, 23],
    [1, 31],
    [1, 12],
    [0, 6],
  ] as const
  return fields.length === limits.length && fields.every((field, i) => field.split(',').every(isIn(limits[i]!, i)))
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

/** One of the ranges of a field: `*`, `5`, `1-5`, with a step `/2`. */
function isIn([least, most]: readonly [number, number], field: number): (range: string) => boolean {
  const number = (text: string): number => {
    const named =
      field === 3 ? months.indexOf(text.toLowerCase()) + 1 : field === 4 ? days.indexOf(text.toLowerCase()) : -1
    return /^\d{1,4}$/.test(text) ? Number(text) : named
  }
  return range => {
    const match = /^(?:[*?]|([0-9a-z]+)(?:-([0-9a-z]+))?)(?:\/(\d{1,4}))?$/i.exec(range)
    if (match === null || Number(match[3] ?? 1) === 0) return false
    if (match[1] === undefined) return true
    const from = number(match[1])
    const to = match[2] === undefined ? from : number(match[2])
    return from >= least && to <= most && from <= to
  }
}

function isDuration(text: string): boolean {
  try {
    parseDuration(text)
    return true
  } catch {
    return false
  }
}
