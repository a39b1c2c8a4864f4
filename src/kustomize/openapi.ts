/** The schemas a build knows: which kinds live in no namespace, which lists merge by which keys (kyaml/openapi). */
import type { KindScope } from './resource.ts'

export interface OpenApi extends KindScope {
  /**
   * Takes the `openapi` field of a kustomization: a version, or the text of the file its `path` names. With `reset`
   * (the kustomization that is built) it replaces what was set; otherwise (a base) it counts only if nothing was set.
   */
  setSchema(field: ReadonlyMap<string, string>, text: string | undefined, reset: boolean): void
}
