import { dirname, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { threadedSearch } from '../../src/io/prime-threads.ts'
import type { PrimeSearch } from '../../src/sprig/ports.ts'
import { seededRandom } from '../../src/sprig/ports.ts'
import { randomPrime, searchPrime } from '../../src/sprig/primes.ts'
import { builtProgram } from '../support/built.ts'

const entry = resolve(dirname(builtProgram()), '../io/prime-thread.js')

test('the same primes on one thread and on several', async () => {
  const primes = (bits: number, count: number, search: PrimeSearch): bigint[] => {
    const random = seededRandom(Buffer.from('key'), 'threads')
    return Array.from({ length: count }, () => randomPrime(random, bits, undefined, search))
  }
  for (const threads of [1, 3]) {
    const search = threadedSearch(threads, entry)
    // The first of them is found alone, or nearly so: a thread takes its time to start.
    expect(primes(1024, 25, search)).toEqual(primes(1024, 25, searchPrime))
    expect(primes(2048, 2, search)).toEqual(primes(2048, 2, searchPrime))
    expect(primes(512, 3, search)).toEqual(primes(512, 3, searchPrime))
  }
})

test('where none is prime', () => {
  const search = threadedSearch(1, entry)
  // Multiples of three, of 1026 bits.
  const start = 3n ** 647n
  const steps = Uint16Array.from([0, 3, 6, 9, 12])
  expect(search(start, steps)).toBe(5)
  expect(search(start, steps.subarray(5))).toBe(0)
})

test('without a thread to start it is the search of one', () => {
  expect(threadedSearch(0, entry)).toBe(searchPrime)
  expect(threadedSearch(1, `${entry}.gone`)).toBe(searchPrime)
})
