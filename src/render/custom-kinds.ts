/** Which apps have custom resources: objects of the kinds that the site's own CRDs define. Teardown deletes these first. */

import { definesKind, idOf, type OutputObject } from './output.ts'

export class CustomKinds {
  /** `Kind.group` of every CRD of the site. */
  private readonly defined = new Set<string>()
  /** By app, `Kind.group` → kind. */
  private readonly used = new Map<string, Map<string, string>>()

  /** Notes the objects of an app and the CRDs it brings. */
  add(app: string, objects: readonly OutputObject[], crds: readonly OutputObject[]): void {
    for (const crd of crds) {
      const defined = definesKind(crd)
      if (defined !== undefined) this.defined.add(defined)
    }
    const used = new Map<string, string>()
    for (const object of objects) {
      const { apiVersion, kind } = idOf(object)
      const slash = apiVersion.indexOf('/')
      if (slash !== -1) used.set(`${kind}.${apiVersion.slice(0, slash)}`, kind)
    }
    this.used.set(app, used)
  }

  /** The kinds of custom resources by app, sorted; apps without any are left out. */
  byApp(): Map<string, readonly string[]> {
    const result = new Map<string, readonly string[]>()
    for (const [app, used] of this.used) {
      const kinds = new Set([...used].filter(([key]) => this.defined.has(key)).map(([, kind]) => kind))
      if (kinds.size > 0) result.set(app, [...kinds].sort())
    }
    return result
  }
}
