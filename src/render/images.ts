/**
 * The images of one site: found in all its objects once every CRD is known, moved to the site's mirrors and pinned to
 * digests where the site asks for it, and listed with everything that uses them. The list decides what is relocated,
 * what `decapod images` shows and what a bundle holds.
 */
import { CrdFields } from '../bundle/crd-fields.ts'
import {
  type Certainty,
  type FoundImage,
  findImages,
  type ImageContext,
  type ImageDecider,
  imageDecider,
  imageName,
} from '../bundle/images.ts'
import { formatReference, type Reference, tryParseReference } from '../bundle/reference.ts'
import { canPin, relocated, rewriteImages, rewriteText } from '../bundle/relocate.ts'
import { DecapodError, DecapodErrors, type Position } from '../errors.ts'
import { isBuiltinGroup } from '../k8s/kinds.ts'
import { imageKey, type Lock } from '../lock.ts'
import type { Mirrors } from '../mirrors.ts'
import type { Config, SiteSettings } from '../site/config.ts'
import type { Release } from '../site/releases.ts'
import { cloneNode, positionOf, type YamlMap, type YamlNode, type YamlScalar } from '../yaml/node.ts'
import { parseDocuments } from '../yaml/parse.ts'
import { expandLists, formatObject, isCrd, type ObjectId, type OutputObject, objectId } from './output.ts'

/** An image of a site, as its objects name it before they are moved to mirrors. */
export interface SiteImage {
  readonly reference: Reference
  /** confirmed: the cluster will pull it. possible: it looks like one, and decapod.yaml `images` does not say. */
  readonly certainty: Certainty
  /** What the output says instead: where the site's mirrors have it, with the digest where the site pins digests. */
  readonly target: Reference | undefined
  /** The digest it names itself, or that decapod.lock has for it. */
  readonly digest: string | undefined
  /** In the order of files and places in them. */
  readonly uses: readonly ImageUse[]
}

export interface ImageUse {
  readonly group: string
  readonly app: string
  /** Below the site's directory: `lma/grafana/Deployment_grafana.yaml`. */
  readonly file: string
  readonly object: ObjectId
  /** Where in the object: `spec.template.spec.containers[name=web].image`. */
  readonly path: string
}

/** An object of a kind that no CRD of the site defines: which of its texts are images cannot be known for sure. */
export interface UnknownObject {
  readonly group: string
  readonly app: string
  readonly file: string
  readonly object: ObjectId
}

/** A container's image that is no reference: nothing can pull it. */
export interface UnreadableImage extends UnknownObject {
  readonly text: string
  readonly path: string
}

export interface SiteImages {
  /** Sorted by name; one may be there twice, once confirmed and once possible. */
  readonly images: readonly SiteImage[]
  /** Sorted by file, as the next. */
  readonly unknown: readonly UnknownObject[]
  readonly unreadable: readonly UnreadableImage[]
}

/** The confirmed images of several sites, each once: what a bundle holds, and what is locked. */
export interface NeededImage {
  readonly reference: Reference
  readonly digest: string | undefined
  /** Where the sites' mirrors have it, sorted. */
  readonly targets: readonly string[]
  readonly sites: readonly string[]
}

/** Gathers confirmed images by reference, sorted by name. */
export function neededImages(sites: readonly { readonly site: string; readonly images: SiteImages }[]): NeededImage[] {
  const byName = new Map<string, { image: SiteImage; targets: Set<string>; sites: Set<string> }>()
  for (const { site, images } of sites) {
    for (const image of images.images) {
      if (image.certainty !== 'confirmed') continue
      const name = formatReference(image.reference)
      const known = byName.get(name) ?? { image, targets: new Set(), sites: new Set() }
      byName.set(name, known)
      if (image.target !== undefined) known.targets.add(formatReference(image.target))
      known.sites.add(site)
    }
  }
  return [...byName.entries()].sort(byKey).map(([, { image, targets, sites: of }]) => ({
    reference: image.reference,
    digest: image.digest,
    targets: [...targets].sort(),
    sites: [...of].sort(),
  }))
}

/** The name of an image in decapod.lock; without a tag latest is meant. */
export function imageLockKey({ host, path, tag }: Reference): string {
  return imageKey(host, path, tag ?? 'latest')
}

/** The digest of an image: its own, or the locked one. */
export function lockedDigest(lock: Lock, reference: Reference): string | undefined {
  return reference.digest ?? lock.get(imageLockKey(reference))?.digest
}

