/**
 * The project's settings (decapod.yaml), a site's (site.yaml) and a group's (group.yaml): their fields, defaults and
 * checks. Every field has a default, so every one of these files may be absent.
 */

import merge from 'lodash.merge'
import { DecapodError, type Position } from '../errors.ts'
import { valuesContext } from '../values/context.ts'
import { dropDuplicates } from '../values/document.ts'
import { defaultMarkers, type PlaceholderMode } from '../values/placeholders.ts'
import { isNull, positionOf, YamlMap, type YamlNode, YamlScalar, YamlSeq } from '../yaml/node.ts'
import { parseDocuments } from '../yaml/parse.ts'
import {
  boolean,
  list,
  nodes,
  number,
  object,
  oneOf,
  readFields,
  record,
  type Shape,
  text,
  textRecord,
  texts,
} from './fields.ts'

/** How and where rendered objects are delivered; decapod.yaml gives defaults, site.yaml overrides field by field. */
export interface DeliverySettings {
  /** The repository Argo CD reads; without one no Argo CD objects are written. */
  readonly repoURL?: string
  readonly revision?: string
  /** The site's directory in that repository; `<out>/<site>` by default. */
  readonly path?: string
  /** Put before Application names (a cluster id, mostly). */
  readonly prefix?: string
  readonly adminCluster?: string
  readonly argoNamespace?: string
  readonly images?: { readonly decapod?: string }
  readonly cascade?: boolean
  readonly selfHeal?: boolean
  /** What one commit may delete of a site: `12`, `20%` or `all`; and the kinds it may delete only when told so. */
  readonly deletions?: { readonly budget?: string; readonly protected?: readonly string[] }
}

export interface Config {
  /** Directories, relative to decapod.yaml. */
  readonly base: string
  readonly sites: string
  readonly out: string
  readonly vendor: string
  readonly workflows: string
  /** Where charts lie that are not fetched; as --charts. */
  readonly charts?: string
  readonly kubeVersion?: string
  readonly apiVersions?: readonly string[]
  /** Which Helm's behaviour where 3 and 4 differ. */
  readonly semantics: '3' | '4'
  readonly format: 'canonical' | 'verbatim'
  /**
   * Which CRDs go to `<group>-CRD`: all but those that a chart's templates make (they may depend on the release, and
   * Helm installs them with it), or all.
   */
  readonly crds: 'untemplated' | 'all'
  readonly placeholders: { readonly mode: PlaceholderMode; readonly markers: readonly string[] }
  readonly delivery: DeliverySettings
  /** The order in which the sites of a fleet are updated; see argo/application-set.ts. */
  readonly fleet?: { readonly name?: string; readonly label?: string; readonly rings?: readonly string[] }
  /** Sources and registries, and where they are mirrored, for every site; as in site.yaml. */
  readonly mirrors: Readonly<Record<string, string>>
  /** What texts that look like images are; shell patterns. See bundle/images.ts. */
  readonly images: { readonly confirm: readonly string[]; readonly refuse: readonly string[] }
  readonly validate: ValidateSettings
}

/** The rules of src/validate, which this layer does not know otherwise; a test holds the two together. */
export const ruleNames: readonly string[] = [
  'api-version',
  'schema',
  'unknown-field',
  'name',
  'duplicate',
  'selector',
  'deprecated-api',
  'reference',
  'selects-nothing',
  'namespace',
  'plain-secret',
  'image-tag',
  'placeholder',
  'limits',
]

/** How bad what a rule of `decapod validate` finds is, and what is exempt; see validate/policy.ts. */
export interface ValidateSettings {
  readonly rules: Readonly<Record<string, 'error' | 'warning' | 'off'>>
  readonly exempt: readonly {
    readonly rule?: string
    readonly objects: string
    readonly site?: string
    readonly reason: string
  }[]
}

export interface SiteSettings {
  readonly labels: Readonly<Record<string, string>>
  /** The cluster's name in Argo CD; the site's name by default. */
  readonly cluster?: string
  readonly kubeVersion?: string
  readonly apiVersions?: readonly string[]
  readonly delivery: DeliverySettings
  /** Where the site finds what it fetches, and the images it runs; goes before decapod.yaml's, line by line. */
  readonly mirrors: Readonly<Record<string, string>>
  /** The site reaches nothing but its mirrors: an image that none of them has is an error. */
  readonly airgapped: boolean
  /** Images are named by the digests that decapod.lock has for them. */
  readonly pinDigests: boolean
  /** Directories below sites/ whose `<group>/site-values.yaml` apply before the site's own, in this order. */
  readonly layers: readonly string[]
  /** Overlays of the base (`<group>/<overlay>/<overlay>-values.yaml`) that apply after the site's own. */
  readonly overlays: readonly string[]
  /** Values of `$(name)` for every group. */
  readonly variables: ReadonlyMap<string, YamlNode>
}

