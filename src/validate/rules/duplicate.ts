import { stringifyNode } from '../../yaml/stringify.ts'
import type { Rule } from '../finding.ts'
import type { SiteObject } from '../objects.ts'

/** Two apps that render one object: Argo CD applies now the one, now the other, and prunes it with either. */
export const duplicate: Rule = {
  name: 'duplicate',
  summary: 'one object in two apps of a cluster, which then fight for it',
  severity: 'error',
  check(site, report) {
    for (const [first, ...more] of site.sameIdentity()) {
      for (const other of more) {
        const where = other.namespace === '' ? '' : ` in namespace ${other.namespace}`
        const how = isSame(first!, other) ? 'the same, too' : 'another one'
        report(
          other,
          other.node.get('metadata'),
          'metadata.name',
          `${first!.group}/${first!.app} has ${other.kind} ${other.name}${where} as well, ${how}`,
          `${first!.file} is the other: leave one of them out`,
        )
      }
    }
  },
}

function isSame(a: SiteObject, b: SiteObject): boolean {
  const text = ({ node }: SiteObject): string =>
    stringifyNode(node, { dialect: 'sigs', sortKeys: true, width: Number.POSITIVE_INFINITY })
  return text(a) === text(b)
}
