/** A chart as it was loaded: parsed once, shared by every release and site that renders it, and never changed. */
import type { GoDict, GoValue } from '../go/value.ts'

/** A file of a chart; the name is relative to the chart's directory, with "/". */
export interface ChartFile {
  readonly name: string
  readonly data: Uint8Array
}

/** A dependency as Chart.yaml (or requirements.yaml) declares it. */
export interface Dependency {
  readonly name: string
  readonly version: string
  readonly repository: string
  /** Comma-separated paths of values; the first that is a boolean switches the subchart. */
  readonly condition: string
  readonly tags: readonly string[]
  /** Strings (a name below the subchart's `exports`) and maps with `child` and `parent`. */
  readonly importValues: readonly GoValue[]
  readonly alias: string
  /** Read and hashed into Chart.lock by Helm, and of no other effect. */
  readonly enabled?: boolean
}

export interface Maintainer {
  readonly name: string
  readonly email: string
  readonly url: string
}

/** Chart.yaml, after Helm's sanitising. Absent text is "", as in Go. */
export interface Metadata {
  readonly name: string
  readonly home: string
  readonly sources: readonly string[] | undefined
  readonly version: string
  readonly description: string
  readonly keywords: readonly string[] | undefined
  readonly maintainers: readonly Maintainer[] | undefined
  readonly icon: string
  readonly apiVersion: string
  readonly condition: string
  readonly tags: string
  readonly appVersion: string
  readonly deprecated: boolean
  readonly annotations: ReadonlyMap<string, string> | undefined
  readonly kubeVersion: string
  /** Undefined when the chart declares none: Helm then leaves its vendored charts as they are. */
  readonly dependencies: readonly Dependency[] | undefined
  readonly type: string
}

export interface Chart {
  readonly metadata: Metadata
  /** Files below templates/, in load order. */
  readonly templates: readonly ChartFile[]
  /** values.yaml; undefined when the chart has none. */
  readonly values: GoDict | undefined
  /** values.schema.json. */
  readonly schema: Uint8Array | undefined
  /** Everything else: what `.Files` sees, crds/ included. */
  readonly files: readonly ChartFile[]
  /** The charts below charts/, in load order. */
  readonly dependencies: readonly Chart[]
  /** Chart.lock, or requirements.lock where there is no other. */
  readonly lock?: ChartFile
  /** What Helm logs while it loads the chart. */
  readonly warnings: readonly string[]
}

/** Whether only the partials of a chart may be used (engine.go, isLibraryChart). */
export function isLibrary(metadata: Pick<Metadata, 'type'>): boolean {
  return metadata.type.toLowerCase() === 'library'
}
