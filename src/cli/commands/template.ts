/** `decapod template`: what `helm template` prints, byte for byte, without Helm. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { DecapodError } from '../../errors.ts'
import { parseBool, quote } from '../../go/strconv.ts'
import { trimSpace } from '../../go/strings.ts'
import { parseUrl } from '../../go/url.ts'
import { fromBytes, type GoDict, GoError, toBytes } from '../../go/value.ts'
import { defaultKubeVersion, parseKubeVersion } from '../../helm/capabilities.ts'
import type { Chart } from '../../helm/chart.ts'
import { type FormatOptions, formatManifest, helmMessage, isAfterRendering } from '../../helm/format.ts'
import { failureLine, leveled, loggedLine } from '../../helm/log-line.ts'
import { renderName } from '../../helm/name-template.ts'
import { ManifestFailure, type RenderedChart, renderChart } from '../../helm/render.ts'
import type { Semantics } from '../../helm/semantics.ts'
import { mergeUserValues, type ValuesFile } from '../../helm/user-values.ts'
import { machinePorts } from '../../io/clock.ts'
import { writeRendered } from '../../io/rendered-files.ts'
import { goReason } from '../../io/system-error.ts'
import type { Cli, ExitCode, Run } from '../cli.ts'
import { currentNamespace } from '../kube-namespace.ts'
import { printError } from '../report.ts'
import { shown } from '../shown.ts'
import { fetchFile, flagTls, locateChart } from '../template-chart.ts'
import { declareFlags, parseTemplateFlags, type TemplateCommandLine, type TemplateOptions } from '../template-flags.ts'

/** Declares `decapod template`. */
export function define(command: Command, cli: () => Cli, run: (work: Run) => void, words: readonly string[]): void {
  declareFlags(command)
    .argument('[args...]', '[NAME] CHART: the release, `release-name` if not given, and a directory or a .tgz')
    .usage('[NAME] CHART [options]')
    .addHelpText(
      'after',
      `
Examples:
  decapod template ./mychart
  decapod template web ./mychart-1.2.0.tgz -n shop -f prod.yaml --set tag=1.2
  decapod template ./mychart --show-only templates/deployment.yaml
  decapod template ./mychart --semantics 4      as Helm 4 renders

Flags and output are those of helm template, and so is exit code 1 for what helm
refuses too; what would need a cluster is refused with 2.`,
    )
    .action(() => run(() => start(cli, command, words)))
}

/** Reads the command line: what is wrong with it ends with helm's exit code. */
function start(cli: () => Cli, command: Command, words: readonly string[]): ExitCode | Promise<ExitCode> {
  let line: TemplateCommandLine
  try {
    line = parseTemplateFlags(words)
  } catch (error) {
    if (!(error instanceof DecapodError) || words.includes('--json')) throw error
    return reportFailure(cli(), error, undefined, 3)
  }
  if (line.help) {
    command.outputHelp()
    return 0
  }
  command.parent!.parseOptions([...line.globals])
  return template(withFlagFiles(cli(), line.options), line)
}

/** The files that helm's variables name, and flags before them. */
function withFlagFiles(cli: Cli, { repositoryConfig, registryConfig }: TemplateOptions): Cli {
  const files = {
    ...(repositoryConfig === '' ? {} : { HELM_REPOSITORY_CONFIG: resolve(cli.cwd, repositoryConfig) }),
    ...(registryConfig === '' ? {} : { HELM_REGISTRY_CONFIG: resolve(cli.cwd, registryConfig) }),
  }
  return { ...cli, env: { ...cli.env, ...files } }
}

/** What helm refuses as well ends with its exit code, 1; what only decapod refuses is a matter of usage, 2. */
async function template(cli: Cli, { options, args, warnings, conflict }: TemplateCommandLine): Promise<ExitCode> {
  const { semantics } = options
  const warn = (message: string): void => {
    if (!cli.global.quiet) cli.stderr(`${shown(message)}\n`)
  }
  let chart: Chart | undefined
  try {
    for (const warning of warnings) warn(warning)
    checkCount(args)
    if (conflict !== undefined) throw conflict
    const kubeVersion =
      options.kubeVersion === '' ? defaultKubeVersion : parseKubeVersion(options.kubeVersion, semantics)
    flagTls(cli, options)
    if (semantics === 4) checkDryRun(options, message => warn(leveled('WARN', message)))
    const refused = refusedFlag(options)
    if (refused !== undefined) {
      cli.stderr(`error USAGE: ${refused}\n`)
      return 2
    }
    const { name, reference } = nameAndChart(args, options, cli.env)
    // As in helm, a chart that is not there is told before values that cannot be read.
    const load = await locateChart(cli, reference, options)
    const values = await userValues(cli, options)
    chart = await load()
    if (semantics === 3) checkDryRun(options, warn)
    checkLabels(options)
    const rendered = renderChart(chart, {
      name,
      namespace:
        options.namespace ||
        currentNamespace(cli.env, {
          kubeconfig: options.kubeconfig === '' ? '' : resolve(cli.cwd, options.kubeconfig),
          kubeContext: options.kubeContext,
        }),
      values,
      kubeVersion,
      apiVersions: options.apiVersions,
      isUpgrade: options.isUpgrade,
      semantics,
      skipSchemaValidation: options.skipSchemaValidation,
      ports: machinePorts(),
      warn: message => warn(loggedLine(message, semantics)),
    })
    print(cli, rendered, name, semantics, options)
    return 0
  } catch (error) {
    if (!(error instanceof DecapodError) || cli.global.json) throw error
    return reportFailure(cli, error, chart, semantics, options)
  }
}

