/** `decapod template`: what `helm template` prints, byte for byte, without Helm. */
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { DecapodError } from '../../errors.ts'
import { trimSpace } from '../../go/strings.ts'
import { fromBytes, toBytes } from '../../go/value.ts'
import type { Chart } from '../../helm/chart.ts'
import { type FormatOptions, formatDocument, formatManifest, helmMessage } from '../../helm/format.ts'
import { renderName } from '../../helm/name-template.ts'
import { ManifestFailure, type RenderedChart, renderChart } from '../../helm/render.ts'
import type { Semantics } from '../../helm/semantics.ts'
import { mergeUserValues, type ValuesFile } from '../../helm/user-values.ts'
import { machinePorts } from '../../io/clock.ts'
import { writeRendered } from '../../io/rendered-files.ts'
import type { Cli, ExitCode, Run } from '../cli.ts'
import { currentNamespace } from '../kube-namespace.ts'
import { printError } from '../report.ts'
import { locateChart } from '../template-chart.ts'
import { acceptBooleanValues, declareFlags, type TemplateOptions } from '../template-flags.ts'

/** Declares `decapod template`. */
export function define(command: Command, cli: () => Cli, run: (work: Run) => void): void {
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
    .action((_args: string[], options: TemplateOptions, self: Command) => run(() => template(cli(), self, options)))
}

/** What helm refuses as well ends with its exit code, 1; what only decapod refuses is a matter of usage, 2. */
async function template(cli: Cli, command: Command, options: TemplateOptions): Promise<ExitCode> {
  const semantics = semanticsOf(options)
  let chart: Chart | undefined
  let args: readonly string[]
  try {
    args = acceptBooleanValues(command, command.args, options)
    checkDryRun(options, semantics)
  } catch (error) {
    if (!(error instanceof DecapodError) || cli.global.json) throw error
    return reportFailure(cli, error, chart, semantics, options)
  }
  refuseClusterFlags(options)
  try {
    const { name, reference } = nameAndChart(args, options)
    // As in helm, a chart that is not there is told before values that cannot be read.
    const load = await locateChart(cli, reference, semantics, options)
    const values = mergeUserValues(
      {
        files: options.values.map(file => readValues(cli, file)),
        set: options.set,
        setString: options.setString,
        setFile: options.setFile,
        setJson: options.setJson,
        setLiteral: options.setLiteral,
        readFile: file => (isStdin(file) ? readStdin() : readText(cli, file)),
      },
      semantics,
    )
    chart = await load()
    const rendered = renderChart(chart, {
      name,
      namespace: options.namespace || currentNamespace(cli.env, options),
      values,
      ...(options.kubeVersion ? { kubeVersion: options.kubeVersion } : {}),
      apiVersions: options.apiVersions,
      isUpgrade: options.isUpgrade,
      semantics,
      skipSchemaValidation: options.skipSchemaValidation,
      ports: machinePorts(),
      warn: message => cli.global.quiet || cli.stderr(`${message}\n`),
    })
    print(cli, rendered, name, semantics, options)
    return 0
  } catch (error) {
    if (!(error instanceof DecapodError) || cli.global.json) throw error
    return reportFailure(cli, error, chart, semantics, options)
  }
}

