/** Which fields the transformers edit: defaults plus `configurations` files (api/internal/plugins/builtinconfig). */
import { decodeJson, type FieldTypes, type GoType, list, string, struct, within } from './decode.ts'
import { during } from './fail.ts'
import { type FieldSpec, mergeFieldSpecs, sortFieldSpecs } from './fieldspec.ts'
import { defaultConfig, type NameReference, sortConfig, type TransformerConfig } from './fieldspecs.ts'
import type { FieldSpecFields } from './kustomization.ts'
import { fieldSpecType } from './kustomization-fields.ts'
import { readStruct } from './read-yaml.ts'
import { compareGvk, equalGvk, type Gvk } from './resid.ts'

export const emptyConfig: TransformerConfig = {
  namePrefix: [],
  nameSuffix: [],
  namespace: [],
  commonLabels: [],
  labels: [],
  templateLabels: [],
  volumeClaimTemplateLabels: [],
  commonAnnotations: [],
  nameReference: [],
  varReference: [],
  images: [],
  replicas: [],
}

/** `b` added to `a`; throws KUSTOMIZATION_INVALID "conflicting fieldspecs" where they disagree about `create`. */
export function mergeConfigs(a: TransformerConfig, b: TransformerConfig): TransformerConfig {
  // Most layers add nothing of their own, and merging the defaults into themselves changes nothing. (Merging others into
  // nothing does: a spec for all kinds is dropped after one of the same path for some kind.)
  if (a === b || b === emptyConfig) return a
  if (a === emptyConfig && b === defaultConfig) return b
  const merged = (field: Exclude<keyof TransformerConfig, 'nameReference'>): readonly FieldSpec[] =>
    during(`failed to merge ${goName(field)} fieldSpec`, () =>
      mergeLists(a[field], b[field], defaultConfig[field], (x, y) => sortFieldSpecs(mergeFieldSpecs(x, y))),
    )
  return {
    namePrefix: merged('namePrefix'),
    nameSuffix: merged('nameSuffix'),
    namespace: merged('namespace'),
    commonLabels: merged('commonLabels'),
    labels: merged('labels'),
    templateLabels: merged('templateLabels'),
    volumeClaimTemplateLabels: merged('volumeClaimTemplateLabels'),
    commonAnnotations: merged('commonAnnotations'),
    nameReference: during('failed to merge NameReference fieldSpec', () =>
      mergeLists(a.nameReference, b.nameReference, defaultConfig.nameReference, (x, y) =>
        mergeReferences(x, y).sort(compareGvk),
      ),
    ),
    varReference: merged('varReference'),
    images: merged('images'),
    replicas: merged('replicas'),
  }
}

/** The field as messages name it. */
function goName(field: string): string {
  return field === 'namespace' ? 'NameSpace' : field[0]!.toUpperCase() + field.slice(1)
}

/** One list of two configurations, where the same as above holds for each. */
function mergeLists<T>(
  a: readonly T[],
  b: readonly T[],
  defaults: readonly T[],
  merge: (a: readonly T[], b: readonly T[]) => readonly T[],
): readonly T[] {
  if (b.length === 0 || (a === b && b === defaults)) return a
  return a.length === 0 && b === defaults ? b : merge(a, b)
}

function mergeReferences(a: readonly NameReference[], b: readonly NameReference[]): NameReference[] {
  const merged = [...a]
  for (const incoming of b) {
    const at = merged.findIndex(known => equalGvk(known, incoming))
    if (at === -1) merged.push(incoming)
    else merged[at] = { ...merged[at]!, referrers: mergeFieldSpecs(merged[at]!.referrers, incoming.referrers) }
  }
  return merged
}

interface NameReferenceFields {
  group?: string
  version?: string
  kind?: string
  fieldSpecs?: FieldSpecFields[]
}

type ConfigFields = {
  [K in keyof TransformerConfig]?: K extends 'nameReference' ? NameReferenceFields[] : FieldSpecFields[]
}

const specs: GoType<FieldSpecFields[]> = { ...list(fieldSpecType), name: 'types.FsSlice' }
const str = string()
const nameReferenceType: GoType<NameReferenceFields> = struct('builtinconfig.NameBackReferences', {
  group: within('Gvk', str),
  version: within('Gvk', str),
  kind: within('Gvk', str),
  fieldSpecs: specs,
})
const configFields: FieldTypes<ConfigFields> = {
  namePrefix: specs,
  nameSuffix: specs,
  namespace: specs,
  commonLabels: specs,
  labels: specs,
  templateLabels: specs,
  volumeClaimTemplateLabels: specs,
  commonAnnotations: specs,
  nameReference: { ...list(nameReferenceType), name: 'builtinconfig.nbrSlice' },
  varReference: specs,
  images: specs,
  replicas: specs,
}
const configType: GoType<ConfigFields> = struct('builtinconfig.TransformerConfig', configFields)

/** Reads a `configurations` file; unknown fields are errors. */
export function parseTransformerConfig(text: string, file: string): TransformerConfig {
  const fields = readStruct(text, file, data => decodeJson(data, configType, { strict: true, coerce: true }) ?? {})
  const all = (list: FieldSpecFields[] | undefined): FieldSpec[] => (list ?? []).map(toFieldSpec)
  return sortConfig({
    namePrefix: all(fields.namePrefix),
    nameSuffix: all(fields.nameSuffix),
    namespace: all(fields.namespace),
    commonLabels: all(fields.commonLabels),
    labels: all(fields.labels),
    templateLabels: all(fields.templateLabels),
    volumeClaimTemplateLabels: all(fields.volumeClaimTemplateLabels),
    commonAnnotations: all(fields.commonAnnotations),
    nameReference: (fields.nameReference ?? []).map(n => ({ ...toGvk(n), referrers: all(n.fieldSpecs) })),
    varReference: all(fields.varReference),
    images: all(fields.images),
    replicas: all(fields.replicas),
  })
}

export function toFieldSpec(fields: FieldSpecFields): FieldSpec {
  return { ...toGvk(fields), path: fields.path ?? '', create: fields.create ?? false }
}

function toGvk(fields: { group?: string; version?: string; kind?: string }): Gvk {
  return { group: fields.group ?? '', version: fields.version ?? '', kind: fields.kind ?? '' }
}
