/**
 * The search for primes that several threads share: lists of numbers, from whose front each takes the next one. The answer
 * is that of a single thread, the first prime of each list, whoever comes upon it.
 */
import type { OddNumbers } from '../sprig/ports.ts'
import { isPrime, searchPrime } from '../sprig/primes.ts'

/** At most so many lists, of so many steps each, from numbers of so many bytes on. */
const mostLists = 2
const mostSteps = 8192
const mostBytes = 256

/** Words of the shared memory: three of all, and four of each list. */
const open = 0
const busy = 1
const jobs = 2
const lists = 3
const header = 4
const next = 0
const best = 1
const bytes = 2
const failed = 3
const perList = 4
const words = header + mostLists * perList

export class SharedSearch {
  readonly memory: SharedArrayBuffer
  readonly #words: Int32Array
  readonly #start: (list: number) => Uint8Array
  readonly #steps: (list: number) => Uint16Array

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(4 * words + mostLists * (mostBytes + 2 * mostSteps))) {
    this.memory = memory
    this.#words = new Int32Array(memory, 0, words)
    this.#start = list => new Uint8Array(memory, 4 * words + list * mostBytes, mostBytes)
    const steps = 4 * words + mostLists * mostBytes
    this.#steps = list => new Uint16Array(memory, steps + list * 2 * mostSteps, mostSteps)
  }

  /** Searches, with whichever threads `help`: a PrimeSearch of at most two lists. */
  search(given: readonly OddNumbers[]): number[] {
    for (const [list, { start, steps }] of given.entries()) {
      const digits = start.toString(16)
      const number = Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex')
      this.#start(list).set(number)
      this.#steps(list).set(steps)
      this.#words.set([0, steps.length, number.length, 0], header + list * perList)
    }
    this.#words[lists] = given.length
    Atomics.store(this.#words, open, 1)
    Atomics.add(this.#words, jobs, 1)
    Atomics.notify(this.#words, jobs)
    for (const [list, { start }] of given.entries()) this.#take(list, start)
    Atomics.store(this.#words, open, 0)
    // Who still tries a number before the best one found may better it.
    for (let others: number; (others = Atomics.load(this.#words, busy)) > 0; ) Atomics.wait(this.#words, busy, others)
    return given.map((numbers, list) => {
      const word = header + list * perList
      return this.#words[word + failed] === 0 ? this.#words[word + best]! : searchPrime([numbers])[0]!
    })
  }

  /** Takes part in every search from now on; never comes back. */
  help(): never {
    // A search under way is joined.
    for (let seen = -1; ; ) {
      Atomics.wait(this.#words, jobs, seen)
      seen = Atomics.load(this.#words, jobs)
      Atomics.add(this.#words, busy, 1)
      // Only between these two lines do the lists stay as they are: search() waits for who is busy before the next ones.
      if (Atomics.load(this.#words, open) === 1) {
        for (let list = 0; list < this.#words[lists]!; list++) {
          const number = Buffer.from(this.#start(list).subarray(0, this.#words[header + list * perList + bytes]))
          this.#take(list, BigInt(`0x${number.toString('hex')}`))
        }
      }
      Atomics.sub(this.#words, busy, 1)
      Atomics.notify(this.#words, busy)
    }
  }

  /** Tries numbers of a list until one before all that are left is known to be prime. */
  #take(list: number, start: bigint): void {
    const word = header + list * perList
    const steps = this.#steps(list)
    for (;;) {
      const k = Atomics.add(this.#words, word + next, 1)
      if (k >= Atomics.load(this.#words, word + best)) return
      const number = start + BigInt(2 * steps[k]!)
      if (!isPrime(number, 'likely')) continue
      this.#lower(word + best, k)
      // The others go on to the next list meanwhile: that they do so for nothing happens to nobody.
      if (!isPrime(number, 'surely')) Atomics.store(this.#words, word + failed, 1)
      return
    }
  }

  #lower(word: number, k: number): void {
    for (let known = Atomics.load(this.#words, word); k < known; ) {
      known = Atomics.compareExchange(this.#words, word, known, k)
    }
  }
}
