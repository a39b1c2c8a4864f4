/** What a transformer or generator sees of the build besides the resources. */
import type { DecapodError } from '../errors.ts'
import type { ValuesContext } from '../values/context.ts'
import type { Budget } from './budget.ts'
import type { Loader } from './load.ts'
import type { OpenApi } from './openapi.ts'
import type { ResMap } from './resmap.ts'
import type { Resource } from './resource.ts'

export interface Context {
  /** Reads files relative to the kustomization that configured the transformer. */
  readonly loader: Loader
  /** Schemas of the build: merge keys, cluster-scoped kinds. One object per build; an `openapi` field changes it. */
  readonly openapi: OpenApi
  /** Whether buildMetadata asks for anything: Kustomize then keeps origins in annotations, where patches see them. */
  readonly showsOrigins: boolean
  /** What the build may still make. */
  readonly budget: Budget
  /** A line for stderr. */
  readonly warn: (line: string) => void
  /** Told of patches whose target selects nothing; Kustomize itself passes over them. */
  readonly unmatched: (patch: DecapodError) => void
  /**
   * The resources in a YAML text, as api/resource/factory.go reads them (lists unwrapped, names required). `file` is
   * for positions. Throws DecapodError with Kustomize's words.
   */
  readonly parseResources: (text: string, file: string) => Resource[]
  /** Where HelmValuesTransformer documents gather errors, warnings and provenance; without it they throw. */
  readonly values?: ValuesContext | undefined
}

/** Changes the resources of a map in place. */
export type Transformer = (map: ResMap, context: Context) => void

/** Makes resources, to be absorbed. */
export type Generator = (context: Context) => Resource[]
