/** What went wrong with one app or group, in the words and paths a person knows. */
import { DecapodError, DecapodErrors, type ErrorDetails, nearest, type Position } from '../errors.ts'
import { shortList } from '../site/plan.ts'
import { type FileTree, joinPath } from '../tree.ts'
import { valuesKind } from '../values/document.ts'

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
    notes: error.notes.map(note =>
      inText(note.replace(caller, (_, from: string, file: string) => from + fileOf(file))),
    ),
    cause: error,
  })
}

/** A note that names the template from which another was called; templates are named from their chart on. */
const caller = /^(called from )([^\s:]+)/

/** How Kustomize begins to tell which kustomizations led to a failure. */
const journey = /^(accumulat|recursed accumulation|trouble configuring builtin|couldn't make target)/

/**
 * A failure of a build without the journey of kustomizations that led to it, where its place says the same better:
 * `decapod build` prints the whole text, which is Kustomize's. What has no place, or one in a file that decapod made for
 * the build (`made` begins its path), is at `own`.
 */
export function withoutJourney(error: DecapodError, own: Position | undefined, made: string | undefined): DecapodError {
  const { code, hint, notes, cause } = error
  const at = error.at === undefined || (made !== undefined && error.at.file.startsWith(made)) ? own : error.at
  const inner = cause instanceof DecapodError && journey.test(error.message) ? cause.message : error.message
  const missing = /lstat (\S+): no such file or directory$/.exec(inner)?.[1]
  // go-yaml counts lines in a way of its own; the place is the right one.
  const unreadable = /cannot read \S+: [^':]+/.exec(inner)?.[0]
  if (unreadable !== undefined) return new DecapodError('FILE_INVALID', unreadable, { at: own, hint, notes, cause })
  const message = missing === undefined ? inWords(inner.replace(/\byaml: line \d+: /, '')) : `there is no ${missing}`
  const plugin = /^external plugins disabled; unable to load external plugin '(.*)'$/.exec(inner)?.[1]
  // A kind that only looks like a program to run.
  if (plugin !== undefined && nearest(plugin, [valuesKind]) !== undefined) {
    return new DecapodError(code, `there is no transformer "${plugin}"`, {
      at,
      hint: `did you mean ${valuesKind}?`,
      cause,
    })
  }
  return new DecapodError(code, message, { at, hint, notes, cause })
}

/** What Kustomize prints with Go's notation of an object in it. */
function inWords(message: string): string {
  return message.replace(
    /^missing (kind|metadata\.name) in object \{\{.*$/s,
    (_, field: string) => `an object has no ${field}`,
  )
}

/** A failure about a path that is not there, with what there is in its stead: the nearest name, else all names. */
export function withNeighbours(error: DecapodError, tree: FileTree): DecapodError {
  const missing = /^there is no (\/\S+)$/.exec(error.message)?.[1]
  if (missing === undefined || error.hint !== undefined) return error
  let dir = '/'
  for (const part of missing.slice(1).split('/')) {
    const path = joinPath(dir, part)
    if (tree.kind(path) !== undefined) {
      dir = path
      continue
    }
    const names = tree.list(dir).flatMap(({ name }) => (name.startsWith('.') ? [] : [name]))
    const near = nearest(part, names)
    if (names.length === 0) return error
    const hint = near === undefined ? `${dir} has ${shortList(names)}` : `did you mean ${joinPath(dir, near)}?`
    return new DecapodError(error.code, error.message, { at: error.at, hint, notes: error.notes, cause: error })
  }
  return error
}

/**
 * Failures, with what they stopped among their notes: a problem that several apps of a group meet (they share a chart,
 * mostly) is one failure, the first one's.
 */
export function joinFailures(failures: readonly Failure[]): Failure[] {
  const joined = new Map<string, { readonly failure: Failure; readonly apps: string[] }>()
  for (const failure of failures) {
    const { group, app, error } = failure
    const key = JSON.stringify([group, error.code, error.message, error.at, error.notes, error.hint])
    const known = joined.get(key) ?? { failure, apps: [] }
    joined.set(key, known)
    if (app !== undefined) known.apps.push(`${group}/${app}`)
  }
  return [...joined.values()].map(({ failure, apps }) => {
    if (apps.length === 0) return failure
    return { ...failure, error: withNote(failure.error, `in ${shortList(apps)} of ${failure.site}`) }
  })
}

/** An error with a further note. */
function withNote(error: DecapodError, note: string): DecapodError {
  return new DecapodError(error.code, error.message, {
    at: error.at,
    hint: error.hint,
    notes: [...error.notes, note],
    cause: error,
  })
}

/** An error as JSON, without its cause. */
export interface PlainError extends Omit<ErrorDetails, 'cause'> {
  readonly code: DecapodError['code']
  readonly message: string
}

export function plainError({ code, message, at, hint, notes }: DecapodError): PlainError {
  return { code, message, at, hint, notes }
}

export function errorOfPlain({ code, message, ...details }: PlainError): DecapodError {
  return new DecapodError(code, message, details)
}
