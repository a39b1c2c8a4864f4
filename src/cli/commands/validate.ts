import { type Command, Option } from 'commander'
import { DecapodError, nearest } from '../../errors.ts'
import { ticks } from '../../io/clock.ts'
import { plannedApps } from '../../render/deliver.ts'
import { checkApps, type SiteResult } from '../../render/pipeline.ts'
import { siteObjectsOf } from '../../render/site-objects.ts'
import { type Selection, selectUnits } from '../../site/plan.ts'
import type { Finding } from '../../validate/finding.ts'
import type { PolicySettings } from '../../validate/policy.ts'
import { rules } from '../../validate/rules/index.ts'
import { validateSite } from '../../validate/validate.ts'
import type { PlaceholderMode } from '../../values/placeholders.ts'
import type { Cli, ExitCode, Run } from '../cli.ts'
import {
  type OpenWorkspace,
  openWorkspace,
  parseKubeVersionOption,
  placeholdersOption,
  type WorkspaceOptions,
  workspaceOptions,
} from '../open-workspace.ts'
import { SelectionRenderer } from '../render-selection.ts'
import { count, folded, problemData } from '../report.ts'
import { findingData, findingText } from '../reporters/findings.ts'

interface Options extends WorkspaceOptions {
  readonly all?: true
  readonly kubeVersion?: string
  readonly placeholders?: PlaceholderMode
  readonly strict?: true
  readonly rule?: readonly string[]
  readonly listRules?: true
}

/** Declares `decapod validate`. */
export function define(command: Command, cli: () => Cli, run: (work: Run) => void): void {
  workspaceOptions(command.argument('[selector...]', 'SITE, SITE/GROUP or SITE/GROUP/APP'))
    .option('--all', 'every site')
    .option('--kube-version <version>', 'Kubernetes version to render for', parseKubeVersionOption)
    .addOption(placeholdersOption())
    .addOption(new Option('--rule <name...>', 'only these rules, those that are off by default too'))
    .option('--strict', 'warnings fail as well')
    .option('--list-rules', 'what the rules find, and how bad it is here')
    .addHelpText(
      'after',
      `
Renders in memory, as render would write it, and looks at every object: its
fields and their types, the CRDs of the site, names, references between objects,
what the site's Kubernetes serves, plain Secrets. Nothing is written.

Examples:
  decapod validate site-x                      everything of a site
  decapod validate --all --strict              in CI: warnings fail, too
  decapod validate site-x --kube-version 1.33  what would an upgrade break?
  decapod validate site-x/lma --rule reference schema
  decapod validate --list-rules

validate: in decapod.yaml says how bad a rule is, and what is exempt.

Exit codes: 0 nothing to fail for, 1 errors (with --strict: warnings), or
something did not render, 2 usage.`,
    )
    .action((selectors: string[], options: Options) => run(() => validate(cli(), selectors, options)))
}

/** What validating a site came to. */
interface Report {
  readonly result: SiteResult
  readonly objects: number
  readonly findings: readonly Finding[]
  readonly exempted: number
  /** Kinds of objects that neither Kubernetes nor a CRD of the site defines, and how many objects there are. */
  readonly unchecked: ReadonlyMap<string, number>
  /** Something did not render: references were not looked at. */
  readonly isPartial: boolean
}

function validate(cli: Cli, selectors: readonly string[], options: Options): ExitCode {
  const open = openWorkspace(cli, options)
  const policy = policyFor(open.workspace.config.validate, options.rule)
  if (options.listRules === true) return listRules(cli, policy)
  const started = ticks()
  const selections = selectUnits(open.workspace, selectors, options.all === true)
  const { kubeVersion, placeholders } = options
  const renderer = new SelectionRenderer(cli, open, { kubeVersion, placeholders }, selections.length)
  const reports: object[] = []
  let failed = false
  for (const selection of selections) {
    const report = validateSelection(open, selection, policy, kubeVersion, renderer)
    const { result, findings } = report
    failed ||= result.failures.length > 0 || findings.some(({ severity }) => options.strict || severity === 'error')
    if (cli.global.json) reports.push(siteData(report))
    else printSite(cli, open, report)
    renderer.printProblems(result)
  }
  const seconds = ((ticks() - started) / 1000).toFixed(1)
  if (cli.global.json) cli.stdout(`${JSON.stringify({ sites: reports })}\n`)
  else renderer.progress.line(`${count(selections.length, 'site')} in ${seconds} s`)
  return failed ? 1 : 0
}

/** The rules of decapod.yaml; where some are named, these alone, and no less than a warning. */
function policyFor(policy: PolicySettings, only: readonly string[] | undefined): PolicySettings {
  const known = rules.map(rule => rule.name)
  for (const name of only ?? []) {
    if (known.includes(name)) continue
    const near = nearest(name, known)
    throw new DecapodError('USAGE', `there is no rule "${name}"`, {
      hint: near === undefined ? 'decapod validate --list-rules lists them' : `did you mean "${near}"?`,
    })
  }
  if (only === undefined) return policy
  const chosen = rules.map(({ name, severity }) => {
    const given = Object.hasOwn(policy.rules, name) ? policy.rules[name]! : severity
    return [name, only.includes(name) ? (given === 'off' ? 'warning' : given) : 'off'] as const
  })
  return withRules(policy, Object.fromEntries(chosen))
}

