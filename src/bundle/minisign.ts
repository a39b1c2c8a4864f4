/**
 * Signatures in the format of minisign (https://jedisct1.github.io/minisign/): Ed25519 over the BLAKE2b-512 of a file,
 * with a trusted comment. A user may check ours with minisign and sign with it for us. Randomness comes in as bytes.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  scryptSync,
  sign,
  timingSafeEqual,
  verify,
} from 'node:crypto'
import { DecapodError } from '../errors.ts'
import { blake2b } from './blake2b.ts'

export interface PublicKey {
  /** 8 bytes that tell keys apart; shown as hex. */
  readonly id: Uint8Array
  readonly key: Uint8Array
}

export interface SecretKey {
  readonly id: Uint8Array
  /** The seed and the public key, 64 bytes, as minisign stores them. */
  readonly key: Uint8Array
}

export interface Signature {
  readonly id: Uint8Array
  readonly signature: Uint8Array
  readonly trustedComment: string
  readonly globalSignature: Uint8Array
}

/** DER prefixes of raw Ed25519 keys (RFC 8410). */
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex')
const spki = Buffer.from('302a300506032b6570032100', 'hex')

/** Makes a key pair of 40 random bytes: 8 for its id, 32 for the seed. */
export function generateKeys(random: Uint8Array): { publicKey: PublicKey; secretKey: SecretKey } {
  const id = random.slice(0, 8)
  const seed = random.slice(8, 40)
  const key = publicOf(seed)
  return { publicKey: { id, key }, secretKey: { id, key: Buffer.concat([seed, key]) } }
}

/** The id as minisign prints it: the bytes as a little-endian number in hex. */
export function formatKeyId(id: Uint8Array): string {
  return Buffer.from(id).reverse().toString('hex').toUpperCase()
}

/** The text of a public key file. */
export function formatPublicKey({ id, key }: PublicKey): string {
  return `untrusted comment: minisign public key ${formatKeyId(id)}\n${base64(Buffer.from('Ed'), id, key)}\n`
}

/** Reads a public key file, or its second line alone. Throws SIGNATURE_INVALID. */
export function parsePublicKey(text: string, file: string): PublicKey {
  const line = text
    .split('\n')
    .map(l => l.trim())
    .filter(l => l !== '' && !l.startsWith('untrusted comment:'))[0]
  const bytes = Buffer.from(line ?? '', 'base64')
  if (bytes.length !== 42 || bytes.toString('latin1', 0, 2) !== 'Ed')
    throw invalid(file, 'is not a minisign public key')
  return { id: bytes.subarray(2, 10), key: bytes.subarray(10) }
}

/** The cost of the scrypt that locks a secret key, in libsodium's terms. */
export interface LockCost {
  readonly ops: bigint
  readonly memory: bigint
}

/** minisign's own cost: 1 GiB and a second or more. */
const sensitive: LockCost = { ops: 33_554_432n, memory: 1_073_741_824n }

/** The text of a secret key file. Without a password the key is stored as it is (minisign -W). `salt`: 32 random bytes. */
export function formatSecretKey(
  { id, key }: SecretKey,
  password: string,
  salt: Uint8Array,
  cost: LockCost = sensitive,
): string {
  const body = Buffer.concat([id, key, checksum(id, key)])
  const locked = password === '' ? body : xor(body, stretch(password, salt, cost.ops, cost.memory))
  const limits = Buffer.alloc(16)
  if (password !== '') {
    limits.writeBigUInt64LE(cost.ops, 0)
    limits.writeBigUInt64LE(cost.memory, 8)
  }
  const kdfName = password === '' ? Buffer.alloc(2) : Buffer.from('Sc')
  const comment = password === '' ? 'minisign secret key' : 'minisign encrypted secret key'
  return `untrusted comment: ${comment}\n${base64(Buffer.from('Ed'), kdfName, Buffer.from('B2'), password === '' ? new Uint8Array(32) : salt, limits, locked)}\n`
}

/** Reads a secret key file. Throws SIGNATURE_INVALID for what is none, and for a wrong password. */
export function parseSecretKey(text: string, file: string, password: string): SecretKey {
  const bytes = Buffer.from(text.split('\n')[1]?.trim() ?? '', 'base64')
  if (bytes.length !== 158 || bytes.toString('latin1', 0, 2) !== 'Ed')
    throw invalid(file, 'is not a minisign secret key')
  let body: Buffer = bytes.subarray(54)
  if (bytes.toString('latin1', 2, 4) === 'Sc') {
    if (password === '') throw invalid(file, 'is locked with a password', 'set DECAPOD_KEY_PASSWORD')
    body = xor(body, stretch(password, bytes.subarray(6, 38), bytes.readBigUInt64LE(38), bytes.readBigUInt64LE(46)))
  }
  const [id, key, check] = [body.subarray(0, 8), body.subarray(8, 72), body.subarray(72)]
  if (!timingSafeEqual(check, checksum(id, key)))
    throw invalid(file, 'cannot be unlocked: wrong password or damaged file')
  return { id, key }
}

