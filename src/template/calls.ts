/**
 * Closures that call functions and methods. They are made here, outside of what compiles, so that each keeps alive what it
 * uses and no more: there are hundreds of thousands of them.
 */
import { DecapodError } from '../errors.ts'
import { maxStringLength } from '../go/strings.ts'
import { GoError, type GoFunc, GoSlice, typeOf } from '../go/value.ts'
import { TemplateExecError } from './errors.ts'
import type { Check, Eval, Frame, Plan, Value } from './frame.ts'
import { type IdentifierNode, type Node, printNode } from './node.ts'

const maxListLength = 1_000_000

/** What any call takes. */
const stepsOfCall = 4

/** What a function threw, as the error of the node that called it. */
function callError(fr: Frame, node: Node, name: string, error: unknown): unknown {
  if (error instanceof GoError || error instanceof TemplateExecError) {
    fr.node = node
    return new TemplateExecError(fr.place(), `error calling ${name}`, error)
  }
  if (error instanceof DecapodError) {
    if (error.at !== undefined) return error
    fr.node = node
    return new DecapodError(error.code, error.message, { ...fr.details(), hint: error.hint, notes: error.notes })
  }
  // Not a regular expression: with the stack used up, nothing more can be compiled.
  if (error instanceof RangeError && error.message === 'Invalid string length') {
    fr.node = node
    return new DecapodError('LIMIT_EXCEEDED', `${name} made a string that is too long`, fr.details())
  }
  return error
}

/** What a function gave. Long texts and lists count as steps: they are what a loop could fill the memory with. */
function weighed(fr: Frame, v: Value): Value {
  // Looked at with the next step: whatever repeats a call makes steps.
  fr.ex.steps += stepsOfCall
  if (typeof v === 'string') {
    if (v.length > 4096) {
      if (v.length > maxStringLength) {
        throw new DecapodError('LIMIT_EXCEEDED', `a text of more than ${maxStringLength} characters`, fr.details())
      }
      fr.ex.spend(v.length >> 3, fr)
    }
  } else if (typeof v === 'object' && Array.isArray(v) && v.length > 64) {
    if (v.length > maxListLength) {
      throw new DecapodError('LIMIT_EXCEEDED', `a list of more than ${maxListLength} elements`, fr.details())
    }
    // A typed list is a new one, with new elements.
    fr.ex.spend(v instanceof GoSlice ? v.length * 2 : v.length >> 2, fr)
  }
  return v
}

/** Names of functions, each with its number: an array finds what it stands for in a render sooner than a map. */
const numbers = new Map<string, number>()

function numberOf(name: string): number {
  let number = numbers.get(name)
  if (number === undefined) numbers.set(name, (number = numbers.size))
  return number
}

/** What a name stands for in this render. */
// biome-ignore lint/suspicious/noExplicitAny: GoFunc.call is typed by its signature text.
function functionOf(fr: Frame, number: number, name: string): (...args: any[]) => Value {
  const { ex } = fr
  return (ex.calls[number] ??= ex.funcs.get(name)!.call)
}

/**
 * A call of a function with the arguments that are written and perhaps a piped one, which `check` takes. `cmd` is what a
 * failing call is blamed on. Spelled out for the common counts: an array of arguments per call is what would cost.
 */
export function callOf(node: IdentifierNode, cmd: Node, args: readonly Eval[], check: Check | undefined): Eval {
  const [first, second] = args
  if (first === undefined) return check === undefined ? call0(node, cmd) : call0Piped(node, cmd, check)
  if (second === undefined) return check === undefined ? call1(node, cmd, first) : call1Piped(node, cmd, first, check)
  if (args.length === 2) {
    return check === undefined ? call2(node, cmd, first, second) : call2Piped(node, cmd, first, second, check)
  }
  return callMany(node, planOf(cmd, node.name, args, check))
}

function call0(node: IdentifierNode, cmd: Node): Eval {
  const number = numberOf(node.name)
  return fr => {
    fr.node = node
    try {
      return weighed(fr, functionOf(fr, number, node.name)())
    } catch (error) {
      throw callError(fr, cmd, node.name, error)
    }
  }
}

