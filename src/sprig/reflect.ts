/** Sprig's questions about types (reflect.go). */
import { fn, type GoFunc, type GoValue, kindOf, typeOf } from '../go/value.ts'
import { deepEqual } from './deep-equal.ts'

/** The functions of this chapter by name. */
export const reflect: Readonly<Record<string, GoFunc>> = {
  typeOf: fn('(any) string', (v: GoValue) => typeOf(v)),
  typeIs: fn('(string, any) bool', (type: string, v: GoValue) => typeOf(v) === type),
  typeIsLike: fn('(string, any) bool', (type: string, v: GoValue) => {
    const actual = typeOf(v)
    return actual === type || actual === `*${type}`
  }),
  kindOf: fn('(any) string', (v: GoValue) => kindOf(v)),
  kindIs: fn('(string, any) bool', (kind: string, v: GoValue) => kindOf(v) === kind),
  deepEqual: fn('(any, any) bool', (a: GoValue, b: GoValue) => deepEqual(a, b)),
}
