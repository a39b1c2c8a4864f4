/**
 * Merging of values (Helm's pkg/chartutil/coalesce.go, in Helm 4 pkg/chart/common/util/coalesce.go). Two modes: merging
 * keeps nulls, which an earlier phase needs; coalescing lets a user's null remove a chart's default.
 *
 * The functions change the maps they are given, in the very places where Helm's do: tables are shared between a parent's
 * and a subchart's globals, and what one writes there the other reads.
 */
import { DecapodError } from '../errors.ts'
import { formatValue, sprintf } from '../go/fmt.ts'
import { quote } from '../go/strconv.ts'
import { type GoDict, GoError, GoMap, type GoValue } from '../go/value.ts'
import type { Semantics } from './semantics.ts'

/** What coalescing reads of a chart; render.ts's ChartNode is one. */
export interface ChartValues {
  readonly name: string
  readonly values: GoDict | undefined
  readonly dependencies: readonly ChartValues[]
}

export interface CoalesceOptions {
  readonly semantics: Semantics
  /** Takes what Helm logs, without date and prefix. */
  readonly warn: (message: string) => void
}

const globalKey = 'global'

/**
 * The values of a chart: the user's over its defaults, globals handed down, each subchart's below its name. The values
 * passed in are not changed. Throws GoError `type mismatch on NAME: …` when a subchart's values are no table.
 */
export function coalesceValues(chart: ChartValues, values: GoDict | undefined, options: CoalesceOptions): GoDict {
  return new Coalescer(options).coalesce(chart, copyDict(values ?? new Map()), '', false)
}

/** As coalesceValues, but nulls are kept. */
export function mergeValues(chart: ChartValues, values: GoDict | undefined, options: CoalesceOptions): GoDict {
  return new Coalescer(options).coalesce(chart, copyDict(values ?? new Map()), '', true)
}

/** Merges `source` into `target`, which wins; nulls are kept. Changes and returns `target`. */
export function mergeTables(target: GoDict, source: GoDict, options: CoalesceOptions): GoDict {
  return new Coalescer(options).mergeTable(target, source, '', true)
}

/** A table in Helm's sense: map[string]interface{} itself, no named type. */
export function isTable(value: GoValue | undefined): value is GoDict {
  return value instanceof Map && !(value instanceof GoMap)
}

/** Values nest no deeper; imports into each other's tables make tables that hold themselves. */
const maxDepth = 800

function tooDeep(): DecapodError {
  return new DecapodError('LIMIT_EXCEEDED', `values nest deeper than ${maxDepth} levels`, {
    hint: 'look for import-values that put a table of a subchart into itself',
  })
}

/** A deep copy of maps and lists; all else cannot change. Throws LIMIT_EXCEEDED. */
export function copyValue(value: GoValue, depth = 0): GoValue {
  if (depth > maxDepth) throw tooDeep()
  if (isTable(value)) return copyDict(value, depth)
  if (Array.isArray(value) && value.constructor === Array) {
    const copy = new Array<GoValue>(value.length)
    for (let i = 0; i < value.length; i++) copy[i] = copyValue(value[i] as GoValue, depth + 1)
    return copy
  }
  return value
}

export function copyDict(dict: ReadonlyMap<string, GoValue>, depth = 0): GoDict {
  const copy: GoDict = new Map()
  for (const [key, value] of dict) copy.set(key, typeof value === 'object' ? copyValue(value, depth + 1) : value)
  return copy
}

class Coalescer {
  readonly #options: CoalesceOptions
  #depth = 0

  constructor(options: CoalesceOptions) {
    this.#options = options
  }

  coalesce(chart: ChartValues, target: GoDict, prefix: string, merge: boolean): GoDict {
    this.#defaults(chart, target, prefix, merge)
    this.#subcharts(chart, target, prefix, merge)
    return target
  }

