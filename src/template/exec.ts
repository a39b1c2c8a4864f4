/**
 * The executor (text/template, exec.go). A parsed template is compiled once to closures, which know nothing of a
 * render; what a render changes (dot, variables, output, functions) is in the Frame and the Execution they are given.
 *
 * Values. `undefined` is Go's invalid reflect.Value (nothing at all); `null` is a nil inside an interface (a null or
 * missing map entry). Go treats the two differently: a field of nothing is nothing, a field of a nil is an error. The
 * result of a pipeline is unwrapped, so it is never null.
 *
 * Errors name the node the state was last "at". Every closure therefore notes its node where Go would, no more.
 */
import { DecapodError } from '../errors.ts'
import { formatValue, sortedKeys } from '../go/fmt.ts'
import { quote } from '../go/strconv.ts'
import {
  GoError,
  type GoFunc,
  GoInt,
  GoMap,
  GoObject,
  GoSlice,
  type GoValue,
  isTrue,
  type Signature,
  typeOf,
} from '../go/value.ts'
import { type ExecPlace, TemplateExecError } from './errors.ts'
import { builtins } from './funcs.ts'
import {
  type ActionNode,
  type BranchNode,
  type ChainNode,
  type CommandNode,
  type FieldNode,
  type IdentifierNode,
  type ListNode,
  lineAndColumn,
  type Node,
  type NumberNode,
  type PipeNode,
  printNode,
  type TemplateNode,
  type VariableNode,
} from './node.ts'
import type { Tree } from './parse.ts'

/** What an expression evaluates to; undefined is Go's invalid value. */
export type Value = GoValue | undefined

/** How much a render may use before it is stopped. */
export interface ExecLimits {
  /** Iterations of range and calls of templates, together. */
  readonly steps: number
  /** Characters of output of one template or include. */
  readonly output: number
}

export const defaultLimits: ExecLimits = { steps: 20_000_000, output: 256 * 1024 * 1024 }

const maxListLength = 5_000_000

/** Go's limit on templates within templates (maxExecDepth). */
const maxTemplateDepth = 100_000

/** A template that can be executed: a tree under a name, in a file. */
export interface Template {
  /** The file's name, or what define gave. */
  readonly name: string
  readonly file: string
  /** The text of the file. */
  readonly text: string
  readonly tree: Tree
}

/** Compiled trees. `funcs` gives the signatures: all renders that share a tree have the same ones. */
const programs = new WeakMap<Tree, Program>()

function compiled(tree: Tree, funcs: ReadonlyMap<string, GoFunc>): Program {
  let program = programs.get(tree)
  if (program === undefined) programs.set(tree, (program = new Compiler(funcs).program(tree)))
  return program
}

/** Finds templates by name; undefined when there is none. */
export interface TemplateLookup {
  lookup(name: string): Template | undefined
}

/** One render: what all templates executed in it share. */
export class Execution {
  readonly funcs: ReadonlyMap<string, GoFunc>
  readonly limits: ExecLimits
  /** missingkey=error: a missing key of a map fails instead of being nil. */
  readonly strict: boolean
  /** The templates in scope; tpl puts its own over it while it runs. */
  templates: TemplateLookup
  /** The output of the template that is executing. */
  out = ''
  steps = 0

  constructor(
    funcs: ReadonlyMap<string, GoFunc>,
    templates: TemplateLookup,
    options: { strict?: boolean; limits?: ExecLimits } = {},
  ) {
    this.funcs = funcs
    this.templates = templates
    this.strict = options.strict ?? false
    this.limits = options.limits ?? defaultLimits
  }

  /** Executes a template on data and returns its output. Throws TemplateExecError, or DecapodError for a limit. */
  run(template: Template, data: Value): string {
    const { walk, slots } = compiled(template.tree, this.funcs)
    const outer = this.out
    this.out = ''
    const dot = data === null ? undefined : data
    const frame = new Frame(this, template, slots, 0)
    frame.vars[0] = dot
    this.step(frame)
    walk(frame, dot)
    const out = this.out
    this.out = outer
    return out
  }

  /** Counts a step and stops the render when there were too many. */
  step(frame: Frame): void {
    if (++this.steps > this.limits.steps) this.spend(0, frame)
  }

