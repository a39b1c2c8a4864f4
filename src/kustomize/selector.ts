/** Selecting resources: anchored regular expressions on ids, label and annotation selectors (api/types/selector.go). */
import { DecapodError } from '../errors.ts'
import { compileRegexp } from '../go/regexp.ts'
import { GoError } from '../go/value.ts'
import type { SelectorFields } from './kustomization.ts'
import { parseLabelSelector } from './label-selector.ts'
import { type Gvk, ResId } from './resid.ts'
import type { ResMap } from './resmap.ts'
import type { Resource } from './resource.ts'
import { simplePattern } from './simple-pattern.ts'

type Test = (text: string) => boolean

const anything: Test = () => true
const literal = /^[A-Za-z0-9_-]+$/

/** `^(?:pattern)$`; an empty pattern matches anything, one without special characters is compared. */
function anchored(pattern: string | undefined): Test {
  if (pattern === undefined || pattern === '') return anything
  if (literal.test(pattern)) return text => text === pattern
  const simple = simplePattern('^(?:', pattern, ')$')
  if (simple !== undefined) return text => simple.test(text)
  try {
    const regexp = compileRegexp(`^(?:${pattern})$`)
    return text => regexp.matches(text)
  } catch (error) {
    if (!(error instanceof GoError)) throw error
    throw new DecapodError('KUSTOMIZATION_INVALID', error.message, {
      hint: 'group, version, kind, name and namespace of a selector are regular expressions',
    })
  }
}

/** A selector whose patterns are compiled. */
export interface IdPattern {
  readonly gvk: (gvk: Gvk) => boolean
  readonly name: Test
  readonly namespace: Test
  /** The name when it is no pattern: then an index can answer. */
  readonly literalName: string | undefined
}

/** Compiles the patterns of a selector; KUSTOMIZATION_INVALID with Go's words for one that is no regular expression. */
export function compileIdPattern(fields: SelectorFields): IdPattern {
  const group = anchored(fields.group)
  const version = anchored(fields.version)
  const kind = anchored(fields.kind)
  const { name } = fields
  return {
    gvk: gvk => group(gvk.group) && version(gvk.version) && kind(gvk.kind),
    name: anchored(name),
    namespace: anchored(fields.namespace),
    literalName: name !== undefined && literal.test(name) ? name : undefined,
  }
}

/** Whether a resource's labels and annotations match the selectors of a target, if it has any. */
export function labelMatcher(fields: SelectorFields): (resource: Resource) => boolean {
  // Selectors are parsed only when something is left to be asked, as in Kustomize, so that their errors come then.
  let labels: ((labels: ReadonlyMap<string, string>) => boolean) | undefined
  let annotations: ((annotations: ReadonlyMap<string, string>) => boolean) | undefined
  return resource => {
    if (fields.labelSelector) {
      labels ??= parseLabelSelector(fields.labelSelector)
      if (!labels(resource.labels())) return false
    }
    if (!fields.annotationSelector) return true
    annotations ??= parseLabelSelector(fields.annotationSelector)
    return annotations(resource.annotations())
  }
}

/**
 * The resources a selector names, in order: by the original or the current namespace and name, the current kind, and
 * both selectors (resWrangler.Select).
 */
export function selectResources(map: ResMap, fields: SelectorFields): Resource[] {
  const pattern = compileIdPattern(fields)
  const matchesLabels = labelMatcher(fields)
  const candidates = pattern.literalName === undefined ? map.resources : map.named(pattern.literalName)
  return candidates.filter(resource => {
    const cur = resource.curId()
    const org = resource.orgId()
    return (
      (pattern.name(org.name) || pattern.name(cur.name)) &&
      (pattern.namespace(org.effectiveNamespace) || pattern.namespace(cur.effectiveNamespace)) &&
      pattern.gvk(cur) &&
      matchesLabels(resource)
    )
  })
}

/** How messages show a selector: `Kind.version.group/name.namespace:a=ANNOTATIONS:l=LABELS`. */
export function formatSelector(fields: SelectorFields): string {
  const { group = '', version = '', kind = '', name = '', namespace = '' } = fields
  const id = new ResId({ group, version, kind }, name, namespace)
  return `${id}:a=${fields.annotationSelector ?? ''}:l=${fields.labelSelector ?? ''}`
}