/** What group.yaml says of one app: how it is delivered. See argo/model.ts for the meaning of each field. */
export interface AppSettings {
  readonly dependsOn?: readonly string[]
  readonly wave?: number
  readonly target?: 'workload' | 'admin'
  readonly when?: Readonly<Record<string, string>>
  readonly namespace?: string
  readonly namespaceLabels?: Readonly<Record<string, string>>
  readonly syncOptions?: readonly string[]
  readonly ignoreDifferences?: readonly IgnoreDifference[]
  readonly annotations?: Readonly<Record<string, string>>
  readonly customResources?: readonly string[]
}

export interface IgnoreDifference {
  readonly group?: string
  readonly kind: string
  readonly name?: string
  readonly jsonPointers?: readonly string[]
  readonly jqPathExpressions?: readonly string[]
}

export interface StepSettings {
  readonly name: string
  readonly dependsOn?: readonly string[]
  readonly when?: Readonly<Record<string, string>>
  readonly templateRef: { readonly name: string; readonly template: string }
  readonly parameters?: Readonly<Record<string, string>>
}

export interface SyncWindowSettings {
  readonly kind: 'allow' | 'deny'
  readonly schedule: string
  readonly duration: string
  readonly timeZone?: string
  readonly manualSync?: boolean
}

export interface GroupSettings {
  readonly project?: string
  readonly dependsOn?: readonly string[]
  readonly target?: 'workload' | 'admin'
  readonly when?: Readonly<Record<string, string>>
  readonly crds?: {
    readonly apply?: 'ServerSideApply' | 'Replace'
    readonly target?: 'workload' | 'admin'
    readonly dependsOn?: readonly string[]
  }
  readonly apps: Readonly<Record<string, AppSettings>>
  readonly steps: readonly StepSettings[]
  readonly syncWindows: readonly SyncWindowSettings[]
}

const directory: Shape = { type: 'text', pattern: /^[^\0]+$/, means: 'a directory' }
/** A version as Helm takes it: 1.31, 1.31.0, v1.31.0, 1.31.0-eks. */
export const kubeVersionPattern: RegExp = /^v?\d+(\.\d+){1,2}([-+][0-9A-Za-z.+-]+)?$/
const kubeVersion: Shape = {
  type: 'text',
  pattern: kubeVersionPattern,
  means: 'a Kubernetes version such as 1.31.0',
}
const target = oneOf('workload', 'admin')
const budget: Shape = {
  type: 'text',
  pattern: /^(all|\d{1,9}|(100|\d{1,2})%)$/,
  means: 'a number, a percentage or all',
}

const delivery = object({
  repoURL: text,
  revision: text,
  path: text,
  prefix: text,
  adminCluster: text,
  argoNamespace: text,
  images: object({ decapod: text }),
  cascade: boolean,
  selfHeal: boolean,
  deletions: object({ budget, protected: texts }),
})

const configShape = object({
  base: directory,
  sites: directory,
  out: directory,
  vendor: directory,
  workflows: directory,
  charts: directory,
  kubeVersion,
  apiVersions: texts,
  semantics: oneOf('3', '4'),
  format: oneOf('canonical', 'verbatim'),
  crds: oneOf('untemplated', 'all'),
  placeholders: object({ mode: oneOf('error', 'warn', 'off'), markers: texts }),
  delivery,
  fleet: object({ name: text, label: text, rings: texts }),
  mirrors: textRecord,
  images: object({ confirm: texts, refuse: texts }),
  validate: object({
    rules: object(Object.fromEntries(ruleNames.map(name => [name, oneOf('error', 'warning', 'off')]))),
    exempt: list(object({ rule: oneOf(...ruleNames), objects: text, site: text, reason: text }, ['objects', 'reason'])),
  }),
})

const siteShape = object({
  labels: textRecord,
  cluster: text,
  kubeVersion,
  apiVersions: texts,
  delivery,
  mirrors: textRecord,
  airgapped: boolean,
  pinDigests: boolean,
  layers: texts,
  overlays: texts,
  variables: nodes,
})

const appShape = object({
  dependsOn: texts,
  wave: number,
  target,
  when: textRecord,
  namespace: text,
  namespaceLabels: textRecord,
  syncOptions: texts,
  ignoreDifferences: list(
    object({ group: text, kind: text, name: text, jsonPointers: texts, jqPathExpressions: texts }, ['kind']),
  ),
  annotations: textRecord,
  customResources: texts,
})

const groupShape = object({
  project: text,
  dependsOn: texts,
  target,
  when: textRecord,
  crds: object({ apply: oneOf('ServerSideApply', 'Replace'), target, dependsOn: texts }),
  apps: record(appShape),
  steps: list(
    object(
      {
        name: text,
        dependsOn: texts,
        when: textRecord,
        templateRef: object({ name: text, template: text }, ['name', 'template']),
        parameters: textRecord,
      },
      ['name', 'templateRef'],
    ),
  ),
  syncWindows: list(
    object({ kind: oneOf('allow', 'deny'), schedule: text, duration: text, timeZone: text, manualSync: boolean }, [
      'kind',
      'schedule',
      'duration',
    ]),
  ),
})

