import type { TreeChange } from '../io/output.ts'
import { count } from './report.ts'

/** `3 added, 1 changed, 208 unchanged`; what there is none of is left out. */
export function changeText({ added, changed, removed, unchanged }: TreeChange): string {
  if (added.length + changed.length + removed.length === 0) return `no change in ${count(unchanged, 'file')}`
  const parts = [
    added.length > 0 ? `${added.length} added` : '',
    changed.length > 0 ? `${changed.length} changed` : '',
    removed.length > 0 ? `${removed.length} removed` : '',
    unchanged > 0 ? `${unchanged} unchanged` : '',
  ]
  return parts.filter(part => part !== '').join(', ')
}
