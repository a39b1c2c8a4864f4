/**
 * What a render of a whole site came to, under the digest of everything it could read and of the output it left. As long
 * as all of that is as it was, the next render would come to the same: it is told without composing anything.
 */
import { hash } from 'node:crypto'
import { resolve } from 'node:path'
import { digestOfFiles } from '../io/path-digest.ts'
import type { RenderSettings } from '../render/pipeline.ts'
import type { Site } from '../site/workspace.ts'
import type { Renders } from './open-renders.ts'
import type { OpenWorkspace } from './open-workspace.ts'
import { type Outcome, outcomeOfPlain, type PlainOutcome, plainOutcome } from './site-outcome.ts'

/** How a site is rendered: the settings of the pipeline, and what else decides what is written and told. */
export interface Manner extends RenderSettings {
  readonly dryRun: boolean
  readonly keepGoing: boolean
}

export class SiteStamps {
  private readonly renders: Renders
  private readonly open: OpenWorkspace
  private readonly manner: Manner

  constructor(renders: Renders, open: OpenWorkspace, manner: Manner) {
    this.renders = renders
    this.open = open
    this.manner = manner
  }

  /** What the last render of the site came to, if nothing changed since. */
  read(site: Site): Outcome | undefined {
    const inputs = this.inputs(site, 'known')
    const bytes = inputs === undefined ? undefined : this.renders.cache.read(keyOf(inputs))
    if (bytes === undefined) return undefined
    const entry = JSON.parse(bytes.toString('utf8')) as Entry
    // The output is read for what would be taken, and only then: it is large, and its times are those of the last render.
    if (this.renders.paths.digest(resolve(this.open.out, site.name)) !== entry.output) return undefined
    return outcomeOfPlain(entry, site)
  }

  /** Looks at what the site is rendered from: a change of it after this is not taken for what was rendered. */
  look(site: Site): void {
    this.inputs(site, 'known')
  }

  /** Notes what the next render comes to after this one, which left the site with these files. It was looked at before. */
  write(site: Site, outcome: Outcome, files: ReadonlyMap<string, Uint8Array>): void {
    const before = this.inputs(site, 'known')
    // What changed while it was read may be in the output or not.
    if (before === undefined || this.inputs(site, 'now') !== before || this.renders.paths.isUnstable) return
    const { report, change } = outcome
    const isWritten = change !== undefined && !this.manner.dryRun
    const next = isWritten ? { added: [], changed: [], removed: [], unchanged: files.size } : change
    const entry: Entry = { output: digestOfFiles(files), ...plainOutcome({ report, change: next }) }
    this.renders.cache.write(keyOf(before), Buffer.from(JSON.stringify(entry), 'utf8'))
  }

  /** Everything that a render of the site could read. Charts that were fetched are looked at again where they are read. */
  private inputs(site: Site, when: 'known' | 'now'): string | undefined {
    const { roots, files, charts } = this.open.places
    const own = [...files, roots.base, ...[site.name, ...site.settings.layers].map(dir => resolve(roots.sites, dir))]
    const digests = [
      ...own.map(path => this.renders.paths.digest(path, when)),
      ...charts.map(path => this.renders.paths.identity(path)),
    ]
    if (digests.includes(undefined)) return undefined
    const { engine } = this.renders.port
    const { base, sites } = this.open.workspace.roots
    const names = [base.label, sites.label, this.open.out, site.name]
    return JSON.stringify([engine, names, this.manner, own, charts, digests])
  }
}

/** Undefined where nothing is cached. */
export function siteStamps(open: OpenWorkspace, manner: Manner): SiteStamps | undefined {
  return open.renders === undefined ? undefined : new SiteStamps(open.renders, open, manner)
}

function keyOf(inputs: string): string {
  return hash('sha256', `site ${inputs}`, 'hex')
}

interface Entry extends PlainOutcome {
  /** The digest of the output it left. */
  readonly output: string
}
