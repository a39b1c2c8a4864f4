/**
 * The cache of inflated apps. An entry is named by the digest of everything that decides what a chart or a directory
 * gives: the chart's content, the merged values, the release, the cluster's capabilities, patches, the program itself.
 * Two things show only on the way and are in the entry: the files that were read (trace.ts), and whether random values or
 * the time went in. What is random belongs to the last render: it is taken from the cache only while that render's files
 * are still there.
 */
import { hash } from 'node:crypto'
import { type DecapodError, DecapodErrors } from '../errors.ts'
import type { EnginePorts } from '../helm/engine.ts'
import type { ChartRequest } from '../site/releases.ts'
import type { Source } from '../source.ts'
import type { SprigPorts } from '../sprig/index.ts'
import { type FileTree, memoryTree } from '../tree.ts'
import type { YamlMap, YamlNode, YamlSource } from '../yaml/node.ts'
import { parseNode } from '../yaml/parse.ts'
import type { KustomizePorts } from './compose.ts'
import { errorOfPlain, type PlainError, plainError } from './errors.ts'
import type { Inflated } from './inflate.ts'
import { type FormedObject, formObjects, type ObjectId, type OutputFormat, type OutputObject } from './output.ts'
import { answersAlike, type Read, traceTree } from './trace.ts'

/** Where entries are kept, and what only the world knows of what goes into them. */
export interface CachePort {
  /** Names the program: its code, the version of Node, the zone of local times. */
  readonly engine: string
  /** The digest of a chart that was fetched, as it is known, or as it is just now; undefined where it cannot be told. */
  readonly chartDigest: (source: Source, when: 'known' | 'now') => string | undefined
  /** What errors call the directories that charts are read from. */
  readonly chartLabels: readonly string[]
  readonly read: (key: string) => Uint8Array | undefined
  readonly write: (key: string, entry: Uint8Array) => void
}

/** The name of an entry: the digest of its parts, which are JSON. */
export function unitKey(parts: readonly unknown[]): string {
  return hash('sha256', JSON.stringify(parts), 'hex')
}

/** A node's data as text: what is written, and how where that decides its type; not where it stands. */
export function nodeText(node: YamlNode | undefined): string {
  const out: string[] = []
  const visit = (n: YamlNode): void => {
    if (n.tag !== undefined) out.push(JSON.stringify(n.tag))
    if (n.kind === 'scalar') out.push(n.style[0]!, JSON.stringify(n.value))
    else if (n.kind === 'seq') {
      out.push('[')
      for (const item of n.items) visit(item)
      out.push(']')
    } else {
      out.push('{')
      for (const { key, value } of n.pairs) {
        visit(key)
        visit(value)
      }
      out.push('}')
    }
  }
  if (node !== undefined) visit(node)
  return out.join('')
}

/** The digest of the texts that nodes were read from, with what surrounds them: what is needed to name lines of them. */
export function digestOfTexts(nodes: readonly YamlNode[]): string {
  const sources = new Set<YamlSource>()
  const visit = (node: YamlNode): void => {
    if (node.source !== undefined) sources.add(node.source)
    if (node.kind === 'seq') node.items.forEach(visit)
    else if (node.kind === 'map') {
      for (const { key, value } of node.pairs) {
        visit(key)
        visit(value)
      }
    }
  }
  nodes.forEach(visit)
  const lines = [...sources].map(({ file, text, firstLine }) => JSON.stringify([file, firstLine, text]))
  return hash('sha256', lines.sort().join('\n'), 'hex')
}

/** The digest of every file below a directory of a tree, names included; the same for the same content. */
export function digestOfDirectory(tree: FileTree, dir: string): string {
  const lines: string[] = []
  const visit = (path: string, name: string, above: readonly string[]): void => {
    for (const entry of tree.list(path)) {
      const below = `${path === '/' ? '' : path}/${entry.name}`
      const named = `${name}/${entry.name}`
      if (entry.kind === 'dir') {
        const real = tree.realPath(below) ?? below
        lines.push(`${named}/`)
        // A link to a directory above itself has no end, and is refused by who loads the directory.
        if (!above.includes(real)) visit(below, named, [...above, real])
      } else lines.push(`${named} ${hash('sha256', tree.read(below) ?? '', 'hex')}`)
    }
  }
  visit(dir, '', [tree.realPath(dir) ?? dir])
  return hash('sha256', lines.join('\n'), 'hex')
}

