/** Private keys: made from a stream of random bytes, read from PEM, written as sprig writes them (crypto.go). */
import {
  createECDH,
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign as signWith,
} from 'node:crypto'
import { GoError } from '../go/value.ts'
import { type KeyFormat, keyComplaint } from './asn1-keys.ts'
import {
  children,
  decodePem,
  element,
  encodePem,
  integer,
  objectId,
  octetString,
  readElement,
  sequence,
  toBigInt,
} from './der.ts'
import type { PrimeSearch, RandomBytes } from './ports.ts'
import { inverse, power, primeAbove, randomPrimes } from './primes.ts'
import { randomBelow } from './random.ts'

export type PrivateKey = { readonly kind: 'rsa' | 'ec' | 'ed25519'; readonly key: KeyObject } | DsaKey

/** Node has no use for DSA keys in certificates, and neither has Go: this one only gets written. */
interface DsaKey {
  readonly kind: 'dsa'
  readonly numbers: readonly bigint[]
}

/** An RSA key of that many bits with the exponent 65537. */
export function makeRsaKey(random: RandomBytes, bits: number, search?: PrimeSearch): PrivateKey {
  const e = 65537n
  const primes = (): bigint[] => randomPrimes(random, bits / 2, 2, p => (p - 1n) % e !== 0n, search)
  let [p, q] = primes() as [bigint, bigint]
  while (p === q) [p, q] = primes() as [bigint, bigint]
  if (p < q) [p, q] = [q, p]
  const d = inverse(e, ((p - 1n) * (q - 1n)) / greatestDivisor(p - 1n, q - 1n))
  const numbers = [0n, p * q, e, d, p, q, d % (p - 1n), d % (q - 1n), inverse(q, p)]
  const der = sequence(...numbers.map(integer))
  return { kind: 'rsa', key: createPrivateKey({ key: der, format: 'der', type: 'pkcs1' }) }
}

function greatestDivisor(a: bigint, b: bigint): bigint {
  return b === 0n ? a : greatestDivisor(b, a % b)
}

/** A key on P-256. */
export function makeEcKey(random: RandomBytes): PrivateKey {
  const { name, oid, order, bytes } = curves['prime256v1']!
  const scalar = toBytes(1n + randomBelow(random, order - 1n), bytes)
  const ecdh = createECDH(name)
  ecdh.setPrivateKey(scalar)
  const point = ecdh.getPublicKey()
  const der = sequence(
    integer(1n),
    octetString(scalar),
    element(0xa0, objectId(oid)),
    element(0xa1, element(0x03, Buffer.from([0]), point)),
  )
  return { kind: 'ec', key: createPrivateKey({ key: der, format: 'der', type: 'sec1' }) }
}

export function makeEd25519Key(random: RandomBytes): PrivateKey {
  const der = sequence(integer(0n), sequence(objectId('1.3.101.112')), octetString(octetString(random(32))))
  return { kind: 'ed25519', key: createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }) }
}

/** A DSA key with parameters of 2048 and 256 bits. */
export function makeDsaKey(random: RandomBytes): PrivateKey {
  const [q] = randomPrimes(random, 256, 1) as [bigint]
  const p = primeAbove(random, 2048, q)
  let g = 1n
  for (let h = 2n; g === 1n; h++) g = power(h, (p - 1n) / q, p)
  const x = 1n + randomBelow(random, q - 1n)
  return { kind: 'dsa', numbers: [0n, p, q, g, power(g, x, p), x] }
}

/** Reads a private key. Throws GoError with sprig's words and Go's; of numbers that make no key, in ours. */
export function parsePrivateKey(pem: string): PrivateKey {
  const block = decodePem(pem)
  if (block === undefined) throw new GoError('no PEM data in input')
  const { type, bytes } = block
  if (type === 'PRIVATE KEY') return readKey(bytes, 'pkcs8', 'decoding PEM as PKCS#8')
  if (!type.endsWith(' PRIVATE KEY')) throw new GoError(`no private key data in PEM block of type ${type}`)
  const kind = type.slice(0, -' PRIVATE KEY'.length)
  switch (kind) {
    case 'RSA':
      return readKey(bytes, 'pkcs1', 'parsing RSA private key from PEM')
    case 'EC':
      return readKey(bytes, 'sec1', 'parsing EC private key from PEM')
    case 'DSA':
      return readDsaKey(bytes)
    default:
      throw new GoError(`invalid private key type ${kind}`)
  }
}

