import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

/** A file of the conformance data beside the repository, or undefined where it is not there (its tests then skip). */
export function conformanceFile(name: string): string | undefined {
  const path = resolve(import.meta.dirname, '../../../shared/conformance', name)
  return existsSync(path) ? path : undefined
}