export interface ImageSettings {
  readonly site: string
  /** The file a person edits to add a mirror. */
  readonly siteFile: string
  readonly mirrors: Mirrors
  readonly airgapped: boolean
  readonly pinDigests: boolean
  readonly decisions: Config['images']
  readonly lock: Lock
  /** Whether the objects are rewritten; otherwise images are only listed, and nothing is refused. */
  readonly rewrite: boolean
}

/** What a site's settings say about images. */
export function imageSettings(
  site: { readonly name: string; readonly settings: SiteSettings },
  siteFile: string,
  config: Config,
  lock: Lock,
  rewrite: boolean,
): ImageSettings {
  const { mirrors, airgapped, pinDigests } = site.settings
  return {
    site: site.name,
    siteFile,
    mirrors: { ...config.mirrors, ...mirrors },
    airgapped,
    pinDigests,
    decisions: config.images,
    lock,
    rewrite,
  }
}

/** Whether the site's output names other images than its objects do. */
export function changesImages({ mirrors, airgapped, pinDigests }: ImageSettings): boolean {
  return airgapped || pinDigests || Object.keys(mirrors).length > 0
}

/** An app's objects, before they are written. */
export interface AppObjects {
  readonly group: string
  readonly app: string
  readonly objects: readonly OutputObject[]
  /** Where a person finds what names an image: the value, or the object. */
  readonly placeOf: (image: FoundImage, object: OutputObject) => Position | undefined
}

interface AppObject {
  readonly group: string
  readonly app: string
  readonly node: YamlMap
}

interface Found extends AppObject {
  readonly image: FoundImage
  readonly target: Reference | undefined
}

/** Finds and moves the images of a site's objects, app by app, once all CRDs are known. */
export class ImageStep {
  private readonly settings: ImageSettings
  private readonly crds = new CrdFields()
  private readonly decide: ImageDecider
  private readonly found: Found[] = []
  private readonly unpinnable: string[] = []
  private readonly unknown: AppObject[] = []
  private readonly unreadable: (AppObject & { readonly text: string; readonly path: string })[] = []

  constructor(settings: ImageSettings) {
    this.settings = settings
    this.decide = imageDecider(settings.decisions)
  }

  /** Notes the CRDs among objects. */
  know(objects: Iterable<YamlMap>): void {
    for (const node of objects) if (isCrd(node)) this.crds.add(node)
  }

  /**
   * An app's objects as they are to be written, lists expanded. Throws DecapodErrors IMAGE_UNMAPPED for what an
   * airgapped site cannot pull, LOCK_DRIFT for what is to be pinned and has no digest.
   */
  take(app: AppObjects): OutputObject[] {
    const trouble = new Trouble(this.settings, app)
    const own: Found[] = []
    const out = expandLists(app.objects).map(object => this.takeObject(object, app, own, trouble))
    trouble.raise()
    this.found.push(...own)
    return out
  }

  /** The list, once every object has its file. */
  list(fileOf: ReadonlyMap<YamlMap, string>): SiteImages {
    const images = new Map<string, SiteImage & { uses: ImageUse[] }>()
    for (const { group, app, node, image, target } of this.found) {
      const file = fileOf.get(node)
      if (file === undefined) continue
      const { reference, certainty, path } = image
      const key = `${imageName(image)} ${certainty}`
      const known = images.get(key) ?? {
        reference,
        certainty,
        target,
        digest: lockedDigest(this.settings.lock, reference),
        uses: [],
      }
      images.set(key, known)
      known.uses.push({ group, app, file, object: objectId(node), path })
    }
    for (const image of images.values()) image.uses.sort((a, b) => compare(a.file, b.file))
    const placed = <T extends AppObject>(objects: readonly T[]): (T & UnknownObject)[] =>
      objects
        .flatMap(object => {
          const file = fileOf.get(object.node)
          return file === undefined ? [] : [{ ...object, file, object: objectId(object.node) }]
        })
        .sort((a, b) => compare(a.file, b.file))
    return {
      images: [...images.entries()].sort(byKey).map(([, image]) => image),
      unknown: placed(this.unknown).map(({ group, app, file, object }) => ({ group, app, file, object })),
      unreadable: placed(this.unreadable).map(({ node, ...unreadable }) => unreadable),
    }
  }

