import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { applicationSet, sharedNames } from '../../argo/application-set.ts'
import { workflowContext } from '../../argo/context.ts'
import type { Delivery } from '../../argo/model.ts'
import { objectNode } from '../../argo/node.ts'
import { dealSites, renderAndCommitWorkflowTemplate } from '../../argo/render-workflow.ts'
import { deployWorkflow, teardownWorkflow, type WorkflowOptions } from '../../argo/workflow.ts'
import { DecapodError, nearest } from '../../errors.ts'
import { type Partials, renderText } from '../../handlebars.ts'
import { plain } from '../../render/diff.ts'
import { formatObject } from '../../render/output.ts'
import { renderSite } from '../../render/pipeline.ts'
import { selectUnits, shortList } from '../../site/plan.ts'
import { labelPath, type Workspace } from '../../site/workspace.ts'
import { joinPath, readText } from '../../tree.ts'
import type { PlaceholderMode } from '../../values/placeholders.ts'
import { parseDocuments } from '../../yaml/parse.ts'
import { parseValues } from '../../yaml/values.ts'
import type { Cli, ExitCode, Run } from '../cli.ts'
import {
  type OpenWorkspace,
  openWorkspace,
  placeholdersOption,
  type WorkspaceOptions,
  workspaceOptions,
} from '../open-workspace.ts'
import { renderPorts } from '../render-ports.ts'
import { count, printError, printWarning } from '../report.ts'

interface Options extends WorkspaceOptions {
  readonly all?: boolean
  readonly group?: readonly string[]
  readonly deadline?: number
  readonly serviceAccount?: string
  readonly shards?: number
  readonly workspaceRepo?: string
  readonly workspaceRevision?: string
  readonly gitSecret?: string
  readonly write?: boolean
  readonly placeholders?: PlaceholderMode
}

/** What can be asked for by name; anything else in its place is a site. */
const verbs = ['deploy', 'teardown', 'own', 'render', 'fleet', 'shards'] as const
type Verb = (typeof verbs)[number]

/** A text to print or to write below the directory of workflows. */
interface Output {
  readonly path: string
  readonly text: string
}

/** Declares `decapod workflow`. */
export function define(command: Command, cli: () => Cli, run: (work: Run) => void): void {
  workspaceOptions(
    command
      .argument('[what]', 'deploy, teardown, own, render, fleet or shards; all three of a site without it')
      .argument('[site...]', 'names of sites'),
  )
    .option('--all', 'every site')
    .option('--group <name...>', 'deploy or teardown of these groups alone')
    .option('--deadline <seconds>', 'how long an app may take to become healthy (default: 900)', wholeNumber)
    .option('--service-account <name>', 'the account workflows run as (default: decapod)')
    .option('--shards <n>', 'pods that render at once (default: 8)', wholeNumber)
    .option('--workspace-repo <url>', 'render: the repository of base and sites (default: delivery.repoURL)')
    .option('--workspace-revision <rev>', 'render: its branch, tag or commit (default: main)')
    .option('--git-secret <name>', 'render: the Secret with username and password for git')
    .option('--write', 'write files below workflows/ instead of printing')
    .addOption(placeholdersOption())
    .addHelpText(
      'after',
      `
What:
  deploy     a Workflow that deploys a site: a DAG from dependsOn, CRDs first
  teardown   the reverse, custom resources before their operators
  own        your templates: every workflows/*.hbs, filled in for the site
  render     a WorkflowTemplate: renders the sites in many pods, commits once
  fleet      an ApplicationSet with every site, ring by ring
  shards     how render deals the sites out, as JSON

Examples:
  decapod workflow site-x                     print all that concerns site-x
  decapod workflow deploy site-x | argo submit -
  decapod workflow teardown site-x --group lma
  decapod workflow --all --write              write workflows/ anew
  decapod workflow shards --all --shards 16

Exit codes: 0 printed or written, 1 failures, 2 usage.`,
    )
    .action((what: string | undefined, sites: string[], options: Options) =>
      run(() => workflow(cli(), what, sites, options)),
    )
}

function wholeNumber(text: string): number {
  const n = Number(text)
  if (!Number.isInteger(n) || n < 1) throw new InvalidArgumentError('a positive whole number is needed.')
  return n
}

function isVerb(text: string | undefined): text is Verb {
  return (verbs as readonly (string | undefined)[]).includes(text)
}