  /** Counts work that takes as long, or as much memory, as that many steps. */
  spend(steps: number, frame?: Frame): void {
    if ((this.steps += steps) <= this.limits.steps) return
    throw new DecapodError('LIMIT_EXCEEDED', `templates took more than ${this.limits.steps} steps`, frame?.details())
  }

  /** Called after output was added, when it has become too long. */
  outputTooLong(frame: Frame): never {
    throw new DecapodError(
      'LIMIT_EXCEEDED',
      `a template wrote more than ${this.limits.output} characters`,
      frame.details(),
    )
  }
}

/** One template being executed. */
class Frame {
  readonly ex: Execution
  readonly template: Template
  /** By slot: the value of a variable; the slot after it tells whether the value is held in an interface (range). */
  readonly vars: Value[]
  readonly depth: number
  /** The node evaluated last, for errors. */
  node: Node

  constructor(ex: Execution, template: Template, slots: number, depth: number) {
    this.ex = ex
    this.template = template
    this.vars = new Array<Value>(slots)
    this.depth = depth
    this.node = template.tree.root
  }

  place(): ExecPlace {
    const { name, file, text } = this.template
    const { line, column } = lineAndColumn(text, this.node.pos)
    return { template: name, file, line, column, context: printNode(this.node) }
  }

  details(): { at: { file: string; line: number; column: number } } {
    const { file, line, column } = this.place()
    return { at: { file, line, column: column + 1 } }
  }

  fail(reason: string): never {
    throw new TemplateExecError(this.place(), reason)
  }
}

/** What ended a list: nothing, break or continue. */
type Signal = 0 | 1 | 2
const BREAK = 1
const CONTINUE = 2

/** Writes output. */
type Walk = (fr: Frame, dot: Value) => Signal
/** Gives a value; `final` is the result of the previous command of the pipeline. */
type Eval = (fr: Frame, dot: Value, final?: Value) => Value
/** Checks a value against a parameter's type and gives what the function receives. */
type Check = (fr: Frame, v: Value) => Value
/** Evaluates arguments and calls. */
// biome-ignore lint/suspicious/noExplicitAny: GoFunc.call is typed by its signature text.
type Plan = (fr: Frame, dot: Value, final: Value, call: (...args: any[]) => Value) => Value

interface Program {
  readonly walk: Walk
  readonly slots: number
}

// ---------------------------------------------------------------------------------------------------------------------
// Types of parameters

