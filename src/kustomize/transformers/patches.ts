/**
 * `patches`, `patchesStrategicMerge` and `patchesJson6902` (api/internal/builtins/Patch*Transformer.go,
 * resource.ApplySmPatch): reading patch texts, finding what they are for, applying them.
 */
import { DecapodError, nearest } from '../../errors.ts'
import { quote } from '../../go/strconv.ts'
import { cloneNode, positionOf, type YamlNode, YamlScalar } from '../../yaml/node.ts'
import { parseNode } from '../../yaml/parse.ts'
import { hideBuildRecord, showBuildRecord } from '../build-annotations.ts'
import type { Context, Transformer } from '../context.ts'
import { during, fail, rephrase } from '../fail.ts'
import type { PatchFields, SelectorFields } from '../kustomization.ts'
import type { OpenApi } from '../openapi.ts'
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
}

/**
 * One entry of `patches`: a strategic merge patch for the objects it names or for all that `target` selects, or a JSON
 * patch for a target. The text is read here; PATCH_INVALID with Kustomize's words where it is neither.
 */
export function patchTransformer(fields: PatchFields, context: Context, place: PatchPlace = inline): Transformer {
  const { path = '', patch: inlineText = '' } = fields
  const patch = trimSpace(inlineText)
  if (patch !== '' && path !== '') fail('PATCH_INVALID', "patch and path can't be set at the same time", onlyOne)
  if (patch === '' && path === '') fail('PATCH_INVALID', 'must specify one of patch and path', onlyOne)
  const text =
    path === '' ? patch : during(`failed to get the patch file from path(${path})`, () => context.loader.readText(path))
  const file = path === '' ? place.file : context.loader.pathOf(path)
  const source = path === '' ? `[patch: ${quote(patch)}]` : `[path: ${quote(path)}]`
  const { target } = fields
  const read = readPatch(text, file, source, context)
  if (read.kind === 'json') return jsonPatchTransformer(read.patch, target, source, true)
  for (const resource of read.patches) {
    resource.allowNameChange = fields.options?.allowNameChange ?? false
    resource.allowKindChange = fields.options?.allowKindChange ?? false
  }
  if (read.patches.length === 0) return () => {}
  return target === undefined
    ? (map, { openapi }) => mergeByIds(map, read.patches, openapi)
    : (map, { openapi }) => mergeIntoSelected(map, read.patches, target, source, openapi)
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
function mergeByIds(map: ResMap, patches: readonly Resource[], openapi: OpenApi): void {
  for (const patch of patches) {
    const id = patch.orgId()
    const target = findTarget(map, patch, `no resource matches strategic merge patch ${quote(id.toString())}: `)
    mergeInto(target, copyOf(patch), openapi)
  }
}

function mergeIntoSelected(
  map: ResMap,
  patches: readonly Resource[],
  target: SelectorFields,
  source: string,
  openapi: OpenApi,
): void {
  if (patches.length > 1) {
    const message = `Multiple Strategic-Merge Patches in one \`patches\` entry is not allowed to set \`patches.target\` field: ${source}`
    fail('PATCH_INVALID', message, { at: positionOf(patches[1]!.node), hint: 'make an entry of patches for each' })
  }
  const patch = patches[0]!
  const prefix = `unable to find patch target ${quote(formatSelector(target))} in \`resources\``
  const selected = during(prefix, () => selectResources(map, target))
  for (const resource of selected) mergeFitted(map, resource, patch, openapi)
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
 * labels and annotations become texts, null included. RESOURCE_CONFLICT where it gives the target another's id.
 */
function mergeFitted(map: ResMap, target: Resource, patch: Resource, openapi: OpenApi): void {
  const fitted = copyOf(patch)
  fitted.setLabels(fitted.labels())
  fitted.setAnnotations(fitted.annotations())
  fitted.setName(fitted.name)
  fitted.setNamespace(fitted.namespace)
  fitted.setApiVersion(apiVersionOf(target.gvk))
  const before = target.curId()
  mergeInto(target, fitted, openapi)
  if (target.isEmpty || target.curId().equals(before)) return
  const same = map.withCurrentId(target.curId())
  if (same.length > 1) {
    fail('RESOURCE_CONFLICT', `may not add resource with an already registered id: ${target.curId()}`, {
      at: positionOf(patch.node),
      hint: 'the patch gives several resources one name',
    })
  }
}

function copyOf(patch: Resource): Resource {
  const copy = new Resource(cloneNode(patch.node), patch.scope)
  copy.allowNameChange = patch.allowNameChange
  copy.allowKindChange = patch.allowKindChange
  return copy
}

/** Merges a patch, which becomes part of it, into a resource; name, namespace and kind stay unless they may change. */
function mergeInto(target: Resource, patch: Resource, openapi: OpenApi): void {
  const { name, namespace, kind } = target
  if (patch.allowNameChange || patch.allowKindChange) target.storePreviousId()
  if (mergePatch(target.node, patch.node, openapi.schemas) === undefined) {
    target.clear()
    return
  }
  if (!patch.allowKindChange) target.setKind(kind)
  if (!patch.allowNameChange) target.setName(name)
  target.setNamespace(namespace)
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
  return (map, { openapi }) => {
    for (const patch of loaded) mergeFitted(map, findTarget(map, patch, ''), patch, openapi)
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
  return jsonPatchTransformer(patch, target, text, false)
}

/** `storeIds`: whether the id before is remembered, as `patches` does and `patchesJson6902` does not. */
function jsonPatchTransformer(
  patch: JsonPatch,
  target: SelectorFields | undefined,
  source: string,
  storeIds: boolean,
): Transformer {
  return map => {
    if (target === undefined) {
      fail('PATCH_INVALID', `must specify a target for JSON patch ${source}`, {
        hint: 'say which objects it is for: target: {kind: Deployment, name: web}',
      })
    }
    for (const resource of selectResources(map, target)) {
      if (storeIds) resource.storePreviousId()
      showBuildRecord(resource)
      resource.node = applyJsonPatch(resource.node, patch)
      // Whatever the patch made of it, the record stays.
      hideBuildRecord(resource)
      resource.setAnnotations(resource.annotations())
    }
  }
}
