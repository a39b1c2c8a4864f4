/** Field specs: which fields of which kinds a transformer edits, and the walk to them (api/filters/fieldspec). */

import { YamlMap, type YamlNode, YamlScalar, YamlSeq } from '../yaml/node.ts'
import { during, fail, wrapError } from './fail.ts'
import { splitPath } from './field-path.ts'
import { expectKind, isNull, type NodeKind } from './nodes.ts'
import { compareGvk, type Gvk, isGvkSelected } from './resid.ts'
import type { Resource } from './resource.ts'

/** Empty group, version and kind match anything. `path` is split at slashes; `name[]` must be a list. */
export interface FieldSpec extends Gvk {
  readonly path: string
  /** Make the field where it is missing. */
  readonly create: boolean
}

export function fieldSpec(path: string, create = false, kind = '', group = '', version = ''): FieldSpec {
  return { group, version, kind, path, create }
}

/**
 * Adds field specs to others: one whose path is there for the same or for more special kinds is ignored, or refused
 * when it disagrees about `create` (FsSlice.MergeAll).
 */
export function mergeFieldSpecs(into: readonly FieldSpec[], incoming: readonly FieldSpec[]): FieldSpec[] {
  const merged = [...into]
  const byPath = new Map<string, FieldSpec[]>()
  const note = (spec: FieldSpec): void => {
    const same = byPath.get(spec.path)
    if (same === undefined) byPath.set(spec.path, [spec])
    else same.push(spec)
  }
  for (const spec of into) note(spec)
  for (const spec of incoming) {
    const known = byPath.get(spec.path)?.find(other => isGvkSelected(other, spec))
    if (known === undefined) {
      merged.push(spec)
      note(spec)
    } else if (known.create !== spec.create) {
      fail('KUSTOMIZATION_INVALID', 'conflicting fieldspecs', {
        notes: [`${spec.path} is listed with create: ${known.create} and with create: ${spec.create}`],
      })
    }
  }
  return merged
}

/** Sorted by kind in installation order, as transformer configurations are. */
export function sortFieldSpecs(specs: readonly FieldSpec[]): FieldSpec[] {
  return [...specs].sort(compareGvk)
}

/** What to do at the end of a path. `replace` puts another node in the place of the one found. */
export type SetField = (node: YamlNode) => void

export interface FieldEdit {
  readonly set: SetField
  /** What a missing field is made as; without it nothing is made. */
  readonly create?: NodeKind
  /** The tag of a field that was null. */
  readonly createTag?: string
}

interface Step {
  readonly name: string
  readonly isList: boolean
}

interface CompiledSpec {
  readonly spec: FieldSpec
  readonly steps: readonly Step[]
}

/** Field specs ready to be applied: paths split once, kinds looked up once. */
export class FieldSpecs {
  readonly #all: readonly CompiledSpec[]
  readonly #byGvk = new Map<string, readonly CompiledSpec[]>()

  constructor(specs: readonly FieldSpec[]) {
    this.#all = specs.map(compile)
  }

  /** Edits every field of the resource that a spec names. Failures say which field of which object. */
  apply(resource: Resource, edit: FieldEdit): void {
    for (const compiled of this.#matching(resource)) applyCompiled(resource, compiled, edit)
  }

  #matching(resource: Resource): readonly CompiledSpec[] {
    const { group, version, kind } = resource.gvk
    const key = `${group}/${version}/${kind}`
    let found = this.#byGvk.get(key)
    if (found === undefined) {
      found = this.#all.filter(c => isGvkSelected({ group, version, kind }, c.spec))
      this.#byGvk.set(key, found)
    }
    return found
  }
}

/** Edits the fields one spec names, if the resource is of its kind. */
export function applyFieldSpec(resource: Resource, spec: FieldSpec, edit: FieldEdit): void {
  if (isGvkSelected(resource.gvk, spec)) applyCompiled(resource, compile(spec), edit)
}

