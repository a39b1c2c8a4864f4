/**
 * Merging lists whose elements are known by keys, or are scalars of a set (kyaml/yaml/walk/associative_sequence.go,
 * ElementSetter and ElementMatcher of kyaml/yaml/fns.go). Elements of the patch come first, in its order; those of the
 * resource follow. Lists with several keys of which some are missing lose elements in Kustomize; so they do here.
 */
import { DecapodError } from '../../errors.ts'
import type { Schema } from '../../k8s/schema.ts'
import { positionOf, type YamlMap, type YamlNode, YamlScalar, type YamlSeq } from '../../yaml/node.ts'
import { isMissingOrNull, isNilOrEmpty, isNull, textOf, wrongKind } from '../nodes.ts'
import type { Merge } from './strategic-merge.ts'

/** Merges the elements of `patch` into those of `into`, which may be the same list (one that the patch adds). */
export function mergeByKeys(merge: Merge, into: YamlSeq, patch: YamlSeq | undefined, schema: Schema): void {
  const keys = schema.patch!.keys
  const element = merge.schemas.elements(schema)
  if (keys.length > 0 && mergeUnique(merge, into, patch, element, keys)) return
  mergeTuples(merge, into, patch, element, keys)
}

/**
 * The common case in one pass: every element has all keys, none has those of another. Returns false, having done
 * nothing, where the case is not this one.
 */
function mergeUnique(
  merge: Merge,
  into: YamlSeq,
  patch: YamlSeq | undefined,
  schema: Schema | undefined,
  keys: readonly string[],
): boolean {
  const ours = elementsByKeys(into, keys)
  const theirs = patch === undefined ? noElements : patch === into ? ours : elementsByKeys(patch, keys)
  if (ours === undefined || theirs === undefined) return false
  const first: YamlNode[] = []
  const survived = new Set<YamlMap>()
  for (const [id, given] of theirs) {
    const old = ours.get(id)
    const element = mergeElement(merge, old, given, schema, keys)
    if (element === undefined) continue
    // With one key merged elements stand where the patch has them, with several where the resource has them. What the
    // list held is put back over what `$patch: replace` made of it, so that does nothing to one element.
    if (old === undefined || keys.length === 1) first.push(old ?? element)
    else survived.add(old)
  }
  const rest: YamlNode[] = []
  for (const [id, old] of ours) {
    const stays = theirs.has(id) ? survived.has(old) : mergeElement(merge, old, undefined, schema, keys) !== undefined
    if (stays) rest.push(old)
  }
  into.items = [...first, ...rest]
  return true
}

const noElements: ReadonlyMap<string, YamlMap> = new Map()

/** Elements by their keys, or undefined where one is no map, lacks a key or shares all of them. */
function elementsByKeys(list: YamlSeq, keys: readonly string[]): ReadonlyMap<string, YamlMap> | undefined {
  const out = new Map<string, YamlMap>()
  for (const item of list.items) {
    if (item.kind !== 'map') return undefined
    let id = ''
    for (const key of keys) {
      const value = item.get(key)
      if (value?.kind !== 'scalar' || value.value === '' || isNull(value)) return undefined
      id += `${value.value}\0`
    }
    if (out.has(id)) return undefined
    out.set(id, item)
  }
  return out
}

/** An element merged, with its keys; undefined where nothing is left of it. */
function mergeElement(
  merge: Merge,
  old: YamlMap | undefined,
  given: YamlMap | undefined,
  schema: Schema | undefined,
  keys: readonly string[],
): YamlNode | undefined {
  const values = keys.map(key => textOf((old ?? given)!.get(key)))
  merge.path.push(keysText(keys, values))
  const merged = merge.walk(old, given, schema)
  merge.path.pop()
  return isNilOrEmpty(merged) ? undefined : restoreKeys(merged!, keys, values)
}

/** How an element is named in messages: [name=web]. */
function keysText(keys: readonly string[], values: readonly string[]): string {
  return `[${keys.map((key, i) => `${key}=${values[i]}`).join(',')}]`
}

/** The general case, step by step as kyaml does it; `keys` is empty for a list of scalars. */
function mergeTuples(
  merge: Merge,
  into: YamlSeq,
  patch: YamlSeq | undefined,
  schema: Schema | undefined,
  listKeys: readonly string[],
): void {
  const sources = patch === undefined ? [into] : [patch, into]
  const keys = listKeys.length === 0 ? [''] : listKeys
  const tuples = listKeys.length === 0 ? scalarTuples(sources) : keyTuples(sources, listKeys)
  if (keys.length > 1) unifyTuples(tuples)
  if (tuples.length === 0) return
  // A key that is missing everywhere does not count, unless all are.
  const used = keys.map((_, i) => tuples.some(tuple => tuple[i] !== ''))
  const counts = used.includes(true) ? used : keys.map(() => true)
  const validKeys = keys.filter((_, i) => counts[i])
  let out: YamlNode[] = []
  for (const tuple of tuples) {
    const values = tuple.filter((_, i) => counts[i])
    merge.path.push(keysText(validKeys, values))
    const merged = merge.walk(
      findElement(into, validKeys, values),
      patch && findElement(patch, validKeys, values),
      schema,
    )
    merge.path.pop()
    if (isMissingOrNull(merged) || (merged!.kind === 'map' && merged!.pairs.length === 0)) {
      into.items = setElement(into.items, validKeys, values, undefined)
      continue
    }
    const kept = restoreKeys(merged!, validKeys, values)
    out = setElement(out, validKeys, values, kept)
  }
  for (const item of into.items) out = appendElement(out, item, validKeys)
  into.items = out
}

