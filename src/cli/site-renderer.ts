/** Rendering and writing sites for `decapod render`. Apart from the command, for a render that changes nothing needs none of it. */
import { resolve } from 'node:path'
import { ticks } from '../io/clock.ts'
import { compareFiles, readFiles, replaceTree, type TreeChange } from '../io/output.ts'
import { withKept } from '../render/keep.ts'
import { type RenderPorts, renderSite, type SiteResult } from '../render/pipeline.ts'
import { isWhole, type Selection } from '../site/plan.ts'
import type { OpenWorkspace } from './open-workspace.ts'
import type { ProgressLine } from './progress.ts'
import { renderPorts } from './render-ports.ts'
import type { Manner, Outcome } from './site-stamp.ts'

type Files = ReadonlyMap<string, Uint8Array>

export interface SiteRendered extends Outcome {
  readonly report: SiteResult
  /** The site's files as they are now. */
  readonly files: Files
}

export class SiteRenderer {
  private readonly open: OpenWorkspace
  private readonly manner: Manner
  private readonly ports: RenderPorts
  private readonly old = new Map<string, Files>()

  constructor(open: OpenWorkspace, manner: Manner, progress: ProgressLine) {
    this.open = open
    this.manner = manner
    this.ports = renderPorts(open, {
      last: (site, app) => this.old.get(site) ?? (app === undefined ? this.onDisk(site) : this.appOnDisk(site, app)),
      progress: ({ site, group, app, done, total }) => {
        progress.show(`${site}  ${done + 1}/${total}  ${group}/${app}`, ticks())
      },
    })
  }

  /** Renders a selection and writes it, as far as `manner` wants it written. */
  render(selection: Selection): SiteRendered {
    const result = renderSite(this.open.workspace, selection, this.manner, this.ports)
    const { name } = selection.site
    try {
      return { report: result, ...this.write(result, selection) }
    } finally {
      this.old.delete(name)
    }
  }

  private write(result: SiteResult, selection: Selection): { change: TreeChange | undefined; files: Files } {
    const { name } = selection.site
    const { dryRun, keepGoing } = this.manner
    const failed = result.failures.length > 0
    if (failed && !keepGoing) return { change: undefined, files: this.onDisk(name) }
    // A complete render keeps nothing of the old tree.
    const isComplete = isWhole(selection) && !failed
    const over = (old: Files): Files => (isComplete ? result.files : withKept(old, result, selection))
    if (dryRun) return { change: compareFiles(this.onDisk(name), over(this.onDisk(name))), files: this.onDisk(name) }
    let files: Files = result.files
    const change = replaceTree(this.open.out, name, old => (files = over(old)))
    return { change, files }
  }

  /** One app of it: few are asked for, so the rest need not be read. */
  private appOnDisk(site: string, app: string): Files {
    return readFiles(resolve(this.open.out, site), app)
  }

  /** The site as the last render left it, read once. */
  private onDisk(site: string): Files {
    let files = this.old.get(site)
    if (files === undefined) this.old.set(site, (files = readFiles(resolve(this.open.out, site))))
    return files
  }
}
