/** Closures that write output (exec.go: the walk functions). */
import { formatValue, sortedKeys } from '../go/fmt.ts'
import { quote } from '../go/strconv.ts'
import { GoInt, GoObject, type GoValue, isTrue } from '../go/value.ts'
import { pipe } from './eval.ts'
import { type FunctionLookup, stepsOfTemplate } from './exec.ts'
import { holdsInterfaces } from './fields.ts'
import { BREAK, CONTINUE, type Eval, Frame, type Value, type Walk } from './frame.ts'
import type { ActionNode, BranchNode, ListNode, Node, TemplateNode } from './node.ts'
import type { Tree } from './parse.ts'
import { Scope, type Slots, startOf } from './scope.ts'

/** Go's limit on templates within templates (maxExecDepth). */
const maxTemplateDepth = 100_000

/** A compiled template: its closures, and how many slots its frames have. */
export interface Program extends Slots {
  walk: Walk
}

/** A tree's program, made when it is first asked for; `funcs` gives the signatures, which all renders share. */
export function compiled(tree: Tree, funcs: FunctionLookup): Readonly<Program> {
  return (tree.program ??= compile(tree, funcs))
}

function compile(tree: Tree, funcs: FunctionLookup): Program {
  const program: Program = { walk: nothing, slots: 2 }
  program.walk = Scope.at(startOf(program), funcs, scope => list(scope, tree.root))
  return program
}

const nothing: Walk = () => 0

/**
 * A list inside of another node. It is compiled when it is first reached: of what charts can do, a release uses little.
 */
function body(scope: Scope, node: ListNode): Walk {
  if (node.nodes.length === 0) return nothing
  const [only] = node.nodes
  if (node.nodes.length === 1 && only!.kind === 'text') return text(only!.text)
  const place = scope.place()
  let walk: Walk | undefined
  return (fr, dot) => {
    walk ??= Scope.at(place, fr.ex.funcs, inner => list(inner, node))
    return walk(fr, dot)
  }
}

function list(scope: Scope, { nodes }: ListNode): Walk {
  const walks = nodes.map(node => walkOf(scope, node))
  switch (walks.length) {
    case 0:
      return nothing
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

function walkOf(scope: Scope, node: Node): Walk {
  switch (node.kind) {
    case 'text':
      return text(node.text)
    case 'action':
      return action(scope, node)
    case 'if':
    case 'with':
      return ifOrWith(scope, node)
    case 'range':
      return range(scope, node)
    case 'template':
      return template(scope, node)
    case 'break':
      return () => BREAK
    case 'continue':
      return () => CONTINUE
    default:
      throw new Error(`unexpected node ${node.kind}`)
  }
}

function text(written: string): Walk {
  return fr => {
    const { ex } = fr
    if ((ex.out += written).length > ex.limits.output) ex.outputTooLong(fr)
    return 0
  }
}

function action(scope: Scope, node: ActionNode): Walk {
  const value = pipe(scope, node.pipe)
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

function ifOrWith(scope: Scope, node: BranchNode): Walk {
  const { last, dotFlag } = scope
  const value = pipe(scope, node.pipe)
  // The dot of with is the result of a pipeline: in no interface.
  if (node.kind === 'with') scope.dotFlag = undefined
  const then = body(scope, node.list)
  scope.dotFlag = dotFlag
  const otherwise = node.elseList === undefined ? nothing : body(scope, node.elseList)
  scope.last = last
  return node.kind === 'with' ? walkWith(value, then, otherwise) : walkIf(value, then, otherwise)
}

function walkIf(value: Eval, then: Walk, otherwise: Walk): Walk {
  return (fr, dot) => {
    const v = value(fr, dot)
    return v === true || (v !== false && isTrue(v)) ? then(fr, dot) : otherwise(fr, dot)
  }
}

function walkWith(value: Eval, then: Walk, otherwise: Walk): Walk {
  return (fr, dot) => {
    const v = value(fr, dot)
    return isTrue(v) ? then(fr, v) : otherwise(fr, dot)
  }
}

function range(scope: Scope, node: BranchNode): Walk {
  const { last, dotFlag } = scope
  const { decl, isAssign } = node.pipe
  const value = pipe(scope, node.pipe)
  const slots = isAssign ? decl.map(d => scope.find(d.ident[0]!)?.slot) : declared(scope, decl.length)
  const targets = decl.map((d, i) => ({ name: d.ident[0]!, slot: slots[i] }))
  const flag = scope.newSlot()
  scope.dotFlag = flag
  const each = body(scope, node.list)
  scope.dotFlag = dotFlag
  const otherwise = node.elseList === undefined ? nothing : body(scope, node.elseList)
  scope.last = last
  return walkRange(node, value, targets, flag, each, otherwise)
}

/** The slots of the variables declared last, even where several have one name. */
function declared(scope: Scope, count: number): number[] {
  const slots: number[] = []
  for (let variable = scope.last; slots.length < count; variable = variable!.before) slots.unshift(variable!.slot)
  return slots
}

/** A variable that a range sets; without a slot it is not declared. */
interface Target {
  readonly name: string
  readonly slot: number | undefined
}

function walkRange(
  node: Node,
  value: Eval,
  targets: readonly Target[],
  flag: number,
  each: Walk,
  otherwise: Walk,
): Walk {
  // With one variable it is the element's; with two the first is the index's.
  const element = targets.at(-1)
  const index = targets.length > 1 ? targets[0] : undefined

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
    return each(fr, item) !== BREAK
  }

  return (fr, dot) => {
    fr.node = node
    const v = value(fr, dot)
    if (typeof v === 'bigint' || v instanceof GoInt || (v instanceof GoObject && v.integer() !== undefined)) {
      if (targets.length > 1) {
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
        if (v.size > 64) fr.ex.spend(v.size * 8, fr)
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
    return otherwise(fr, dot)
  }
}

function template(scope: Scope, node: TemplateNode): Walk {
  const value = node.pipe === undefined ? undefined : pipe(scope, node.pipe)
  return (fr, dot) => {
    fr.node = node
    const { ex } = fr
    const template = ex.templates.lookup(node.name)
    if (template === undefined) return fr.fail(`template ${quote(node.name)} not defined`)
    if (fr.depth === maxTemplateDepth) fr.fail(`exceeded maximum template depth (${maxTemplateDepth})`)
    const data = value === undefined ? undefined : value(fr, dot)
    ex.steps += stepsOfTemplate
    ex.step(fr)
    const { walk, slots } = compiled(template.tree, ex.funcs)
    const inner = new Frame(ex, template, slots, fr.depth + 1)
    inner.vars[0] = data
    walk(inner, data)
    return 0
  }
}

/** What `{{ v }}` prints. A pointer prints as what it points to, an addressable Stringer by its method. */
function printed(v: GoValue): string {
  if (!(v instanceof GoObject)) return formatValue(v)
  const text = v.addressableText()
  if (text !== undefined) return text
  return v.goKind === 'ptr' && v.text() === undefined ? formatValue(v).replace(/^&/, '') : formatValue(v)
}
