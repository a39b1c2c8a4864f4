/**
 * Writes src/k8s/fields.ts, the fields of every kind that a Kubernetes API server serves by itself, from the OpenAPI
 * document of a release (`api/openapi-spec/swagger.json` of kubernetes/kubernetes). Run it for a new release:
 *
 *     npm run build && node dist/scripts/generate-kubernetes-fields.js swagger.json 1.36.3
 *
 * Only names, types and what is required are kept: no text of the document is.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'

interface OpenApiSchema {
  readonly $ref?: string
  readonly type?: string
  readonly format?: string
  readonly items?: OpenApiSchema
  readonly additionalProperties?: OpenApiSchema
  readonly properties?: Readonly<Record<string, OpenApiSchema>>
  readonly required?: readonly string[]
  readonly 'x-kubernetes-group-version-kind'?: readonly GroupVersionKind[]
}

interface GroupVersionKind {
  readonly group: string
  readonly version: string
  readonly kind: string
}

interface Operation {
  readonly 'x-kubernetes-group-version-kind'?: GroupVersionKind
  readonly 'x-kubernetes-action'?: string
}

export interface OpenApiDocument {
  readonly definitions: Readonly<Record<string, OpenApiSchema>>
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

/** Definitions that are written as a letter, because they are no maps of known fields. */
const letters: Readonly<Record<string, string>> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': 'q',
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': 'x',
  'io.k8s.apimachinery.pkg.apis.meta.v1.Time': 't',
  'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime': 't',
}

/** The text of src/k8s/fields.ts. */
export function fieldsText(document: OpenApiDocument, version: string): string {
  const scopes = scopesOf(document)
  const names = shortNames(Object.keys(document.definitions))
  const wanted: string[] = []
  const kinds: string[] = []
  for (const [definition, schema] of Object.entries(document.definitions)) {
    for (const { group, version: v, kind } of schema['x-kubernetes-group-version-kind'] ?? []) {
      const apiVersion = group === '' ? v : `${group}/${v}`
      const scope = scopes.get(`${apiVersion} ${kind}`)
      // Lists, options and what is only part of a request are no objects that anybody writes to git.
      if (scope === undefined) continue
      kinds.push(`${apiVersion} ${kind} ${names.get(definition)} ${scope}`)
      wanted.push(definition)
    }
  }
  const types = new Map<string, string>()
  while (wanted.length > 0) {
    const definition = wanted.pop()!
    const name = names.get(definition)!
    if (types.has(name)) continue
    const schema = document.definitions[definition]!
    const fields = Object.entries(schema.properties ?? {})
      .filter(([field]) => !/[^\w$-]/.test(field))
      .map(([field, of]) => {
        const mark = schema.required?.includes(field) === true ? '!' : ''
        // The status is the cluster's; what a manifest says of it is not looked at.
        return `${field}${mark}:${field === 'status' && schema['x-kubernetes-group-version-kind'] ? '*' : typeText(of)}`
      })
      .sort()
    types.set(name, `${name} ${fields.join(' ')}`)
    // What has no fields holds anything.
    if (fields.length === 0) types.set(name, `${name} *`)
    for (const field of Object.entries(schema.properties ?? {})) {
      if (field[0] !== 'status' || schema['x-kubernetes-group-version-kind'] === undefined) follow(field[1])
    }
  }
  return `${header(version)}export const fieldKinds = \`\n${kinds.sort().join('\n')}\n\`

${typesComment}export const fieldTypes = \`\n${[...types.values()].sort().join('\n')}\n\`
`

  function typeText(schema: OpenApiSchema): string {
    if (schema.$ref !== undefined) {
      const definition = schema.$ref.replace('#/definitions/', '')
      return letters[definition] ?? names.get(definition)!
    }
    if (schema.type === 'array') return `[${typeText(schema.items ?? {})}`
    if (schema.type === 'object') {
      return schema.additionalProperties === undefined ? '*' : `{${typeText(schema.additionalProperties)}`
    }
    if (schema.type === 'string') return schema.format === 'byte' ? 'y' : 's'
    return { integer: 'i', number: 'n', boolean: 'b' }[schema.type ?? ''] ?? '*'
  }

  function follow(schema: OpenApiSchema): void {
    if (schema.$ref !== undefined) {
      const definition = schema.$ref.replace('#/definitions/', '')
      if (letters[definition] === undefined) wanted.push(definition)
    }
    if (schema.items !== undefined) follow(schema.items)
    if (schema.additionalProperties !== undefined) follow(schema.additionalProperties)
  }
}

/** `apiVersion kind` of everything that can be created, and where it lives. */
function scopesOf({ paths }: OpenApiDocument): Map<string, 'Cluster' | 'Namespaced'> {
  const scopes = new Map<string, 'Cluster' | 'Namespaced'>()
  for (const [path, operations] of Object.entries(paths)) {
    const { post } = operations
    const gvk = post?.['x-kubernetes-group-version-kind']
    // A path with a name in it is of a subresource.
    if (gvk === undefined || path.includes('{name}')) continue
    const { group, version, kind } = gvk
    const namespaced = path.includes('/namespaces/{namespace}/')
    scopes.set(`${group === '' ? version : `${group}/${version}`} ${kind}`, namespaced ? 'Namespaced' : 'Cluster')
  }
  return scopes
}

/** The shortest ends of the definitions' names that tell them apart: "PodSpec", "v2.MetricSpec". */
function shortNames(definitions: readonly string[]): Map<string, string> {
  const names = new Map<string, string>()
  const taken = new Map<string, string[]>()
  for (const definition of definitions) {
    const last = definition.slice(definition.lastIndexOf('.') + 1)
    taken.set(last, [...(taken.get(last) ?? []), definition])
  }
  for (const [last, of] of taken) {
    for (const definition of of) {
      names.set(definition, of.length === 1 ? last : definition.split('.').slice(-3).join('.'))
    }
  }
  return names
}

function header(version: string): string {
  return `/**
 * The fields of Kubernetes' own kinds, as release ${version} has them. Written by scripts/generate-kubernetes-fields.ts:
 * do not edit. A line of kinds is \`apiVersion kind type scope\`.
 */
`
}

const typesComment = `/**
 * A line is a type and its fields: \`name:type\`, or \`name!:type\` for one that must be there. Types are \`s\` text, \`y\`
 * base64, \`i\` integer, \`n\` number, \`b\` boolean, \`q\` quantity, \`x\` integer or text, \`t\` time, \`*\` anything, \`[T\` a list,
 * \`{T\` a map of T, or a type of this table.
 */
`

if (process.argv[1]?.endsWith('generate-kubernetes-fields.js') === true) {
  const [file, version] = process.argv.slice(2)
  if (file === undefined || version === undefined)
    throw new Error('usage: generate-kubernetes-fields SWAGGER.JSON VERSION')
  const target = resolve('src/k8s/fields.ts')
  writeFileSync(target, fieldsText(JSON.parse(readFileSync(file, 'utf8')) as OpenApiDocument, version))
  process.stdout.write(`wrote ${target}\n`)
}
