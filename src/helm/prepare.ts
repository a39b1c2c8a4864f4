/** From a chart and a user's values to the charts that take part and the values they get. */
import { DecapodError } from '../errors.ts'
import { type GoDict, GoError } from '../go/value.ts'
import type { Chart } from './chart.ts'
import { type CoalesceOptions, coalesceValues } from './coalesce.ts'
import { processDependencies } from './dependencies.ts'
import { type ChartNode, makeNode } from './node.ts'

/** The enabled charts and the values of the root, all defaults, imports and globals in their places. */
export function prepareValues(
  chart: Chart,
  given: GoDict,
  options: CoalesceOptions,
): { readonly root: ChartNode; readonly values: GoDict } {
  const root = makeNode(chart)
  const prefix = options.semantics === 4 ? 'chart dependencies processing failed: ' : ''
  onlyTables(chart, prefix, () => processDependencies(root, given, options))
  return { root, values: onlyTables(chart, '', () => coalesceValues(root, given, options)) }
}

/** Names values that should be a table and are not. */
function onlyTables<T>(chart: Chart, prefix: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof GoError)) throw error
    throw new DecapodError('VALUES_INVALID', prefix + error.message, {
      at: { file: chart.metadata.name },
      hint: 'values for a subchart are a mapping under its name',
    })
  }
}
