/** The disk as a FileTree, read on demand and synchronously; and the few writes the commands share. */
import {
  accessSync,
  constants,
  existsSync,
  readdirSync,
  readFileSync,
  realpathSync,
  type Stats,
  statSync,
} from 'node:fs'
import { resolve } from 'node:path'
import { DecapodError } from '../errors.ts'
import { cleanPath, type Entry, type EntryKind, type FileTree } from '../tree.ts'
import { systemReason } from './system-error.ts'

/**
 * The files below `root` ("/" by default, so that paths of the tree are paths of the disk). Links are followed;
 * realPath tells where they lead, so that a restrictor can refuse them. Nothing is cached but what Node caches.
 * A file that exists and cannot be read (permissions, an I/O error) throws DecapodError FILE_INVALID. What is neither file
 * nor directory is not listed; `refuse` is told of it, and of whether it is a link to nothing.
 */
export function diskTree(root = '/', refuse?: (path: string, isDangling: boolean) => void): FileTree {
  const base = resolve(root)
  const onDisk = (path: string): string => (base === '/' ? cleanPath(path) : base + cleanPath(path))
  // The directory itself may be reached through links.
  let real: string | undefined
  const realBase = (): string => (real ??= realpathSync.native(base))
  const inTree = (path: string): string => {
    if (base === '/') return path
    if (path === realBase()) return '/'
    return path.startsWith(realBase() + '/') ? path.slice(realBase().length) : `/..${path}`
  }
  return {
    read: path => {
      try {
        return readFileSync(onDisk(path))
      } catch (error) {
        if (isAbsent(error)) return undefined
        throw unreadable(onDisk(path), error)
      }
    },
    kind: path => kindOnDisk(onDisk(path)),
    list: path => {
      const dir = onDisk(path)
      try {
        const entries: Entry[] = []
        for (const entry of readdirSync(dir, { withFileTypes: true })) {
          // A dangling link, a socket or a device is neither file nor directory.
          const kind = entry.isFile() ? 'file' : entry.isDirectory() ? 'dir' : kindOnDisk(`${dir}/${entry.name}`)
          if (kind !== undefined) entries.push({ name: entry.name, kind, isLink: entry.isSymbolicLink() })
          else refuse?.(resolve(dir, entry.name), !existsSync(`${dir}/${entry.name}`))
        }
        return entries.sort((a, b) => (a.name < b.name ? -1 : 1))
      } catch (error) {
        if (isAbsent(error)) return []
        throw error instanceof DecapodError ? error : unreadable(dir, error)
      }
    },
    realPath: path => {
      try {
        return inTree(realpathSync.native(onDisk(path)))
      } catch (error) {
        if (isAbsent(error)) return undefined
        throw unreadable(onDisk(path), error)
      }
    },
    isExecutable: path => {
      try {
        accessSync(onDisk(path), constants.X_OK)
        return kindOnDisk(onDisk(path)) === 'file'
      } catch {
        return false
      }
    },
  }
}

function kindOnDisk(path: string): EntryKind | undefined {
  let stat: Stats | undefined
  try {
    stat = statSync(path, { throwIfNoEntry: false })
  } catch (error) {
    // A link that leads to itself.
    if ((error as NodeJS.ErrnoException).code !== 'ELOOP') throw error
  }
  return stat?.isFile() ? 'file' : stat?.isDirectory() ? 'dir' : undefined
}

/** Nothing there (ENOENT), a file where a directory is named (ENOTDIR), a directory read as a file (EISDIR), a link loop. */
function isAbsent(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'EISDIR', 'ELOOP', 'ENAMETOOLONG'].includes((error as NodeJS.ErrnoException).code ?? '')
}

function unreadable(path: string, error: unknown): DecapodError {
  return new DecapodError('FILE_INVALID', `cannot read ${path}: ${systemReason(error)}`, {
    at: { file: path },
    cause: error,
  })
}
