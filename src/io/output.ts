/**
 * Writing rendered trees. A site's tree is staged beside the old one and swapped in whole: whoever reads sees the old
 * or the new tree. Node offers no exchange of two directories, so the swap is two renames; a process killed between
 * them leaves the old tree in the staging place, and the next decapod that opens the output puts it back.
 */
import {
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { DecapodError } from '../errors.ts'
import { systemReason } from './system-error.ts'

export interface TreeChange {
  readonly added: readonly string[]
  readonly changed: readonly string[]
  readonly removed: readonly string[]
  readonly unchanged: number
}

/** Where staging happens: inside the output directory, for a rename does not cross file systems; ignored by git. */
const staging = '.decapod'

/**
 * Every file below a directory, or below `start` in it: path relative to `dir` (with "/") → bytes. Empty when there is no
 * such directory.
 */
export function readFiles(dir: string, start = ''): Map<string, Buffer> {
  const files = new Map<string, Buffer>()
  const walk = (below: string): void => {
    for (const entry of readdirSync(join(dir, below), { withFileTypes: true })) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`
      if (entry.isDirectory()) walk(path)
      else if (entry.isFile()) files.set(path, readFileSync(join(dir, path)))
    }
  }
  if (existsSync(join(dir, start))) walk(start)
  return files
}

/** What writing `files` over `old` changes. */
export function compareFiles(old: ReadonlyMap<string, Uint8Array>, files: ReadonlyMap<string, Uint8Array>): TreeChange {
  const added: string[] = []
  const changed: string[] = []
  let unchanged = 0
  for (const [path, bytes] of files) {
    const was = old.get(path)
    if (was === undefined) added.push(path)
    else if (Buffer.compare(was, bytes) === 0) unchanged++
    else changed.push(path)
  }
  const removed = [...old.keys()].filter(path => !files.has(path))
  return { added: added.sort(), changed: changed.sort(), removed: removed.sort(), unchanged }
}

/**
 * Makes `<out>/<name>` hold exactly the `wanted` files and nothing else, in one step; a function is given what is there and says what
 * shall be. `name` is one path element. Nothing is touched when nothing changes. Unchanged files keep their inode and time (hard links). Throws PATH_OUTSIDE_ROOT for a
 * path that leaves the directory, FILE_INVALID when the disk refuses (the old tree is then whole), OUTPUT_CONFLICT when
 * another process writes the same tree.
 */
export function replaceTree(
  out: string,
  name: string,
  wanted: ReadonlyMap<string, Uint8Array> | ((old: ReadonlyMap<string, Uint8Array>) => ReadonlyMap<string, Uint8Array>),
): TreeChange {
  refuseEscape(name)
  const stage = join(out, staging)
  makeStage(stage)
  const release = lock(join(stage, `${name}.lock`), name)
  try {
    recover(out, name)
    const target = join(out, name)
    const old = readFiles(target)
    const files = typeof wanted === 'function' ? wanted(old) : wanted
    for (const path of files.keys()) refuseEscape(path)
    const change = compareFiles(old, files)
    if (change.added.length + change.changed.length + change.removed.length === 0) return change
    const next = join(stage, `${name}.new`)
    rmSync(next, { recursive: true, force: true })
    try {
      writeStaged(next, target, files, old)
    } catch (error) {
      rmSync(next, { recursive: true, force: true })
      throw new DecapodError(
        'FILE_INVALID',
        `cannot write below ${out}: ${systemReason(error)}; ${name} is left as it was`,
        { at: { file: out }, cause: error },
      )
    }
    swap(stage, target, next, name)
    return change
  } finally {
    release()
  }
}

/** Removes `<out>/<name>` as a whole, by the same rename. True when there was something. */
export function removeTree(out: string, name: string): boolean {
  refuseEscape(name)
  const target = join(out, name)
  if (!existsSync(target)) return false
  const stage = join(out, staging)
  makeStage(stage)
  const gone = join(stage, `${name}.gone`)
  rmSync(gone, { recursive: true, force: true })
  renameSync(target, gone)
  rmSync(gone, { recursive: true, force: true })
  return true
}

/** Puts back what a killed process left between its two renames. Called before anything reads or writes an output. */
export function recoverTrees(out: string): void {
  const stage = join(out, staging)
  if (!existsSync(stage)) return
  for (const entry of readdirSync(stage)) if (entry.endsWith('.old')) recover(out, entry.slice(0, -'.old'.length))
}

function recover(out: string, name: string): void {
  const target = join(out, name)
  const old = join(out, staging, `${name}.old`)
  if (!existsSync(old)) return
  if (existsSync(target)) rmSync(old, { recursive: true, force: true })
  else renameSync(old, target)
}

function writeStaged(
  next: string,
  target: string,
  files: ReadonlyMap<string, Uint8Array>,
  old: ReadonlyMap<string, Uint8Array>,
): void {
  mkdirSync(next, { recursive: true })
  const made = new Set<string>([next])
  for (const [path, bytes] of files) {
    const file = join(next, path)
    const dir = dirname(file)
    if (!made.has(dir)) {
      mkdirSync(dir, { recursive: true })
      made.add(dir)
    }
    const was = old.get(path)
    if (was !== undefined && Buffer.compare(was, bytes) === 0 && linked(join(target, path), file)) continue
    writeFileSync(file, bytes)
  }
}

/** A hard link to the old file; false where the file system has none. */
function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch {
    return false
  }
}

function swap(stage: string, target: string, next: string, name: string): void {
  const old = join(stage, `${name}.old`)
  mkdirSync(dirname(target), { recursive: true })
  if (existsSync(target)) renameSync(target, old)
  renameSync(next, target)
  rmSync(old, { recursive: true, force: true })
}

function makeStage(stage: string): void {
  mkdirSync(stage, { recursive: true })
  const ignore = join(stage, '.gitignore')
  if (!existsSync(ignore)) writeFileSync(ignore, '*\n')
}

/** A lock file with the holder's pid; one left by a process that is gone is taken over. */
function lock(file: string, name: string): () => void {
  for (let attempt = 0; ; attempt++) {
    try {
      const handle = openSync(file, 'wx')
      writeSync(handle, String(process.pid))
      closeSync(handle)
      return () => rmSync(file, { force: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
        throw new DecapodError('FILE_INVALID', `cannot write ${file}: ${systemReason(error)}`, {
          cause: error,
        })
      }
      const holder = Number(readFileIfThere(file))
      if (attempt > 2 || (holder !== process.pid && isAlive(holder))) {
        throw new DecapodError('OUTPUT_CONFLICT', `another decapod (process ${holder}) is writing ${name}`, {
          hint: 'wait for it to end, then run again',
        })
      }
      rmSync(file, { force: true })
    }
  }
}

function readFileIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function refuseEscape(path: string): void {
  if (
    path.startsWith('/') ||
    path.includes('\0') ||
    path.split('/').some(part => part === '' || part === '.' || part === '..')
  ) {
    throw new DecapodError('PATH_OUTSIDE_ROOT', `"${path}" is not a path inside the output directory`)
  }
}
