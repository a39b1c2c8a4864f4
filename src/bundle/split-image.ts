/** References that custom resources spread over several fields, as charts do: `repository` and `tag`, and their kin. */

import { textOf, type YamlMap } from '../yaml/node.ts'
import { hasRegistry, tryParseReference } from './reference.ts'

/** The fields of a map that make up one reference. */
export interface SplitPlace {
  readonly form: 'split'
  readonly map: YamlMap
  /** All of them, in the order in which they are shown. */
  readonly keys: readonly string[]
  readonly registry: string | undefined
  readonly name: string
  readonly tag: string | undefined
  readonly digest: string | undefined
}

export interface SplitImage {
  /** The reference that the fields stand for. */
  readonly text: string
  readonly place: SplitPlace
  /** Whether it is surely an image; a repository may be one of git as well. */
  readonly isImage: boolean
}

/** Which fields go together; `only` restricts a pair to maps under an image's name. */
const forms: readonly { readonly name: string; readonly tags: readonly string[]; readonly only?: RegExp }[] = [
  { name: 'repository', tags: ['tag', 'version'] },
  // Operators that add the version by themselves: Argo CD's, Prometheus' of old.
  { name: 'image', tags: ['tag', 'version'] },
  { name: 'baseImage', tags: ['tag', 'version'] },
  { name: 'image_name', tags: ['image_version'] },
  { name: 'imageName', tags: ['imageTag', 'imageVersion'] },
  { name: 'name', tags: ['tag'], only: /image$/i },
]
const digests = ['digest', 'sha', 'image_digest', 'imageDigest']

/** Reads a split reference; `key` is the field the map stands in. Undefined where a map has none. */
export function splitOf(map: YamlMap, key: string | undefined): SplitImage | undefined {
  for (const { name, tags, only } of forms) {
    if (only !== undefined && !only.test(key ?? '')) continue
    const repository = given(map, name)
    if (repository === undefined || map.has('chart') || map.has('url')) continue
    const parsed = tryParseReference(repository)
    // One that is complete by itself is a field like any other.
    if (parsed === undefined || parsed.tag !== undefined || parsed.digest !== undefined) continue
    const tag = tags.find(field => isTag(given(map, field), field))
    const digest = digests.find(field => map.get(field)?.kind === 'scalar')
    if (tag === undefined && (digest === undefined || given(map, digest) === undefined)) continue
    const registry = given(map, 'registry') === undefined ? undefined : 'registry'
    const place: SplitPlace = {
      form: 'split',
      map,
      keys: [registry, name, tag, digest].filter(field => field !== undefined),
      ...{ registry, name, tag, digest },
    }
    const text = splitText(place)
    if (tryParseReference(text) === undefined) continue
    return { text, place, isImage: isImage(text, name, key, map) }
  }
  return undefined
}

function splitText({ map, registry, name, tag, digest }: SplitPlace): string {
  const of = (field: string | undefined): string => (field === undefined ? '' : (given(map, field) ?? ''))
  const host = of(registry).replace(/\/+$/, '')
  const sum = of(digest)
  return [
    host === '' ? '' : `${host}/`,
    of(name),
    of(tag) === '' ? '' : of(tag).startsWith('sha256:') ? `@${of(tag)}` : `:${of(tag)}`,
    sum === '' ? '' : sum.includes(':') ? `@${sum}` : `@sha256:${sum}`,
  ].join('')
}

function isImage(text: string, name: string, key: string | undefined, map: YamlMap): boolean {
  if (/image/i.test(name) || /image$/i.test(key ?? '') || map.has('pullPolicy') || map.has('imagePullPolicy'))
    return true
  return hasRegistry(text) && !/^(?:github\.com|gitlab\.com|bitbucket\.org)\//.test(text)
}

/** A version that is a tag: some operators take words such as "operator_version" in its place. */
function isTag(text: string | undefined, field: string): boolean {
  return text !== undefined && (!/version$/i.test(field) || /^v?\d|^latest$|^sha256:/.test(text))
}

function given(map: YamlMap, field: string): string | undefined {
  const text = textOf(map.get(field))
  return text === '' ? undefined : text
}
