/** Time and randomness of the machine. */
import { randomBytes } from 'node:crypto'

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
