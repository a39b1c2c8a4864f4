/** Programs that a build was explicitly allowed to run: KRM functions and exec plugins, within limits. */
import type { SpawnSyncReturns } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { DecapodError } from '../errors.ts'
import type { RunProgram } from '../kustomize/functions.ts'

export interface ProgramLimits {
  readonly milliseconds: number
  readonly outputBytes: number
}

export const programLimits: ProgramLimits = { milliseconds: 120_000, outputBytes: 256 * 1024 * 1024 }

/** What of the caller's environment a program sees; the rest (tokens, credentials) stays here. */
const passed = [
  'PATH',
  'HOME',
  'USER',
  'LANG',
  'LC_ALL',
  'TMPDIR',
  'TZ',
  'DOCKER_HOST',
  'DOCKER_CONFIG',
  'XDG_RUNTIME_DIR',
]

/**
 * Runs programs one at a time. What they print on stderr goes to `stderr`. Throws PLUGIN_FAILED for a program that is
 * not there, fails, runs or prints too long.
 */
export function programRunner(
  env: Readonly<Record<string, string | undefined>>,
  stderr: (text: string) => void,
  limits: ProgramLimits = programLimits,
): RunProgram {
  return ({ command, args, env: more, cwd, stdin }) => {
    const environment: Record<string, string> = {}
    for (const name of passed) if (env[name] !== undefined) environment[name] = env[name]
    for (const entry of more) {
      const at = entry.indexOf('=')
      if (at > 0) environment[entry.slice(0, at)] = entry.slice(at + 1)
      else if (env[entry] !== undefined) environment[entry] = env[entry]
    }
    // Few builds run programs; the others start without it.
    const { spawnSync } = process.getBuiltinModule('node:child_process')
    const result = spawnSync(command, [...args], {
      cwd,
      input: stdin,
      env: environment,
      timeout: limits.milliseconds,
      maxBuffer: limits.outputBytes,
      killSignal: 'SIGKILL',
    })
    if (result.stderr?.length > 0) stderr(result.stderr.toString('utf8'))
    const why = failure(command, result, limits)
    if (why !== undefined) {
      throw new DecapodError('PLUGIN_FAILED', `couldn't execute function: ${why}`, {
        notes: [`${command}, in ${cwd}`],
      })
    }
    return result.stdout.toString('utf8')
  }
}

function failure(command: string, result: SpawnSyncReturns<Buffer>, limits: ProgramLimits): string | undefined {
  const { error, status, signal } = result
  const code = (error as NodeJS.ErrnoException | undefined)?.code
  if (code === 'ETIMEDOUT') return `it ran longer than ${limits.milliseconds / 1000} s`
  if (code === 'ENOBUFS') return `it printed more than ${limits.outputBytes} bytes`
  // Go's words (os/exec).
  if (code === 'ENOENT') {
    if (!command.includes('/')) return `exec: ${JSON.stringify(command)}: executable file not found in $PATH`
    return `fork/exec ${command}: no such file or directory`
  }
  if (code === 'EACCES') return `fork/exec ${command}: permission denied`
  // A program need not read what it is given.
  if (error !== undefined && code !== 'EPIPE') return error.message
  if (signal !== null) return `signal: ${signal}`
  return status === 0 ? undefined : `exit status ${status}`
}

/** Finds executables below the plugin home: $KUSTOMIZE_PLUGIN_HOME, else where kustomize looks for it. */
export function execPluginFinder(
  env: Readonly<Record<string, string | undefined>>,
): (path: string) => string | undefined {
  const config = env['XDG_CONFIG_HOME'] ?? join(env['HOME'] ?? homedir(), '.config')
  const homes = env['KUSTOMIZE_PLUGIN_HOME']
    ? [env['KUSTOMIZE_PLUGIN_HOME']]
    : [join(config, 'kustomize/plugin'), join(env['HOME'] ?? homedir(), 'kustomize/plugin')]
  return path => {
    const home = homes.find(existsSync)
    const file = home === undefined ? undefined : join(home, path)
    if (file === undefined || !existsSync(file)) return undefined
    try {
      accessSync(file, constants.X_OK)
    } catch {
      throw new DecapodError('PLUGIN_FAILED', `unexecutable plugin at: ${file}`)
    }
    return file
  }
}
