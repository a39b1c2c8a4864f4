/** Go's package strings where JavaScript's methods differ: white space, splitting, cut sets. */
import { byteLength } from './value.ts'

const leading = /^[\t\n\v\f\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/
const blank = /[\t\n\v\f\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/

/** strings.TrimSpace. JavaScript's trim also takes U+FEFF and leaves U+0085. */
export function trimSpace(s: string): string {
  let start = 0
  let end = s.length
  while (start < end && isAsciiSpace(s.charCodeAt(start))) start++
  while (end > start && isAsciiSpace(s.charCodeAt(end - 1))) end--
  const trimmed = s.slice(start, end)
  if (end === start || (s.charCodeAt(start) < 0x80 && s.charCodeAt(end - 1) < 0x80)) return trimmed
  return trimRightSpace(trimmed.replace(leading, ''))
}

function isAsciiSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d)
}

/** strings.TrimRightFunc with unicode.IsSpace. A loop: `\s+$` is quadratic on inner runs of blanks. */
export function trimRightSpace(s: string): string {
  let end = s.length
  while (end > 0 && blank.test(s[end - 1]!)) end--
  return s.slice(0, end)
}

/** strings.Trim: runes of `cutset` off both ends. */
export function trim(s: string, cutset: string): string {
  if (s === '' || cutset === '') return s
  const cut = new Set(cutset)
  const runes = [...s]
  let start = 0
  let end = runes.length
  while (start < end && cut.has(runes[start]!)) start++
  while (end > start && cut.has(runes[end - 1]!)) end--
  return runes.slice(start, end).join('')
}

/** strings.SplitN with n < 0 for all: an empty separator splits into runes. */
export function splitN(s: string, sep: string, n: number): string[] {
  if (n === 0) return []
  const parts = sep === '' ? [...s] : s.split(sep)
  if (n < 0 || parts.length <= n) return parts
  return [...parts.slice(0, n - 1), parts.slice(n - 1).join(sep)]
}

/** The largest string that functions may make; Go would take the memory, we refuse (untrusted templates). */
export const maxStringLength: number = 16 * 1024 * 1024

/** True when `count` copies of `s` stay within maxStringLength. */
export function fits(s: string, count: number): boolean {
  return byteLength(s) * count <= maxStringLength
}
