/** Secrets whose content would go to git: every render says so, and `validate` of decapod.yaml decides how loudly. */
import { DecapodError } from '../errors.ts'
import { shortList } from '../site/plan.ts'
import { placeOfSite, type Site, type Workspace } from '../site/workspace.ts'
import type { Severity } from '../validate/finding.ts'
import { isExempt } from '../validate/policy.ts'
import { plainKeys, plainSecret, sealHint } from '../validate/rules/plain-secret.ts'
import { idOf, type OutputObject } from './output.ts'

/** One error SECRET_PLAIN for all of a site's plain Secrets, and how bad it is; undefined where there are none. */
export function plainSecretsOf(
  workspace: Workspace,
  site: Site,
  objects: ReadonlyMap<string, OutputObject>,
): { readonly severity: Severity; readonly error: DecapodError } | undefined {
  const policy = workspace.config.validate
  const { name: rule } = plainSecret
  const severity = Object.hasOwn(policy.rules, rule) ? policy.rules[rule]! : plainSecret.severity
  if (severity === 'off') return undefined
  const files: string[] = []
  for (const [file, object] of objects) {
    const { kind, apiVersion } = idOf(object)
    // Out of the cache an object is parsed when it is looked into: only Secrets are.
    if (kind !== 'Secret' || apiVersion !== 'v1' || isExempt(policy, rule, site.name, { file })) continue
    if (plainKeys(object.node).length > 0) files.push(file)
  }
  if (files.length === 0) return undefined
  const what =
    files.length === 1
      ? 'a Secret goes to the output with what it holds'
      : `${files.length} Secrets go to the output with what they hold`
  const error = new DecapodError('SECRET_PLAIN', `${site.name}: ${what}`, {
    at: { file: placeOfSite(workspace, site).file },
    hint: sealHint,
    notes: [shortList(files)],
  })
  return { severity, error }
}