  #subcharts(chart: ChartValues, target: GoDict, prefix: string, merge: boolean): void {
    for (const subchart of chart.dependencies) {
      const { name } = subchart
      const given = target.get(name)
      if (given !== undefined && !isTable(given)) {
        throw new GoError(`type mismatch on ${name}: ${sprintf('%t', given)}`)
      }
      const values: GoDict = given ?? new Map()
      target.set(name, values)
      const path = joinPath(prefix, chart.name)
      this.#globals(values, target, path)
      this.coalesce(subchart, values, path, merge)
    }
  }

  /** Hands the globals of a chart to one of its subcharts. */
  #globals(subchart: GoDict, parent: GoDict, prefix: string): void {
    const own = subchart.get(globalKey)
    const given = parent.get(globalKey)
    if (own !== undefined && !isTable(own)) {
      this.#warn(`warning: skipping globals because destination ${globalKey} is not a table.`)
      return
    }
    if (given !== undefined && !isTable(given)) {
      this.#warn(`warning: skipping globals because source ${globalKey} is not a table.`)
      return
    }
    const globals: GoDict = own ?? new Map()
    for (const [key, value] of given ?? []) {
      const existing = globals.get(key)
      if (isTable(value)) {
        // Only the outermost table is copied; what lies deeper is one thing for parent and subchart.
        const copy: GoDict = new Map(value)
        if (existing === undefined) globals.set(key, copy)
        else if (!isTable(existing)) this.#warn(`Conflict: cannot merge map onto non-map for ${quote(key)}. Skipping.`)
        else {
          this.mergeTable(copy, existing, joinPath(prefix, key), true)
          globals.set(key, copy)
        }
      } else if (existing !== undefined && isTable(existing)) this.#warn(`key ${key} is table. Skipping`)
      else globals.set(key, value)
    }
    subchart.set(globalKey, globals)
  }

  /** Puts a chart's own defaults below the values given for it. */
  #defaults(chart: ChartValues, target: GoDict, prefix: string, merge: boolean): void {
    const path = joinPath(prefix, chart.name)
    for (const [key, original] of chart.values ?? []) {
      const existing = target.get(key)
      if (existing === undefined) {
        if (!merge && this.#options.semantics === 4) {
          // Helm 4 drops the nulls of defaults, so that they neither hide globals nor print.
          if (original !== null) target.set(key, cleaned(copyValue(original)))
        } else target.set(key, copyValue(original))
      } else if (existing === null) {
        if (!merge) target.delete(key)
      } else if (isTable(existing)) {
        if (!isTable(original)) {
          if (original !== null) this.#warn(`warning: skipped value for ${path}.${key}: Not a table.`)
          continue
        }
        // Below a subchart's name nulls must last until that subchart's own defaults are met.
        const mergeKey = merge || chart.dependencies.some(d => d.name === key)
        const source = copyDict(original)
        if (!mergeKey && this.#options.semantics === 4) clean(source)
        this.mergeTable(existing, source, joinPath(path, key), mergeKey)
      }
    }
  }

  mergeTable(target: GoDict, source: GoDict, prefix: string, merge: boolean): GoDict {
    if (++this.#depth > maxDepth) throw tooDeep()
    this.#mergeLevel(target, source, prefix, merge)
    this.#depth--
    return target
  }

  #mergeLevel(target: GoDict, source: GoDict, prefix: string, merge: boolean): void {
    const nulls = [...target].filter(([, value]) => value === null).map(([key]) => key)
    for (const [key, value] of source) {
      const existing = target.get(key)
      if (existing === undefined) target.set(key, value)
      else if (isTable(existing)) {
        const path = joinPath(prefix, key)
        if (isTable(value)) this.mergeTable(existing, value, path, merge)
        else if (value !== null) {
          this.#warn(`warning: destination for ${path} is a table. Ignoring non-table value (${formatValue(value)})`)
        }
      } else if (existing === null) {
        // A null over a default removes it; a null over a null, or over nothing, stays.
        if (!merge && value !== null) target.delete(key)
      } else if (isTable(value)) {
        const path = joinPath(prefix, key)
        this.#warn(`warning: cannot overwrite table with non table for ${path} (${formatValue(value)})`)
      }
    }
    // Helm writes the nulls into the source first; where the source is read again later (import-values), it shows.
    for (const key of nulls) source.set(key, null)
  }

  #warn(message: string): void {
    this.#options.warn(message)
  }
}

function cleaned(value: GoValue): GoValue {
  if (isTable(value)) clean(value)
  return value
}

/** Removes the nulls of a table and of the tables in it. */
function clean(table: GoDict): void {
  for (const [key, value] of table) {
    if (value === null) table.delete(key)
    else if (isTable(value)) clean(value)
  }
}

function joinPath(prefix: string, key: string): string {
  return prefix === '' ? key : `${prefix}.${key}`
}
