/** Time and randomness of the machine. */
import { randomBytes } from 'node:crypto'
import { GoTime, type Location, loadLocation, utc } from '../go/time.ts'
import type { SprigPorts } from '../sprig/index.ts'

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

/** Time and randomness for functions of templates, fresh at every use, in the zone of this machine. */
export function machinePorts(): SprigPorts {
  return {
    now: () => GoTime.fromMilliseconds(Date.now()),
    random: () => freshBytes,
    get local() {
      localZone ??= loadLocation(Intl.DateTimeFormat().resolvedOptions().timeZone) ?? utc
      return localZone
    },
  }
}

/** Asking for the zone takes longer than rendering a small chart; it stays what it is. */
let localZone: Location | undefined