/** The digest of an app's files as a render left them. */
export function digestOfFiles(files: ReadonlyMap<string, Uint8Array>, prefix: string): string {
  const lines: string[] = []
  for (const [path, bytes] of files) if (path.startsWith(prefix)) lines.push(`${path} ${hash('sha256', bytes, 'hex')}`)
  return hash('sha256', lines.sort().join('\n'), 'hex')
}

/** Watches one inflation: the files it reads, whether it draws on chance or the time, whether it leaves the workspace. */
export class Watch {
  readonly tree: FileTree
  readonly reads: () => readonly Read[]
  /** The release's chart and those it depends on. */
  readonly charts: ChartRequest[] = []
  /** Random values or the time were asked for. */
  isRandom = false
  /** Something was read that has no digest here: a remote base. Such an app is not kept. */
  isForeign = false

  constructor(tree: FileTree) {
    const traced = traceTree(tree)
    this.tree = traced.tree
    this.reads = traced.reads
  }

  ports<T extends Partial<SprigPorts> & EnginePorts>(ports: T): T {
    // What a cluster or a name server answers has no digest.
    if (ports.lookup !== undefined || ports.hostByName !== undefined) this.isForeign = true
    const { now, random } = ports
    const noted = {
      ...(now && { now: () => this.random(now()) }),
      ...(random && { random: (name: string) => this.random(random(name)) }),
    }
    // The local zone is worked out only when asked for, so the rest is inherited.
    return Object.assign(Object.create(ports) as T, noted)
  }

  /** Remote bases and fetched charts of kustomizations. */
  kustomize(ports: KustomizePorts | undefined): KustomizePorts | undefined {
    const { remotes, helm } = ports ?? {}
    return {
      ...ports,
      ...(remotes && {
        remotes: {
          repository: spec => this.foreign(remotes.repository(spec)),
          file: url => this.foreign(remotes.file(url)),
        },
      }),
      ...(helm && { helm: { ...helm, find: (...asked) => this.foreign(helm.find(...asked)) } }),
    }
  }

  private foreign<T>(given: T): T {
    this.isForeign = true
    return given
  }

  private random<T>(given: T): T {
    this.isRandom = true
    return given
  }
}

/**
 * What surrounds an app when it is looked up: its tree, the digests of charts, of its files in the last render, and of
 * the texts that its values come from.
 */
export interface Surroundings {
  readonly tree: FileTree
  readonly charts: (request: ChartRequest) => string
  readonly last: () => string
  readonly texts: () => string
}

/** Of what depends on nothing but its key. */
const alone: Surroundings = { tree: memoryTree({}), charts: () => '', last: () => '', texts: () => '' }

/** What showed while an app was inflated and must still be so when it is taken from the cache. */
interface Conditions {
  readonly reads: readonly Read[]
  readonly charts: readonly (readonly [chart: ChartRequest, digest: string])[]
  /** The digest of the files that the app gives; undefined for what is not random. */
  readonly last: string | undefined
  /** The digest of the texts that the values come from, for errors name lines of them; undefined for what did not fail. */
  readonly texts?: string | undefined
}

/**
 * The app of an entry; undefined when there is none, or when it no longer holds. Throws the DecapodErrors it failed with,
 * if it did.
 */
export function recall(
  cache: CachePort,
  key: string,
  { tree, charts, last, texts }: Surroundings = alone,
): Inflated | undefined {
  const bytes = cache.read(key)
  if (bytes === undefined) return undefined
  const { head, body } = decode(bytes)
  if (!answersAlike(tree, head.reads) || head.charts.some(([chart, digest]) => charts(chart) !== digest))
    return undefined
  if (head.last !== undefined && head.last !== last()) return undefined
  if (head.texts !== undefined && head.texts !== texts()) return undefined
  if (head.errors !== undefined) throw new DecapodErrors(head.errors.map(errorOfPlain))
  let offset = 0
  const take = (length: number): Buffer => body.subarray(offset, (offset += length))
  const objects = head.objects.map(object => {
    const { id, defines, isLarge = false, bytes, text } = object
    const formed = { id, defines, isLarge, bytes: take(bytes) }
    return new FormedOnly(object, formed, text === undefined ? undefined : take(text).toString('utf8'))
  })
  return { objects: objects.slice(head.crds), crds: objects.slice(0, head.crds), warnings: head.warnings }
}

