/** What a rule finds in rendered objects, and what a rule is. */
import type { Position } from '../errors.ts'
import type { YamlNode } from '../yaml/node.ts'
import type { SiteObject, SiteObjects } from './objects.ts'

export type Severity = 'error' | 'warning'

/** Something that a user should look at. Findings are returned, many at a time; what stops a render is thrown. */
export interface Finding {
  readonly rule: string
  readonly severity: Severity
  readonly object: SiteObject
  /** Where in the object: `spec.template.spec.containers[name=web].image`; "" for the object as a whole. */
  readonly path: string
  readonly message: string
  readonly hint: string | undefined
  /** The place in the rendered file. */
  readonly at: Position | undefined
}

/** How a rule reports: the object, the node it is about (for its line), the path of it, and what is wrong. */
export type Report = (
  object: SiteObject,
  node: YamlNode | undefined,
  path: string,
  message: string,
  hint?: string,
) => void

export interface Rule {
  readonly name: string
  /** What it finds, in half a sentence. */
  readonly summary: string
  /** How bad that is, unless decapod.yaml says otherwise; some rules are for those who ask for them. */
  readonly severity: Severity | 'off'
  readonly check: (site: SiteObjects, report: Report) => void
}
