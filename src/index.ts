/** The public surface of decapod as a library: re-exports only. */
export { DecapodError, DecapodErrors, type ErrorCode, formatError, type Position } from './errors.ts'
export { type FileTree, memoryTree, mountTree, subtree } from './tree.ts'
