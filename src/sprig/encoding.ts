/** Sprig's base64, base32 and checksums (strings.go, crypto.go). A text that does not decode gives the error's text. */
import { createHash } from 'node:crypto'
import { fn, fromBytes, type GoFunc, toBytes } from '../go/value.ts'
import { toByteString } from './text.ts'

/** The functions of this chapter by name. */
export const encoding: Readonly<Record<string, GoFunc>> = {
  b64enc: fn('(string) string', (s: string) => Buffer.from(toBytes(s)).toString('base64')),
  b64dec: fn('(string) string', (s: string) => {
    const decoded = decodeBase64(s)
    return typeof decoded === 'number' ? `illegal base64 data at input byte ${decoded}` : fromBytes(decoded)
  }),
  b32enc: fn('(string) string', (s: string) => encodeBase32(toBytes(s))),
  b32dec: fn('(string) string', (s: string) => {
    const decoded = decodeBase32(s)
    return typeof decoded === 'number' ? `illegal base32 data at input byte ${decoded}` : fromBytes(decoded)
  }),
  sha1sum: fn('(string) string', (s: string) => createHash('sha1').update(toBytes(s)).digest('hex')),
  sha256sum: fn('(string) string', (s: string) => createHash('sha256').update(toBytes(s)).digest('hex')),
  sha512sum: fn('(string) string', (s: string) => createHash('sha512').update(toBytes(s)).digest('hex')),
  adler32sum: fn('(string) string', (s: string) => String(adler32(toBytes(s)))),
}

/** base64.StdEncoding.DecodeString: the bytes, or the offset of the byte that Go complains about. */
export function decodeBase64(text: string): Uint8Array | number {
  const s = toByteString(text)
  if (s.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(s)) return Buffer.from(s, 'base64')
  const skipNewlines = (at: number): number => {
    let i = at
    while (s[i] === '\n' || s[i] === '\r') i++
    return i
  }
  let i = 0
  for (;;) {
    // One group of four.
    for (let j = 0; j < 4; ) {
      if (i === s.length) return j === 0 ? Buffer.from(s, 'base64') : i - j
      const c = s[i++]!
      if (c === '\n' || c === '\r') continue
      if (/[A-Za-z0-9+/]/.test(c)) {
        j++
        continue
      }
      if (c !== '=' || j < 2) return i - 1
      if (j === 2) {
        i = skipNewlines(i)
        if (i === s.length) return s.length
        if (s[i] !== '=') return i - 1
        i++
      }
      i = skipNewlines(i)
      return i < s.length ? i : Buffer.from(s, 'base64')
    }
  }
}

const alphabet32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

function encodeBase32(bytes: Uint8Array): string {
  let out = ''
  let bits = 0
  let held = 0
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff
    bits += 8
    while (bits >= 5) {
      bits -= 5
      out += alphabet32[(held >> bits) & 31]
    }
  }
  if (bits > 0) out += alphabet32[(held << (5 - bits)) & 31]
  return out.padEnd(Math.ceil(out.length / 8) * 8, '=')
}

/** base32.StdEncoding.DecodeString: the bytes, or the offset Go complains about (line breaks not counted). */
function decodeBase32(text: string): Uint8Array | number {
  const s = toByteString(text).replace(/[\r\n]/g, '')
  const out: number[] = []
  let i = 0
  while (i < s.length) {
    const group: number[] = []
    let padded = false
    while (group.length < 8) {
      const j = group.length
      if (i === s.length) return i - j
      const c = s[i++]!
      const left = s.length - i
      if (c === '=' && j >= 2 && left < 8) {
        if (left + j < 7) return s.length
        for (let k = 0; k < 7 - j; k++) if (left > k && s[i + k] !== '=') return i + k - 1
        if (j === 3 || j === 6) return i - 1
        padded = true
        break
      }
      const value = alphabet32.indexOf(c)
      if (value < 0) return i - 1
      group.push(value)
    }
    let bits = 0
    let held = 0
    for (const value of group) {
      held = ((held << 5) | value) & 0xfff
      bits += 5
      if (bits >= 8) {
        bits -= 8
        out.push((held >> bits) & 0xff)
      }
    }
    if (padded) break
  }
  return Uint8Array.from(out)
}

function adler32(bytes: Uint8Array): number {
  let a = 1
  let b = 0
  for (const byte of bytes) {
    a = (a + byte) % 65521
    b = (b + a) % 65521
  }
  return b * 65536 + a
}
