/**
 * Following paths into a resource: to one node (kyaml's PathGetter) and to every node that matches, making what is
 * missing when asked to (PathMatcher of kyaml/yaml/match.go).
 */
import { compileRegexp, type GoRegexp } from '../go/regexp.ts'
import { GoError } from '../go/value.ts'
import { YamlMap, type YamlNode, YamlScalar, YamlSeq } from '../yaml/node.ts'
import { parseNode } from '../yaml/parse.ts'
import { fail } from './fail.ts'
import { kyamlText } from './kyaml-text.ts'
import { expectKind, isNull, type NodeKind, textOf } from './nodes.ts'

const index = /^[+-]?\d{1,15}$/
const listKey = 'list path element must contain fieldName=fieldValue for element to match'

/**
 * The node at a path, undefined where the way ends. A number is a position in a list, `-` its last element, `[k=v]` the
 * first element whose k is v, `[=v]` the first scalar v. Throws RESOURCE_INVALID where another kind of node stands.
 */
export function lookup(node: YamlNode, path: readonly string[]): YamlNode | undefined {
  let at: YamlNode | undefined = node
  for (const part of path.map(p => p.trim()).filter(p => p !== '')) {
    if (at === undefined || isNull(at)) return undefined
    at = step(at, part)
  }
  return at
}

function step(node: YamlNode, part: string): YamlNode | undefined {
  if (index.test(part) || part === '-') {
    if (part !== '-' && Number(part) < 0) fail('REPLACEMENT_INVALID', `array index ${Number(part)} cannot be negative`)
    expectKind(node, 'seq')
    return (node as YamlSeq).items.at(part === '-' ? -1 : Number(part))
  }
  if (part === '*') fail('REPLACEMENT_INVALID', 'wildcard is not supported in PathGetter')
  if (part.startsWith('[') && part.endsWith(']')) {
    const { key, value } = splitListKey(part)
    expectKind(node, 'seq')
    return (node as YamlSeq).items.find(item => {
      if (key === '') return textOf(item) === value
      const field = item.kind === 'map' ? item.get(key) : undefined
      return field !== undefined && textOf(field) === value
    })
  }
  expectKind(node, 'map')
  return (node as YamlMap).get(part)
}

/** `[name=web]` as name and web. */
function splitListKey(part: string): { key: string; value: string } {
  const inner = part.slice(part.startsWith('[') ? 1 : 0, part.endsWith(']') ? -1 : undefined)
  const at = inner.indexOf('=')
  if (at === -1) fail('REPLACEMENT_INVALID', listKey)
  return { key: inner.slice(0, at), value: inner.slice(at + 1) }
}

/** A place in a tree: the node that is there, and how to put another in its stead. */
export interface Place {
  readonly node: YamlNode
  readonly replace: (node: YamlNode) => void
}

/**
 * Every place a path leads to. A number is a position, `[k=v]` all elements whose k matches the regular expression v
 * anywhere, `[=v]` scalars likewise, `*` every element. With `create` fields, and elements one past the end, are made on
 * the way, the last of the kind given. A path that leads into a scalar goes on in the YAML or JSON text it holds; edits
 * of such places change nothing (see scalarHolding).
 */
export function matchPath(node: YamlNode, path: readonly string[], create: NodeKind | undefined): Place[] {
  const matched = new Matcher(path, create)
  matched.walk({ node, replace: () => {} }, 0)
  return matched.places
}

class Matcher {
  readonly places: Place[] = []
  readonly path: readonly string[]
  readonly create: NodeKind | undefined
  readonly #patterns = new Map<string, GoRegexp>()

  constructor(path: readonly string[], create: NodeKind | undefined) {
    this.path = path
    this.create = create
  }

  walk(place: Place, at: number): void {
    const part = this.path[at]
    if (part === undefined) this.places.push(place)
    else if (/^\+?\d{1,15}$/.test(part)) this.#index(place, at, Number(part))
    else if (part.startsWith('[') && part.endsWith(']')) this.#elements(place, at, part)
    else if (part === '*') {
      const list = this.#list(place.node)
      for (let i = 0; i < list.items.length; i++) this.walk(elementPlace(list, i), at + 1)
    } else this.#field(place, at, part)
  }

