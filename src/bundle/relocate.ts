/** Rewrites the images of rendered objects: to a site's mirrors, and to digests where a site pins them. */
import { type Mirrors, mirroredAddress } from '../mirrors.ts'
import { YamlScalar } from '../yaml/node.ts'
import type { FoundImage } from './images.ts'
import { formatReference, type Reference } from './reference.ts'
import type { SplitPlace } from './split-image.ts'

/** Where an image lies for the site; undefined when no mirror matches. What already lies on a mirror stays. */
export function relocated(reference: Reference, mirrors: Mirrors): Reference | undefined {
  const moved = mirroredAddress(mirrors, `${reference.host}/${reference.path}`)
  if (moved === undefined) return undefined
  const slash = moved.indexOf('/')
  return { ...reference, host: moved.slice(0, slash), path: moved.slice(slash + 1) }
}

/** A scalar that was given another text, and the part of it that changed. */
export interface Edit {
  readonly node: YamlScalar
  readonly before: string
  readonly after: string
  /** How often `before` stands in the scalar's old text ahead of this place. */
  readonly occurrence: number
}

/** Writes new references where images were found; `to` gives them, undefined leaves one as it is. Gives what changed. */
export function rewriteImages(
  found: readonly FoundImage[],
  to: (image: FoundImage, index: number) => Reference | undefined,
): Edit[] {
  const edits: Edit[] = []
  // From the end: what is rewritten in a text must not move what is still to be rewritten in it.
  for (let i = found.length - 1; i >= 0; i--) {
    const reference = to(found[i]!, i)
    if (reference !== undefined) rewriteImage(found[i]!, reference, edits)
  }
  return edits
}

/** Writes a new reference in the form it was found in. */
function rewriteImage({ place }: FoundImage, to: Reference, edits: Edit[]): void {
  if (place.form === 'whole') setText(place.node, 0, place.node.value.length, formatReference(to), edits)
  else if (place.form === 'part') setText(place.node, place.start, place.length, formatReference(to), edits)
  else rewriteSplit(place, to, edits)
}

/** Whether a digest can be written in the form an image was found in. */
export function canPin({ reference, place }: FoundImage): boolean {
  if (place.form !== 'split' || reference.digest !== undefined) return true
  return place.digest !== undefined || (place.tag !== undefined && !/version$/i.test(place.tag))
}

function rewriteSplit(place: SplitPlace, to: Reference, edits: Edit[]): void {
  const set = (key: string, text: string): void => {
    const node = place.map.get(key)
    if (node instanceof YamlScalar) setText(node, 0, node.value.length, text, edits)
  }
  if (place.registry === undefined) set(place.name, `${to.host}/${to.path}`)
  else {
    set(place.registry, to.host)
    set(place.name, to.path)
  }
  if (to.digest === undefined) return
  const { tag, digest } = place
  if (digest !== undefined) set(digest, digest === 'sha' ? to.digest.replace(/^sha256:/, '') : to.digest)
  // Without a field for it the digest goes where the tag is: `repository:tag@sha256:…` is what the operator builds. A
  // version is read by the operator, and may not be anything else.
  else if (tag !== undefined && to.tag !== undefined && !/version$/i.test(tag)) set(tag, `${to.tag}@${to.digest}`)
}

function setText(node: YamlScalar, start: number, length: number, text: string, edits: Edit[]): void {
  const before = node.value.slice(start, start + length)
  if (before === text) return
  let occurrence = 0
  if (before !== '') {
    for (let at = node.value.indexOf(before); at !== -1 && at < start; at = node.value.indexOf(before, at + 1))
      occurrence++
  }
  edits.push({ node, before, after: text, occurrence })
  node.value = node.value.slice(0, start) + text + node.value.slice(start + length)
  if (node.style === 'plain') node.tag = '!!str'
}

/**
 * The text that nodes were read from, with the edits in it and every other byte as it was. Undefined when a place is not
 * found in the text as the node has it.
 */
export function rewriteText(text: string, edits: readonly Edit[]): string | undefined {
  const places = new Map<number, { readonly length: number; readonly after: string }>()
  for (const { node, before, after, occurrence } of edits) {
    const at = placeIn(text, node, before, occurrence)
    if (at === undefined) return undefined
    places.set(at, { length: before.length, after })
  }
  let out = text
  for (const [at, { length, after }] of [...places].sort(([a], [b]) => b - a)) {
    out = out.slice(0, at) + after + out.slice(at + length)
  }
  return out
}

/** Where in a text the n-th occurrence of a part of a scalar begins. */
function placeIn(text: string, node: YamlScalar, before: string, occurrence: number): number | undefined {
  if (node.source === undefined) return undefined
  // Nothing between quotes: what is new goes between them.
  if (before === '') return /^(""|'')/.test(text.slice(node.offset, node.offset + 2)) ? node.offset + 1 : undefined
  let at = text.indexOf(before, node.offset)
  for (let n = 0; n < occurrence && at !== -1; n++) at = text.indexOf(before, at + 1)
  return at === -1 ? undefined : at
}
