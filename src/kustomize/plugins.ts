/**
 * Generators, transformers and validators that files configure: builtin ones by their kind, HelmValuesTransformer, and
 * functions and exec plugins where they are allowed (api/internal/plugins).
 */
import { base } from '../go/path.ts'
import { trimSpace } from '../go/strings.ts'
import { positionOf, stringScalar, YamlMap } from '../yaml/node.ts'
import type { BuildOptions } from './build.ts'
import type { Context, Generator, Transformer } from './context.ts'
import { bool, decodeJson, type FieldTypes, type GoType, integer, list, map, string, struct } from './decode.ts'
import { during, fail } from './fail.ts'
import { type FunctionOptions, pluginGenerator, pluginInvocation, pluginTransformer } from './functions.ts'
import { generateConfigMap } from './generators/config-map.ts'
import { generateHelmChart } from './generators/helm-charts.ts'
import { generateSecret } from './generators/secret.ts'
import type {
  ConfigMapArgs,
  FieldSpecFields,
  ImageFields,
  ObjectMeta,
  PatchFields,
  PatchOptions,
  ReplacementField,
  ReplicaFields,
  SecretArgs,
  SelectorFields,
} from './kustomization.ts'
import {
  configMapArgsType,
  fieldSpecType,
  helmGeneratorType,
  imageType,
  objectMetaType,
  patchArgsType,
  replacementFieldType,
  replicaType,
  secretArgsType,
  selectorType,
} from './kustomization-fields.ts'
import { plainScalar } from './nodes.ts'
import type { Origin } from './origin.ts'
import { formatResource } from './output.ts'
import { decodeAt, readStruct, toJson } from './read-yaml.ts'
import { formatGvk } from './resid.ts'
import type { ResMap } from './resmap.ts'
import { Resource } from './resource.ts'
import { selectResources } from './selector.ts'
import { toFieldSpec } from './transformer-config.ts'
import { hashTransformer } from './transformers/hash.ts'
import { helmValuesTransformer } from './transformers/helm-values.ts'
import { imagesTransformer } from './transformers/images.ts'
import { addEntries } from './transformers/labels.ts'
import { namePrefix, nameSuffix } from './transformers/name-affix.ts'
import { namespaceTransformer, type SubjectMode, setNamespace } from './transformers/namespace.ts'
import { patchesStrategicMergeTransformer, patchJson6902Transformer, patchTransformer } from './transformers/patches.ts'
import { replacementsTransformer } from './transformers/replacements.ts'
import { replicasTransformer } from './transformers/replicas.ts'
import { addValue } from './transformers/value-add.ts'

export type PluginOptions = FunctionOptions

interface PluginStep<T> {
  readonly run: T
  readonly origin: Origin | undefined
}

/** The steps that configuration objects stand for, in their order. */
export function configurePlugins(
  configs: ResMap,
  role: 'generator',
  options: BuildOptions,
  context: Context,
): PluginStep<Generator>[]
export function configurePlugins(
  configs: ResMap,
  role: 'transformer',
  options: BuildOptions,
  context: Context,
): PluginStep<Transformer>[]
export function configurePlugins(
  configs: ResMap,
  role: 'generator' | 'transformer',
  options: BuildOptions,
  context: Context,
): PluginStep<Generator | Transformer>[] {
  return configs.resources.map(config => {
    const load = (): Generator | Transformer => loadPlugin(config, role, options, context)
    const run = role === 'generator' ? during('failed to load generator', load) : load()
    return { run, origin: pluginOrigin(config) }
  })
}

/** What a plugin makes or changes was configured by its object, in the file that came from. */
function pluginOrigin({ origin, apiVersion, kind, name, namespace }: Resource): Origin | undefined {
  if (origin === undefined) return undefined
  const { repo, ref, path } = origin
  return { path: '', repo, ref, configuredIn: path, configuredBy: { apiVersion, kind, name, namespace } }
}

