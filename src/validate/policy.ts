/** Which rules hold, how bad what they find is, and what is exempt: `validate` of decapod.yaml. */
import type { Severity } from './finding.ts'
import type { SiteObject } from './objects.ts'

export interface PolicySettings {
  /** How bad what a rule finds is; by name. */
  readonly rules: Readonly<Record<string, Severity | 'off'>>
  readonly exempt: readonly Exemption[]
}

/** What a rule does not concern, and why. */
export interface Exemption {
  /** Undefined: every rule. */
  readonly rule?: string
  /** Files below the site's directory, `*` standing for any text: `lma/grafana/Secret_*`. */
  readonly objects: string
  /** Undefined: every site. */
  readonly site?: string
  readonly reason: string
}

export const defaultPolicy: PolicySettings = { rules: {}, exempt: [] }

/** Whether an exemption covers an object of a site under a rule. */
export function isExempt(
  policy: PolicySettings,
  rule: string,
  site: string,
  { file }: Pick<SiteObject, 'file'>,
): boolean {
  return policy.exempt.some(
    exemption =>
      (exemption.rule === undefined || exemption.rule === rule) &&
      (exemption.site === undefined || matches(exemption.site, site)) &&
      (matches(exemption.objects, file) || matches(exemption.objects, file.replace(/\.yaml$/, ''))),
  )
}

/** Whether a pattern covers a text as a whole. */
function matches(pattern: string, text: string): boolean {
  // Part by part from the left, the last one from the right: no pattern takes long.
  const [first = '', ...rest] = pattern.split('*')
  if (rest.length === 0) return pattern === text
  if (!text.startsWith(first)) return false
  const last = rest.pop()!
  let at = first.length
  for (const part of rest) {
    const found = text.indexOf(part, at)
    if (found === -1) return false
    at = found + part.length
  }
  return text.length - at >= last.length && text.endsWith(last)
}
