/** Numbers as they stand in templates (text/template/parse, node.go). */
import * as strconv from '../go/strconv.ts'
import { GoError } from '../go/value.ts'
import type { Item } from './lex.ts'
import type { NumberNode } from './node.ts'

/** A number under every type that can hold it (newNumber in node.go). Throws GoError. */
export function parseNumber(item: Item): NumberNode {
  const { pos, val: text } = item
  const node = (
    int: bigint | undefined,
    uint: bigint | undefined,
    float: number | undefined,
    imag?: number,
  ): NumberNode => ({ kind: 'number', pos, text, int, uint, float, imag })
  if (item.type === 'charConstant') {
    const code = BigInt(charConstant(text))
    return node(code, code, Number(code))
  }
  if (/^[1-9][0-9]{0,14}$|^0$/.test(text)) {
    const int = BigInt(text)
    return node(int, int, Number(text))
  }
  if (text.endsWith('i')) {
    // Of 1+2i the real and the imaginary part; of 2i the latter. The sign of an exponent does not split.
    const parts = /^([+-]?.*?[^eEpP+-])([+-].*)i$/.exec(text)
    const real = parts === null ? 0 : strconv.parseFloat(parts[1]!)
    const imag = attempt(() => strconv.parseFloat(parts?.[2] ?? text.slice(0, -1)))
    if (imag !== undefined) {
      if (imag !== 0) return node(undefined, undefined, undefined, imag)
      const whole = wholeNumber(real)
      return node(inInt64(whole), inUint64(whole), real, imag)
    }
  }
  let uint = attempt(() => strconv.parseUint(text, 0, 64))
  const int = attempt(() => strconv.parseInt(text, 0, 64))
  // -0 is no uint for strconv.
  if (int === 0n) uint ??= 0n
  if (int !== undefined || uint !== undefined) return node(int, uint, Number(int ?? uint))
  const float = attempt(() => strconv.parseFloat(text))
  if (float === undefined) throw new GoError(`illegal number syntax: ${strconv.quote(text)}`)
  // A float that looks like an integer is one that is too large.
  if (!/[.eEpP]/.test(text)) throw new GoError(`integer overflow: ${strconv.quote(text)}`)
  const whole = wholeNumber(float)
  return node(inInt64(whole), inUint64(whole), float)
}

function attempt<T>(get: () => T): T | undefined {
  try {
    return get()
  } catch (error) {
    if (error instanceof GoError) return undefined
    throw error
  }
}

const wholeNumber = (float: number): bigint | undefined => (Number.isInteger(float) ? BigInt(float) : undefined)
const inInt64 = (n: bigint | undefined): bigint | undefined =>
  n !== undefined && BigInt.asIntN(64, n) === n ? n : undefined
const inUint64 = (n: bigint | undefined): bigint | undefined =>
  n !== undefined && BigInt.asUintN(64, n) === n ? n : undefined

/** The code point of a character constant; of '\xff' the byte. */
function charConstant(text: string): number {
  const first = /^'(?:\\(?:[0-7]{3}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)|[^\\'\n])/u.exec(text)
  if (first !== null && first[0].length < text.length - 1) {
    throw new GoError(`malformed character constant: ${text}`)
  }
  const code = strconv.unquote(text).codePointAt(0)
  if (code === undefined) throw new GoError('invalid syntax')
  return code >= 0xdc80 && code <= 0xdcff ? code - 0xdc00 : code
}
