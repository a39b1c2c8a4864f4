/** Closures that give a value (exec.go: the eval functions). */
import { quote } from '../go/strconv.ts'
import { isTrue, type Signature } from '../go/value.ts'
import * as calls from './calls.ts'
import { failing, literal, literalArgument } from './constants.ts'
import * as fields from './fields.ts'
import type { Check, Eval, Plan, Value } from './frame.ts'
import { builtins } from './funcs.ts'
import {
  type ChainNode,
  type CommandNode,
  type FieldNode,
  type IdentifierNode,
  type Node,
  type PipeNode,
  printNode,
  type VariableNode,
} from './node.ts'
import { checkFor, goTypeName, nilFor } from './params.ts'
import { type Place, Scope } from './scope.ts'

/** A pipeline. Its declarations enter the scope. */
export function pipe(scope: Scope, node: PipeNode): Eval {
  const { cmds, decl, isAssign } = node
  const value = chained(cmds.map((cmd, i) => command(scope, cmd, i > 0, node)))
  if (decl.length === 0) return value
  const slots = decl.map(({ ident }) => (isAssign ? scope.find(ident[0]!) : scope.declare(ident[0]!))?.slot)
  const [slot] = slots
  return slots.length === 1 && slot !== undefined ? setting(value, slot) : settingMany(value, decl, slots)
}

function setting(value: Eval, slot: number): Eval {
  return (fr, dot) => {
    const v = value(fr, dot)
    fr.vars[slot] = v
    fr.vars[slot + 1] = false
    return v
  }
}

function settingMany(value: Eval, decl: readonly VariableNode[], slots: readonly (number | undefined)[]): Eval {
  return (fr, dot) => {
    const v = value(fr, dot)
    for (const [i, slot] of slots.entries()) {
      if (slot === undefined) return fr.fail(`undefined variable: ${decl[i]!.ident[0]!}`)
      fr.vars[slot] = v
      fr.vars[slot + 1] = false
    }
    return v
  }
}

/** Runs commands one after the other; each result is unwrapped and is the last argument of the next. */
function chained(commands: readonly Eval[]): Eval {
  switch (commands.length) {
    case 1: {
      const only = commands[0]!
      return (fr, dot) => only(fr, dot) ?? undefined
    }
    case 2: {
      const [first, second] = commands as [Eval, Eval]
      return (fr, dot) => second(fr, dot, first(fr, dot) ?? undefined) ?? undefined
    }
  }
  return (fr, dot) => {
    let v: Value
    for (let i = 0; i < commands.length; i++) v = commands[i]!(fr, dot, v) ?? undefined
    return v
  }
}

/** A command of a pipeline; all but the first are given what the one before gave. */
function command(scope: Scope, cmd: CommandNode, hasFinal: boolean, whole: PipeNode): Eval {
  const { args } = cmd
  const first = args[0]!
  const rest = args.length === 1 ? none : args.slice(1)
  switch (first.kind) {
    case 'field':
      return field(scope, first, rest, hasFinal)
    case 'chain':
      return chain(scope, first, rest, hasFinal)
    case 'identifier':
      return func(scope, first, cmd, rest, hasFinal)
    case 'variable':
      return variable(scope, first, rest, hasFinal)
  }
  if (rest.length > 0 || hasFinal) {
    const reason = `can't give argument to non-function ${printNode(first)}`
    if (first.kind !== 'pipe') return failing(first, reason)
    // Go is still at the pipeline, or at what the command before ended with.
    return hasFinal ? fr => fr.fail(reason) : failing(whole, reason)
  }
  return first.kind === 'nil' ? failing(first, 'nil is not a command') : term(scope, first)
}

const none: readonly Node[] = []

