/** Failures on their way up: each level says what it was doing, as Kustomize's errors.WrapPrefixf does. */
import { DecapodError, type ErrorCode, type ErrorDetails } from '../errors.ts'

/** `prefix: message` with the code, position and hint of the cause. Anything but a DecapodError is a defect and passes. */
export function wrapError(prefix: string, error: unknown): unknown {
  if (!(error instanceof DecapodError)) return error
  return rephrase(error, `${prefix}: ${error.message}`)
}

/** The same failure in other words. */
export function rephrase(error: DecapodError, message: string, more: ErrorDetails = {}): DecapodError {
  return new DecapodError(error.code, message, {
    at: more.at ?? error.at,
    hint: more.hint ?? error.hint,
    notes: more.notes ?? error.notes,
    cause: error.cause ?? error,
  })
}

/** Runs a step and puts what it was doing before the message of its failure. */
export function during<T>(doing: string, step: () => T): T {
  try {
    return step()
  } catch (error) {
    throw wrapError(doing, error)
  }
}

export function fail(code: ErrorCode, message: string, details: ErrorDetails = {}): never {
  throw new DecapodError(code, message, details)
}
