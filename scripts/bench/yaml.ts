/** How fast the YAML engine reads and writes: MB/s over every YAML file below some directories, warm. */

import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { GoValue } from '../../src/go/value.ts'
import { parseDocuments } from '../../src/yaml/parse.ts'
import { stringifyNode, stringifyValue } from '../../src/yaml/stringify.ts'
import { parseValues } from '../../src/yaml/values.ts'

const ROUNDS = 5

/** Measures reading (values, nodes) and writing (values, nodes) of the YAML files below `dirs`; prints a table. */
export function run(dirs: string[]): number {
  for (const dir of dirs) {
    const texts = yamlFiles(dir).filter(readable)
    const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
    const mb = bytes / 1e6
    console.log(`${dir}: ${texts.length} files, ${mb.toFixed(2)} MB`)
    const file = 'bench.yaml'
    const values: GoValue[] = texts.flatMap(text => parseValues(text, { file }))
    const nodes = texts.flatMap(text => parseDocuments(text, { file, dialect: 'v3' }))
    const written = values.reduce<number>((sum, value) => sum + stringifyValue(value).length, 0) / 1e6
    report('parseValues', mb, () => {
      for (const text of texts) parseValues(text, { file })
    })
    report('parseDocuments', mb, () => {
      for (const text of texts) parseDocuments(text, { file, dialect: 'v3' })
    })
    report('stringifyValue', written, () => {
      for (const value of values) stringifyValue(value)
    })
    report('stringifyNode sorted', written, () => {
      for (const doc of nodes) stringifyNode(doc.root, { dialect: 'sigs', sortKeys: true, width: 80 })
    })
    report('stringifyNode canonical', written, () => {
      for (const doc of nodes) {
        stringifyNode(doc.root, { dialect: 'sigs', sortKeys: false, width: Number.POSITIVE_INFINITY })
      }
    })
  }
  return 0
}

/** The best of several rounds: the machine's noise only ever adds. */
function report(name: string, mb: number, work: () => unknown): void {
  let best = Number.POSITIVE_INFINITY
  for (let i = 0; i < ROUNDS; i++) {
    const start = performance.now()
    work()
    best = Math.min(best, performance.now() - start)
  }
  console.log(`  ${name.padEnd(24)} ${(mb / (best / 1000)).toFixed(0).padStart(5)} MB/s`)
}

function readable(text: string): boolean {
  try {
    parseValues(text, { file: 'bench.yaml' })
    return true
  } catch {
    return false
  }
}

function yamlFiles(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && /\.ya?ml$/.test(entry.name))
    .map(entry => readFileSync(path.join(entry.parentPath, entry.name), 'utf8'))
}
