/** Reading what a kustomization names, from below its root (api/internal/loader). */
import type { DecapodError } from '../errors.ts'
import { clean } from '../go/path.ts'
import { quote } from '../go/strconv.ts'
import { fromBytes } from '../go/value.ts'
import { baseName, dirName, type FileTree, isOutside, joinPath } from '../tree.ts'
import { fail, rephrase } from './fail.ts'
import { cloneUrl, isHttpUrl, parseRepoSpec, type RepoSpec } from './repo-spec.ts'

export type LoadRestrictor = 'LoadRestrictionsRootOnly' | 'LoadRestrictionsNone'

/** What has been fetched before the build; the engine itself never reaches out. */
export interface Remotes {
  /** The files of a repository at its ref, "/" being its root; undefined when it was not fetched. */
  repository(spec: RepoSpec): FileTree | undefined
  /** The content of a URL; a number is the HTTP status of a refusal; undefined when it was not fetched. */
  file(url: string): Uint8Array | number | undefined
}

export const noRemotes: Remotes = { repository: () => undefined, file: () => undefined }

export interface LoaderOptions {
  readonly restrictor: LoadRestrictor
  readonly remotes: Remotes
  /** A file larger than this is refused. */
  readonly maxFileBytes: number
}

/** An HTTP answer that is a refusal: the entry is not tried as a directory then. */
export const httpError = 'HTTP Error'

/** Reads files and opens bases relative to one kustomization. Immutable; knows who referred to it. */
export class Loader {
  readonly tree: FileTree
  /** The directory of the kustomization: absolute in the tree, links resolved. */
  readonly root: string
  readonly #referrer: Loader | undefined
  readonly #repo: RepoSpec | undefined
  readonly #options: LoaderOptions

  constructor(
    tree: FileTree,
    root: string,
    options: LoaderOptions,
    referrer: Loader | undefined = undefined,
    repo: RepoSpec | undefined = undefined,
  ) {
    this.tree = tree
    this.root = root
    this.#options = options
    this.#referrer = referrer
    this.#repo = repo
  }

  /** A loader for the directory to build. FILE_NOT_FOUND with Kustomize's words when it is none. */
  static open(tree: FileTree, dir: string, options: LoaderOptions): Loader {
    return new Loader(tree, confirmDir(tree, joinPath('/', dir)), options)
  }

  /** How many kustomizations lead here. */
  get depth(): number {
    let depth = 0
    for (let at: Loader | undefined = this; at !== undefined; at = at.#referrer) depth++
    return depth
  }

  /** The path a user knows of a file named relative to the root, for positions. */
  pathOf(path: string): string {
    if (isHttpUrl(path)) return path
    const absolute = joinPath(this.root, path)
    const repo = this.#containingRepo()
    return repo === undefined ? absolute : `${cloneUrl(repo)}/${absolute}`
  }

  /**
   * The bytes of a file named relative to the root. Throws DecapodError with Kustomize's words: FILE_NOT_FOUND,
   * PATH_OUTSIDE_ROOT (links included), LIMIT_EXCEEDED, REMOTE_UNRESOLVED for a URL that was not fetched.
   */
  read(path: string): Uint8Array {
    if (isHttpUrl(path)) return this.#readUrl(path)
    let absolute = path.startsWith('/') ? clean(path) : joinPath(this.root, path)
    // What comes out of a repository never reads beside it.
    if (this.#options.restrictor === 'LoadRestrictionsRootOnly' || this.#containingRepo() !== undefined) {
      const shown = path.startsWith('/') ? path : absolute
      const real = resolveLinks(this.tree, absolute)
      if (this.tree.kind(real) === 'dir') fail('FILE_NOT_FOUND', `'${shown}' must resolve to a file`)
      if (!isBelow(dirName(real), this.root)) {
        fail('PATH_OUTSIDE_ROOT', `security; file '${shown}' is not in or below '${this.root}'`, {
          hint: 'move the file below the kustomization, or allow it with --load-restrictor LoadRestrictionsNone',
        })
      }
      absolute = real
    }
    const bytes = this.tree.read(absolute)
    if (bytes === undefined) {
      const isDir = this.tree.kind(absolute) === 'dir'
      fail('FILE_NOT_FOUND', isDir ? `read ${absolute}: is a directory` : `open ${absolute}: no such file or directory`)
    }
    return this.#limited(bytes, path)
  }

  /** The same as text (UTF-8). */
  readText(path: string): string {
    // What is not UTF-8 is for the YAML reader to refuse, as go-yaml does.
    return fromBytes(this.read(path))
  }

  #limited(bytes: Uint8Array, path: string): Uint8Array {
    const { maxFileBytes } = this.#options
    if (bytes.length > maxFileBytes) {
      fail('LIMIT_EXCEEDED', `file '${path}' has ${bytes.length} bytes, more than the limit of ${maxFileBytes}`, {
        at: { file: this.pathOf(path) },
      })
    }
    return bytes
  }

