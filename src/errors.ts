/**
 * The one error class of decapod, and how it is printed. A failure stops a unit and is thrown; what a user
 * reviews in bulk is a Finding (validate/finding.ts) and is returned.
 */

/** What went wrong, as a closed set: the code is the API, the message is for people. docs/errors.md explains each. */
export type ErrorCode =
  | 'USAGE'
  | 'FILE_NOT_FOUND'
  | 'FILE_INVALID'
  | 'PATH_OUTSIDE_ROOT'
  | 'LIMIT_EXCEEDED'
  | 'YAML_PARSE'
  | 'JSON_PARSE'
  | 'TEMPLATE_PARSE'
  | 'TEMPLATE_EXEC'
  | 'CHART_INVALID'
  | 'CHART_NOT_FOUND'
  | 'CHART_DEPENDENCY'
  | 'CHART_KUBE_VERSION'
  | 'VALUES_INVALID'
  | 'VALUES_SCHEMA'
  | 'SET_SYNTAX'
  | 'MANIFEST_INVALID'
  | 'RELEASE_NAME_INVALID'
  | 'KUSTOMIZATION_INVALID'
  | 'KUSTOMIZATION_CYCLE'
  | 'RESOURCE_INVALID'
  | 'RESOURCE_CONFLICT'
  | 'PATCH_INVALID'
  | 'PATCH_TARGET_MISSING'
  | 'REPLACEMENT_INVALID'
  | 'PLUGIN_REFUSED'
  | 'PLUGIN_FAILED'
  | 'REMOTE_UNRESOLVED'
  | 'CONFIG_INVALID'
  | 'WORKSPACE_INVALID'
  | 'SITE_NOT_FOUND'
  | 'GROUP_NOT_FOUND'
  | 'APP_NOT_FOUND'
  | 'RELEASE_UNKNOWN'
  | 'RELEASE_DUPLICATE'
  | 'PLACEHOLDER'
  | 'VARIABLE_UNDEFINED'
  | 'VARIABLE_INVALID'
  | 'OUTPUT_CONFLICT'
  | 'OUTPUT_STALE'
  | 'GIT_FAILED'
  | 'FORGE_FAILED'
  | 'DELETION_REFUSED'
  | 'WORKFLOW_INVALID'
  | 'SOURCE_INVALID'
  | 'SOURCE_UNREACHABLE'
  | 'DIGEST_MISMATCH'
  | 'LOCK_DRIFT'
  | 'REGISTRY_FAILED'
  | 'ARCHIVE_INVALID'
  | 'BUNDLE_INVALID'
  | 'SIGNATURE_INVALID'
  | 'IMAGE_UNMAPPED'
  | 'SECRET_PLAIN'

/** A place in a file a user can open. Lines and columns count from 1; columns in characters. */
export interface Position {
  readonly file: string
  readonly line?: number
  readonly column?: number
}

/** What may accompany a failure. `notes` are further lines a person reads below the message (an include chain, say). */
export interface ErrorDetails {
  readonly at?: Position | undefined
  readonly hint?: string | undefined
  readonly notes?: readonly string[] | undefined
  readonly cause?: unknown
}

/** A failure the user can act on. Anything else that is thrown is a bug in decapod. */
export class DecapodError extends Error {
  readonly code: ErrorCode
  readonly at: Position | undefined
  readonly hint: string | undefined
  readonly notes: readonly string[]

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(withoutSecrets(message), details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'DecapodError'
    this.code = code
    // What was read over HTTP is named by its URL.
    this.at = details.at?.file.includes('://') ? { ...details.at, file: withoutSecrets(details.at.file) } : details.at
    this.hint = details.hint === undefined ? undefined : withoutSecrets(details.hint)
    this.notes = (details.notes ?? []).map(withoutSecrets)
  }
}

/** Several failures found in one pass; printed one after the other. */
export class DecapodErrors extends Error {
  readonly errors: readonly DecapodError[]

  constructor(errors: readonly DecapodError[]) {
    super(errors.map(e => e.message).join('\n'))
    this.name = 'DecapodErrors'
    this.errors = errors
  }
}

