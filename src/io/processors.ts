/** How many threads this machine has room for. */
import { readFileSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'

/** What a thread that renders may come to need, in bytes: 100 MB for a small workspace, 250 for a large one. */
const memoryOfThread = 512 * 1024 * 1024

/** Threads that render at once: as many as there are processors, as far as the memory goes. */
export function roomForThreads(): number {
  return Math.max(1, Math.min(processors(), Math.floor(memory() / memoryOfThread)))
}

/** The processors of this process. A container's share of them Node knows from 24 on only. */
function processors(): number {
  return Math.max(1, Math.min(availableParallelism(), Math.ceil(quotaOf(readFirst(quotaFiles)))))
}

/** Of the machine, or of the container where that is less; what is unlimited is told as a number beyond all memory, or 0. */
function memory(): number {
  return Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY)
}

/** Time of processors and the time in which a container may take it, in microseconds: of cgroups of version 2, and 1. */
const quotaFiles: readonly (readonly string[])[] = [
  ['/sys/fs/cgroup/cpu.max'],
  ['/sys/fs/cgroup/cpu/cpu.cfs_quota_us', '/sys/fs/cgroup/cpu/cpu.cfs_period_us'],
]

function readFirst(places: typeof quotaFiles): string {
  for (const files of places) {
    try {
      return files.map(file => readFileSync(file, 'utf8').trim()).join(' ')
    } catch {
      // Another version, or another system.
    }
  }
  return ''
}

/** "150000 100000" are one and a half; "max" and -1 are no limit. */
export function quotaOf(text: string): number {
  const [quota = Number.NaN, period = Number.NaN] = text.split(' ').map(Number)
  return quota > 0 && period > 0 ? quota / period : Number.POSITIVE_INFINITY
}