function workflow(cli: Cli, what: string | undefined, given: readonly string[], options: Options): ExitCode {
  const verb = isVerb(what) ? what : undefined
  const names = verb !== undefined || what === undefined ? given : [what, ...given]
  const open = openWorkspace(cli, options)
  checkFirstWord(what, open.workspace)
  if (verb === 'shards') return printShards(cli, open.workspace, names, options)

  const outputs: Output[] = []
  // What concerns no single site needs none to be named.
  const everySite =
    names.length === 0 && options.all !== true ? verb === 'fleet' || verb === 'render' : options.all === true
  if (verb === 'render') outputs.push(renderOutput(open.workspace, options))
  else {
    const deliveries = deliver(cli, open, names, everySite, options.placeholders)
    if (deliveries === undefined) return 1
    if (verb === 'fleet') outputs.push(fleetOutput(cli, open.workspace, deliveries))
    else {
      for (const delivery of deliveries) outputs.push(...siteOutputs(open.workspace, delivery, verb, options))
      if (verb === undefined && everySite) {
        outputs.push(fleetOutput(cli, open.workspace, deliveries))
        if (open.workspace.config.delivery.images?.decapod !== undefined) {
          outputs.push(renderOutput(open.workspace, options))
        }
      }
    }
  }
  if (options.write === true) return write(cli, open.workspace, outputs)
  if (cli.global.json) {
    const objects = outputs.flatMap(({ text }) => parseValues(text, { file: 'workflow' }))
    cli.stdout(`${JSON.stringify({ objects: objects.map(plain) })}\n`)
  } else cli.stdout(outputs.map(output => output.text).join('---\n'))
  return 0
}

/** The first word is one of ours or a site: both are looked at for what was meant. */
function checkFirstWord(what: string | undefined, workspace: Workspace): void {
  const sites = workspace.sites.map(site => site.name)
  const name = what?.split('/')[0]
  if (name === undefined || isVerb(name) || sites.includes(name) || sites.length === 0) return
  const near = nearest(name, [...verbs, ...sites])
  throw new DecapodError('USAGE', `"${what}" is neither a site nor one of ${verbs.join(', ')}`, {
    hint: near === undefined ? `there are ${shortList(sites)}` : `did you mean "${near}"?`,
  })
}

/** The deliveries of sites. Undefined when a site failed to render: its order is then not known; the failures are printed. */
function deliver(
  cli: Cli,
  open: OpenWorkspace,
  names: readonly string[],
  all: boolean,
  placeholders: PlaceholderMode | undefined,
): Delivery[] | undefined {
  const { workspace } = open
  const selections = selectUnits(workspace, names, all)
  const ports = renderPorts(open, {})
  const deliveries: Delivery[] = []
  let failed = false
  for (const selection of selections) {
    const { name } = selection.site
    if (selection.groups.length < selection.site.groups.length || selection.groups.some(g => g.apps !== undefined)) {
      throw new DecapodError('USAGE', `a workflow is for a whole site: name "${name}", and groups with --group`)
    }
    const settings = { kubeVersion: undefined, placeholders, format: undefined }
    const { failures, delivery } = renderSite(workspace, selection, settings, ports)
    for (const failure of failures) printError(cli, failure.error)
    if (failures.length > 0) failed = true
    else if (delivery === undefined) {
      throw new DecapodError('CONFIG_INVALID', `site "${name}" has no manifests repository`, {
        hint: 'set delivery.repoURL in decapod.yaml or in its site.yaml: it is what Argo CD reads',
      })
    } else deliveries.push(delivery)
  }
  return failed ? undefined : deliveries
}

function siteOutputs(workspace: Workspace, delivery: Delivery, verb: Verb | undefined, options: Options): Output[] {
  const outputs: Output[] = []
  const { group: groups, deadline, serviceAccount } = options
  const workflowOptions: WorkflowOptions = { groups, deadline, serviceAccount }
  for (const name of groups ?? []) {
    if (delivery.groups.some(g => g.name === name)) continue
    throw new DecapodError('GROUP_NOT_FOUND', `site "${delivery.site}" has no group "${name}"`, {
      hint: `it has ${delivery.groups.map(g => g.name).join(', ')}`,
    })
  }
  if (verb === undefined || verb === 'deploy') {
    outputs.push(output(`${delivery.site}/deploy.yaml`, deployWorkflow(delivery, print, workflowOptions)))
  }
  if (verb === undefined || verb === 'teardown') {
    outputs.push(output(`${delivery.site}/teardown.yaml`, teardownWorkflow(delivery, print, workflowOptions)))
  }
  if (verb === undefined || verb === 'own') outputs.push(...ownOutputs(workspace, delivery))
  return outputs
}

function print(object: object): string {
  return formatObject(objectNode(object))
}

function output(path: string, object: object): Output {
  return { path, text: print(object) }
}

