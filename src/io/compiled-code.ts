/** Code that V8 compiled, kept for the next start where Node can (22.1 and later): loading the engines takes half as long. */
import * as module from 'node:module'
import { join } from 'node:path'

/** Keeps it in the user's own cache; a directory that everybody may write is not trusted with code. */
export function keepCompiledCode({ DECAPOD_CACHE, XDG_CACHE_HOME, HOME }: NodeJS.ProcessEnv): void {
  const { enableCompileCache } = module as { enableCompileCache?: (directory: string) => unknown }
  if (DECAPOD_CACHE) enableCompileCache?.(join(DECAPOD_CACHE, 'code'))
  else if (XDG_CACHE_HOME) enableCompileCache?.(join(XDG_CACHE_HOME, 'decapod', 'code'))
  else if (HOME) enableCompileCache?.(join(HOME, '.cache', 'decapod', 'code'))
}