  /** What of the list a person should look at, for sites whose images are moved or pinned. */
  warnings({ images, unreadable }: SiteImages): DecapodError[] {
    const { site, siteFile, airgapped } = this.settings
    const at = { file: siteFile }
    const warnings: DecapodError[] = []
    const possible = images.filter(image => image.certainty === 'possible')
    if (airgapped && possible.length > 0) {
      const names = possible.map(image => formatReference(image.reference))
      warnings.push(
        new DecapodError('IMAGE_UNMAPPED', `${site} is airgapped, and ${seemingly(names.length)}`, {
          at,
          hint: `"decapod images ${site}" shows where; name them in decapod.yaml, images.confirm or images.refuse`,
          notes: [...names.slice(0, 5), ...(names.length > 5 ? [`and ${names.length - 5} more`] : [])],
        }),
      )
    }
    if (!changesImages(this.settings)) return warnings
    for (const { text, file, path } of unreadable) {
      const message = `the image "${text}" is not a reference, and nothing can pull it (${path} of ${file})`
      warnings.push(new DecapodError('IMAGE_UNMAPPED', message, { at }))
    }
    for (const what of this.unpinnable) {
      const message = `no field holds the digest of ${what}: it stays pinned by its version alone`
      warnings.push(new DecapodError('IMAGE_UNMAPPED', message, { at }))
    }
    return warnings
  }

  private takeObject(object: OutputObject, app: AppObjects, own: Found[], trouble: Trouble): OutputObject {
    const { node } = object
    // The schema of a CRD speaks of images; it names none.
    if (isCrd(node)) return object
    const { group, app: name } = app
    const context = this.contextOf(node)
    if (!context.builtin && context.declares === undefined) this.unknown.push({ group, app: name, node })
    const { images, invalid } = findImages(node, context, this.decide)
    const targets = images.map(image => this.targetOf(image, object, trouble))
    const note = (of: YamlMap): void => {
      for (const [i, image] of images.entries()) own.push({ group, app: name, node: of, image, target: targets[i] })
      for (const { text, path } of invalid) this.unreadable.push({ group, app: name, node: of, text, path })
    }
    if (!this.settings.rewrite || targets.every(target => target === undefined)) {
      note(node)
      return object
    }
    // What was inflated may be shared; what is written is this site's own.
    const copy = cloneNode(node)
    const edits = rewriteImages(findImages(copy, context, this.decide).images, (_, i) => targets[i])
    note(copy)
    return { ...object, node: copy, text: textWith(object, copy, edits), formed: undefined }
  }

  private contextOf(node: YamlMap): ImageContext {
    const { apiVersion, kind } = objectId(node)
    return { builtin: isBuiltinGroup(apiVersion), declares: this.crds.of(apiVersion, kind) }
  }

  /** What is written instead of an image; undefined leaves it. What keeps a site from it is noted, if it matters. */
  private targetOf(image: FoundImage, object: OutputObject, trouble: Trouble): Reference | undefined {
    if (image.certainty !== 'confirmed') return undefined
    const { mirrors, airgapped, pinDigests, lock, rewrite } = this.settings
    if (!changesImages(this.settings)) return undefined
    const { reference } = image
    const moved = relocated(reference, mirrors)
    if (moved === undefined && airgapped && rewrite) trouble.unmapped(image, object)
    const digest = lockedDigest(lock, reference)
    if (pinDigests && digest === undefined && rewrite) trouble.unpinned(image, object)
    if (pinDigests && !canPin(image)) {
      const { kind, name } = objectId(object.node)
      this.unpinnable.push(`${imageName(image)} of ${kind} ${name}, ${image.path}`)
    }
    const pinned = pinDigests ? digest : reference.digest
    return moved === undefined && pinned === reference.digest ? undefined : { ...(moved ?? reference), digest: pinned }
  }
}

/** What keeps an app's images from being moved: one error for each image, and one for all that lack a digest. */
class Trouble {
  private readonly settings: ImageSettings
  private readonly app: AppObjects
  private readonly unmappedImages = new Map<string, { at: Position | undefined; places: string[] }>()
  private readonly unpinnedImages = new Map<string, Position | undefined>()

  constructor(settings: ImageSettings, app: AppObjects) {
    this.settings = settings
    this.app = app
  }

  unmapped(image: FoundImage, object: OutputObject): void {
    const name = imageName(image)
    const known = this.unmappedImages.get(name) ?? { at: this.app.placeOf(image, object), places: [] }
    this.unmappedImages.set(name, known)
    const { kind, name: called } = objectId(object.node)
    known.places.push(`${kind} ${called} of ${object.origin}, ${image.path}`)
  }

  unpinned(image: FoundImage, object: OutputObject): void {
    const name = imageName(image)
    if (!this.unpinnedImages.has(name)) this.unpinnedImages.set(name, this.app.placeOf(image, object))
  }

