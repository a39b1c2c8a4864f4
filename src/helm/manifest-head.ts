/** The few fields of a rendered document that decide its place (Helm's releaseutil.SimpleHead). */
import { DecapodError } from '../errors.ts'
import { GoError, type GoValue } from '../go/value.ts'
import { RecentTexts } from '../template/cache.ts'
import { skim } from '../yaml/skim.ts'
import { decode, map, parseTyped, type Shape, text } from './decode.ts'
import type { Semantics } from './semantics.ts'

export interface ManifestHead {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly annotations: ReadonlyMap<string, string>
}

const headShape = (goPackage: string): Shape & { kind: 'struct' } => ({
  kind: 'struct',
  name: `${goPackage}.SimpleHead`,
  fields: {
    apiVersion: text,
    kind: text,
    metadata: {
      kind: 'struct',
      name: 'struct { Name string "json:\\"name\\""; Annotations map[string]string "json:\\"annotations\\"" }',
      pointer: true,
      fields: { name: text, annotations: map(text) },
    },
  },
})

const shapes = { 3: headShape('releaseutil'), 4: headShape('util') } as const

const none: ReadonlyMap<string, string> = new Map()

/** Heads of documents read lately: definitions of resources and much else are the same in all sites. */
const recent: Readonly<Record<Semantics, RecentTexts<ManifestHead>>> = {
  3: new RecentTexts(4e6),
  4: new RecentTexts(4e6),
}

/** The head of a document, which may be one that others have. Throws as readHead does. */
export function parseHead(document: string, file: string, semantics: Semantics): ManifestHead {
  let head = recent[semantics].get(document)
  if (head === undefined) {
    head = readHead(document, file, semantics)
    recent[semantics].set(document, head)
  }
  return head
}

/** Reads the head of a document. Throws DecapodError YAML_PARSE or MANIFEST_INVALID with the text of sigs.k8s.io/yaml. */
function readHead(document: string, file: string, semantics: Semantics): ManifestHead {
  const value = parseFields(document, file)
  try {
    const head = decode(value, shapes[semantics])
    const metadata = head.get('metadata') as ReadonlyMap<string, unknown> | undefined
    return {
      apiVersion: (head.get('apiVersion') as string | undefined) ?? '',
      kind: (head.get('kind') as string | undefined) ?? '',
      name: (metadata?.get('name') as string | undefined) ?? '',
      annotations: (metadata?.get('annotations') as ReadonlyMap<string, string> | undefined) ?? none,
    }
  } catch (error) {
    if (!(error instanceof GoError)) throw error
    const message = `error unmarshaling JSON: while decoding JSON: ${error.message}`
    throw new DecapodError('MANIFEST_INVALID', message, { at: { file } })
  }
}

/** The fields of a head, however a key is written: encoding/json does not look at its case. */
const isField = (key: string): boolean => {
  if (key.length !== 4 && key.length !== 8 && key.length !== 10) return false
  const folded = key.toLowerCase()
  return folded === 'kind' || folded === 'metadata' || folded === 'apiversion'
}

/**
 * A document's value, perhaps without what the head does not need: of a large object that is nearly all, and most of the
 * time of sorting went into reading it.
 */
function parseFields(document: string, file: string): GoValue {
  const part = skim(document, isField)
  if (part === document) return parseTyped(document, file)
  try {
    return parseTyped(part, file)
  } catch (error) {
    if (!(error instanceof DecapodError)) throw error
    // Its places count from the start of the document.
    return parseTyped(document, file)
  }
}
