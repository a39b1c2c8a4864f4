/**
 * What sprig's non-hermetic functions need from outside: time and randomness. Every such function draws from here and
 * from nowhere else (key generation, serial numbers, salts and signatures included), so whoever supplies the port
 * decides whether a render is fresh or repeatable.
 *
 * `random` is asked once per call of a template function and given its name, or, by a stable renderer, the whole call;
 * the stream it answers with serves that call alone. So one stream per site, app and call may come from `seededRandom`,
 * and a call added elsewhere does not change the values of the others. The same stream gives the same value: the same
 * password, the same RSA key, the same certificate (which also depends on `now`).
 */
import { createCipheriv, createHmac } from 'node:crypto'
import type { GoTime, Location } from '../go/time.ts'

/** The next `length` bytes of a stream. */
export type RandomBytes = (length: number) => Uint8Array

/** Odd numbers: start + 2 * step for each of `steps`. */
export interface OddNumbers {
  readonly start: bigint
  readonly steps: Uint16Array
}

/**
 * Finds the first prime in each list: its index, and the length of a list that has none. Nearly all of the time that a
 * chart with certificates takes goes there.
 */
export type PrimeSearch = (lists: readonly OddNumbers[]) => number[]

export interface SprigPorts {
  /** The current time, in whatever zone is local. */
  now(): GoTime
  /** The stream of random bytes for one call of a template function. */
  random(call: string): RandomBytes
  /** When a certificate of so many days begins to be valid; now where this is not given. */
  begin?(days: bigint): GoTime
  /** Where another search is faster than that of one thread. */
  readonly searchPrime?: PrimeSearch
  /** The zone that Go calls Local, in which `date` prints; UTC when not given. */
  readonly local?: Location
}

/**
 * An endless stream of bytes that depends on key and label alone and cannot be told from random ones without the key:
 * ChaCha20 under HMAC-SHA256(key, label).
 */
export function seededRandom(key: Uint8Array, label: string): RandomBytes {
  const cipher = createCipheriv('chacha20', createHmac('sha256', key).update(label).digest(), new Uint8Array(16))
  return length => cipher.update(new Uint8Array(length))
}
