/**
 * Go's package fmt over Go values: Sprint, Sprintln and Sprintf with every verb, flag and diagnostic
 * (`%!d(string=a)`). Follows fmt/print.go and fmt/format.go.
 */
import { maxParts, tooManyParts } from './extent.ts'
import { canBackquote, formatFloat, isPrint, quote, quoteRune, quoteRuneToAscii, quoteToAscii } from './strconv.ts'
import { compareStrings, fromBytes, GoInt, GoMap, GoObject, GoSlice, type GoValue, toBytes, typeOf } from './value.ts'

/** fmt.Sprint: operands in their default form, a space between two of which neither is a string. */
export function sprint(...args: readonly GoValue[]): string {
  if (args.length === 1) return formatValue(args[0]!)
  let out = ''
  let previousString = true
  args.forEach((arg, i) => {
    const isString = typeof arg === 'string' || (arg instanceof GoObject && arg.goKind === 'string')
    if (i > 0 && !isString && !previousString) out += ' '
    out += formatValue(arg)
    previousString = isString
  })
  return out
}

/** fmt.Sprintln: operands in their default form, a space between any two, and a newline. */
export function sprintln(...args: readonly GoValue[]): string {
  return args.map(formatValue).join(' ') + '\n'
}

/** One value in its default form (`%v`): what `{{ v }}` prints, for all but nil. */
export function formatValue(v: GoValue): string {
  switch (typeof v) {
    case 'string':
      return v
    case 'boolean':
      return v ? 'true' : 'false'
    case 'number':
      return formatFloat(v, 'g', -1)
    case 'bigint':
      return v.toString()
  }
  if (v === null) return '<nil>'
  if (v instanceof GoInt) return v.value.toString()
  return new Printer().print(v, 'v')
}

/** The keys of a map in the order Go prints and ranges over them: by bytes. */
export function sortedKeys(map: ReadonlyMap<string, unknown>): string[] {
  const keys = [...map.keys()]
  if (keys.length < 2) return keys
  // UTF-16 order and byte order part only where there are surrogates.
  return keys.some(hasSurrogate) ? keys.sort(compareStrings) : keys.sort()
}

const hasSurrogate = (s: string): boolean => /[\ud800-\udfff]/.test(s)

