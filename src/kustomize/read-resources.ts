/** Resources out of YAML text: documents split, lists unwrapped, names required (api/resource/factory.go, kyaml/kio). */
import { DecapodError } from '../errors.ts'
import { mergeRefusals } from '../yaml/expand.ts'
import { positionOf, type YamlMap, type YamlNode } from '../yaml/node.ts'
import { parseNode } from '../yaml/parse.ts'
import { takeBuildRecord } from './build-annotations.ts'
import { fail, rephrase } from './fail.ts'
import { isMissingOrNull, isNilOrEmpty, stringMap, textOf } from './nodes.ts'
import { type KindScope, Resource } from './resource.ts'

/** Documents of one text at most; more is a mistake or an attack. */
const maxDocuments = 100_000

/** What a reader says of YAML that cannot be parsed; kustomize treats it apart from other failures. */
export const malformed = 'MalformedYAMLError'

/**
 * The objects of a text; with `late` large parts of them are left unread, as parseNode says. Throws DecapodError with
 * Kustomize's words: YAML_PARSE ("MalformedYAMLError: yaml: …"), RESOURCE_INVALID for an object without kind or name.
 */
export function readResources(text: string, file: string, scope: KindScope, late = false): Resource[] {
  return readObjects(text, file, late).map(node => {
    const resource = new Resource(node, scope)
    takeBuildRecord(resource)
    return resource
  })
}

/** The same without wrapping the objects. */
export function readObjects(text: string, file: string, late = false): YamlMap[] {
  // Kinds that end in "List" are replaced by what they hold, which comes after everything else.
  const queue = validated(readDocuments(text, file, late))
  const out: YamlMap[] = []
  for (let i = 0; i < queue.length; i++) {
    const node = queue[i]!
    const kind = textOf(node.get('kind'))
    const items = kind.endsWith('List') ? node.get('items') : undefined
    if (items === undefined) out.push(node)
    else if (items.kind === 'seq') queue.push(...validated(items.items.flatMap(unwrapList)))
    else if (!isMissingOrNull(items)) {
      fail('RESOURCE_INVALID', `expected array in ${kind}/items, but found ${goTypeName(items)}`, {
        at: positionOf(items),
      })
    }
  }
  return out
}

function goTypeName(node: YamlNode): string {
  return node.kind === 'map' ? 'map[string]interface {}' : 'string'
}

/** The documents of a text; a single List or ResourceList stands for its items. YAML_PARSE as `readResources`. */
export function readDocuments(text: string, file: string, late = false): YamlNode[] {
  const chunks = splitDocuments(text.includes('\r\n') ? text.replaceAll('\r\n', '\n') : text)
  const nodes: YamlNode[] = []
  let refused: DecapodError | undefined
  for (const chunk of chunks) {
    let node: YamlNode | undefined
    try {
      node = parseChunk(chunk, file, late)
    } catch (error) {
      if (!(error instanceof DecapodError)) throw error
      const words = mergeRefusals.find(text => error.message.endsWith(text))
      if (words === undefined) throw error
      // Merge keys are looked into once everything is read.
      refused ??= rephrase(error, words)
      continue
    }
    if (node === undefined || isMissingOrNull(node)) continue
    if (chunks.length === 1) nodes.push(...unwrapList(node))
    else nodes.push(node)
  }
  if (refused !== undefined) throw refused
  return nodes
}

function parseChunk(chunk: Chunk, file: string, late: boolean): YamlNode | undefined {
  try {
    return parseNode(chunk.text, { file, firstLine: chunk.line, dialect: 'v3', late })
  } catch (error) {
    if (!(error instanceof DecapodError)) throw error
    throw rephrase(error, `${malformed}: ${error.message}`)
  }
}

interface Chunk {
  readonly text: string
  readonly line: number
}

/** Splits at lines that start with `---`; after it only a comment may stand. */
function splitDocuments(text: string): Chunk[] {
  const chunks: Chunk[] = []
  let start = 0
  let line = 1
  let from = 0
  for (;;) {
    const separator = text.indexOf('\n---', from)
    const end = separator === -1 ? -1 : text.indexOf('\n', separator + 4)
    if (end === -1) break
    const rest = text.slice(separator + 4, end).trim()
    if (rest !== '' && !rest.startsWith('#')) {
      fail('YAML_PARSE', `invalid document separator: ${text.slice(separator, end).trim()}`)
    }
    chunks.push({ text: text.slice(start, separator + 1), line })
    if (chunks.length > maxDocuments) fail('LIMIT_EXCEEDED', `more than ${maxDocuments} documents in one file`)
    line += countLines(text, start, end + 1)
    start = end + 1
    // The line break that ends one separator does not begin the next.
    from = start
  }
  chunks.push({ text: start === 0 ? text : text.slice(start), line })
  return chunks
}

function countLines(text: string, from: number, to: number): number {
  let lines = 0
  for (let at = text.indexOf('\n', from); at !== -1 && at < to; at = text.indexOf('\n', at + 1)) lines++
  return lines
}

function unwrapList(node: YamlNode): YamlNode[] {
  if (node.kind !== 'map') return [node]
  const kind = textOf(node.get('kind'))
  if (kind !== 'List' && kind !== 'ResourceList') return [node]
  const items = node.get('items')
  if (items === undefined) return node.get('functionConfig') === undefined ? [node] : []
  return items.kind === 'seq' ? items.items : []
}

/** Drops what is empty; everything else needs a kind and, unless it is a list, a name. */
function validated(nodes: readonly YamlNode[]): YamlMap[] {
  const out: YamlMap[] = []
  for (const node of nodes) {
    if (isNilOrEmpty(node)) continue
    requireName(node)
    out.push(node as YamlMap)
  }
  return out
}

/** RESOURCE_INVALID with Kustomize's words unless the node is an object with a kind and, unless a list, a name. */
export function requireName(node: YamlNode): void {
  const at = positionOf(node)
  const map = node.kind === 'map' ? node : undefined
  const metadata = map?.get('metadata')
  const meta = metadata?.kind === 'map' ? metadata : undefined
  const apiVersion = presentText(map?.get('apiVersion'))
  const kind = presentText(map?.get('kind'))
  const name = presentText(meta?.get('name'))
  const namespace = presentText(meta?.get('namespace'))
  const labels = meta?.get('labels')
  const annotations = meta?.get('annotations')
  const parts = [
    map?.get('apiVersion'),
    map?.get('kind'),
    meta?.get('name'),
    meta?.get('namespace'),
    labels,
    annotations,
  ]
  if (parts.every(isNilOrEmpty)) {
    fail('RESOURCE_INVALID', 'missing Resource metadata', {
      at,
      hint: 'an object needs apiVersion, kind and metadata.name',
    })
  }
  const shown = (): string =>
    `{{${apiVersion} ${kind}} {{${name} ${namespace}} ${goMap(labels)} ${goMap(annotations)}}}`
  if (kind === '') fail('RESOURCE_INVALID', `missing kind in object ${shown()}`, { at })
  if (name === '' && !kind.endsWith('List'))
    fail('RESOURCE_INVALID', `missing metadata.name in object ${shown()}`, { at })
}

function presentText(node: YamlNode | undefined): string {
  return isNilOrEmpty(node) ? '' : textOf(node)
}

/** A map as Go's %v prints it. */
function goMap(node: YamlNode | undefined): string {
  const entries = [...stringMap(node)].sort(([a], [b]) => (a < b ? -1 : 1))
  return `map[${entries.map(([key, value]) => `${key}:${value}`).join(' ')}]`
}