function call0Piped(node: IdentifierNode, cmd: Node, check: Check): Eval {
  const number = numberOf(node.name)
  return (fr, _dot, final) => {
    fr.node = node
    const a = check(fr, final)
    try {
      return weighed(fr, functionOf(fr, number, node.name)(a))
    } catch (error) {
      throw callError(fr, cmd, node.name, error)
    }
  }
}

function call1(node: IdentifierNode, cmd: Node, first: Eval): Eval {
  const number = numberOf(node.name)
  return (fr, dot) => {
    fr.node = node
    const a = first(fr, dot)
    try {
      return weighed(fr, functionOf(fr, number, node.name)(a))
    } catch (error) {
      throw callError(fr, cmd, node.name, error)
    }
  }
}

function call1Piped(node: IdentifierNode, cmd: Node, first: Eval, check: Check): Eval {
  const number = numberOf(node.name)
  return (fr, dot, final) => {
    fr.node = node
    const a = first(fr, dot)
    const b = check(fr, final)
    try {
      return weighed(fr, functionOf(fr, number, node.name)(a, b))
    } catch (error) {
      throw callError(fr, cmd, node.name, error)
    }
  }
}

function call2(node: IdentifierNode, cmd: Node, first: Eval, second: Eval): Eval {
  const number = numberOf(node.name)
  return (fr, dot) => {
    fr.node = node
    const a = first(fr, dot)
    const b = second(fr, dot)
    try {
      return weighed(fr, functionOf(fr, number, node.name)(a, b))
    } catch (error) {
      throw callError(fr, cmd, node.name, error)
    }
  }
}

function call2Piped(node: IdentifierNode, cmd: Node, first: Eval, second: Eval, check: Check): Eval {
  const number = numberOf(node.name)
  return (fr, dot, final) => {
    fr.node = node
    const a = first(fr, dot)
    const b = second(fr, dot)
    const c = check(fr, final)
    try {
      return weighed(fr, functionOf(fr, number, node.name)(a, b, c))
    } catch (error) {
      throw callError(fr, cmd, node.name, error)
    }
  }
}

function callMany(node: IdentifierNode, plan: Plan): Eval {
  const number = numberOf(node.name)
  return (fr, dot, final) => {
    fr.node = node
    return plan(fr, dot, final, functionOf(fr, number, node.name))
  }
}

/** Any number of arguments, for a function that is given. */
export function planOf(cmd: Node, name: string, args: readonly Eval[], check: Check | undefined): Plan {
  return (fr, dot, final, call) => {
    const values: Value[] = []
    for (let i = 0; i < args.length; i++) values.push(args[i]!(fr, dot))
    if (check !== undefined) values.push(check(fr, final))
    try {
      return weighed(fr, call(...values))
    } catch (error) {
      throw callError(fr, cmd, name, error)
    }
  }
}

/** call: the function's name, as written, goes before the arguments. */
export function callOfValue(node: IdentifierNode, written: Node | undefined, plan: Plan): Eval {
  const number = numberOf(node.name)
  return (fr, dot, final) => {
    fr.node = node
    const name = written === undefined ? describe(final) : printNode(written)
    const call = functionOf(fr, number, node.name)
    return plan(fr, dot, final, (...args) => call(name, ...args))
  }
}

/** A method without arguments; the frame is at the field. */
export function callPlain(fr: Frame, { signature, call }: GoFunc, name: string): Value {
  const { params, variadic } = signature
  const { node } = fr
  const want = variadic ? params.length - 1 : params.length
  if (want > 0) fr.fail(`wrong number of args for ${name}: want ${variadic ? `at least ${want}` : want} got 0`)
  try {
    return call()
  } catch (error) {
    throw callError(fr, node, name, error)
  }
}

/** reflect.Value's String: a string is itself, others are named by their type. */
function describe(v: Value): string {
  if (typeof v === 'string') return v
  return v === undefined ? '<invalid Value>' : `<${typeOf(v)} Value>`
}
