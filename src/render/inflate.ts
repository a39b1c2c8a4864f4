/** Inflation: a release becomes the objects of its chart, a Flux Kustomization those of its directory. */

import { DecapodError, DecapodErrors, type Position } from '../errors.ts'
import type { GoDict } from '../go/value.ts'
import type { Chart } from '../helm/chart.ts'
import {
  type CustomResourceFile,
  chartCrds,
  type RenderOptions as HelmOptions,
  type RenderedChart,
} from '../helm/render.ts'
import { type BuildResult, buildKustomization } from '../kustomize/build.ts'
import type { KustomizationApp, Release } from '../site/releases.ts'
import type { Composition } from '../site/values.ts'
import { type FileTree, joinPath, memoryTree, mountTree } from '../tree.ts'
import { positionOf, stringScalar, YamlMap, type YamlNode, YamlScalar, YamlSeq } from '../yaml/node.ts'
import { parseDocuments } from '../yaml/parse.ts'
import { stringifyNode } from '../yaml/stringify.ts'
import { toValue } from '../yaml/values.ts'
import type { KustomizePorts } from './compose.ts'
import { errorsIn, type PlainError, plainError, withoutJourney } from './errors.ts'
import { formatObject, isCrd, type OutputObject } from './output.ts'
import { type LastRender, renderStably } from './stable.ts'

export interface Inflated {
  readonly objects: readonly OutputObject[]
  /** What goes to the group's CRD directory. */
  readonly crds: readonly OutputObject[]
  /** Helm's warnings about the chart and its values, as text; and those that have a place of their own. */
  readonly warnings: readonly (string | PlainError)[]
}

export interface InflateOptions {
  readonly kubeVersion: string | undefined
  readonly apiVersions: readonly string[]
  readonly semantics: 3 | 4
  readonly ports: NonNullable<HelmOptions['ports']>
  /** CRDs that templates make go to the group's CRD directory too. */
  readonly moveTemplatedCrds: boolean
  /** The app's files as they were: random values and times are kept. */
  readonly last?: LastRender | undefined
  /** The objects of the files of crds/; by default they are parsed. */
  readonly crds?: ((files: readonly CustomResourceFile[]) => readonly OutputObject[]) | undefined
}

/**
 * The objects of a release, after its post-renderers and the site's own component. Throws DecapodError as renderChart does,
 * and MANIFEST_INVALID for a document that is no object.
 */
export function inflateRelease(
  release: Release,
  chart: Chart,
  options: InflateOptions,
  component?: AppComponent,
): Inflated {
  const helm = helmOptions(release, options)
  const { crds: crdsOf = parseCrds } = options
  // The original copied crds/ of such a release: what its templates need is no business of it.
  if (release.crdsOnly) {
    const { crds: files, warnings: said } = chartCrds(chart, helm)
    return { objects: [], crds: crdsOf(files), warnings: said }
  }
  const rendered = renderStably(chart, helm, options.last)
  const crds = crdsOf(rendered.crds)
  const unmatched: DecapodError[] = []
  let objects = objectsOf(rendered)
  for (const fields of release.postRenderers) {
    const at = positionOf(fields) ?? release.at
    objects = throughKustomize(objects, fields, `the post-renderer of ${release.app}`, at, unmatched)
  }
  if (component !== undefined) {
    const fields = new YamlMap()
    fields.set('components', new YamlSeq([stringScalar(`..${component.dir}`)]))
    const at = { file: component.label }
    objects = throughKustomize(objects, fields, component.label, at, unmatched, component.tree)
  }
  const warnings = [...rendered.warnings, ...unmatched.map(plainError)]
  if (!options.moveTemplatedCrds) return { objects, crds, warnings }
  return {
    objects: objects.filter(object => !isCrd(object.node)),
    crds: [...crds, ...objects.filter(object => isCrd(object.node))],
    warnings,
  }
}

/** The objects of files of crds/. Throws as parseObjects does. */
export function parseCrds(files: readonly CustomResourceFile[]): OutputObject[] {
  return files.flatMap(file => parseObjects(file.text, file.path))
}

/** What Helm is told of a release. */
export function helmOptions(release: Release, options: InflateOptions): HelmOptions {
  return {
    name: release.name,
    namespace: release.namespace,
    values: valuesOf(release),
    apiVersions: options.apiVersions,
    semantics: options.semantics,
    ports: options.ports,
    ...(options.kubeVersion === undefined ? {} : { kubeVersion: options.kubeVersion }),
  }
}

/** A release's merged values as Helm takes them; plain `yes` is text, as in Kustomize's YAML. */
export function valuesOf(release: Release): GoDict {
  const value = release.values === undefined ? undefined : toValue(withTextKeys(release.values), 'v3')
  return value instanceof Map ? (value as GoDict) : new Map()
}

