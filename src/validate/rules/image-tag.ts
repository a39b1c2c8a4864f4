import { textOf } from '../../yaml/node.ts'
import type { Rule } from '../finding.ts'
import { containersOf, podOf } from '../pods.ts'

/** Images without a version: what runs is then what the registry has on that day. */
export const imageTag: Rule = {
  name: 'image-tag',
  summary: 'images of containers without a tag or digest, or with the tag latest',
  severity: 'warning',
  check(site, report) {
    for (const object of site.objects) {
      const pod = podOf(object)
      if (pod === undefined) continue
      for (const { node, path } of containersOf(pod)) {
        const image = node.get('image')
        const text = textOf(image)
        // Without an image a pod may still be complete: something injects it.
        if (text === undefined || text === '' || text.includes('@')) continue
        const tag = /:([^/:]+)$/.exec(text)?.[1]
        if (tag === undefined) report(object, image, `${path}.image`, `"${text}" has no tag: latest is meant`)
        else if (tag === 'latest') report(object, image, `${path}.image`, `"${text}" is another image every other day`)
      }
    }
  },
}
