/** What the operating system says, in words. */

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space left on the disk',
  EDQUOT: 'the disk quota is used up',
  ENOENT: 'no such file or directory',
  ENOTDIR: 'a part of the path is a file, not a directory',
  EISDIR: 'it is a directory',
  EEXIST: 'it is there already',
  ENOTEMPTY: 'the directory is not empty',
  EMFILE: 'too many open files',
  ENFILE: 'too many open files',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'links that lead in a circle',
  EIO: 'the disk failed to read or write',
  EBUSY: 'something else uses it',
  ETXTBSY: 'something else uses it',
  EXDEV: 'it is on another disk',
  EPIPE: 'nobody reads it any more',
}

/** The reason of a failed system call: "permission denied"; the code itself where it has no words here. */
export function systemReason(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException
  return code === undefined ? String(error) : (reasons[code] ?? code)
}

/** The reasons as Go prints them (syscall, zerrors_linux_amd64.go), where those above say it otherwise. */
const goReasons: Readonly<Record<string, string>> = {
  EPERM: 'operation not permitted',
  EROFS: 'read-only file system',
  ENOSPC: 'no space left on device',
  EDQUOT: 'disk quota exceeded',
  ENOTDIR: 'not a directory',
  EISDIR: 'is a directory',
  EEXIST: 'file exists',
  ENOTEMPTY: 'directory not empty',
  ENAMETOOLONG: 'file name too long',
  ELOOP: 'too many levels of symbolic links',
  EIO: 'input/output error',
}

/** The reason of a failed system call in the words of Go, for messages that are a Go program's. */
export function goReason(error: unknown): string {
  return goReasons[(error as NodeJS.ErrnoException).code ?? ''] ?? systemReason(error)
}
