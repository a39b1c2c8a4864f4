/**
 * How V8 compiles: code is kept for the next start where Node can (22.1 and later), for loading the engines then takes half
 * as long; and before that, less of it is optimised.
 */
import * as module from 'node:module'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'

/** Keeps it in the user's own cache; a directory that everybody may write is not trusted with code. */
export function keepCompiledCode({ DECAPOD_CACHE, XDG_CACHE_HOME, HOME }: NodeJS.ProcessEnv): void {
  const { enableCompileCache } = module as { enableCompileCache?: (directory: string) => unknown }
  if (DECAPOD_CACHE) enableCompileCache?.(join(DECAPOD_CACHE, 'code'))
  else if (XDG_CACHE_HOME) enableCompileCache?.(join(XDG_CACHE_HOME, 'decapod', 'code'))
  else if (HOME) enableCompileCache?.(join(HOME, '.cache', 'decapod', 'code'))
}

/**
 * Lets V8 optimise what runs six times as long as by default. A command ends after a second or two, and the optimising
 * compiler takes a third of its processor time, in threads of its own; on a busy machine that is time for the command. From
 * Node 22 on there is a cheaper compiler between the two, and V8 says so where it does not know a flag.
 */
export function optimiseLate(): void {
  if (process.versions.v8.startsWith('11.')) setFlagsFromString('--interrupt-budget=400000')
}
