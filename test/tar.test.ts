import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { readTar, readTarGz } from '../src/tar.ts'

interface Entry {
  readonly name: string
  readonly data?: string
  readonly type?: string
  /** The size in the header, where it lies. */
  readonly size?: number
}

function header({ name, data = '', type = '0', size = Buffer.byteLength(data) }: Entry): Buffer {
  const head = Buffer.alloc(512)
  head.write(name, 0, 100)
  head.write('0000644\0', 100)
  head.write(`${size.toString(8).padStart(11, '0')}\0`, 124)
  head.write('        ', 148)
  head.write(type, 156)
  head.write('ustar\x0000', 257)
  const sum = head.reduce((total, byte) => total + byte, 0)
  head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return head
}

function tar(...entries: readonly Entry[]): Buffer {
  const blocks = entries.flatMap(entry => {
    const data = Buffer.from(entry.data ?? '')
    return [header(entry), data, Buffer.alloc((512 - (data.length % 512)) % 512)]
  })
  return Buffer.concat([...blocks, Buffer.alloc(1024)])
}

const names = (bytes: Buffer): string[] => readTar(bytes, 'x.tar').map(file => file.name)

/** A pax record counts its own length. */
function pax(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`
  const bytes = Buffer.byteLength(rest)
  let length = bytes + 1
  while (String(length).length + bytes !== length) length++
  return `${length}${rest}`
}

describe('reading', () => {
  test('files with their bytes and permissions', () => {
    const [file] = readTar(tar({ name: 'chart/values.yaml', data: 'a: 1\n' }), 'x.tar')
    expect(file?.name).toBe('chart/values.yaml')
    expect(Buffer.from(file!.data).toString()).toBe('a: 1\n')
    expect(file?.mode).toBe(0o644)
  })

  test.each<[what: string, entries: Entry[], want: string[]]>([
    [
      'directories give nothing',
      [
        { name: 'd/', type: '5' },
        { name: 'd/f', data: 'x' },
      ],
      ['d/f'],
    ],
    ['a name that ends in a slash is a directory', [{ name: 'd/' }, { name: 'd/f' }], ['d/f']],
    [
      'GNU long names',
      [{ name: '././@LongLink', type: 'L', data: `${'l'.repeat(120)}\0` }, { name: 'cut' }],
      ['l'.repeat(120)],
    ],
    ['pax names', [{ name: 'PaxHeader', type: 'x', data: pax('path', 'ü/long') }, { name: 'cut' }], ['ü/long']],
    [
      'global pax headers are passed over',
      [{ name: 'g', type: 'g', data: pax('comment', 'abc') }, { name: 'f' }],
      ['f'],
    ],
  ])('%s', (_, entries, want) => expect(names(tar(...entries))).toEqual(want))
})

test('what may repeat is given twice', () => {
  const bytes = tar({ name: 'c/charts/x', data: '1' }, { name: 'c/charts/x', data: '2' })
  expect(readTar(bytes, 'x.tar', undefined, path => path.startsWith('c/charts/')).map(f => f.name)).toHaveLength(2)
})

describe('what is refused', () => {
  test.each<[what: string, bytes: Buffer, message: RegExp]>([
    ['a symbolic link', tar({ name: 'a', type: '2' }), /link/],
    ['a hard link', tar({ name: 'a', type: '1' }), /link/],
    ['a device', tar({ name: 'a', type: '3' }), /device/],
    ['a pipe', tar({ name: 'a', type: '6' }), /device/],
    ['an unknown type', tar({ name: 'a', type: 'Z' }), /unknown type/],
    ['an absolute path', tar({ name: '/etc/passwd' }), /absolute/],
    ['a drive', tar({ name: 'c:\\x' }), /absolute/],
    ['a way out', tar({ name: 'a/../../b' }), /outside/],
    ['a way out with backslashes', tar({ name: 'a\\..\\..\\b' }), /outside/],
    ['a way out in a pax name', tar({ name: 'p', type: 'x', data: pax('path', '../b') }, { name: 'cut' }), /outside/],
    ['two contents under one name', tar({ name: 'a/b', data: 'x' }, { name: 'a//./b', data: 'y' }), /twice/],
    ['a header that was changed', Buffer.concat([Buffer.from('x'), tar({ name: 'a' }).subarray(1)]), /header/],
    ['an archive that was cut', tar({ name: 'a', data: 'abc', size: 5000 }), /unexpected end/],
    ['a negative base-256 size', tar({ name: 'a' }).fill(0xff, 124, 136), /header/],
    ['a broken pax header', tar({ name: 'p', type: 'x', data: '99 path=x\n' }, { name: 'a' }), /pax/],
    ['a sparse file', tar({ name: 'p', type: 'x', data: pax('GNU.sparse.major', '1') }, { name: 'a' }), /sparse/],
  ])('%s', (_, bytes, message) => expect(() => readTar(bytes, 'x.tar')).toThrow(message))

  test('what is not gzip', () => expect(() => readTarGz(Buffer.from('hello'), 'x.tgz')).toThrow(/gzip/))

  test('a bomb', () => {
    const bomb = gzipSync(tar({ name: 'zeros', data: '\0'.repeat(5_000_000) }))
    expect(bomb.length).toBeLessThan(50_000)
    const limits = { totalSize: 1_000_000, fileSize: 1_000_000, entries: 10 }
    expect(() => readTarGz(bomb, 'x.tgz', limits)).toThrow(/more than 1000000 bytes/)
  })

  test('a file and a number of entries above the limits', () => {
    const limits = { totalSize: 1_000_000, fileSize: 2, entries: 1 }
    expect(() => readTar(tar({ name: 'a', data: 'xyz' }), 'x.tar', limits)).toThrow(/larger than 2/)
    expect(() => readTar(tar({ name: 'a' }, { name: 'b' }), 'x.tar', limits)).toThrow(/more than 1 entries/)
  })
})
