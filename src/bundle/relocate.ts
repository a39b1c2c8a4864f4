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

/** A scalar that was given another text, and what of it changed, from its start to its end. */
export interface Edit {
  readonly node: YamlScalar
  readonly parts: readonly EditedPart[]
}

interface EditedPart {
  readonly before: string
  readonly after: string
  /** How often `before` stands between the part ahead and this one. */
  readonly skip: number
}

interface Change {
  readonly start: number
  readonly length: number
  readonly text: string
}

type Changes = Map<YamlScalar, Change[]>

/** Writes new references where images were found; `to` gives them, undefined leaves one as it is. Gives what changed. */
export function rewriteImages(
  found: readonly FoundImage[],
  to: (image: FoundImage, index: number) => Reference | undefined,
): Edit[] {
  const changes: Changes = new Map()
  for (const [i, image] of found.entries()) {
    const reference = to(image, i)
    if (reference !== undefined) rewriteImage(image, reference, changes)
  }
  return [...changes].map(([node, list]) => apply(node, list))
}

/** Writes a new reference in the form it was found in. */
function rewriteImage({ place }: FoundImage, to: Reference, changes: Changes): void {
  if (place.form === 'whole') change(changes, place.node, 0, place.node.value.length, formatReference(to))
  else if (place.form === 'part') change(changes, place.node, place.start, place.length, formatReference(to))
  else rewriteSplit(place, to, changes)
}

/** Whether a digest can be written in the form an image was found in. */
export function canPin({ reference, place }: FoundImage): boolean {
  if (place.form !== 'split' || reference.digest !== undefined) return true
  return place.digest !== undefined || (place.tag !== undefined && !/version$/i.test(place.tag))
}

function rewriteSplit(place: SplitPlace, to: Reference, changes: Changes): void {
  const set = (key: string, text: string): void => {
    const node = place.map.get(key)
    if (node instanceof YamlScalar) change(changes, node, 0, node.value.length, text)
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

function change(changes: Changes, node: YamlScalar, start: number, length: number, text: string): void {
  if (node.value.slice(start, start + length) === text) return
  const list = changes.get(node) ?? []
  changes.set(node, list)
  list.push({ start, length, text })
}

function apply(node: YamlScalar, changes: Change[]): Edit {
  const { value } = node
  const parts: EditedPart[] = []
  const out: string[] = []
  let from = 0
  for (const { start, length, text } of changes.sort((a, b) => a.start - b.start)) {
    if (start < from) continue
    const before = value.slice(start, start + length)
    let skip = 0
    if (before !== '') {
      for (let at = value.indexOf(before, from); at < start; at = value.indexOf(before, at + 1)) skip++
    }
    parts.push({ before, after: text, skip })
    out.push(value.slice(from, start), text)
    from = start + length
  }
  node.value = out.join('') + value.slice(from)
  if (node.style === 'plain') node.tag = '!!str'
  return { node, parts }
}

/**
 * The text that nodes were read from, with the edits in it and every other byte as it was. Undefined when a place is not
 * found in the text as the node has it.
 */
export function rewriteText(text: string, edits: readonly Edit[]): string | undefined {
  // By their places: what an alias copied is edited once, where it is written.
  const places = new Map<number, EditedPart>()
  for (const { node, parts } of edits) {
    if (node.source === undefined) return undefined
    let from = node.offset
    for (const part of parts) {
      const at = placeIn(text, from, part)
      if (at === undefined) return undefined
      places.set(at, part)
      from = at + part.before.length
    }
  }
  const out: string[] = []
  let from = 0
  for (const [at, { before, after }] of [...places].sort(([a], [b]) => a - b)) {
    out.push(text.slice(from, at), after)
    from = at + before.length
  }
  return out.join('') + text.slice(from)
}

function placeIn(text: string, from: number, { before, skip }: EditedPart): number | undefined {
  // Nothing between quotes: what is new goes between them.
  if (before === '') return /^(?:""|'')$/.test(text.slice(from, from + 2)) ? from + 1 : undefined
  let at = text.indexOf(before, from)
  for (let n = 0; n < skip && at !== -1; n++) at = text.indexOf(before, at + 1)
  return at === -1 ? undefined : at
}
