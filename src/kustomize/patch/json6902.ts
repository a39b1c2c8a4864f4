/**
 * JSON patches (RFC 6902) as Kustomize applies them: evanphx/json-patch v4.13 on the object turned into JSON and back
 * (api/filters/patchjson6902). Its leniencies are kept: a replace of a missing key adds it, a copy of one gives null, a
 * path without a leading slash loses its first part, indexes may be negative.
 */
import { DecapodError, nearest } from '../../errors.ts'
import { cloneNode, positionOf, type YamlMap, type YamlNode, YamlScalar, type YamlSeq } from '../../yaml/node.ts'
import type { Budget } from '../budget.ts'
import { isNull, textOf } from '../nodes.ts'
import { refusal, writeAndRead } from '../output.ts'
import { asJson, sameJson } from './json-node.ts'

/** One step, its value as JSON data. */
export interface JsonOperation {
  /** What `op` says; "unknown" where it is missing or no string. */
  readonly op: string
  /** Pointers as written; undefined where they are missing or no string. */
  readonly path: string | undefined
  readonly from: string | undefined
  /** Undefined where it is missing or null. */
  readonly value: YamlNode | undefined
  /** The step itself, for positions. */
  readonly node: YamlNode
}

export type JsonPatch = readonly JsonOperation[]

/**
 * Reads the steps of a patch from a list of maps whose scalars are JSON data already. PATCH_INVALID, in the words of
 * encoding/json, for anything else.
 */
export function readJsonPatch(node: YamlNode): JsonPatch {
  if (isNull(node)) return []
  if (node.kind !== 'seq') throw cannotRead(node, 'jsonpatch.Patch')
  return node.items.map(item => {
    if (item.kind !== 'map') {
      if (!isNull(item)) throw cannotRead(item, 'jsonpatch.Operation')
      return { op: 'unknown', path: undefined, from: undefined, value: undefined, node: item }
    }
    const value = item.get('value')
    return {
      op: stringOf(item.get('op')) ?? 'unknown',
      path: stringOf(item.get('path')),
      from: stringOf(item.get('from')),
      value: value === undefined || isNull(value) ? undefined : value,
      node: item,
    }
  })
}

function cannotRead(node: YamlNode, type: string): DecapodError {
  const kind = node.kind === 'map' ? 'object' : node.kind === 'seq' ? 'array' : scalarKind(node)
  return new DecapodError('PATCH_INVALID', `json: cannot unmarshal ${kind} into Go value of type ${type}`, {
    at: positionOf(node),
    hint: 'a JSON patch is a list of operations: - op: replace, path: /spec/replicas, value: 3',
  })
}

function scalarKind(node: YamlScalar): string {
  if (node.style !== 'plain' || node.tag === '!!str') return 'string'
  return node.value === 'true' || node.value === 'false' ? 'bool' : 'number'
}

/** A JSON string; null reads as the empty one, as it does in Go. */
function stringOf(node: YamlNode | undefined): string | undefined {
  if (node === undefined || node.kind !== 'scalar' || isNull(node)) return undefined
  return scalarKind(node) === 'string' ? node.value : undefined
}

/**
 * Applies a patch to an object, which becomes JSON data (numbers as floats, dates as text). Edits it in place and
 * returns it, or the object that a replace of the whole put in its place. PATCH_INVALID with json-patch's words, the
 * place of the step and a hint where a step does not apply.
 */
export function applyJsonPatch(object: YamlMap, patch: JsonPatch, budget: Budget): YamlMap {
  if (hasDoubles(object)) {
    const message = refusal(object)
    if (message !== undefined) throw new DecapodError('YAML_PARSE', message, { at: positionOf(object) })
  }
  writeAndRead(object, false)
  asJson(object, 'v3')
  let root: Container = object
  for (const step of patch) root = applyStep(root, step, budget)
  if (root.kind === 'map') return root
  const message = 'json: cannot unmarshal array into Go value of type map[string]interface {}'
  throw new DecapodError('PATCH_INVALID', message, { hint: 'the patch replaces the whole object with a list' })
}

/** Whether a key stands twice in a map: go-yaml refuses that when the object is made JSON. */
function hasDoubles(node: YamlNode): boolean {
  if (node.kind === 'scalar') return false
  if (node.kind === 'seq') return node.items.some(hasDoubles)
  const names = new Set<string>()
  for (const { key, value } of node.pairs) {
    if (key.kind !== 'scalar' || names.has(key.value) || hasDoubles(value)) return true
    names.add(key.value)
  }
  return false
}

type Container = YamlMap | YamlSeq

/** Where a pointer leads: the container and the last part, undefined where the way ends before it. */
type Target = { readonly container: Container; readonly key: string } | undefined

