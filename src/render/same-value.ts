/** Parsed YAML, looked at as data. */
import type { GoValue } from '../go/value.ts'

export function isMap(v: GoValue | undefined): v is ReadonlyMap<string, GoValue> {
  return v instanceof Map
}

export function isList(v: GoValue | undefined): v is readonly GoValue[] {
  return Array.isArray(v)
}

/** Deep equality of parsed YAML. */
export function sameValue(a: GoValue | undefined, b: GoValue | undefined): boolean {
  if (a === b) return true
  if (isMap(a) && isMap(b)) {
    if (a.size !== b.size) return false
    for (const [key, value] of a) if (!b.has(key) || !sameValue(value, b.get(key))) return false
    return true
  }
  if (isList(a) && isList(b)) return a.length === b.length && a.every((item, i) => sameValue(item, b[i]))
  return typeof a === 'number' && typeof b === 'number' && Number.isNaN(a) && Number.isNaN(b)
}
