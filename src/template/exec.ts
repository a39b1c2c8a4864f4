/**
 * Executes templates (text/template, exec.go). A parsed template is compiled to closures, which know nothing of a render;
 * what a render changes (dot, variables, output, functions) is in the Frame and the Execution they are given. Rooms:
 *
 * | walk.ts                    | what writes output: text, actions, if, with, range, template         |
 * | eval.ts                    | what gives a value: pipelines, commands, arguments                    |
 * | fields.ts, calls.ts        | fields of values; calls of functions and methods                      |
 * | constants.ts, params.ts    | literals; which values a parameter takes                              |
 * | scope.ts, frame.ts         | what is known while compiling, and what there is while executing      |
 *
 * Errors name the node the state was last "at". Every closure therefore notes its node where Go would, no more.
 */
import { DecapodError, type Position } from '../errors.ts'
import type { GoFunc } from '../go/value.ts'
import { Frame, type Value } from './frame.ts'
import type { Tree } from './parse.ts'
import { compiled } from './walk.ts'

/** How much a render may use before it is stopped. */
export interface ExecLimits {
  /** Work: iterations of range, calls of templates, and what functions do beyond the ordinary; see helm/prices.ts. */
  readonly steps: number
  /** Characters of output of all templates together. */
  readonly output: number
  /** What all templates of a chart may take, on the clock of whoever gives one. */
  readonly milliseconds: number
}

export const defaultLimits: ExecLimits = { steps: 30_000_000, output: 32 * 1024 * 1024, milliseconds: 10_000 }

/** The default limits, so many times. */
export function limitsTimes(factor: number): ExecLimits {
  const { steps, output, milliseconds } = defaultLimits
  return { steps: steps * factor, output: output * factor, milliseconds: milliseconds * factor }
}

const hint = 'charts that can be trusted with more get it from DECAPOD_CHART_LIMITS: 4 allows four times as much'

/** What calling a template takes beyond its step. */
export const stepsOfTemplate = 2

/** The clock is read once in so many steps. */
const stepsBetweenTicks = 200

/** A template that can be executed: a tree under a name, in a file. */
export interface Template {
  /** The file's name, or what define gave. */
  readonly name: string
  readonly file: string
  /** The text of the file. */
  readonly text: string
  readonly tree: Tree
}

/** Finds templates by name; undefined when there is none. */
export interface TemplateLookup {
  lookup(name: string): Template | undefined
}

/** Finds functions by name. */
export interface FunctionLookup {
  get(name: string): GoFunc | undefined
}

/** One render: what all templates executed in it share. */
export class Execution {
  readonly funcs: FunctionLookup
  /** What functions do in this render, by the number of the name (calls.ts), as far as they were called. */
  // biome-ignore lint/suspicious/noExplicitAny: GoFunc.call is typed by its signature text.
  readonly calls: (((...args: any[]) => Value) | undefined)[] = []
  readonly limits: ExecLimits
  /** missingkey=error: a missing key of a map fails instead of being nil. */
  readonly strict: boolean
  /** The templates in scope; tpl puts its own over it while it runs. */
  templates: TemplateLookup
  /** The output of the template that is executing. */
  out = ''
  steps = 0
  /** The count of steps after which limits are looked at. */
  #checkpoint: number
  readonly #clock: (() => number) | undefined
  #end: number

  constructor(
    funcs: FunctionLookup,
    templates: TemplateLookup,
    options: { strict?: boolean; limits?: Partial<ExecLimits> | undefined; clock?: (() => number) | undefined } = {},
  ) {
    this.funcs = funcs
    this.templates = templates
    this.strict = options.strict ?? false
    this.limits = { ...defaultLimits, ...options.limits }
    this.#clock = options.clock
    this.#end = options.clock === undefined ? 0 : options.clock() + this.limits.milliseconds
    this.#checkpoint = options.clock === undefined ? this.limits.steps : 0
  }

  /** Executes a template on data and returns its output. Throws TemplateExecError, or DecapodError for a limit. */
  run(template: Template, data: Value): string {
    const { walk, slots } = compiled(template.tree, this.funcs)
    const outer = this.out
    this.out = ''
    const dot = data === null ? undefined : data
    const frame = new Frame(this, template, slots, 0)
    frame.vars[0] = dot
    this.steps += stepsOfTemplate
    this.step(frame)
    walk(frame, dot)
    const out = this.out
    this.out = outer
    return out
  }

  /** Counts a step and stops the render when there were too many. */
  step(frame: Frame): void {
    if (++this.steps > this.#checkpoint) this.spend(0, frame)
  }

  /** Counts work that takes as long, or as much memory, as that many steps. */
  spend(steps: number, frame?: Frame): void {
    if ((this.steps += steps) <= this.#checkpoint) return
    const { steps: most, milliseconds } = this.limits
    if (this.steps > most) {
      throw new DecapodError('LIMIT_EXCEEDED', `templates took more than ${most} steps`, { ...frame?.details(), hint })
    }
    if (this.#clock !== undefined && this.#clock() > this.#end) {
      const message = `templates took more than ${milliseconds / 1000} seconds`
      throw new DecapodError('LIMIT_EXCEEDED', message, { ...frame?.details(), hint })
    }
    this.#checkpoint = Math.min(most, this.steps + stepsBetweenTicks)
  }

  /** Runs what takes its time by intent: the limit of time does not see it. */
  untimed<T>(work: () => T): T {
    if (this.#clock === undefined) return work()
    const begin = this.#clock()
    try {
      return work()
    } finally {
      this.#end += this.#clock() - begin
    }
  }

  /** Called after output was added, when it has become too long. */
  outputTooLong(frame: Frame): never {
    throw this.tooMuchOutput(frame.details())
  }

  tooMuchOutput(details: { readonly at: Position }): DecapodError {
    const message = `templates wrote more than ${this.limits.output} characters`
    return new DecapodError('LIMIT_EXCEEDED', message, { ...details, hint })
  }
}
