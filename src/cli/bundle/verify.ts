/** A bundle's bytes and its signature. */
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import * as minisign from '../../bundle/minisign.ts'
import { DecapodError } from '../../errors.ts'
import { type ReadBundle, readBundle } from '../../io/bundle-file.ts'
import { systemReason } from '../../io/system-error.ts'
import type { Cli } from '../cli.ts'
import { Transfer } from '../reporters/transfer.ts'

/** Reads a bundle to its end and, with a key, checks the signature beside it. Throws BUNDLE_INVALID or SIGNATURE_INVALID. */
export async function verifyBundle(file: string, key: string | undefined, cli: Cli): Promise<ReadBundle> {
  const path = resolve(cli.cwd, file)
  const publicKey = key === undefined ? undefined : minisign.parsePublicKey(readText(resolve(cli.cwd, key)), key)
  const signatureFile = `${path.replace(/\.\d{3}$/, '')}.minisig`
  if (publicKey !== undefined && !existsSync(signatureFile)) {
    throw new DecapodError('SIGNATURE_INVALID', `${file} has no signature: ${signatureFile} is not there`, {
      hint: 'decapod bundle sign makes one',
    })
  }
  const transfer = new Transfer(cli, 'verifying')
  const read = await readBundle(path, { onBytes: bytes => transfer.add(bytes), whole: publicKey !== undefined })
  transfer.done()
  if (publicKey !== undefined) {
    minisign.verifyDigest(
      publicKey,
      read.fileDigest,
      minisign.parseSignature(readText(signatureFile), signatureFile),
      file,
    )
  }
  return read
}

/** The text of a key or signature file. Throws FILE_NOT_FOUND. */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new DecapodError('FILE_NOT_FOUND', `cannot read ${file}: ${systemReason(error)}`, {
      at: { file },
    })
  }
}
