/**
 * git by its command line: no shell, no prompt, no credentials in arguments, files or remote URLs. A URL's user and
 * password reach git through a credential helper that reads them from the environment of that one process.
 */
import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { appendFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DecapodError } from '../errors.ts'

export interface GitSettings {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Milliseconds before a git command is ended. */
  readonly timeout?: number | undefined
  /** Where a submodule's URL is to be had: the site's mirrors. */
  readonly mirror?: ((url: string) => string) | undefined
}

export interface GitResult {
  readonly code: number
  readonly stdout: Buffer
  /** Without credentials. */
  readonly stderr: string
}

/**
 * Only transports that run no command of a repository's choosing (git's "ext" does, and so may remote helpers), no
 * hooks, no background work; a server that stalls is given up.
 */
const safety = [
  'protocol.allow=never',
  ...['http', 'https', 'ssh', 'git', 'file'].map(name => `protocol.${name}.allow=always`),
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'gc.auto=0',
  'maintenance.auto=false',
  'push.gpgSign=false',
  'push.recurseSubmodules=no',
  'fetch.recurseSubmodules=no',
  'log.showSignature=false',
  'http.lowSpeedLimit=1000',
  'http.lowSpeedTime=60',
].flatMap(setting => ['-c', setting])

/** Runs git in a directory and gives what it printed; a non-zero exit is a result, not an error. */
export function runGit(
  settings: GitSettings,
  cwd: string,
  args: readonly string[],
  input?: string | Uint8Array,
): Promise<GitResult> {
  const timeout = settings.timeout ?? 600_000
  return new Promise((resolve, reject) => {
    const child = spawn('git', [...safety, ...args], {
      cwd,
      env: { ...gitEnvironment(settings.env), ...credentials.get(cwd) },
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout,
    })
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
    child.on('error', error => {
      const absent = (error as NodeJS.ErrnoException).code === 'ENOENT'
      reject(
        new DecapodError(
          'GIT_FAILED',
          absent ? 'git is not installed (or not on PATH)' : `git cannot be started: ${error.message}`,
          { cause: error },
        ),
      )
    })
    // Helpers that git started may keep the pipes open after it was ended.
    child.on('exit', () => {
      if (child.killed) for (const pipe of [child.stdout, child.stderr]) pipe.destroy()
    })
    child.on('close', (code, signal) => {
      const words = Buffer.concat(stderr).toString('utf8')
      const ended = signal === null ? '' : `${words === '' || words.endsWith('\n') ? '' : '\n'}ended by ${signal}`
      const late = child.killed ? ` after ${timeout / 1000} s without being done` : ''
      resolve({ code: code ?? 1, stdout: Buffer.concat(stdout), stderr: withoutSecrets(words + ended + late) })
    })
    child.stdin.on('error', () => {})
    child.stdin.end(input)
  })
}

/** Runs git and gives its standard output. Throws GIT_FAILED with git's own words when it fails. */
export async function git(
  settings: GitSettings,
  cwd: string,
  args: readonly string[],
  input?: string | Uint8Array,
): Promise<Buffer> {
  const result = await runGit(settings, cwd, args, input)
  if (result.code !== 0)
    throw new DecapodError('GIT_FAILED', `git ${args.find(a => !a.startsWith('-'))}: ${lastLines(result.stderr)}`)
  return result.stdout
}

/**
 * Variables that would make git look at another repository (`git rev-parse --local-env-vars` lists them; hooks have them
 * set), or read and write it in another way than we say. Configuration stays: credentials may come by it.
 */
const misleading =
  /^GIT_(DIR|WORK_TREE|IMPLICIT_WORK_TREE|INDEX_FILE|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|NAMESPACE|CEILING_DIRECTORIES|PREFIX|COMMON_DIR|QUARANTINE_PATH|SHALLOW_FILE|GRAFT_FILE|NO_REPLACE_OBJECTS|REPLACE_REF_BASE|(LITERAL|GLOB|NOGLOB|ICASE)_PATHSPECS|DEFAULT_HASH|DEFAULT_REF_FORMAT|TEMPLATE_DIR|PUSH_OPTION_.*|EXTERNAL_DIFF)$/

/** The environment git gets: the caller's, without what misleads it, and never asking. */
function gitEnvironment(env: GitSettings['env']): NodeJS.ProcessEnv {
  const out: NodeJS.ProcessEnv = {}
  for (const [key, value] of Object.entries(env)) if (!misleading.test(key)) out[key] = value
  // BatchMode keeps ssh from asking, unless the user brings a command of his own.
  return {
    ...out,
    GIT_TERMINAL_PROMPT: '0',
    GIT_DEFAULT_HASH: 'sha1',
    // The user's own repositories are looked at, never written to.
    GIT_OPTIONAL_LOCKS: '0',
    LC_ALL: 'C',
    GIT_SSH_COMMAND: env['GIT_SSH_COMMAND'] ?? 'ssh -o BatchMode=yes',
    // One variable names the CAs for everything that fetches.
    ...(env['GIT_SSL_CAINFO'] || !env['SSL_CERT_FILE'] ? {} : { GIT_SSL_CAINFO: env['SSL_CERT_FILE'] }),
  }
}

