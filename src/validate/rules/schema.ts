import { kindFields } from '../../k8s/field-types.ts'
import { isBuiltinGroup } from '../../k8s/kinds.ts'
import type { Report, Rule } from '../finding.ts'
import type { SiteObject, SiteObjects } from '../objects.ts'
import { customViolations, fieldViolations, type Violation } from '../schema.ts'

/** Values that an API server would refuse: of a wrong type, missing, or not what a CRD of the site allows. */
export const schema: Rule = {
  name: 'schema',
  summary: 'values of a wrong type, required fields that are missing, values that a CRD of the site does not allow',
  severity: 'error',
  check: (site, report) => checkObjects(site, report, 'value'),
}

/** Fields that no schema knows: an API server that checks fields refuses them, another one drops them in silence. */
export const unknownField: Rule = {
  name: 'unknown-field',
  summary: 'fields that the kind does not have',
  severity: 'error',
  check: (site, report) => checkObjects(site, report, 'unknown'),
}

function checkObjects(site: SiteObjects, report: Report, is: Violation['is']): void {
  for (const object of site.objects) {
    for (const violation of violationsOf(site, object)) {
      if (violation.is !== is) continue
      const { node, path, message, hint } = violation
      // What a Secret holds is not repeated.
      report(object, node, path, object.kind === 'Secret' ? message.replace(/, and is .*/s, '') : message, hint)
    }
  }
}

/** Both rules look at the same violations: they are worked out once. */
const known = new WeakMap<SiteObject, readonly Violation[]>()

function violationsOf(site: SiteObjects, object: SiteObject): readonly Violation[] {
  let violations = known.get(object)
  if (violations === undefined) known.set(object, (violations = findViolations(site, object)))
  return violations
}

function findViolations(site: SiteObjects, object: SiteObject): readonly Violation[] {
  const { apiVersion, kind, node } = object
  const own = kindFields(apiVersion, kind)
  if (own !== undefined) return fieldViolations(node, own.type)
  const custom = isBuiltinGroup(apiVersion) ? undefined : site.customKind(apiVersion, kind)
  const version = custom?.versions.get(apiVersion.slice(apiVersion.indexOf('/') + 1))
  if (custom === undefined || version?.schema === undefined) {
    return metadataViolations(object)
  }
  return customViolations(node, version.schema, custom)
}

/** Every object has the same metadata, whatever its kind. */
function metadataViolations({ node }: SiteObject): readonly Violation[] {
  const metadata = node.get('metadata')
  if (metadata === undefined) return []
  return fieldViolations(metadata, { is: 'object', type: 'ObjectMeta' }).map(violation => ({
    ...violation,
    path: violation.path === '' ? 'metadata' : `metadata.${violation.path}`,
  }))
}
