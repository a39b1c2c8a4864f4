/** The schemas a build knows: which kinds live in no namespace, which lists merge by which keys (kyaml/openapi). */
import { DecapodError } from '../errors.ts'
import { scopeOf } from '../k8s/kinds.ts'
import { SchemaSet } from '../k8s/schema.ts'
import { parseNode } from '../yaml/parse.ts'
import type { KindScope } from './resource.ts'

/** The one version of the Kubernetes API that is built in, as in kustomize 5.8.2. */
export const builtinVersion = 'v1.21.2'

/** One build's schemas. */
export interface OpenApi extends KindScope {
  /**
   * Takes the `openapi` field of a kustomization: a version, or the text of the file its `path` names (and the name of
   * that file, for messages). With `reset` (the kustomization that is built) it replaces what was set; otherwise (a
   * base) it counts only if nothing was set. KUSTOMIZATION_INVALID for a version that is not built in or for both.
   */
  setSchema(field: ReadonlyMap<string, string>, text: string | undefined, reset: boolean, file?: string): void
  /** The schemas patches merge by. */
  readonly schemas: SchemaSet
}

/**
 * Whether the Kubernetes API was added to what is known: not at all; not yet, but it will be even under a custom schema,
 * since some kind's scope was asked for before that came; added.
 */
type Builtin = 'absent' | 'due' | 'added'

class BuildOpenApi implements OpenApi {
  readonly #schemas = new SchemaSet()
  #version = ''
  #custom: { readonly text: string; readonly file: string } | undefined
  #builtin: Builtin = 'absent'
  /** Whether `#schemas` holds what version and custom schema ask for. */
  #settled = false

  setSchema(field: ReadonlyMap<string, string>, text: string | undefined, reset: boolean, file = ''): void {
    if ((this.#version !== '' || this.#custom !== undefined) && !reset) return
    const version = field.get('version')
    if (text !== undefined) {
      if (version !== undefined) {
        throw new DecapodError('KUSTOMIZATION_INVALID', 'builtin version and custom schema provided, cannot use both', {
          hint: 'the openapi field takes either version or path',
        })
      }
      this.#custom = { text, file }
      this.#version = 'custom'
      this.#settled = false
      return
    }
    this.#version = version ?? ''
    if (this.#version === '') return
    if (this.#version !== builtinVersion) {
      throw new DecapodError('KUSTOMIZATION_INVALID', 'the specified OpenAPI version is not built in', {
        hint: `version ${builtinVersion} is; for another one write its schema to a file and name it with openapi.path`,
      })
    }
    this.#custom = undefined
    this.#settled = false
  }

  get schemas(): SchemaSet {
    this.#settle()
    return this.#schemas
  }

  isClusterScoped(apiVersion: string, kind: string): boolean {
    const known = scopeOf(apiVersion, kind)
    if (known !== undefined) return known === 'Cluster'
    if (!this.#settled) {
      if (this.#custom !== undefined) this.#settle()
      else if (this.#builtin === 'absent') this.#builtin = 'due'
    }
    return this.#schemas.scopeOf(apiVersion, kind) === 'Cluster'
  }

  /** A custom schema stands alone: what was known before stays known, but the Kubernetes API is not added to it. */
  #settle(): void {
    if (this.#settled) return
    this.#settled = true
    if (this.#custom !== undefined) addCustom(this.#schemas, this.#custom)
    if (this.#custom === undefined || this.#builtin === 'due') {
      this.#schemas.addKubernetes()
      this.#builtin = 'added'
    }
  }
}

function addCustom(schemas: SchemaSet, { text, file }: { readonly text: string; readonly file: string }): void {
  const document = parseNode(text, { file })
  if (document?.kind === 'map') schemas.addOpenApi(document)
  else if (document !== undefined && document.kind !== 'scalar') {
    const message = 'invalid schema file: json: cannot unmarshal array into Go value of type spec.Swagger'
    throw new DecapodError('FILE_INVALID', message, { at: { file, line: 1 } })
  }
}

/** The schemas of a new build: those of the Kubernetes API until a kustomization names others. */
export function createOpenApi(): OpenApi {
  return new BuildOpenApi()
}
