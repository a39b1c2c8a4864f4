import { expect, test } from 'vitest'
import { crdReasons } from '../../src/render/crd-risks.ts'
import { parseValues } from '../../src/yaml/values.ts'

type Value = ReadonlyMap<string, never>

/** A CRD of one version with this schema, or with these versions. */
function crd(schema: object, versions: readonly object[] = [version('v1', schema)]): Value {
  const object = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', spec: { versions } }
  return parseValues(JSON.stringify(object), { file: 'crd.json' })[0] as unknown as Value
}

function version(name: string, schema: object = {}, more: object = {}): object {
  return { name, served: true, storage: name === 'v1', schema: { openAPIV3Schema: schema }, ...more }
}

function spec(properties: object, more: object = {}): object {
  return { type: 'object', properties: { spec: { type: 'object', properties, ...more } } }
}

test.each<[name: string, before: object, after: object, want: string[]]>([
  ['nothing', spec({ a: { type: 'string' } }), spec({ a: { type: 'string' } }), []],
  ['a further field', spec({ a: {} }), spec({ a: {}, b: { type: 'string' } }), []],
  ['a description', spec({ a: { description: 'x' } }), spec({ a: { description: 'y' } }), []],
  ['a field that is gone', spec({ a: {}, b: {} }), spec({ a: {} }), ['spec.b is gone']],
  [
    'unless what is unknown stays',
    spec({ a: {}, b: {} }),
    spec({ a: {} }, { 'x-kubernetes-preserve-unknown-fields': true }),
    [],
  ],
  [
    'what was unknown no longer stays',
    spec({}, { 'x-kubernetes-preserve-unknown-fields': true }),
    spec({}),
    ['spec loses the fields that its schema does not name'],
  ],
  [
    'a field that must be there',
    spec({ a: {}, b: {} }, { required: ['a'] }),
    spec({ a: {}, b: {} }, { required: ['a', 'b'] }),
    ['spec needs b now'],
  ],
  ['one that need not be any more', spec({ a: {} }, { required: ['a'] }), spec({ a: {} }), []],
  [
    'another type',
    spec({ a: { type: 'string' } }),
    spec({ a: { type: 'integer' } }),
    ['spec.a is integer, was string'],
  ],
  ['no null any more', spec({ a: { nullable: true } }), spec({ a: {} }), ['spec.a may no longer be null']],
  ['fewer values', spec({ a: { enum: ['x', 'y'] } }), spec({ a: { enum: ['x'] } }), ['spec.a allows fewer values']],
  ['more values', spec({ a: { enum: ['x'] } }), spec({ a: { enum: ['x', 'y'] } }), []],
  ['values where all were allowed', spec({ a: {} }), spec({ a: { enum: ['x'] } }), ['spec.a allows fewer values']],
  ['a pattern', spec({ a: {} }), spec({ a: { pattern: '^x' } }), ['spec.a must fit another pattern']],
  ['a pattern less', spec({ a: { pattern: '^x' } }), spec({ a: {} }), []],
  ['a higher least', spec({ a: { minimum: 1 } }), spec({ a: { minimum: 2 } }), ['spec.a has another minimum: 2']],
  ['a lower least', spec({ a: { minimum: 2 } }), spec({ a: { minimum: 1 } }), []],
  [
    'a lower most',
    spec({ a: { maxLength: 20 } }),
    spec({ a: { maxLength: 10 } }),
    ['spec.a has another maxLength: 10'],
  ],
  [
    'rules',
    spec({ a: {} }),
    spec({ a: { 'x-kubernetes-validations': [{ rule: 'self > 1' }] } }),
    ['spec.a has further validation rules'],
  ],
  [
    'within lists',
    spec({ a: { items: { properties: { b: {} } } } }),
    spec({ a: { items: { properties: {} } } }),
    ['spec.a[].b is gone'],
  ],
  [
    'within maps',
    spec({ a: { additionalProperties: { type: 'string' } } }),
    spec({ a: { additionalProperties: { type: 'integer' } } }),
    ['spec.a.* is integer, was string'],
  ],
  [
    'a field called as a keyword of schemas',
    spec({ required: { type: 'string' } }),
    spec({ required: { type: 'boolean' } }),
    ['spec.required is boolean, was string'],
  ],
])('schemas: %s', (_, before, after, want) => expect(crdReasons(crd(before), crd(after))).toEqual(want))

test.each<[name: string, before: object[], after: object[], want: string[]]>([
  ['one goes', [version('v1'), version('v1beta1')], [version('v1')], ['version v1beta1 goes away']],
  [
    'one is no longer served',
    [version('v1'), version('v2')],
    [version('v1', {}, { served: false }), version('v2')],
    ['version v1 is no longer served'],
  ],
  [
    'another is stored',
    [version('v1'), version('v2')],
    [version('v1', {}, { storage: false }), version('v2', {}, { storage: true })],
    ['version v2 is stored from now on'],
  ],
  ['one more', [version('v1')], [version('v1'), version('v2')], []],
  [
    'which of several',
    [version('v1'), version('v2', spec({ a: {} }))],
    [version('v1'), version('v2', spec({}))],
    ['v2: spec.a is gone'],
  ],
])('versions: %s', (_, before, after, want) => expect(crdReasons(crd({}, before), crd({}, after))).toEqual(want))

test('a schema as deep and as wide as anybody may write ends', () => {
  const deep = (leaf: object): object => {
    let schema: object = leaf
    for (let i = 0; i < 300; i++) schema = { type: 'object', properties: { a: schema } }
    return schema
  }
  expect(crdReasons(crd(deep({ type: 'string' })), crd(deep({ type: 'integer' })))).toEqual([])
  const wide = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`f${i}`, {}]))
  expect(crdReasons(crd(spec(wide)), crd(spec({})))).toHaveLength(50)
})

test('what is certain goes before what depends on the values', () => {
  const before = spec({ a: {}, b: {}, c: {} })
  const after = spec({ a: { minLength: 1 }, c: { type: 'string' } }, { required: ['c'] })
  expect(crdReasons(crd(before), crd(after))).toEqual([
    'spec needs c now',
    'spec.b is gone',
    'spec.a has another minLength: 1',
  ])
})