/** user:password@ and ?token= parts removed from any URL in a text. */
export function withoutSecrets(text: string): string {
  return text
    .replace(/([a-z][a-z0-9+.-]*:\/\/)[^/\s@'"]+@/gi, '$1')
    .replace(/([?&](?:access_token|token|private_token|password)=)[^&\s'"]+/gi, '$1***')
}

/** The end of what git said, without what it says whenever a server hangs up. */
export function lastLines(stderr: string): string {
  const lines = stderr
    .split('\n')
    .map(l => l.trim())
    .filter(l => l !== '' && !/^(hint:|Please make sure you have the correct access|and the repository exists)/.test(l))
  return lines.slice(-3).join('; ') || 'failed without a message'
}

/** The one remote of a scratch repository: not "origin", for which a user's configuration may have wishes of its own. */
export const remoteName = 'decapod'

/** A bare repository in a temporary directory with one remote; removed by `dispose`. */
export interface ScratchRepository {
  readonly dir: string
  readonly dispose: () => Promise<void>
}

/** User and password of scratch repositories' origins, by directory, as the environment their helper reads. */
const credentials = new Map<string, { readonly DECAPOD_GIT_USERNAME: string; readonly DECAPOD_GIT_PASSWORD: string }>()

const helper =
  '!f() { test "$1" = get && printf "username=%s\\npassword=%s\\n" "$DECAPOD_GIT_USERNAME" "$DECAPOD_GIT_PASSWORD"; }; f'

/**
 * Makes a scratch repository whose origin is `url`. The URL is written to a file, so it never stands in a process list,
 * and without its user and password: git itself hands the remote's URL to its helpers as an argument.
 */
export async function scratchRepository(settings: GitSettings, url: string): Promise<ScratchRepository> {
  refuseOption(url)
  const dir = await mkdtemp(join(tmpdir(), 'decapod-git-'))
  const forget = removedOnSignal(dir)
  await git(settings, dir, ['init', '--quiet', '--bare', '--template=', '.'])
  const { bare, origin, user } = splitCredentials(url)
  const config = [`[remote "${remoteName}"]`, `\turl = ${quoteConfig(bare)}`, '[core]', '\tcompression = 1']
  if (user !== undefined) {
    credentials.set(dir, { DECAPOD_GIT_USERNAME: user.name, DECAPOD_GIT_PASSWORD: user.password })
    // The empty one switches off what the user has set up: the URL's own credentials go first.
    config.push(`[credential ${quoteConfig(origin)}]`, '\thelper =', `\thelper = ${quoteConfig(helper)}`)
  }
  await appendFile(join(dir, 'config'), `${config.join('\n')}\n`, { mode: 0o600 })
  return {
    dir,
    dispose: async () => {
      credentials.delete(dir)
      forget()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** Removes a directory when the process is told to end. Gives what takes this back. */
function removedOnSignal(dir: string): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const end = (signal: NodeJS.Signals): void => {
    rmSync(dir, { recursive: true, force: true, maxRetries: 3 })
    forget()
    process.kill(process.pid, signal)
  }
  const forget = (): void => {
    for (const signal of signals) process.off(signal, end)
  }
  for (const signal of signals) process.on(signal, end)
  return forget
}

/** An http URL without its user and password, and those; every other URL as it is (ssh's user is no secret). */
function splitCredentials(url: string): {
  bare: string
  origin: string
  user?: { readonly name: string; readonly password: string }
} {
  const match = /^(https?:\/\/)([^/@\s]+)@([^/?#]*)(.*)$/is.exec(url)
  if (match === null) return { bare: url, origin: '' }
  const [, scheme = '', info = '', host = '', rest = ''] = match
  const colon = info.indexOf(':')
  const name = colon === -1 ? info : info.slice(0, colon)
  const password = colon === -1 ? '' : info.slice(colon + 1)
  if (/[\n\r\0]/.test(decoded(info))) throw new DecapodError('SOURCE_INVALID', 'a git URL cannot hold a line break')
  return {
    bare: scheme + host + rest,
    origin: scheme + host,
    user: { name: decoded(name), password: decoded(password) },
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** A value of a git configuration file, quoted as git-config(1) says. */
function quoteConfig(value: string): string {
  if (/[\n\0]/.test(value)) throw new DecapodError('SOURCE_INVALID', 'a git URL cannot hold a line break')
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}

function refuseOption(url: string): void {
  if (url.startsWith('-')) throw new DecapodError('SOURCE_INVALID', `"${url}" is not a git URL`)
}

/** The commit a ref of the remote names, or undefined when there is no such ref. Fetches it, `depth` commits deep. */
export async function fetchCommit(
  settings: GitSettings,
  repository: ScratchRepository,
  ref: string,
  depth = 1,
): Promise<string | undefined> {
  const result = await runGit(settings, repository.dir, [
    'fetch',
    '--quiet',
    `--depth=${depth}`,
    '--no-tags',
    '--force',
    remoteName,
    `+${ref}:refs/decapod/fetched`,
  ])
  if (result.code === 0)
    return (await git(settings, repository.dir, ['rev-parse', 'refs/decapod/fetched'])).toString().trim()
  if (/couldn't find remote ref|does not appear to have any commits/i.test(result.stderr)) return undefined
  throw new DecapodError('GIT_FAILED', `git fetch: ${lastLines(result.stderr)}`, { hint: hintFor(result.stderr) })
}

function hintFor(stderr: string): string | undefined {
  if (/authentication|permission denied|could not read username|403|401/i.test(stderr))
    return 'check the credentials: a credential helper, GIT_ASKPASS or an ssh key'
  if (/repository .* not found|does not appear to be a git repository|does not exist/i.test(stderr))
    return 'check the repository URL'
  return undefined
}
