/**
 * Threads that share the sites of each release, as `decapod render` shares sites: each takes the next one when it is free,
 * and has read the chart itself. The one that measures only waits.
 */
import { Worker } from 'node:worker_threads'
import type { CorpusRun } from './helm-release.ts'

/** Words of the shared memory: which task it is, the run, the sites taken, the threads that are done with it. */
export const task = 0
export const run = 1
export const taken = 2
export const done = 3

export interface ThreadData {
  readonly words: Int32Array
  readonly dir: string
  readonly runs: readonly CorpusRun[]
  readonly sites: number
}

export class ReleaseThreads {
  private readonly words = new Int32Array(new SharedArrayBuffer(16))
  private readonly count: number

  constructor(count: number, dir: string, runs: readonly CorpusRun[], sites: number) {
    this.count = count
    const workerData: ThreadData = { words: this.words, dir, runs, sites }
    for (let i = 0; i < count; i++) new Worker(new URL('./helm-thread.js', import.meta.url), { workerData }).unref()
  }

  /** Renders a run for every site, and waits until it is done. */
  render(index: number): void {
    const { words } = this
    words[run] = index
    words[taken] = 0
    words[done] = 0
    Atomics.add(words, task, 1)
    Atomics.notify(words, task)
    for (let ready = 0; ready < this.count; ready = Atomics.load(words, done)) {
      // A thread that threw would never come.
      if (Atomics.wait(words, done, ready, 600_000) === 'timed-out') throw new Error('a thread does not answer')
    }
  }
}