/** Helm reads values as JSON, whose keys are text: `8080: x` is `"8080": x`. What has such keys is copied. */
function withTextKeys<T extends YamlNode>(node: T): T
function withTextKeys(node: YamlNode): YamlNode {
  if (node.kind === 'scalar') return node
  if (node.kind === 'seq') {
    const items = node.items.map(item => withTextKeys(item))
    return items.every((item, i) => item === node.items[i]) ? node : new YamlSeq(items, node.source, node.offset)
  }
  const pairs = node.pairs.map(pair => {
    const value = withTextKeys(pair.value)
    const { key } = pair
    if (
      key.kind !== 'scalar' ||
      key.tag !== undefined ||
      key.style !== 'plain' ||
      !/^([-+.\d~]|$|true$|false$|null$)/i.test(key.value)
    ) {
      return value === pair.value ? pair : { key, value }
    }
    return { key: new YamlScalar(key.value, 'plain', '!!str', key.source, key.offset), value }
  })
  return pairs.every((pair, i) => pair === node.pairs[i]) ? node : new YamlMap(pairs, node.source, node.offset)
}

/** Manifests, then hooks: the order `helm template` prints. A text lacks the line break that ends its last block. */
function objectsOf(rendered: RenderedChart): OutputObject[] {
  return [...rendered.manifests, ...rendered.hooks].flatMap(({ text, path }) => parseObjects(`${text}\n`, path))
}

/** The objects of a text of YAML; documents without content are none. */
export function parseObjects(text: string, file: string): OutputObject[] {
  const documents = parseDocuments(text, { file }).map(document => document.root)
  const objects: OutputObject[] = []
  for (const node of documents) {
    if (node.kind === 'scalar' && node.value === '' && node.style === 'plain') continue
    if (node.kind !== 'map') {
      throw new DecapodError('MANIFEST_INVALID', `a document of ${file} is not an object`, { at: { file } })
    }
    if (node.pairs.length === 0) continue
    objects.push({ node, text: documents.length === 1 ? text : undefined, origin: file, at: { file } })
  }
  return objects
}

const inflatedName = 'inflated.yaml'
/** Where kustomizations of our own making stand in a tree. */
const madeDir = '/.decapod-render'

/** A site's own changes to an app's objects: a Kustomize component in a directory of the site's group. */
export interface AppComponent {
  readonly tree: FileTree
  readonly dir: string
  /** The path a person knows. */
  readonly label: string
}

/** Objects through a kustomization of the given fields, written at `at`; directories it names are looked up in `tree`. */
function throughKustomize(
  objects: readonly OutputObject[],
  fields: YamlMap,
  origin: string,
  at: Position | undefined,
  unmatched: DecapodError[],
  tree: FileTree = memoryTree({}),
): OutputObject[] {
  const kustomization = new YamlMap([...fields.pairs], fields.source, fields.offset)
  kustomization.set('resources', new YamlSeq([stringScalar(inflatedName)]))
  const files = memoryTree({
    [`${madeDir}/kustomization.yaml`]: kustomizationText(kustomization),
    [`${madeDir}/${inflatedName}`]: objects.map(object => formatObject(object.node)).join('---\n'),
  })
  const built = buildMade(mountTree(tree, '/', files), {}, at)
  unmatched.push(...built.unmatched.map(error => withoutJourney(error, at, madeDir)))
  return [...built.resources].map(resource => ({ node: resource.node, text: undefined, origin, at: undefined }))
}

/** Builds the kustomization of our own making; what is wrong with it is wrong at `at`. */
function buildMade(tree: FileTree, ports: KustomizePorts, at: Position | undefined): BuildResult {
  try {
    return buildKustomization(tree, madeDir, ports)
  } catch (thrown) {
    throw new DecapodErrors(errorsIn(thrown).map(error => withoutJourney(error, at, madeDir)))
  }
}

function kustomizationText(node: YamlMap): string {
  return stringifyNode(node, { dialect: 'v3', sortKeys: false, width: Number.POSITIVE_INFINITY })
}

/** The objects of a Flux Kustomization: its directory built with its own fields on top. */
export function inflateKustomization(
  app: KustomizationApp,
  composition: Composition,
  groupDir: string,
  ports: KustomizePorts = {},
): OutputObject[] {
  const path = joinPath(groupDir, `./${app.path}`)
  const { at } = app
  if (composition.tree.kind(path) !== 'dir') {
    throw new DecapodError('FILE_NOT_FOUND', `"${app.app}" has the path ${app.path}, and there is no such directory`, {
      at,
    })
  }
  const fields = new YamlMap([...app.fields.pairs])
  // Flux: components are relative to spec.path.
  const components = fields.get('components')
  if (components?.kind === 'seq')
    fields.set('components', new YamlSeq(components.items.map(item => belowPath(item, path))))
  fields.set('resources', new YamlSeq([stringScalar(`..${path}`)]))
  if (app.targetNamespace !== undefined) fields.set('namespace', stringScalar(app.targetNamespace))
  const made = memoryTree({ [`${madeDir}/kustomization.yaml`]: kustomizationText(fields) })
  const built = buildMade(mountTree(composition.tree, '/', made), ports, at)
  const origin = composition.fileOf(path)
  return [...built.resources].map(resource => ({ node: resource.node, text: undefined, origin, at }))
}

/** A directory written relative to `path`, as it is written from the kustomization of our own making. */
function belowPath(item: YamlNode, path: string): YamlNode {
  if (item.kind !== 'scalar' || /^[a-z]+:\/\//i.test(item.value)) return item
  return new YamlScalar(`..${joinPath(path, `./${item.value}`)}`, 'plain', '!!str', item.source, item.offset)
}
