/** The JSON fields of Kustomize's structs with Go's names for their types: what decode.ts reads files by (api/types). */
import { any, bool, type FieldTypes, type GoType, integer, list, map, string, struct, within } from './decode.ts'
import type {
  ConfigMapArgs,
  FieldOptions,
  FieldSpecFields,
  GeneratorOptions,
  HelmChart,
  HelmChartArgs,
  HelmGlobals,
  ImageFields,
  Kustomization,
  LabelFields,
  ObjectMeta,
  PatchFields,
  PatchOptions,
  Replacement,
  ReplacementField,
  ReplicaFields,
  SecretArgs,
  SelectorFields,
  SortOptions,
  SourceSelector,
  TargetSelector,
  VarFields,
} from './kustomization.ts'

const str: GoType<string> = string()
const strings: GoType<string[]> = list(str)
const stringMap: GoType<Map<string, string>> = map(str)
const gvk = { group: within('Gvk', str), version: within('Gvk', str), kind: within('Gvk', str) }
const resId = {
  group: within('ResId.Gvk', str),
  version: within('ResId.Gvk', str),
  kind: within('ResId.Gvk', str),
  name: within('ResId', str),
  namespace: within('ResId', str),
}

export const fieldSpecType: GoType<FieldSpecFields> = struct('types.FieldSpec', { ...gvk, path: str, create: bool })

export const selectorType: GoType<SelectorFields> = struct('types.Selector', {
  ...resId,
  annotationSelector: str,
  labelSelector: str,
})

export const patchArgsType: GoType<PatchOptions> = struct('types.PatchArgs', {
  allowNameChange: bool,
  allowKindChange: bool,
})
export const patchType: GoType<PatchFields> = struct('types.Patch', {
  path: str,
  patch: str,
  target: selectorType,
  options: patchArgsType,
})

export const imageType: GoType<ImageFields> = struct('types.Image', {
  name: str,
  newName: str,
  tagSuffix: str,
  newTag: str,
  digest: str,
})

export const replicaType: GoType<ReplicaFields> = struct('types.Replica', { name: str, count: integer('int64') })

const labelType: GoType<LabelFields> = struct('types.Label', {
  pairs: stringMap,
  includeSelectors: bool,
  includeTemplates: bool,
  includeVolumeClaimTemplates: bool,
  fields: list(fieldSpecType),
})

const generatorOptionsType: GoType<GeneratorOptions> = struct('types.GeneratorOptions', {
  labels: stringMap,
  annotations: stringMap,
  disableNameSuffixHash: bool,
  immutable: bool,
})

const generatorArgs: FieldTypes<ConfigMapArgs> = {
  namespace: within('GeneratorArgs', str),
  name: within('GeneratorArgs', str),
  behavior: within('GeneratorArgs', str),
  literals: within('GeneratorArgs.KvPairSources', strings),
  files: within('GeneratorArgs.KvPairSources', strings),
  envs: within('GeneratorArgs.KvPairSources', strings),
  env: within('GeneratorArgs.KvPairSources', str),
  options: within('GeneratorArgs', generatorOptionsType),
}
export const configMapArgsType: GoType<ConfigMapArgs> = struct('types.ConfigMapArgs', generatorArgs)
export const secretArgsType: GoType<SecretArgs> = struct('types.SecretArgs', { ...generatorArgs, type: str })

const helmGlobals: FieldTypes<HelmGlobals> = { chartHome: str, configHome: str }
const helmChart: FieldTypes<HelmChart> = {
  name: str,
  version: str,
  repo: str,
  releaseName: str,
  namespace: str,
  additionalValuesFiles: strings,
  valuesFile: str,
  valuesInline: map(any),
  valuesMerge: str,
  includeCRDs: bool,
  skipHooks: bool,
  apiVersions: strings,
  kubeVersion: str,
  nameTemplate: str,
  skipTests: bool,
  debug: bool,
  devel: bool,
}
/** What a HelmChartInflationGenerator file holds: globals and chart in one. */
export const helmGeneratorType: GoType<HelmGlobals & HelmChart> = struct<HelmGlobals & HelmChart>(
  'builtins.HelmChartInflationGeneratorPlugin',
  {
    ...helmGlobals,
    ...helmChart,
  },
)
const helmChartArgsType: GoType<HelmChartArgs> = struct('types.HelmChartArgs', {
  chartName: str,
  chartVersion: str,
  chartRepoUrl: str,
  chartHome: str,
  chartRepoName: str,
  helmBin: str,
  helmHome: str,
  values: str,
  valuesLocal: map(any),
  valuesMerge: str,
  releaseName: str,
  releaseNamespace: str,
  extraArgs: strings,
})