function listRules(cli: Cli, policy: PolicySettings): ExitCode {
  const listed = rules.map(({ name, summary, severity }) => ({
    rule: name,
    severity: Object.hasOwn(policy.rules, name) ? policy.rules[name]! : severity,
    summary,
  }))
  if (cli.global.json) cli.stdout(`${JSON.stringify({ rules: listed })}\n`)
  else {
    for (const { rule, severity, summary } of listed) {
      const line = `${rule.padEnd(16)} ${severity.padEnd(8)} ${summary}`
      cli.stdout(`${folded(line, { terminal: cli.outTerminal, columns: cli.columns })}\n`)
    }
  }
  return 0
}

/**
 * Renders the whole site, for what an object names may be anywhere in it, and keeps what is found where it was asked.
 */
function validateSelection(
  { workspace, outLabel }: OpenWorkspace,
  selection: Selection,
  policy: PolicySettings,
  kubeVersion: string | undefined,
  renderer: SelectionRenderer,
): Report {
  const { site } = selection
  const rendered = renderer.render({ site, groups: site.groups.map(group => ({ group, apps: undefined })) })
  // A rule says the same, Secret by Secret.
  const result = {
    ...rendered,
    failures: rendered.failures.filter(({ error }) => error.code !== 'SECRET_PLAIN'),
    warnings: rendered.warnings.filter(({ code }) => code !== 'SECRET_PLAIN'),
  }
  const isAsked = askedOf(selection, result)
  const objects = siteObjectsOf(workspace, result, path => `${outLabel(site.name)}/${path}`, kubeVersion)
  // Where something did not render, what seems to be missing may be of it.
  const isPartial = result.failures.length > 0
  const inForce = isPartial ? withRules(policy, { reference: 'off', 'selects-nothing': 'off' }) : policy
  const { findings, exempted } = validateSite(site.name, objects, inForce)
  const asked = objects.objects.filter(isAsked)
  const unchecked = new Map<string, number>()
  for (const object of asked) {
    if (!objects.isUnknown(object)) continue
    const kind = `${object.kind} (${object.apiVersion})`
    unchecked.set(kind, (unchecked.get(kind) ?? 0) + 1)
  }
  const failures = result.failures.filter(({ group, app }) => group === undefined || isAsked({ group, app }))
  return {
    result: { ...result, failures },
    objects: asked.length,
    findings: findings.filter(({ object }) => isAsked(object)),
    exempted,
    unchecked,
    isPartial,
  }
}

function withRules(policy: PolicySettings, more: PolicySettings['rules']): PolicySettings {
  return { ...policy, rules: { ...policy.rules, ...more } }
}

/** Whether something of the site was asked for; throws APP_NOT_FOUND for an app that is not there. */
function askedOf(
  { site, groups }: Selection,
  { composed }: SiteResult,
): (of: { readonly group: string; readonly app: string | undefined }) => boolean {
  const apps = new Map(groups.map(({ group, apps: chosen }) => [group.name, chosen] as const))
  for (const one of composed) {
    const wanted = apps.get(one.group.name)
    const known = [...plannedApps(one).map(app => app.name), ...one.releases.map(release => release.app)]
    if (wanted !== undefined) checkApps(wanted, [...new Set(known)], site, one.group.name)
  }
  return ({ group, app }) =>
    apps.has(group) && (app === undefined || apps.get(group) === undefined || apps.get(group)!.has(app))
}

function printSite(cli: Cli, { outLabel }: OpenWorkspace, report: Report): void {
  const { result, findings, objects, exempted, unchecked, isPartial } = report
  const { site, files } = result
  const label = outLabel(site.name)
  const lines = new Map<string, string[]>()
  // The lines of what was rendered now, which need not be what is on disk.
  const lineOf = (file: string, line: number): string | undefined => {
    let text = lines.get(file)
    if (text === undefined) {
      text = Buffer.from(files.get(file.slice(label.length + 1)) ?? [])
        .toString('utf8')
        .split('\n')
      lines.set(file, text)
    }
    return text[line - 1]
  }
  for (const finding of findings) {
    if (cli.global.quiet && finding.severity === 'warning') continue
    cli.stdout(`${folded(findingText(finding, lineOf), { terminal: cli.outTerminal, columns: cli.columns })}\n`)
  }
  const errors = findings.filter(({ severity }) => severity === 'error').length
  const parts = [
    count(objects, 'object'),
    ...(result.failures.length === 0 ? [] : [`${count(result.failures.length, 'failure')} to render`]),
    count(errors, 'error'),
    count(findings.length - errors, 'warning'),
    ...(exempted === 0 ? [] : [`${exempted} exempt`]),
  ]
  cli.stdout(`${site.name}: ${parts.join(', ')}\n`)
  if (cli.global.quiet) return
  const notes = [
    ...(isPartial ? ['not everything rendered: references between objects were not looked at'] : []),
    ...[...unchecked].map(
      ([kind, n]) => `${kind}: no CRD of the site defines it; ${count(n, 'object')} not looked into`,
    ),
  ]
  for (const note of notes) cli.stdout(`${folded(`  ${note}`, { terminal: cli.outTerminal, columns: cli.columns })}\n`)
}

function siteData({ result, findings, objects, exempted, unchecked }: Report): object {
  return {
    site: result.site.name,
    objects,
    findings: findings.map(findingData),
    exempted,
    unchecked: [...unchecked].map(([kind, n]) => ({ kind, objects: n })),
    failures: result.failures.map(({ group, app, error }) => ({ group, app, ...problemData(error) })),
    warnings: result.warnings.map(problemData),
  }
}
