/** The text of a build, to the byte what `kustomize build` prints (resWrangler.AsYaml). */

import { DecapodError } from '../errors.ts'
import { stringScalar, YamlMap, type YamlNode } from '../yaml/node.ts'
import { stringifyNode, stringifySorted } from '../yaml/stringify.ts'
import { buildAnnotations, originAnnotation, transformationsAnnotation } from './build-annotations.ts'
import { rephrase } from './fail.ts'
import { formatOrigin, formatTransformations } from './origin.ts'
import type { ResMap } from './resmap.ts'
import type { Resource } from './resource.ts'

/** The documents of a build with `---` between them. Throws YAML_PARSE for what cannot be written: .inf, bad keys. */
export function formatResources(map: ResMap): string {
  const texts: string[] = []
  for (const resource of map) texts.push(formatResource(resource))
  return texts.join('---\n')
}

/** One document. */
export function formatResource(resource: Resource): string {
  try {
    const text = stringifySorted(resource.node, true)
    if (text !== undefined) return text
    quoteFlowBlanks(resource.node, false)
    return stringifyNode(withTextKeys(resource.node), { dialect: 'v3', sortKeys: true, width: 80 })
  } catch (error) {
    if (!(error instanceof DecapodError)) throw error
    throw rephrase(error, error.message, { notes: [...error.notes, `in ${resource.curId()}`] })
  }
}

/**
 * An empty value between braces or brackets (`{a: }`) is null while resources are worked on, but go-yaml prints it as
 * `''` there on its way to the output, so that it ends as an empty text. In place.
 */
export function quoteFlowBlanks(node: YamlNode, inFlow: boolean): void {
  if (node.kind === 'scalar') {
    if (inFlow && node.value === '' && node.style === 'plain' && node.tag === undefined) node.style = 'single'
  } else if (node.kind === 'seq') {
    const flow = inFlow || node.flow
    for (const item of node.items) if (flow || item.kind !== 'scalar') quoteFlowBlanks(item, flow)
  } else {
    const flow = inFlow || node.flow
    for (const { value } of node.pairs) if (flow || value.kind !== 'scalar') quoteFlowBlanks(value, flow)
  }
}

/** Go decodes the outermost map into one with text keys, so that there a number may be a key. */
function withTextKeys(node: YamlMap): YamlMap {
  const isText = node.pairs.every(({ key }) => key.kind !== 'scalar' || /^[A-Za-z]{3,}$/.test(key.value))
  if (isText) return node
  const pairs = node.pairs.map(({ key, value }) =>
    key.kind === 'scalar' ? { key: stringScalar(key.value), value } : { key, value },
  )
  return new YamlMap(pairs, node.source, node.offset)
}

/**
 * Brings the annotations of every resource into their final form (RemoveBuildAnnotations and what follows in
 * krusty/kustomizer.go): texts only, none of the build's own, origins and transformations where they are asked for.
 */
export function finishAnnotations(map: ResMap, metadata: readonly string[]): void {
  const origins = metadata.includes('originAnnotations')
  const transformations = metadata.includes('transformerAnnotations')
  for (const resource of map) {
    const annotations = resource.annotations()
    for (const key of annotations.keys()) if (buildAnnotations.has(key)) annotations.delete(key)
    annotations.delete(originAnnotation)
    annotations.delete(transformationsAnnotation)
    if (origins && resource.origin !== undefined) annotations.set(originAnnotation, formatOrigin(resource.origin))
    if (transformations && resource.transformations.length > 0) {
      annotations.set(transformationsAnnotation, formatTransformations(resource.transformations))
    }
    resource.setAnnotations(annotations)
  }
}

/** The names `kustomize build --output DIR` gives its files: with the namespace first where there are several. */
export function fileNames(map: ResMap): Map<string, Resource> {
  const namespaces = new Set(
    map.resources
      .map(r => r.curId())
      .filter(id => !id.clusterScoped)
      .map(id => id.effectiveNamespace),
  )
  const files = new Map<string, Resource>()
  for (const resource of map) {
    const { group, version, kind, name, clusterScoped, effectiveNamespace } = resource.curId()
    const own = [group, version, kind].filter(part => part !== '').join('_')
    const prefix = clusterScoped || namespaces.size < 2 ? '' : `${effectiveNamespace.toLowerCase()}_`
    files.set(`${prefix}${own.toLowerCase()}_${name.toLowerCase()}.yaml`, resource)
  }
  return files
}
