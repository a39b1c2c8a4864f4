import { existsSync, readFileSync } from 'node:fs'
import { type Command, Option } from 'commander'
import { DecapodError } from '../../errors.ts'
import type { Mirrors } from '../../mirrors.ts'
import { neededImages } from '../../render/images.ts'
import type { SiteResult } from '../../render/pipeline.ts'
import { selectUnits } from '../../site/plan.ts'
import type { Site } from '../../site/workspace.ts'
import type { PlaceholderMode } from '../../values/placeholders.ts'
import type { Cli, ExitCode, Run } from '../cli.ts'
import { lockImages } from '../lock-images.ts'
import { openRegistries } from '../open-registry.ts'
import { writeLock } from '../open-sources.ts'
import {
  type OpenWorkspace,
  openWorkspace,
  parseKubeVersionOption,
  placeholdersOption,
  type WorkspaceOptions,
  workspaceOptions,
} from '../open-workspace.ts'
import { SelectionRenderer } from '../render-selection.ts'
import { count, problemData } from '../report.ts'
import { imagesCsv, imagesData, imagesSkopeo, imagesText, type ListedSite } from '../reporters/images.ts'

interface Options extends WorkspaceOptions {
  readonly all?: true
  readonly kubeVersion?: string
  readonly placeholders?: PlaceholderMode
  readonly format: 'text' | 'skopeo' | 'csv'
  readonly lock?: true
  readonly update?: true
}

/** Declares `decapod images`. */
export function define(command: Command, cli: () => Cli, run: (work: Run) => void): void {
  workspaceOptions(command.argument('[selector...]', 'SITE, SITE/GROUP or SITE/GROUP/APP'))
    .option('--all', 'every site')
    .addOption(
      new Option('--format <format>', 'for people, for skopeo sync, or a table')
        .choices(['text', 'skopeo', 'csv'])
        .default('text'),
    )
    .option('--lock', 'ask registries for the digests and pin them in decapod.lock')
    .option('--update', 'with --lock: also those that are pinned')
    .option('--kube-version <version>', 'Kubernetes version to render for', parseKubeVersionOption)
    .addOption(placeholdersOption())
    .addHelpText(
      'after',
      `
Examples:
  decapod images site-z                        what its objects run, and where
  decapod images --all --lock                  pin every image by its digest
  decapod images site-z --format skopeo > images.yaml
  skopeo sync --src yaml --dest docker images.yaml registry.example.com/mirror

Exit codes: 0 listed, 1 something did not render (the rest is listed), 2 usage.`,
    )
    .action((selectors: string[], options: Options) => run(() => images(cli(), selectors, options)))
}

async function images(cli: Cli, selectors: readonly string[], options: Options): Promise<ExitCode> {
  if (options.update && !options.lock) throw new DecapodError('USAGE', '--update goes with --lock')
  const open = openWorkspace(cli, options)
  const selections = selectUnits(open.workspace, selectors, options.all === true)
  const { kubeVersion, placeholders } = options
  const renderer = new SelectionRenderer(cli, open, { kubeVersion, placeholders, images: 'listed' }, selections.length)
  const results = selections.map(selection => renderer.render(selection))
  for (const result of results) renderer.printProblems(result)
  const failed = results.some(({ failures }) => failures.length > 0)
  if (options.lock) return await lock(cli, open, results, options, failed)
  print(cli, open, results, options)
  return failed ? 1 : 0
}

function print(cli: Cli, { workspace }: OpenWorkspace, results: readonly SiteResult[], options: Options): void {
  const listed = results.map(({ site, images: found }): ListedSite => {
    const { airgapped, pinDigests, mirrors } = site.settings
    const mirrored = Object.keys({ ...workspace.config.mirrors, ...mirrors }).length > 0
    return { site: site.name, airgapped, pinDigests, mirrored, images: found! }
  })
  if (cli.global.json) {
    const sites = listed.map((site, i) => ({
      ...imagesData(site),
      failures: results[i]!.failures.map(({ group, app, error }) => ({ group, app, ...problemData(error) })),
    }))
    cli.stdout(`${JSON.stringify({ sites })}\n`)
  } else if (options.format === 'skopeo') cli.stdout(imagesSkopeo(listed))
  else if (options.format === 'csv') cli.stdout(imagesCsv(listed))
  else cli.stdout(listed.map(site => imagesText(site, cli.columns)).join('\n'))
}

/** Pins the confirmed images; what did not render keeps what it had. */
async function lock(
  cli: Cli,
  { workspace, store, lockFile }: OpenWorkspace,
  results: readonly SiteResult[],
  options: Options,
  failed: boolean,
): Promise<ExitCode> {
  const needed = neededImages(results.map(({ site, images: found }) => ({ site: site.name, images: found! })))
  const whole = options.all === true && !failed
  const { lock: next, asked } = await lockImages(store.lock, needed, {
    registry: openRegistries(cli, () => false),
    mirrors: mirrorsFrom(
      workspace.config.mirrors,
      results.map(({ site }) => site),
    ),
    ...{ update: options.update === true, whole, jobs: cli.global.jobs ?? 8 },
  })
  const changed = writeLock(cli, existsSync(lockFile) ? readFileSync(lockFile, 'utf8') : undefined, next)
  if (cli.global.json) cli.stdout(`${JSON.stringify({ images: needed.length, asked, changed })}\n`)
  else {
    const state = changed ? 'written' : 'is up to date'
    cli.stdout(`decapod.lock ${state}: ${count(needed.length, 'image')}, ${asked} asked for\n`)
  }
  return failed ? 1 : 0
}

/** As when fetching: decapod.yaml's mirrors, and those of a site looked at alone. */
function mirrorsFrom(common: Mirrors, sites: readonly Site[]): Mirrors {
  return sites.length === 1 ? { ...common, ...sites[0]!.settings.mirrors } : common
}
