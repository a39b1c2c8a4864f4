/** The work of `decapod bundle keygen`. */
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, writeFileSync } from 'node:fs'
import * as minisign from '../../bundle/minisign.ts'
import { DecapodError } from '../../errors.ts'
import type { Cli, ExitCode } from '../cli.ts'

/** Writes NAME.key and NAME.pub. Throws FILE_INVALID where one of them exists. */
export function keygen(name: string, cli: Cli): ExitCode {
  const [secretFile, publicFile] = [`${name}.key`, `${name}.pub`]
  for (const file of [secretFile, publicFile]) {
    if (existsSync(file))
      throw new DecapodError('FILE_INVALID', `${file} exists; a key is never replaced`, {
        hint: 'choose another --out',
      })
  }
  const { publicKey, secretKey } = minisign.generateKeys(randomBytes(40))
  const password = cli.env['DECAPOD_KEY_PASSWORD'] ?? ''
  writeFileSync(secretFile, minisign.formatSecretKey(secretKey, password, randomBytes(32)), { mode: 0o600 })
  chmodSync(secretFile, 0o600)
  writeFileSync(publicFile, minisign.formatPublicKey(publicKey))
  cli.stdout(
    `${secretFile}  secret: keep it where bundles are made${password === '' ? '; it has no password (set DECAPOD_KEY_PASSWORD for one)' : ''}\n`,
  )
  cli.stdout(`${publicFile}  public: give it to those who import; key ${minisign.formatKeyId(publicKey.id)}\n`)
  return 0
}
