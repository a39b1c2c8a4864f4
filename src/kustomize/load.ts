/** Reading what a kustomization names, from below its root (api/internal/loader). */

export interface Loader {
  /** The directory of the kustomization: absolute in the tree, links resolved. */
  readonly root: string
  /**
   * The bytes of a file named relative to the root. Throws DecapodError with Kustomize's words: FILE_NOT_FOUND,
   * PATH_OUTSIDE_ROOT (the restrictor, links included), REMOTE_UNRESOLVED for a URL that was not fetched.
   */
  read(path: string): Uint8Array
  /** The same as text (UTF-8). */
  readText(path: string): string
  /** The path a user knows of a file named relative to the root, for positions. */
  pathOf(path: string): string
}
