import { defaultMarkers, findPlaceholder } from '../../values/placeholders.ts'
import type { YamlNode } from '../../yaml/node.ts'
import type { Report, Rule } from '../finding.ts'
import { below, elementPath, type SiteObject } from '../objects.ts'

/**
 * Values left to fill in that reached the output: of the chart's own defaults, which the check of a site's values does
 * not see, and variables of the values that nothing replaced. `$(NAME)` of containers is Kubernetes' own.
 */
export const placeholder: Rule = {
  name: 'placeholder',
  summary: 'placeholders (CHANGEME …) in rendered objects, of chart defaults too',
  severity: 'warning',
  check(site, report) {
    for (const object of site.objects) {
      // The words of a schema's descriptions are for people.
      if (object.kind !== 'CustomResourceDefinition') walk(object, object.node, '', report)
    }
  },
}

function walk(object: SiteObject, node: YamlNode, path: string, report: Report): void {
  if (node.kind === 'map') {
    for (const { key, value } of node.pairs) {
      walk(object, value, below(path, key.kind === 'scalar' ? key.value : ''), report)
    }
  } else if (node.kind === 'seq') {
    node.items.forEach((item, i) => {
      walk(object, item, path + elementPath(item, i), report)
    })
  } else if (!node.value.includes('\n')) {
    // Whole files (dashboards, scripts) say TODO without meaning a value.
    const found = findPlaceholder(node.value, defaultMarkers)
    if (found !== undefined) report(object, node, path, `"${found.text}" is left to be filled in`)
  }
}
