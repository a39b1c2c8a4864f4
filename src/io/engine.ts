/** The program as a part of what decides a render: its code, the Node it runs on, the zone in which it prints times, what charts may take. */
import { readFileSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import type { PathDigests } from './path-digest.ts'

/** Names the program; undefined where its own code cannot be read. */
export function engineName(
  paths: PathDigests,
  version: string,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const code = codeAt(import.meta.dirname).map(path => paths.digest(path))
  return code.includes(undefined)
    ? undefined
    : [version, ...code, process.version, process.arch, localZone(env), env.DECAPOD_CHART_LIMITS].join(' ')
}

/** All code there is; of the joined command (scripts/bundle.ts) what it was joined to, and not the modules beside it. */
function codeAt(directory: string): string[] {
  const above = resolve(directory, '..')
  return basename(directory) === 'chunks' ? [directory, resolve(above, 'cli/bin.js')] : [above]
}

/** What the zone of local times is read from; asking Intl for its name takes longer than a small render. */
function localZone(env: Readonly<Record<string, string | undefined>>): string {
  if (env['TZ'] !== undefined) return env['TZ']
  try {
    return readFileSync('/etc/localtime').toString('base64')
  } catch {
    return 'UTC'
  }
}
