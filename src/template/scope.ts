/** What is known at a place of a template while it is compiled. */
import type { FunctionLookup } from './exec.ts'

/** A variable: the slot of its value in a frame; the slot after it tells whether the value is held in an interface. */
export interface Variable {
  readonly name: string
  readonly slot: number
  /** The one declared before. */
  readonly before: Variable | undefined
}

/** How many slots a template's frames have. It grows while parts of the template are compiled. */
export interface Slots {
  slots: number
}

/** A place to compile from later: a scope without functions, which belong to a render. */
export interface Place {
  readonly frame: Slots
  readonly last: Variable | undefined
  readonly dotFlag: number | undefined
}

const dollar: Variable = { name: '$', slot: 0, before: undefined }

/** The place where a template starts. */
export function startOf(frame: Slots): Place {
  return { frame, last: dollar, dotFlag: undefined }
}

const none: FunctionLookup = new Map()

export class Scope implements Place {
  /** Those of the render that compiles: they give the signatures, which all renders of a template share. */
  funcs: FunctionLookup
  readonly frame: Slots
  /** The variable declared last. */
  last: Variable | undefined
  /** The slot that tells whether dot is held in an interface: inside a range only. */
  dotFlag: number | undefined

  constructor(funcs: FunctionLookup, { frame, last, dotFlag }: Place) {
    this.funcs = funcs
    this.frame = frame
    this.last = last
    this.dotFlag = dotFlag
  }

  /** Compiles at a place. The functions are let go when it is done: what was compiled outlives the render. */
  static at<T>(place: Place, funcs: FunctionLookup, compile: (scope: Scope) => T): T {
    const scope = new Scope(funcs, place)
    try {
      return compile(scope)
    } finally {
      scope.funcs = none
    }
  }

  place(): Place {
    return { frame: this.frame, last: this.last, dotFlag: this.dotFlag }
  }

  /** Two slots of their own. */
  newSlot(): number {
    const { slots } = this.frame
    this.frame.slots = slots + 2
    return slots
  }

  declare(name: string): Variable {
    return (this.last = { name, slot: this.newSlot(), before: this.last })
  }

  find(name: string): Variable | undefined {
    let variable = this.last
    while (variable !== undefined && variable.name !== name) variable = variable.before
    return variable
  }
}