/** Whether a secret key file is locked with a password. */
export function isLocked(text: string): boolean {
  return Buffer.from(text.split('\n')[1]?.trim() ?? '', 'base64').toString('latin1', 2, 4) === 'Sc'
}

/** Signs the BLAKE2b-512 digest of a file. */
export function signDigest(secret: SecretKey, digest: Uint8Array, trustedComment: string): Signature {
  const key = privateOf(secret.key.subarray(0, 32))
  const signature = sign(null, digest, key)
  return {
    id: secret.id,
    signature,
    trustedComment,
    globalSignature: sign(null, Buffer.concat([signature, Buffer.from(trustedComment)]), key),
  }
}

/** The text of a .minisig file. */
export function formatSignature({ id, signature, trustedComment, globalSignature }: Signature): string {
  return [
    'untrusted comment: signature from decapod',
    base64(Buffer.from('ED'), id, signature),
    `trusted comment: ${trustedComment}`,
    base64(globalSignature),
    '',
  ].join('\n')
}

/** Reads a .minisig file. Throws SIGNATURE_INVALID for what is none, and for the old form without a hash. */
export function parseSignature(text: string, file: string): Signature {
  const lines = text.split('\n').map(l => l.replace(/\r$/, ''))
  const bytes = Buffer.from(lines[1] ?? '', 'base64')
  const globalSignature = Buffer.from(lines[3] ?? '', 'base64')
  const trusted = /^trusted comment: (.*)$/.exec(lines[2] ?? '')
  if (bytes.length !== 74 || globalSignature.length !== 64 || trusted === null)
    throw invalid(file, 'is not a minisign signature')
  if (bytes.toString('latin1', 0, 2) !== 'ED')
    throw invalid(file, 'is a signature of the old form, over the whole file', 'sign it anew with a current minisign')
  return { id: bytes.subarray(2, 10), signature: bytes.subarray(10), trustedComment: trusted[1]!, globalSignature }
}

/** Checks a signature of a file's BLAKE2b-512 digest. Throws SIGNATURE_INVALID saying what does not fit. */
export function verifyDigest(publicKey: PublicKey, digest: Uint8Array, signature: Signature, file: string): void {
  if (Buffer.compare(publicKey.id, signature.id) !== 0) {
    throw invalid(file, `is signed with the key ${formatKeyId(signature.id)}, not with ${formatKeyId(publicKey.id)}`)
  }
  const key = createPublicKey({ key: Buffer.concat([spki, publicKey.key]), format: 'der', type: 'spki' })
  if (!verify(null, digest, key, signature.signature)) throw invalid(file, 'does not have the content that was signed')
  if (
    !verify(
      null,
      Buffer.concat([signature.signature, Buffer.from(signature.trustedComment)]),
      key,
      signature.globalSignature,
    )
  ) {
    throw invalid(file, 'has a signature whose trusted comment was changed')
  }
}

/** BLAKE2b-512, what is signed. For streams: createHash('blake2b512'). */
export function fileDigest(bytes: Uint8Array): Uint8Array {
  return createHash('blake2b512').update(bytes).digest()
}

function privateOf(seed: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([pkcs8, seed]), format: 'der', type: 'pkcs8' })
}

function publicOf(seed: Uint8Array): Uint8Array {
  const der = createPublicKey(privateOf(seed)).export({ format: 'der', type: 'spki' })
  return der.subarray(spki.length)
}

function checksum(id: Uint8Array, key: Uint8Array): Uint8Array {
  return blake2b(Buffer.concat([Buffer.from('Ed'), id, key]), 32)
}

/** scrypt with the parameters libsodium picks for these limits (pickparams of crypto_pwhash_scryptsalsa208sha256). */
function stretch(password: string, salt: Uint8Array, ops: bigint, memory: bigint): Uint8Array {
  if (ops > 1n << 32n || memory > 1n << 32n)
    throw new DecapodError('LIMIT_EXCEEDED', 'the key asks for more than 4 GiB to be unlocked')
  const r = 8
  const opsLimit = ops < 32_768n ? 32_768n : ops
  let log = 1
  let p = 1
  if (opsLimit < memory / 32n) {
    const maxN = opsLimit / BigInt(r * 4)
    while (log < 63 && 1n << BigInt(log) <= maxN / 2n) log++
  } else {
    const maxN = memory / BigInt(r * 128)
    while (log < 63 && 1n << BigInt(log) <= maxN / 2n) log++
    const maxRp = opsLimit / 4n / (1n << BigInt(log))
    p = Math.max(1, Number((maxRp > 0x3fffffffn ? 0x3fffffffn : maxRp) / BigInt(r)))
  }
  return scryptSync(password, salt, 104, { N: 2 ** log, r, p, maxmem: 2 ** log * r * 128 * 2 + (1 << 20) })
}

function xor(a: Uint8Array, b: Uint8Array): Buffer {
  return Buffer.from(a.map((byte, i) => byte ^ b[i]!))
}

function base64(...parts: Uint8Array[]): string {
  return Buffer.concat(parts).toString('base64')
}

function invalid(file: string, message: string, hint?: string): DecapodError {
  return new DecapodError('SIGNATURE_INVALID', `${file} ${message}`, { hint })
}
