/**
 * Which subcharts take part, under which names, and what parents import from them (Helm's pkg/chartutil/dependencies.go;
 * in Helm 4 pkg/chart/v2/util).
 */
import { DecapodError } from '../errors.ts'
import { formatValue } from '../go/fmt.ts'
import { quote } from '../go/strconv.ts'
import { type GoDict, GoMap, type GoValue } from '../go/value.ts'
import { type CoalesceOptions, coalesceValues, copyDict, isTable, mergeTables, mergeValues } from './coalesce.ts'
import { isCompatible } from './compatible.ts'
import { logLine } from './log-line.ts'
import type { ChartNode, DependencyEntry } from './node.ts'
import type { Semantics } from './semantics.ts'

/**
 * Changes the tree of nodes to the charts that are enabled for these values, and gives each its values with what it
 * imports. Throws GoError when values for a subchart are no table, DecapodError LIMIT_EXCEEDED for too many charts.
 */
export function processDependencies(root: ChartNode, values: GoDict, options: CoalesceOptions): void {
  enable(root, values, '', options, { charts: maxCharts, parts: maxValues })
  importValues(root, options, { imports: maxImports })
}

/** Each dependency, under each of its names, with those below it; and the parts of all their values together. */
const maxCharts = 1000
const maxValues = 2_000_000
const maxImports = 2000

/** What is left of the limits: aliases of aliases make few lines of a Chart.yaml a forest. */
interface Room {
  charts: number
  parts: number
}

/** Drops disabled subcharts and makes aliased copies, from the root down. `path` is "sub.subsub." from the root. */
function enable(node: ChartNode, values: GoDict, path: string, options: CoalesceOptions, room: Room): void {
  const { entries } = node.metadata
  if (entries === undefined) return
  const vendored = node.dependencies
  const charts = vendored.filter(chart => !entries.some(entry => matches(chart, entry)))
  for (const entry of entries) {
    const chart = vendored.find(candidate => matches(candidate, entry))
    if (chart !== undefined) {
      takeRoom(chart, node, room)
      charts.push(copyNode(chart, entry.alias, options))
    }
    if (entry.alias !== '') entry.name = entry.alias
  }
  node.setDependencies(charts)

  for (const entry of entries) entry.enabled = true
  const coalesced = coalesceValues(node, values, options)
  switchByTags(entries, coalesced, options)
  switchByConditions(entries, coalesced, path, options)

  const disabled = new Set(entries.filter(entry => !entry.enabled).map(entry => entry.name))
  const enabled = charts.filter(chart => !disabled.has(chart.name))
  const kept = entries.filter(entry => !disabled.has(entry.name))
  for (const chart of enabled) enable(chart, coalesced, `${path}${chart.name}.`, options, room)
  node.metadata.entries = kept.length === 0 ? undefined : kept
  node.setDependencies(enabled)
}

function takeRoom(chart: ChartNode, parent: ChartNode, room: Room): void {
  room.charts--
  room.parts -= partsOf(chart.values ?? null)
  if (room.charts >= 0 && room.parts >= 0) return
  const message =
    room.charts < 0
      ? `more than ${maxCharts} dependencies take part in one render`
      : `the values of all dependencies have more than ${maxValues} parts`
  throw tooMany(message, parent)
}

function tooMany(message: string, chart: ChartNode): DecapodError {
  return new DecapodError('LIMIT_EXCEEDED', message, { at: { file: `${chart.fullPath}/Chart.yaml` } })
}

/** Maps, lists and scalars of values, counted once for all aliases of a chart. */
function partsOf(value: GoValue): number {
  if (value === null || typeof value !== 'object') return 1
  const known = knownParts.get(value)
  if (known !== undefined) return known
  let parts = 1
  if (value instanceof Map) for (const item of value.values()) parts += partsOf(item as GoValue)
  else if (Array.isArray(value)) for (const item of value) parts += partsOf(item as GoValue)
  knownParts.set(value, parts)
  return parts
}

const knownParts = new WeakMap<object, number>()

function matches(chart: ChartNode, entry: DependencyEntry): boolean {
  return chart.name === entry.name && isCompatible(entry.version, chart.chart.metadata.version)
}

/** A chart as one of possibly several dependencies on it. */
function copyNode(node: ChartNode, alias: string, options: CoalesceOptions): ChartNode {
  const { entries } = node.metadata
  const name = alias === '' ? node.name : alias
  if (options.semantics === 4) {
    const copy = node.copy({ name, entries: entries?.map(entry => ({ ...entry })) })
    copy.setDependencies(node.dependencies.map(dependency => dependency.copy()))
    return copy
  }
  // Helm 3 shares the entries and the subcharts between all aliases of a chart: the first to rename an entry has it
  // renamed for the others, whose subchart is then no longer found under it.
  return node.copy({ name, entries })
}