  /** The list at a place; null counts as one that is empty and stays null whatever is added to it. */
  #list(node: YamlNode): YamlSeq {
    if (isNull(node)) return new YamlSeq()
    expectKind(node, 'seq')
    return node as YamlSeq
  }

  /** What is made for a field or element so that the next part of the path can follow. */
  #make(next: number): YamlNode {
    const part = this.path[next]
    const isList = part !== undefined && ((part.startsWith('[') && part.endsWith(']')) || /^\+?\d{1,15}$/.test(part))
    const kind = isList ? 'seq' : part === undefined ? this.create! : 'map'
    return kind === 'seq' ? new YamlSeq() : kind === 'map' ? new YamlMap() : new YamlScalar('')
  }

  #field({ node }: Place, at: number, name: string): void {
    if (!isNull(node)) expectKind(node, 'map')
    // What is made in a null stays out of the document: a null has no fields.
    const map = isNull(node) ? new YamlMap() : (node as YamlMap)
    let field = map.get(name)
    if (field === undefined) {
      if (this.create === undefined) return
      field = this.#make(at + 1)
      map.set(name, field)
    }
    if (field.kind === 'scalar' && at + 1 < this.path.length) {
      this.#inText(field, at + 1)
      return
    }
    this.walk({ node: field, replace: by => map.set(name, by) }, at + 1)
  }

  #inText(field: YamlScalar, at: number): void {
    const root = parseText(field.value)
    if (root === undefined) {
      fail('REPLACEMENT_INVALID', 'wrong node kind: expected MappingNode but got : node contents:\nnull\n')
    } else this.walk({ node: root, replace: () => {} }, at)
  }

  #index({ node }: Place, at: number, position: number): void {
    const list = this.#list(node)
    if (list.items.length === position && this.create !== undefined) list.items.push(this.#make(at + 1))
    if (position >= list.items.length) {
      fail('REPLACEMENT_INVALID', `index ${position} specified but only ${list.items.length} elements found`)
    }
    this.walk(elementPlace(list, position), at + 1)
  }

  #elements({ node }: Place, at: number, part: string): void {
    const { key, value } = splitListKey(part)
    const list = this.#list(node)
    const before = this.places.length
    this.#matching(list, at, key, value)
    if (this.places.length > before || this.create === undefined) return
    const text = new YamlScalar(value)
    list.items.push(key === '' ? text : new YamlMap([{ key: new YamlScalar(key), value: text }]))
    this.#matching(list, at, key, value)
  }

  #matching(list: YamlSeq, at: number, key: string, value: string): void {
    for (const [i, item] of list.items.entries()) {
      if (key === '') {
        // The rest of the path does not count behind a scalar.
        if (this.#matches(value, item)) this.places.push(elementPlace(list, i))
        continue
      }
      const field = item.kind === 'map' ? item.get(key) : undefined
      if (field !== undefined && this.#matches(value, field)) this.walk(elementPlace(list, i), at + 1)
    }
  }

  /** Compares with the text of the node as it is written, quotes included. */
  #matches(pattern: string, node: YamlNode): boolean {
    let regexp = this.#patterns.get(pattern)
    if (regexp === undefined) {
      try {
        regexp = compileRegexp(pattern)
      } catch (error) {
        if (error instanceof GoError) fail('REPLACEMENT_INVALID', error.message)
        throw error
      }
      this.#patterns.set(pattern, regexp)
    }
    return regexp.matches(kyamlText(node).trim())
  }
}

function elementPlace(list: YamlSeq, i: number): Place {
  return {
    node: list.items[i]!,
    replace: by => {
      list.items[i] = by
    },
  }
}

/** The first YAML document of a scalar's text, undefined when it holds none. */
export function parseText(text: string): YamlNode | undefined {
  return parseNode(text, { file: 'the text of a scalar', dialect: 'v3' })
}
