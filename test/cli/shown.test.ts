/** What charts of others may do to the terminal with a message: nothing. */
import { describe, expect, test } from 'vitest'
import { shown } from '../../src/cli/shown.ts'

describe('a message of a chart', () => {
  test.each<[name: string, text: string, seen: string]>([
    ['plain text and its lines', 'a\n\tb é 😀', 'a\n\tb é 😀'],
    ['colours', 'a\x1b[31mb', 'a\\x1b[31mb'],
    ['a cleared screen and a title', '\x1b[2J\x1b]0;owned\x07', '\\x1b[2J\\x1b]0;owned\\x07'],
    ['a line written over', 'bad\rgood', 'bad\\x0dgood'],
    ['line breaks of Windows', 'a\r\nb', 'a\nb'],
    ['controls of one byte', 'a\u009b31m', 'a\\x9b31m'],
    ['text that runs backwards', 'a\u202egpj.exe', 'a\\u202egpj.exe'],
    ['nothing at all', 'a\0b\x7f', 'a\\x00b\\x7f'],
  ])('%s', (_, text, seen) => {
    expect(shown(text)).toBe(seen)
  })

  test('of megabytes keeps its beginning and its end', () => {
    const text = shown(`begin${'x'.repeat(10_000_000)}end`)
    expect(text.length).toBeLessThan(20_000)
    expect(text).toMatch(/^beginx+\n… 9982008 characters are left out here …\nx+end$/)
  })
})
