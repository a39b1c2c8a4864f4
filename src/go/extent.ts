/**
 * How much of a value one function may go through, and write. A map may stand in others more than once, so a few steps
 * make a value that is small in memory and endless when it is written, compared or copied.
 */
import { DecapodError } from '../errors.ts'

/** Maps, lists and scalars, each time they are met. */
export const maxParts = 1_000_000

/** Characters of a value as text: what nests deep is mostly indentation. */
export const maxText: number = 2 ** 25

/** Thrown, as LIMIT_EXCEEDED, by whoever counted more. */
export function tooManyParts(): DecapodError {
  return new DecapodError('LIMIT_EXCEEDED', `a value of more than ${maxParts} parts`)
}

/** Thrown, as LIMIT_EXCEEDED, by whoever wrote more. */
export function tooLongText(): DecapodError {
  return new DecapodError('LIMIT_EXCEEDED', `a value of more than ${maxText} characters as text`)
}

/** What counts parts as they are met; where nobody counts, they are not. */
let spend: ((parts: number) => void) | undefined

/** Runs a function; the parts it meets are counted by `count`, which throws when there were too many. */
export function metered<T>(count: (parts: number) => void, work: () => T): T {
  const outer = spend
  spend = count
  try {
    return work()
  } finally {
    spend = outer
  }
}

/** Counts parts that were met by what compares, copies, merges or searches. Throws what counts throws. */
export function meet(parts: number): void {
  spend?.(parts)
}
