import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { GoTime } from '../../src/go/time.ts'
import type { GoValue } from '../../src/go/value.ts'
import type { Certificate } from '../../src/sprig/certificates.ts'
import { seededRandom, sprigFuncs } from '../../src/sprig/index.ts'
import { installed } from '../support/servers.ts'

/** Calls functions as a stable renderer would: one stream per call. */
function caller(key = 'key'): (name: string, ...args: unknown[]) => GoValue {
  let index = 0
  const functions = sprigFuncs({
    now: () => new GoTime(1_790_000_000n),
    random: name => seededRandom(Buffer.from(key), `${name}/${index++}`),
  })
  return (name, ...args) => functions.get(name)!.call(...args)
}

describe('certificates', () => {
  const call = caller()
  const ca = call('genCA', 'my ca', 365n) as Certificate
  test('a chain that checks', () => {
    const leaf = call('genSignedCert', '*.a.b', ['1.2.3.4', '::1'], ['a.b'], 30n, ca) as Certificate
    const [x, root] = [new X509Certificate(leaf.cert), new X509Certificate(ca.cert)]
    expect(x.checkIssued(root) && x.verify(root.publicKey)).toBe(true)
    expect([root.ca, x.ca, x.subject, x.subjectAltName]).toEqual([
      true,
      false,
      'CN=*.a.b',
      'DNS:a.b, IP Address:1.2.3.4, IP Address:0:0:0:0:0:0:0:1',
    ])
  })
  test.skipIf(!installed('openssl'))('openssl verifies the chain and the key', () => {
    const leaf = call('genSignedCert', 'a.b', [], ['a.b'], 30n, ca) as Certificate
    const dir = mkdtempSync(join(tmpdir(), 'decapod-chain-'))
    try {
      for (const [name, text] of Object.entries({ ca: ca.cert, leaf: leaf.cert, key: leaf.key })) {
        writeFileSync(join(dir, name), text)
      }
      const openssl = (...args: string[]): string => execFileSync('openssl', args, { cwd: dir, encoding: 'utf8' })
      expect(openssl('verify', '-no_check_time', '-CAfile', 'ca', 'leaf')).toBe('leaf: OK\n')
      expect(openssl('rsa', '-in', 'key', '-check', '-noout')).toBe('RSA key ok\n')
      const publicKey = openssl('pkey', '-in', 'key', '-pubout')
      expect(openssl('x509', '-in', 'leaf', '-pubkey', '-noout')).toBe(publicKey)
    } finally {
      rmSync(dir, { recursive: true })
    }
  })
  test.each(['ecdsa', 'ed25519'])('an authority with a key of kind %s', kind => {
    const pem = call('genPrivateKey', kind)
    const authority = call('genCAWithKey', 'ca', 9n, pem) as Certificate
    const leaf = new X509Certificate(
      (call('genSignedCertWithKey', 'x', [], [], 9n, authority, pem) as Certificate).cert,
    )
    expect(leaf.verify(new X509Certificate(authority.cert).publicKey)).toBe(true)
    expect(authority.key).toBe(pem)
  })
  test('the same stream gives the same certificate, another key another', () => {
    const make = (key: string): string => (caller(key)('genCA', 'x', 1n) as Certificate).cert
    expect(make('a')).toBe(make('a'))
    expect(make('a')).not.toBe(make('b'))
  })
  test.each<[name: string, make: () => GoValue, message: string]>([
    [
      'a foreign key',
      () => call('genSignedCert', 'x', [], [], 1n, { ...ca, cert: ca.cert, key: call('genPrivateKey', 'ecdsa') }),
      "error creating certificate: x509: provided PrivateKey doesn't match parent's PublicKey",
    ],
    [
      'a DSA key',
      () => call('genCAWithKey', 'x', 1n, call('genPrivateKey', 'dsa')),
      'error creating certificate: x509: unsupported public key type: *dsa.PublicKey',
    ],
    ['no key', () => call('genCAWithKey', 'x', 1n, 'x'), 'parsing private key: no PEM data in input'],
    ['no address', () => call('genSelfSignedCert', 'x', ['1.2.3'], [], 1n), 'error parsing ip: 1.2.3'],
    [
      'a name of another type',
      () => call('genSelfSignedCert', 'x', [], [5], 1n),
      'error processing alternate dns name: 5 is not a string',
    ],
  ])('%s is refused', (_, make, message) => expect(make).toThrow(message))
})

test('random values have their alphabet and length', () => {
  const call = caller()
  expect(call('randAlphaNum', 40n)).toMatch(/^[0-9A-Za-z]{40}$/)
  expect(call('randNumeric', 9n)).toMatch(/^[0-9]{9}$/)
  expect(call('randAscii', 50n)).toMatch(/^[ -~]{50}$/)
  expect(call('randAlpha', -1n)).toBe('')
  expect(call('uuidv4')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(() => call('randInt', 5n, 5n)).toThrow('invalid argument to Intn')
})

test('derivePassword is the Master Password algorithm', () => {
  expect(caller()('derivePassword', 1n, 'long', 'password', 'user', 'example.com')).toBe('ZedaFaxcZaso9*')
})

test('AES there and back', () => {
  const call = caller()
  expect(call('decryptAES', 'pw', call('encryptAES', 'pw', 'héllo'))).toBe('héllo')
  expect(() => call('decryptAES', 'pw', 'YWJj')).toThrow('slice bounds out of range [:16] with capacity 3')
})

test('htpasswd', () => {
  expect(caller()('htpasswd', 'u', 'p')).toMatch(/^u:\$2a\$10\$[./A-Za-z0-9]{53}$/)
  expect(caller()('htpasswd', 'u:v', 'p')).toBe('invalid username: u:v')
  expect(caller()('bcrypt', 'x'.repeat(73))).toBe(
    'failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes',
  )
})
