/** JSON as schemas hold it: numbers keep the text they were written with, because messages repeat it. */
import { decodeJson } from '../../go/json.ts'
import { formatFloat } from '../../go/strconv.ts'
import { GoError, GoInt, type GoValue } from '../../go/value.ts'

export class JsonNumber {
  readonly text: string
  readonly value: number

  constructor(text: string) {
    this.text = text
    this.value = Number(text)
  }
}

export type Json = null | boolean | string | JsonNumber | readonly Json[] | JsonObject
export type JsonObject = ReadonlyMap<string, Json>

/** Parses a JSON document. Throws GoError with encoding/json's text. */
export function parseSchemaJson(text: string): Json {
  // What the decoder accepts is well-formed, so the reader below need not check.
  try {
    decodeJson(text)
  } catch (error) {
    // The schema is read by a json.Decoder, which knows where its input ends.
    if (!(error instanceof GoError) || error.message !== 'unexpected end of JSON input') throw error
    throw new GoError(/^[ \t\r\n]*$/.test(text) ? 'EOF' : 'unexpected EOF')
  }
  return new JsonReader(text).value()
}

class JsonReader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  value(): Json {
    this.#space()
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object()
      case '[':
        return this.#list()
      case '"':
        return this.#string()
      case 't':
        this.#at += 4
        return true
      case 'f':
        this.#at += 5
        return false
      case 'n':
        this.#at += 4
        return null
    }
    const start = this.#at
    while (/[-+.0-9eE]/.test(this.#text[this.#at] ?? '')) this.#at++
    return new JsonNumber(this.#text.slice(start, this.#at))
  }

  #object(): JsonObject {
    const object = new Map<string, Json>()
    this.#at++
    for (this.#space(); this.#text[this.#at] !== '}'; this.#space()) {
      if (this.#text[this.#at] === ',') this.#at++
      this.#space()
      const key = this.#string()
      this.#space()
      this.#at++
      object.set(key, this.value())
    }
    this.#at++
    return object
  }

  #list(): Json[] {
    const list: Json[] = []
    this.#at++
    for (this.#space(); this.#text[this.#at] !== ']'; this.#space()) {
      if (this.#text[this.#at] === ',') this.#at++
      list.push(this.value())
    }
    this.#at++
    return list
  }

  #string(): string {
    const text = this.#text
    const start = this.#at
    let isEscaped = false
    let at = start + 1
    for (let c = text.charCodeAt(at); c !== 0x22; c = text.charCodeAt(++at)) {
      if (c !== 0x5c) continue
      isEscaped = true
      at++
    }
    this.#at = at + 1
    return isEscaped ? (JSON.parse(text.slice(start, at + 1)) as string) : text.slice(start + 1, at)
  }

  #space(): void {
    const text = this.#text
    let at = this.#at
    // The decoder has seen to it that nothing else below stands between values.
    while (text.charCodeAt(at) <= 0x20) at++
    this.#at = at
  }
}

export function isObject(value: unknown): value is JsonObject {
  return value instanceof Map
}

export function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value)
}

/** A value under validation: what templates hold, or part of a schema that is checked against its own schema. */
export type Instance = GoValue | Json

/** The number in an instance, as JSON text and as a float; undefined for all else. */
export function numberOf(value: Instance): JsonNumber | undefined {
  if (value instanceof JsonNumber) return value
  if (typeof value === 'number') return new JsonNumber(formatFloat(value, 'g', -1))
  if (typeof value === 'bigint') return new JsonNumber(String(value))
  if (value instanceof GoInt) return new JsonNumber(String(value.value))
  return undefined
}

export type JsonType = 'null' | 'boolean' | 'number' | 'integer' | 'string' | 'array' | 'object'

/** The type of an instance, `number` for all numbers; undefined for what JSON does not have. */
export function typeOfInstance(value: Instance): Exclude<JsonType, 'integer'> | undefined {
  if (value === null) return 'null'
  if (typeof value === 'boolean') return 'boolean'
  if (typeof value === 'string') return 'string'
  if (typeof value === 'number') return Number.isFinite(value) ? 'number' : undefined
  if (Array.isArray(value)) return 'array'
  if (value instanceof Map) return 'object'
  const number = numberOf(value)
  return number !== undefined && Number.isFinite(number.value) ? 'number' : undefined
}

/** Whether a number has no fraction: 1.0 and 1e3 are integers. */
export function isInteger(number: JsonNumber): boolean {
  const { digits, exponent } = decimalOf(number)
  return exponent >= 0 || digits % 10n ** BigInt(-exponent) === 0n
}

/** Whether one number divides another exactly, as written (0.3 is a multiple of 0.1). */
export function isMultiple(number: JsonNumber, of: JsonNumber): boolean {
  const a = decimalOf(number)
  const b = decimalOf(of)
  if (b.digits === 0n) return false
  const scale = Math.min(a.exponent, b.exponent)
  return (a.digits * 10n ** BigInt(a.exponent - scale)) % (b.digits * 10n ** BigInt(b.exponent - scale)) === 0n
}

/** A decimal as an integer times a power of ten. Exponents beyond what a float64 holds are cut. */
function decimalOf({ text }: JsonNumber): { digits: bigint; exponent: number } {
  const [, sign, whole, fraction = '', power = '0'] = /^([-+]?)([0-9]+)(?:\.([0-9]*))?(?:[eE]([-+]?[0-9]+))?$/.exec(
    text,
  )!
  const digits = BigInt(whole! + fraction)
  const exponent = Math.max(-400, Math.min(400, Number(power))) - fraction.length
  return { digits: sign === '-' ? -digits : digits, exponent }
}

/** Equality of JSON: numbers by value, objects without regard to order. */
export function equals(a: Instance, b: Instance): boolean {
  const left = numberOf(a)
  if (left !== undefined) {
    const right = numberOf(b)
    return right !== undefined && left.value === right.value
  }
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, i) => equals(item as Instance, b[i] as Instance))
  }
  if (a instanceof Map) {
    if (!(b instanceof Map) || a.size !== b.size) return false
    for (const [key, item] of a) if (!b.has(key) || !equals(item as Instance, b.get(key) as Instance)) return false
    return true
  }
  return a === b
}
