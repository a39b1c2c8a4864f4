/**
 * Sources in git: a branch, tag or commit of a repository, a directory of it, submodules. What comes out are files; no
 * checkout is made, so no filter, hook or attribute of the repository runs.
 */
import { DecapodError } from '../errors.ts'
import {
  type GitSettings,
  git,
  lastLines,
  remoteName,
  runGit,
  type ScratchRepository,
  scratchRepository,
  withoutSecrets,
} from './git.ts'

export interface GitSource {
  readonly url: string
  /** A branch, a tag or a commit; the remote's HEAD when absent. */
  readonly ref?: string | undefined
  /** A directory of the repository; its root when absent. */
  readonly path?: string | undefined
  readonly submodules?: boolean | undefined
}

export interface GitFile {
  /** Below the source's directory. */
  readonly path: string
  readonly bytes: Buffer
  readonly executable: boolean
}

export interface GitTree {
  /** The commit, 40 hex digits: what a lock pins. */
  readonly commit: string
  readonly files: readonly GitFile[]
}

/** Bounds on what a repository may bring. */
const limits = { files: 200_000, bytes: 1 << 30, submoduleDepth: 5, linkHops: 10 }

/**
 * Fetches the files of a source, as shallow as the server allows. Links inside the repository are replaced by what they
 * point to. Throws SOURCE_INVALID for a ref, directory or link that is not there, GIT_FAILED for what git refuses,
 * LIMIT_EXCEEDED for a repository that is too large.
 */
export async function fetchGitTree(settings: GitSettings, source: GitSource): Promise<GitTree> {
  return await fetchAt(settings, source, 0)
}

async function fetchAt(settings: GitSettings, source: GitSource, depth: number): Promise<GitTree> {
  const repository = await scratchRepository(settings, source.url)
  try {
    const commit = await fetchRef(settings, repository, source)
    const entries = await listEntries(settings, repository, commit)
    const dir = cleanDirectory(source.path)
    const contents = await readBlobs(settings, repository, entries, dir)
    const files = collect(entries, contents, dir, source)
    if (source.submodules !== false)
      files.push(...(await fetchSubmodules(settings, repository, commit, entries, dir, source, depth)))
    if (files.length === 0) throw new DecapodError('SOURCE_INVALID', `${describe(source)} has no directory "${dir}"`)
    return { commit, files: files.sort((a, b) => (a.path < b.path ? -1 : 1)) }
  } finally {
    await repository.dispose()
  }
}

/** Tries the ref as what it may be: a commit by its hash, a tag, a branch, any ref, HEAD. */
async function fetchRef(settings: GitSettings, repository: ScratchRepository, source: GitSource): Promise<string> {
  const { ref } = source
  if (ref?.startsWith('-')) throw new DecapodError('SOURCE_INVALID', `"${ref}" is not a git ref`)
  const isCommit = ref !== undefined && /^[0-9a-f]{40}$/.test(ref)
  const candidates = ref === undefined ? ['HEAD'] : isCommit ? [ref] : [`refs/tags/${ref}`, `refs/heads/${ref}`, ref]
  let words = ''
  for (const candidate of candidates) {
    const fetched = await runGit(settings, repository.dir, [
      'fetch',
      '--quiet',
      '--depth=1',
      '--no-tags',
      remoteName,
      candidate,
    ])
    if (fetched.code === 0) return await commitOf(settings, repository, 'FETCH_HEAD', source)
    words = fetched.stderr
    if (
      !/couldn't find remote ref|not our ref|unadvertised object|does not allow request|no such remote ref/i.test(words)
    )
      break
  }
  // Some servers give a commit only as part of a branch, and a short hash can be found no other way.
  if (ref !== undefined && /^[0-9a-f]{7,40}$/.test(ref)) {
    const all = await runGit(settings, repository.dir, [
      'fetch',
      '--quiet',
      '--tags',
      remoteName,
      '+refs/heads/*:refs/remotes/origin/*',
    ])
    if (all.code === 0) return await commitOf(settings, repository, ref, source)
    words = all.stderr
  }
  if (/couldn't find remote ref|not our ref|no such remote ref/i.test(words)) {
    throw new DecapodError('SOURCE_INVALID', `${describe(source)} has no branch, tag or commit "${ref ?? 'HEAD'}"`)
  }
  throw new DecapodError('GIT_FAILED', `cannot fetch ${describe(source)}: ${lastLines(words)}`, {
    hint: /authentication|permission denied|could not read username/i.test(words)
      ? 'check the credentials: a credential helper, GIT_ASKPASS or an ssh key'
      : undefined,
  })
}

