/** Options and ports that the commands about a workspace share. */
import { existsSync, statSync } from 'node:fs'
import { normalize, resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { DecapodError, DecapodErrors } from '../errors.ts'
import type { ChartTree } from '../io/chart-tree.ts'
import { chartReader, chartTrees } from '../io/charts.ts'
import { keyedRandom } from '../io/clock.ts'
import { diskTree } from '../io/fs.ts'
import { readLock, SourceStore } from '../io/source-store.ts'
import type { LoadedChart } from '../render/charts.ts'
import { kubeVersionPattern } from '../site/config.ts'
import { loadConfig, loadWorkspace, type Root, type Workspace } from '../site/workspace.ts'
import type { Source } from '../source.ts'
import type { CliPlace } from './cli.ts'
import { lockName, openCache } from './open-cache.ts'
import { openRenders, type Renders } from './open-renders.ts'

export interface WorkspaceOptions {
  readonly base?: string
  readonly sites?: string
  readonly charts?: string
  readonly out?: string
  /** false: nothing is taken from the cache of renders. */
  readonly cache?: boolean
}

export interface OpenWorkspace {
  readonly workspace: Workspace
  /** Absolute: where rendered sites are written. */
  readonly out: string
  /** A site's directory there, as the user knows it. */
  readonly outLabel: (site: string) => string
  /** Reads fetched charts; each is loaded once. */
  readonly chart: (source: Source) => LoadedChart
  /** The files of fetched charts, for helmCharts. */
  readonly chartTree: (source: Source) => ChartTree | undefined
  /** What was vendored or fetched. */
  readonly store: SourceStore
  readonly vendor: { readonly dir: string; readonly label: string }
  readonly lockFile: string
  /** Absolute: everything a render may read. */
  readonly places: {
    readonly roots: { readonly base: string; readonly sites: string }
    /** decapod.yaml, decapod.lock. */
    readonly files: readonly string[]
    readonly charts: readonly string[]
  }
  /** Where apps draw their randomness from; undefined for fresh. */
  readonly random: ReturnType<typeof keyedRandom>
  /** What was rendered before; undefined where it is not to be used. */
  readonly renders: Renders | undefined
}

/** Declares --base, --sites, --charts and --out. */
export function workspaceOptions(command: Command): Command {
  return command
    .option('--base <dir>', 'the base repository (default: base, or decapod.yaml)')
    .option('--sites <dir>', 'the site repository (default: sites, or decapod.yaml)')
    .option('--charts <dir>', 'charts on disk: charts.json, <chart>-<version>/ or .tgz')
    .option('--out <dir>', 'where rendered sites are written (default: rendered, or decapod.yaml)')
}

/** --placeholders, for commands that render. */
export function placeholdersOption(): Option {
  return new Option('--placeholders <mode>', 'what values left to fill in (CHANGEME …) are').choices([
    'error',
    'warn',
    'off',
  ])
}

/** Opens the workspace of the current directory. Throws DecapodErrors for a wrong decapod.yaml or missing directories. */
export function openWorkspace(cli: CliPlace, options: WorkspaceOptions): OpenWorkspace {
  const errors: DecapodError[] = []
  const config = loadConfig(rootAt(cli, '.'), errors)
  const base = rootAt(cli, options.base ?? config.base)
  const sites = rootAt(cli, options.sites ?? config.sites)
  const charts = options.charts ?? config.charts
  const missing = missingDirectories(cli, options, { base: base.label, sites: sites.label })
  errors.push(...missing)
  if (charts !== undefined && !isDirectory(resolve(cli.cwd, charts))) {
    const by = options.charts === undefined ? 'charts: of decapod.yaml' : '--charts'
    errors.push(new DecapodError('FILE_NOT_FOUND', notDirectory(cli, charts), { hint: `it is named by ${by}` }))
  }
  const out = options.out ?? config.out
  if (existsSync(resolve(cli.cwd, out)) && !isDirectory(resolve(cli.cwd, out))) {
    const hint = 'rendered sites are written there; --out names another directory'
    errors.push(new DecapodError('FILE_INVALID', notDirectory(cli, out), { hint }))
  }
  const project = rootAt(cli, '.')
  if (errors.length > 0) {
    // What is wrong with the other settings is of use as well.
    if (missing.length === 0) errors.push(...settingsErrors(loadWorkspace(config, { project, base, sites })))
    throw new DecapodErrors(errors)
  }
  const vendor = named(cli, config.vendor)
  const lockFile = resolve(cli.cwd, lockName)
  const store = new SourceStore(readLock(lockFile, lockName), vendor, openCache(cli))
  const places = { directories: [...(charts === undefined ? [] : [named(cli, charts)]), vendor], store }
  const renders = options.cache === false ? undefined : openRenders(cli, places)
  return {
    store,
    vendor,
    lockFile,
    workspace: loadWorkspace(config, { project, base, sites }),
    out: resolve(cli.cwd, out),
    outLabel: site => normalize(`${out}/${site}`),
    chart: chartReader(places, renders?.paths),
    chartTree: chartTrees(places),
    places: {
      roots: {
        base: named(cli, options.base ?? config.base).dir,
        sites: named(cli, options.sites ?? config.sites).dir,
      },
      files: [resolve(cli.cwd, 'decapod.yaml'), lockFile],
      charts: places.directories.map(({ dir }) => dir),
    },
    random: keyedRandom(cli.env),
    renders,
  }
}

/** What is not there of base and sites; in one sentence where the directory is no workspace at all. */
function missingDirectories(
  cli: CliPlace,
  options: WorkspaceOptions,
  dirs: { readonly base: string; readonly sites: string },
): DecapodError[] {
  const missing = (['base', 'sites'] as const).filter(name => !isDirectory(resolve(cli.cwd, dirs[name])))
  const here = options.base === undefined && options.sites === undefined
  const above = existsSync(resolve(cli.cwd, 'decapod.yaml')) ? undefined : workspaceAbove(cli.cwd)
  if (here && (missing.length === 2 || (missing.length === 1 && above !== undefined))) {
    const lacks = missing.length === 2 ? `neither ${dirs.base}/ nor ${dirs.sites}/` : `no ${dirs[missing[0]!]}/`
    return [
      new DecapodError('WORKSPACE_INVALID', `this is no workspace: it has ${lacks}`, {
        hint:
          above === undefined
            ? 'change to one, make one with decapod init, or name the directories with --base and --sites'
            : `there is one above: add --cwd ${above}`,
      }),
    ]
  }
  return missing.map(
    name =>
      new DecapodError('WORKSPACE_INVALID', notDirectory(cli, dirs[name]), {
        hint: `name the directory with --${name}, or in decapod.yaml`,
      }),
  )
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

function notDirectory(cli: CliPlace, dir: string): string {
  return existsSync(resolve(cli.cwd, dir))
    ? `${dir} is a file, and should be a directory`
    : `there is no directory ${dir}`
}

/** What is wrong with every site.yaml and group.yaml; the sites of a group share its errors. */
function settingsErrors({ sites }: Workspace): DecapodError[] {
  return [...new Set(sites.flatMap(site => site.errors))]
}

/** `..`, `../..` …: the nearest directory above with a decapod.yaml. */
function workspaceAbove(cwd: string): string | undefined {
  for (let up = '..', last = cwd; ; up = `${up}/..`) {
    const dir = resolve(cwd, up)
    if (dir === last) return undefined
    if (existsSync(resolve(dir, 'decapod.yaml'))) return up
    last = dir
  }
}

/** A directory and how the user named it. */
function named(cli: CliPlace, dir: string): { dir: string; label: string } {
  return { dir: resolve(cli.cwd, dir), label: normalize(dir).replace(/\/$/, '') }
}

/** A directory of the workspace: messages call its files as the user named it. */
function rootAt(cli: CliPlace, given: string): Root {
  const { dir, label } = named(cli, given)
  return { tree: diskTree(dir), label: label === '.' ? '' : label }
}

/** Parses --kube-version. */
export function parseKubeVersionOption(text: string): string {
  if (kubeVersionPattern.test(text)) return text
  throw new DecapodError('USAGE', `--kube-version takes a version such as 1.31.0, not "${text}"`)
}
