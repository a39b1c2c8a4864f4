/** Variables in what no document has set: the values and fields of the base itself. */

import type { YamlMap, YamlNode } from '../yaml/node.ts'
import type { ValuesContext } from './context.ts'
import { type Origin, originOf } from './origin.ts'
import { releaseName } from './releases.ts'
import { Variables } from './variables.ts'

/**
 * The last step of composition: expands the variables in what no document has set, the release's own values and fields
 * as the base wrote them, with the names of all documents (the last one first) and those outside. Changes in place.
 */
export function expandReleases(releases: readonly YamlMap[], context: ValuesContext): void {
  const scopes = context.documents.map(document => document.globals).reverse()
  // Between the site's own documents and the base's defaults, as for the documents themselves.
  const defaults = context.documents.filter(document => context.outerFirst(document)).length
  scopes.splice(scopes.length - defaults, 0, context.outer)
  const variables = new Variables(scopes)
  for (const release of releases) {
    const spec = release.get('spec')
    if (spec?.kind !== 'map') continue
    const before = variables.problems
    for (const pair of spec.pairs) {
      // Patches are text of another language; what they contain is theirs.
      if (pair.key.kind === 'scalar' && pair.key.value !== 'postRenderers') expandPair(pair, variables)
    }
    if (variables.problems > before) context.failed.add(releaseName(release) ?? '')
  }
  context.errors.push(...variables.errors())
}

function expandPair(holder: { value: YamlNode }, variables: Variables): void {
  const node = holder.value
  if (node.kind === 'map') {
    for (const pair of node.pairs) expandPair(pair, variables)
  } else if (node.kind === 'seq') {
    // A list is set as a whole: its items are all the document's or all the base's.
    if (originOf(node)?.document !== undefined) return
    for (const [i, item] of node.items.entries()) {
      const slot = { value: item }
      expandPair(slot, variables)
      node.items[i] = slot.value
    }
  } else if (node.value.includes('$(') && originOf(node)?.document === undefined) {
    holder.value = variables.expand(node, uses => ({ ...originOf(node), uses }) satisfies Origin)
  }
}
