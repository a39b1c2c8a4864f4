import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { DecapodError, DecapodErrors, formatPosition, nearest } from '../../errors.ts'
import { encodeJson } from '../../go/json.ts'
import type { GoValue } from '../../go/value.ts'
import { machinePorts } from '../../io/clock.ts'
import { ChartDefaults } from '../../render/chart-defaults.ts'
import { chartOfRelease, type LoadedChart } from '../../render/charts.ts'
import { composeSiteGroup } from '../../render/compose.ts'
import { errorsIn, withFiles } from '../../render/errors.ts'
import {
  type ExplainedValue,
  explainValues,
  readValues,
  type Setting,
  type UnreadValue,
  unreadValues,
} from '../../render/explain.ts'
import { findGroup, findSite, shortList } from '../../site/plan.ts'
import { formatChartRequest, type Release } from '../../site/releases.ts'
import type { Cli, ExitCode, Run } from '../cli.ts'
import { openWorkspace, parseKubeVersionOption, type WorkspaceOptions, workspaceOptions } from '../open-workspace.ts'
import { printError, printWarning, problemData } from '../report.ts'

interface Options extends WorkspaceOptions {
  readonly kubeVersion?: string
}

/** Declares `decapod explain`. */
export function define(command: Command, cli: () => Cli, run: (work: Run) => void): void {
  workspaceOptions(
    command
      .argument('<site>', 'the site')
      .argument('<group/app>', 'the release')
      .argument('[path]', 'a path of its values; everything by default'),
  )
    .option('--kube-version <version>', 'Kubernetes version to render for', parseKubeVersionOption)
    .addHelpText(
      'after',
      `
Examples:
  decapod explain site-x lma/grafana                     all values, and what
                                                         nothing reads
  decapod explain site-x lma/grafana persistence.size    who set it, who lost
  decapod explain site-x lma/grafana 'grafana\\.ini.x'    a key with a dot in it`,
    )
    .action((site: string, app: string, path: string | undefined, options: Options) =>
      run(() => explain(cli(), site, app, path ?? '', options)),
    )
}

function explain(cli: Cli, siteName: string, selector: string, path: string, options: Options): ExitCode {
  const { workspace, chart: fetched } = openWorkspace(cli, options)
  const [groupName = '', appName = '', ...rest] = selector.split('/')
  if (appName === '' || rest.length > 0) throw new DecapodError('USAGE', `"${selector}" is not GROUP/APP`)
  const site = findSite(workspace, siteName)
  const group = findGroup(workspace, site, groupName)
  const composed = composeSiteGroup(workspace, site, group, { placeholders: { mode: 'off', markers: [] } })
  const release = composed.releases.find(r => r.app === appName)
  if (release === undefined) {
    const known = composed.releases.map(r => r.app)
    const near = nearest(appName, known)
    const missing = new DecapodError('APP_NOT_FOUND', `${siteName}/${groupName} has no release "${appName}"`, {
      hint: near === undefined ? `it has ${shortList(known)}` : `did you mean "${near}"?`,
    })
    throw new DecapodErrors([...composed.errors, missing])
  }
  // Values can be explained without the chart: its defaults and what it reads are then not known.
  let loaded: LoadedChart | undefined
  const warnings: DecapodError[] = []
  const warn = (thrown: unknown): void => {
    warnings.push(...errorsIn(thrown).map(error => withFiles(error, composed.composition.fileOf)))
  }
  try {
    loaded = chartOfRelease(workspace, groupName, release, fetched)
  } catch (thrown) {
    warn(thrown)
  }
  const defaults = loaded === undefined ? undefined : new ChartDefaults(loaded, file => textOf(resolve(cli.cwd, file)))
  const values = explainValues(release, composed.composition, defaults, path)
  let unread: UnreadValue[] = []
  if (loaded !== undefined && path === '') {
    try {
      const { paths, refused } = readValues(release, loaded, {
        kubeVersion: options.kubeVersion ?? site.settings.kubeVersion ?? workspace.config.kubeVersion,
        apiVersions: site.settings.apiVersions ?? workspace.config.apiVersions ?? [],
        semantics: workspace.config.semantics === '4' ? 4 : 3,
        ports: machinePorts(),
        moveTemplatedCrds: false,
      })
      unread = unreadValues(release, composed.composition, loaded.chart, paths)
      for (const error of refused) warn(error)
    } catch (thrown) {
      // The values stand, whether or not the chart renders with them.
      warn(thrown)
    }
  }
  if (cli.global.json) {
    const problems = { warnings: warnings.map(problemData), errors: composed.errors.map(problemData) }
    cli.stdout(`${JSON.stringify({ ...report(siteName, groupName, release, values, unread), ...problems })}\n`)
  } else {
    cli.stdout(text(siteName, groupName, release, values, unread))
    for (const warning of warnings) printWarning(cli, warning)
    for (const error of composed.errors) printError(cli, error)
  }
  return composed.errors.length > 0 ? 1 : 0
}

