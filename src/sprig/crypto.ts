/** Sprig's cryptography (crypto.go). Every random byte comes from the port. */
import { createCipheriv, createDecipheriv, createHmac, scryptSync } from 'node:crypto'
import { createRequire } from 'node:module'
import { byteLength, fn, fromBytes, GoError, type GoFunc, GoInt, type GoValue, toBytes } from '../go/value.ts'
import { Certificate, type Issuer, makeCertificate, readCertificate } from './certificates.ts'
import { decodePem } from './der.ts'
import { decodeBase64 } from './encoding.ts'
import {
  formatPrivateKey,
  makeDsaKey,
  makeEcKey,
  makeEd25519Key,
  makeRsaKey,
  type PrivateKey,
  parsePrivateKey,
} from './keys.ts'
import type { RandomBytes, SprigPorts } from './ports.ts'

type List = readonly GoValue[]

/** The functions of this chapter by name. */
export function crypto(ports: SprigPorts): Readonly<Record<string, GoFunc>> {
  const bcrypt = (name: string, password: string): string => hashPassword(password, ports.random(name))
  /** Makes a certificate: for a new RSA key, or for the one given as PEM. */
  const issue = (
    name: string,
    [commonName, ips, dnsNames, days]: readonly [string, List, List, bigint],
    { isCa = false, issuer, pem }: { isCa?: boolean; issuer?: Issuer; pem?: string } = {},
  ): Certificate => {
    const random = ports.random(name)
    const key = pem === undefined ? makeRsaKey(random, 2048, ports.searchPrime) : keyFrom(pem)
    return makeCertificate(
      { commonName, ips, dnsNames, days, isCa },
      key,
      issuer,
      ports.begin?.(days) ?? ports.now(),
      random,
    )
  }
  return {
    bcrypt: fn('(string) string', (password: string) => bcrypt('bcrypt', password)),
    htpasswd: fn('(string, string) string', (user: string, password: string) =>
      user.includes(':') ? `invalid username: ${user}` : `${user}:${bcrypt('htpasswd', password)}`,
    ),
    genPrivateKey: fn('(string) string', (kind: string) => makePrivateKey(kind, ports)),
    derivePassword: fn('(uint32, string, string, string, string) string', derivePassword),
    buildCustomCert: fn('(string, string) (cert, error)', buildCustomCert),
    genCA: fn('(string, int) (cert, error)', (cn: string, days: bigint) =>
      issue('genCA', [cn, [], [], days], { isCa: true }),
    ),
    genCAWithKey: fn('(string, int, string) (cert, error)', (cn: string, days: bigint, pem: string) =>
      issue('genCAWithKey', [cn, [], [], days], { isCa: true, pem }),
    ),
    genSelfSignedCert: fn(
      '(string, []any, []any, int) (cert, error)',
      (cn: string, ips: List, dns: List, days: bigint) => issue('genSelfSignedCert', [cn, ips, dns, days]),
    ),
    genSelfSignedCertWithKey: fn(
      '(string, []any, []any, int, string) (cert, error)',
      (cn: string, ips: List, dns: List, days: bigint, pem: string) =>
        issue('genSelfSignedCertWithKey', [cn, ips, dns, days], { pem }),
    ),
    genSignedCert: fn(
      '(string, []any, []any, int, cert) (cert, error)',
      (cn: string, ips: List, dns: List, days: bigint, issuer: Certificate) =>
        issue('genSignedCert', [cn, ips, dns, days], { issuer }),
    ),
    genSignedCertWithKey: fn(
      '(string, []any, []any, int, cert, string) (cert, error)',
      (cn: string, ips: List, dns: List, days: bigint, issuer: Certificate, pem: string) =>
        issue('genSignedCertWithKey', [cn, ips, dns, days], { issuer, pem }),
    ),
    encryptAES: fn('(string, string) (string, error)', (password: string, text: string) =>
      text === '' ? '' : encrypt(password, text, ports.random('encryptAES')),
    ),
    decryptAES: fn('(string, string) (string, error)', decrypt),
  }
}

function keyFrom(pem: string): PrivateKey {
  try {
    return parsePrivateKey(pem)
  } catch (error) {
    if (!(error instanceof GoError)) throw error
    throw new GoError(`parsing private key: ${error.message}`)
  }
}

function makePrivateKey(kind: string, ports: SprigPorts): string {
  const random = ports.random('genPrivateKey')
  switch (kind) {
    case '':
    case 'rsa':
      return formatPrivateKey(makeRsaKey(random, 4096, ports.searchPrime))
    case 'dsa':
      return formatPrivateKey(makeDsaKey(random))
    case 'ecdsa':
      return formatPrivateKey(makeEcKey(random))
    case 'ed25519':
      return formatPrivateKey(makeEd25519Key(random))
    default:
      return `Unknown type ${kind}`
  }
}

function buildCustomCert(cert: string, key: string): Certificate {
  const certBytes = decodeBase64(cert)
  if (typeof certBytes === 'number') throw new GoError('unable to decode base64 certificate')
  const keyBytes = decodeBase64(key)
  if (typeof keyBytes === 'number') throw new GoError('unable to decode base64 private key')
  const certificate = new Certificate(fromBytes(certBytes), fromBytes(keyBytes))
  const block = decodePem(certificate.cert)
  if (block === undefined) throw new GoError('unable to decode certificate')
  readCertificate(block.bytes, 'error parsing certificate: decodedCert.Bytes')
  try {
    parsePrivateKey(certificate.key)
  } catch (error) {
    if (!(error instanceof GoError)) throw error
    throw new GoError(`error parsing private key: ${error.message}`)
  }
  return certificate
}

