import type { Rule } from '../finding.ts'
import { field, type SiteObject } from '../objects.ts'

/** Namespaces of every cluster. */
const always = new Set(['default', 'kube-system', 'kube-public', 'kube-node-lease'])

/** Objects in namespaces that nobody makes, and namespaces of objects that live in none. */
export const namespace: Rule = {
  name: 'namespace',
  summary: 'objects in a namespace that neither an app nor a Namespace of the site makes',
  severity: 'warning',
  check(site, report) {
    for (const object of site.objects) {
      const own = field(object.node, 'metadata', 'namespace')
      if (object.scope === 'Cluster') {
        if (own !== undefined && hasText(own)) {
          report(object, own, 'metadata.namespace', `a ${object.kind} lives in no namespace`, 'leave it out')
        }
      } else if (isMissing(object)) {
        const message = `nothing in the site makes the namespace "${object.namespace}"`
        report(object, own, 'metadata.namespace', message, 'a Namespace object or the namespace of an app would')
      }
    }

    function isMissing(object: SiteObject): boolean {
      const { namespace: name } = object
      return (
        !always.has(name) && !site.appNamespaces.has(name) && site.find(object, '', 'Namespace', name, '').length === 0
      )
    }
  },
}

function hasText(node: NonNullable<ReturnType<typeof field>>): boolean {
  return node.kind === 'scalar' && node.value !== ''
}
