/** Why a value is what it is: who set it, who lost, through which variables; and which values nothing reads. */

import { DecapodError, nearest, type Position } from '../errors.ts'
import type { GoValue } from '../go/value.ts'
import type { Chart } from '../helm/chart.ts'
import { renderChart } from '../helm/render.ts'
import type { Release } from '../site/releases.ts'
import type { Composition } from '../site/values.ts'
import { originOf } from '../values/origin.ts'
import { joinParts, splitPath } from '../values/path.ts'
import type { VariableUse } from '../values/variables.ts'
import { keysOf, positionOf, type YamlMap, type YamlNode } from '../yaml/node.ts'
import { toValue } from '../yaml/values.ts'
import type { ChartDefaults } from './chart-defaults.ts'
import { chartFile, type LoadedChart } from './charts.ts'
import { withFiles } from './errors.ts'
import { helmOptions, type InflateOptions } from './inflate.ts'
import { violationsOf } from './schema-violations.ts'

/** One that had a say in a value: the last one first. */
export interface Setting {
  readonly value: GoValue
  /** Who: "base", "site", a layer's or overlay's name, "chart" for a chart's default. */
  readonly layer: string
  readonly at: Position | undefined
  readonly variables: readonly { readonly name: string; readonly value: GoValue; readonly at: Position | undefined }[]
  /** True for an entry of `remove`. */
  readonly removes: boolean
  /** True for a default of the chart that applies because a value was taken out: it did not lose. */
  readonly applies?: boolean
  /** The path of what was lost, where it is not the value itself but what stood in the place of a map above it. */
  readonly path?: string
}

export interface ExplainedValue {
  readonly path: string
  /** The value that templates see: the release's, else the chart's default; undefined where there is none. */
  readonly value: GoValue | undefined
  readonly chain: readonly Setting[]
}

/**
 * Explains a path of a release's values: the leaf there, or every leaf below it, those that only the chart has included;
 * for "" all that the release sets. What stands in the place of a map above the path (a list, a null) is explained in
 * its stead. Throws VALUES_INVALID with the nearest name for a path that neither the release nor its chart has.
 */
export function explainValues(
  release: Release,
  composition: Composition,
  defaults: ChartDefaults | undefined,
  path: string,
): ExplainedValue[] {
  const parts = withoutIndexes(path === '' ? [] : splitPath(path), release.values)
  const found = lookUp(release.values, parts)
  const explained: ExplainedValue[] = []
  const visit = (node: YamlNode, at: readonly string[], above: readonly Setting[]): void => {
    if (node.kind === 'map' && node.pairs.length > 0) {
      const lost = [...lostBelow(node, at, composition), ...above]
      for (const { key, value } of node.pairs) {
        if (key.kind === 'scalar') visit(value, [...at, key.value], lost)
      }
      // Of everything the chart has too much to say.
      if (parts.length > 0) visitDefaults(at, new Set(keysOf(node)))
      return
    }
    const chain = [...chainOf(node, composition), ...above, ...defaultSettings(defaults, at)]
    explained.push({ path: joinParts(at), value: toValue(node, 'v3'), chain })
  }
  const visitDefaults = (at: readonly string[], set: ReadonlySet<string>): void => {
    for (const key of defaults?.keys(at) ?? []) if (!set.has(key)) visitDefault([...at, key])
  }
  const visitDefault = (at: readonly string[]): void => {
    const chain = defaultSettings(defaults, at)
    if (chain[0] === undefined || chain[0].path !== undefined) return
    if (chain[0].value instanceof Map && chain[0].value.size > 0) visitDefaults(at, new Set())
    else explained.push({ path: joinParts(at), value: chain[0].value, chain })
  }
  if (found.removed !== undefined) {
    const { entry, value } = found.removed
    const chart = defaultSettings(defaults, parts)
    const [applies, ...lost] = chart
    const chain = [removal(entry, composition), ...chainOf(value, composition)]
    if (applies !== undefined) chain.push({ ...applies, applies: true }, ...lost)
    return [{ path: joinParts(parts), value: applies?.value, chain }]
  }
  const above = found.maps.flatMap((map, i) => lostBelow(map, parts.slice(0, i), composition)).reverse()
  if (found.node !== undefined) visit(found.node, parts.slice(0, found.parts), above)
  else visitDefault(parts)
  if (explained.length === 0 && parts.length > 0) throw unknownPath(release, defaults, parts)
  return explained
}

