/** Text in UTF-16, which go-yaml reads where a byte order mark says so (readerc.go). */
import { toBytes } from '../go/value.ts'
import { YamlFailure } from './scan.ts'

/**
 * Text whose bytes begin with a mark of UTF-16, decoded; any other as it is. Throws YamlFailure in go-yaml's words for
 * halves of characters.
 */
export function fromUtf16(text: string): string {
  const first = text.charCodeAt(0)
  // The marks are no UTF-8, and so stand here as the bytes that they are.
  if (first !== 0xdcff && first !== 0xdcfe) return text
  const isLittle = text.startsWith('\udcff\udcfe')
  if (!isLittle && !text.startsWith('\udcfe\udcff')) return text
  const bytes = Buffer.from(toBytes(text)).subarray(2)
  const unit = (at: number): number => (isLittle ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at))
  let out = ''
  for (let at = 0; at < bytes.length; at += 2) {
    if (at + 1 === bytes.length) throw new YamlFailure('incomplete UTF-16 character', 'other')
    const high = unit(at)
    if ((high & 0xfc00) === 0xdc00) throw new YamlFailure('unexpected low surrogate area', 'other')
    out += String.fromCharCode(high)
    if ((high & 0xfc00) !== 0xd800) continue
    at += 2
    if (at + 1 >= bytes.length) throw new YamlFailure('incomplete UTF-16 surrogate pair', 'other')
    if ((unit(at) & 0xfc00) !== 0xdc00) throw new YamlFailure('expected low surrogate area', 'other')
    out += String.fromCharCode(unit(at))
  }
  return out
}
