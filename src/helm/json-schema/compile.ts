/**
 * From JSON documents to schemas with their references resolved (santhosh-tekuri/jsonschema v6: roots.go, root.go,
 * compiler.go, objcompiler.go). Nothing is fetched: a reference to another document is refused.
 */

import { compileRegexp, type GoRegexp } from '../../go/regexp.ts'
import { quote } from '../../go/strconv.ts'
import { GoError } from '../../go/value.ts'
import { type Draft, draftOf, latestDraft, metaDocument } from './draft.ts'
import { type Format, formats, regexFormat } from './formats.ts'
import { isInteger, isList, isObject, type Json, JsonNumber, type JsonObject, type JsonType } from './json.ts'
import { escapeToken } from './violation.ts'

/** A compiled schema. Fields are unset where the keyword is missing or does not apply to the draft. */
export class Schema {
  readonly #url: string
  readonly #pointer: string
  readonly version: Draft['version']
  /** The schema at the root of its resource: whose dynamic anchors apply. */
  resource: Schema = this
  bool?: boolean
  ref?: Schema
  recursiveRef?: Schema
  recursiveAnchor?: boolean
  dynamicRef?: { readonly schema: Schema; readonly anchor: string }
  dynamicAnchor?: string
  readonly dynamicAnchors: Map<string, Schema> = new Map()
  types?: readonly JsonType[]
  constant?: { readonly value: Json }
  enumeration?: readonly Json[]
  format?: Format
  multipleOf?: JsonNumber
  minimum?: JsonNumber
  maximum?: JsonNumber
  exclusiveMinimum?: JsonNumber
  exclusiveMaximum?: JsonNumber
  minLength?: number
  maxLength?: number
  pattern?: GoRegexp
  minItems?: number
  maxItems?: number
  uniqueItems?: boolean
  /** One schema for all items, before 2020. */
  items?: Schema
  /** One schema for each item: `items` before 2020, `prefixItems` since. */
  prefixItems?: readonly Schema[]
  /** For items after the prefix: `additionalItems` before 2020, `items` since. */
  restItems?: Schema | boolean
  contains?: Schema
  minContains?: number
  maxContains?: number
  minProperties?: number
  maxProperties?: number
  required?: readonly string[]
  properties?: ReadonlyMap<string, Schema>
  patternProperties?: readonly (readonly [GoRegexp, Schema])[]
  additionalProperties?: Schema | boolean
  propertyNames?: Schema
  dependencies?: ReadonlyMap<string, Schema | readonly string[]>
  dependentSchemas?: ReadonlyMap<string, Schema>
  dependentRequired?: ReadonlyMap<string, readonly string[]>
  allOf?: readonly Schema[]
  anyOf?: readonly Schema[]
  oneOf?: readonly Schema[]
  not?: Schema
  condition?: Schema
  thenSchema?: Schema
  elseSchema?: Schema
  unevaluatedItems?: Schema
  unevaluatedProperties?: Schema

  constructor(url: string, pointer: string, version: Draft['version']) {
    this.#url = url
    this.#pointer = pointer
    this.version = version
  }

  /** The document's url with the place in it, as messages name it. */
  get location(): string {
    return locationOf(this.#url, this.#pointer)
  }
}

/** A part of a document with an id of its own. */
interface Resource {
  readonly pointer: string
  readonly id: string
  readonly draft: Draft
  readonly anchors: Map<string, string>
  readonly dynamicAnchors: Set<string>
}

interface Root {
  readonly url: string
  readonly document: Json
  readonly resources: Map<string, Resource>
  readonly processed: Set<string>
  /** By the pointer to their place. */
  readonly schemas: Map<string, Schema>
}

export interface CompilerOptions {
  /** Checks a document, or a part of it, against the schema of its draft; throws GoError. */
  readonly check?: (document: Json, draft: Draft, location: string) => void
  /** Formats are assertions in every draft (they are in metaschemas). */
  readonly assertFormats?: boolean
  /** Told of the urn of each reference that nothing resolves. */
  readonly unresolved?: (urn: string) => void
}

/** A cap for schemas that name parts of themselves without end. */
const maxSchemas = 100_000

export class Compiler {
  readonly #options: CompilerOptions
  readonly #roots = new Map<string, Root>()
  readonly #queue: { schema: Schema; root: Root; pointer: string; value: Json }[] = []
  #count = 0
  readonly #documents = new Map<string, Json>()

  constructor(options: CompilerOptions = {}) {
    this.#options = options
  }

  /** Adds a document under a url, to be compiled or referred to. */
  add(url: string, document: Json): void {
    this.#documents.set(url, document)
  }

