/**
 * How much of a value one function may go through, and write. A map may stand in others more than once, so a few steps
 * make a value that is small in memory and endless when it is written, compared or copied.
 */
import { DecapodError } from '../errors.ts'

/** Maps, lists and scalars, each time they are met. */
export const maxParts = 2_000_000

/** Characters of a value as text: what nests deep is mostly indentation. */
export const maxText: number = 2 ** 27

/** Thrown, as LIMIT_EXCEEDED, by whoever counted more. */
export function tooManyParts(): DecapodError {
  return new DecapodError('LIMIT_EXCEEDED', `a value of more than ${maxParts} parts`)
}

/** Thrown, as LIMIT_EXCEEDED, by whoever wrote more. */
export function tooLongText(): DecapodError {
  return new DecapodError('LIMIT_EXCEEDED', `a value of more than ${maxText} characters as text`)
}
