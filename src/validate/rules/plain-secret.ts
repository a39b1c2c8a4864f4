import { textOf, type YamlMap } from '../../yaml/node.ts'
import type { Rule } from '../finding.ts'
import { mapOf } from '../objects.ts'

/** What a Secret may hold that is no secret. */
const open = new Set(['ca.crt', 'ca.pem', 'ca-bundle.crt'])

/** Secrets whose content stands in the output, and so in git, for everybody to read. */
export const plainSecret: Rule = {
  name: 'plain-secret',
  summary: 'Secrets that would stand in git with what they hold',
  severity: 'warning',
  check(site, report) {
    for (const object of site.objects) {
      if (object.kind !== 'Secret' || object.apiVersion !== 'v1') continue
      const keys = plainKeys(object.node)
      if (keys.length === 0) continue
      const shown = keys.length > 4 ? `${keys.slice(0, 4).join(', ')} … (${keys.length})` : keys.join(', ')
      report(object, undefined, '', `git would have what it holds: ${shown}`, sealHint)
    }
  },
}

/** What to do about a Secret in the open. */
export const sealHint =
  'let a SealedSecret, an ExternalSecret or SOPS bring it; or exempt it in decapod.yaml, with the reason'

/** The keys of a Secret under which something stands in the open. */
export function plainKeys(secret: YamlMap): string[] {
  // What SOPS encrypted says so.
  if (secret.has('sops')) return []
  const keys = new Set<string>()
  for (const part of ['data', 'stringData']) {
    for (const { key, value } of mapOf(secret.get(part))?.pairs ?? []) {
      const name = textOf(key) ?? ''
      const text = textOf(value) ?? ''
      if (text !== '' && !open.has(name) && !isReference(text, part)) keys.add(name)
    }
  }
  return [...keys]
}

/** Text that something in the cluster, or Argo CD, puts a secret in place of: `<path:secret/data#key>`, `vault:…#key`. */
function isReference(text: string, part: string): boolean {
  const plain = part === 'data' ? Buffer.from(text, 'base64').toString('utf8') : text
  return /^(<[a-z]+:[^>]+>|vault:\S+#\S+|ref\+[a-z]+:\/\/\S+)$/.test(plain.trim())
}
