import { expect, test, vi } from 'vitest'
import type { Cli } from '../../src/cli/cli.ts'
import { formatBytes, Transfer } from '../../src/cli/reporters/transfer.ts'

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [3_565_158, '3.4 MiB'],
  [2 ** 40, '1.0 TiB'],
])('%d bytes', (bytes, want) => expect(formatBytes(bytes)).toBe(want))

/** What is written when 1 MiB comes every 100 ms, ten times over a second. */
function written(terminal: boolean, quiet: boolean): string[] {
  const out: string[] = []
  const clock = vi.spyOn(performance, 'now')
  clock.mockReturnValue(0)
  const cli = { stderr: (text: string) => out.push(text), terminal, columns: 80, global: { quiet } } as unknown as Cli
  const transfer = new Transfer(cli, 'fetching')
  transfer.items(10)
  for (let i = 1; i <= 10; i++) {
    clock.mockReturnValue(i * 1000)
    transfer.add(1 << 20)
    transfer.finish()
  }
  transfer.done()
  clock.mockRestore()
  return out
}

test('on a terminal one line: how many, bytes and rate; it goes when all is done', () => {
  const lines = written(true, false)
  expect(lines[1]).toBe('\r\u001b[Kfetching 1 of 10: 2.0 MiB, 1.0 MiB/s')
  expect(lines.at(-1)).toBe('\r\u001b[K')
})

test('elsewhere a line every few seconds', () =>
  expect(written(false, false)).toEqual([
    'fetching 4 of 10: 5.0 MiB, 1.0 MiB/s\n',
    'fetching 9 of 10: 10.0 MiB, 1.0 MiB/s\n',
  ]))

test('--quiet: nothing', () => expect(written(true, true)).toEqual([]))