async function commitOf(
  settings: GitSettings,
  repository: ScratchRepository,
  name: string,
  source: GitSource,
): Promise<string> {
  const parsed = await runGit(settings, repository.dir, [
    'rev-parse',
    '--verify',
    '--quiet',
    '--end-of-options',
    `${name}^{commit}`,
  ])
  if (parsed.code !== 0)
    throw new DecapodError('SOURCE_INVALID', `${describe(source)} has no commit "${source.ref ?? name}"`)
  return parsed.stdout.toString().trim()
}

interface TreeEntry {
  readonly mode: string
  readonly id: string
  readonly size: number
}

async function listEntries(
  settings: GitSettings,
  repository: ScratchRepository,
  commit: string,
): Promise<Map<string, TreeEntry>> {
  const listing = (await git(settings, repository.dir, ['ls-tree', '-r', '-l', '-z', '--full-tree', commit])).toString(
    'utf8',
  )
  const entries = new Map<string, TreeEntry>()
  for (const line of listing.split('\0')) {
    const match = /^(\d+) \w+ ([0-9a-f]+) +(\d+|-)\t(.*)$/s.exec(line)
    if (match !== null) entries.set(match[4]!, { mode: match[1]!, id: match[2]!, size: Number(match[3]) || 0 })
    if (entries.size > limits.files)
      throw new DecapodError('LIMIT_EXCEEDED', `a repository with more than ${limits.files} files`)
  }
  return entries
}

/** The blobs of every file below `dir`, and of every link and its possible targets elsewhere, in one git process. */
async function readBlobs(
  settings: GitSettings,
  repository: ScratchRepository,
  entries: ReadonlyMap<string, TreeEntry>,
  dir: string,
): Promise<Map<string, Buffer>> {
  const hasLinks = [...entries].some(([path, { mode }]) => mode === '120000' && inside(path, dir))
  const wanted = new Set<string>()
  let total = 0
  for (const [path, { mode, id, size }] of entries) {
    if (mode === '160000' || !(hasLinks || inside(path, dir)) || wanted.has(id)) continue
    wanted.add(id)
    total += size
    if (total > limits.bytes)
      throw new DecapodError('LIMIT_EXCEEDED', `a repository with more than ${limits.bytes} bytes of files`)
  }
  const output = await git(settings, repository.dir, ['cat-file', '--batch'], [...wanted].join('\n') + '\n')
  const blobs = new Map<string, Buffer>()
  let at = 0
  while (at < output.length) {
    const newline = output.indexOf(10, at)
    const [id = '', , size = '0'] = output.subarray(at, newline).toString('latin1').split(' ')
    const length = Number(size)
    blobs.set(id, output.subarray(newline + 1, newline + 1 + length))
    at = newline + 1 + length + 1
  }
  return blobs
}

function collect(
  entries: ReadonlyMap<string, TreeEntry>,
  blobs: ReadonlyMap<string, Buffer>,
  dir: string,
  source: GitSource,
): GitFile[] {
  /** What a path stands for with its links followed: itself (suffix ''), or every file below the directory it leads to. */
  function* expand(path: string, hops: number): Generator<readonly [suffix: string, entry: TreeEntry]> {
    const entry = entries.get(path)
    if (entry === undefined) {
      for (const below of entries.keys()) {
        if (!below.startsWith(`${path}/`)) continue
        for (const [suffix, found] of expand(below, hops)) yield [below.slice(path.length) + suffix, found]
      }
    } else if (entry.mode === '120000') {
      const target = resolveLink(path, blobs.get(entry.id)!.toString('utf8'))
      if (hops >= limits.linkHops || target === undefined) {
        throw new DecapodError(
          'PATH_OUTSIDE_ROOT',
          `${describe(source)}: the link ${path} leads out of the repository or around in a circle`,
        )
      }
      yield* expand(target, hops + 1)
    } else if (entry.mode !== '160000') yield ['', entry]
  }
  const files: GitFile[] = []
  for (const path of entries.keys()) {
    if (!inside(path, dir)) continue
    for (const [suffix, { id, mode }] of expand(path, 0)) {
      files.push({ path: relative(path, dir) + suffix, bytes: blobs.get(id)!, executable: mode === '100755' })
      if (files.length > limits.files)
        throw new DecapodError('LIMIT_EXCEEDED', `${describe(source)}: more than ${limits.files} files`)
    }
  }
  return files
}

