/** `decapod build`: a drop-in for `kustomize build`, with its flags and its bytes. */
import { statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { DecapodError, formatPosition } from '../../errors.ts'
import { diskTree } from '../../io/fs.ts'
import { type FetchedParts, withRemotes } from '../../io/kustomize-remotes.ts'
import { execPluginFinder, programRunner } from '../../io/program.ts'
import type { SourceStore } from '../../io/source-store.ts'
import type { Sources } from '../../io/sources.ts'
import { type BuildOptions, type BuildResult, buildKustomization } from '../../kustomize/build.ts'
import type { HelmPort } from '../../kustomize/generators/helm-charts.ts'
import type { LoadRestrictor } from '../../kustomize/load.ts'
import { fileNames, formatChunks, formatResource, formatResources } from '../../kustomize/output.ts'
import { parseRepoSpec } from '../../kustomize/repo-spec.ts'
import { formatSource, type Source } from '../../source.ts'
import { joinPath } from '../../tree.ts'
import type { Cli, ExitCode, Run } from '../cli.ts'

interface Options {
  readonly output?: string
  readonly loadRestrictor: LoadRestrictor
  readonly reorder?: 'legacy' | 'none'
  readonly enableManagedbyLabel?: boolean
  readonly enableAlphaPlugins?: boolean
  readonly enableExec?: boolean
  readonly network?: boolean
  readonly networkName?: string
  readonly mount?: string[]
  readonly env?: string[]
  readonly asCurrentUser?: boolean
  readonly helmKubeVersion?: string
  readonly helmApiVersions?: string[]
}

const collect = (value: string, before: string[] = []): string[] => [...before, value]

/** Declares `decapod build`. */
export function define(command: Command, cli: () => Cli, run: (work: Run) => void): void {
  command
    .argument('[dir]', 'directory of a kustomization, or URL of a git repository', '.')
    .option('-o, --output <path>', 'write to this file, or one file per object into this directory')
    .addOption(
      new Option('--load-restrictor <mode>', 'whether files outside a kustomization may be read')
        .choices(['LoadRestrictionsRootOnly', 'LoadRestrictionsNone'])
        .default('LoadRestrictionsRootOnly'),
    )
    .option('--enable-alpha-plugins', 'allow functions and exec plugins to be named')
    .option('--enable-exec', 'allow functions that are programs; not for configurations you do not trust')
    .option('-e, --env <entry>', 'environment variable for functions, repeatable', collect)
    .option('--network', 'allow the network to containers that ask for it')
    .option('--network-name <name>', 'the network containers then join', 'bridge')
    .option('--mount <options>', 'mount for containers, repeatable', collect)
    .option('--as-current-user', 'run containers as the current user')
    .option('--helm-kube-version <version>', 'Kubernetes version that charts see')
    .option('--helm-api-versions <version>', 'Kubernetes API version that charts see, repeatable', collect)
    // Accepted for the sake of scripts: charts are rendered by decapod itself, no flag and no helm is needed.
    .addOption(new Option('--enable-helm').hideHelp())
    .addOption(new Option('--helm-command <command>').hideHelp())
    .addOption(new Option('--helm-debug').hideHelp())
    .addOption(new Option('--stack-trace').hideHelp())
    .addOption(new Option('--reorder <order>').choices(['legacy', 'none']).hideHelp())
    .addOption(new Option('--enable-managedby-label').hideHelp())
    .addHelpText(
      'after',
      `
Examples:
  decapod build                       the kustomization in this directory
  decapod build overlays/production
  decapod build https://github.com/OWNER/REPOSITORY//overlays/prod?ref=v1.0.6

Prints what kustomize 5.8.2 prints, byte for byte. Charts of helmCharts are
rendered without any flag.
Exit codes: 0 built, 1 failed, 2 usage.`,
    )
    .action((dir: string, options: Options) => run(() => build(cli(), dir, options)))
}

async function build(cli: Cli, dir: string, options: Options): Promise<ExitCode> {
  if (options.reorder !== undefined) {
    cli.stderr("Flag --reorder has been deprecated, use the new 'sortOptions' field in kustomization.yaml instead.\n")
  }
  if (options.enableManagedbyLabel) {
    cli.stderr(
      'Flag --enable-managedby-label has been deprecated, The flag `enable-managedby-label` has been deprecated. ' +
        'Use the `managedByLabel` option in the `buildMetadata` field instead.\n',
    )
  }
  let warnings: string[] = []
  const printWarnings = (): void => {
    for (const line of warnings) cli.stderr(`${line}\n`)
    warnings = []
  }
  try {
    const result = await withRemotes({ env: cli.env, chart: chartFetcher(cli) }, parts => {
      // Only those of the last attempt count: what was missing before has been fetched.
      warnings = []
      return buildDirectory(cli, dir, options, parts, line => void warnings.push(line))
    })
    printWarnings()
    write(cli, result, options.output)
    return 0
  } catch (error) {
    printWarnings()
    if (!(error instanceof DecapodError) || cli.global.json) throw error
    cli.stderr(`Error: ${error.message}\n`)
    // What kustomize does not say comes below its own words.
    if (error.at !== undefined) cli.stderr(`  at ${formatPosition(error.at)}\n`)
    for (const note of error.notes) cli.stderr(`  ${note}\n`)
    if (error.hint !== undefined) cli.stderr(`  hint: ${error.hint}\n`)
    return 1
  }
}

function buildDirectory(
  cli: Cli,
  dir: string,
  options: Options,
  parts: FetchedParts,
  onWarning: (line: string) => void,
): BuildResult {
  if (dir === '') throw new DecapodError('FILE_NOT_FOUND', 'must build at directory: directory path cannot be empty')
  const settings = { ...buildOptions(cli, options, parts), onWarning }
  const spec = parseRepoSpec(dir)
  if (spec === undefined) return buildKustomization(diskTree(), resolve(cli.cwd, dir), settings)
  const tree = parts.remotes.repository(spec)
  if (tree === undefined) throw new DecapodError('REMOTE_UNRESOLVED', `'${dir}' has not been fetched`)
  // What comes out of a repository never reads beside it.
  return buildKustomization(tree, joinPath('/', spec.dir), { ...settings, loadRestrictor: 'LoadRestrictionsRootOnly' })
}

/**
 * Charts of repositories: those that a workspace here has vendored or locked, else as they are now. Unlike Kustomize,
 * nothing is written beside the kustomization.
 */
function chartFetcher(cli: Cli): (source: Source) => Promise<Uint8Array> {
  let opened: { readonly store: SourceStore; readonly sources: Sources } | undefined
  return async source => {
    // Few builds fetch charts; the others start without all that takes.
    const { lockName, openCache } = await import('../open-cache.ts')
    const { openSources } = await import('../open-sources.ts')
    const { readLock, SourceStore } = await import('../../io/source-store.ts')
    const cache = openCache(cli)
    opened ??= {
      store: new SourceStore(readLock(resolve(cli.cwd, lockName), lockName), named(cli, 'vendor'), cache),
      sources: openSources(cli, cache, { mirrors: {} }),
    }
    const stored = opened.store.read(source)
    if (stored !== undefined) return stored.bytes
    const { entry } = await opened.sources.fetch(source)
    const bytes = cache.read(entry.digest)
    if (bytes === undefined) throw new DecapodError('REMOTE_UNRESOLVED', `${formatSource(source)} left the cache`)
    return bytes
  }
}

type HelmEngine = typeof import('../../render/helm-charts.ts') &
  Pick<typeof import('../../io/clock.ts'), 'machinePorts'>
let helmEngine: HelmEngine | undefined

/** Helm's engine, loaded for the first chart: most builds have none and start in half the time without it. */
function lazyHelm({ chart, missing }: FetchedParts, versions: Pick<HelmPort, 'kubeVersion' | 'apiVersions'>): HelmPort {
  const engine = (): HelmEngine => {
    if (helmEngine !== undefined) return helmEngine
    throw missing('the Helm engine', async () => {
      const { machinePorts } = await import('../../io/clock.ts')
      helmEngine = { ...(await import('../../render/helm-charts.ts')), machinePorts }
    })
  }
  return {
    ...versions,
    find: reference => chart(engine().chartSource(reference)),
    inflate: request => engine().helmPort({ ports: engine().machinePorts() }).inflate(request),
  }
}

function named(cli: Cli, label: string): { readonly dir: string; readonly label: string } {
  return { dir: resolve(cli.cwd, label), label }
}

function buildOptions(cli: Cli, options: Options, parts: FetchedParts): BuildOptions {
  const { helmKubeVersion: kubeVersion, helmApiVersions: apiVersions, mount, env } = options
  return {
    remotes: parts.remotes,
    onlyPrinted: true,
    loadRestrictor: options.loadRestrictor,
    managedByLabel: options.enableManagedbyLabel ?? false,
    ...(options.reorder !== undefined && { reorder: options.reorder }),
    helm: lazyHelm(parts, {
      ...(kubeVersion !== undefined && { kubeVersion }),
      ...(apiVersions !== undefined && { apiVersions }),
    }),
    plugins: {
      alphaPlugins: options.enableAlphaPlugins ?? false,
      exec: options.enableExec ?? false,
      network: options.network ?? false,
      networkName: options.networkName ?? 'bridge',
      user: options.asCurrentUser ? `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}` : 'nobody',
      run: programRunner(cli.env, cli.stderr),
      findExecPlugin: execPluginFinder(cli.env),
      ...(mount !== undefined && { mounts: mount }),
      ...(env !== undefined && { env }),
    },
  }
}

function write(cli: Cli, { resources }: BuildResult, output: string | undefined): void {
  if (output === undefined || output === '') {
    for (const chunk of formatChunks(resources)) cli.stdout(chunk)
    return
  }
  const path = resolve(cli.cwd, output)
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
    for (const [name, resource] of fileNames(resources)) writeFileSync(join(path, name), formatResource(resource))
    return
  }
  const text = formatResources(resources)
  try {
    writeFileSync(path, text)
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    const why = code === 'ENOENT' ? 'no such file or directory' : code === 'EACCES' ? 'permission denied' : String(code)
    throw new DecapodError('FILE_INVALID', `open ${output}: ${why}`, { cause })
  }
}
