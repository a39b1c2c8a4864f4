/** The defaults of a chart and its subcharts for the values of a release, and the lines they stand on. */
import { DecapodError, type Position } from '../errors.ts'
import type { GoDict, GoValue } from '../go/value.ts'
import type { Chart } from '../helm/chart.ts'
import { positionOf, type YamlNode } from '../yaml/node.ts'
import { parseNode } from '../yaml/parse.ts'
import type { LoadedChart } from './charts.ts'

/** One default of a path; of several the first counts, for a chart goes before its subcharts. */
export interface ChartDefault {
  readonly value: GoValue
  readonly at: Position | undefined
  /** How many parts of the path the default is for, where it is no map and stands above what was asked for. */
  readonly parts: number
}

/** A chart, and where its values begin. */
interface Level {
  readonly chart: Chart
  /** The directory of the chart, for people. */
  readonly label: string
  /** The parts of a path that lead to it: names of subcharts. */
  readonly below: readonly string[]
}

export class ChartDefaults {
  private readonly root: LoadedChart
  private readonly read: (file: string) => string | undefined
  private readonly nodes = new Map<string, YamlNode | undefined>()

  /** `read` gives the text of a chart's file by its label; lines are known only of files that can be read so. */
  constructor(root: LoadedChart, read: (file: string) => string | undefined) {
    this.root = root
    this.read = read
  }

  /** The defaults of a path, and what is no map above it. */
  at(path: readonly string[]): ChartDefault[] {
    return this.levels(path).flatMap(level => {
      const own = path.slice(level.below.length)
      let value: GoValue | undefined = level.chart.values
      for (const [i, part] of own.entries()) {
        if (value === undefined) return []
        if (!(value instanceof Map)) return [this.found(level, own.slice(0, i), value)]
        value = (value as GoDict).get(part)
      }
      return value === undefined ? [] : [this.found(level, own, value)]
    })
  }

  /** The names below a path that defaults have. */
  keys(path: readonly string[]): Set<string> {
    const maps = this.at(path).filter(({ value, parts }) => parts === path.length && value instanceof Map)
    return new Set(maps.flatMap(({ value }) => [...(value as GoDict).keys()]))
  }

  private found(level: Level, own: readonly string[], value: GoValue): ChartDefault {
    return { value, at: this.placeOf(level.label, own), parts: level.below.length + own.length }
  }

  /** The charts that have a say in a path: the chart itself, and the subcharts it leads into. */
  private levels(path: readonly string[]): Level[] {
    const levels: Level[] = [{ chart: this.root.chart, label: this.root.label, below: [] }]
    for (const part of path) {
      const { chart, label, below } = levels.at(-1)!
      const declared = chart.metadata.dependencies?.find(({ name, alias }) => (alias || name) === part)
      const name = declared?.name ?? part
      const sub = chart.dependencies.find(({ metadata }) => metadata.name === name)
      if (sub === undefined) break
      levels.push({ chart: sub, label: `${label}/charts/${name}`, below: [...below, part] })
    }
    return levels
  }

  private placeOf(label: string, own: readonly string[]): Position | undefined {
    const file = `${label}/values.yaml`
    if (!this.nodes.has(file)) this.nodes.set(file, this.parse(file))
    let node = this.nodes.get(file)
    for (const part of own) node = node?.kind === 'map' ? node.get(part) : undefined
    return node === undefined ? undefined : positionOf(node)
  }

  private parse(file: string): YamlNode | undefined {
    const text = this.read(file)
    if (text === undefined) return undefined
    try {
      return parseNode(text, { file })
    } catch (error) {
      // The chart was loaded from elsewhere.
      if (error instanceof DecapodError) return undefined
      throw error
    }
  }
}
