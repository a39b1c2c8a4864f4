/**
 * YAML as a tree that keeps what a reader needs: the order of keys, how scalars were written, and where each stood.
 * Values (Go data) are made from it by a dialect; Kustomize and the site merge work on the tree itself.
 */

/** The text nodes were read from; one per file or template output, shared by its nodes. */
export interface YamlSource {
  /** The path a user knows, for messages. */
  readonly file: string
  readonly text: string
  /** 1-based line number in `file` of the first line of `text` (documents cut out of a larger file). */
  readonly firstLine: number
}

export type ScalarStyle = 'plain' | 'single' | 'double' | 'literal' | 'folded'

/** Which rules turn plain scalars into typed values: go-yaml v2 behind sigs.k8s.io/yaml (Helm), or v3 (Kustomize). */
export type Dialect = 'sigs' | 'v3'

export type YamlNode = YamlScalar | YamlMap | YamlSeq

/**
 * What a layer above remembers about a node (values.ts: who set it, what it replaced); opaque here. Copies keep it, so
 * it survives whatever a build does to the tree.
 */
export type NodeOrigin = object

export class YamlScalar {
  declare readonly kind: 'scalar'
  /** The text after unescaping and folding; for a plain scalar as written ("0755", "yes", ""). */
  declare value: string
  declare style: ScalarStyle
  /** An explicit tag ("!!str", "!!int", "!custom"), or undefined: quoted is a string, plain is resolved. */
  declare tag: string | undefined
  declare source: YamlSource | undefined
  /** Offset into source.text. */
  declare offset: number
  declare origin: NodeOrigin | undefined

  constructor(value: string, style: ScalarStyle = 'plain', tag?: string, source?: YamlSource, offset = 0) {
    this.value = value
    this.style = style
    this.tag = tag
    this.source = source
    this.offset = offset
    this.origin = undefined
  }
}

export interface YamlPair {
  key: YamlNode
  value: YamlNode
}

export class YamlMap {
  declare readonly kind: 'map'
  /** In the order written; duplicates are kept until a dialect decides. Merge keys and aliases are expanded by the reader. */
  declare pairs: YamlPair[]
  declare flow: boolean
  declare tag: string | undefined
  declare source: YamlSource | undefined
  declare offset: number
  declare origin: NodeOrigin | undefined

  constructor(pairs: YamlPair[] = [], source?: YamlSource, offset = 0) {
    this.pairs = pairs
    this.flow = false
    this.tag = undefined
    this.source = source
    this.offset = offset
    this.origin = undefined
  }

  /** The value of the last pair with a scalar key of that text, or undefined. */
  get(key: string): YamlNode | undefined {
    for (let i = this.pairs.length - 1; i >= 0; i--) {
      const k = this.pairs[i]!.key
      if (k.kind === 'scalar' && k.value === key) return this.pairs[i]!.value
    }
    return undefined
  }

  has(key: string): boolean {
    return this.get(key) !== undefined
  }

  /** Replaces the value of a key where it stands, or appends the pair. */
  set(key: string, value: YamlNode): void {
    for (let i = this.pairs.length - 1; i >= 0; i--) {
      const k = this.pairs[i]!.key
      if (k.kind === 'scalar' && k.value === key) {
        this.pairs[i]!.value = value
        return
      }
    }
    this.pairs.push({ key: new YamlScalar(key, 'plain', '!!str'), value })
  }

  /** Removes every pair of a key; returns the last value removed. */
  delete(key: string): YamlNode | undefined {
    const old = this.get(key)
    if (old !== undefined) this.pairs = this.pairs.filter(p => !(p.key.kind === 'scalar' && p.key.value === key))
    return old
  }
}

export class YamlSeq {
  declare readonly kind: 'seq'
  declare items: YamlNode[]
  declare flow: boolean
  declare tag: string | undefined
  declare source: YamlSource | undefined
  declare offset: number
  declare origin: NodeOrigin | undefined

  constructor(items: YamlNode[] = [], source?: YamlSource, offset = 0) {
    this.items = items
    this.flow = false
    this.tag = undefined
    this.source = source
    this.offset = offset
    this.origin = undefined
  }
}

/**
 * A value of a map of which is known what stringifySorted prints (`written`, what stands behind its key), and which is
 * read when somebody asks for what is in it: what nobody looks into is never made a tree.
 */
export interface Late {
  /** The indentation of the key. */
  readonly indent: number
  readonly written: string
  /** False once somebody has looked, and perhaps changed something. */
  readonly isUnread: boolean
}

export class LateMap extends YamlMap implements Late {
  readonly indent: number
  readonly written: string
  read: (() => YamlPair[]) | undefined

