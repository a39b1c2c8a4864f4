import { type Command, Option } from 'commander'
import { ticks } from '../../io/clock.ts'
import { recoverTrees, type TreeChange } from '../../io/output.ts'
import type { OutputFormat } from '../../render/output.ts'
import type { RenderSettings } from '../../render/pipeline.ts'
import { isWhole, type Selection, selectUnits } from '../../site/plan.ts'
import type { PlaceholderMode } from '../../values/placeholders.ts'
import { changeText } from '../change-text.ts'
import type { Cli, ExitCode, Run } from '../cli.ts'
import { InOrder } from '../in-order.ts'
import {
  type OpenWorkspace,
  openWorkspace,
  parseKubeVersionOption,
  placeholdersOption,
  type WorkspaceOptions,
  workspaceOptions,
} from '../open-workspace.ts'
import { ProgressLine } from '../progress.ts'
import { count, printError, printWarning, problemData } from '../report.ts'
import type { Outcome, SiteReport } from '../site-outcome.ts'
import { siteStamps } from '../site-stamp.ts'
import type { SiteJob } from '../site-threads.ts'

interface Options extends WorkspaceOptions {
  readonly all?: boolean
  readonly kubeVersion?: string
  readonly placeholders?: PlaceholderMode
  readonly format?: OutputFormat
  readonly dryRun?: boolean
  readonly check?: boolean
  readonly keepGoing?: boolean
}

/** Declares `decapod render`. */
export function define(command: Command, cli: () => Cli, run: (work: Run) => void): void {
  workspaceOptions(command.argument('[selector...]', 'SITE, SITE/GROUP or SITE/GROUP/APP'))
    .option('--all', 'every site')
    .option('--kube-version <version>', 'Kubernetes version to render for', parseKubeVersionOption)
    .addOption(placeholdersOption())
    .addOption(
      new Option('--format <format>', 'YAML in one form, or as charts wrote it').choices(['canonical', 'verbatim']),
    )
    .option('--dry-run', 'render and say what would change, write nothing')
    .option('--check', 'write nothing; exit 1 when the output is out of date, or differs in a second render')
    .option('--no-cache', 'render everything anew')
    .option('--keep-going', 'write what rendered of a site in which something failed')
    .addHelpText(
      'after',
      `
Examples:
  decapod render site-x                       one site
  decapod render site-x/lma site-y/lma        a group of two sites
  decapod render --all --dry-run              what would change, everywhere
  decapod render --all --check                in CI: is rendered/ up to date?
  decapod render SITE --base ../decapod-base-yaml --sites ../decapod-site \\
    --charts ../charts

A site in which anything fails is not written; the others are. Many sites are
rendered on several processors where that pays; --jobs says on how many.

Exit codes: 0 rendered, 1 failures, 2 usage.`,
    )
    .action((selectors: string[], options: Options) => run(() => render(cli(), selectors, options)))
}

async function render(cli: Cli, selectors: readonly string[], options: Options): Promise<ExitCode> {
  const started = ticks()
  const open = openWorkspace(cli, options)
  const selections = selectUnits(open.workspace, selectors, options.all === true)
  recoverTrees(open.out)
  const { kubeVersion, placeholders, format } = options
  const settings = { kubeVersion, placeholders, format }
  if (options.check === true) return await check(cli, open, selections, settings, options)
  const manner = { ...settings, dryRun: options.dryRun === true, keepGoing: options.keepGoing === true }
  const progress = new ProgressLine(cli)
  const stamps = siteStamps(open, manner)
  const reports: object[] = []
  let failures = 0
  let apps = 0
  const outcomes = new InOrder<Selection, Outcome>(selections, ({ report, change }) => {
    progress.clear()
    apps += report.apps.length
    failures += report.failures.length
    if (cli.global.json) reports.push(siteReport(report, change))
    else printSite(cli, report, change, options)
  })
  const rest = selections.filter(selection => {
    const known = isWhole(selection) ? stamps?.read(selection.site) : undefined
    if (known !== undefined) outcomes.tell(selection, known)
    return known === undefined
  })
  const job: SiteJob = { open, options, task: { kind: 'render', manner }, selections: rest }
  await work(cli, job, progress, outcomes)
  open.renders?.cache.tidy()
  const seconds = ((ticks() - started) / 1000).toFixed(1)
  if (cli.global.json) cli.stdout(`${JSON.stringify({ sites: reports })}\n`)
  else progress.line(`${count(selections.length, 'site')}, ${count(apps, 'app')} in ${seconds} s`)
  return failures > 0 ? 1 : 0
}

/** Says whether what is on disk is what a render gives, twice. */
async function check(
  cli: Cli,
  open: OpenWorkspace,
  selections: readonly Selection[],
  settings: RenderSettings,
  options: Options,
): Promise<ExitCode> {
  const progress = new ProgressLine(cli)
  const reports: object[] = []
  let failed = false
  const outcomes = new InOrder<Selection, Outcome>(selections, ({ report, change, checked }) => {
    const { unstable = [], errors = [] } = checked ?? {}
    progress.clear()
    const isGood = report.failures.length + errors.length === 0
    failed ||= !isGood
    if (cli.global.json) {
      reports.push({ ...siteReport(report, change), unstable })
      return
    }
    for (const failure of report.failures) printError(cli, failure.error)
    for (const error of errors) printError(cli, error)
    if (isGood) {
      const files = count(change?.unchanged ?? 0, 'file')
      cli.stdout(`${report.site.name}: ${files} up to date, and the same in a second render\n`)
    }
  })
  const job: SiteJob = { open, options, task: { kind: 'check', settings }, selections }
  await work(cli, job, progress, outcomes)
  if (cli.global.json) cli.stdout(`${JSON.stringify({ sites: reports })}\n`)
  return failed ? 1 : 0
}

/** Does what is yet to be done, on several threads where that pays. */
async function work(
  cli: Cli,
  job: SiteJob,
  progress: ProgressLine,
  outcomes: InOrder<Selection, Outcome>,
): Promise<void> {
  if (job.selections.length === 0) return
  // The engines are loaded for what must be rendered, and only then.
  const { workOnSites } = await import('../site-threads.ts')
  await workOnSites(cli, job, progress, (selection, outcome) => outcomes.tell(selection, outcome))
}

function printSite(cli: Cli, result: SiteReport, change: TreeChange | undefined, options: Options): void {
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

function siteReport(result: SiteReport, change: TreeChange | undefined): object {
  return {
    site: result.site.name,
    apps: result.apps.map(({ group, app, status, objects }) => ({ group, app, status, objects })),
    failures: result.failures.map(({ group, app, error }) => ({ group, app, ...problemData(error) })),
    warnings: result.warnings.map(problemData),
    change: change ?? null,
  }
}
