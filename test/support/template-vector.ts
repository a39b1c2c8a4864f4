/** Renders vectors of kind "template" as the recorder did: in a chart named t, with `data` as `.Values`, nothing coalesced. */
import { DecapodError } from '../../src/errors.ts'
import { type GoDict, GoInt, type GoValue, toBytes } from '../../src/go/value.ts'
import { makeCapabilities, parseKubeVersion } from '../../src/helm/capabilities.ts'
import { renderTemplates } from '../../src/helm/engine.ts'
import { helmErrorText, TemplateFailure } from '../../src/helm/error-text.ts'
import { type FunctionPorts, helmFunctions, toYaml } from '../../src/helm/funcs.ts'
import { loadChart } from '../../src/helm/load.ts'
import { makeNode } from '../../src/helm/node.ts'
import { templatesOf } from '../../src/helm/release.ts'
import type { Semantics } from '../../src/helm/semantics.ts'
import { memoryTree } from '../../src/tree.ts'
import type { VectorAnswer } from './vectors.ts'

export interface TemplateVector {
  readonly template: string
  readonly files?: Readonly<Record<string, string>>
  readonly data?: unknown
}

const metadata = 'apiVersion: v2\nname: t\nversion: 0.1.0\nappVersion: 1.2.3\ntype: application\n'

/** Our answer, in the form of a vector's. An error that Helm does not know is told by its code. */
export function renderVector(vector: TemplateVector, semantics: Semantics, ports: FunctionPorts = {}): VectorAnswer {
  const files = { 'Chart.yaml': metadata, ...vector.files, 'templates/t.yaml': vector.template }
  try {
    const chart = loadChart(memoryTree(files), '/')
    const values = vectorValue(vector.data ?? {}) as GoDict
    const templates = templatesOf(makeNode(chart), values, {
      release: { name: 'release-name', namespace: 'default', isUpgrade: false },
      capabilities: makeCapabilities(parseKubeVersion('1.31.0', semantics), [], semantics),
      semantics,
      toYaml,
    })
    const rendered = renderTemplates(templates, { semantics, functions: helmFunctions(semantics, ports) })
    return bytesAnswer(rendered.get('t/templates/t.yaml')!)
  } catch (error) {
    if (error instanceof TemplateFailure) return { error: helmErrorText(error, semantics) }
    if (error instanceof DecapodError) return { error: `${error.code}: ${error.message}` }
    return { error: `BUG ${error instanceof Error ? error.stack : String(error)}` }
  }
}

/** A text as a vector has it: what is not UTF-8 as base64. */
export function bytesAnswer(text: string): VectorAnswer {
  if (!/[\udc80-\udcff]/.test(text)) return { want: text }
  // Bytes that are not UTF-8, or the low half of a pair: only the former are written as base64.
  const bytes = toBytes(text)
  const valid = Buffer.from(bytes).toString('utf8') === text
  return valid ? { want: text } : { wantBase64: Buffer.from(bytes).toString('base64') }
}

/** JSON of a vector as a value: `{"$int64": "5"}`, `{"$int": "5"}`, `{"$float": "NaN"}`; numbers are float64. */
export function vectorValue(json: unknown): GoValue {
  if (Array.isArray(json)) return json.map(vectorValue)
  if (typeof json !== 'object' || json === null) return json as GoValue
  const entries = Object.entries(json)
  if (entries.length === 1) {
    const [key, text] = entries[0] as [string, string]
    if (key === '$int64') return new GoInt('int64', BigInt(text))
    if (key === '$int') return BigInt(text)
    if (key === '$float') return text === '+Inf' ? Infinity : text === '-Inf' ? -Infinity : Number(text)
  }
  return new Map(entries.map(([k, v]) => [k, vectorValue(v)]))
}
