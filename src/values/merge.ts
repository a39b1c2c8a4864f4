/** One override, merged into the values of one release. */
import { nearest } from '../errors.ts'
import {
  cloneNode,
  isNull,
  keysOf,
  positionOf,
  stringScalar,
  YamlMap,
  type YamlNode,
  type YamlPair,
  type YamlScalar,
} from '../yaml/node.ts'
import { invalid, type ValuesContext } from './context.ts'
import type { ValuesDocument } from './document.ts'
import { type Origin, originOf } from './origin.ts'
import { escapePart, splitPath } from './path.ts'
import type { Variables } from './variables.ts'

/** Maps with more keys than this get an index while a document is merged into them. */
const indexFrom = 16

/** One document's override of one release's values. */
export class Merge {
  private readonly document: ValuesDocument
  private readonly variables: Variables
  private readonly context: ValuesContext
  /** What a node set without variables gets: one object for all of them. */
  private readonly plain: Origin
  private readonly indexes = new Map<YamlMap, Map<string, YamlPair>>()

  constructor(document: ValuesDocument, variables: Variables, context: ValuesContext) {
    this.document = document
    this.variables = variables
    this.context = context
    this.plain = { document }
  }

  /** Every key of an override is a path; they apply in the order written. */
  override(values: YamlMap, override: YamlMap): void {
    for (const { key: keyNode, value } of override.pairs) {
      const key = (keyNode as YamlScalar).value
      const path = splitPath(key)
      if (path.some(part => part === '')) {
        this.context.errors.push(
          invalid(`"${key}" is not a path: a part of it is empty`, keyNode, 'a literal dot is written \\.'),
        )
        continue
      }
      const parent = this.descend(values, path, keyNode)
      if (parent === undefined) continue
      const expanded = this.variables.expand(value, uses =>
        uses === undefined ? this.plain : ({ document: this.document, uses } satisfies Origin),
      )
      this.put(parent, path.at(-1)!, keyNode, expanded, key)
    }
  }

  /** The map that holds the last part of a path, made where it is missing. */
  private descend(values: YamlMap, path: readonly string[], keyNode: YamlNode): YamlMap | undefined {
    let map = values
    for (let i = 0; i < path.length - 1; i++) {
      const part = path[i]!
      const pair = this.find(map, part)
      if (pair?.value.kind === 'map') {
        map = pair.value
        continue
      }
      // What this document itself has just set is not to be lost to a path below it; a base's scalar gives way.
      if (pair !== undefined && originOf(pair.value)?.document === this.document) {
        const at = positionOf(pair.value)
        this.context.errors.push(
          invalid(
            `"${path.slice(0, i + 1).join('.')}" is set to ${describe(pair.value)} here and cannot hold "${path[i + 1]}"`,
            keyNode,
            undefined,
            [at === undefined ? '' : `set at ${at.file}:${at.line}:${at.column}`],
          ),
        )
        return undefined
      }
      const made = new YamlMap([], keyNode.source, keyNode.offset)
      made.origin = { document: this.document, replaced: pair?.value } satisfies Origin
      if (pair === undefined) this.append(map, stringScalar(part), made)
      else pair.value = made
      map = made
    }
    return map
  }

  /** Merges `value` under a key of `map`. */
  private put(map: YamlMap, key: string, keyNode: YamlNode, value: YamlNode, path: string): void {
    const pair = this.find(map, key)
    if (pair === undefined) {
      this.append(
        map,
        keyNode.kind === 'scalar' && keyNode.value === key ? cloneNode(keyNode) : stringScalar(key),
        value,
      )
      return
    }
    const old = pair.value
    if (old.kind === 'map' && value.kind === 'map') {
      for (const child of value.pairs) {
        const name = (child.key as YamlScalar).value
        this.put(old, name, child.key, child.value, `${path}.${escapePart(name)}`)
      }
      return
    }
    if (old.kind === 'map' && old.pairs.length > 0 && !isNull(value)) {
      const at = positionOf(old.pairs[0]!.key)
      this.context.errors.push(
        invalid(
          `"${path}" is a map; ${describe(value)} would replace all of it`,
          value,
          `if that is meant, add "${path}" under remove:`,
          [at === undefined ? '' : `the map is at ${at.file}:${at.line}:${at.column}`],
        ),
      )
      return
    }
    value.origin = { ...originOf(value), replaced: old } satisfies Origin
    pair.value = value
  }

  /** Takes a path out. One that is not there is an error: it has no effect and is most likely a slip. */
  remove(values: YamlMap, entry: YamlScalar): void {
    const path = splitPath(entry.value)
    let map = values
    for (const [i, part] of path.entries()) {
      const child = map.get(part)
      const last = i === path.length - 1
      if (child === undefined || (!last && child.kind !== 'map')) {
        const near = nearest(part, keysOf(map))
        this.context.errors.push(
          invalid(
            `nothing to remove at "${entry.value}"`,
            entry,
            near === undefined
              ? undefined
              : `did you mean "${[...path.slice(0, i), near, ...path.slice(i + 1)].map(escapePart).join('.')}"?`,
          ),
        )
        return
      }
      if (!last) {
        map = child as YamlMap
        continue
      }
      map.delete(part)
      const before = originOf(map)
      const removed = new Map(before?.removed).set(part, { entry, value: child })
      map.origin = { ...before, removed } satisfies Origin
    }
  }

  private find(map: YamlMap, key: string): YamlPair | undefined {
    if (map.pairs.length <= indexFrom) {
      for (let i = map.pairs.length - 1; i >= 0; i--) {
        const { key: node } = map.pairs[i]!
        if (node.kind === 'scalar' && node.value === key) return map.pairs[i]
      }
      return undefined
    }
    let index = this.indexes.get(map)
    if (index === undefined) {
      index = new Map()
      for (const pair of map.pairs) if (pair.key.kind === 'scalar') index.set(pair.key.value, pair)
      this.indexes.set(map, index)
    }
    return index.get(key)
  }

  private append(map: YamlMap, key: YamlScalar, value: YamlNode): void {
    const pair = { key, value }
    map.pairs.push(pair)
    this.indexes.get(map)?.set(key.value, pair)
  }
}

function describe(node: YamlNode): string {
  if (node.kind === 'map') return 'a map'
  if (node.kind === 'seq') return 'a list'
  if (isNull(node)) return 'null'
  return JSON.stringify(node.value.length > 40 ? `${node.value.slice(0, 40)}…` : node.value)
}
