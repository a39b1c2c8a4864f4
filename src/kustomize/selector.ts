/** Selecting resources of a map: anchored regular expressions on ids, label and annotation selectors (types/selector.go). */
import type { Resource } from './resource.ts'

/** What `target:` and `select:` name; absent and empty fields match anything. */
export interface Selector {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly name: string
  readonly namespace: string
  readonly labelSelector: string
  readonly annotationSelector: string
}
