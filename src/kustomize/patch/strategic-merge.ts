/**
 * Strategic merge patches as Kustomize applies them: kyaml's merge2 walking a resource and a patch together
 * (kyaml/yaml/merge2, kyaml/yaml/walk), which is not what an API server does. Maps merge, null removes, lists are
 * replaced unless the schema of the resource's kind names merge keys, `$patch` deletes, replaces or merges.
 */
import { DecapodError } from '../../errors.ts'
import { isMergedList, type Schema, type SchemaSet, schemaFromNode } from '../../k8s/schema.ts'
import { positionOf, type YamlMap, type YamlNode, type YamlPair, YamlScalar, type YamlSeq } from '../../yaml/node.ts'
import { assignScalar, isMissingOrNull, isNilOrEmpty, isNull, textOf, wrongKind } from '../nodes.ts'
import { mergeByKeys } from './associative-list.ts'
import { parseJson } from './json-node.ts'

/**
 * Merges `patch` into `dest` in place and returns it, or undefined when the patch deletes it. Parts of the patch become
 * parts of the result and are edited: pass a copy of a patch that is used again. Throws PATCH_INVALID where the two
 * hold different kinds of nodes.
 */
export function mergePatch(dest: YamlMap, patch: YamlMap, schemas: SchemaSet): YamlMap | undefined {
  const merged = new Merge(schemas).walk(dest, patch, undefined)
  // A `$patch: replace` at the root has no effect: Kustomize throws the result away and keeps what it walked.
  return merged === undefined ? undefined : dest
}

type Maybe = YamlNode | undefined

/** One walk over a resource and a patch; `path` is where it stands, for messages. */
export class Merge {
  readonly schemas: SchemaSet
  readonly path: string[] = []

  constructor(schemas: SchemaSet) {
    this.schemas = schemas
  }

