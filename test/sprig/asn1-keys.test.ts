import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { type KeyFormat, keyComplaint } from '../../src/sprig/asn1-keys.ts'
import { integer, objectId, octetString, sequence } from '../../src/sprig/der.ts'

const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey
const ec = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey
const keys: Readonly<Record<KeyFormat, Buffer>> = {
  pkcs1: rsa.export({ type: 'pkcs1', format: 'der' }),
  pkcs8: rsa.export({ type: 'pkcs8', format: 'der' }),
  sec1: ec.export({ type: 'sec1', format: 'der' }),
}

test.each<[format: KeyFormat]>([['pkcs1'], ['pkcs8'], ['sec1']])('a key in %s', format => {
  expect(keyComplaint(keys[format], format)).toBeUndefined()
})

test.each<[format: KeyFormat, of: KeyFormat, reader: string]>([
  ['pkcs1', 'pkcs8', 'ParsePKCS8PrivateKey'],
  ['pkcs1', 'sec1', 'ParseECPrivateKey'],
  ['pkcs8', 'pkcs1', 'ParsePKCS1PrivateKey'],
  ['pkcs8', 'sec1', 'ParseECPrivateKey'],
  ['sec1', 'pkcs1', 'ParsePKCS1PrivateKey'],
  ['sec1', 'pkcs8', 'ParsePKCS8PrivateKey'],
])('as %s, one in %s', (format, of, reader) => {
  expect(keyComplaint(keys[of], format)).toBe(
    `x509: failed to parse private key (use ${reader} instead for this key format)`,
  )
})

const flags =
  '{optional:false explicit:false application:false private:false defaultValue:<nil> tag:<nil> stringType:0 timeType:0 set:false omitEmpty:false}'
const bytes = (...given: number[]): Uint8Array => Uint8Array.from(given)
const numbers = (count: number): Buffer[] => Array.from({ length: count }, () => integer(1n))

// The answers of Go 1.26.
test.each<[name: string, format: KeyFormat, der: Uint8Array, error: string]>([
  ['nothing', 'pkcs1', bytes(), 'asn1: syntax error: sequence truncated'],
  [
    'a text',
    'pkcs1',
    Buffer.from('rubbish'),
    `asn1: structure error: tags don't match (16 vs {class:1 tag:18 length:117 isCompound:true}) ${flags} pkcs1PrivateKey @2`,
  ],
  [
    'a text',
    'pkcs8',
    Buffer.from('rubbish'),
    `asn1: structure error: tags don't match (16 vs {class:1 tag:18 length:117 isCompound:true}) ${flags} pkcs8 @2`,
  ],
  [
    'a text',
    'sec1',
    Buffer.from('rubbish'),
    `x509: failed to parse EC private key: asn1: structure error: tags don't match (16 vs {class:1 tag:18 length:117 isCompound:true}) ${flags} ecPrivateKey @2`,
  ],
  ['half a key', 'pkcs1', keys.pkcs1.subarray(0, 99), 'asn1: syntax error: data truncated'],
  ['a tag alone', 'pkcs1', bytes(0x30), 'asn1: syntax error: truncated tag or length'],
  ['no length', 'pkcs1', bytes(0x30, 0x80, 0, 0), 'asn1: syntax error: indefinite length found (not DER)'],
  ['a long length', 'pkcs1', bytes(0x30, 0x84, 0xff, 0xff, 0xff, 0xff), 'asn1: structure error: length too large'],
  [
    'a length with zeros',
    'pkcs1',
    bytes(0x30, 0x82, 0, 1),
    'asn1: structure error: superfluous leading zeros in length',
  ],
  ['a length that could be shorter', 'pkcs1', bytes(0x30, 0x81, 1, 0), 'asn1: structure error: non-minimal length'],
  ['an empty sequence', 'pkcs8', bytes(0x30, 0), 'asn1: syntax error: sequence truncated'],
  ['something behind', 'pkcs1', Buffer.concat([keys.pkcs1, bytes(0)]), 'asn1: syntax error: trailing data'],
  ['a version to come', 'pkcs1', sequence(integer(2n), ...numbers(8)), 'x509: unsupported private key version'],
  ['a version to come', 'sec1', sequence(integer(5n), octetString(bytes(1))), 'x509: unknown EC private key version 5'],
  ['an empty number', 'pkcs1', sequence(bytes(2, 0)), 'asn1: structure error: empty integer'],
  ['a number too long', 'pkcs1', sequence(bytes(2, 2, 0, 1)), 'asn1: structure error: integer not minimally-encoded'],
  ['a large version', 'pkcs1', sequence(integer(1n << 70n)), 'asn1: structure error: integer too large'],
  [
    'a text for a number',
    'pkcs1',
    sequence(...numbers(2), octetString(bytes(1))),
    `asn1: structure error: tags don't match (2 vs {class:0 tag:4 length:1 isCompound:false}) ${flags} int @8`,
  ],
  [
    'no key in it',
    'pkcs8',
    sequence(integer(0n), sequence(objectId('1.2.3'))),
    'asn1: syntax error: sequence truncated',
  ],
])('%s as %s', (_, format, der, error) => expect(keyComplaint(der, format)).toBe(error))
