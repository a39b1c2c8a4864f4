import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { ticks } from '../../io/clock.ts'
import { compareFiles, readFiles, recoverTrees, replaceTree, type TreeChange } from '../../io/output.ts'
import type { PlaceholderMode } from '../../placeholders.ts'
import { withKept } from '../../render/keep.ts'
import type { OutputFormat } from '../../render/output.ts'
import { renderSite, type SiteResult } from '../../render/pipeline.ts'
import { type Selection, selectUnits } from '../../site/plan.ts'
import { changeText } from '../change-text.ts'
import type { Cli, ExitCode, Run } from '../cli.ts'
import { openWorkspace, parseKubeVersionOption, type WorkspaceOptions, workspaceOptions } from '../open-workspace.ts'
import { ProgressLine } from '../progress.ts'
import { renderPorts } from '../render-ports.ts'
import { count, printError, printWarning, problemData } from '../report.ts'

interface Options extends WorkspaceOptions {
  readonly all?: boolean
  readonly kubeVersion?: string
  readonly placeholders?: PlaceholderMode
  readonly format?: OutputFormat
  readonly dryRun?: boolean
  readonly keepGoing?: boolean
}

/** Declares `decapod render`. */
export function define(command: Command, cli: () => Cli, run: (work: Run) => void): void {
  workspaceOptions(command.argument('[selector...]', 'SITE, SITE/GROUP or SITE/GROUP/APP'))
    .option('--all', 'every site')
    .option('--kube-version <version>', 'Kubernetes version to render for', parseKubeVersionOption)
    .addOption(
      new Option('--placeholders <mode>', 'what values left to fill in (CHANGEME …) are').choices([
        'error',
        'warn',
        'off',
      ]),
    )
    .addOption(
      new Option('--format <format>', 'YAML in one form, or as charts wrote it').choices(['canonical', 'verbatim']),
    )
    .option('--dry-run', 'render and say what would change, write nothing')
    .option('--keep-going', 'write what rendered of a site in which something failed')
    .addHelpText(
      'after',
      `
Examples:
  decapod render site-x                       one site
  decapod render site-x/lma site-y/lma        a group of two sites
  decapod render --all --dry-run              what would change, everywhere
  decapod render SITE --base ../decapod-base-yaml --sites ../decapod-site --charts ../charts

A site in which anything fails is not written; the others are. Exit codes: 0 rendered, 1 failures, 2 usage.`,
    )
    .action((selectors: string[], options: Options) => run(() => render(cli(), selectors, options)))
}

function render(cli: Cli, selectors: readonly string[], options: Options): ExitCode {
  const started = ticks()
  const open = openWorkspace(cli, options)
  const { workspace, out } = open
  const selections = selectUnits(workspace, selectors, options.all === true)
  recoverTrees(out)
  const progress = new ProgressLine(cli)
  const old = new Map<string, Map<string, Uint8Array>>()
  const last = (site: string): Map<string, Uint8Array> => {
    let files = old.get(site)
    if (files === undefined) old.set(site, (files = readFiles(resolve(out, site))))
    return files
  }
  const ports = renderPorts(open, {
    last,
    progress: ({ site, group, app, done, total }) => {
      progress.show(`${site}  ${done + 1}/${total}  ${group}/${app}`, ticks())
    },
  })
  const { kubeVersion, placeholders, format } = options
  const reports: object[] = []
  let failures = 0
  let apps = 0
  for (const selection of selections) {
    const result = renderSite(workspace, selection, { kubeVersion, placeholders, format }, ports)
    progress.clear()
    apps += result.apps.length
    failures += result.failures.length
    const change = write(result, selection, out, options)
    if (cli.global.json) reports.push(siteReport(result, change))
    else printSite(cli, result, change, options)
  }
  const seconds = ((ticks() - started) / 1000).toFixed(1)
  if (cli.global.json) cli.stdout(`${JSON.stringify({ sites: reports })}\n`)
  else progress.line(`${count(selections.length, 'site')}, ${count(apps, 'app')} in ${seconds} s`)
  return failures > 0 ? 1 : 0
}

/** Writes a site's tree, or says what writing it would change. Undefined: something failed, and nothing was written. */
function write(result: SiteResult, selection: Selection, out: string, options: Options): TreeChange | undefined {
  if (result.failures.length > 0 && options.keepGoing !== true) return undefined
  const { name } = result.site
  const old = readFiles(resolve(out, name))
  const files = withKept(old, result, selection)
  return options.dryRun === true ? compareFiles(old, files) : replaceTree(out, name, files)
}

function printSite(cli: Cli, result: SiteResult, change: TreeChange | undefined, options: Options): void {
  for (const warning of result.warnings) if (!cli.global.quiet) printWarning(cli, warning)
  for (const failure of result.failures) printError(cli, failure.error)
  const { name } = result.site
  const rendered = result.apps.filter(app => app.status === 'rendered')
  const objects = rendered.reduce((sum, app) => sum + app.objects, 0)
  const failed = result.failures.length === 0 ? '' : `, ${count(result.failures.length, 'error')}`
  const what = `${count(rendered.length, 'app')}, ${count(objects, 'object')}${failed}`
  cli.stdout(
    `${name}: ${what}: ${change === undefined ? 'not written' : writtenText(change, options.dryRun === true)}\n`,
  )
}

function writtenText(change: TreeChange, dryRun: boolean): string {
  const text = changeText(change)
  return dryRun && !text.startsWith('no change') ? `would be ${text}` : text
}

function siteReport(result: SiteResult, change: TreeChange | undefined): object {
  return {
    site: result.site.name,
    apps: result.apps.map(({ group, app, status, objects }) => ({ group, app, status, objects })),
    failures: result.failures.map(({ group, app, error }) => ({ group, app, ...problemData(error) })),
    warnings: result.warnings.map(problemData),
    change: change ?? null,
  }
}
