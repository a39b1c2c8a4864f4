/**
 * `patches`, `patchesStrategicMerge` and `patchesJson6902` (api/internal/builtins/Patch*Transformer.go,
 * resource.ApplySmPatch): reading patch texts, finding what they are for, applying them.
 */
import { DecapodError, nearest, type Position } from '../../errors.ts'
import { quote } from '../../go/strconv.ts'
import { cloneNode, positionOf, type YamlMap, type YamlNode, YamlScalar } from '../../yaml/node.ts'
import { parseNode } from '../../yaml/parse.ts'
import { patchSteps } from '../budget.ts'
import { hideBuildRecord, showBuildRecord } from '../build-annotations.ts'
import type { Context, Transformer } from '../context.ts'
import { during, fail, rephrase } from '../fail.ts'
import type { PatchFields, SelectorFields } from '../kustomization.ts'
import { asJson, parseJson } from '../patch/json-node.ts'
import { applyJsonPatch, type JsonPatch, readJsonPatch } from '../patch/json6902.ts'
import { mergePatch } from '../patch/strategic-merge.ts'
import { apiVersionOf, type ResId } from '../resid.ts'
import type { ResMap } from '../resmap.ts'
import { Resource } from '../resource.ts'
import { formatSelector, selectResources } from '../selector.ts'

/** An inline patch has no file; messages name the kustomization instead. */
export interface PatchPlace {
  readonly file: string
  /** Where the entry stands. */
  readonly at?: () => Position | undefined
  /** The entry as Kustomize shows it where it says neither patch nor path, or both. */
  readonly config?: () => string
}

/**
 * One entry of `patches`: a strategic merge patch for the objects it names or for all that `target` selects, or a JSON
 * patch for a target. The text is read here; PATCH_INVALID with Kustomize's words where it is neither.
 */
export function patchTransformer(fields: PatchFields, context: Context, place: PatchPlace = inline): Transformer {
  const { path = '', patch: inlineText = '' } = fields
  const patch = trimSpace(inlineText)
  if ((patch === '') === (path === '')) {
    const message =
      patch === '' ? 'must specify one of patch and path in' : "patch and path can't be set at the same time"
    fail('PATCH_INVALID', `${message}\n${place.config?.() ?? ''}`, onlyOne)
  }
  const text =
    path === '' ? patch : during(`failed to get the patch file from path(${path})`, () => context.loader.readText(path))
  const file = path === '' ? place.file : context.loader.pathOf(path)
  const source = path === '' ? `[patch: ${quote(patch)}]` : `[path: ${quote(path)}]`
  const { target } = fields
  const read = readPatch(text, file, source, context)
  if (read.kind === 'json') return jsonPatchTransformer(read.patch, target, source, true, place)
  for (const resource of read.patches) {
    resource.allowNameChange = fields.options?.allowNameChange ?? false
    resource.allowKindChange = fields.options?.allowKindChange ?? false
    // Kustomize writes the permission into the patch's annotations, so that those are no longer null.
    if (resource.allowNameChange || resource.allowKindChange) resource.setAnnotations(resource.annotations())
  }
  if (read.patches.length === 0) return () => {}
  return target === undefined
    ? (map, context) => mergeByIds(map, read.patches, context)
    : (map, context) => mergeIntoSelected(map, read.patches, target, source, context, place)
}

const inline: PatchPlace = { file: 'inline patch' }
const onlyOne = { hint: 'an entry of patches has either patch (the text) or path (a file)' }

/** strings.TrimSpace. */
function trimSpace(text: string): string {
  return text.replace(/^[\s\u0085]+|[\s\u0085]+$/g, '')
}

type ReadPatch =
  | { readonly kind: 'merge'; readonly patches: Resource[] }
  | { readonly kind: 'json'; readonly patch: JsonPatch }

