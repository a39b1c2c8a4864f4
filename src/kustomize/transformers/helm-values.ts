/**
 * HelmValuesTransformer (openinfradev.github.com/v1), the one plugin of the original decapod, built in: global variables,
 * chart sources and value overrides for the HelmReleases of a build. What it does to them is in values.ts; here is
 * which resources it does it to.
 */
import { transformReleases } from '../../values/apply.ts'
import { isHelmRelease } from '../../values/releases.ts'
import type { Context, Transformer } from '../context.ts'
import { Resource } from '../resource.ts'

/**
 * Applies a values document to the HelmReleases among the resources, by name; releases it makes from others (`base:`)
 * are added at the end. Its errors name file and line, all at once (values.ts); they gather in the context's `values`
 * where the caller collects them.
 */
export function helmValuesTransformer(config: Resource, { openapi, values }: Context): Transformer {
  return map => {
    const releases = map.resources.filter(r => !r.isEmpty && isHelmRelease(r.node))
    const added = transformReleases(
      config.node,
      releases.map(r => r.node),
      values,
    )
    for (const release of releases) release.touched()
    for (const node of added) map.append(new Resource(node, openapi))
  }
}
