/** How an object is called. */
import type { GoValue } from '../go/value.ts'
import type { ObjectName } from './change.ts'

/** The identifying fields of an object; absent ones are empty. */
export function nameOf(value: ReadonlyMap<string, GoValue>): ObjectName {
  const text = (v: GoValue | undefined): string => (typeof v === 'string' ? v : '')
  const metadata = value.get('metadata')
  const meta = metadata instanceof Map ? (metadata as ReadonlyMap<string, GoValue>) : new Map<string, GoValue>()
  return {
    apiVersion: text(value.get('apiVersion')),
    kind: text(value.get('kind')),
    namespace: text(meta.get('namespace')) || undefined,
    name: text(meta.get('name')) || text(meta.get('generateName')),
  }
}
