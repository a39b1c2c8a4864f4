/** One of the threads that site-threads.ts starts. */
import { shareProcessors } from '../io/clock.ts'
import { helpWith, type ThreadStart } from '../io/threads.ts'
import { selectUnits } from '../site/plan.ts'
import { openWorkspace } from './open-workspace.ts'
import { plainOutcome } from './site-outcome.ts'
import type { PlainJob } from './site-threads.ts'
import { siteWork } from './site-work.ts'

/** Does what is left to do, with a view of the workspace of its own. */
export function helpWithSites(start: ThreadStart): void {
  const { place, options, task, selectors, threads } = start.data as PlainJob
  shareProcessors(threads)
  const open = openWorkspace(place, options)
  const work = siteWork(open, task)
  helpWith(start, item => {
    const [selection] = selectUnits(open.workspace, selectors[item]!, false)
    return plainOutcome(work(selection!))
  })
}
