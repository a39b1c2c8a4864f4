/**
 * Aliases and merge keys: turns composed trees (compose.ts) into trees without either, or straight into values.
 * go-yaml does both while decoding (decode.go of v2 and v3); v2 merges where it meets `<<`, v3 after all other keys.
 */

import { type RawNode, YamlAlias } from './compose.ts'
import { type Dialect, YamlMap, type YamlNode, YamlScalar, YamlSeq } from './node.ts'
import { YamlFailure } from './scan.ts'

/** Whether a key is `<<` written so that it merges. */
export function isMergeKey(key: RawNode): boolean {
  return (
    key.kind === 'scalar' &&
    key.value === '<<' &&
    (key.tag === undefined ? key.style === 'plain' : key.tag === '!' || key.tag === '!!merge')
  )
}

/**
 * go-yaml's guard against alias bombs: of many decoded nodes, only a share may come from aliases; the share shrinks as
 * documents grow.
 */
export class AliasGuard {
  private decoded = 0
  private fromAliases = 0
  depth = 0
  private readonly active = new Set<YamlAlias>()

  count(): void {
    this.decoded++
    if (this.depth === 0) return
    this.fromAliases++
    if (this.fromAliases > 100 && this.decoded > 1000 && this.fromAliases / this.decoded > this.allowed()) {
      throw new YamlFailure('document contains excessive aliasing', 'other')
    }
  }

  private allowed(): number {
    const low = 400_000
    const high = 4_000_000
    if (this.decoded <= low) return 0.99
    if (this.decoded >= high) return 0.1
    return 0.99 - 0.89 * ((this.decoded - low) / (high - low))
  }

  enter(alias: YamlAlias): void {
    if (this.active.has(alias)) throw new YamlFailure(`anchor '${alias.name}' value contains itself`, 'other')
    this.active.add(alias)
    this.depth++
  }

  leave(alias: YamlAlias): void {
    this.depth--
    this.active.delete(alias)
  }
}

const MERGE_WANTS_MAP = 'map merge requires map or sequence of maps as the value'

/** Kustomize's own words (kyaml, RNode.DeAnchor), which it says of a file that parses. */
export const mergeRefusals: readonly string[] = [
  MERGE_WANTS_MAP,
  'invalid map merge: received alias for a non-map value',
  'invalid map merge: received a nested sequence',
  'duplicate merge key',
]

/** The mappings that a merge key of a resource names, as kyaml takes them. */
function resourceMergeSources(value: RawNode): RawNode[] {
  const sources = value.kind === 'seq' ? (value.items as RawNode[]) : [value]
  for (const source of sources) {
    if (source.kind === 'alias') {
      if (source.target.kind !== 'map') throw new YamlFailure(mergeRefusals[1]!, 'other')
    } else if (source.kind === 'seq') throw new YamlFailure(mergeRefusals[2]!, 'other')
    else if (source.kind !== 'map') throw new YamlFailure(MERGE_WANTS_MAP, 'other')
  }
  return sources
}

/** The mappings a merge key's value names, in the order written; throws where go-yaml wants a mapping. */
export function mergeSources(value: RawNode): RawNode[] {
  const sources = value.kind === 'seq' ? (value.items as RawNode[]) : [value]
  for (const source of sources) {
    const node = source.kind === 'alias' ? source.target : source
    if (node.kind !== 'map') throw new YamlFailure(MERGE_WANTS_MAP, 'other')
  }
  return sources
}

/** A tree without aliases and merge keys. What an alias named is copied, so that every node stands in one place. */
export function expand(root: RawNode, dialect: Dialect): YamlNode {
  const guard = new AliasGuard()
  return new Expansion(guard, dialect).node(root)
}

class Expansion {
  private readonly guard: AliasGuard
  private readonly dialect: Dialect

  constructor(guard: AliasGuard, dialect: Dialect) {
    this.guard = guard
    this.dialect = dialect
  }

  node(node: RawNode): YamlNode {
    this.guard.count()
    switch (node.kind) {
      case 'alias': {
        this.guard.enter(node)
        const copy = this.node(node.target)
        this.guard.leave(node)
        return copy
      }
      case 'scalar':
        return this.guard.depth === 0
          ? node
          : new YamlScalar(node.value, node.style, node.tag, node.source, node.offset)
      case 'seq': {
        const out = new YamlSeq([], node.source, node.offset)
        out.flow = node.flow
        out.tag = node.tag
        for (const item of node.items) out.items.push(this.node(item))
        return out
      }
      case 'map': {
        const out = new YamlMap([], node.source, node.offset)
        out.flow = node.flow
        out.tag = node.tag
        if (this.dialect === 'v3') this.pairsV3(node, out)
        else this.pairsV2(node, out)
        return out
      }
    }
  }

  private pairsV2(map: YamlMap, out: YamlMap): void {
    for (const { key, value } of map.pairs) {
      if (!isMergeKey(key)) {
        out.pairs.push({ key: this.node(key), value: this.node(value) })
        continue
      }
      // Earlier items of a list win, so they come later; what the mapping had before is overwritten.
      for (const source of mergeSources(value).reverse()) this.mergeV2(source, out)
    }
  }

  private mergeV2(source: RawNode, out: YamlMap): void {
    const merged = this.node(source) as YamlMap
    for (const pair of merged.pairs) {
      const { key } = pair
      const old =
        key.kind === 'scalar' ? out.pairs.find(p => p.key.kind === 'scalar' && p.key.value === key.value) : undefined
      if (old !== undefined) old.value = pair.value
      else out.pairs.push(pair)
    }
  }

  private pairsV3(map: YamlMap, out: YamlMap): void {
    let merge: RawNode | undefined
    for (const { key, value } of map.pairs) {
      if (isMergeKey(key)) {
        if (merge !== undefined) throw new YamlFailure(mergeRefusals[3]!, 'other')
        merge = value
      } else out.pairs.push({ key: this.node(key), value: this.node(value) })
    }
    if (merge === undefined) return
    const known = new Set<string>()
    for (const { key } of out.pairs) if (key.kind === 'scalar') known.add(key.value)
    for (const source of resourceMergeSources(merge)) {
      for (const pair of (this.node(source) as YamlMap).pairs) {
        if (pair.key.kind === 'scalar') {
          if (known.has(pair.key.value)) continue
          known.add(pair.key.value)
        }
        out.pairs.push(pair)
      }
    }
  }
}

export { YamlAlias }
