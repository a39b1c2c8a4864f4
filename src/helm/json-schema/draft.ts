/** The drafts of JSON Schema (santhosh-tekuri/jsonschema v6: draft.go). */
import { createRequire } from 'node:module'
import type { Json } from './json.ts'
import { JsonNumber } from './json.ts'

/** Where a subschema stands: the value of a keyword, or each property or item of it. */
export interface Place {
  readonly keyword: string
  readonly each: 'property' | 'item' | undefined
}

export interface Draft {
  readonly version: 4 | 6 | 7 | 2019 | 2020
  readonly url: string
  readonly idKeyword: 'id' | '$id'
  readonly subschemas: readonly Place[]
  /** Its metaschemas: url and file of the ajv packages, which carry the published documents. */
  readonly documents: readonly (readonly [url: string, file: string])[]
}

/** Places as they are written below: `*` for every property, `[]` for every item. */
function places(text: string): readonly Place[] {
  return text.split(' ').map(place => {
    const [keyword, each] = place.split('/') as [string, string?]
    return { keyword, each: each === '*' ? 'property' : each === '[]' ? 'item' : undefined }
  })
}

const draft4Places = places(
  'definitions/* not allOf/[] anyOf/[] oneOf/[] properties/* additionalProperties patternProperties/* items items/[] additionalItems dependencies/*',
)
const draft6Places = [...draft4Places, ...places('propertyNames contains')]
const draft7Places = [...draft6Places, ...places('if then else')]
const draft2019Places = [
  ...draft7Places,
  ...places('$defs/* dependentSchemas/* unevaluatedProperties unevaluatedItems contentSchema'),
]

function parts(base: string, folder: string, names: string): [string, string][] {
  return names.split(' ').map(name => [`${base}/meta/${name}`, `ajv/dist/refs/${folder}/meta/${name}.json`])
}

const url2019 = 'https://json-schema.org/draft/2019-09'
const url2020 = 'https://json-schema.org/draft/2020-12'

const draft4: Draft = {
  version: 4,
  url: 'http://json-schema.org/draft-04/schema',
  idKeyword: 'id',
  subschemas: draft4Places,
  documents: [['http://json-schema.org/draft-04/schema', 'ajv-draft-04/dist/refs/json-schema-draft-04.json']],
}
const draft6: Draft = {
  version: 6,
  url: 'http://json-schema.org/draft-06/schema',
  idKeyword: '$id',
  subschemas: draft6Places,
  documents: [['http://json-schema.org/draft-06/schema', 'ajv/dist/refs/json-schema-draft-06.json']],
}
const draft7: Draft = {
  version: 7,
  url: 'http://json-schema.org/draft-07/schema',
  idKeyword: '$id',
  subschemas: draft7Places,
  documents: [['http://json-schema.org/draft-07/schema', 'ajv/dist/refs/json-schema-draft-07.json']],
}
const draft2019: Draft = {
  version: 2019,
  url: `${url2019}/schema`,
  idKeyword: '$id',
  subschemas: draft2019Places,
  documents: [
    [`${url2019}/schema`, 'ajv/dist/refs/json-schema-2019-09/schema.json'],
    ...parts(url2019, 'json-schema-2019-09', 'core applicator validation meta-data format content'),
  ],
}
/** What a schema without `$schema`, or with the one that names no version, is taken for. */
export const latestDraft: Draft = {
  version: 2020,
  url: `${url2020}/schema`,
  idKeyword: '$id',
  subschemas: [...draft2019Places, ...places('prefixItems/[]')],
  documents: [
    [`${url2020}/schema`, 'ajv/dist/refs/json-schema-2020-12/schema.json'],
    ...parts(
      url2020,
      'json-schema-2020-12',
      'core applicator unevaluated validation meta-data format-annotation content',
    ),
  ],
}

const drafts = [draft4, draft6, draft7, draft2019, latestDraft]

/** The draft that `$schema` names, with http or https, with or without an empty fragment. */
export function draftOf(schemaUrl: string): Draft | undefined {
  const plain = schemaUrl.replace(/#$/, '').replace(/^https?:\/\//, '')
  if (plain === 'json-schema.org/schema') return latestDraft
  return drafts.find(draft => draft.url.replace(/^https?:\/\//, '') === plain)
}

const load = createRequire(import.meta.url)

/** A metaschema document by url; undefined for any other. Read from the packages when it is first asked for. */
export function metaDocument(url: string): Json | undefined {
  for (const draft of drafts) {
    const found = draft.documents.find(([known]) => known === url)
    if (found !== undefined) return asJson(load(found[1]))
  }
  return undefined
}

function asJson(data: unknown): Json {
  if (typeof data === 'number') return new JsonNumber(String(data))
  if (Array.isArray(data)) return data.map(asJson)
  if (typeof data === 'object' && data !== null) {
    return new Map(Object.entries(data).map(([key, value]) => [key, asJson(value)]))
  }
  return data as string | boolean | null
}