const maxPasswordLength = 72

/** bcrypt of cost 10 in the form $2a$. */
function hashPassword(password: string, random: RandomBytes): string {
  if (byteLength(password) > maxPasswordLength) {
    return 'failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes'
  }
  // Loaded when a chart asks for it: few do, and start-up should not pay.
  const bcrypt = createRequire(import.meta.url)('bcryptjs') as typeof import('bcryptjs')
  const salt = bcrypt.encodeBase64([...random(16)] as unknown as number[], 16)
  return bcrypt.hashSync(password, `$2a$10$${salt}`)
}

const passwordTemplates: Readonly<Record<string, readonly string[]>> = {
  maximum: ['anoxxxxxxxxxxxxxxxxx', 'axxxxxxxxxxxxxxxxxno'],
  long: [
    ...['CvcvnoCvcvCvcv', 'CvcvCvcvnoCvcv', 'CvcvCvcvCvcvno', 'CvccnoCvcvCvcv', 'CvccCvcvnoCvcv', 'CvccCvcvCvcvno'],
    ...['CvcvnoCvccCvcv', 'CvcvCvccnoCvcv', 'CvcvCvccCvcvno', 'CvcvnoCvcvCvcc', 'CvcvCvcvnoCvcc', 'CvcvCvcvCvccno'],
    ...['CvccnoCvccCvcv', 'CvccCvccnoCvcv', 'CvccCvccCvcvno', 'CvcvnoCvccCvcc', 'CvcvCvccnoCvcc', 'CvcvCvccCvccno'],
    ...['CvccnoCvcvCvcc', 'CvccCvcvnoCvcc', 'CvccCvcvCvccno'],
  ],
  medium: ['CvcnoCvc', 'CvcCvcno'],
  short: ['Cvcn'],
  basic: ['aaanaaan', 'aannaaan', 'aaannaaa'],
  pin: ['nnnn'],
}

const letters = 'AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz'
const templateCharacters: Readonly<Record<string, string>> = {
  V: 'AEIOU',
  C: 'BCDFGHJKLMNPQRSTVWXYZ',
  v: 'aeiou',
  c: 'bcdfghjklmnpqrstvwxyz',
  a: letters,
  n: '0123456789',
  o: "@&%?,=[]_:-+*$#!'^~;()/.",
  x: `${letters}0123456789!@#$%^&*()`,
}

/** The Master Password algorithm: the same password for the same site, user and secret. */
function derivePassword(counter: bigint | GoInt, kind: string, secret: string, user: string, site: string): string {
  const templates = Object.hasOwn(passwordTemplates, kind) ? passwordTemplates[kind] : undefined
  if (templates === undefined) return `cannot find password template ${kind}`
  const prefix = Buffer.from('com.lyndir.masterpassword')
  const salt = Buffer.concat([prefix, uint32(byteLength(user)), toBytes(user)])
  const cost = { N: 32768, r: 8, p: 2, maxmem: 128 * 1024 * 1024 }
  const key = scryptSync(toBytes(secret), salt, 64, cost)
  const number = Number(counter instanceof GoInt ? counter.value : counter)
  const seed = createHmac('sha256', key)
    .update(Buffer.concat([prefix, uint32(byteLength(site)), toBytes(site), uint32(number)]))
    .digest()
  const template = templates[seed[0]! % templates.length]!
  return [...template]
    .map((element, i) => {
      const characters = templateCharacters[element]!
      return characters[seed[i + 1]! % characters.length]!
    })
    .join('')
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

const blockSize = 16

/** The password's bytes, cut or filled with zeros to 32. */
function aesKey(password: string): Buffer {
  const key = Buffer.alloc(32)
  key.set(toBytes(password).subarray(0, 32))
  return key
}

function encrypt(password: string, text: string, random: RandomBytes): string {
  const iv = random(blockSize)
  const cipher = createCipheriv('aes-256-cbc', aesKey(password), iv)
  return Buffer.concat([iv, cipher.update(toBytes(text)), cipher.final()]).toString('base64')
}

/** The reverse of encrypt; what is no ciphertext fails in the ways that Go's slices and ciphers do. */
function decrypt(password: string, text: string): string {
  if (text === '') return ''
  const bytes = decodeBase64(text)
  if (typeof bytes === 'number') throw new GoError(`illegal base64 data at input byte ${bytes}`)
  // Go decodes into a buffer for the text's length, padding and line breaks included.
  const capacity = Math.floor(byteLength(text) / 4) * 3
  if (capacity < blockSize) throw outOfRange(`[:${blockSize}] with capacity ${capacity}`)
  if (bytes.length < blockSize) throw outOfRange(`[${blockSize}:${bytes.length}]`)
  const body = bytes.subarray(blockSize)
  if (body.length % blockSize !== 0) throw new GoError('crypto/cipher: input not full blocks', true)
  const decipher = createDecipheriv('aes-256-cbc', aesKey(password), bytes.subarray(0, blockSize))
  decipher.setAutoPadding(false)
  const plain = Buffer.concat([decipher.update(body), decipher.final()])
  if (plain.length === 0) throw new GoError('runtime error: index out of range [-1]', true)
  const end = plain.length - plain[plain.length - 1]!
  if (end < 0) throw outOfRange(`[:${end}]`)
  return fromBytes(plain.subarray(0, end))
}

function outOfRange(what: string): GoError {
  return new GoError(`runtime error: slice bounds out of range ${what}`, true)
}