/** fmt.Sprintf. */
export function sprintf(format: string, ...args: readonly GoValue[]): string {
  let out = ''
  let argNum = 0
  let reordered = false
  let i = 0
  const end = format.length
  while (i < end) {
    const percent = format.indexOf('%', i)
    if (percent < 0) {
      out += i === 0 ? format : format.slice(i)
      break
    }
    if (percent > i) out += format.slice(i, percent)
    i = percent + 1
    // The plain verbs, without flags, make up nearly all formats.
    if (i < end && argNum < args.length) {
      const arg = args[argNum]!
      const c = format.charCodeAt(i)
      if (c === 0x73 /* s */ && typeof arg === 'string') {
        out += arg
        argNum++
        i++
        continue
      }
      if (c === 0x76 /* v */ || (c === 0x64 /* d */ && (typeof arg === 'bigint' || arg instanceof GoInt))) {
        out += formatValue(arg)
        argNum++
        i++
        continue
      }
    }

    const p = new Printer()
    let goodArgNum = true
    let afterIndex = false
    for (; i < end; i++) {
      const c = format[i]
      if (c === '#') p.sharp = true
      else if (c === '0') p.zero = true
      else if (c === '+') p.plus = true
      else if (c === '-') p.minus = true
      else if (c === ' ') p.space = true
      else break
    }

    // An explicit argument index: %[2]d.
    const index = (): void => {
      afterIndex = false
      if (format[i] !== '[') return
      reordered = true
      const close = format.indexOf(']', i + 1)
      if (close < 0) {
        goodArgNum = false
        i++
        return
      }
      const text = format.slice(i + 1, close)
      i = close + 1
      // In Go a bad number in brackets still counts as "found" only when it is a number.
      afterIndex = /^[0-9]+$/.test(text) && Number(text) <= 10_000_009
      const n = Number(text) - 1
      if (afterIndex && n >= 0 && n < args.length) argNum = n
      else goodArgNum = false
    }
    /** The number an argument gives for `*`, or undefined when it is no (sensible) int. */
    const intArgument = (): number | undefined => {
      if (argNum >= args.length) return undefined
      const arg = args[argNum++]!
      const n = typeof arg === 'bigint' ? arg : arg instanceof GoInt ? arg.value : undefined
      return n === undefined || n > 1_000_000n || n < -1_000_000n ? undefined : Number(n)
    }
    /** Digits in the format; undefined when there are none. Go gives up on a number that is absurd. */
    const digits = (): number | undefined => {
      const start = i
      while (i < end && format[i]! >= '0' && format[i]! <= '9') i++
      if (i === start) return undefined
      if (i - start > 7 && Number(format.slice(start, i - 1)) > 1_000_000) {
        i = end
        return undefined
      }
      return Number(format.slice(start, i))
    }

    index()
    if (format[i] === '*') {
      i++
      const width = intArgument()
      if (width === undefined) out += '%!(BADWIDTH)'
      else {
        p.width = Math.abs(width)
        if (width < 0) {
          p.minus = true
          p.zero = false
        }
      }
      afterIndex = false
    } else {
      p.width = digits()
      if (afterIndex && p.width !== undefined) goodArgNum = false
    }
    if (i + 1 < end && format[i] === '.') {
      i++
      if (afterIndex) goodArgNum = false
      index()
      if (format[i] === '*') {
        i++
        const precision = intArgument()
        p.precision = precision !== undefined && precision < 0 ? undefined : precision
        if (p.precision === undefined) out += '%!(BADPREC)'
        afterIndex = false
      } else {
        p.precision = digits() ?? 0
      }
    }
    if (!afterIndex) index()
    if (i >= end) {
      out += '%!(NOVERB)'
      break
    }

    const verb = String.fromCodePoint(format.codePointAt(i)!)
    i += verb.length
    const shown = verb >= '\udc80' && verb <= '\udcff' ? '\ufffd' : verb
    if (verb === '%') out += '%'
    else if (!goodArgNum) out += `%!${shown}(BADINDEX)`
    else if (argNum >= args.length) out += `%!${shown}(MISSING)`
    else {
      if (verb === 'v' || verb === 'w') p.enterV()
      out += p.print(args[argNum]!, shown)
      argNum++
    }
  }
  if (!reordered && argNum < args.length) {
    const extra = args.slice(argNum).map(a => (a === null ? '<nil>' : `${typeOf(a)}=${formatValue(a)}`))
    out += `%!(EXTRA ${extra.join(', ')})`
  }
  return out
}

/** The flags of one verb, and the printing of a value under them. */
class Printer {
  sharp = false
  zero = false
  plus = false
  minus = false
  space = false
  /** %+v and %#v: the flags act on the whole value then, not on its parts. */
  plusV = false
  sharpV = false
  width: number | undefined
  precision: number | undefined
  private parts = 0
  /** Inside a diagnostic no method is called. */
  private erroring = false

  enterV(): void {
    this.sharpV = this.sharp
    this.sharp = false
    this.plusV = this.plus
    this.plus = false
  }

  /** A value that is an argument of its own (printArg). */
  print(v: GoValue, verb: string): string {
    if (v === null) return verb === 'T' || verb === 'v' ? this.pad('<nil>') : this.badVerb(v, verb)
    if (verb === 'T') return this.text(typeOf(v))
    if (verb === 'p') return this.pointer(v, verb)
    return this.value(v, verb, 0)
  }

