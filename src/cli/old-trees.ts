/** What a diff compares with: the rendered directory, a git revision of it, or any other directory. */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { DecapodError, nearest } from '../errors.ts'
import type { GitSettings } from '../io/git.ts'
import { commitOf, listTree, readTree, refNames, repositoryOf } from '../io/git-tree.ts'
import { readFiles } from '../io/output.ts'
import type { Cli } from './cli.ts'
import type { OpenWorkspace } from './open-workspace.ts'

export interface OldTrees {
  readonly kind: 'rendered' | 'directory' | 'revision'
  /** For people: "rendered", "main:rendered". */
  readonly label: string
  /** The sites of a revision; of a directory nobody knows what else lies in it. */
  readonly sites: readonly string[]
  /** A site's files; empty where there is none of that name. */
  readonly read: (site: string) => Promise<ReadonlyMap<string, Uint8Array>>
}

/**
 * The trees that `--against` names: an existing directory, else a revision. Throws FILE_NOT_FOUND saying what is missing
 * (no such revision, no repository, nothing rendered in it).
 */
export async function oldTrees(cli: Cli, open: OpenWorkspace, against: string | undefined): Promise<OldTrees> {
  const shown = relative(cli.cwd, open.out) || '.'
  if (against === undefined) return directory('rendered', shown, open.out)
  const dir = resolve(cli.cwd, against)
  const stat = statSync(dir, { throwIfNoEntry: false })
  if (stat?.isDirectory()) return directory('directory', against.replace(/\/+$/, ''), dir)
  if (stat !== undefined && against.includes('/')) {
    throw new DecapodError('FILE_NOT_FOUND', `${against} is a file, not a directory`, {
      hint: 'name the directory that holds the sites',
    })
  }
  return revision(cli, open.out, shown, against)
}

function directory(kind: 'rendered' | 'directory', label: string, dir: string): OldTrees {
  return { kind, label, sites: [], read: async site => readFiles(join(dir, site)) }
}

async function revision(cli: Cli, out: string, shown: string, name: string): Promise<OldTrees> {
  const settings: GitSettings = { env: cli.env }
  // The rendered directory may be a repository of its own.
  const start = existsSync(out) ? out : cli.cwd
  const place = await repositoryOf(settings, start)
  if (place === undefined) {
    throw new DecapodError('FILE_NOT_FOUND', `there is no directory ${name}, and no git repository here either`, {
      hint: '--against takes a directory that holds rendered sites, or a git revision',
    })
  }
  const commit = await commitOf(settings, place.root, name)
  if (commit === undefined) {
    const near = nearest(name, [...(await refNames(settings, place.root)), ...directories(cli.cwd)])
    throw new DecapodError('FILE_NOT_FOUND', `"${name}" is neither a directory nor a git revision`, {
      hint: near === undefined ? 'git branch --all lists what there is' : `did you mean "${near}"?`,
    })
  }
  const path = join(place.path, relative(start, out)).replace(/^\.$/, '')
  const all = path.startsWith('..') ? new Map<string, string>() : await listTree(settings, place.root, commit, path)
  if (all.size === 0) {
    throw new DecapodError('FILE_NOT_FOUND', `revision ${name} has no ${shown}/`, {
      notes: ['what it renders to was never committed there'],
      hint: `render it beside: git worktree add ../old ${name} && decapod render --all --cwd ../old, then diff --against ../old/${shown}`,
    })
  }
  const bySite = new Map<string, Map<string, string>>()
  for (const [file, id] of all) {
    const slash = file.indexOf('/')
    if (slash === -1) continue
    const site = file.slice(0, slash)
    const files = bySite.get(site) ?? new Map<string, string>()
    bySite.set(site, files.set(file.slice(slash + 1), id))
  }
  return {
    kind: 'revision',
    label: `${name}:${shown}`,
    sites: [...bySite.keys()],
    read: site => readTree(settings, place.root, bySite.get(site) ?? new Map()),
  }
}

function directories(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(entry => entry.name)
}