interface Found {
  /** The node at the path, or what stands above it and is no map. */
  readonly node?: YamlNode | undefined
  /** How many parts of the path lead to the node. */
  readonly parts: number
  /** The maps on the way, the release's values first. */
  readonly maps: readonly YamlMap[]
  readonly removed?: { readonly entry: YamlNode; readonly value: YamlNode }
}

/** The node at a path, or what took it out. */
function lookUp(values: YamlMap | undefined, parts: readonly string[]): Found {
  let node: YamlNode | undefined = values
  const maps: YamlMap[] = []
  for (const [i, part] of parts.entries()) {
    if (node === undefined) return { parts: i, maps }
    if (node.kind !== 'map') return { node, parts: i, maps }
    maps.push(node)
    const next: YamlNode | undefined = node.get(part)
    if (next === undefined) {
      const removed = originOf(node)?.removed?.get(part)
      return removed === undefined ? { parts: i, maps } : { removed, parts: i, maps }
    }
    node = next
  }
  return { node, parts: parts.length, maps }
}

/** `hosts[0]` asks for the list `hosts`, which is set as a whole; a key of that very name stays one. */
function withoutIndexes(parts: readonly string[], values: YamlMap | undefined): readonly string[] {
  const last = parts.at(-1)
  const list = last === undefined ? undefined : /^(.+?)(\[\d+\])+$/.exec(last)?.[1]
  if (list === undefined || lookUp(values, parts).node !== undefined) return parts
  return [...parts.slice(0, -1), list]
}

/** What a map took the place of, other than a map: it was lost to everything in the map. */
function lostBelow(map: YamlMap, at: readonly string[], composition: Composition): Setting[] {
  if (originOf(map)?.replaced === undefined) return []
  return chainOf(map, composition)
    .slice(1)
    .filter(({ value }) => !(value instanceof Map))
    .map(setting => ({ ...setting, path: joinParts(at) }))
}

function removal(entry: YamlNode, composition: Composition): Setting {
  return {
    value: null,
    layer: layerOf(entry, composition),
    at: place(entry, composition),
    variables: [],
    removes: true,
  }
}

/** A value and those it replaced. */
function chainOf(node: YamlNode, composition: Composition): Setting[] {
  const chain: Setting[] = []
  for (let at: YamlNode | undefined = node; at !== undefined; at = originOf(at)?.replaced) {
    const origin = originOf(at)
    chain.push({
      value: toValue(at, 'v3'),
      layer: composition.layerOf(origin?.document?.file ?? at.source?.file),
      at: place(at, composition),
      variables: flatUses(origin?.uses ?? []).map(use => ({
        name: use.name,
        value: toValue(use.value, 'v3'),
        at: place(use.value, composition),
      })),
      removes: false,
    })
  }
  return chain
}

/** The variables of a value, and those of which they are made. */
function flatUses(uses: readonly VariableUse[]): VariableUse[] {
  return uses.flatMap(use => [use, ...flatUses(originOf(use.value)?.uses ?? [])])
}

function layerOf(node: YamlNode, composition: Composition): string {
  return composition.layerOf(node.source?.file)
}

function place(node: YamlNode, composition: Composition): Position | undefined {
  const at = positionOf(node)
  return at === undefined ? undefined : { ...at, file: composition.fileOf(at.file) }
}

/** What the chart and its subcharts have to say, the first of them first. */
function defaultSettings(defaults: ChartDefaults | undefined, parts: readonly string[]): Setting[] {
  return (defaults?.at(parts) ?? []).map(found => ({
    value: found.value,
    layer: 'chart',
    at: found.at,
    variables: [],
    removes: false,
    ...(found.parts < parts.length && { path: joinParts(parts.slice(0, found.parts)) }),
  }))
}

function unknownPath(release: Release, defaults: ChartDefaults | undefined, parts: readonly string[]): DecapodError {
  let node: YamlNode | undefined = release.values
  for (const [i, part] of parts.entries()) {
    const walked = parts.slice(0, i)
    const known: Set<string> = new Set([
      ...(node?.kind === 'map' ? keysOf(node) : []),
      ...(defaults?.keys(walked) ?? []),
    ])
    if (!known.has(part)) {
      const near = nearest(part, known)
      const where = i === 0 ? '' : ` below ${joinParts(walked)}`
      return new DecapodError('VALUES_INVALID', `"${release.app}" has no value "${part}"${where}`, {
        hint: near === undefined ? undefined : `did you mean "${joinParts([...walked, near])}"?`,
      })
    }
    node = node?.kind === 'map' ? node.get(part) : undefined
  }
  return new DecapodError('VALUES_INVALID', `"${release.app}" has no values`)
}

