/** The order of the output: as gathered, or by kinds as they are best applied (api/internal/builtins/SortOrderTransformer.go). */
import { compareStrings } from '../../go/value.ts'
import type { Transformer } from '../context.ts'
import { fail } from '../fail.ts'
import type { SortOptions } from '../kustomization.ts'
import { equalGvk, formatGvk, gvkSortText, legacyOrder, type ResId } from '../resid.ts'

export function sortTransformer(options: SortOptions): Transformer {
  const order = options.order ?? ''
  if (order !== 'fifo' && order !== 'legacy') {
    fail('KUSTOMIZATION_INVALID', "the field 'sortOptions.order' must be one of [fifo, legacy]")
  }
  if (order === 'fifo' && options.legacySortOptions !== undefined) {
    fail(
      'KUSTOMIZATION_INVALID',
      `the field 'sortOptions.legacySortOptions' is set but the selected sort order is '${order}', not 'legacy'`,
    )
  }
  if (order === 'fifo') return () => {}
  const lists = options.legacySortOptions
  const first = lists === undefined ? legacyOrder.first : (lists.orderFirst ?? [])
  const last = lists === undefined ? legacyOrder.last : (lists.orderLast ?? [])
  const ranks = new Map<string, number>()
  for (const [i, kind] of first.entries()) ranks.set(kind, i - first.length)
  for (const [i, kind] of last.entries()) ranks.set(kind, i + 1)
  return map => {
    const keyed = map.resources.map(resource => {
      const id = resource.curId()
      return { resource, id, rank: ranks.get(id.kind) ?? 0, gvk: gvkSortText(id), text: idSortText(id) }
    })
    keyed.sort((a, b) => {
      if (equalGvk(a.id, b.id)) return compareStrings(a.text, b.text)
      if (a.rank !== b.rank) return a.rank - b.rank
      // Core Namespaces stand before those of other groups.
      const reversed =
        a.id.kind === 'Namespace' && b.id.kind === 'Namespace' && (a.id.group === '' || b.id.group === '')
      return reversed ? compareStrings(b.gvk, a.gvk) : compareStrings(a.gvk, b.gvk)
    })
    map.setResources(keyed.map(k => k.resource))
  }
}

/** What resources of one kind are ordered by: those without a namespace stand last. */
function idSortText(id: ResId): string {
  return `${formatGvk(id)}|${id.namespace || '~X'}|${id.name || '~N'}`
}
