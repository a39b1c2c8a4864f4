/** The chart of `decapod template`: on this machine, or fetched as helm template does (install.go, LocateChart). */
import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { DecapodError } from '../errors.ts'
import { quote } from '../go/strconv.ts'
import type { Chart } from '../helm/chart.ts'
import { linkWarning, loggedLine } from '../helm/log-line.ts'
import { checkInstallable } from '../helm/render.ts'
import type { Semantics } from '../helm/semantics.ts'
import type { Cache } from '../io/cache.ts'
import type { TlsSettings } from '../io/http.ts'
import { isLocalChart, readLocalChart } from '../io/local-chart.ts'
import { readRepositories } from '../io/repository-credentials.ts'
import type { Sources } from '../io/sources.ts'
import { goReason } from '../io/system-error.ts'
import type { HelmSource, HttpFile, OciSource } from '../source.ts'
import type { Cli } from './cli.ts'
import { updateDependencies } from './dependency-update.ts'
import { openCache } from './open-cache.ts'
import { openSources } from './open-sources.ts'
import type { TemplateOptions } from './template-flags.ts'

type ChartSource = HelmSource | OciSource | HttpFile

/**
 * Finds the chart that an argument names: a path, `oci://HOST/PATH`, the URL of an archive, `NAME/CHART` of a repository
 * that helm knows, or a chart's name beside --repo; what it gives loads the chart. A local one wins, in Helm 4 only where
 * there is no --repo. Throws CHART_NOT_FOUND in Helm's words, and what fetching throws; loading throws what it may.
 */
export async function locateChart(
  cli: Cli,
  reference: string,
  options: TemplateOptions,
): Promise<() => Chart | Promise<Chart>> {
  const { semantics } = options
  const name = reference.trim()
  const path = resolve(cli.cwd, name)
  if (semantics === 3 || !options.repo) {
    if (name !== '' && isLocalChart(path)) {
      if (options.repo) cli.stderr('local chart found in current working directory. repository url ignored\n')
      return () => {
        // Helm names a file by its whole path.
        const label = statSync(path).isFile() ? path : reference
        const linked = (link: string, target: string): void => {
          if (!cli.global.quiet) cli.stderr(`${loggedLine(linkWarning(link, target, semantics), semantics)}\n`)
        }
        const read = (): Chart => {
          try {
            return readLocalChart(path, { semantics, label, linked })
          } catch (error) {
            throw semantics === 4 ? archiveFailure(error, label) : error
          }
        }
        return options.dependencyUpdate ? withDependencies(cli, path, read, options) : read()
      }
    }
    if (reference.startsWith('/') || reference.startsWith('.')) {
      throw new DecapodError('CHART_NOT_FOUND', `path "${reference}" not found`)
    }
  }
  const source = sourceOf(cli, reference.trim(), options)
  try {
    const chart = await openRemote(cli, options).load(source, reference, semantics)
    return () => chart
  } catch (error) {
    if (!(error instanceof DecapodError) || error.code !== 'CHART_NOT_FOUND') throw error
    throw new DecapodError('CHART_NOT_FOUND', notFound(source, name, options, error), {
      hint: error.hint,
      cause: error,
    })
  }
}

/** Helm 4 says no more of an archive that it cannot read. */
function archiveFailure(error: unknown, label: string): unknown {
  if (!(error instanceof DecapodError) || error.code !== 'ARCHIVE_INVALID' || error.at?.file !== label) return error
  if (error.message.startsWith("file '")) return error
  return new DecapodError('ARCHIVE_INVALID', 'unable to load chart archive', { hint: error.message, cause: error })
}

/** What Helm says where a repository lacks a chart or its version. */
function notFound(source: ChartSource, name: string, { repo, version }: TemplateOptions, error: DecapodError): string {
  if (repo !== '')
    return `chart "${name}"${version === '' ? '' : ` version "${version}"`} not found in ${repo} repository`
  if (source.kind !== 'helm') return error.message
  const { repository, chart } = source
  const reason = error.message.includes(' has no chart ')
    ? 'no chart name found'
    : `no chart version found for ${chart}-${source.version}`
  const index = `not found in ${repository.slice(1)} index. (try 'helm repo update')`
  return `chart ${quote(chart)} matching ${source.version} ${index}: ${reason}`
}

function sourceOf(cli: Cli, reference: string, options: TemplateOptions): ChartSource {
  const version = options.version || (options.devel ? '>0.0.0-0' : '')
  if (options.repo) {
    const scheme = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?/.exec(options.repo)?.[1] ?? ''
    if (!/^https?$/i.test(scheme)) {
      throw new DecapodError('SOURCE_INVALID', `could not find protocol handler for: ${scheme}`, {
        hint: '--repo takes the http or https URL of a chart repository',
      })
    }
    return { kind: 'helm', repository: withUser(options.repo, options), chart: reference, version }
  }
  if (/^oci:\/\/./.test(reference)) {
    // A tag or digest may stand in the reference itself.
    const [, repository = '', digest, tag] = /^(.*?)(?:@(sha256:[0-9a-f]+)|:([^:/@]+))?$/.exec(reference)!
    if (tag !== undefined && options.version !== '' && options.version !== tag) {
      const message = `chart reference and version mismatch: ${options.version} is not ${tag}`
      throw new DecapodError('SOURCE_INVALID', message)
    }
    return { kind: 'oci', repository, version: digest ?? tag ?? version }
  }
  if (/^https?:\/\/./.test(reference)) return { kind: 'http', url: withUser(reference, options) }
  const [name, ...rest] = reference.split('/')
  if (rest.length === 0 || /^(?:oci|https?):\/\/$/.test(reference)) {
    const got = reference.replace(/\/\/$/, '')
    const message = `non-absolute URLs should be in form of repo_name/path_to_chart, got: ${got}`
    throw new DecapodError('CHART_NOT_FOUND', message, {
      hint: 'a path that exists, oci://HOST/PATH, NAME/CHART of a repository helm knows, or a name with --repo URL',
    })
  }
  if (!readRepositories(cli.env).some(repository => repository.name === name)) {
    throw new DecapodError('CHART_NOT_FOUND', `repo ${name} not found`, {
      hint: `helm repo add ${name} URL, or --repo URL`,
    })
  }
  return { kind: 'helm', repository: `@${name}`, chart: rest.join('/'), version }
}

