/**
 * The charts of one render. A loaded Chart is shared and never changes; processing dependencies drops, copies, renames
 * and re-parents charts and changes their values, so each render works on nodes of its own that point to the charts.
 */
import type { GoDict, GoValue } from '../go/value.ts'
import type { Chart, Dependency } from './chart.ts'

/** A dependency entry as processing changes it: an alias replaces the name, conditions switch it off. */
export interface DependencyEntry extends Omit<Dependency, 'name' | 'importValues'> {
  name: string
  importValues: readonly GoValue[]
  enabled: boolean
}

/** What of Chart.yaml changes. Copies of a chart may share one of these, as they share a pointer in Helm. */
export interface NodeMetadata {
  name: string
  /** Undefined when the chart declares no dependencies, or none is left. */
  entries: DependencyEntry[] | undefined
}

export class ChartNode {
  readonly chart: Chart
  readonly metadata: NodeMetadata
  values: GoDict | undefined
  dependencies: ChartNode[] = []
  /**
   * The chart this one was last made a dependency of. Copies of an aliased chart share their own subcharts in Helm 3, and
   * those then name the last copy as their parent.
   */
  parent: ChartNode | undefined

  constructor(chart: Chart, metadata: NodeMetadata, values: GoDict | undefined, parent: ChartNode | undefined) {
    this.chart = chart
    this.metadata = metadata
    this.values = values
    this.parent = parent
  }

  get name(): string {
    return this.metadata.name
  }

  /** `parent/charts/sub`: the prefix of the names of its templates (chart.go, ChartFullPath). */
  get fullPath(): string {
    return this.parent === undefined ? this.name : `${this.parent.fullPath}/charts/${this.name}`
  }

  /** A copy that shares its dependencies, and its metadata unless other is given (Go's `*c`). */
  copy(metadata: NodeMetadata = this.metadata): ChartNode {
    const copy = new ChartNode(this.chart, metadata, this.values, this.parent)
    copy.dependencies = this.dependencies
    return copy
  }

  /** Replaces the dependencies and names this chart as their parent. */
  setDependencies(dependencies: readonly ChartNode[]): void {
    this.dependencies = [...dependencies]
    for (const dependency of dependencies) dependency.parent = this
  }
}

/** Nodes for a chart and everything below it. */
export function makeNode(chart: Chart): ChartNode {
  const { name, dependencies } = chart.metadata
  const entries = dependencies?.map(dependency => ({ ...dependency, enabled: false }))
  const node = new ChartNode(chart, { name, entries }, chart.values, undefined)
  node.setDependencies(chart.dependencies.map(makeNode))
  return node
}
