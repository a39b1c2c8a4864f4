/** HelmRelease objects: which resources are ones, and what they are called. */
import { textOf, type YamlMap, type YamlNode } from '../yaml/node.ts'

/** Whether a node is a HelmRelease of a Flux API (helm.fluxcd.io or helm.toolkit.fluxcd.io). */
export function isHelmRelease(node: YamlNode): boolean {
  if (node.kind !== 'map' || textOf(node.get('kind')) !== 'HelmRelease') return false
  return /^helm\.(toolkit\.)?fluxcd\.io\//.test(textOf(node.get('apiVersion')) ?? '')
}

/** metadata.name of a resource. */
export function releaseName(release: YamlMap): string | undefined {
  const metadata = release.get('metadata')
  return metadata?.kind === 'map' ? textOf(metadata.get('name')) : undefined
}