/** --username and --password as a part of the URL, which no message and no cache key shows. */
function withUser(url: string, { username, password }: TemplateOptions): string {
  if (username === '' || !URL.canParse(url)) return url
  const full = new URL(url)
  full.username = encodeURIComponent(username)
  full.password = encodeURIComponent(password)
  return full.href
}

/** A file of values behind an http or https URL. Throws as fetching does. */
export async function fetchFile(cli: Cli, url: string, options: TemplateOptions): Promise<Uint8Array> {
  return openRemote(cli, options).archive({ kind: 'http', url })
}

interface Remote {
  readonly sources: Sources
  readonly load: (source: ChartSource, label: string, semantics: Semantics) => Promise<Chart>
  readonly archive: (source: ChartSource) => Promise<Uint8Array>
}

function openRemote(cli: Cli, options: TemplateOptions): Remote {
  const cache: Cache = openCache(cli)
  const sources = openSources(cli, cache, {
    mirrors: {},
    tls: flagTls(cli, options),
    ...(options.plainHttp ? { plainHttp: () => true } : {}),
  })
  const fileOf = async (source: ChartSource): Promise<string> =>
    cache.fileOf((await sources.fetch(source)).entry.digest)
  return {
    sources,
    load: async (source, label, semantics) => readLocalChart(await fileOf(source), { semantics, label }),
    archive: async source => readFileSync(await fileOf(source)),
  }
}

/**
 * What --ca-file and its kin say of TLS; undefined where none is given. Throws USAGE in Helm's words for a file that
 * cannot be read.
 */
export function flagTls(cli: Cli, options: TemplateOptions): TlsSettings | undefined {
  const { caFile, certFile, keyFile, insecureSkipTlsVerify: insecure, semantics } = options
  if (caFile === '' && certFile === '' && keyFile === '' && !insecure) return undefined
  const fail = (reason: string): never => {
    throw new DecapodError('USAGE', `missing registry client: can't create TLS config for client: ${reason}`)
  }
  const read = (file: string, what: string): string => {
    try {
      return readFileSync(resolve(cli.cwd, file), 'utf8')
    } catch (error) {
      const why = `open ${file}: ${goReason(error)}`
      if (semantics === 4) return fail(`unable to read ${what} file: ${quote(file)}: ${why}`)
      return fail(`can't load key pair from cert ${certFile} and key ${keyFile}: ${why}`)
    }
  }
  const pair = certFile !== '' && keyFile !== ''
  const cert = pair ? read(certFile, 'cert') : undefined
  const key = pair ? read(keyFile, 'key') : undefined
  let ca: string | undefined
  try {
    if (caFile !== '') ca = readFileSync(resolve(cli.cwd, caFile), 'utf8')
  } catch (error) {
    const why = semantics === 4 ? `${quote(caFile)}: open ${caFile}: ${goReason(error)}` : caFile
    fail(`can't read CA file: ${why}`)
  }
  if (ca !== undefined && !ca.includes('-----BEGIN CERTIFICATE-----')) {
    fail(`failed to append certificates from ${semantics === 4 ? 'pem block' : `file: ${caFile}`}`)
  }
  return { ca: ca === undefined ? undefined : [ca], cert, key, insecure }
}

/**
 * --dependency-update: where a declared chart is missing, charts/ and the lock are brought up to date, and the chart is
 * read again.
 */
async function withDependencies(cli: Cli, path: string, read: () => Chart, options: TemplateOptions): Promise<Chart> {
  const chart = read()
  const declared = chart.metadata.dependencies ?? []
  const present = new Set(chart.dependencies.map(dependency => dependency.metadata.name))
  checkInstallable(chart)
  if (declared.every(({ name }) => present.has(name))) return chart
  if (statSync(path).isFile()) throw new DecapodError('CHART_DEPENDENCY', 'only unpacked charts can be updated')
  const { semantics, debug = false } = options
  const { sources, archive } = openRemote(cli, options)
  await updateDependencies(
    path,
    chart,
    {
      print: line => cli.stdout(`${line}\n`),
      repositories: readRepositories(cli.env),
      refresh: async repository => {
        try {
          await sources.versions({ kind: 'helm', repository, chart: '', version: '' })
        } catch (error) {
          // The index has been read all the same.
          if (!(error instanceof DecapodError) || error.code !== 'CHART_NOT_FOUND') throw error
        }
      },
      versions: source => sources.versions(source),
      archive,
      now: () => new Date(),
    },
    { semantics, debug },
  )
  return read()
}
