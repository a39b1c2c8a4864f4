/**
 * Go's package unicode: case mapping and classes of single code points. JavaScript maps whole strings with the full
 * mapping (ß to SS, final sigma); Go maps rune by rune with the simple one.
 */

/** unicode.ToUpper on every rune (strings.ToUpper). */
export function toUpper(s: string): string {
  return isAscii(s) ? s.toUpperCase() : mapRunes(s, upperRune)
}

/** unicode.ToLower on every rune (strings.ToLower). */
export function toLower(s: string): string {
  return isAscii(s) ? s.toLowerCase() : mapRunes(s, lowerRune)
}

/** True when every character is ASCII: bytes, UTF-16 units and runes are then the same. */
export function isAscii(s: string): boolean {
  for (let i = 0; i < s.length; i++) if (s.charCodeAt(i) > 0x7f) return false
  return true
}

/** Applies a mapping to every rune; a byte that is not valid UTF-8 becomes U+FFFD, as when Go ranges over a string. */
export function mapRunes(s: string, map: (rune: string) => string): string {
  let out = ''
  for (const ch of s) out += map(isInvalidByte(ch) ? '\ufffd' : ch)
  return out
}

/** True for the stand-in of a byte that is not part of valid UTF-8 (see value.ts, "Strings"). */
export function isInvalidByte(rune: string): boolean {
  const c = rune.charCodeAt(0)
  return rune.length === 1 && c >= 0xdc80 && c <= 0xdcff
}

/** unicode.ToUpper of one rune. */
export function upperRune(rune: string): string {
  const special = subscriptIota(rune.codePointAt(0)!)
  if (special !== 0) return String.fromCodePoint(special)
  return single(rune.toUpperCase(), rune)
}

/** unicode.ToLower of one rune. */
export function lowerRune(rune: string): string {
  // U+0130 is the only rune whose full lower case has two code points while the simple one differs from itself.
  return rune === '\u0130' ? 'i' : single(rune.toLowerCase(), rune)
}

/** unicode.ToTitle of one rune: upper case but for the digraphs and Georgian. */
export function titleRune(rune: string): string {
  const c = rune.codePointAt(0)!
  if (c >= 0x10d0 && c <= 0x10ff) return rune
  // DZ with caron, LJ, NJ: three code points each, of which the middle one is title case.
  if (c >= 0x1c4 && c <= 0x1cc) return String.fromCodePoint(c - ((c - 0x1c4) % 3) + 1)
  if (c >= 0x1f1 && c <= 0x1f3) return '\u01f2'
  return upperRune(rune)
}

/** The capital of a Greek letter with iota below, whose full mapping has two letters; 0 for other runes. */
function subscriptIota(c: number): number {
  if (c < 0x1f80 || c > 0x1ff3) return 0
  if (c <= 0x1faf) return (c & 0xf) < 8 ? c + 8 : 0
  return c === 0x1fb3 || c === 0x1fc3 || c === 0x1ff3 ? c + 9 : 0
}

/** The mapped text if it is one rune, else the rune itself: it has no simple mapping. */
function single(mapped: string, rune: string): string {
  return mapped.length === rune.length || [...mapped].length === 1 ? mapped : rune
}

const spaces = /[\t\n\v\f\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/

/** unicode.IsSpace. */
export function isSpace(rune: string): boolean {
  return spaces.test(rune)
}

/** unicode.IsPunct. */
export function isPunct(rune: string): boolean {
  return /\p{P}/u.test(rune)
}

/** unicode.IsUpper. */
export function isUpper(rune: string): boolean {
  return /\p{Lu}/u.test(rune)
}

/** unicode.IsLower. */
export function isLower(rune: string): boolean {
  return /\p{Ll}/u.test(rune)
}

/** unicode.IsTitle. */
export function isTitle(rune: string): boolean {
  return /\p{Lt}/u.test(rune)
}

/** unicode.IsLetter. */
export function isLetter(rune: string): boolean {
  return /\p{L}/u.test(rune)
}

/** unicode.IsNumber. */
export function isNumber(rune: string): boolean {
  return /\p{N}/u.test(rune)
}

/** unicode.IsDigit. */
export function isDigit(rune: string): boolean {
  return /\p{Nd}/u.test(rune)
}