function loadPlugin(
  config: Resource,
  role: 'generator' | 'transformer',
  options: BuildOptions,
  context: Context,
): Generator | Transformer {
  const id = config.orgId()
  const { group, version, kind } = config.gvk
  if (group === '' && version === 'builtin') {
    const fitting = role === 'generator' ? builtinGenerators[kind] : builtinTransformers[kind]
    // What is wrong with a configuration is told before that it is in the wrong list.
    const make = fitting ?? builtinGenerators[kind] ?? builtinTransformers[kind]
    if (make !== undefined) {
      const step = during(`plugin ${id} fails configuration`, () => make(config, context, options))
      if (fitting === undefined) fail('KUSTOMIZATION_INVALID', `plugin ${id} not a ${role}`)
      return step
    }
    fail('KUSTOMIZATION_INVALID', `unable to load builtin ${formatGvk(config.gvk)}`, {
      hint: `builtin plugins are ${[...Object.keys(builtinGenerators), ...Object.keys(builtinTransformers)].sort().join(', ')}`,
    })
  }
  // The one plugin of the original decapod, built in here.
  if (
    options.helmValues !== false &&
    group === 'openinfradev.github.com' &&
    version === 'v1' &&
    kind === 'HelmValuesTransformer'
  ) {
    if (role === 'generator') fail('KUSTOMIZATION_INVALID', `plugin ${id} not a ${role}`)
    return helmValuesTransformer(config, context)
  }
  const { plugins } = options
  if (!plugins?.alphaPlugins) {
    fail('PLUGIN_REFUSED', `external plugins disabled; unable to load external plugin '${id.kind}'`, {
      at: positionOf(config.node),
      hint: 'functions run only with --enable-alpha-plugins (and --enable-exec for programs)',
    })
  }
  const invoke = pluginInvocation(config, plugins)
  if (role === 'generator') return pluginGenerator(invoke)
  return pluginTransformer(invoke, `api: ${config.apiVersion}, kind: ${config.kind}, name: ${config.name}`)
}

/**
 * Runs a validator: it may refuse, and it may leave the label validated-by, but it may not change anything else
 * (KustTarget.runValidators).
 */
export function runValidator(validator: Transformer, map: ResMap, context: Context): void {
  const before = map.resources.map(resource => [resource.curId().toString(), resource.toJson()] as const)
  validator(map, context)
  const after = map.resources.map(resource => {
    const labels = resource.labels()
    if (!labels.delete('validated-by')) return [resource.curId().toString(), resource.toJson()] as const
    const copy = resource.copy()
    copy.setLabels(labels)
    return [copy.curId().toString(), copy.toJson()] as const
  })
  const kept = new Map(after)
  const changed = before.find(([id, json]) => kept.get(id) !== json)
  if (before.length === after.length && changed === undefined) return
  const what =
    before.length !== after.length
      ? 'lists have different number of entries'
      : kept.has(changed![0])
        ? `nodes unequal: \n -- ${changed![1]},\n -- ${kept.get(changed![0])}`
        : `id in self missing from other; id: ${changed![0]}`
  fail('PLUGIN_FAILED', `validator shouldn't modify the resource map: ${what}`)
}

type Make<T> = (config: Resource, context: Context, options: BuildOptions) => T

/** Reads a plugin's configuration; unknown fields are ignored, scalars become texts where texts are wanted. */
function read<T extends object>(config: Resource, type: GoType<T>): T {
  const data = toJson(config.node, 'v3')
  return decodeAt(config.node, () => decodeJson(data, type, { strict: false, coerce: true }) ?? ({} as T))
}

const str = string()
const strings = list(str)
const stringMap = map(str)
const specs: GoType<FieldSpecFields[]> = list(fieldSpecType)
const meta = objectMetaType

/** `T` with the fields of every plugin object that matter: its metadata. */
type WithMeta<T> = T & { metadata?: ObjectMeta }

