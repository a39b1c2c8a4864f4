/** What a change between two renderings is made of; diff.ts finds them, risks.ts marks them, diff-format.ts prints them. */
import type { GoValue } from '../go/value.ts'

/** One rendered object and where it lies. */
export interface RenderedObject {
  readonly site: string
  readonly group: string
  readonly app: string
  /** The file below the site's directory. */
  readonly path: string
  readonly value: ReadonlyMap<string, GoValue>
}

export interface ObjectName {
  readonly apiVersion: string
  readonly kind: string
  readonly namespace: string | undefined
  readonly name: string
}

/** Something that is there before, after, or both with different values; undefined stands for absent. */
export interface FieldChange {
  /** Map keys and list items: `spec`, `containers`, `[name=web]`, `[2]`. */
  readonly path: readonly string[]
  readonly before: GoValue | undefined
  readonly after: GoValue | undefined
}

/** `renamed`: what is gone and what is new are one object under two names, or in two namespaces. */
export type ChangeType = 'added' | 'removed' | 'changed' | 'renamed'

export interface ObjectChange {
  readonly type: ChangeType
  readonly object: ObjectName
  /** The name it had; of renamed objects alone. */
  readonly was?: ObjectName | undefined
  readonly group: string
  readonly app: string
  /** Every site with this very change, sorted. */
  readonly sites: readonly string[]
  /** Empty for added and removed objects; of a renamed one those beside its name. */
  readonly fields: readonly FieldChange[]
  readonly risks: readonly Risk[]
}

export type RiskRule =
  | 'deleted-object'
  | 'deleted-namespace'
  | 'deleted-volume'
  | 'deleted-crd'
  | 'changed-volume'
  | 'changed-crd'
  | 'immutable-field'
  | 'rbac-widened'
  | 'replicas-to-zero'
  | 'namespace-changed'
  | 'webhook'

export interface Risk {
  readonly rule: RiskRule
  /** high: data or access is lost or an apply fails; medium: look twice. */
  readonly level: 'high' | 'medium'
  readonly message: string
}
