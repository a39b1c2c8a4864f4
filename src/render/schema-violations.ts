/** Violations of values.schema.json as errors of their own, each at the value that is wrong. */

import { DecapodError, type Position } from '../errors.ts'
import type { Release } from '../site/releases.ts'
import { joinParts } from '../values/path.ts'
import { positionOf, type YamlNode } from '../yaml/node.ts'

/** One violation as Helm prints it: `- at '/service/port': got string, want number`. */
const violation = /^- at '([^']*)': (.*)$/

/**
 * The violations in an error VALUES_SCHEMA, each with the place of its value in the release; where the value is the
 * chart's own, the schema is the place. What is not of the form that Helm prints stays one error.
 */
export function violationsOf(error: DecapodError, release: Release, chart: string): readonly DecapodError[] {
  if (error.code !== 'VALUES_SCHEMA') return [error]
  const found: DecapodError[] = []
  let below: readonly string[] = []
  for (const line of error.message.trimEnd().split('\n').slice(1)) {
    const parts = violation.exec(line)
    if (parts !== null) found.push(violationAt([...below, ...pointer(parts[1]!)], parts[2]!, error, release))
    else if (/^\S.*:$/.test(line)) below = line === `${chart}:` ? [] : [line.slice(0, -1)]
    else if (found.length > 0) found.push(withDetail(found.pop()!, line))
    else return [error]
  }
  return found.length > 0 ? found : [error]
}

function violationAt(path: readonly string[], what: string, error: DecapodError, release: Release): DecapodError {
  const at = placeOf(path, release)
  const schema = at === undefined || error.at === undefined ? [] : [`the schema is ${error.at.file}`]
  const name = path.length === 0 ? 'the values' : joinParts(path)
  return new DecapodError('VALUES_SCHEMA', `${name}: ${what}`, { at: at ?? error.at, notes: schema, cause: error })
}

/** A line below a violation: which of several alternatives fails how. */
function withDetail(error: DecapodError, line: string): DecapodError {
  const { code, message, at, notes, cause } = error
  return new DecapodError(code, message, { at, notes: [...notes, line.trim()], cause })
}

/** The place of the value at a path, or of the map that should have it; undefined where the release sets none of it. */
function placeOf(path: readonly string[], release: Release): Position | undefined {
  let node: YamlNode | undefined = release.values
  let isSet = path.length === 0
  for (const part of path) {
    const next: YamlNode | undefined = childOf(node, part)
    if (next === undefined) break
    node = next
    isSet = true
  }
  return isSet && node !== undefined ? positionOf(node) : undefined
}

function childOf(node: YamlNode | undefined, part: string): YamlNode | undefined {
  if (node?.kind === 'map') return node.get(part)
  return node?.kind === 'seq' ? node.items[Number(part)] : undefined
}

/** The parts of a JSON pointer. */
function pointer(text: string): string[] {
  return text
    .split('/')
    .slice(1)
    .map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}
