/** `namePrefix` and `nameSuffix` (api/internal/builtins/PrefixTransformer.go and SuffixTransformer.go). */
import type { Transformer } from '../context.ts'
import { applyFieldSpec, type FieldSpec, setScalar } from '../fieldspec.ts'
import { textOf } from '../nodes.ts'
import { type Gvk, isGvkSelected } from '../resid.ts'

/** Kinds whose names mean something: they are never renamed. */
const neverRenamed: readonly Gvk[] = [
  { group: '', version: '', kind: 'CustomResourceDefinition' },
  { group: 'apiregistration.k8s.io', version: '', kind: 'APIService' },
  { group: '', version: '', kind: 'Namespace' },
]

export function namePrefix(prefix: string, fieldSpecs: readonly FieldSpec[]): Transformer {
  return affix(prefix, '', fieldSpecs)
}

export function nameSuffix(suffix: string, fieldSpecs: readonly FieldSpec[]): Transformer {
  return affix('', suffix, fieldSpecs)
}

function affix(prefix: string, suffix: string, fieldSpecs: readonly FieldSpec[]): Transformer {
  const isEmpty = prefix === '' && suffix === ''
  return map => {
    for (const resource of map.resources) {
      const id = resource.orgId()
      if (neverRenamed.some(gvk => isGvkSelected(id, gvk))) continue
      for (const spec of fieldSpecs) {
        if (!isGvkSelected(id, spec)) continue
        if (spec.path === 'metadata/name') {
          resource.addPrefix(prefix)
          resource.addSuffix(suffix)
          if (!isEmpty) resource.storePreviousId()
        }
        applyFieldSpec(resource, spec, {
          set: node => setScalar(node, prefix + textOf(node) + suffix),
          create: 'scalar',
          createTag: '!!str',
        })
        resource.touched()
      }
    }
  }
}