function readKey(der: Uint8Array, type: KeyFormat, complaint: string): PrivateKey {
  const reason = keyComplaint(der, type)
  if (reason !== undefined) throw new GoError(`${complaint}: ${reason}`)
  let key: KeyObject
  try {
    key = createPrivateKey({ key: Buffer.from(der), format: 'der', type })
  } catch {
    throw new GoError(`${complaint}: malformed key`)
  }
  const kind = key.asymmetricKeyType
  if (kind === 'rsa' || kind === 'ec' || kind === 'ed25519') return { kind, key }
  throw new GoError(`${complaint}: unsupported key type ${kind}`)
}

function readDsaKey(der: Uint8Array): PrivateKey {
  try {
    const numbers = children(readElement(der).content).map(n => toBigInt(n.content))
    if (numbers.length === 6) return { kind: 'dsa', numbers }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
  throw new GoError('parsing DSA private key from PEM: malformed key')
}

/** PEM of a key, in the form that suits its kind. */
export function formatPrivateKey(key: PrivateKey): string {
  switch (key.kind) {
    case 'dsa':
      return encodePem('DSA PRIVATE KEY', sequence(...key.numbers.map(integer)))
    case 'rsa':
      return key.key.export({ type: 'pkcs1', format: 'pem' }).toString()
    case 'ec':
      return key.key.export({ type: 'sec1', format: 'pem' }).toString()
    case 'ed25519':
      return key.key.export({ type: 'pkcs8', format: 'pem' }).toString()
  }
}

/** SubjectPublicKeyInfo of a key. Throws GoError for DSA, as Go's x509 does. */
export function publicKeyInfo(key: PrivateKey): Uint8Array {
  if (key.kind === 'dsa') throw new GoError('x509: unsupported public key type: *dsa.PublicKey')
  return createPublicKey(key.key).export({ type: 'spki', format: 'der' })
}

/** What a key signs with: the AlgorithmIdentifier and the signature of some bytes. */
export interface Signer {
  readonly algorithm: Uint8Array
  sign(bytes: Uint8Array): Uint8Array
}

/** The signer of a key. Throws GoError for kinds that sign no certificates. */
export function signerOf(key: PrivateKey, random: RandomBytes): Signer {
  switch (key.kind) {
    case 'dsa':
      throw new GoError('x509: certificate private key does not implement crypto.Signer')
    case 'rsa':
      return {
        algorithm: sequence(objectId('1.2.840.113549.1.1.11'), element(0x05)),
        sign: bytes => signWith('sha256', bytes, key.key),
      }
    case 'ed25519':
      return { algorithm: sequence(objectId('1.3.101.112')), sign: bytes => signWith(null, bytes, key.key) }
    case 'ec': {
      const curve = curves[key.key.asymmetricKeyDetails?.namedCurve ?? '']
      if (curve === undefined) throw new GoError('x509: unsupported elliptic curve')
      return {
        algorithm: sequence(objectId(curve.signature)),
        sign: bytes => signOnCurve(key.key, curve, random, bytes),
      }
    }
  }
}

interface Curve {
  readonly name: string
  readonly oid: string
  readonly order: bigint
  readonly bytes: number
  readonly hash: string
  readonly signature: string
}

const curves: Readonly<Record<string, Curve>> = {
  prime256v1: {
    name: 'prime256v1',
    oid: '1.2.840.10045.3.1.7',
    order: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
    bytes: 32,
    hash: 'sha256',
    signature: '1.2.840.10045.4.3.2',
  },
  secp384r1: {
    name: 'secp384r1',
    oid: '1.3.132.0.34',
    order: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
    bytes: 48,
    hash: 'sha384',
    signature: '1.2.840.10045.4.3.3',
  },
  secp521r1: {
    name: 'secp521r1',
    oid: '1.3.132.0.35',
    order:
      0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
    bytes: 66,
    hash: 'sha512',
    signature: '1.2.840.10045.4.3.4',
  },
}

/** ECDSA with a nonce from the port: node's own takes one that cannot be repeated. */
function signOnCurve(key: KeyObject, curve: Curve, random: RandomBytes, bytes: Uint8Array): Uint8Array {
  const d = toBigInt(Buffer.from(key.export({ format: 'jwk' }).d!, 'base64url'))
  // The hashes are never longer than the order, so no bit of them is dropped.
  const z = toBigInt(createHash(curve.hash).update(bytes).digest())
  for (;;) {
    const k = 1n + randomBelow(random, curve.order - 1n)
    const point = createECDH(curve.name)
    point.setPrivateKey(toBytes(k, curve.bytes))
    const r = toBigInt(point.getPublicKey().subarray(1, 1 + curve.bytes)) % curve.order
    const s = (inverse(k, curve.order) * ((z + r * d) % curve.order)) % curve.order
    if (r !== 0n && s !== 0n) return sequence(integer(r), integer(s))
  }
}

function toBytes(value: bigint, length: number): Buffer {
  return Buffer.from(value.toString(16).padStart(2 * length, '0'), 'hex')
}