function applyStep(root: Container, step: JsonOperation, budget: Budget): Container {
  switch (step.op) {
    case 'add':
      add(root, step)
      return root
    case 'remove':
      remove(root, step)
      return root
    case 'replace':
      return replace(root, step)
    case 'move':
      move(root, step)
      return root
    case 'test':
      test(root, step)
      return root
    case 'copy':
      copy(root, step, budget)
      return root
    default:
      throw failure(step, `Unexpected kind: ${step.op}`, 'op is one of add, remove, replace, move, copy and test')
  }
}

function add(root: Container, step: JsonOperation): void {
  const path = pathOf(step, 'add operation failed to decode path: missing value')
  const target = found(root, path, step, `add operation does not apply: doc is missing path: "${path}": missing value`)
  within(step, `error in add for path: '${path}'`, () => insert(target, givenValue(step)))
}

function remove(root: Container, step: JsonOperation): void {
  const path = pathOf(step, 'remove operation failed to decode path: missing value')
  const target = found(
    root,
    path,
    step,
    `remove operation does not apply: doc is missing path: "${path}": missing value`,
  )
  within(step, `error in remove for path: '${path}'`, () => take(target), whyMissing(root, path))
}

function replace(root: Container, step: JsonOperation): Container {
  const path = pathOf(step, 'replace operation failed to decode path: operation missing path field: missing value')
  if (path === '') {
    if (step.value !== undefined && step.value.kind !== 'scalar') return cloneNode(step.value)
    throw failure(step, 'replace operation value must be object or array: %!w(<nil>)')
  }
  const target = found(
    root,
    path,
    step,
    `replace operation does not apply: doc is missing path: ${path}: missing value`,
  )
  const { container, key } = target
  if (container.kind === 'map') container.set(key, givenValue(step))
  else {
    const index = indexIn(container, key)
    if (typeof index === 'string') {
      throw failure(
        step,
        `replace operation does not apply: doc is missing key: ${path}: missing value`,
        whyMissing(root, path),
      )
    }
    container.items[index] = givenValue(step)
  }
  return root
}

function move(root: Container, step: JsonOperation): void {
  const from = fromOf(step, 'move')
  const source = found(
    root,
    from,
    step,
    `move operation does not apply: doc is missing from path: ${from}: missing value`,
  )
  const value = within(step, `error in move for path: '${source.key}'`, () => take(source), whyMissing(root, from))
  const path = pathOf(step, 'move operation failed to decode path: operation missing path field: missing value')
  const target = found(
    root,
    path,
    step,
    `move operation does not apply: doc is missing destination path: ${path}: missing value`,
  )
  within(step, `error in move for path: '${path}'`, () => insert(target, value))
}

function copy(root: Container, step: JsonOperation, budget: Budget): void {
  const from = fromOf(step, 'copy')
  const source = found(
    root,
    from,
    step,
    `copy operation does not apply: doc is missing from path: ${from}: missing value`,
  )
  const value = within(step, `error in copy for from: '${from}'`, () => look(source), whyMissing(root, from))
  const path = pathOf(step, 'copy operation failed to decode path: missing value')
  const target = found(
    root,
    path,
    step,
    `copy operation does not apply: doc is missing destination path: ${path}: missing value`,
  )
  if (value !== undefined) budget.copy(value)
  const copied = value === undefined ? nullNode() : cloneNode(value)
  within(step, 'error while adding value during copy', () => insert(target, copied))
}

function test(root: Container, step: JsonOperation): void {
  const path = pathOf(step, 'test operation failed to decode path: operation missing path field: missing value')
  const failed = (): DecapodError => failure(step, `testing value ${path} failed: test failed`, whyMissing(root, path))
  if (path === '') {
    if (step.value === undefined || !sameJson(root, step.value)) throw failed()
    return
  }
  const target = found(root, path, step, `test operation does not apply: is missing path: ${path}: missing value`)
  const value = within(step, `error in test for path: '${path}'`, () => look(target), whyMissing(root, path))
  const missing = value === undefined || isNull(value)
  if (missing !== (step.value === undefined) || (!missing && !sameJson(value, step.value!))) throw failed()
}

function pathOf(step: JsonOperation, message: string): string {
  if (step.path === undefined) throw failure(step, message, 'path is a text such as /spec/replicas')
  return step.path
}

function fromOf(step: JsonOperation, op: string): string {
  if (step.from !== undefined) return step.from
  const message = `${op} operation failed to decode from: operation, missing from field: missing value`
  throw failure(step, message, 'from is a text such as /spec/replicas')
}

function givenValue(step: JsonOperation): YamlNode {
  return step.value === undefined ? nullNode() : cloneNode(step.value)
}

function nullNode(): YamlScalar {
  return new YamlScalar('null')
}

