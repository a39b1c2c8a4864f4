/**
 * What goes wrong in a template. Go hands on ever longer texts; ours are errors with fields, chained by `cause`, and
 * `goText` writes the text Go would have.
 */
import { DecapodError } from '../errors.ts'
import { quote } from '../go/strconv.ts'
import { GoError } from '../go/value.ts'

/** A template that cannot be parsed. `message` is the reason alone. */
export class TemplateParseError extends DecapodError {
  /** The template's name: its file. */
  readonly file: string
  readonly line: number

  constructor(file: string, line: number, reason: string) {
    super('TEMPLATE_PARSE', reason, { at: { file, line } })
    this.name = 'TemplateParseError'
    this.file = file
    this.line = line
  }
}

/** Where in which template an execution stood when it failed. */
export interface ExecPlace {
  /** Name of the template that was executing: a file, or what define gave. */
  readonly template: string
  readonly file: string
  readonly line: number
  /** Byte column from 0, as Go counts. */
  readonly column: number
  /** The failing node as Go writes it. */
  readonly context: string
}

/**
 * An execution that failed. When a function failed, `message` says which (`error calling include`) and `cause` is why:
 * a GoError, or the TemplateExecError of a template that include or tpl ran.
 */
export class TemplateExecError extends DecapodError {
  readonly place: ExecPlace

  constructor(place: ExecPlace, reason: string, cause?: Error) {
    super('TEMPLATE_EXEC', reason, { at: { file: place.file, line: place.line, column: place.column + 1 }, cause })
    this.name = 'TemplateExecError'
    this.place = place
  }
}

/** A Go error that wraps another under a prefix, as fmt.Errorf("…: %w") does. */
export class WrappedGoError extends GoError {
  readonly prefix: string
  readonly inner: Error

  constructor(prefix: string, inner: Error) {
    super(prefix)
    this.prefix = prefix
    this.inner = inner
  }
}

/** A message that a template gives its user on purpose (required, fail); Helm shows it without the call chain. */
export class TemplateUserError extends GoError {}

/** The error an error wraps, if any (errors.Unwrap). */
export function unwrapError(error: Error): Error | undefined {
  if (error instanceof WrappedGoError) return error.inner
  if (error instanceof TemplateExecError) return error.cause instanceof Error ? error.cause : undefined
  return undefined
}

/** The errors from an outermost one to the reason at the bottom. */
export function errorChain(error: Error): Error[] {
  const chain: Error[] = []
  for (let at: Error | undefined = error; at !== undefined; at = unwrapError(at)) chain.push(at)
  return chain
}

/** The whole text Go has for an error; `userText` writes the message of required and fail. */
export function goText(error: Error, userText: (message: string) => string = m => m): string {
  let text = ''
  for (const link of errorChain(error)) {
    if (link instanceof TemplateExecError) {
      const p = link.place
      const head = `template: ${p.file}:${p.line}:${p.column}: executing ${quote(p.template)} at <${p.context}>: `
      text += head + link.message + (link.cause instanceof Error ? ': ' : '')
    } else if (link instanceof TemplateParseError) {
      text += `template: ${link.file}:${link.line}: ${link.message}`
    } else if (link instanceof WrappedGoError) {
      text += link.prefix + ': '
    } else if (link instanceof TemplateUserError) {
      text += userText(link.message)
    } else {
      text += link.message
    }
  }
  return text
}
