import { dirname, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { threadedSearch } from '../../src/io/prime-threads.ts'
import type { PrimeSearch } from '../../src/sprig/ports.ts'
import { seededRandom } from '../../src/sprig/ports.ts'
import { randomPrimes, searchPrime } from '../../src/sprig/primes.ts'
import { builtProgram } from '../support/built.ts'

const entry = resolve(dirname(builtProgram()), '../io/prime-thread.js')

test('the same primes on one thread and on several', () => {
  const primes = (bits: number, count: number, search: PrimeSearch): bigint[] => {
    const random = seededRandom(Buffer.from('key'), 'threads')
    return Array.from({ length: count }, () => randomPrimes(random, bits, 2, undefined, search)).flat()
  }
  for (const threads of [1, 3]) {
    const search = threadedSearch(threads, entry)
    // The first of them is found alone, or nearly so: a thread takes its time to start.
    expect(primes(1024, 5, search)).toEqual(primes(1024, 5, searchPrime))
    expect(primes(512, 2, search)).toEqual(primes(512, 2, searchPrime))
  }
  expect(primes(2048, 1, threadedSearch(1, entry))).toEqual(primes(2048, 1, searchPrime))
})

test('where none is prime', () => {
  const search = threadedSearch(1, entry)
  // Multiples of three, of 1026 bits.
  const start = 3n ** 647n
  const steps = Uint16Array.from([0, 3, 6, 9, 12])
  const [first] = randomPrimes(seededRandom(Buffer.from('key'), 'none'), 1024, 1) as [bigint]
  expect(search([{ start, steps }])).toEqual([5])
  expect(
    search([
      { start, steps: steps.subarray(0, 0) },
      { start: first - 6n, steps: Uint16Array.from([0, 3, 6]) },
    ]),
  ).toEqual([0, 1])
})

test('without a thread to start it is the search of one', () => {
  expect(threadedSearch(0, entry)).toBe(searchPrime)
  expect(threadedSearch(1, `${entry}.gone`)).toBe(searchPrime)
})
