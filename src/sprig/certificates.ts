/** X.509 certificates as sprig has Go's crypto/x509 make them (crypto.go; x509.CreateCertificate). */
import { createHash, X509Certificate } from 'node:crypto'
import { formatValue } from '../go/fmt.ts'
import { parseAddress } from '../go/netip.ts'
import { quote } from '../go/strconv.ts'
import type { GoTime } from '../go/time.ts'
import { GoError, type GoKind, GoObject, type GoValue, toBytes } from '../go/value.ts'
import {
  bitString,
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
import { formatPrivateKey, type PrivateKey, parsePrivateKey, publicKeyInfo, signerOf } from './keys.ts'
import type { RandomBytes } from './ports.ts'

/** sprig.certificate: PEM of a certificate and of its key. */
export class Certificate extends GoObject {
  override readonly goType = 'sprig.certificate'
  override readonly goKind: GoKind = 'struct'
  readonly cert: string
  readonly key: string

  constructor(cert: string, key: string) {
    super()
    this.cert = cert
    this.key = key
  }

  override fieldNames(): readonly string[] {
    return ['Cert', 'Key']
  }

  override field(name: string): GoValue | undefined {
    return name === 'Cert' ? this.cert : name === 'Key' ? this.key : undefined
  }
}

/** What is asked of a new certificate. */
export interface Request {
  readonly commonName: string
  readonly ips: readonly GoValue[]
  readonly dnsNames: readonly GoValue[]
  readonly days: bigint
  readonly isCa: boolean
}

/** Who signs: a certificate and its key; undefined for a certificate that signs itself. */
export type Issuer = Certificate | undefined

/**
 * Makes and signs a certificate for a key. Throws GoError with sprig's and Go's words for names and addresses that are
 * none, and for an issuer that cannot be read or does not match its key.
 */
export function makeCertificate(
  request: Request,
  key: PrivateKey,
  issuer: Issuer,
  now: GoTime,
  random: RandomBytes,
): Certificate {
  const parent = issuer === undefined ? undefined : readIssuer(issuer)
  const addresses = request.ips.map(parseIp)
  const names = request.dnsNames.map(dnsName)
  const serial = toBigInt(random(16))
  return creating(() => {
    const info = publicKeyInfo(key)
    const signer = signerOf(parent?.key ?? key, random)
    if (parent !== undefined && !parent.matches) {
      throw new GoError("x509: provided PrivateKey doesn't match parent's PublicKey")
    }
    const subject = distinguishedName(request.commonName)
    const issuerName = parent?.subject ?? subject
    const foreign = !Buffer.from(issuerName).equals(subject)
    const extensions = [
      extension('2.5.29.15', keyUsage(request.isCa), true),
      extension('2.5.29.37', sequence(objectId('1.3.6.1.5.5.7.3.1'), objectId('1.3.6.1.5.5.7.3.2'))),
      extension('2.5.29.19', request.isCa ? sequence(element(0x01, Buffer.from([0xff]))) : sequence(), true),
    ]
    if (request.isCa) extensions.push(extension('2.5.29.14', octetString(keyId(info))))
    if (foreign && parent?.keyId !== undefined) {
      extensions.push(extension('2.5.29.35', sequence(element(0x80, parent.keyId))))
    }
    if (names.length + addresses.length > 0) {
      const all = [...names.map(name => element(0x82, ascii(name))), ...addresses.map(ip => element(0x87, ip))]
      // Without a subject, the alternative names are all there is, so they matter.
      extensions.push(extension('2.5.29.17', sequence(...all), request.commonName === ''))
    }
    const body = sequence(
      element(0xa0, integer(2n)),
      integer(serial),
      signer.algorithm,
      issuerName,
      sequence(timestamp(now), timestamp(now.add(BigInt.asIntN(64, request.days * 86_400_000_000_000n)))),
      subject,
      info,
      element(0xa3, sequence(...extensions)),
    )
    const der = sequence(body, signer.algorithm, bitString(signer.sign(body)))
    return new Certificate(encodePem('CERTIFICATE', der), formatPrivateKey(key))
  })
}

function creating(make: () => Certificate): Certificate {
  try {
    return make()
  } catch (error) {
    if (!(error instanceof GoError)) throw error
    throw new GoError(`error creating certificate: ${error.message}`)
  }
}

interface Parent {
  readonly subject: Uint8Array
  readonly keyId: Uint8Array | undefined
  readonly key: PrivateKey
  readonly matches: boolean
}

/** What the signing certificate gives: its subject as it stands there, its key's id, and whether the key is its own. */
function readIssuer(issuer: Certificate): Parent {
  const block = decodePem(issuer.cert)
  if (block === undefined) throw new GoError('unable to decode certificate')
  const x509 = readCertificate(block.bytes, 'error parsing certificate: decodedSignerCert.Bytes')
  let key: PrivateKey
  try {
    key = parsePrivateKey(issuer.key)
  } catch (error) {
    if (!(error instanceof GoError)) throw error
    throw new GoError(`error parsing private key: ${error.message}`)
  }
  // Version, serial, algorithm, issuer, validity, subject; version 1 has no version.
  const fields = children(children(readElement(block.bytes).content)[0]!.content)
  const subject = fields[fields[0]!.tag === 0xa0 ? 5 : 4]!.bytes
  return {
    subject,
    keyId: subjectKeyId(fields.find(f => f.tag === 0xa3)?.content),
    key,
    matches: key.kind !== 'dsa' && x509.checkPrivateKey(key.key),
  }
}

/** x509.ParseCertificate, as far as its verdict goes. */
export function readCertificate(der: Uint8Array, complaint: string): X509Certificate {
  let certificate: X509Certificate
  try {
    certificate = new X509Certificate(der)
  } catch {
    throw new GoError(`${complaint}: x509: malformed certificate`)
  }
  if (certificate.raw.length < der.length) throw new GoError(`${complaint}: x509: trailing data`)
  return certificate
}

function subjectKeyId(extensions: Uint8Array | undefined): Uint8Array | undefined {
  if (extensions === undefined) return undefined
  const id = objectId('2.5.29.14')
  for (const each of children(readElement(extensions).content)) {
    const parts = children(each.content)
    if (id.equals(parts[0]!.bytes)) return readElement(parts.at(-1)!.content).content
  }
  return undefined
}

/** RFC 7093: the first 160 bits of the SHA-256 of the key itself. */
function keyId(info: Uint8Array): Uint8Array {
  const key = children(readElement(info).content)[1]!.content.subarray(1)
  return createHash('sha256').update(key).digest().subarray(0, 20)
}

/** digitalSignature and keyEncipherment, for an authority keyCertSign too. */
function keyUsage(isCa: boolean): Uint8Array {
  return isCa ? bitString(Buffer.from([0xa4]), 2) : bitString(Buffer.from([0xa0]), 5)
}

function extension(oid: string, value: Uint8Array, critical = false): Buffer {
  return sequence(objectId(oid), ...(critical ? [element(0x01, Buffer.from([0xff]))] : []), octetString(value))
}

/** A subject of a common name alone; PrintableString where its characters allow. */
function distinguishedName(commonName: string): Buffer {
  if (commonName === '') return sequence()
  if (/[\udc80-\udcff]/u.test(commonName)) throw new GoError('asn1: string not valid UTF-8')
  const tag = /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(commonName) ? 0x13 : 0x0c
  return sequence(element(0x31, sequence(objectId('2.5.4.3'), element(tag, Buffer.from(commonName)))))
}

/** UTCTime while two digits tell the year, then GeneralizedTime. */
function timestamp(t: GoTime): Buffer {
  const { year } = t.clock()
  if (year >= 1950 && year < 2050) return element(0x17, ascii(t.format('060102150405Z0700')))
  if (year < 0 || year > 9999) throw new GoError('asn1: structure error: cannot represent time as GeneralizedTime')
  return element(0x18, ascii(t.format('20060102150405Z0700')))
}

function parseIp(v: GoValue): Uint8Array {
  if (typeof v !== 'string') throw new GoError(`error parsing ip: ${formatValue(v)} is not a string`)
  try {
    const { bytes, zone } = parseAddress(v)
    if (zone === '') return isMapped(bytes) ? bytes.subarray(12) : bytes
  } catch (error) {
    if (!(error instanceof GoError)) throw error
  }
  throw new GoError(`error parsing ip: ${v}`)
}

/** ::ffff:1.2.3.4 is written as the four bytes it means. */
function isMapped(bytes: Uint8Array): boolean {
  return bytes.length === 16 && bytes.subarray(0, 10).every(b => b === 0) && bytes[10] === 0xff && bytes[11] === 0xff
}

function dnsName(v: GoValue): string {
  if (typeof v === 'string') return v
  throw new GoError(`error processing alternate dns name: ${formatValue(v)} is not a string`)
}

function ascii(text: string): Uint8Array {
  if (/[^\0-\x7f]/.test(text)) throw new GoError(`x509: ${quote(text)} cannot be encoded as an IA5String`)
  return toBytes(text)
}
