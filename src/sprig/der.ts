/** The little of ASN.1 DER that keys and certificates need: writing, and walking what has been written. */

/** One element: its tag, what it holds, and all of its bytes. */
export interface Element {
  readonly tag: number
  readonly content: Uint8Array
  readonly bytes: Uint8Array
}

/** An element of a tag. */
export function element(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content)
  return Buffer.concat([Buffer.from([tag, ...lengthOf(body.length)]), body])
}

function lengthOf(length: number): number[] {
  if (length < 0x80) return [length]
  const bytes: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256)
  return [0x80 | bytes.length, ...bytes]
}

export function sequence(...content: readonly Uint8Array[]): Buffer {
  return element(0x30, ...content)
}

/** A non-negative INTEGER. */
export function integer(value: bigint): Buffer {
  const hex = value.toString(16)
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
  return element(0x02, bytes[0]! >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes)
}

export function octetString(content: Uint8Array): Buffer {
  return element(0x04, content)
}

export function bitString(content: Uint8Array, unusedBits = 0): Buffer {
  return element(0x03, Buffer.from([unusedBits]), content)
}

/** An OBJECT IDENTIFIER from its dotted form. */
export function objectId(dotted: string): Buffer {
  const [first, second, ...rest] = dotted.split('.').map(Number)
  const bytes = [first! * 40 + second!]
  for (const part of rest) {
    const groups = [part & 0x7f]
    for (let left = part >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80)
    bytes.push(...groups)
  }
  return element(0x06, Buffer.from(bytes))
}

/** Reads one element at an offset. Throws RangeError where the bytes are no element. */
export function readElement(bytes: Uint8Array, offset = 0): Element {
  const tag = bytes[offset]
  const first = bytes[offset + 1]
  if (tag === undefined || first === undefined) throw new RangeError('truncated tag or length')
  let at = offset + 2
  let length = first
  if (first >= 0x80) {
    length = 0
    const count = first & 0x7f
    if (count === 0 || count > 4) throw new RangeError('unsupported length')
    for (let i = 0; i < count; i++) length = length * 256 + (bytes[at++] ?? 0)
  }
  if (at + length > bytes.length) throw new RangeError('data truncated')
  return { tag, content: bytes.subarray(at, at + length), bytes: bytes.subarray(offset, at + length) }
}

/** The elements inside an element. */
export function children(content: Uint8Array): Element[] {
  const out: Element[] = []
  for (let at = 0; at < content.length; ) {
    const child = readElement(content, at)
    out.push(child)
    at += child.bytes.length
  }
  return out
}

/** The value of an INTEGER's content, taken for non-negative. */
export function toBigInt(content: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(content).toString('hex') || '0'}`)
}

/** PEM with lines of 64 characters, as Go and OpenSSL write it. */
export function encodePem(type: string, bytes: Uint8Array): string {
  const lines = Buffer.from(bytes)
    .toString('base64')
    .replace(/.{64}(?=.)/g, '$&\n')
  return `-----BEGIN ${type}-----\n${lines}\n-----END ${type}-----\n`
}

/** pem.Decode: the first block of a text; undefined when there is none. */
export function decodePem(text: string): { readonly type: string; readonly bytes: Uint8Array } | undefined {
  const block = /(?:^|\n)-----BEGIN ([^\r\n]*)-----[ \t]*\r?\n([\s\S]*?)(?<=\n)-----END ([^\r\n]*)-----/.exec(text)
  if (block === null || block[1] !== block[3]) return undefined
  // Headers (`Proc-Type: 4,ENCRYPTED`) end at an empty line.
  const body = block[2]!.replace(/^(?:[^\n:]+:[^\n]*\n)+\r?\n/, '').replace(/\s+/g, '')
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(body) || body.length % 4 !== 0) return undefined
  return { type: block[1]!, bytes: Buffer.from(body, 'base64') }
}