  /** The merged value of a field or an element, undefined to remove it (walk.Walker.Walk). */
  walk(dest: Maybe, patch: Maybe, given: Schema | undefined): Maybe {
    const schema = given ?? this.#objectSchema(dest) ?? this.#objectSchema(patch)
    const kind = isMissingOrNull(dest) ? (isMissingOrNull(patch) ? 'none' : patch!.kind) : dest!.kind
    if (kind !== 'none' && !isMissingOrNull(patch) && patch!.kind !== kind) throw this.#mismatch(dest!, patch!)
    if (patch !== undefined) takeStyle(dest, patch)
    switch (kind) {
      case 'scalar':
        return patch ?? dest
      case 'seq':
        return this.#walkList(
          dest as YamlSeq | YamlScalar | undefined,
          patch as YamlSeq | YamlScalar | undefined,
          schema,
        )
      default:
        return this.#walkMap(
          dest as YamlMap | YamlScalar | undefined,
          patch as YamlMap | YamlScalar | undefined,
          schema,
        )
    }
  }

  /** The schema of an object that says its kind itself, wherever it stands (Walker.GetSchema). */
  #objectSchema(node: Maybe): Schema | undefined {
    if (node?.kind !== 'map') return undefined
    const kind = node.get('kind')
    if (kind?.kind !== 'scalar') return undefined
    const apiVersion = textOf(node.get('apiVersion'))
    return apiVersion === '' ? undefined : this.schemas.ofKind(apiVersion, kind.value)
  }

  /** The schema of a field: what a comment beside it says (kyaml/fieldmeta), else that of the map. */
  #fieldSchema(schema: Schema | undefined, name: string, ...pairs: (YamlPair | undefined)[]): Schema | undefined {
    for (const pair of pairs) {
      const own = pair === undefined ? undefined : commentSchema(pair)
      if (own !== undefined) return this.schemas.resolve(own)
    }
    return schema === undefined ? undefined : this.schemas.field(schema, name)
  }

  #walkMap(
    dest: YamlMap | YamlScalar | undefined,
    patch: YamlMap | YamlScalar | undefined,
    schema: Schema | undefined,
  ): Maybe {
    const into = this.#mapToFill(dest, patch)
    if (into?.kind !== 'map') return into
    const from = patch?.kind === 'map' ? patch : undefined
    if (from === undefined || from === into) this.#walkOwnFields(into, from !== undefined, schema)
    else this.#walkFields(into, from, schema)
    return into
  }

  /** What a patch of a map starts from: the resource's map, or the patch's where it adds or replaces (Merger.VisitMap). */
  #mapToFill(dest: YamlMap | YamlScalar | undefined, patch: YamlMap | YamlScalar | undefined): Maybe {
    if (isMissingOrNull(dest)) {
      // A directive nobody knows is an ordinary field in what a patch adds.
      if (patch?.kind === 'map' && isDirective(patch.get('$patch')) && takeDirective(patch) === 'delete')
        return undefined
      // A null that is written out stays; an empty value goes once anything patches the object.
      if (patch === undefined) return textOf(dest) === '' ? undefined : dest
      return patch
    }
    if (patch?.kind !== 'map') return patch === undefined ? dest : undefined
    switch (takeDirective(patch)) {
      case 'delete':
        return undefined
      case 'replace':
        return patch
      default:
        return dest
    }
  }

  /**
   * Walks the fields of a map that has no counterpart. Even then things change: nulls without text go, merged lists
   * drop doubles; and in what a patch adds (`added`) its directives are obeyed and its nulls go.
   */
  #walkOwnFields(map: YamlMap, added: boolean, schema: Schema | undefined): void {
    let removed = 0
    for (const pair of map.pairs) {
      const name = textOf(pair.key)
      this.path.push(name)
      const field = this.#fieldSchema(schema, name, pair)
      const value = this.walk(pair.value, added ? pair.value : undefined, field)
      this.path.pop()
      if (value === undefined || (added && isNull(value))) {
        removed++
        pair.value = gone
      } else pair.value = value
    }
    if (removed > 0) map.pairs = map.pairs.filter(pair => pair.value !== gone)
  }

  #walkFields(into: YamlMap, patch: YamlMap, schema: Schema | undefined): void {
    const ours = pairsByName(into)
    const theirs = pairsByName(patch)
    const names = [...new Set([...ours.keys(), ...theirs.keys()])].sort(byCodeUnits)
    const added: YamlPair[] = []
    let removed = 0
    for (const name of names) {
      const old = ours.get(name)
      const given = theirs.get(name)
      this.path.push(name)
      const field = this.#fieldSchema(schema, name, old, given)
      const value = this.walk(old?.value, given?.value, field)
      this.path.pop()
      if (value === undefined || (given !== undefined && isNull(value))) {
        if (old !== undefined) {
          removed++
          old.value = gone
        }
      } else if (old !== undefined) old.value = putOver(old.value, value)
      else added.push({ key: given!.key, value })
    }
    if (removed > 0) into.pairs = into.pairs.filter(pair => pair.value !== gone)
    into.pairs.push(...added)
  }

  #walkList(
    dest: YamlSeq | YamlScalar | undefined,
    patch: YamlSeq | YamlScalar | undefined,
    schema: Schema | undefined,
  ): Maybe {
    if (schema === undefined || !isMergedList(schema)) return patch ?? dest
    const into = this.#listToFill(dest, patch)
    if (into?.kind !== 'seq') return into
    mergeByKeys(this, into, patch?.kind === 'seq' ? patch : undefined, schema)
    return into
  }

  /** What a patch of a merged list starts from (Merger.VisitList). */
  #listToFill(dest: YamlSeq | YamlScalar | undefined, patch: YamlSeq | YamlScalar | undefined): Maybe {
    if (isMissingOrNull(dest)) return patch
    if (patch?.kind !== 'seq') return patch === undefined ? dest : undefined
    switch (takeListDirective(patch)) {
      case 'delete':
        return undefined
      case 'replace':
        return patch
      default:
        return dest
    }
  }

  #mismatch(dest: YamlNode, patch: YamlNode): DecapodError {
    const at = positionOf(patch)
    const there = positionOf(dest)
    const where = this.path.length === 0 ? 'the object' : this.path.join('.')
    const place = there === undefined ? '' : ` (${there.file}:${there.line})`
    return new DecapodError('PATCH_INVALID', wrongKind(dest.kind, patch), {
      at,
      hint: `${where} is a ${nouns[dest.kind]} in the resource${place} and a ${nouns[patch.kind]} in the patch`,
    })
  }
}

