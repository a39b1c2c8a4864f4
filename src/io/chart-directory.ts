/**
 * Writing charts and remote bases of a bundle into a vendor directory: archives, and sources.json that names them, as
 * `decapod vendor` does. What other bundles brought stays.
 */
import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { BundleContent } from '../bundle/manifest.ts'
import { DecapodError } from '../errors.ts'
import { vendorIndex } from './source-store.ts'
import { systemReason } from './system-error.ts'

interface SourceFile {
  readonly name: string
  readonly file: string
  readonly digest: string
}

export interface SourcePlan {
  readonly dir: string
  readonly missing: readonly SourceFile[]
  /** Files or entries of the list that have another content; written over when nobody refuses. */
  readonly conflicts: readonly (SourceFile & { readonly there: string })[]
  /** Names of what is there. */
  readonly present: readonly string[]
}

/** Compares what a bundle holds with a directory. Throws CONFIG_INVALID for a list that is none. */
export async function planSources(dir: string, contents: readonly BundleContent[]): Promise<SourcePlan> {
  const index = await readIndex(dir)
  const missing: SourceFile[] = []
  const conflicts: (SourceFile & { there: string })[] = []
  const present: string[] = []
  for (const { name, digest, file } of contents) {
    if (file === undefined) throw new DecapodError('BUNDLE_INVALID', `the bundle gives ${name} no file name`)
    const source = { name, file, digest }
    const listed = index.get(name) ?? file
    const at = [...new Set([listed, file])].find(path => existsSync(join(dir, path)))
    const there = at === undefined ? undefined : await fileDigest(join(dir, at))
    if (there === undefined || (there === digest && at !== file)) missing.push(source)
    else if (there !== digest) {
      missing.push(source)
      conflicts.push({ ...source, there })
    } else if (index.get(name) !== file) missing.push(source)
    else present.push(name)
  }
  return { dir, missing, conflicts, present }
}

/** Writes what is missing, the list last: a file it does not name is not read. */
export async function writeSources(
  { dir, missing }: SourcePlan,
  bytesOf: (digest: string) => Promise<Uint8Array>,
  done: (name: string) => void,
): Promise<void> {
  if (missing.length === 0) return
  await mkdir(dir, { recursive: true })
  for (const { name, file, digest } of missing) {
    const path = join(dir, file)
    if (!existsSync(path) || (await fileDigest(path)) !== digest) await replaceFile(path, await bytesOf(digest))
    done(name)
  }
  // Read again: another import may have added to it meanwhile.
  const index = await readIndex(dir)
  for (const { name, file } of missing) index.set(name, file)
  const text = `${JSON.stringify(Object.fromEntries([...index].sort()), undefined, 2)}\n`
  await replaceFile(join(dir, vendorIndex), Buffer.from(text))
}

async function readIndex(dir: string): Promise<Map<string, string>> {
  const file = join(dir, vendorIndex)
  if (!existsSync(file)) return new Map()
  try {
    const data: unknown = JSON.parse(await readFile(file, 'utf8'))
    if (typeof data === 'object' && data !== null && !Array.isArray(data))
      return new Map(Object.entries(data).filter((e): e is [string, string] => typeof e[1] === 'string'))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw new DecapodError('CONFIG_INVALID', 'the list of vendored sources is not a JSON object', {
    at: { file },
    hint: 'remove it, or name another directory with --charts',
  })
}

/** Written beside, synced, renamed: whoever reads sees the old or the new. */
async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const part = `${path}.${process.pid}.part`
  try {
    const handle = await open(part, 'w')
    try {
      await handle.writeFile(bytes)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(part, path)
  } catch (error) {
    await rm(part, { force: true })
    throw new DecapodError('FILE_INVALID', `cannot write ${path}: ${systemReason(error)}`, { cause: error })
  }
}

async function fileDigest(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return `sha256:${hash.digest('hex')}`
}
