/**
 * References to images and charts in registries, as https://github.com/distribution/reference reads them:
 * `[host[:port]/]path[:tag][@digest]`, where no host means docker.io and a single path there means library/.
 */
import { DecapodError } from '../errors.ts'

export interface Reference {
  /** The registry; docker.io where the text names none. */
  readonly host: string
  readonly path: string
  readonly tag: string | undefined
  readonly digest: string | undefined
}

const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const pathPattern = new RegExp(`^${component}(?:/${component})*$`)
const hostPattern =
  /^(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*)(?::\d+)?$/
const tagPattern = /^\w[\w.-]{0,127}$/
const digestPattern = /^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[0-9a-fA-F]{32,}$/
const longest = 255

/** Reads a reference; undefined for text that is none. */
export function tryParseReference(text: string): Reference | undefined {
  const [named, digest, ...more] = text.split('@')
  if (named === undefined || more.length > 0) return undefined
  if (digest !== undefined && !digestPattern.test(digest)) return undefined
  const slash = named.lastIndexOf('/')
  const colon = named.indexOf(':', slash + 1)
  const [name, tag] = colon === -1 ? [named, undefined] : [named.slice(0, colon), named.slice(colon + 1)]
  if (tag !== undefined && !tagPattern.test(tag)) return undefined
  const first = name.slice(0, Math.max(0, name.indexOf('/')))
  // The first part is a host when it looks like one: it has a dot or a port, or is localhost.
  const hasHost = first !== '' && (/[.:]/.test(first) || first === 'localhost' || first.toLowerCase() !== first)
  const host = hasHost ? first : 'docker.io'
  const rest = hasHost ? name.slice(first.length + 1) : name
  const path = host === 'docker.io' && !rest.includes('/') ? `library/${rest}` : rest
  if (!hostPattern.test(host) || !pathPattern.test(path) || path.length > longest) return undefined
  return { host: host === 'index.docker.io' ? 'docker.io' : host, path, tag, digest }
}

/** Whether a reference's text names its registry, so that docker.io is not meant by saying nothing. */
export function hasRegistry(text: string): boolean {
  const first = text.slice(0, Math.max(0, text.indexOf('/')))
  return /[.:]/.test(first) || first === 'localhost'
}

/** Reads a reference. Throws SOURCE_INVALID for text that is none. */
export function parseReference(text: string): Reference {
  const reference = tryParseReference(text)
  if (reference === undefined) throw new DecapodError('SOURCE_INVALID', `"${text}" is not an image reference`)
  return reference
}

/** The full text: host, path, tag, digest. */
export function formatReference({ host, path, tag, digest }: Reference): string {
  return `${host}/${path}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`
}

/** The text people write: docker.io and library/ left out. */
export function familiarName(reference: Reference): string {
  if (reference.host !== 'docker.io') return formatReference(reference)
  const path = /^library\/[^/]+$/.test(reference.path) ? reference.path.slice('library/'.length) : reference.path
  return formatReference({ ...reference, path }).slice('docker.io/'.length)
}

/** What pulls the image: the digest where there is one, else the tag, else latest. */
export function wanted({ tag, digest }: Reference): string {
  return digest ?? tag ?? 'latest'
}
