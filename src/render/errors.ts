/** What went wrong with one app or group, in the words and paths a person knows. */
import { DecapodError, DecapodErrors } from '../errors.ts'

/** A failure and what it stopped. `app` is undefined where a whole group did not compose. */
export interface Failure {
  readonly site: string
  readonly group: string | undefined
  readonly app: string | undefined
  readonly error: DecapodError
}

/** The DecapodErrors in what was thrown; anything else is a defect and is thrown on. */
export function errorsIn(thrown: unknown): readonly DecapodError[] {
  if (thrown instanceof DecapodError) return [thrown]
  if (thrown instanceof DecapodErrors) return thrown.errors
  throw thrown
}

/** An error with every path in it put as `fileOf` puts it: paths of a composed tree mean nothing to a person. */
export function withFiles(error: DecapodError, fileOf: (path: string) => string): DecapodError {
  const inText = (text: string): string => text.replace(/(?<![\w.:/-])\/[^\s'":,;)]+/g, path => fileOf(path))
  return new DecapodError(error.code, inText(error.message), {
    at: error.at === undefined ? undefined : { ...error.at, file: fileOf(error.at.file) },
    hint: error.hint === undefined ? undefined : inText(error.hint),
    notes: error.notes.map(inText),
    cause: error,
  })
}

/** An error with a further note. */
export function withNote(error: DecapodError, note: string): DecapodError {
  return new DecapodError(error.code, error.message, {
    at: error.at,
    hint: error.hint,
    notes: [...error.notes, note],
    cause: error,
  })
}