function resolveLink(path: string, target: string): string | undefined {
  if (target.startsWith('/')) return undefined
  const parts = path.split('/').slice(0, -1)
  for (const part of target.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..') {
      if (parts.length === 0) return undefined
      parts.pop()
    } else parts.push(part)
  }
  return parts.join('/')
}

async function fetchSubmodules(
  settings: GitSettings,
  repository: ScratchRepository,
  commit: string,
  entries: ReadonlyMap<string, TreeEntry>,
  dir: string,
  source: GitSource,
  depth: number,
): Promise<GitFile[]> {
  const modules = [...entries].filter(
    ([path, { mode }]) => mode === '160000' && (inside(path, dir) || dir.startsWith(`${path}/`) || dir === path),
  )
  if (modules.length === 0) return []
  if (depth >= limits.submoduleDepth)
    throw new DecapodError(
      'LIMIT_EXCEEDED',
      `${describe(source)}: submodules nest deeper than ${limits.submoduleDepth}`,
    )
  const urls = await submoduleUrls(settings, repository, commit)
  const files: GitFile[] = []
  for (const [path, { id }] of modules) {
    const url = urls.get(path)
    if (url === undefined)
      throw new DecapodError(
        'SOURCE_INVALID',
        `${describe(source)}: .gitmodules does not say where the submodule ${path} is`,
      )
    const from = absoluteUrl(url, source.url)
    // A repository from elsewhere must not read this machine's.
    if (isLocal(from) && !isLocal(source.url)) {
      throw new DecapodError(
        'SOURCE_INVALID',
        `${describe(source)}: the submodule ${path} lies on this machine (${describe({ url: from })}), which is refused`,
      )
    }
    const within = dir === path || dir.startsWith(`${path}/`) ? dir.slice(path.length + 1) : ''
    const tree = await fetchAt(
      settings,
      { url: settings.mirror?.(from) ?? from, ref: id, path: within, submodules: true },
      depth + 1,
    )
    const at = within === '' && dir !== path ? relative(path, dir) : ''
    for (const file of tree.files) files.push({ ...file, path: at === '' ? file.path : `${at}/${file.path}` })
  }
  return files
}

async function submoduleUrls(
  settings: GitSettings,
  repository: ScratchRepository,
  commit: string,
): Promise<Map<string, string>> {
  const listed = await runGit(settings, repository.dir, [
    'config',
    '-z',
    '--blob',
    `${commit}:.gitmodules`,
    '--get-regexp',
    '^submodule\\..*\\.(path|url)$',
  ])
  const fields = new Map<string, { path?: string; url?: string }>()
  for (const entry of listed.stdout.toString('utf8').split('\0')) {
    const match = /^submodule\.(.*)\.(path|url)\n(.*)$/s.exec(entry)
    if (match === null) continue
    const known = fields.get(match[1]!) ?? {}
    known[match[2] as 'path' | 'url'] = match[3]!
    fields.set(match[1]!, known)
  }
  return new Map(
    [...fields.values()].flatMap(({ path, url }) =>
      path !== undefined && url !== undefined ? [[path, url] as const] : [],
    ),
  )
}

/** A path or a file:// URL, rather than something on a server. */
function isLocal(url: string): boolean {
  return /^file:/i.test(url) || (!/^[a-z][a-z0-9+.-]*:\/\//i.test(url) && !/^[^/]+:/.test(url))
}

/** A submodule's URL may be relative to its parent's. */
function absoluteUrl(url: string, parent: string): string {
  if (!/^\.{1,2}\//.test(url)) return url
  const [, prefix = '', rest = ''] = /^([a-z][a-z0-9+.-]*:\/\/[^/]*\/?|[^/:]+@[^/:]+:)?(.*)$/i.exec(parent)!
  const parts = rest.replace(/\/$/, '').split('/')
  for (const part of url.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.' && part !== '') parts.push(part)
  }
  return prefix + parts.join('/')
}

function cleanDirectory(path: string | undefined): string {
  const parts: string[] = []
  for (const part of (path ?? '').split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..') throw new DecapodError('PATH_OUTSIDE_ROOT', `"${path}" leads out of the repository`)
    parts.push(part)
  }
  return parts.join('/')
}

function inside(path: string, dir: string): boolean {
  return dir === '' || path.startsWith(dir + '/')
}

function relative(path: string, dir: string): string {
  return dir === '' ? path : path.slice(dir.length + 1)
}

function describe({ url }: GitSource): string {
  return withoutSecrets(url)
}
