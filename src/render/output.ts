/**
 * The rendered tree: which file an object goes to, and its bytes. One object per file, `<Kind>_<name>.yaml`; the names of
 * a second object of that kind and name say more, and none is ever lost.
 */

import { DecapodError, type Position } from '../errors.ts'
import { textOf, YamlMap, YamlScalar } from '../yaml/node.ts'
import { stringifyNode } from '../yaml/stringify.ts'
import { isLarge } from './large-objects.ts'

export type OutputFormat = 'canonical' | 'verbatim'

/** An object to write, and where it came from. */
export interface OutputObject {
  readonly node: YamlMap
  /** What the template wrote, comments included; undefined for what is not text of a template. */
  readonly text: string | undefined
  /** For people: the template, or the file. */
  readonly origin: string
  readonly at: Position | undefined
  /** What of it was worked out before; `node` need then not be read. Dropped by what changes the object. */
  readonly formed?: FormedObject | undefined
}

/** An object as it is written, lists expanded: its identity and its canonical bytes. */
export interface FormedObject {
  readonly id: ObjectId
  readonly bytes: Uint8Array
  /** `Kind.group` that a CustomResourceDefinition defines. */
  readonly defines: string | undefined
  /** Client-side apply cannot take it (large-objects.ts). */
  readonly isLarge: boolean
}

const encoder = new TextEncoder()

export interface ObjectId {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly namespace: string
}

/** Kind, name, namespace and apiVersion of an object, "" where it has none; `generateName` stands for a missing name. */
export function objectId(node: YamlMap): ObjectId {
  const metadata = node.get('metadata')
  const meta = (field: string): string => (metadata?.kind === 'map' ? (textOf(metadata.get(field)) ?? '') : '')
  return {
    apiVersion: textOf(node.get('apiVersion')) ?? '',
    kind: textOf(node.get('kind')) ?? '',
    name: meta('name') || meta('generateName'),
    namespace: meta('namespace'),
  }
}

/** The identity of an object to write. */
export function idOf(object: OutputObject): ObjectId {
  return object.formed?.id ?? objectId(object.node)
}

/** Objects with their identity and bytes worked out, lists expanded. */
export function formObjects(objects: readonly OutputObject[]): OutputObject[] {
  return expandLists(objects).map(object => {
    if (object.formed !== undefined) return object
    const bytes = encoder.encode(formatObject(object.node))
    const { node } = object
    const formed = { id: objectId(node), bytes, defines: definesKind(object), isLarge: isLarge(node, bytes.length) }
    return { ...object, formed }
  })
}

/** Whether an object is a CustomResourceDefinition. */
export function isCrd(node: YamlMap): boolean {
  return (
    textOf(node.get('kind')) === 'CustomResourceDefinition' &&
    (textOf(node.get('apiVersion')) ?? '').startsWith('apiextensions.k8s.io/')
  )
}

/** `Kind.group` that a CustomResourceDefinition defines; undefined for other objects. */
export function definesKind(object: OutputObject): string | undefined {
  // The node of an object out of the cache is parsed when it is read.
  if (object.formed !== undefined) return object.formed.defines
  const { node } = object
  if (!isCrd(node)) return undefined
  const spec = node.get('spec')
  const names = spec?.kind === 'map' ? spec.get('names') : undefined
  const kind = names?.kind === 'map' ? textOf(names.get('kind')) : undefined
  const group = spec?.kind === 'map' ? textOf(spec.get('group')) : undefined
  return `${kind ?? ''}.${group ?? ''}`
}

/** The directory of a group's CRDs, which have an Application of their own. */
export function crdDirectory(group: string): string {
  return `${group}-CRD`
}

/** Lists (kind List, RoleBindingList, …) replaced by what they hold, at any depth. */
export function expandLists(objects: readonly OutputObject[]): OutputObject[] {
  return objects.flatMap(object => {
    const items = object.formed === undefined ? listItems(object.node) : undefined
    if (items === undefined) return [object]
    const kind = textOf(object.node.get('kind'))!
    const inner = items.map(node => ({ ...object, node: typedItem(node, object.node, kind), text: undefined }))
    return expandLists(inner)
  })
}

/** The items of a list; undefined for an object with a name of its own, whatever its kind is called. */
function listItems(node: YamlMap): YamlMap[] | undefined {
  const items = node.get('items')
  const kind = textOf(node.get('kind'))
  if (!kind?.endsWith('List') || items?.kind !== 'seq' || objectId(node).name !== '') return undefined
  const maps = items.items.filter(item => item.kind === 'map')
  return maps.length === items.items.length ? maps : undefined
}

/** The items of a RoleBindingList need not say that they are RoleBindings. */
function typedItem(item: YamlMap, list: YamlMap, kind: string): YamlMap {
  if (kind === 'List' || item.get('kind') !== undefined) return item
  const typed = new YamlMap([...item.pairs], item.source, item.offset)
  typed.pairs.unshift({ key: new YamlScalar('kind'), value: new YamlScalar(kind.slice(0, -'List'.length)) })
  if (item.get('apiVersion') === undefined) {
    typed.pairs.unshift({ key: new YamlScalar('apiVersion'), value: list.get('apiVersion') ?? new YamlScalar('v1') })
  }
  return typed
}

