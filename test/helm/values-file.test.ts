import { expect, test } from 'vitest'
import { fromBytes } from '../../src/go/value.ts'
import type { Semantics } from '../../src/helm/semantics.ts'
import { parseValues } from '../../src/helm/values-file.ts'

const utf16 = (text: string): Buffer => Buffer.from(`\ufeff${text}`, 'utf16le')
const bigEndian = (text: string): Buffer => utf16(text).swap16()

/** As helm 3.22 and 4.3 read these files. */
test.each<[name: string, bytes: Buffer, semantics: Semantics, values: Record<string, unknown>]>([
  ['UTF-8 with a byte order mark', Buffer.from('\ufeffa: 2\n'), 3, { a: 2 }],
  ['UTF-16, as PowerShell writes it', utf16('a: é\n'), 3, { a: 'é' }],
  ['UTF-16, big-endian', bigEndian('a: é\n'), 3, { a: 'é' }],
  ['UTF-16, big-endian', bigEndian('a: é\n'), 4, { a: 'é' }],
  ['the first document', Buffer.from('a: 1\n---\nb: 2\n'), 3, { a: 1 }],
  ['all documents', Buffer.from('a: 1\n---\nb: 2\n'), 4, { a: 1, b: 2 }],
  ['nothing', Buffer.from(''), 4, {}],
])('%s', (_, bytes, semantics, values) => {
  expect(Object.fromEntries(parseValues(fromBytes(bytes), 'values.yaml', semantics))).toEqual(values)
})

test('Helm 4 cuts the stream at the bytes of a line break, which tears the little-endian form', () => {
  expect(() => parseValues(fromBytes(utf16('a: 1\n')), 'values.yaml', 4)).toThrow('yaml:')
})