/** A generator's name and namespace are those of its object unless it says otherwise. */
function generatorArgs<T extends ConfigMapArgs>(config: Resource, type: GoType<T>): T {
  const args = read(config, type)
  return { ...args, name: args.name || config.name, namespace: args.namespace || config.namespace }
}

const builtinGenerators: Readonly<Record<string, Make<Generator>>> = {
  ConfigMapGenerator: config => {
    const args: ConfigMapArgs = generatorArgs(config, configMapArgsType)
    return ({ loader, openapi }) => [generateConfigMap(args, loader, openapi)]
  },
  SecretGenerator: config => {
    const args: SecretArgs = generatorArgs(config, secretArgsType)
    return ({ loader, openapi }) => [generateSecret(args, loader, openapi)]
  },
  HelmChartInflationGenerator: (config, context, options) =>
    generateHelmChart(read(config, helmGeneratorType), options.helm, context),
  IAMPolicyGenerator: config => iamPolicy(config),
}

interface PrefixFields {
  prefix?: string
  suffix?: string
  fieldSpecs?: FieldSpecFields[]
}
const prefixType: GoType<PrefixFields> = struct('builtins.PrefixTransformerPlugin', {
  prefix: str,
  suffix: str,
  fieldSpecs: specs,
})

interface EntriesFields {
  labels?: Map<string, string>
  annotations?: Map<string, string>
  fieldSpecs?: FieldSpecFields[]
}
const entriesType: GoType<EntriesFields> = struct('builtins.LabelTransformerPlugin', {
  labels: stringMap,
  annotations: stringMap,
  fieldSpecs: specs,
})

interface PatchPluginFields {
  path?: string
  patch?: string
  jsonOp?: string
  paths?: string[]
  patches?: string
  target?: SelectorFields
  options?: PatchOptions
}
const patchPluginType: GoType<PatchPluginFields> = struct('builtins.PatchTransformerPlugin', {
  path: str,
  patch: str,
  jsonOp: str,
  paths: strings,
  patches: str,
  target: selectorType,
  options: patchArgsType,
})

const builtinTransformers: Readonly<Record<string, Make<Transformer>>> = {
  AnnotationsTransformer: config => {
    const { annotations = new Map(), fieldSpecs = [] } = read(config, entriesType)
    return addEntries(annotations, fieldSpecs.map(toFieldSpec))
  },
  LabelTransformer: config => {
    const { labels = new Map(), fieldSpecs = [] } = read(config, entriesType)
    return addEntries(labels, fieldSpecs.map(toFieldSpec))
  },
  HashTransformer: () => hashTransformer,
  ImageTagTransformer: config => {
    const fields = read(config, imagePluginType)
    return imagesTransformer(fields.imageTag ?? {}, (fields.fieldSpecs ?? []).map(toFieldSpec))
  },
  NamespaceTransformer: config => namespacePlugin(config),
  PatchJson6902Transformer: (config, context) => {
    const { target, path, jsonOp } = read(config, patchPluginType)
    return patchJson6902Transformer(patchFields({ target, path, patch: jsonOp }), context, { file: fileOf(config) })
  },
  PatchStrategicMergeTransformer: (config, context) => {
    const { paths = [], patches = '' } = read(config, patchPluginType)
    return patchesStrategicMergeTransformer(paths, patches, context, { file: fileOf(config) })
  },
  PatchTransformer: (config, context) => {
    const { target, path, patch, options } = read(config, patchPluginType)
    const place = { file: fileOf(config), config: () => formatResource(config) }
    return patchTransformer(patchFields({ target, path, patch, options }), context, place)
  },
  PrefixTransformer: config => {
    const { prefix = '', fieldSpecs } = read(config, prefixType)
    return namePrefix(prefix, required(fieldSpecs))
  },
  SuffixTransformer: config => {
    const { suffix = '', fieldSpecs } = read(config, prefixType)
    return nameSuffix(suffix, required(fieldSpecs))
  },
  PrefixSuffixTransformer: config => {
    const { prefix = '', suffix = '', fieldSpecs } = read(config, prefixType)
    const both = [namePrefix(prefix, required(fieldSpecs)), nameSuffix(suffix, required(fieldSpecs))]
    return (map, context) => {
      for (const transform of both) transform(map, context)
    }
  },
  ReplacementTransformer: (config, context) =>
    replacementsTransformer(read(config, replacementPluginType).replacements ?? [], context),
  ReplicaCountTransformer: config => {
    const { replica = {}, fieldSpecs = [] } = read(config, replicaPluginType)
    return replicasTransformer(replica.name ?? '', replica.count ?? 0n, fieldSpecs.map(toFieldSpec))
  },
  ValueAddTransformer: (config, context) => valueAdd(config, context),
}

