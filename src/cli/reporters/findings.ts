/** Findings of `decapod validate`, for people and as data. */
import { formatError, formatPosition } from '../../errors.ts'
import type { Finding } from '../../validate/finding.ts'
import type { SiteObject } from '../../validate/objects.ts'

/**
 * A finding for a person: its place in the rendered file, the line there, what that was rendered from, what to do.
 * `line` gives lines of rendered files, on disk or not. Lines of Secrets are not shown.
 */
export function findingText(finding: Finding, line: (file: string, line: number) => string | undefined): string {
  const { at, severity, rule, object, path, message, hint } = finding
  const what = `${object.kind} ${object.name}: ${path === '' ? '' : `${path}: `}${message}`
  const problem = { code: rule, message: what, at, notes: [`from ${originText(object)}`], hint }
  return formatError(problem, object.kind === 'Secret' ? undefined : line, severity)
}

/** The template or file of an object, and the line of the release that brings it. */
function originText({ origin, originAt }: SiteObject): string {
  if (originAt === undefined) return origin
  const place = formatPosition(originAt)
  return originAt.file === origin ? place : `${origin} (${place})`
}

/** A finding as data. */
export function findingData({ rule, severity, object, path, message, hint, at }: Finding): object {
  const { group, app, apiVersion, kind, name, namespace, file, origin, originAt } = object
  return {
    rule,
    severity,
    message,
    hint: hint ?? null,
    path,
    at: at ?? null,
    file,
    object: { group, app, apiVersion, kind, name, namespace },
    from: { file: origin, at: originAt ?? null },
  }
}
