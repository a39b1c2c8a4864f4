/** The cache and the lock as every command finds them. */
import { Cache, cacheDirectory } from '../io/cache.ts'
import { now } from '../io/clock.ts'
import type { CliPlace } from './cli.ts'

export const lockName = 'decapod.lock'

/** The cache of this user. */
export function openCache(cli: CliPlace): Cache {
  return new Cache(cacheDirectory(cli.env), { env: cli.env, now, sleep })
}

export function sleep(milliseconds: number): Promise<void> {
  return new Promise(done => setTimeout(done, milliseconds))
}