  /** Compiles the document at a url. Throws GoError with the library's text. */
  compile(url: string): Schema {
    const schema = this.#schemaAt(this.#root(url), '')
    for (let next = this.#queue.pop(); next !== undefined; next = this.#queue.pop()) {
      this.#fill(next.schema, next.root, next.pointer, next.value)
    }
    return schema
  }

  #root(url: string): Root {
    const known = this.#roots.get(url)
    if (known !== undefined) return known
    const document = this.#documents.get(url) ?? metaDocument(url) ?? this.#missing(url)
    const root: Root = { url, document, resources: new Map(), processed: new Set(), schemas: new Map() }
    this.#collect(root, document, '', newResource('', url, latestDraft))
    if (metaDocument(url) === undefined) this.#check(root, document, '')
    this.#roots.set(url, root)
    return root
  }

  /** Helm takes an unresolved urn for a schema that allows everything, and loads the rest from where it is. */
  #missing(url: string): Json {
    if (url.startsWith('urn:')) {
      this.#options.unresolved?.(url)
      return true
    }
    throw new GoError(`failing loading ${quote(url)}: references to other documents are refused`)
  }

  #check(root: Root, value: Json, pointer: string): void {
    this.#options.check?.(value, resourceOf(root, pointer).draft, locationOf(root.url, pointer))
  }

  /**
   * Finds the resources and anchors of a document, in all places where the draft has subschemas. `above` is the resource
   * that the place is in, unless it has an id of its own.
   */
  #collect(root: Root, value: Json, pointer: string, above: Resource): void {
    if (root.processed.has(pointer)) return
    root.processed.add(pointer)
    if (!isObject(value)) {
      if (pointer === '') root.resources.set('', above)
      return
    }
    let draft = this.#draft(value, above.draft)
    let id = idOf(value, draft)
    if (id === '' && pointer !== '') {
      // `$schema` counts at the root of a resource only.
      draft = above.draft
      id = idOf(value, draft)
    }
    let resource = above
    if (id !== '' || pointer === '') {
      const base = id === '' ? above.id : joinUrl(above.id, id)
      const twin = [...root.resources.values()].find(known => known.id === base)
      if (twin !== undefined && twin.pointer !== pointer) {
        throw new GoError(
          `duplicate id ${quote(base)} in ${quote(root.url)} at ${quote(pointer)} and ${quote(twin.pointer)}`,
        )
      }
      resource = twin ?? newResource(pointer, base, draft)
      root.resources.set(pointer, resource)
    }
    collectAnchors(root, value, pointer, resource)
    eachSubschema(value, pointer, draft, (place, part) => this.#collect(root, part, place, resource))
  }

  #draft(value: JsonObject, fallback: Draft): Draft {
    const named = value.get('$schema')
    if (typeof named !== 'string') return fallback
    const draft = draftOf(named)
    if (draft !== undefined) return draft
    throw new GoError(`failing loading ${quote(named.split('#')[0]!)}: references to other documents are refused`)
  }

  /** The schema at a place; `known` is what stands there, where that is known. */
  #schemaAt(root: Root, pointer: string, known?: Json): Schema {
    let schema = root.schemas.get(pointer)
    if (schema !== undefined) return schema
    const value = known === undefined ? lookup(root, pointer) : known
    if (!root.processed.has(pointer)) this.#addPart(root, pointer, value)
    if (this.#count >= maxSchemas) throw new GoError(`the schema has more than ${maxSchemas} parts`)
    this.#count++
    schema = new Schema(root.url, pointer, resourceOf(root, pointer).draft.version)
    root.schemas.set(pointer, schema)
    this.#queue.push({ schema, root, pointer, value })
    return schema
  }

  /** A reference leads to a place where no draft expects a schema; it is one nevertheless. */
  #addPart(root: Root, pointer: string, value: Json): void {
    this.#collect(root, value, pointer, resourceOf(root, pointer))
    this.#check(root, value, pointer)
  }

  #resolve(root: Root, resource: Resource, reference: string): Schema {
    const hash = reference.indexOf('#')
    const fragment = decodeFragment(hash === -1 ? '' : reference.slice(hash + 1), reference)
    const path = hash === -1 ? reference : reference.slice(0, hash)
    const url = path === '' ? resource.id : joinUrl(resource.id, path)
    const local = url === root.url ? root.resources.get('') : [...root.resources.values()].find(r => r.id === url)
    if (local !== undefined) return this.#schemaAt(root, pointerIn(root, local, fragment))
    const other = this.#root(url)
    return this.#schemaAt(other, pointerIn(other, other.resources.get('')!, fragment))
  }

  /** Reads the keywords of a schema. */
  #fill(schema: Schema, root: Root, pointer: string, value: Json): void {
    const resource = resourceOf(root, pointer)
    schema.resource = this.#schemaAt(root, resource.pointer)
    if (typeof value === 'boolean') schema.bool = value
    if (!isObject(value)) return
    if (value.size === 0) {
      schema.bool = true
      return
    }
    if (schema.version >= 2020 && schema.resource === schema) {
      for (const anchor of resource.dynamicAnchors) {
        schema.dynamicAnchors.set(anchor, this.#schemaAt(root, resource.anchors.get(anchor)!))
      }
    }
    new SchemaReader(value, pointer, schema, {
      at: (place, part) => this.#schemaAt(root, place, part),
      resolve: reference => this.#resolve(root, resource, reference),
      assertFormats: this.#options.assertFormats === true || schema.version < 2019,
      location: place => locationOf(root.url, place),
    }).read()
  }
}

