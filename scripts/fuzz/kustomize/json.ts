/** JSON patches: every operation, on paths that are there, nearly there and not at all. */

import type { Random } from '../random.ts'
import type { Files } from './files.ts'
import { flow, nothing, scalar, Token, type Tree, type TreeMap } from './yaml-text.ts'

function tree(random: Random, depth: number): Tree {
  if (depth === 0 || random.chance(0.3)) return random.chance(0.1) ? nothing(random) : scalar(random)
  if (random.chance(0.4)) return Array.from({ length: random.below(4) }, () => tree(random, depth - 1))
  const out: TreeMap = {}
  for (const key of ['a', 'b', 'c/d', 'e~f', '"0"']) if (random.chance(0.5)) out[key] = tree(random, depth - 1)
  return out
}

/** A pointer into the tree, most often to what is there. */
function pointer(random: Random, root: Tree): string {
  let at: Tree | undefined = root
  let out = ''
  while (at !== undefined && typeof at === 'object' && !(at instanceof Token)) {
    if (out !== '' && random.chance(0.25)) break
    if (random.chance(0.08)) return `${out}/${random.pick(['nope', '-', '9', '-1', '-9', '01', ''])}`
    if (Array.isArray(at)) {
      if (at.length === 0) return `${out}/${random.pick(['0', '-', '1'])}`
      const i = random.below(at.length)
      out += `/${i}`
      at = at[i]
    } else {
      const keys = Object.keys(at)
      if (keys.length === 0) return `${out}/new`
      const key = random.pick(keys)
      out += `/${key.replaceAll('"', '').replaceAll('~', '~0').replaceAll('/', '~1')}`
      at = at[key]
    }
  }
  return random.chance(0.03) ? out.slice(1) : out
}

export function jsonCase(random: Random): Files {
  const object: TreeMap = {
    apiVersion: 'example.com/v1',
    kind: 'Widget',
    metadata: { name: 'one', labels: { x: 'y' } },
    spec: tree(random, 4),
    data: tree(random, 2),
  }
  const ops: TreeMap[] = []
  for (let i = 0; i <= random.below(3); i++) {
    const op = random.pick(
      ['add', 'remove', 'replace', 'replace', 'move', 'copy', 'test', 'add', 'bogus'].slice(
        0,
        random.chance(0.03) ? 9 : 8,
      ),
    )
    const step: TreeMap = {
      op,
      path: JSON.stringify(
        pointer(random, random.chance(0.97) ? { spec: object['spec']!, data: object['data']! } : object),
      ),
    }
    if (op === 'move' || op === 'copy')
      step['from'] = JSON.stringify(pointer(random, { spec: object['spec']!, data: object['data']! }))
    else if (op !== 'remove' && random.chance(0.95)) step['value'] = tree(random, 2)
    if (random.chance(0.02)) delete step['path']
    ops.push(step)
  }
  const text = `${ops.map(step => `- ${flow(step)}`).join('\n')}\n`
  const field = random.chance(0.7)
    ? 'patches:\n- path: patch.yaml\n  target: {kind: Widget}\n'
    : 'patchesJson6902:\n- path: patch.yaml\n  target: {group: example.com, version: v1, kind: Widget, name: one}\n'
  return {
    'kustomization.yaml': `resources: [one.yaml]\n${field}`,
    'one.yaml': `${flow(object)}\n`,
    'patch.yaml': text,
  }
}
