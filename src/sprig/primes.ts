/** Prime numbers from a stream of random bytes: the same stream, the same prime. */
import { checkPrimeSync, constants, createPublicKey, publicEncrypt } from 'node:crypto'
import { integer, sequence } from './der.ts'
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
      if (fits(p) && isPrime(p)) return p
    }
  }
}

/** A prime of `bits` bits that is 1 modulo `q`, for DSA. */
export function primeAbove(random: RandomBytes, bits: number, q: bigint): bigint {
  for (;;) {
    const start = candidate(random, bits)
    const p = start - (start % (2n * q)) + 1n
    if (p >> BigInt(bits - 1) !== 1n || smallPrimes.some(s => p % BigInt(s) === 0n)) continue
    if (isPrime(p)) return p
  }
}

/**
 * Bases of the Miller-Rabin test. Numbers here are random, never chosen by an adversary, so that fixed bases are as good
 * as random ones, and five rounds are what FIPS 186-5 asks for at 1024 bits; OpenSSL's own check always does 64.
 */
const bases: readonly bigint[] = [2n, 3n, 5n, 7n, 11n, 13n, 17n, 19n]

/** Whether an odd number is prime, as far as those bases tell. */
function isPrime(n: bigint): boolean {
  if (n >> BigInt(maxModulusBits) !== 0n) return checkPrimeSync(n)
  const last = n - 1n
  let odd = last
  let twos = 0
  for (; (odd & 1n) === 0n; odd >>= 1n) twos++
  const raise = powersOf(odd, n)
  return bases.every(base => {
    let x = raise(base)
    if (x === 1n || x === last) return true
    for (let i = 1; i < twos; i++) {
      x = (x * x) % n
      if (x === last) return true
    }
    return false
  })
}

/** OpenSSL takes exponents of any size for moduli up to this one. */
const maxModulusBits = 3072

/**
 * Powers modulo an odd number of at least 512 bits. RSA without padding is nothing but such a power, and OpenSSL's is ten
 * times as fast as one of BigInts.
 */
function powersOf(exponent: bigint, modulus: bigint): (base: bigint) => bigint {
  const der = sequence(integer(modulus), integer(exponent))
  const key = createPublicKey({ key: der, format: 'der', type: 'pkcs1' })
  const length = Math.ceil(modulus.toString(16).length / 2)
  return base => {
    const block = Buffer.from(base.toString(16).padStart(2 * length, '0'), 'hex')
    const power = publicEncrypt({ key, padding: constants.RSA_NO_PADDING }, block)
    return BigInt(`0x${power.toString('hex')}`)
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
