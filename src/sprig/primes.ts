/** Prime numbers from a stream of random bytes: the same stream, the same prime. */
import { checkPrimeSync } from 'node:crypto'
import type { RandomBytes } from './ports.ts'

const smallPrimes: readonly number[] = sieve(20_000)

function sieve(limit: number): number[] {
  const composite = new Uint8Array(limit)
  const primes: number[] = []
  for (let n = 3; n < limit; n += 2) {
    if (composite[n] === 1) continue
    primes.push(n)
    for (let m = n * n; m < limit; m += 2 * n) composite[m] = 1
  }
  return primes
}

/** An odd number of exactly `bits` bits, a multiple of 8, whose two highest bits are set. */
function candidate(random: RandomBytes, bits: number): bigint {
  const bytes = Buffer.from(random(bits / 8))
  bytes[0]! |= 0xc0
  bytes[bytes.length - 1]! |= 1
  return BigInt(`0x${bytes.toString('hex')}`)
}

/** A prime of exactly `bits` bits that `fits`; its two highest bits are set, so that two of them give twice the bits. */
export function randomPrime(random: RandomBytes, bits: number, fits: (p: bigint) => boolean = () => true): bigint {
  for (;;) {
    const start = candidate(random, bits)
    const remainders = smallPrimes.map(p => Number(start % BigInt(p)))
    // From one random number on: sieving a run of neighbours is far cheaper than testing each number by itself.
    for (let step = 0; step < 16_384; step += 2) {
      if (remainders.some((r, i) => (r + step) % smallPrimes[i]! === 0)) continue
      const p = start + BigInt(step)
      if (p >> BigInt(bits) !== 0n) break
      if (fits(p) && checkPrimeSync(p)) return p
    }
  }
}

/** A prime of `bits` bits that is 1 modulo `q`, for DSA. */
export function primeAbove(random: RandomBytes, bits: number, q: bigint): bigint {
  for (;;) {
    const start = candidate(random, bits)
    const p = start - (start % (2n * q)) + 1n
    if (p >> BigInt(bits - 1) !== 1n || smallPrimes.some(s => p % BigInt(s) === 0n)) continue
    if (checkPrimeSync(p)) return p
  }
}

/** base^exponent mod modulus. */
export function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n
  let square = base % modulus
  for (let e = exponent; e > 0n; e >>= 1n) {
    if (e & 1n) result = (result * square) % modulus
    square = (square * square) % modulus
  }
  return result
}

/** The inverse of `a` modulo `m`, which must have no divisor in common with it. */
export function inverse(a: bigint, m: bigint): bigint {
  let [r0, r1] = [m, a % m]
  let [t0, t1] = [0n, 1n]
  while (r1 !== 0n) {
    const q = r0 / r1
    ;[r0, r1] = [r1, r0 - q * r1]
    ;[t0, t1] = [t1, t0 - q * t1]
  }
  return t0 < 0n ? t0 + m : t0
}
