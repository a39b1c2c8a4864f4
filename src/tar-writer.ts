/**
 * Writing tar archives, plain or in gzip's form, in one fixed way: the same files give the same bytes on every machine
 * and day. Nothing is compressed: what compresses (zlib, its forks, its versions) differs between machines.
 */
import { DecapodError } from './errors.ts'

export interface TarEntry {
  readonly name: string
  readonly data: Uint8Array
  /** Permission bits; 0o644 by default. */
  readonly mode?: number
}

const block = 512

/**
 * Packs files as ustar, sorted by name, without owner, time or directories; a name that ustar cannot hold gets a pax
 * header. Throws ARCHIVE_INVALID for a name that stands twice.
 */
export function writeTar(entries: readonly TarEntry[]): Uint8Array {
  const sorted = [...entries].sort((a, b) => (a.name < b.name ? -1 : 1))
  const chunks: Uint8Array[] = []
  let previous: string | undefined
  for (const entry of sorted) {
    if (entry.name === previous)
      throw new DecapodError('ARCHIVE_INVALID', `"${entry.name}" stands twice in an archive to be written`)
    previous = entry.name
    chunks.push(tarHeader(entry.name, entry.data.length, entry.mode), entry.data, padding(entry.data.length))
  }
  chunks.push(new Uint8Array(block * 2))
  return Buffer.concat(chunks)
}

/** Data as a gzip file (RFC 1952) without name and time, stored and not compressed. */
export function storedGzip(data: Uint8Array): Uint8Array {
  const tail = Buffer.alloc(8)
  tail.writeUInt32LE(crc32(data), 0)
  tail.writeUInt32LE(data.length % 2 ** 32, 4)
  return Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]), ...storedBlocks(data), tail])
}

/** Data as stored blocks of deflate (RFC 1951, 3.2.4). */
export function* storedBlocks(data: Uint8Array): Generator<Uint8Array> {
  const longest = 0xffff
  for (let at = 0; at === 0 || at < data.length; at += longest) {
    const bytes = data.subarray(at, at + longest)
    const head = Buffer.alloc(5)
    head[0] = at + longest >= data.length ? 1 : 0
    head.writeUInt16LE(bytes.length, 1)
    head.writeUInt16LE(bytes.length ^ longest, 3)
    yield head
    yield bytes
  }
}

const crcTable: Uint32Array = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1
  return c
})

function crc32(data: Uint8Array): number {
  let crc = 0xffffffff
  for (let i = 0; i < data.length; i++) crc = crcTable[(crc ^ data[i]!) & 0xff]! ^ (crc >>> 8)
  return (crc ^ 0xffffffff) >>> 0
}

/** The header of one file, with a pax header before it where the name or size needs one. Data and padding follow it. */
export function tarHeader(name: string, size: number, mode = 0o644): Uint8Array {
  const split = splitName(name)
  if (split !== undefined && size < 0o77777777777) return ustar(split, size, mode, '0')
  const record = paxRecord('path', name) + (size >= 0o77777777777 ? paxRecord('size', String(size)) : '')
  const body = Buffer.from(record, 'utf8')
  const fallback = {
    name: Buffer.from(name, 'utf8')
      .subarray(-100)
      .toString('latin1')
      .replace(/[^\x20-\x7e]/g, '_'),
    prefix: '',
  }
  return Buffer.concat([
    ustar({ name: 'pax-header', prefix: '' }, body.length, 0o644, 'x'),
    body,
    padding(body.length),
    ustar(fallback, size >= 0o77777777777 ? 0 : size, mode, '0'),
  ])
}

/** Zero bytes up to the next block. */
export function padding(size: number): Uint8Array {
  return new Uint8Array((block - (size % block)) % block)
}

/** The name in ustar's two fields of 100 and 155 bytes, cut at a slash; undefined when it does not fit or is not ASCII. */
function splitName(name: string): { name: string; prefix: string } | undefined {
  if (!/^[\x20-\x7e]+$/.test(name)) return undefined
  if (name.length <= 100) return { name, prefix: '' }
  for (let slash = name.indexOf('/'); slash !== -1 && slash <= 155; slash = name.indexOf('/', slash + 1)) {
    if (slash > 0 && name.length - slash - 1 <= 100)
      return { name: name.slice(slash + 1), prefix: name.slice(0, slash) }
  }
  return undefined
}

function ustar({ name, prefix }: { name: string; prefix: string }, size: number, mode: number, type: string): Buffer {
  const header = Buffer.alloc(block)
  header.write(name, 0, 100, 'latin1')
  const octal = (value: number, at: number, length: number): void => {
    header.write(value.toString(8).padStart(length - 1, '0'), at, length - 1, 'latin1')
  }
  octal(mode & 0o777, 100, 8)
  octal(0, 108, 8)
  octal(0, 116, 8)
  octal(size, 124, 12)
  octal(0, 136, 12)
  header.write(type, 156, 1, 'latin1')
  header.write('ustar\x0000', 257, 8, 'latin1')
  header.write(prefix, 345, 155, 'latin1')
  header.fill(0x20, 148, 156)
  let sum = 0
  for (const byte of header) sum += byte
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 8, 'latin1')
  return header
}

/** `LENGTH KEY=VALUE\n`, where the length counts itself. */
function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`)
  let length = rest + String(rest).length
  if (String(length).length !== String(rest).length) length = rest + String(length).length
  return `${length} ${key}=${value}\n`
}
