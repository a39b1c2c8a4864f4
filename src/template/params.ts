/** What may be passed for a parameter of a function (text/template, exec.go: validateType and what it asks of reflect). */
import { GoInt, GoMap, GoObject, GoSlice, typeOf } from '../go/value.ts'
import type { Check, Value } from './frame.ts'

/** Go's name of a parameter type as errors show it. */
export function goTypeName(type: string): string {
  switch (type) {
    case 'any':
      return 'interface {}'
    case 'value':
      return 'reflect.Value'
    case 'dict':
      return 'map[string]interface {}'
    case 'strmap':
      return 'map[string]string'
    case '[]any':
      return '[]interface {}'
    case 'time':
      return 'time.Time'
    case 'cert':
      return 'sprig.certificate'
    case 'semver':
      return '*semver.Version'
    default:
      return type
  }
}

/** The zero value that nil becomes for a parameter that can be nil; undefined for the others. */
export function nilFor(type: string): (() => Value) | undefined {
  switch (type) {
    case 'any':
    case 'semver':
      return () => null
    case 'value':
      return () => undefined
    case 'dict':
      return () => GoMap.nil()
    case 'strmap':
      return () => {
        const map = new GoMap('map[string]string', 'string')
        map.isNil = true
        return map
      }
    default:
      return type.startsWith('[]') ? () => GoSlice.nil(type === '[]any' ? 'interface {}' : type.slice(2)) : undefined
  }
}

/** Whether a value that is neither nil nor invalid may be passed for a type (reflect's AssignableTo). */
function assignable(type: string): (v: Value) => boolean {
  switch (type) {
    case 'any':
    case 'value':
      return () => true
    case 'string':
      return v => typeof v === 'string'
    case 'bool':
      return v => typeof v === 'boolean'
    case 'int':
      return v => typeof v === 'bigint'
    case 'float64':
      return v => typeof v === 'number'
    case 'dict':
      // A named map type is assignable when its underlying type is this one.
      return v => v instanceof Map && (!(v instanceof GoMap) || (v.elem === 'interface {}' && !v.type.startsWith('*')))
    case 'strmap':
      return v => v instanceof GoMap && v.elem === 'string'
    case '[]any':
      return v => Array.isArray(v) && (!(v instanceof GoSlice) || v.elem === 'interface {}')
  }
  if (type.startsWith('[]')) return v => v instanceof GoSlice && v.elem === type.slice(2)
  const name = goTypeName(type)
  return v => {
    if (v instanceof GoInt) return v.type === name
    if (!(v instanceof GoObject)) return false
    // A pointer is followed once.
    return v.goType === name || v.goType === '*' + name
  }
}

const checks = new Map<string, Check>()

/** validateType of exec.go, for one type. */
export function checkFor(type: string): Check {
  let check = checks.get(type)
  if (check !== undefined) return check
  const name = goTypeName(type)
  const nil = nilFor(type)
  const fits = assignable(type)
  if (type === 'value') check = (_fr, v) => v
  else if (type === 'any') check = (_fr, v) => (v === undefined ? null : v)
  else {
    check = (fr, v) => {
      if (v === undefined) return nil === undefined ? fr.fail(`invalid value; expected ${name}`) : nil()
      if (v === null) fr.fail(`wrong type for value; expected ${name}; got interface {}`)
      if (!fits(v)) fr.fail(`wrong type for value; expected ${name}; got ${typeOf(v)}`)
      return v instanceof GoMap ? v.plain() : v
    }
  }
  checks.set(type, check)
  return check
}
