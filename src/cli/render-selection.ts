/** Rendering for the commands that go on with the result: diff and commit. */
import { resolve } from 'node:path'
import { ticks } from '../io/clock.ts'
import { readFiles } from '../io/output.ts'
import { type RenderSettings, renderSite, type SiteResult } from '../render/pipeline.ts'
import type { Selection } from '../site/plan.ts'
import type { Cli } from './cli.ts'
import type { OpenWorkspace } from './open-workspace.ts'
import { ProgressLine } from './progress.ts'
import { renderPorts } from './render-ports.ts'
import { printError, printWarning } from './report.ts'

type Files = ReadonlyMap<string, Uint8Array>

/** Renders selections one after the other, telling on a terminal what is being worked on. */
export class SelectionRenderer {
  readonly progress: ProgressLine
  private readonly cli: Cli
  private readonly open: OpenWorkspace
  private readonly settings: RenderSettings
  private readonly sites: number
  private done = 0

  constructor(cli: Cli, open: OpenWorkspace, settings: Partial<RenderSettings>, sites: number) {
    this.cli = cli
    this.open = open
    this.settings = { kubeVersion: undefined, placeholders: undefined, format: undefined, ...settings }
    this.sites = sites
    this.progress = new ProgressLine(cli)
  }

  /** Renders a selection; random values and times stay as `last` has them, by default the tree on disk. */
  render(selection: Selection, last?: Files): SiteResult {
    const at = this.sites > 1 ? `${this.done + 1}/${this.sites} ` : ''
    const ports = renderPorts(this.open, {
      last: () => last ?? this.onDisk(selection.site.name),
      progress: ({ site, group, app, done, total }) => {
        this.progress.show(`${at}${site}  ${done + 1}/${total}  ${group}/${app}`, ticks())
      },
    })
    const result = renderSite(this.open.workspace, selection, this.settings, ports)
    this.done++
    this.progress.clear()
    return result
  }

  /** The tree that `decapod render` last wrote. */
  onDisk(site: string): Files {
    return readFiles(resolve(this.open.out, site))
  }

  /** Prints what went wrong; with --json it is in the result instead. */
  printProblems({ warnings, failures }: SiteResult): void {
    if (this.cli.global.json) return
    if (!this.cli.global.quiet) for (const warning of warnings) printWarning(this.cli, warning)
    for (const failure of failures) printError(this.cli, failure.error)
  }
}
