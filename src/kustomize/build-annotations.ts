/**
 * The annotations Kustomize keeps its own records in while it builds (api/internal/utils/annotations.go). Here they are
 * fields of Resource; this file takes them from objects that bring them along (the output of functions, or of a
 * Kustomize that was asked to keep them), shows them to patches that can tell whether they are there, and knows which go
 * in the end.
 */
import { stringScalar, YamlMap } from '../yaml/node.ts'
import { formatOrigin, formatTransformations } from './origin.ts'
import { ResId } from './resid.ts'
import type { Behavior, Resource } from './resource.ts'

const domain = 'internal.config.kubernetes.io/'

/** Annotations that never reach the output. */
export const buildAnnotations: ReadonlySet<string> = new Set([
  ...[
    'previousKinds',
    'previousNames',
    'prefixes',
    'suffixes',
    'previousNamespaces',
    'allowNameChange',
    'allowKindChange',
    'refBy',
    'generatorBehavior',
    'needsHashSuffix',
    'helm-generated',
    'path',
    'index',
    'seqindent',
    'id',
    'annotations-migration-resource-id',
  ].map(name => domain + name),
  'config.kubernetes.io/path',
  'config.kubernetes.io/index',
  'config.k8s.io/id',
])

/** Where an object came from, and what touched it, when buildMetadata asks for it. */
export const originAnnotation = 'config.kubernetes.io/origin'
export const transformationsAnnotation = 'alpha.config.kubernetes.io/transformations'
/** Objects that serve the build only. */
export const localConfigAnnotation = 'config.kubernetes.io/local-config'

/** Moves the records of a resource out of its annotations, if it brought any. */
export function takeBuildRecord(resource: Resource): void {
  const metadata = resource.node.get('metadata')
  const annotations = metadata?.kind === 'map' ? metadata.get('annotations') : undefined
  if (annotations?.kind !== 'map') return
  if (!annotations.pairs.some(({ key }) => key.kind === 'scalar' && key.value.startsWith(domain))) return
  const all = resource.annotations()
  const take = (name: string): string | undefined => {
    const value = all.get(domain + name)
    if (value !== undefined) annotations.delete(domain + name)
    return value
  }
  const list = (name: string): string[] => take(name)?.split(',') ?? []
  const [names, namespaces, kinds] = [list('previousNames'), list('previousNamespaces'), list('previousKinds')]
  for (const [i, name] of names.entries()) resource.pushPreviousId(kinds[i] ?? '', name, namespaces[i] ?? '')
  resource.prefixes.push(...list('prefixes'))
  resource.suffixes.push(...list('suffixes'))
  resource.refBy.push(...list('refBy').map(parseId))
  const behavior = take('generatorBehavior')
  resource.behavior = toBehavior(behavior)
  resource.isGenerated = behavior !== undefined
  resource.needsHashSuffix = take('needsHashSuffix') === 'enabled'
  resource.allowNameChange = take('allowNameChange') === 'enabled'
  resource.allowKindChange = take('allowKindChange') === 'enabled'
  resource.helmGenerated = take('helm-generated') === 'true'
  if (annotations.pairs.length === 0 && metadata?.kind === 'map') metadata.delete('annotations')
}

/**
 * Writes the records of a resource into its annotations, where Kustomize has them all along: a patch can tell. It may
 * add to metadata.annotations of an object whose file has none, copy them, or take all of them away. With `origins`
 * where it came from and what touched it are there, too. `hideBuildRecord` takes them out again.
 */
export function showBuildRecord(resource: Resource, origins = false): void {
  const shown = [...recordTexts(resource), ...(origins ? originTexts(resource) : [])].filter(([, text]) => text !== '')
  if (shown.length === 0) return
  const metadata = resource.metadata()
  const there = metadata.get('annotations')
  const annotations = there?.kind === 'map' ? there : new YamlMap()
  if (annotations !== there) metadata.set('annotations', annotations)
  for (const [name, text] of shown) annotations.set(name, stringScalar(text))
}

function recordTexts(resource: Resource): [name: string, text: string][] {
  if (!resource.hasBuildRecord) return []
  const previous = resource.prevIds()
  const texts = {
    allowKindChange: resource.allowKindChange ? 'enabled' : '',
    allowNameChange: resource.allowNameChange ? 'enabled' : '',
    generatorBehavior: resource.isGenerated ? resource.behavior : '',
    'helm-generated': resource.helmGenerated ? 'true' : '',
    needsHashSuffix: resource.needsHashSuffix ? 'enabled' : '',
    prefixes: resource.prefixes.join(','),
    previousKinds: previous.map(id => id.kind).join(','),
    previousNames: previous.map(id => id.name).join(','),
    previousNamespaces: previous.map(id => id.effectiveNamespace).join(','),
    refBy: resource.refBy.join(','),
    suffixes: resource.suffixes.join(','),
  }
  return Object.entries(texts).map(([name, text]) => [domain + name, text])
}

function originTexts({ origin, transformations }: Resource): [name: string, text: string][] {
  return [
    [originAnnotation, origin === undefined ? '' : formatOrigin(origin)],
    [transformationsAnnotation, formatTransformations(transformations)],
  ]
}

/** Which records are still there. */
export interface BuildRecordLeft {
  readonly record: boolean
  readonly origin: boolean
  readonly transformations: boolean
}

/** Takes what `showBuildRecord` wrote out of metadata.annotations and says what a patch has left of it. */
export function hideBuildRecord(resource: Resource): BuildRecordLeft {
  const left = { record: false, origin: false, transformations: false }
  const metadata = resource.node.get('metadata')
  const annotations = metadata?.kind === 'map' ? metadata.get('annotations') : undefined
  if (annotations?.kind !== 'map') return left
  annotations.pairs = annotations.pairs.filter(({ key }) => {
    const name = key.kind === 'scalar' ? key.value : ''
    if (name === originAnnotation) left.origin = true
    else if (name === transformationsAnnotation) left.transformations = true
    else if (buildAnnotations.has(name)) left.record = true
    else return true
    return false
  })
  return left
}

/** A generator's `behavior`; anything unknown is unspecified. */
export function toBehavior(text: string | undefined): Behavior {
  return text === 'create' || text === 'replace' || text === 'merge' ? text : 'unspecified'
}

/** Reads `Kind.version.group/name.namespace` back. */
function parseId(text: string): ResId {
  const slash = text.indexOf('/')
  const [kind = '', version = '', ...group] = text.slice(0, slash).split('.')
  const names = text.slice(slash + 1).split('.')
  const given = (part: string, none: string): string => (part === none ? '' : part)
  return new ResId(
    { kind: given(kind, '[noKind]'), version: given(version, '[noVer]'), group: given(group.join('.'), '[noGrp]') },
    given(names.slice(0, -1).join('.'), '[noName]'),
    given(names.at(-1) ?? '', '[noNs]'),
  )
}
