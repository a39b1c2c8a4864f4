/** One table says where things lie for a site that cannot reach their origin: chart repositories, registries, git hosts. */

/** Prefix of an origin → its mirror: `https://charts.example.com: https://mirror.local/charts`, `docker.io: mirror.local:5000/hub`. */
export type Mirrors = Readonly<Record<string, string>>

/**
 * The URL with the longest matching prefix replaced; itself where none matches. A prefix matches at a border ("/", ":",
 * "@" or the end), so that `https://a.example` is not `https://a.example.org`. A prefix without scheme is a registry
 * or host and matches whatever scheme the URL has.
 */
export function mirrored(mirrors: Mirrors, url: string): string {
  let best: { rest: string; to: string; length: number } | undefined
  for (const [from, to] of Object.entries(mirrors)) {
    const scheme = /^[a-z][a-z0-9+.-]*:\/\//i
    const bare = !scheme.test(from)
    const subject = bare ? url.replace(scheme, '') : url
    const prefix = from.replace(/\/+$/, '')
    if (!subject.startsWith(prefix)) continue
    const rest = subject.slice(prefix.length)
    if (rest !== '' && !/^[/:@?#]/.test(rest)) continue
    if (best !== undefined && best.length >= prefix.length) continue
    const target = to.replace(/\/+$/, '')
    const given = scheme.exec(url)?.[0] ?? ''
    best = { rest, to: bare && !scheme.test(target) ? given + target : target, length: prefix.length }
  }
  return best === undefined ? url : best.to + best.rest
}
