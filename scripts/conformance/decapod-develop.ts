/**
 * The original's repositories at their last state: every site and group is composed (no chart is rendered), once with
 * CHANGEME as the only marker and once with the default ones; what fails is counted, and listed with its place.
 * `npm run conformance -- decapod-develop --dir DIR`.
 */

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { DecapodError, formatPosition } from '../../src/errors.ts'
import { diskTree } from '../../src/io/fs.ts'
import { composeSiteGroup } from '../../src/render/compose.ts'
import { parseConfig } from '../../src/site/config.ts'
import { loadWorkspace, type Root, type Workspace } from '../../src/site/workspace.ts'
import { defaultMarkers } from '../../src/values/placeholders.ts'

/** The two repositories and the commits that were measured. */
const repositories = {
  base: { name: 'openinfradev/decapod-base-yaml', commit: '970ffd2' },
  sites: { name: 'openinfradev/decapod-site', commit: 'e56000c' },
} as const

type RepositoryName = keyof typeof repositories

/** What spec/decapod.md and the issue record of this state. */
const expected = {
  sites: 9,
  pairs: 51,
  releases: 397,
  changeme: { load: 34, placeholder: 9, undefinedVariable: 8 },
  all: { load: 27, placeholder: 16, undefinedVariable: 8 },
}

interface Figures {
  load: number
  placeholder: number
  undefinedVariable: number
}

const usage = `usage: npm run conformance -- decapod-develop --dir DIR [--quiet]
  --dir DIR   holds base (decapod-base-yaml 970ffd2) and sites (decapod-site e56000c), or git mirrors of the two,
              named openinfradev+decapod-base-yaml or openinfradev/decapod-base-yaml, to lay them out from
  --quiet     the figures alone, not each failure`

/** Composes, counts and prints. 0: the figures are those recorded. */
export function run(args: string[]): number {
  const { values } = parseArgs({
    args,
    options: {
      dir: { type: 'string' },
      quiet: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help || values.dir === undefined) {
    console.error(usage)
    return values.help ? 0 : 2
  }
  const dir = resolve(values.dir)
  const laidOut = ['base', 'sites'].every(name => existsSync(join(dir, name)))
  const scratch = laidOut ? undefined : mkdtempSync(join(tmpdir(), 'decapod-develop-'))
  try {
    if (scratch !== undefined) for (const name of ['base', 'sites'] as const) layOut(dir, name, scratch)
    return report(openDevelop(scratch ?? dir), values.quiet)
  } finally {
    if (scratch !== undefined) rmSync(scratch, { recursive: true })
  }
}

/** Extracts a repository's commit from its mirror below `mirrors` to `<into>/<name>`. */
function layOut(mirrors: string, name: RepositoryName, into: string): void {
  const { name: repository, commit } = repositories[name]
  const places = [repository.replace('/', '+'), repository].flatMap(path => [join(path, 'repo'), path])
  const mirror = places.map(path => join(mirrors, path)).find(path => existsSync(path))
  if (mirror === undefined) {
    throw new DecapodError('FILE_NOT_FOUND', `${mirrors} holds neither ${name} nor a mirror of ${repository}`)
  }
  const archive = execFileSync('git', ['-C', mirror, 'archive', commit], { maxBuffer: 1 << 28 })
  mkdirSync(join(into, name))
  execFileSync('tar', ['-x', '-C', join(into, name)], { input: archive })
}

/** Files are called by repository and commit: where they were laid out is of no use afterwards. */
function openDevelop(dir: string): Workspace {
  const config = parseConfig(undefined, 'decapod.yaml', []).settings
  const root = (name: RepositoryName): Root => {
    const { name: repository, commit } = repositories[name]
    return { tree: diskTree(join(dir, name)), label: `${repository.replace(/^.*\//, '')}@${commit}` }
  }
  const project = { tree: diskTree(dir), label: '' }
  return loadWorkspace(config, { project, base: root('base'), sites: root('sites') })
}

function report(workspace: Workspace, quiet: boolean): number {
  const pairs = workspace.sites.flatMap(site => site.groups.map(group => ({ site, group })))
  let releases = 0
  const measure = (markers: readonly string[], tell?: (error: DecapodError) => void): Figures => {
    const figures: Figures = { load: 0, placeholder: 0, undefinedVariable: 0 }
    releases = 0
    for (const { site, group } of pairs) {
      const composed = composeSiteGroup(workspace, site, group, { placeholders: { mode: 'error', markers } })
      releases += composed.releases.length
      const codes = new Set(composed.errors.map(error => error.code))
      if (codes.size === 0) figures.load++
      // A pair counts once, by what keeps it from loading at all.
      else if (codes.has('VARIABLE_UNDEFINED')) figures.undefinedVariable++
      else if (codes.has('PLACEHOLDER')) figures.placeholder++
      if (tell !== undefined) composed.errors.forEach(tell)
    }
    return figures
  }
  const changeme = measure(['CHANGEME'])
  const all = measure(defaultMarkers, quiet ? undefined : printError)
  console.log(`${workspace.sites.length} sites, ${pairs.length} pairs of site and group, ${releases} releases`)
  const line = (name: string, f: Figures): void => {
    const failed = pairs.length - f.load
    const why = `${f.placeholder} by placeholder, ${f.undefinedVariable} by undefined variables`
    console.log(`${name.padEnd(16)} ${f.load} load, ${failed} fail: ${why}`)
  }
  line('CHANGEME only', changeme)
  line('default markers', all)
  const got = { sites: workspace.sites.length, pairs: pairs.length, releases, changeme, all }
  return JSON.stringify(got) === JSON.stringify(expected) ? 0 : 1
}

function printError(error: DecapodError): void {
  const at = error.at === undefined ? '' : `${formatPosition(error.at)}: `
  console.log(`${at}${error.code} ${error.message}`)
}