/** --debug, else HELM_DEBUG as far as it is a boolean. */
function isDebug(cli: Cli, { debug }: TemplateOptions): boolean {
  return debug ?? ['1', 't', 'T', 'true', 'TRUE', 'True'].includes(cli.env['HELM_DEBUG'] ?? '')
}

/** Helm's words first, for those who look for them; then the place, where there is one to show. */
function reportFailure(
  cli: Cli,
  failure: DecapodError,
  chart: Chart | undefined,
  semantics: Semantics,
  options?: TemplateOptions,
): ExitCode {
  const debug = options !== undefined && isDebug(cli, options)
  const error = debug && isAfterRendering(failure) ? printRest(cli, failure, options) : failure
  const message = helmMessage(error, semantics, debug)
  const logged = semantics === 4 ? failureLine(message) : undefined
  if (logged !== undefined) cli.stderr(`${shown(logged)}\n`)
  cli.stderr(`Error: ${shown(message)}\n`)
  if (error.at?.line !== undefined) {
    cli.stderr('\n')
    printError(
      { ...cli, sourceLine: (file, line) => templateLine(chart, file, line) ?? cli.sourceLine(file, line) },
      error,
    )
  } else if (error.hint !== undefined) cli.stderr(`\n  hint: ${shown(error.hint)}\n`)
  return 1
}

/** With --debug what was rendered is printed before the error; gives the error that is told in the end. */
function printRest(cli: Cli, error: DecapodError, { semantics, showOnly }: TemplateOptions): DecapodError {
  const files = error instanceof ManifestFailure ? [...error.files] : []
  const manifests = files.filter(([, text]) => trimSpace(text) !== '').map(([path, text]) => ({ path, text }))
  try {
    cli.stdout(toBytes(formatManifest({ manifests, hooks: [], crds: [] }, { semantics, showOnly })))
    return error
  } catch (missing) {
    if (!(missing instanceof DecapodError)) throw missing
    return semantics === 3 ? missing : error
  }
}

/** A line of a template by its name in the render: "parent/charts/sub/templates/x.yaml". */
function templateLine(root: Chart | undefined, name: string, line: number): string | undefined {
  let chart = root
  let rest = name.slice(name.indexOf('/') + 1)
  while (chart !== undefined && rest.startsWith('charts/')) {
    const [, sub] = rest.split('/', 2)
    chart = chart.dependencies.find(dependency => dependency.metadata.name === sub)
    rest = rest.slice(`charts/${sub}/`.length)
  }
  const source = chart?.templates.find(file => file.name === rest)
  return source === undefined ? undefined : Buffer.from(source.data).toString('utf8').split('\n')[line - 1]
}

function print(cli: Cli, rendered: RenderedChart, name: string, semantics: Semantics, options: TemplateOptions): void {
  const format: FormatOptions = {
    semantics,
    includeCrds: options.includeCrds,
    noHooks: options.noHooks,
    skipTests: options.skipTests,
    showOnly: options.showOnly,
  }
  if (options.outputDir === '') {
    cli.stdout(toBytes(formatManifest(rendered, format)))
    return
  }
  const written = writeRendered(rendered, format, {
    cwd: cli.cwd,
    dir: options.outputDir,
    release: options.releaseName ? name : undefined,
  })
  for (const path of written) cli.stdout(`wrote ${path}\n`)
  // Helm prints what did not go to files, which is nothing and its line break.
  cli.stdout(formatManifest({ ...rendered, manifests: [], hooks: [], crds: [] }, format))
}

function checkCount(args: readonly string[]): void {
  if (args.length > 0) return
  throw new DecapodError('USAGE', '"decapod template" requires at least 1 argument', {
    hint: 'decapod template [NAME] CHART',
  })
}

/** The release's name and the chart (install.go, NameAndChart). */
function nameAndChart(
  args: readonly string[],
  options: TemplateOptions,
  env: Cli['env'],
): { name: string; reference: string } {
  const [first = '', second] = args
  if (args.length > 2) {
    throw new DecapodError('USAGE', `expected at most two arguments, unexpected arguments: ${args.slice(2).join(', ')}`)
  }
  if (second !== undefined) {
    for (const [flag, given] of [
      ['--generate-name', options.generateName],
      ['--name-template', options.nameTemplate !== ''],
    ] as const) {
      if (given) throw new DecapodError('USAGE', `cannot set ${flag} and also specify a name`)
    }
    return { name: first, reference: second }
  }
  const { nameTemplate } = options
  const name = nameTemplate === '' ? 'release-name' : renderName(nameTemplate, { ...machinePorts(), env })
  return { name, reference: first }
}

