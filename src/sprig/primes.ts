/** Prime numbers from a stream of random bytes: the same stream, the same prime. */
import { checkPrimeSync, constants, createPublicKey, publicEncrypt } from 'node:crypto'
import { integer, sequence } from './der.ts'
import type { OddNumbers, PrimeSearch, RandomBytes } from './ports.ts'

/** Odd primes, some at a time: a large number is divided once by their product for all of them. */
interface Group {
  readonly product: bigint
  readonly primes: readonly number[]
}

const tables = new Map<number, readonly Group[]>()

/**
 * The odd primes up to a bound; made once. A number is tried with as many as pay: each takes a tenth of a microsecond, and
 * saves more than that of the powers that tell the primes among what is left (a quarter of a millisecond for each number
 * of 1024 bits, two for one of 2048).
 */
function smallPrimes(bits: number): readonly Group[] {
  const bound = bits > 1024 ? 1 << 19 : 1 << 16
  let groups = tables.get(bound)
  if (groups === undefined) tables.set(bound, (groups = grouped(sieve(bound))))
  return groups
}

function sieve(bound: number): number[] {
  const composite = new Uint8Array(bound)
  const primes: number[] = []
  for (let n = 3; n < bound; n += 2) {
    if (composite[n] === 1) continue
    primes.push(n)
    for (let m = n * n; m < bound; m += 2 * n) composite[m] = 1
  }
  return primes
}

/** Below it a double tells a quotient that is whole from one that is nearly so. */
const maxProduct = 2 ** 50

function grouped(all: readonly number[]): Group[] {
  const groups: Group[] = []
  let primes: number[] = []
  let product = 1
  for (const p of all) {
    if (product * p > maxProduct) {
      groups.push({ product: BigInt(product), primes })
      primes = []
      product = 1
    }
    primes.push(p)
    product *= p
  }
  groups.push({ product: BigInt(product), primes })
  return groups
}

/** The remainder of a number below maxProduct; faster than `%`. */
function remainder(n: number, p: number): number {
  return n - Math.floor(n / p) * p
}

function hasSmallFactor(n: bigint, groups: readonly Group[]): boolean {
  return groups.some(({ product, primes }) => {
    const rest = Number(n % product)
    return primes.some(p => remainder(rest, p) === 0)
  })
}

/** How many of the odd numbers from a random one on are looked at: there is a prime among them but for one in 10^9 times. */
const run = 8192

/** Those of the odd numbers from `start` on that are below `end` and have no small factor. */
function sieveRun(start: bigint, end: bigint, groups: readonly Group[]): OddNumbers {
  const composite = new Uint8Array(run)
  for (const { product, primes } of groups) {
    const rest = Number(start % product)
    for (const p of primes) {
      const r = remainder(rest, p)
      // The first multiple of p among start, start + 2, start + 4 …: where r + 2 k is 0, p or 2 p.
      for (let k = r === 0 ? 0 : (r & 1) === 1 ? (p - r) / 2 : p - r / 2; k < run; k += p) composite[k] = 1
    }
  }
  const length = Number((end - start + 1n) / 2n)
  const left: number[] = []
  for (let k = 0; k < run && k < length; k++) if (composite[k] === 0) left.push(k)
  return { start, steps: Uint16Array.from(left) }
}

/** An odd number of exactly `bits` bits, a multiple of 8, whose two highest bits are set. */
function candidate(random: RandomBytes, bits: number): bigint {
  const bytes = Buffer.from(random(bits / 8))
  bytes[0]! |= 0xc0
  bytes[bytes.length - 1]! |= 1
  return BigInt(`0x${bytes.toString('hex')}`)
}

/** The search of one thread. */
export const searchPrime: PrimeSearch = lists =>
  lists.map(({ start, steps }) => {
    const found = steps.findIndex(step => isPrime(start + BigInt(2 * step)))
    return found === -1 ? steps.length : found
  })

/**
 * So many primes of exactly `bits` bits that `fit`; their two highest bits are set, so that two of them give twice the
 * bits. The same whoever searches.
 */
export function randomPrimes(
  random: RandomBytes,
  bits: number,
  count: number,
  fits: (p: bigint) => boolean = () => true,
  search: PrimeSearch = searchPrime,
): bigint[] {
  // From one random number on: sieving a run of neighbours is far cheaper than testing each number by itself.
  const draw = (): OddNumbers => sieveRun(candidate(random, bits), 1n << BigInt(bits), smallPrimes(bits))
  const lists = Array.from({ length: count }, draw)
  return search(lists).map((first, i) => {
    let list = lists[i]!
    for (let found = first; ; [found] = search([list]) as [number]) {
      const { start, steps } = list
      const step = steps[found]
      if (step === undefined) {
        list = draw()
        continue
      }
      const p = start + BigInt(2 * step)
      if (fits(p)) return p
      list = { start, steps: steps.subarray(found + 1) }
    }
  })
}

/** A prime of `bits` bits that is 1 modulo `q`, for DSA. */
export function primeAbove(random: RandomBytes, bits: number, q: bigint): bigint {
  const groups = smallPrimes(1024)
  for (;;) {
    const start = candidate(random, bits)
    const p = start - (start % (2n * q)) + 1n
    if (p >> BigInt(bits - 1) !== 1n || hasSmallFactor(p, groups)) continue
    if (isPrime(p)) return p
  }
}

/**
 * Bases of the Miller-Rabin test. Numbers here are random, never chosen by an adversary, so that fixed bases are as good
 * as random ones. OpenSSL's own check always does 64 rounds.
 */
const bases: readonly bigint[] = [2n, 3n, 5n, 7n, 11n, 13n, 17n, 19n, 23n, 29n, 31n, 37n]

/** Five rounds are what FIPS 186-5 asks for at 1024 bits (table B.1; fewer for more bits); short numbers need more. */
const roundsFor = (n: bigint): number => (n >> 1023n === 0n ? bases.length : 5)

/**
 * Whether an odd number is prime, as far as those bases tell: `likely` asks the first of them, which nearly no composite
 * number passes, `surely` the others.
 */
export function isPrime(n: bigint, how: 'likely' | 'surely' | 'both' = 'both'): boolean {
  if (n >> BigInt(maxModulusBits) !== 0n) return checkPrimeSync(n)
  const last = n - 1n
  let odd = last
  let twos = 0
  for (; (odd & 1n) === 0n; odd >>= 1n) twos++
  const raise = powersOf(odd, n)
  const asked = bases.slice(how === 'surely' ? 1 : 0, how === 'likely' ? 1 : roundsFor(n))
  return asked.every(base => {
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