/** A chart with tags is on if one of them is true, off if one is false and none true. Tags stand at the top level. */
function switchByTags(entries: readonly DependencyEntry[], values: GoDict, options: CoalesceOptions): void {
  const tags = values.get('tags')
  if (!isTable(tags)) return
  for (const entry of entries) {
    let someTrue = false
    let someFalse = false
    for (const tag of entry.tags) {
      const value = tags.get(tag)
      if (value === true) someTrue = true
      else if (value === false) someFalse = true
      else if (value !== undefined) {
        if (options.semantics === 4) options.warn(logLine('returned non-bool value', { tag, chart: entry.name }))
        else options.warn(`Warning: Tag '${tag}' for chart ${entry.name} returned non-bool value`)
      }
    }
    entry.enabled = someTrue || !someFalse
  }
}

/** The first path of a condition that holds a boolean decides, over tags. */
function switchByConditions(
  entries: readonly DependencyEntry[],
  values: GoDict,
  path: string,
  options: CoalesceOptions,
): void {
  for (const entry of entries) {
    for (const condition of entry.condition.trim().split(',')) {
      if (condition === '') continue
      const value = scalarAt(values, `${path}${condition}`)
      if (typeof value === 'boolean') {
        entry.enabled = value
        break
      }
      if (value !== undefined) {
        if (options.semantics === 4)
          options.warn(logLine('returned non-bool value', { path: condition, chart: entry.name }))
        else options.warn(`Warning: Condition path '${condition}' for chart ${entry.name} returned non-bool value`)
      }
    }
  }
}

/** The value at a dotted path unless it is a table (values.go, PathValue). */
function scalarAt(values: GoDict, path: string): GoValue | undefined {
  const dot = path.lastIndexOf('.')
  const table = dot === -1 ? values : tableAt(values, path.slice(0, dot))
  const value = table?.get(path.slice(dot + 1))
  return value === undefined || isTable(value) ? undefined : value
}

/** The table at a dotted path, or undefined (values.go, Table). */
export function tableAt(values: GoDict, path: string): GoDict | undefined {
  let table: GoDict | undefined = values
  for (const key of path.split('.')) {
    const next: GoValue | undefined = table.get(key)
    if (!isTable(next)) return undefined
    table = next
  }
  return table
}

/** Children first: folds the subcharts' defaults into a chart's own, then puts below them what it imports. */
function importValues(node: ChartNode, options: CoalesceOptions, room: { imports: number }): void {
  for (const dependency of node.dependencies) importValues(dependency, options, room)
  const { entries } = node.metadata
  if (entries === undefined) return
  const values = mergeValues(node, undefined, options)
  let imported: GoDict = new Map()
  for (const entry of entries) {
    const pairs: GoValue[] = []
    for (const item of entry.importValues) {
      if (room.imports-- <= 0) throw tooMany(`more than ${maxImports} import-values`, node)
      const isPair = isTable(item)
      if (!isPair && typeof item !== 'string') continue
      const child = isPair ? formatValue(item.get('child') ?? null) : `exports.${item}`
      const parent = isPair ? formatValue(item.get('parent') ?? null) : '.'
      pairs.push(
        new GoMap('map[string]string', 'string', [
          ['child', child],
          ['parent', parent],
        ]),
      )
      const table = tableAt(values, `${entry.name}.${child}`)
      if (table === undefined) {
        const error = `${quote(firstMissing(values, `${entry.name}.${child}`))} is not a table`
        options.warn(missingTable(isPair ? entry.name : undefined, error, options.semantics))
      } else imported = mergeTables(imported, nest(parent, table.size === 0 ? new Map() : table), options)
    }
    // Pairs of another type than the ones read: an entry that two charts share imports for the first only.
    entry.importValues = pairs
  }
  // Imports lose to the chart's own values. The copy keeps tables that were imported from being changed through two paths.
  node.values = imported.size === 0 ? values : mergeTables(copyDict(values), imported, options)
}

function missingTable(chart: string | undefined, error: string, semantics: Semantics): string {
  if (semantics === 3) {
    return `Warning: ImportValues missing table${chart === undefined ? '' : ` from chart ${chart}`}: ${error}`
  }
  if (chart === undefined) return logLine('ImportValues missing table', { error })
  return logLine('ImportValues missing table from chart', { chart, error })
}

/** The table below the keys of a dotted path; "." is the top. */
function nest(path: string, table: GoDict): GoDict {
  if (path === '.') return table
  let nested = table
  for (const key of path.split('.').reverse()) nested = new Map([[key, nested]])
  return nested
}

function firstMissing(values: GoDict, path: string): string {
  const keys = path.split('.')
  const at = keys.findIndex((_, i) => tableAt(values, keys.slice(0, i + 1).join('.')) === undefined)
  return keys[at] ?? ''
}
