/** Selecting resources of a map: anchored regular expressions on ids, label and annotation selectors (types/selector.go). */
import { DecapodError } from '../errors.ts'
import { compileRegexp as compileGoRegexp } from '../go/regexp.ts'
import { GoError } from '../go/value.ts'
import { type LabelSelector, parseLabelSelector } from '../k8s/label-selector.ts'
import type { SelectorFields } from './kustomization.ts'
import { formatGvk, type Gvk, ResId } from './resid.ts'
import type { ResMap } from './resmap.ts'
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

/** A selector as a kustomization writes it. */
export function toSelector(fields: SelectorFields): Selector {
  const { group = '', version = '', kind = '', name = '', namespace = '' } = fields
  const { labelSelector = '', annotationSelector = '' } = fields
  return { group, version, kind, name, namespace, labelSelector, annotationSelector }
}

/** How messages show a selector: `Kind.version.group/name.namespace:a=ANNOTATIONS:l=LABELS`. */
export function formatSelector(selector: Selector): string {
  const id = new ResId(selector, selector.name, selector.namespace)
  return `${id}:a=${selector.annotationSelector}:l=${selector.labelSelector}`
}

/** A selector ready to be asked. Throws GoError for a bad regular expression; label selectors are read when needed. */
export class CompiledSelector {
  readonly selector: Selector
  readonly #group: Matcher
  readonly #version: Matcher
  readonly #kind: Matcher
  readonly #name: Matcher
  readonly #namespace: Matcher
  #labels: LabelSelector | undefined
  #annotations: LabelSelector | undefined

  constructor(selector: Selector) {
    this.selector = selector
    this.#group = anchored(selector.group)
    this.#version = anchored(selector.version)
    this.#kind = anchored(selector.kind)
    this.#name = anchored(selector.name)
    this.#namespace = anchored(selector.namespace)
  }

  matchesGvk(gvk: Gvk): boolean {
    return this.#kind(gvk.kind) && this.#group(gvk.group) && this.#version(gvk.version)
  }

  matchesName(name: string): boolean {
    return this.#name(name)
  }

  matchesNamespace(namespace: string): boolean {
    return this.#namespace(namespace)
  }

  /** Whether group, version, kind, name and namespace (as the id has it) match. */
  matchesId(id: ResId): boolean {
    return this.matchesGvk(id) && this.matchesName(id.name) && this.matchesNamespace(id.namespace)
  }

  /** Whether the label selector and the annotation selector match; FILE_INVALID where they cannot be read. */
  matchesLabels(resource: Resource): boolean {
    const { labelSelector, annotationSelector } = this.selector
    if (labelSelector !== '') {
      this.#labels ??= parseLabelSelector(labelSelector)
      if (!this.#labels(resource.labels())) return false
    }
    if (annotationSelector === '') return true
    this.#annotations ??= parseLabelSelector(annotationSelector)
    return this.#annotations(resource.annotations())
  }

  /**
   * The resources whose original or current name matches, whose original or current effective namespace does, and
   * whose current kind and labels do (resWrangler.Select), in order.
   */
  select(map: ResMap): Resource[] {
    const { name } = this.selector
    const candidates = isLiteral(name) && name !== '' ? map.named(name) : map.resources
    return candidates.filter(resource => {
      const cur = resource.curId()
      const org = resource.orgId()
      return (
        (this.#name(org.name) || this.#name(cur.name)) &&
        (this.#namespace(org.effectiveNamespace) || this.#namespace(cur.effectiveNamespace)) &&
        this.matchesGvk(cur) &&
        this.matchesLabels(resource)
      )
    })
  }
}

/** Every resource a target selects. PATCH_INVALID for a bad regular expression. */
export function selectResources(map: ResMap, selector: Selector): Resource[] {
  try {
    return new CompiledSelector(selector).select(map)
  } catch (error) {
    if (!(error instanceof GoError)) throw error
    throw new DecapodError('PATCH_INVALID', error.message, {
      hint: `group, version, kind, name and namespace of a target are regular expressions (${formatGvk(selector)})`,
    })
  }
}

type Matcher = (text: string) => boolean

const anything: Matcher = () => true

/** A pattern that must match the whole of a text; an empty one matches anything. */
function anchored(pattern: string): Matcher {
  if (pattern === '') return anything
  if (isLiteral(pattern)) return text => text === pattern
  if (isSimple(pattern)) {
    const simple = new RegExp(`^(?:${pattern})$`)
    return text => simple.test(text)
  }
  return compileRegexp(`^(?:${pattern})$`)
}

function isLiteral(pattern: string): boolean {
  return /^[-\w]*$/.test(pattern)
}

/** Patterns that mean the same to JavaScript and cannot run long: letters, dots, alternatives, few repetitions. */
function isSimple(pattern: string): boolean {
  return /^(?:[-\w|]|\\\.|\.[*+]?)*$/.test(pattern) && (pattern.match(/[*+]/g)?.length ?? 0) <= 2
}

/** A Go regular expression as a question, matching anywhere in the text. Throws GoError for a bad one. */
export function compileRegexp(pattern: string): Matcher {
  const regexp = compileGoRegexp(pattern)
  return text => regexp.matches(text)
}
