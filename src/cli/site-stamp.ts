/**
 * What a render of a whole site came to, under the digest of everything it could read and of the output it left. As long
 * as all of that is as it was, the next render would come to the same: it is told without composing anything.
 */
import { hash } from 'node:crypto'
import { resolve } from 'node:path'
import type { TreeChange } from '../io/output.ts'
import { digestOfFiles } from '../io/path-digest.ts'
import { errorOfPlain, type PlainError, plainError } from '../render/errors.ts'
import type { RenderSettings, SiteResult } from '../render/pipeline.ts'
import type { Site } from '../site/workspace.ts'
import type { Renders } from './open-renders.ts'
import type { OpenWorkspace } from './open-workspace.ts'

/** What is told of a site's render. */
export type SiteReport = Pick<SiteResult, 'site' | 'apps' | 'failures' | 'warnings'>

/** A report, and what writing the site came to; undefined where it was not written. */
export interface Outcome {
  readonly report: SiteReport
  readonly change: TreeChange | undefined
}

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
    return outcomeOf(entry, site)
  }

  /** Notes what the next render comes to after this one, which left the site with these files. */
  write(site: Site, outcome: Outcome, files: ReadonlyMap<string, Uint8Array>): void {
    const before = this.inputs(site, 'known')
    // What changed while it was read may be in the output or not.
    if (before === undefined || this.inputs(site, 'now') !== before || this.renders.paths.isUnstable) return
    const { report, change } = outcome
    const isWritten = change !== undefined && !this.manner.dryRun
    const next = isWritten ? { added: [], changed: [], removed: [], unchanged: files.size } : change
    this.renders.cache.write(keyOf(before), format({ report, change: next }, digestOfFiles(files)))
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

function keyOf(inputs: string): string {
  return hash('sha256', `site ${inputs}`, 'hex')
}

interface Entry {
  /** The digest of the output it left. */
  readonly output: string
  readonly apps: SiteReport['apps']
  readonly failures: readonly { site: string; group?: string; app?: string; error: PlainError }[]
  readonly warnings: readonly PlainError[]
  /** Absent where nothing was written. */
  readonly change?: TreeChange
}

function format({ report, change }: Outcome, output: string): Buffer {
  const { apps, warnings } = report
  const failures = report.failures.map(failure => ({ ...failure, error: plainError(failure.error) }))
  return Buffer.from(JSON.stringify({ output, apps, failures, warnings: warnings.map(plainError), change }), 'utf8')
}

function outcomeOf({ apps, failures, warnings, change }: Entry, site: Site): Outcome {
  return {
    report: {
      site,
      apps,
      failures: failures.map(f => ({ site: f.site, group: f.group, app: f.app, error: errorOfPlain(f.error) })),
      warnings: warnings.map(errorOfPlain),
    },
    change,
  }
}
