/** Working on many sites with several threads: what is told, printed and written is what one thread would. */
import { DecapodError } from '../errors.ts'
import { shareProcessors, ticks, work } from '../io/clock.ts'
import { roomForThreads } from '../io/processors.ts'
import { type Answer, WorkThreads } from '../io/threads.ts'
import { type Selection, selectorsOf } from '../site/plan.ts'
import type { Site } from '../site/workspace.ts'
import type { Cli, CliPlace } from './cli.ts'
import { Foresight } from './foresight.ts'
import type { OpenWorkspace, WorkspaceOptions } from './open-workspace.ts'
import type { ProgressLine } from './progress.ts'
import { type Outcome, outcomeOfPlain, type PlainOutcome } from './site-outcome.ts'
import { type SiteTask, siteWork } from './site-work.ts'

/** What is to be done, and with what. */
export interface SiteJob {
  readonly open: OpenWorkspace
  /** By which it was opened. */
  readonly options: WorkspaceOptions
  readonly task: SiteTask
  readonly selections: readonly Selection[]
}

/** The same as data, for a thread that opens the workspace itself. */
export interface PlainJob {
  readonly place: CliPlace
  readonly options: WorkspaceOptions
  readonly task: SiteTask
  /** For each item the selectors of its selection. */
  readonly selectors: readonly (readonly string[])[]
  /** How many threads there may be. */
  readonly threads: number
}

/**
 * Does a task with every selection and tells what each came to, in whatever order that is known. With --jobs as many
 * threads work from the start, otherwise as many as are foreseen to pay. Where something is thrown no more selections are
 * begun; when the others are done, what the first of them threw is thrown.
 */
export async function workOnSites(
  cli: Cli,
  { open, options, task, selections }: SiteJob,
  progress: ProgressLine,
  tell: (selection: Selection, outcome: Outcome) => void,
): Promise<void> {
  let failed: { readonly index: number; readonly thrown: unknown } | undefined
  const fail = (index: number, thrown: unknown): void => {
    threads.stop()
    if (failed === undefined || index < failed.index) failed = { index, thrown }
  }
  const hear = (index: number, answer: Answer<PlainOutcome>): void => {
    const selection = selections[index]!
    if ('thrown' in answer) fail(index, answer.thrown)
    else if ('result' in answer) tell(selection, outcomeOfPlain(answer.result, selection.site))
    else if (answer.lost === 'memory') tell(selection, withoutMemory(selection.site))
    else fail(index, answer.lost)
  }

  const asked = cli.global.jobs
  const most = cli.program === undefined ? 1 : Math.min(asked ?? roomForThreads(), selections.length)
  const job: PlainJob = {
    place: { cwd: cli.cwd, env: { ...cli.env } },
    ...{ options, task, selectors: selections.map(selectorsOf), threads: most },
  }
  const threads = new WorkThreads<PlainOutcome>(cli.program, job, selections.length, hear)
  const start = (wanted: number): void => {
    while (threads.count < Math.min(wanted, most) && threads.start()) shareProcessors(threads.count)
  }
  const foresight = new Foresight(work())
  const render = siteWork(open, task, at => {
    progress.show(`${at.site}  ${at.done + 1}/${at.total}  ${at.group}/${at.app}`, ticks())
    if (asked === undefined) start(foresight.threads(at, threads.left, work()))
  })

  if (asked !== undefined) start(asked)
  for (let index = threads.take(); index !== undefined; index = threads.take()) {
    const selection = selections[index]!
    try {
      tell(selection, render(selection))
    } catch (thrown) {
      fail(index, thrown)
    }
    await threads.listen()
  }
  await threads.ended()
  if (failed !== undefined) throw failed.thrown
}

/** A site whose thread has died of it; the others go on. */
function withoutMemory(site: Site): Outcome {
  const error = new DecapodError('LIMIT_EXCEEDED', `${site.name} takes more memory than a thread may have`, {
    hint: 'NODE_OPTIONS=--max-old-space-size=8192 allows 8 GB',
  })
  const failure = { site: site.name, group: undefined, app: undefined, error }
  return { report: { site, apps: [], failures: [failure], warnings: [] }, change: undefined }
}