/** Prints a position as `file:line:column`, leaving out what is not known. */
export function formatPosition(at: Position): string {
  if (at.line === undefined) return at.file
  return at.column === undefined ? `${at.file}:${at.line}` : `${at.file}:${at.line}:${at.column}`
}

/** What a failure and a finding have in common for whoever reads them. */
export interface Problem {
  readonly code: string
  readonly message: string
  readonly at: Position | undefined
  readonly notes: readonly string[]
  readonly hint: string | undefined
}

/**
 * Prints a failure for a person: position, code, message, the source line with a caret, the notes, the hint.
 * `sourceLine` gives the text of a line of a file (1-based), or undefined when it cannot be had. `label` says how bad it
 * is ("warning").
 */
export function formatError(
  error: Problem,
  sourceLine: (file: string, line: number) => string | undefined = () => undefined,
  label = 'error',
): string {
  const lines: string[] = []
  const where = error.at === undefined ? '' : `${formatPosition(error.at)}: `
  // Further lines of a message belong to it.
  lines.push(`${where}${label} ${error.code}: ${error.message.trimEnd().replaceAll('\n', '\n  ')}`)
  if (error.at?.line !== undefined) {
    const text = sourceLine(error.at.file, error.at.line)
    if (text !== undefined) lines.push(...excerpt(text, error.at.line, error.at.column))
  }
  for (const note of error.notes) lines.push(`  ${note}`)
  if (error.hint !== undefined) lines.push(`  hint: ${error.hint}`)
  return lines.join('\n')
}

/** The source line under a gutter with its number, and a caret below the column. Long lines are cut around it. */
function excerpt(text: string, line: number, column: number | undefined): string[] {
  const width = 72
  const gutter = `  ${line} | `
  const caretAt = column === undefined ? 0 : column - 1
  const start = caretAt > width - 12 ? caretAt - (width - 24) : 0
  const shown =
    (start > 0 ? '…' : '') +
    withoutSecrets(text)
      .slice(start, start + width)
      .replace(/\t/g, ' ')
      .trimEnd()
  const out = [gutter + shown]
  if (column !== undefined) {
    out.push(`${' '.repeat(gutter.length - 2)}| ${' '.repeat(caretAt - start + (start > 0 ? 1 : 0))}^`)
  }
  return out
}

/**
 * A text as it may stand in a log: passwords of URLs, users too where they may be a token (http), and tokens in queries
 * are starred out. The length stays, so that a caret below a line still points at what it means.
 */
function withoutSecrets(text: string): string {
  if (!text.includes('://') && !text.includes('=')) return text
  const stars = (_: string, before: string, secret: string): string => before + '*'.repeat(secret.length)
  return text
    .replace(/(https?:\/\/)([^/\s@'"]+)(?=@)/gi, stars)
    .replace(/([a-z][a-z0-9+.-]*:\/\/[^/\s@'":]*:)([^/\s@'"]+)(?=@)/gi, stars)
    .replace(/([?&](?:access_token|private_token|token|password|secret|sig|signature)=)([^&\s'"#]+)/gi, stars)
}

/**
 * The candidate nearest to `name` by edit distance, for hints ("did you mean …?"); undefined when none is near
 * enough to be a likely slip (a third of the length, at least 1).
 */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined
  let bestDistance = Math.max(1, Math.floor(name.length / 3)) + 1
  for (const candidate of candidates) {
    const distance = editDistance(name, candidate, bestDistance)
    // Where every letter differs, nothing was meant.
    if (distance < bestDistance && distance < name.length) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** Damerau-Levenshtein distance with adjacent swaps, given up on (returning `limit`) when it reaches `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit
  let before: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    let least = i
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let cost = Math.min(previous[j]! + 1, row[j - 1]! + 1, previous[j - 1]! + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, before[j - 2]! + 1)
      row.push(cost)
      if (cost < least) least = cost
    }
    if (least >= limit) return limit
    before = previous
    previous = row
  }
  return Math.min(previous[b.length]!, limit)
}

/** Whether an error says that the stack has no room left; a regular expression that first ran there says it its own way. */
export function isStackExhausted(error: unknown): boolean {
  return error instanceof Error && /Maximum call stack size exceeded|: Stack overflow$/.test(error.message)
}
