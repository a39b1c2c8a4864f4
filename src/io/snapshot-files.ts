/** The files of a directory as a snapshot of it holds them. */
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { join, sep } from 'node:path'
import type { SnapshotFile } from '../bundle/git-snapshot.ts'
import { DecapodError } from '../errors.ts'
import { systemReason } from './system-error.ts'

/** What belongs to tools, not to the workspace. */
const tools: ReadonlySet<string> = new Set(['.git', '.decapod', 'node_modules'])

/**
 * Reads every file below `dir` (path relative to it, with "/"), links followed as rendering follows them. `skip` is
 * asked for each directory. Throws PATH_OUTSIDE_ROOT for a link that leaves `inside`, FILE_INVALID for what cannot be
 * read.
 */
export function readSnapshotFiles(
  dir: string,
  inside: string,
  skip: (path: string) => boolean = () => false,
): Map<string, SnapshotFile> {
  const files = new Map<string, SnapshotFile>()
  const root = realpathSync(inside)
  const walk = (below: string, seen: readonly string[]): void => {
    for (const { name } of readdirSync(join(dir, below), { withFileTypes: true })) {
      if (tools.has(name)) continue
      const path = below === '' ? name : `${below}/${name}`
      const file = join(dir, path)
      const stat = statSync(file, { throwIfNoEntry: false })
      if (stat === undefined) continue
      const real = realpathSync(file)
      if (real !== root && !real.startsWith(root === sep ? sep : root + sep)) {
        throw new DecapodError(
          'PATH_OUTSIDE_ROOT',
          `${file} is a link to ${real}, which does not belong to the workspace`,
          {
            at: { file },
            hint: 'copy it into the workspace: what lies outside of it cannot be carried',
          },
        )
      }
      // A link to a directory above it would go on forever.
      if (stat.isDirectory() && !seen.includes(real) && !skip(path)) walk(path, [...seen, real])
      else if (stat.isFile()) files.set(path, { bytes: read(file), executable: (stat.mode & 0o100) !== 0 })
    }
  }
  walk('', [realpathSync(dir)])
  return files
}

function read(file: string): Uint8Array {
  try {
    return readFileSync(file)
  } catch (error) {
    throw new DecapodError('FILE_INVALID', `cannot read ${file}: ${systemReason(error)}`, {
      at: { file },
      cause: error,
    })
  }
}
