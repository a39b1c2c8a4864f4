/** Which objects client-side apply cannot take: it keeps the whole object in an annotation of the object. */
import type { GoDict, GoValue } from '../go/value.ts'
import type { YamlMap } from '../yaml/node.ts'
import { toValue } from '../yaml/values.ts'
import { isMap, plain } from './diff.ts'
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
  const object = toValue(node) as GoDict
  return appliedLength(object) + annotationsLength(object) + spare > annotationLimit
}

/** The length of `last-applied-configuration`: JSON as Go writes it, with `<`, `>` and `&` as six characters. */
function appliedLength(object: GoDict): number {
  const json = JSON.stringify(plain(object))
  return Buffer.byteLength(json) + 5 * (json.match(/[<>&]/g)?.length ?? 0)
}

function annotationsLength(object: GoDict): number {
  const metadata = object.get('metadata') as GoValue | undefined
  const annotations = isMap(metadata) ? metadata.get('annotations') : undefined
  let length = 0
  if (isMap(annotations)) for (const [key, value] of annotations) length += key.length + String(value).length
  return length
}
