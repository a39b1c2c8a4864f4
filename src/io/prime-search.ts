/**
 * The search for a prime that several threads share: a list of numbers, from whose front each takes the next one. The
 * answer is that of a single thread, the first prime of the list, whoever comes upon it.
 */
import { isPrime } from '../sprig/primes.ts'

/** The longest list, and the longest number in bytes. */
const mostSteps = 8192
const mostBytes = 256

/** Words of the shared memory. */
const open = 0
const next = 1
const best = 2
const busy = 3
const jobs = 4
const steps = 5
const bytes = 6
const words = 8

export class SharedSearch {
  readonly memory: SharedArrayBuffer
  readonly #words: Int32Array
  readonly #start: Uint8Array
  readonly #steps: Uint16Array

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(4 * words + mostBytes + 2 * mostSteps)) {
    this.memory = memory
    this.#words = new Int32Array(memory, 0, words)
    this.#start = new Uint8Array(memory, 4 * words, mostBytes)
    this.#steps = new Uint16Array(memory, 4 * words + mostBytes, mostSteps)
  }

  /** Searches, with whichever threads `help`: the index of the first step that gives a prime, or their number. */
  search(start: bigint, list: Uint16Array): number {
    const number = Buffer.from(evenDigits(start.toString(16)), 'hex')
    this.#start.set(number)
    this.#steps.set(list)
    this.#words[bytes] = number.length
    this.#words[steps] = list.length
    this.#words[next] = 0
    this.#words[best] = list.length
    Atomics.store(this.#words, open, 1)
    Atomics.add(this.#words, jobs, 1)
    Atomics.notify(this.#words, jobs)
    this.#take(start)
    Atomics.store(this.#words, open, 0)
    // Who still tries a number before the best one found may better it.
    for (;;) {
      const others = Atomics.load(this.#words, busy)
      if (others === 0) return this.#words[best]!
      Atomics.wait(this.#words, busy, others)
    }
  }

  /** Takes part in every search from now on; never comes back. */
  help(): never {
    // A search under way is joined.
    for (let seen = -1; ; ) {
      Atomics.wait(this.#words, jobs, seen)
      seen = Atomics.load(this.#words, jobs)
      Atomics.add(this.#words, busy, 1)
      // Only between these two lines does the list stay as it is: search() waits for who is busy before the next one.
      if (Atomics.load(this.#words, open) === 1) {
        const number = Buffer.from(this.#start.subarray(0, this.#words[bytes]))
        this.#take(BigInt(`0x${number.toString('hex')}`))
      }
      Atomics.sub(this.#words, busy, 1)
      Atomics.notify(this.#words, busy)
    }
  }

  /** Tries numbers until one before all that are left is known to be prime. */
  #take(start: bigint): void {
    for (;;) {
      const k = Atomics.add(this.#words, next, 1)
      if (k >= Atomics.load(this.#words, best)) return
      if (!isPrime(start + BigInt(2 * this.#steps[k]!))) continue
      let known = Atomics.load(this.#words, best)
      while (k < known)
        known = Atomics.compareExchange(this.#words, best, known, k) === known ? k : Atomics.load(this.#words, best)
      return
    }
  }
}

function evenDigits(digits: string): string {
  return digits.length % 2 === 0 ? digits : `0${digits}`
}