function decodePart(part: string): string {
  return part.includes('~') ? part.replace(/~[01]/g, code => (code === '~1' ? '/' : '~')) : part
}

/** Follows a pointer to its last part (findObject). */
function find(root: Container, path: string): Target {
  const parts = path.split('/')
  if (parts.length < 2) return undefined
  let container = root
  for (const part of parts.slice(1, -1)) {
    const next = at(container, decodePart(part))
    if (typeof next === 'string' || next === undefined || next.kind === 'scalar') return undefined
    container = next
  }
  return { container, key: decodePart(parts.at(-1)!) }
}

/** What a pointer leads to; throws what the step `says` where that is nothing. */
function found(root: Container, path: string, step: JsonOperation, says: string): NonNullable<Target> {
  const target = find(root, path)
  if (target === undefined) throw failure(step, says, whyMissing(root, path))
  return target
}

/** The node at a key or index, undefined for a key that is missing; the text of the failure for a bad index. */
function at(container: Container, key: string): YamlNode | undefined | string {
  if (container.kind === 'map') return container.get(key)
  const index = indexIn(container, key)
  return typeof index === 'string' ? index : container.items[index]
}

/** An index into the elements that are there, counted from the end when negative; the text of the failure else. */
function indexIn(list: YamlSeq, key: string, size: number = list.items.length): number | string {
  const index = toIndex(key)
  if (index === undefined) return `strconv.Atoi: parsing ${JSON.stringify(key)}: invalid syntax`
  if (index >= size || index < -size) return `Unable to access invalid index: ${index}: invalid index referenced`
  return index < 0 ? index + size : index
}

function toIndex(key: string): number | undefined {
  return /^[-+]?\d{1,18}$/.test(key) ? Number(key) : undefined
}

class StepFailure extends Error {}

function look({ container, key }: NonNullable<Target>): YamlNode | undefined {
  const found = at(container, key)
  if (typeof found === 'string') throw new StepFailure(found)
  return found
}

function take({ container, key }: NonNullable<Target>): YamlNode {
  if (container.kind === 'map') {
    const value = container.delete(key)
    if (value === undefined) throw new StepFailure(`Unable to remove nonexistent key: ${key}: missing value`)
    return value
  }
  const index = indexIn(container, key)
  if (typeof index === 'string') throw new StepFailure(index)
  return container.items.splice(index, 1)[0]!
}

function insert({ container, key }: NonNullable<Target>, value: YamlNode): void {
  if (container.kind === 'map') container.set(key, value)
  else if (key === '-') container.items.push(value)
  else {
    if (toIndex(key) === undefined) {
      throw new StepFailure(
        `value was not a proper array index: '${key}': strconv.Atoi: parsing ${JSON.stringify(key)}: invalid syntax`,
      )
    }
    const index = indexIn(container, key, container.items.length + 1)
    if (typeof index === 'string') throw new StepFailure(index)
    container.items.splice(index, 0, value)
  }
}

function within<T>(step: JsonOperation, doing: string, action: () => T, hint?: string): T {
  try {
    return action()
  } catch (error) {
    if (error instanceof StepFailure) throw failure(step, `${doing}: ${error.message}`, hint)
    throw error
  }
}

function failure(step: JsonOperation, message: string, hint?: string): DecapodError {
  return new DecapodError('PATCH_INVALID', message, { at: positionOf(step.node), hint })
}

/** How far a pointer leads, and what stands there instead of its next part. */
function whyMissing(root: Container, path: string): string | undefined {
  if (!path.startsWith('/')) return 'a path starts with a slash'
  let node: YamlNode = root
  let way = ''
  for (const part of path.split('/').slice(1)) {
    const key = decodePart(part)
    const place = way === '' ? 'the object' : way
    if (node.kind === 'scalar') return `${place} is ${isNull(node) ? 'null' : 'a scalar'}`
    if (node.kind === 'seq') {
      const next = at(node, key)
      if (next === undefined || typeof next === 'string') {
        return `${place} is a list of ${node.items.length} element${node.items.length === 1 ? '' : 's'}`
      }
      node = next
    } else {
      const next: YamlNode | undefined = node.get(key)
      if (next === undefined) {
        const names = node.pairs.map(pair => textOf(pair.key))
        const near = nearest(key, names)
        if (near !== undefined) return `${place} has no "${key}"; did you mean "${near}"?`
        return `${place} has no "${key}"${names.length === 0 ? '' : `; it has ${listed(names)}`}`
      }
      node = next
    }
    way += `/${part}`
  }
  return undefined
}

function listed(names: readonly string[]): string {
  return names.length <= 8 ? names.join(', ') : `${names.slice(0, 8).join(', ')} …`
}
