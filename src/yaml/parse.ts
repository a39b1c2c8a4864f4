/** YAML text to node trees: documents with offsets, styles and tags; aliases and merge keys expanded; no comments. */

import type { DecapodError } from '../errors.ts'
import { compose, type RawDocument, yamlError } from './compose.ts'
import { expand } from './expand.ts'
import { readFast } from './fast.ts'
import type { Dialect, YamlNode, YamlSource } from './node.ts'
import { YamlFailure } from './scan.ts'

export interface ParseOptions {
  /** The path a user knows, for messages. */
  readonly file: string
  /** 1-based line in `file` of the first line of the text; positions count from it, go-yaml's messages do not. */
  readonly firstLine?: number
  /** go-yaml v2 behind sigs.k8s.io/yaml (the default), or v3. */
  readonly dialect?: Dialect
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
  const fast = readFast(source, dialect, 'nodes', 'all')
  if (fast !== undefined) return fast.map(doc => ({ root: doc.root as YamlNode, source, offset: doc.offset }))
  const out: YamlDocument[] = []
  for (const doc of compose(source, dialect)) out.push(finish(doc, source, dialect))
  return out
}

/** The first document of a text, as parseDocuments gives it; undefined for a text without any. What follows is not read. */
export function parseNode(text: string, options: ParseOptions): YamlNode | undefined {
  const source = sourceOf(text, options)
  const dialect = options.dialect ?? 'sigs'
  const fast = readFast(source, dialect, 'nodes', 'first')
  if (fast !== undefined) return fast[0]?.root as YamlNode | undefined
  for (const doc of compose(source, dialect)) return finish(doc, source, dialect).root
  return undefined
}

function sourceOf(text: string, options: ParseOptions): YamlSource {
  return { file: options.file, text, firstLine: options.firstLine ?? 1 }
}

function finish(doc: RawDocument, source: YamlSource, dialect: Dialect): YamlDocument {
  try {
    return { root: expand(doc.root, dialect), source, offset: doc.offset }
  } catch (error) {
    throw asYamlError(error, source, dialect)
  }
}

function asYamlError(error: unknown, source: YamlSource, dialect: Dialect): DecapodError | unknown {
  return error instanceof YamlFailure ? yamlError(error, source, dialect) : error
}