function compile(spec: FieldSpec): CompiledSpec {
  const steps = splitPath(spec.path, '/').map(part =>
    part.endsWith('[]') ? { name: part.slice(0, -2), isList: true } : { name: part, isList: false },
  )
  return { spec, steps }
}

function applyCompiled(resource: Resource, { spec, steps }: CompiledSpec, edit: FieldEdit): void {
  const made = annotationsOfBuild(resource, spec)
  try {
    visit(resource.node, steps, 0, spec.create, edit)
    if (made?.pairs.length === 0) resource.metadata().delete('annotations')
  } catch (error) {
    throw wrapError(`considering field '${spec.path}' of object ${resource.curId()}`, error)
  }
}

/** Kustomize keeps its records in annotations: where it has any, a spec that creates nothing finds the map. */
function annotationsOfBuild(resource: Resource, spec: FieldSpec): YamlMap | undefined {
  if (spec.create || spec.path !== 'metadata/annotations' || !resource.hasBuildRecord) return undefined
  const metadata = resource.metadata()
  if (metadata.get('annotations')?.kind === 'map') return undefined
  const made = new YamlMap()
  metadata.set('annotations', made)
  return made
}

function visit(node: YamlNode, steps: readonly Step[], at: number, create: boolean, edit: FieldEdit): void {
  if (at === steps.length) {
    edit.set(node)
    return
  }
  if (node.kind === 'map') visitMap(node, steps, at, create, edit)
  else if (node.kind === 'seq') {
    try {
      for (const item of node.items) visit(item, steps, at, create, edit)
    } catch (error) {
      const rest = steps.slice(at).map(step => (step.isList ? `${step.name}[]` : step.name))
      throw wrapError(`visit traversal on path: [${rest.join(' ')}]`, error)
    }
  } else if (!isNull(node)) fail('RESOURCE_INVALID', 'expected sequence or mapping node')
}

function visitMap(map: YamlMap, steps: readonly Step[], at: number, create: boolean, edit: FieldEdit): void {
  const { name, isList } = steps[at]!
  if (name === '') fail('KUSTOMIZATION_INVALID', 'cannot set or create an empty field name')
  const creating = create && edit.create !== undefined && !isList
  const kind: NodeKind | undefined = !creating
    ? isList
      ? 'seq'
      : undefined
    : at === steps.length - 1
      ? edit.create
      : 'map'
  const field = findField(map, name)
  if (field === undefined) {
    if (!creating) return
    const made = makeNode(kind!)
    map.set(name, made)
    visit(made, steps, at + 1, create, edit)
    return
  }
  // A field that is null is taken for an empty one of the kind that is wanted.
  if (kind !== undefined && isNull(field)) {
    if (kind === 'scalar') (field as YamlScalar).tag = edit.createTag
    else {
      const made = makeNode(kind)
      map.set(name, made)
      visit(made, steps, at + 1, create, edit)
      return
    }
  }
  visit(field, steps, at + 1, create, edit)
}

/** The field of that name; a number or `*` in a path is no name of a map's field (kyaml's PathGetter). */
function findField(map: YamlMap, name: string): YamlNode | undefined {
  if (/^[+-]?\d+$/.test(name) || name === '-') during(`fieldName: ${name}`, () => expectKind(map, 'seq'))
  if (name === '*') fail('KUSTOMIZATION_INVALID', `fieldName: ${name}: wildcard is not supported in PathGetter`)
  return map.get(name)
}

function makeNode(kind: NodeKind): YamlNode {
  return kind === 'map' ? new YamlMap() : kind === 'seq' ? new YamlSeq() : new YamlScalar('')
}

/**
 * Sets a scalar in place, keeping how it was written; anything else is an error (FieldSetter without a name). go-yaml
 * leaves out a tag that the text has anyway, so that within quotes a number becomes a text.
 */
export function setScalar(node: YamlNode, value: string, tag?: string): void {
  expectKind(node, 'scalar')
  const scalar = node as YamlScalar
  scalar.value = value
  scalar.tag = tag === '!!int' && scalar.style !== 'plain' ? undefined : tag
  // No longer what was read, whose type would be known.
  scalar.source = undefined
}
