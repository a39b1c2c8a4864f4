import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BundleManifest, diffBundles } from '../../src/bundle/manifest.ts'
import { DecapodError } from '../../src/errors.ts'
import { type BlobSource, readBundle, writeBundle } from '../../src/io/bundle-file.ts'

let dir: string
let manifest: BundleManifest
let blobs: BlobSource[]
const at = (name: string): string => join(dir, name)
const sha = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'decapod-bundle-'))
  blobs = ['a chart', 'a lock file that is somewhat longer', ''].map((text, i) => {
    writeFileSync(at(`blob${i}`), text)
    return { digest: sha(Buffer.from(text)), size: text.length, from: at(`blob${i}`) }
  })
  manifest = {
    version: 1,
    engine: '0.1.0',
    sites: ['site-z'],
    contents: blobs.map((b, i) => ({
      type: 'file' as const,
      name: `file ${i}`,
      digest: b.digest,
      size: b.size,
      mediaType: 'text/plain',
    })),
    blobs: blobs.map(({ digest, size }) => ({ digest, size })),
  }
  await writeBundle(at('x.bundle'), manifest, blobs)
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

test('reads what was written, blob by blob', async () => {
  const seen: Record<string, string> = {}
  const { manifest: read } = await readBundle(at('x.bundle'), {
    onBlob: ({ digest }) => {
      seen[digest] = ''
      return chunk => {
        seen[digest] += chunk.toString()
      }
    },
  })
  expect(read.sites).toEqual(['site-z'])
  expect(Object.values(seen).sort()).toEqual(['', 'a chart', 'a lock file that is somewhat longer'])
})

test('the same content gives the same bytes, whatever the order', async () => {
  const shuffled = { ...manifest, contents: [...manifest.contents].reverse(), blobs: [...manifest.blobs].reverse() }
  await writeBundle(at('again.bundle'), shuffled, [...blobs].reverse())
  expect(sha(readFileSync(at('again.bundle')))).toBe(sha(readFileSync(at('x.bundle'))))
})

test('split and read as one', async () => {
  const { files } = await writeBundle(at('s.bundle'), manifest, blobs, { split: 2000 })
  expect(files.length).toBeGreaterThan(2)
  expect(Buffer.concat(files.map(f => readFileSync(f))).equals(readFileSync(at('x.bundle')))).toBe(true)
  const whole = { whole: true }
  expect((await readBundle(at('s.bundle'), whole)).fileDigest).toEqual(
    (await readBundle(at('x.bundle'), whole)).fileDigest,
  )
  rmSync(files.at(-1)!)
  await expect(readBundle(at('s.bundle'))).rejects.toThrow(/ends within .*; is .*s\.bundle\.\d{3} missing\?/)
})

test('every single byte counts', async () => {
  const good = readFileSync(at('x.bundle'))
  // Several lanes: most of the time goes into opening files.
  const lanes = Array.from({ length: 8 }, async (_, lane) => {
    for (let i = lane; i < good.length; i += 8) {
      const bad = Buffer.from(good)
      bad[i] = bad[i]! ^ 1
      writeFileSync(at(`bad${lane}.bundle`), bad)
      const read = readBundle(at(`bad${lane}.bundle`))
      await expect(read, `byte ${i}`).rejects.toThrow(/damaged or changed|not a valid bundle/)
    }
  })
  await Promise.all(lanes)
}, 120_000)

test('a missing part is named, swapped parts are noticed', async () => {
  const { files } = await writeBundle(at('p.bundle'), manifest, blobs, { split: 2000 })
  const [first, second, third] = files.map(file => readFileSync(file))
  writeFileSync(files[1]!, third!)
  writeFileSync(files[2]!, second!)
  await expect(readBundle(at('p.bundle'))).rejects.toThrow(/is not as it must be .*in .*p\.bundle\.002/)
  writeFileSync(files[0]!, second!)
  writeFileSync(files[1]!, first!)
  await expect(readBundle(at('p.bundle'))).rejects.toThrow(/p\.bundle\.001/)
  rmSync(files[1]!)
  await expect(readBundle(at('p.bundle'))).rejects.toThrow(/p\.bundle\.002 is missing: there is .*p\.bundle\.003/)
})

test('what an earlier export left is not taken for part of this one', async () => {
  await writeBundle(at('o.bundle'), manifest, blobs, { split: 1000 })
  const parts = (): string[] =>
    readdirSync(dir)
      .filter(name => name.startsWith('o.bundle'))
      .sort()
  const many = parts().length
  await writeBundle(at('o.bundle'), manifest, blobs, { split: 3000 })
  expect(parts().length).toBeLessThan(many)
  await writeBundle(at('o.bundle'), manifest, blobs)
  expect(parts()).toEqual(['o.bundle'])
  await writeBundle(at('o.bundle'), manifest, blobs, { split: 3000 })
  expect(parts()).not.toContain('o.bundle')
  await readBundle(at('o.bundle'))
})