/** Keeps an app under its key, with the conditions under which it holds. */
export function keep(cache: CachePort, key: string, app: Inflated, conditions: Conditions): void {
  const all = [...app.crds, ...app.objects]
  const parts: Uint8Array[] = []
  const objects = all.map(({ formed, text, origin, at }): EntryObject => {
    const { id, bytes, defines, isLarge } = formed!
    parts.push(bytes)
    const plain = text === undefined ? undefined : Buffer.from(text, 'utf8')
    if (plain !== undefined) parts.push(plain)
    return { id, defines, isLarge: isLarge || undefined, origin, at, bytes: bytes.length, text: plain?.length }
  })
  const head: EntryHead = { ...conditions, warnings: app.warnings, crds: app.crds.length, objects }
  const start = Buffer.from(`${JSON.stringify(head)}\n`, 'utf8')
  cache.write(key, Buffer.concat([start, ...parts]))
}

/** Keeps what an app failed with. */
export function keepFailure(
  cache: CachePort,
  key: string,
  errors: readonly DecapodError[],
  conditions: Conditions,
): void {
  const head: EntryHead = { ...conditions, errors: errors.map(plainError), warnings: [], crds: 0, objects: [] }
  cache.write(key, Buffer.from(`${JSON.stringify(head)}\n`, 'utf8'))
}

/**
 * An app whose objects have their identity and bytes, so that it can be kept; their text only where it is written.
 * `withNodes` keeps what they were parsed to, for those who look inside: of a whole site it is most of the memory.
 */
export function formed({ objects, crds, warnings }: Inflated, format: OutputFormat, withNodes: boolean): Inflated {
  const isText = format === 'verbatim'
  const form = (given: readonly OutputObject[]): OutputObject[] => {
    const all = formObjects(given.map(o => (isText || o.formed !== undefined ? o : { ...o, text: undefined })))
    return withNodes ? all : all.map(object => new FormedOnly(object, object.formed!, object.text))
  }
  return { objects: form(objects), crds: form(crds), warnings }
}

/** The same object with another origin. */
export function withOrigin(object: OutputObject, origin: string, at: OutputObject['at']): OutputObject {
  if (object instanceof FormedOnly) return new FormedOnly({ origin, at }, object.formed, object.text)
  return { ...object, origin, at }
}

interface EntryHead extends Conditions {
  /** What the app failed with; it then has no objects. */
  readonly errors?: readonly PlainError[]
  readonly warnings: Inflated['warnings']
  /** How many of the objects go to the group's CRD directory; they come first. */
  readonly crds: number
  readonly objects: readonly EntryObject[]
}

interface EntryObject {
  readonly id: ObjectId
  readonly defines: string | undefined
  readonly isLarge: true | undefined
  readonly origin: string
  readonly at: OutputObject['at']
  /** How long its parts are: canonical bytes, and the template's text. */
  readonly bytes: number
  readonly text: number | undefined
}

/** One line of JSON, then the bytes of the objects. */
function decode(bytes: Uint8Array): { head: EntryHead; body: Buffer } {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = all.indexOf(0x0a)
  return { head: JSON.parse(all.toString('utf8', 0, end)) as EntryHead, body: all.subarray(end + 1) }
}

/** An object by its bytes. It is parsed only for those who look inside, such as the step that moves images. */
class FormedOnly implements OutputObject {
  readonly origin: string
  readonly at: OutputObject['at']
  readonly formed: FormedObject
  readonly text: string | undefined
  private parsed: YamlMap | undefined

  constructor({ origin, at }: Pick<OutputObject, 'origin' | 'at'>, formed: FormedObject, text: string | undefined) {
    this.origin = origin
    this.at = at
    this.formed = formed
    this.text = text
  }

  get node(): YamlMap {
    this.parsed ??= parseNode(this.text ?? Buffer.from(this.formed.bytes).toString('utf8'), {
      file: this.origin,
    }) as YamlMap
    return this.parsed
  }
}
