/** A run of helm-corpus.json, rendered for one of several sites; what the Helm bench measures. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DecapodError } from '../../src/errors.ts'
import type { GoDict } from '../../src/go/value.ts'
import type { Chart } from '../../src/helm/chart.ts'
import { formatManifest } from '../../src/helm/format.ts'
import { renderChart } from '../../src/helm/render.ts'
import { mergeUserValues } from '../../src/helm/user-values.ts'
import { freshBytes, machinePorts } from '../../src/io/clock.ts'
import { readLocalChart } from '../../src/io/local-chart.ts'

export interface CorpusRun {
  readonly chart: string
  readonly values: string | null
  readonly set?: readonly string[]
}

/** Functions that work long for their randomness. */
const slowFunctions = /^gen|^bcrypt$|^htpasswd$|^derivePassword$/

/**
 * Renders a release for a site; a chart is loaded for the first of the runs that share it. `makesKeys` gets those that call
 * functions which work long for their randomness.
 */
export function releaseRenderer(
  dir: string,
  makesKeys: Set<CorpusRun> = new Set(),
): (release: CorpusRun, site: number, trace?: (path: readonly string[]) => void) => void {
  let current: CorpusRun | undefined
  const ports = machinePorts(name => {
    if (slowFunctions.test(name) && current !== undefined) makesKeys.add(current)
    return freshBytes
  })
  let loaded: { path: string; chart: Chart } | undefined
  return (release, site, trace) => {
    const { chart: path, values, set } = release
    current = release
    try {
      if (loaded?.path !== path) loaded = { path, chart: readLocalChart(join(dir, path), { label: path }) }
      const files = values === null ? [] : [{ file: values, text: readFileSync(join(dir, values), 'utf8') }]
      const merged: GoDict = mergeUserValues({ files, set: set ?? [], setString: [`global.site=site-${site}`] })
      const rendered = renderChart(loaded.chart, {
        values: merged,
        kubeVersion: '1.31.0',
        ports,
        ...(trace && { trace }),
      })
      // As bytes, as it is printed: the text alone may still be in pieces.
      Buffer.from(formatManifest(rendered, { includeCrds: true }))
    } catch (error) {
      // Some runs are there to fail.
      if (!(error instanceof DecapodError)) throw error
    }
  }
}
