import { type Command, Option } from 'commander'
import type { ObjectChange } from '../../render/change.ts'
import { diffObjects } from '../../render/diff.ts'
import { diffToJson, formatDiff, formatDiffMarkdown } from '../../render/diff-format.ts'
import type { Failure } from '../../render/errors.ts'
import { withKept } from '../../render/keep.ts'
import { maskSecrets } from '../../render/mask.ts'
import { type ChangedObjects, changedObjects } from '../../render/objects.ts'
import { selectUnits } from '../../site/plan.ts'
import type { PlaceholderMode } from '../../values/placeholders.ts'
import type { Cli, ExitCode, Run } from '../cli.ts'
import { type OldTrees, oldTrees } from '../old-trees.ts'
import {
  openWorkspace,
  parseKubeVersionOption,
  placeholdersOption,
  type WorkspaceOptions,
  workspaceOptions,
} from '../open-workspace.ts'
import { SelectionRenderer } from '../render-selection.ts'
import { count, problemData } from '../report.ts'

const formats = ['text', 'markdown', 'json'] as const
type Format = (typeof formats)[number]

interface Options extends WorkspaceOptions {
  readonly all?: boolean
  readonly against?: string
  readonly format: Format
  readonly exitCode?: boolean
  readonly kubeVersion?: string
  readonly placeholders?: PlaceholderMode
}

/** Declares `decapod diff`. */
export function define(command: Command, cli: () => Cli, run: (work: Run) => void): void {
  workspaceOptions(command.argument('[selector...]', 'SITE, SITE/GROUP or SITE/GROUP/APP; every site without'))
    .option('--all', 'every site')
    .option('--against <rev|dir>', 'a git revision or a directory (default: the rendered directory)')
    .addOption(new Option('--format <format>', 'what is printed').choices(formats).default('text'))
    .option('--exit-code', 'exit with 1 when anything differs')
    .option('--kube-version <version>', 'Kubernetes version to render for', parseKubeVersionOption)
    .addOption(placeholdersOption())
    .addHelpText(
      'after',
      `
Renders without writing, and says by object and field what differs: added (+),
removed (-) and changed (~), each change once with the sites that share it.
Marked (!) is what deserves a second look: deletions, immutable fields, volumes,
CRDs, wider rights, workloads scaled to 0. Values of Secrets are never shown.

Examples:
  decapod diff                                all sites, against rendered/
  decapod diff site-x/lma                     a group of one site
  decapod diff --against main                 against what main has in rendered/
  decapod diff --against ../manifests         against a checkout: DIR/<site>/…
  decapod diff --format markdown              for a merge request

Exit codes: 0 compared, 1 a site failed (or, with --exit-code, something
differs), 2 usage.`,
    )
    .action((selectors: string[], options: Options) => run(() => diff(cli(), selectors, options)))
}

async function diff(cli: Cli, selectors: readonly string[], options: Options): Promise<ExitCode> {
  const open = openWorkspace(cli, options)
  const everything = selectors.length === 0
  const selections = selectUnits(open.workspace, selectors, everything || options.all === true)
  const before = await oldTrees(cli, open, options.against)
  const { kubeVersion, placeholders } = options
  const renderer = new SelectionRenderer(cli, open, { kubeVersion, placeholders }, selections.length)
  const compared: ChangedObjects[] = []
  const failures: Failure[] = []
  for (const selection of selections) {
    const { name } = selection.site
    const old = await before.read(name)
    if (old.size === 0 && before.kind !== 'rendered' && !cli.global.quiet) {
      renderer.progress.line(`${before.label} has no ${name}: all of it counts as added`)
    }
    const result = renderer.render(selection)
    renderer.printProblems(result)
    failures.push(...result.failures)
    compared.push(changedObjects(name, old, withKept(old, result, selection), before.label))
  }
  const sites = selections.map(selection => selection.site.name)
  if (everything) compared.push(...(await goneSites(before, sites)))
  const changes = maskSecrets(
    diffObjects(
      compared.flatMap(c => c.before),
      compared.flatMap(c => c.after),
    ),
  )
  const formOnly = compared.reduce((sum, c) => sum + c.formOnly, 0)
  cli.stdout(formatted(cli, options.format, changes, formOnly, failures, sites))
  if (failures.length > 0) return 1
  return options.exitCode === true && changes.length + formOnly > 0 ? 1 : 0
}

/** Sites that a revision had and the workspace has no more: everything of theirs goes. */
async function goneSites(before: OldTrees, sites: readonly string[]): Promise<ChangedObjects[]> {
  const gone = before.sites.filter(site => !sites.includes(site))
  return Promise.all(gone.map(async site => changedObjects(site, await before.read(site), new Map(), before.label)))
}

function formatted(
  cli: Cli,
  format: Format,
  changes: readonly ObjectChange[],
  formOnly: number,
  failures: readonly Failure[],
  sites: readonly string[],
): string {
  if (format === 'json' || cli.global.json) {
    const failed = failures.map(({ site, group, app, error }) => ({ site, group, app, ...problemData(error) }))
    return `${JSON.stringify({ ...diffToJson(changes), sites, formOnly, failures: failed })}\n`
  }
  const form =
    formOnly === 0 ? '' : `${count(formOnly, 'file')} ${formOnly === 1 ? 'differs' : 'differ'} in form alone\n`
  if (format === 'markdown') return formatDiffMarkdown(changes, { width: 120, sites }) + (form && `\n${form}`)
  return formatDiff(changes, { color: cli.global.color, width: cli.columns, sites }) + form
}
