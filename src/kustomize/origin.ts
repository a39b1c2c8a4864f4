/** Where a resource came from and what touched it (api/resource/origin.go): the data behind buildMetadata and `explain`. */

/** Who configured a generator or transformer: an object of a file, or the builtin of that kind. */
export interface ConfiguredBy {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly namespace: string
}

/**
 * Either a file (`path`, in a repository when it came from one), or the generator that made it (`configuredIn` the
 * file, `configuredBy` the generator). Paths are relative to the directory that is built.
 */
export interface Origin {
  readonly path: string
  readonly repo: string
  readonly ref: string
  readonly configuredIn: string
  readonly configuredBy: ConfiguredBy | undefined
}
