/**
 * What the fields of a kustomization ask for, as generators and transformers in the order in which they run
 * (api/internal/target/kusttarget_configplugin.go).
 */
import { DecapodError, type Position } from '../errors.ts'
import type { GoValue } from '../go/value.ts'
import { stringifyValue } from '../yaml/stringify.ts'
import type { Context, Generator, Transformer } from './context.ts'
import { during, rephrase, wrapError } from './fail.ts'
import { type FieldSpec, fieldSpec, mergeFieldSpecs } from './fieldspec.ts'
import type { TransformerConfig } from './fieldspecs.ts'
import { generateConfigMap } from './generators/config-map.ts'
import { mergeOptions } from './generators/data-object.ts'
import { generateHelmChart, type HelmPort } from './generators/helm-charts.ts'
import { generateSecret } from './generators/secret.ts'
import type { HelmChart, HelmGlobals, Kustomization, LabelFields } from './kustomization.ts'
import { toFieldSpec } from './transformer-config.ts'
import { imagesTransformer } from './transformers/images.ts'
import { addEntries } from './transformers/labels.ts'
import { namePrefix, nameSuffix } from './transformers/name-affix.ts'
import { namespaceTransformer } from './transformers/namespace.ts'
import { patchesStrategicMergeTransformer, patchJson6902Transformer, patchTransformer } from './transformers/patches.ts'
import { replacementsTransformer } from './transformers/replacements.ts'
import { replicasTransformer } from './transformers/replicas.ts'

/** A step of a build with the name of its builtin, which messages and origins show. */
export interface Builtin<T> {
  readonly kind: string
  readonly run: T
}

/** A position that is looked up when it is asked for. */
export type Place = () => Position | undefined

/** What the builtins of a kustomization are configured with besides its fields. */
export interface BuiltinOptions {
  /** The path of the kustomization file, for positions in inline texts. */
  readonly file: string
  /** The namespace of the nearest overlay that has one, for charts. */
  readonly inheritedNamespace: string
  readonly helm: HelmPort | undefined
  /** Where a field of the kustomization, or an element of it, stands: found out when it is needed. */
  readonly at: (field: string, index?: number) => Place
}

/** configMapGenerator, secretGenerator, helmCharts: in this order, each in the order written. */
export function configureGenerators(k: Kustomization, options: BuiltinOptions, context: Context): Builtin<Generator>[] {
  const global = k.generatorOptions
  const out: Builtin<Generator>[] = []
  for (const [i, args] of (k.configMapGenerator ?? []).entries()) {
    const merged = { ...args, ...optional(mergeOptions(args.options, global)) }
    const run: Generator = ({ loader, openapi }) => [generateConfigMap(merged, loader, openapi)]
    out.push({ kind: 'ConfigMapGenerator', run: located(run, options.at('configMapGenerator', i)) })
  }
  for (const [i, args] of (k.secretGenerator ?? []).entries()) {
    const merged = { ...args, ...optional(mergeOptions(args.options, global)) }
    const run: Generator = ({ loader, openapi }) => [generateSecret(merged, loader, openapi)]
    out.push({ kind: 'SecretGenerator', run: located(run, options.at('secretGenerator', i)) })
  }
  for (const [i, chart] of (k.helmCharts ?? []).entries()) {
    const namespace = chart.namespace || k.namespace || options.inheritedNamespace
    const fields: HelmGlobals & HelmChart = { ...k.helmGlobals, ...chart, ...(namespace === '' ? {} : { namespace }) }
    const run = configured('HelmChartInflationGenerator', fields, options.at('helmCharts', i), () =>
      generateHelmChart(fields, options.helm, context),
    )
    out.push({ kind: 'HelmChartInflationGenerator', run })
  }
  return out
}

function optional(options: Kustomization['generatorOptions']): { options?: NonNullable<typeof options> } {
  return options === undefined ? {} : { options }
}

/**
 * Patches before names, so that patches find what was written; labels, annotations and JSON patches after names;
 * replacements last, so that they copy what the others made.
 */
