/**
 * Reading tar archives, synchronously and with suspicion: what comes in was made by others. Charts and the contents of
 * OCI layers are read through it. Only regular files come out; whatever could write elsewhere, or hide a second file
 * under a name already seen, is refused.
 */
import { gunzipSync } from 'node:zlib'
import { DecapodError } from './errors.ts'

/** A regular file of an archive. */
export interface TarFile {
  /** The name as the archive has it; it is relative and has no ".." element. */
  readonly name: string
  readonly data: Uint8Array
  /** Permission bits. */
  readonly mode: number
}

export interface TarLimits {
  /** Most bytes of the unpacked archive. */
  readonly totalSize: number
  /** Most bytes of one file. */
  readonly fileSize: number
  /** Most entries, directories included. */
  readonly entries: number
}

export const defaultTarLimits: TarLimits = {
  totalSize: 512 * 1024 * 1024,
  fileSize: 256 * 1024 * 1024,
  entries: 100_000,
}

const block = 512

/**
 * Unpacks a gzipped tar. Throws DecapodError ARCHIVE_INVALID for what is not one or is not safe, LIMIT_EXCEEDED for what
 * is too large.
 */
export function readTarGz(
  bytes: Uint8Array,
  file: string,
  limits: TarLimits = defaultTarLimits,
  mayRepeat: (path: string) => boolean = never,
): TarFile[] {
  return readTar(gunzip(bytes, file, limits.totalSize), file, limits, mayRepeat)
}

const never = (): boolean => false

/** Decompresses gzip data into at most `limit` bytes; `file` names it in errors. */
export function gunzip(bytes: Uint8Array, file: string, limit: number): Uint8Array {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) throw invalid(file, 'gzip: invalid header')
  try {
    return gunzipSync(bytes, { maxOutputLength: limit })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(file, `unpacks to more than ${limit} bytes`)
    throw invalid(file, `not readable as gzip: ${(error as Error).message}`)
  }
}

/**
 * Reads a tar archive (ustar, pax and GNU long names). `file` names it in errors. Throws as readTarGz does. A name that
 * stands twice is refused unless `mayRepeat` says otherwise; both files are then given, in their order.
 */
export function readTar(
  bytes: Uint8Array,
  file: string,
  limits: TarLimits = defaultTarLimits,
  mayRepeat: (path: string) => boolean = never,
): TarFile[] {
  const files: TarFile[] = []
  const seen = new Set<string>()
  let entries = 0
  let at = 0
  // What a preceding pax or GNU header says about the next entry.
  let longName: string | undefined
  let paxSize: number | undefined
  while (at + block <= bytes.length) {
    const header = bytes.subarray(at, at + block)
    if (isZero(header)) break
    if (!hasValidChecksum(header)) throw invalid(file, 'invalid tar header')
    if (++entries > limits.entries) throw tooLarge(file, `has more than ${limits.entries} entries`)
    const size = paxSize ?? readNumber(header, 124, 12, file)
    const start = at + block
    const end = start + size
    if (end > bytes.length) throw invalid(file, 'unexpected end of archive')
    at = start + Math.ceil(size / block) * block
    const type = String.fromCharCode(header[156]!)
    const body = bytes.subarray(start, end)
    switch (type) {
      case 'x': {
        const pax = readPax(body, file)
        longName = pax.get('path') ?? longName
        const given = pax.get('size')
        if (given !== undefined) paxSize = parseSize(given, file)
        continue
      }
      case 'L':
        longName = untilZero(body)
        continue
      // Attributes for the whole archive and long link names say nothing about files.
      case 'g':
      case 'K':
        continue
    }
    const name = longName ?? headerName(header)
    longName = undefined
    paxSize = undefined
    const isOldDirectory = (type === '\0' || type === '0') && name.endsWith('/')
    if (type === '5' || isOldDirectory) {
      refuseUnsafe(name, file)
      continue
    }
    if (type === '1' || type === '2') throw invalid(file, `"${name}" is a link; links are refused`)
    if (type === '3' || type === '4' || type === '6') throw invalid(file, `"${name}" is a device or a pipe`)
    if (type !== '0' && type !== '\0' && type !== '7') {
      throw invalid(file, `"${name}" is an entry of unknown type ${JSON.stringify(type)}`)
    }
    refuseUnsafe(name, file)
    if (size > limits.fileSize) throw tooLarge(file, `holds "${name}", larger than ${limits.fileSize} bytes`)
    const path = normalized(name)
    // Where a name stands twice, it depends on the reader which one counts.
    if (seen.has(path) && !mayRepeat(path)) throw invalid(file, `"${name}" stands in it twice`)
    seen.add(path)
    files.push({ name, data: body, mode: readNumber(header, 100, 8, file) & 0o777 })
  }
  return files
}