/** A text that holds objects is a strategic merge patch, one that holds a list of operations a JSON patch. */
function readPatch(text: string, file: string, source: string, context: Context): ReadPatch {
  let notMerge: DecapodError
  try {
    return { kind: 'merge', patches: context.parseResources(text, file) }
  } catch (error) {
    if (!(error instanceof DecapodError)) throw error
    notMerge = error
  }
  try {
    return { kind: 'json', patch: parseJsonPatch(text, file) }
  } catch (error) {
    if (!(error instanceof DecapodError)) throw error
    throw new DecapodError('PATCH_INVALID', `unable to parse SM or JSON patch from ${source}`, {
      at: notMerge.at ?? error.at ?? { file },
      notes: [`not a strategic merge patch: ${notMerge.message}`, `not a JSON patch: ${error.message}`],
      hint: 'a strategic merge patch has kind and metadata.name; a JSON patch is a list of operations (- op: …)',
    })
  }
}

/** A JSON patch from its text. PATCH_INVALID, JSON_PARSE, YAML_PARSE where it is none. */
export function parseJsonPatch(text: string, file: string): JsonPatch {
  if (text === '') fail('PATCH_INVALID', 'empty json patch operations', { at: { file } })
  return readJsonPatch(readOperations(text, file))
}

/** JSON where the text starts with `[`, else the first YAML document as JSON data. */
function readOperations(text: string, file: string): YamlNode {
  if (text.startsWith('[')) return parseJson(text, file)
  const node = parseNode(text, { file, dialect: 'sigs' }) ?? new YamlScalar('')
  asJson(node, 'sigs')
  return node
}

/** Every object of the patch finds its own resource, by any id that had. */
function mergeByIds(map: ResMap, patches: readonly Resource[], context: Context): void {
  for (const patch of patches) {
    const id = patch.orgId()
    const target = findTarget(map, patch, `no resource matches strategic merge patch ${quote(id.toString())}: `)
    mergeInto(target, copyOf(patch), context)
  }
}

function mergeIntoSelected(
  map: ResMap,
  patches: readonly Resource[],
  target: SelectorFields,
  source: string,
  context: Context,
  place: PatchPlace,
): void {
  if (patches.length > 1) {
    const message = `Multiple Strategic-Merge Patches in one \`patches\` entry is not allowed to set \`patches.target\` field: ${source}`
    fail('PATCH_INVALID', message, { at: positionOf(patches[1]!.node), hint: 'make an entry of patches for each' })
  }
  const patch = patches[0]!
  const prefix = `unable to find patch target ${quote(formatSelector(target))} in \`resources\``
  const selected = during(prefix, () => selectResources(map, target))
  context.budget.steps(selected.length * patchSteps)
  if (selected.length === 0) tellUnmatched(target, map, context, place)
  for (const resource of selected) mergeFitted(resource, patch, context)
  refuseDoubles(map, patch)
}

/** The one resource that has or had the id of a patch. */
function findTarget(map: ResMap, patch: Resource, prefix: string): Resource {
  const id = patch.orgId()
  try {
    return map.getById(id)
  } catch (error) {
    if (!(error instanceof DecapodError)) throw error
    throw rephrase(error, prefix + error.message, { at: positionOf(patch.node), hint: targetHint(map, id) })
  }
}

/** What the author of a patch may have meant: an object of that name, or of that kind and a similar one. */
function targetHint(map: ResMap, id: ResId): string | undefined {
  const found = map.withId(id)
  if (found.length > 1) {
    return `${found.length} resources have or had that id; give the patch a target, or name the current id`
  }
  const sameName = map.named(id.name).find(r => !r.isEmpty && !r.curId().equals(id))
  if (sameName !== undefined)
    return `there is ${sameName.curId()}: apiVersion, kind and namespace of the patch must match`
  const ofKind = map.resources.filter(r => r.kind === id.kind)
  const near = nearest(
    id.name,
    ofKind.map(r => r.name),
  )
  if (near !== undefined) return `did you mean ${id.kind} "${near}"?`
  if (ofKind.length === 0) return `there is no ${id.kind} among the ${map.size} resources`
  const names = ofKind.slice(0, 5).map(r => r.name)
  return `of kind ${id.kind} there is ${names.join(', ')}${ofKind.length > names.length ? ' …' : ''}`
}

