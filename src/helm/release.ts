/**
 * What templates see as dot: `.Values`, `.Release`, `.Chart`, `.Files`, `.Capabilities`, `.Subcharts` (Helm's
 * pkg/chartutil/values.go, ToRenderValues, and pkg/engine/engine.go, recAllTpls).
 */
import { clean } from '../go/path.ts'
import type { GoDict, GoMap, GoObject, GoValue } from '../go/value.ts'
import { isLibrary } from './chart.ts'
import { chartObject } from './chart-object.ts'
import { tableAt } from './dependencies.ts'
import { type TemplateFile, valuesType } from './engine.ts'
import { filesOf } from './files.ts'
import type { ChartNode } from './node.ts'
import type { Semantics } from './semantics.ts'
import { ValuesView } from './values-view.ts'

export interface Release {
  readonly name: string
  readonly namespace: string
  readonly isUpgrade: boolean
}

export interface ContextOptions {
  readonly release: Release
  readonly capabilities: GoObject
  readonly semantics: Semantics
  readonly toYaml: (value: GoValue) => string
}

/** The templates of a chart and of all charts below it, each with what it sees. `values` are the coalesced ones. */
export function templatesOf(root: ChartNode, values: GoDict, options: ContextOptions): TemplateFile[] {
  const templates = new Map<string, TemplateFile>()
  const release: GoDict = new Map<string, GoValue>([
    ['Name', options.release.name],
    ['Namespace', options.release.namespace],
    ['IsUpgrade', options.release.isUpgrade],
    ['IsInstall', !options.release.isUpgrade],
    ['Revision', 1n],
    ['Service', 'Helm'],
  ])
  new ContextBuilder(options, release, templates).add(root, values)
  return [...templates.values()]
}

class ContextBuilder {
  readonly #options: ContextOptions
  readonly #release: GoDict
  readonly #templates: Map<string, TemplateFile>

  constructor(options: ContextOptions, release: GoDict, templates: Map<string, TemplateFile>) {
    this.#options = options
    this.#release = release
    this.#templates = templates
  }

  /** Adds a chart's templates after those of its subcharts; gives what `.Subcharts` of its parent shows. */
  add(node: ChartNode, values: GoDict | undefined): GoDict {
    const { semantics, toYaml } = this.#options
    const subcharts: GoDict = new Map()
    const own = values ?? new Map<string, GoValue>()
    const context: GoDict = new Map<string, GoValue>([
      ['Chart', chartObject(node, semantics)],
      ['Files', filesOf(node.chart, toYaml)],
      ['Release', this.#release],
      ['Capabilities', this.#options.capabilities],
      ['Values', this.#typed(own, toYaml)],
      ['Subcharts', subcharts],
    ])
    for (const dependency of node.dependencies) {
      // A name with a dot is read as a path, as Helm does, and so finds nothing.
      subcharts.set(dependency.name, this.add(dependency, tableAt(own, dependency.name)))
    }
    const path = node.fullPath
    const dot = this.#typed(context, toYaml)
    for (const source of node.chart.templates) {
      if (isLibrary(node.chart.metadata) && !source.name.slice(source.name.lastIndexOf('/') + 1).startsWith('_'))
        continue
      const name = joinClean(path, source.name)
      this.#templates.set(name, { name, source, values: dot, basePath: `${path}/templates` })
    }
    return context
  }

  /** A map as Go's type Values. It stays the same map: what a template sets in one is seen through the other. */
  #typed(map: GoDict, toYaml: (value: GoValue) => string): GoMap {
    return new ValuesView(valuesType(this.#options.semantics).type, map, toYaml)
  }
}

/** path.Join of a chart's path and a file's name. */
function joinClean(path: string, name: string): string {
  return clean(`${path}/${name}`)
}
