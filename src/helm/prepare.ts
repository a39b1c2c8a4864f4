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
  try {
    processDependencies(root, given, options)
    return { root, values: coalesceValues(root, given, options) }
  } catch (error) {
    if (!(error instanceof GoError)) throw error
    throw new DecapodError('VALUES_INVALID', error.message, {
      at: { file: chart.metadata.name },
      hint: 'values for a subchart are a mapping under its name',
    })
  }
}
