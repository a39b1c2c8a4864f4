/**
 * Errors of templates: as decapod shows them (the place that failed, with the chain of includes), and in Helm's exact
 * words for those who compare (pkg/engine/engine.go, cleanupParseError and cleanupExecError; Helm 4:
 * reformatExecErrorMsg). Helm reads its words out of Go's text, so the same is done here with the same text.
 */
import { DecapodError, isStackExhausted } from '../errors.ts'
import { errorChain, goText, TemplateExecError, TemplateParseError, unwrapError } from '../template/errors.ts'
import type { Semantics } from './semantics.ts'

/** A template of a chart failed. */
export class TemplateFailure extends DecapodError {
  /** The file that was parsed or executed. */
  readonly file: string
  /** What the evaluator threw, with its causes. */
  readonly failure: TemplateParseError | TemplateExecError

  constructor(file: string, failure: TemplateParseError | TemplateExecError) {
    const chain = errorChain(failure)
    const places = chain.filter(e => e instanceof TemplateExecError || e instanceof TemplateParseError)
    const innermost = places.at(-1)!
    super(failure.code, [innermost.message, ...chain.slice(chain.indexOf(innermost) + 1).map(ownText)].join(': '), {
      at: innermost.at,
      notes: places
        .slice(0, -1)
        .reverse()
        .filter(e => e instanceof TemplateExecError)
        .map(({ place: p }) => `called from ${p.file}:${p.line}:${p.column + 1} <${p.context}>`),
      cause: failure,
    })
    this.name = 'TemplateFailure'
    this.file = file
    this.failure = failure
  }
}

/** The text of one error of a chain without those below it. */
const ownText = (error: Error): string => error.message

/** What the evaluator threw while it worked on a file, as the error to show; limits and bugs pass as they are. */
export function templateFailure(file: string, error: unknown): unknown {
  if (error instanceof TemplateParseError || error instanceof TemplateExecError) return new TemplateFailure(file, error)
  // Where the stack ends, anything may fail, and says so in its message.
  if (isStackExhausted(error)) {
    return new DecapodError('LIMIT_EXCEEDED', 'templates call each other too deeply', { at: { file } })
  }
  if (error instanceof DecapodError && error.at === undefined) {
    const { code, message, hint, notes } = error
    return new DecapodError(code, message, { at: { file }, hint, notes, cause: error })
  }
  return error
}

/** The words of Helm for a failed template, without "Error: ". */
export function helmErrorText(error: TemplateFailure, semantics: Semantics): string {
  const { failure } = error
  return failure instanceof TemplateParseError ? parseText(failure) : execText(error.file, failure, semantics)
}

function parseText(error: TemplateParseError): string {
  const tokens = goText(error).split(': ')
  // Only the last part is kept, even where the reason holds a colon itself.
  return `parse error at (${tokens[1]}): ${tokens.at(-1)}`
}

// What required and fail say stands between these in Helm's own texts.
const userStart = 'HELM_ERR_START'
const userEnd = 'HELM_ERR_END'

function execText(file: string, error: TemplateExecError, semantics: Semantics): string {
  const text = markedText(error)
  const [, location, ...rest] = text.split(': ')
  if (rest.length === 0) return `execution error in (${file}): ${text}`
  const body = rest.join(': ')
  const start = body.indexOf(userStart)
  const end = body.lastIndexOf(userEnd)
  if (start >= 0 && end >= start + userStart.length) {
    return `execution error at (${location}): ${body.slice(start + userStart.length, end)}`
  }
  return semantics === 4 ? (reformatted(error) ?? text) : text
}

const markedText = (error: Error): string => goText(error, message => userStart + message + userEnd)

/** Helm 4 spreads a chain of template errors over lines; undefined when an error in it is of another kind. */
function reformatted(error: Error): string | undefined {
  const parts: string[] = []
  for (let at: Error | undefined = error; at !== undefined; at = unwrapError(at)) {
    const part = traceable(goText(at))
    if (part === undefined) return undefined
    if (part !== parts.at(-1)) parts.push(part)
  }
  return parts.join('').trim()
}

/** One error of the chain as Helm 4 prints it, read from its text (parseTemplateExecErrorString). */
function traceable(text: string): string | undefined {
  const prefix = 'template: '
  if (!text.startsWith(prefix)) return undefined
  const remainder = text.slice(prefix.length)
  if (remainder.startsWith('no template ')) return `${text}\n`
  const executing = ': executing '
  const at = remainder.indexOf(executing)
  if (at >= 0) {
    const match = /^"([^"]*)" at <(.*?)>: (.*)$/s.exec(remainder.slice(at + executing.length))
    if (match !== null) {
      const [, name, context, message] = match
      return `${remainder.slice(0, at)}\n  executing "${name}" at <${context}>:\n    ${cutNested(message!)}\n`
    }
  }
  const separator = remainder.lastIndexOf(': ')
  if (separator < 0) return undefined
  return `${remainder.slice(0, separator)}\n  ${cutNested(remainder.slice(separator + 2))}\n`
}

function cutNested(message: string): string {
  const cut = message.indexOf(' template:')
  return cut < 0 ? message : message.slice(0, cut)
}
