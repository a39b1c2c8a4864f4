/**
 * What a KRM function is given on stdin, and what becomes of what it prints: annotations with which kyaml follows
 * resources through a function, under their new names and their old ones (kyaml/kio, kyaml/kio/kioutil,
 * kyaml/fn/runtime/runtimeutil).
 */
import { join } from '../go/path.ts'
import { YamlMap, type YamlNode, YamlScalar, YamlSeq } from '../yaml/node.ts'
import { during, fail } from './fail.ts'
import { kyamlText } from './kyaml-text.ts'
import { plainScalar, textOf } from './nodes.ts'
import { readDocuments } from './read-resources.ts'

const internal = 'internal.config.kubernetes.io/'
const migrationId = `${internal}annotations-migration-resource-id`

type Field = 'path' | 'index' | 'id'

/** Each annotation under its new name and the one that older functions know. */
const names: Readonly<Record<Field, readonly [now: string, legacy: string]>> = {
  path: [`${internal}path`, 'config.kubernetes.io/path'],
  index: [`${internal}index`, 'config.kubernetes.io/index'],
  id: [`${internal}id`, 'config.k8s.io/id'],
}
const fields: readonly Field[] = ['path', 'index', 'id']

/** The stdin of a function, and what is needed to read its answer. */
export interface FunctionInput {
  readonly text: string
  /** Path and index of every resource by its number, as they were before the function ran. */
  readonly given: ReadonlyMap<string, ReadonlyMap<Field, string>>
}

/** The input for resources and a configuration, both as YAML text. */
export function functionInput(documents: string, functionConfig: string): FunctionInput {
  const items = readDocuments(documents, 'function input')
  const given = new Map<string, ReadonlyMap<Field, string>>()
  for (const [i, node] of items.entries()) {
    if (node.kind !== 'map') continue
    setAnnotation(node, names.index[1], String(i))
    setAnnotation(node, names.index[0], String(i))
  }
  for (const [i, node] of items.entries()) {
    if (node.kind !== 'map') continue
    setAnnotation(node, migrationId, String(i))
    given.set(String(i), new Map(fields.map(field => [field, annotation(node, names[field][0])])))
    for (const field of fields) fillIn(node, field)
    refuseMismatches(node)
    setAnnotation(node, names.id[0], String(i + 1))
    setAnnotation(node, names.id[1], String(i + 1))
  }
  const [config] = readDocuments(functionConfig, 'function configuration')
  const list = new YamlMap()
  list.set('apiVersion', plainScalar('config.kubernetes.io/v1'))
  list.set('kind', plainScalar('ResourceList'))
  list.set('items', new YamlSeq([...items]))
  if (config !== undefined) list.set('functionConfig', config)
  return { text: kyamlText(list), given }
}

/** The configuration with the annotation that takes it out of a build's output. */
export function asLocalConfig(functionConfig: string): string {
  const [config] = readDocuments(functionConfig, 'function configuration')
  if (config?.kind !== 'map') return functionConfig
  setAnnotation(config, 'config.kubernetes.io/local-config', 'true')
  return kyamlText(config)
}

/** The documents that a function printed, as Kustomize goes on with them. PLUGIN_FAILED where they are none. */
export function functionOutput(stdout: string, { given }: FunctionInput): string {
  const nodes = during("couldn't execute function", () => readDocuments(stdout, 'function output'))
  for (const node of nodes) {
    if (node.kind !== 'map') continue
    const id = annotation(node, names.id[0]) || annotation(node, names.id[1])
    // The number of a resource that was given has done its service.
    if (given.has(String(Number(id) - 1))) for (const name of names.id) clearAnnotation(node, name)
    for (const field of fields) fillIn(node, field)
    if (annotation(node, names.path[0]) === '') {
      const path = defaultPath(node)
      for (const name of names.path) setAnnotation(node, name, path)
    }
    during("couldn't execute function", () => reconcile(node, given))
    for (const name of [migrationId, ...names.index, `${internal}seqindent`]) clearAnnotation(node, name)
  }
  return nodes.map(kyamlText).join('---\n')
}

/** Where kyaml would write a resource that says nothing of it. */
function defaultPath(node: YamlMap): string {
  const metadata = node.get('metadata')
  const text = (field: string): string => (metadata?.kind === 'map' ? textOf(metadata.get(field)) : '')
  return join(text('namespace'), `${textOf(node.get('kind')).toLowerCase()}_${text('name')}.yaml`)
}

/** What changed under one of the two names changes under the other; to change both is a contradiction. */
function reconcile(node: YamlMap, given: FunctionInput['given']): void {
  const before = given.get(annotation(node, migrationId))
  for (const field of fields.slice(0, 2)) {
    const [name, old] = names[field]
    const was = before?.get(field) ?? ''
    const now = annotation(node, name)
    const legacy = annotation(node, old)
    if (was === '') continue
    if (was !== now && was !== legacy && now !== legacy) refuse(field)
    if (was !== now) setAnnotation(node, old, now)
    else if (was !== legacy) setAnnotation(node, name, legacy)
  }
  refuseMismatches(node)
}

function refuseMismatches(node: YamlMap): void {
  for (const field of fields) {
    const [now, legacy] = names[field].map(name => annotation(node, name)) as [string, string]
    if (now !== '' && legacy !== '' && now !== legacy) refuse(field)
  }
}

function refuse(field: Field): never {
  fail('PLUGIN_FAILED', `resource input to function has mismatched legacy and internal ${field} annotations`)
}

/** Of the two names the one that is missing gets the value of the other. */
function fillIn(node: YamlMap, field: Field): void {
  const [name, old] = names[field]
  const now = annotation(node, name)
  const legacy = annotation(node, old)
  if (now !== '' && legacy === '') setAnnotation(node, old, now)
  else if (now === '' && legacy !== '') setAnnotation(node, name, legacy)
}

function annotations(node: YamlMap): YamlMap | undefined {
  const metadata = node.get('metadata')
  const found = metadata?.kind === 'map' ? metadata.get('annotations') : undefined
  return found?.kind === 'map' ? found : undefined
}

function annotation(node: YamlMap, name: string): string {
  return textOf(annotations(node)?.get(name))
}

/** Annotations are quoted, so that no program takes a number for anything else. */
function setAnnotation(node: YamlMap, name: string, value: string): void {
  let map = annotations(node)
  if (map === undefined) {
    let metadata: YamlNode | undefined = node.get('metadata')
    if (metadata?.kind !== 'map') node.set('metadata', (metadata = new YamlMap()))
    map = new YamlMap()
    ;(metadata as YamlMap).set('annotations', map)
  }
  map.set(name, new YamlScalar(value, 'single', '!!str'))
}

function clearAnnotation(node: YamlMap, name: string): void {
  const map = annotations(node)
  if (map === undefined) return
  map.delete(name)
  const metadata = node.get('metadata')
  if (map.pairs.length === 0 && metadata?.kind === 'map') metadata.delete('annotations')
}
