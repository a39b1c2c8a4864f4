import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { readTar } from '../src/tar.ts'
import { writeTar } from '../src/tar-writer.ts'

const long = `${'deep/'.repeat(30)}file.yaml`
const longName = `${'n'.repeat(150)}.yaml`
const entries = [
  { name: 'b/run.sh', data: Buffer.from('#!/bin/sh\n'), mode: 0o755 },
  { name: 'a.yaml', data: Buffer.from('a: 1\n') },
  { name: long, data: Buffer.from('long path') },
  { name: longName, data: Buffer.from('long name') },
  { name: 'grüße.yaml', data: Buffer.alloc(512) },
]

test('reads back what was written, sorted', () => {
  const back = readTar(writeTar(entries), 'x.tar')
  expect(back.map(f => [f.name, Buffer.from(f.data).toString(), f.mode])).toEqual(
    [...entries].sort((a, b) => (a.name < b.name ? -1 : 1)).map(e => [e.name, e.data.toString(), e.mode ?? 0o644]),
  )
})

test('the order of the input does not matter', () => {
  const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
  expect(digest(writeTar([...entries].reverse()))).toBe(digest(writeTar(entries)))
})

test('a real tar lists it', () => {
  const listed = execFileSync('tar', ['--list', '--verbose', '--numeric-owner', '--quoting-style=literal', '-f', '-'], {
    input: writeTar(entries),
    encoding: 'utf8',
    env: { ...process.env, TZ: 'UTC', LC_ALL: 'C.UTF-8' },
  })
  expect(
    listed
      .split('\n')
      .filter(Boolean)
      .map(l => l.replace(/\s+/g, ' ')),
  ).toEqual([
    '-rw-r--r-- 0/0 5 1970-01-01 00:00 a.yaml',
    '-rwxr-xr-x 0/0 10 1970-01-01 00:00 b/run.sh',
    `-rw-r--r-- 0/0 9 1970-01-01 00:00 ${long}`,
    '-rw-r--r-- 0/0 512 1970-01-01 00:00 grüße.yaml',
    `-rw-r--r-- 0/0 9 1970-01-01 00:00 ${longName}`,
  ])
})

test('the same name twice is refused', () => {
  expect(() => writeTar([entries[0]!, entries[0]!])).toThrow(/stands twice/)
})