  /** A value at a depth: a part of another above 0 (printValue). */
  private value(v: GoValue, verb: string, depth: number): string {
    if (++this.parts > maxParts) throw tooManyParts()
    switch (typeof v) {
      case 'boolean':
        return verb === 't' || verb === 'v' ? this.pad(String(v)) : this.badVerb(v, verb)
      case 'string':
        return this.string(v, verb)
      case 'number':
        return this.float(v, verb)
      case 'bigint':
        return this.integer(v, 'int', verb)
    }
    // Nil inside a list or map: an interface without a value.
    if (v === null) return this.sharpV ? 'interface {}(nil)' : '<nil>'
    if (v instanceof GoInt) return this.integer(v.value, v.type, verb)
    // %w is for errors alone; what is not a basic value is refused as a whole.
    if (verb === 'w' && !(v instanceof Uint8Array)) return this.badVerb(v, verb)
    if (v instanceof Uint8Array) return this.bytes(v, verb, depth === 0 ? '[]byte' : '[]uint8')
    if (v instanceof GoObject) return this.object(v, verb, depth)
    if (v instanceof Map) return this.map(v, verb, depth)
    return this.list(v as readonly GoValue[], verb, depth)
  }

  private map(v: ReadonlyMap<string, GoValue>, verb: string, depth: number): string {
    if (this.sharpV && v instanceof GoMap && v.isNil) return `${typeOf(v)}(nil)`
    const parts = sortedKeys(v).map(key => {
      return `${this.string(key, verb)}:${this.value(v.get(key)!, verb, depth + 1)}`
    })
    return this.sharpV ? `${typeOf(v)}{${parts.join(', ')}}` : `map[${parts.join(' ')}]`
  }

  private list(v: readonly GoValue[], verb: string, depth: number): string {
    if (this.sharpV && v instanceof GoSlice && v.isNil) return `${typeOf(v)}(nil)`
    const parts = v.map(item => this.value(item, verb, depth + 1))
    return this.sharpV ? `${typeOf(v)}{${parts.join(', ')}}` : `[${parts.join(' ')}]`
  }

  private object(v: GoObject, verb: string, depth: number): string {
    // A Stringer or an error, where the verb can show a string.
    if (!this.erroring && !this.sharpV && 'vsxXq'.includes(verb) && verb !== '') {
      const text = v.text()
      if (text !== undefined) return this.string(text, verb)
    }
    switch (v.goKind) {
      case 'struct':
        return this.struct(v, v.goType, verb, depth)
      case 'ptr':
        // A pointer prints what it points to at the top only.
        return depth === 0 ? '&' + this.struct(v, v.goType.replace(/^\*/, ''), verb, depth + 1) : this.pointer(v, verb)
      case 'func':
        return this.pointer(v, verb)
    }
    // A named basic type prints as its plain value.
    const integer = v.integer()
    if (integer !== undefined) return this.integer(integer, v.goType, verb)
    const plain = v.json()
    return plain === undefined || plain instanceof GoObject ? `?${v.goType}?` : this.value(plain, verb, depth)
  }

  private struct(v: GoObject, type: string, verb: string, depth: number): string {
    const parts = v.fieldNames().map(name => {
      const text = this.value(v.field(name) ?? null, verb, depth + 1)
      return this.plusV || this.sharpV ? `${name}:${text}` : text
    })
    return this.sharpV ? `${type}{${parts.join(', ')}}` : `{${parts.join(' ')}}`
  }

  /** Addresses differ from run to run in Go; one stands for all of them here. */
  private pointer(v: GoValue, verb: string): string {
    const hasAddress =
      v instanceof Map ||
      Array.isArray(v) ||
      v instanceof Uint8Array ||
      (v instanceof GoObject && (v.goKind === 'ptr' || v.goKind === 'func'))
    if (!hasAddress) return this.badVerb(v, verb)
    const address = 0xc000010000n
    switch (verb) {
      case 'v':
        return this.sharpV ? `(${typeOf(v)})(0xc000010000)` : this.hexAddress(address)
      case 'p':
        return this.hexAddress(address)
      case 'b':
      case 'o':
      case 'd':
      case 'x':
      case 'X':
        return this.integer(address, 'uint64', verb)
      default:
        return this.badVerb(v, verb)
    }
  }

  private hexAddress(address: bigint): string {
    const sharp = this.sharp
    this.sharp = !sharp
    const out = this.digits(address, 16, 'v', false)
    this.sharp = sharp
    return out
  }