/** The name with "/" between its elements and without empty or "." ones: two names with one such form are one file. */
function normalized(name: string): string {
  return name
    .split(/[/\\]/)
    .filter(part => part !== '' && part !== '.')
    .join('/')
}

function refuseUnsafe(name: string, file: string): void {
  if (name === '' || name.includes('\0')) throw invalid(file, 'an entry has no usable name')
  if (/^[/\\]|^[a-zA-Z]:[/\\]/.test(name)) throw invalid(file, `"${name}" is an absolute path`)
  if (name.split(/[/\\]/).includes('..')) throw invalid(file, `"${name}" leads outside the archive`)
}

function isZero(header: Uint8Array): boolean {
  return header.every(byte => byte === 0)
}

/** The sum over all bytes, the checksum field itself counted as blanks; old writers summed signed bytes. */
function hasValidChecksum(header: Uint8Array): boolean {
  let unsigned = 0
  let signed = 0
  for (let i = 0; i < block; i++) {
    const byte = i >= 148 && i < 156 ? 32 : header[i]!
    unsigned += byte
    signed += byte > 127 ? byte - 256 : byte
  }
  const given = Number.parseInt(untilZero(header.subarray(148, 156)).trim(), 8)
  return given === unsigned || given === signed
}

function headerName(header: Uint8Array): string {
  const name = untilZero(header.subarray(0, 100))
  // GNU's magic has a blank where ustar has NUL, and other fields in place of the prefix.
  const isUstar = untilZero(header.subarray(257, 263)) === 'ustar'
  const prefix = isUstar ? untilZero(header.subarray(345, 500)) : ''
  return prefix === '' ? name : `${prefix}/${name}`
}

/** An octal field, or GNU's base-256 form for numbers that do not fit. */
function readNumber(header: Uint8Array, start: number, length: number, file: string): number {
  const field = header.subarray(start, start + length)
  if ((field[0]! & 0x80) !== 0) {
    if ((field[0]! & 0x40) !== 0) throw invalid(file, 'invalid tar header')
    let value = field[0]! & 0x3f
    for (const byte of field.subarray(1)) value = value * 256 + byte
    return checkedSize(value, file)
  }
  const text = untilZero(field).trim()
  if (text === '') return 0
  if (!/^[0-7]+$/.test(text)) throw invalid(file, 'invalid tar header')
  return checkedSize(Number.parseInt(text, 8), file)
}

/** The records of a pax header: `LENGTH KEY=VALUE\n`, the length counting bytes of the whole record. */
function readPax(body: Uint8Array, file: string): Map<string, string> {
  const records = new Map<string, string>()
  let at = 0
  while (at < body.length) {
    const space = body.indexOf(0x20, at)
    const length = space === -1 ? Number.NaN : Number(decode(body.subarray(at, space)))
    if (!Number.isInteger(length) || length < space - at + 3 || at + length > body.length) {
      throw invalid(file, 'invalid pax header')
    }
    const record = decode(body.subarray(space + 1, at + length - 1))
    const equals = record.indexOf('=')
    if (equals === -1 || body[at + length - 1] !== 0x0a) throw invalid(file, 'invalid pax header')
    const key = record.slice(0, equals)
    if (key.startsWith('GNU.sparse')) throw invalid(file, 'sparse files are not supported')
    records.set(key, record.slice(equals + 1))
    at += length
  }
  return records
}

function parseSize(text: string, file: string): number {
  if (!/^[0-9]+$/.test(text)) throw invalid(file, 'invalid pax header')
  return checkedSize(Number(text), file)
}

function checkedSize(size: number, file: string): number {
  if (!Number.isSafeInteger(size)) throw invalid(file, 'invalid tar header')
  return size
}

function untilZero(bytes: Uint8Array): string {
  const zero = bytes.indexOf(0)
  return decode(zero === -1 ? bytes : bytes.subarray(0, zero))
}

const decoder = new TextDecoder('utf-8')

function decode(bytes: Uint8Array): string {
  return decoder.decode(bytes)
}

function invalid(file: string, message: string): DecapodError {
  return new DecapodError('ARCHIVE_INVALID', message, { at: { file } })
}

function tooLarge(file: string, message: string): DecapodError {
  return new DecapodError('LIMIT_EXCEEDED', `the archive ${message}`, { at: { file } })
}