/** The user's own templates: `workflows/<name>.hbs`, filled in for a site. */
function ownOutputs(workspace: Workspace, delivery: Delivery): Output[] {
  const { project } = workspace.roots
  const dir = joinPath('/', workspace.config.workflows)
  const partials = partialsOf(workspace)
  const outputs: Output[] = []
  for (const entry of project.tree.list(dir)) {
    if (entry.kind !== 'file' || !entry.name.endsWith('.hbs')) continue
    const path = joinPath(dir, entry.name)
    const file = labelPath(project, path)
    const text = renderText(file, readText(project.tree, path) ?? '', workflowContext(delivery), partials)
    // A template that gives no YAML is found here, not in the cluster.
    parseDocuments(text, { file: `${file} (filled in for ${delivery.site})` })
    const name = entry.name.slice(0, -'.hbs'.length)
    outputs.push({ path: `${delivery.site}/${name}`, text: text.endsWith('\n') ? text : `${text}\n` })
  }
  return outputs
}

/** `workflows/partials/<name>.hbs`: what templates take in as `{{> name}}`. */
function partialsOf(workspace: Workspace): Partials {
  const { project } = workspace.roots
  const dir = joinPath(joinPath('/', workspace.config.workflows), 'partials')
  const partials = new Map<string, { readonly file: string; readonly text: string }>()
  for (const { kind, name } of project.tree.list(dir)) {
    if (kind !== 'file' || !name.endsWith('.hbs')) continue
    const path = joinPath(dir, name)
    const file = labelPath(project, path)
    partials.set(name.slice(0, -'.hbs'.length), { file, text: readText(project.tree, path) ?? '' })
  }
  return partials
}

function fleetOutput(cli: Cli, workspace: Workspace, deliveries: readonly Delivery[]): Output {
  // A warning: sites may have an Argo CD each, and no fleet.
  if (!cli.global.quiet) for (const warning of sharedNames(deliveries)) printWarning(cli, warning)
  const { fleet } = workspace.config
  const rings = fleet?.rings === undefined ? undefined : { label: fleet.label ?? 'ring', values: fleet.rings }
  const name = fleet?.name ?? 'sites'
  const { argoNamespace } = workspace.config.delivery
  return output('fleet.yaml', applicationSet({ name, argoNamespace, sites: deliveries, rings }))
}

function renderOutput(workspace: Workspace, options: Options): Output {
  const { repoURL, revision, images, argoNamespace } = workspace.config.delivery
  if (repoURL === undefined || images?.decapod === undefined) {
    const missing = repoURL === undefined ? 'delivery.repoURL' : 'delivery.images.decapod'
    throw new DecapodError('CONFIG_INVALID', `the workflow that renders needs ${missing}`, {
      at: { file: 'decapod.yaml' },
      hint: 'repoURL is where rendered sites are committed, images.decapod what the pods run',
    })
  }
  const template = renderAndCommitWorkflowTemplate({
    image: images.decapod,
    namespace: argoNamespace,
    workspace: { repoURL: options.workspaceRepo ?? repoURL, revision: options.workspaceRevision ?? 'main' },
    // Where sites lie by default; their random values are kept from there.
    manifests: { repoURL, revision: revision ?? 'main', path: workspace.config.out },
    shards: options.shards,
    gitSecret: options.gitSecret,
    serviceAccount: options.serviceAccount,
  })
  return output('render-and-commit.yaml', template)
}

function printShards(cli: Cli, workspace: Workspace, names: readonly string[], options: Options): ExitCode {
  const sites = selectUnits(workspace, names, options.all === true).map(selection => selection.site.name)
  const shards = dealSites(sites, options.shards ?? 8)
  // Argo's withParam takes a JSON list; a task's parameters are texts.
  cli.stdout(
    `${JSON.stringify(shards.map(({ index, sites: own }) => ({ index: String(index), sites: own.join(' ') })))}\n`,
  )
  return 0
}

function write(cli: Cli, workspace: Workspace, outputs: readonly Output[]): ExitCode {
  const root = resolve(cli.cwd, workspace.config.workflows)
  for (const { path, text } of outputs) {
    const file = resolve(root, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
    if (!cli.global.quiet && !cli.global.json) cli.stdout(`${workspace.config.workflows}/${path}\n`)
  }
  if (cli.global.json) {
    cli.stdout(`${JSON.stringify({ files: outputs.map(({ path }) => `${workspace.config.workflows}/${path}`) })}\n`)
  } else if (!cli.global.quiet) cli.stderr(`${count(outputs.length, 'file')} written\n`)
  return 0
}