  /** `%!verb(type=value)`. */
  private badVerb(v: GoValue, verb: string): string {
    this.erroring = true
    const shown = v === null ? '<nil>' : `${typeOf(v)}=${this.print(v, 'v')}`
    this.erroring = false
    return `%!${verb}(${shown})`
  }

  // -------------------------------------------------------------------------------------------------------------------
  // Strings and bytes

  private pad(text: string): string {
    if (this.width === undefined || this.width === 0) return text
    const missing = this.width - runeCount(text)
    if (missing <= 0) return text
    return this.minus ? text + ' '.repeat(missing) : (this.zero ? '0' : ' ').repeat(missing) + text
  }

  private truncate(text: string): string {
    if (this.precision === undefined || text.length <= this.precision) return text
    return [...text].slice(0, this.precision).join('')
  }

  private text(text: string): string {
    return this.pad(this.truncate(text))
  }

  private string(v: string, verb: string): string {
    switch (verb) {
      case 'v':
        return this.sharpV ? this.quoted(v) : this.text(v)
      case 's':
        return this.text(v)
      case 'x':
      case 'X':
        return this.hex(toBytes(v), verb)
      case 'q':
        return this.quoted(v)
      default:
        return this.badVerb(v, verb)
    }
  }

  private quoted(v: string): string {
    const text = this.truncate(v)
    if (this.sharp && canBackquote(text)) return this.pad('`' + text + '`')
    return this.pad(this.plus ? quoteToAscii(text) : quote(text))
  }

  private bytes(v: Uint8Array, verb: string, type: string): string {
    switch (verb) {
      case 'v':
      case 'd':
        if (this.sharpV) return `${type}{${Array.from(v, b => '0x' + b.toString(16)).join(', ')}}`
        if (this.isPlain()) return decimalBytes(v)
        return `[${Array.from(v, b => this.integer(BigInt(b), 'uint8', 'd')).join(' ')}]`
      case 's':
        return this.text(fromBytes(v))
      case 'x':
      case 'X':
        return this.hex(v, verb)
      case 'q':
        return this.quoted(fromBytes(v))
      default:
        return `[${Array.from(v, b => this.integer(BigInt(b), 'uint8', verb)).join(' ')}]`
    }
  }

  private isPlain(): boolean {
    return this.width === undefined && this.precision === undefined && !(this.plus || this.space)
  }

  /** The bytes in hexadecimal; precision limits how many, space and sharp set them apart. */
  private hex(bytes: Uint8Array, verb: string): string {
    const length = Math.min(bytes.length, this.precision ?? bytes.length)
    const prefix = this.sharp ? '0' + verb : ''
    let out = ''
    for (let i = 0; i < length; i++) {
      if (i === 0) out += prefix
      else if (this.space) out += ' ' + prefix
      const two = bytes[i]!.toString(16).padStart(2, '0')
      out += verb === 'X' ? two.toUpperCase() : two
    }
    return this.pad(out)
  }

  // -------------------------------------------------------------------------------------------------------------------
  // Numbers

  private integer(v: bigint, type: string, verb: string): string {
    const signed = !type.startsWith('u')
    switch (verb) {
      case 'v':
        if (this.sharpV && !signed) return this.withSharp(() => this.digits(v, 16, 'v', false))
        return this.digits(v, 10, verb, signed)
      case 'd':
        return this.digits(v, 10, verb, signed)
      case 'b':
        return this.digits(v, 2, verb, signed)
      case 'o':
      case 'O':
        return this.digits(v, 8, verb, signed)
      case 'x':
      case 'X':
        return this.digits(v, 16, verb, signed)
      case 'c':
        return this.pad(String.fromCodePoint(runeOf(v)))
      case 'q':
        return this.pad(this.plus ? quoteRuneToAscii(runeOf(v)) : quoteRune(runeOf(v)))
      case 'U':
        return this.unicode(v)
      default:
        return this.badVerb(type === 'int' ? v : new GoInt(type as GoInt['type'], v), verb)
    }
  }

  private withSharp(print: () => string): string {
    const sharp = this.sharp
    this.sharp = true
    const out = print()
    this.sharp = sharp
    return out
  }

