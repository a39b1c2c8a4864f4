/** Sprig's random strings and numbers (strings.go, crypto.go, numeric.go), drawn from the port. */
import { DecapodError } from '../errors.ts'
import { maxStringLength } from '../go/strings.ts'
import { fn, GoError, type GoFunc } from '../go/value.ts'
import type { RandomBytes, SprigPorts } from './ports.ts'

const digits = '0123456789'
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const printable = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join('')

/** The functions of this chapter by name. */
export function random(ports: SprigPorts): Readonly<Record<string, GoFunc>> {
  const from = (name: string, alphabet: string): GoFunc =>
    fn('(int) string', (length: bigint) => pick(ports.random(name), alphabet, Number(length)))
  return {
    randAlphaNum: from('randAlphaNum', letters + digits),
    randAlpha: from('randAlpha', letters),
    randNumeric: from('randNumeric', digits),
    randAscii: from('randAscii', printable),
    randBytes: fn('(int) (string, error)', (length: bigint) => {
      if (length < 0n) throw new GoError('runtime error: makeslice: len out of range', true)
      checkLength(Number(length))
      return Buffer.from(ports.random('randBytes')(Number(length))).toString('base64')
    }),
    randInt: fn('(int, int) int', (min: bigint, max: bigint) => {
      if (max <= min) throw new GoError('invalid argument to Intn', true)
      return min + randomBelow(ports.random('randInt'), max - min)
    }),
    shuffle: fn('(string) string', (s: string) => shuffle(ports.random('shuffle'), s)),
    uuidv4: fn('() string', () => uuid(ports.random('uuidv4'))),
  }
}

function checkLength(length: number): void {
  if (length > maxStringLength) {
    throw new DecapodError('LIMIT_EXCEEDED', `a random string would be longer than ${maxStringLength} bytes`)
  }
}

/** A number from 0 to `limit` - 1, all equally likely: draws that would favour the small ones are thrown away. */
export function randomBelow(bytes: RandomBytes, limit: bigint): bigint {
  const length = Math.ceil(limit.toString(2).length / 8)
  const space = 1n << BigInt(8 * length)
  const fair = space - (space % limit)
  for (;;) {
    const value = BigInt(`0x${Buffer.from(bytes(length)).toString('hex')}`)
    if (value < fair) return value % limit
  }
}

function pick(bytes: RandomBytes, alphabet: string, length: number): string {
  checkLength(length)
  const fair = 256 - (256 % alphabet.length)
  let out = ''
  while (out.length < length) {
    for (const byte of bytes(length - out.length)) if (byte < fair) out += alphabet[byte % alphabet.length]
  }
  return out
}

function shuffle(bytes: RandomBytes, s: string): string {
  const runes = [...s]
  for (let i = runes.length - 1; i > 0; i--) {
    const other = Number(randomBelow(bytes, BigInt(i + 1)))
    ;[runes[i], runes[other]] = [runes[other]!, runes[i]!]
  }
  return runes.join('')
}

function uuid(bytes: RandomBytes): string {
  const raw = Buffer.from(bytes(16))
  raw[6] = (raw[6]! & 0x0f) | 0x40
  raw[8] = (raw[8]! & 0x3f) | 0x80
  return raw.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
