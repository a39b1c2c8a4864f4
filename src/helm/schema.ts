/** values.schema.json (Helm's pkg/chartutil/jsonschema.go; Helm 4: pkg/chart/common/util). */
import { DecapodError } from '../errors.ts'
import { fromBytes, type GoDict, GoError, typeOf } from '../go/value.ts'
import { type CoalesceOptions, isTable } from './coalesce.ts'
import { Compiler, type Schema } from './json-schema/compile.ts'
import type { Draft } from './json-schema/draft.ts'
import { type Json, parseSchemaJson } from './json-schema/json.ts'
import { validate } from './json-schema/validate.ts'
import { formatViolations } from './json-schema/violation.ts'
import { logLine } from './log-line.ts'
import type { ChartNode } from './node.ts'
import type { Semantics } from './semantics.ts'

const schemaUrl = 'file:///values.schema.json'

const silent: CoalesceOptions = { semantics: 3, warn: () => {} }

/**
 * Checks the values of a chart and of each subchart against their schemas. Throws DecapodError VALUES_SCHEMA with all
 * violations, in Helm's words.
 */
export function validateValues(root: ChartNode, values: GoDict, options: CoalesceOptions = silent): void {
  const found = violationsOf(root, values, options)
  if (found === '') return
  const message = `values don't meet the specifications of the schema(s) in the following chart(s):\n${found}`
  throw new DecapodError('VALUES_SCHEMA', message, {
    at: { file: `${root.name}/values.schema.json` },
  })
}

function violationsOf(node: ChartNode, values: GoDict, options: CoalesceOptions): string {
  let found = ''
  const { schema } = node.chart
  if (schema !== undefined) {
    const own = checkOne(schema, values, options, `${node.fullPath}/values.schema.json`)
    if (own !== '') found += `${node.name}:\n${own}`
  }
  for (const dependency of node.dependencies) {
    const below = values.get(dependency.name)
    if (below === undefined || below === null) continue
    if (isTable(below)) found += violationsOf(dependency, below, options)
    else found += `${dependency.name}:\ninvalid type for values: expected object (map), got ${typeOf(below)}\n`
  }
  return found
}

function checkOne(bytes: Uint8Array, values: GoDict, options: CoalesceOptions, file: string): string {
  try {
    const { schema, unresolved } = compiled(bytes)
    for (const urn of unresolved) options.warn(permissive(urn, options.semantics))
    if (schema instanceof GoError) throw schema
    const violations = validate(schema, values)
    return violations.length === 0 ? '' : `${formatViolations(violations)}\n`
  } catch (error) {
    if (error instanceof GoError) return error.message
    if (error instanceof DecapodError && error.at === undefined) {
      throw new DecapodError(error.code, error.message, { at: { file }, hint: error.hint, cause: error })
    }
    throw error
  }
}

function permissive(urn: string, semantics: Semantics): string {
  return semantics === 3
    ? `WARNING: unresolved URN reference ignored; using permissive schema: ${urn}`
    : logLine('unresolved URN reference ignored; using permissive schema', { urn })
}

/** A schema, or what is wrong with it, and the references in it that allow everything because nothing resolves them. */
interface Compiled {
  readonly schema: Schema | GoError
  readonly unresolved: readonly string[]
}

/** Compiled schemas by the bytes they came from: one for all renders of a chart. */
const cache = new WeakMap<Uint8Array, Compiled>()

function compiled(bytes: Uint8Array): Compiled {
  const known = cache.get(bytes)
  if (known !== undefined) return known
  const unresolved: string[] = []
  let schema: Schema | GoError
  try {
    const compiler = new Compiler({ check, unresolved: urn => void unresolved.push(urn) })
    compiler.add(schemaUrl, parseSchemaJson(fromBytes(bytes)))
    schema = compiler.compile(schemaUrl)
  } catch (error) {
    if (!(error instanceof GoError)) throw error
    schema = error
  }
  const made = { schema, unresolved }
  cache.set(bytes, made)
  return made
}

const metaSchemas = new Map<string, Schema>()

/** A schema is a document too, and must follow the schema of its draft. */
function check(document: Json, draft: Draft, location: string): void {
  let schema = metaSchemas.get(draft.url)
  if (schema === undefined) {
    schema = new Compiler({ assertFormats: true }).compile(draft.url)
    metaSchemas.set(draft.url, schema)
  }
  const violations = validate(schema, document)
  if (violations.length === 0) return
  const list = formatViolations(violations)
  throw new GoError(
    `"${location}" is not valid against metaschema: jsonschema validation failed with '${draft.url}#'\n${list}`,
  )
}
