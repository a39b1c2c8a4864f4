/** The kustomization file: its fields, how it is read, and what becomes of deprecated fields (api/types). */
import { decodeJson, type Json } from './decode.ts'
import { kustomizationType } from './kustomization-fields.ts'

/** Which fields of which kinds; empty group, version and kind match any. */
export interface FieldSpecFields {
  group?: string
  version?: string
  kind?: string
  path?: string
  create?: boolean
}

export interface SelectorFields {
  group?: string
  version?: string
  kind?: string
  name?: string
  namespace?: string
  annotationSelector?: string
  labelSelector?: string
}

export interface PatchOptions {
  allowNameChange?: boolean
  allowKindChange?: boolean
}

/** An entry of `patches` or `patchesJson6902`. */
export interface PatchFields {
  path?: string
  patch?: string
  target?: SelectorFields
  options?: PatchOptions
}

export interface ImageFields {
  name?: string
  newName?: string
  tagSuffix?: string
  newTag?: string
  digest?: string
}

export interface ReplicaFields {
  name?: string
  count?: bigint
}

export interface LabelFields {
  pairs?: Map<string, string>
  includeSelectors?: boolean
  includeTemplates?: boolean
  includeVolumeClaimTemplates?: boolean
  fields?: FieldSpecFields[]
}

export interface GeneratorOptions {
  labels?: Map<string, string>
  annotations?: Map<string, string>
  disableNameSuffixHash?: boolean
  immutable?: boolean
}

export interface ConfigMapArgs {
  namespace?: string
  name?: string
  behavior?: string
  literals?: string[]
  files?: string[]
  envs?: string[]
  env?: string
  options?: GeneratorOptions
}

export interface SecretArgs extends ConfigMapArgs {
  type?: string
}

export interface HelmGlobals {
  chartHome?: string
  configHome?: string
}

export interface HelmChart {
  name?: string
  version?: string
  repo?: string
  releaseName?: string
  namespace?: string
  additionalValuesFiles?: string[]
  valuesFile?: string
  valuesInline?: Map<string, Json>
  valuesMerge?: string
  includeCRDs?: boolean
  skipHooks?: boolean
  apiVersions?: string[]
  kubeVersion?: string
  nameTemplate?: string
  skipTests?: boolean
  debug?: boolean
  devel?: boolean
}

/** An entry of the deprecated helmChartInflationGenerator. */
export interface HelmChartArgs {
  chartName?: string
  chartVersion?: string
  chartRepoUrl?: string
  chartHome?: string
  chartRepoName?: string
  helmBin?: string
  helmHome?: string
  values?: string
  valuesLocal?: Map<string, Json>
  valuesMerge?: string
  releaseName?: string
  releaseNamespace?: string
  extraArgs?: string[]
}

export interface FieldOptions {
  delimiter?: string
  index?: bigint
  encoding?: string
  create?: boolean
}

export interface SourceSelector {
  group?: string
  version?: string
  kind?: string
  name?: string
  namespace?: string
  fieldPath?: string
  options?: FieldOptions
}

export interface TargetSelector {
  select?: SelectorFields
  reject?: SelectorFields[]
  fieldPaths?: string[]
  options?: FieldOptions
}

/** One replacement, as a file of `path:` holds it. */
export interface Replacement {
  source?: SourceSelector
  targets?: TargetSelector[]
  sourceValue?: string
}

/** An entry of `replacements`: inline, or the path of a file. */
export interface ReplacementField extends Replacement {
  path?: string
}

export interface VarFields {
  name?: string
  objref?: { apiVersion?: string; group?: string; version?: string; kind?: string; name?: string; namespace?: string }
  fieldref?: { fieldPath?: string }
}

export interface SortOptions {
  order?: string
  legacySortOptions?: { orderFirst?: string[]; orderLast?: string[] }
}

export interface ObjectMeta {
  name?: string
  namespace?: string
  labels?: Map<string, string>
  annotations?: Map<string, string>
}

/** A kustomization file as read: deprecated fields are still in it until `fixKustomization`. */
export interface Kustomization {
  kind?: string
  apiVersion?: string
  metadata?: ObjectMeta
  openapi?: Map<string, string>
  namePrefix?: string
  nameSuffix?: string
  namespace?: string
  commonLabels?: Map<string, string>
  labels?: LabelFields[]
  commonAnnotations?: Map<string, string>
  patchesStrategicMerge?: string[]
  patchesJson6902?: PatchFields[]
  patches?: PatchFields[]
  images?: ImageFields[]
  imageTags?: ImageFields[]
  replacements?: ReplacementField[]
  replicas?: ReplicaFields[]
  vars?: VarFields[]
  sortOptions?: SortOptions
  resources?: string[]
  components?: string[]
  crds?: string[]
  bases?: string[]
  configMapGenerator?: ConfigMapArgs[]
  secretGenerator?: SecretArgs[]
  helmGlobals?: HelmGlobals
  helmCharts?: HelmChart[]
  helmChartInflationGenerator?: HelmChartArgs[]
  generatorOptions?: GeneratorOptions
  configurations?: string[]
  generators?: string[]
  transformers?: string[]
  validators?: string[]
  buildMetadata?: string[]
}

