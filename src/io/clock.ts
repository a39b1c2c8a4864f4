/** Time and randomness of the machine. */
import { randomBytes } from 'node:crypto'
import { DecapodError } from '../errors.ts'
import { GoTime, type Location, loadLocation, utc } from '../go/time.ts'
import { type RandomBytes, type SprigPorts, seededRandom } from '../sprig/ports.ts'

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

/** Time and randomness for functions of templates, in the zone of this machine; fresh at every use by default. */
export function machinePorts(random: (call: string) => RandomBytes = () => freshBytes): SprigPorts {
  return {
    now: () => GoTime.fromMilliseconds(Date.now()),
    random,
    get local() {
      localZone ??= loadLocation(Intl.DateTimeFormat().resolvedOptions().timeZone) ?? utc
      return localZone
    },
  }
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
