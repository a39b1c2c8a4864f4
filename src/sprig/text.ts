/** The text of a value (sprig's strval), and strings as the byte strings that sprig's older helpers index. */
import { formatValue } from '../go/fmt.ts'
import { isAscii } from '../go/unicode.ts'
import { fromBytes, GoError, type GoValue, toBytes } from '../go/value.ts'

/** sprig's strval: strings and bytes as they are, everything else as `%v` prints it (strings.go). */
export function strval(v: GoValue): string {
  if (typeof v === 'string') return v
  return v instanceof Uint8Array ? fromBytes(v) : formatValue(v)
}

/** A Go string with one character per byte, so that offsets count bytes. ASCII text is the same. */
export function toByteString(s: string): string {
  return isAscii(s) ? s : Buffer.from(toBytes(s)).toString('latin1')
}

/** The Go string of a byte string. */
export function fromByteString(bytes: string): string {
  return isAscii(bytes) ? bytes : fromBytes(Buffer.from(bytes, 'latin1'))
}

/** bytes[start:end] with Go's panics. */
export function slice(bytes: string, start: number, end?: number): string {
  const to = end ?? bytes.length
  if (to < 0) throw outOfRange(`[:${to}]`)
  if (to > bytes.length) throw outOfRange(`[:${to}] with length ${bytes.length}`)
  if (start < 0) throw outOfRange(`[${start}:]`)
  if (start > to) throw outOfRange(`[${start}:${to}]`)
  return bytes.slice(start, to)
}

function outOfRange(what: string): GoError {
  return new GoError(`runtime error: slice bounds out of range ${what}`, true)
}

/** What Go says when a function asks a nil for its type. */
export function nilDereference(): GoError {
  return new GoError('runtime error: invalid memory address or nil pointer dereference', true)
}
