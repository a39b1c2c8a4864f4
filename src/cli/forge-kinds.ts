/** The forges that `commit --pr` knows; apart from io/forge.ts, which is loaded for that command alone. */
import type { ForgeKind } from '../io/forge.ts'

export const forgeKinds: readonly ForgeKind[] = ['github', 'gitlab', 'gitea']
