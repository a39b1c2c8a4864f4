/**
 * What a workspace takes from elsewhere: charts and files, named by where they come from. Each has a canonical text, the
 * key under which decapod.lock pins it.
 */
import { DecapodError, type Position } from './errors.ts'

/** A chart of a Helm repository (an HTTP index). `version` is a constraint or a version; '' means the newest stable. */
export interface HelmSource {
  readonly kind: 'helm'
  readonly repository: string
  readonly chart: string
  readonly version: string
}

/** A chart in an OCI registry: `repository` is host/path/chart. `version` is a constraint, a tag or a sha256 digest. */
export interface OciSource {
  readonly kind: 'oci'
  readonly repository: string
  readonly version: string
}

/** A directory of a git repository: a chart or a kustomization. */
export interface GitDirectory {
  readonly kind: 'git'
  readonly url: string
  readonly ref: string
  readonly path: string
  readonly submodules: boolean
  /** How long fetching may take (Kustomize's ?timeout=); no part of the name. */
  readonly timeoutSeconds?: number
}

/** One file by HTTP: a resource, or a chart archive by its URL. */
export interface HttpFile {
  readonly kind: 'http'
  readonly url: string
}

export type Source = HelmSource | OciSource | GitDirectory | HttpFile

/** A source and every place that asks for it. */
export interface SourceRequest {
  readonly source: Source
  readonly at: readonly Position[]
}

/** The text that names a source in decapod.lock, in messages and on the command line; credentials never are part of it. */
export function formatSource(source: Source): string {
  switch (source.kind) {
    case 'helm':
      return `helm ${cleanUrl(source.repository)} ${source.chart}${source.version === '' ? '' : ` ${source.version}`}`
    case 'oci':
      return `oci ${source.repository.replace(/^oci:\/\//, '').replace(/\/+$/, '')}${source.version === '' ? '' : ` ${source.version}`}`
    case 'git': {
      const path = source.path === '' ? '' : `//${source.path}`
      const ref = source.ref === '' ? '' : ` ${source.ref}`
      return `git ${cleanUrl(source.url)}${path}${ref}${source.submodules ? '' : ' without submodules'}`
    }
    case 'http':
      return `http ${cleanUrl(source.url)}`
  }
}

/** The same source without credentials in its URL: what may be kept. */
export function withoutCredentials<T extends { readonly kind: string }>(source: T): T {
  const clean = (key: string, value: unknown): unknown =>
    (key === 'url' || key === 'repository') && typeof value === 'string' ? cleanUrl(value) : value
  return Object.fromEntries(Object.entries(source).map(([key, value]) => [key, clean(key, value)])) as unknown as T
}

/**
 * A URL without credentials and without the slash at its end: how it is spelt does not make another source. The user of
 * an ssh URL is part of where it leads and stays; a password beside it does not.
 */
export function cleanUrl(url: string): string {
  const bare = url
    .replace(/^(ssh:\/\/[^/:@\s]*):[^/@\s]*@/i, '$1@')
    .replace(/^((?!ssh:)[a-z][a-z0-9+.-]*:\/\/)[^/@\s]*@/i, '$1')
  const [, path = '', query = '', fragment = ''] = /^([^?#]*)(?:\?([^#]*))?(#.*)?$/s.exec(bare)!
  const kept = query.split('&').filter(parameter => parameter !== '' && !secretParameter.test(parameter))
  return path.replace(/\/+$/, '') + (kept.length === 0 ? '' : `?${kept.join('&')}`) + fragment
}

/** Parameters of URLs that carry a credential: tokens of forges, signatures of object stores. */
const secretParameter =
  /^(access_token|private_token|job_token|token|password|secret|api_?key|sig|signature|x-amz-[a-z-]+|x-goog-[a-z-]+|awsaccesskeyid)=/i

/** Reads what formatSource wrote. Throws SOURCE_INVALID for other text. */
export function parseSource(text: string, at?: Position): Source {
  const [kind = '', where = '', ...rest] = text.split(' ')
  const tail = rest.join(' ')
  if (kind === 'helm' && where !== '' && rest.length > 0)
    return { kind, repository: where, chart: rest[0]!, version: rest.slice(1).join(' ') }
  if (kind === 'oci' && where !== '') return { kind, repository: where, version: tail }
  if (kind === 'http' && where !== '' && rest.length === 0) return { kind, url: where }
  if (kind === 'git' && where !== '') {
    const submodules = !tail.endsWith('without submodules')
    const ref = tail.replace(/ ?without submodules$/, '')
    const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(where)?.[0] ?? ''
    const cut = where.indexOf('//', scheme.length)
    const [url, path] = cut === -1 ? [where, ''] : [where.slice(0, cut), where.slice(cut + 2)]
    return { kind, url, path, ref, submodules }
  }
  throw new DecapodError('SOURCE_INVALID', `"${text}" does not name a source`, {
    at,
    hint: 'helm URL CHART VERSION, oci HOST/PATH VERSION, git URL//PATH REF, or http URL',
  })
}
