/**
 * Random values and times that stay. A chart that makes a password, a certificate or a time stamp would give another one
 * at each render, and roll its pods each time. So calls of such functions are noted; what they gave is looked up in the
 * last render, at the same place of the same object; and the chart is rendered once more with the old values in place
 * of the new. What was not there before is drawn from a key, where there is one, or is fresh. Nothing is stored beside
 * the output.
 */

import { DecapodError } from '../errors.ts'
import { encodeJson } from '../go/json.ts'
import { GoTime } from '../go/time.ts'
import { type GoFunc, GoInt, GoObject, type GoValue } from '../go/value.ts'
import type { Chart } from '../helm/chart.ts'
import { type RenderOptions as HelmOptions, type RenderedChart, renderChart } from '../helm/render.ts'
import { textOf, type YamlMap, type YamlNode, YamlScalar } from '../yaml/node.ts'
import { parseDocuments } from '../yaml/parse.ts'
import { objectId } from './output.ts'

/** The objects of an app as the last render left them: the texts of its files. Asked only when something is random. */
export type LastRender = () => Iterable<Uint8Array>

/** Functions that give something else each time. */
const randomFunctions = new Set([
  ...['randAlpha', 'randAlphaNum', 'randAscii', 'randBytes', 'randInt', 'randNumeric', 'shuffle', 'uuidv4', 'bcrypt'],
  ...['htpasswd', 'encryptAES', 'genPrivateKey', 'genCA', 'genCAWithKey', 'genSelfSignedCert'],
  ...['genSelfSignedCertWithKey', 'genSignedCert', 'genSignedCertWithKey'],
])
/** Functions that pass the present time on … */
const timeFunctions = new Set(['date_modify', 'dateModify', 'must_date_modify', 'mustDateModify'])
/** … and those that make text of it. */
const formatFunctions = new Set([
  ...['date', 'dateInZone', 'date_in_zone', 'htmlDate', 'htmlDateInZone', 'unixEpoch', 'ago', 'toString', 'quote'],
])

/**
 * Renders a chart; random values and times are those of the last render where it has them. The port of randomness is given
 * the whole call in place of the function's name: the function, its arguments, and how often they were met before.
 */
export function renderStably(chart: Chart, options: HelmOptions, last: LastRender | undefined): RenderedChart {
  const first = new Calls()
  const rendered = first.render(chart, options)
  if (first.made.length === 0 || last === undefined) return rendered
  const old = recover(first.made, leavesOfRender(rendered), leavesOfFiles(last()))
  if (old.size === 0) return rendered
  try {
    return new Calls(old, first.independent).render(chart, options)
  } catch (error) {
    // Old parts need not fit together with what is new; what is new does by itself.
    if (error instanceof DecapodError) return rendered
    throw error
  }
}

/** One call of a function: which it was, and what of its result can be found again. */
interface Call {
  /** Function, arguments, and how often they were met before: the same call in the next render. */
  readonly key: string
  readonly texts: readonly string[]
  /** Makes the result again from texts. */
  readonly restore: (texts: readonly string[]) => GoValue
}

/** Notes what random functions give, or gives what is known already. */
class Calls {
  readonly made: Call[] = []
  /** Results that hang on nothing else that is random: a second render need not make them again. */
  readonly independent = new Map<string, GoValue>()
  private readonly known: ReadonlyMap<string, readonly string[]>
  private readonly earlier: ReadonlyMap<string, GoValue>
  /** The call whose randomness is being drawn. */
  private current = ''
  private readonly counts = new Map<string, number>()
  /** Texts that random functions gave: as arguments of others they differ each time. */
  private readonly fresh = new Set<GoValue>()
  /** Times that come from now. */
  private readonly present = new WeakSet<object>()

  /** `known` are texts of the last render by call, `earlier` results of this one. */
  constructor(
    known: ReadonlyMap<string, readonly string[]> = new Map(),
    earlier: ReadonlyMap<string, GoValue> = new Map(),
  ) {
    this.known = known
    this.earlier = earlier
  }

  render(chart: Chart, options: HelmOptions): RenderedChart {
    const { ports = {} } = options
    const { random } = ports
    const functions = (all: Map<string, GoFunc>): Map<string, GoFunc> => this.wrap(all)
    if (random === undefined) return renderChart(chart, { ...options, functions })
    // The local zone is worked out only when asked for, so the rest is inherited.
    const named = Object.assign(Object.create(ports) as typeof ports, { random: () => random(this.current) })
    return renderChart(chart, { ...options, ports: named, functions })
  }