describe('refused', () => {
  test.each<[name: string, change: (good: Buffer) => Buffer, message: RegExp]>([
    ['truncated', good => good.subarray(0, good.length - 1), /ends within the end of the archive/],
    ['a byte added', good => Buffer.concat([good, Buffer.from([0])]), /bytes after its end/],
    ['a byte missing in the middle', good => Buffer.concat([good.subarray(0, 3000), good.subarray(3001)]), /at byte/],
    [
      'blobs in another order',
      good => {
        const end = good.length - 1024
        const sizes = [...blobs]
          .sort((a, b) => (a.digest < b.digest ? -1 : 1))
          .map(b => 512 + Math.ceil(b.size / 512) * 512)
        const starts = [end - sizes[2]! - sizes[1]! - sizes[0]!, end - sizes[2]! - sizes[1]!]
        return Buffer.concat([
          good.subarray(0, starts[0]),
          good.subarray(starts[1], starts[1]! + sizes[1]!),
          good.subarray(starts[0], starts[1]),
          good.subarray(starts[1]! + sizes[1]!),
        ])
      },
      /the header of blobs/,
    ],
    ['no bundle', () => Buffer.from('hello'), /ends within the header/],
  ])('%s', async (_, change, message) => {
    writeFileSync(at('bad.bundle'), change(readFileSync(at('x.bundle'))))
    await expect(readBundle(at('bad.bundle'))).rejects.toThrow(message)
  })
})

test('a blob that is not what it is called is not written', async () => {
  writeFileSync(at('changed'), 'a chbrt')
  const changed = blobs.map((b, i) => (i === 0 ? { ...b, from: at('changed') } : b))
  await expect(writeBundle(at('y.bundle'), manifest, changed)).rejects.toThrow(/changed while it was written/)
  expect(readdirSync(dir).filter(f => f.startsWith('y.bundle'))).toEqual([])
})

test('a real tar lists it', () => {
  const listed = spawnSync('tar', ['tf', at('x.bundle')], { encoding: 'utf8' })
  expect(listed.status).toBe(0)
  expect(listed.stdout.split('\n').slice(0, 4)).toEqual([
    'decapod/bundle.json',
    'decapod/bundle.json.sha256',
    'oci-layout',
    'index.json',
  ])
})

test('differences by name', () => {
  const other = {
    ...manifest,
    contents: [
      { ...manifest.contents[0]!, digest: blobs[1]!.digest },
      { ...manifest.contents[1]!, name: 'new' },
      manifest.contents[2]!,
    ],
  }
  expect(diffBundles(manifest, other).map(d => `${d.change} ${d.name}`)).toEqual([
    'changed file 0',
    'removed file 1',
    'added new',
  ])
})

describe('a run that was cut', () => {
  const big = Buffer.alloc(40 << 20, 'big')
  const digest = sha(big)
  const whole: BundleManifest = {
    version: 1,
    engine: '0.1.0',
    sites: ['s'],
    contents: [],
    blobs: [{ digest, size: big.length }],
  }
  /** Brings the blob from where the sink is on; cut after `most` bytes. Gives where it began. */
  const bring =
    (most: number, begun: number[]): Exclude<BlobSource['from'], string> =>
    async sink => {
      const hash = createHash('sha256')
      const have = await sink.resume(hash, big.length)
      begun.push(have)
      for (let at = have; at < big.length; at += 1 << 20) {
        if (at - have >= most) throw new DecapodError('SOURCE_UNREACHABLE', 'cut')
        const piece = big.subarray(at, at + (1 << 20))
        hash.update(piece)
        await sink.write([piece])
      }
      if (sha(big) !== `sha256:${hash.digest('hex')}`) {
        await sink.reset()
        throw new DecapodError('DIGEST_MISMATCH', 'not the blob')
      }
    }
  const run = (begun: number[], most = Number.POSITIVE_INFINITY, split?: number): Promise<unknown> =>
    writeBundle(at('cut.bundle'), whole, [{ digest, size: big.length, from: bring(most, begun) }], { split })
  const left = (): string[] =>
    readdirSync(dir)
      .filter(name => name.startsWith('cut.bundle'))
      .sort()

  test.each<[name: string, split: number | undefined]>([
    ['in one file', undefined],
    ['in parts', 7_000_000],
  ])('goes on, %s', async (_, split) => {
    const begun: number[] = []
    await expect(run(begun, 35 << 20, split)).rejects.toThrow('cut')
    expect(left()).toContain('cut.bundle.journal')
    await run(begun, undefined, split)
    // Noted every 16 MiB.
    expect(begun).toEqual([0, 32 << 20])
    await readBundle(at('cut.bundle'))
    expect(left().filter(name => /part|journal/.test(name))).toEqual([])
    for (const name of left()) rmSync(at(name))
  })

  test('what is on the disk is checked before it is believed', async () => {
    const begun: number[] = []
    await expect(run(begun, 35 << 20)).rejects.toThrow('cut')
    const part = readFileSync(at('cut.bundle.part1'))
    part[5 << 20] = 0
    writeFileSync(at('cut.bundle.part1'), part)
    await expect(run(begun)).rejects.toThrow('not the blob')
    expect(left()).toEqual([])
  })

  test('another content begins anew', async () => {
    const begun: number[] = []
    await expect(run(begun, 35 << 20)).rejects.toThrow('cut')
    await expect(run(begun, 1 << 20, 9_000_000)).rejects.toThrow('cut')
    expect(begun).toEqual([0, 0])
    for (const name of left()) rmSync(at(name))
  })
})
