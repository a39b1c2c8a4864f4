/**
 * The original's repositories at their last state: every site and group is composed (no chart is rendered), once with
 * CHANGEME as the only marker and once with the default ones, and what fails is counted and listed.
 * `npm run conformance -- decapod-develop --dir DIR`, DIR holding `base` (970ffd2) and `sites` (e56000c).
 */
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { formatPosition } from '../../src/errors.ts'
import { defaultMarkers } from '../../src/placeholders.ts'
import { composeSiteGroup } from '../../src/render/compose.ts'
import { openReference } from './decapod-reference.ts'

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

const usage = `usage: npm run conformance -- decapod-develop --dir DIR [--verbose]
  --dir DIR   holds base (decapod-base-yaml 970ffd2) and sites (decapod-site e56000c)`

/** Composes, counts and prints. 0: the figures are those recorded. */
export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      dir: { type: 'string' },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help || values.dir === undefined) {
    console.error(usage)
    return values.help ? 0 : 2
  }
  const workspace = openReference(resolve(values.dir))
  const pairs = workspace.sites.flatMap(site => site.groups.map(group => ({ site, group })))
  let releases = 0
  const measure = (markers: readonly string[], print: boolean): Figures => {
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
      if (!print) continue
      for (const error of composed.errors) {
        const at = error.at === undefined ? '' : `${formatPosition(error.at)}: `
        console.log(`${at}${error.code} ${error.message}`)
      }
    }
    return figures
  }
  const changeme = measure(['CHANGEME'], false)
  const all = measure(defaultMarkers, values.verbose)
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
