import { expect, test } from 'vitest'
import { seededRandom } from '../../src/sprig/ports.ts'
import { inverse, power, primeAbove, randomPrimes } from '../../src/sprig/primes.ts'

const random = () => seededRandom(Buffer.from('key'), 'primes')
/** By Fermat, for a few bases: enough to tell a prime from what a mistake would make. */
const looksPrime = (p: bigint): boolean => [2n, 3n, 5n, 7n].every(base => power(base, p - 1n, p) === 1n)

test.each([64, 256, 512])('a prime of %d bits', bits => {
  const [p] = randomPrimes(random(), bits, 1) as [bigint]
  expect(p.toString(2).length).toBe(bits)
  expect(p.toString(2).startsWith('11')).toBe(true)
  expect(looksPrime(p)).toBe(true)
  expect(randomPrimes(random(), bits, 1)).toEqual([p])
})

test('what does not fit is passed over', () => {
  expect(randomPrimes(random(), 64, 3, p => p % 4n === 3n).map(p => p % 4n)).toEqual([3n, 3n, 3n])
})

test('a prime above another', () => {
  const [q] = randomPrimes(random(), 64, 1) as [bigint]
  const p = primeAbove(random(), 256, q)
  expect((p - 1n) % q).toBe(0n)
  expect(looksPrime(p)).toBe(true)
})

test('powers and inverses', () => {
  expect(power(3n, 200n, 13n)).toBe(3n ** 200n % 13n)
  expect((inverse(7n, 40n) * 7n) % 40n).toBe(1n)
})