  private wrap(functions: Map<string, GoFunc>): Map<string, GoFunc> {
    const custom = functions.get('buildCustomCert')
    for (const [name, func] of functions) {
      if (randomFunctions.has(name)) functions.set(name, this.random(name, func, custom))
      else if (name === 'now' || timeFunctions.has(name)) functions.set(name, this.time(name, func))
      else if (formatFunctions.has(name)) functions.set(name, this.format(name, func))
    }
    return functions
  }

  private random(name: string, func: GoFunc, custom: GoFunc | undefined): GoFunc {
    return {
      signature: func.signature,
      call: (...args: GoValue[]) => {
        const key = this.keyOf(name, args)
        const known = this.known.get(key)
        if (known !== undefined) {
          for (const text of known) this.fresh.add(text)
          return restored(known, name, custom)
        }
        const earlier = this.earlier.get(key)
        if (earlier !== undefined) {
          for (const text of textsOf(earlier) ?? []) this.fresh.add(text)
          return earlier
        }
        const isIndependent = !args.some(arg => arg instanceof GoObject || this.fresh.has(arg))
        this.current = key
        const result = func.call(...args)
        if (isIndependent) this.independent.set(key, result)
        const texts = textsOf(result)
        for (const text of texts ?? []) this.fresh.add(text)
        if (texts !== undefined) this.made.push({ key, texts, restore: old => restored(old, name, custom) })
        return result
      },
    }
  }

  private time(name: string, func: GoFunc): GoFunc {
    return {
      signature: func.signature,
      call: (...args: GoValue[]) => {
        const result = func.call(...args)
        const isPresent = name === 'now' || args.some(arg => arg instanceof GoTime && this.present.has(arg))
        if (isPresent && result instanceof GoTime) this.present.add(result)
        return result
      },
    }
  }

  private format(name: string, func: GoFunc): GoFunc {
    return {
      signature: func.signature,
      call: (...args: GoValue[]) => {
        if (!args.some(arg => arg instanceof GoTime && this.present.has(arg))) return func.call(...args)
        const key = this.keyOf(
          name,
          args.filter(arg => !(arg instanceof GoTime)),
        )
        const known = this.known.get(key)
        if (known !== undefined) return known[0]!
        const result = func.call(...args)
        if (typeof result === 'string') this.made.push({ key, texts: [result], restore: old => old[0]! })
        return result
      },
    }
  }

  private keyOf(name: string, args: readonly GoValue[]): string {
    // Certificates and keys among the arguments differ each time themselves; what they are called does not.
    const plain = args.map(arg => (arg instanceof GoObject ? arg.goType : this.fresh.has(arg) ? 'random' : arg))
    const base = `${name} ${encodeJson(plain, { escapeHtml: false })}`
    const count = this.counts.get(base) ?? 0
    this.counts.set(base, count + 1)
    return `${base} #${count}`
  }
}

/** The texts of a result by which it is found: itself, or the two parts of a certificate. */
function textsOf(result: GoValue): string[] | undefined {
  if (typeof result === 'string') return result === '' ? undefined : [result]
  if (typeof result === 'bigint') return [String(result)]
  if (result instanceof GoInt) return [String(result.value)]
  if (!(result instanceof GoObject)) return undefined
  const parts = [result.field('Cert'), result.field('Key')]
  return parts.every(part => typeof part === 'string') ? (parts as string[]) : undefined
}

function restored(texts: readonly string[], name: string, custom: GoFunc | undefined): GoValue {
  if (texts.length === 1) return name === 'randInt' ? BigInt(texts[0]!) : texts[0]!
  return custom!.call(...texts.map(text => Buffer.from(text, 'utf8').toString('base64')))
}

/** A text in an object, once decoded. */
interface Leaf {
  readonly text: string
}

/** Object and path → text. */
type Leaves = ReadonlyMap<string, Leaf>

function leavesOfRender({ manifests, hooks }: RenderedChart): Leaves {
  return leavesOf([...manifests, ...hooks].map(({ text }) => `${text}\n`))
}

function leavesOfFiles(files: Iterable<Uint8Array>): Leaves {
  return leavesOf([...files].map(bytes => Buffer.from(bytes).toString('utf8')))
}

