/** What `decapod render` does with site after site, on whichever thread: the engines are behind it. */
import type { RenderPorts, RenderSettings } from '../render/pipeline.ts'
import type { Selection } from '../site/plan.ts'
import { checkSelection } from './check-render.ts'
import type { OpenWorkspace } from './open-workspace.ts'
import type { Outcome } from './site-outcome.ts'
import { SiteRenderer } from './site-renderer.ts'
import { type Manner, siteStamps } from './site-stamp.ts'

/** Which work it is; data, for other threads are told. */
export type SiteTask =
  | { readonly kind: 'render'; readonly manner: Manner }
  | { readonly kind: 'check'; readonly settings: RenderSettings }

export function siteWork(
  open: OpenWorkspace,
  task: SiteTask,
  progress?: RenderPorts['progress'],
): (selection: Selection) => Outcome {
  if (task.kind === 'check') return selection => checkSelection(open, selection, task.settings, progress)
  const stamps = siteStamps(open, task.manner)
  const renderer = new SiteRenderer(open, task.manner, stamps, progress)
  return selection => renderer.render(selection)
}
