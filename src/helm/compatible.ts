/** Whether a version is in a range; neither of them being well-formed is an answer too (Helm's chartutil/compatible.go). */
import { GoError } from '../go/value.ts'
import { parseConstraints, satisfies } from '../semver/constraint.ts'
import { parseVersion } from '../semver/version.ts'

/** False when either text cannot be parsed. */
export function isCompatible(constraint: string, version: string): boolean {
  try {
    return satisfies(parseConstraints(constraint), parseVersion(version))
  } catch (error) {
    if (error instanceof GoError) return false
    throw error
  }
}
