/** What rendering or checking a site came to, as far as it is told; and the same as data, for the cache and other threads. */
import type { DecapodError } from '../errors.ts'
import type { TreeChange } from '../io/output.ts'
import { errorOfPlain, type PlainError, plainError } from '../render/errors.ts'
import type { SiteResult } from '../render/pipeline.ts'
import type { Site } from '../site/workspace.ts'

/** What is told of a site's render. */
export type SiteReport = Pick<SiteResult, 'site' | 'apps' | 'failures' | 'warnings'>

export interface Outcome {
  readonly report: SiteReport
  /** What writing the site came to, or would; undefined where it was not written. */
  readonly change: TreeChange | undefined
  /** Of --check alone. */
  readonly checked?: Checked | undefined
}

export interface Checked {
  /** Files that two renders give differently. */
  readonly unstable: readonly string[]
  /** OUTPUT_STALE where the output is out of date, and where two renders differ; empty when all is well. */
  readonly errors: readonly DecapodError[]
}

/** An outcome as JSON, without the site. */
export interface PlainOutcome {
  readonly apps: SiteReport['apps']
  readonly failures: readonly {
    readonly site: string
    readonly group?: string | undefined
    readonly app?: string | undefined
    readonly error: PlainError
  }[]
  readonly warnings: readonly PlainError[]
  readonly change?: TreeChange | undefined
  readonly checked?: { readonly unstable: readonly string[]; readonly errors: readonly PlainError[] } | undefined
}

export function plainOutcome({ report, change, checked }: Outcome): PlainOutcome {
  return {
    apps: report.apps,
    failures: report.failures.map(failure => ({ ...failure, error: plainError(failure.error) })),
    warnings: report.warnings.map(plainError),
    change,
    checked: checked && { unstable: checked.unstable, errors: checked.errors.map(plainError) },
  }
}

export function outcomeOfPlain({ apps, failures, warnings, change, checked }: PlainOutcome, site: Site): Outcome {
  return {
    report: {
      site,
      apps,
      failures: failures.map(f => ({ site: f.site, group: f.group, app: f.app, error: errorOfPlain(f.error) })),
      warnings: warnings.map(errorOfPlain),
    },
    change,
    checked: checked && { unstable: checked.unstable, errors: checked.errors.map(errorOfPlain) },
  }
}