interface ReaderContext {
  /** The schema at a place, where `value` stands. */
  readonly at: (pointer: string, value: Json) => Schema
  readonly resolve: (reference: string) => Schema
  readonly assertFormats: boolean
  readonly location: (pointer: string) => string
}

class SchemaReader {
  readonly #object: JsonObject
  readonly #pointer: string
  readonly #schema: Schema
  readonly #context: ReaderContext

  constructor(object: JsonObject, pointer: string, schema: Schema, context: ReaderContext) {
    this.#object = object
    this.#pointer = pointer
    this.#schema = schema
    this.#context = context
  }

  read(): void {
    const s = this.#schema
    const reference = this.#text('$ref')
    if (reference !== undefined) {
      s.ref = this.#context.resolve(reference)
      // Before 2019 nothing beside a reference counts.
      if (s.version < 2019) return
    }
    this.#applicators()
    this.#assertions()
    if (s.version >= 2019) this.#newerKeywords()
  }

  #applicators(): void {
    const s = this.#schema
    const { version } = s
    assign(s, 'allOf', this.#list('allOf'))
    assign(s, 'anyOf', this.#list('anyOf'))
    assign(s, 'oneOf', this.#list('oneOf'))
    assign(s, 'not', this.#part('not'))
    if (version >= 2020) {
      assign(s, 'prefixItems', this.#list('prefixItems'))
      assign(s, 'restItems', this.#part('items'))
    } else if (isList(this.#object.get('items'))) {
      assign(s, 'prefixItems', this.#list('items'))
      assign(s, 'restItems', this.#partOrBoolean('additionalItems'))
    } else assign(s, 'items', this.#part('items'))
    assign(s, 'properties', this.#map('properties'))
    const patterns = this.#map('patternProperties')
    if (patterns !== undefined) {
      s.patternProperties = [...patterns].map(([source, part]) => [this.#regexp(source, 'patternProperties'), part])
    }
    assign(s, 'additionalProperties', this.#partOrBoolean('additionalProperties'))
    assign(s, 'dependencies', this.#dependencies())
    if (version >= 6) {
      assign(s, 'contains', this.#part('contains'))
      assign(s, 'propertyNames', this.#part('propertyNames'))
    }
    if (version >= 7 && this.#object.has('if')) {
      assign(s, 'condition', this.#part('if'))
      assign(s, 'thenSchema', this.#part('then'))
      assign(s, 'elseSchema', this.#part('else'))
    }
  }

  #assertions(): void {
    const s = this.#schema
    const { version } = s
    assign(s, 'types', this.#types())
    const values = this.#object.get('enum')
    if (isList(values)) s.enumeration = values as readonly Json[]
    assign(s, 'multipleOf', this.#number('multipleOf'))
    this.#limit('minimum', 'exclusiveMinimum')
    this.#limit('maximum', 'exclusiveMaximum')
    for (const keyword of [
      'minLength',
      'maxLength',
      'minItems',
      'maxItems',
      'minProperties',
      'maxProperties',
    ] as const) {
      assign(s, keyword, this.#integer(keyword))
    }
    const pattern = this.#text('pattern')
    if (pattern !== undefined) s.pattern = this.#regexp(pattern, 'pattern')
    if (this.#object.get('uniqueItems') === true) s.uniqueItems = true
    assign(s, 'required', this.#texts(this.#object.get('required')))
    const constant = this.#object.get('const')
    if (version >= 6 && constant !== undefined) s.constant = { value: constant }
    const format = this.#text('format')
    if (this.#context.assertFormats && format !== undefined) {
      assign(s, 'format', format === 'regex' ? regexFormat : formats.get(format))
    }
  }

  #newerKeywords(): void {
    const s = this.#schema
    if (s.contains !== undefined) {
      assign(s, 'minContains', this.#integer('minContains'))
      assign(s, 'maxContains', this.#integer('maxContains'))
    }
    const required = this.#object.get('dependentRequired')
    if (isObject(required)) {
      s.dependentRequired = new Map([...required].map(([name, names]) => [name, this.#texts(names) ?? []]))
    }
    assign(s, 'dependentSchemas', this.#map('dependentSchemas'))
    assign(s, 'unevaluatedItems', this.#part('unevaluatedItems'))
    assign(s, 'unevaluatedProperties', this.#part('unevaluatedProperties'))
    const recursive = this.#text('$recursiveRef')
    if (recursive !== undefined) s.recursiveRef = this.#context.resolve(recursive)
    if (this.#object.get('$recursiveAnchor') === true) s.recursiveAnchor = true
    if (s.version < 2020) return
    const dynamic = this.#text('$dynamicRef')
    if (dynamic !== undefined) {
      const fragment = dynamic.includes('#') ? dynamic.slice(dynamic.indexOf('#') + 1) : ''
      const anchor = fragment.startsWith('/') ? '' : fragment
      s.dynamicRef = { schema: this.#context.resolve(dynamic), anchor }
    }
    assign(s, 'dynamicAnchor', this.#text('$dynamicAnchor'))
  }

  /** In draft 4 the exclusive form is a boolean that changes the meaning of the other. */
  #limit(keyword: 'minimum' | 'maximum', exclusive: 'exclusiveMinimum' | 'exclusiveMaximum'): void {
    const limit = this.#number(keyword)
    if (this.#object.get(exclusive) === true) assign(this.#schema, exclusive, limit)
    else {
      assign(this.#schema, keyword, limit)
      assign(this.#schema, exclusive, this.#number(exclusive))
    }
  }

  #dependencies(): ReadonlyMap<string, Schema | readonly string[]> | undefined {
    const given = this.#object.get('dependencies')
    if (!isObject(given)) return undefined
    return new Map(
      [...given].map(([name, dependency]) => [
        name,
        this.#texts(dependency) ?? this.#context.at(`${this.#pointer}/dependencies/${escapeToken(name)}`, dependency),
      ]),
    )
  }

  #types(): readonly JsonType[] | undefined {
    const given = this.#object.get('type')
    const names = typeof given === 'string' ? [given] : this.#texts(given)
    const all: readonly JsonType[] = ['null', 'boolean', 'number', 'integer', 'string', 'array', 'object']
    const types = all.filter(type => names?.includes(type))
    return types.length === 0 ? undefined : types
  }

  #regexp(source: string, keyword: string): GoRegexp {
    try {
      return compileRegexp(source)
    } catch (error) {
      if (!(error instanceof GoError)) throw error
      const place = this.#context.location(`${this.#pointer}/${keyword}`)
      throw new GoError(`invalid regex ${quote(source)} at ${quote(place)}: ${error.message}`)
    }
  }

  #part(keyword: string): Schema | undefined {
    const value = this.#object.get(keyword)
    return value === undefined ? undefined : this.#context.at(`${this.#pointer}/${escapeToken(keyword)}`, value)
  }

  #partOrBoolean(keyword: string): Schema | boolean | undefined {
    const value = this.#object.get(keyword)
    return typeof value === 'boolean' ? value : this.#part(keyword)
  }

  #list(keyword: string): readonly Schema[] | undefined {
    const value = this.#object.get(keyword)
    return isList(value)
      ? (value as readonly Json[]).map((part, i) => this.#context.at(`${this.#pointer}/${keyword}/${i}`, part))
      : undefined
  }

  #map(keyword: string): ReadonlyMap<string, Schema> | undefined {
    const value = this.#object.get(keyword)
    if (!isObject(value)) return undefined
    return new Map(
      [...value].map(([name, part]) => [
        name,
        this.#context.at(`${this.#pointer}/${keyword}/${escapeToken(name)}`, part),
      ]),
    )
  }

  #text(keyword: string): string | undefined {
    const value = this.#object.get(keyword)
    return typeof value === 'string' ? value : undefined
  }

  #texts(value: Json | undefined): readonly string[] | undefined {
    return isList(value) ? (value as readonly Json[]).filter(item => typeof item === 'string') : undefined
  }

  #number(keyword: string): JsonNumber | undefined {
    const value = this.#object.get(keyword)
    return value instanceof JsonNumber ? value : undefined
  }

  #integer(keyword: string): number | undefined {
    const number = this.#number(keyword)
    return number !== undefined && isInteger(number) ? number.value : undefined
  }
}

/** Sets a field that has a value; fields without one stay away, which keeps schemas small. */
function assign<K extends keyof Schema>(schema: Schema, key: K, value: Schema[K] | undefined): void {
  if (value !== undefined) schema[key] = value
}

function newResource(pointer: string, id: string, draft: Draft): Resource {
  return { pointer, id, draft, anchors: new Map(), dynamicAnchors: new Set() }
}

/** The resource that a place belongs to: the nearest above it. */
function resourceOf(root: Root, pointer: string): Resource {
  if (root.resources.size === 1) return root.resources.get('')!
  for (let at = pointer; ; at = at.slice(0, at.lastIndexOf('/'))) {
    const resource = root.resources.get(at)
    if (resource !== undefined) return resource
    if (!at.includes('/')) return root.resources.get('')!
  }
}

function idOf(object: JsonObject, draft: Draft): string {
  if (draft.version < 2019 && object.has('$ref')) return ''
  const id = object.get(draft.idKeyword)
  return typeof id === 'string' ? id.split('#')[0]! : ''
}

function collectAnchors(root: Root, object: JsonObject, pointer: string, resource: Resource): void {
  const add = (anchor: string): void => {
    const known = resource.anchors.get(anchor)
    if (known !== undefined && known !== pointer) {
      throw new GoError(
        `duplicate anchor ${quote(anchor)} in ${quote(root.url)} at ${quote(known)} and ${quote(pointer)}`,
      )
    }
    resource.anchors.set(anchor, pointer)
  }
  const { version, idKeyword } = resource.draft
  if (version < 2019) {
    // The anchor is the fragment of the id.
    const id = object.get(idKeyword)
    if (object.has('$ref') || typeof id !== 'string' || !id.includes('#')) return
    const fragment = id.slice(id.indexOf('#') + 1)
    if (fragment !== '' && !fragment.startsWith('/')) add(fragment)
    return
  }
  const anchor = object.get('$anchor')
  if (typeof anchor === 'string') add(anchor)
  const dynamic = object.get('$dynamicAnchor')
  if (version >= 2020 && typeof dynamic === 'string') {
    add(dynamic)
    resource.dynamicAnchors.add(dynamic)
  }
}

/** Visits the places of an object where its draft has schemas. */
function eachSubschema(
  object: JsonObject,
  pointer: string,
  draft: Draft,
  visit: (pointer: string, part: Json) => void,
): void {
  for (const { keyword, each } of draft.subschemas) {
    const value = object.get(keyword)
    if (value === undefined) continue
    const at = `${pointer}/${keyword}`
    if (each === undefined) visit(at, value)
    else if (each === 'property' && isObject(value)) {
      for (const [name, part] of value) visit(`${at}/${escapeToken(name)}`, part)
    } else if (each === 'item' && isList(value)) {
      for (const [i, part] of (value as readonly Json[]).entries()) visit(`${at}/${i}`, part)
    }
  }
}

function lookup(root: Root, pointer: string): Json {
  let value: Json | undefined = root.document
  for (const token of pointer.split('/').slice(1)) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~')
    value = isObject(value) ? value.get(key) : isList(value) ? (value as readonly Json[])[Number(key)] : undefined
    if (value === undefined) {
      throw new GoError(`json-pointer in ${quote(locationOf(root.url, pointer))} not found`)
    }
  }
  return value as Json
}

/** The place a fragment names in a resource: a pointer from its root, or an anchor. */
function pointerIn(root: Root, resource: Resource, fragment: string): string {
  if (fragment === '' || fragment.startsWith('/')) return resource.pointer + fragment
  const pointer = resource.anchors.get(fragment)
  if (pointer !== undefined) return pointer
  throw new GoError(`anchor in ${quote(`${resource.id}#${fragment}`)} not found in schema ${quote(root.url)}`)
}

function decodeFragment(fragment: string, reference: string): string {
  try {
    return decodeURIComponent(fragment)
  } catch {
    throw new GoError(`error in parsing ${quote(reference)}: invalid URL escape`)
  }
}

function joinUrl(base: string, reference: string): string {
  const plain = reference.split('#')[0]!
  try {
    return new URL(plain, base).href
  } catch {
    return plain
  }
}

function locationOf(url: string, pointer: string): string {
  return `${url}#${pointer.split('/').map(encodePathSegment).join('/')}`
}

/** url.PathEscape: what may stand in a path segment stays. */
function encodePathSegment(segment: string): string {
  return encodeURIComponent(segment).replace(/%(24|26|2B|3A|3D|40)/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
}
