import { expect, test } from 'vitest'
import { parseAddress } from '../../src/go/netip.ts'
import { GoError } from '../../src/go/value.ts'

const failure = (work: () => unknown): string => {
  try {
    return `no error: ${String(work())}`
  } catch (error) {
    if (error instanceof GoError) return error.message
    throw error
  }
}

const hex = (text: string): string => Buffer.from(parseAddress(text).bytes).toString('hex')

test.each<[text: string, bytes: string]>([
  ['127.0.0.1', '7f000001'],
  ['::', '0'.repeat(32)],
  ['::1', '1'.padStart(32, '0')],
  ['fe80::1', 'fe80000000000000'.padEnd(31, '0') + '1'],
  ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
  ['::ffff:192.0.2.1', '00000000000000000000ffffc0000201'],
])('%s', (text, bytes) => expect(hex(text)).toBe(bytes))

test('an address of a link has its zone', () => expect(parseAddress('fe80::1%eth0').zone).toBe('eth0'))

test.each<[text: string, error: string]>([
  ['x', 'ParseAddr("x"): unable to parse IP'],
  ['1.2.3', 'ParseAddr("1.2.3"): IPv4 address too short'],
  ['1.2.3.4.5', 'ParseAddr("1.2.3.4.5"): IPv4 address too long'],
  ['1.2.3.256', 'ParseAddr("1.2.3.256"): IPv4 field has value >255'],
  ['01.2.3.4', 'ParseAddr("01.2.3.4"): IPv4 field has octet with leading zero'],
  ['1::2::3', 'ParseAddr("1::2::3"): multiple :: in address (at ":3")'],
  ['1:2', 'ParseAddr("1:2"): address string too short'],
  ['12345::', 'ParseAddr("12345::"): each group must have 4 or less digits (at "12345::")'],
  ['fe80::1%', 'ParseAddr("fe80::1%"): zone must be a non-empty string'],
])('%s', (text, error) => expect(failure(() => parseAddress(text))).toBe(error))
