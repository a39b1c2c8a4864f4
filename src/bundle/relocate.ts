/** Rewrites the images of rendered objects to a site's mirrors, and to digests where a site pins them. */
import { type YamlMap, YamlScalar } from '../yaml/node.ts'
import type { FoundImage } from './images.ts'
import { formatReference, type Reference } from './reference.ts'

export interface Relocation {
  /** Registry or path prefix → the mirror's, as in site.yaml `mirrors`. */
  readonly mirrors: Readonly<Record<string, string>>
  /** The digest of an image where it is locked; only asked when digests are pinned. */
  readonly digestOf?: ((reference: Reference) => string | undefined) | undefined
}

/**
 * Where an image lies for the site: the longest matching mirror, the digest added where one is known. Undefined when no
 * mirror matches; an image that already lies on a mirror stays.
 */
export function relocated(reference: Reference, { mirrors, digestOf }: Relocation): Reference | undefined {
  const digest = reference.digest ?? digestOf?.(reference)
  const text = `${reference.host}/${reference.path}`
  let best: { to: string; rest: string; length: number } | undefined
  for (const [from, to] of Object.entries(mirrors)) {
    if (/^[a-z][a-z0-9+.-]*:\/\//i.test(from) && !from.startsWith('oci://')) continue
    const prefix = from.replace(/^oci:\/\//, '').replace(/\/+$/, '')
    const matches = prefix === '*' ? true : text === prefix || text.startsWith(`${prefix}/`)
    const target = to.replace(/^[a-z]+:\/\//, '').replace(/\/+$/, '')
    if (text.startsWith(`${target}/`)) return { ...reference, digest }
    if (!matches) continue
    const length = prefix === '*' ? 0 : prefix.length
    if (best !== undefined && best.length >= length) continue
    best = { to: target, rest: prefix === '*' ? `/${text}` : text.slice(prefix.length), length }
  }
  if (best === undefined) return undefined
  const moved = best.to + best.rest
  const slash = moved.indexOf('/')
  return { host: moved.slice(0, slash), path: moved.slice(slash + 1), tag: reference.tag, digest }
}

/** Writes new references where images were found; `to` gives them, undefined leaves one as it is. */
export function rewriteImages(found: readonly FoundImage[], to: (image: FoundImage) => Reference | undefined): void {
  // From the end: what is rewritten in a text must not move what is still to be rewritten in it.
  for (const image of [...found].reverse()) {
    const reference = to(image)
    if (reference !== undefined) rewriteImage(image, reference)
  }
}

/** Writes a new reference in the form it was found in. */
function rewriteImage({ place }: FoundImage, to: Reference): void {
  if (place.form === 'whole') setText(place.node, formatReference(to))
  else if (place.form === 'part') {
    const { node, start, length } = place
    setText(node, node.value.slice(0, start) + formatReference(to) + node.value.slice(start + length))
  } else rewriteSplit(place.map, to)
}

function rewriteSplit(map: YamlMap, to: Reference): void {
  const set = (key: string, text: string): void => {
    const node = map.get(key)
    if (node instanceof YamlScalar) setText(node, text)
    else map.set(key, new YamlScalar(text, 'plain', '!!str'))
  }
  const registry = map.get('registry')
  if (registry instanceof YamlScalar && registry.value !== '') {
    set('registry', to.host)
    set('repository', to.path)
  } else set('repository', `${to.host}/${to.path}`)
  if (to.digest === undefined) return
  if (map.has('digest')) set('digest', to.digest)
  else if (map.has('sha')) set('sha', to.digest.replace(/^sha256:/, ''))
  // Without a field for it the digest goes where the tag is: `repository:tag@sha256:…` is what the operator builds.
  else if (to.tag !== undefined && map.has('tag')) set('tag', `${to.tag}@${to.digest}`)
}

function setText(node: YamlScalar, text: string): void {
  node.value = text
  if (node.style === 'plain') node.tag = '!!str'
}
