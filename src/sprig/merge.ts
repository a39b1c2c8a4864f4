/** mergo 1.0.1's Merge of maps (merge.go), as sprig's merge and mergeOverwrite use it. */

import { DecapodError } from '../errors.ts'
import { meet } from '../go/extent.ts'
import { type GoDict, GoError, GoMap, GoObject, type GoValue, isTrue } from '../go/value.ts'

const maxDepth = 2000

/**
 * Fills `target` from `source`: without `overwrite` what is missing or empty there, with it everything that is in the
 * source, even empty. Maps merge all the way down; lists and scalars are taken whole. Nested maps that are taken whole
 * stay shared with the source, so a later merge changes both, as in Go.
 */
export function merge(target: GoDict, source: ReadonlyMap<string, GoValue>, overwrite: boolean, depth = 0): void {
  meet(source.size * 3)
  if (depth > maxDepth) throw new DecapodError('LIMIT_EXCEEDED', `a value nests deeper than ${maxDepth} levels`)
  const put = (key: string, value: GoValue): void => {
    if (elementType(target) !== 'interface {}' && elementType(target) !== elementType(source)) {
      const types = `value of type ${elementType(source)} is not assignable to type ${elementType(target)}`
      throw new GoError(`reflect.Value.SetMapIndex: ${types}`, true)
    }
    target.set(key, value)
  }
  for (const [key, from] of source) {
    const to = target.get(key)
    if (from === null) {
      if (overwrite) put(key, null)
      continue
    }
    if (to instanceof GoMap && to.isNil && from instanceof GoObject && from.goKind === 'struct') {
      throw new GoError('reflect: call of reflect.Value.IsNil on struct Value', true)
    }
    if (from instanceof Map && to instanceof Map) {
      merge(to as GoDict, from as ReadonlyMap<string, GoValue>, overwrite, depth + 1)
      // An empty map may have been filled by now; only when both are empty is the source's own map put in place.
      if (!isEmpty(to)) continue
    }
    if (overwrite || to === undefined || isEmpty(to)) put(key, from)
  }
}

function elementType(map: ReadonlyMap<string, GoValue>): string {
  return map instanceof GoMap ? map.elem : 'interface {}'
}

/** mergo's idea of empty: as in `if`, but that a struct counts as full and a pointer as what it points to. */
function isEmpty(v: GoValue): boolean {
  return v === null || (!(v instanceof GoObject) && !isTrue(v))
}