/**
 * Merges a patch made to fit one of several targets (resWrangler.ApplySmPatch): its apiVersion becomes the target's, its
 * labels and annotations become texts, null included.
 */
function mergeFitted(target: Resource, patch: Resource, context: Context): void {
  const fitted = copyOf(patch)
  fitted.setLabels(fitted.labels())
  fitted.setAnnotations(fitted.annotations())
  fitted.setName(fitted.name)
  fitted.setNamespace(fitted.namespace)
  fitted.setApiVersion(apiVersionOf(target.gvk))
  mergeInto(target, fitted, context)
  // An object without apiVersion gets one of no text.
  if (!target.isEmpty && !target.node.has('apiVersion')) target.setApiVersion('')
}

/** Kustomize makes the list of resources anew after such a patch, which shows ids that this or an earlier one doubled. */
function refuseDoubles(map: ResMap, patch: Resource): void {
  const double = map.findDouble()
  if (double === undefined) return
  fail('RESOURCE_CONFLICT', `may not add resource with an already registered id: ${double.curId()}`, {
    at: positionOf(patch.node),
    hint: 'a patch gives several resources one name',
  })
}

function copyOf(patch: Resource): Resource {
  const copy = new Resource(cloneNode(patch.node), patch.scope)
  copy.allowNameChange = patch.allowNameChange
  copy.allowKindChange = patch.allowKindChange
  return copy
}

/** Merges a patch, which becomes part of it, into a resource; name, namespace and kind stay unless they may change. */
function mergeInto(target: Resource, patch: Resource, { openapi, showsOrigins }: Context): void {
  const { name, namespace, kind } = target
  if (patch.allowNameChange || patch.allowKindChange) target.storePreviousId()
  // The permissions are annotations of the patch and merged with the rest of it.
  target.allowNameChange ||= patch.allowNameChange
  target.allowKindChange ||= patch.allowKindChange
  const mayLose = takesAnnotations(patch.node)
  if (mayLose) showBuildRecord(target, showsOrigins)
  if (mergePatch(target.node, patch.node, openapi.schemas) === undefined) {
    target.clear()
    return
  }
  if (mayLose) loseRecords(target, showsOrigins)
  if (!patch.allowKindChange) target.setKind(kind)
  if (!patch.allowNameChange) target.setName(name)
  target.setNamespace(namespace)
}

/** Whether a patch removes or replaces all annotations. */
function takesAnnotations(patch: YamlMap): boolean {
  if (!patch.has('metadata')) return false
  const metadata = patch.get('metadata')!
  if (metadata.kind !== 'map' || metadata.has('$patch')) return true
  const annotations = metadata.get('annotations')
  return annotations !== undefined && (annotations.kind !== 'map' || annotations.has('$patch'))
}

/** After a patch took the annotations away, Kustomize no longer knows earlier names, hashes to add and the like. */
function loseRecords(target: Resource, showsOrigins: boolean): void {
  const left = hideBuildRecord(target)
  if (left.record || left.origin) return
  target.loseBuildRecord()
  if (!showsOrigins) return
  target.origin = undefined
  target.transformations = []
}

/**
 * `patchesStrategicMerge`: each entry is the text of patches or, where it is not, a file of them. Every patch finds its
 * resource by id.
 */
export function patchesStrategicMergeTransformer(
  paths: readonly string[],
  patches: string,
  context: Context,
  place: PatchPlace = inline,
): Transformer {
  if (paths.length === 0 && patches === '') fail('PATCH_INVALID', 'empty file path and empty patch content')
  const loaded = paths.flatMap(path => readMergeEntry(path, context, place))
  if (patches !== '') loaded.push(...context.parseResources(patches, place.file))
  if (loaded.length === 0) {
    fail('PATCH_INVALID', `patch appears to be empty; files=[${paths.join(' ')}], Patch=${patches}`)
  }
  return (map, context) => {
    for (const patch of loaded) {
      mergeFitted(findTarget(map, patch, ''), patch, context)
      refuseDoubles(map, patch)
    }
  }
}