/** `{}` and `[]` are written as the patch is once it fills them: braces say what an empty value below them means. */
function takeStyle(dest: Maybe, patch: YamlNode): void {
  const isEmpty = dest?.kind === 'map' ? dest.pairs.length === 0 : dest?.kind === 'seq' && dest.items.length === 0
  if (isEmpty) (dest as YamlMap | YamlSeq).flow = patch.kind !== 'scalar' && patch.flow
}

const nouns = { map: 'map', seq: 'list', scalar: 'scalar' } as const

/** Marks pairs for removal. */
const gone: YamlNode = new YamlScalar('')

function pairsByName(map: YamlMap): Map<string, YamlPair> {
  const out = new Map<string, YamlPair>()
  for (const pair of map.pairs) {
    const name = textOf(pair.key)
    // Of doubled keys the first is the one that kyaml finds.
    if (!out.has(name)) out.set(name, pair)
  }
  return out
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/**
 * A value in the place of another. A scalar is written as the old one was: over a quoted string even a number becomes
 * a string, over a plain one a string stays a string (FieldSetter keeps the style of the node and takes over the tag).
 * The old scalar itself gets the content, since it may stand in several places (nodes.ts, assignScalar).
 */
function putOver(old: YamlNode, value: YamlNode): YamlNode {
  if (value === old || value.kind !== 'scalar' || old.kind !== 'scalar') return value
  const { style } = old
  const isString = value.tag === '!!str' || (value.tag === undefined && value.style !== 'plain')
  assignScalar(old, value)
  old.origin = value.origin
  old.style = style
  if (style === 'plain') old.tag = isString ? '!!str' : value.tag
  else if (isString || value.tag === undefined) old.tag = undefined
  return old
}

/** A list whose key is followed by a comment that holds a JSON object: a schema for it. */
function commentSchema({ key, value }: YamlPair): Schema | undefined {
  const { source, offset } = key
  if (value.kind !== 'seq' || source === undefined) return undefined
  const end = source.text.indexOf('\n', offset)
  const line = source.text.slice(offset, end === -1 ? undefined : end)
  const comment = /\s#+\s*(\{.*\})\s*$/.exec(line)?.[1]
  if (comment === undefined) return undefined
  try {
    const node = parseJson(comment, source.file)
    return node.kind === 'map' && node.pairs.length > 0 ? schemaFromNode(node) : undefined
  } catch (error) {
    if (error instanceof DecapodError) return undefined
    throw error
  }
}

type Directive = 'delete' | 'replace' | 'merge'

/** The `$patch` of a map, taken out of it (merge2/smpdirective.go). */
function takeDirective(patch: YamlMap): Directive {
  const node = patch.get('$patch')
  if (node === undefined) return 'merge'
  const directive = readDirective(node)
  patch.delete('$patch')
  return directive
}

/** The `$patch` that stands alone in an element and is meant for the whole list; every element with it is taken out. */
function takeListDirective(patch: YamlSeq): Directive {
  const element = patch.items.find((item): item is YamlMap => item.kind === 'map' && item.has('$patch'))
  if (element === undefined || element.pairs.length > 1) return 'merge'
  const node = element.get('$patch')!
  const directive = readDirective(node)
  patch.items = patch.items.filter(
    item => !isNilOrEmpty(item) && !(item.kind === 'map' && textOf(item.get('$patch')) === directive),
  )
  return directive
}

function isDirective(node: YamlNode | undefined): boolean {
  const text = textOf(node)
  return text === 'delete' || text === 'replace' || text === 'merge'
}

function readDirective(node: YamlNode): Directive {
  const text = textOf(node)
  if (isDirective(node)) return text as Directive
  throw new DecapodError('PATCH_INVALID', `unknown patch strategy '${text}'`, {
    at: positionOf(node),
    hint: '$patch is one of delete, replace and merge',
  })
}
