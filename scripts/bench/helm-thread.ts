/** One of the threads that helm-threads.ts starts. */
import { workerData } from 'node:worker_threads'
import { releaseRenderer } from './helm-release.ts'
import { done, run, type ThreadData, taken, task } from './helm-threads.ts'

const { words, dir, runs, sites } = workerData as ThreadData
const render = releaseRenderer(dir)
for (let last = 0; ; ) {
  Atomics.wait(words, task, last)
  last = Atomics.load(words, task)
  const release = runs[Atomics.load(words, run)]!
  for (let site = Atomics.add(words, taken, 1); site < sites; site = Atomics.add(words, taken, 1)) render(release, site)
  Atomics.add(words, done, 1)
  Atomics.notify(words, done)
}
