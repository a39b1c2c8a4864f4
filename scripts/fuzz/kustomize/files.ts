/** A case of the Kustomize fuzzer: the directory that both tools build. */

/** Texts by path, below the directory that is built. */
export type Files = Readonly<Record<string, string>>
