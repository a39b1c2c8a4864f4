/** Rendering and writing sites for `decapod render`. Apart from the command, for a render that changes nothing needs none of it. */
import { resolve } from 'node:path'
import { compareFiles, readFiles, replaceTree, type TreeChange } from '../io/output.ts'
import { withKept } from '../render/keep.ts'
import { type RenderPorts, renderSite, type SiteResult } from '../render/pipeline.ts'
import { isWhole, type Selection } from '../site/plan.ts'
import type { OpenWorkspace } from './open-workspace.ts'
import { renderPorts } from './render-ports.ts'
import type { Outcome } from './site-outcome.ts'
import type { Manner, SiteStamps } from './site-stamp.ts'

type Files = ReadonlyMap<string, Uint8Array>

export class SiteRenderer {
  private readonly open: OpenWorkspace
  private readonly manner: Manner
  private readonly stamps: SiteStamps | undefined
  private readonly ports: RenderPorts
  private readonly old = new Map<string, Files>()

  constructor(open: OpenWorkspace, manner: Manner, stamps: SiteStamps | undefined, progress: RenderPorts['progress']) {
    this.open = open
    this.manner = manner
    this.stamps = stamps
    this.ports = renderPorts(open, {
      last: (site, app) => this.old.get(site) ?? (app === undefined ? this.onDisk(site) : this.appOnDisk(site, app)),
      progress,
    })
  }

  /** Renders a selection, writes it, as far as `manner` wants it written, and notes what a whole site came to. */
  render(selection: Selection): Outcome {
    const { site } = selection
    const stamped = isWhole(selection) ? this.stamps : undefined
    stamped?.look(site)
    const report = renderSite(this.open.workspace, selection, this.manner, this.ports)
    try {
      const { change, files } = this.write(report, selection)
      stamped?.write(site, { report, change }, files)
      return { report, change }
    } finally {
      this.old.delete(site.name)
    }
  }

  /** Gives the site's files as they are now, too. */
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
