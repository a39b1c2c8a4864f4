/**
 * One table says where things lie for a site that cannot reach their origin: chart repositories, registries, git hosts.
 * What is fetched and what is written into the output ask the same function.
 */

/**
 * Prefix of an origin → its mirror: `https://charts.example.com: https://mirror.local/charts`, `docker.io:
 * mirror.local:5000/hub`; `*` is every registry that no other line names.
 */
export type Mirrors = Readonly<Record<string, string>>

/**
 * The URL with the longest matching prefix replaced; itself where none matches. A prefix matches at a border ("/", ":",
 * "@" or the end), so that `https://a.example` is not `https://a.example.org`. A prefix without scheme is a registry
 * or host and matches whatever scheme the URL has.
 */
export function mirrored(mirrors: Mirrors, url: string): string {
  const direct = mirrorOf(mirrors, url)
  if (direct !== undefined) return direct
  // git@host:path is ssh://git@host/path for a table that names the host alone.
  const [, scpUser, scpHost, scpPath] = /^([^/@:\s]+)@([^/:\s]+):(?!\/\/)(.*)$/.exec(url) ?? []
  const long = scpUser === undefined ? url : `ssh://${scpUser}@${scpHost}/${scpPath}`
  const [, given = '', user = '', rest = ''] = /^([a-z][a-z0-9+.-]*:\/\/)([^/@\s]*)@(.*)$/is.exec(long) ?? []
  const moved = user === '' ? undefined : mirrorOf(mirrors, given + rest)
  if (moved === undefined) return url
  // Credentials were given for the origin, not for its mirror; ssh's user is no secret and the mirror needs one.
  return moved.replace(/^ssh:\/\/(?![^/]*@)/i, () => `ssh://${user.split(':')[0]}@`)
}

/**
 * Where a registry's content (`host/path`, as in image references) lies: undefined where no mirror matches. What
 * already lies on a mirror stays where it is.
 */
export function mirroredAddress(mirrors: Mirrors, address: string): string | undefined {
  if (isOnMirror(mirrors, address)) return address
  return mirrorOf(mirrors, oci + address)?.replace(scheme, '')
}

const scheme = /^[a-z][a-z0-9+.-]*:\/\//i
const oci = 'oci://'
/** Stands for every registry. */
const any = '*'

function mirrorOf(mirrors: Mirrors, url: string): string | undefined {
  let best: { rest: string; to: string; length: number } | undefined
  const given = scheme.exec(url)?.[0] ?? ''
  for (const [from, to] of Object.entries(mirrors)) {
    const bare = !scheme.test(from)
    const prefix = from === any ? '' : withoutSlash(from)
    const rest = from === any ? restOfAny(mirrors, url) : restAfter(prefix, bare ? url.slice(given.length) : url)
    if (rest === undefined || (best !== undefined && best.length >= prefix.length)) continue
    const target = withoutSlash(to)
    best = { rest, to: bare && !scheme.test(target) ? given + target : target, length: prefix.length }
  }
  if (best === undefined) return undefined
  return best.to.endsWith(':') ? best.to + best.rest.replace(/^\//, '') : best.to + best.rest
}

/** What follows a prefix that ends at a border; a port belongs to the host before it. */
function restAfter(prefix: string, subject: string): string | undefined {
  if (!subject.startsWith(prefix)) return undefined
  const rest = subject.slice(prefix.length)
  // git@host:path, which may become ssh://host/path
  if (prefix.endsWith(':')) return `/${rest}`
  const isHost = !prefix.replace(scheme, '').includes('/')
  if (isHost && /^:\d+(\/|$)/.test(rest)) return undefined
  return rest === '' || /^[/:@?#]/.test(rest) ? rest : undefined
}

function restOfAny(mirrors: Mirrors, url: string): string | undefined {
  if (!url.startsWith(oci)) return undefined
  const address = url.slice(oci.length)
  return isOnMirror(mirrors, address) ? undefined : `/${address}`
}

function isOnMirror(mirrors: Mirrors, address: string): boolean {
  return Object.values(mirrors).some(to => restAfter(withoutSlash(to).replace(scheme, ''), address) !== undefined)
}

function withoutSlash(text: string): string {
  return text.replace(/\/+$/, '')
}
