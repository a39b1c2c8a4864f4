/** Fields of values, and the closures that follow them (exec.go: evalField, evalFieldChain). */
import { type GoFunc, GoMap, GoObject, GoSlice, type GoValue, typeOf } from '../go/value.ts'
import { callPlain } from './calls.ts'
import type { Eval, Frame, Value } from './frame.ts'
import type { Node } from './node.ts'

/** Whether what a field or element of a container gives is held in an interface. */
export function holdsInterfaces(v: Value): boolean {
  if (v instanceof GoMap || v instanceof GoSlice) return v.elem === 'interface {}'
  return v instanceof Map || Array.isArray(v)
}

/** What a missing key of a typed map gives: the zero value of its element type. */
function zeroElement(map: ReadonlyMap<string, GoValue>): Value {
  if (!(map instanceof GoMap)) return null
  switch (map.elem) {
    case 'string':
      return ''
    case '[]uint8':
      return new Uint8Array(0)
    default:
      return null
  }
}

function methodOf(v: Value, name: string): GoFunc | undefined {
  if (v instanceof GoObject || v instanceof GoMap) return v.method(name)
  if (!(v instanceof GoSlice)) return undefined
  const { methods } = v
  return methods !== undefined && Object.hasOwn(methods, name) ? methods[name] : undefined
}

/** Calls a method with the arguments that the last field of a chain is given. */
export type FieldArgs = (fr: Frame, dot: Value, final: Value, method: GoFunc, name: string) => Value

/** A field of a value (evalField); `args` only where it is given some. */
function evalField(
  fr: Frame,
  receiver: Value,
  inInterface: boolean,
  name: string,
  args?: { readonly pass: FieldArgs; readonly dot: Value; readonly final: Value },
): Value {
  if (receiver === undefined) {
    if (fr.ex.strict) fr.fail(`nil data; no entry for key "${name}"`)
    return undefined
  }
  if (receiver === null) fr.fail(`nil pointer evaluating interface {}.${name}`)
  const method = methodOf(receiver, name)
  if (method !== undefined) {
    return args === undefined ? callPlain(fr, method, name) : args.pass(fr, args.dot, args.final, method, name)
  }
  if (receiver instanceof Map) {
    if (args !== undefined) fr.fail(`${name} is not a method but has arguments`)
    const value = receiver.get(name)
    if (value !== undefined) return value
    if (fr.ex.strict) fr.fail(`map has no entry for key "${name}"`)
    return zeroElement(receiver)
  }
  if (receiver instanceof GoObject) {
    const value = receiver.field(name)
    if (value !== undefined) {
      if (!isExported(name)) {
        const type = inInterface ? 'interface {}' : typeOf(receiver)
        fr.fail(`${name} is an unexported field of struct type ${type}`)
      }
      if (args !== undefined) fr.fail(`${name} has arguments but cannot be invoked as function`)
      return value
    }
  }
  fr.fail(`can't evaluate field ${name} in type ${inInterface ? 'interface {}' : typeOf(receiver)}`)
}

function isExported(name: string): boolean {
  const first = name.charCodeAt(0)
  return first < 0x80 ? first >= 0x41 && first <= 0x5a : /^\p{Lu}/u.test(name)
}

/** Tells whether the value that a chain of fields starts from is held in an interface. */
export type StartsInInterface = (fr: Frame) => boolean

/** Follows fields to the last one. */
function follow(fr: Frame, start: Value, ident: readonly string[], starts: StartsInInterface): Value {
  let v = start
  let before: Value
  for (let i = 0; i < ident.length; i++) {
    const name = ident[i]!
    let next: Value
    if (v instanceof Map && !(v instanceof GoMap && v.method(name) !== undefined)) {
      next = v.get(name)
      if (next === undefined && !fr.ex.strict) next = zeroElement(v)
    }
    if (next === undefined) next = evalField(fr, v, i === 0 ? starts(fr) : holdsInterfaces(before), name)
    before = v
    v = next
  }
  return v
}

/** `.a.b` */
export function fieldsOfDot(node: Node, ident: readonly string[], starts: StartsInInterface): Eval {
  return (fr, dot) => {
    fr.node = node
    return follow(fr, dot, ident, starts)
  }
}

/** `$x.a.b`, `(x).a.b` */
export function fieldsOf(node: Node, ident: readonly string[], start: Eval, starts: StartsInInterface): Eval {
  return (fr, dot) => {
    fr.node = node
    return follow(fr, start(fr, dot), ident, starts)
  }
}

/** `.a.b arg`: the last field is given arguments. */
export function fieldsWithArgs(
  node: Node,
  ident: readonly string[],
  start: Eval | undefined,
  starts: StartsInInterface,
  args: FieldArgs,
): Eval {
  return (fr, dot, final) => {
    fr.node = node
    let v = start === undefined ? dot : start(fr, dot)
    let isHeld = starts(fr)
    const last = ident.length - 1
    for (let i = 0; i < last; i++) {
      const next = evalField(fr, v, isHeld, ident[i]!)
      isHeld = holdsInterfaces(v)
      v = next
    }
    return evalField(fr, v, isHeld, ident[last]!, { pass: args, dot, final })
  }
}
