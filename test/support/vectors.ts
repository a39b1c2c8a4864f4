/** The recorded answers of conformance/template-vectors.json, and how they write and compare Go's values. */
import { readFileSync } from 'node:fs'
import { type GoDict, GoInt, type GoValue } from '../../src/go/value.ts'
import type { Question } from './answer.ts'
import { conformanceFile } from './conformance.ts'

/** The result of a vector: exactly one of these. */
export interface VectorAnswer {
  readonly want?: unknown
  readonly wantBase64?: string
  readonly error?: string
}

export interface Vector extends VectorAnswer, Question {
  readonly id: string
  readonly group: string
  /** Helm 4's answer where it differs. */
  readonly helm4?: VectorAnswer
}

/** The vectors of some kinds; none where the data is not there. */
export function loadVectors(...kinds: readonly Question['kind'][]): Vector[] {
  const path = conformanceFile('template-vectors.json')
  if (path === undefined) return []
  const { vectors } = JSON.parse(readFileSync(path, 'utf8')) as { vectors: Vector[] }
  return vectors.filter(vector => kinds.includes(vector.kind))
}

/** A vector's JSON of a value, with its number kinds told apart and its keys sorted: two are equal if their texts are. */
export function canonical(value: GoValue): string {
  return JSON.stringify(tagged(value))
}

function tagged(value: GoValue): unknown {
  switch (typeof value) {
    case 'number':
      return Number.isFinite(value) ? value : { $float: Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf' }
    case 'bigint':
      return { $int: String(value) }
    case 'object':
      if (value instanceof GoInt) return { $int64: String(value.value) }
      if (value instanceof Map) {
        const entries = [...(value as GoDict)].map(([k, v]) => [k, tagged(v)] as const)
        return sortedObject(entries)
      }
      if (Array.isArray(value)) return value.map(item => tagged(item as GoValue))
  }
  return value
}

/** The same text for what a vector wants. */
export function canonicalWant(want: unknown): string {
  return JSON.stringify(sorted(want))
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const keys = Object.keys(value)
  // A number of another kind stays as it is written.
  if (keys.length === 1 && ['$int64', '$int', '$float'].includes(keys[0]!)) return value
  return sortedObject(Object.entries(value).map(([k, v]) => [k, sorted(v)] as const))
}

/** Pairs, not an object, so that keys like "1" or "__proto__" stay where they are. */
function sortedObject(entries: readonly (readonly [string, unknown])[]): unknown {
  return { map: [...entries].sort(([a], [b]) => (a < b ? -1 : 1)) }
}

/** The files of a question's chart; `base64:` marks bytes. */
export function filesOf(vector: Pick<Question, 'files'>): Map<string, string | Uint8Array> {
  return new Map(
    Object.entries(vector.files ?? {}).map(([path, content]) => [
      path,
      content.startsWith('base64:') ? Buffer.from(content.slice('base64:'.length), 'base64') : content,
    ]),
  )
}

/** Equal texts; the violations of a schema come in random order in Go, so lines are compared as a set. */
export function sameError(got: string, want: string): boolean {
  if (got === want) return true
  if (!want.startsWith("values don't meet the specifications")) return false
  const lines = (text: string): string => text.split('\n').sort().join('\n')
  return lines(got) === lines(want)
}
