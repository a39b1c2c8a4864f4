/** What `decapod commit` can be told. */
import type { ForgeKind } from '../../io/forge.ts'
import type { PlaceholderMode } from '../../values/placeholders.ts'
import type { WorkspaceOptions } from '../open-workspace.ts'

export interface CommitFlags extends WorkspaceOptions {
  readonly all?: boolean
  readonly repo?: string
  readonly branch?: string
  readonly path?: string
  readonly rendered?: boolean
  readonly pr?: boolean
  readonly forge?: ForgeKind
  readonly forgeUrl?: string
  readonly message?: string
  readonly author?: { readonly name: string; readonly email: string }
  readonly dryRun?: boolean
  readonly allowDeletions?: string
  readonly allowDeletionOf?: readonly string[]
  readonly kubeVersion?: string
  readonly placeholders?: PlaceholderMode
}
