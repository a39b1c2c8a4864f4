/**
 * The images that rendered objects run. Found by structure: the containers of pod specs wherever they stand, fields of
 * custom resources that name an image, `repository`/`tag` pairs there; and, as candidates only, image-like text in
 * arguments, environment, annotations and ConfigMaps. Each finding knows the nodes it was read from, so that relocate.ts
 * can rewrite it.
 */

import { textOf, type YamlMap, type YamlNode, type YamlScalar, type YamlSeq } from '../yaml/node.ts'
import type { DeclaredAt } from './crd-fields.ts'
import { imageTexts, isImageLike, isNamedImage, namesImage } from './image-text.ts'
import { familiarName, formatReference, hasRegistry, type Reference, tryParseReference } from './reference.ts'
import { type SplitPlace, splitOf } from './split-image.ts'

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
  /** Several fields of one map. */
  | SplitPlace
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

/** The image of a container that is no reference: nothing can pull it. */
export interface InvalidImage {
  readonly text: string
  readonly path: string
}

export interface ObjectImages {
  /** In document order. */
  readonly images: readonly FoundImage[]
  readonly invalid: readonly InvalidImage[]
}

/** Every image of one object. */
export function findImages(object: YamlMap, context: ImageContext, decide: ImageDecider): ObjectImages {
  const images: FoundImage[] = []
  const invalid: InvalidImage[] = []
  const add: Add = (text, certainty, path, place) => {
    const reference = tryParseReference(text)
    const decided = decide(text, reference, certainty)
    if (decided === undefined) return
    if (reference !== undefined) images.push({ reference, certainty: decided, path, place })
    else if (certainty === 'confirmed') invalid.push({ text, path })
  }
  visitMap(object, { keys: [], shown: '', loose: false }, 'map', { add, context })
  return { images, invalid }
}

/** The reference as text, for lists and comparison. */
export function imageName(image: FoundImage): string {
  return formatReference(image.reference)
}

type Add = (text: string, certainty: Certainty, path: string, place: ImagePlace) => void

interface Walk {
  readonly add: Add
  readonly context: ImageContext
}

/** Where in the object. */
interface Spot {
  /** Map keys; indexes of lists are left out. */
  readonly keys: readonly string[]
  /** For people. */
  readonly shown: string
  /** Whether texts right here may hold images among other things. */
  readonly loose: boolean
}

const containerLists = new Set(['containers', 'initContainers', 'ephemeralContainers'])
/** Fields of Kubernetes' own kinds whose texts are for programs to read. */
const looseFields = new Set(['args', 'command', 'data', 'value', 'stringData', 'annotations'])

/** What Knative's kind of ConfigMap explains itself with; nobody reads it. */
const exampleKey = '_example'

function visitMap(map: YamlMap, spot: Spot, role: 'map' | 'container', walk: Walk): void {
  const { builtin } = walk.context
  const isPodSpec = map.pairs.some(({ key, value }) => key.kind === 'scalar' && isContainerList(key.value, value))
  const isContainer = role === 'container' || (!builtin && looksLikeContainer(map))
  const split = builtin || isContainer ? undefined : splitOf(map, spot.keys.at(-1))
  if (split !== undefined) addSplit(split, spot, walk)
  for (const { key, value } of map.pairs) {
    if (key.kind !== 'scalar' || split?.place.keys.includes(key.value) || key.value === exampleKey) continue
    const name = key.value
    const below: Spot = {
      keys: [...spot.keys, name],
      shown: spot.shown === '' ? name : `${spot.shown}.${name}`,
      loose: !builtin || looseFields.has(name),
    }
    if (value.kind === 'scalar') {
      if (isContainer && name === 'image') addContainerImage(map, value, below, walk)
      else {
        const isNamed = namesImage(name === 'value' ? (textOf(map.get('name')) ?? '') : name)
        visitText(value, isNamed, { ...below, loose: below.loose || spot.loose }, walk)
      }
    } else if (isPodSpec && isContainerList(name, value)) visitContainers(value as YamlSeq, below, walk)
    else if (isPodSpec && name === 'volumes' && value.kind === 'seq') visitVolumes(value, below, walk)
    else visit(value, below, walk)
  }
}

function visit(node: YamlNode, spot: Spot, walk: Walk): void {
  if (node.kind === 'map') visitMap(node, spot, 'map', walk)
  else if (node.kind === 'seq') {
    let named = false
    for (const [i, item] of node.items.entries()) {
      const here = { ...spot, shown: `${spot.shown}[${itemName(item) ?? i}]` }
      if (item.kind === 'scalar') {
        visitText(item, named, here, walk)
        // A flag and its value, each an item of its own.
        named = item.value.startsWith('-') && namesImage(item.value)
      } else visit(item, here, walk)
    }
  }
}

function visitContainers(list: YamlSeq, spot: Spot, walk: Walk): void {
  for (const [i, item] of list.items.entries()) {
    const here = { ...spot, shown: `${spot.shown}[${itemName(item) ?? i}]` }
    if (item.kind === 'map') visitMap(item, here, 'container', walk)
  }
}