  private digits(v: bigint, base: number, verb: string, signed: boolean): string {
    const negative = signed && v < 0n
    let precision = 0
    if (this.precision !== undefined) {
      precision = this.precision
      // Precision 0 and value 0 print nothing but padding.
      if (precision === 0 && v === 0n) return ' '.repeat(this.width ?? 0)
    } else if (this.zero && !this.minus && this.width !== undefined) {
      precision = this.width
      if (negative || this.plus || this.space) precision--
    }
    let text = (negative ? -v : v).toString(base)
    if (verb === 'X') text = text.toUpperCase()
    text = text.padStart(precision, '0')
    if (this.sharp) {
      if (base === 2) text = '0b' + text
      else if (base === 8 && text[0] !== '0') text = '0' + text
      else if (base === 16) text = (verb === 'X' ? '0X' : '0x') + text
    }
    if (verb === 'O') text = '0o' + text
    if (negative) text = '-' + text
    else if (this.plus) text = '+' + text
    else if (this.space) text = ' ' + text
    return this.padWithoutZero(text)
  }

  private padWithoutZero(text: string): string {
    const zero = this.zero
    this.zero = false
    const out = this.pad(text)
    this.zero = zero
    return out
  }

  /** %U: U+0078, with # also the character. */
  private unicode(v: bigint): string {
    const code = BigInt.asUintN(64, v)
    let text =
      'U+' +
      code
        .toString(16)
        .toUpperCase()
        .padStart(Math.max(4, this.precision ?? 0), '0')
    if (this.sharp && code <= 0x10ffffn && isPrint(Number(code))) text += ` '${String.fromCodePoint(Number(code))}'`
    return this.padWithoutZero(text)
  }

  private float(v: number, verb: string): string {
    switch (verb) {
      case 'v':
        return this.floatText(v, 'g', -1)
      case 'g':
      case 'G':
      case 'b':
      case 'x':
      case 'X':
        return this.floatText(v, verb, -1)
      case 'f':
      case 'e':
      case 'E':
        return this.floatText(v, verb, 6)
      case 'F':
        return this.floatText(v, 'f', 6)
      default:
        return this.badVerb(v, verb)
    }
  }

  private floatText(v: number, verb: string, defaultPrecision: number): string {
    const precision = this.precision ?? defaultPrecision
    let text =
      verb === 'b'
        ? binaryExponent(v)
        : verb === 'x' || verb === 'X'
          ? hexFloat(v, precision, verb === 'X')
          : formatFloat(v, verb as 'e' | 'f' | 'g' | 'E' | 'G', precision)
    let sign = '+'
    if (text[0] === '-' || text[0] === '+') {
      sign = text[0]
      text = text.slice(1)
    }
    if (this.space && sign === '+' && !this.plus) sign = ' '
    // Infinities and NaN do not look like numbers, so they are not padded with zeros.
    if (text[0] === 'I' || text[0] === 'N') {
      const showSign = text[0] === 'I' || this.space || this.plus
      return this.padWithoutZero((showSign ? sign : '') + text)
    }
    if (this.sharp && verb !== 'b') text = keepPoint(text, verb, precision)
    if (this.plus || sign !== '+') {
      if (this.zero && !this.minus && this.width !== undefined && this.width > text.length + 1) {
        return sign + text.padStart(this.width - 1, '0')
      }
      return this.pad(sign + text)
    }
    return this.pad(text)
  }
}

/** `[104 105]`. Charts that print `.Files` print megabytes so, and the same ones again and again: hence the care. */
function decimalBytes(bytes: Uint8Array): string {
  const known = decimals.get(bytes)
  if (known !== undefined) return known
  const out = Buffer.allocUnsafe(bytes.length * 4 + 2)
  let at = 0
  out[at++] = 0x5b
  for (let i = 0; i < bytes.length; i++) {
    const b = bytes[i]!
    if (i > 0) out[at++] = 0x20
    if (b >= 100) out[at++] = 0x30 + Math.floor(b / 100)
    if (b >= 10) out[at++] = 0x30 + (Math.floor(b / 10) % 10)
    out[at++] = 0x30 + (b % 10)
  }
  out[at++] = 0x5d
  const text = out.toString('latin1', 0, at)
  decimals.set(bytes, text)
  return text
}