/** Helm's words first, for those who look for them; then the place, where there is one to show. */
function reportFailure(
  cli: Cli,
  error: DecapodError,
  chart: Chart | undefined,
  semantics: Semantics,
  options: TemplateOptions,
): ExitCode {
  if (error instanceof ManifestFailure && options.debug) {
    const shown = [...error.files].filter(([, text]) => trimSpace(text) !== '')
    cli.stdout(toBytes(`${trimSpace(shown.map(([path, text]) => formatDocument(path, text)).join(''))}\n`))
  }
  cli.stderr(`Error: ${helmMessage(error, semantics)}\n`)
  if (error.at?.line !== undefined) {
    cli.stderr('\n')
    printError(
      { ...cli, sourceLine: (file, line) => templateLine(chart, file, line) ?? cli.sourceLine(file, line) },
      error,
    )
  } else if (error.hint !== undefined) cli.stderr(`\n  hint: ${error.hint}\n`)
  return 1
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
    noHooks: !options.hooks,
    skipTests: options.skipTests,
    showOnly: options.showOnly,
  }
  if (!options.outputDir) {
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

function semanticsOf(options: TemplateOptions): Semantics {
  const { semantics } = options
  if (semantics === '3' || semantics === '4') return semantics === '3' ? 3 : 4
  throw new DecapodError('USAGE', `--semantics takes 3 or 4, not "${semantics}"`)
}

/** The release's name and the chart (install.go, NameAndChart). */
function nameAndChart(args: readonly string[], options: TemplateOptions): { name: string; reference: string } {
  const [first, second] = args
  if (first === undefined) {
    throw new DecapodError('USAGE', '"decapod template" requires at least 1 argument', {
      hint: 'decapod template [NAME] CHART',
    })
  }
  if (args.length > 2) {
    throw new DecapodError('USAGE', `expected at most two arguments, unexpected arguments: ${args.slice(2).join(', ')}`)
  }
  if (second !== undefined) {
    for (const [flag, given] of [
      ['--generate-name', options.generateName],
      ['--name-template', (options.nameTemplate ?? '') !== ''],
    ] as const) {
      if (given) throw new DecapodError('USAGE', `cannot set ${flag} and also specify a name`)
    }
    return { name: first, reference: second }
  }
  const { nameTemplate = '' } = options
  const name = nameTemplate === '' ? 'release-name' : renderName(nameTemplate, machinePorts())
  return { name, reference: first }
}

/** The values of --dry-run, and what each major says of another one. */
const dryRuns: readonly string[] = ['false', 'true', 'none', 'client', 'server']

function checkDryRun({ dryRun }: TemplateOptions, semantics: Semantics): void {
  if (dryRun === undefined || dryRuns.includes(String(dryRun))) return
  throw new DecapodError(
    'USAGE',
    semantics === 4
      ? `invalid dry-run value (${JSON.stringify(dryRun)}). Must be "none", "server", or "client"`
      : 'Invalid dry-run flag. Flag must one of the following: false, true, none, client, server',
  )
}

function refuseClusterFlags(options: TemplateOptions): void {
  const refuse = (flag: string, why: string): never => {
    throw new DecapodError('USAGE', `${flag} is refused: ${why}`)
  }
  if (options.validate)
    refuse('--validate', 'decapod renders without a cluster; decapod validate checks schemas offline')
  if (['server', 'none', 'false'].includes(String(options.dryRun))) {
    refuse(`--dry-run=${String(options.dryRun)}`, 'decapod renders without a cluster')
  }
  if (options.postRenderer) {
    refuse('--post-renderer', 'decapod runs no foreign programs; patch the output with decapod build instead')
  }
  if (options.enableDns) refuse('--enable-dns', 'templates of decapod reach no network')
  if (options.verify) refuse('--verify', 'provenance files are not checked; decapod.lock pins charts by digest')
}

function readValues(cli: Cli, file: string): ValuesFile {
  if (isStdin(file)) return { file, text: readStdin() }
  return { file, text: readText(cli, file) }
}

const isStdin = (file: string): boolean => file.trim() === '-'

const readStdin = (): string => fromBytes(readFileSync(0))

function readText(cli: Cli, file: string): string {
  const path = resolve(cli.cwd, file)
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(file) && !existsSync(path)) {
    throw new DecapodError('USAGE', `${file} is refused: decapod template reads values from local files only`)
  }
  try {
    return fromBytes(readFileSync(path))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const reason =
      code === 'ENOENT' ? 'no such file or directory' : code === 'EISDIR' ? 'is a directory' : 'permission denied'
    const verb = code === 'EISDIR' ? 'read' : 'open'
    throw new DecapodError('FILE_NOT_FOUND', `${verb} ${file}: ${reason}`, { cause: error })
  }
}
