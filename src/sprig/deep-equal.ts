/** reflect.DeepEqual and deep copies over Go values. */

import { DecapodError } from '../errors.ts'
import { GoDuration } from '../go/duration.ts'
import { meet } from '../go/extent.ts'
import { GoTime } from '../go/time.ts'
import { GoInt, GoMap, type GoObject, GoSlice, type GoValue, typeOf } from '../go/value.ts'
import { GoVersion } from '../semver/go-version.ts'

const maxDepth = 2000
const zeroVersion = { major: 0n, minor: 0n, patch: 0n, prerelease: '', metadata: '', original: '' }

/** reflect.DeepEqual: equal types and contents; int 1 is not float64 1, a nil slice is not an empty one. */
export function deepEqual(a: GoValue, b: GoValue, depth = 0): boolean {
  if (typeof a === 'number') return a === b
  if (a === b) return true
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false
  if (typeOf(a) !== typeOf(b)) return false
  checkExtent(depth)
  if (a instanceof GoInt) return a.value === (b as GoInt).value
  if (a instanceof Map) return equalMaps(a, b as ReadonlyMap<string, GoValue>, depth)
  if (a instanceof Uint8Array) return Buffer.compare(a, b as Uint8Array) === 0
  if (Array.isArray(a)) return equalLists(a, b as readonly GoValue[], depth)
  return equalObjects(a as GoObject, b as GoObject, depth)
}

/** A part that is made takes as long as some that are looked at, and stays. */
const partsOfCopy = 12

function checkExtent(depth: number, parts = 3): void {
  meet(parts)
  if (depth > maxDepth) throw new DecapodError('LIMIT_EXCEEDED', `a value nests deeper than ${maxDepth} levels`)
}

function equalMaps(a: ReadonlyMap<string, GoValue>, b: ReadonlyMap<string, GoValue>, depth: number): boolean {
  if (a.size !== b.size || isNil(a) !== isNil(b)) return false
  for (const [key, value] of a) {
    const other = b.get(key)
    if (other === undefined || !deepEqual(value, other, depth + 1)) return false
  }
  return true
}

function equalLists(a: readonly GoValue[], b: readonly GoValue[], depth: number): boolean {
  if (a.length !== b.length || isNil(a) !== isNil(b)) return false
  return a.every((item, i) => deepEqual(item, b[i]!, depth + 1))
}

function isNil(v: object): boolean {
  return (v instanceof GoSlice || v instanceof GoMap) && v.isNil
}

function equalObjects(a: GoObject, b: GoObject, depth: number): boolean {
  if (a instanceof GoTime && b instanceof GoTime) {
    return a.unix === b.unix && a.nanosecond === b.nanosecond && a.location.name === b.location.name
  }
  if (a instanceof GoDuration && b instanceof GoDuration) return a.nanoseconds === b.nanoseconds
  const integer = a.integer()
  if (integer !== undefined) return integer === b.integer()
  const names = a.fieldNames()
  // Without fields to see, the text must do (versions).
  if (names.length === 0) return a.text() !== undefined && a.text() === b.text()
  return names.every(name => deepEqual(a.field(name) ?? null, b.field(name) ?? null, depth + 1))
}

/** mitchellh/copystructure's Copy: maps and lists are copied all the way down, with their types. */
export function deepCopy(v: GoValue, depth = 0): GoValue {
  if (v === null || typeof v !== 'object') return v
  checkExtent(depth, partsOfCopy)
  if (v instanceof GoMap) {
    const copy = new GoMap(v.type, v.elem, [], v.methods)
    copy.isNil = v.isNil
    for (const [key, value] of v) copy.set(key, deepCopy(value, depth + 1))
    return copy
  }
  if (v instanceof Map) {
    const copy = new Map<string, GoValue>()
    for (const [key, value] of v) copy.set(key, deepCopy(value, depth + 1))
    return copy
  }
  if (v instanceof Uint8Array) return v.slice()
  if (v instanceof GoSlice) {
    const copy = GoSlice.make(v.elem, [])
    copy.isNil = v.isNil
    for (const item of v) copy.push(deepCopy(item, depth + 1))
    return copy
  }
  if (Array.isArray(v)) return v.map((item: GoValue) => deepCopy(item, depth + 1))
  // The copy of a version is 0.0.0: the library does not see its unexported fields.
  return v instanceof GoVersion ? new GoVersion(zeroVersion, v.goKind === 'ptr' ? 'ptr' : 'struct') : v
}
