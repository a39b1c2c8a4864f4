/** Writing tar archives in one fixed form: the same files give the same bytes on every machine and day. */
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
