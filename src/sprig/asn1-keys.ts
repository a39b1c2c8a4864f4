/**
 * What Go says of private keys it cannot read: encoding/asn1's way through the three structures of crypto/x509 (pkcs1.go,
 * pkcs8.go, sec1.go), and the advice for a key that is of another kind than its PEM says. Keys themselves are read by
 * node:crypto.
 */

/** Of a structure: what the tag must be, and Go's name of the type. */
interface Field {
  readonly tag: number
  readonly compound: boolean
  readonly type: string
  readonly optional?: boolean
  /** The number of an explicit tag around it. */
  readonly explicit?: number
  readonly fields?: readonly Field[]
}

export type KeyFormat = 'pkcs1' | 'pkcs8' | 'sec1'

const int: Field = { tag: 2, compound: false, type: 'int' }
const bigInt: Field = { tag: 2, compound: false, type: 'Int' }
const octets: Field = { tag: 4, compound: false, type: '' }
const oid: Field = { tag: 6, compound: false, type: 'ObjectIdentifier' }
const sequence = (type: string, fields: readonly Field[]): Field => ({ tag: 16, compound: true, type, fields })

const structures: Readonly<Record<KeyFormat, Field>> = {
  pkcs1: sequence('pkcs1PrivateKey', [int, bigInt, int, bigInt, bigInt, bigInt]),
  pkcs8: sequence('pkcs8', [int, sequence('AlgorithmIdentifier', [oid]), octets]),
  sec1: sequence('ecPrivateKey', [
    int,
    octets,
    { ...oid, optional: true, explicit: 0 },
    { tag: 3, compound: false, type: 'BitString', optional: true, explicit: 1 },
  ]),
}
const readers: Readonly<Record<KeyFormat, string>> = {
  pkcs1: 'ParsePKCS1PrivateKey',
  pkcs8: 'ParsePKCS8PrivateKey',
  sec1: 'ParseECPrivateKey',
}
/** Which other format is tried first. */
const others: Readonly<Record<KeyFormat, readonly KeyFormat[]>> = {
  pkcs1: ['sec1', 'pkcs8'],
  pkcs8: ['sec1', 'pkcs1'],
  sec1: ['pkcs8', 'pkcs1'],
}

/** Go's complaint about the bytes of a key, or undefined where their structure is as it should be. */
export function keyComplaint(der: Uint8Array, format: KeyFormat): string | undefined {
  const error = structureError(der, format)
  if (error === undefined) {
    const { end, content } = header(der, 0)
    if (format === 'pkcs1' && end < der.length) return 'asn1: syntax error: trailing data'
    const version = header(der, content)
    const number = der.subarray(version.content, version.end).reduce((v, b) => v * 256 + b, 0)
    if (format === 'pkcs1' && number > 1) return 'x509: unsupported private key version'
    if (format === 'sec1' && number !== 1) return `x509: unknown EC private key version ${number}`
    return undefined
  }
  for (const other of others[format]) {
    if (structureError(der, other) === undefined) {
      return `x509: failed to parse private key (use ${readers[other]} instead for this key format)`
    }
  }
  return format === 'sec1' ? `x509: failed to parse EC private key: ${error}` : error
}

/** asn1.Unmarshal, as far as its error goes. */
function structureError(der: Uint8Array, format: KeyFormat): string | undefined {
  try {
    readField(der, 0, structures[format])
    return undefined
  } catch (error) {
    if (error instanceof Malformed) return error.message
    throw error
  }
}

class Malformed extends Error {}

const syntax = (message: string): Malformed => new Malformed(`asn1: syntax error: ${message}`)
const structure = (message: string): Malformed => new Malformed(`asn1: structure error: ${message}`)

/** Reads a field at an offset of what surrounds it; gives the offset behind it. */
function readField(bytes: Uint8Array, offset: number, field: Field): number {
  if (offset === bytes.length) {
    if (field.optional === true) return offset
    throw syntax('sequence truncated')
  }
  const outer = header(bytes, offset)
  if (field.explicit !== undefined) {
    // Every field with a tag of its own is optional.
    if (outer.class !== 2 || outer.tag !== field.explicit) return offset
    const { explicit: _, ...inner } = field
    readField(bytes.subarray(outer.content, outer.end), 0, inner)
    return outer.end
  }
  if (outer.class !== 0 || outer.tag !== field.tag || outer.compound !== field.compound) {
    const { class: c, tag, length, compound } = outer
    const found = `{class:${c} tag:${tag} length:${length} isCompound:${compound}}`
    const flags = `{optional:${field.optional === true} explicit:false application:false private:false `
    const params = `${flags}defaultValue:<nil> tag:<nil> stringType:0 timeType:0 set:false omitEmpty:false}`
    throw structure(`tags don't match (${field.tag} vs ${found}) ${params} ${field.type} @${outer.content}`)
  }
  if (outer.end > bytes.length) throw syntax('data truncated')
  const content = bytes.subarray(outer.content, outer.end)
  if (field.tag === 2) checkInteger(content, field.type === 'int')
  let at = 0
  for (const inner of field.fields ?? []) at = readField(content, at, inner)
  return outer.end
}

function checkInteger(content: Uint8Array, isSmall: boolean): void {
  const [first, second] = content
  if (first === undefined) throw structure('empty integer')
  if (second !== undefined && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80))) {
    throw structure('integer not minimally-encoded')
  }
  if (isSmall && content.length > 8) throw structure('integer too large')
}

interface Header {
  readonly class: number
  readonly tag: number
  readonly compound: boolean
  readonly length: number
  readonly content: number
  readonly end: number
}

/** parseTagAndLength. */
function header(bytes: Uint8Array, offset: number): Header {
  let at = offset
  const next = (problem: string): number => {
    const byte = bytes[at++]
    if (byte === undefined) throw syntax(problem)
    return byte
  }
  const first = next('truncated tag or length')
  let tag = first & 0x1f
  if (tag === 0x1f) {
    tag = 0
    for (let i = 0, more = true; more; i++) {
      if (i === 5) throw structure('base 128 integer too large')
      const byte = next('truncated base 128 integer')
      if (i === 0 && byte === 0x80) throw syntax('integer is not minimally encoded')
      tag = tag * 128 + (byte & 0x7f)
      more = byte >= 0x80
    }
    if (tag < 0x1f) throw syntax('non-minimal tag')
  }
  let length = next('truncated tag or length')
  if (length === 0x80) throw syntax('indefinite length found (not DER)')
  if (length > 0x80) {
    const count = length & 0x7f
    length = 0
    for (let i = 0; i < count; i++) {
      const byte = next('truncated tag or length')
      if (length >= 1 << 23) throw structure('length too large')
      length = length * 256 + byte
      if (length === 0) throw structure('superfluous leading zeros in length')
    }
    if (length < 0x80) throw structure('non-minimal length')
  }
  return { class: first >> 6, tag, compound: (first & 0x20) !== 0, length, content: at, end: at + length }
}