  /** Throws DecapodErrors when there is anything. */
  raise(): void {
    const { site, siteFile, mirrors } = this.settings
    const errors: DecapodError[] = []
    for (const [name, { at, places }] of this.unmappedImages) {
      const host = name.slice(0, name.indexOf('/'))
      errors.push(
        new DecapodError('IMAGE_UNMAPPED', `${site} is airgapped, and none of its mirrors has ${name}`, {
          at,
          hint: `add "${host}: ${exampleMirror(mirrors, host)}" to mirrors of ${siteFile}, or refuse it in decapod.yaml (images.refuse) if nothing pulls it`,
          notes: places
            .slice(0, 3)
            .map(place => `used by ${place}`)
            .concat(more(places.length - 3)),
        }),
      )
    }
    if (this.unpinnedImages.size > 0) {
      const names = [...this.unpinnedImages.keys()]
      const what = names.length === 1 ? `the image ${names[0]} has` : `${names.length} images have`
      errors.push(
        new DecapodError('LOCK_DRIFT', `${what} no digest in decapod.lock, and ${site} pins digests`, {
          at: this.unpinnedImages.get(names[0]!),
          hint: `run "decapod images ${site} --lock"`,
          notes: names.length === 1 ? [] : names,
        }),
      )
    }
    if (errors.length > 0) throw new DecapodErrors(errors)
  }
}

function seemingly(count: number): string {
  return count === 1
    ? 'a text that stays as it is seems to be an image'
    : `${count} texts that stay as they are seem to be images`
}

function more(count: number): string[] {
  return count > 0 ? [`and in ${count} more places`] : []
}

/** A line that would do, made like the ones there are. */
function exampleMirror(mirrors: Mirrors, host: string): string {
  const like = Object.entries(mirrors).find(([from]) => !from.includes('://') && from !== '*')
  const registry = like?.[1].replace(/^[a-z]+:\/\//, '').split('/')[0] ?? 'registry.example.com'
  return `${registry}/${host.replace(/:\d+$/, '')}`
}

/**
 * A template's text with the new references in it. Where that does not give the object that is meant (a reference written
 * with escapes, say) the text is given up, and the object is written in canonical form.
 */
function textWith(object: OutputObject, node: YamlMap, edits: Parameters<typeof rewriteText>[1]): string | undefined {
  const { text } = object
  if (text === undefined) return undefined
  const edited = rewriteText(text, edits)
  if (edited === undefined) return undefined
  const [document, ...others] = parseDocuments(edited, { file: object.origin })
  if (document?.root.kind !== 'map' || others.length > 0) return undefined
  return formatObject(document.root) === formatObject(node) ? edited : undefined
}

/** The CRDs among rendered files. */
export function* crdsOfFiles(files: ReadonlyMap<string, Uint8Array>): Iterable<YamlMap> {
  for (const [path, bytes] of files) {
    if (!/\/CustomResourceDefinition_[^/]*$/.test(path)) continue
    for (const { root } of parseDocuments(Buffer.from(bytes).toString('utf8'), { file: path })) {
      if (root.kind === 'map') yield root
    }
  }
}

/**
 * Where a person finds what names an image: the longest part of its name that values set, a release's own before its
 * chart's, else the release; for objects that no chart made, the place in their file.
 */
export function placeOfImage(
  image: FoundImage,
  object: OutputObject,
  release: Release | undefined,
  chartValues: () => YamlNode | undefined,
): Position | undefined {
  if (release !== undefined) {
    return placeInValues(image, release.values) ?? placeInValues(image, chartValues()) ?? release.at
  }
  const { place } = image
  const at = positionOf(place.form === 'split' ? place.map : place.node)
  // An object out of the cache was read from its written form, whose lines are in no file.
  return at === undefined || at.file === object.origin ? object.at : at
}

function placeInValues({ reference }: FoundImage, values: YamlNode | undefined): Position | undefined {
  if (values === undefined) return undefined
  const name = `${reference.host}/${reference.path}`
  let best: YamlScalar | undefined
  const visit = (node: YamlNode, key: string): void => {
    if (node.kind === 'map')
      for (const { key: k, value } of node.pairs) visit(value, k.kind === 'scalar' ? k.value : '')
    else if (node.kind === 'seq') for (const item of node.items) visit(item, key)
    else if (node.value.length > (best?.value.length ?? 0) && isPartOfName(node.value, key, name)) best = node
  }
  visit(values, '')
  return best === undefined ? undefined : positionOf(best)
}

/**
 * Whether a value is the name of an image or its end: `quay.io/a/b:1`, `a/b`, and `b` where its key says so; a registry
 * alone says too little.
 */
function isPartOfName(value: string, key: string, name: string): boolean {
  if (!value.includes('/') && !/^(?:repository|image|imageName)$/.test(key)) return false
  const part = tryParseReference(value)
  if (part === undefined) return false
  return name === `${part.host}/${part.path}` || name.endsWith(`/${value.replace(/[:@].*$/, '')}`)
}

function byKey(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return compare(a[0], b[0])
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