/** What the templates of a release read of its values. */
export interface ReadValues {
  readonly paths: readonly (readonly string[])[]
  /** Values that the chart's schema refuses, each with its place. */
  readonly refused: readonly DecapodError[]
}

/**
 * What the templates of a release read; of values that the schema refuses too, for a misspelt one is often why. Otherwise
 * throws as renderChart does; `options` are those of the render that is asked about.
 */
export function readValues(release: Release, loaded: LoadedChart, options: InflateOptions): ReadValues {
  const { chart } = loaded
  const paths: (readonly string[])[] = []
  const given = { ...helmOptions(release, options), trace: (path: readonly string[]) => void paths.push(path) }
  const inChart = (error: DecapodError): DecapodError => withFiles(error, file => chartFile(loaded, file))
  try {
    renderChart(chart, given)
    return { paths, refused: [] }
  } catch (thrown) {
    if (!(thrown instanceof DecapodError)) throw thrown
    if (thrown.code !== 'VALUES_SCHEMA') throw inChart(thrown)
    renderChart(chart, { ...given, skipSchemaValidation: true })
    return { paths, refused: violationsOf(inChart(thrown), release, chart.metadata.name) }
  }
}

/** A value of the release that no template of its chart reads. */
export interface UnreadValue {
  readonly path: string
  readonly at: Position | undefined
  readonly layer: string
  /** A path that is read and that this one may have been meant to be. */
  readonly nearest: string | undefined
}

/**
 * The values of a release that its templates did not read, the topmost path of each; `read` holds the paths they did, as
 * the Helm engine's tracing tells them. Conditions and tags of dependencies count as read.
 */
export function unreadValues(
  release: Release,
  composition: Composition,
  chart: Chart,
  read: Iterable<readonly string[]>,
): UnreadValue[] {
  const known = new ReadPaths()
  for (const path of read) known.add(path)
  for (const path of switchesOf(chart, [])) known.add(path)
  const unread: UnreadValue[] = []
  const visit = (node: YamlMap, at: readonly string[]): void => {
    for (const { key, value } of node.pairs) {
      if (key.kind !== 'scalar') continue
      const path = [...at, key.value]
      if (!known.has(path)) {
        const near = nearest(key.value, known.below(at))
        unread.push({
          path: joinParts(path),
          at: place(value, composition),
          layer: composition.layerOf(originOf(value)?.document?.file ?? value.source?.file),
          nearest: near === undefined ? undefined : joinParts([...at, near]),
        })
      } else if (value.kind === 'map') visit(value, path)
    }
  }
  if (release.values !== undefined) visit(release.values, [])
  return unread
}

/** Paths that templates read, as a tree. */
class ReadPaths {
  private readonly root: ReadTree = new Map()

  /** A subchart's `global` is the root's. */
  add(path: readonly string[]): void {
    const global = path.indexOf('global')
    if (global > 0) this.insert(path.slice(global))
    this.insert(path)
  }

  has(path: readonly string[]): boolean {
    return this.at(path) !== undefined
  }

  below(path: readonly string[]): Iterable<string> {
    return this.at(path)?.keys() ?? []
  }

  private at(path: readonly string[]): ReadTree | undefined {
    let tree: ReadTree | undefined = this.root
    for (const part of path) tree = tree?.get(part)
    return tree
  }

  private insert(path: readonly string[]): void {
    let tree = this.root
    for (const part of path) {
      let next = tree.get(part)
      if (next === undefined) tree.set(part, (next = new Map()))
      tree = next
    }
  }
}

type ReadTree = Map<string, ReadTree>

/** Paths that switch dependencies on and off: read before any template is. */
function switchesOf(chart: Chart, at: readonly string[]): string[][] {
  const paths: string[][] = []
  for (const dependency of chart.metadata.dependencies ?? []) {
    for (const condition of dependency.condition.split(',')) {
      if (condition.trim() !== '') paths.push([...at, ...condition.trim().split('.')])
    }
    for (const tag of dependency.tags) paths.push(['tags', tag])
    // Values may be imported from, and exported to, below this name.
    const name = dependency.alias || dependency.name
    paths.push([...at, name])
    const sub = chart.dependencies.find(c => c.metadata.name === dependency.name)
    if (sub !== undefined) paths.push(...switchesOf(sub, [...at, name]))
  }
  return paths
}
