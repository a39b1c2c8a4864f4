/** YAML text to node trees: documents with offsets, styles and tags; aliases and merge keys expanded; no comments. */

import { type RawNode, yamlError } from './compose.ts'
import { expand } from './expand.ts'
import type { Dialect, YamlNode, YamlSource } from './node.ts'
import { readDocuments } from './read.ts'
import { reprint } from './reprint.ts'
import { YamlFailure } from './scan.ts'

export interface ParseOptions {
  /** The path a user knows, for messages. */
  readonly file: string
  /** 1-based line in `file` of the first line of the text; positions count from it, go-yaml's messages do not. */
  readonly firstLine?: number
  /** go-yaml v2 behind sigs.k8s.io/yaml (the default), or v3. */
  readonly dialect?: Dialect
  /** With v3: leave large maps unread until somebody looks into them, but print them already (LateMap, stringifySorted). */
  readonly late?: boolean
}

export interface YamlDocument {
  /** The content; an empty document is a null scalar. */
  readonly root: YamlNode
  readonly source: YamlSource
  /** Offset in the source's text where the document starts (its `---`, or its content when there is none). */
  readonly offset: number
}

/**
 * All documents of a text. Throws DecapodError YAML_PARSE with go-yaml's message (`yaml: line 3: did not find expected
 * key`) and the place. An empty text has no documents; `---` alone has one, null.
 */
export function parseDocuments(text: string, options: ParseOptions): YamlDocument[] {
  const source = sourceOf(text, options)
  const dialect = options.dialect ?? 'sigs'
  return readDocuments(source, dialect, 'nodes', 'all', root => finish(root, source, dialect)).map(doc => ({
    root: doc.root,
    source,
    offset: doc.offset,
  }))
}

/** The first document of a text, as parseDocuments gives it; undefined for a text without any. What follows is not read. */
export function parseNode(text: string, options: ParseOptions): YamlNode | undefined {
  const source = sourceOf(text, options)
  const dialect = options.dialect ?? 'sigs'
  const print = options.late ? reprint : undefined
  return readDocuments(source, dialect, 'nodes', 'first', root => finish(root, source, dialect), print)[0]?.root
}

function sourceOf(text: string, options: ParseOptions): YamlSource {
  return { file: options.file, text, firstLine: options.firstLine ?? 1 }
}

function finish(root: RawNode, source: YamlSource, dialect: Dialect): YamlNode {
  try {
    return expand(root, dialect)
  } catch (error) {
    throw error instanceof YamlFailure ? yamlError(error, source, dialect) : error
  }
}
