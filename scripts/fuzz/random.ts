/** Seeded choices for fuzzing: the same seed makes the same case. */

/** A generator of numbers in [0, 1) (mulberry32). */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }

  /** True with a probability. */
  chance(p: number): boolean {
    return this.next() < p
  }

  /** A whole number below `n`. */
  below(n: number): number {
    return Math.floor(this.next() * n)
  }

  pick<T>(of: readonly T[]): T {
    return of[this.below(of.length)]!
  }

  /** Some of them, in their order. */
  some<T>(of: readonly T[], p: number): T[] {
    return of.filter(() => this.chance(p))
  }
}
