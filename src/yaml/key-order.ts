/**
 * The order go-yaml writes the keys of a map in: a "natural" one, letters after everything else, numbers by value.
 * go-yaml v2: sorter.go. v3 differs a little (see compareKeysV3). Neither is a total order in odd mixes (a10, a1b, a2),
 * and Go's order of such keys then depends on the random order in which it walks maps.
 */

const LETTER = /^\p{L}$/u
const DIGIT = /^\p{Nd}$/u

function isLetter(c: number): boolean {
  if (c < 128) return (c >= 0x41 && c <= 0x5a) || (c >= 0x61 && c <= 0x7a)
  return LETTER.test(String.fromCodePoint(c))
}

function isDigit(c: number): boolean {
  if (c < 128) return c >= 0x30 && c <= 0x39
  return DIGIT.test(String.fromCodePoint(c))
}

/** v2's order. Negative when `a` is written before `b`, positive when after, 0 when they are equal. */
export function compareKeys(a: string, b: string): number {
  return compare(a, b, false)
}

/** v3's order: behind a digit, a letter goes before what is none. */
export function compareKeysV3(a: string, b: string): number {
  return compare(a, b, true)
}

function compare(a: string, b: string, v3: boolean): number {
  const n = Math.min(a.length, b.length)
  let i = 0
  while (i < n && a.charCodeAt(i) === b.charCodeAt(i)) i++
  if (i === n) return a.length - b.length
  // A difference in the second half of a surrogate pair is a difference of the whole character.
  if (i > 0 && (a.charCodeAt(i - 1) & 0xfc00) === 0xd800) i--
  const x = a.codePointAt(i)!
  const y = b.codePointAt(i)!
  const xLetter = isLetter(x)
  const yLetter = isLetter(y)
  if (xLetter && yLetter) return x - y
  if (xLetter || yLetter) {
    const first = v3 && i > 0 && isDigit(a.charCodeAt(i - 1)) ? xLetter : yLetter
    return first ? -1 : 1
  }
  return compareNumbers(a, b, i, x, y)
}

/** Two characters that are no letters: the digits that start here count as numbers. */
function compareNumbers(a: string, b: string, i: number, x: number, y: number): number {
  // Behind a digit other than 0, a 0 is not a leading zero.
  let start = 0n
  if (x === 0x30 || y === 0x30) {
    for (let j = i - 1; j >= 0 && isDigit(a.charCodeAt(j)); j--) {
      if (a.charCodeAt(j) !== 0x30) {
        start = 1n
        break
      }
    }
  }
  const left = digits(a, i)
  const right = digits(b, i)
  const m = number(left, start)
  const k = number(right, start)
  if (m !== k) return m < k ? -1 : 1
  if (left.length !== right.length) return left.length - right.length
  return x - y
}

function digits(s: string, from: number): number[] {
  const out: number[] = []
  for (let i = from; i < s.length; ) {
    const c = s.codePointAt(i)!
    if (!isDigit(c)) break
    out.push(c - 0x30)
    i += c > 0xffff ? 2 : 1
  }
  return out
}

/** Go counts in int64, which wraps. */
function number(digits: number[], start: bigint): bigint {
  if (digits.length < 15 && digits.every(d => d < 10)) {
    let n = Number(start)
    for (const d of digits) n = n * 10 + d
    return BigInt(n)
  }
  let n = start
  for (const d of digits) n = BigInt.asIntN(64, n * 10n + BigInt(d))
  return n
}

/** More keys than this are sorted by the array itself, which makes a copy for it. */
const few = 16

/** The keys in the order v2 writes them. */
export function sortKeys(keys: string[]): string[] {
  if (keys.length > few) return keys.sort(compareKeys)
  for (let i = 1; i < keys.length; i++) {
    const key = keys[i]!
    let at = i
    for (; at > 0 && compareKeys(keys[at - 1]!, key) > 0; at--) keys[at] = keys[at - 1]!
    keys[at] = key
  }
  return keys
}
