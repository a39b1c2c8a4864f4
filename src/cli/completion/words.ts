/** What may stand where the cursor is, as far as only the workspace knows it: sites, groups, apps. */
import type { Command } from 'commander'
import { DecapodError, DecapodErrors } from '../../errors.ts'
import { composeSiteGroup } from '../../render/compose.ts'
import { plannedApps } from '../../render/deliver.ts'
import type { Site, SiteGroup, Workspace } from '../../site/workspace.ts'
import type { Cli } from '../cli.ts'
import { openWorkspace } from '../open-workspace.ts'
import { argumentKind, type Wanted } from './argument-kind.ts'

/**
 * The candidates for the last of the words of a command line (what stands after "decapod"). `command` is the one they
 * name. Empty where nothing of the workspace is wanted, or where there is no workspace: completion is never loud.
 */
export function workspaceWords(cli: Cli, command: Command, words: readonly string[]): string[] {
  const given = readWords(command, words.slice(0, -1))
  const current = words.at(-1) ?? ''
  const argument = argumentAt(command, given.positional.length)
  if (argument === undefined) return []
  try {
    const cwd = given.values.get('cwd')
    const { workspace } = openWorkspace(cwd === undefined ? cli : { ...cli, cwd: `${cli.cwd}/${cwd}` }, {
      ...optional('base', given.values.get('base')),
      ...optional('sites', given.values.get('sites')),
    })
    const found = wordsFor(workspace, argument, given.positional, current)
    return found.filter(word => word.startsWith(current))
  } catch (error) {
    if (error instanceof DecapodError || error instanceof DecapodErrors) return []
    throw error
  }
}

interface GivenWords {
  readonly positional: readonly string[]
  /** Long options with a value, by name without dashes. */
  readonly values: ReadonlyMap<string, string>
}

/** Tells arguments from options; the command's own name comes first and is dropped. */
function readWords(command: Command, words: readonly string[]): GivenWords {
  const valued = new Set(['--cwd', '--color', '--jobs'])
  for (const option of command.options) {
    if (!option.isBoolean()) for (const flag of [option.long, option.short]) if (flag != null) valued.add(flag)
  }
  const positional: string[] = []
  const values = new Map<string, string>()
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!
    if (!word.startsWith('-')) positional.push(word)
    else if (valued.has(word)) values.set(word.replace(/^-+/, ''), words[++i] ?? '')
    else if (word.includes('=')) values.set(word.slice(2, word.indexOf('=')), word.slice(word.indexOf('=') + 1))
  }
  return { positional: positional.slice(depth(command)), values }
}

/** How many words name the command: `site delete` is two. */
function depth(command: Command): number {
  return command.parent === null ? 0 : 1 + depth(command.parent)
}

/** What the n-th argument of a command is. */
function argumentAt(command: Command, n: number): Wanted | undefined {
  const { registeredArguments } = command
  const last = registeredArguments.at(-1)
  const argument = registeredArguments[n] ?? (last?.variadic === true ? last : undefined)
  return argument === undefined ? undefined : argumentKind(argument.name())
}

function wordsFor(
  workspace: Workspace,
  wanted: Wanted,
  positional: readonly string[],
  current: string,
): readonly string[] {
  if (wanted === 'app') {
    const site = workspace.sites.find(s => s.name === positional[0])
    return site === undefined ? [] : belowSite(workspace, site, current, false)
  }
  const [name = '', ...rest] = current.split('/')
  const site = workspace.sites.find(s => s.name === name)
  if (wanted === 'site' || rest.length === 0 || site === undefined) return workspace.sites.map(s => s.name)
  return belowSite(workspace, site, rest.join('/'), true).map(word => `${name}/${word}`)
}

/** Groups of a site, or `group/app` once a group is named; at once where a group alone is no answer. */
function belowSite(workspace: Workspace, site: Site, current: string, groupsToo: boolean): string[] {
  const [name = '', app] = current.split('/')
  if (app === undefined && groupsToo) return site.groups.map(group => group.name)
  return site.groups
    .filter(group => (app === undefined ? group.name.startsWith(name) : group.name === name))
    .flatMap(group => appsOf(workspace, site, group))
}

function appsOf(workspace: Workspace, site: Site, group: SiteGroup): string[] {
  const composed = composeSiteGroup(workspace, site, group, { placeholders: { mode: 'off', markers: [] } })
  return plannedApps(composed).map(app => `${group.name}/${app.name}`)
}

/** An option for exactOptionalPropertyTypes: absent where it was not given. */
function optional<K extends string>(key: K, value: string | undefined): Partial<Record<K, string>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, string>)
}
