/** Which objects client-side apply cannot take: it keeps the whole object in an annotation of the object. */

import type { YamlMap, YamlNode, YamlScalar } from '../yaml/node.ts'
import { resolvePlain } from '../yaml/resolve.ts'
import type { OutputObject } from './output.ts'

/** All annotations of an object together (Kubernetes, TotalAnnotationSizeLimitB of apimachinery's api/validation). */
const annotationLimit = 256 * 1024

/** For what Argo CD and the cluster annotate besides. */
const spare = 1024

/** A shorter file cannot become that long as JSON, unless most of it is `<`, `>` and `&`. */
const worthReading = 64 * 1024

/** The apps (`group/app`) of a site's tree that hold such an object; `files` are the objects as they are written. */
export function appsWithLargeObjects(
  objects: ReadonlyMap<string, OutputObject>,
  files: ReadonlyMap<string, Uint8Array>,
): Set<string> {
  const apps = new Set<string>()
  for (const [path, object] of objects) {
    const app = path.split('/', 2).join('/')
    if (!apps.has(app) && (object.formed?.isLarge ?? isLarge(object.node, files.get(path)!.length))) apps.add(app)
  }
  return apps
}

/** Whether an object is one of them; `length` is that of its file. */
export function isLarge(node: YamlMap, length: number): boolean {
  if (length < worthReading) return false
  return appliedLength(node) + annotationsLength(node) + spare > annotationLimit
}

/** The length of `last-applied-configuration`: JSON as Go writes it, counted and not written, for most such objects are CRDs. */
function appliedLength(node: YamlNode): number {
  if (node.kind === 'scalar') return scalarLength(node)
  // Brackets, and a comma behind all but the last.
  let length = 1
  if (node.kind === 'seq') for (const item of node.items) length += 1 + appliedLength(item)
  else {
    for (const { key, value } of node.pairs) {
      length += 2 + stringLength(key.kind === 'scalar' ? key.value : '') + appliedLength(value)
    }
  }
  return Math.max(length, 2)
}

/** Characters that are longer in JSON, or in UTF-8. */
const longer = /[^\x20-\x7e]|["\\<>&]/

/** Go writes `<`, `>` and `&` as six characters. */
function stringLength(text: string): number {
  if (!longer.test(text)) return text.length + 2
  const length = Buffer.byteLength(JSON.stringify(text))
  return /[<>&]/.test(text) ? length + 5 * text.match(/[<>&]/g)!.length : length
}

function scalarLength({ value, style, tag }: YamlScalar): number {
  const resolved = style === 'plain' && tag === undefined ? resolvePlain(value, 'sigs') : value
  if (resolved === null) return 'null'.length
  return typeof resolved === 'string' ? stringLength(resolved) : value.length
}

function annotationsLength(node: YamlMap): number {
  const metadata = node.get('metadata')
  const annotations = metadata?.kind === 'map' ? metadata.get('annotations') : undefined
  if (annotations?.kind !== 'map') return 0
  let length = 0
  for (const { key, value } of annotations.pairs) length += textLength(key) + textLength(value)
  return length
}

function textLength(node: YamlNode): number {
  return node.kind === 'scalar' ? node.value.length : 0
}