  constructor(source: YamlSource, offset: number, indent: number, written: string, read: () => YamlPair[]) {
    super(notRead, source, offset)
    this.indent = indent
    this.written = written
    this.read = read
  }

  get isUnread(): boolean {
    return this.read !== undefined
  }
}

export class LateSeq extends YamlSeq implements Late {
  readonly indent: number
  readonly written: string
  read: (() => YamlNode[]) | undefined

  constructor(source: YamlSource, offset: number, indent: number, written: string, read: () => YamlNode[]) {
    super(notRead, source, offset)
    this.indent = indent
    this.written = written
    this.read = read
  }

  get isUnread(): boolean {
    return this.read !== undefined
  }
}

/** The node, if it is one that nobody has looked into. */
export function asLate(node: YamlNode): (LateMap | LateSeq) | undefined {
  return (node instanceof LateMap || node instanceof LateSeq) && node.isUnread ? node : undefined
}

/** What the constructors above start with. */
const notRead: never[] = []

// Accessors on the prototypes, which the fields of a node that has been read hide: other nodes do not pay for them.
for (const [late, field] of [
  [LateMap, 'pairs'],
  [LateSeq, 'items'],
] as const) {
  Object.defineProperty(late.prototype, field, {
    get(this: LateMap | LateSeq) {
      const content = this.read!()
      Reflect.set(this, field, content)
      return content
    },
    set(this: LateMap | LateSeq, content: unknown[]) {
      if (content === notRead) return
      this.read = undefined
      Object.defineProperty(this, field, { value: content, writable: true, enumerable: true, configurable: true })
    },
  })
}

// On the prototypes: one word less in each of the many nodes of a large output.
Object.defineProperty(YamlScalar.prototype, 'kind', { value: 'scalar' })
Object.defineProperty(YamlMap.prototype, 'kind', { value: 'map' })
Object.defineProperty(YamlSeq.prototype, 'kind', { value: 'seq' })

/** A deep copy; sources are shared. */
export function cloneNode<T extends YamlNode>(node: T): T
export function cloneNode(node: YamlNode): YamlNode {
  if (node.kind === 'scalar') {
    const scalar = new YamlScalar(node.value, node.style, node.tag, node.source, node.offset)
    scalar.origin = node.origin
    return scalar
  }
  const late = asLate(node)
  if (late !== undefined) return cloneLate(late)
  if (node.kind === 'map') {
    const map = new YamlMap(
      node.pairs.map(p => ({ key: cloneNode(p.key), value: cloneNode(p.value) })),
      node.source,
      node.offset,
    )
    map.flow = node.flow
    map.tag = node.tag
    map.origin = node.origin
    return map
  }
  const seq = new YamlSeq(node.items.map(cloneNode), node.source, node.offset)
  seq.flow = node.flow
  seq.tag = node.tag
  seq.origin = node.origin
  return seq
}

function cloneLate(node: LateMap | LateSeq): YamlNode {
  const { source, offset, indent, written } = node
  const late =
    node instanceof LateMap
      ? new LateMap(source!, offset, indent, written, node.read!)
      : new LateSeq(source!, offset, indent, written, node.read!)
  late.flow = node.flow
  late.tag = node.tag
  late.origin = node.origin
  return late
}

/** A string scalar, whatever its text looks like. */
export function stringScalar(value: string): YamlScalar {
  return new YamlScalar(value, 'plain', '!!str')
}

/** Where a node stood, as file, line and column (1-based); undefined for a node that was made, not read. */
export function positionOf(node: YamlNode): { file: string; line: number; column: number } | undefined {
  const { source, offset } = node
  if (source === undefined) return undefined
  let line = source.firstLine
  let start = 0
  for (let at = source.text.indexOf('\n'); at !== -1 && at < offset; at = source.text.indexOf('\n', at + 1)) {
    line++
    start = at + 1
  }
  return { file: source.file, line, column: offset - start + 1 }
}

/** A plain null: `key:`, `~`, `null`. */
export function isNull(node: YamlNode): boolean {
  if (node.kind !== 'scalar') return false
  if (node.tag !== undefined) return node.tag === '!!null'
  return node.style === 'plain' && /^(|~|null|Null|NULL)$/.test(node.value)
}

/** The text of a scalar that is not null. */
export function textOf(node: YamlNode | undefined): string | undefined {
  return node?.kind === 'scalar' && !isNull(node) ? node.value : undefined
}

/** The text keys of a map. */
export function keysOf(map: YamlMap): string[] {
  return map.pairs.flatMap(pair => (pair.key.kind === 'scalar' ? [pair.key.value] : []))
}
