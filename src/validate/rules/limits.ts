import type { Rule } from '../finding.ts'
import { field } from '../objects.ts'
import { containersOf, podOf } from '../pods.ts'

/** Containers without bounds: one of them can take a node for itself. Off by default: many charts leave it to the site. */
export const limits: Rule = {
  name: 'limits',
  summary: 'containers without requests or a limit of memory (off by default)',
  severity: 'off',
  check(site, report) {
    for (const object of site.objects) {
      const pod = podOf(object)
      if (pod === undefined) continue
      for (const { node, path, is } of containersOf(pod)) {
        if (is === 'ephemeralContainers') continue
        const lacks = [
          ...(field(node, 'resources', 'requests') === undefined ? ['requests'] : []),
          ...(field(node, 'resources', 'limits', 'memory') === undefined ? ['limit of memory'] : []),
        ]
        if (lacks.length > 0) report(object, node, `${path}.resources`, `sets no ${lacks.join(' and no ')}`)
      }
    }
  },
}
