import { expect, test } from 'vitest'
import { GoTime } from '../../src/go/time.ts'
import { type FunctionPorts, helmFunctions } from '../../src/helm/funcs.ts'
import type { Certificate } from '../../src/sprig/certificates.ts'
import { seededRandom } from '../../src/sprig/ports.ts'
import { searchPrime } from '../../src/sprig/primes.ts'

const ports: FunctionPorts = {
  now: () => GoTime.fromMilliseconds(0),
  random: () => seededRandom(Buffer.from('key'), 'funcs'),
}

test('a certificate is made with the search for primes that was given', () => {
  let searches = 0
  const certificate = (more: FunctionPorts): string => {
    const make = helmFunctions(3, { ...ports, ...more }).get('genCA')!
    return (make.call('ca', 365n) as Certificate).key
  }
  const counted: FunctionPorts = {
    searchPrime: lists => {
      searches++
      return searchPrime(lists)
    },
  }
  expect(certificate(counted)).toBe(certificate({}))
  expect(searches).toBeGreaterThanOrEqual(1)
})
