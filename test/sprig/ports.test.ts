import { expect, test } from 'vitest'
import { seededRandom } from '../../src/sprig/ports.ts'

test('a stream depends on key and label alone', () => {
  const stream = (key: string, label: string): string =>
    Buffer.from(seededRandom(Buffer.from(key), label)(16)).toString('hex')
  expect(stream('k', 'a')).toBe(stream('k', 'a'))
  expect(new Set([stream('k', 'a'), stream('k', 'b'), stream('l', 'a')]).size).toBe(3)
})

test('a stream goes on', () => {
  const whole = seededRandom(Buffer.from('k'), 'a')(8)
  const parts = seededRandom(Buffer.from('k'), 'a')
  expect(Buffer.concat([parts(3), parts(5)])).toEqual(Buffer.from(whole))
})
