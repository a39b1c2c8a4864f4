/** Sprig's versions (semver.go). */
import { fn, type GoFunc } from '../go/value.ts'
import { parseConstraints, satisfies } from '../semver/constraint.ts'
import { GoVersion } from '../semver/go-version.ts'
import { parseVersion } from '../semver/version.ts'

/** The functions of this chapter by name. */
export const semver: Readonly<Record<string, GoFunc>> = {
  semver: fn('(string) (semver, error)', (version: string) => new GoVersion(parseVersion(version))),
  semverCompare: fn('(string, string) (bool, error)', (constraint: string, version: string) =>
    // The constraint is read first, so its error is the one that is seen.
    satisfies(parseConstraints(constraint), parseVersion(version)),
  ),
}
