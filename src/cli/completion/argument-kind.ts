/** What an argument names in the workspace: a site, a SITE/GROUP/APP, or GROUP/APP of a site named before. */
export type Wanted = 'site' | 'selector' | 'app'

/** Arguments that the workspace knows, by the names they have in every command. */
export function argumentKind(name: string): Wanted | undefined {
  switch (name) {
    case 'site':
    case 'what':
      return 'site'
    case 'selector':
      return 'selector'
    case 'group/app':
      return 'app'
    default:
      return undefined
  }
}
