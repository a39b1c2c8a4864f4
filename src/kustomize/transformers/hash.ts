/** The content hash in the names of generated objects (api/hasher). */
import { compareStrings } from '../../go/value.ts'
import type { YamlMap, YamlNode } from '../../yaml/node.ts'
import type { Context } from '../context.ts'
import { goJson } from '../go-json.ts'
import { textOf } from '../nodes.ts'
import type { ResMap } from '../resmap.ts'

/** Appends the hash to the name of everything that asks for one. */
export function hashTransformer(map: ResMap, _context: Context): void {
  for (const resource of map.resources) {
    if (!resource.needsHashSuffix) continue
    const hash = contentHash(resource.node)
    resource.storePreviousId()
    resource.setName(`${resource.name}-${hash}`)
  }
}

/** Ten letters and digits that change with what the object holds, not with its name, labels or annotations. */
export function contentHash(node: YamlMap): string {
  // Loaded when the first hash is wanted: it takes longer than a small build without one.
  const { createHash } = process.getBuiltinModule('node:crypto')
  return readable(createHash('sha256').update(hashedText(node)).digest('hex').slice(0, 10))
}

/** Vowels and their like are replaced, so that no hash spells a word. */
function readable(hex: string): string {
  return hex.replace(/[013ae]/g, digit => ({ '0': 'g', '1': 'h', '3': 'k', a: 'm', e: 't' })[digit]!)
}

/**
 * The JSON text that is hashed, keys sorted. The name is always empty: Kustomize looks it up under a key
 * "metadata/name", which no object has.
 */
function hashedText(node: YamlMap): string {
  const kind = textOf(node.get('kind'))
  const parts: [string, string][] = [
    ['kind', goJson(kind)],
    ['name', '""'],
    ['data', fieldJson(node.get('data'))],
  ]
  const more = kind === 'Secret' ? 'stringData' : 'binaryData'
  if (node.get(more)?.kind === 'map') parts.push([more, fieldJson(node.get(more))])
  if (kind === 'Secret') parts.push(['type', fieldJson(node.get('type'))])
  if (kind !== 'ConfigMap' && kind !== 'Secret') parts.push(['object', fieldJson(node)])
  parts.sort(([a], [b]) => compareStrings(a, b))
  return `{${parts.map(([key, json]) => `${goJson(key)}:${json}`).join(',')}}`
}

function fieldJson(node: YamlNode | undefined): string {
  if (node === undefined) return '""'
  return node.kind === 'scalar' ? goJson(node.value) : goJson(node, true)
}