/** The tree of one site while it grows: path below the site's directory → bytes. */
export class OutputTree {
  readonly files: Map<string, Uint8Array> = new Map()
  private readonly format: OutputFormat
  private readonly origins = new Map<string, { readonly object: OutputObject; readonly id: ObjectId }>()

  constructor(format: OutputFormat) {
    this.format = format
  }

  /**
   * Adds the objects of a directory, lists expanded. Throws DecapodError MANIFEST_INVALID for one without kind or name,
   * OUTPUT_CONFLICT naming both origins for two with the same identity. `shared` directories (CRDs of a group) take
   * equal objects from several charts once. Gives the number of files written and of objects found to be there already.
   */
  add(directory: string, objects: readonly OutputObject[], shared = false): { written: number; shared: number } {
    let written = 0
    let known = 0
    for (const object of expandLists(objects)) {
      if (this.place(directory, object, shared)) written++
      else known++
    }
    return { written, shared: known }
  }

  /** The file of every object that was added. */
  paths(): Map<YamlMap, string> {
    return new Map([...this.origins].map(([path, { object }]) => [object.node, path] as const))
  }

  /** The object of each file. */
  objects(): Map<string, OutputObject> {
    return new Map([...this.origins].map(([path, { object }]) => [path, object] as const))
  }

  /** Adds a file that is no object of the site, such as an Application. */
  addFile(path: string, text: string): void {
    this.files.set(path, encoder.encode(text))
  }

  private place(directory: string, object: OutputObject, shared: boolean): boolean {
    const id = idOf(object)
    if (id.kind === '' || id.name === '') {
      throw new DecapodError(
        'MANIFEST_INVALID',
        `an object has no ${id.kind === '' ? 'kind' : 'name'} (${object.origin})`,
        {
          at: object.at,
          hint: 'every document must be a Kubernetes object with kind and metadata.name',
        },
      )
    }
    for (const name of fileNames(id)) {
      const path = `${directory}/${name}`
      const there = this.origins.get(path)
      if (there === undefined) {
        this.origins.set(path, { object, id })
        this.files.set(path, this.bytesOf(object))
        return true
      }
      if (!isSameId(there.id, id)) continue
      if (shared && Buffer.compare(this.files.get(path)!, this.bytesOf(object)) === 0) return false
      throw this.conflict(id, there.object, object)
    }
    throw this.conflict(id, object, object)
  }

  private bytesOf(object: OutputObject): Uint8Array {
    if (this.format === 'verbatim' && object.text !== undefined) {
      return encoder.encode(`---\n${object.text.replace(/\n*$/, '')}\n`)
    }
    return object.formed?.bytes ?? encoder.encode(formatObject(object.node))
  }

  private conflict(id: ObjectId, first: OutputObject, second: OutputObject): DecapodError {
    const where = id.namespace === '' ? '' : ` in namespace ${id.namespace}`
    return new DecapodError('OUTPUT_CONFLICT', `two objects are ${id.kind} ${id.name}${where}`, {
      at: second.at,
      notes: [`one comes from ${first.origin}`, `the other from ${second.origin}`],
      hint: 'only one of them can be in the cluster: rename one, or leave one out',
    })
  }
}

/** Canonical YAML: the keys as the template ordered them, no line folded. */
export function formatObject(node: YamlMap): string {
  return stringifyNode(node, { dialect: 'sigs', sortKeys: false, width: Number.POSITIVE_INFINITY })
}

function isSameId(a: ObjectId, b: ObjectId): boolean {
  return a.kind === b.kind && a.name === b.name && a.namespace === b.namespace && groupOf(a) === groupOf(b)
}

/** The API group: two versions of one group are the same object. */
function groupOf({ apiVersion }: ObjectId): string {
  const slash = apiVersion.indexOf('/')
  return slash === -1 ? '' : apiVersion.slice(0, slash)
}

/** The names a file may have, shortest first. */
function fileNames(id: ObjectId): string[] {
  const { kind, name, namespace } = id
  const parts = [kind, name]
  const names = [fileName(parts)]
  if (namespace !== '') names.push(fileName([...parts, namespace]))
  names.push(fileName([...parts, ...(namespace === '' ? [] : [namespace]), groupOf(id) || 'core']))
  return names
}

/** Longer names are cut and get a digest: file systems take 255 bytes. */
const maxName = 240

function fileName(parts: readonly string[]): string {
  const name = parts.map(safe).join('_')
  return `${name.length <= maxName ? name : `${name.slice(0, maxName - 9)}-${hash(name)}`}.yaml`
}

/** Names of objects may hold what names of files may not; ":" is kept, as in the original. */
function safe(text: string): string {
  return text.replace(/[/\\%\0-\x1f\x7f]/g, c => encodeURIComponent(c))
}

/** FNV-1a, 32 bits: tells cut names apart. */
function hash(text: string): string {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  return (h >>> 0).toString(16).padStart(8, '0')
}
