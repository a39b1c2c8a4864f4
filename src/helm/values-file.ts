/** Values as they stand in files: values.yaml of a chart and what -f names. */
import { DecapodError } from '../errors.ts'
import { trimSpace } from '../go/strings.ts'
import type { GoDict } from '../go/value.ts'
import { unmarshalMap } from '../yaml/values.ts'
import { isTable } from './coalesce.ts'
import type { Semantics } from './semantics.ts'

/**
 * Reads values. Helm 3 takes the first document, Helm 4 merges all of them. Throws DecapodError YAML_PARSE with
 * Helm's text.
 */
export function parseValues(text: string, file: string, semantics: Semantics): GoDict {
  if (semantics === 3) return parseMapping(text, file, 1)
  let values: GoDict = new Map()
  for (const { text: document, line } of splitDocuments(text, file)) {
    values = mergeMaps(values, parseMapping(document, file, line, 'cannot unmarshal yaml document: '))
  }
  return values
}

/** Merges values of equal standing: tables recursively, all else is replaced, also by null. Changes neither. */
export function mergeMaps(under: GoDict, over: GoDict): GoDict {
  const merged: GoDict = new Map(under)
  for (const [key, value] of over) {
    const existing = merged.get(key)
    merged.set(key, isTable(value) && isTable(existing) ? mergeMaps(existing, value) : value)
  }
  return merged
}

function parseMapping(text: string, file: string, firstLine: number, prefix = ''): GoDict {
  try {
    return unmarshalMap(text, { file, firstLine, dialect: 'sigs' })
  } catch (error) {
    if (prefix === '' || !(error instanceof DecapodError)) throw error
    throw new DecapodError(error.code, prefix + error.message, { at: error.at, hint: error.hint, cause: error })
  }
}

/**
 * Cuts a stream at lines that start with `---` (apimachinery's YAMLReader). After it only blanks and a comment may stand,
 * and the line itself opens the next document unless something stands before it.
 */
function* splitDocuments(text: string, file: string): Generator<{ text: string; line: number }> {
  let lines: string[] = []
  let first = 1
  for (const [i, line] of text.replace(/\r\n/g, '\n').replace(/\n$/, '').split('\n').entries()) {
    if (line.startsWith('---')) {
      const rest = trimSpace(line.slice(3))
      if (rest !== '' && !rest.startsWith('#')) {
        const message = `error reading yaml document: invalid Yaml document separator: ${rest}`
        throw new DecapodError('YAML_PARSE', message, { at: { file, line: i + 1 } })
      }
      if (lines.length > 0) {
        yield { text: lines.join('\n') + '\n', line: first }
        lines = []
        first = i + 2
        continue
      }
    }
    lines.push(line)
  }
  if (lines.length > 0) yield { text: lines.join('\n') + '\n', line: first }
}
