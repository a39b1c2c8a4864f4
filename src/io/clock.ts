/** Time and randomness of the machine. */
import { randomBytes } from 'node:crypto'
import { DecapodError } from '../errors.ts'
import { GoTime, type Location, loadLocation, utc } from '../go/time.ts'
import type { EnginePorts } from '../helm/engine.ts'
import { type PrimeSearch, type RandomBytes, type SprigPorts, seededRandom } from '../sprig/ports.ts'
import { searchPrime } from '../sprig/primes.ts'
import { chartLimits } from './chart-limits.ts'
import { threadedSearch } from './prime-threads.ts'

/** Milliseconds since the epoch. */
export function now(): number {
  return Date.now()
}

/** Milliseconds on a clock that only goes forward. */
export function ticks(): number {
  return performance.now()
}

/** Bytes nobody can guess. */
export function freshBytes(length: number): Uint8Array {
  return randomBytes(length)
}

/**
 * Milliseconds of the processor this thread has taken: what others do on the machine does not count. Before Node 22.19 it is
 * an even share of what the process has taken.
 */
export function work(): number {
  const { threadCpuUsage } = process as { threadCpuUsage?: () => NodeJS.CpuUsage }
  const { user, system } = threadCpuUsage?.() ?? process.cpuUsage()
  return (user + system) / 1000 / (threadCpuUsage === undefined ? threads : 1)
}

/** As `work`, at most two milliseconds old: a render asks often, and the system takes ten times as long for it as to tell the time. */
function recentWork(): number {
  const time = performance.now()
  if (time - recent.read > 2) recent = { read: time, work: work() }
  return recent.work
}

let recent = { read: Number.NEGATIVE_INFINITY, work: 0 }

let threads = 1

/** Tells this thread with how many others that render it shares the processors: none is left over for searches. */
export function shareProcessors(count: number): void {
  threads = count
  primes = searchPrime
}

/**
 * Time and randomness for functions of templates, in the zone of this machine; fresh at every use by default. Where
 * randomness is given it repeats, and so do certificates: they begin when the present quarter of their time began, so that
 * every render of that quarter makes the same.
 */
export function machinePorts(random?: (call: string) => RandomBytes): SprigPorts & EnginePorts {
  const limits = chartLimits(process.env)
  const steady = { begin: (days: bigint) => GoTime.fromMilliseconds(beginOf(Number(days), Date.now())) }
  return {
    ...(random !== undefined && steady),
    clock: recentWork,
    ...(limits !== undefined && { limits }),
    searchPrime: lists => (primes ??= threadedSearch())(lists),
    now: () => GoTime.fromMilliseconds(Date.now()),
    random: random ?? (() => freshBytes),
    get local() {
      localZone ??= loadLocation(Intl.DateTimeFormat().resolvedOptions().timeZone) ?? utc
      return localZone
    },
  }
}

let primes: PrimeSearch | undefined

const day = 86_400_000

/** The beginning of the quarter of `days` in which a time lies, quarters counted from the epoch; at least a day long. */
export function beginOf(days: number, time: number): number {
  const quarter = Math.max(1, Math.floor(days / 4)) * day
  return Math.floor(time / quarter) * quarter
}

/** Asking for the zone takes longer than rendering a small chart; it stays what it is. */
let localZone: Location | undefined

/** Short keys can be tried out: whoever reads one rendered password would then know the others. */
const leastKey = 16

/**
 * Randomness that repeats: drawn from the secret in DECAPOD_RANDOM_KEY, for each app and call its own. Undefined without
 * one. Throws DecapodError USAGE for a key that is too short.
 */
export function keyedRandom(
  env: Readonly<Record<string, string | undefined>>,
): ((app: string) => (call: string) => RandomBytes) | undefined {
  const key = env.DECAPOD_RANDOM_KEY
  if (key === undefined || key === '') return undefined
  if (key.length < leastKey) {
    throw new DecapodError('USAGE', `DECAPOD_RANDOM_KEY has less than ${leastKey} characters`, {
      hint: 'passwords of charts are drawn from it: set it to something long and secret, from openssl rand -hex 32',
    })
  }
  const bytes = Buffer.from(key)
  return app => call => seededRandom(bytes, `${app} ${call}`)
}
