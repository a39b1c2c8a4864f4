/**
 * `crds`: files of OpenAPI definitions whose extensions say which fields are names, labels, annotations or references
 * (api/internal/accumulator/loadconfigfromcrds.go). They are not CustomResourceDefinitions.
 */
import { DecapodError } from '../errors.ts'
import { decodeJson, type GoType, type Json, map, struct } from './decode.ts'
import { during, rephrase } from './fail.ts'
import { type FieldSpec, fieldSpec } from './fieldspec.ts'
import type { NameReference, TransformerConfig } from './fieldspecs.ts'
import type { Loader } from './load.ts'
import { decodeAt, readJson } from './read-yaml.ts'
import { emptyConfig, mergeConfigs } from './transformer-config.ts'

type JsonMap = ReadonlyMap<string, Json>

/** The configuration that the definitions of these files amount to. */
export function configFromCrds(paths: readonly string[], loader: Loader): TransformerConfig {
  return during(`loading CRDs [${paths.join(' ')}]`, () => {
    let config = emptyConfig
    for (const path of paths) {
      const definitions = readDefinitions(path, loader)
      for (const [name, definition] of definitions) {
        const properties = propertiesOf(definition)
        if (!['kind', 'apiVersion', 'metadata'].every(field => properties.has(field))) continue
        const found = new Gathered()
        // The kind is what follows the last dot of the type's name.
        found.gather(name.slice(name.lastIndexOf('.') + 1), definitions, properties, [], new Set([name]))
        config = mergeConfigs(config, found.config())
      }
    }
    return config
  })
}

const definitionsType: GoType<Map<string, object>> = map(
  struct<object>('accumulator.OpenAPIDefinition', {}),
  'accumulator.nameToApiMap',
)

/** As the decoder meets them: what is wrong with the first is what is told. */
function sortedKeys(data: Json): Json {
  return data instanceof Map ? new Map([...data].sort(([a], [b]) => (a < b ? -1 : 1))) : data
}

function readDefinitions(path: string, loader: Loader): JsonMap {
  const text = loader.readText(path)
  try {
    const { data, node } = readJson(text, loader.pathOf(path))
    // A manifest of a CustomResourceDefinition, which people list here, is no map of definitions.
    decodeAt(node, () => decodeJson(sortedKeys(data), definitionsType, { strict: false, coerce: true }))
    return data instanceof Map ? (data as JsonMap) : new Map()
  } catch (error) {
    if (!(error instanceof DecapodError)) throw error
    throw rephrase(error, `unable to parse open API definition from '${path}': ${error.message}`)
  }
}

function propertiesOf(definition: Json | undefined): JsonMap {
  return mapIn(mapIn(definition, 'Schema') ?? mapIn(definition, 'schema'), 'properties') ?? new Map()
}

function mapIn(value: Json | undefined, key: string): JsonMap | undefined {
  const found = value instanceof Map ? (value as JsonMap).get(key) : undefined
  return found instanceof Map ? (found as JsonMap) : undefined
}

function textIn(value: Json, key: string): string | undefined {
  const found = value instanceof Map ? (value as JsonMap).get(key) : undefined
  return typeof found === 'string' ? found : undefined
}

class Gathered {
  readonly annotations: FieldSpec[] = []
  readonly labels: FieldSpec[] = []
  readonly names: FieldSpec[] = []
  readonly references: NameReference[] = []

  config(): TransformerConfig {
    return {
      ...emptyConfig,
      commonAnnotations: this.annotations,
      commonLabels: this.labels,
      namePrefix: this.names,
      nameReference: this.references,
    }
  }

  /** Walks the properties of a type and of the types it refers to; `seen` guards against types that hold themselves. */
  gather(kind: string, types: JsonMap, properties: JsonMap, path: readonly string[], seen: ReadonlySet<string>): void {
    for (const [name, property] of properties) {
      const here = [...path, name]
      const spec = fieldSpec(here.join('/'), false, kind)
      if (textIn(property, 'x-kubernetes-annotation') !== undefined) this.annotations.push(spec)
      if (textIn(property, 'x-kubernetes-label-selector') !== undefined) this.labels.push(spec)
      if (textIn(property, 'x-kubernetes-identity') !== undefined) this.names.push(spec)
      const version = textIn(property, 'x-kubernetes-object-ref-api-version')
      const refKind = textIn(property, 'x-kubernetes-object-ref-kind')
      if (version !== undefined && refKind !== undefined) {
        const nameKey = textIn(property, 'x-kubernetes-object-ref-name-key') ?? 'name'
        const referrers = [fieldSpec([...here, nameKey].join('/'), false, kind)]
        this.references.push({ group: '', version, kind: refKind, referrers })
      }
      const ref = textIn(property, '$ref')
      if (ref !== undefined && !seen.has(ref)) {
        this.gather(kind, types, propertiesOf(types.get(ref)), here, new Set([...seen, ref]))
      }
    }
  }
}
