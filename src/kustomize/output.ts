/** The text of a build, to the byte what `kustomize build` prints (resWrangler.AsYaml). */

import { DecapodError } from '../errors.ts'
import { refold } from '../yaml/folded.ts'
import { stringScalar, YamlMap, type YamlNode } from '../yaml/node.ts'
import { stringifyNode, stringifySorted } from '../yaml/stringify.ts'
import { parseValues } from '../yaml/values.ts'
import { buildAnnotations, originAnnotation, transformationsAnnotation } from './build-annotations.ts'
import { rephrase } from './fail.ts'
import { goSyntax } from './go-syntax.ts'
import { kyamlText } from './kyaml-text.ts'
import { formatOrigin, formatTransformations } from './origin.ts'
import type { ResMap } from './resmap.ts'
import type { Resource } from './resource.ts'

/** The documents of a build with `---` between them. Throws YAML_PARSE for what cannot be written: .inf, bad keys. */
export function formatResources(map: ResMap): string {
  return [...formatChunks(map)].join('')
}

/** Many small writes are slow, and one large text takes its size in memory again when it is encoded. */
const chunkLength = 1 << 18

/** The same in pieces. Nothing is given before everything could be written. */
export function formatChunks(map: ResMap): readonly string[] {
  const chunks: string[] = []
  let texts: string[] = []
  let length = 0
  for (const resource of map) {
    texts.push(formatResource(resource))
    length += texts.at(-1)!.length
    if (length < chunkLength) continue
    chunks.push(texts.join('---\n'), '---\n')
    texts = []
    length = 0
  }
  if (texts.length > 0) chunks.push(texts.join('---\n'))
  else chunks.pop()
  return chunks
}

/** One document. */
export function formatResource(resource: Resource): string {
  const { node } = resource
  try {
    const text = stringifySorted(node)
    if (text !== undefined) return text
    writeAndRead(node, false)
    return stringifyNode(withTextKeys(node), { dialect: 'v3', sortKeys: true, width: 80 })
  } catch (error) {
    if (!(error instanceof DecapodError)) throw error
    // Kustomize shows the object as a Go map, which it is not where go-yaml refuses the text.
    const isRefused = error.message.startsWith('yaml: ')
    const message = isRefused
      ? `map[string]interface {}(nil): ${refusal(node) ?? error.message}`
      : `${goSyntax(node)}: ${error.message}`
    throw rephrase(error, message, { notes: [...error.notes, `in ${resource.curId()}`] })
  }
}

/** What go-yaml says of the text that the object has by now, with the lines of that text, not of the file. */
export function refusal(node: YamlMap): string | undefined {
  // The text would have the comments of the file, which are gone.
  if (node.source?.text.includes('#')) return undefined
  try {
    parseValues(kyamlText(node), { file: '', dialect: 'v3' })
  } catch (error) {
    if (error instanceof DecapodError) return error.message
    throw error
  }
  return undefined
}

/**
 * Turns the scalars of a tree into what they are after go-yaml v3 has written them and read them again, as it does on
 * the way to the output and to a JSON patch: an empty value between braces or brackets (`{a: }`) is null before and an
 * empty text after, and folded text changes. In place.
 */
export function writeAndRead(node: YamlNode, inFlow: boolean): void {
  if (node.kind === 'scalar') {
    if (inFlow) {
      if (node.value === '' && node.style === 'plain' && node.tag === undefined) node.style = 'single'
    } else if (node.style === 'folded') node.value = refold(node.value)
  } else if (node.kind === 'seq') for (const item of node.items) writeAndRead(item, inFlow || node.flow)
  else for (const { value } of node.pairs) writeAndRead(value, inFlow || node.flow)
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
