/** Runs the rules over the objects of a site. */
import type { Position } from '../errors.ts'
import { positionOf, type YamlNode } from '../yaml/node.ts'
import type { Finding, Rule, Severity } from './finding.ts'
import type { SiteObject, SiteObjects } from './objects.ts'
import { isExempt, type PolicySettings } from './policy.ts'
import { rules } from './rules/index.ts'

export interface Verdict {
  /** In the order of files, and places in them. */
  readonly findings: readonly Finding[]
  /** How many findings decapod.yaml exempts. */
  readonly exempted: number
}

/** Everything that the rules in force find in a site. */
export function validateSite(site: string, objects: SiteObjects, policy: PolicySettings): Verdict {
  const findings: Finding[] = []
  let exempted = 0
  for (const rule of rules) {
    const severity = severityOf(rule, policy)
    if (severity === 'off') continue
    const seen = new Set<string>()
    rule.check(objects, (object, node, path, message, hint) => {
      const key = `${object.file}\0${path}\0${message}`
      if (seen.has(key)) return
      seen.add(key)
      if (isExempt(policy, rule.name, site, object)) exempted++
      else findings.push({ rule: rule.name, severity, object, path, message, hint, at: placeOf(object, node) })
    })
  }
  return {
    findings: findings
      .map((finding, i) => ({ finding, i }))
      .sort(inOrder)
      .map(({ finding }) => finding),
    exempted,
  }
}

function severityOf({ name, severity }: Rule, { rules: given }: PolicySettings): Severity | 'off' {
  return Object.hasOwn(given, name) ? given[name]! : severity
}

function placeOf({ node }: SiteObject, found: YamlNode | undefined): Position | undefined {
  return positionOf(found ?? node) ?? positionOf(node)
}

type Numbered = { readonly finding: Finding; readonly i: number }

function inOrder({ finding: a, i }: Numbered, { finding: b, i: j }: Numbered): number {
  if (a.object.file !== b.object.file) return a.object.file < b.object.file ? -1 : 1
  return (a.at?.line ?? 0) - (b.at?.line ?? 0) || (a.at?.column ?? 0) - (b.at?.column ?? 0) || i - j
}
