/**
 * What the fields of a kustomization ask for, as generators and transformers in the order in which they run
 * (api/internal/target/kusttarget_configplugin.go).
 */

import type { Context, Generator, Transformer } from './context.ts'
import { during, wrapError } from './fail.ts'
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

/** What the builtins of a kustomization are configured with besides its fields. */
export interface BuiltinOptions {
  /** The path of the kustomization file, for positions in inline texts. */
  readonly file: string
  /** The namespace of the nearest overlay that has one, for charts. */
  readonly inheritedNamespace: string
  readonly helm: HelmPort | undefined
}

/** configMapGenerator, secretGenerator, helmCharts: in this order, each in the order written. */
export function configureGenerators(k: Kustomization, options: BuiltinOptions, context: Context): Builtin<Generator>[] {
  const global = k.generatorOptions
  const out: Builtin<Generator>[] = []
  for (const args of k.configMapGenerator ?? []) {
    const merged = { ...args, ...optional(mergeOptions(args.options, global)) }
    out.push({ kind: 'ConfigMapGenerator', run: ({ loader, openapi }) => [generateConfigMap(merged, loader, openapi)] })
  }
  for (const args of k.secretGenerator ?? []) {
    const merged = { ...args, ...optional(mergeOptions(args.options, global)) }
    out.push({ kind: 'SecretGenerator', run: ({ loader, openapi }) => [generateSecret(merged, loader, openapi)] })
  }
  for (const chart of k.helmCharts ?? []) {
    const namespace = chart.namespace || k.namespace || options.inheritedNamespace
    const fields: HelmGlobals & HelmChart = { ...k.helmGlobals, ...chart, ...(namespace === '' ? {} : { namespace }) }
    const run = configured('HelmChartInflationGenerator', fields, () =>
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
  { file }: BuiltinOptions,
  context: Context,
): Builtin<Transformer>[] {
  const out: Builtin<Transformer>[] = []
  const add = (kind: string, fields: unknown, make: () => Transformer): void => {
    out.push({ kind, run: configured(kind, fields, make) })
  }
  const place = { file }
  const { patchesStrategicMerge = [], namespace = '', namePrefix: prefix = '', nameSuffix: suffix = '' } = k
  if (patchesStrategicMerge.length > 0) {
    add('PatchStrategicMergeTransformer', { paths: patchesStrategicMerge }, () =>
      patchesStrategicMergeTransformer(patchesStrategicMerge, '', context, place),
    )
  }
  for (const patch of k.patches ?? []) add('PatchTransformer', patch, () => patchTransformer(patch, context, place))
  if (namespace !== '') {
    add('NamespaceTransformer', { metadata: { namespace } }, () =>
      namespaceTransformer({
        namespace,
        fieldSpecs: config.namespace,
        unsetOnly: false,
        setRoleBindingSubjects: 'defaultOnly',
      }),
    )
  }
  if (prefix !== '') add('PrefixTransformer', { prefix }, () => namePrefix(prefix, config.namePrefix))
  if (suffix !== '') add('SuffixTransformer', { suffix }, () => nameSuffix(suffix, config.nameSuffix))
  const { labels = [], commonLabels = new Map<string, string>() } = k
  if (labels.length > 0 || commonLabels.size > 0) {
    for (const label of labels) {
      add('LabelTransformer', label, () => addEntries(label.pairs ?? new Map(), labelFieldSpecs(label, config)))
    }
    // Runs for `labels` alone, too: it changes nothing then, but is listed among the transformations.
    add('LabelTransformer', { labels: commonLabels }, () => addEntries(commonLabels, config.commonLabels))
  }
  const { commonAnnotations } = k
  if (commonAnnotations !== undefined && commonAnnotations.size > 0) {
    add('AnnotationsTransformer', { annotations: commonAnnotations }, () =>
      addEntries(commonAnnotations, config.commonAnnotations),
    )
  }
  for (const patch of k.patchesJson6902 ?? []) {
    add('PatchJson6902Transformer', patch, () => patchJson6902Transformer(patch, context, place))
  }
  for (const { name = '', count = 0n } of k.replicas ?? []) {
    add('ReplicaCountTransformer', {}, () => replicasTransformer(name, count, config.replicas))
  }
  for (const image of k.images ?? []) {
    add('ImageTagTransformer', image, () => imagesTransformer(image, config.images))
  }
  const { replacements = [] } = k
  if (replacements.length > 0) {
    add('ReplacementTransformer', { replacements }, () => replacementsTransformer(replacements, context))
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
function configured<T>(kind: string, fields: unknown, make: () => T): T {
  try {
    return make()
  } catch (error) {
    throw wrapError(`trouble configuring builtin ${kind} with config: \`\n${configText(fields)}\``, error)
  }
}

/** The fields as YAML-like lines, as messages show them. */
function configText(value: unknown, indent = ''): string {
  if (value instanceof Map) return configText(Object.fromEntries(value), indent)
  if (Array.isArray(value)) {
    return value.map(item => `${indent}- ${configText(item, `${indent}  `).trimStart()}`).join('')
  }
  if (typeof value !== 'object' || value === null) return `${String(value)}\n`
  return Object.keys(value)
    .sort()
    .map(key => {
      const field: unknown = (value as Record<string, unknown>)[key]
      if (field === undefined) return ''
      const isNested = typeof field === 'object' && field !== null
      if (isNested) return `${indent}${key}:\n${configText(field, Array.isArray(field) ? indent : `${indent}  `)}`
      const text = String(field)
      if (!text.includes('\n')) return `${indent}${key}: ${text}\n`
      const lines = text.replace(/\n$/, '').split('\n')
      return `${indent}${key}: |\n${lines.map(line => `${indent}  ${line}\n`).join('')}`
    })
    .join('')
}
