import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'

/** Imports point to a lower layer only; siblings of one layer never import each other. docs/architecture.md */
const layers: Readonly<Record<string, number>> = {
  'errors.ts': 0,
  'tree.ts': 0.5,
  'handlebars.ts': 0.5,
  'tar.ts': 0.5,
  'tar-writer.ts': 0.5,
  'source.ts': 0.5,
  'mirrors.ts': 0.5,
  'lock.ts': 0.6,
  go: 1,
  yaml: 2,
  semver: 2,
  k8s: 2,
  values: 2.5,
  template: 3,
  sprig: 4,
  helm: 5,
  kustomize: 5,
  site: 5,
  argo: 5,
  validate: 5,
  bundle: 5,
  render: 6,
  io: 7,
  cli: 8,
  'index.ts': 9,
}
/** Within layer 2, yaml is below k8s. */
const allowedSiblings = new Set(['k8s>yaml'])
/** What touches the world; only io/ and cli/ may name it. node:crypto's hashes are pure and allowed; see the rule below. */
const impure =
  /\bnode:(fs|child_process|http|https|net|os|worker_threads)\b|\bprocess\.env\b|\bDate\.now\b|\bMath\.random\b|\bfetch\(/

const root = resolve(import.meta.dirname, '../src')

function* sources(dir: string): Generator<string> {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name)
    if (entry.isDirectory()) yield* sources(path)
    else if (entry.name.endsWith('.ts')) yield path
  }
}

function roomOf(path: string): string {
  return relative(root, path).split('/')[0]!
}

test('imports point to a lower layer', () => {
  const wrong: string[] = []
  for (const file of sources(root)) {
    const from = roomOf(file)
    expect(layers, `${from} has a layer`).toHaveProperty([from])
    for (const match of readFileSync(file, 'utf8').matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)) {
      const to = roomOf(resolve(dirname(file), match[1]!))
      if (to === from || allowedSiblings.has(`${from}>${to}`)) continue
      if ((layers[to] ?? 99) >= layers[from]!) wrong.push(`${relative(root, file)} imports ${match[1]}`)
    }
  }
  expect(wrong).toEqual([])
})

test('only io and cli touch the world', () => {
  const wrong: string[] = []
  for (const file of sources(root)) {
    if (['io', 'cli'].includes(roomOf(file))) continue
    const code = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
    const hit = impure.exec(code)
    if (hit !== null) wrong.push(`${relative(root, file)}: ${hit[0]}`)
  }
  expect(wrong).toEqual([])
})