export function configureTransformers(
  k: Kustomization,
  config: TransformerConfig,
  { file, at }: BuiltinOptions,
  context: Context,
): Builtin<Transformer>[] {
  const out: Builtin<Transformer>[] = []
  const add = (kind: string, position: Place, fields: unknown, make: () => Transformer): void => {
    out.push({ kind, run: configured(kind, fields, position, make) })
  }
  const place = { file }
  const { patchesStrategicMerge = [], namespace = '', namePrefix: prefix = '', nameSuffix: suffix = '' } = k
  if (patchesStrategicMerge.length > 0) {
    add('PatchStrategicMergeTransformer', at('patchesStrategicMerge'), { paths: patchesStrategicMerge }, () =>
      patchesStrategicMergeTransformer(patchesStrategicMerge, '', context, place),
    )
  }
  for (const [i, patch] of (k.patches ?? []).entries()) {
    const here = { file, at: at('patches', i), config: () => configText(patch) }
    add('PatchTransformer', at('patches', i), patch, () => patchTransformer(patch, context, here))
  }
  if (namespace !== '') {
    add('NamespaceTransformer', at('namespace'), { metadata: { namespace } }, () =>
      namespaceTransformer({
        namespace,
        fieldSpecs: config.namespace,
        unsetOnly: false,
        setRoleBindingSubjects: 'defaultOnly',
      }),
    )
  }
  if (prefix !== '') add('PrefixTransformer', at('namePrefix'), { prefix }, () => namePrefix(prefix, config.namePrefix))
  if (suffix !== '') add('SuffixTransformer', at('nameSuffix'), { suffix }, () => nameSuffix(suffix, config.nameSuffix))
  const { labels = [], commonLabels = new Map<string, string>() } = k
  if (labels.length > 0 || commonLabels.size > 0) {
    for (const [i, label] of labels.entries()) {
      const specs = placed(at('labels', i), () => labelFieldSpecs(label, config))
      add('LabelTransformer', at('labels', i), label, () => addEntries(label.pairs ?? new Map(), specs))
    }
    // Runs for `labels` alone, too: it changes nothing then, but is listed among the transformations.
    add('LabelTransformer', at('commonLabels'), { labels: commonLabels }, () =>
      addEntries(commonLabels, config.commonLabels),
    )
  }
  const { commonAnnotations } = k
  if (commonAnnotations !== undefined && commonAnnotations.size > 0) {
    add('AnnotationsTransformer', at('commonAnnotations'), { annotations: commonAnnotations }, () =>
      addEntries(commonAnnotations, config.commonAnnotations),
    )
  }
  for (const [i, patch] of (k.patchesJson6902 ?? []).entries()) {
    const shown = { target: patch.target, path: patch.path, jsonOp: patch.patch }
    add('PatchJson6902Transformer', at('patchesJson6902', i), shown, () =>
      patchJson6902Transformer(patch, context, place),
    )
  }
  for (const [i, { name = '', count = 0n }] of (k.replicas ?? []).entries()) {
    add('ReplicaCountTransformer', at('replicas', i), {}, () => replicasTransformer(name, count, config.replicas))
  }
  for (const [i, image] of (k.images ?? []).entries()) {
    add('ImageTagTransformer', at('images', i), image, () => imagesTransformer(image, config.images))
  }
  const { replacements = [] } = k
  if (replacements.length > 0) {
    add('ReplacementTransformer', at('replacements'), { Replacements: replacements }, () =>
      replacementsTransformer(replacements, context),
    )
  }
  return out
}

/** Where the labels of an entry go: its own fields, configured ones, and what its flags include. */
function labelFieldSpecs(label: LabelFields, config: TransformerConfig): readonly FieldSpec[] {
  return during('failed to merge labels', () => {
    let specs = mergeFieldSpecs((label.fields ?? []).map(toFieldSpec), config.labels)
    if (label.includeSelectors) return mergeFieldSpecs(specs, config.commonLabels)
    if (label.includeTemplates) {
      specs = during('failed to merge template fieldSpec', () => mergeFieldSpecs(specs, config.templateLabels))
    }
    if (label.includeVolumeClaimTemplates) {
      specs = during('failed to merge volumeClaimTemplate fieldSpec', () =>
        mergeFieldSpecs(specs, config.volumeClaimTemplateLabels),
      )
    }
    return mergeFieldSpecs(specs, [fieldSpec('metadata/labels', true)])
  })
}

/** Makes a step; a failure says which builtin with which configuration could not be set up. */
function configured<T extends Generator | Transformer>(kind: string, fields: unknown, at: Place, make: () => T): T {
  try {
    return located(placed(at, make), at)
  } catch (error) {
    throw wrapError(`trouble configuring builtin ${kind} with config: \`\n${configText(fields)}\``, error)
  }
}

/** The fields as sigs.k8s.io/yaml prints them. */
function configText(fields: unknown): string {
  return stringifyValue(asValue(fields))
}

function asValue(fields: unknown): GoValue {
  if (Array.isArray(fields)) return fields.map(asValue)
  if (typeof fields !== 'object' || fields === null) return fields as GoValue
  const entries = fields instanceof Map ? [...fields] : Object.entries(fields)
  return new Map(entries.filter(([, value]) => value !== undefined).map(([key, value]) => [key, asValue(value)]))
}

/** The step, whose failures stand at the entry that asked for it unless they know better. */
function located<T extends Generator | Transformer>(step: T, at: Place): T {
  const run = (...args: Parameters<Generator & Transformer>): unknown =>
    placed(at, () => (step as (...given: unknown[]) => unknown)(...args))
  return run as unknown as T
}

function placed<T>(at: Place, step: () => T): T {
  try {
    return step()
  } catch (error) {
    if (!(error instanceof DecapodError)) throw error
    const place = at()
    // Positions within the kustomization count from the beginning of an inline text.
    if (error.at !== undefined && error.at.file !== place?.file) throw error
    throw rephrase(error, error.message, { at: place })
  }
}