const fieldOptionsType: GoType<FieldOptions> = struct('types.FieldOptions', {
  delimiter: str,
  index: integer('int'),
  encoding: str,
  create: bool,
})
const sourceType: GoType<SourceSelector> = struct('types.SourceSelector', {
  ...resId,
  fieldPath: str,
  options: fieldOptionsType,
})
const targetType: GoType<TargetSelector> = struct('types.TargetSelector', {
  select: selectorType,
  reject: list(selectorType),
  fieldPaths: strings,
  options: fieldOptionsType,
})
/** One replacement, as a file of `path:` holds it. */
export const replacementType: GoType<Replacement> = struct('types.Replacement', {
  source: sourceType,
  targets: list(targetType),
  sourceValue: str,
})
/** An entry of `replacements`. */
export const replacementFieldType: GoType<ReplacementField> = struct('types.ReplacementField', {
  source: within('Replacement', sourceType),
  targets: within('Replacement', list(targetType)),
  sourceValue: within('Replacement', str),
  path: str,
})

const varType: GoType<VarFields> = struct('types.Var', {
  name: str,
  objref: struct<NonNullable<VarFields['objref']>>('types.Target', {
    apiVersion: str,
    ...gvk,
    name: str,
    namespace: str,
  }),
  fieldref: struct<NonNullable<VarFields['fieldref']>>('types.FieldSelector', { fieldPath: str }),
})

const sortOptionsType: GoType<SortOptions> = struct('types.SortOptions', {
  order: string('types.SortOrder'),
  legacySortOptions: struct<NonNullable<SortOptions['legacySortOptions']>>('types.LegacySortOptions', {
    orderFirst: strings,
    orderLast: strings,
  }),
})

export const objectMetaType: GoType<ObjectMeta> = struct('types.ObjectMeta', {
  name: str,
  namespace: str,
  labels: stringMap,
  annotations: stringMap,
})

const kustomizationFieldTypes: FieldTypes<Kustomization> = {
  kind: within('TypeMeta', str),
  apiVersion: within('TypeMeta', str),
  metadata: objectMetaType,
  openapi: stringMap,
  namePrefix: str,
  nameSuffix: str,
  namespace: str,
  commonLabels: stringMap,
  labels: list(labelType),
  commonAnnotations: stringMap,
  patchesStrategicMerge: list(string('types.PatchStrategicMerge')),
  patchesJson6902: list(patchType),
  patches: list(patchType),
  images: list(imageType),
  imageTags: list(imageType),
  replacements: list(replacementFieldType),
  replicas: list(replicaType),
  vars: list(varType),
  sortOptions: sortOptionsType,
  resources: strings,
  components: strings,
  crds: strings,
  bases: strings,
  configMapGenerator: list(configMapArgsType),
  secretGenerator: list(secretArgsType),
  helmGlobals: struct('types.HelmGlobals', helmGlobals),
  helmCharts: list(struct('types.HelmChart', helmChart)),
  helmChartInflationGenerator: list(helmChartArgsType),
  generatorOptions: generatorOptionsType,
  configurations: strings,
  generators: strings,
  transformers: strings,
  validators: strings,
  buildMetadata: strings,
}
export const kustomizationType: GoType<Kustomization> = struct('types.Kustomization', kustomizationFieldTypes)

/** Every field of a kustomization file, for hints. */
export const kustomizationFields: readonly string[] = Object.keys(kustomizationFieldTypes)