/** Go's name of a parameter type as errors show it. */
function goTypeName(type: string): string {
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
function nilFor(type: string): (() => Value) | undefined {
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
function checkFor(type: string): Check {
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

const intBits: Readonly<Record<string, number>> = { int: 64, int8: 8, int16: 16, int32: 32, int64: 64 }
const uintBits: Readonly<Record<string, number>> = { uint: 64, uint8: 8, uint16: 16, uint32: 32, uint64: 64 }

/** A complex constant: templates can write one, nothing can be done with it but print it. */
class GoComplex extends GoObject {
  readonly goType = 'complex128'
  readonly goKind = 'complex128'
  private readonly real: number
  private readonly imag: number

  constructor(real: number, imag: number) {
    super()
    this.real = real
    this.imag = imag
  }

  override text(): string {
    const imag = formatValue(this.imag)
    return `(${formatValue(this.real)}${/^[+-]/.test(imag) ? '' : '+'}${imag}i)`
  }

  override truth(): boolean {
    return this.real !== 0 || this.imag !== 0
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// Fields

/** Whether what a field or element of a container gives is held in an interface. */
function holdsInterfaces(v: Value): boolean {
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
  if (v instanceof GoObject) return v.method(name)
  if (v instanceof GoMap || v instanceof GoSlice) {
    const { methods } = v
    return methods !== undefined && Object.hasOwn(methods, name) ? methods[name] : undefined
  }
  return undefined
}

/** Calls a method with the arguments that the last field of a chain is given. */
type FieldArgs = (fr: Frame, dot: Value, final: Value, method: GoFunc, name: string) => Value

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
      if (!/^\p{Lu}/u.test(name)) {
        const type = inInterface ? 'interface {}' : typeOf(receiver)
        fr.fail(`${name} is an unexported field of struct type ${type}`)
      }
      if (args !== undefined) fr.fail(`${name} has arguments but cannot be invoked as function`)
      return value
    }
  }
  fr.fail(`can't evaluate field ${name} in type ${inInterface ? 'interface {}' : typeOf(receiver)}`)
}

const isPlainMap = (v: Value): v is Map<string, GoValue> => typeof v === 'object' && v !== null && v.constructor === Map

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

// ---------------------------------------------------------------------------------------------------------------------
// Compiling

/** A variable while it is compiled: its slot; the slot after it is its interface flag. */
interface Variable {
  readonly name: string
  readonly slot: number
}

/** Where in a template something stands that is compiled later. */
interface Scope {
  readonly scope: readonly Variable[]
  readonly dotFlag: number | undefined
  readonly slots: number
}

/** A call as written: `rest` are its arguments, and a piped value comes after them if there is one. */
interface CallText {
  readonly node: Node
  readonly rest: readonly Node[]
  readonly hasFinal: boolean
}

class Compiler {
  /** Those of the render that compiles. They are let go when done: what was compiled outlives the render. */
  private funcs: ReadonlyMap<string, GoFunc>
  private slots = 2
  private scope: Variable[] = [{ name: '$', slot: 0 }]
  /** The slot that tells whether dot is held in an interface: inside a range only. */
  private dotFlag: number | undefined

  constructor(funcs: ReadonlyMap<string, GoFunc>) {
    this.funcs = funcs
  }

  program(tree: Tree): Program {
    const walk = this.list(tree.root)
    this.funcs = new Map()
    return { walk, slots: this.slots }
  }

  private newVariable(name: string): Variable {
    const variable = { name, slot: this.slots }
    this.slots += 2
    return variable
  }

  private find(name: string): Variable | undefined {
    return this.scope.findLast(v => v.name === name)
  }

  // -------------------------------------------------------------------------------------------------------------------
  // Walking

  private list(list: ListNode): Walk {
    const walks = list.nodes.map(node => this.walk(node))
    switch (walks.length) {
      case 0:
        return () => 0
      case 1:
        return walks[0]!
      case 2: {
        const [first, second] = walks as [Walk, Walk]
        return (fr, dot) => first(fr, dot) || second(fr, dot)
      }
    }
    const count = walks.length
    return (fr, dot) => {
      for (let i = 0; i < count; i++) {
        const signal = walks[i]!(fr, dot)
        if (signal !== 0) return signal
      }
      return 0
    }
  }

  private walk(node: Node): Walk {
    switch (node.kind) {
      case 'text': {
        const { text } = node
        return fr => {
          const { ex } = fr
          if ((ex.out += text).length > ex.limits.output) ex.outputTooLong(fr)
          return 0
        }
      }
      case 'action':
        return this.action(node)
      case 'if':
      case 'with':
        return this.ifOrWith(node)
      case 'range':
        return this.range(node)
      case 'template':
        return this.template(node)
      case 'break':
        return () => BREAK
      case 'continue':
        return () => CONTINUE
      default:
        throw new Error(`unexpected node ${node.kind}`)
    }
  }

  private action(node: ActionNode): Walk {
    const value = this.pipe(node.pipe)
    if (node.pipe.decl.length > 0) {
      return (fr, dot) => {
        value(fr, dot)
        return 0
      }
    }
    return (fr, dot) => {
      const v = value(fr, dot)
      const { ex } = fr
      const text = typeof v === 'string' ? v : v === undefined ? '<no value>' : printed(v)
      if ((ex.out += text).length > ex.limits.output) {
        fr.node = node
        ex.outputTooLong(fr)
      }
      return 0
    }
  }

  private ifOrWith(node: BranchNode): Walk {
    const { scope, dotFlag } = this
    this.scope = [...scope]
    const value = this.pipe(node.pipe)
    const declared = [...this.scope]
    // The dot of with is the result of a pipeline: in no interface.
    if (node.kind === 'with') this.dotFlag = undefined
    const then = this.list(node.list)
    this.dotFlag = dotFlag
    this.scope = declared
    const otherwise = node.elseList === undefined ? undefined : this.list(node.elseList)
    this.scope = scope
    if (node.kind === 'with') {
      return (fr, dot) => {
        const v = value(fr, dot)
        if (isTrue(v)) return then(fr, v)
        return otherwise === undefined ? 0 : otherwise(fr, dot)
      }
    }
    return (fr, dot) => {
      const v = value(fr, dot)
      if (v === true || (v !== false && isTrue(v))) return then(fr, dot)
      return otherwise === undefined ? 0 : otherwise(fr, dot)
    }
  }

  private range(node: BranchNode): Walk {
    const { scope, dotFlag } = this
    this.scope = [...scope]
    const { decl, isAssign } = node.pipe
    const value = this.pipe(node.pipe)
    const declared = [...this.scope]
    // With one variable it is the element's; with two the first is the index's.
    const targets = decl.map(d => ({ name: d.ident[0]!, slot: this.find(d.ident[0]!)?.slot }))
    if (!isAssign) {
      // The variables just declared, even where both have one name.
      decl.forEach((_, i) => {
        targets[i]!.slot = declared[declared.length - decl.length + i]!.slot
      })
    }
    const element = targets.at(-1)
    const index = targets.length > 1 ? targets[0] : undefined
    const flag = this.slots
    this.slots += 2
    this.dotFlag = flag
    const body = this.list(node.list)
    this.dotFlag = dotFlag
    this.scope = declared
    const otherwise = node.elseList === undefined ? undefined : this.list(node.elseList)
    this.scope = scope

    /** One iteration; true to go on. */
    const iterate = (fr: Frame, inInterface: boolean, i: Value, item: Value): boolean => {
      fr.ex.step(fr)
      const { vars } = fr
      if (index !== undefined) {
        if (index.slot === undefined) fr.fail(`undefined variable: ${index.name}`)
        vars[index.slot] = i
        vars[index.slot + 1] = false
      }
      if (element !== undefined) {
        if (element.slot === undefined) fr.fail(`undefined variable: ${element.name}`)
        vars[element.slot] = item
        vars[element.slot + 1] = inInterface
      }
      vars[flag] = inInterface
      return body(fr, item) !== BREAK
    }

    return (fr, dot) => {
      fr.node = node
      const v = value(fr, dot)
      if (typeof v === 'bigint' || v instanceof GoInt || (v instanceof GoObject && v.integer() !== undefined)) {
        if (decl.length > 1) {
          fr.fail(`can't use ${formatValue(v)} to iterate over more than one variable`)
        }
        const count = typeof v === 'bigint' ? v : v instanceof GoInt ? v.value : v.integer()!
        if (count > 0n) {
          for (let i = 0n; i < count; i++) {
            if (!iterate(fr, false, undefined, v instanceof GoInt ? new GoInt(v.type, i) : i)) break
          }
          return 0
        }
      } else if (Array.isArray(v)) {
        const list = v as readonly GoValue[]
        if (list.length > 0) {
          const inInterface = holdsInterfaces(v)
          for (let i = 0; i < list.length; i++) {
            if (!iterate(fr, inInterface, index === undefined ? undefined : BigInt(i), list[i])) break
          }
          return 0
        }
      } else if (v instanceof Map) {
        if (v.size > 0) {
          // Go sorts the entries first: what the body does to the map is not seen.
          const inInterface = holdsInterfaces(v)
          const keys = sortedKeys(v)
          const values = keys.map(key => v.get(key))
          for (let i = 0; i < keys.length; i++) {
            if (!iterate(fr, inInterface, keys[i], values[i])) break
          }
          return 0
        }
      } else if (v instanceof Uint8Array) {
        if (v.length > 0) {
          for (let i = 0; i < v.length; i++) {
            if (!iterate(fr, false, BigInt(i), new GoInt('uint8', BigInt(v[i]!)))) break
          }
          return 0
        }
      } else if (v !== undefined) {
        fr.fail(`range can't iterate over ${formatValue(v)}`)
      }
      return otherwise === undefined ? 0 : otherwise(fr, dot)
    }
  }

  private template(node: TemplateNode): Walk {
    const value = node.pipe === undefined ? undefined : this.pipe(node.pipe)
    return (fr, dot) => {
      fr.node = node
      const { ex } = fr
      const template = ex.templates.lookup(node.name)
      if (template === undefined) return fr.fail(`template ${quote(node.name)} not defined`)
      if (fr.depth === maxTemplateDepth) fr.fail(`exceeded maximum template depth (${maxTemplateDepth})`)
      const data = value === undefined ? undefined : value(fr, dot)
      ex.step(fr)
      const { walk, slots } = compiled(template.tree, ex.funcs)
      const inner = new Frame(ex, template, slots, fr.depth + 1)
      inner.vars[0] = data
      walk(inner, data)
      return 0
    }
  }

  // -------------------------------------------------------------------------------------------------------------------
  // Evaluating

  /** A pipeline. Its declarations enter the scope. */
  private pipe(pipe: PipeNode): Eval {
    const commands = pipe.cmds.map((cmd, i) => this.command(cmd, i > 0, pipe))
    const value = pipeline(commands)
    if (pipe.decl.length === 0) return value
    const slots: number[] = []
    for (const { ident } of pipe.decl) {
      const name = ident[0]!
      if (pipe.isAssign) {
        slots.push(this.find(name)?.slot ?? -1)
        continue
      }
      const variable = this.newVariable(name)
      this.scope.push(variable)
      slots.push(variable.slot)
    }
    if (slots.length === 1 && slots[0] !== -1) {
      const slot = slots[0]!
      return (fr, dot) => {
        const v = value(fr, dot)
        fr.vars[slot] = v
        fr.vars[slot + 1] = false
        return v
      }
    }
    return (fr, dot) => {
      const v = value(fr, dot)
      slots.forEach((slot, i) => {
        if (slot === -1) fr.fail(`undefined variable: ${pipe.decl[i]!.ident[0]!}`)
        fr.vars[slot] = v
        fr.vars[slot + 1] = false
      })
      return v
    }
  }

  private command(cmd: CommandNode, hasFinal: boolean, pipe: PipeNode): Eval {
    const first = cmd.args[0]!
    const rest = cmd.args.slice(1)
    switch (first.kind) {
      case 'field':
        return this.field(first, rest, hasFinal)
      case 'chain':
        return this.chain(first, rest, hasFinal)
      case 'identifier':
        return this.func(first, cmd, rest, hasFinal)
      case 'variable':
        return this.variable(first, rest, hasFinal)
    }
    if (rest.length > 0 || hasFinal) {
      const reason = `can't give argument to non-function ${printNode(first)}`
      if (first.kind !== 'pipe') return failing(first, reason)
      // Go is still at the pipeline, or at what the command before ended with.
      return hasFinal ? fr => fr.fail(reason) : failing(pipe, reason)
    }
    switch (first.kind) {
      case 'pipe':
        return this.pipe(first)
      case 'dot':
        return (fr, dot) => {
          fr.node = first
          return dot
        }
      case 'nil':
        return failing(first, 'nil is not a command')
      default:
        return this.literal(first)
    }
  }

  /** A bool, number or string where any type will do. */
  private literal(node: Node): Eval {
    switch (node.kind) {
      case 'bool':
      case 'string': {
        const value = node.kind === 'bool' ? node.value : node.text
        return fr => {
          fr.node = node
          return value
        }
      }
      case 'number':
        return idealConstant(node)
      default:
        return failing(node, `can't evaluate command ${quote(printNode(node))}`)
    }
  }

  private field(node: FieldNode, rest: readonly Node[], hasFinal: boolean): Eval {
    const { dotFlag } = this
    const inInterface = dotFlag === undefined ? never : (fr: Frame): boolean => fr.vars[dotFlag] === true
    return this.fieldChain(node, node.ident, undefined, inInterface, rest, hasFinal)
  }

  private variable(node: VariableNode, rest: readonly Node[], hasFinal: boolean): Eval {
    const name = node.ident[0]!
    const variable = this.find(name)
    if (variable === undefined) return failing(node, `undefined variable: ${name}`)
    const { slot } = variable
    if (node.ident.length === 1) {
      if (rest.length > 0 || hasFinal) {
        return failing(node, `can't give argument to non-function ${printNode(node)}`)
      }
      return fr => {
        fr.node = node
        return fr.vars[slot]
      }
    }
    const fields = node.ident.slice(1)
    return this.fieldChain(
      node,
      fields,
      fr => fr.vars[slot],
      fr => fr.vars[slot + 1] === true,
      rest,
      hasFinal,
    )
  }

  private chain(node: ChainNode, rest: readonly Node[], hasFinal: boolean): Eval {
    const inner = node.node
    if (inner.kind === 'nil') return failing(node, `indirection through explicit nil in ${printNode(node)}`)
    // A parenthesized pipeline, or a function without arguments.
    const inInterface = inner.kind === 'identifier' && this.funcs.get(inner.name)?.signature.result === 'any'
    return this.fieldChain(node, node.field, this.anyArgument(inner), inInterface ? always : never, rest, hasFinal)
  }

  /**
   * A chain of fields from a start value, dot where none is given; the last one may be a method with arguments.
   * Only an error text shows what `starts` tells.
   */
  private fieldChain(
    node: FieldNode | VariableNode | ChainNode,
    ident: readonly string[],
    start: Eval | undefined,
    starts: StartsInInterface,
    rest: readonly Node[],
    hasFinal: boolean,
  ): Eval {
    if (rest.length === 0 && !hasFinal) {
      if (start === undefined) return fieldsOfDot(node, ident, starts)
      return fieldsOf(node, ident, start, starts)
    }
    return fieldsWithArgs(node, ident, start, starts, this.methodCall(node, rest, hasFinal))
  }

  /** Calls of methods with arguments: what they take is known when they are found, and compiled then. */
  private methodCall(node: Node, rest: readonly Node[], hasFinal: boolean): FieldArgs {
    const { dotFlag, slots } = this
    // Arguments of a method may declare variables only in parentheses; room for those is taken now.
    for (const arg of rest) this.anyArgument(arg)
    return methodArgs({ node, rest, hasFinal }, { scope: [...this.scope], dotFlag, slots })
  }

  /** The arguments of a method that was found while executing. */
  planOfMethod({ scope, dotFlag, slots }: Scope, signature: Signature, name: string, call: CallText): Plan {
    this.scope = [...scope]
    this.dotFlag = dotFlag
    this.slots = slots
    const plan = this.call(signature, name, call.rest, call.hasFinal)
    this.funcs = new Map()
    return typeof plan === 'string' ? fr => fr.fail(plan) : planOf(call.node, name, plan.args, plan.check)
  }

  private func(node: IdentifierNode, cmd: Node, rest: readonly Node[], hasFinal: boolean): Eval {
    const { name } = node
    const func = this.funcs.get(name)
    if (func === undefined) return failing(node, `${quote(name)} is not a defined function`)
    const isBuiltin = builtins.get(name) === func
    if (isBuiltin && (name === 'and' || name === 'or')) return this.andOr(node, rest, hasFinal)
    const plan = this.call(func.signature, name, rest, hasFinal)
    if (typeof plan === 'string') return failing(node, plan)
    const { args, check } = plan
    if (isBuiltin && name === 'call') return callOfValue(node, rest[0], planOf(cmd, name, args, check))
    // Spelled out for the common counts: an array of arguments per call is what would cost.
    const [first, second] = args
    if (first === undefined) return check === undefined ? call0(node, cmd) : call0Piped(node, cmd, check)
    if (second === undefined) return check === undefined ? call1(node, cmd, first) : call1Piped(node, cmd, first, check)
    if (args.length === 2) {
      return check === undefined ? call2(node, cmd, first, second) : call2Piped(node, cmd, first, second, check)
    }
    return callMany(node, planOf(cmd, name, args, check))
  }

  /** and, or: stop at the operand that decides. */
  private andOr(node: IdentifierNode, rest: readonly Node[], hasFinal: boolean): Eval {
    if (rest.length === 0 && !hasFinal) {
      return failing(node, `wrong number of args for ${node.name}: want at least 1 got 0`)
    }
    const decides = node.name === 'or'
    const args = rest.map(arg => this.argument('value', arg))
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
  private call(
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
    const args = rest.map((arg, i) => this.argument(params[Math.min(i, last)]!, arg))
    return { args, check: hasFinal ? checkFor(params[Math.min(given - 1, last)]!) : undefined }
  }

  /** An argument for a parameter of a type (evalArg). */
  private argument(type: string, node: Node): Eval {
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
        const value = this.anyArgument(node)
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
    return this.literalArgument(type, node)
  }

  /** An argument that is evaluated, not a literal. */
  private anyArgument(node: Node): Eval {
    switch (node.kind) {
      case 'dot':
        return (fr, dot) => {
          fr.node = node
          return dot
        }
      case 'field':
        return this.field(node, [], false)
      case 'variable':
        return this.variable(node, [], false)
      case 'pipe':
        return this.pipe(node)
      case 'identifier':
        return this.func(node, node, [], false)
      case 'chain':
        return this.chain(node, [], false)
      default:
        return this.literal(node)
    }
  }

  /** A literal is made what the parameter wants, as Go's constants are; else it is an error where it stands. */
  private literalArgument(type: string, node: Node): Eval {
    const constant = (value: Value): Eval => {
      return fr => {
        fr.node = node
        return value
      }
    }
    const found = printNode(node)
    if (type === 'any' || type === 'value') return this.literal(node)
    if (type === 'string') {
      return node.kind === 'string' ? constant(node.text) : failing(node, `expected string; found ${found}`)
    }
    if (type === 'bool') {
      return node.kind === 'bool' ? constant(node.value) : failing(node, `expected bool; found ${found}`)
    }
    const number = node.kind === 'number' ? node : undefined
    if (type === 'float64' || type === 'float32') {
      return number?.float === undefined ? failing(node, `expected float; found ${found}`) : constant(number.float)
    }
    if (type in intBits) {
      if (number?.int === undefined) return failing(node, `expected integer; found ${found}`)
      const value = BigInt.asIntN(intBits[type]!, number.int)
      return constant(type === 'int' ? value : new GoInt(type as GoInt['type'], value))
    }
    if (type in uintBits) {
      if (number?.uint === undefined) return failing(node, `expected unsigned integer; found ${found}`)
      return constant(new GoInt(type as GoInt['type'], BigInt.asUintN(uintBits[type]!, number.uint)))
    }
    return failing(node, `can't handle ${found} for arg of type ${goTypeName(type)}`)
  }
}

/** Runs commands one after the other; each result is unwrapped and is the last argument of the next. */
function pipeline(commands: readonly Eval[]): Eval {
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

// ---------------------------------------------------------------------------------------------------------------------
// Closures of fields and calls. They are made outside the compiler so that each keeps alive what it uses and no more:
// there are hundreds of thousands of them.

const never = (): boolean => false
const always = (): boolean => true

/** Tells whether the value that a chain of fields starts from is held in an interface. */
type StartsInInterface = (fr: Frame) => boolean

/** Follows fields to the last one. */
function follow(fr: Frame, start: Value, ident: readonly string[], starts: StartsInInterface): Value {
  let v = start
  let before: Value
  for (let i = 0; i < ident.length; i++) {
    const name = ident[i]!
    let next: Value
    if (isPlainMap(v)) next = v.get(name)
    if (next === undefined) next = evalField(fr, v, i === 0 ? starts(fr) : holdsInterfaces(before), name)
    before = v
    v = next
  }
  return v
}

/** `.a.b` */
function fieldsOfDot(node: Node, ident: readonly string[], starts: StartsInInterface): Eval {
  return (fr, dot) => {
    fr.node = node
    return follow(fr, dot, ident, starts)
  }
}

/** `$x.a.b`, `(x).a.b` */
function fieldsOf(node: Node, ident: readonly string[], start: Eval, starts: StartsInInterface): Eval {
  return (fr, dot) => {
    fr.node = node
    return follow(fr, start(fr, dot), ident, starts)
  }
}

/** Arguments as written, for a method that is not known yet. */
function methodArgs(call: CallText, scope: Scope): FieldArgs {
  const plans = new Map<Signature, Plan>()
  return (fr, dot, final, method, name) => {
    const { signature } = method
    let plan = plans.get(signature)
    if (plan === undefined) {
      plan = new Compiler(fr.ex.funcs).planOfMethod(scope, signature, name, call)
      plans.set(signature, plan)
    }
    return plan(fr, dot, final, method.call)
  }
}

/** `.a.b arg`: the last field is given arguments. */
function fieldsWithArgs(
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

/** What a function gave. Long texts and lists count as steps: they are what a loop could fill the memory with. */
function weighed(fr: Frame, v: Value): Value {
  if (typeof v === 'string') {
    if (v.length > 4096) fr.ex.spend(v.length >> 6, fr)
  } else if (typeof v === 'object' && Array.isArray(v) && v.length > 64) {
    if (v.length > maxListLength) {
      throw new DecapodError('LIMIT_EXCEEDED', `a list of more than ${maxListLength} elements`, fr.details())
    }
    // A typed list is a new one, with new elements.
    fr.ex.spend(v instanceof GoSlice ? v.length : v.length >> 3, fr)
  }
  return v
}

/** Calls what a name stands for in this render. */
// biome-ignore lint/suspicious/noExplicitAny: GoFunc.call is typed by its signature text.
function functionOf(fr: Frame, name: string): (...args: any[]) => Value {
  return fr.ex.funcs.get(name)!.call
}

// Spelled out by the number of arguments: an array per call is what would cost. `cmd` is what a failing call is blamed on.

function call0(node: IdentifierNode, cmd: Node): Eval {
  return fr => {
    fr.node = node
    try {
      return weighed(fr, functionOf(fr, node.name)())
    } catch (error) {
      throw callError(fr, cmd, node.name, error)
    }
  }
}

function call0Piped(node: IdentifierNode, cmd: Node, check: Check): Eval {
  return (fr, _dot, final) => {
    fr.node = node
    const a = check(fr, final)
    try {
      return weighed(fr, functionOf(fr, node.name)(a))
    } catch (error) {
      throw callError(fr, cmd, node.name, error)
    }
  }
}

function call1(node: IdentifierNode, cmd: Node, first: Eval): Eval {
  return (fr, dot) => {
    fr.node = node
    const a = first(fr, dot)
    try {
      return weighed(fr, functionOf(fr, node.name)(a))
    } catch (error) {
      throw callError(fr, cmd, node.name, error)
    }
  }
}

function call1Piped(node: IdentifierNode, cmd: Node, first: Eval, check: Check): Eval {
  return (fr, dot, final) => {
    fr.node = node
    const a = first(fr, dot)
    const b = check(fr, final)
    try {
      return weighed(fr, functionOf(fr, node.name)(a, b))
    } catch (error) {
      throw callError(fr, cmd, node.name, error)
    }
  }
}

function call2(node: IdentifierNode, cmd: Node, first: Eval, second: Eval): Eval {
  return (fr, dot) => {
    fr.node = node
    const a = first(fr, dot)
    const b = second(fr, dot)
    try {
      return weighed(fr, functionOf(fr, node.name)(a, b))
    } catch (error) {
      throw callError(fr, cmd, node.name, error)
    }
  }
}

function call2Piped(node: IdentifierNode, cmd: Node, first: Eval, second: Eval, check: Check): Eval {
  return (fr, dot, final) => {
    fr.node = node
    const a = first(fr, dot)
    const b = second(fr, dot)
    const c = check(fr, final)
    try {
      return weighed(fr, functionOf(fr, node.name)(a, b, c))
    } catch (error) {
      throw callError(fr, cmd, node.name, error)
    }
  }
}

function callMany(node: IdentifierNode, plan: Plan): Eval {
  return (fr, dot, final) => {
    fr.node = node
    return plan(fr, dot, final, functionOf(fr, node.name))
  }
}

/** Any number of arguments, for a function that is given. */
function planOf(cmd: Node, name: string, args: readonly Eval[], check: Check | undefined): Plan {
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
function callOfValue(node: IdentifierNode, written: Node | undefined, plan: Plan): Eval {
  return (fr, dot, final) => {
    fr.node = node
    const name = written === undefined ? describe(final) : printNode(written)
    const call = functionOf(fr, node.name)
    return plan(fr, dot, final, (...args) => call(name, ...args))
  }
}

/** A method without arguments; the frame is at the field. */
function callPlain(fr: Frame, { signature, call }: GoFunc, name: string): Value {
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

/** An expression that is known to fail when it is reached. */
function failing(node: Node, reason: string): Eval {
  return fr => {
    fr.node = node
    return fr.fail(reason)
  }
}

/** A number without a type to become: its syntax tells (idealConstant). */
function idealConstant(node: NumberNode): Eval {
  const { text } = node
  let value: Value
  if (node.imag !== undefined) value = new GoComplex(node.float ?? 0, node.imag)
  else if (node.float !== undefined && !/^0[xX][^pP]+$/.test(text) && !text.startsWith("'") && /[.eEpP]/.test(text)) {
    value = node.float
  } else if (node.int !== undefined) value = node.int
  else return failing(node, `${text} overflows int`)
  return fr => {
    fr.node = node
    return value
  }
}

/** What `{{ v }}` prints. A pointer prints as what it points to, an addressable Stringer by its method. */
function printed(v: GoValue): string {
  if (!(v instanceof GoObject)) return formatValue(v)
  const text = v.addressableText()
  if (text !== undefined) return text
  return v.goKind === 'ptr' && v.text() === undefined ? formatValue(v).replace(/^&/, '') : formatValue(v)
}

/** reflect.Value's String: a string is itself, others are named by their type. */
function describe(v: Value): string {
  if (typeof v === 'string') return v
  return v === undefined ? '<invalid Value>' : `<${typeOf(v)} Value>`
}
