/** The cache of renders as the commands that render find it. */

import { cacheDirectory } from '../io/cache.ts'
import { type ChartPlaces, chartDigests } from '../io/charts.ts'
import { now } from '../io/clock.ts'
import { engineName } from '../io/engine.ts'
import { PathDigests } from '../io/path-digest.ts'
import { RenderCache } from '../io/render-cache.ts'
import type { CachePort } from '../render/unit-cache.ts'
import type { CliPlace } from './cli.ts'
import { version } from './version.ts'

export interface Renders {
  readonly cache: RenderCache
  readonly paths: PathDigests
  /** What the pipeline sees of it. */
  readonly port: CachePort
}

/** Undefined where nothing is cached: the user has no directory for it, or the program cannot tell what it is. */
export function openRenders(cli: CliPlace, charts: ChartPlaces): Renders | undefined {
  const { DECAPOD_CACHE, XDG_CACHE_HOME, HOME } = cli.env
  // What lies in a directory of everybody's is anybody's, and entries of this cache cannot be told from forged ones.
  if (!DECAPOD_CACHE && !XDG_CACHE_HOME && !HOME) return undefined
  const cache = new RenderCache(cacheDirectory(cli.env), now)
  const paths = new PathDigests(cache, now)
  const engine = engineName(paths, version, cli.env)
  if (engine === undefined) return undefined
  const port: CachePort = {
    engine,
    chartLabels: charts.directories.map(({ label }) => label),
    chartDigest: chartDigests(charts, paths),
    read: key => cache.read(key),
    write: (key, entry) => cache.write(key, entry),
  }
  return { cache, paths, port }
}
