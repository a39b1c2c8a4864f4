/** Pods wherever workloads describe them. */
import type { YamlMap, YamlNode } from '../yaml/node.ts'
import { elementPath, field, groupOf, itemsOf, mapOf, type SiteObject } from './objects.ts'

/** Where each kind keeps its pod: the path of what has `metadata` and `spec` of it. */
const templates: Readonly<Record<string, readonly string[]>> = {
  ' Pod': [],
  ' ReplicationController': ['spec', 'template'],
  ' PodTemplate': ['template'],
  'apps Deployment': ['spec', 'template'],
  'apps StatefulSet': ['spec', 'template'],
  'apps DaemonSet': ['spec', 'template'],
  'apps ReplicaSet': ['spec', 'template'],
  'extensions Deployment': ['spec', 'template'],
  'extensions DaemonSet': ['spec', 'template'],
  'batch Job': ['spec', 'template'],
  'batch CronJob': ['spec', 'jobTemplate', 'spec', 'template'],
  'argoproj.io Rollout': ['spec', 'template'],
}

export interface Pod {
  readonly template: YamlMap
  readonly spec: YamlMap
  /** Of the spec: `spec.template.spec`. */
  readonly path: string
}

/** The pod that an object is or makes; undefined where it makes none. */
export function podOf({ apiVersion, kind, node }: SiteObject): Pod | undefined {
  const way = templates[`${groupOf(apiVersion)} ${kind}`]
  if (way === undefined) return undefined
  const template = mapOf(field(node, ...way))
  const spec = mapOf(template?.get('spec'))
  return template === undefined || spec === undefined ? undefined : { template, spec, path: [...way, 'spec'].join('.') }
}

export interface Container {
  readonly node: YamlMap
  readonly path: string
  readonly is: 'containers' | 'initContainers' | 'ephemeralContainers'
}

/** All containers of a pod. */
export function containersOf({ spec, path }: Pod): Container[] {
  return (['initContainers', 'containers', 'ephemeralContainers'] as const).flatMap(is =>
    itemsOf(spec.get(is)).flatMap((node, i) =>
      node.kind === 'map' ? [{ node, is, path: `${path}.${is}${elementPath(node, i)}` }] : [],
    ),
  )
}

/** Every element of a list that is a map, with its path. */
export function elements(node: YamlNode | undefined, path: string): { node: YamlMap; path: string }[] {
  return itemsOf(node).flatMap((item, i) =>
    item.kind === 'map' ? [{ node: item, path: `${path}${elementPath(item, i)}` }] : [],
  )
}