/** An expression by itself. */
function term(scope: Scope, node: Node): Eval {
  switch (node.kind) {
    case 'dot':
      return (fr, dot) => {
        fr.node = node
        return dot
      }
    case 'field':
      return field(scope, node, none, false)
    case 'variable':
      return variable(scope, node, none, false)
    case 'pipe':
      return pipe(scope, node)
    case 'identifier':
      return func(scope, node, node, none, false)
    case 'chain':
      return chain(scope, node, none, false)
    default:
      return literal(node)
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// Fields

const never = (): boolean => false
const always = (): boolean => true

function field(scope: Scope, node: FieldNode, rest: readonly Node[], hasFinal: boolean): Eval {
  const { dotFlag } = scope
  const starts = dotFlag === undefined ? never : flagAt(dotFlag)
  return fieldChain(scope, node, node.ident, undefined, starts, rest, hasFinal)
}

function variable(scope: Scope, node: VariableNode, rest: readonly Node[], hasFinal: boolean): Eval {
  const name = node.ident[0]!
  const slot = scope.find(name)?.slot
  if (slot === undefined) return failing(node, `undefined variable: ${name}`)
  if (node.ident.length > 1) {
    return fieldChain(scope, node, node.ident.slice(1), valueAt(slot), flagAt(slot + 1), rest, hasFinal)
  }
  if (rest.length > 0 || hasFinal) return failing(node, `can't give argument to non-function ${printNode(node)}`)
  return fr => {
    fr.node = node
    return fr.vars[slot]
  }
}

function valueAt(slot: number): Eval {
  return fr => fr.vars[slot]
}

function flagAt(slot: number): fields.StartsInInterface {
  return fr => fr.vars[slot] === true
}

function chain(scope: Scope, node: ChainNode, rest: readonly Node[], hasFinal: boolean): Eval {
  const inner = node.node
  if (inner.kind === 'nil') return failing(node, `indirection through explicit nil in ${printNode(node)}`)
  // A parenthesized pipeline, or a function without arguments.
  const inInterface = inner.kind === 'identifier' && scope.funcs.get(inner.name)?.signature.result === 'any'
  return fieldChain(scope, node, node.field, term(scope, inner), inInterface ? always : never, rest, hasFinal)
}

/**
 * A chain of fields from a start value, dot where none is given; the last one may be a method with arguments.
 * Only an error text shows what `starts` tells.
 */
function fieldChain(
  scope: Scope,
  node: FieldNode | VariableNode | ChainNode,
  ident: readonly string[],
  start: Eval | undefined,
  starts: fields.StartsInInterface,
  rest: readonly Node[],
  hasFinal: boolean,
): Eval {
  if (rest.length === 0 && !hasFinal) {
    if (start === undefined) return fields.fieldsOfDot(node, ident, starts)
    return fields.fieldsOf(node, ident, start, starts)
  }
  return fields.fieldsWithArgs(node, ident, start, starts, methodArgs({ node, rest, hasFinal }, scope.place()))
}

/** A call as written: `rest` are its arguments, and a piped value comes after them if there is one. */
interface CallText {
  readonly node: Node
  readonly rest: readonly Node[]
  readonly hasFinal: boolean
}

/** Arguments of a method, which is known when it is found: they are compiled then, for each signature. */
function methodArgs(call: CallText, place: Place): fields.FieldArgs {
  const plans = new Map<Signature, Plan>()
  return (fr, dot, final, method, name) => {
    const { signature } = method
    let plan = plans.get(signature)
    if (plan === undefined) {
      plan = Scope.at(place, fr.ex.funcs, scope => planOfMethod(scope, signature, name, call))
      plans.set(signature, plan)
    }
    return plan(fr, dot, final, method.call)
  }
}

function planOfMethod(scope: Scope, signature: Signature, name: string, { node, rest, hasFinal }: CallText): Plan {
  const plan = callArgs(scope, signature, name, rest, hasFinal)
  return typeof plan === 'string' ? fr => fr.fail(plan) : calls.planOf(node, name, plan.args, plan.check)
}

// ---------------------------------------------------------------------------------------------------------------------
// Calls

function func(scope: Scope, node: IdentifierNode, cmd: Node, rest: readonly Node[], hasFinal: boolean): Eval {
  const { name } = node
  const func = scope.funcs.get(name)
  if (func === undefined) return failing(node, `${quote(name)} is not a defined function`)
  const isBuiltin = builtins.get(name) === func
  if (isBuiltin && (name === 'and' || name === 'or')) return andOr(scope, node, rest, hasFinal)
  const plan = callArgs(scope, func.signature, name, rest, hasFinal)
  if (typeof plan === 'string') return failing(node, plan)
  const { args, check } = plan
  if (isBuiltin && name === 'call') return calls.callOfValue(node, rest[0], calls.planOf(cmd, name, args, check))
  return calls.callOf(node, cmd, args, check)
}

/** and, or: stop at the operand that decides. */
function andOr(scope: Scope, node: IdentifierNode, rest: readonly Node[], hasFinal: boolean): Eval {
  if (rest.length === 0 && !hasFinal) {
    return failing(node, `wrong number of args for ${node.name}: want at least 1 got 0`)
  }
  const decides = node.name === 'or'
  const args = rest.map(arg => argument(scope, 'value', arg))
  const count = args.length
  return (fr, dot, final) => {
    fr.node = node
    let v: Value
    for (let i = 0; i < count; i++) {
      v = args[i]!(fr, dot)
      if (isTrue(v) === decides) return v
    }
    return hasFinal ? final : v
  }
}

/**
 * Counts and compiles the arguments of a call (evalCall): those written, and the check of the piped one. A string says
 * why there are too many or too few.
 */
function callArgs(
  scope: Scope,
  { params, variadic }: Signature,
  name: string,
  rest: readonly Node[],
  hasFinal: boolean,
): { readonly args: readonly Eval[]; readonly check: Check | undefined } | string {
  const given = rest.length + (hasFinal ? 1 : 0)
  const fixed = variadic ? params.length - 1 : params.length
  if (variadic ? given < fixed : given !== fixed) {
    // Of the variadic ones Go counts without the piped value.
    const [want, got] = variadic ? [`at least ${fixed}`, rest.length] : [fixed, given]
    return `wrong number of args for ${name}: want ${want} got ${got}`
  }
  const last = params.length - 1
  const args = rest.map((arg, i) => argument(scope, params[Math.min(i, last)]!, arg))
  return { args, check: hasFinal ? checkFor(params[Math.min(given - 1, last)]!) : undefined }
}

/** An argument for a parameter of a type (evalArg). */
function argument(scope: Scope, type: string, node: Node): Eval {
  switch (node.kind) {
    case 'nil': {
      const nil = nilFor(type)
      if (nil === undefined) return failing(node, `cannot assign nil to ${goTypeName(type)}`)
      return fr => {
        fr.node = node
        return nil()
      }
    }
    case 'dot':
    case 'field':
    case 'variable':
    case 'pipe':
    case 'identifier':
    case 'chain': {
      const value = term(scope, node)
      if (type === 'value') return value
      if (type === 'any') {
        return (fr, dot) => {
          const v = value(fr, dot)
          return v === undefined ? null : v
        }
      }
      const check = checkFor(type)
      return (fr, dot) => check(fr, value(fr, dot))
    }
  }
  return literalArgument(type, node)
}
