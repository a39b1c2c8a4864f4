/** `labels`, `commonLabels` and `commonAnnotations`: entries added to maps (api/filters/labels and annotations). */

import { compareStrings } from '../../go/value.ts'
import { stringScalar, type YamlMap } from '../../yaml/node.ts'
import type { Transformer } from '../context.ts'
import { type FieldSpec, FieldSpecs } from '../fieldspec.ts'
import { expectKind, isNull, setField } from '../nodes.ts'

/** Adds entries to every map the field specs name. */
export function addEntries(entries: ReadonlyMap<string, string>, fieldSpecs: readonly FieldSpec[]): Transformer {
  const specs = new FieldSpecs(fieldSpecs)
  const sorted = [...entries].sort(([a], [b]) => compareStrings(a, b))
  return map => {
    for (const resource of map.resources) {
      if (resource.isEmpty) continue
      for (const [key, value] of sorted) {
        // One node for all places of a resource, as in Kustomize: a later change of one of them changes all.
        const node = stringScalar(value)
        specs.apply(resource, {
          create: 'map',
          createTag: '!!map',
          set: field => {
            if (isNull(field)) return
            expectKind(field, 'map')
            setField(field as YamlMap, key, node)
          },
        })
      }
    }
  }
}
