/** `replicas`: the number of replicas of what has a name (api/internal/builtins/ReplicaCountTransformer.go). */
import type { Transformer } from '../context.ts'
import { fail } from '../fail.ts'
import { applyFieldSpec, type FieldSpec, setScalar } from '../fieldspec.ts'
import { formatGvk, isGvkSelected } from '../resid.ts'

export function replicasTransformer(name: string, count: bigint, fieldSpecs: readonly FieldSpec[]): Transformer {
  return map => {
    let found = false
    const named = map.named(name).filter(resource => !resource.isEmpty)
    for (const spec of fieldSpecs) {
      for (const resource of named) {
        if (!resource.anyIds().some(id => id.name === name && isGvkSelected(id, spec))) continue
        found = true
        applyFieldSpec(resource, spec, {
          set: node => setScalar(node, String(count), '!!int'),
          create: 'scalar',
          createTag: '!!int',
        })
      }
    }
    if (!found) {
      const kinds = fieldSpecs.map(formatGvk).join(' ')
      fail(
        'PATCH_TARGET_MISSING',
        `resource with name ${name} does not match a config with the following GVK [${kinds}]`,
        { hint: 'replicas: names a resource by metadata.name, before or after prefixes' },
      )
    }
  }
}