/** The distinct texts of the elements, the patch's first. */
function scalarTuples(sources: readonly YamlSeq[]): string[][] {
  const seen = new Set<string>()
  for (const source of sources) for (const item of source.items) seen.add(textOf(item))
  return [...seen].map(text => [text])
}

/** The distinct key values of the elements, '' for one that is missing, the patch's first. */
function keyTuples(sources: readonly YamlSeq[], keys: readonly string[]): string[][] {
  const seen = new Map<string, string[]>()
  for (const source of sources) {
    for (const item of source.items) {
      const tuple = keys.map(key => {
        const value = item.kind === 'map' ? item.get(key) : undefined
        return isNilOrEmpty(value) ? '' : textOf(value)
      })
      const id = tuple.join('\0')
      if (!seen.has(id)) seen.set(id, tuple)
    }
  }
  return [...seen.values()]
}

/** Makes tuples one that share a value and differ only where one of them has none; order matters, as it does there. */
function unifyTuples(tuples: string[][]): void {
  for (let i = 0; i < tuples.length; i++) {
    const one = tuples[i]!
    for (let j = 0; j < tuples.length; j++) {
      const both = unified(one, tuples[j]!)
      if (both === undefined) continue
      tuples[i] = both
      tuples[j] = both
    }
  }
}

function unified(a: readonly string[], b: readonly string[]): string[] | undefined {
  let common = false
  const out: string[] = []
  for (const [i, x] of a.entries()) {
    const y = b[i]!
    if (x === y) common = true
    else if (x !== '' && y !== '') return undefined
    out.push(x !== '' ? x : y)
  }
  return common ? out : undefined
}

/** The first element whose keys have these values; values that are missing are not compared, unless all are. */
function findElement(list: YamlSeq, allKeys: readonly string[], allValues: readonly string[]): YamlNode | undefined {
  const some = allValues.some(value => value !== '')
  const keys = some ? allKeys.filter((_, i) => allValues[i] !== '') : allKeys
  const values = some ? allValues.filter(value => value !== '') : allValues
  if (keys[0] === '') return list.items.find(item => textOf(item) === values[0])
  return list.items.find(item => {
    if (item.kind !== 'map') return false
    return keys.every((key, i) => {
      const value = item.get(key)
      return value !== undefined && textOf(value) === values[i]
    })
  })
}

/** Gives a merged element the keys it was found by; a scalar is made anew from its text. */
function restoreKeys(element: YamlNode, keys: readonly string[], values: readonly string[]): YamlNode {
  let out = element
  for (const [i, key] of keys.entries()) {
    const value = values[i]!
    if (value === '' || (out.kind === 'map' && out.has(key))) continue
    if (key === '') {
      if (out.kind !== 'scalar') throw wrongElement('scalar', out)
      const scalar = new YamlScalar(value, out.style, undefined, out.source, out.offset)
      scalar.origin = out.origin
      out = scalar
    } else {
      if (out.kind !== 'map') throw wrongElement('map', out)
      out.set(key, new YamlScalar(value))
    }
  }
  return out
}

/**
 * The list with every element of these keys replaced by `element`, or without them where that is undefined; the element
 * is added where none has the keys. Empty elements go. With fewer values than keys the last comparison counts for the
 * rest; with no values at all nothing is kept (ElementSetter).
 */
function setElement(
  items: readonly YamlNode[],
  keys: readonly string[],
  values: readonly string[],
  element: YamlNode | undefined,
): YamlNode[] {
  const forMaps = keys[0] !== '' && values.length > 0 && values[0] !== ''
  const out: YamlNode[] = []
  let found = false
  for (const item of items) {
    if (isMissingOrNull(item) || (item.kind === 'map' && item.pairs.length === 0)) continue
    if (item.kind !== 'map' && forMaps) {
      out.push(item)
      continue
    }
    if (!hasKeys(item, keys, values)) {
      if (values.length > 0) out.push(item)
      continue
    }
    found = true
    if (element !== undefined) out.push(element)
  }
  if (!found && !isMissingOrNull(element)) out.push(element!)
  return out
}

function hasKeys(item: YamlNode, keys: readonly string[], values: readonly string[]): boolean {
  let matched = false
  for (const [j, key] of keys.entries()) {
    if (j < values.length) matched = hasKey(item, key, values[j]!)
    if (!matched) return false
  }
  return true
}

/** Whether a field has a text, any where the text is ''; with no key whether the scalar itself has it. */
function hasKey(item: YamlNode, key: string, value: string): boolean {
  if (key === '') {
    if (item.kind !== 'scalar') throw wrongElement('scalar', item)
    return item.value === value
  }
  if (item.kind !== 'map') throw wrongElement('map', item)
  const field = item.get(key)
  return field !== undefined && (value === '' || textOf(field) === value)
}

/** Puts an element of the resource over the merged one of its keys, or at the end (appendListNode). */
function appendElement(items: YamlNode[], item: YamlNode, keys: readonly string[]): YamlNode[] {
  if (keys[0] === '') return setElement(items, [''], [textOf(item)], item)
  let out = items
  const values: string[] = []
  for (const key of keys) {
    if (item.kind !== 'map' && !isMissingOrNull(item)) throw wrongElement('map', item)
    const value = item.kind === 'map' ? item.get(key) : undefined
    if (value === undefined) out = [...out, item]
    else values.push(textOf(value))
  }
  if (keys.length > 1) out = setElement(out, keys, values, undefined)
  return setElement(out, keys, values, item)
}

function wrongElement(expected: 'map' | 'scalar', item: YamlNode): DecapodError {
  return new DecapodError('PATCH_INVALID', wrongKind(expected, item), { at: positionOf(item) })
}