function leavesOf(texts: readonly string[]): Leaves {
  const leaves = new Map<string, Leaf>()
  for (const text of texts) {
    for (const { root } of parseDocuments(text, { file: 'last render' })) {
      if (root.kind !== 'map') continue
      const { kind, name, namespace } = objectId(root)
      visit(root, `${kind}/${namespace}/${name}`, leaves)
    }
  }
  return leaves
}

function visit(node: YamlNode, path: string, leaves: Map<string, Leaf>): void {
  if (node.kind === 'map') {
    for (const { key, value } of (node as YamlMap).pairs) {
      if (key instanceof YamlScalar) visit(value, `${path} ${key.value}`, leaves)
    }
  } else if (node.kind === 'seq') for (const [i, item] of node.items.entries()) visit(item, `${path} ${i}`, leaves)
  else {
    const text = textOf(node)
    if (text !== undefined && text !== '') leaves.set(path, decoded(text))
  }
}

/** Base64 that is text is taken as that text: data of Secrets, CA bundles. */
function decoded(text: string): Leaf {
  if (text.length >= 4 && text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text)) {
    const plain = Buffer.from(text, 'base64').toString('utf8')
    if (!/[\ufffd\0-\x08\x0e-\x1f]/.test(plain)) return { text: plain }
  }
  return { text }
}

/**
 * For each call the texts that the last render has in its place. Certificates go together: an old one beside a new
 * authority would not be trusted, so either all that show in the output are found, or all are new.
 */
function recover(calls: readonly Call[], now: Leaves, before: Leaves): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[]>()
  const certificates: string[] = []
  let whole = true
  for (const call of calls) {
    const shown = call.texts.map(text => isShown(text, now))
    if (!shown.includes(true)) continue
    // The key of an authority is rarely in the output; a new one does, for what it signed is found as well.
    const old = call.texts.map((text, i) => (shown[i] ? recoverText(text, now, before) : text))
    const isCertificate = call.texts.length > 1
    if (isCertificate) certificates.push(call.key)
    if (old.every(text => text !== undefined) && isPossible(call, old)) found.set(call.key, old)
    else if (isCertificate) whole = false
  }
  if (!whole) for (const key of certificates) found.delete(key)
  return found
}

/** Whether a result can be made of texts: somebody may have put something else in their place. */
function isPossible(call: Call, texts: readonly string[]): boolean {
  try {
    call.restore(texts)
    return true
  } catch {
    return false
  }
}

function isShown(text: string, now: Leaves): boolean {
  for (const leaf of now.values()) if (leaf.text.includes(text)) return true
  return false
}

/** Texts shorter than this may stand in an object by chance: only one place is then trusted. */
const surelyRandom = 6

function recoverText(text: string, now: Leaves, before: Leaves): string | undefined {
  const places = [...now].filter(([, leaf]) => leaf.text.includes(text))
  if (text.length < surelyRandom && places.length > 1) return undefined
  for (const [path, leaf] of places) {
    const old = before.get(path)
    if (old === undefined) continue
    const index = leaf.text.indexOf(text)
    const start = leaf.text.lastIndexOf('\n', index - 1) + 1
    const end = leaf.text.indexOf('\n', index + text.length)
    const prefix = leaf.text.slice(start, index)
    const suffix = leaf.text.slice(index + text.length, end === -1 ? undefined : end)
    const match = matchIn(old.text, text, prefix, suffix)
    if (match !== undefined) return match
  }
  return undefined
}

/** What stands in `old` between the same beginning and end of a line; undefined when that is not one place. */
function matchIn(old: string, text: string, prefix: string, suffix: string): string | undefined {
  const pattern = new RegExp(`^${literal(prefix)}(${shapeOf(text)})${literal(suffix)}$`, 'gm')
  const values = new Set([...old.matchAll(pattern)].map(match => match[1]!))
  return values.size === 1 ? [...values][0] : undefined
}

/** What another value of the same function looks like. */
function shapeOf(text: string): string {
  const pem = /^-----BEGIN ([A-Z ]+)-----/.exec(text)
  if (pem !== null)
    return `-----BEGIN ${pem[1]}-----[\\s\\S]+?-----END ${pem[1]}-----${text.endsWith('\n') ? '\\n' : ''}`
  return '[^\\n]+?'
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
