/** The work of `decapod bundle import`: verify to the last byte, then push. */
import { resolve } from 'node:path'
import type { BundleContent } from '../../bundle/manifest.ts'
import { parseReference, type Reference } from '../../bundle/reference.ts'
import { DecapodError } from '../../errors.ts'
import { importBundle } from '../../io/bundle-import.ts'
import type { Cli, ExitCode } from '../cli.ts'
import { openCache } from '../open-cache.ts'
import { openRegistries } from '../open-registry.ts'
import { formatBytes, Transfer } from '../reporters/transfer.ts'
import { describe } from './describe.ts'
import { verifyBundle } from './verify.ts'

export interface ImportFlags {
  readonly registry?: string
  readonly git?: string
  readonly charts?: string
  readonly key?: string
  readonly force?: true
  readonly plainHttp?: true
}

export async function runImport(file: string, flags: ImportFlags, cli: Cli): Promise<ExitCode> {
  if (flags.registry === undefined && flags.git === undefined && flags.charts === undefined) {
    throw new DecapodError('USAGE', 'nowhere to import to', {
      hint: 'name at least one of --registry, --git and --charts',
    })
  }
  const { manifest } = await verifyBundle(file, flags.key, cli)
  const transfer = new Transfer(cli, 'pushing')
  let pushedBytes = 0
  const cache = openCache(cli)
  const [host = '', ...path] = (flags.registry ?? '')
    .replace(/^[a-z]+:\/\//, '')
    .replace(/\/+$/, '')
    .split('/')
  const prefix = path.join('/')
  const registry = openRegistries(cli, () => flags.plainHttp === true)(host)
  const result = await importBundle(resolve(cli.cwd, file), manifest, {
    ...(flags.registry === undefined ? {} : { registry }),
    targets: content => placesOf(content, host, prefix),
    ...(flags.git === undefined ? {} : { git: { settings: { env: cli.env }, url: flags.git } }),
    ...(flags.charts === undefined ? {} : { charts: resolve(cli.cwd, flags.charts) }),
    overwrite: flags.force === true,
    exclusively: (key, work) => cache.exclusively(key, work),
    jobs: cli.global.jobs ?? 4,
    onExpect: bytes => transfer.expectBytes(bytes),
    onBytes: count => {
      pushedBytes += count
      transfer.add(count)
    },
  })
  transfer.done()
  if (cli.global.json) cli.stdout(`${JSON.stringify(result)}\n`)
  else {
    for (const name of result.pushed) cli.stdout(`pushed  ${name}\n`)
    cli.stdout(
      `${describe(manifest)}: ${result.pushed.length} pushed (${formatBytes(pushedBytes)} of layers), ${result.present.length} there already\n`,
    )
  }
  return 0
}

/**
 * Where the sites' mirrors have an image, on the given host: the manifests name these places. An image of a bundle made
 * without mirrors lies under its whole name, host and path, so that two registries cannot collide. Charts without a
 * mirror lie below charts/; their own names and versions follow.
 */
function placesOf(content: BundleContent, host: string, prefix: string): Reference[] {
  const below = (path: string): string => (prefix === '' || path.startsWith(`${prefix}/`) ? path : `${prefix}/${path}`)
  if (content.targets !== undefined) {
    return content.targets.map(parseReference).map(target => ({ ...target, host, path: below(target.path) }))
  }
  if (content.type === 'chart') return [{ host, path: `${below('charts')}/`, tag: undefined, digest: undefined }]
  const reference = parseReference(content.name)
  return [{ ...reference, host, path: below(`${reference.host.replace(/:/g, '-')}/${reference.path}`) }]
}