/** The names a kustomization file may have. */
export const kustomizationNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'] as const

/** Decodes a kustomization file's data; throws DecodeError with encoding/json's words. */
export function decodeKustomization(data: Json): Kustomization {
  return decodeJson(data, kustomizationType, { strict: true, coerce: false }) ?? {}
}

const fix = "Run 'kustomize edit fix' to update your Kustomization automatically."

/** The lines Kustomize prints on stderr for deprecated fields that are set (CheckDeprecatedFields). */
export function deprecationWarnings(k: Kustomization): string[] {
  const warn = (field: string, instead: string, how = fix): string =>
    `# Warning: '${field}' is deprecated. Please use '${instead}' instead. ${how}`
  const lines: string[] = []
  if (k.bases !== undefined) lines.push(warn('bases', 'resources'))
  if (k.commonLabels !== undefined) lines.push(warn('commonLabels', 'labels'))
  if (k.imageTags !== undefined) lines.push(warn('imageTags', 'images'))
  if (k.patchesJson6902 !== undefined) lines.push(warn('patchesJson6902', 'patches'))
  if (k.patchesStrategicMerge !== undefined) lines.push(warn('patchesStrategicMerge', 'patches'))
  if (k.vars !== undefined) lines.push(warn('vars', 'replacements', `[EXPERIMENTAL] ${fix}`))
  return lines
}

const version = 'kustomize.config.k8s.io/v1beta1'
const componentVersion = 'kustomize.config.k8s.io/v1alpha1'

/** Moves deprecated fields to the current ones and fills in kind and apiVersion (FixKustomization). In place. */
export function fixKustomization(k: Kustomization): void {
  k.kind ||= 'Kustomization'
  k.apiVersion ||= k.kind === 'Component' ? componentVersion : version
  joinInto(k, 'resources', 'bases')
  joinInto(k, 'images', 'imageTags')
  for (const args of [...(k.configMapGenerator ?? []), ...(k.secretGenerator ?? [])]) {
    if (args.env !== undefined && args.env !== '') {
      args.envs = [...(args.envs ?? []), args.env]
      delete args.env
    }
  }
  const old = k.helmChartInflationGenerator ?? []
  if (old.length > 0) {
    const chartHome = old.findLast(o => (o.chartHome ?? '') !== '')?.chartHome
    const configHome = old.findLast(o => (o.helmHome ?? '') !== '')?.helmHome
    if (k.helmGlobals === undefined && (chartHome !== undefined || configHome !== undefined)) {
      k.helmGlobals = { ...(chartHome && { chartHome }), ...(configHome && { configHome }) }
    }
    k.helmCharts = [...(k.helmCharts ?? []), ...old.map(fromChartArgs)]
  }
  delete k.helmChartInflationGenerator
}

/** Go's append: what both lists miss stays missing. */
function joinInto<F extends 'resources' | 'images'>(k: Kustomization, field: F, from: 'bases' | 'imageTags'): void {
  const more = k[from]
  if (more !== undefined && more.length > 0) {
    const joined: unknown = [...(k[field] ?? []), ...more]
    k[field] = joined as NonNullable<Kustomization[F]>
  }
  delete k[from]
}

function fromChartArgs(old: HelmChartArgs): HelmChart {
  const chart: Record<string, unknown> = {
    name: old.chartName,
    version: old.chartVersion,
    repo: old.chartRepoUrl,
    valuesFile: old.values,
    valuesInline: old.valuesLocal,
    valuesMerge: old.valuesMerge,
    releaseName: old.releaseName,
  }
  for (const [key, value] of Object.entries(chart)) if (value === undefined) delete chart[key]
  return chart as HelmChart
}

/** Whether nothing but kind and apiVersion is set (CheckEmpty, which compares with a zero struct). */
export function isEmptyKustomization(k: Kustomization): boolean {
  return Object.entries(k).every(
    ([field, value]) => field === 'kind' || field === 'apiVersion' || value === '' || value === undefined,
  )
}

/** What is wrong with kind and apiVersion, as lines (EnforceFields). */
export function kindErrors(k: Kustomization): string[] {
  const lines: string[] = []
  if (k.kind !== 'Kustomization' && k.kind !== 'Component') lines.push('kind should be Kustomization or Component')
  const required = k.kind === 'Component' ? componentVersion : version
  if (k.apiVersion !== required) lines.push(`apiVersion for ${k.kind} should be ${required}`)
  return lines
}
