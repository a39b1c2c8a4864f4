/** `images`: names, tags and digests of container images (api/filters/imagetag, api/internal/image). */

import { compileRegexp } from '../../go/regexp.ts'
import type { YamlNode } from '../../yaml/node.ts'
import type { Transformer } from '../context.ts'
import { type FieldSpec, FieldSpecs, setScalar } from '../fieldspec.ts'
import type { ImageFields } from '../kustomization.ts'
import { expectKind, isMissingOrNull, textOf } from '../nodes.ts'
import { simplePattern } from '../simple-pattern.ts'

/**
 * Two passes, as in Kustomize: every `containers` and `initContainers` list at any depth, then the field specs. So a
 * tagSuffix is appended twice in an ordinary workload.
 */
export function imagesTransformer(image: ImageFields, fieldSpecs: readonly FieldSpec[]): Transformer {
  const update = imageUpdate(image)
  const specs = new FieldSpecs(fieldSpecs)
  return map => {
    for (const resource of map.resources) {
      if (resource.kind !== 'CustomResourceDefinition') updateContainers(resource.node, update)
    }
    for (const resource of map.resources) {
      if (resource.kind !== 'CustomResourceDefinition') specs.apply(resource, { set: update })
    }
  }
}

function updateContainers(node: YamlNode, update: (image: YamlNode) => void): void {
  if (node.kind === 'seq') {
    for (const item of node.items) updateContainers(item, update)
  } else if (node.kind === 'map') {
    for (const { key, value } of node.pairs) {
      if (value.kind === 'scalar') continue
      updateContainers(value, update)
      if (value.kind !== 'seq' || key.kind !== 'scalar') continue
      if (key.value !== 'containers' && key.value !== 'initContainers') continue
      for (const container of value.items) {
        if (isMissingOrNull(container)) continue
        expectKind(container, 'map')
        const image = container.kind === 'map' ? container.get('image') : undefined
        if (image !== undefined) update(image)
      }
    }
  }
}

function imageUpdate(image: ImageFields): (node: YamlNode) => void {
  const matches = imageMatcher(image.name ?? '')
  return node => {
    expectKind(node, 'scalar')
    const value = textOf(node)
    if (!matches(value)) return
    let { name, tag, digest } = splitImage(value)
    if (image.newName) name = image.newName
    if (image.newTag || image.digest) {
      tag = image.newTag ?? ''
      digest = image.digest ?? ''
    } else if (image.tagSuffix) {
      tag += image.tagSuffix
      digest = ''
    }
    setScalar(node, name + (tag && `:${tag}`) + (digest && `@${digest}`))
  }
}

/** The name is a regular expression as it stands; one that is none matches nothing. */
function imageMatcher(name: string): (image: string) => boolean {
  const rest = '(:[a-zA-Z0-9_.{}-]*)?(@[a-zA-Z0-9]+([.+_-][a-zA-Z0-9]+)*:[a-zA-Z0-9_.{}-]*)?$'
  const simple = simplePattern('^', name, rest)
  if (simple !== undefined) return image => simple.test(image)
  try {
    const pattern = compileRegexp(`^${name}${rest}`)
    return image => pattern.matches(image)
  } catch {
    return () => false
  }
}

/** The parts of an image reference. What precedes the first slash may hold a port and is not searched. */
export function splitImage(image: string): { name: string; tag: string; digest: string } {
  const slash = Math.max(0, image.indexOf('/'))
  const at = image.indexOf('@', slash)
  const colon = image.indexOf(':', slash)
  if (at === -1 && colon === -1) return { name: image, tag: '', digest: '' }
  if (at !== -1 && (colon === -1 || at < colon)) {
    return { name: image.slice(0, at), tag: '', digest: image.slice(at + 1) }
  }
  if (at !== -1) {
    return { name: image.slice(0, colon), tag: image.slice(colon + 1, at), digest: image.slice(at + 1) }
  }
  return { name: image.slice(0, colon), tag: image.slice(colon + 1), digest: '' }
}
