import { expect, test } from 'vitest'
import { quotaOf, roomForThreads } from '../../src/io/processors.ts'

test.each<[name: string, text: string, want: number]>([
  ['cgroup 2', '150000 100000', 1.5],
  ['cgroup 2, unlimited', 'max 100000', Number.POSITIVE_INFINITY],
  ['cgroup 1, unlimited', '-1 100000', Number.POSITIVE_INFINITY],
  ['another system', '', Number.POSITIVE_INFINITY],
])('%s', (_, text, want) => expect(quotaOf(text)).toBe(want))

test('there is room for this one', () => expect(roomForThreads()).toBeGreaterThanOrEqual(1))