/** The text of a file, where there is one: charts in archives have none. */
function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

function text(
  site: string,
  group: string,
  release: Release,
  values: readonly ExplainedValue[],
  unread: readonly UnreadValue[],
): string {
  const lines = [`${site} ${group}/${release.app}: ${formatChartRequest(release.chart)}, in ${release.namespace}`]
  for (const { path, value, chain } of values) {
    lines.push('', value === undefined ? path : `${path}: ${shortValue(value)}`)
    const layers = Math.max(...chain.map(setting => setting.layer.length), 4)
    for (const [i, setting] of chain.entries()) lines.push(...settingLines(setting, i, layers))
  }
  if (values.length === 0) lines.push('', 'no values: the defaults of the chart apply')
  if (unread.length > 0) {
    lines.push('', 'No template of the chart reads:')
    for (const { path, at, layer, nearest: near } of unread) {
      const hint = near === undefined ? '' : `; did you mean ${near}?`
      lines.push(`  ${path}  (${layer}${at === undefined ? '' : ` ${formatPosition(at)}`})${hint}`)
    }
  }
  return `${lines.join('\n')}\n`
}

function settingLines(setting: Setting, index: number, width: number): string[] {
  const where = setting.at === undefined ? '' : `  ${formatPosition(setting.at)}`
  const lostPath = setting.path === undefined ? '' : `${setting.path}: `
  const lost = index === 0 || setting.applies === true ? '' : `  lost: ${lostPath}${shortValue(setting.value)}`
  const what = setting.removes ? '  removed here' : lost
  const lines = [`  ${setting.layer.padEnd(width)}${where}${what}`]
  for (const { name, value, at } of setting.variables) {
    const from = at === undefined ? '' : `  ${formatPosition(at)}`
    lines.push(`  ${' '.repeat(width)}  $(${name}) = ${shortValue(value)}${from}`)
  }
  return lines
}

/** A value on one line. */
function shortValue(value: GoValue): string {
  const json = encodeJson(value, { escapeHtml: false })
  return json.length > 100 ? `${json.slice(0, 100)}…` : json
}

function report(
  site: string,
  group: string,
  release: Release,
  values: readonly ExplainedValue[],
  unread: readonly UnreadValue[],
): object {
  return {
    site,
    group,
    app: release.app,
    release: release.name,
    namespace: release.namespace,
    chart: release.chart,
    values: values.map(({ path, value, chain }) => ({
      path,
      value: plain(value),
      chain: chain.map(({ variables, value: set, ...setting }) => ({
        ...setting,
        value: plain(set),
        variables: variables.map(v => ({ ...v, value: plain(v.value) })),
      })),
    })),
    unread,
  }
}

function plain(value: GoValue | undefined): unknown {
  return value === undefined ? undefined : JSON.parse(encodeJson(value, { escapeHtml: false }))
}