/** Bytes are never changed once they are a value. */
const decimals = new WeakMap<Uint8Array, string>()

const runeCount = (s: string): number => {
  if (!hasSurrogate(s)) return s.length
  let count = 0
  for (const _ of s) count++
  return count
}

/** The rune an integer is as a character; U+FFFD when there is none. */
function runeOf(v: bigint): number {
  const code = BigInt.asUintN(64, v)
  return code > 0x10ffffn || (code >= 0xd800n && code <= 0xdfffn) ? 0xfffd : Number(code)
}

/** The sharp flag keeps the decimal point and, for %g, trailing zeros. */
function keepPoint(text: string, verb: string, precision: number): string {
  let digits = 0
  if (verb === 'g' || verb === 'G' || verb === 'x') digits = precision === -1 ? 6 : precision
  const exponent = verb === 'x' || verb === 'X' ? text.search(/[pP]/) : text.search(/[eEpP]/)
  const tail = exponent < 0 ? '' : text.slice(exponent)
  let number = exponent < 0 ? text : text.slice(0, exponent)
  const significant = number.replace('.', '').replace(/^0+/, '')
  // The 0 and x of a hexadecimal number count as Go's loop sees them: x is not a zero.
  digits -= significant.length
  if (!number.includes('.')) {
    // A leading 0 counts once.
    if (number === '0') digits--
    number += '.'
  }
  return number + '0'.repeat(Math.max(0, digits)) + tail
}

const floatBits = new DataView(new ArrayBuffer(8))

/** Sign, mantissa and exponent of a float64, mantissa as an integer. */
function parts(v: number): { sign: string; mantissa: bigint; exponent: number } {
  floatBits.setFloat64(0, v)
  const bits = floatBits.getBigUint64(0)
  const biased = Number((bits >> 52n) & 0x7ffn)
  const fraction = bits & 0xfffffffffffffn
  return {
    sign: bits >> 63n === 1n ? '-' : '',
    mantissa: biased === 0 ? fraction : fraction | (1n << 52n),
    exponent: (biased === 0 ? 1 : biased) - 1075,
  }
}

/** %b: decimal mantissa, binary exponent. */
function binaryExponent(v: number): string {
  if (!Number.isFinite(v)) return formatFloat(v, 'g', -1)
  const { sign, mantissa, exponent } = parts(v)
  return `${sign}${mantissa}p${exponent >= 0 ? '+' : ''}${exponent}`
}

/** %x: hexadecimal mantissa, binary exponent. */
function hexFloat(v: number, precision: number, upper: boolean): string {
  if (!Number.isFinite(v)) return formatFloat(v, 'g', -1)
  const { sign, exponent: scale } = parts(v)
  let { mantissa } = parts(v)
  let exponent = 0
  if (mantissa !== 0n) {
    // One hexadecimal digit, 1, before the point and 13 after it.
    exponent = scale + 52
    while (mantissa >> 52n === 0n) {
      mantissa <<= 1n
      exponent--
    }
    if (precision >= 0 && precision < 13) {
      const drop = BigInt((13 - precision) * 4)
      const half = 1n << (drop - 1n)
      const rest = mantissa & ((1n << drop) - 1n)
      mantissa >>= drop
      if (rest > half || (rest === half && (mantissa & 1n) === 1n)) mantissa++
      mantissa <<= drop
      if (mantissa >> 53n !== 0n) {
        mantissa >>= 1n
        exponent++
      }
    }
  }
  const lead = mantissa >> 52n
  let fraction = (mantissa & 0xfffffffffffffn).toString(16).padStart(13, '0')
  fraction = precision < 0 ? fraction.replace(/0+$/, '') : fraction.padEnd(precision, '0').slice(0, precision)
  const text = `${sign}0x${lead}${fraction === '' ? '' : '.' + fraction}p${exponent < 0 ? '-' : '+'}${String(
    Math.abs(exponent),
  ).padStart(2, '0')}`
  return upper ? text.toUpperCase() : text
}
