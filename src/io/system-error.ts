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
