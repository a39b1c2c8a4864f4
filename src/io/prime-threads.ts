/** Large primes are searched for on other cores too: a certificate of a chart takes ten times as long as the rest of it. */
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { basename, resolve } from 'node:path'
import { isMainThread, Worker } from 'node:worker_threads'
import type { PrimeSearch } from '../sprig/ports.ts'
import { searchPrime } from '../sprig/primes.ts'
import { SharedSearch } from './prime-search.ts'

/** More would mostly wait for one another: a prime takes some thirty tries. */
const mostThreads = 3

/** Starting threads takes longer than to find a prime shorter than this. */
const leastBits = 1024

/** Searches on this thread and on others, which are started for the first long number; an answer is the same on any machine. */
export function threadedSearch(threads: number = idleCores(), entry: string = threadEntry()): PrimeSearch {
  if (threads === 0 || !existsSync(entry)) return searchPrime
  let shared: SharedSearch | undefined
  return lists => {
    if (lists.some(({ start }) => start >> BigInt(leastBits - 1) === 0n)) return searchPrime(lists)
    if (shared === undefined) {
      shared = new SharedSearch()
      for (let i = 0; i < threads; i++) startThread(entry, shared.memory)
    }
    return shared.search(lists)
  }
}

/** The process neither waits for the thread nor tells it anything of the world. */
function startThread(entry: string, memory: SharedArrayBuffer): void {
  const thread = new Worker(entry, { workerData: memory, env: {}, execArgv: [], stdin: false })
  // Who cannot have it searches alone.
  thread.on('error', () => {})
  thread.unref()
}

/** Threads that render leave no core idle. */
function idleCores(): number {
  return isMainThread ? Math.min(availableParallelism() - 1, mostThreads) : 0
}

/** The thread's code; the joined command (scripts/bundle.ts) has the modules beside it. */
function threadEntry(): string {
  const here = import.meta.dirname
  return resolve(basename(here) === 'io' ? here : resolve(here, '../io'), 'prime-thread.js')
}
