import { DecapodError } from '../../src/errors.ts'

/** The error of ours that something throws, undefined where it does not; what else it throws is a defect and passes. */
function errorOf(work: () => unknown): DecapodError | undefined {
  try {
    work()
  } catch (error) {
    if (error instanceof DecapodError) return error
    throw error
  }
  return undefined
}

/** The error of ours that something throws; something that is not refused fails the test. */
export function failed(work: () => unknown): DecapodError {
  const error = errorOf(work)
  if (error === undefined) throw new Error('nothing was refused')
  return error
}

/** What something throws, as `CODE: message`, or "no error". */
export function failure(work: () => unknown): string {
  const error = errorOf(work)
  return error === undefined ? 'no error' : `${error.code}: ${error.message}`
}