/** Labels of a release that Helm sets itself (pkg/storage/driver/labels.go). */
const systemLabels: readonly string[] = ['name', 'owner', 'status', 'version', 'createdAt', 'modifiedAt']

function checkLabels({ labels }: TemplateOptions): void {
  if (!labels.some(label => systemLabels.includes(label))) return
  const all = systemLabels.join(' ')
  throw new DecapodError('USAGE', `user supplied labels contains system reserved label name. System labels: [${all}]`)
}

/** What each major says of a --dry-run it does not take (install.go; helpers.go, cmdGetDryRunFlagStrategy). */
function checkDryRun({ dryRun, semantics }: TemplateOptions, warn: (message: string) => void): void {
  if (dryRun === undefined) return
  if (semantics === 3) {
    if (['', 'false', 'true', 'none', 'client', 'server'].includes(dryRun)) return
    const allowed = 'false, true, none, client, server'
    throw new DecapodError('USAGE', `Invalid dry-run flag. Flag must one of the following: ${allowed}`)
  }
  if (dryRun === 'client' || dryRun === 'server') return
  if (dryRun === 'unset') {
    warn("--dry-run is deprecated and should be replaced with '--dry-run=client'")
    return
  }
  const truth = dryRun === 'none' ? false : truthOf(dryRun)
  if (truth === true) {
    warn(`boolean '--dry-run=${dryRun}' flag is deprecated and must be replaced with '--dry-run=client'`)
    return
  }
  const allowed = truth === false ? '"server" or "client"' : '"none", "server", or "client"'
  throw new DecapodError('USAGE', `invalid dry-run value (${quote(dryRun)}). Must be ${allowed}`)
}

function truthOf(word: string): boolean | undefined {
  try {
    return parseBool(word)
  } catch {
    return undefined
  }
}

/** Why a flag that helm has is refused; undefined where none of them is given. */
function refusedFlag(options: TemplateOptions): string | undefined {
  const { dryRun = '' } = options
  const noCluster = 'decapod renders without a cluster'
  const reasons: readonly (readonly [given: boolean, flag: string, why: string])[] = [
    [options.validate, '--validate', `${noCluster}; decapod validate checks schemas offline`],
    [['server', 'none', 'false'].includes(dryRun), `--dry-run=${dryRun}`, noCluster],
    [
      options.postRenderer !== '',
      '--post-renderer',
      'decapod runs no foreign programs; patch the output with decapod build instead',
    ],
    [options.enableDns, '--enable-dns', 'templates of decapod reach no network'],
    [options.verify, '--verify', 'provenance files are not checked; decapod.lock pins charts by digest'],
  ]
  const found = reasons.find(([given]) => given)
  return found === undefined ? undefined : `${found[1]} is refused: ${found[2]}`
}

/** Values of files, of URLs and of --set and its kin (Helm's pkg/cli/values/options.go). */
async function userValues(cli: Cli, options: TemplateOptions): Promise<GoDict> {
  // Helm reads them one by one, and so tells the first that cannot be read.
  const files: ValuesFile[] = []
  for (const file of options.values) files.push({ file, text: await readValues(cli, file, options) })
  return mergeUserValues(
    {
      files,
      set: options.set,
      setString: options.setString,
      setFile: options.setFile,
      setJson: options.setJson,
      setLiteral: options.setLiteral,
      readFile: file => {
        if (isStdin(file)) return readStdin()
        checkUrl(file)
        return readText(cli, file)
      },
    },
    options.semantics,
  )
}

async function readValues(cli: Cli, file: string, options: TemplateOptions): Promise<string> {
  if (isStdin(file)) return readStdin()
  checkUrl(file)
  return /^https?:\/\//i.test(file) ? fromBytes(await fetchFile(cli, file, options)) : readText(cli, file)
}

/** Helm reads every name as a URL first, and refuses what cannot be one. */
function checkUrl(file: string): void {
  try {
    parseUrl(file)
  } catch (error) {
    if (!(error instanceof GoError)) throw error
    throw new DecapodError('USAGE', error.message, { cause: error })
  }
}

const isStdin = (file: string): boolean => file.trim() === '-'

const readStdin = (): string => fromBytes(readFileSync(0))

function readText(cli: Cli, file: string): string {
  if (/^(?:https?|oci):\/\//i.test(file)) {
    throw new DecapodError('USAGE', `${file} is refused: decapod template reads --set-file from local files only`)
  }
  try {
    return fromBytes(readFileSync(resolve(cli.cwd, file)))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const verb = code === 'EISDIR' ? 'read' : 'open'
    throw new DecapodError('FILE_NOT_FOUND', `${verb} ${file}: ${goReason(error)}`, { cause: error })
  }
}