function readMergeEntry(entry: string, context: Context, place: PatchPlace): Resource[] {
  // What has a line break or a colon may be a text; a file name is tried as one only after that fails.
  try {
    return context.parseResources(entry, place.file)
  } catch (error) {
    if (!(error instanceof DecapodError)) throw error
  }
  return context.parseResources(context.loader.readText(entry), context.loader.pathOf(entry))
}

/** An entry of `patchesJson6902`: a target with a name, and the operations as `patch` or in a file. */
export function patchJson6902Transformer(
  fields: PatchFields,
  context: Context,
  place: PatchPlace = inline,
): Transformer {
  const { path = '', patch: jsonOp = '' } = fields
  const { target } = fields
  if (!target?.name) fail('PATCH_INVALID', 'must specify the target name')
  if (path === '' && jsonOp === '') fail('PATCH_INVALID', 'empty file path and empty jsonOp')
  if (path !== '' && jsonOp !== '') fail('PATCH_INVALID', 'must specify a file path or jsonOp, not both')
  const text = path === '' ? jsonOp : context.loader.readText(path)
  const file = path === '' ? place.file : context.loader.pathOf(path)
  if (text === '') fail('PATCH_INVALID', `patch file '${path}' empty seems to be empty`, { at: { file } })
  const operations = readOperations(text, file)
  const patch = during(`decoding ${text}`, () => readJsonPatch(operations))
  if (patch.length === 0) {
    fail('PATCH_INVALID', `patch appears to be empty; file=${path}, JsonOp=${text}`, { at: { file } })
  }
  return jsonPatchTransformer(patch, target, text, false, place)
}

/** A patch that changes nothing is a slip, most often, or the object went away. */
function tellUnmatched(target: SelectorFields, map: ResMap, context: Context, place: PatchPlace): void {
  const { kind = '', name = '' } = target
  const words = Object.entries(target).map(([field, value]) => `${field}: ${value}`)
  const ofKind = map.resources.filter(r => kind === '' || r.kind === kind).map(r => r.name)
  const near =
    nearest(name, ofKind) ??
    (ofKind.length > 0
      ? undefined
      : nearest(
          kind,
          map.resources.map(r => r.kind),
        ))
  const hint = near === undefined ? undefined : `did you mean "${near}"?`
  const message = `a patch changes nothing: no object matches its target (${words.join(', ')})`
  context.unmatched(
    new DecapodError('PATCH_TARGET_MISSING', message, { at: place.at?.() ?? { file: place.file }, hint }),
  )
}

/** `storeIds`: whether the id before is remembered, as `patches` does and `patchesJson6902` does not. */
function jsonPatchTransformer(
  patch: JsonPatch,
  target: SelectorFields | undefined,
  source: string,
  storeIds: boolean,
  place: PatchPlace,
): Transformer {
  return (map, context) => {
    const { showsOrigins, budget } = context
    if (target === undefined) {
      fail('PATCH_INVALID', `must specify a target for JSON patch ${source}`, {
        hint: 'say which objects it is for: target: {kind: Deployment, name: web}',
      })
    }
    const selected = selectResources(map, target)
    budget.steps(selected.length * patchSteps)
    if (selected.length === 0) tellUnmatched(target, map, context, place)
    for (const resource of selected) {
      if (storeIds) resource.storePreviousId()
      showBuildRecord(resource, showsOrigins)
      // On its way through JSON a node that stands in several places becomes several nodes.
      resource.node = applyJsonPatch(cloneNode(resource.node), patch, budget)
      // Whatever the patch did, the record is put back, but not the origins.
      const left = hideBuildRecord(resource)
      if (showsOrigins && !left.origin) resource.origin = undefined
      if (showsOrigins && !left.transformations) resource.transformations = []
      resource.setAnnotations(resource.annotations())
    }
  }
}