/** The file a plugin's object came from, for positions in the texts it holds. */
function fileOf(config: Resource): string {
  return config.node.source?.file ?? config.name
}

function patchFields(fields: { [K in keyof PatchFields]: PatchFields[K] | undefined }): PatchFields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as PatchFields
}

function required(fieldSpecs: FieldSpecFields[] | undefined): ReturnType<typeof toFieldSpec>[] {
  if (fieldSpecs === undefined) fail('KUSTOMIZATION_INVALID', 'fieldSpecs is not expected to be nil')
  return fieldSpecs.map(toFieldSpec)
}

interface ImagePluginFields {
  imageTag?: ImageFields
  fieldSpecs?: FieldSpecFields[]
}
const imagePluginType: GoType<ImagePluginFields> = struct('builtins.ImageTagTransformerPlugin', {
  imageTag: imageType,
  fieldSpecs: specs,
})

const replacementPluginType: GoType<{ replacements?: ReplacementField[] }> = struct<{
  replacements?: ReplacementField[]
}>('builtins.ReplacementTransformerPlugin', { replacements: list(replacementFieldType) })

interface ReplicaPluginFields {
  replica?: ReplicaFields
  fieldSpecs?: FieldSpecFields[]
}
const replicaPluginType: GoType<ReplicaPluginFields> = struct('builtins.ReplicaCountTransformerPlugin', {
  replica: replicaType,
  fieldSpecs: specs,
})

interface NamespaceFields {
  fieldSpecs?: FieldSpecFields[]
  unsetOnly?: boolean
  setRoleBindingSubjects?: string
}
const namespaceFields: FieldTypes<WithMeta<NamespaceFields>> = {
  metadata: meta,
  fieldSpecs: specs,
  unsetOnly: bool,
  setRoleBindingSubjects: string('namespace.RoleBindingSubjectMode'),
}
const namespaceType: GoType<WithMeta<NamespaceFields>> = struct('builtins.NamespaceTransformerPlugin', namespaceFields)
const subjectModes: readonly string[] = ['defaultOnly', 'allServiceAccounts', 'none']

function namespacePlugin(config: Resource): Transformer {
  const {
    metadata = {},
    fieldSpecs = [],
    unsetOnly = false,
    setRoleBindingSubjects: mode = '',
  } = read(config, namespaceType)
  if (mode !== '' && !subjectModes.includes(mode)) {
    fail(
      'KUSTOMIZATION_INVALID',
      `invalid value "${mode}" for setRoleBindingSubjects: must be one of "defaultOnly", "none" or "allServiceAccounts"`,
    )
  }
  return namespaceTransformer({
    namespace: metadata.namespace ?? '',
    fieldSpecs: fieldSpecs.map(toFieldSpec),
    unsetOnly,
    setRoleBindingSubjects: mode === '' ? 'defaultOnly' : (mode as SubjectMode),
  })
}

