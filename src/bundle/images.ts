/**
 * The images that rendered objects run. Found by structure: the containers of pod specs wherever they stand, fields of
 * custom resources that name an image, `repository`/`tag` pairs; and, as candidates only, image-like text in arguments,
 * environment and ConfigMaps. Each finding knows the nodes it was read from, so that relocate.ts can rewrite it.
 */
import { type YamlMap, type YamlNode, YamlScalar, type YamlSeq } from '../yaml/node.ts'
import type { DeclaredAt } from './crd-fields.ts'
import { formatReference, type Reference, tryParseReference } from './reference.ts'

/** confirmed: the cluster will pull it. possible: it looks like one; decapod.yaml says what it is. */
export type Certainty = 'confirmed' | 'possible'

export interface FoundImage {
  readonly reference: Reference
  readonly certainty: Certainty
  /** Where in the object: `spec.template.spec.containers[name=web].image`. */
  readonly path: string
  readonly place: ImagePlace
}

/** How the reference is written, which is how it must be rewritten. */
export type ImagePlace =
  /** The whole scalar is the reference. */
  | { readonly form: 'whole'; readonly node: YamlScalar }
  /** `registry`, `repository`, `tag`, `digest` of one map; only `repository` is always there. */
  | { readonly form: 'split'; readonly map: YamlMap }
  /** Part of a longer text, at an offset. */
  | { readonly form: 'part'; readonly node: YamlScalar; readonly start: number; readonly length: number }

/** What is known of an object's kind. */
export interface ImageContext {
  /** Whether the object is of Kubernetes' own API groups: its fields have known meanings. */
  readonly builtin: boolean
  /** For a custom resource: what its CRD says of a field; undefined when the CRD is not known. */
  readonly declares?: DeclaredAt | undefined
}

/** decapod.yaml `images`: which candidates are images, and which are not. Shell patterns on the text found. */
export interface ImageDecisions {
  readonly confirm: readonly string[]
  readonly refuse: readonly string[]
}

/** Every image of one object in document order. */
export function findImages(object: YamlMap, context: ImageContext, decisions: ImageDecisions): FoundImage[] {
  const found: FoundImage[] = []
  const decide = decisionOf(decisions)
  const add = (text: string, certainty: Certainty, path: string, place: ImagePlace): void => {
    const reference = tryParseReference(text)
    if (reference === undefined) return
    const decided = decide(text, certainty)
    if (decided !== undefined) found.push({ reference, certainty: decided, path, place })
  }
  walkMap(object, [], '', { add, context, kind: textOf(object.get('kind')) ?? '' })
  return found
}

interface Walk {
  readonly add: (text: string, certainty: Certainty, path: string, place: ImagePlace) => void
  readonly context: ImageContext
  readonly kind: string
}

const containerLists = new Set(['containers', 'initContainers', 'ephemeralContainers'])
/** Fields whose text may hold images among other things. */
const looseFields = new Set(['args', 'command', 'data', 'value', 'stringData', 'extraArgs'])

function walkMap(map: YamlMap, path: readonly string[], shown: string, walk: Walk): void {
  const isPodSpec = map.pairs.some(
    ({ key, value }) => key.kind === 'scalar' && containerLists.has(key.value) && isContainerList(value),
  )
  if (isSplit(map))
    walk.add(splitText(map), splitCertainty(path, walk), `${shown}.{repository,tag}`.replace(/^\./, ''), {
      form: 'split',
      map,
    })
  for (const { key, value } of map.pairs) {
    if (key.kind !== 'scalar') continue
    const name = key.value
    const [below, here] = [[...path, name], shown === '' ? name : `${shown}.${name}`]
    if (isPodSpec && containerLists.has(name) && value.kind === 'seq') walkContainers(value, below, here, walk)
    else if (isPodSpec && name === 'volumes' && value.kind === 'seq') walkVolumes(value, below, here, walk)
    else if (value.kind === 'scalar') walkField(name, value, below, here, walk)
    else walkNode(value, below, here, walk, looseFields.has(name))
  }
}

function walkNode(node: YamlNode, path: readonly string[], shown: string, walk: Walk, loose: boolean): void {
  if (node.kind === 'map') {
    walkMap(node, path, shown, walk)
    if (loose)
      for (const { key, value } of node.pairs)
        if (value.kind === 'scalar') addParts(value, `${shown}.${key.kind === 'scalar' ? key.value : '?'}`, walk)
  } else if (node.kind === 'seq') {
    for (const [i, item] of node.items.entries()) {
      const here = `${shown}[${itemName(item) ?? i}]`
      if (item.kind === 'scalar') {
        if (loose) addParts(item, here, walk)
      } else walkNode(item, path, here, walk, false)
    }
  }
}

function walkContainers(list: YamlSeq, path: readonly string[], shown: string, walk: Walk): void {
  for (const [i, item] of list.items.entries()) {
    if (item.kind !== 'map') continue
    const here = `${shown}[${itemName(item) ?? i}]`
    const image = item.get('image')
    if (image?.kind === 'scalar') walk.add(image.value, 'confirmed', `${here}.image`, { form: 'whole', node: image })
    // The rest of a container: arguments and environment may name further images.
    for (const { key, value } of item.pairs) {
      if (key.kind !== 'scalar' || key.value === 'image') continue
      if (value.kind === 'scalar') continue
      walkNode(value, [...path, key.value], `${here}.${key.value}`, walk, looseFields.has(key.value))
    }
  }
}

