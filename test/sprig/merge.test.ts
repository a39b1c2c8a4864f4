import { expect, test } from 'vitest'
import type { GoDict, GoValue } from '../../src/go/value.ts'
import { merge } from '../../src/sprig/merge.ts'

type Plain = { readonly [key: string]: Plain | string | number | boolean | null | readonly number[] }

function dict(plain: Plain): GoDict {
  const isPlain = (v: unknown): v is Plain => typeof v === 'object' && v !== null && !Array.isArray(v)
  return new Map(Object.entries(plain).map(([key, v]) => [key, isPlain(v) ? dict(v) : (v as GoValue)]))
}

test.each<[name: string, target: Plain, source: Plain, filled: Plain, overwritten: Plain]>([
  ['a missing key', {}, { a: 1 }, { a: 1 }, { a: 1 }],
  [
    'an empty value is filled',
    { a: '', b: 0, c: false },
    { a: 'x', b: 1, c: true },
    { a: 'x', b: 1, c: true },
    { a: 'x', b: 1, c: true },
  ],
  ['a full one stays', { a: 1 }, { a: 2 }, { a: 1 }, { a: 2 }],
  ['the source is empty', { a: 1 }, { a: false }, { a: 1 }, { a: false }],
  ['the source is null', { a: 1 }, { a: null, b: null }, { a: 1 }, { a: null, b: null }],
  ['maps in maps', { m: { a: 1 } }, { m: { a: 2, b: 3 } }, { m: { a: 1, b: 3 } }, { m: { a: 2, b: 3 } }],
  ['lists are not joined', { l: [1] }, { l: [2] }, { l: [1] }, { l: [2] }],
  ['a map over a scalar', { a: 1 }, { a: { b: 1 } }, { a: 1 }, { a: { b: 1 } }],
  ['a scalar over a map', { a: { b: 1 } }, { a: 1 }, { a: { b: 1 } }, { a: 1 }],
  ['an empty map over a full one', { a: { b: 1 } }, { a: {} }, { a: { b: 1 } }, { a: { b: 1 } }],
  [
    '__proto__ is a key',
    {},
    JSON.parse('{"__proto__":1}') as Plain,
    JSON.parse('{"__proto__":1}') as Plain,
    JSON.parse('{"__proto__":1}') as Plain,
  ],
])('%s', (_, target, source, filled, overwritten) => {
  for (const [overwrite, want] of [
    [false, filled],
    [true, overwritten],
  ] as const) {
    const given = dict(target)
    merge(given, dict(source), overwrite)
    expect(given).toEqual(dict(want))
  }
})

test('a map that is taken whole stays shared', () => {
  const source = dict({ m: { a: 1 } })
  const target: GoDict = new Map()
  merge(target, source, false)
  merge(target, dict({ m: { b: 2 } }), false)
  expect(source).toEqual(dict({ m: { a: 1, b: 2 } }))
})
