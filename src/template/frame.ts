/** One template being executed: what its closures are given, and what they are. */
import type { GoValue } from '../go/value.ts'
import { type ExecPlace, TemplateExecError } from './errors.ts'
import type { Execution, Template } from './exec.ts'
import { lineAndColumn, type Node, printNode } from './node.ts'

/**
 * What an expression evaluates to. `undefined` is Go's invalid reflect.Value (nothing at all); `null` is a nil inside an
 * interface (a null or missing map entry). Go treats the two differently: a field of nothing is nothing, a field of a nil
 * is an error. The result of a pipeline is unwrapped, so it is never null.
 */
export type Value = GoValue | undefined

/** One template being executed. */
export class Frame {
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
export type Signal = 0 | 1 | 2
export const BREAK: Signal = 1
export const CONTINUE: Signal = 2

/** Writes output. */
export type Walk = (fr: Frame, dot: Value) => Signal
/** Gives a value; `final` is the result of the previous command of the pipeline. */
export type Eval = (fr: Frame, dot: Value, final?: Value) => Value
/** Checks a value against a parameter's type and gives what the function receives. */
export type Check = (fr: Frame, v: Value) => Value
/** Evaluates arguments and calls. */
// biome-ignore lint/suspicious/noExplicitAny: GoFunc.call is typed by its signature text.
export type Plan = (fr: Frame, dot: Value, final: Value, call: (...args: any[]) => Value) => Value