function walkVolumes(list: YamlSeq, path: readonly string[], shown: string, walk: Walk): void {
  for (const [i, item] of list.items.entries()) {
    if (item.kind !== 'map') continue
    const image = item.get('image')
    const reference = image?.kind === 'map' ? image.get('reference') : undefined
    if (reference?.kind === 'scalar')
      walk.add(reference.value, 'confirmed', `${shown}[${itemName(item) ?? i}].image.reference`, {
        form: 'whole',
        node: reference,
      })
    else walkMap(item, path, `${shown}[${itemName(item) ?? i}]`, walk)
  }
}

/** A scalar field outside pod specs. */
function walkField(name: string, value: YamlScalar, path: readonly string[], shown: string, walk: Walk): void {
  const namesImage = name === 'image' || /[a-z]Image$/.test(name)
  if (namesImage && !walk.context.builtin) {
    const declared = walk.context.declares?.(path)
    if (declared !== 'other' && value.value !== '')
      walk.add(value.value, declared === 'text' ? 'confirmed' : 'possible', shown, { form: 'whole', node: value })
  } else if (looseFields.has(name)) addParts(value, shown, walk)
}

/** The images in a text: the whole of it, or what stands after "=", quotes, blanks and commas. */
function addParts(node: YamlScalar, shown: string, walk: Walk): void {
  const text = node.value
  if (isImageLike(text)) {
    walk.add(text, 'possible', shown, { form: 'whole', node })
    return
  }
  if (text.length > partLimit) return
  for (const match of text.matchAll(/(?<![A-Za-z0-9._/:@-])[A-Za-z0-9][A-Za-z0-9._:/@-]*[A-Za-z0-9]/g)) {
    const part = match[0]
    if (part.length < 512 && isImageLike(part) && !followsScheme(text, match.index)) {
      walk.add(part, 'possible', shown, { form: 'part', node, start: match.index, length: part.length })
    }
  }
}

/** Longest text that is searched for parts: dashboards and certificates have no images and megabytes. */
const partLimit = 256 << 10

function followsScheme(text: string, at: number): boolean {
  return text.slice(Math.max(0, at - 3), at) === '://'
}

/** A host with a dot or port, a path, and a tag that is no port, or a digest. */
function isImageLike(text: string): boolean {
  return /^[a-z0-9][a-z0-9.-]*(?:\.[a-z0-9-]+|:\d+)\/[a-z0-9][a-z0-9._/-]*(?::v?\d[\w.-]*|:(?:latest|stable|main|master)|@sha256:[0-9a-f]{64})(?:@sha256:[0-9a-f]{64})?$/.test(
    text,
  )
}

/** `repository` with `tag` or `digest` beside it, as charts hand to operators. */
function isSplit(map: YamlMap): boolean {
  const repository = textOf(map.get('repository'))
  if (repository === undefined || !/^[a-z0-9]/.test(repository) || repository.includes('://')) return false
  return (
    ['tag', 'digest', 'version', 'sha'].some(key => textOf(map.get(key)) !== undefined) &&
    !map.has('chart') &&
    !map.has('url')
  )
}

/** The reference that a split map stands for. */
export function splitText(map: YamlMap): string {
  const registry = textOf(map.get('registry'))
  const repository = textOf(map.get('repository')) ?? ''
  const tag = textOf(map.get('tag')) ?? textOf(map.get('version')) ?? ''
  const digest = textOf(map.get('digest')) ?? prefixed(textOf(map.get('sha'))) ?? ''
  const name = registry === undefined || registry === '' ? repository : `${registry}/${repository}`
  return `${name}${tag === '' ? '' : `:${tag}`}${digest === '' ? '' : `@${digest}`}`
}

function prefixed(sha: string | undefined): string | undefined {
  return sha === undefined || sha === '' ? undefined : sha.startsWith('sha256:') ? sha : `sha256:${sha}`
}

function splitCertainty(path: readonly string[], { context }: Walk): Certainty {
  if (context.builtin) return 'possible'
  return context.declares?.([...path, 'repository']) === 'text' ||
    path.at(-1) === 'image' ||
    /Image$/.test(path.at(-1) ?? '')
    ? 'confirmed'
    : 'possible'
}

function isContainerList(node: YamlNode): boolean {
  return node.kind === 'seq' && node.items.some(item => item.kind === 'map' && item.has('name'))
}

function itemName(node: YamlNode): string | undefined {
  const name = node.kind === 'map' ? textOf(node.get('name')) : undefined
  return name === undefined ? undefined : `name=${name}`
}

function textOf(node: YamlNode | undefined): string | undefined {
  return node instanceof YamlScalar && !(node.style === 'plain' && /^(|~|null)$/.test(node.value))
    ? node.value
    : undefined
}

/** Applies decapod.yaml's list; undefined for what is refused. */
function decisionOf({
  confirm,
  refuse,
}: ImageDecisions): (text: string, certainty: Certainty) => Certainty | undefined {
  const confirms = confirm.map(patternOf)
  const refuses = refuse.map(patternOf)
  return (text, certainty) => {
    if (refuses.some(p => p.test(text))) return undefined
    return confirms.some(p => p.test(text)) ? 'confirmed' : certainty
  }
}

/** `*` stands for any text, everything else for itself. */
function patternOf(pattern: string): RegExp {
  return new RegExp(
    `^${pattern
      .split('*')
      .map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
  )
}

/** The reference as text, for lists and comparison. */
export function imageName(image: FoundImage): string {
  return formatReference(image.reference)
}
