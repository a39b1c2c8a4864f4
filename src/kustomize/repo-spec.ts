/** URLs of git repositories as kustomizations write them (api/internal/git/repospec.go). */
import { clean } from '../go/path.ts'
import type { GitDirectory } from '../source.ts'

export interface RepoSpec {
  /** The URL as written. */
  readonly raw: string
  /** What precedes the repository's path: "https://github.com/", "git@github.com:", "file://". */
  readonly host: string
  readonly repoPath: string
  /** The directory within the repository; '' for its root. */
  readonly dir: string
  /** A branch, tag or commit; '' for the default branch. */
  readonly ref: string
  readonly submodules: boolean
  readonly timeoutSeconds: number
}

/** What git clones. */
export function cloneUrl(spec: RepoSpec): string {
  return spec.host + spec.repoPath
}

/** The whole repository as a source to fetch and pin: a base may refer to others in it. */
export function repositorySource(spec: RepoSpec): GitDirectory {
  const { ref, submodules, timeoutSeconds } = spec
  // Kustomize's default is meant for a person who waits; a fetch of many sources has its own.
  const timeout = timeoutSeconds === defaultTimeout ? {} : { timeoutSeconds }
  return { kind: 'git', url: cloneUrl(spec), ref, path: '', submodules, ...timeout }
}

/** Whether a path is a URL that files are read from over HTTP. */
export function isHttpUrl(path: string): boolean {
  return /^https?:/i.test(path) && !/[\u0000-\u0020\u007f]/.test(path.slice(0, path.search(/[?#]|$/)))
}

/** Parses a URL of a git repository; undefined for anything else (a path, say). */
export function parseRepoSpec(raw: string): RepoSpec | undefined {
  if (raw.startsWith('/')) return undefined
  const mark = raw.indexOf('?')
  const query = mark === -1 ? '' : raw.slice(mark + 1)
  const host = parseHost(mark === -1 ? raw : raw.slice(0, mark))
  if (host === undefined) return undefined
  const parts = splitPath(host.rest, host.host.startsWith('file://'))
  if (parts === undefined || parts.repo === '') return undefined
  const dir = parts.dir
  if (clean(dir.startsWith('/') ? dir.slice(1) : dir).split('/')[0] === '..') return undefined
  return {
    raw,
    host: host.host,
    repoPath: parts.repo,
    dir: dir.startsWith('/') ? dir.slice(1) : dir,
    ...parseQuery(query),
  }
}

const schemes = ['ssh://', 'https://', 'http://', 'file://'] as const

function parseHost(url: string): { host: string; rest: string } | undefined {
  let rest = dropPrefix(url, 'git::') ?? url
  let scheme = ''
  for (const prefix of schemes) {
    const after = dropPrefix(rest, prefix)
    if (after === undefined) continue
    scheme = prefix
    rest = after
    break
  }
  let user = /^[a-zA-Z][a-zA-Z0-9-]*@/.exec(rest)?.[0] ?? ''
  rest = rest.slice(user.length)
  const github = /^github\.com[/:]/i.test(rest)
  // `user@host:path` needs no scheme, and neither does github.com.
  const scp = scheme === '' && (user !== '' || github)
  if (scheme === '' && !scp) return undefined
  if (scheme === 'file://') return { host: scheme, rest: user + rest }
  const end = hostEnd(rest, scp)
  let host = end === -1 ? rest : rest.slice(0, end + 1)
  const path = end === -1 ? '' : rest.slice(end + 1)
  if (github) {
    const ssh = scheme === 'ssh://' || user !== ''
    host = ssh ? 'github.com:' : 'github.com/'
    scheme = ssh ? '' : 'https://'
    if (!ssh) user = ''
  }
  return host === '' ? undefined : { host: scheme + user + host, rest: path }
}

function hostEnd(text: string, scp: boolean): number {
  const slash = text.indexOf('/')
  if (!scp) return slash
  const colon = text.indexOf(':')
  return slash === -1 || (colon > 0 && colon < slash) ? colon : slash
}

function dropPrefix(text: string, prefix: string): string | undefined {
  return text.slice(0, prefix.length).toLowerCase() === prefix ? text.slice(prefix.length) : undefined
}

/** Where the repository ends and the directory in it begins. */
function splitPath(path: string, isFile: boolean): { repo: string; dir: string } | undefined {
  const azure = path.indexOf('_git/')
  if (azure !== -1) {
    const segments = path.slice(azure + 5).split('/')
    return { repo: path.slice(0, azure + 5) + segments[0], dir: segments.slice(1).join('/') }
  }
  const double = path.indexOf('//')
  if (double !== -1) return { repo: path.slice(0, double), dir: path.slice(double + 2) }
  const suffix = path.indexOf('.git')
  if (suffix !== -1) return { repo: path.slice(0, suffix + 4), dir: path.slice(suffix + 4) }
  if (isFile) return { repo: path, dir: '' }
  const segments = path.split('/')
  if (segments.length < 2) return undefined
  return { repo: segments.slice(0, 2).join('/'), dir: segments.slice(2).join('/') }
}

const defaultTimeout = 27

function parseQuery(query: string): { ref: string; submodules: boolean; timeoutSeconds: number } {
  const defaults = { ref: '', submodules: true, timeoutSeconds: defaultTimeout }
  // Go's url.ParseQuery refuses these, and the defaults apply.
  if (/;|%(?![0-9a-fA-F]{2})/.test(query)) return defaults
  const values = new URLSearchParams(query)
  const submodules = values.get('submodules') ?? ''
  return {
    ref: values.get('ref') || values.get('version') || '',
    submodules: !['0', 'f', 'F', 'false', 'False', 'FALSE'].includes(submodules),
    timeoutSeconds: seconds(values.get('timeout') ?? '') ?? defaults.timeoutSeconds,
  }
}

/** A positive number of seconds: "61", "1m30s". */
function seconds(text: string): number | undefined {
  if (/^\+?\d+$/.test(text)) return Number(text) > 0 ? Number(text) : undefined
  const units: Record<string, number> = { h: 3600, m: 60, s: 1, ms: 1e-3 }
  let total = 0
  let rest = text
  while (rest !== '') {
    const part = /^(\d+(?:\.\d*)?|\.\d+)(ms|h|m|s)/.exec(rest)
    if (part === null) return undefined
    total += Number(part[1]) * units[part[2]!]!
    rest = rest.slice(part[0].length)
  }
  return total > 0 ? total : undefined
}
