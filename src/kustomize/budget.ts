/**
 * What a build may make out of its input: a few lines of replacements, copies or vars that each double something would
 * otherwise take all memory, and many patterns over many resources all time.
 */
import type { YamlNode } from '../yaml/node.ts'
import { fail } from './fail.ts'

export interface BudgetLimits {
  /** Values that replacements and JSON patches copy, counted with all that is in them. */
  readonly maxCopiedNodes: number
  /** Characters of one text that replacements and vars make. */
  readonly maxTextLength: number
  /** Characters of all of them. */
  readonly maxTextTotal: number
  /** Resources looked at for patches and references. */
  readonly maxSteps: number
}

export const defaultBudget: BudgetLimits = {
  maxCopiedNodes: 2_000_000,
  maxTextLength: 16 * 1024 * 1024,
  maxTextTotal: 128 * 1024 * 1024,
  maxSteps: 15_000_000,
}

/** Steps that applying a patch to one resource stands for. */
export const patchSteps = 10

/** What is left of the limits of one build. Every method throws LIMIT_EXCEEDED where nothing is. */
export class Budget {
  readonly limits: BudgetLimits
  #nodes = 0
  #characters = 0
  #steps = 0

  constructor(limits: BudgetLimits = defaultBudget) {
    this.limits = limits
  }

  /** A value is about to be copied. */
  copy(node: YamlNode): void {
    const { maxCopiedNodes } = this.limits
    this.#nodes += countNodes(node, maxCopiedNodes - this.#nodes)
    if (this.#nodes <= maxCopiedNodes) return
    fail('LIMIT_EXCEEDED', `replacements and patches copy more than ${maxCopiedNodes} values`, {
      hint: 'something is copied into itself again and again',
    })
  }

  /** A text of this length is about to be made. */
  text(length: number): void {
    const { maxTextLength, maxTextTotal } = this.limits
    if (length > maxTextLength) fail('LIMIT_EXCEEDED', `a text of more than ${maxTextLength} characters is made`)
    this.#characters += length
    if (this.#characters > maxTextTotal) {
      fail('LIMIT_EXCEEDED', `texts of more than ${maxTextTotal} characters together are made`)
    }
  }

  /** Resources are about to be looked at. */
  steps(count: number): void {
    this.#steps += count
    if (this.#steps > this.limits.maxSteps) {
      fail('LIMIT_EXCEEDED', 'too many patches and references for so many resources', {
        hint: 'narrow the targets of patches, or build less at once',
      })
    }
  }
}

/** The nodes of a tree, counted no further than needed. */
function countNodes(node: YamlNode, atMost: number): number {
  const rest: YamlNode[] = [node]
  let count = 0
  for (let next = rest.pop(); next !== undefined && count <= atMost; next = rest.pop()) {
    count++
    if (next.kind === 'seq') for (const item of next.items) rest.push(item)
    else if (next.kind === 'map') for (const { value } of next.pairs) rest.push(value)
  }
  return count
}
