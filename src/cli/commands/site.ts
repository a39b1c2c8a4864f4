import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import type { Command } from 'commander'
import { DecapodError } from '../../errors.ts'
import { removeTree } from '../../io/output.ts'
import { newSiteFiles } from '../../site/new-site.ts'
import { findSite } from '../../site/plan.ts'
import type { Cli, ExitCode, Run } from '../cli.ts'
import { openWorkspace, type WorkspaceOptions, workspaceOptions } from '../open-workspace.ts'
import { count } from '../report.ts'

interface NewOptions extends WorkspaceOptions {
  readonly from?: string
}

interface DeleteOptions extends WorkspaceOptions {
  readonly yes?: boolean
}

/** Declares `decapod site new` and `decapod site delete`. */
export function define(command: Command, cli: () => Cli, run: (work: Run) => void): void {
  command.addHelpText(
    'after',
    `
Examples:
  decapod site new busan --from site-y        as site-y
  decapod site delete busan                   says what would go`,
  )
  workspaceOptions(command.command('new').description('make a site').argument('<name>', 'the name of the new site'))
    .option('--from <site>', 'copy this site, its name replaced by the new one')
    .addHelpText(
      'after',
      `
Without --from the site uses every group of the base, and every variable that
has no value is listed as CHANGEME: \`decapod render\` then names each that is
still to be filled in, with file and line.

Examples:
  decapod site new busan                      all groups, values to fill in
  decapod site new busan --from site-y        as site-y`,
    )
    .action((name: string, options: NewOptions) => run(() => newSite(cli(), name, options)))
  workspaceOptions(
    command.command('delete').description('remove a site from the workspace').argument('<site>', 'the site'),
  )
    .option('--yes', 'remove it; without this only say what would be removed')
    .addHelpText(
      'after',
      `
Removes the site's own files and what was rendered from them. Nothing is deleted
in a cluster: do that first, with the teardown workflow.

Examples:
  decapod workflow teardown busan | argo submit --watch -
  decapod site delete busan                   says what would go
  decapod site delete busan --yes`,
    )
    .action((name: string, options: DeleteOptions) => run(() => deleteSite(cli(), name, options)))
}

/** Names become directories, and objects in Kubernetes. */
const siteName = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/

function newSite(cli: Cli, name: string, options: NewOptions): ExitCode {
  if (!siteName.test(name)) {
    throw new DecapodError('USAGE', `"${name}" cannot be the name of a site`, {
      hint: 'lower-case letters, digits and "-", beginning and ending with a letter or digit',
    })
  }
  const { workspace } = openWorkspace(cli, options)
  const sites = options.sites ?? workspace.config.sites
  const dir = join(sites, name)
  if (existsSync(resolve(cli.cwd, dir))) {
    throw new DecapodError('OUTPUT_CONFLICT', `${dir} is there already`, { hint: 'choose another name' })
  }
  const files =
    options.from === undefined
      ? newSiteFiles(workspace.roots.base.tree, name)
      : copiedFiles(resolve(cli.cwd, sites, findSite(workspace, options.from).name), options.from, name)
  for (const [file, text] of files) {
    const path = resolve(cli.cwd, dir, file)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text, { flag: 'wx' })
    if (!cli.global.quiet && !cli.global.json) cli.stdout(`${join(dir, file)}\n`)
  }
  if (cli.global.json) cli.stdout(`${JSON.stringify({ files: [...files.keys()].map(file => join(dir, file)) })}\n`)
  else if (!cli.global.quiet) cli.stderr(`Next: look at ${join(dir, 'site.yaml')}, then decapod render ${name}\n`)
  return 0
}

/** The files of a site with its name replaced wherever it stands as a word of its own: `site-x.example.com`, `c: site-x`. */
function copiedFiles(dir: string, from: string, to: string): Map<string, Uint8Array | string> {
  const name = new RegExp(`(?<![A-Za-z0-9-])${from.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![A-Za-z0-9-])`, 'g')
  const files = new Map<string, Uint8Array | string>()
  for (const path of filesBelow(dir)) {
    const bytes = readFileSync(path)
    // What is no text is copied as it is.
    files.set(relative(dir, path), bytes.includes(0) ? bytes : bytes.toString('utf8').replace(name, to))
  }
  return files
}

function* filesBelow(dir: string): Generator<string> {
  for (const entry of readdirSync(dir, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(dir, entry.name)
    if (entry.isDirectory()) yield* filesBelow(path)
    else if (entry.isFile()) yield path
  }
}

function deleteSite(cli: Cli, given: string, options: DeleteOptions): ExitCode {
  const { workspace, out } = openWorkspace(cli, options)
  const { name } = findSite(workspace, given)
  const sites = options.sites ?? workspace.config.sites
  const own = resolve(cli.cwd, sites, name)
  const rendered = resolve(out, name)
  const workflows = resolve(cli.cwd, workspace.config.workflows, name)
  const going = [own, rendered, workflows].filter(dir => existsSync(dir))
  if (cli.global.json) {
    if (options.yes === true) removeSite(out, name, [own, workflows])
    cli.stdout(
      `${JSON.stringify({ removed: options.yes === true, directories: going.map(dir => relative(cli.cwd, dir)) })}\n`,
    )
    return 0
  }
  const lines = going.map(dir => `${relative(cli.cwd, dir)}: ${count([...filesBelow(dir)].length, 'file')}`)
  if (options.yes !== true) {
    cli.stdout(lines.map(line => `would remove ${line}\n`).join(''))
    cli.stderr(
      `Nothing was removed. What runs in the cluster is not touched by this; take it down first:\n` +
        `  decapod workflow teardown ${name} | argo submit --watch -\n` +
        `  decapod site delete ${name} --yes\n`,
    )
    return 0
  }
  removeSite(out, name, [own, workflows])
  if (!cli.global.quiet) cli.stdout(lines.map(line => `removed ${line}\n`).join(''))
  return 0
}

function removeSite(out: string, name: string, dirs: readonly string[]): void {
  removeTree(out, name)
  for (const dir of dirs) rmSync(dir, { recursive: true, force: true })
}
