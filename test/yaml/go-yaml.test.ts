/** What go-yaml v2 (behind sigs.k8s.io/yaml) and v3 answered to texts and values of ours; see test/oracle/yaml. */

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { DecapodError } from '../../src/errors.ts'
import { decodeJson, encodeJson } from '../../src/go/json.ts'
import { GoError, type GoValue } from '../../src/go/value.ts'
import { encodeV3 } from '../../src/yaml/encode-v3.ts'
import type { Dialect } from '../../src/yaml/node.ts'
import { parseNode } from '../../src/yaml/parse.ts'
import { stringifyNode, stringifyValue } from '../../src/yaml/stringify.ts'
import { fromValue, parseValue, toValue } from '../../src/yaml/values.ts'

type Answer = { json: string } | { error: string }

interface DocumentVector {
  text: string
  sigs: Answer
  v3?: Answer
}

interface ValueVector {
  json: string
  toYaml: string | { error: string }
  pretty: string
}

const read = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../conformance/yaml/${name}.json`, import.meta.url), 'utf8')) as T

const documents = read<DocumentVector[]>('documents')
const values = read<ValueVector[]>('values')

function answer(work: () => GoValue): Answer {
  try {
    return { json: encodeJson(work(), { escapeHtml: true }) }
  } catch (error) {
    if (error instanceof DecapodError) return { error: error.message }
    throw error
  }
}

const file = 'vector.yaml'
const value = (text: string, dialect: Dialect): Answer =>
  answer(() => parseValue(text, { file, dialect, numbers: 'exact' }))
const throughNode = (text: string, dialect: Dialect): Answer =>
  answer(() => {
    const node = parseNode(text, { file, dialect })
    return node === undefined ? null : toValue(node, dialect, 'exact')
  })

/** Whether there was a null or no document at all does not matter to those who want a map. */
const asMap = (found: Answer): Answer => ('json' in found && found.json === 'null' ? { json: '{}' } : found)

test(`${documents.length} documents as sigs.k8s.io/yaml reads them`, () => {
  const got = documents.map(({ text }) => ({ text, sigs: value(text, 'sigs') }))
  expect(got).toEqual(documents.map(({ text, sigs }) => ({ text, sigs })))
})

test('the same through nodes', () => {
  const got = documents.map(({ text }) => ({ text, sigs: throughNode(text, 'sigs') }))
  expect(got).toEqual(documents.map(({ text, sigs }) => ({ text, sigs })))
})

test('the same documents as go-yaml v3 reads them into a map', () => {
  const known = documents.filter(doc => doc.v3 !== undefined)
  const got = known.map(({ text }) => ({ text, v3: asMap(value(text, 'v3')) }))
  expect(got).toEqual(known.map(({ text, v3 }) => ({ text, v3: asMap(v3!) })))
})

test(`${values.length} values as Helm's toYaml writes them`, () => {
  const got = values.map(({ json }) => {
    try {
      return { json, toYaml: stringifyValue(decodeJson(json)) }
    } catch (error) {
      if (error instanceof GoError) return { json, toYaml: { error: error.message } }
      throw error
    }
  })
  expect(got).toEqual(values.map(({ json, toYaml }) => ({ json, toYaml })))
})

test('the same values as toYamlPretty writes them', () => {
  const got = values.map(({ json }) => ({ json, pretty: encodeV3(decodeJson(json)) }))
  expect(got).toEqual(values.map(({ json, pretty }) => ({ json, pretty })))
})

test('what toYaml writes reads back as the same value', () => {
  for (const { json, toYaml } of values) {
    if (typeof toYaml !== 'string') continue
    // By go-yaml's own doing, NEL becomes a space and `<<` is written as a merge key.
    if (/\x85|<</.test(json) || json === '-0') continue
    expect(parseValue(toYaml, { file }), json).toEqual(decodeJson(json))
  }
})

test('canonical text reads back as the same value, in the same order', () => {
  const options = { dialect: 'sigs', sortKeys: false, width: Number.POSITIVE_INFINITY } as const
  for (const { json } of values) {
    // Characters YAML does not allow, and a zero without a sign in YAML.
    if (/[\x7f-\x9f]/.test(json) || json === '-0') continue
    const want = decodeJson(json)
    const text = stringifyNode(fromValue(want), options)
    expect(parseValue(text, { file }), json).toEqual(want)
  }
})