const configDefaults: Config = {
  base: 'base',
  sites: 'sites',
  out: 'rendered',
  vendor: 'vendor',
  workflows: 'workflows',
  semantics: '3',
  format: 'canonical',
  crds: 'untemplated',
  placeholders: { mode: 'error', markers: defaultMarkers },
  delivery: { revision: 'main' },
  mirrors: {},
  images: { confirm: [], refuse: [] },
  validate: { rules: {}, exempt: [] },
}

const siteDefaults: SiteSettings = {
  labels: {},
  delivery: {},
  mirrors: {},
  airgapped: false,
  pinDigests: false,
  layers: [],
  overlays: [],
  variables: new Map(),
}

const groupDefaults: GroupSettings = { apps: {}, steps: [], syncWindows: [] }

/** A settings file as read: the settings, and the node, whose places errors name. */
export interface Settings<T> {
  readonly settings: T
  readonly node: YamlMap | undefined
}

/** Reads decapod.yaml; `content` is undefined where there is none. Errors are gathered. */
export function parseConfig(content: string | undefined, file: string, errors: DecapodError[]): Settings<Config> {
  return readSettings(content, file, 'decapod.yaml', configShape, configDefaults, errors)
}

/** Reads a site.yaml. */
export function parseSite(content: string | undefined, file: string, errors: DecapodError[]): Settings<SiteSettings> {
  const read = readSettings(content, file, 'site.yaml', siteShape, siteDefaults, errors)
  return { node: read.node, settings: { ...read.settings, variables: readVariables(read.node, errors) } }
}

/** Reads a group.yaml. */
export function parseGroup(content: string | undefined, file: string, errors: DecapodError[]): Settings<GroupSettings> {
  return readSettings(content, file, 'group.yaml', groupShape, groupDefaults, errors)
}

function readSettings<T extends object>(
  content: string | undefined,
  file: string,
  name: string,
  shape: Shape,
  defaults: T,
  errors: DecapodError[],
): Settings<T> {
  const node = content === undefined ? undefined : singleMap(content, file, name, errors)
  const given = node === undefined ? {} : (readFields(node, shape, name, errors) as object)
  return { settings: withLists(merge({}, defaults, given) as Fields, given as Fields) as T, node }
}

type Fields = Record<string, unknown>

/** lodash.merge merges lists item by item; a list that is given stands for itself. */
function withLists(merged: Fields, given: Fields): Fields {
  for (const [name, value] of Object.entries(given)) {
    if (Array.isArray(value)) merged[name] = value
    else if (typeof value === 'object' && value !== null && Object.hasOwn(merged, name) && !isNode(value)) {
      withLists(merged[name] as Fields, value as Fields)
    }
  }
  return merged
}

/** Variables stay YAML nodes. */
function isNode(value: object): boolean {
  return value instanceof YamlMap || value instanceof YamlSeq || value instanceof YamlScalar
}

function singleMap(content: string, file: string, name: string, errors: DecapodError[]): YamlMap | undefined {
  let documents: YamlNode[]
  try {
    documents = parseDocuments(content, { file, dialect: 'v3' }).map(document => document.root)
  } catch (error) {
    if (!(error instanceof DecapodError)) throw error
    errors.push(error)
    return undefined
  }
  const [first, second] = documents.filter(document => !isNull(document))
  if (first === undefined) return undefined
  if (second !== undefined || first.kind !== 'map') {
    errors.push(
      new DecapodError('CONFIG_INVALID', `${name} must be one map`, { at: positionOf(second ?? first) ?? { file } }),
    )
    return first.kind === 'map' ? first : undefined
  }
  return first
}

function readVariables(node: YamlMap | undefined, errors: DecapodError[]): Map<string, YamlNode> {
  const variables = new Map<string, YamlNode>()
  const given = node?.get('variables')
  if (given === undefined || isNull(given)) return variables
  if (given.kind !== 'map') {
    errors.push(new DecapodError('CONFIG_INVALID', 'variables of site.yaml must be a map', { at: positionOf(given) }))
    return variables
  }
  const context = valuesContext()
  dropDuplicates(given, context)
  errors.push(...context.errors, ...context.warnings)
  for (const { key, value } of given.pairs) if (key.kind === 'scalar') variables.set(key.value, value)
  return variables
}

/** The place of a field of a settings file, for messages; the file where it is not known better. */
export function placeOfField(node: YamlMap | undefined, ...path: readonly (string | number)[]): Position | undefined {
  let at: YamlNode | undefined = node
  for (const part of path) {
    const next: YamlNode | undefined =
      at?.kind === 'map' && typeof part === 'string'
        ? at.get(part)
        : at?.kind === 'seq'
          ? at.items[Number(part)]
          : undefined
    if (next === undefined) break
    at = next
  }
  return at === undefined ? undefined : positionOf(at)
}