interface ValueTarget {
  selector?: SelectorFields
  fieldPath?: string
  filePathPosition?: bigint
}
interface ValueAddFields {
  value?: string
  targets?: ValueTarget[]
  targetFilePath?: string
}
const valueAddType: GoType<ValueAddFields> = struct('builtins.ValueAddTransformerPlugin', {
  value: str,
  targets: list(
    struct<ValueTarget>('builtins.Target', {
      selector: selectorType,
      fieldPath: str,
      filePathPosition: integer('int'),
    }),
  ),
  targetFilePath: str,
})

function valueAdd(config: Resource, { loader }: Context): Transformer {
  const fields = read(config, valueAddType)
  const value = trimSpace(fields.value ?? '') || base(loader.root)
  const targets = [...(fields.targets ?? [])]
  if (fields.targetFilePath) targets.push(...readTargets(loader.readText(fields.targetFilePath), fields.targetFilePath))
  if (targets.length === 0) fail('KUSTOMIZATION_INVALID', 'must specify at least one target')
  for (const { fieldPath = '', filePathPosition = 0n } of targets) {
    if (fieldPath === '') fail('KUSTOMIZATION_INVALID', 'fieldPath cannot be empty')
    if (filePathPosition < 0n) {
      fail('KUSTOMIZATION_INVALID', `value of FilePathPosition (${filePathPosition}) cannot be negative`)
    }
  }
  const setNs = setNamespace({
    namespace: value,
    fieldSpecs: [],
    unsetOnly: false,
    setRoleBindingSubjects: 'defaultOnly',
  })
  return map => {
    for (const { selector, fieldPath = '', filePathPosition = 0n } of targets) {
      for (const resource of selector === undefined ? map.resources : selectResources(map, selector)) {
        if (fieldPath === 'metadata/namespace') setNs(resource)
        else addValue(resource, fieldPath, value, Number(filePathPosition))
      }
    }
  }
}

function readTargets(text: string, file: string): ValueTarget[] {
  return readStruct(text, file, data => decodeJson(data, valueAddType, { strict: false, coerce: true }))?.targets ?? []
}

interface IamPolicyFields {
  cloud?: string
  kubernetesService?: { name?: string; namespace?: string }
  serviceAccount?: { name?: string; projectId?: string }
}
const iamPolicyType: GoType<IamPolicyFields> = struct('types.IAMPolicyGeneratorArgs', {
  cloud: string('types.Cloud'),
  kubernetesService: struct<NonNullable<IamPolicyFields['kubernetesService']>>('types.KubernetesService', {
    name: str,
    namespace: str,
  }),
  serviceAccount: struct<NonNullable<IamPolicyFields['serviceAccount']>>('types.ServiceAccount', {
    name: str,
    projectId: str,
  }),
})

/** A Kubernetes service account that stands for one of Google's (api/filters/iampolicygenerator). */
function iamPolicy(config: Resource): Generator {
  const { cloud = '', kubernetesService = {}, serviceAccount = {} } = read(config, iamPolicyType)
  return ({ openapi }) => {
    if (cloud !== 'gke') fail('KUSTOMIZATION_INVALID', `cloud provider ${cloud} not supported yet`)
    const account = `${serviceAccount.name ?? ''}@${serviceAccount.projectId ?? ''}.iam.gserviceaccount.com`
    const metadata = new YamlMap()
    metadata.set('annotations', new YamlMap())
    ;(metadata.get('annotations') as YamlMap).set('iam.gke.io/gcp-service-account', stringScalar(account))
    metadata.set('name', plainScalar(kubernetesService.name ?? ''))
    if (kubernetesService.namespace) metadata.set('namespace', plainScalar(kubernetesService.namespace))
    const node = new YamlMap()
    node.set('apiVersion', plainScalar('v1'))
    node.set('kind', plainScalar('ServiceAccount'))
    node.set('metadata', metadata)
    return [new Resource(node, openapi)]
  }
}
