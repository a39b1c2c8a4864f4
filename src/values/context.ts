/** What one composition gathers: documents, errors, warnings. */
import { DecapodError, DecapodErrors } from '../errors.ts'
import { positionOf, type YamlNode } from '../yaml/node.ts'
import type { ValuesDocument } from './document.ts'

/**
 * What documents are read and applied with; one per composition (a site's group). Errors and warnings gather in it, so
 * that one run lists them all.
 */
export interface ValuesContext {
  /** Names defined outside the documents (site.yaml), looked up after a document's own … */
  readonly outer: ReadonlyMap<string, YamlNode>
  /** … or before them, for documents that only give defaults (those of the base). */
  readonly outerFirst: (document: ValuesDocument) => boolean
  /** Every document that was applied, in order. */
  readonly documents: ValuesDocument[]
  readonly errors: DecapodError[]
  readonly warnings: DecapodError[]
  /** Names of releases that an error concerns: rendering them would only repeat it in other words. */
  readonly failed: Set<string>
}

/** A context with nothing defined outside. */
export function valuesContext(given: Partial<Pick<ValuesContext, 'outer' | 'outerFirst'>> = {}): ValuesContext {
  return {
    outer: given.outer ?? new Map(),
    outerFirst: given.outerFirst ?? (() => false),
    documents: [],
    errors: [],
    warnings: [],
    failed: new Set(),
  }
}

/** Several errors as one thing to throw. */
export function asOne(errors: readonly DecapodError[]): Error {
  return errors.length === 1 ? errors[0]! : new DecapodErrors(errors)
}

/** An error of a values document, at the node it is about. */
export function invalid(message: string, node: YamlNode, hint?: string, notes: readonly string[] = []): DecapodError {
  return new DecapodError('VALUES_INVALID', message, { at: positionOf(node), hint, notes: notes.filter(n => n !== '') })
}
