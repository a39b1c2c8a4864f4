/** Go's net/netip.ParseAddr: IPv4 and IPv6 addresses from text, with its error texts (net/netip/netip.go). */
import { quote } from './strconv.ts'
import { GoError } from './value.ts'

/** The 4 or 16 bytes of an address, and the zone of an IPv6 one. */
export interface Address {
  readonly bytes: Uint8Array
  readonly zone: string
}

/** Reads an address. Throws GoError: `ParseAddr("x"): unable to parse IP`. */
export function parseAddress(text: string): Address {
  const mark = /[.:%]/.exec(text)?.[0]
  if (mark === '.') return { bytes: parseIPv4(text, text), zone: '' }
  if (mark === ':') return parseIPv6(text)
  throw failure(text, mark === '%' ? 'missing IPv6 address' : 'unable to parse IP')
}

function failure(text: string, message: string, at = ''): GoError {
  return new GoError(`ParseAddr(${quote(text)}): ${message}${at === '' ? '' : ` (at ${quote(at)})`}`)
}

/** Four decimal fields of `part`; errors quote `whole`. */
function parseIPv4(whole: string, part: string): Uint8Array {
  const fields: number[] = []
  let value = 0
  let digits = 0
  for (let i = 0; i < part.length; i++) {
    const c = part[i]!
    if (c >= '0' && c <= '9') {
      if (digits === 1 && value === 0) throw failure(whole, 'IPv4 field has octet with leading zero')
      value = value * 10 + Number(c)
      digits++
      if (value > 255) throw failure(whole, 'IPv4 field has value >255')
    } else if (c === '.') {
      if (i === 0 || i === part.length - 1 || part[i - 1] === '.') {
        throw failure(whole, 'IPv4 field must have at least one digit', part.slice(i))
      }
      if (fields.length === 3) throw failure(whole, 'IPv4 address too long')
      fields.push(value)
      value = 0
      digits = 0
    } else throw failure(whole, 'unexpected character', part.slice(i))
  }
  if (fields.length < 3) throw failure(whole, 'IPv4 address too short')
  return Uint8Array.from([...fields, value])
}

function parseIPv6(text: string): Address {
  const percent = text.indexOf('%')
  const zone = percent < 0 ? '' : text.slice(percent + 1)
  if (percent >= 0 && zone === '') throw failure(text, 'zone must be a non-empty string')
  let rest = percent < 0 ? text : text.slice(0, percent)
  const bytes: number[] = []
  /** Where `::` stands for zeros, as an index of `bytes`. */
  let ellipsis = -1
  if (rest.startsWith('::')) {
    ellipsis = 0
    rest = rest.slice(2)
    if (rest === '') return { bytes: new Uint8Array(16), zone }
  }
  while (bytes.length < 16) {
    const digits = /^[0-9a-fA-F]*/.exec(rest)![0]
    if (digits.length > 4) throw failure(text, 'each group must have 4 or less digits', rest)
    if (digits === '') throw failure(text, 'each colon-separated field must have at least one digit', rest)
    if (rest[digits.length] === '.') {
      if (ellipsis < 0 && bytes.length !== 12) {
        throw failure(text, 'embedded IPv4 address must replace the final 2 fields of the address', rest)
      }
      if (bytes.length + 4 > 16) {
        throw failure(text, 'too many hex fields to fit an embedded IPv4 at the end of the address', rest)
      }
      bytes.push(...parseIPv4(text, rest))
      rest = ''
      break
    }
    const value = Number.parseInt(digits, 16)
    bytes.push(value >> 8, value & 0xff)
    rest = rest.slice(digits.length)
    if (rest === '') break
    if (!rest.startsWith(':')) throw failure(text, 'unexpected character, want colon', rest)
    if (rest === ':') throw failure(text, 'colon must be followed by more characters', rest)
    rest = rest.slice(1)
    if (rest.startsWith(':')) {
      if (ellipsis >= 0) throw failure(text, 'multiple :: in address', rest)
      ellipsis = bytes.length
      rest = rest.slice(1)
      if (rest === '') break
    }
  }
  if (rest !== '') throw failure(text, 'trailing garbage after address', rest)
  if (bytes.length < 16) {
    if (ellipsis < 0) throw failure(text, 'address string too short')
    bytes.splice(ellipsis, 0, ...new Array<number>(16 - bytes.length).fill(0))
  } else if (ellipsis >= 0) throw failure(text, 'the :: must expand to at least one field of zeros')
  return { bytes: Uint8Array.from(bytes), zone }
}