/** Volumes that are images (Kubernetes 1.31). */
function visitVolumes(list: YamlSeq, spot: Spot, walk: Walk): void {
  for (const [i, item] of list.items.entries()) {
    const here = { ...spot, shown: `${spot.shown}[${itemName(item) ?? i}]` }
    const image = item.kind === 'map' ? item.get('image') : undefined
    const reference = image?.kind === 'map' ? image.get('reference') : undefined
    if (reference?.kind !== 'scalar') visit(item, here, walk)
    else if (reference.value !== '') {
      walk.add(reference.value, 'confirmed', `${here.shown}.image.reference`, { form: 'whole', node: reference })
    }
  }
}

function addContainerImage(container: YamlMap, node: YamlScalar, { shown }: Spot, walk: Walk): void {
  const text = textOf(node) ?? ''
  if (text === '') return
  // Istio's injector puts its own image in the place of this word.
  if (text === 'auto' && textOf(container.get('name')) === 'istio-proxy') return
  walk.add(text, 'confirmed', shown, { form: 'whole', node })
}

/** A text that is no container's image. */
function visitText(node: YamlScalar, isNamed: boolean, spot: Spot, walk: Walk): void {
  const { add, context } = walk
  const text = textOf(node) ?? ''
  if (text === '') return
  const whole: ImagePlace = { form: 'whole', node }
  if (!context.builtin && isNamed) {
    const reference = tryParseReference(text)
    // A bare word is a name of anything, unless the CRD has a text there.
    if (reference !== undefined && (isNamedImage(text) || context.declares?.(spot.keys) === 'text')) {
      add(text, fieldCertainty(text, reference, spot, context), spot.shown, whole)
      return
    }
    // Not a reference (a variable that nobody filled in, say), where the operator needs one.
    if (reference === undefined && context.declares?.(spot.keys) === 'text' && /^\S*[/:]\S*$/.test(text)) {
      add(text, 'confirmed', spot.shown, whole)
      return
    }
  }
  if (!spot.loose) return
  if (isImageLike(text) || (isNamed && isNamedImage(text))) add(text, 'possible', spot.shown, whole)
  else {
    for (const { start, length } of imageTexts(text)) {
      add(text.slice(start, start + length), 'possible', spot.shown, { form: 'part', node, start, length })
    }
  }
}

/**
 * A field of a custom resource that is called an image. Where the CRD has a text there, a tag, a digest or a registry is
 * enough (a machine's image has none of them); where it says nothing the text must be a whole reference.
 */
function fieldCertainty(
  text: string,
  { tag, digest }: Reference,
  { keys }: Spot,
  { declares }: ImageContext,
): Certainty {
  const declared = declares?.(keys) ?? 'open'
  const isPinned = tag !== undefined || digest !== undefined
  if (declared === 'text') return isPinned || hasRegistry(text) ? 'confirmed' : 'possible'
  return declared === 'open' && isPinned && hasRegistry(text) ? 'confirmed' : 'possible'
}

function addSplit({ text, place, isImage }: NonNullable<ReturnType<typeof splitOf>>, spot: Spot, walk: Walk): void {
  const declared = walk.context.declares?.([...spot.keys, place.name]) ?? 'open'
  const certainty = declared !== 'other' && isImage ? 'confirmed' : 'possible'
  const fields = place.keys.length === 1 ? place.name : `{${place.keys.join(',')}}`
  walk.add(text, certainty, spot.shown === '' ? fields : `${spot.shown}.${fields}`, place)
}

function isContainerList(key: string, node: YamlNode): boolean {
  return (
    containerLists.has(key) &&
    node.kind === 'seq' &&
    node.items.some(item => item.kind === 'map' && (item.has('name') || item.has('image')))
  )
}

/** A container outside of pod specs: `container` of an Argo Workflow, `steps` of a Tekton Task. */
function looksLikeContainer(map: YamlMap): boolean {
  return map.get('image')?.kind === 'scalar' && containerFields.some(field => map.has(field))
}

const containerFields = ['command', 'args', 'env', 'envFrom', 'imagePullPolicy', 'script', 'volumeMounts', 'workingDir']

function itemName(node: YamlNode): string | undefined {
  const name = node.kind === 'map' ? textOf(node.get('name')) : undefined
  return name === undefined ? undefined : `name=${name}`
}

/** What decapod.yaml makes of a text: its certainty, or undefined for what it refuses. */
export type ImageDecider = (
  text: string,
  reference: Reference | undefined,
  certainty: Certainty,
) => Certainty | undefined

/** A pattern may be written for the text in the object, for the full name that lists show, or as people write names. */
export function imageDecider({ confirm, refuse }: ImageDecisions): ImageDecider {
  const confirms = confirm.map(patternOf)
  const refuses = refuse.map(patternOf)
  return (text, reference, certainty) => {
    if (confirms.length + refuses.length === 0) return certainty
    const names = reference === undefined ? [text] : [text, formatReference(reference), familiarName(reference)]
    const isOne = (patterns: readonly RegExp[]): boolean => patterns.some(p => names.some(name => p.test(name)))
    if (isOne(refuses)) return undefined
    return isOne(confirms) ? 'confirmed' : certainty
  }
}

/** `*` stands for any text, everything else for itself. */
function patternOf(pattern: string): RegExp {
  return new RegExp(
    `^${pattern
      .split(/\*+/)
      .map(part => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
    's',
  )
}