  #readUrl(url: string): Uint8Array {
    const content = this.#options.remotes.file(url)
    if (content === undefined) {
      fail('REMOTE_UNRESOLVED', `'${url}' has not been fetched`, { hint: 'run decapod fetch' })
    }
    if (typeof content !== 'number') return this.#limited(content, url)
    if (parseRepoSpec(url) !== undefined) fail('FILE_NOT_FOUND', 'URL is a git repository')
    fail('SOURCE_UNREACHABLE', `${httpError}: status code ${content}`)
  }

  /** A loader for a base or component: a directory relative to the root, or a git repository. */
  open(path: string): Loader {
    if (path === '') fail('FILE_NOT_FOUND', 'new root cannot be empty')
    const spec = parseRepoSpec(path)
    if (spec !== undefined) return this.#openRepository(spec)
    if (path.startsWith('/')) fail('PATH_OUTSIDE_ROOT', `new root '${path}' cannot be absolute`)
    // "../a - ../b" is what two list entries become when the second is indented wrongly.
    if (path.split('/').some(part => part !== '..' && part.includes('..'))) {
      fail(
        'FILE_NOT_FOUND',
        `path ${quote(path)} is ambiguous: resolves to ${quote(clean(path))} after normalization, ` +
          'which is likely not the intended target; check for YAML indentation errors in your kustomization file',
      )
    }
    const root = confirmDir(this.tree, joinPath(this.root, path))
    this.#refuseCycle(root)
    return new Loader(this.tree, root, this.#options, this)
  }

  #openRepository(spec: RepoSpec): Loader {
    for (let at: Loader | undefined = this; at !== undefined; at = at.#referrer) {
      const repo = at.#repo
      if (repo?.raw.startsWith(spec.raw)) {
        fail('KUSTOMIZATION_CYCLE', `cycle detected: URI '${spec.raw}' referenced by previous URI '${repo.raw}'`)
      }
    }
    const tree = this.#options.remotes.repository(spec)
    if (tree === undefined) {
      fail('REMOTE_UNRESOLVED', `'${spec.raw}' has not been fetched`, { hint: 'run decapod fetch' })
    }
    const dir = joinPath('/', spec.dir)
    const root = resolveLinks(tree, dir)
    if (tree.kind(root) !== 'dir') {
      fail('FILE_NOT_FOUND', `'${dir}' refers to file '${baseName(root)}'; expecting directory`)
    }
    return new Loader(tree, root, this.#options, this, spec)
  }

  #containingRepo(): RepoSpec | undefined {
    return this.#repo ?? (this.#referrer === undefined ? undefined : this.#referrer.#containingRepo())
  }

  /** A base must be neither equal to nor above any kustomization on the way here. */
  #refuseCycle(candidate: string): void {
    for (let at: Loader | undefined = this; at !== undefined; at = at.#referrer) {
      if (at.tree === this.tree && isBelow(at.root, candidate)) {
        const way: string[] = []
        for (let step: Loader | undefined = this; step !== undefined; step = step.#referrer) way.unshift(step.root)
        fail(
          'KUSTOMIZATION_CYCLE',
          `cycle detected: candidate root '${candidate}' contains visited root '${at.root}'`,
          { notes: [[...way, candidate].join(' → ')] },
        )
      }
    }
  }
}

function isBelow(dir: string, root: string): boolean {
  if (isOutside(dir)) return false
  return dir === root || root === '/' || dir.startsWith(`${root}/`)
}

/** The path with links resolved; FILE_NOT_FOUND names the first part that is missing, as Go's EvalSymlinks does. */
function resolveLinks(tree: FileTree, path: string): string {
  const real = tree.realPath(path)
  if (real !== undefined) return real
  let missing = path
  while (missing !== '/' && tree.realPath(dirName(missing)) === undefined) missing = dirName(missing)
  const parent = dirName(missing)
  const realParent = tree.realPath(parent) ?? parent
  const why =
    tree.kind(realParent) === 'file'
      ? 'not a directory'
      : `lstat ${joinPath(realParent, baseName(missing))}: no such file or directory`
  fail('FILE_NOT_FOUND', `evalsymlink failure on '${path}' : ${why}`)
}

/** A directory with links resolved (filesys.ConfirmDir). */
function confirmDir(tree: FileTree, path: string): string {
  let real: string
  try {
    real = resolveLinks(tree, path)
  } catch (error) {
    throw rephrase(error as DecapodError, `must build at directory: not a valid directory: ${(error as Error).message}`)
  }
  if (tree.kind(real) !== 'dir') {
    fail('FILE_NOT_FOUND', `must build at directory: '${path}': file is not directory`)
  }
  return real
}
