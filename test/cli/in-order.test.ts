import { expect, test } from 'vitest'
import { InOrder } from '../../src/cli/in-order.ts'

test.each<[name: string, told: string, want: string]>([
  ['in their order', 'abcd', 'a ab abc abcd'],
  ['backwards', 'dcba', '   abcd'],
  ['what comes early waits', 'bacd', ' ab abc abcd'],
  // What threw is never told: nothing after it is passed on.
  ['behind a gap nothing is', 'acd', 'a a a'],
])('%s', (_, told, want) => {
  let passed = ''
  const order = new InOrder([...'abcd'], (value: string) => {
    passed += value
  })
  const seen = [...told].map(key => {
    order.tell(key, key)
    return passed
  })
  expect(seen.join(' ')).toBe(want)
})
