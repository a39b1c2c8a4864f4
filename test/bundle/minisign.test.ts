import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { blake2b } from '../../src/bundle/blake2b.ts'
import * as minisign from '../../src/bundle/minisign.ts'

const random = Uint8Array.from({ length: 40 }, (_, i) => i * 7 + 1)
const salt = Uint8Array.from({ length: 32 }, (_, i) => i)
const { publicKey, secretKey } = minisign.generateKeys(random)
const content = Buffer.from('a bundle')
const digest = minisign.fileDigest(content)

test.each([0, 1, 127, 128, 129, 1000])('BLAKE2b of %i bytes equals the one Node has', size => {
  const input = Buffer.alloc(size, 'x')
  expect(Buffer.from(blake2b(input, 64)).toString('hex')).toBe(createHash('blake2b512').update(input).digest('hex'))
})

test('what was signed verifies', () => {
  const signature = minisign.parseSignature(
    minisign.formatSignature(minisign.signDigest(secretKey, digest, 'file:x')),
    'x.minisig',
  )
  minisign.verifyDigest(minisign.parsePublicKey(minisign.formatPublicKey(publicKey), 'x.pub'), digest, signature, 'x')
})

test.each<[name: string, spoil: (text: string) => string, message: RegExp]>([
  ['another content', text => text, /does not have the content/],
  ['a changed comment', text => text.replace('file:x', 'file:y'), /trusted comment was changed|does not have/],
  [
    'another key',
    text =>
      text.replace(
        /^(.*\n)(.*)/,
        (_, a: string, b: string) =>
          a + Buffer.from(Buffer.from(b, 'base64').map((byte, i) => (i === 3 ? byte ^ 1 : byte))).toString('base64'),
      ),
    /is signed with the key/,
  ],
  ['cut off', text => text.slice(0, 80), /is not a minisign signature/],
])('refused: %s', (name, spoil, message) => {
  const text = spoil(minisign.formatSignature(minisign.signDigest(secretKey, digest, 'file:x')))
  const checked = name === 'another content' ? minisign.fileDigest(Buffer.from('a bundlf')) : digest
  expect(() => minisign.verifyDigest(publicKey, checked, minisign.parseSignature(text, 'x.minisig'), 'x')).toThrow(
    message,
  )
})

test('a secret key without password is read back', () => {
  const text = minisign.formatSecretKey(secretKey, '', salt)
  expect(minisign.isLocked(text)).toBe(false)
  expect(Buffer.from(minisign.parseSecretKey(text, 'x.key', '').key)).toEqual(Buffer.from(secretKey.key))
})

test('a locked one needs its password', () => {
  const text = minisign.formatSecretKey(secretKey, 'correct', salt, { ops: 524_288n, memory: 16_777_216n })
  expect(minisign.isLocked(text)).toBe(true)
  expect(Buffer.from(minisign.parseSecretKey(text, 'x.key', 'correct').key)).toEqual(Buffer.from(secretKey.key))
  expect(() => minisign.parseSecretKey(text, 'x.key', 'wrong')).toThrow(/wrong password/)
  expect(() => minisign.parseSecretKey(text, 'x.key', '')).toThrow(/is locked/)
})

const installed = spawnSync('minisign', ['-v']).error === undefined
describe.skipIf(!installed)('with the real minisign (skipped where it is not installed)', () => {
  test('it verifies ours, we verify its', { timeout: 60_000 }, () => {
    const dir = mkdtempSync(join(tmpdir(), 'decapod-minisign-'))
    try {
      const at = (name: string): string => join(dir, name)
      writeFileSync(at('x'), content)
      writeFileSync(at('ours.pub'), minisign.formatPublicKey(publicKey))
      writeFileSync(at('x.minisig'), minisign.formatSignature(minisign.signDigest(secretKey, digest, 'made by us')))
      expect(execFileSync('minisign', ['-V', '-p', at('ours.pub'), '-m', at('x')], { encoding: 'utf8' })).toContain(
        'made by us',
      )
      // Our secret key, used by minisign.
      writeFileSync(at('ours.key'), minisign.formatSecretKey(secretKey, '', salt))
      execFileSync(
        'minisign',
        ['-S', '-s', at('ours.key'), '-m', at('x'), '-x', at('theirs.minisig'), '-t', 'made by minisign'],
        { stdio: ['ignore', 'pipe', 'pipe'] },
      )
      const signature = minisign.parseSignature(readFileSync(at('theirs.minisig'), 'utf8'), 'theirs.minisig')
      minisign.verifyDigest(publicKey, digest, signature, 'x')
      expect(signature.trustedComment).toBe('made by minisign')
      // A key that minisign locked, at its own cost.
      execFileSync('minisign', ['-G', '-p', at('its.pub'), '-s', at('its.key')], {
        input: 'pass\npass\n',
        stdio: 'pipe',
      })
      const its = minisign.parseSecretKey(readFileSync(at('its.key'), 'utf8'), 'its.key', 'pass')
      minisign.verifyDigest(
        minisign.parsePublicKey(readFileSync(at('its.pub'), 'utf8'), 'its.pub'),
        digest,
        minisign.signDigest(its, digest, ''),
        'x',
      )
    } finally {
      rmSync(dir, { recursive: true, force: true })
    }
  })
})
